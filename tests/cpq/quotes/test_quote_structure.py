"""Options, alternatives, parts and groups: what is shown adds up, and is what the customer gets."""

from __future__ import annotations

import pickle
from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import Line, ManualPrice, Priced, PricingRequest
from salesmgmt.cpq.quotes import (
    AcceptedLine,
    BrokenQuote,
    Outline,
    OutlineLine,
    Quote,
    QuoteAccepted,
    QuoteGroup,
    QuoteStatus,
    QuoteVersion,
    UnknownId,
    accept,
    findings,
    price_offer,
    revise,
)

from .conftest import LAST_DAY, NOW, REP, draft, eur, offer, priced, priced_line
from .offers import PRICES, REQUEST, drafted, line, offer_of, pricer, shown

WORKPLACE = (
    line("pc", "laptop", 4, group="hw"),
    line("dock", "dock", 4, group="hw"),
    line("pro", "dock-pro", 4, alternative_of="dock"),
    line("bag", "bag", 4, parent="pc", optional=True),
    line("strap", "strap", 4, parent="bag", optional=True),
    line("care", "warranty", 4, group="sv"),
)
CODEC = Codec()
GROUPS = (QuoteGroup("sv", "Services", 2), QuoteGroup("hw", "Hardware", 1))


def _accepted(quote: Quote, **choices: object) -> QuoteAccepted:
    _, (_, event) = accept(quote, at=NOW, by=REP, **choices)  # type: ignore[arg-type]
    assert isinstance(event, QuoteAccepted)
    return event


def _net(version: QuoteVersion, name: str) -> Money:
    return next(one.net_amount for one in version.lines if one.id == name)


# --- amounts


def test_an_option_costs_what_it_comes_to_when_it_alone_is_added() -> None:
    """3,600 + 600 less 100 are 4,100; with the bags it is 4,300, and 100/4,300 of the 100 off is theirs: 2.33."""
    version = drafted(
        offer_of([line("pc", "laptop", 4), line("dock", "dock", 4), line("b", "bag", 4, optional=True)])
    ).current

    assert version.total == eur("4100.00")
    assert (_net(version, "pc"), _net(version, "dock")) == (eur("3514.29"), eur("585.71"))
    assert _net(version, "b") == eur("97.67")


def test_an_option_that_reaches_a_threshold_does_not_change_the_required_lines() -> None:
    """900 have nothing off; 900 + 150 have 100 off, of which 100 x 150 / 1,050 = 14.29 is the option's."""
    quote = drafted(offer_of([line("pc", "laptop"), line("dock", "dock", optional=True)]))

    assert (quote.total, _net(quote.current, "dock")) == (eur("900.00"), eur("135.71"))
    assert _accepted(shown(quote), options=["dock"]).total == eur("1035.71")


def test_an_alternative_costs_what_it_comes_to_in_place_of_its_line() -> None:
    """3,600 + 800 less 100: the better docks bear 100 x 800 / 4,400 = 18.18."""
    quote = drafted(
        offer_of(
            [
                line("pc", "laptop", 4),
                line("dock", "dock", 4),
                line("pro", "dock-pro", 4, alternative_of="dock"),
            ]
        )
    )

    assert (quote.total, _net(quote.current, "pro")) == (eur("4100.00"), eur("781.82"))
    event = _accepted(shown(quote), alternatives={"dock": "pro"})
    assert event.total == eur("4296.11")  # 4,100.00 - 585.71 + 781.82
    assert [(one.id, one.alternative_of) for one in event.lines] == [("pc", ""), ("pro", "dock")]
    assert event.alternatives == {"dock": "pro"}


