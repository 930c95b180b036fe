from pathlib import Path

import pytest

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition, Severity
from salesmgmt.cpq.products import Catalogue
from salesmgmt.cpq.recommend import Relation, RelationKind, Relations
from salesmgmt.cpq.recommend.relations import MOST_RELATIONS
from tests.cpq.recommend.shop import catalogue, shop


def relation(id: str = "r", kind: str = "accessory", **fields: object) -> Relation:  # noqa: A002 - as in the class
    made = {"product": "laptop", "offer": "dock", **fields}
    return Relation(id=id, kind=kind, **made)  # type: ignore[arg-type]


def codes(*relations: Relation, known: Catalogue | None = None) -> list[tuple[str, str]]:
    found = Relations(relations=relations).lint(catalogue() if known is None else known)
    return [(finding.code, finding.where) for finding in found]


# --- files


def test_a_csv_file_and_a_toml_file_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "relations.csv").write_text(
        "id,kind,family,product,offer,ratio,condition,once\n"
        "r-1,accessory,computers,,dock,0.5,line.quantity >= 2,true\n"
        "r-2,upgrade,,laptop,laptop-pro,,,\n",
        encoding="utf-8",
    )
    (tmp_path / "relations.toml").write_text(
        """
        [[relations]]
        id = "r-1"
        row = 2
        kind = "accessory"
        family = "computers"
        offer = "dock"
        ratio = 0.5
        condition = "line.quantity >= 2"
        once = true

        [[relations]]
        id = "r-2"
        row = 3
        kind = "upgrade"
        product = "laptop"
        offer = "laptop-pro"
        """,
        encoding="utf-8",
    )

    read = Relations.load(tmp_path / "relations.csv")

    assert read == Relations.load(tmp_path / "relations.toml")
    assert [one.kind for one in read.relations] == [RelationKind.ACCESSORY, RelationKind.UPGRADE]
    assert read.lint(catalogue()) == ()


def test_a_row_without_an_id_is_called_by_its_place(tmp_path: Path) -> None:
    file = tmp_path / "goes_with.csv"
    file.write_text("kind,product,offer\ncomplement,laptop,bag\n", encoding="utf-8")

    assert [(one.id, one.where) for one in Relations.load(file).relations] == [
        ("goes_with.csv row 2", "relations.csv row 2")
    ]


def test_every_fault_of_a_file_is_listed_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "relations.csv"
    file.write_text(
        "kind,product,family,offer,ratio,once,attribute\n"
        "accesory,laptop,,dock,,,\n"
        "accessory,,,dock,,,\n"
        "accessory,laptop,computers,dock,,,\n"
        "accessory,laptop,,,,,\n"
        "accessory,laptop,,dock,0,,\n"
        "accessory,laptop,,dock,1e3,maybe,\n"
        "accessory,laptop,,dock,,,frame\n"
        "accessory,laptop\n",
        encoding="utf-8",
    )

    with pytest.raises(InvalidInput) as raised:
        Relations.load(file)

    assert [problem.path for problem in raised.value.problems] == [
        "relations.csv row 2, column kind",
        "relations.csv row 3, column product",
        "relations.csv row 4, column product",
        "relations.csv row 5, column offer",
        "relations.csv row 6, column ratio",
        "relations.csv row 7, column ratio",
        "relations.csv row 7, column once",
        "relations.csv row 8, column value",
        "relations.csv row 9",
    ]
    assert "did you mean 'accessory'?" in str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["", "kind,offer,colour\n", "product,offer\n", "\0", '"', "product;kind\n", "kind,kind\n"],
)
def test_a_file_that_is_no_sheet_of_relations_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "relations.csv"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput, match=r"relations\.csv"):
        Relations.load(file)


@pytest.mark.parametrize(
    "text", ["relations = 5", "[[relations]]\nkind = 'accessory'", "[[relation]]", "x ="]
)
def test_a_document_that_holds_no_relations_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "relations.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput):
        Relations.load(file)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        Relations.load("nowhere.csv")


# --- lint


def test_good_relations_have_no_findings() -> None:
    assert (
        codes(
            relation("a"),
            relation("b", "upgrade", offer="laptop-pro"),
            relation(
                "c", "complement", offer="", offer_family="services", condition="customer.segment == 'gold'"
            ),
            relation("d", "excludes", product="mouse", offer="bag"),
        )
        == []
    )


