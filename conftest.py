"""Run every code block of README, docs and docstrings as a test; hypothesis profiles."""

import os
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

_DOCTEST_OPTIONS = ELLIPSIS | NORMALIZE_WHITESPACE

# Written out, because `**` in `Path.match` stands for one folder only before Python 3.13.
_FOLDERS = ["*/" * depth for depth in range(1, 8)]

pytest_collect_file = (
    Sybil(
        parsers=[PythonCodeBlockParser(doctest_optionflags=_DOCTEST_OPTIONS), SkipParser()],
        patterns=["README.md", "docs/*.md", *[f"docs/{folders}*.md" for folders in _FOLDERS]],
    )
    + Sybil(
        parsers=[DocTestParser(optionflags=_DOCTEST_OPTIONS)],
        patterns=[f"src/{folders}*.py" for folders in _FOLDERS],
    )
).pytest()

# CI runs the same examples every time; `HYPOTHESIS_PROFILE=nightly` searches further with new seeds.
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

ROOT = Path(__file__).parent
