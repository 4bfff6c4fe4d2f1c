"""Recommend what resembles what you liked: films as vectors of tags, and you among them.

Nobody else's taste is asked. Tags that are everywhere say little, so each is weighted by its
rarity (`idf`). Then there are two ways to say what you like: as one vector, the mean of the films
you liked less the mean of those you did not (`rocchio`); or as all those films, each compared on
its own with the film in question, and the likenesses joined by a mean that may favour the best
(`aggregate`). The first recommends what lies between two loves, the second can keep both.

New films are no problem here: their tags are known on the first day.
"""

import numpy as np

from recsys_lab.popularity import Popularity, check_feedback, check_some, mean_of
from recsys_lab.recommender import Recommender, check_positive
from recsys_lab.similarity import cosine, dot


def idf(features):
    """Inverse document frequency of each feature: log((1 + n) / (1 + df)) + 1.

    Salton and Buckley 1988, in the smoothed form of scikit-learn: as if one more item had every
    feature, so that nothing is divided by zero.

    Parameters
    ----------
    features : array-like, shape (n, t)
        Features of n items. What is not 0 counts as present.

    Returns
    -------
    array, shape (t,): 1 for a feature that all items have, and more the rarer it is.
    """
    features = _table(features)
    present = np.count_nonzero(features, axis=0)
    return np.log((1 + len(features)) / (1 + present)) + 1


def rocchio(features, liked, disliked=(), beta=1.0, gamma=0.5):
    """Profile of a user: β · mean(features of liked items) − γ · mean(features of disliked).

    Means, not sums: ten dislikes weigh as much as one. Rocchio 1971.

    Parameters
    ----------
    features : array-like, shape (n, t)
    liked, disliked : array-like of int
        Item ids. An empty list adds nothing.
    beta, gamma : float

    Returns
    -------
    array, shape (t,)
    """
    features = _table(features)
    check_positive(beta, "beta", zero=True)
    check_positive(gamma, "gamma", zero=True)
    profile = np.zeros(features.shape[1])
    for name, items, weight in (("liked", liked, beta), ("disliked", disliked, -gamma)):
        items = np.asarray(items)
        if items.size == 0:
            continue
        if items.dtype.kind not in "iu" or np.any((items < 0) | (items >= len(features))):
            raise ValueError(f"{name} must be item ids from 0 to {len(features) - 1}, got {items}")
        profile += weight * features[items].mean(axis=0)
    return profile


def aggregate(similarities, p, weights=None):
    """Power mean (Σ w s^p / Σ w)^(1/p) along the last axis: p = 1 the mean, p = ∞ the maximum.

    The larger p, the more the best likeness decides. Likenesses below 0 count as 0.

    Parameters
    ----------
    similarities : array-like, shape (..., l)
    p : float, at least 1; ``np.inf`` is allowed
    weights : array-like, shape (l,), optional
        Above 0.

    Returns
    -------
    array, shape (...). An empty last axis gives 0.
    """
    similarities = np.maximum(np.asarray(similarities, dtype=float), 0)
    if similarities.ndim == 0 or not np.isfinite(similarities).all():
        raise ValueError("similarities must be finite numbers with at least one axis")
    if not isinstance(p, (int, float, np.integer, np.floating)) or not p >= 1:
        raise ValueError(f"p must be a number of at least 1, or np.inf, got {p!r}")
    if similarities.shape[-1] == 0:
        return np.zeros(similarities.shape[:-1])
    best = similarities.max(axis=-1)
    if p == np.inf:
        return best
    # Relative to the best no power overflows, and the best itself never underflows.
    share = similarities / np.where(best > 0, best, 1)[..., None]
    return best * np.average(share**p, axis=-1, weights=weights) ** (1 / p)


