"""What `from salesmgmt import Money` costs against `import attrs`, each in a fresh interpreter.

Runs of the two are interleaved; the bare interpreter is measured with them and taken off. The goal is at most 1.2.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from benchmarks._peers import versions

_RUNS = 21
_STATEMENTS = {"nothing": "pass", "attrs": "import attrs", "salesmgmt": "from salesmgmt import Money"}


def main() -> None:
    print(versions())
    runs: dict[str, list[float]] = {name: [] for name in _STATEMENTS}
    for _ in range(_RUNS):
        for name, statement in _STATEMENTS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-I", "-c", statement], check=True)
            runs[name].append((time.perf_counter() - start) * 1e3)
    cost = {name: median(times) for name, times in runs.items()}
    for name, milliseconds in cost.items():
        print(f"{_STATEMENTS[name]:<30}{milliseconds:8.1f} ms")
    whole = cost["salesmgmt"] / cost["attrs"]
    added = (cost["salesmgmt"] - cost["nothing"]) / (cost["attrs"] - cost["nothing"])
    print(f"ratio {whole:.2f} with the interpreter, {added:.2f} without it")


if __name__ == "__main__":
    main()
