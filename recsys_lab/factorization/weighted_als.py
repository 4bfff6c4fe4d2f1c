"""Weighted matrix factorization: what was not seen counts as a little bit of a no.

With clicks and visits every observed entry says yes, and "one everywhere" would fit them all. So
every pair takes part: the observed set Ω with target y_ij and weight c_ij, all others with target
0 and the small weight w0:

    Σ_Ω c_ij (y_ij − ⟨U_i, V_j⟩)²  +  w0 Σ_not Ω ⟨U_i, V_j⟩²  +  reg (‖U‖² + ‖V‖²)

The middle sum has m·n terms, and no step looks at them. For user i it is w0 U_iᵀ(VᵀV)U_i less the
same over the items seen, and VᵀV is one d × d matrix for all users. With s_j = ⟨U_i, V_j⟩,

    user i minimizes   Σ_j∈Ω_i ((c_ij − w0) s_j² − 2 c_ij y_ij s_j)  +  U_iᵀ(w0 VᵀV + reg I)U_i

In coordinates that turn the shared matrix into I this is a ridge regression on the items seen.
Between two half-steps `balance` keeps all predictions and lowers the penalty: far fewer sweeps.

With y = 1 this is Hu, Koren and Volinsky 2008, who write w0 = 1 and c_ij = 1 + α r_ij. Only ratios
matter: (c, w0, reg) and (k c, k w0, k reg) have the same minimum. See also Pan et al. 2008.
"""

import numpy as np

from recsys_lab.factorization.base import FactorModel
from recsys_lab.factorization.linalg import balance, batch_rows, check_factors, ridge_rows, whiten
from recsys_lab.recommender import check_positive, epochs


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
    side = _Side(interactions.by_user, v.shape[1], unobserved_weight, confidence, target)
    if scale_reg:
        reg_of_row = reg * np.maximum(np.diff(interactions.by_user[0]), 1)
        return ridge_rows(side.batches, side.columns, v, side.a, side.b, reg_of_row)[0]
    return side.solve(v, unobserved_weight, reg)[0]


class WeightedALS(FactorModel):
    """Implicit feedback: the objective above, each half solved exactly.

    Parameters
    ----------
    n_factors : int
        d, the length of each vector.
    reg : float, above 0
        L2 penalty on the factors.
    unobserved_weight : float, at least 0
        w0, the weight of every pair that was not seen, whose target is 0.
    confidence : float, or function of the array of values
        c_ij, the weight of a pair that was seen; ``lambda r: 1 + 40 * r`` counts visits.
    n_iterations : int
        Sweeps: users, then items.
    target : "one" or "values"
        What a seen pair should score: 1, or its value.
    random_state : int or numpy.random.Generator
    progress : bool
        Show a progress bar.
    callback : callable, optional
        Called as callback(epoch, model) after each sweep.

    Attributes
    ----------
    user_factors_ : array, shape (m, d)
    item_factors_ : array, shape (n, d)
    losses_ : list of float
        The objective after each half-step; it never rises.
    loss_ : float
        The last of them.

    Notes
    -----
    A user without interactions has zero factors; scored is the popularity of the items, the share
    of users who saw them. An item nobody saw has zero factors and scores 0.
    O(N d min(L, d) + Σ min(L, d)³ + (m + n) d²) time a sweep, L the interactions of one row;
    O(N + (m + n) d) memory. Computes in float32 if the values are float32, else in float64.
    """

    def __init__(
        self,
        n_factors=32,
        reg=0.1,
        unobserved_weight=0.1,
        confidence=1.0,
        n_iterations=15,
        target="one",
        random_state=0,
        progress=False,
        callback=None,
    ):
        self.n_factors = n_factors
        self.reg = reg
        self.unobserved_weight = unobserved_weight
        self.confidence = confidence
        self.n_iterations = n_iterations
        self.target = target
        self.random_state = random_state
        self.progress = progress
        self.callback = callback

    def fit(self, interactions):
        """Learn from ``interactions``: what was seen, and how much of it. Returns self."""
        d = check_positive(self.n_factors, "n_factors", integer=True)
        reg = check_positive(self.reg, "reg")
        w0 = check_positive(self.unobserved_weight, "unobserved_weight", zero=True)
        check_positive(self.n_iterations, "n_iterations", integer=True)
        self._remember(interactions)
        users, items = (
            _Side(view, d, w0, self.confidence, self.target)
            for view in (interactions.by_user, interactions.by_item)
        )
        rng = np.random.default_rng(self.random_state)
        start = 0.01 * rng.normal(size=(interactions.n_items, d))
        v = start.astype(interactions.values.dtype)
        self.losses_ = []
        for epoch in epochs(self.n_iterations, self.progress, "WeightedALS"):
            u, gain = users.solve(v, w0, reg)
            self.losses_.append(users.at_zero - gain + reg * float((v**2).sum(dtype=float)))
            u, v = balance(u, v)
            v, gain = items.solve(u, w0, reg)
            self.losses_.append(items.at_zero - gain + reg * float((u**2).sum(dtype=float)))
            self.user_factors_, self.item_factors_ = u, v
            if self.callback:
                self.callback(epoch, self)
        self.loss_ = self.losses_[-1]
        return self

    def score_all(self, users):
        """⟨U_i, V_j⟩ of the whole catalogue, shape (q, n); popularity where there is no history."""
        users = np.asarray(users)
        scores = self.user_factors_[users] @ self.item_factors_.T
        stranger = self._without_history(users)
        if stranger.any():
            scores[stranger] = self._popularity()
        return scores

    def _predict_pairs(self, users, items):
        scores = super()._predict_pairs(users, items)
        stranger = self._without_history(users)
        if stranger.any():
            scores = np.where(stranger, self._popularity()[items], scores)
        return scores

    def _without_history(self, users):
        indptr = self.interactions_.by_user[0]
        return indptr[users] == indptr[users + 1]

    def _popularity(self):
        known = self.interactions_
        return np.bincount(known.items, minlength=known.n_items) / known.n_users


class _Side:
    """One side's view of the interactions: a = c − w0 and b = c·y of each, rows in batches."""

    def __init__(self, view, n_factors, w0, confidence, target):
        indptr, self.columns, values = view
        c = confidence(values) if callable(confidence) else np.full_like(values, confidence)
        c = np.asarray(c, dtype=values.dtype)
        if c.shape != values.shape or not np.isfinite(c).all() or (c < 0).any():
            raise ValueError(
                "confidence must be a number of at least 0, or a function that makes one such "
                f"number of each of the {len(values)} values"
            )
        if target not in ("one", "values"):
            raise ValueError(f'target must be "one" or "values", got {target!r}')
        y = values if target == "values" else np.ones_like(values)
        self.a, self.b = c - values.dtype.type(w0), c * y
        self.at_zero = float((c * y**2).sum(dtype=float))  # the objective of zero factors
        self.reg = np.ones(len(indptr) - 1, values.dtype)
        self.batches = batch_rows(indptr, n_factors)

    def solve(self, factors, w0, reg):
        """The best factors of this side, and how far they lower the objective below `at_zero`."""
        h, back = whiten(factors, w0, reg)
        z, gain = ridge_rows(self.batches, self.columns, h, self.a, self.b, self.reg)
        return z @ back.T, gain
