"""Mark the files that students saved on the page "What you have solved".

    python -m recsys_lab.exercises.grade FOLDER > marks.csv

A row for each JSON file in the folder, a column for each exercise: 1 passed, 0 tried and not
passed, empty where nothing was handed in. What a file says of itself is not believed: every answer
is marked again, on Linux in a copy of this process that ends after a time limit. Elsewhere do it
only with answers that you have seen run, or in WSL: an endless loop would stop the marking.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

from recsys_lab.exercises import _apart, _page, list_exercises

SECONDS = 20.0  # for all that an answer does


def passes(id, source):
    """Does this text solve the exercise?"""
    request = {"do": "check", "id": id, "source": source, "rung": 0, "told": []}

    def mark():
        return json.loads(_page.reply(json.dumps(request)))["passed"]

    if not _apart.possible():
        return mark()
    return bool(_apart.run(mark, SECONDS)[0])


def marks(path):
    """``{exercise: True, False or None}`` of one file, and the name in it."""
    saved = json.loads(Path(path).read_text(encoding="utf-8"))
    answers = {one["id"]: one.get("answer") for one in saved["exercises"]}
    known = [exercise.id for exercise in list_exercises()]
    return saved.get("name") or "", {
        id: passes(id, answers[id]) if answers.get(id) else None for id in known
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m recsys_lab.exercises.grade",
        description="Mark the files that students saved from the book; writes a table (CSV).",
    )
    parser.add_argument("folder", help="with their JSON files")
    folder = Path(parser.parse_args(arguments).folder)
    files = sorted(folder.glob("*.json"))
    if not files:
        parser.exit(2, f"no JSON files in {folder}\n")
    known = [exercise.id for exercise in list_exercises()]
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["file", "name", "solved", *known])
    for path in files:
        try:
            name, given = marks(path)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            print(f"{path.name}: not a file saved by the book ({error})", file=sys.stderr)
            continue
        row = ["" if given[id] is None else int(given[id]) for id in known]
        table.writerow([path.name, name, sum(map(bool, given.values())), *row])


if __name__ == "__main__":
    main()
