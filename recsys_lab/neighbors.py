"""Ask those who are alike: neighbours among the users, or among the items.

What user u thinks of item j, who has not seen it, is read off the ratings next to it in the
matrix. `UserKNN` looks along the column: what do the users most like u say of j? `ItemKNN` looks
along the row: what does u say of the items most like j? Both are the same sum over the k most
similar that are known, N,

    r̂_uj = c_uj + Σ_N s · (r − c) / Σ_N s        (explicit: ratings)
    score = Σ_N s · value                         (implicit: visits, clicks)

where s > 0 are the similarities of `recsys_lab.co_ratings`, and c is what is normal for a rating:
its user's or item's mean, or the baseline μ + b_u + b_j (Koren 2008). `EASE` does not count who
rated together, but solves for the item-item weights that predict best.

User-user: Resnick et al. 1994, Herlocker et al. 1999. Item-item: Sarwar et al. 2001, Linden,
Smith and York 2003.
"""

import numpy as np

from recsys_lab.co_ratings import similarity_table
from recsys_lab.ease import EASE
from recsys_lab.popularity import Popularity, baseline, check_feedback, mean_of
from recsys_lab.recommender import Recommender, check_positive

__all__ = ["EASE", "ItemKNN", "UserKNN", "pearson"]

_CELLS = 1 << 17  # pairs × candidates looked at together: what fits in a cache


