"""The tour's report as one page of HTML that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import attrs

from salesmgmt.charts import Spec
from salesmgmt.core.errors import MissingExtra


@attrs.frozen
class Column:
    """A column of a table; figures stand to the right."""

    title: str
    is_number: bool = False


def columns(text: str) -> tuple[Column, ...]:
    """Columns from their titles, parted by `|`; a `#` before a title marks figures.

    >>> from salesmgmt.tour.page import columns
    >>> [(column.title, column.is_number) for column in columns("customer|#owes")]
    [('customer', False), ('owes', True)]
    """
    return tuple(Column(title.removeprefix("#"), title.startswith("#")) for title in text.split("|"))


@attrs.frozen(kw_only=True)
class Table:
    """A table: its cells are text already."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()


@attrs.frozen
class Tile:
    """One figure at the head of the page."""

    label: str
    figure: str


@attrs.frozen(kw_only=True)
class Section:
    """A part of the page: some words, charts, tables, remarks; in a wide one they stand below each other."""

    id: str
    title: str
    text: str
    charts: Sequence[Spec] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    is_wide: bool = False


@attrs.frozen(kw_only=True)
class Page:
    """The whole report."""

    title: str
    intro: str
    tiles: Sequence[Tile]
    sections: Sequence[Section]
    footer: str

    def to_html(self) -> str:
        """Draw the charts and fill the template; every text is escaped.

        Raises:
            MissingExtra: jinja2 or vl-convert-python is not installed.
        """
        try:
            import jinja2  # noqa: PLC0415 - of the extra `tour`
            import vl_convert  # noqa: PLC0415 - likewise
        except ImportError as error:
            raise MissingExtra(error.name or "jinja2", "tour") from error
        source = files("salesmgmt.tour").joinpath("page.html.j2").read_text(encoding="utf-8")
        template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(source)

        def drawn(section: Section) -> dict[str, Any]:
            shown = attrs.asdict(section, recurse=False)
            # No base address is allowed, so that drawing a chart never asks the network for anything.
            shown["charts"] = [
                vl_convert.vegalite_to_svg(chart, allowed_base_urls=[]) for chart in section.charts
            ]
            return shown

        return template.render(
            title=self.title,
            intro=self.intro,
            tiles=self.tiles,
            sections=[drawn(section) for section in self.sections],
            footer=self.footer,
        )
