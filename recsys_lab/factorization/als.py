"""Matrix factorization by alternating least squares: fix one side, and the other is solved exactly.

Predict a rating as r̂_ij = μ + b_i + b_j + ⟨U_i, V_j⟩ and minimize over the observed set Ω

    Σ_Ω (r_ij − r̂_ij)² + reg (‖U‖² + ‖V‖² + ‖b‖²)

Both sides together are not convex. With the items fixed, each user is a ridge regression on the
films this user has rated, with features (V_j, 1) and coefficients (U_i, b_i); then the same for
each item. No half-step can raise the loss.

Source: Koren, Bell and Volinsky 2009; the penalty reg·n_i by Zhou et al. 2008.
"""

import numpy as np

from recsys_lab.factorization.base import FactorModel
from recsys_lab.factorization.linalg import batch_rows, ridge_rows
from recsys_lab.recommender import check_positive, epochs


class ALS(FactorModel):
    """Explicit ratings, squared error on the observed entries, solved exactly side by side.

    Parameters
    ----------
    n_factors : int
        d, the length of each vector.
    reg : float, above 0
        L2 penalty on factors and biases.
    n_iterations : int
        Sweeps: users, then items.
    scale_reg : bool
        Multiply the penalty of a row by its number of ratings (ALS-WR, Zhou et al. 2008).
    biases : bool
        Learn μ, b_i and b_j. Without them the model is ⟨U_i, V_j⟩ alone.
    random_state : int or numpy.random.Generator
    progress : bool
        Show a progress bar.
    callback : callable, optional
        Called as callback(epoch, model) after each sweep.

    Attributes
    ----------
    user_factors_ : array, shape (m, d)
    item_factors_ : array, shape (n, d)
    user_bias_, item_bias_ : arrays, shape (m,) and (n,)
    mean_ : float
    losses_ : list of float
        The loss after each half-step; it never rises.
    loss_ : float
        The last of them.

    Notes
    -----
    A user or item without ratings keeps zero factors and a zero bias: such a user gets μ + b_j.
    O(N d min(L, d) + Σ min(L, d)³) time a sweep, L the ratings of one row; O(N + (m + n) d) memory.
    Computes in float32 if the ratings are float32, else in float64.
    """

    def __init__(
        self,
        n_factors=32,
        reg=0.1,
        n_iterations=15,
        scale_reg=False,
        biases=True,
        random_state=0,
        progress=False,
        callback=None,
    ):
        self.n_factors = n_factors
        self.reg = reg
        self.n_iterations = n_iterations
        self.scale_reg = scale_reg
        self.biases = biases
        self.random_state = random_state
        self.progress = progress
        self.callback = callback

    def fit(self, interactions):
        """Learn from ``interactions``, whose values are ratings. Returns self."""
        d = check_positive(self.n_factors, "n_factors", integer=True)
        check_positive(self.reg, "reg")
        check_positive(self.n_iterations, "n_iterations", integer=True)
        self._remember(interactions)
        dtype = interactions.values.dtype
        self.mean_ = float(interactions.values.mean(dtype=float)) if self.biases else 0.0
        users, items = (
            _Side(view, d, self.reg, self.scale_reg, self.mean_)
            for view in (interactions.by_user, interactions.by_item)
        )
        rng = np.random.default_rng(self.random_state)
        v = 0.1 * rng.normal(size=(interactions.n_items, d + self.biases)).astype(dtype)
        v[:, d:] = 0  # the column of biases starts at zero
        self.losses_ = []
        for epoch in epochs(self.n_iterations, self.progress, "ALS"):
            u = self._half_step(users, v, items)
            v = self._half_step(items, u, users)
            self.user_factors_, self.item_factors_ = u[:, :d], v[:, :d]
            if self.biases:
                self.user_bias_, self.item_bias_ = u[:, d], v[:, d]
            if self.callback:
                self.callback(epoch, self)
        self.loss_ = self.losses_[-1]
        return self

    def _half_step(self, side, fixed, fixed_side):
        """Solve one side for (U_i, b_i) given (V_j, b_j) of the other."""
        features, rest = fixed, side.values
        if self.biases:
            features = fixed.copy()
            features[:, -1] = 1  # what the bias b_i of this side is multiplied by
            rest = side.values - fixed[side.columns, -1]
        solved, gain = ridge_rows(
            side.batches, side.columns, features, np.ones_like(rest), rest, side.reg
        )
        # The minimum lies ⟨Hᵀb, x⟩ below the value at zero, so no pass over Ω is needed.
        penalty = (fixed_side.reg * (fixed**2).sum(axis=1)).sum(dtype=float)
        self.losses_.append(float((rest**2).sum(dtype=float) - gain + penalty))
        return solved


class _Side:
    """One side's view of the ratings, with the mean taken off and its rows put into batches."""

    def __init__(self, view, n_factors, reg, scale_reg, mean):
        indptr, self.columns, values = view
        count = np.diff(indptr)
        self.values = values - values.dtype.type(mean)
        self.reg = (reg * count if scale_reg else np.full(len(count), reg)).astype(values.dtype)
        self.batches = batch_rows(indptr, n_factors)
