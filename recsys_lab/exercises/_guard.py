"""Run somebody else's function so that nothing it does can hurt the session.

One call gets fresh copies of its arguments, a time limit, a memory limit, an output that is kept
short and an empty keyboard; whatever it raises is caught, and NumPy, the built-ins, warnings and
error states are as before when it is over. Only the reader's own Ctrl-C passes through.

The time limit has two mechanisms. On the main thread of a POSIX system a timer signal raises an
exception in the running code, and goes on doing so until that code is left, because an answer may
catch it. Where there are no timer signals (Windows, Pyodide in a web worker, other threads)
`sys.settrace` looks at the clock at every line. Neither can end a single call into C that never
comes back, such as ``sum(range(10**12))``: `recsys_lab.exercises._apart` can, and so can a page,
which ends its web worker.
"""

import builtins
import contextlib
import copy
import io
import linecache
import os
import signal
import sys
import threading
import time
import warnings
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from recsys_lab.exercises._values import NotPlain, kind_of, plain

MEMORY = 2 * 2**30  # bytes that an answer may claim on top of what the session has
PRINTED = 2_000  # characters of its output that are kept
_NUMPY = os.path.dirname(np.__file__)
# By names that an answer does not reach when it gives things a new meaning.
_set_timer = getattr(signal, "setitimer", None)
_set_trace, _set_profile = sys.settrace, sys.setprofile
_TREASURED = (builtins, sys, time, signal, np, np.linalg, np.random)  # may be overwritten


class TimeUp(BaseException):
    """Raised inside the answer; no Exception, so that ``except Exception`` does not hold it up."""

    tracer = None

    def __del__(self):
        # Python stops tracing when a trace function raises. Where the answer swallowed the
        # exception, this is the moment at which it is thrown away, and the clock starts again.
        if TimeUp.tracer is not None and TimeUp.tracer.armed:
            TimeUp.tracer.watch(sys._getframe(1))


@dataclass
class Outcome:
    """What one call gave: a plain ``value``, or a ``trouble`` and what it ``says``."""

    value: object = None
    trouble: str = ""  # "arguments", "error", "slow", "type"
    says: str = ""
    hint: str = ""
    printed: str = ""
    changed: tuple = ()  # positions of the arguments that were written to


class Guard:
    """Calls functions, and gives all calls together ``seconds`` of time."""

    def __init__(self, seconds):
        self.seconds = self.left = seconds

    def call(self, function, *args):
        """``function(*args)`` on copies of ``args``, as an `Outcome`."""
        mine = copy.deepcopy(args)
        with _Quarantine() as self.quarantine:
            outcome = self._call(function, mine)
        outcome.printed = self.quarantine.output.text()
        outcome.changed = tuple(i for i, arg in enumerate(args) if _changed(arg, mine[i]))
        return outcome

    def _call(self, function, args):
        try:
            return Outcome(self._timed(plain, self._timed(function, *args)))
        except TimeUp:
            return Outcome(trouble="slow", says=f"it was not done after {self.seconds:g} seconds")
        except NotPlain as stranger:
            return Outcome(trouble="type", says=stranger.says, hint=stranger.tip)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return self._explain(error)

    def _explain(self, error):
        message = self._message(error)
        says = kind_of(error) + (f": {message}" if message else "")
        frames = _frames_of_answer(sys.exc_info()[2])
        if not frames:
            trouble = "arguments" if isinstance(error, TypeError) else "error"
            return Outcome(trouble=trouble, says=message if trouble == "arguments" else says)
        # The deepest line of the file in which the answer is written is the line to look at.
        place = [frame for frame in frames if frame[0] == frames[0][0]][-1]
        line = linecache.getline(*place).strip()[:120]
        says += f"\nin line {place[1]}" + (f":  {line}" if line else "")
        return Outcome(trouble="error", says=says)

    def _message(self, error):
        try:  # the text of an exception is written by its author too
            return self._timed(_first_line, error)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return ""

    def _timed(self, function, *args):
        clock = _Alarm() if _alarms_reach_us() else _Tracer()
        start = perf_counter()
        try:
            return clock.run(max(self.left, 0.05), function, args, self.quarantine.restore)
        finally:
            self.left -= perf_counter() - start


def _run(function, args):
    """The only function of this file in which time may run out."""
    return function(*args)


def _tidying_up(frame):
    code = frame.f_code
    return code.co_filename == _run.__code__.co_filename and code is not _run.__code__


def _first_line(error):
    return str(error).strip().split("\n")[0][:200]


def _frames_of_answer(traceback):
    frames = []
    while traceback is not None:
        frames.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    ours = (_run.__code__.co_filename, plain.__code__.co_filename)
    return [frame for frame in frames if frame[0] not in ours]


def _changed(before, after):
    if not isinstance(before, (np.ndarray, list, dict)):
        return False
    try:
        return not _identical(plain(before), plain(after))
    except NotPlain:
        return True


