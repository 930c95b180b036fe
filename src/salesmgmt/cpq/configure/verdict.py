"""What a configurator says about values that were given as a whole."""

from __future__ import annotations

import attrs

from salesmgmt.cpq.configure.refusals import Conflict


@attrs.frozen(kw_only=True)
class Verdict:
    """Whether some values can stand in one product, and whether they settle it: two questions, two answers.

    Attributes:
        conflict: why no valid product has these values; `None` when one does.
        missing: the attributes that these values do not settle, in the order of the model.

    >>> from salesmgmt.cpq.configure import Attribute, Excludes, ProductModel
    >>> bike = ProductModel(
    ...     id="bike",
    ...     attributes=(Attribute("frame", ("alloy", "carbon")), Attribute("fork", ("rigid", "coil", "air"))),
    ...     rules=(Excludes(id="R12", combination={"frame": "carbon", "fork": "rigid"}),),
    ... ).compile()
    >>> print(bike.check({"frame": "carbon"}))
    valid, not complete: fork is missing
    >>> print(bike.check({"frame": "carbon", "fork": "rigid"}))
    not valid: fork = rigid does not go with frame = carbon (R12: frame = carbon, fork = rigid do not go together)
    """

    conflict: Conflict | None = None
    missing: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether some valid product has these values."""
        return self.conflict is None

    @property
    def is_complete(self) -> bool:
        """Whether they go together and settle every attribute."""
        return self.is_valid and not self.missing

    def __str__(self) -> str:
        if self.conflict is not None:
            return f"not valid: {self.conflict}"
        if not self.missing:
            return "valid and complete"
        more = f" and {len(self.missing) - 10} more" if len(self.missing) > 10 else ""
        be = "is" if len(self.missing) == 1 else "are"
        return f"valid, not complete: {', '.join(self.missing[:10])}{more} {be} missing"
