import re
import subprocess
import sys
from typing import Any

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.currency import NoMinorUnit, UnknownCurrency, currencies, currency
from salesmgmt.core.money import Money

# ISO 4217 (2018 edition with amendments up to 180), lists one and three, maintained by SIX.
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
FOUR_DECIMALS = "CLF UYW"
NO_MINOR_UNIT = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"
WITHDRAWN = (
    "ADP ATS BEF BGN BYR CUC CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE ROL SIT SKK"
)


def test_currencies_in_use_have_the_decimals_of_iso_4217() -> None:
    codes: dict[int | None, list[str]] = {}
    for known in currencies():
        if known.withdrawn is None:
            codes.setdefault(known.decimals, []).append(known.code)
    assert codes.keys() == {None, 0, 2, 3, 4}
    assert " ".join(codes[None]) == NO_MINOR_UNIT
    assert " ".join(codes[0]) == NO_DECIMALS
    assert " ".join(codes[3]) == THREE_DECIMALS
    assert " ".join(codes[4]) == FOUR_DECIMALS
    assert sum(map(len, codes.values())) == 178


@pytest.mark.parametrize(
    ("code", "numeric", "name"),
    [
        ("CNY", "156", "Yuan Renminbi"),
        ("EUR", "978", "Euro"),
        ("USD", "840", "US Dollar"),
        ("JPY", "392", "Yen"),
        ("GBP", "826", "Pound Sterling"),
        ("CHF", "756", "Swiss Franc"),
        ("AUD", "036", "Australian Dollar"),
        ("ALL", "008", "Lek"),
        ("XCG", "532", "Caribbean Guilder"),
        ("ZWG", "924", "Zimbabwe Gold"),
        ("SLE", "925", "Leone"),
        ("DEM", "276", "Deutsche Mark"),
    ],
)
def test_well_known_currencies(code: str, numeric: str, name: str) -> None:
    assert (currency(code).numeric, currency(code).name) == (numeric, name)


def test_withdrawn_currencies_are_known_with_their_date() -> None:
    assert all(currency(code).withdrawn for code in WITHDRAWN.split())
    assert currency("HRK").withdrawn == "2023-01"
    assert currency("BGN").withdrawn == "2026-01"
    assert currency("DEM").withdrawn == "2002-03"
    assert all(currency(code).withdrawn for code in ("VEF", "ZWL", "SLL", "ANG", "CUC"))


def test_the_table_is_well_formed() -> None:
    table = currencies()
    assert [known.code for known in table] == sorted({known.code for known in table})
    for known in table:
        assert re.fullmatch("[A-Z]{3}", known.code)
        assert re.fullmatch("[0-9]{3}", known.numeric)
        assert known.decimals in (None, 0, 2, 3, 4)
        assert known.name.strip() == known.name != ""
        assert known.withdrawn is None or re.fullmatch("(19|20)[0-9]{2}-(0[1-9]|1[0-2])", known.withdrawn)


def test_no_two_currencies_in_use_share_a_number() -> None:
    numbers = [known.numeric for known in currencies() if known.withdrawn is None]
    assert len(numbers) == len(set(numbers))


def test_cldr_knows_every_code_but_the_newest() -> None:
    cldr = set(get_global("all_currencies"))
    unknown = {known.code for known in currencies()} - cldr
    assert unknown <= {"CHC", "XAD", "ZWN"}


def test_where_cldr_counts_coins_in_use_the_table_keeps_to_iso() -> None:
    fractions = get_global("currency_fractions")
    assert fractions["IRR"][0] == 0
    assert currency("IRR").decimals == 2
    assert fractions["IQD"][0] == 0
    assert currency("IQD").decimals == 3


@pytest.mark.parametrize(
    ("found", "nearest"),
    [
        ("eur", "EUR"),
        ("Eur", "EUR"),
        (" USD ", "USD"),
        ("EURO", "EUR"),
        ("RMB", None),
        ("", None),
        ("人民币", None),
    ],
)
def test_an_unknown_code_is_refused_with_the_nearest_known_one(found: str, nearest: str | None) -> None:
    with pytest.raises(UnknownCurrency) as caught:
        currency(found)
    assert isinstance(caught.value, LookupError)
    if nearest is not None:
        assert caught.value.nearest == nearest
        assert f"did you mean {nearest}?" in str(caught.value)


@pytest.mark.parametrize("found", [None, 978, b"EUR", ["EUR"], {"EUR": 1}, 1.5])
def test_what_is_no_text_is_refused(found: Any) -> None:
    with pytest.raises(UnknownCurrency):
        currency(found)
    with pytest.raises(UnknownCurrency):
        Money(1, found)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    if text not in {known.code for known in currencies()}:
        with pytest.raises(UnknownCurrency):
            currency(text)


def test_a_huge_text_is_refused_without_flooding_the_message() -> None:
    with pytest.raises(UnknownCurrency) as caught:
        currency("E" * 1_000_000)
    assert len(str(caught.value)) < 300


def test_gold_has_no_minor_unit() -> None:
    with pytest.raises(NoMinorUnit, match="name the unit") as caught:
        _ = currency("XAU").minor_digits
    assert caught.value.currency == "XAU"


def test_importing_money_reads_no_table_and_no_module_for_it() -> None:
    program = (
        "import sys, attrs; before = set(sys.modules); import salesmgmt.core.money; "
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = run.stdout.split()
    assert [name for name in loaded if name.startswith("salesmgmt.")] == [
        "salesmgmt.core",
        "salesmgmt.core.errors",
        "salesmgmt.core.exact",
        "salesmgmt.core.money",
        "salesmgmt.core.percent",
    ]
    assert not {"csv", "json", "importlib.resources", "babel", "cattrs", "difflib"} & set(loaded)