def test_an_option_of_an_option_is_priced_with_it() -> None:
    """The straps alone would come without the bags; 4,200 + 100 + 20 less 100: they bear 100 x 20 / 4,320 = 0.46."""
    quote = drafted(
        offer_of([
            line("pc", "laptop", 4),
            line("dock", "dock", 4),
            line("bag", "bag", 4, optional=True),
            line("strap", "strap", 4, parent="bag", optional=True),
        ])
    )  # fmt: skip

    assert _net(quote.current, "strap") == eur("19.54")
    assert _accepted(shown(quote), options=["strap", "bag"]).total == eur("4217.21")  # 4,100 + 97.67 + 19.54


def test_the_parts_of_an_option_come_with_it_and_those_of_a_replaced_line_go() -> None:
    quote = shown(
        drafted(
            offer_of([
                line("a", "laptop"),
                line("a1", "dock", parent="a"),
                line("b", "laptop", alternative_of="a"),
                line("b1", "bag", parent="b"),
                line("b2", "strap", parent="b", optional=True),
                line("c", "warranty", optional=True),
                line("c1", "strap", parent="c"),
            ])
        )
    )  # fmt: skip

    assert [one.id for one in quote.current.required_lines] == ["a", "a1"]
    assert [one.id for one in _accepted(quote, options=["c"]).lines] == ["a", "a1", "c", "c1"]
    other = _accepted(quote, options=["b2"], alternatives={"a": "b"})
    assert [one.id for one in other.lines] == ["b", "b1", "b2"]


def test_units_that_a_rule_adds_because_of_an_option_come_with_the_option() -> None:
    quote = shown(
        drafted(
            offer_of(
                [line("pc", "laptop"), line("4", "bag", 4), line("b", "bag", 8, optional=True)], gifts=True
            )
        )
    )

    gifts = [one for one in quote.current.lines if one.added_by]
    assert [(one.id, one.parent, one.product, one.quantity, one.added_by) for one in gifts] == [
        ("4+strap", "4", "strap", Decimal(1), "4+1"),
        ("b+strap", "b", "strap", Decimal(2), "4+1"),
    ]
    assert [one.id for one in _accepted(quote).lines] == ["pc", "4", "4+strap"]
    assert [one.id for one in _accepted(quote, options=["b"]).lines] == ["pc", "4", "b", "4+strap", "b+strap"]
    assert [one.id for one in quote.current.outline.lines] == ["pc", "4", "b"]


# --- laws


@st.composite
def _outlines(draw: st.DrawFn) -> Outline:
    """Up to nine lines: any tree, options anywhere, alternatives beside any line that is none itself."""
    lines: list[OutlineLine] = []
    for place in range(draw(st.integers(1, 9))):
        product = draw(st.sampled_from(sorted(PRICES)))
        quantity = draw(st.integers(1, 7))
        group = draw(st.sampled_from(["", "hw", "sv"]))
        parent = draw(st.sampled_from(["", *(one.id for one in lines)]))
        bases = [one for one in lines if not one.alternative_of]
        kind = draw(st.sampled_from(["required", "required", "option", "alternative"]))
        if kind == "alternative" and bases:
            base = draw(st.sampled_from(bases))
            lines.append(
                line(f"l{place}", product, quantity, alternative_of=base.id, parent=base.parent, group=group)
            )
        else:
            lines.append(
                line(f"l{place}", product, quantity, parent=parent, optional=kind == "option", group=group)
            )
    return Outline(lines, GROUPS)


def _ancestors(outline: Outline, one: OutlineLine) -> list[OutlineLine]:
    known = {each.id: each for each in outline.lines}
    above = []
    while one.parent:
        one = known[one.parent]
        above.append(one)
    return above


def _is_required(outline: Outline, one: OutlineLine) -> bool:
    return not any(each.optional or each.alternative_of for each in (one, *_ancestors(outline, one)))


