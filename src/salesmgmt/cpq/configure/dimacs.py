"""Feature models in DIMACS: each feature yes or no, each clause a rule."""

from __future__ import annotations

import re
from pathlib import Path

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.cpq.configure.attribute import NO, YES, YesNo
from salesmgmt.cpq.configure.model import ProductModel
from salesmgmt.cpq.configure.rule import Excludes

LARGEST_FILE = 50_000_000
"""Bytes that are read at most."""

MOST_FEATURES = 20_000
MOST_CLAUSES = 1_000_000

_MOST_PROBLEMS = 100
_FEATURE = re.compile(r"c\s+([0-9]{1,9})\s+(\S(?:.*\S)?)\s*")
_HEADER = re.compile(r"p\s+cnf\s+([0-9]{1,9})\s+([0-9]{1,9})\s*")
_NAMED = re.compile(r"c\s+[0-9]+\s+\S")


def read_dimacs(path: Path | str, *, id: str = "") -> ProductModel:  # noqa: A002 - the name that models have for it
    r"""Read a feature model from a DIMACS file (`p cnf`), as feature modelling tools export it.

    A comment `c 12 Engine` names variable 12; a variable without a name is called `feature 12`. Each clause becomes an
    `Excludes` of the opposite: `-1 2 0` forbids that 1 is there and 2 is not. A model with errors is read all the
    same; `compile` refuses it.

    Args:
        path: the file, at most `LARGEST_FILE` bytes.
        id: the name of the model; that of the file when empty.

    Raises:
        InvalidInput: the file is not DIMACS; the faults are listed with their lines, at most 100 of them.

    >>> import pathlib, tempfile
    >>> from salesmgmt.cpq.configure import read_dimacs
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "bike.dimacs"
    >>> _ = file.write_text("c 1 motor\nc 2 battery\np cnf 2 1\n-1 2 0\n")
    >>> bike = read_dimacs(file)
    >>> print(*bike.rules)
    clause 1: motor = yes, battery = no do not go together
    >>> bike.compile().start().choose("motor", "yes").domain("battery")
    ('yes',)
    """
    file = Path(path)
    reader = _Reader(file.name)
    for number, line in enumerate(_lines(file), 1):
        reader.read(number, line)
    return reader.model(id or file.stem)


def _lines(file: Path) -> list[str]:
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or "no file"
        raise InvalidInput(
            shorten(file.name), [Problem("the file", "unreadable", found, "a readable file")]
        ) from error
    if len(data) > LARGEST_FILE:
        problem = Problem("the file", "too_large", "a larger file", f"at most {LARGEST_FILE} bytes")
        raise InvalidInput(file.name, [problem])
    try:
        return data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        problem = Problem("the file", "encoding", f"byte {error.start} is not UTF-8", "a text in UTF-8")
        raise InvalidInput(file.name, [problem]) from error


class _Reader:
    """What was read of a file so far."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._names: dict[int, str] = {}
        self._known: dict[str, int] = {}
        self._sizes: tuple[int, int] | None = None
        self._clauses: list[tuple[int, ...]] = []
        self._open: list[int] = []
        self._is_over = False
        self._problems: list[Problem] = []

    def read(self, number: int, line: str) -> None:
        """Take one line."""
        words = line.split()
        if not words or self._is_over:
            return
        if words[0] == "%":  # how the files of SATLIB end
            self._is_over = True
            return
        if words[0] == "c":
            self._comment(number, line)
        elif words[0] == "p":
            self._header(number, line)
        elif self._sizes is None:
            self._note(
                number, "no_header", line, "the line 'p cnf VARIABLES CLAUSES' before the first clause"
            )
        else:
            self._literals(number, words)

    def model(self, id_: str) -> ProductModel:
        """The model, when every line was right."""
        if self._sizes is None:
            self._note(0, "no_header", None, "a line 'p cnf VARIABLES CLAUSES'")
        elif self._open:
            self._note(
                0, "open_clause", " ".join(map(str, self._open[:5])), "a 0 at the end of the last clause"
            )
        elif len(self._clauses) != self._sizes[1]:
            self._note(0, "clauses", f"{len(self._clauses)} clauses", f"{self._sizes[1]}, as the header says")
        if self._sizes is None or self._problems:
            raise InvalidInput(self._what, self._problems)
        names = [self._names.get(number) or f"feature {number}" for number in range(1, self._sizes[0] + 1)]
        return ProductModel(
            id=id_,
            attributes=tuple(YesNo(name) for name in names),
            rules=tuple(
                Excludes(
                    id=f"clause {number}",
                    combination={names[abs(one) - 1]: NO if one > 0 else YES for one in clause},
                )
                for number, clause in enumerate(self._clauses, 1)
                if {-one for one in clause}.isdisjoint(clause)  # else it is always true
            ),
        )

    def _comment(self, number: int, line: str) -> None:
        if not _NAMED.match(line):
            return
        found = _FEATURE.fullmatch(line)
        if found is None:
            self._note(number, "feature", line, "'c NUMBER NAME'")
            return
        feature, name = int(found[1]), found[2]
        if feature in self._names:
            self._note(number, "twice", f"a second name of variable {feature}", "one name for each variable")
        elif self._known.setdefault(name, feature) != feature:
            self._note(number, "twice", name, f"another name: variable {self._known[name]} has it")
        self._names[feature] = name

    def _header(self, number: int, line: str) -> None:
        found = _HEADER.fullmatch(line)
        if self._sizes is not None:
            self._note(number, "header", line, "one header")
        elif found is None:
            self._note(number, "header", line, "'p cnf VARIABLES CLAUSES'")
            self._sizes = (MOST_FEATURES, MOST_CLAUSES)
        else:
            self._sizes = (int(found[1]), int(found[2]))
            if not 1 <= self._sizes[0] <= MOST_FEATURES or self._sizes[1] > MOST_CLAUSES:
                wanted = f"1 to {MOST_FEATURES} variables and at most {MOST_CLAUSES} clauses"
                self._note(number, "too_large", line, wanted)
                raise InvalidInput(self._what, self._problems)
            beyond = [feature for feature in self._names if not 1 <= feature <= self._sizes[0]]
            if beyond:
                self._note(number, "feature", f"a name of variable {beyond[0]}", f"1 to {self._sizes[0]}")

    def _literals(self, number: int, words: list[str]) -> None:
        assert self._sizes is not None  # noqa: S101 - asked before
        for word in words:
            digits = word.removeprefix("-")
            if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
                self._note(number, "literal", word, "whole numbers, the last of them 0")
                return
            literal = int(word)
            if abs(literal) > self._sizes[0]:
                self._note(number, "literal", word, f"a variable from 1 to {self._sizes[0]}")
                return
            if literal:
                self._open.append(literal)
            elif self._open:
                self._clauses.append(tuple(self._open))
                self._open = []
            else:
                self._note(number, "empty_clause", "0", "at least one variable before it")

    def _note(self, number: int, code: str, found: str | None, wanted: str) -> None:
        where = f"line {number}" if number else "the file"
        self._problems.append(Problem(where, code, None if found is None else shorten(found), wanted))
        if len(self._problems) >= _MOST_PROBLEMS:
            raise InvalidInput(self._what, self._problems)
