"""Bad answers to similarity.2, thrown at marking in Python and, by tests/site, in the page."""

# What is handed in for rank_by, and a piece of what the reader must then be told.
HOSTILE = {
    # Endless
    "an endless loop": ("while True: pass", "was not done after"),
    "an endless loop on top of another": (
        """
    while True:
        try:
            while True: pass
        except BaseException:
            continue
        finally:
            try:
                while True: pass
            except: pass""",
        "was not done after",
    ),
    "an endless loop that catches errors": (
        """
    while True:
        try:
            x = 1
        except Exception:
            pass""",
        "was not done after",
    ),
    "an endless loop that catches everything": (
        """
    while True:
        try:
            while True:
                x = 1
        except:
            pass""",
        "was not done after",
    ),
    "a nap": ("import time; time.sleep(0.5)\n    return [0]", "was not done after"),
    "an endless generator made a list": (
        "def forever():\n        while True: yield 1\n    return sum(forever())",
        "was not done after",
    ),
    "a slow way": ("return sum(1 for i in range(10**10))", "was not done after"),
    "endless recursion": ("return rank_by(q, X, how)", "RecursionError"),
    "deep recursion with the limit raised": (
        "import sys; sys.setrecursionlimit(3_000)\n    return rank_by(q, X, how)",
        "RecursionError",
    ),
    # Raising
    "an exception": ("return X[10_000]", "IndexError: index 10000 is out of bounds"),
    "an exception with a bad text": (
        """
    class Bad(Exception):
        def __str__(self):
            raise SystemExit
    raise Bad""",
        "it stopped with\n    Bad",
    ),
    "an exception with an endless text": (
        """
    class Bad(Exception):
        def __str__(self):
            while True: pass
    raise Bad""",
        "it stopped with\n    Bad",
    ),
    "an exception with a long text": ("raise ValueError('long ' * 10**6)", "ValueError: long long"),
    "an exception that is none": ("raise GeneratorExit", "GeneratorExit"),
    "sys.exit": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "quit": ("raise SystemExit", "SystemExit"),
    "a stop of the iteration": ("raise StopIteration", "StopIteration"),
    "a failed assertion": ("assert X.size == 0", "AssertionError"),
    "a name that does not exist": ("return rankk(q)", "NameError"),
    "no memory": ("return [0] * 10**12", "MemoryError"),
    "an array beyond all memory": ("return np.ones((10**6, 10**7))", "MemoryError"),
    # Of another form
    "nothing": ("X @ q", "it returned None"),
    "a text": ("return 'first, second'", "'first, second'"),
    "NaN": ("return np.full(len(X), np.nan)", "nan"),
    "a number": ("return 0", "That is one whole number"),
    "a table": ("return [[0, 1], [2, 3]]", "shape (2, 2)"),
    "a ragged list": ("return [0, [1, 2]]", "a list of different things"),
    "a list that holds itself": ("a = []; a.append(a)\n    return a", "too deep to read"),
    "a generator": ("yield from range(len(X))", "it returned a generator"),
    "a set": ("return set(range(len(X)))", "it returned a set"),
    "a class": ("return type('Order', (), {})", "it returned a class"),
    "a function": ("return lambda: 0", "it returned a function"),
    "an open file": ("import os; return open(os.devnull)", "an object of type TextIOWrapper"),
    "an array of objects": ("return np.array([object()] * len(X))", "an object of type object"),
    "a number of many digits": ("return 10 ** 5_000", "a whole number of 16,610 bits"),
    "dates": ("return np.zeros(3, dtype='M8[s]')", "array of datetime64[s]"),
    # Lying
    "an object that equals everything": (
        """
    class Liar:
        def __eq__(self, other): return True
        def __array__(self, *a, **k): return np.arange(len(X))
        def __len__(self): return len(X)
        def __iter__(self): return iter(range(len(X)))
        __class__ = np.ndarray
    return Liar()""",
        "an object of type Liar",
    ),
    "an array that equals everything": (
        """
    class Liar(np.ndarray):
        def __eq__(self, other): return np.ones(len(X), dtype=bool)
        def __array_function__(self, *a): return True
        def __array_ufunc__(self, *a, **k): return np.ones(len(X), dtype=bool)
        __array_priority__ = 1e9
    return np.zeros(len(X), dtype=int).view(Liar)""",
        "it returned",
    ),
    "numbers that equal everything": (
        """
    class Liar(int):
        def __eq__(self, other): return True
        __hash__ = None
        def __int__(self): return 1
        def __index__(self): return 1
    return [Liar(-7)] * len(X)""",
        "-7",
    ),
    "a list that lies about its length": (
        """
    class Liar(list):
        def __len__(self): return len(X)
        def __iter__(self): return iter(range(len(X)))
    return Liar()""",
        "it returned",
    ),
    "a type with a false name": (
        """
    class Meta(type):
        __name__ = property(lambda self: 1 / 0)
    class Odd(metaclass=Meta):
        def __repr__(self): raise SystemExit
    return Odd()""",
        "an object of type Odd",
    ),
    # Rude
    "the input overwritten": ("X[:] = 0\n    return [0]", "expected"),
    "a gigabyte printed": (
        "for _ in range(1_000): print('x' * 10**6)\n    return [0]",
        "999,999,000 characters more",
    ),
    "endless printing": ("while True: print('again')", "was not done after"),
    "a question to the keyboard": ("input('What now?')", "EOFError"),
    "a read from the keyboard": (
        "import sys\n    return [int(sys.stdin.readline())]",
        "ValueError",
    ),
    "NumPy overwritten": ("np.argsort = np.array = np.dtype = 3\n    return [0]", "expected"),
    "built-ins overwritten": (
        "import builtins as b; b.len = b.type = b.vars = b.max = None\n    return [0]",
        "expected",
    ),
    "built-ins overwritten, then an error": (
        "import builtins as b; b.str = b.type = b.isinstance = None\n    return b.abs([])",
        "TypeError",
    ),
    "the output overwritten": (
        "import sys; sys.stdout = None; print('lost')\n    return [0]",
        "expected",
    ),
    "the clock overwritten": ("import time; time.perf_counter = None\n    return [0]", "expected"),
    "warnings made errors": (
        "import warnings; warnings.simplefilter('error')\n    np.seterr(all='raise'); return [0]",
        "expected",
    ),
    "tracing of its own": ("import sys; sys.settrace(lambda *a: 1 / 0)\n    return len(X)", "rank"),
    "profiling of its own": (
        "import sys; sys.setprofile(lambda *a: 1 / 0)\n    return len(X)",
        "ZeroDivisionError",
    ),
    "a call of check": (
        "from recsys_lab.exercises import check\n    return check('similarity.2', rank_by)",
        "RuntimeError: similarity.2 is being marked",
    ),
    "an async function": ("import asyncio; return asyncio.sleep(1)", "it returned a coroutine"),
    "a thread that stays": (
        "import threading, time\n"
        "    threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()\n    return [0]",
        "expected",
    ),
}

# What ends a process, or hangs where no exception can reach it, ends the copy only.
FATAL = {
    "a call into C that does not come back": ("return sum(range(10**13))", "ended by force"),
    "os._exit": ("import os; os._exit(0)", "ended Python itself"),
    "a crash of Python": ("import ctypes; ctypes.string_at(0)", "ended Python itself"),
    "a kill": ("import os; os.kill(os.getpid(), 9)", "ended Python itself"),
    "an abort": ("import os; os.abort()", "ended Python itself"),
    "alarms switched off": (
        "import signal; signal.setitimer(signal.ITIMER_REAL, 0)\n    while True: pass",
        "ended by force",
    ),
    "a keyboard interrupt of its own": ("raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    "a list without end": (
        "import itertools; return list(itertools.count())",
        "MemoryError",
    ),
    "a child that stays": (
        "import subprocess, sys\n    subprocess.Popen([sys.executable, '-c', 'input()'])\n"
        "    return [0]",
        "expected",
    ),
    "output past Python": (
        "import os; os.system('yes | head -c 100000')\n    return [0]",
        "expected",
    ),
    "files closed": ("import os; os.closerange(0, 3)\n    return [0]", "expected"),
}