def _identical(a, b):
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_identical, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_identical(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


# --- Time ---------------------------------------------------------------------------------------


def _alarms_reach_us():
    return (
        _set_timer is not None
        and sys.platform != "emscripten"  # has the function, but never delivers the signal
        and threading.current_thread() is threading.main_thread()
    )


class _Clock:
    armed = False  # while the answer runs

    def run(self, seconds, function, args, restore):
        before = sys.getprofile(), sys.gettrace()
        self.armed = True
        self.start(seconds)
        try:
            return _run(function, args)
        finally:
            self.armed = False
            for off in (_set_profile, _set_trace) * 2:
                try:  # a trace function that the answer has left may raise, once
                    off(None)
                except BaseException:
                    pass
            restore()
            self.stop()
            _set_profile(before[0])
            _set_trace(before[1])

    def watch(self, frame):
        """Call ``self.look`` at the next step of the answer that is running."""
        _set_trace(self.look)
        while frame is not None and frame.f_code is not _run.__code__:
            frame.f_trace = self.look
            frame = frame.f_back


class _Alarm(_Clock):
    """A timer signal that keeps ringing until the answer is left."""

    def start(self, seconds):
        self.seconds, self.started = seconds, perf_counter()
        self.handler = signal.signal(signal.SIGALRM, self.ring)
        self.others = _set_timer(signal.ITIMER_REAL, seconds, 1e-3)

    def stop(self):
        _set_timer(signal.ITIMER_REAL, 0)
        passed = perf_counter() - self.started
        if passed > 0.9 * self.seconds:
            time.sleep(5e-3)  # an alarm may be on its way, and must still find us
        signal.signal(signal.SIGALRM, signal.SIG_DFL if self.handler is None else self.handler)
        delay, interval = self.others
        if delay:  # somebody else was waiting for an alarm
            _set_timer(signal.ITIMER_REAL, max(delay - passed, 1e-3), interval)

    def ring(self, signum, frame):
        if self.armed and not _tidying_up(frame):  # otherwise it rings again
            self.watch(frame)
            raise TimeUp

    def look(self, frame, event, arg):
        # An answer that catches everything has just caught the alarm. A second blow, while the
        # first is being dealt with, is what gets it out of an endless loop.
        if event in ("line", "call") and self.armed and not _tidying_up(frame):
            raise TimeUp
        return self.look


class _Tracer(_Clock):
    """A look at the clock at each step; some ten times slower than running free."""

    def start(self, seconds):
        self.deadline = perf_counter() + seconds
        TimeUp.tracer = self
        _set_trace(self.look)

    def stop(self):
        TimeUp.tracer = None

    def look(self, frame, event, arg):
        if _tidying_up(frame):
            return None
        if perf_counter() > self.deadline:
            raise TimeUp
        if frame.f_code.co_filename.startswith(_NUMPY):
            return None
        if sys.version_info < (3, 12):  # to it, `while True: pass` is a line that never ends
            frame.f_trace_opcodes = True
        return self.look


# --- Surroundings -------------------------------------------------------------------------------


class _Output(io.TextIOBase):
    """Keeps the beginning of what is printed, and counts the rest."""

    def __init__(self, room=PRINTED):
        self.kept, self.length, self.room = "", 0, room

    def writable(self):
        return True

    def write(self, text):
        self.kept += text[: max(self.room - len(self.kept), 0)]
        self.length += len(text)
        return len(text)

    def text(self):
        cut = self.length - len(self.kept)
        return self.kept + (f" ... and {cut:,} characters more" if cut else "")


def _say_nothing(unraisable):
    """Time that runs out inside a ``__del__`` is no news."""


def _no_keyboard(prompt=""):
    raise EOFError("an answer is marked without a keyboard: take its input from the arguments")


class _Quarantine:
    """Output caught, keyboard gone, memory limited; afterwards everything as it was."""

    def __init__(self, output=None):
        self.output = _Output() if output is None else output

    def __enter__(self):
        self.before = sys.stdin, sys.stdout, sys.stderr, sys.unraisablehook, builtins.input
        self.recursion = sys.getrecursionlimit()
        self.treasures = []
        self.limits = contextlib.ExitStack()
        try:
            self._close_doors()
        except BaseException:  # a Ctrl-C just now
            self.__exit__()
            raise
        return self

    def _close_doors(self):
        for limit in (_memory_limit(), warnings.catch_warnings(), np.errstate(all="ignore")):
            self.limits.enter_context(limit)
        warnings.simplefilter("ignore")
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(), self.output, self.output
        sys.unraisablehook = _say_nothing
        builtins.input = _no_keyboard
        self.treasures = [(vars(module), dict(vars(module))) for module in _TREASURED]

    def restore(self):
        for now, content in self.treasures:
            now.update(content)
        sys.setrecursionlimit(self.recursion)

    def __exit__(self, *trouble):
        try:
            self.restore()
        finally:
            sys.stdin, sys.stdout, sys.stderr, sys.unraisablehook, builtins.input = self.before
            self.limits.close()


@contextlib.contextmanager
def _memory_limit():
    """`MEMORY` more than now, so that greed ends in a MemoryError; without effect outside Linux."""
    try:
        import resource

        with open("/proc/self/statm") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limits = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min([used + MEMORY, *limits]), hard))
    except (ImportError, OSError, ValueError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
