"""Locality-sensitive hashing: vectors at a small angle tend to get the same random bits.

A random plane through the origin separates two vectors at angle θ with probability θ/π. Write
one bit a plane (which side?) and ``n_bits`` of them make a code; items with equal codes share a
bucket. More bits make a bucket purer: all must agree (an AND). More tables, each with planes of
its own, give more chances: one must agree (an OR).

Source: Indyk and Motwani 1998; the planes are Charikar 2002; on lifted vectors, so that a small
angle is a large inner product, Neyshabur and Srebro 2015.
"""

import numpy as np

from recsys_lab.recommender import check_positive
from recsys_lab.retrieval.base import Index
from recsys_lab.retrieval.lift import lift_items, lift_queries
from recsys_lab.similarity import top_k


def hit_probability(angle, n_bits, n_tables):
    """1 − (1 − (1 − θ/π)^b)^L: the chance to meet a vector at angle θ in at least one table.

    Parameters
    ----------
    angle : float or array
        θ in radians, from 0 to π.
    n_bits, n_tables : int
        b planes a table, L tables.
    """
    check_positive(n_bits, "n_bits", integer=True)
    check_positive(n_tables, "n_tables", integer=True)
    angle = np.asarray(angle, dtype=float)
    if not ((angle >= 0) & (angle <= np.pi)).all():
        raise ValueError(f"angle must lie between 0 and π radians, got {angle}")
    same_bucket = (1 - angle / np.pi) ** n_bits
    return 1 - (1 - same_bucket) ** n_tables


class LSHIndex(Index):
    """Random hyperplanes in several tables; compares the items that share a bucket with the query.

    Parameters
    ----------
    n_bits : int
        Planes a table, 1 to 62. Each halves the buckets.
    n_tables : int
        Tables, each with its own planes.
    random_state : int or numpy.random.Generator

    Attributes
    ----------
    planes_ : array, shape (n_tables, d + 1, n_bits)
    codes_ : int array, shape (n_tables, n)
        Codes of the items, ascending within a table.
    order_ : int array, shape (n_tables, n)
        The item of each code. Equal codes stand together: a bucket is a slice.
    n_compared_ : int array, shape (q,)

    Notes
    -----
    Fit is O(n_tables · n · (n_bits·d + log n)) time, O(n_tables · n) memory. A query costs
    O(n_tables · (n_bits·d + log n)) for its buckets and O(d) for each item in them.
    """

    def __init__(self, n_bits, n_tables, random_state=0):
        self.n_bits = n_bits
        self.n_tables = n_tables
        self.random_state = random_state

    def _build(self, items):
        check_positive(self.n_bits, "n_bits", integer=True)
        check_positive(self.n_tables, "n_tables", integer=True)
        if self.n_bits > 62:
            raise ValueError(f"n_bits must be at most 62 to fit a code, got {self.n_bits}")
        lifted = lift_items(items)
        rng = np.random.default_rng(self.random_state)
        planes = rng.normal(size=(self.n_tables, lifted.shape[1], self.n_bits))
        self.planes_ = planes.astype(items.dtype)
        codes = np.stack([_codes(lifted, planes) for planes in self.planes_])  # (L, n)
        self.order_ = np.argsort(codes, axis=1, kind="stable")
        self.codes_ = np.take_along_axis(codes, self.order_, axis=1)

    def _search(self, queries, k):
        ids = np.full((len(queries), k), -1)
        scores = np.full((len(queries), k), -np.inf, dtype=queries.dtype)
        n_compared = np.empty(len(queries), dtype=int)
        first, last = self._buckets(lift_queries(queries))  # (L, q) each
        for i, query in enumerate(queries):
            met = np.zeros(len(self.items_), dtype=bool)  # an item met twice is compared once
            for table, order in enumerate(self.order_):
                met[order[first[table, i] : last[table, i]]] = True
            near = np.flatnonzero(met)
            products = self.items_[near] @ query
            best = top_k(products, k)
            ids[i, : len(best)] = near[best]
            scores[i, : len(best)] = products[best]
            n_compared[i] = len(near)
        return ids, scores, n_compared

    def _buckets(self, lifted):
        ends = []
        for planes, sorted_codes in zip(self.planes_, self.codes_):
            codes = _codes(lifted, planes)
            ends.append([np.searchsorted(sorted_codes, codes, side) for side in ("left", "right")])
        return np.stack(ends, axis=1)


def _codes(lifted, planes):
    """Which side of each plane, written as a whole number. (n, d + 1), (d + 1, b) → (n,)"""
    return (lifted @ planes > 0) @ (1 << np.arange(planes.shape[1], dtype=np.int64))
