"""A digest: what tells one value from another, in the same letters on every machine."""

from __future__ import annotations

from hashlib import sha256

from salesmgmt.core.codec import Codec

_CODEC = Codec()  # made once: it learns each class on first use, and is safe to share


def digest_of(*values: object) -> str:
    """SHA-256, in hexadecimal, of the JSON of definitions or values, one after the other; equal fields give equal text.

    >>> from salesmgmt.core.digest import digest_of
    >>> from salesmgmt.core.entity import Ref
    >>> digest_of(Ref("Deal", "d-1")) == digest_of(Ref("Deal", "d-1"))
    True
    """
    whole = sha256()
    for value in values:
        whole.update(_CODEC.to_json(value).encode())
    return whole.hexdigest()
