"""Exercises that mark themselves.

>>> from recsys_lab.exercises import check, hint, list_exercises
>>> list_exercises("similarity")      # what there is
>>> check("similarity.1", answer)     # marks an answer: a value, or a function without brackets
>>> hint("similarity.1")              # the next hint
>>> solution("similarity.1")          # not in the student build

How to add an exercise in five minutes
--------------------------------------
A chapter's exercises are two files. The first, ``recsys_lab/exercises/<chapter>.py``, holds a
list ``EXERCISES``; the place in the list gives the number, so add at the end::

    from recsys_lab.exercises import Function, Mistake, Value

    double = Function(
        title="Twice as much",
        task="Write `double(x)`, which returns an array with every number doubled.",
        starter='''
    def double(x):
        \"\"\"Twice each number of x.\"\"\"
        ...
    ''',
        cases=lambda: [(np.array([1.0, 2.0]),), (np.random.default_rng(0).normal(size=5),)],
        expected=lambda x: x + x,
        mistakes=[
            Mistake("square", lambda seen, want, x: np.allclose(seen, x**2), "That is x · x."),
        ],
        hints=["Which operation makes 2 of 1, and 4 of 2?", "An array can be multiplied at once."],
        why_it_matters="An array operation is written once and runs for all numbers.",
    )
    EXERCISES = [double]

The second, ``recsys_lab/exercises/solutions/<chapter>.py``, holds code in cells: for each number
one solution, and at least three wrong answers with the name of the mistake each must be told (one
of the exercise's own, or one of ``recsys_lab.exercises.GENERAL``)::

    # %% 1 solution
    def double(x):
        return 2 * x

    # %% 1 wrong: square
    def double(x):
        return x * x

Then ``pytest tests/exercises -k <chapter>`` proves that the starter fails, the solution passes and
each wrong answer gets its hint; ``python -m recsys_lab.exercises.sync book/<chapter>.ipynb`` puts
tasks, starters and folded solutions into the chapter. There is nothing else to register.

Which kind? `Value` for something worked out by hand, `Function` for something to implement,
`Search` for something to find, such as an input that breaks a method; their docstrings say what
each needs. An exercise may import algorithms and ``recsys_lab.data``, never figures. Make it so
that only NumPy is needed and marking takes under a second.

Words: short, kind, concrete. A hint says what to look at or try, never that something is easy.
``why_it_matters`` is the reward: the consequence in a real system, with a number if there is one.

The student build
-----------------
is the package without the folder ``solutions``. Nothing else names a solution, and the function
`solution` lives there too. So let ``expected`` work its value out, and let it call the algorithm
of the book or take another way than the solution.

What an answer may do
---------------------
Anything: raise, loop, print, write to its input, exit, lie about being equal. On Linux an answer is
marked in a copy of the process, which ends with it; elsewhere, and in the browser, behind
a time limit in the session itself. See `recsys_lab.exercises._apart` and `._guard`.
"""

import importlib
import pkgutil
from dataclasses import asdict

from recsys_lab.exercises import _apart
from recsys_lab.exercises._kinds import (
    GENERAL,
    Exercise,
    Function,
    Mistake,
    Property,
    Search,
    Value,
    Verdict,
)
from recsys_lab.exercises._result import Result, Text

__all__ = [
    "GENERAL",
    "Exercise",
    "Function",
    "Mistake",
    "Property",
    "Result",
    "Search",
    "Value",
    "check",
    "hint",
    "list_exercises",
]

try:
    from recsys_lab.exercises.solutions import solution
except ModuleNotFoundError as missing:
    if missing.name != f"{__name__}.solutions":
        raise  # otherwise this is the student build
else:
    __all__ += ["solution"]

# The order of the book; a chapter that is not named here comes after those that are.
_BOOK = (
    "pipeline similarity content_based collaborative_filtering matrix_factorization folding "
    "deep_models retrieval scoring reranking factorization_machines evaluation end_to_end"
).split()
_TOOLS = ("grade", "nbgrader", "sync")
STUMBLED = "The marking itself stumbled over this answer"
_rungs = {}  # id -> how many hints of the ladder were shown
_told = {}  # id -> mistakes whose hint was shown
_marking = []  # the id that is being marked