def test_relations_may_name_any_product_when_there_is_no_catalogue() -> None:
    assert codes(relation(product="x", offer="y"), known=Catalogue()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"product": "lapptop"}, "unknown_product"),
        ({"offer": "lamp"}, "unknown_product"),
        ({"product": "", "family": "computer"}, "unknown_family"),
        ({"offer": "", "offer_category": "office"}, "unknown_category"),
        ({"offer": "laptop"}, "self_relation"),
        ({"condition": "line.quantity >"}, "formula"),
        ({"condition": "customer.colour == 'red'"}, "formula"),
        ({"condition": "line.quantity > 5 and line.quantity < 3"}, "contradictory_condition"),
    ],
)
def test_what_cannot_work_is_an_error(fields: dict[str, str], code: str) -> None:
    assert codes(relation(**fields)) == [(code, "r")]
    with pytest.raises(InvalidDefinition, match=code):
        Relations(relations=[relation(**fields)]).compile(shop())


def test_the_nearest_name_is_offered() -> None:
    (finding,) = Relations(relations=[relation(product="lapptop")]).lint(catalogue())

    assert finding.hint == "did you mean 'laptop'?"


def test_a_product_that_is_not_sold_any_more_is_a_warning() -> None:
    (finding,) = Relations(relations=[relation(offer="dock-old")]).lint(catalogue())

    assert (finding.code, finding.severity) == ("inactive_product", Severity.WARNING)


def test_the_same_relation_twice_is_a_warning_and_the_same_id_an_error() -> None:
    assert codes(relation("a"), relation("b")) == [("duplicate", "b")]
    assert codes(relation("a"), relation("a", offer="mouse")) == [("duplicate_id", "a")]


def test_what_is_offered_and_excluded_contradicts_itself() -> None:
    assert codes(relation("a"), relation("b", "excludes")) == [("contradiction", "a")]


def test_rings_of_upgrades_are_found_wherever_they_begin() -> None:
    def ring(*names: str) -> list[Relation]:
        pairs = zip(names, (*names[1:], names[0]), strict=True)
        return [relation(f"{a}>{b}", "upgrade", product=a, offer=b) for a, b in pairs]

    tail = relation("tail", "upgrade", product="bag", offer="laptop")
    found = Relations(relations=[tail, *ring("laptop", "dock", "mouse"), *ring("setup", "stand")]).lint(
        catalogue()
    )

    assert [(finding.code, finding.message) for finding in found] == [
        ("cycle", "upgrades lead in a ring: laptop -> dock -> mouse -> laptop"),
        ("cycle", "upgrades lead in a ring: setup -> stand -> setup"),
    ]


def test_a_ring_of_substitutes_is_none() -> None:
    assert (
        codes(relation("a", "substitute"), relation("b", "substitute", product="dock", offer="laptop")) == []
    )


def test_a_chain_of_5_000_upgrades_that_ends_in_a_ring_is_found() -> None:
    chain = [
        relation(f"r{number}", "upgrade", product=f"p{number}", offer=f"p{number + 1}")
        for number in range(5_000)
    ]
    chain.append(relation("last", "upgrade", product="p5000", offer="p4999"))

    assert codes(*chain, known=Catalogue()) == [("cycle", "r4999")]


def test_a_web_of_upgrades_is_told_only_in_part() -> None:
    web = [
        relation(f"{a}>{b}", "upgrade", product=f"p{a}", offer=f"p{b}")
        for a in range(60)
        for b in range(60)
        if a != b
    ]

    assert len(codes(*web, known=Catalogue())) == 20


def test_more_relations_than_allowed_are_one_finding() -> None:
    many = [relation()] * (MOST_RELATIONS + 1)

    assert codes(*many) == [("too_many", "relations")]


@pytest.mark.parametrize(
    ("ratio", "step", "quantity", "wanted"),
    [(1, 1, 3, "3"), ("0.1", 1, 25, "3"), ("0.1", 1, 20, "2"), (2, 1, "1.5", "3"), ("0.3", "0.5", 1, "0.5")],
)
def test_a_ratio_is_rounded_up_to_a_step(ratio: str, step: str, quantity: str, wanted: str) -> None:
    assert str(relation(ratio=ratio, step=step).quantity_for(quantity)) == wanted
