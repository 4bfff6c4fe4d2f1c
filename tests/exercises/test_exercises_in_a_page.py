"""What the page's Python answers: text in, plain data out, whatever the text does."""

import json
import sys

import pytest
from hostile import HOSTILE

from recsys_lab import exercises
from recsys_lab.exercises import _page, list_exercises
from recsys_lab.exercises.solutions import solution, wrong_answers

EXERCISES = {exercise.id: exercise for exercise in list_exercises()}
RANK_BY = EXERCISES["similarity.2"]
each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=list(EXERCISES))

# What a reader may write at the top level, where no function is marked yet.
RUDE = {
    "an exit": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "a question": ("input('What now?')", "EOFError: an answer is marked without a keyboard"),
    "text that is no Python": ("def rank_by(q, X how):", "SyntaxError: invalid syntax"),
    "an open bracket": ("x = (1,", "line 1\n    x = (1,\n        ^\nSyntaxError"),
    "a null character": ("x = 1\0", "null bytes"),
    "brackets without end": ("(" * 10_000, "Error"),
    "a misspelt name": ("scores = 1\nscore", "name 'score' is not defined"),
    "endless recursion": ("def f(): return f()\nf()", "RecursionError"),
    "a lie for an error": (
        "class Bad(Exception):\n    def __str__(self): raise SystemExit\nraise Bad",
        "Bad",
    ),
    "a value that cannot be shown": (
        "class Shy:\n    def __repr__(self): raise SystemExit\nShy()",
        "SystemExit",
    ),
    "tracing": ("import sys; sys.settrace(lambda *a: 1 / 0)\ndef f(): pass\nf()", "ZeroDivision"),
    "profiling": ("import sys; sys.setprofile(lambda *a: 1 / 0)\nlen([])", "ZeroDivision"),
    "built-ins overwritten": (
        "import builtins as b; b.len = b.str = b.type = b.isinstance = None\nb.abs([])",
        "TypeError",
    ),
    "NumPy overwritten": ("import numpy as np; np.array = np.dtype = None\n1 / 0", "ZeroDivision"),
    "a keyboard interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
}


@pytest.fixture(autouse=True)
def in_the_browser(monkeypatch):
    """As there: in this process, the clock looked at line by line."""
    monkeypatch.setattr("recsys_lab.exercises._apart.possible", lambda: False)
    monkeypatch.setattr("recsys_lab.exercises._guard._alarms_reach_us", lambda: False)


def run(source, say=None):
    return json.loads(_page.reply(json.dumps({"do": "run", "source": source}), say))


def check(id, source, rung=0, told=()):
    request = {"do": "check", "id": id, "source": source, "rung": rung, "told": list(told)}
    return json.loads(_page.reply(json.dumps(request)))


@each_exercise
def test_the_starter_runs_and_is_told_what_is_missing(exercise):
    assert run(_page.starter(exercise))["error"] == ""
    reply = check(exercise.id, _page.starter(exercise))
    assert not reply["passed"]
    assert reply["message"] and reply["hint"]


@each_exercise
def test_a_solution_passes_and_a_wrong_answer_is_told_the_same_as_in_a_notebook(exercise):
    head = "import numpy as np\n"
    assert check(exercise.id, head + solution(exercise.id))["passed"]
    _, wrong = wrong_answers(exercise.id)[0]
    reply = check(exercise.id, head + wrong)
    namespace = {}
    exec(head + wrong, namespace)
    result = exercises.check(exercise.id, namespace[exercise.answer_name])
    assert (reply["passed"], reply["message"]) == (False, result.message)


def test_a_cell_of_the_notebook_may_be_pasted_whole():
    assert check("similarity.2", RANK_BY.cell(solution("similarity.2")))["passed"]


@pytest.mark.parametrize("name", RUDE)
def test_what_goes_wrong_at_the_top_is_told_in_words_and_breaks_nothing(name):
    source, told = RUDE[name]
    assert told in run(source)["error"]
    reply = check("similarity.2", source)
    assert not reply["passed"]
    assert told in reply["message"]
    assert sys.gettrace() is None and sys.getprofile() is None
    assert check("similarity.2", "import numpy as np\n" + solution("similarity.2"))["passed"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_told_in_words(name, monkeypatch):
    monkeypatch.setattr(RANK_BY, "time_limit", 0.1)
    body, _ = HOSTILE[name]
    source = f"import numpy as np\ndef rank_by(q, X, how):\n    {body.lstrip()}"
    reply = check("similarity.2", source)
    assert not reply["passed"]
    assert reply["message"] and reply["hint"]


def test_what_is_printed_and_the_value_of_the_last_line_are_shown():
    reply = run("import numpy as np\nprint('one')\nnp.arange(3)")
    assert reply == {"printed": "one\n", "value": "array([0, 1, 2])", "error": ""}
    assert run("x = 3") == {"printed": "", "value": "", "error": ""}
    assert run("") == {"printed": "", "value": "", "error": ""}


def test_an_error_names_the_lines_that_led_to_it():
    error = run("def f(x):\n    return 1 / x\n\nf(0)")["error"]
    assert error == "line 4:  f(0)\nline 2:  return 1 / x\nZeroDivisionError: division by zero"


def test_a_warning_of_numpy_is_shown_with_its_line():
    printed = run("import numpy as np\nx = np.array([0.0]) / 0")["printed"]
    assert printed == "RuntimeWarning: invalid value encountered in divide (line 2)\n"


def test_long_output_is_cut_and_heard_meanwhile():
    heard = []
    reply = run(
        "import time\nfor _ in range(5):\n    time.sleep(0.1)\n    print('x')", heard.append
    )
    assert "".join(heard) and "x\nx\nx\nx\nx\n".startswith("".join(heard))
    assert reply["printed"] == "x\n" * 5
    assert len(run("print('x' * 10**6)\n'y' * 10**6")["printed"]) < 21_000


def test_a_missing_name_is_asked_for():
    reply = check("similarity.4", "beta = 1")
    assert reply["message"] == "Nothing here is called alpha, and that is what is marked."


def test_the_ladder_of_hints_is_carried_by_the_page():
    exercises._rungs["similarity.4"], exercises._told["similarity.4"] = 9, {"value"}
    reply = check("similarity.4", "alpha = 3")
    assert reply["hint"].startswith("Hint 1 of") and reply["rung"] == 1
    reply = check("similarity.4", "alpha = 3", reply["rung"], reply["told"])
    assert reply["hint"].startswith("Hint 2 of") and reply["rung"] == 2


@pytest.mark.parametrize("name", ["np.argsort", "exercises.check", "exercises._find"])
def test_a_python_that_was_broken_says_so(name, monkeypatch):
    source = "import numpy as np\n" + solution("similarity.2")
    monkeypatch.setattr(eval(name.rpartition(".")[0], vars(_page)), name.rpartition(".")[2], None)
    reply = check("similarity.2", source)
    assert not reply["passed"]
    assert reply["stumbled"] or "NoneType" in reply["message"]
