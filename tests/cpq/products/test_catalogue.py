from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import ProductId
from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.cpq.products import Catalogue, Product, UnknownProduct


def _load(folder: Path, text: str) -> Catalogue:
    file = folder / "products.csv"
    file.write_text(text, encoding="utf-8")
    return Catalogue.load(file)


def _problems(folder: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        _load(folder, text)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_a_catalogue_is_read_with_blank_cells_left_at_their_defaults(tmp_path: Path) -> None:
    catalogue = _load(
        tmp_path,
        "\ufeffid,name,family,unit,cost,currency,active\n"
        'dock,"Dock, 11 ports",accessories,piece,310.50,CNY,true\n'
        "cable,,,m,,,false\n",
    )

    assert list(catalogue) == [
        Product(
            id=ProductId("dock"), name="Dock, 11 ports", family="accessories", cost=Money("310.50", "CNY")
        ),
        Product(id=ProductId("cable"), unit="m", active=False),
    ]
    assert catalogue["cable"].name == "cable"
    assert catalogue["cable"].cost is None
    assert catalogue.families == {"accessories"}


def test_an_unknown_product_is_refused_with_the_nearest_id() -> None:
    with pytest.raises(UnknownProduct, match="did you mean 'dock'"):
        Catalogue([Product(id=ProductId("dock"))])["dok"]


def test_every_fault_of_a_file_is_told_at_once_with_row_and_column(tmp_path: Path) -> None:
    assert _problems(
        tmp_path,
        "id,unit,cost,currency,active\n"
        "a,,1e3,CNY,yes\n"
        ",,,,\n"
        " ,kg,,,\n"
        "b,,-5,CNY,\n"
        "c,,5,,\n"
        "d,,5,QQQ,\n"
        "b2,,,,\n"
        "b2,,,,\n"
        "e,,,,,\n",
    ) == [
        ("products.csv row 2, column cost", "not_a_number"),
        ("products.csv row 2, column active", "wrong_value"),
        ("products.csv row 4, column id", "missing"),
        ("products.csv row 5, column cost", "negative"),
        ("products.csv row 6, column currency", "missing"),
        ("products.csv row 7, column currency", "unknown_currency"),
        ("products.csv row 9, column id", "duplicate"),
        ("products.csv row 10", "cell_count"),
    ]


def test_faulty_headings_are_refused_before_any_row_is_read(tmp_path: Path) -> None:
    assert _problems(tmp_path, "name,famly,name\nx,y,z\n") == [
        ("products.csv row 1", "unknown_column"),
        ("products.csv row 1", "duplicate_column"),
        ("products.csv row 1", "missing_column"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"id\n\xff\n", "encoding"),
        (b'id\n"open\n', "not_csv"),
        (b"id\n" + b"x" * 200_000 + b"\n", "not_csv"),
        (b"id\na\x00b\n", "wrong_value"),
        (b"id\n" + b"x" * 201 + b"\n", "wrong_value"),
    ],
)
def test_hostile_files_give_a_clear_refusal(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "products.csv"
    file.write_bytes(content)

    with pytest.raises(InvalidInput) as caught:
        Catalogue.load(file)

    assert caught.value.problems[0].code == code


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"products\.csv"):
        Catalogue.load(tmp_path / "products.csv")


def test_a_line_break_in_a_cell_does_not_shift_the_rows(tmp_path: Path) -> None:
    assert _problems(tmp_path, 'id,name,cost,currency\na,"b\nc",,\nd,e,x,CNY\n') == [
        ("products.csv row 2, column name", "wrong_value"),
        ("products.csv row 4, column cost", "not_a_number"),
    ]


def test_products_of_one_id_are_refused_in_python_too() -> None:
    with pytest.raises(InvalidInput, match=r"products\[1\]\.id"):
        Catalogue([Product(id=ProductId("a")), Product(id=ProductId("a"), name="other")])


def test_a_product_checks_itself() -> None:
    with pytest.raises(InvalidInput) as caught:
        Product(id=ProductId(" "), cost=Money(-1, "EUR"))

    assert [problem.path for problem in caught.value.problems] == ["id", "cost"]


def test_a_catalogue_round_trips_as_a_document() -> None:
    catalogue = Catalogue([Product(id=ProductId("dock"), cost=Money("310.50", "CNY"))])

    assert Codec().from_json(Catalogue, Codec().to_json(catalogue)) == catalogue