@given(_outlines())
def test_totals_are_sums_of_required_lines_and_of_the_subtotals_of_groups(outline: Outline) -> None:
    version = drafted(price_offer(outline, REQUEST, pricer())).current

    required = {one.id for one in outline.lines if _is_required(outline, one)}
    assert {one.id for one in version.required_lines} == required
    assert version.total == Money.total((_net(version, name) for name in required), "EUR")
    subtotals = [version.subtotal(), *(version.subtotal(group.id) for group in version.groups)]
    assert Money.total((one for one in subtotals if one is not None), "EUR") == version.total
    assert len(version.lines) == len(outline.lines)


@given(_outlines(), st.data())
def test_what_is_accepted_comes_to_the_total_and_what_was_shown_for_each_choice(
    outline: Outline, data: st.DataObject
) -> None:
    quote = shown(drafted(price_offer(outline, REQUEST, pricer())))
    options: list[str] = []
    gone: set[str] = set()
    alternatives: dict[str, str] = {}
    for one in outline.lines:  # parents come before their parts
        above = {each.id for each in _ancestors(outline, one)}
        if one.parent and (
            above & gone or not all(_comes(outline, each, options, alternatives) for each in above)
        ):
            continue
        if one.optional and data.draw(st.booleans()):
            options.append(one.id)
        if one.alternative_of and one.alternative_of not in alternatives and data.draw(st.booleans()):
            base = outline.line(one.alternative_of)
            if not base.optional or base.id in options:
                alternatives[base.id] = one.id
                gone.add(base.id)
    options = [
        name for name in options if not {each.id for each in _ancestors(outline, outline.line(name))} & gone
    ]
    alternatives = {
        base: name
        for base, name in alternatives.items()
        if not {each.id for each in _ancestors(outline, outline.line(name))} & gone
    }
    taken = {one.id for one in outline.lines if _comes(outline, one.id, options, alternatives)}
    if not taken:
        return

    accepted, (_, event) = accept(quote, options=options, alternatives=alternatives, at=NOW, by=REP)

    assert isinstance(event, QuoteAccepted)
    assert {one.id for one in event.lines} == taken
    amounts = {one.id: one.net_amount for one in quote.current.lines}
    assert event.total == Money.total((amounts[name] for name in taken), "EUR") == accepted.total
    assert {one.id: (one.net_amount, one.share) for one in event.lines} == {
        one.id: (one.net_amount, one.share) for one in quote.current.lines if one.id in taken
    }


def _comes(outline: Outline, name: str, options: list[str], alternatives: dict[str, str]) -> bool:
    """Whether a line comes: it and everything that it is a part of is required or chosen, and not replaced."""
    one = outline.line(name)
    return all(
        each.id not in alternatives
        and (not each.optional or each.id in options)
        and (not each.alternative_of or alternatives.get(each.alternative_of) == each.id)
        for each in (one, *_ancestors(outline, one))
    )


@given(_outlines(), st.data())
def test_options_add_what_was_shown_for_them(outline: Outline, data: st.DataObject) -> None:
    quote = shown(drafted(price_offer(outline, REQUEST, pricer())))
    offered = [
        one
        for one in outline.lines
        if one.optional and all(_is_required(outline, each) for each in _ancestors(outline, one))
    ]
    chosen = data.draw(st.lists(st.sampled_from(offered), unique_by=lambda one: one.id)) if offered else []
    if not quote.current.required_lines and not chosen:
        return

    event = _accepted(quote, options=[one.id for one in chosen])

    parts = [
        one.id
        for one in outline.lines
        for head in chosen
        if one.id == head.id
        or (head in (above := _ancestors(outline, one)) and not any(
            each.optional or each.alternative_of for each in (one, *above[: above.index(head)])
        ))
    ]  # fmt: skip
    assert quote.total is not None
    assert event.total == quote.total + Money.total((_net(quote.current, name) for name in parts), "EUR")


