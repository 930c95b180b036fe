"""Deals that stand still for too long."""

from __future__ import annotations

import attrs


@attrs.frozen
class Rotting:
    """How long a deal has stood in its stage, against what the stage allows; true when that is too long.

    Attributes:
        stage: id of the stage.
        days: full days of 24 hours since it came in; `None` when nobody knows since when it is there.
        limit: after so many full days it rots; `None` when it never does, for a closed deal as well.

    >>> from salesmgmt.pipeline.stages import Rotting
    >>> Rotting("proposal", days=20, limit=14).overdue_days
    6
    """

    stage: str
    days: int | None
    limit: int | None

    @property
    def is_rotting(self) -> bool:
        """Whether the limit is reached."""
        return self.limit is not None and self.days is not None and self.days >= self.limit

    @property
    def overdue_days(self) -> int:
        """Days beyond the limit; 0 when there are none."""
        return 0 if self.limit is None or self.days is None else max(0, self.days - self.limit)

    def __bool__(self) -> bool:
        return self.is_rotting
