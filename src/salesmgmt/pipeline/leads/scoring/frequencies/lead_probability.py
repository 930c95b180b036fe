"""The probability that is computed and the one that is shown."""

from __future__ import annotations

import attrs

from salesmgmt.core.measured import Measured
from salesmgmt.core.percent import Percent


@attrs.frozen(kw_only=True)
class LeadProbability:
    """What the table says of a lead, and what a person said instead.

    Attributes:
        automatic: what was computed last; 0 % as long as nothing can be computed.
        manual: what a person set; it stays shown, whatever is computed, until it is cleared.

    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.leads import LeadProbability
    >>> kept = LeadProbability(manual=Percent(40)).recomputed(Measured(Percent("20.87")))
    >>> str(kept.automatic), str(kept.shown), str(kept.cleared().shown)
    ('20.87%', '40%', '20.87%')
    """

    automatic: Percent = Percent(0)
    manual: Percent | None = None

    @property
    def shown(self) -> Percent:
        """The manual one, or else the automatic one."""
        return self.automatic if self.manual is None else self.manual

    def recomputed(self, probability: Measured[Percent]) -> LeadProbability:
        """Keep what was computed; one that is undefined counts as 0 %."""
        return attrs.evolve(self, automatic=probability.or_else(Percent(0)))

    def overridden(self, manual: Percent) -> LeadProbability:
        """Show what a person says."""
        return attrs.evolve(self, manual=manual)

    def cleared(self) -> LeadProbability:
        """Show what is computed again."""
        return attrs.evolve(self, manual=None)
