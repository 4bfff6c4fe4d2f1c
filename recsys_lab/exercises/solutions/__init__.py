"""Solutions, and wrong answers with the mistake each must be told. The student build has neither.

A chapter is one file of code in cells. It is read, never imported: several cells define
the same name. See `recsys_lab.exercises` for the form.
"""

import importlib.resources
import re

from recsys_lab.exercises._result import Text

_CELL = re.compile(r"^# %% (\d+) (solution|wrong: (\w+))[ \t]*$", re.MULTILINE)


def solution(id):
    """The solution's source text."""
    from recsys_lab.exercises import _find

    chapter, _, number = _find(id).id.rpartition(".")
    return Text(next(source for n, _, source in cells(chapter) if n == int(number)))


def wrong_answers(id):
    """Pairs (mistake's name, source text), in the order of the file."""
    chapter, _, number = id.rpartition(".")
    return [(name, source) for n, name, source in cells(chapter) if n == int(number) and name]


def cells(chapter):
    """Triples (number, mistake's name or None for a solution, source text) of a chapter."""
    text = importlib.resources.files(__name__).joinpath(f"{chapter}.py").read_text(encoding="utf-8")
    _, *pieces = _CELL.split(text)
    return [
        (int(number), name, source.strip("\n"))
        for number, _, name, source in zip(*(pieces[i::4] for i in range(4)))
    ]