def test_template_brand_category_and_measures_are_read(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(
        "id,parent,brand,category,weight,volume\nred,shirt,Acme,tops,0.25,1.5\n", encoding="utf-8"
    )
    catalogue = Catalogue.load(file, categories={"tops": "clothes"})
    (red,) = catalogue

    assert (red.parent, red.brand, red.category) == ("shirt", "Acme", "tops")
    assert (red.weight, red.volume) == (Decimal("0.25"), Decimal("1.5"))
    assert catalogue.categories_of("red") == ("tops", "clothes")


def test_a_variant_has_the_categories_of_its_template_unless_it_has_its_own() -> None:
    catalogue = Catalogue(
        [
            Product(id=ProductId("shirt"), category="tops"),
            Product(id=ProductId("red"), parent="shirt"),
            Product(id=ProductId("blue"), parent="shirt", categories=("sale", "tops")),
        ],
        categories={"tops": "clothes"},
    )

    assert catalogue.categories_of("red") == ("tops", "clothes")
    assert catalogue.categories_of("blue") == ("sale", "tops")
    assert catalogue.categories_of("unknown") == ()
    assert catalogue.lineage_of("red") == ("red", "shirt")
    assert catalogue.lineage_of("unknown") == ("unknown",)


def test_the_facts_of_a_product_leave_out_what_is_not_known() -> None:
    catalogue = Catalogue([Product(id=ProductId("dock"), family="accessories")])

    assert catalogue.facts_of("dock") == {
        "line.product": "dock",
        "line.lineage": ("dock",),
        "line.categories": (),
        "line.family": "accessories",
        "line.brand": None,
    }
    assert catalogue.facts_of("unknown")["line.family"] is None


def test_products_and_categories_in_a_ring_are_refused_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        Catalogue(
            [Product(id=ProductId("a"), parent="b"), Product(id=ProductId("b"), parent="a")],
            categories={"x": "y", "y": "z", "z": "y"},
        )

    assert [(problem.path, problem.found) for problem in caught.value.problems] == [
        ("products", "'a -> b -> a'"),
        ("categories", "'y -> z -> y'"),
    ]


def test_a_product_is_not_its_own_template_and_weighs_nothing_negative() -> None:
    with pytest.raises(InvalidInput) as caught:
        Product(id=ProductId("a"), parent="a", weight=-1, volume=-1)

    assert [problem.path for problem in caught.value.problems] == ["parent", "weight", "volume"]


def test_packs_and_limits_are_read(tmp_path: Path) -> None:
    (tube,) = _load(tmp_path, "id,pack,min_quantity,max_quantity\ntube,12,20,100\n")

    assert (tube.pack, tube.min_quantity, tube.max_quantity) == (Decimal(12), Decimal(20), Decimal(100))


def test_packs_and_limits_that_no_quantity_keeps_are_told_with_row_and_column(tmp_path: Path) -> None:
    assert _problems(
        tmp_path,
        "id,pack,min_quantity,max_quantity\n"
        "a,0,-1,0\n"
        "b,,20,10\n"
        "c,12,,11\n"
        "d,12,13,23\n"
        "e,12,13,24\n"
        "f,a dozen,,\n",
    ) == [
        ("products.csv row 2, column pack", "not_positive"),
        ("products.csv row 2, column min_quantity", "not_positive"),
        ("products.csv row 2, column max_quantity", "not_positive"),
        ("products.csv row 3, column max_quantity", "reversed"),
        ("products.csv row 4, column max_quantity", "no_whole_pack"),
        ("products.csv row 5, column max_quantity", "no_whole_pack"),
        ("products.csv row 7, column pack", "not_a_number"),
    ]


def test_a_float_is_no_pack() -> None:
    with pytest.raises(FloatRefused):
        Product(id=ProductId("a"), pack=0.75)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("0", ["1.50"]),
        ("1.49", ["1.50"]),
        ("1.5", ["1.5"]),
        ("1.51", ["1.50", "2.25"]),
        ("2.99", ["2.25", "3.00"]),
        ("3.74", ["3.00"]),
        ("1000000000000000000000000000000000", ["3.00"]),
        ("0.000000000000000000000000000000001", ["1.50"]),
    ],
)
def test_the_nearest_quantities_lie_between_the_limits_and_fill_packs(asked: str, near: list[str]) -> None:
    oil = Product(id=ProductId("oil"), pack="0.75", min_quantity=1, max_quantity="3.7")

    assert [f"{one:f}" for one in oil.quantities_near(asked)] == near


@given(
    asked=st.integers(1, 400),
    pack=st.integers(1, 40) | st.none(),
    least=st.integers(1, 100) | st.none(),
    span=st.integers(80, 200) | st.none(),
)
def test_the_nearest_quantities_are_those_that_counting_finds(
    asked: int, pack: int | None, least: int | None, span: int | None
) -> None:
    low, high = least or 0, None if span is None else (least or 0) + span
    product = Product(id=ProductId("a"), pack=pack, min_quantity=least, max_quantity=high)

    # at most 40 to a pack and at least 80 from the least to the most: something can always be ordered
    fits = [
        one for one in range(1, 1_000) if one % (pack or 1) == 0 and one >= low and (not high or one <= high)
    ]
    below, above = (
        max((one for one in fits if one <= asked), default=None),
        min((one for one in fits if one >= asked), default=None),
    )
    assert {int(one) for one in product.quantities_near(asked)} == {below, above} - {None}
