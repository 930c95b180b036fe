"""`python -m tests.cases FILE_OR_FOLDER...` runs acceptance cases and prints a line for each."""

import sys
from pathlib import Path

from tests.cases.driver import report


def main() -> int:
    places = [Path(argument) for argument in sys.argv[1:]]
    if not places or not all(place.exists() for place in places):
        print("usage: python -m tests.cases FILE_OR_FOLDER...", file=sys.stderr)
        return 2
    counts, lines = report(places)
    print(*lines, sep="\n")
    print(f"{counts['pass']} passed, {counts['fail']} failed, {counts['unsupported']} unsupported")
    return 1 if counts["fail"] else 0


sys.exit(main())
