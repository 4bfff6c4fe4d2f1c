"""Do a piece of work in a copy of this process, so that the session outlives whatever happens.

What no exception can end (a call into C that never returns, ``os._exit``, a crash of Python
itself) ends the copy only. Needs ``os.fork``, which is safe with NumPy on Linux; elsewhere, and in
the browser, work is done where we are.
"""

import contextlib
import faulthandler
import json
import os
import select
import signal
import sys
import threading
import time
import warnings

TIDYING = 5.0  # seconds that the copy may take beyond its own time limit


def possible():
    """Can this process make a copy of itself, and is it safe to do so here?"""
    return sys.platform == "linux" and threading.current_thread() is threading.main_thread()


def run(work, seconds):
    """``work()`` in a copy of this process.

    Returns
    -------
    (result, trouble)
        ``result`` of ``work`` (what JSON can carry) and "", or None and "slow" or "crash".

    Raises
    ------
    OSError
        Where the system grants no further process.
    """
    inbox, outbox = os.pipe()
    with warnings.catch_warnings():
        # Newer Pythons warn that locks of other threads stay locked in the copy; it needs none.
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        _in_the_copy(work, outbox)
    os.close(outbox)
    try:
        text = _read_line(inbox, seconds + TIDYING)
    finally:
        os.close(inbox)
        for kill in (os.killpg, os.kill):  # the copy, and whatever it has started
            with contextlib.suppress(OSError):
                kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if text is None:
        return None, "slow"
    try:
        return json.loads(text), ""
    except ValueError:
        return None, "crash"


def _in_the_copy(work, outbox):
    try:
        os.setsid()  # a Ctrl-C of the reader reaches the session alone
        faulthandler.disable()  # a crash is reported in the reader's words, not in Python's
        _leave_no_core_file()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        text = json.dumps(work()).encode() + b"\n"
        while text:
            text = text[os.write(outbox, text) :]
    finally:
        os._exit(0)  # without goodbyes: sockets and files belong to the session


def _leave_no_core_file():
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _read_line(inbox, seconds):
    """Bytes up to the first newline or the end; None where neither comes in time."""
    text, deadline = b"", time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not select.select([inbox], [], [], 0.1)[0]:
            continue
        piece = os.read(inbox, 1 << 16)
        text += piece
        if not piece or text.endswith(b"\n"):
            return text
    return None
