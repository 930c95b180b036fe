"""Files of results that a command writes: whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from salesmgmt.core.errors import SalesError


class CannotWrite(SalesError, OSError):
    """A file for the results cannot be written."""

    code = "cannot_write"

    def __init__(self, file: Path, reason: str, *, hint: str) -> None:
        self.file = str(file)
        self.reason = reason
        super().__init__(f"{file} cannot be written: {reason}", hint=hint)


@contextmanager
def replacing(file: Path) -> Iterator[TextIO]:
    """Write a text in UTF-8 beside a file; it takes its place at the end, unless something went wrong.

    Raises:
        CannotWrite: there is no room for it, or no right to write there.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from salesmgmt.result_file import replacing
    >>> file = Path(mkdtemp()) / "result.csv"
    >>> with replacing(file) as text:
    ...     _ = text.write("a,b")
    >>> file.read_text(), len(list(file.parent.iterdir()))
    ('a,b', 1)
    """
    if file.exists() and not file.is_file():  # a device or a pipe would be replaced, not written to
        raise CannotWrite(file, "it is no regular file", hint="name a file that can be replaced")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as text:
            yield text
            text.flush()
            os.fsync(text.fileno())
        part.replace(file)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise CannotWrite(file, reason, hint="name a file that can be written") from error
    finally:
        part.unlink(missing_ok=True)
