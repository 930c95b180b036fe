"""Figures of teams and territories, computed from the facts below them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesmgmt.core.formula import Value
from salesmgmt.core.measured import Measured
from salesmgmt.engines.hierarchy import Hierarchy
from salesmgmt.engines.metrics._plan import Tally
from salesmgmt.engines.metrics.figure import Figure
from salesmgmt.engines.metrics.metric import Measurer


def roll_up(
    measurer: Measurer, rows: Iterable[object], *, of: str, tree: Mapping[str, str | None]
) -> dict[Value | None, Measured[Figure]]:
    """Compute a metric for every node of a hierarchy, from all rows of the node and of those below it.

    The figure of a team is computed from the facts of its members, so the ratio of a team is the ratio of its sums, and its
    median the median of all its rows; it is never made from figures of its members. One pass over the rows.

    Args:
        measurer: the metric.
        rows: the facts.
        of: the name of a row (or formula over one) whose value is a node of the tree.
        tree: the parent of each node, `None` for a root. A parent that is not listed is a root.

    Returns:
        A figure for every node of the tree. Rows of somebody the tree does not know stand under their own name (`None` for
        rows that have none) and are in no other figure.

    Raises:
        InvalidInput: the tree goes round in a circle.
        FormulaError: `of` is no formula over a row.

    >>> from salesmgmt.core.formula import TEXT, Schema
    >>> from salesmgmt.engines.metrics import Count, Metric, Ratio, Unit, roll_up
    >>> rate = Metric(id="rate", facts="deal", unit=Unit.RATIO,
    ...               aggregate=Ratio(Count("status == 'won'"), Count()))
    >>> measurer = rate.compile(Schema({"owner": TEXT, "status": TEXT}))
    >>> deals = [{"owner": "ann", "status": "won"}] + 3 * [{"owner": "bob", "status": "lost"}]
    >>> figures = roll_up(measurer, deals, of="owner", tree={"ann": "east", "bob": "east", "east": None})
    >>> figures["ann"].value, figures["bob"].value, figures["east"].value
    (Decimal('1'), Decimal('0'), Decimal('0.25'))
    """
    order = Hierarchy(tree).upwards
    tallies: dict[Value | None, Tally] = {node: measurer.plan.empty() for node in order}
    tallies |= measurer.plan.tallies(rows, of)
    for node in order:
        parent = tree.get(node)
        if parent is not None:
            tallies[parent].merge(tallies[node])
    return {its: measurer.finished(tally) for its, tally in tallies.items()}
