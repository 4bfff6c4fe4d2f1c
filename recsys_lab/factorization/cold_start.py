"""The newcomer: a vector for someone, or something, that was not there when the model was fitted.

With a few ratings, *fold in*: hold the factors of the other side and solve the one ridge
regression that alternating least squares would solve for this row. (No relation of *folding*.)
Without any, guess: the average of what the same maker made before, or
`recsys_lab.popularity`.
"""

import numpy as np

from recsys_lab.data import Interactions
from recsys_lab.factorization.half_step import als_step
from recsys_lab.factorization.linalg import check_factors


def fold_in(
    item_factors,
    items,
    values,
    reg,
    unobserved_weight=0.0,
    confidence=1.0,
    scale_reg=False,
):
    """Factors (d,) of a new user from a few ratings: the row an ALS step would give.

    A new item folds in by exchanging the roles: ``fold_in(user_factors, users, values, reg)``.

    Parameters
    ----------
    item_factors : array-like, shape (n, d)
    items : array-like of int, shape (L,)
        What the newcomer rated, each item once. None at all give the zero vector.
    values : array-like, shape (L,)
        The ratings; for implicit feedback, ones.
    reg : float, above 0
    unobserved_weight, confidence, scale_reg
        As in `als_step`, and as the model was fitted.

    Notes
    -----
    With biases, fold (U_i, b_i) in together: features (V_j, 1), values r − μ − b_j::

        features = np.column_stack([model.item_factors_, np.ones(n)])
        rest = ratings - model.mean_ - model.item_bias_[items]
        *factors, bias = fold_in(features, items, rest, model.reg)

    O(L d min(L, d) + min(L, d)³) time, and O(n d²) more with an unobserved weight.
    """
    item_factors = check_factors(item_factors, kind="item")
    values = np.asarray(values).astype(item_factors.dtype)
    ratings = Interactions(np.zeros(len(values), int), items, values, 1, len(item_factors))
    step = als_step(item_factors, ratings, reg, unobserved_weight, confidence, scale_reg=scale_reg)
    return step[0]


def maker_average(item_factors, makers, maker):
    """Factors (d,) for an item nobody has seen yet: the mean over the items of the same maker.

    Parameters
    ----------
    item_factors : array-like, shape (n, d)
    makers : array-like, shape (n,)
        Director, author or seller of each known item: numbers or text.
    maker
        The new item's. One with no item yet gets the mean over all items.
    """
    item_factors, makers = check_factors(item_factors, kind="item"), np.asarray(makers)
    if makers.shape != (len(item_factors),):
        raise ValueError(
            f"makers must name one maker for each of the {len(item_factors)} items, "
            f"got shape {makers.shape}"
        )
    if len(item_factors) == 0:
        raise ValueError("there is no item to take an average of")
    same = makers == maker
    return item_factors[same].mean(axis=0) if same.any() else item_factors.mean(axis=0)
