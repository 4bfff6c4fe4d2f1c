"""One exact half-step of alternating least squares, for what was seen and what was not.

The objective of `weighted_als` sums over all m·n pairs: the observed set Ω with target y_ij and
weight c_ij, all others with target 0 and weight w0. With the items fixed, user i minimizes

    Σ_j∈Ω_i c_ij (y_ij − s_j)²  +  w0 Σ_j∉Ω_i s_j²  +  reg ‖U_i‖²        s_j = ⟨U_i, V_j⟩

No step looks at the middle sum. It is w0 Σ_j s_j² = w0 U_iᵀ(VᵀV)U_i over all items, less the same
over the items seen, and VᵀV is one d × d matrix for all users:

    Σ_j∈Ω_i ((c_ij − w0) s_j² − 2 c_ij y_ij s_j)  +  U_iᵀ(w0 VᵀV + reg I)U_i  +  Σ c_ij y_ij²

In coordinates that turn the shared matrix into I (`whiten`), this is a ridge regression on the
items seen alone (`ridge_rows`), with a = c − w0 and b = c y. With w0 = 0 it is that of `als`.
Source: Hu, Koren and Volinsky 2008.
"""

import numpy as np

from recsys_lab.factorization.linalg import (
    batch_rows,
    check_factors,
    moment_rows,
    ridge_rows,
    whiten,
)
from recsys_lab.recommender import check_positive


def als_step(
    item_factors,
    interactions,
    reg,
    unobserved_weight=0.0,
    confidence=1.0,
    target="values",
    scale_reg=False,
):
    """The exact half-step: the best user factors for these item factors, shape (m, d).

    ``als_step(user_factors, interactions.transpose(), reg, ...)`` is the other half.

    Parameters
    ----------
    item_factors : array-like, shape (n, d)
    interactions : Interactions
    reg : float, above 0
    unobserved_weight : float, at least 0
        w0. At 0 only the observed entries count.
    confidence : float, or function of the array of values
        c_ij, at least 0; ``lambda r: 1 + 40 * r`` is that of Hu, Koren and Volinsky 2008.
    target : "values" or "one"
        y_ij: the value of the interaction, or 1 for whatever was seen.
    scale_reg : bool
        Multiply reg by the number of a user's interactions; needs ``unobserved_weight=0``.

    Notes
    -----
    A user without interactions gets the zero vector. O(N d min(L, d) + Σ min(L, d)³ + n d²) time,
    L the interactions of a row.
    """
    v = check_factors(item_factors, interactions.n_items, "item")
    check_positive(reg, "reg")
    check_positive(unobserved_weight, "unobserved_weight", zero=True)
    if scale_reg and unobserved_weight:
        raise ValueError(
            "scale_reg gives every row a penalty of its own, and the unobserved entries share "
            "one; use scale_reg=False, or unobserved_weight=0"
        )
    side = Side(interactions.by_user, v.shape[1], reg, unobserved_weight, confidence, target)
    if scale_reg:
        reg_of_row = reg * np.maximum(np.diff(interactions.by_user[0]), 1)
        return ridge_rows(side.batches, side.columns, v, side.a, side.b, reg_of_row)[0]
    return side.solve(v)[0]


class Side:
    """One side's view of the interactions: a and b of each, rows in batches, w0 and reg."""

    def __init__(self, view, n_factors, reg, unobserved_weight, confidence, target):
        indptr, self.columns, values = view
        self.reg, self.w0 = reg, unobserved_weight
        if callable(confidence):
            c = np.asarray(confidence(values), dtype=values.dtype)
            if c.shape != values.shape or not np.isfinite(c).all() or (c < 0).any():
                raise ValueError(
                    f"confidence must make of {len(values)} values as many finite numbers of at "
                    f"least 0, got {c}"
                )
        else:
            c = np.full_like(values, check_positive(confidence, "confidence", zero=True))
        if target not in ("one", "values"):
            raise ValueError(f'target must be "one" or "values", got {target!r}')
        y = values if target == "values" else np.ones_like(values)
        self.a, self.b = c - values.dtype.type(self.w0), c * y
        self.at_zero = float((c * y**2).sum(dtype=float))  # the objective where all scores are 0
        self.one = np.ones(len(indptr) - 1, values.dtype)  # reg in whitened coordinates
        self.batches = batch_rows(indptr, n_factors)

    def solve(self, factors):
        """The best factors of this side; and the objective there, but for reg·‖factors‖²."""
        h, back = whiten(factors, self.w0, self.reg)
        z, gain = ridge_rows(self.batches, self.columns, h, self.a, self.b, self.one)
        return z @ back.T, self.at_zero - gain

    def moments(self, factors):
        """Σ_j c_ij y_ij V_j of every row."""
        return moment_rows(self.batches, self.columns, factors, self.b, len(self.one))
