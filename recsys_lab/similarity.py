"""How alike are two vectors? Three measures, and what the length of an item does to each.

Queries are rows of an array (q, d), items rows of an array (n, d); every function returns the
(q, n) table of scores. In order of the idea: measure, rank, then ask who can ever come first.
"""

import numpy as np


def dot(queries, items):
    """⟨q, x⟩ for every pair: grows with the agreement in direction *and* with both lengths.

    Parameters
    ----------
    queries : array-like, shape (q, d)
    items : array-like, shape (n, d)

    Returns
    -------
    array, shape (q, n). O(q·n·d) time.
    """
    queries, items = _pair(queries, items)
    return queries @ items.T


def cosine(queries, items):
    """cos(q, x) = ⟨q, x⟩ / (‖q‖ ‖x‖): direction alone. A zero vector gives 0, never NaN.

    Shapes and cost as `dot`.
    """
    queries, items = _pair(queries, items)
    return normalize(queries) @ normalize(items).T


def euclidean(queries, items):
    """Distance ‖q − x‖: *small* means similar. Shapes and cost as `dot`.

    Uses ‖q − x‖² = ‖q‖² + ‖x‖² − 2⟨q, x⟩ where that is safe, and subtracts vectors where the
    three large terms would cancel (nearly equal vectors).
    """
    queries, items = _pair(queries, items)
    scale = (queries**2).sum(axis=1)[:, None] + (items**2).sum(axis=1)  # (q, n)
    squared = scale - 2 * queries @ items.T
    close = np.nonzero(squared < 1e-6 * scale)
    squared[close] = ((queries[close[0]] - items[close[1]]) ** 2).sum(axis=1)
    return np.sqrt(squared)


def tempered(queries, items, alpha):
    """‖x‖^α · cos(q, x): cosine at α = 0, the order of the dot product at α = 1.

    α is how much an item's length may count. Zero items score 0. Shapes and cost as `dot`.
    Source: the family of measures in Google's course, with the query's length left out, which
    is the same for all items of a query and so cannot change their order.
    """
    queries, items = _pair(queries, items)
    if not np.isfinite(alpha) or alpha < 0:
        raise ValueError(f"alpha must be a number of at least 0, got {alpha!r}")
    return cosine(queries, items) * np.linalg.norm(items, axis=1) ** alpha


def jaccard(queries, items):
    """|A ∩ B| / |A ∪ B| of two sets given as 0/1 rows; two empty sets give 0. Shapes as `dot`."""
    queries, items = _pair(queries, items)
    for name, rows in (("queries", queries), ("items", items)):
        if np.any((rows != 0) & (rows != 1)):
            raise ValueError(f"jaccard compares sets: {name} must hold only 0 and 1")
    shared = queries @ items.T
    union = queries.sum(axis=1)[:, None] + items.sum(axis=1) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def normalize(rows, power=1.0):
    """Rows divided by ‖row‖^power: 0 leaves them, 1 makes every length one. Zero rows stay zero."""
    rows = np.asarray(rows)
    if rows.dtype != np.float32:
        rows = rows.astype(float)
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.where(length > 0, length, 1.0) ** power


def top_k(scores, k):
    """Indices of the k largest scores along the last axis, best first, ties to the lower index.

    ``k`` may exceed the length n: then all n come back, sorted. O(n + k log k) time a row.
    """
    scores = np.asarray(scores)
    if scores.ndim == 0:
        raise ValueError("scores must have at least one axis, got a single number")
    if not isinstance(k, (int, np.integer)) or k < 0:
        raise ValueError(f"k must be a whole number of at least 0, got {k!r}")
    n = scores.shape[-1]
    k = min(k, n)
    if scores.dtype.kind in "ub":
        scores = scores.astype(np.int64)  # so that the order can be turned round
    if k == 0 or k == n:
        _no_nan(scores)
        return np.argsort(-scores, axis=-1, kind="stable")[..., :k]
    rows = scores.reshape(-1, n)
    best = np.partition(rows, n - k, axis=1)[:, n - k :]  # (q, k), unsorted, the smallest first
    _no_nan(best)  # NaN sorts above every number, so a row that has one has it here
    kth = best[:, :1]
    chosen = rows >= kth
    ids = np.flatnonzero(chosen)
    if len(ids) > k * len(rows):
        # Where more than k reach the k-th value, those equal to it fill up from the lowest index.
        crowded = np.flatnonzero(np.count_nonzero(chosen, axis=1) > k)
        tied = rows[crowded] == kth[crowded]
        room = np.count_nonzero(best[crowded] == kth[crowded], axis=1)[:, None]
        chosen[crowded] &= ~tied | (np.cumsum(tied, axis=1, dtype=np.int32) <= room)
        ids = np.flatnonzero(chosen)
    ids = ids.reshape(-1, k) % n  # ascending in each row
    order = np.argsort(-np.take_along_axis(rows, ids, axis=1), axis=1, kind="stable")
    return np.take_along_axis(ids, order, axis=1).reshape(*scores.shape[:-1], k)


