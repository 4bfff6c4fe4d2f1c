"""All states of an explorable in few bytes: what never changes once, what changes as columns.

The documents of all states differ in few places. ``pack`` keeps one base document; for each
place that changes, a column of indices into a pool of distinct values. A column that does not
depend on some control drops that control's axis, so a slider that only moves one bar costs one
number a step, not one number a state. ``explorable.js`` turns a column back in `columnValue`.
"""

import base64
import gzip
import json
from functools import lru_cache

import numpy as np


def pack(documents, shape):
    """The documents of a grid of states (C order over ``shape``) as one JSON-ready dict.

    Returns ``{"shape", "base", "pool", "columns"}``; a column is ``[path, axes, indices]`` with
    ``axes`` the controls it depends on and ``indices`` into the pool, C order over those axes.
    O(states · leaves) time.
    """
    if len(documents) != int(np.prod(shape)):
        raise ValueError(f"{len(documents)} documents do not fill a grid of shape {tuple(shape)}")
    pool, places, columns = [], {}, []

    def place(value):
        name = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if name not in places:
            places[name] = len(pool)
            pool.append(value)
        return places[name]

    def split(path, values):
        first = values[0]
        if all(value is first or value == first for value in values) and _one_type(values):
            return first  # the common case, settled without a look inside
        if isinstance(first, dict) and all(
            isinstance(v, dict) and v.keys() == first.keys() for v in values
        ):
            return {name: split([*path, name], [v[name] for v in values]) for name in first}
        if isinstance(first, list) and all(
            isinstance(v, list) and len(v) == len(first) for v in values
        ):
            return [split([*path, at], [v[at] for v in values]) for at in range(len(first))]
        indices = np.array([place(value) for value in values]).reshape(shape)
        axes = []
        for axis in range(len(shape)):
            one = indices.take([0], axis=axis)
            if (indices == one).all():
                indices = one
            else:
                axes.append(axis)
        columns.append([path, axes, indices.ravel().tolist()])
        return first

    base = split([], documents)
    return {"shape": list(shape), "base": base, "pool": pool, "columns": columns}


def _one_type(values):
    """Python says True == 1 and 1 == 1.0; JSON does not."""
    return isinstance(values[0], (dict, list)) or len({type(value) for value in values}) == 1


def compress(payload):
    """JSON, gzip, base64: what travels in the page. The same payload gives the same bytes."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()


def plain(value, digits=4):
    """A figure's nested values as JSON's own types, numbers to ``digits`` significant digits.

    Four digits place a mark within a tenth of a pixel. NaN becomes None, as JSON knows none.
    """
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(name): plain(v, digits) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v, digits) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return _short(value, digits) if isinstance(value, float) else value


@lru_cache(maxsize=1 << 16)  # most numbers of a figure stand still from state to state
def _short(value, digits):
    if not np.isfinite(value):
        return None
    value = float(f"{value:.{digits}g}")
    return int(value) if value.is_integer() and abs(value) < 1e15 else value
