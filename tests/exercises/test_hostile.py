"""Nothing that is handed in breaks the session, whatever it does."""

import builtins
import contextlib
import os
import resource
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hostile import FATAL, HOSTILE

from recsys_lab.exercises import _guard, check, list_exercises
from recsys_lab.exercises.solutions import solution

RANK_BY = list_exercises("similarity")[1]


@pytest.fixture
def hurry(monkeypatch):
    monkeypatch.setattr(RANK_BY, "time_limit", 0.3)


@pytest.fixture(autouse=True)
def session_is_as_before():
    """The state of this process, compared before and after."""

    def state():
        return {
            "streams": (sys.stdin, sys.stdout, sys.stderr, sys.unraisablehook),
            "built-ins": {**vars(builtins)},
            "numpy": {**vars(np)},
            "errors": np.geterr(),
            "filters": list(warnings.filters),
            "alarm": (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)),
            "trace": sys.gettrace(),
            "recursion": sys.getrecursionlimit(),
            "clock": time.perf_counter,
            "memory": resource.getrlimit(resource.RLIMIT_AS),
        }

    before = state()
    yield
    after = state()
    for what, was in before.items():
        if isinstance(was, dict):
            assert [key for key in was if after[what].get(key) is not was[key]] in ([], ["_"]), what
        else:
            assert after[what] == was, what


def defined(body):
    namespace = {"np": np}
    exec(compile(f"def rank_by(q, X, how):\n    {body.lstrip()}", "<hostile>", "exec"), namespace)
    return namespace["rank_by"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_function_is_answered_in_words(name, mode, hurry):
    body, told = HOSTILE[name]
    if name == "tracing of its own":
        told = ""  # in the browser it switches off our clock, elsewhere only its own
    start = time.perf_counter()
    result = check("similarity.2", defined(body))
    assert time.perf_counter() - start < 5
    assert not result.passed
    assert told in repr(result)
    assert result.hint
    assert len(repr(result)) < 5_000


def test_there_are_more_than_thirty_kinds():
    assert len(HOSTILE) > 30


@pytest.mark.parametrize(
    "name", ["NumPy overwritten", "built-ins overwritten", "endless recursion", "an endless loop"]
)
def test_after_a_hostile_answer_a_right_one_still_passes(name, mode, run_cell, monkeypatch):
    with monkeypatch.context() as hurried:
        hurried.setattr(RANK_BY, "time_limit", 0.3)
        assert not check("similarity.2", defined(HOSTILE[name][0])).passed
    assert run_cell(RANK_BY.cell(solution("similarity.2"))).passed


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "Nothing in rank_by yet"),
        (..., "Nothing in rank_by yet"),
        (3, "no function but a value"),
        ("rank_by", "no function but a value"),
        (np.arange(3), "no function but a value"),
        (type("Order", (), {"__init__": lambda self, q, X, how: None}), "a class"),
        (int, "a class"),
        (lambda: [0], "takes 0 positional arguments but 3 were given"),
        (lambda q, X: [0], "takes 2 positional arguments but 3 were given"),
        (lambda q, X, how, more: [0], "missing 1 required positional argument: 'more'"),
        (lambda q, X, how: X @ q, "it returned"),
        (sorted, "Calling rank_by(q, X, how) failed"),
        (print, "it returned None"),
        (input, "Calling rank_by(q, X, how) failed"),
        (exit, "Calling rank_by(q, X, how) failed"),
    ],
)
def test_what_is_no_function_of_three_arguments_is_answered_in_words(answer, told, here):
    result = check("similarity.2", answer)
    assert not result.passed
    assert told in result.message


def test_an_object_that_lies_to_every_question_is_not_believed(here):
    class Liar:
        def __getattribute__(self, name):
            raise SystemExit(name)

        def __call__(self, *args):
            return self

        def __eq__(self, other):
            return True

    for id in ("similarity.1", "similarity.2", "similarity.3", "similarity.4"):
        assert not check(id, Liar()).passed