def _no_nan(scores):
    if np.isnan(scores).any():
        raise ValueError("scores contain NaN, which has no place in an order; drop or fill it")


def ever_first(items, alpha=1.0, n_directions=20_000, random_state=0):
    """Which items come first for at least one query under ‖x‖^α · cos(q, x)?

    In the plane the directions are spread evenly, so that only an item that wins less than
    1/n_directions of all queries can be missed. In more dimensions directions are drawn at
    random and the answer is a lower bound.

    Parameters
    ----------
    items : array-like, shape (n, d)
    alpha : float
        1 ranks by dot product, 0 by cosine.

    Returns
    -------
    bool array, shape (n,). O(n_directions · n · d) time.
    """
    items = _rows(items, "items")
    if items.shape[1] == 2:
        angle = np.arange(n_directions) * (2 * np.pi / n_directions)
        directions = np.column_stack([np.cos(angle), np.sin(angle)])
    else:
        directions = np.random.default_rng(random_state).normal(size=(n_directions, items.shape[1]))
    judged = normalize(items, 1 - alpha)  # ⟨q, x/‖x‖^(1−α)⟩ orders like ‖x‖^α·cos(q, x)
    found = np.zeros(len(items), dtype=bool)
    batch = max(1, 1_000_000 // max(1, len(items)))
    for start in range(0, n_directions, batch):
        found[(directions[start : start + batch] @ judged.T).argmax(axis=1)] = True
    return found


def rescale_factors(user_factors, item_factors, scale):
    """(U·D, V·D⁻¹) with D = diag(scale): every prediction ⟨U_i, V_j⟩ stays, cosines may move.

    Source: Steck, Ekanadham and Kallus 2024, section 2.

    Parameters
    ----------
    user_factors : array-like, shape (m, d)
    item_factors : array-like, shape (n, d)
    scale : array-like, shape (d,), no zeros
    """
    user_factors, item_factors = _pair(user_factors, item_factors)
    scale = np.asarray(scale, dtype=float)
    if scale.shape != (user_factors.shape[1],) or np.any(scale == 0):
        raise ValueError(
            f"scale must hold {user_factors.shape[1]} numbers, none of them 0, got {scale}"
        )
    return user_factors * scale, item_factors / scale


def _rows(rows, name):
    rows = np.asarray(rows)
    if rows.dtype != np.float32:  # large tables are often kept so, and stay so
        rows = rows.astype(float)
    if rows.ndim != 2:
        raise ValueError(
            f"{name} must be a table of vectors, one a row, got shape {rows.shape}; "
            f"a single vector x goes in as [x]"
        )
    if not np.isfinite(rows).all():
        at = np.argwhere(~np.isfinite(rows))[0]
        raise ValueError(f"{name}[{at[0]}, {at[1]}] is {rows[tuple(at)]}, expected a finite number")
    return rows


def _pair(queries, items):
    queries, items = _rows(queries, "queries"), _rows(items, "items")
    if queries.shape[1] != items.shape[1]:
        raise ValueError(
            f"queries have {queries.shape[1]} dimensions and items {items.shape[1]}; "
            f"both must live in the same space"
        )
    return queries, items
