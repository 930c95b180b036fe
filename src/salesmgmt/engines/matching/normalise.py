"""Texts as people type them, brought to one form that can be compared.

Every normaliser returns an empty text when nothing usable is left; a matcher takes that for a missing value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

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

_MARKS = re.compile("[\u0300-\u036f]")
_PUNCTUATION_INSIDE = re.compile(r"[.'’`]")
_NOT_WORD = re.compile(r"[\W_]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})

_LEGAL = """
ab ag aktiengesellschaft as asa aps bv bvba co company corp corporation doo eg ek eood esp ev gbr gesmbh ggmbh gie gmbh
inc incorporated kft kg kgaa ks limited llc llp lp ltd ltda mbh nv o oo ohg oy oyj plc pllc pte pty sa sab sarl sas sasu
sca scs se sia sl sll slu snc sp spa spj spk spzoo srl sro sprl ug vof zoo zrt z
"""
_LEGAL_WORDS = frozenset(_LEGAL.split())
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
    folded = unicodedata.normalize("NFKD", text[:LONGEST]).casefold()
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
    found = _ADDRESS.findall(unicodedata.normalize("NFKC", text[:LONGEST]))
    if len(found) != 1:
        return ""
    local, _, domain = found[0].casefold()[:LONGEST].partition("@")
    domain = domain.strip(".")
    if "." not in domain:
        return ""
    # A tag alone (`+news@`) is the whole name of the mailbox and stays.
    return f"{local.partition('+')[0] or local}@{domain}"


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


def normal_phone(text: str) -> str:
    """Return the digits of a phone number, with `+` when the country is given; extensions are cut off.

    A number of fewer than five or more than twenty digits gives an empty text.

    >>> from salesmgmt.engines.matching import normal_phone
    >>> normal_phone("0049 (0)30 / 123-4567 ext. 12"), normal_phone("030 1234567")
    ('+49301234567', '0301234567')
    """
    plain = _EXTENSION.sub("", unicodedata.normalize("NFKC", text[:LONGEST]).strip())
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

    def __call__(self, text: str | None) -> str:
        """Return the normalised text; empty when there is nothing to compare."""
        return _FUNCTIONS[self](text) if text else ""


_FUNCTIONS: Mapping[Normaliser, Callable[[str], str]] = MappingProxyType(
    {
        Normaliser.TEXT: normal_text,
        Normaliser.COMPANY: normal_company,
        Normaliser.EMAIL: normal_email,
        Normaliser.PHONE: normal_phone,
    }
)
