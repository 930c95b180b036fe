"""Texts as people type them, brought to one form that can be compared.

Every normaliser returns an empty text when nothing usable is left; a matcher takes that for a missing value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from salesmgmt.core.errors import InvalidInput, Problem, shorten

LONGEST = 200
"""Characters that are read at most, so that hostile input costs no more than a long name."""

_GENERIC = """
126.com 163.com aol.com bluewin.ch fastmail.com foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.de gmx.net
googlemail.com hotmail.com hotmail.fr hotmail.it icloud.com interia.pl laposte.net libero.it live.com mac.com mail.com
mail.ru me.com msn.com naver.com o2.pl onet.pl orange.fr outlook.com outlook.de proton.me protonmail.com qq.com
rediffmail.com sina.com t-online.de telia.com tiscali.it virgilio.it wanadoo.fr web.de wp.pl yahoo.co.uk yahoo.com
yahoo.de yahoo.fr yandex.ru yeah.net ymail.com zoho.com
"""
GENERIC_MAIL_DOMAINS = frozenset(_GENERIC.split())
"""Domains where anybody can have an address: two people there have nothing in common."""

_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe0e\ufe0f\ufeff]")
"""Signs that nobody sees and no keyboard types: they come with what is copied from a page or a document."""
_ONE_MAILBOX = frozenset({"gmail.com", "googlemail.com"})
"""Domains of one provider whose mailboxes are the same with and without dots in the name (Gmail Help, "Dots don't matter
in Gmail addresses")."""
_MARKS = re.compile("[\u0300-\u036f]")
_PUNCTUATION_INSIDE = re.compile(r"[.'’`]")
_NOT_WORD = re.compile(r"[\W_]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})

_LEGAL = """
ab ag aktiengesellschaft as asa aps bv bvba co company corp corporation doo eg ek eood esp ev gbr gesmbh ggmbh gie gmbh
inc incorporated kft kg kgaa ks limited llc llp lp ltd ltda mbh nv o oo ohg oy oyj plc pllc pte pty sa sab sarl sas sasu
sca scs se sia sl sll slu snc sp spa spj spk spzoo srl sro sprl ug vof zoo zrt z asbl bhd cvba ead ehf eireli eirl hb hf jsc kk
ky lda ltee ood pjsc publ scrl sdn srls unipessoal vzw оао ооо зао пао
"""
_LEGAL_WORDS = frozenset(_LEGAL.split())
_LEGAL_BEGINNINGS = frozenset({"oao", "ooo", "pao", "pt", "zao", "зао", "оао", "ооо", "пао"})
_LEGAL_ENDINGS = (
    "股份有限公司",
    "有限责任公司",
    "有限责任合伙",
    "有限公司",
    "株式会社",
    "合同会社",
    "주식회사",
)
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
_EXTENSION = re.compile(r"(?:;?\s*ext\.?|\bx|#|durchwahl|poste|доб\.?)\s*[:=]?\s*\d{1,6}\s*$", re.IGNORECASE)
_TRUNK_IN_BRACKETS = re.compile(r"\(\s*0\s*\)")


def normal_text(text: str) -> str:
    """Return `text` in lower case without accents and punctuation, words parted by one blank.

    Scripts without case are kept as they are.

    >>> from salesmgmt.engines.matching import normal_text
    >>> normal_text("  José  MÜLLER-Straße ")
    'jose muller strasse'
    """
    folded = unicodedata.normalize("NFKD", _UNSEEN.sub("", text[:LONGEST])).casefold()
    bare = unicodedata.normalize("NFC", _MARKS.sub("", folded)).translate(_LETTERS)
    words = _NOT_WORD.sub(" ", _PUNCTUATION_INSIDE.sub("", bare)).strip()
    return words[:LONGEST].rstrip()  # one sign may have become many


def normal_company(text: str) -> str:
    """Return a company name without its legal form, `&` read as "and".

    A name that consists of nothing but a legal form is kept.

    >>> from salesmgmt.engines.matching import normal_company
    >>> normal_company("Belcor Motors Sp. z o.o."), normal_company("Smith & Sons, Ltd.")
    ('belcor motors', 'smith and sons')
    """
    words = normal_text(text[:LONGEST].replace("&", " and ")).split()
    while len(words) > 1 and (words[-1] in _LEGAL_WORDS or words[-1] == "and"):
        words.pop()
    while len(words) > 1 and words[0] in _LEGAL_BEGINNINGS:
        del words[0]
    name = " ".join(words)
    for form in _LEGAL_ENDINGS:
        if len(name) > len(form):
            name = name.removesuffix(form).removeprefix(form)
    return name.strip()


def normal_email(text: str) -> str:
    """Return the address in a text such as `"Name" <Name+news@Shop.Test>`: lower case, without the `+` part.

    A text that holds no address, or several, gives an empty text.

    >>> from salesmgmt.engines.matching import normal_email
    >>> normal_email("Ana Berg <Ana.Berg+fair@Shop.Test>"), normal_email("none yet")
    ('ana.berg@shop.test', '')
    """
    found = _ADDRESS.findall(unicodedata.normalize("NFKC", _UNSEEN.sub("", text[:LONGEST])))
    if len(found) != 1:
        return ""
    local, _, domain = found[0].casefold()[:LONGEST].partition("@")
    domain = domain.strip(".")
    if "." not in domain:
        return ""
    # A tag alone (`+news@`) is the whole name of the mailbox and stays.
    name = local.partition("+")[0] or local
    if domain in _ONE_MAILBOX:
        return f"{name.replace('.', '') or name}@gmail.com"
    return f"{name}@{_in_ascii(domain)}"


def _in_ascii(domain: str) -> str:
    """A domain as the net knows it: `münchen.test` and `xn--mnchen-3ya.test` are one (RFC 3490)."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii").lower()[:LONGEST]
    except UnicodeError:
        return domain


def mail_domain(address: str, *, generic: Collection[str] = GENERIC_MAIL_DOMAINS) -> str:
    """Return the private domain of an address, empty for a domain where anybody can have one.

    Args:
        address: the address, normalised or not.
        generic: the domains that say nothing about the company.

    >>> from salesmgmt.engines.matching import mail_domain
    >>> mail_domain("ana@shop.test"), mail_domain("ana@gmail.com")
    ('shop.test', '')
    """
    return private_domain(normal_email(address), generic)


def private_domain(normalised: str, generic: Collection[str]) -> str:
    """Return `mail_domain` of an address that is normalised already."""
    domain = normalised.rpartition("@")[2]
    return "" if domain in generic else domain


def mailbox(text: str) -> str:
    """Return the one mail address in a text as it is written, in lower case: a `+` part stays.

    A text that holds no address, or several, gives an empty text.

    >>> from salesmgmt.engines.matching import mailbox
    >>> mailbox("Ana Berg <Ana.Berg+fair@Shop.Test>")
    'ana.berg+fair@shop.test'
    """
    found = _ADDRESS.findall(unicodedata.normalize("NFKC", text[:LONGEST]))
    return found[0].casefold()[:LONGEST].strip(".") if len(found) == 1 else ""


def mailbox_domain(text: str) -> str:
    """Return what stands after the last `@` of a text, in lower case, even where the address itself is mistyped.

    >>> from salesmgmt.engines.matching import mailbox_domain
    >>> mailbox_domain('mail"1@shop.test'), mailbox_domain("shop.test")
    ('shop.test', '')
    """
    before, _, domain = text[:LONGEST].casefold().rpartition("@")
    return domain.strip(" .<>\"'\t") if before else ""


def normal_phone(text: str) -> str:
    """Return the digits of a phone number, with `+` when the country is given; extensions are cut off.

    A number of fewer than five or more than twenty digits gives an empty text.

    >>> from salesmgmt.engines.matching import normal_phone
    >>> normal_phone("0049 (0)30 / 123-4567 ext. 12"), normal_phone("030 1234567")
    ('+49301234567', '0301234567')
    """
    plain = _EXTENSION.sub("", unicodedata.normalize("NFKC", _UNSEEN.sub("", text[:LONGEST])).strip())
    abroad = plain.startswith(("+", "00"))
    if abroad:
        plain = _TRUNK_IN_BRACKETS.sub("", plain)
    digits = "".join(str(unicodedata.decimal(sign)) for sign in plain if sign.isdecimal())
    if abroad and not plain.startswith("+"):
        digits = digits[2:]
    if not 5 <= len(digits) <= 20:
        return ""
    return f"+{digits}" if abroad else digits


class Normaliser(StrEnum):
    """How the values of a field are brought to one form before they are compared."""

    TEXT = "text"
    """`normal_text`: names of people, towns, titles."""
    COMPANY = "company"
    """`normal_company`: without the legal form."""
    EMAIL = "email"
    """`normal_email`: the address alone."""
    PHONE = "phone"
    """`normal_phone`: the digits."""
    ADDRESS = "address"
    """`mailbox`: the address as it is written, a `+` part included."""
    EXACT = "exact"
    """As it stands, without blanks around it: ids and numbers."""

    def __call__(self, text: str | None) -> str:
        """Return the normalised text; empty when there is nothing to compare."""
        return _FUNCTIONS[self](text) if text else ""


_FUNCTIONS: Mapping[Normaliser, Callable[[str], str]] = MappingProxyType(
    {
        Normaliser.TEXT: normal_text,
        Normaliser.COMPANY: normal_company,
        Normaliser.EMAIL: normal_email,
        Normaliser.PHONE: normal_phone,
        Normaliser.ADDRESS: mailbox,
        Normaliser.EXACT: lambda text: text[:LONGEST].strip(),
    }
)


def checked_texts(records: Mapping[str, object], fields: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the texts of the named fields of each record, a missing one left out.

    Raises:
        InvalidInput: a record is no mapping, or a value no text; all problems are listed with their paths.
    """
    problems: list[Problem] = []
    texts: dict[str, dict[str, str]] = {}
    for key, record in records.items():
        if not isinstance(record, Mapping):
            problems.append(Problem(str(key), "wrong_type", shorten(record), "a mapping of fields to texts"))
            continue
        texts[key] = kept = {}
        for name in fields:
            value = record.get(name)
            if isinstance(value, str):
                kept[name] = value
            elif value is not None:
                problems.append(Problem(f"{key}.{name}", "wrong_type", shorten(value), "a text, or nothing"))
    if problems:
        raise InvalidInput("the records", problems)
    return texts
