"""What everyone likes: the recommender without taste, which every other one has to beat.

`Popularity` gives all users the same list. That makes it the opponent of every comparison, and
the fallback of every model for a user of whom nothing is known. `baseline` adds how generous
each user is: what can be said of a rating before anyone's taste is looked at.
"""

import numpy as np

from recsys_lab.recommender import Recommender, check_positive


class Popularity(Recommender):
    """One score an item, the same for every user.

    Parameters
    ----------
    feedback : {"explicit", "implicit"}
        What the values are. Ratings in stars score an item by its mean rating; visits and clicks
        score it by the number of users who touched it.
    damping : float
        How many ratings at the mean of all ratings μ each item is given on top of its own
        (explicit only): score = (Σ r + damping · μ) / (count + damping). Without it, the film
        that one person gave five stars is the best film of all.

    Attributes
    ----------
    item_scores_ : array, shape (n,)
        An item without ratings has the score μ, one without visits 0.

    Notes
    -----
    O(N + n) time and O(n) memory for N interactions.
    """

    def __init__(self, feedback="explicit", damping=10.0):
        self.feedback = feedback
        self.damping = damping

    def fit(self, interactions):
        """Score every item of an ``Interactions``. Returns self."""
        check_feedback(self.feedback)
        check_positive(self.damping, "damping", zero=True)
        check_some(interactions)
        items, n = interactions.items, interactions.n_items
        count = np.bincount(items, minlength=n)
        if self.feedback == "implicit":
            self.item_scores_ = count.astype(float)
        else:
            mean = interactions.values.mean(dtype=float)
            above = np.bincount(items, interactions.values - mean, minlength=n)
            weight = count + self.damping  # 0 only for an item without ratings, undamped
            self.item_scores_ = mean + above / np.where(weight > 0, weight, 1.0)
        return self._remember(interactions)

    def score_all(self, users):
        """The same row for every user: shape (q, n)."""
        return np.tile(self.item_scores_, (len(self._known(users, "user")), 1))

    def _predict_pairs(self, users, items):
        return self.item_scores_[items]


def baseline(interactions, reg=10.0, n_epochs=20):
    """Fit r ≈ μ + b_u + b_i: the mean, how generous a user is, how well liked an item is.

    Minimises Σ (r − μ − b_u − b_i)² + reg · (Σ b_u² + Σ b_i²), the sums over the known ratings,
    the users and the items, with μ held at the mean rating. With one side fixed the other is a
    damped mean of what is left, so the two take turns.

    Parameters
    ----------
    interactions : Interactions
        Ratings.
    reg : float
        How many ratings without deviation each user and item is given on top of its own.
    n_epochs : int
        Turns. After twenty, no bias on MovieLens latest-small moves by a thousandth of a star.

    Returns
    -------
    mean : float
    user_bias : array, shape (m,)
        0 for a user without ratings.
    item_bias : array, shape (n,)
        0 for an item without ratings.

    Notes
    -----
    O(n_epochs · N) time, O(N + m + n) memory. The baseline of Koren, Bell and Volinsky 2009.
    """
    check_some(interactions)
    check_positive(reg, "reg")
    check_positive(n_epochs, "n_epochs", integer=True)
    users, items = interactions.users, interactions.items
    m, n = interactions.shape
    mean = interactions.values.mean(dtype=float)
    rest = interactions.values - mean
    user_weight = np.bincount(users, minlength=m) + reg
    item_weight = np.bincount(items, minlength=n) + reg
    user_bias = np.zeros(m)
    for _ in range(n_epochs):
        item_bias = np.bincount(items, rest - user_bias[users], minlength=n) / item_weight
        user_bias = np.bincount(users, rest - item_bias[items], minlength=m) / user_weight
    return mean, user_bias, item_bias


def mean_of(values, groups, n_groups):
    """Mean of the values of each group; an empty group gets the mean of all."""
    mean = values.mean()
    count = np.bincount(groups, minlength=n_groups)
    return mean + np.bincount(groups, values - mean, minlength=n_groups) / np.maximum(count, 1)


def check_feedback(feedback):
    """Raise a ValueError unless ``feedback`` names one of the two kinds of feedback."""
    if feedback not in ("explicit", "implicit"):
        raise ValueError(
            f'feedback must be "explicit" (ratings) or "implicit" (visits, clicks), '
            f"got {feedback!r}"
        )


def check_some(interactions):
    """Raise a ValueError if there is no interaction to learn from."""
    if len(interactions) == 0:
        raise ValueError(f"cannot fit on no interaction at all, got {interactions}")
