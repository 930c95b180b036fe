"""Hostile policies: each is refused with where, what was found and what is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.cpq.approvals import ApprovalPolicy, DiscountPolicy

RULE = 'id = "r"\nmetric = "margin_percent"\noperator = "<"\nthreshold = "5%"\nroles = ["manager"]\n'


def _rule(**changes: str) -> str:
    """A policy of one good rule, with some lines replaced or added; an empty text leaves the line out."""
    lines = dict(line.split(" = ", 1) for line in RULE.strip().split("\n")) | changes
    text = "\n".join(f"{name} = {value}" for name, value in lines.items() if value)
    return f'id = "p"\n[[rules]]\n{text}\n'


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("", "id", None),
        ("id = 3", "id", "3"),
        ('id = "p"\nrules = 5', "rules", "5"),
        ('id = "p"\nrule = []', "rule", "rule"),
        (_rule(operator='"!="'), "rules[0].operator", "'!='"),
        (_rule(operator=""), "rules[0].operator", None),
        (_rule(threshold="true"), "rules[0].threshold", "true"),
        (_rule(threshold='"5 XXXX"'), "rules[0].threshold", "'5 XXXX'"),
        (_rule(threshold="nan"), "rules[0].threshold", None),
        (_rule(threshold="1e999999999999999999"), "rules[0].threshold", None),
        (_rule(threshold="{ percent = 5, amount = 3 }"), "rules[0].threshold", None),
        (_rule(roles='"manager"'), "rules[0].roles", "'manager'"),
        (_rule(roles="[3]"), "rules[0].roles[0]", "3"),
        (_rule(level='"high"'), "rules[0].level", "'high'"),
        (_rule(level="1.5"), "rules[0].level", "a Decimal"),
        (_rule(quorum='"most"'), "rules[0].quorum", "'most'"),
        (_rule(quorum='"0"'), "rules[0].quorum", "'0'"),
        (_rule(quorum='"9999999999999999999999"'), "rules[0].quorum", None),
        (_rule(due_hours='"soon"'), "rules[0].due_hours", "'soon'"),
        (_rule(delegable='"yes"'), "rules[0].delegable", "'yes'"),
        (_rule(colour='"red"'), "rules[0].colour", None),
        ('id = "p"\nfacts = ["x"]', "facts", None),
        ('id = "p"\nfacts = { country = "texte" }', "facts.country", "'texte'"),
        ('id = "p"\nid = "q"', "the file", None),
        ('id = "p"' + "\n[[a]]" * 3, "a", None),
        ("x." * 900 + "y = 1", "the file", None),
    ],
)  # fmt: skip
def test_a_file_that_is_no_approval_policy_is_refused_with_path(
    tmp_path: Path, text: str, path: str, found: str | None
) -> None:
    file = tmp_path / "approvals.toml"
    file.write_text(text)

    with pytest.raises(InvalidInput) as refused:
        ApprovalPolicy.load(file)
    problem = next((one for one in refused.value.problems if one.path.startswith(path)), None)
    assert problem is not None, refused.value
    assert problem.wanted
    assert found is None or found in (problem.found, problem.path)


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        (_rule(metric='"margin_pct"'), "unknown_metric", "rules.r"),
        (_rule(metric='"quantity:"', threshold="3"), "unknown_metric", "rules.r"),
        (_rule(metric='" "'), "metric", "rules.r"),
        (_rule(threshold="5"), "mixed_units", "rules.r"),
        (_rule(threshold='"5 EUR"'), "mixed_units", "rules.r"),
        (_rule(roles="[]"), "roles", "rules.r"),
        (_rule(roles='["manager", " "]'), "roles", "rules.r"),
        (_rule(roles='["manager", "manager"]'), "roles", "rules.r"),
        (_rule(quorum='"2"'), "quorum", "rules.r"),
        (_rule(level="0"), "level", "rules.r"),
        (_rule(level="-3"), "level", "rules.r"),
        (_rule(due_hours="0"), "due_hours", "rules.r"),
        (_rule(due_hours="-4"), "due_hours", "rules.r"),
        (_rule(due_hours="100000000000"), "due_hours", "rules.r"),
        (_rule(escalates_to='["director"]'), "due_hours", "rules.r"),
        (_rule(due_hours="4", escalates_to='[""]'), "escalates_to", "rules.r"),
        (_rule(delegates='[" "]'), "delegates", "rules.r"),
        (_rule(delegable="false", delegates='["deputy"]'), "delegates", "rules.r"),
        (_rule(condition='"margin_percent < 3%"'), "formula", "rules.r"),
        (_rule(condition='"quote.line_count + 1"'), "formula", "rules.r"),
        (_rule(condition='"quote.line_count > 5 and quote.line_count < 3"'), "contradictory_condition", "rules.r"),
        (_rule(condition=f"\"{'(' * 900}true{')' * 900}\""), "formula", "rules.r"),
        (_rule(condition='"__import__(\'os\')"'), "formula", "rules.r"),
        (_rule(id='" "'), "blank", "rules[0].id"),
        (_rule() + "[[rules]]\n" + RULE, "duplicate_id", "rules.r"),
        ('figures = ["total"]\n' + _rule(), "figures", "figures.total"),
        ('figures = [" "]\n' + _rule(), "figures", "figures. "),
        ('facts = { "asker.roles" = "text" }\n' + _rule(), "name_taken", "facts.asker.roles"),
        ('facts = { "a b" = "text" }\n' + _rule(), "not_a_name", "facts.a b"),
    ],
)  # fmt: skip
def test_an_approval_policy_that_cannot_work_is_refused_with_its_place(
    tmp_path: Path, text: str, code: str, where: str
) -> None:
    file = tmp_path / "approvals.toml"
    file.write_text(text)

    with pytest.raises(InvalidDefinition) as refused:
        ApprovalPolicy.load(file)
    finding = next((one for one in refused.value.findings if one.code == code), None)
    assert finding is not None, refused.value
    assert (finding.where, bool(finding.message), bool(finding.hint)) == (where, True, True)


def _limits(record: str, head: str = 'id = "l"\ncurrency = "EUR"\n') -> str:
    return f"{head}[[records]]\n{record}\n"


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ('id = "l"', "currency", None),
        ('id = "l"\ncurrency = "EURO"', "currency", "'EURO'"),
        ('id = "l"\ncurrency = "EUR"\ncombine = "best"', "combine", "'best'"),
        ('id = "l"\ncurrency = "EUR"\nwithout_limit = "maybe"', "without_limit", "'maybe'"),
        (_limits('max_percent = "5%"'), "records[0].id", None),
        (_limits('id = " "\nmax_percent = "5%"'), "records[0].id", "' '"),
        (_limits('id = "a"'), "records[0].max_percent", None),
        (_limits('id = "a"\nmax_percent = "101%"'), "records[0].max_percent", "101%"),
        (_limits('id = "a"\nmax_percent = "-1%"'), "records[0].max_percent", "-1%"),
        (_limits('id = "a"\nmax_percent = "nan%"'), "records[0].max_percent", None),
        (_limits('id = "a"\nmax_percent = [5]'), "records[0].max_percent", None),
        (_limits('id = "a"\nmin_margin_percent = "100.01%"'), "records[0].min_margin_percent", "100.01%"),
        (_limits('id = "a"\nfloor_price = "-0.01 EUR"'), "records[0].floor_price", "-0.01 EUR"),
        (_limits('id = "a"\nfloor_price = 5'), "records[0].floor_price", "5"),
        (_limits('id = "a"\nmax_percent = "5%"\nproduct = "x"\nfamily = "y"'), "records[0].family", "product and family"),
        (_limits('id = "a"\nmax_percent = "5%"\nrole = " "'), "records[0].role", "' '"),
        (_limits('id = "a"\nmax_percent = "5%"\ndeal_from = "5 EUR"\ndeal_below = "5 EUR"'), "records[0].deal_below", "5 EUR"),
        (_limits('id = "a"\nmax_percent = "5%"\ndeal_from = "5 EUR"\ndeal_below = "9 USD"'), "records[0].deal_below", "9 USD"),
        (_limits('id = "a"\nmax_percent = "5%"\ndeal_from = "-5 EUR"'), "records[0].deal_from", "-5 EUR"),
        (_limits('id = "a"\nmax_percent = "5%"\nover = "approval"'), "records[0].roles", None),
        (_limits('id = "a"\nmax_percent = "5%"\nover = "ok"'), "records[0].over", "ok"),
        (_limits('id = "a"\nmax_percent = "5%"\nover = "shrug"'), "records[0].over", "'shrug'"),
        (_limits('id = "a"\nreasons = [" "]'), "records[0].reasons", None),
        (_limits('id = "a"\nmax_percent = "5%"\nlevel = 0'), "records[0].level", "0"),
        (_limits('id = "a"\nmax_percent = "5%"\nlimit = 3'), "records[0].limit", None),
    ],
)  # fmt: skip
def test_a_file_that_is_no_discount_policy_is_refused_with_path(
    tmp_path: Path, text: str, path: str, found: str | None
) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(text)

    with pytest.raises(InvalidInput) as refused:
        DiscountPolicy.load(file)
    problem = next((one for one in refused.value.problems if one.path.startswith(path)), None)
    assert problem is not None, refused.value
    assert problem.wanted
    assert found is None or problem.found == found


_GOOD = 'id = "a"\nmax_percent = "5%"'


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        (_limits(_GOOD + "\n[[records]]\n" + _GOOD), "duplicate_id", "records.a"),
        (_limits(_GOOD + '\n[[records]]\nid = "b"\nmax_percent = "7%"'), "duplicate", "records.b"),
        (_limits('id = "a"\nproduct = "x"\nfloor_price = "5 USD"'), "currency", "records.a"),
        (_limits('id = "a"\nmax_percent = "5%"\ndeal_from = "5 USD"'), "currency", "records.a"),
        (_limits(_GOOD, 'id = "l"\ncurrency = "EUR"\nwithout_limit = "approval"\n'), "roles", "roles"),
        (
            'id = "l"\ncurrency = "EUR"\n' + "".join(
                f'[[records]]\nid = "a{n}"\nmax_percent = "{n % 100}%"\ndeal_from = "{n} EUR"\n' for n in range(101)
            ),
            "crowded",
            "records for everything",
        ),
    ],
)  # fmt: skip
def test_a_discount_policy_that_cannot_work_is_refused_with_its_place(
    tmp_path: Path, text: str, code: str, where: str
) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(text)

    with pytest.raises(InvalidDefinition) as refused:
        DiscountPolicy.load(file)
    finding = next((one for one in refused.value.findings if one.code == code), None)
    assert finding is not None, refused.value
    assert (finding.where, bool(finding.message), bool(finding.hint)) == (where, True, True)


@pytest.mark.parametrize(
    ("sheet", "place", "found"),
    [
        ("", "limits.csv", None),
        ("max_percent;role\n5;rep", "limits.csv row 1", "'max_percent;role'"),
        ("maximum\n5", "limits.csv row 1", "'maximum'"),
        ("id,max_percent\na,5%,x", "limits.csv row 2", "3 cells"),
        ("id,max_percent\na,five", "limits.csv row 2, column max_percent", "'five'"),
        ("id,max_percent\na,105%", "limits.csv row 2, column max_percent", "105%"),
        ("id,max_percent\na,", "limits.csv row 2, column max_percent", None),
        ("id,floor_price\na,1e400000000", "limits.csv row 2, column floor_price", "'1e400000000'"),
        ("id,max_percent,over\na,5%,aproval", "limits.csv row 2, column over", "'aproval'"),
        ("id,max_percent,over\na,5%,approval", "limits.csv row 2, column roles", None),
        ("id,max_percent,overrides\na,5%,maybe", "limits.csv row 2, column overrides", "'maybe'"),
        ("id,max_percent,product,family\na,5%,x,y", "limits.csv row 2, column family", "product and family"),
        ('id,max_percent\n"a,5%', "limits.csv row 2", None),
    ],
)
def test_a_sheet_of_limits_is_refused_with_row_and_column(
    tmp_path: Path, sheet: str, place: str, found: str | None
) -> None:
    (tmp_path / "limits.toml").write_text('id = "l"\ncurrency = "EUR"')
    (tmp_path / "limits.csv").write_text(sheet)

    with pytest.raises(InvalidInput) as refused:
        DiscountPolicy.load(tmp_path / "limits.toml", records=tmp_path / "limits.csv")
    problem = next((one for one in refused.value.problems if one.path.startswith(place)), None)
    assert problem is not None, refused.value
    assert problem.wanted
    assert found is None or problem.found == found