def pearson(a, b):
    """Correlation of two rows of ratings over what both have; NaN marks what is missing.

    Parameters
    ----------
    a, b : array-like, shape (n,)

    Returns
    -------
    float between −1 and 1; NaN where it is undefined: fewer than two ratings in common, or one
    side without variation on them.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"a and b must be two equally long rows, got shapes {a.shape}, {b.shape}")
    both = ~np.isnan(a) & ~np.isnan(b)
    if both.sum() < 2 or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return np.nan
    a, b = a[both] - a[both].mean(), b[both] - b[both].mean()
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1, 1))


class _KNN(Recommender):
    """What `UserKNN` and `ItemKNN` share: *rows* are compared, *columns* are the other side."""

    def __init__(self, k, similarity, shrinkage, center, feedback):
        self.k = k
        self.similarity = similarity
        self.shrinkage = shrinkage
        self.center = center
        self.feedback = feedback

    def fit(self, interactions):
        """Compare all rows of an ``Interactions``. Returns self."""
        self._check(interactions)
        matrix = interactions if self._rows == "users" else interactions.transpose()
        self.similarity_ = similarity_table(matrix, self.similarity, self.shrinkage)
        rows, columns, rest = matrix.users, matrix.items, matrix.values.astype(float)
        if self.feedback == "explicit":
            mean, row_bias, column_bias = baseline(matrix)
            self._fallback = mean + row_bias, column_bias  # what is normal for a pair: x's + y's
            nothing = np.zeros_like(row_bias), np.zeros_like(column_bias)
            self._center = {
                "none": nothing,
                "mean": (mean_of(rest, rows, len(row_bias)), nothing[1]),
                "baseline": self._fallback,
            }[self.center]
            rest = rest - self._center[0][rows] - self._center[1][columns]
        else:
            self._popularity = Popularity(self.feedback).fit(interactions).item_scores_
        column_start, known_by, _ = matrix.by_item
        self._by_column = column_start, known_by, rest[np.argsort(columns, kind="stable")]
        return self._remember(interactions)

    def score_all(self, users):
        """Predictions for the whole catalogue, shape (q, n). Time as q·n pairs of ``predict``."""
        users = self._known(users, "user")
        n = self.interactions_.n_items
        pairs = np.repeat(users, n), np.tile(np.arange(n), len(users))
        return self._predict_pairs(*pairs).reshape(len(users), n)

    def _predict_pairs(self, users, items):
        shape, users, items = users.shape, users.ravel(), items.ravel()
        x, y = (users, items) if self._rows == "users" else (items, users)
        near, pull = self._neighbor_sums(x, y)  # Σ s and Σ s · rest over the neighbours
        if self.feedback == "implicit":
            cold = np.diff(self.interactions_.by_user[0])[users] == 0
            return np.where(cold, self._popularity[items], pull).reshape(shape)
        offset = np.divide(pull, near, out=np.zeros_like(pull), where=near > 0)
        center = self._center[0][x] + self._center[1][y]
        fallback = self._fallback[0][x] + self._fallback[1][y]
        return np.where(near > 0, center + offset, fallback).reshape(shape)

    def _neighbor_sums(self, x, y):
        candidates = np.diff(self._by_column[0])[y]
        order = np.argsort(-candidates, kind="stable")  # pairs with like many share a rectangle
        near, pull = np.zeros(len(x)), np.zeros(len(x))
        start = 0
        while start < len(order) and candidates[order[start]] > 0:
            pairs = order[start : start + max(1, _CELLS // candidates[order[start]])]
            similar, _, rest = self._neighbors(x[pairs], y[pairs])
            near[pairs] = similar.sum(axis=1)
            pull[pairs] = (similar * rest).sum(axis=1)
            start += len(pairs)
        return near, pull

    def _neighbors(self, x, y):
        """Weight, row and rest of all that know column y, (p, longest); 0 beyond the k nearest."""
        column_start, known_by, rest = self._by_column
        length = column_start[y + 1] - column_start[y]
        place = np.arange(length.max())
        inside = place < length[:, None]  # (p, longest)
        at = np.where(inside, column_start[y][:, None] + place, 0)
        similar = np.where(inside, self.similarity_[x[:, None], known_by[at]], 0).astype(float)
        np.maximum(similar, 0, out=similar)  # an opposite is no adviser
        if similar.shape[1] > self.k:
            kth = np.partition(similar, -self.k, axis=1)[:, -self.k, None]
            above, tied = similar > kth, similar == kth
            seats = self.k - np.count_nonzero(above, axis=1)
            share = seats / np.count_nonzero(tied, axis=1)
            similar *= above + tied * share[:, None]
        return similar, known_by[at], rest[at]

    def explain(self, user, item):
        """Who was asked: ``(neighbours, weights, offsets)`` of one prediction, nearest first.

        Neighbours are users (`UserKNN`) or items (`ItemKNN`), weights their similarities. Offsets
        are how far their rating lies from what is normal for it, or values of implicit feedback.
        """
        user, item = self._known(user, "user"), self._known(item, "item")
        x, y = (user, item) if self._rows == "users" else (item, user)
        similar, rows, rest = (part[0] for part in self._neighbors(x.reshape(1), y.reshape(1)))
        order = np.argsort(-similar, kind="stable")[: np.count_nonzero(similar)]
        return rows[order], similar[order], rest[order]

    def _check(self, interactions):
        check_positive(self.k, "k", integer=True)
        check_feedback(self.feedback)
        if self.center not in ("none", "mean", "baseline"):
            raise ValueError(f'center must be "none", "mean" or "baseline", got {self.center!r}')
        if self.feedback == "implicit" and self.similarity != "cosine":
            raise ValueError(
                f'implicit feedback needs similarity="cosine", got {self.similarity!r}, which '
                f"compares ratings only where both are known, and visits are all alike there"
            )


class UserKNN(_KNN):
    """What do the users most like you say of it?

    Parameters
    ----------
    k : int
        How many neighbours are asked: the most similar of those who know the item. Those who tie
        for the last seats share them, so that the numbering of users decides nothing. k may
        exceed the number of users.
    similarity : str
        A measure of `recsys_lab.co_ratings`: "cosine", "corated_cosine", "pearson",
        "adjusted_cosine" or "pearson_baseline". Implicit feedback needs "cosine".
    shrinkage : float
        β in s · c / (c + β), c being the number of items both rated.
    center : {"mean", "baseline", "none"}
        What is normal for a rating: its user's mean, the baseline μ + b_u + b_j, or nothing
        (explicit feedback only).
    feedback : {"explicit", "implicit"}
        What the values are: ratings, which are averaged, or strengths such as visits, which are
        summed.

    Attributes
    ----------
    similarity_ : float32 array, shape (m, m), diagonal 0

    Notes
    -----
    A rating for which nobody similar is found is predicted by the baseline μ + b_u + b_j: for a
    user without ratings, what is well liked comes first. A user without visits gets the number of
    users an item has. Predicted ratings are not clipped to the scale, because clipping makes ties.

    Fit: O(m² + Σ over items of (their ratings)²) time, 4·m² bytes. A prediction is linear in the
    ratings of its item.
    """

    _rows = "users"

    def __init__(
        self, k=40, similarity="pearson", shrinkage=0.0, center="mean", feedback="explicit"
    ):
        super().__init__(k, similarity, shrinkage, center, feedback)


class ItemKNN(_KNN):
    """What do you say of the items most like it?

    Parameters and predictions as `UserKNN`, with users and items exchanged: the neighbours are
    the k most similar of the items the user knows, "mean" is the item's mean, and shrinkage counts
    the users who rated both. The adjusted cosine takes the user's mean off each rating, so that
    generous and grumpy users agree (Sarwar et al. 2001).

    Attributes
    ----------
    similarity_ : float32 array, shape (n, n), diagonal 0

    Notes
    -----
    Fit: O(n² + Σ over users of (their ratings)²) time, 4·n² bytes. A prediction is linear in the
    ratings of its user.
    """

    _rows = "items"

    def __init__(
        self, k=40, similarity="adjusted_cosine", shrinkage=0.0, center="mean", feedback="explicit"
    ):
        super().__init__(k, similarity, shrinkage, center, feedback)
