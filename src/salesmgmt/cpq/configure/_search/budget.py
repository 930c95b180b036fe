"""How much work a question may cause."""

from __future__ import annotations

from salesmgmt.cpq.configure.refusals import NotProven


class Budget:
    """How much work one question may still cause."""

    def __init__(self, steps: int, *, whole: Budget | None = None) -> None:
        self.steps: int = whole.steps if whole else steps
        self._left = steps
        self._whole = whole

    @property
    def left(self) -> int:
        """The steps that are left."""
        return self._left

    def spend(self, steps: int) -> None:
        """Take elementary steps; raises `NotProven` when there are not so many left."""
        self._left -= steps
        if self._left < 0:
            raise NotProven(self.steps)
        if self._whole:
            self._whole.spend(steps)

    def half(self) -> Budget:
        """A budget of half of what is left, for a way that may fail; what it spends is spent here too."""
        return Budget(self._left // 2, whole=self)