class ContentBased(Recommender):
    """Films like those you liked, and unlike those you did not.

    Parameters
    ----------
    similarity : {"cosine", "dot"}
        Under the dot product every further tag of a film can only help it.
    idf : bool
        Weight features by their rarity.
    aggregate : "mean", "max" or float
        "mean" compares a film with one profile, the mean of the liked films. A number p of at
        least 1 compares it with each of them, and takes the power mean of the likenesses; "max"
        is p = ∞.
    beta, gamma : float
        Weight of the likes and of the dislikes.
    feedback : {"explicit", "implicit"}
        Ratings above a user's mean are likes, below it dislikes, and each weighs as much as it
        lies away. Implicit values are likes, and weigh what they say.

    Attributes
    ----------
    idf_ : array, shape (t,)
        Weight of each feature, all 1 without ``idf``.
    item_vectors_ : array, shape (n, t)
        Features times weights.
    profiles_ : array, shape (m, t)
        What each user likes, as one vector. Scores compare with it for ``aggregate="mean"``.

    Notes
    -----
    A user whose ratings are all the same is measured by the mean of all ratings instead, and likes
    everything she rated if hers is that too. A user without interactions gets the scores of
    `Popularity`. An item without features scores 0.

    Fit: O(N·t) time for N interactions, O((m + n)·t) memory. ``score_all``: O(n·t) a user, times
    the user's items unless ``aggregate="mean"``.

    Sources: Pazzani and Billsus 2007; Lops, de Gemmis and Semeraro 2011.
    """

    def __init__(
        self,
        similarity="cosine",
        idf=True,
        aggregate="mean",
        beta=1.0,
        gamma=0.5,
        feedback="explicit",
    ):
        self.similarity = similarity
        self.idf = idf
        self.aggregate = aggregate
        self.beta = beta
        self.gamma = gamma
        self.feedback = feedback

    def fit(self, interactions, item_features):
        """Learn the taste of the users of an ``Interactions`` in features of shape (n, t)."""
        self._check(interactions)
        features = _table(item_features)
        if len(features) != interactions.n_items:
            raise ValueError(
                f"item_features must have a row for each of the {interactions.n_items} items, "
                f"got {len(features)} rows"
            )
        self.idf_ = idf(features) if self.idf else np.ones(features.shape[1])
        self.item_vectors_ = features * self.idf_
        self._votes = self._weigh(interactions)
        start, items, _ = interactions.by_user
        self.profiles_ = np.zeros((interactions.n_users, features.shape[1]))
        for user in range(interactions.n_users):
            own = slice(start[user], start[user + 1])
            self.profiles_[user] = self._votes[own] @ self.item_vectors_[items[own]]
        self._popularity = Popularity(self.feedback).fit(interactions).item_scores_
        return self._remember(interactions)

    def _weigh(self, interactions):
        """Weight of each interaction in its user's taste, (N,): likes sum to β, dislikes to −γ."""
        users, m = interactions.users, interactions.n_users
        if self.feedback == "implicit":
            liking = interactions.values.astype(float)
        else:
            liking = _around_the_mean(interactions)
        likes, dislikes = np.maximum(liking, 0), np.maximum(-liking, 0)
        for side, weight in ((likes, self.beta), (dislikes, self.gamma)):
            total = np.bincount(users, side, minlength=m)
            side *= weight / np.where(total > 0, total, 1)[users]
        return likes - dislikes

    def score_all(self, users):
        """Likeness of every item to each user's taste, shape (q, n)."""
        users = self._known(users, "user")
        measure = {"cosine": cosine, "dot": dot}[self.similarity]
        start, items, _ = self.interactions_.by_user
        if self.aggregate == "mean":
            scores = measure(self.profiles_[users], self.item_vectors_)
        else:
            scores = np.empty((len(users), len(self.item_vectors_)))
            for row, user in enumerate(users):
                own = slice(start[user], start[user + 1])
                scores[row] = self._one_by_one(measure, items[own], self._votes[own])
        scores[start[users] == start[users + 1]] = self._popularity
        return scores

    def _one_by_one(self, measure, items, votes):
        p = np.inf if self.aggregate == "max" else self.aggregate
        alike = measure(self.item_vectors_, self.item_vectors_[items])  # (n, l)
        score = np.zeros(len(alike))
        for side, weight in ((votes > 0, self.beta), (votes < 0, -self.gamma)):
            score += weight * aggregate(alike[:, side], p, np.abs(votes[side]))
        return score

    def _check(self, interactions):
        check_feedback(self.feedback)
        check_some(interactions)
        check_positive(self.beta, "beta")
        check_positive(self.gamma, "gamma", zero=True)
        if self.similarity not in ("cosine", "dot"):
            raise ValueError(f'similarity must be "cosine" or "dot", got {self.similarity!r}')
        if self.aggregate not in ("mean", "max"):
            aggregate(np.zeros(1), self.aggregate)  # complains if this is no p
        if self.feedback == "implicit" and np.any(interactions.values < 0):
            raise ValueError(
                'implicit values must not be negative; use feedback="explicit" for dislikes'
            )


def _around_the_mean(interactions):
    """Ratings less the mean of their user, (N,)."""
    users, values = interactions.users, interactions.values.astype(float)
    liking = values - mean_of(values, users, interactions.n_users)[users]
    first = values[interactions.by_user[0][users]]  # of the same user
    differing = np.bincount(users, values != first, minlength=interactions.n_users)
    mean = values.mean()
    overall = np.where(np.isclose(values, mean), 1, values - mean)
    return np.where(differing[users] > 0, liking, overall)


def _table(features):
    features = np.asarray(features, dtype=float)
    if features.ndim != 2 or 0 in features.shape:
        raise ValueError(
            f"features must be a table with a row for each item and a column for each feature, "
            f"got shape {features.shape}"
        )
    if not np.isfinite(features).all():
        row, column = np.argwhere(~np.isfinite(features))[0]
        raise ValueError(
            f"features[{row}, {column}] is {features[row, column]}, expected a finite number; "
            f"a feature that is not there is 0"
        )
    return features