@pytest.mark.parametrize(
    "answer",
    [
        float("nan"),
        float("inf"),
        "0.1245",
        [0.1245],
        (0.1245, 0.1245),
        {"alpha": 0.1245},
        0.1245 + 1j,
        True,
        10**400,
        iter([0.1245]),
        lambda: 0.1245,
        np.full(10**6, 0.1245),
        type("Liar", (), {"__array__": lambda self, *a, **k: np.array(0.1245)})(),
        type("Liar", (), {"__float__": lambda self: 0.1245, "__eq__": lambda *a: True})(),
        type("Liar", (float,), {"__eq__": lambda *a: True, "__float__": lambda self: 0.1245})(7),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_a_wrong_form_is_answered_in_words(answer, here):
    result = check("similarity.4", answer)
    assert not result.passed
    assert len(result.message) < 1_000


def test_names_that_the_reader_reused_do_not_matter(mode, run_cell):
    namespace = {"__name__": "__main__", "len": 3, "sum": None, "check": "nothing"}
    assert run_cell(RANK_BY.cell(solution("similarity.2")), namespace).passed
    source = RANK_BY.cell("np = 3\n" + solution("similarity.2"))
    result = run_cell(source)
    assert "AttributeError: 'int' object has no attribute" in result.message


def test_an_array_that_is_kept_and_changed_later_changes_nothing(mode):
    kept = []

    def rank_by(q, X, how):
        for array in kept:
            array[:] = 0
        scores = {
            "dot": X @ q,
            "euclidean": -np.linalg.norm(X - q, axis=1),
            "cosine": X @ q / np.maximum(np.linalg.norm(X, axis=1), 1e-12),
        }[how]
        kept.extend([X, q])
        return np.argsort(-scores, kind="stable")

    assert check("similarity.2", rank_by).passed


def test_an_answer_cannot_find_what_is_expected_in_the_frames_around_it(here):
    def rank_by(q, X, how):
        frame = sys._getframe(1)
        while frame is not None:
            for name in ("want", "expected"):
                if isinstance(frame.f_locals.get(name), np.ndarray):
                    return frame.f_locals[name]
            frame = frame.f_back

    assert not check("similarity.2", rank_by).passed


@pytest.mark.parametrize("name", FATAL)
def test_what_would_end_the_session_ends_a_copy_of_it(name, hurry, monkeypatch, capfd):
    monkeypatch.setattr("recsys_lab.exercises._apart.TIDYING", 0.5)
    if name == "a list without end":
        monkeypatch.setattr("recsys_lab.exercises._apart.TIDYING", 20.0)
        monkeypatch.setattr(_guard, "MEMORY", 2**26)
    body, told = FATAL[name]
    result = check("similarity.2", defined(body))
    assert not result.passed
    assert told in result.message
    assert result.hint
    assert capfd.readouterr() == ("", "")


def test_what_an_answer_has_started_ends_with_it(hurry, tmp_path):
    note = tmp_path / "pid"
    start = "import subprocess\n    child = subprocess.Popen(['sleep', '60'])\n"
    check("similarity.2", defined(f"{start}    open({str(note)!r}, 'w').write(str(child.pid))"))
    status = Path(f"/proc/{note.read_text()}/stat")
    for _ in range(500):  # a machine busy with its disk ends a process late
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if status.read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return
    pytest.fail("a process that the answer started is still running")


def test_the_keyboard_of_jupyter_is_not_asked(here, monkeypatch):
    monkeypatch.setattr(builtins, "input", lambda prompt="": pytest.fail("the reader was asked"))
    result = check("similarity.2", defined("return input('What now?')"))
    assert "EOFError: an answer is marked without a keyboard" in result.message


def test_no_copy_of_the_process_is_left_behind(hurry):
    check("similarity.2", defined("return [0]"))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_where_no_process_is_granted_an_answer_is_marked_here(monkeypatch, run_cell):
    def refuse():
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr("os.fork", refuse)
    assert run_cell(RANK_BY.cell(solution("similarity.2"))).passed


def test_an_answer_is_marked_in_another_thread_too(run_cell):
    results = []

    def work():
        results.append(run_cell(RANK_BY.cell(solution("similarity.2"))))
        results.append(check("similarity.2", defined("return [0]")))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [result.passed for result in results] == [True, False]


@pytest.mark.parametrize("place", ["apart", "here"])
def test_ctrl_c_of_the_reader_ends_the_marking_and_leaves_the_session_whole(place, monkeypatch):
    if place == "here":
        monkeypatch.setattr("recsys_lab.exercises._apart.possible", lambda: False)
    presses = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        presses.start()
        with pytest.raises(KeyboardInterrupt):
            check("similarity.2", defined("while True: pass"))
    finally:
        presses.join()
        signal.signal(signal.SIGINT, handler)
    assert not check("similarity.2", None).passed


def test_a_timer_of_somebody_else_is_set_again(here):
    rings = []
    handler = signal.signal(signal.SIGALRM, lambda *_: rings.append(1))
    signal.setitimer(signal.ITIMER_REAL, 100)
    try:
        check("similarity.2", defined("return [0]"))
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 90 < left <= 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
    assert not rings


def test_a_checker_that_stumbles_says_so_and_does_not_raise(monkeypatch, here):
    monkeypatch.setattr(RANK_BY, "cases", lambda: 1 / 0)
    result = check("similarity.2", defined("return [0]"))
    assert not result.passed
    assert "stumbled" in result.message
    assert "ZeroDivisionError" in result.message
