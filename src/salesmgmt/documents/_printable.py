"""Texts from outside without what a page must not contain."""

from __future__ import annotations

import re

_NOT_ALLOWED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(value: object) -> object:
    r"""A text that may stand on a page; anything else as it is.

    Control characters and lone surrogates, which HTML forbids and no file in UTF-8 can have, become U+FFFD.

    >>> from salesmgmt.documents._printable import printable
    >>> printable("a\0b"), printable("a\r\nb"), printable(5)
    ('a\ufffdb', 'a\r\nb', 5)
    """
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return _NOT_ALLOWED.sub("\N{REPLACEMENT CHARACTER}", value)
