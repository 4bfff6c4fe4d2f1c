"""Answers as a reader hands them in: source text, run as a cell is run."""

import ast
import linecache

import pytest

from recsys_lab import exercises
from recsys_lab.exercises import _apart, _guard


@pytest.fixture(autouse=True)
def fresh_hints():
    """Each test meets the first rung of every ladder."""
    exercises._rungs.clear()
    exercises._told.clear()


@pytest.fixture(params=["apart", "alarm", "tracer"])
def mode(request, monkeypatch):
    """The three places in which an answer is marked: a copy of the process, as on Linux; here, with
    timer signals, as on a Mac; here, without signals, as in the browser."""
    if request.param != "apart":
        monkeypatch.setattr(_apart, "possible", lambda: False)
    if request.param == "tracer":
        monkeypatch.setattr(_guard, "_alarms_reach_us", lambda: False)
    return request.param


@pytest.fixture
def here(monkeypatch):
    """Mark in this process, which is quicker."""
    monkeypatch.setattr(_apart, "possible", lambda: False)


@pytest.fixture
def run_cell():
    return _run_cell


def _run_cell(source, namespace=None):
    """Run a cell as Jupyter does: the value of its last expression, with its lines to be seen."""
    name = "<cell>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    tree = ast.parse(source)
    *body, last = tree.body
    namespace = {"__name__": "__main__"} if namespace is None else namespace
    exec(compile(ast.Module(body, []), name, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), name, "eval"), namespace)
