"""What tells one definition from another."""

from __future__ import annotations

from hashlib import sha256

from salesmgmt.core.codec import Codec


def digest_of(definition: object) -> str:
    """SHA-256, in hexadecimal, of a definition's JSON, in which equal fields give equal text.

    >>> from salesmgmt.engines.lifecycle import Condition, digest_of
    >>> digest_of(Condition("paid", "order.due == 0 EUR"))
    'fe0b47ec...'
    """
    return sha256(Codec().to_json(definition).encode()).hexdigest()
