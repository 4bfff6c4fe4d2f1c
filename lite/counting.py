"""Let 64-bit whole numbers count and index here as they do on every other machine.

WebAssembly has 32-bit addresses, so NumPy counts in 32 bits there and refuses 64-bit numbers in
the functions below: ``np.bincount(rng.integers(5, size=9))``, right everywhere else, is an error.
Added to NumPy by RecSys Lab; nothing else is changed by it.
"""

import functools

import numpy as np


def _narrow(numbers):
    """64-bit whole numbers as addresses, if they all fit; anything else as it is."""
    if not isinstance(numbers, np.ndarray | np.generic) or numbers.dtype.char not in "qQ":
        return numbers
    if numbers.size and not (-(2**31) <= numbers.min() and numbers.max() < 2**31):
        return numbers  # and NumPy says what it has to say
    return numbers.astype(np.intp)


def _accept(name, position, keyword):
    """Let argument ``position`` of ``np.<name>``, or ``keyword``, be 64 bits wide."""
    function = getattr(np, name)

    @functools.wraps(function)
    def accepting(*args, **kwargs):
        if len(args) > position:
            args = (*args[:position], _narrow(args[position]), *args[position + 1 :])
        elif keyword in kwargs:
            kwargs[keyword] = _narrow(kwargs[keyword])
        return function(*args, **kwargs)

    setattr(np, name, accepting)


for _where in (
    ("bincount", 0, "x"),
    ("repeat", 1, "repeats"),
    ("take", 1, "indices"),
    ("put", 1, "ind"),
    ("choose", 0, "a"),
    ("searchsorted", 3, "sorter"),
):
    _accept(*_where)
