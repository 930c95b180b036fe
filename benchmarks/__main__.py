"""Run every benchmark, or those that are named: `python -m benchmarks formula`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter


def main(names: list[str]) -> None:
    known = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if not file.stem.startswith("_"))
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; the benchmarks are {', '.join(known)}")
    for name in names or known:
        print(f"== {name}")
        began = perf_counter()
        import_module(f"benchmarks.{name}").main()
        print(f"({perf_counter() - began:.0f} s)\n")


if __name__ == "__main__":
    main(sys.argv[1:])
