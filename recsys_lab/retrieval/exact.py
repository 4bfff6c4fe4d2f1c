"""Exhaustive search, what can be computed offline with it, and the recall it lets us measure.

Multiplying matrices is what computers do best; finding the k best of n scores is the slow part.
So items come in blocks, and after the first block a score has to beat the k-th best so far.
The later the block, the fewer do: block t lets about k/t through.
"""

import numpy as np

from recsys_lab.recommender import check_positive
from recsys_lab.retrieval.base import Index, keep_best
from recsys_lab.similarity import top_k


class ExactIndex(Index):
    """Compares each query with every item: O(n·d) time a query, and never wrong.

    Ties go to the lower id. Memory beside the items is O(1) in n: scores of 512 queries with
    8,192 items at a time.
    """

    def _build(self, items):
        pass

    def _search(self, queries, k):
        ids = np.empty((len(queries), k), dtype=int)
        scores = np.empty((len(queries), k), dtype=queries.dtype)
        for start in range(0, len(queries), 512):  # large products, yet scores that fit in cache
            batch = slice(start, start + 512)
            ids[batch], scores[batch] = _scan(queries[batch], self.items_, k)
        return ids, scores, np.full(len(queries), len(self.items_))


def _scan(queries, items, k):
    block = max(k, 8_192)
    fresh = queries @ items[:block].T  # (q, block)
    first = top_k(fresh, k)
    rows = np.repeat(np.arange(len(queries)), first.shape[1])
    ids, scores = keep_best(rows, first.ravel(), fresh[rows, first.ravel()], len(queries), k)
    for start in range(block, len(items), block):
        fresh = queries @ items[start : start + block].T
        better = np.flatnonzero(fresh > scores[:, -1:])  # an equal one has a higher id: out
        row, column = np.divmod(better, fresh.shape[1])
        ids, scores = keep_best(
            np.concatenate([rows, row]),
            np.concatenate([ids.ravel(), start + column]),
            np.concatenate([scores.ravel(), fresh.ravel()[better]]),
            len(queries),
            k,
        )
    return ids, scores


def neighbor_table(items, k):
    """Related items, computed once offline: for each item the k others with the largest ⟨x, y⟩.

    Serving is then a look-up. An item is never its own neighbour. Normalise the items first
    for neighbours by cosine.

    Parameters
    ----------
    items : array-like, shape (n, d)
    k : int

    Returns
    -------
    ids, scores : arrays, shape (n, k)
        As of ``ExactIndex.search``; filled up with -1 and -inf where there are fewer than k
        others. O(n²·d) time, O(n·k) memory.
    """
    check_positive(k, "k", integer=True)
    index = ExactIndex().fit(items)
    ids, scores = index.search(index.items_, k + 1)
    # Under the inner product an item need not find itself: then the last of the k + 1 goes.
    itself = ids == np.arange(len(ids))[:, None]
    itself[~itself.any(axis=1), -1] = True
    return ids[~itself].reshape(-1, k), scores[~itself].reshape(-1, k)


def recall_at_k(found, exact):
    """Share of the exact answers that were found, between 0 and 1.

    Parameters
    ----------
    found, exact : int arrays, shape (q, k)
        Ids from an approximate and from an exact search; -1 means nothing. The order within a
        row does not matter. Where scores tie, an equally good item with another id counts as
        missed.
    """
    found, exact = np.asarray(found), np.asarray(exact)
    if found.ndim != 2 or exact.ndim != 2 or len(found) != len(exact):
        raise ValueError(
            f"found and exact must be tables of ids with one row a query, "
            f"got shapes {found.shape} and {exact.shape}"
        )
    wanted = exact >= 0
    if not wanted.any():
        raise ValueError("exact holds no ids, so there is nothing to find")
    hit = (exact[:, :, None] == found[:, None, :]).any(axis=2)
    return float(hit[wanted].mean())
