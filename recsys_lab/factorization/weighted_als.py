"""Weighted matrix factorization: what was not seen counts as a little bit of a no.

With clicks and visits every observed entry says yes, and "one everywhere" would fit them all. So
every pair takes part: the observed set Ω with target y_ij and weight c_ij, all others with target
0 and the small weight w0:

    Σ_Ω c_ij (y_ij − ⟨U_i, V_j⟩)²  +  w0 Σ_not Ω ⟨U_i, V_j⟩²  +  reg (‖U‖² + ‖V‖²)

With y = 1 this is Hu, Koren and Volinsky 2008, who write w0 = 1 and c_ij = 1 + α r_ij. Only ratios
matter: (c, w0, reg) and (k c, k w0, k reg) have the same minimum. See also Pan et al. 2008.

Each side in turn is solved exactly (`half_step`), and two things save two sweeps of three:

- Between the half-steps `balance` keeps every prediction and makes the penalty as small as can be.
- On the way from the old factors of a side to their best the objective is a parabola. Going half
  as far again still comes out lower than at the start, and as valleys are long, it pays.
"""

import numpy as np

from recsys_lab.factorization.base import FactorModel
from recsys_lab.factorization.half_step import Side
from recsys_lab.factorization.linalg import balance
from recsys_lab.recommender import check_positive, epochs

OVERSTEP = 1.5  # ω, in parts of the way to the minimum; 1 stops there, from 2 on nothing is gained


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
            Side(view, d, reg, w0, self.confidence, self.target)
            for view in (interactions.by_user, interactions.by_item)
        )
        rng = np.random.default_rng(self.random_state)
        u = rng.normal(size=(interactions.n_users, d)).astype(interactions.values.dtype)
        v = 0.01 * items.moments(u)  # each item the sum of those who saw it: half a sweep for free
        u[:] = 0
        loss = users.at_zero + reg * _square(v)
        self.losses_ = []
        for epoch in epochs(self.n_iterations, self.progress, "WeightedALS"):
            u, loss = _improve(users, u, v, loss)
            self.losses_.append(loss)
            before = _square(u) + _square(v)
            u, v = balance(u, v)
            loss -= reg * (before - _square(u) - _square(v))
            v, loss = _improve(items, v, u, loss)
            self.losses_.append(loss)
            self.user_factors_, self.item_factors_ = u, v
            if self.callback:
                self.callback(epoch, self)
        self.loss_ = loss
        return self

    def score_all(self, users):
        """⟨U_i, V_j⟩ of the whole catalogue, shape (q, n); popularity where there is no history."""
        users = self._known(users, "user")
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


def _improve(side, own, other, loss):
    """Move one side past its minimum; returns its factors and the objective there.

    On a parabola, ω times the way lies (ω − 1)² of the initial height above the lowest point.
    """
    best, lowest = side.solve(other)
    lowest += side.reg * _square(other)
    return own + OVERSTEP * (best - own), lowest + (OVERSTEP - 1) ** 2 * (loss - lowest)


def _square(factors):
    return float(np.vdot(factors, factors))
