"""The code that a user reads first passes the type checker as it stands."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *(ROOT / "docs" / "cpq" / name for name in ("configure.md", "pricing.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def script_of(page: str) -> str:
    """The code of a page as one script; examples that show an error are left out."""
    parts = []
    for block in BLOCK.findall(page):
        examples = doctest.DocTestParser().get_examples(block)
        parts += [example.source for example in examples if example.exc_msg is None] if examples else [block]
    return "\n".join(parts)


@pytest.fixture(name="scripts", scope="module")
def _scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for page in PAGES:
        code = script_of(page.read_text(encoding="utf-8"))
        if code.strip():
            name = "_".join(page.relative_to(ROOT).with_suffix("").parts).replace("-", "_").lower()
            (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return folder


def test_every_page_passes_the_type_checker(scripts: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "", "--python-version", "3.11", str(scripts)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert checked.returncode == 0, checked.stdout
