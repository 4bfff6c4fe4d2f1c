"""Print the notebooks to be tested, one a line; those without their data are named on stderr."""

import json
import sys
from pathlib import Path

from recsys_lab.data import load_movielens

BOOK = Path(__file__).resolve().parents[1] / "book"


def main():
    try:
        load_movielens(download=False)
        missing = None
    except OSError as reason:
        missing = reason
    for path in sorted(BOOK.glob("*.ipynb")):
        needs = json.loads(path.read_text())["metadata"].get("recsys_lab", {}).get("needs")
        if needs == "movielens" and missing:
            print(f"SKIPPED {path.name}: {missing}", file=sys.stderr)
        else:
            print(path.relative_to(BOOK.parent))


if __name__ == "__main__":
    main()
