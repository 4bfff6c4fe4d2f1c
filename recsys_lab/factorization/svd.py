"""The bad example: call every missing rating 0, and take the best low-rank copy of the lot."""

import numpy as np

from recsys_lab.popularity import check_some
from recsys_lab.recommender import check_positive


def filled_svd(interactions, n_factors, fill=0.0):
    """(U, V) with UVᵀ the best copy of rank d of the filled matrix, all entries counting alike.

    Eckart and Young 1936: keep the d largest singular values. Each side takes √σ of it, so
    UᵀU = VᵀV = diag(σ). What was filled in is nearly everything, so it is what gets learned.

    Parameters
    ----------
    interactions : Interactions
    n_factors : int
        d, at most min(m, n).
    fill : float
        What stands where nothing is known.

    Returns
    -------
    user_factors : array, shape (m, d)
    item_factors : array, shape (n, d)
        The largest entry of each column of ``item_factors`` is positive, so signs are fixed.

    Notes
    -----
    Dense by nature: O(m n min(m, n)) time, O(m n) memory.
    """
    check_some(interactions)
    d = check_positive(n_factors, "n_factors", integer=True)
    if d > min(interactions.shape):
        raise ValueError(
            f"a matrix of shape {interactions.shape} has at most {min(interactions.shape)} "
            f"factors, got n_factors={d}"
        )
    if not np.isfinite(fill):
        raise ValueError(f"fill must be a finite number, got {fill!r}")
    left, sigma, right = np.linalg.svd(interactions.to_dense(fill), full_matrices=False)
    share = np.sqrt(sigma[:d])
    u, v = left[:, :d] * share, right[:d].T * share
    largest = v[np.abs(v).argmax(axis=0), np.arange(d)]
    sign = np.where(largest < 0, -1, 1).astype(v.dtype)
    return u * sign, v * sign
