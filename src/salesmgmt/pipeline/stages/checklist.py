"""What is to be done in a stage, item by item."""

from __future__ import annotations

import attrs

from salesmgmt.engines.lifecycle import Condition


@attrs.frozen
class ChecklistItem:
    """Something to be done while a deal stands in a stage; the deal keeps which items are ticked.

    Attributes:
        id: its name in the definition and on deals.
        name: what people read; the id when empty.
        required: whether the stage is left forwards only when it is ticked.

    >>> from salesmgmt.pipeline.stages import ChecklistItem
    >>> ChecklistItem("demo", name="Product shown").required
    True
    """

    id: str
    name: str = ""
    required: bool = True

    @property
    def condition(self) -> Condition:
        """The exit condition that a required item stands for."""
        quoted = self.id.replace("'", "''")
        return Condition(f"checklist.{self.id}", f"'{quoted}' in deal.done")
