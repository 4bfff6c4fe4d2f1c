"""The one shape in which feedback reaches every algorithm: who, what, how much, and when."""

from functools import cached_property

import numpy as np


class Interactions:
    """A sparse m × n feedback matrix as sorted triples (user i, item j, value).

    Parameters
    ----------
    users, items : array-like of int, shape (n_interactions,)
        User and item of each interaction, counted from 0.
    values : array-like of float, shape (n_interactions,)
        The feedback: a rating in stars, or a strength such as a count of visits.
        ``float32`` is kept, everything else becomes ``float64``.
    n_users, n_items : int
        Shape (m, n) of the matrix. Users and items without any interaction are allowed.
    timestamps : array-like of int, shape (n_interactions,), optional
        Seconds since 1970-01-01 UTC.

    Attributes
    ----------
    users, items, values, timestamps : read-only arrays, sorted by user, then item.
    note : str
        What these interactions are, where that is not plain: a split says what it held out.

    Raises
    ------
    ValueError
        For unequal lengths, ids out of range, values that are not finite, and a pair that
        occurs twice. The message names the position in the arrays that were given.

    Notes
    -----
    Sorting costs O(N log N) time once; each view adds O(N + m + n) memory.
    """

    def __init__(self, users, items, values, n_users, n_items, timestamps=None):
        self.n_users = _count(n_users, "n_users")
        self.n_items = _count(n_items, "n_items")
        users = _ids(users, "users", self.n_users)
        items = _ids(items, "items", self.n_items)
        values = _numbers(values, "values")
        columns = {"users": users, "items": items, "values": values}
        if timestamps is not None:
            timestamps = _whole(timestamps, "timestamps")
            columns["timestamps"] = timestamps
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"all columns need the same length, got {lengths}")

        order = np.lexsort((items, users))
        users, items = users[order], items[order]
        twice = np.flatnonzero((np.diff(users) == 0) & (np.diff(items) == 0))
        if twice.size:
            first, second = sorted(order[twice[0] : twice[0] + 2])
            raise ValueError(
                f"user {users[twice[0]]} and item {items[twice[0]]} occur twice, at positions "
                f"{first} and {second}; combine repeated feedback (mean, last or sum) first"
            )
        self.users = _frozen(users)
        self.items = _frozen(items)
        self.values = _frozen(values[order])
        self.timestamps = None if timestamps is None else _frozen(timestamps[order])
        self.note = ""

    def __len__(self):
        return len(self.users)

    def __repr__(self):
        size = f"{len(self):,} of {self.n_users:,} users × {self.n_items:,} items"
        return f"Interactions({size}{'; ' if self.note else ''}{self.note})"

    @property
    def shape(self):
        """(m, n): number of users and of items."""
        return self.n_users, self.n_items

    @property
    def density(self):
        """Share of the m·n cells that are filled, between 0 and 1 (0 for an empty matrix)."""
        cells = self.n_users * self.n_items
        return len(self) / cells if cells else 0.0

    @cached_property
    def by_user(self):
        """``(indptr, items, values)``: user i owns ``items[indptr[i]:indptr[i+1]]``, ascending."""
        return _frozen(_indptr(self.users, self.n_users)), self.items, self.values

    @cached_property
    def by_item(self):
        """``(indptr, users, values)``: item j owns ``users[indptr[j]:indptr[j+1]]``, ascending."""
        order = np.argsort(self.items, kind="stable")
        indptr = _indptr(self.items, self.n_items)
        return _frozen(indptr), _frozen(self.users[order]), _frozen(self.values[order])

    def items_of(self, user):
        """Items of one user in ascending order: a view, O(1)."""
        indptr, items, _ = self.by_user
        return items[indptr[user] : indptr[user + 1]]

    def select(self, mask):
        """The interactions where ``mask`` (bool, in sorted order) holds; same shape (m, n)."""
        mask = np.asarray(mask)
        if mask.dtype != bool or mask.shape != self.users.shape:
            raise ValueError(
                f"mask must be {len(self)} booleans, one an interaction in sorted order; "
                f"got {mask.dtype} of shape {mask.shape}"
            )
        when = None if self.timestamps is None else self.timestamps[mask]
        return Interactions(
            self.users[mask], self.items[mask], self.values[mask], *self.shape, timestamps=when
        )

    def transpose(self):
        """Users and items exchanged: an n × m matrix."""
        return Interactions(
            self.items, self.users, self.values, self.n_items, self.n_users, self.timestamps
        )

    def to_dense(self, fill=0.0):
        """The m × n array, ``fill`` where nothing is known. O(m·n) memory."""
        dense = np.full(self.shape, fill, dtype=self.values.dtype)
        dense[self.users, self.items] = self.values
        return dense

    def to_scipy(self):
        """``scipy.sparse.csr_array`` of shape (m, n); needs SciPy."""
        from scipy.sparse import csr_array

        indptr, items, values = self.by_user
        return csr_array((values, items, indptr), shape=self.shape)


def _count(value, name):
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < 0:
        raise ValueError(f"{name} must be a whole number of at least 0, got {value!r}")
    return int(value)


def _column(values, name):
    column = np.asarray(values)
    if column.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {column.shape}")
    return column if column.size else column.astype(np.int64)  # [] is float64 in NumPy


def _whole(values, name):
    column = _column(values, name)
    if column.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be whole numbers, got dtype {column.dtype}")
    # NaN differs from itself; beyond 2**62 a cast to int64 may come back as another number.
    strange = np.flatnonzero((column != np.floor(column)) | (np.abs(column) > 2.0**62))
    if strange.size:
        at = strange[0]
        raise ValueError(f"{name}[{at}] is {column[at]}, expected a whole number below 2**62")
    return column.astype(np.int64)


def _ids(values, name, limit):
    column = _whole(values, name)
    outside = np.flatnonzero((column < 0) | (column >= limit))
    if outside.size:
        at = outside[0]
        raise ValueError(
            f"{name}[{at}] is {column[at]}, expected 0 to {limit - 1} because n_{name} is {limit}; "
            f"number the {name} from 0 or raise n_{name}"
        )
    return column.astype(np.intp)  # NumPy's own kind of position, on 32-bit machines too


def _numbers(values, name):
    column = _column(values, name)
    if column.dtype.kind not in "iufb":
        raise ValueError(f"{name} must be numbers, got dtype {column.dtype}")
    column = column.astype(column.dtype if column.dtype == np.float32 else np.float64)
    strange = np.flatnonzero(~np.isfinite(column))
    if strange.size:
        at = strange[0]
        raise ValueError(
            f"{name}[{at}] is {column[at]}, expected a finite number; "
            f"leave unknown pairs out instead of marking them"
        )
    return column


def _frozen(array):
    array.flags.writeable = False
    return array


def _indptr(sorted_or_not, size):
    return np.concatenate(([0], np.cumsum(np.bincount(sorted_or_not, minlength=size)))).astype(
        np.intp
    )
