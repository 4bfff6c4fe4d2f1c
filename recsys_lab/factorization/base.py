"""What every factor model shares: a score μ + b_i + b_j + ⟨U_i, V_j⟩."""

import numpy as np

from recsys_lab.popularity import check_some
from recsys_lab.recommender import Recommender


class FactorModel(Recommender):
    """Scores from ``mean_``, ``user_bias_`` (m,), ``item_bias_`` (n,) and the two factor tables.

    A model without a mean or biases leaves them at zero.
    """

    def score_all(self, users):
        """μ + b_i + b_j + ⟨U_i, V_j⟩ for the whole catalogue, shape (q, n). O(q n d) time."""
        users = self._known(users, "user")
        scores = self.user_factors_[users] @ self.item_factors_.T
        scores += self.item_bias_
        scores += (self.user_bias_[users] + self.mean_)[:, None]
        return scores

    def _predict_pairs(self, users, items):
        interest = (self.user_factors_[users] * self.item_factors_[items]).sum(axis=-1)
        return self.mean_ + self.user_bias_[users] + self.item_bias_[items] + interest

    def _remember(self, interactions):
        check_some(interactions)
        super()._remember(interactions)
        self.mean_ = 0.0
        self.user_bias_ = np.zeros(interactions.n_users, interactions.values.dtype)
        self.item_bias_ = np.zeros(interactions.n_items, interactions.values.dtype)
        return self
