"""All domains of a network in one integer, so that known solutions are compared with them in one operation each."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from itertools import accumulate


class Packing:
    """Puts domains side by side into one integer, each in as many whole bytes as its variable needs."""

    def __init__(self, full: Sequence[int]) -> None:
        widest = max((domain.bit_length() for domain in full), default=0)
        self._code = "B" if widest <= 8 else "Q" if widest <= 64 else ""
        if self._code:
            width = 1 if self._code == "B" else 8
            self._widths = [width] * len(full)
        else:
            self._widths = [(domain.bit_length() + 7) // 8 for domain in full]
        self._starts = [0, *accumulate(self._widths)]
        self._octets = self._starts.pop()
        self._owner = (
            []
            if self._code
            else [variable for variable, width in enumerate(self._widths) for _ in range(width)]
        )

    def pack(self, domains: Sequence[int]) -> int:
        """One integer for all domains."""
        if self._code == "B":
            return int.from_bytes(bytes(domains), "little")
        if self._code:
            return int.from_bytes(_little(array("Q", domains)).tobytes(), "little")
        parts = (
            domain.to_bytes(width, "little") for domain, width in zip(domains, self._widths, strict=True)
        )
        return int.from_bytes(b"".join(parts), "little")

    def unpack(self, packed: int) -> list[int]:
        """The domains in an integer."""
        octets = packed.to_bytes(self._octets, "little")
        if self._code == "B":
            return list(octets)
        if self._code:
            return _little(array("Q", octets)).tolist()
        return [
            int.from_bytes(octets[start : start + width], "little")
            for start, width in zip(self._starts, self._widths, strict=True)
        ]

    def lowest(self, packed: int) -> tuple[int, int]:
        """The first variable that has a value in a packed integer that is not 0, and the lowest of its values."""
        place = (packed & -packed).bit_length() - 1
        octet = place // 8
        variable = octet // self._widths[0] if self._code else self._owner[octet]
        return variable, 1 << place - 8 * self._starts[variable]


def _little(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
