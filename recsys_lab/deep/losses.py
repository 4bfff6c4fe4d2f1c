"""What the embeddings are told: gradients of the softmax losses with respect to ψ and the items.

In full, over all n items: `grad_psi`. Among sampled items, for the two towers: `in_batch_loss`
and `drawn_loss`. And why the sample needs its correction: `sampled_log_normalizer`.
"""

import numpy as np

from recsys_lab.nn import log_normalizer, sampled_softmax_loss, softmax, softmax_cross_entropy


def grad_psi(psi, item_factors, y):
    """∂L/∂ψ = Σ_j p̂_j V_j − V_y of L = −log p̂_y, p̂ = softmax(ψVᵀ): expected minus what came.

    Parameters
    ----------
    psi : array, shape (d,) or (b, d)
    item_factors : array, shape (n, d)
    y : int, or array of shape (b,)
        The item that came.

    Returns
    -------
    array, shape of psi. O(b·n·d) time.
    """
    item_factors = np.asarray(item_factors)
    return softmax(np.asarray(psi) @ item_factors.T) @ item_factors - item_factors[y]


def in_batch_loss(psi, phi, log_q):
    """Row t of ψ belongs to row t of φ; the other rows of φ are its negatives.

    Parameters
    ----------
    psi, phi : arrays, shape (b, d)
    log_q : array, shape (b,)
        log q of the items of φ; zeros for no correction.

    Returns
    -------
    loss : float
    to_psi, to_phi : the gradients, shapes of psi and phi

    Notes
    -----
    O(b²·d) time, O(b²) memory.
    """
    loss, gradient = softmax_cross_entropy(psi @ phi.T - log_q, np.arange(len(psi)))
    return loss, gradient @ phi, gradient.T @ psi


def drawn_loss(psi, phi, log_q):
    """As `in_batch_loss`, but the negatives of every row are the s rows of φ after the first b."""
    b = len(psi)
    right, wrong = phi[:b], phi[b:]
    loss, (to_right, to_wrong) = sampled_softmax_loss(
        (psi * right).sum(axis=1), psi @ wrong.T, log_q[:b], log_q[b:]
    )
    to_right = to_right[:, None]
    to_phi = np.concatenate([to_right * psi, to_wrong.T @ psi])
    return loss, to_right * right + to_wrong @ wrong, to_phi


def sampled_log_normalizer(logits, log_q=None):
    """Estimate log Z = log Σ_j e^{z_j} over n items from s of them, drawn from q.

    With the correction a draw of item j counts 1/(s·q_j) times, for as many items as it stands
    for: the mean of Ẑ = Σ_t e^{z_t} / (s·q_t) is Z. Without ``log_q`` the draws just add up.

    Parameters
    ----------
    logits : array, shape (s,) or (b, s)
        z of the items drawn.
    log_q : array, shape (s,) or (b, s), optional
        log q of the same items.

    Returns
    -------
    float, or array of shape (b,)
    """
    logits = np.asarray(logits, dtype=float)
    if log_q is not None:
        logits = logits - log_q - np.log(logits.shape[-1])
    return log_normalizer(logits)
