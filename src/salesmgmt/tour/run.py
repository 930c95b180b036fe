"""The main job: one generated year from the first enquiry to the commission statement, and its report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import attrs

from salesmgmt import cpq, customers, pipeline, sfe
from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import MissingExtra
from salesmgmt.core.period import Period
from salesmgmt.pipeline import Order
from salesmgmt.storage import SqliteStore
from salesmgmt.tour import report
from salesmgmt.tour.desk import Desk
from salesmgmt.tour.force import call_chart, done, pay, turn_the_loop
from salesmgmt.tour.leads import morning
from salesmgmt.tour.page import Page, Tile
from salesmgmt.tour.rulebook import PACKAGED, Rules
from salesmgmt.tour.world import FIRST_DAY, LAST_DAY, generate
from salesmgmt.tour.year import MONTHS, run_year

ENTITIES = (*customers.ENTITIES, *pipeline.ENTITIES, *cpq.ENTITIES, *sfe.ENTITIES)
EVENTS = (*customers.EVENTS, *pipeline.EVENTS, *cpq.EVENTS, *sfe.EVENTS)
SHOWN_MONTH = Period.month(2026, 6)


@attrs.frozen(kw_only=True)
class Outcome:
    """What the tour leaves behind.

    Attributes:
        page: the report.
        store: the SQLite file with every entity and event.
        tiles: the head figures of the report.
    """

    page: Path
    store: Path
    tiles: tuple[Tile, ...]


def run(*, out: Path, rules: Path | None = None, seed: int = 7) -> Outcome:
    """Run the year, print a summary, and write `tour.html` and `tour.sqlite`; a file of an earlier run is replaced.

    Args:
        out: the folder for both files; made when it is missing.
        rules: a folder with other rule files.
        seed: of the generated year.

    Raises:
        MissingExtra: rich, jinja2 or vl-convert-python is not installed.
        InvalidInput, InvalidDefinition: a rule file is faulty.
    """
    try:
        from rich.console import Console  # noqa: PLC0415 - of the extra `tour`
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("rich", "tour") from error
    console = Console()
    out.mkdir(parents=True, exist_ok=True)
    file = out / "tour.sqlite"
    for stale in out.glob("tour.sqlite*"):
        stale.unlink()
    progress = Progress(
        TextColumn("{task.description:<28}"), BarColumn(), TimeElapsedColumn(), console=console
    )
    with progress:
        task = progress.add_task("rules and data", total=len(MONTHS) + 4)
        book = Rules.load(PACKAGED if rules is None else rules)
        world = generate(seed)
        progress.update(task, advance=1)
        with SqliteStore(file, "tour", entities=ENTITIES, events=EVENTS) as store:
            desk = Desk(store)
            months = iter(MONTHS)

            def month_done() -> None:
                following = next(months, None)
                words = "the year is over" if following is None else f"{following.start:%B %Y}"
                progress.update(task, advance=1, description=words)

            progress.update(task, description=f"{FIRST_DAY:%B %Y}")
            next(months)
            year = run_year(desk, book, world, month_done=month_done)
            progress.update(task, description="plan, do, check, act")
            activities = done(world.calls)
            for activity in activities:
                desk.put(activity)
            turn = turn_the_loop(desk, book, activities)
            showcase = year.sales.showcase(at=morning(date(2026, 3, 17)), by=Actor("li.wei", roles={"rep"}))
            statements = pay(desk, book, list(desk.all(Order)), SHOWN_MONTH)
            desk.file()
            progress.update(task, advance=1, description="figures")
            figures = report.figures_of(year, book.segmenter)
            tiles = report.tiles(year, figures)
            sections = [
                report.funnel(year),
                report.pipeline_ageing(year, book),
                report.quote(showcase),
                report.receivables(year, figures),
                report.segments(figures),
                report.sales_force(turn, call_chart(activities, "south")),
                report.commission(statements, SHOWN_MONTH),
            ]
            progress.update(task, advance=1, description="the page")
            page = Page(
                title="A year of workshop equipment, from lead to cash",
                intro="An invented seller, twelve months, every figure computed by salesmgmt from the entities in its store.",
                tiles=tiles,
                sections=sections,
                footer=f"Seed {seed}; {report.WORDS.date(FIRST_DAY)} to {report.WORDS.date(LAST_DAY)}; "
                f"{desk.events_filed:,} events in the outbox.",
            )
            html = out / "tour.html"
            html.write_text(page.to_html(), encoding="utf-8")
            progress.update(task, advance=1, description="done")
    table = Table(title=page.title, show_header=False)
    for tile in tiles:
        table.add_row(tile.label, tile.figure)
    table.add_row("entities and events", f"{file} ({file.stat().st_size // 1_000_000} MB)")
    table.add_row("report", str(html))
    console.print(table)
    return Outcome(page=html, store=file, tiles=tuple(tiles))
