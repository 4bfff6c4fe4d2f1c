"""What every index has in common: checked tables in, the k best out."""

import numpy as np

from recsys_lab.recommender import check_positive


class Index:
    """Mix-in: an index supplies ``_build(items)`` and ``_search(queries, k)``.

    ``_search`` returns ids (q, k), scores (q, k) and the number of items compared (q,).
    """

    def fit(self, items):
        """Take the item vectors.

        Parameters
        ----------
        items : array-like, shape (n, d)
            ``float32`` is kept and searched in single precision, all else becomes ``float64``.

        Raises
        ------
        ValueError
            For an empty table, a wrong shape, and numbers that are not finite.
        """
        items = check_vectors(items, "items").copy()
        if not items.size:
            raise ValueError(f"items must hold at least one vector, got shape {items.shape}")
        self._build(items)
        self.items_ = items
        return self

    def search(self, queries, k):
        """The k items with the largest inner product, for each query.

        Parameters
        ----------
        queries : array-like, shape (q, d)
        k : int
            May exceed the number of items.

        Returns
        -------
        ids : int array, shape (q, k)
            Best first; -1 where fewer than k items were found.
        scores : array, shape (q, k)
            The inner products; -inf where the id is -1.
        """
        queries = self._check_queries(queries)
        check_positive(k, "k", integer=True)
        ids, scores, self.n_compared_ = self._search(queries, k)
        return ids, scores

    def _check_queries(self, queries):
        if not hasattr(self, "items_"):
            raise RuntimeError(f"{type(self).__name__} is not fitted yet: call fit(items)")
        queries = check_vectors(queries, "queries", dtype=self.items_.dtype)
        if queries.shape[1] != self.items_.shape[1]:
            raise ValueError(
                f"queries have {queries.shape[1]} dimensions and items {self.items_.shape[1]}; "
                f"both must live in the same space"
            )
        return queries


def keep_best(rows, ids, scores, n_rows, k):
    """Tables (n_rows, k) of ids and scores from loose candidates; ties to the lower id.

    Candidate t offers item ``ids[t]`` with ``scores[t]`` to query ``rows[t]``. Rows with fewer
    than k candidates are filled up with id -1 and score -inf. O(c log c) time for c candidates.
    """
    order = np.lexsort((ids, -scores, rows))
    rows = rows[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)  # place within its own row
    kept = rank < k
    at = rows[kept], rank[kept]
    best_ids = np.full((n_rows, k), -1)
    best_scores = np.full((n_rows, k), -np.inf, dtype=scores.dtype)
    best_ids[at] = ids[order[kept]]
    best_scores[at] = scores[order[kept]]
    return best_ids, best_scores


def check_vectors(rows, name, dtype=None):
    """A float table (n, d) whose rows have a finite squared length, or a ValueError."""
    rows = np.asarray(rows)
    if rows.ndim != 2:
        raise ValueError(
            f"{name} must be a table of vectors, one a row, got shape {rows.shape}; "
            f"a single vector x goes in as [x]"
        )
    if rows.dtype.kind not in "iufb":
        raise ValueError(f"{name} must be numbers, got dtype {rows.dtype}")
    if dtype is None:
        dtype = np.float32 if rows.dtype == np.float32 else np.float64
    with np.errstate(over="ignore", invalid="ignore"):
        rows = rows.astype(dtype, copy=False)
        squared = np.einsum("nd,nd->n", rows, rows)
    if not np.isfinite(squared).all():
        at = np.flatnonzero(~np.isfinite(squared))[0]
        largest = rows[at][np.abs(rows[at]).argmax()]  # argmax stops at NaN
        raise ValueError(
            f"{name}[{at}] holds {largest}, expected finite numbers whose squares are finite in "
            f"{np.dtype(dtype)}; drop the row or scale the table down"
        )
    return rows