@given(_outlines())
def test_a_version_gives_back_its_outline_and_a_revision_keeps_the_ids(outline: Outline) -> None:
    quote = drafted(price_offer(outline, REQUEST, pricer()))
    again = quote.current.outline

    assert [(one.id, one.line, one.parent, one.optional, one.alternative_of) for one in again.lines] == [
        (one.id, one.line, one.parent, one.optional, one.alternative_of) for one in outline.lines
    ]
    revised, _ = revise(quote, price_offer(again, REQUEST, pricer()), valid_until=LAST_DAY, at=NOW, by=REP)
    assert revised.current.lines == quote.current.lines
    assert revised.current.request_digest == quote.current.request_digest


@given(_outlines())
def test_quotes_with_structure_come_back_from_json_and_pickle(outline: Outline) -> None:
    quote = drafted(price_offer(outline, REQUEST, pricer()))

    again = CODEC.from_json(Quote, CODEC.to_json(quote))
    assert again == quote
    assert again.current.digest == quote.current.digest
    assert pickle.loads(pickle.dumps(quote)) == quote
    assert CODEC.from_json(Outline, CODEC.to_json(outline)) == outline


_BASE = drafted(offer_of(WORKPLACE, GROUPS)).current


@pytest.mark.parametrize(
    "change",
    [
        {"optional": True},
        {"group": "hw"},
        {"uom": "box"},
        {"parent": "pc"},
        {"configuration": {"ports": "3"}},
        {"fields": {"site": "north"}},
        {"starts": date(2026, 1, 1)},
        {"manual": ManualPrice(unit_price=Money(1, "EUR"), reason="r", by="b", at=NOW)},
        {"share": eur("-1")},
        {"discountable": False},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_changes_with_every_field_of_a_line(change: dict[str, object]) -> None:
    lines = [attrs.evolve(one, **change) if one.id == "care" else one for one in _BASE.lines]  # type: ignore[arg-type]

    assert attrs.evolve(_BASE, lines=tuple(lines)).digest != _BASE.digest
    same = attrs.evolve(_BASE, lines=tuple(attrs.evolve(one) for one in _BASE.lines))
    assert same.digest == _BASE.digest


# --- reading a version


def test_groups_have_subtotals_and_a_part_is_in_the_group_of_its_whole() -> None:
    version = drafted(offer_of(WORKPLACE, GROUPS)).current

    assert version.line("bag").group == "hw"
    assert version.line("strap").group == "hw"
    assert version.subtotal("hw") == _net(version, "pc") + _net(version, "dock")
    assert (version.subtotal("sv"), version.subtotal()) == (_net(version, "care"), eur("0"))
    assert [one.id for one in version.parts("pc")] == ["bag"]
    with pytest.raises(UnknownId, match="did you mean 'hw'"):
        version.subtotal("HW")
    with pytest.raises(UnknownId):
        version.line("nothing")
    with pytest.raises(UnknownId):
        version.parts("nothing")


def test_an_option_without_a_price_leaves_the_total_known_and_the_quote_not_presentable() -> None:
    quote = drafted(offer_of([line("pc", "laptop"), line("x", "no such product", optional=True)]))

    assert (quote.total, quote.current.required_unpriced) == (eur("900.00"), ())
    assert [one.code for one in findings(quote, on=LAST_DAY)] == ["missing_price"]
    other = drafted(
        offer_of([line("pc", "laptop", optional=True, group="hw"), line("x", "nothing", group="sv")], GROUPS)
    )
    assert (other.total, other.current.subtotal("hw"), other.current.subtotal("sv")) == (None, eur("0"), None)
    assert [one.id for one in other.current.required_unpriced] == ["x"]


def test_frozen_lines_cannot_be_changed_in_place() -> None:
    configuration = {"frame": "carbon"}
    quote = draft(priced([attrs.evolve(priced_line(0, ("10", "9")), line=Line("bike", 1, configuration))]))
    digest = quote.current.digest
    held = quote.current.lines[0].configuration

    configuration["frame"] = "steel"
    with pytest.raises(TypeError):
        held["frame"] = "steel"  # type: ignore[index]

    assert (held, quote.current.digest) == ({"frame": "carbon"}, digest)


def test_a_manual_price_without_a_time_is_found_before_the_quote_is_presented() -> None:
    undated = ManualPrice(unit_price=Money(800, "EUR"), reason="matched", by="li.wei")
    by_hand = [OutlineLine("pc", Line("laptop", 1, manual=undated))]

    found = findings(drafted(offer_of(by_hand)), on=LAST_DAY)
    assert [(one.code, one.where) for one in found] == [("undated_adjustment", "lines[0]")]
    dated = Outline(by_hand).put(OutlineLine("pc", Line("laptop", 1, manual=attrs.evolve(undated, at=NOW))))
    quote = drafted(offer_of(dated.lines))
    assert findings(quote, on=LAST_DAY) == ()
    assert quote.current.lines[0].manual == attrs.evolve(undated, at=NOW)


# --- revisions


def test_the_lines_of_a_plain_answer_keep_their_ids_where_the_product_stays() -> None:
    def answer(*products: str) -> Priced:
        lines = [Line(product, 1) for product in products]
        return pricer().price(PricingRequest(at=NOW, currency="EUR", lines=lines))

    def ids(quote: Quote) -> list[tuple[str, str]]:
        return [(one.id, one.product) for one in quote.current.lines]

    quote = draft(answer("laptop", "dock", "bag"))
    assert ids(quote) == [("1", "laptop"), ("2", "dock"), ("3", "bag")]
    without, _ = revise(quote, answer("dock", "bag"), valid_until=LAST_DAY, at=NOW, by=REP)
    assert ids(without) == [("2", "dock"), ("3", "bag")]
    other, _ = revise(without, answer("dock", "strap", "bag"), valid_until=LAST_DAY, at=NOW, by=REP)
    assert ids(other) == [("2", "dock"), ("4", "strap"), ("3", "bag")]  # 1 was the laptop, and stays it
    twice, _ = revise(other, answer("dock", "dock", "bag"), valid_until=LAST_DAY, at=NOW, by=REP)
    assert ids(twice) == [("2", "dock"), ("5", "dock"), ("3", "bag")]


def test_every_version_before_the_current_one_is_superseded() -> None:
    quote, _ = revise(shown(draft(offer(10))), offer(15), valid_until=LAST_DAY, at=NOW, by=REP)

    assert (quote.status_of(1), quote.status_of(2)) == (QuoteStatus.SUPERSEDED, QuoteStatus.DRAFT)
    with pytest.raises(UnknownId):
        quote.status_of(3)


# --- what is refused


@pytest.mark.parametrize(
    ("lines", "path", "code"),
    [
        ([line("a", "bag"), line("a", "dock")], "lines[1].id", "duplicate"),
        ([line(" ", "bag")], "lines[0].id", "blank"),
        ([line("x" * 201, "bag")], "lines[0].id", "too_long"),
        ([line("a", "bag", parent="a")], "lines[0].parent", "ring"),
        ([line("a", "bag", parent="b"), line("b", "bag", parent="a")], "lines[0].parent", "ring"),
        ([line("a", "bag", parent="b")], "lines[0].parent", "unknown"),
        ([line("a", "bag", group="hw")], "lines[0].group", "unknown"),
        ([line("a", "bag", alternative_of="b")], "lines[0].alternative_of", "unknown"),
        ([line("a", "bag", alternative_of="a")], "lines[0].alternative_of", "own_alternative"),
        (
            [line("a", "bag"), line("b", "bag", alternative_of="a"), line("c", "bag", alternative_of="b")],
            "lines[2].alternative_of",
            "nested_alternative",
        ),
        (
            [line("a", "bag"), line("b", "bag"), line("c", "bag", alternative_of="a", parent="b")],
            "lines[2].parent",
            "other_parent",
        ),
        (
            [line("a", "bag"), line("b", "bag", alternative_of="a", optional=True)],
            "lines[1].optional",
            "optional_alternative",
        ),
        ([Line("bag", 1)], "lines[0]", "wrong_type"),
        ([line("a", "bag", parent=None)], "lines[0].parent", "wrong_type"),
        ([line("a", "bag", optional="no")], "lines[0].optional", "wrong_type"),
        ([OutlineLine(1, Line("bag", 1))], "lines[0].id", "wrong_type"),  # type: ignore[arg-type]
    ],
)
def test_an_outline_that_does_not_fit_together_is_refused(
    lines: list[OutlineLine], path: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        Outline(lines)

    assert (path, code) in [(one.path, one.code) for one in refused.value.problems]
    assert all(one.wanted for one in refused.value.problems)


def test_all_faults_of_an_outline_are_told_and_each_ring_once() -> None:
    ring = [line(str(place), "bag", parent=str((place + 1) % 50)) for place in range(50)]
    with pytest.raises(InvalidInput) as refused:
        Outline(
            [*ring, line("x", "bag", parent="0"), line("y", "bag", parent="nobody")],
            [QuoteGroup("g"), QuoteGroup("g")],
        )

    assert [one.code for one in refused.value.problems] == ["duplicate", "unknown", "ring"]


def test_a_huge_outline_is_refused_and_a_deep_one_works() -> None:
    with pytest.raises(InvalidInput, match="10001"):
        Outline([line(str(place), "bag") for place in range(10_001)])
    deep = [line("0", "bag"), *(line(str(place), "bag", parent=str(place - 1)) for place in range(1, 5_000))]
    outline = Outline(reversed(deep))
    assert outline.drop("1").lines == (deep[0],)

    many = [line(str(place), "bag", optional=place > 500) for place in range(1_000)]
    with pytest.raises(InvalidInput) as refused:
        price_offer(Outline(many), REQUEST, pricer())
    assert [one.code for one in refused.value.problems] == ["too_many_choices"]


def test_a_request_with_lines_of_its_own_is_refused() -> None:
    with pytest.raises(InvalidInput, match="those of the outline"):
        price_offer(Outline([line("a", "bag")]), attrs.evolve(REQUEST, lines=[Line("bag", 1)]), pricer())


def test_faults_that_the_pricer_finds_are_told_at_the_line_of_the_outline() -> None:
    lines = [line("a", "bag", optional=True), line("b", "bag"), line("c", "bag", -1, optional=True)]

    with pytest.raises(InvalidInput) as refused:
        price_offer(Outline(lines), REQUEST, pricer())
    assert [one.path for one in refused.value.problems] == ["lines[2].quantity"]
    with pytest.raises(InvalidInput) as refused:
        price_offer(Outline(lines[:2]), attrs.evolve(REQUEST, currency="??"), pricer())
    assert [one.path for one in refused.value.problems] == ["currency"]


def test_a_stored_version_with_a_ring_is_refused() -> None:
    document = Codec().to_dict(drafted(offer_of(WORKPLACE, GROUPS)))
    document["versions"][0]["lines"][0]["parent"] = "strap"

    with pytest.raises(InvalidInput, match="stands by itself"):
        Codec().from_dict(Quote, document)


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        ({"options": ["nothing"]}, [("options[0]", "unknown")]),
        ({"options": ["pc"]}, [("options[0]", "not_optional")]),
        ({"options": ["pro"]}, [("options[0]", "not_optional")]),
        ({"options": ["bag", "bag"]}, [("options[1]", "duplicate")]),
        ({"options": ["strap"]}, [("options[0]", "parent_not_taken")]),
        ({"options": "bag"}, [("options", "wrong_type")]),
        ({"alternatives": {"nothing": "pro"}}, [("alternatives.nothing", "unknown")]),
        ({"alternatives": {"pc": "pro"}}, [("alternatives.pc", "no_alternative")]),
        ({"alternatives": {"dock": "bag"}}, [("alternatives.dock", "no_alternative")]),
        ({"alternatives": {"dock": "dock"}}, [("alternatives.dock", "no_alternative")]),
        (
            {"options": ["nothing", "pc"], "alternatives": {"dock": "x"}},
            [
                ("options[0]", "unknown"),
                ("options[1]", "not_optional"),
                ("alternatives.dock", "no_alternative"),
            ],
        ),
    ],
)
def test_choices_that_are_not_offered_are_refused_all_at_once(
    choices: dict[str, object], found: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        _accepted(shown(drafted(offer_of(WORKPLACE, GROUPS))), **choices)

    assert [(one.path, one.code) for one in refused.value.problems] == found


def test_an_option_goes_with_the_line_that_is_replaced() -> None:
    quote = shown(
        drafted(
            offer_of([
                line("a", "laptop"),
                line("a1", "bag", parent="a", optional=True),
                line("b", "laptop", alternative_of="a"),
                line("o", "dock", optional=True),
                line("p", "dock-pro", alternative_of="o"),
            ])
        )
    )  # fmt: skip

    with pytest.raises(InvalidInput) as refused:
        _accepted(quote, options=["a1"], alternatives={"a": "b"})
    assert [(one.path, one.code) for one in refused.value.problems] == [("options[0]", "parent_not_taken")]
    with pytest.raises(InvalidInput) as refused:
        _accepted(quote, alternatives={"o": "p"})
    assert [(one.path, one.code) for one in refused.value.problems] == [("alternatives.o", "not_taken")]
    event = _accepted(quote, options=["o"], alternatives={"o": "p"})
    assert ([one.id for one in event.lines], event.options, event.alternatives) == (
        ["a", "p"],
        (),
        {"o": "p"},
    )


def test_nothing_is_no_acceptance() -> None:
    quote = shown(drafted(offer_of([line("a", "bag", optional=True)])))

    assert quote.total == eur("0")
    with pytest.raises(InvalidInput, match="at least one line"):
        _accepted(quote)
    assert _accepted(quote, options=["a"]).total == eur("25.00")


def test_an_accepted_quote_says_what_was_taken_and_comes_to_that() -> None:
    accepted, (move, event) = accept(
        shown(drafted(offer_of(WORKPLACE, GROUPS))),
        options=["bag"],
        alternatives={"dock": "pro"},
        at=NOW,
        by=REP,
    )

    assert accepted.taken == ("pc", "pro", "bag", "care")
    assert [one.id for one in accepted.counted_lines] == ["pc", "pro", "bag", "care"]
    assert accepted.total == move.total == event.total  # type: ignore[attr-defined]
    assert accepted.list_total == eur("4899.96")  # 3,600 + 800 + 100 + 399.96
    for change in ({"taken": ("pc",)}, {"taken": ("nobody",)}, {"status": QuoteStatus.PRESENTED}):
        with pytest.raises(BrokenQuote):
            attrs.evolve(accepted, **change)
    codec = Codec([Quote, QuoteAccepted])
    assert codec.read_json(codec.to_json(event)) == event


def test_accepted_lines_carry_everything_that_was_wanted() -> None:
    manual = ManualPrice(unit_price=Money(800, "EUR"), reason="matched", by="li.wei", at=NOW)
    wanted = Line(
        "laptop",
        2,
        {"ram": "32"},
        uom="",
        group="mix",
        starts=date(2026, 1, 1),
        ends=date(2026, 1, 1) + timedelta(days=365),
        manual=manual,
        discountable=False,
    )
    event = _accepted(shown(drafted(offer_of([OutlineLine("pc", wanted)]))))

    (taken,) = event.lines
    assert isinstance(taken, AcceptedLine)
    assert taken.wanted == wanted
    assert (taken.starts, taken.ends, taken.manual) == (wanted.starts, wanted.ends, manual)
