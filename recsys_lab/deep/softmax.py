"""Which item comes next? A network gives ψ(x), and a softmax over all items answers.

The query x is what is known of a user: the items in their history, and features. A tower maps it
to ψ(x) ∈ R^d; each item j has a vector V_j, a row of the last layer's weights. Then

    logits    z_j = ⟨ψ(x), V_j⟩                        a dot product, as in factorization
    softmax   p̂_j = e^{z_j} / Σ_k e^{z_k}              sums to 1: *which* item, given there is one
    loss      −Σ_j p_j log p̂_j                         p: the items asked for, 1/k each

and its gradient ∂L/∂ψ = Σ_j p̂_j V_j − Σ_j p_j V_j pulls ψ to what came, and pushes it from what was
expected. Ranking needs the dot products alone: log Z = log Σ_k e^{z_k} is the same for all items.

With a one-hot user id as x and no hidden layer, ψ is a free vector U_i for each user: matrix
factorization with a softmax loss. The network replaces U_i by a function of features.
"""

import numpy as np

from recsys_lab.deep.tower import Tower, check_network, read_features, train
from recsys_lab.nn import Adam, Dense, softmax_cross_entropy
from recsys_lab.popularity import check_some
from recsys_lab.recommender import Recommender


class SoftmaxRecommender(Recommender):
    """One tower for the query, one free vector for each item, softmax over the catalogue.

    Parameters
    ----------
    n_factors : int
        d, the length of ψ(x) and of V_j.
    hidden : sequence of int
        Widths of the hidden layers; () for none.
    history : bool
        Whether the items of a user are part of the query. Without history and without features
        the query is the user's id.
    learning_rate, n_epochs, batch_size
        Of Adam; a batch is so many users.
    random_state : int or numpy.random.Generator
    dtype : numpy.float32 or numpy.float64
    progress : bool
    callback : callable, optional
        ``callback(epoch, model)`` after each epoch.

    Attributes
    ----------
    user_factors_ : array, shape (m, d)
        ψ of every user, from the whole history. A user of whom nothing is known gets the mean
        over all others, whose order of items is near to popularity.
    item_factors_ : array, shape (n, d)
        An item without interactions has only ever been a wrong answer, and scores low.
    losses_ : list of float, the mean loss of each epoch
    tower_, output_ : the layers

    Notes
    -----
    *The answer must not be in the question.* With all items of a user in the bag, the network
    would learn to hand its input through, and the loss would fall without anything being learned
    about items not yet seen. So each epoch tosses a coin for every item of a history: into the
    bag, or asked for. (A random half is fine for a user's taste. To foretell what comes next,
    ask for later items than those in the bag: Covington, Adams and Sargin 2016.)

    Values are not looked at: every interaction counts as liked. Leave out what was disliked
    first, for example ``interactions.select(interactions.values >= 4)``.

    An epoch takes O(m·n·d + N·w) time for N interactions and a first layer of width w; a step
    O(batch_size · n) memory, for the logits.
    """

    def __init__(
        self,
        n_factors=32,
        hidden=(64,),
        history=True,
        learning_rate=0.01,
        n_epochs=50,
        batch_size=32,
        random_state=0,
        dtype=np.float32,
        progress=False,
        callback=None,
    ):
        self.n_factors = n_factors
        self.hidden = hidden
        self.history = history
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.random_state = random_state
        self.dtype = dtype
        self.progress = progress
        self.callback = callback

    def fit(self, interactions, user_features=None):
        """Learn from an ``Interactions``. Returns self.

        Parameters
        ----------
        interactions : Interactions, shape (m, n)
        user_features : array or pair of arrays, optional
            Floats of shape (m, f): numbers such as age or one-hot columns, brought to about unit
            size. Whole numbers of shape (m, c): categories, each column counted from 0, −1 where
            unknown; each category gets an embedding of its own. A pair (floats, whole numbers)
            for both. A category that no user with interactions has counts as unknown.
        """
        check_network(self)
        widths = (*self.hidden, self.n_factors)
        check_some(interactions)
        rng = np.random.default_rng(self.random_state)
        m, n = interactions.shape
        if user_features is None and not self.history:
            user_features = np.arange(m)[:, None]  # a one-hot id
        inputs = _queries(interactions, user_features, self.dtype)
        self._users = np.flatnonzero(np.diff(inputs.bag[1]))  # those with something to ask for
        n_history = n if self.history else 0
        self.tower_ = Tower(inputs.take(self._users), n_history, widths, rng, self.dtype)
        self.output_ = Dense(self.n_factors, n, rng, bias=False, dtype=self.dtype)
        self._inputs = self.tower_.encode(inputs, "user")
        adam = Adam([*self.tower_.layers, self.output_], self.learning_rate)

        def step(batch):
            query = self._inputs.take(self._users[batch])
            bag, asked = hide(*query.bag, 0.5 if self.history else 0, rng)
            psi = self.tower_.forward(query._replace(bag=bag))  # (b, d)
            loss, gradient = softmax_cross_entropy(self.output_.forward(psi), asked)  # (b, n)
            self.tower_.backward(self.output_.backward(gradient))
            adam.step()
            return loss

        self._remember(interactions)  # so that callbacks can recommend
        train(self, len(self._users), step, rng)
        return self

    def _embed(self):
        self.user_factors_ = self.tower_.embed(self._inputs, trained=self._users)
        self.item_factors_ = np.ascontiguousarray(self.output_.parameters[0].T)  # (n, d)

    def embed_users(self, interactions=None, user_features=None):
        """ψ of users who may be new, without learning anything: shape (b, d).

        Parameters
        ----------
        interactions : Interactions, shape (b, n), optional
            Their histories; needed if the model has ``history``.
        user_features : as in ``fit``, optional
            Needed if ``fit`` had them.
        """
        self._known(0, "user")
        n = self.interactions_.n_items
        if self.history and (interactions is None or interactions.n_items != n):
            raise ValueError(f"give interactions with the {n} items of fit, got {interactions}")
        if interactions is None and user_features is None:
            raise ValueError("give user_features as in fit, one row for each user")
        inputs = self.tower_.encode(_queries(interactions, user_features, self.dtype), "user")
        return self.tower_.embed(inputs)

    def score_all(self, users):
        """Logits ⟨ψ, V_j⟩, shape (q, n)."""
        users = self._known(users, "user")
        return self.user_factors_[users] @ self.item_factors_.T

    def _predict_pairs(self, users, items):
        return (self.user_factors_[users] * self.item_factors_[items]).sum(axis=-1)


def hide(items, indptr, share, rng):
    """Split histories into what goes into the bag and what is asked for.

    Each item goes into the bag with probability ``share``; one item of each history, drawn at
    random, is asked for in any case. The histories are not empty.

    Returns
    -------
    bag : (items, indptr)
    asked : (rows, items)
    """
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    draw = rng.random(len(items))
    asked = (draw >= share) | (draw == np.maximum.reduceat(draw, indptr[:-1])[rows])
    kept = np.concatenate(([0], np.cumsum(~asked)))[indptr]
    return (items[~asked], kept), (rows[asked], items[asked])


def _queries(interactions, user_features, dtype):
    """`Inputs` of users, with their histories."""
    if user_features is None:
        user_features = np.zeros((interactions.n_users, 0))
    inputs = read_features(user_features, "user", dtype)
    if interactions is None:
        return inputs
    if len(inputs.dense) != interactions.n_users:
        raise ValueError(
            f"user_features need one row for each of the {interactions.n_users} users, "
            f"got {len(inputs.dense)}"
        )
    indptr, items, _ = interactions.by_user
    return inputs._replace(bag=(items, indptr))
