"""All pairs in the time of a single sum: add everything, throw away the diagonal, halve."""

import numpy as np


def pair_sum(E):
    """Σ_{i<j} ⟨e_i, e_j⟩ = ½ (‖Σ_i e_i‖² − Σ_i ‖e_i‖²), in linear time.

    Source: Rendle 2010, lemma 3.1.

    Parameters
    ----------
    E : array-like, shape (..., n, k)
        n vectors e_i, or many such sets at once.

    Returns
    -------
    float, or array of shape (...). O(n·k) time a set.
    """
    return half_of_squares(_vectors(E))


def half_of_squares(E):
    """`pair_sum` of an array that needs no checks."""
    total = E.sum(axis=-2)  # (..., k)
    return ((total**2).sum(axis=-1) - (E**2).sum(axis=(-2, -1))) / 2


def pair_sum_naive(E):
    """The same sum, pair by pair: n(n − 1)/2 inner products, O(n²·k) time. For comparison only."""
    E = _vectors(E)
    total = np.zeros(E.shape[:-2])
    for i in range(E.shape[-2]):
        for j in range(i):
            total = total + (E[..., i, :] * E[..., j, :]).sum(axis=-1)
    return total[()]


def pair_sum_gradient(E):
    """∂/∂e_i of the sum over pairs: Σ_j e_j − e_i, all the others together; shape of E."""
    return E.sum(axis=-2, keepdims=True) - E


def _vectors(E):
    E = np.asarray(E, dtype=float)
    if E.ndim < 2:
        raise ValueError(f"E must be a table of vectors, one a row, got shape {E.shape}")
    if not np.isfinite(E).all():
        at = np.argwhere(~np.isfinite(E))[0]
        raise ValueError(
            f"E[{', '.join(map(str, at))}] is {E[tuple(at)]}, expected a finite number"
        )
    return E
