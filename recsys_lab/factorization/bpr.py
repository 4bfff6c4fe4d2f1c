"""Bayesian personalized ranking: what a user chose should score above what this user did not.

No rating is predicted. For a user i, an item j the user has chosen and one l the user has not,

    x_ijl = ⟨U_i, V_j − V_l⟩ + b_j − b_l      the margin of j over l
    maximize   Σ ln σ(x_ijl) − reg/2 (‖U_i‖² + ‖V_j‖² + ‖V_l‖² + b_j² + b_l²)

over random triples. Each pulls with p = σ(−x_ijl), the chance that it is still the wrong way round:

    U_i += η (p (V_j − V_l) − reg U_i)
    V_j += η (p U_i − reg V_j)          V_l += η (−p U_i − reg V_l)

and b_j, b_l likewise, as one more factor whose partner in U is always 1. Item biases are a common
addition to the paper's model. Source: Rendle et al. 2009.
"""

import numpy as np

from recsys_lab.factorization.base import FactorModel
from recsys_lab.factorization.blocks import add_rows, start_factors, step_lengths
from recsys_lab.recommender import check_finite, check_positive, epochs


class BPR(FactorModel):
    """Implicit feedback, ranked: stochastic gradient ascent over (user, chosen, not chosen).

    Parameters
    ----------
    n_factors : int
        d, the length of each vector.
    reg : float, at least 0
        L2 penalty, paid at every triple by the rows it touches.
    learning_rate : float, above 0
        η, the length of a step.
    n_epochs : int
        One epoch goes once through all interactions, each with a newly drawn item not chosen.
    random_state : int or numpy.random.Generator
    batch_size : int
        Triples in a block; at 1 this is the paper's loop, triple by triple.
    progress : bool
        Show a progress bar.
    callback : callable, optional
        Called as callback(epoch, model) after each epoch. The factors go on moving: copy what
        is to be kept.

    Attributes
    ----------
    user_factors_ : array, shape (m, d)
    item_factors_ : array, shape (n, d)
    item_bias_ : array, shape (n,)
    losses_ : list of float
        Mean −ln σ(x) of each epoch, every triple judged just before its own step.
    loss_ : float
        The last of them; ln 2 is a coin.

    Notes
    -----
    Values are not used: an interaction is a choice. A user without interactions, or who chose
    everything, has zero factors and gets the items' biases, which follow popularity. An item
    nobody chose is only ever pushed down.
    O(N (d + log N)) time an epoch, O(N + (m + n) d) memory. Computes in float32 if the values are
    float32, else in float64.
    """

    def __init__(
        self,
        n_factors=32,
        reg=0.01,
        learning_rate=0.05,
        n_epochs=30,
        random_state=0,
        batch_size=1000,
        progress=False,
        callback=None,
    ):
        self.n_factors = n_factors
        self.reg = reg
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.random_state = random_state
        self.batch_size = batch_size
        self.progress = progress
        self.callback = callback

    def fit(self, interactions):
        """Learn from who chose what. Returns self."""
        d = check_positive(self.n_factors, "n_factors", integer=True)
        check_positive(self.reg, "reg", zero=True)
        check_positive(self.learning_rate, "learning_rate")
        check_positive(self.n_epochs, "n_epochs", integer=True)
        size = check_positive(self.batch_size, "batch_size", integer=True)
        self._remember(interactions)
        rng = np.random.default_rng(self.random_state)
        dtype = interactions.values.dtype
        chosen = np.diff(interactions.by_user[0])
        usable = np.flatnonzero(chosen[interactions.users] < interactions.n_items)
        if len(usable) == 0:
            raise ValueError("every user chose every item: there is no pair to put in order")
        u = start_factors(rng, interactions.by_user[0], d + 1, dtype)
        v = start_factors(rng, interactions.by_item[0], d + 1, dtype)
        u[chosen == interactions.n_items] = 0
        u[:, d], v[:, d] = 1, 0  # (U_i, 1) and (V_j, b_j)
        self.user_factors_, self.item_factors_ = u[:, :d], v[:, :d]  # views: they follow u and v
        self.item_bias_ = v[:, d]

        self.losses_ = []
        for epoch in epochs(self.n_epochs, self.progress, "BPR"):
            rng.shuffle(usable)
            users, liked = interactions.users[usable], interactions.items[usable]
            other = draw_unseen(interactions, users, rng)
            total = 0.0
            with np.errstate(over="ignore", invalid="ignore"):  # check_finite speaks for them
                for start in range(0, len(usable), size):
                    block = slice(start, start + size)
                    total += self._step(u, v, users[block], liked[block], other[block])
            self.losses_.append(total / len(usable))
            check_finite(self.losses_[-1], epoch, self, "lower the learning_rate")
            if self.callback:
                self.callback(epoch, self)
        self.loss_ = self.losses_[-1]
        return self

    def _step(self, u, v, users, liked, other):
        """One step on every triple of a block; returns the sum of −ln σ(x) before it."""
        u_i, v_j, v_l = u.take(users, axis=0), v.take(liked, axis=0), v.take(other, axis=0)
        apart = v_j - v_l
        margin = np.einsum("td,td->t", u_i, apart)
        loss = np.logaddexp(0, -margin)  # −ln σ(x), safe for large margins
        p = np.exp(-margin - loss)[:, None]  # σ(−x) = e^−x σ(x)
        user_steps = step_lengths(users, self.learning_rate, u.dtype)
        item_steps = step_lengths(np.concatenate([liked, other]), self.learning_rate, v.dtype)
        to_u = user_steps * (p * apart - self.reg * u_i)
        to_u[:, -1] = 0  # the partner of the items' biases stays 1
        to_j = item_steps[: len(liked)] * (p * u_i - self.reg * v_j)
        to_l = item_steps[len(liked) :] * (-p * u_i - self.reg * v_l)
        add_rows(u, users, to_u)
        add_rows(v, liked, to_j)
        add_rows(v, other, to_l)
        return float(loss.sum(dtype=float))


def draw_unseen(interactions, users, rng):
    """One item for each of ``users``, uniform among those this user has not interacted with.

    Draws again until nothing seen is left: a few rounds, unless a user has seen nearly all.
    """
    known = interactions.users * interactions.n_items + interactions.items  # ascending
    items = np.empty(len(users), dtype=np.intp)
    left = np.arange(len(users))
    while len(left):
        items[left] = rng.integers(0, interactions.n_items, len(left))
        pair = users[left] * interactions.n_items + items[left]
        at = np.searchsorted(known, pair)
        seen = known[np.minimum(at, len(known) - 1)] == pair
        left = left[seen]
    return items
