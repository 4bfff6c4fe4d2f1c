"""A block of gradient steps at once: the textbook's loop over examples, vectorized.

One example at a time is slow in Python, so some thousand are drawn and take their steps together,
each from the same factors. A row that occurs k times in a block would then overshoot: its k steps
do not see one another. With a curvature of 1, which a bias has, one step of η leaves 1 − η of an
error and k of them, one after the other, leave (1 − η)^k. So each of the k is given the length
(1 − (1 − η)^k) / k: it is η for k = 1, near η for few, and together they never pass the target.
"""

import numpy as np


def step_lengths(rows, learning_rate, dtype):
    """How far each example may move its row, shape (B, 1), when all ``rows`` (B,) move at once."""
    if learning_rate >= 1:  # nothing is left to preserve: such a fit may diverge, and must say so
        return np.full((len(rows), 1), learning_rate, dtype)
    _, which, count = np.unique(rows, return_inverse=True, return_counts=True)
    together = (1 - (1 - learning_rate) ** count) / count
    return together.astype(dtype)[which, None]


def add_rows(table, rows, updates):
    """table[rows] += updates, where a row that is named twice gets both; table (·, d) contiguous.

    ``np.add.at`` is several times faster on flat arrays than on rows.
    """
    d = table.shape[1]
    flat = (rows[:, None] * d + np.arange(d)).reshape(-1)
    np.add.at(table.reshape(-1), flat, updates.reshape(-1))


def start_factors(rng, indptr, n_factors, dtype):
    """Small random rows (len(indptr) − 1, d), and zeros where nothing is known."""
    known = np.diff(indptr) > 0
    return (0.1 * rng.normal(size=(len(known), n_factors)) * known[:, None]).astype(dtype)
