"""What came back from somebody else's code, as plain data: compared and shown, never trusted.

An answer may be an object that claims to equal everything. So nothing of it is asked anything:
its type is looked up, its numbers are copied out by the methods of the built-in types, and every
comparison is made between copies that are ours.
"""

import numpy as np


class NotPlain(Exception):
    """No number, text, list, array or dict: ``says`` what it is, ``tip`` what to do."""

    def __init__(self, says, tip="Return numbers, or a list or an array of numbers."):
        super().__init__(says)
        self.says, self.tip = says, tip


def kind_of(value):
    """The name of the type, whatever its metaclass would like it to be."""
    return type.__dict__["__name__"].__get__(type(value))


def plain(value, depth=6):
    """Copy ``value`` into arrays (numbers, and lists of them), str, tuple, dict, None and ``...``.

    Numbers become arrays without axes; lists that are not rectangular become tuples.
    """
    kind = type(value)
    if value is None or value is ...:
        return value
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, np.generic):
        return _numeric(np.array(np.generic.item(value)), kind_of(value))
    if kind is bool:
        return np.array(value)
    for number in (int, float, complex):
        if issubclass(kind, number):
            return _number(getattr(number, f"__{number.__name__}__")(value))
    if issubclass(kind, np.ndarray):
        array = np.array(value, copy=True, subok=False)
        if array.dtype == object:
            return plain(array.tolist(), depth)
        return _numeric(array, f"array of {array.dtype}")
    if depth == 0:
        raise NotPlain("lists in lists in lists, too deep to read")
    for sequence in (list, tuple, range):
        if issubclass(kind, sequence):
            return _sequence(list(sequence.__iter__(value)), depth)
    if issubclass(kind, dict):
        return {_key(k): plain(v, depth - 1) for k, v in dict.items(value)}
    name = kind_of(value)
    raise NotPlain(*_STRANGERS.get(name, (f"an object of type {name}",)))


_ITERATOR = "It gives its values one by one, and only once: wrap it in list(...)."
_CALL = "Call it: write brackets with the arguments after its name."
_STRANGERS = {
    "generator": ("a generator", _ITERATOR),
    "map": ("a map", _ITERATOR),
    "filter": ("a filter", _ITERATOR),
    "zip": ("a zip", _ITERATOR),
    "reversed": ("a reversed iterator", _ITERATOR),
    "list_reverseiterator": ("a reversed iterator", _ITERATOR),
    "dict_keys": ("the keys of a dict", _ITERATOR),
    "dict_values": ("the values of a dict", _ITERATOR),
    "set": ("a set", "A set keeps no order: return a list or an array."),
    "frozenset": ("a frozenset", "A set keeps no order: return a list or an array."),
    "coroutine": ("a coroutine", "Write `def`, not `async def`."),
    "function": ("a function", _CALL),
    "builtin_function_or_method": ("a function", _CALL),
    "method": ("a method", _CALL),
    "type": ("a class", _CALL),
}


def _number(number):
    if isinstance(number, int) and not -(2**63) <= number < 2**63:
        try:
            number = float(number)
        except OverflowError:
            raise NotPlain(f"a whole number of {number.bit_length():,} bits") from None
    return np.array(number)


def _numeric(array, name):
    if array.dtype.kind == "U":
        return plain(array.tolist())
    if array.dtype.kind not in "biufc":
        raise NotPlain(f"an {name}" if name.startswith("array") else f"an object of type {name}")
    return array


def _sequence(values, depth):
    if set(map(type, values)) <= {bool, int, float}:  # the fast way for long lists of numbers
        try:
            array = np.array(values)
        except OverflowError:
            array = np.array(0, dtype=object)
        if array.dtype.kind in "biuf":
            return array
    parts = [plain(value, depth - 1) for value in values]
    if all(isinstance(part, np.ndarray) for part in parts):
        if len({part.shape for part in parts}) == 1:
            return np.array(parts)
    return tuple(parts)


def _key(key):
    if type(key) not in (str, int):
        raise NotPlain(f"a dict with a {kind_of(key)} as key", "Use names or numbers as keys.")
    return key


def difference(seen, want, rtol=1e-6, atol=1e-8):
    """How two plain values differ: "type", "shape", "nan" or "value", and "" where they agree.

    Whole numbers and booleans must be the same, other numbers close.
    """
    if isinstance(want, np.ndarray):
        if not isinstance(seen, np.ndarray):
            ragged = isinstance(seen, tuple) and want.ndim > 0
            return "shape" if ragged else "type"
        if (seen.dtype.kind == "b") != (want.dtype.kind == "b") and seen.size and want.size:
            return "shape" if seen.shape != want.shape else "type"
        if seen.shape != want.shape:
            return "shape"
        if want.dtype.kind in "iub":
            rtol = atol = 0
        with np.errstate(all="ignore"):
            close = np.isclose(seen, want, rtol=rtol, atol=atol, equal_nan=True)
        if close.all():
            return ""
        return "nan" if np.isnan(seen[~close]).any() else "value"
    if isinstance(want, tuple):
        if isinstance(seen, np.ndarray) and seen.ndim > 0:
            seen = tuple(np.asarray(part) for part in seen)
        if not isinstance(seen, tuple):
            return "type"
        if len(seen) != len(want):
            return "shape"
        return next(filter(None, (difference(*pair, rtol, atol) for pair in zip(seen, want))), "")
    if isinstance(want, dict):
        if not isinstance(seen, dict):
            return "type"
        if seen.keys() != want.keys():
            return "shape"
        return next(filter(None, (difference(seen[k], want[k], rtol, atol) for k in want)), "")
    if type(seen) is not type(want):
        return "type"
    return "" if seen == want else "value"


def size(value):
    """How much a reader has to look at: numbers in arrays, characters in text, and so on."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, dict):
        return sum(map(size, value.values()))
    if isinstance(value, (list, tuple, set)):
        return sum(map(size, value))
    try:
        return len(value)
    except TypeError:
        return 1


def show(value, digits=6):
    """A plain value, or an argument of ours, as short text."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, complex, np.floating, np.complexfloating)):
        return f"{value:.{digits}g}"
    if isinstance(value, (int, np.integer)):
        return str(value)
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return show(value.item(), digits)
        if value.size == 0:
            return "[]" if value.shape == (0,) else f"an empty array of shape {value.shape}"
        text = np.array2string(
            value,
            separator=", ",
            threshold=60,
            edgeitems=3,
            max_line_width=88,
            formatter={"all": lambda number: show(number, digits)},
        )
        return text if value.size <= 60 else f"array of shape {value.shape}\n{text}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {show(v, digits)}" for k, v in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        left, right = "()" if isinstance(value, tuple) else "[]"
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return left + ", ".join(show(part, digits) for part in value[:20]) + comma + right
    if value is ...:
        return "..."
    text = repr(value)
    return text if len(text) <= 300 else text[:300] + " ..."


def show_pair(seen, want):
    """Both values as text, with as many digits as it takes to see that they differ."""
    for digits in (6, 10, 17):
        texts = show(seen, digits), show(want, digits)
        if texts[0] != texts[1]:
            break
    return texts
