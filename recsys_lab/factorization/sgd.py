"""Matrix factorization by stochastic gradient descent, on the observed ratings.

Predict r̂_ij = μ + b_i + b_j + ⟨U_i, V_j⟩. For one rating with error e = r_ij − r̂_ij, a step
against the gradient of e² + reg (‖U_i‖² + ‖V_j‖² + b_i² + b_j²), over two, is

    U_i += η (e V_j − reg U_i)          b_i += η (e − reg b_i)
    V_j += η (e U_i − reg V_j)          b_j += η (e − reg b_j)

A bias is one more factor whose partner is always 1: ⟨(U_i, b_i, 1), (V_j, 1, b_j)⟩ is
⟨U_i, V_j⟩ + b_i + b_j, so one line updates them all.

One rating at a time is slow in Python, so ratings are drawn in blocks; `blocks` says how the
steps of a block are taken together. Blocks are drawn once and come in a new order each epoch.

Source: Koren, Bell and Volinsky 2009; Salakhutdinov and Mnih 2007.
"""

import numpy as np

from recsys_lab.factorization.base import FactorModel
from recsys_lab.factorization.blocks import add_rows, start_factors, step_lengths
from recsys_lab.recommender import check_finite, check_positive, epochs


class SGDFactorization(FactorModel):
    """Explicit ratings, squared error on the observed entries, by stochastic gradient descent.

    Parameters
    ----------
    n_factors : int
        d, the length of each vector.
    reg : float, at least 0
        L2 penalty, paid at every rating by the rows it touches.
    learning_rate : float, above 0
        η, the length of a step.
    n_epochs : int
        Times to go through all ratings.
    biases : bool
        Learn μ, b_i and b_j. Without them the model is ⟨U_i, V_j⟩ alone.
    random_state : int or numpy.random.Generator
    batch_size : int
        Ratings in a block. At 1 this is the textbook's loop, rating by rating.
    progress : bool
        Show a progress bar.
    callback : callable, optional
        Called as callback(epoch, model) after each epoch. The factors go on moving: copy what
        is to be kept.

    Attributes
    ----------
    user_factors_ : array, shape (m, d)
    item_factors_ : array, shape (n, d)
    user_bias_, item_bias_ : arrays, shape (m,) and (n,)
    mean_ : float
    losses_ : list of float
        Mean squared error of each epoch, every rating judged just before its own step.
    loss_ : float
        The last of them.

    Raises
    ------
    FloatingPointError
        At the epoch where the loss is no longer a number; lower the learning rate.

    Notes
    -----
    A user or item without ratings keeps zero factors and a zero bias: such a user gets μ + b_j.
    O(N d) time an epoch, O(N + (m + n) d) memory. Computes in float32 if the ratings are float32,
    else in float64.
    """

    def __init__(
        self,
        n_factors=32,
        reg=0.02,
        learning_rate=0.01,
        n_epochs=20,
        biases=True,
        random_state=0,
        batch_size=1000,
        progress=False,
        callback=None,
    ):
        self.n_factors = n_factors
        self.reg = reg
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.biases = biases
        self.random_state = random_state
        self.batch_size = batch_size
        self.progress = progress
        self.callback = callback

    def fit(self, interactions):
        """Learn from ``interactions``, whose values are ratings. Returns self."""
        d = check_positive(self.n_factors, "n_factors", integer=True)
        check_positive(self.reg, "reg", zero=True)
        check_positive(self.learning_rate, "learning_rate")
        check_positive(self.n_epochs, "n_epochs", integer=True)
        size = check_positive(self.batch_size, "batch_size", integer=True)
        self._remember(interactions)
        rng = np.random.default_rng(self.random_state)
        dtype = interactions.values.dtype
        if self.biases:
            self.mean_ = float(interactions.values.mean(dtype=float))
        ratings = interactions.values - dtype.type(self.mean_)
        u = start_factors(rng, interactions.by_user[0], d + 2 * self.biases, dtype)
        v = start_factors(rng, interactions.by_item[0], d + 2 * self.biases, dtype)
        self.user_factors_, self.item_factors_ = u[:, :d], v[:, :d]  # views: they follow u and v
        if self.biases:
            u[:, d:], v[:, d:] = (0, 1), (1, 0)  # (U_i, b_i, 1) and (V_j, 1, b_j)
            self.user_bias_, self.item_bias_ = u[:, d], v[:, d + 1]

        drawn = rng.permutation(len(ratings))
        blocks = [
            _Block(interactions, ratings, drawn[start : start + size], self.learning_rate)
            for start in range(0, len(drawn), size)
        ]
        self.losses_ = []
        for epoch in epochs(self.n_epochs, self.progress, "SGDFactorization"):
            squared = 0.0
            with np.errstate(over="ignore", invalid="ignore"):  # check_finite speaks for them
                for which in rng.permutation(len(blocks)):
                    squared += self._step(u, v, blocks[which])
            self.losses_.append(squared / len(ratings))
            check_finite(self.losses_[-1], epoch, self, "lower the learning_rate")
            if self.callback:
                self.callback(epoch, self)
        self.loss_ = self.losses_[-1]
        return self

    def _step(self, u, v, block):
        """One step on every rating of a block; returns the sum of the squared errors before it."""
        u_i, v_j = u.take(block.users, axis=0), v.take(block.items, axis=0)  # (B, d)
        error = block.ratings - np.einsum("td,td->t", u_i, v_j)
        e = error[:, None]
        to_u = block.user_steps * (e * v_j - self.reg * u_i)
        to_v = block.item_steps * (e * u_i - self.reg * v_j)
        if self.biases:
            to_u[:, -1], to_v[:, -2] = 0, 0  # the partners of the biases stay 1
        add_rows(u, block.users, to_u)
        add_rows(v, block.items, to_v)
        return float(error @ error)


class _Block:
    """Some ratings drawn at random, and how far each moves its user and its item."""

    def __init__(self, interactions, ratings, drawn, learning_rate):
        self.users, self.items = interactions.users[drawn], interactions.items[drawn]
        self.ratings = ratings[drawn]
        self.user_steps = step_lengths(self.users, learning_rate, ratings.dtype)
        self.item_steps = step_lengths(self.items, learning_rate, ratings.dtype)
