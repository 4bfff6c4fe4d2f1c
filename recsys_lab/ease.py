"""EASE: the item-item weights that rebuild every user's row best, in one closed form.

A linear autoencoder: find B (n × n) with

    min ‖X − XB‖² + reg · ‖B‖²   such that   B_jj = 0,

since an item that may vote for itself learns nothing else. With P = (XᵀX + reg · I)⁻¹ the answer
is B_ij = −P_ij / P_jj (Steck 2019): the inverse, unlike the co-occurrence XᵀX itself, explains
away what two items share only because both are popular. The scores of a user are her row x times B.
"""

import numpy as np

from recsys_lab.co_ratings import shared_columns
from recsys_lab.popularity import Popularity, check_some
from recsys_lab.recommender import Recommender, check_positive


class EASE(Recommender):
    """Item-item weights in closed form, for implicit feedback.

    Parameters
    ----------
    reg : float
        What a weight costs: the larger, the smaller the weights.

    Attributes
    ----------
    item_weights_ : array, shape (n, n), diagonal 0
        Column j holds what each item says for item j. May be negative.

    Notes
    -----
    Ratings are taken as they are, with 0 for what is unknown: pass ones for "liked it", and leave
    the rest out. A user without interactions gets the number of users an item has; an item without
    interactions has the score 0.

    O(n³) time where n ≤ m, else O(m·n²); 8·n² bytes, dense by nature: 760 MB for 9,724 films.
    """

    def __init__(self, reg=200.0):
        self.reg = reg

    def fit(self, interactions):
        """Solve for the weights of an ``Interactions``. Returns self."""
        check_positive(self.reg, "reg")
        check_some(interactions)
        m, n = interactions.shape
        if n <= m:
            P = _inverse(_ridge(interactions.transpose(), self.reg))
        else:
            # Fewer users than items: XᵀX has rank m, and inverting the m × m matrix XXᵀ + reg · I
            # is enough, P = (I − Xᵀ(XXᵀ + reg · I)⁻¹X) / reg (Woodbury's identity).
            X = np.asarray(interactions.to_dense(), dtype=float)
            P = X.T @ np.linalg.solve(_ridge(interactions, self.reg), X)
            P /= -self.reg
            P[np.diag_indices(n)] += 1 / self.reg
        P /= -np.diag(P)  # in place: P becomes B
        np.fill_diagonal(P, 0)
        self.item_weights_ = P
        self._popularity = Popularity("implicit").fit(interactions).item_scores_
        return self._remember(interactions)

    def score_all(self, users):
        """x_u B for each user, shape (q, n), in O(n) time for each of a user's items."""
        users = self._known(users, "user")
        start, items, values = self.interactions_.by_user
        scores = np.empty((len(users), self.interactions_.n_items))
        for row, user in enumerate(users):
            own = slice(start[user], start[user + 1])
            known = own.start < own.stop
            scores[row] = (
                values[own] @ self.item_weights_[items[own]] if known else self._popularity
            )
        return scores


def _ridge(matrix, reg):
    """XXᵀ + reg · I of the rows of a sparse matrix X, shape (m, m): O(m² + shared entries)."""
    m = matrix.n_users
    by_column = matrix.values[np.argsort(matrix.items, kind="stable")]
    total = reg * np.eye(m)
    for start, stop, left, right, cell in shared_columns(matrix):
        products = matrix.values[left] * by_column[right]
        total[start:stop] += np.bincount(cell, products, (stop - start) * m).reshape(-1, m)
    return total


def _inverse(S):
    """Inverse of a symmetric positive definite matrix, by halves.

    With S = [A B; Bᵀ C] and the Schur complement D = C − Bᵀ A⁻¹ B, the inverse is
    [A⁻¹ + T D⁻¹ Tᵀ, −T D⁻¹; −D⁻¹ Tᵀ, D⁻¹], T = A⁻¹ B: matrix products, and half the arithmetic of
    ``np.linalg.inv``, which cannot know that S is symmetric.
    """
    n = len(S)
    if n <= 128:
        return np.linalg.inv(S)
    top, low = slice(n // 2), slice(n // 2, n)
    A = _inverse(S[top, top])
    T = A @ S[top, low]
    D = _inverse(S[low, low] - S[low, top] @ T)
    P = np.empty_like(S)
    P[low, low] = D
    P[top, low] = -T @ D
    P[low, top] = P[top, low].T
    P[top, top] = A - P[top, low] @ T.T
    return P
