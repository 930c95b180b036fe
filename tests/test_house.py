"""The house rules that a program can check."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import salesmgmt

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "salesmgmt").rglob("*.py"))
EMPTY_WORDS = {"utils", "helpers", "common", "misc", "manager", "managers"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_holds_one_concept(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
    assert path.stem not in EMPTY_WORDS


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_code_is_never_made_from_text(path: Path) -> None:
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert calls.isdisjoint({"eval", "exec", "compile", "__import__"})


def test_no_room_is_empty() -> None:
    rooms = {path.parent for path in SOURCES}

    assert [room for room in rooms if not any(room.glob("[a-z]*.py")) and len(list(room.iterdir())) < 2] == []


def test_importing_the_package_loads_no_submodule() -> None:
    program = "import sys, salesmgmt; print([name for name in sys.modules if name.startswith('salesmgmt.')])"

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "[]"


def test_every_public_name_of_the_package_loads() -> None:
    program = "import salesmgmt; print(len([getattr(salesmgmt, name) for name in salesmgmt.__all__]) > 5)"

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "True"


def test_the_lazy_names_of_the_package_are_those_that_type_checkers_see() -> None:
    tree = ast.parse((ROOT / "src" / "salesmgmt" / "__init__.py").read_text(encoding="utf-8"))

    imported = {
        (alias.name, node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("salesmgmt")
        for alias in node.names
    }

    assert imported == {(name, f"salesmgmt.core.{home}") for name, home in salesmgmt._HOMES.items()}
    assert sorted(salesmgmt._HOMES) == salesmgmt.__all__


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Monye'"):
        salesmgmt.Monye  # noqa: B018


def test_core_does_not_load_babel_before_a_word_is_printed() -> None:
    program = "import sys, salesmgmt; [getattr(salesmgmt, n) for n in salesmgmt.__all__]; print('babel' in sys.modules)"

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "False"
