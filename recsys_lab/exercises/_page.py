"""Run and mark source text inside a page of the website: text comes in, plain data goes out.

The page's web worker (``book/assets/exercise-worker.js``) calls `reply` and nothing else. What is
written at the top level of an answer runs here, between the same walls as an answer that is marked
but without a clock: the page has one, and ends the whole worker when it is up.

Nothing is remembered from one request to the next. How far up the ladder of hints a reader is comes
with each request and goes back with the reply, so that it outlives the worker.
"""

import ast
import contextlib
import json
import linecache
import sys
import traceback
import warnings
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from recsys_lab import exercises
from recsys_lab.exercises import _guard
from recsys_lab.exercises._values import kind_of

CELL = "<cell>"  # the file name of what the reader wrote
SHOWN = 20_000  # characters of output that are kept
LINES = 4  # of an error's way through the answer, the last few


def starter(exercise):
    """What the editor of an exercise holds at first: the notebook's cell without the marking."""
    source = exercise.starter.strip("\n")
    return "import numpy as np\n\n" + ("\n" if "def " in source else "") + source + "\n"


def reply(request, say=None):
    """Answer one request of the page, both in JSON.

    ``{"do": "run", "source": ...}`` gives ``printed``, ``value`` and ``error``, all text.
    ``{"do": "check", "id": ..., "source": ..., "rung": 0, "told": []}`` gives ``passed``,
    ``message``, ``hint``, ``printed``, and the new ``rung`` and ``told``. ``columns`` is true where
    the lines of the message belong under each other, and ``stumbled`` where this Python can no
    longer be trusted. ``say(text)`` hears what is printed meanwhile.
    """
    asked = json.loads(request)
    if asked["do"] == "run":
        done = _execute(asked["source"], say, warn=True)
        return json.dumps({"printed": done.printed, "value": done.value, "error": done.error})
    try:
        told = _mark(asked["id"], asked["source"], say, asked["rung"], asked["told"])
    except BaseException as trouble:  # what was run before may have broken anything
        told = {"passed": False, "message": kind_of(trouble), "hint": "", "stumbled": True}
    return json.dumps(told)


def _mark(id, source, say, rung, told):
    exercise = exercises._find(id)
    done = _execute(source, say)
    reply = {"passed": False, "message": done.error, "hint": "", "printed": done.printed}
    reply |= {"columns": True, "rung": rung, "told": told, "stumbled": False}
    name = exercise.answer_name
    if done.error:
        return reply
    if name not in done.namespace:
        reply["message"] = f"Nothing here is called {name}, and that is what is marked."
        reply["hint"] = "Keep the name that the starter gives to the answer."
        return reply
    exercises._rungs[id], exercises._told[id] = rung, set(told)
    try:
        result = exercises.check(id, done.namespace[name])
    except KeyboardInterrupt:  # a page has no Ctrl-C: this is the answer's own
        result = exercises.Result(
            id, False, "It raised KeyboardInterrupt.", exercises.GENERAL["error"]
        )
    return reply | {
        "passed": result.passed,
        "message": result.message,
        "columns": not isinstance(exercise, exercises.Function),
        "hint": result.hint,
        "printed": done.printed + result.printed,
        "rung": exercises._rungs[id],
        "told": sorted(exercises._told[id]),
        "stumbled": result.message.startswith(exercises.STUMBLED),
    }


@dataclass
class _Done:
    """What running a text gave."""

    namespace: dict = field(default_factory=lambda: {"__name__": "__main__"})
    printed: str = ""
    value: str = ""
    error: str = ""


def _execute(source, say=None, warn=False):
    """Run a text from top to bottom, in a namespace of its own."""
    linecache.cache[CELL] = (len(source), None, source.splitlines(keepends=True), CELL)
    done = _Done()
    output = _Live(say)
    with _guard._Quarantine(output) as quarantine:
        if warn:
            np.seterr(divide="warn", over="warn", invalid="warn")
            warnings.simplefilter("default")
            warnings.showwarning = _warn
        error = None
        try:
            value = _run_cell(source, done.namespace)
            done.value = "" if value is None else _cut(repr(value))
        except BaseException as caught:  # an exit, too, ends the answer and not the worker
            error = caught
        for off in (_guard._set_profile, _guard._set_trace) * 2:
            try:  # written out: a trace function left behind would bite any call of ours, once
                off(None)
            except BaseException:
                pass
        quarantine.restore()
        if error is not None:
            done.error = _explain(error)
    done.printed = output.text()
    return done


def _run_cell(source, namespace):
    """Like a cell of a notebook: the value of a last line that is an expression."""
    *body, last = ast.parse(source, CELL).body or [ast.Pass(lineno=1, col_offset=0)]
    if not isinstance(last, ast.Expr):
        body.append(last)
    exec(compile(ast.Module(body, []), CELL, "exec"), namespace)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), CELL, "eval"), namespace)
    return None


def _warn(message, category, filename, lineno, file=None, line=None):
    where = f" (line {lineno})" if filename == CELL else ""
    sys.stdout.write(f"{category.__name__}: {message}{where}\n")


def _explain(error):
    """An error in the reader's own lines: where, and what."""
    steps = traceback.extract_tb(error.__traceback__)
    steps = [step for step in steps if step.filename == CELL and step.lineno]
    lines = [f"line {step.lineno}:  {(step.line or '')[:120]}\n" for step in steps[-LINES:]]
    try:  # the text of an exception is written by its author
        told = traceback.TracebackException.from_exception(error).format_exception_only()
        told = "".join(told).replace(f'  File "{CELL}", line', "line").splitlines()
        lines += [_cut(line, 200) + "\n" for line in told]
    except BaseException:
        lines.append(kind_of(error))
    return _cut("".join(lines).rstrip(), 2_000)


def _cut(text, length=SHOWN):
    cut = len(text) - length
    return text if cut <= 0 else f"{text[:length]} ... and {cut:,} characters more"


class _Live(_guard._Output):
    """Output that somebody hears while it is written, a few times a second."""

    def __init__(self, say):
        super().__init__(SHOWN)
        self.say, self.heard, self.at = say, 0, perf_counter()

    def write(self, text):
        written = super().write(text)
        if self.say and perf_counter() - self.at > 0.2:
            with contextlib.suppress(Exception):
                self.say(self.kept[self.heard :])
            self.heard, self.at = len(self.kept), perf_counter()
        return written
