"""A digest: what tells one value from another, in the same letters on every machine."""

from __future__ import annotations

from hashlib import sha256

from salesmgmt.core.codec import Codec

_CODEC = Codec()  # made once: it learns each class on first use, and is safe to share


def digest_of(value: object) -> str:
    """SHA-256, in hexadecimal, of the JSON of a definition or value; equal fields give equal text.

    >>> from salesmgmt.core.digest import digest_of
    >>> from salesmgmt.core.entity import Ref
    >>> digest_of(Ref("Deal", "d-1")) == digest_of(Ref("Deal", "d-1"))
    True
    """
    return sha256(_CODEC.to_json(value).encode()).hexdigest()