def check(id, answer):
    """Mark an answer.

    Parameters
    ----------
    id : str
        Such as "similarity.2".
    answer
        What the exercise asks for; a function is handed in without brackets.

    Returns
    -------
    Result
        With ``passed``, ``message`` (why it matters, or what was seen and expected on the smallest
        failing input), ``hint``, and ``printed``. A Result is true when passed. The hint grows
        with each wrong attempt. Whatever the answer does, a Result comes back; only the reader's
        own Ctrl-C passes through.

    Raises
    ------
    ValueError
        For an id that does not exist.
    """
    exercise = _find(id)
    if _marking:
        raise RuntimeError(f"{_marking[0]} is being marked: call check outside of the answer")
    _marking.append(exercise.id)
    try:
        verdict = _mark(exercise, answer)
    finally:
        _marking.clear()
    if verdict.passed:
        return Result(id, True, verdict.message, printed=verdict.printed)
    return Result(id, False, verdict.message, _next_hint(exercise, verdict), verdict.printed)


def hint(id):
    """The next hint of the ladder; after the last one, the last again."""
    exercise = _find(id)
    rung = min(_rungs.get(id, 0), len(exercise.hints) - 1)
    _rungs[id] = rung + 1
    return Text(f"Hint {rung + 1} of {len(exercise.hints)}: {exercise.hints[rung]}")


def list_exercises(chapter=None):
    """All exercises in the order of the book, or those of one chapter."""
    chapters = _chapters()
    if chapter is not None:
        if chapter not in chapters:
            raise ValueError(
                f"no chapter {chapter!r} has exercises; there are {', '.join(chapters)}"
            )
        chapters = [chapter]
    return [exercise for name in chapters for exercise in _load(name)]


def _chapters():
    names = [
        module.name
        for module in pkgutil.iter_modules(__path__)
        if not module.ispkg and not module.name.startswith("_") and module.name not in _TOOLS
    ]
    return sorted(names, key=lambda name: (_BOOK.index(name) if name in _BOOK else 99, name))


def _load(chapter):
    exercises = importlib.import_module(f"{__name__}.{chapter}").EXERCISES
    for number, exercise in enumerate(exercises, 1):
        exercise.id = f"{chapter}.{number}"
    return exercises


def _find(id):
    if not isinstance(id, str):
        raise ValueError(
            f"the first argument is the id of the exercise, such as 'similarity.1', "
            f"got {type(id).__name__}"
        )
    chapter = id.rpartition(".")[0]
    if chapter in _chapters():
        exercises = _load(chapter)
        for exercise in exercises:
            if exercise.id == id:
                return exercise
        there_are = f"this chapter has {exercises[0].id} to {exercises[-1].id}"
    else:
        there_are = f"there are {', '.join(f'{name}.1' for name in _chapters())} and on"
    raise ValueError(f"no exercise is called {id!r}; {there_are}")


def _mark(exercise, answer):
    if _apart.possible():
        try:
            found, trouble = _apart.run(lambda: _mark_apart(exercise, answer), exercise.time_limit)
        except OSError:  # no room for another process: mark it here
            pass
        else:
            return Verdict(**found) if found else exercise.could_not_be_marked(trouble)
    return _mark_here(exercise, answer)


def _mark_apart(exercise, answer):
    try:
        return asdict(_mark_here(exercise, answer))
    except KeyboardInterrupt:  # the copy hears no Ctrl-C, so this is the answer's own
        return asdict(Verdict(False, "It raised KeyboardInterrupt.", "error", GENERAL["error"]))


def _mark_here(exercise, answer):
    try:
        return exercise.mark(answer)
    except Exception as error:  # a checker that stumbles is our fault, and no reason to stop
        return Verdict(
            False,
            f"{STUMBLED} ({type(error).__name__}: {error}). "
            f"If NumPy or a built-in name was given a new meaning, restart the kernel.",
            "stumbled",
        )


def _next_hint(exercise, verdict):
    """The hint for the mistake; where it was told before, or there is none, one rung more."""
    if verdict.mistake in ("unanswered", "none", "stumbled"):
        return verdict.hint
    told = _told.setdefault(exercise.id, set())
    hints = [verdict.hint] if verdict.hint else []
    if verdict.mistake in told or not hints:
        hints.append(str(hint(exercise.id)))
    told.add(verdict.mistake)
    return "\n".join(hints)
