"""What every model that recommends has in common: scores for pairs, and the best unseen items."""

import numpy as np

from recsys_lab.similarity import top_k


class Recommender:
    """Mix-in: a model supplies ``score_all``, and gets ``predict`` and ``recommend``.

    ``fit`` of a model calls ``self._remember(interactions)``; ``score_all`` is O(q·n·cost of a
    score) time and O(q·n) memory, so callers with many users go through them in batches.
    """

    def _remember(self, interactions):
        self.interactions_ = interactions
        return self

    def score_all(self, users):
        """Scores of the whole catalogue, shape (q, n), for an array of q user ids."""
        raise NotImplementedError

    def predict(self, users, items):
        """Score of each pair (users[t], items[t]); two equally long arrays, or two numbers."""
        users, items = np.broadcast_arrays(self._known(users, "user"), self._known(items, "item"))
        return self._predict_pairs(users, items)

    def _predict_pairs(self, users, items):
        # Whole rows are dear for a few pairs: models with a cheaper way override this method.
        distinct, row = np.unique(users, return_inverse=True)
        scores = np.empty(users.shape)
        for start in range(0, len(distinct), 256):
            rows = self.score_all(distinct[start : start + 256])
            here = (row >= start) & (row < start + 256)
            scores[here] = rows[row[here] - start, items[here]]
        return scores

    def recommend(self, user, n=10, exclude_seen=True):
        """The n best items of one user as ``(items, scores)``, best first, ties to the lower id.

        Fewer than n come back where fewer are left. Items with a score of -inf never come.
        """
        user = int(self._known(user, "user"))
        scores = np.array(self.score_all(np.array([user]))[0])  # a copy: it is written to
        if exclude_seen:
            scores[self.interactions_.items_of(user)] = -np.inf
        best = top_k(scores, n)
        best = best[scores[best] > -np.inf]
        return best, scores[best]

    def _known(self, ids, kind):
        if not hasattr(self, "interactions_"):
            raise RuntimeError(f"{type(self).__name__} is not fitted yet: call fit(interactions)")
        limit = self.interactions_.n_users if kind == "user" else self.interactions_.n_items
        ids = np.asarray(ids)
        if ids.dtype.kind not in "iu" or np.any((ids < 0) | (ids >= limit)):
            raise ValueError(
                f"{kind} ids must be whole numbers from 0 to {limit - 1}, got {ids}; "
                f"fit again with the new {kind}, or fold it in"
            )
        return ids


def check_positive(value, name, *, integer=False, zero=False):
    """``value`` if it is a number of the wanted kind; else a ValueError that says so."""
    kinds = (int, np.integer) if integer else (int, float, np.integer, np.floating)
    good = isinstance(value, kinds) and not isinstance(value, bool) and np.isfinite(value)
    if not good or value < 0 or (value == 0 and not zero):
        kind = "whole number" if integer else "finite number"
        bound = "of at least 0" if zero else "above 0"
        raise ValueError(f"{name} must be a {kind} {bound}, got {value!r}")
    return value


def epochs(n, progress, description):
    """``range(n)``, with a tqdm progress bar where one is asked for."""
    if not progress:
        return range(n)
    from tqdm.auto import tqdm

    return tqdm(range(n), desc=description)


def check_finite(loss, epoch, model, advice):
    """Stop a fit at the epoch where its loss is no longer a number."""
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"{type(model).__name__} diverged: the loss at epoch {epoch} is {loss}; {advice}"
        )
