"""Two towers: ψ(x) for the user, φ(y) for the item, and their dot product is the score.

A free vector for each item cannot be had for an item that came today. A second tower makes it
from the item's features, so a new film gets a place the moment its features are known; and the
vectors of all items are computed once, ahead of the query.

A softmax over all n items would now send every item through its tower in every step. So each
positive competes with a sample of items only, and the sample has a taste of its own:

    "in-batch"     the other positives of the batch: free, and as popular as popular items are
    "popularity"   drawn in proportion to their interactions
    "uniform"      drawn from the whole catalogue, every item alike

An item drawn with probability q_j comes in as a wrong answer in proportion to q_j. The network
makes up for it by scoring log p(j|x) − log q_j: popular items are pushed down by their popularity.
The logQ correction takes log q_j off each logit while it learns, so that the score itself is
log p(j|x) up to a constant of the query (Yi et al. 2019; Bengio and Senécal 2008).
"""

import numpy as np

from recsys_lab.deep.losses import drawn_loss, in_batch_loss
from recsys_lab.deep.tower import Tower, check_network, read_features, train
from recsys_lab.nn import Adam
from recsys_lab.popularity import check_some
from recsys_lab.recommender import Recommender, check_positive


class TwoTower(Recommender):
    """A tower for users and a tower for items, learned with sampled negatives.

    Parameters
    ----------
    n_factors : int
        d, the length of both embeddings.
    hidden : sequence of int
        Widths of the hidden layers of both towers; () for none.
    negatives : {"in-batch", "uniform", "popularity"}
        What each positive competes with.
    log_q : bool
        Correct for how often each item is drawn.
    n_negatives : int
        How many negatives a batch draws; its rows share them. (In-batch: batch_size − 1.)
    temperature : float, optional
        With it, embeddings are divided by their length and logits are cosines divided by
        ``temperature``: small ones make the softmax sharp. Without it, logits are dot products.
    learning_rate, n_epochs, batch_size
        Of Adam; a batch is so many interactions.
    random_state : int or numpy.random.Generator
    dtype : numpy.float32 or numpy.float64
    progress : bool
    callback : callable, optional
        ``callback(epoch, model)`` after each epoch.

    Attributes
    ----------
    user_factors_, item_factors_ : arrays, shapes (m, d) and (n, d)
        The embeddings. A user or an item of which nothing is known gets the mean of the others:
        no features, and an id that never trained. Items without interactions train only where
        the negatives are uniform: as wrong answers, so that they score low.
    losses_ : list of float, the mean loss of each epoch
    user_tower_, item_tower_ : Tower

    Notes
    -----
    Values are not looked at: every interaction counts as liked.

    An epoch takes O(N · (s + w) · d) time for N interactions, s negatives and layers of width w:
    the size of the catalogue does not come into it. Scores are logits, not probabilities: without
    the sum over all items nothing says how they compare between two users.
    """

    def __init__(
        self,
        n_factors=32,
        hidden=(64,),
        negatives="in-batch",
        log_q=True,
        n_negatives=256,
        temperature=None,
        learning_rate=0.01,
        n_epochs=20,
        batch_size=256,
        random_state=0,
        dtype=np.float32,
        progress=False,
        callback=None,
    ):
        self.n_factors = n_factors
        self.hidden = hidden
        self.negatives = negatives
        self.log_q = log_q
        self.n_negatives = n_negatives
        self.temperature = temperature
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.random_state = random_state
        self.dtype = dtype
        self.progress = progress
        self.callback = callback

    def fit(self, interactions, user_features=None, item_features=None):
        """Learn from an ``Interactions``. Returns self.

        Parameters
        ----------
        interactions : Interactions, shape (m, n)
        user_features, item_features : array or pair of arrays, optional
            Floats of shape (rows, f): numbers or one-hot columns, brought to about unit size.
            Whole numbers of shape (rows, c): categories, each column counted from 0, −1 where
            unknown; each category gets an embedding of its own. A pair (floats, whole numbers)
            for both. Without features, a side has the one-hot id as its only category; to have
            the id beside features, give it as a column: ``(genres, np.arange(n)[:, None])``.
        """
        check_network(self)
        if self.negatives not in ("in-batch", "uniform", "popularity"):
            raise ValueError(
                f'negatives must be "in-batch", "uniform" or "popularity", got {self.negatives!r}'
            )
        if self.negatives == "in-batch" and self.batch_size == 1:
            raise ValueError("in-batch negatives need a batch_size of at least 2, got 1")
        check_positive(self.n_negatives, "n_negatives", integer=True)
        if self.temperature is not None:
            check_positive(self.temperature, "temperature")
        check_some(interactions)
        rng = np.random.default_rng(self.random_state)
        users, items = interactions.users, interactions.items
        m, n = interactions.shape
        count = np.bincount(items, minlength=n)
        if self.negatives == "uniform":
            count = np.ones(n, dtype=np.int64)
        self._users = np.flatnonzero(np.bincount(users, minlength=m))
        self._items = np.flatnonzero(count)  # the rows that train
        cumulative = np.cumsum(count) / count.sum()
        with np.errstate(divide="ignore"):  # an item that is never drawn is never looked up
            log_q = np.log(count / count.sum()) if self.log_q else np.zeros(n)
        log_q = log_q.astype(self.dtype)
        user_tower, self._user_inputs = self._tower(user_features, m, self._users, "user", rng)
        item_tower, self._item_inputs = self._tower(item_features, n, self._items, "item", rng)
        self.user_tower_, self.item_tower_ = user_tower, item_tower
        adam = Adam([*user_tower.layers, *item_tower.layers], self.learning_rate)
        loss_of = in_batch_loss if self.negatives == "in-batch" else drawn_loss
        n_drawn = 0 if self.negatives == "in-batch" else self.n_negatives
        sharpness = 1 / (self.temperature or 1)

        def step(batch):
            drawn = np.searchsorted(cumulative, rng.random(n_drawn), side="right")
            candidates = np.concatenate([items[batch], drawn])
            psi = user_tower.forward(self._user_inputs.take(users[batch]))  # (b, d)
            phi = item_tower.forward(self._item_inputs.take(candidates))  # (b + s, d)
            loss, to_psi, to_phi = loss_of(psi * sharpness, phi, log_q[candidates])
            user_tower.backward(to_psi * sharpness)
            item_tower.backward(to_phi)
            adam.step()
            return loss

        self._remember(interactions)  # so that callbacks can recommend
        train(self, len(interactions), step, rng)
        return self

    def _tower(self, features, n_rows, trained, kind, rng):
        """A new tower, and the inputs of all rows as it reads them."""
        ids = np.arange(n_rows)[:, None]
        inputs = read_features(ids if features is None else features, kind, self.dtype)
        if len(inputs.dense) != n_rows:
            raise ValueError(
                f"{kind}_features need one row for each of the {n_rows} {kind}s, "
                f"got {len(inputs.dense)}"
            )
        widths = (*self.hidden, self.n_factors)
        unit = self.temperature is not None
        tower = Tower(inputs.take(trained), 0, widths, rng, self.dtype, unit_length=unit)
        return tower, tower.encode(inputs, kind)

    def _embed(self):
        self.user_factors_ = self.user_tower_.embed(self._user_inputs, trained=self._users)
        self.item_factors_ = self.item_tower_.embed(self._item_inputs, trained=self._items)

    def embed_users(self, user_features=None):
        """ψ(x) of users who may be new, from features as in ``fit``; of all known ones without.

        Where ids are the features, the id −1 is somebody new. Shape (b, d).
        """
        self._known(0, "user")
        if user_features is None:
            return self.user_factors_.copy()
        return self._embed_new(self.user_tower_, user_features, "user")

    def embed_items(self, item_features=None):
        """φ(y) of items that may be new, from features as in ``fit``; of all known ones without.

        Where ids are among the features, the id −1 is something new. Shape (b, d).
        """
        self._known(0, "item")
        if item_features is None:
            return self.item_factors_.copy()
        return self._embed_new(self.item_tower_, item_features, "item")

    def _embed_new(self, tower, features, kind):
        return tower.embed(tower.encode(read_features(features, kind, self.dtype), kind))

    def score_all(self, users):
        """⟨ψ, φ_j⟩ for all items, shape (q, n)."""
        users = self._known(users, "user")
        return self.user_factors_[users] @ self.item_factors_.T

    def _predict_pairs(self, users, items):
        return (self.user_factors_[users] * self.item_factors_[items]).sum(axis=-1)


def linear_tower(item_features, item_factors, reg):
    """The simplest item tower, φ(y) = y W, learned from the factors of known items by ridge.

    Minimises ‖Y W − V‖² + reg · ‖W‖². A new film with features y gets the vector y W on its first
    day, where factorization alone has nothing but zeros.

    Parameters
    ----------
    item_features : array, shape (n, f)
    item_factors : array, shape (n, d)
        Of any factorization.
    reg : float

    Returns
    -------
    W : array, shape (f, d). O(n·f² + f³) time.
    """
    features, factors = np.asarray(item_features, float), np.asarray(item_factors, float)
    if features.ndim != 2 or factors.ndim != 2 or len(features) != len(factors):
        raise ValueError(
            f"item_features and item_factors need one row an item, "
            f"got shapes {features.shape} and {factors.shape}"
        )
    check_positive(reg, "reg")
    gram = features.T @ features + reg * np.eye(features.shape[1])
    return np.linalg.solve(gram, features.T @ factors)
