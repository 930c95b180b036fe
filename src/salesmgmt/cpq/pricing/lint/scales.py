"""Lints of scales, each different scale looked at once."""

from __future__ import annotations

from salesmgmt.core.findings import Finding
from salesmgmt.cpq.pricing.scales.lint import lint_scale
from salesmgmt.cpq.pricing.scales.scale import Scale


class ScaleLint:
    """Finds what is wrong with scales, and remembers it: many records have the same one."""

    def __init__(self) -> None:
        self._known: dict[Scale, tuple[Finding, ...]] = {}
        self._by_identity: dict[int, tuple[Scale, tuple[Finding, ...]]] = {}  # a scale takes long to hash

    def __call__(self, scale: Scale) -> tuple[Finding, ...]:
        """The findings, at places within the scale (`.tiers[1]`)."""
        same = self._by_identity.get(id(scale))
        if same is not None:
            return same[1]
        known = self._known.get(scale)
        if known is None:
            known = self._known[scale] = lint_scale(scale, where=" scale")
        self._by_identity[id(scale)] = scale, known
        return known
