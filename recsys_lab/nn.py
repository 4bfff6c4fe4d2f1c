"""A neural network by hand: losses, layers and Adam, with every gradient written out.

A loss turns the numbers the network gave (the *logits*, one row an example) into one number and
the gradient of that number with respect to the logits. A layer turns its input into its output
(``forward``) and, on the way back, the gradient of its output into the gradient of its input
(``backward``), leaving the gradients of its own parameters in ``gradients``. That is the chain
rule, one link a layer. Adam then moves the parameters.

In order of the idea: losses, layers, optimizer. A table with one row for each of a million ids
gets a gradient on the few rows that were looked up: `SparseGradient` holds those rows alone.
"""

from typing import NamedTuple

import numpy as np

from recsys_lab.recommender import check_positive

# ---- losses: each returns the mean over the batch, and its gradient


def softmax(logits):
    """p_j = e^{z_j} / Σ_k e^{z_k} along the last axis: positive, sums to 1, same order as z.

    Adding a number to a whole row changes nothing, so the largest logit is taken off first and
    no exponential can overflow. A logit of −inf gives probability 0.
    """
    logits = _logits(logits)
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return p


def log_normalizer(logits):
    """log Z = log Σ_k e^{z_k} along the last axis, so that log p_j = z_j − log Z."""
    logits = _logits(logits)
    top = logits.max(axis=-1, keepdims=True)
    return top[..., 0] + np.log(np.exp(logits - top).sum(axis=-1))


def entropy(p):
    """−Σ_j p_j log p_j in nats along the last axis: 0 when sure, log n when all n are alike."""
    p = np.asarray(p, dtype=float)
    if p.ndim == 0 or np.any(~(p >= 0)) or not np.allclose(p.sum(axis=-1), 1, atol=1e-4):
        raise ValueError(
            "p must hold probabilities, at least 0 and of sum 1 along the last axis; "
            "softmax makes them from logits"
        )
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)


def softmax_cross_entropy(logits, targets):
    """−Σ_j p_j log p̂_j, the mean over rows, with p̂ = softmax(logits); gradient (p̂ − p) / b.

    Parameters
    ----------
    logits : array, shape (b, n)
        Not checked for NaN: a loss that is NaN tells, and costs nothing.
    targets : one of
        whole numbers, shape (b,): the right class of each row;
        array, shape (b, n), none negative: rows are divided by their sum to give p, so that a
        multi-hot row spreads its one over the k classes it marks, 1/k each;
        pair of whole-number arrays (rows, classes): the same multi-hot table, by its ones.

    Returns
    -------
    loss : float
    gradient : array, shape (b, n). O(b·n) time and memory.
    """
    logits = _floats(logits)
    if logits.ndim != 2 or 0 in logits.shape:
        raise ValueError(f"logits must be a table, one row an example, got shape {logits.shape}")
    rows, classes, p = _targets(targets, logits.shape)
    p = p.astype(logits.dtype, copy=False)
    top = logits.max(axis=1, keepdims=True)
    gradient = logits - top
    np.exp(gradient, out=gradient)
    total = gradient.sum(axis=1, keepdims=True)
    # Σ_j p_j = 1, so −Σ_j p_j (z_j − log Z) = log Z − Σ_j p_j z_j.
    log_z = top + np.log(total)
    loss = (log_z.sum(dtype=float) - (p * logits[rows, classes]).sum(dtype=float)) / len(logits)
    gradient *= 1 / (total * len(logits))
    gradient[rows, classes] -= p / len(logits)
    return float(loss), gradient


def sampled_softmax_loss(positive, negative, log_q_positive=None, log_q_negative=None):
    """Softmax cross-entropy of the positive among s sampled negatives, instead of all n items.

    In the full softmax every item counts once. In a sample item j counts in proportion to q_j,
    the probability of drawing it, and the best logit is log p(j|x) − log q_j plus a constant of
    the query: surprise, not preference. With the logQ correction the loss sees z_j − log q_j, the
    positive included, and the best z_j is log p(j|x) again, however small the sample: given the
    candidates, the chance that c is the positive among them is proportional to p(c|x) / q_c. That
    counts a negative that happens to equal the positive, so it stays in. A constant factor of q,
    such as s, cancels.

    Parameters
    ----------
    positive : array, shape (b,)
        Logit of the right item of each row.
    negative : array, shape (b, s)
        Logits of items drawn from q, with replacement.
    log_q_positive : array, shape (b,), optional
    log_q_negative : array, shape (s,) where rows share the draw, or (b, s), optional
        log q of the same items. Both, or neither for no correction.

    Returns
    -------
    loss : float, the mean over rows
    gradients : pair of arrays, shapes (b,) and (b, s)

    Notes
    -----
    O(b·s) time and memory. Sources: Bengio and Senécal 2008; Yi et al. 2019 for batches.
    """
    positive, negative = _floats(positive), _floats(negative)
    if positive.ndim != 1 or negative.ndim != 2 or len(positive) != len(negative):
        raise ValueError(
            f"positive must be b logits and negative b rows of them, "
            f"got shapes {positive.shape} and {negative.shape}"
        )
    if (log_q_positive is None) != (log_q_negative is None):
        raise ValueError("give log_q of the positive and of the negatives, or neither")
    logits = np.column_stack([positive, negative])  # (b, 1 + s)
    if log_q_positive is not None:
        logits[:, 0] -= log_q_positive
        logits[:, 1:] -= log_q_negative
    loss, gradient = softmax_cross_entropy(logits, np.zeros(len(logits), dtype=np.int64))
    return loss, (gradient[:, 0], gradient[:, 1:])


def sigmoid_cross_entropy(logits, labels):
    """−y log σ(z) − (1 − y) log(1 − σ(z)), the mean over all entries; gradient (σ(z) − y) / size.

    Parameters
    ----------
    logits, labels : arrays of one shape
        Labels lie between 0 and 1.

    Returns
    -------
    loss : float
    gradient : array, shape of the logits
    """
    logits, labels = _floats(logits), np.asarray(labels)
    if logits.size == 0 or labels.shape != logits.shape or np.any(~((labels >= 0) & (labels <= 1))):
        raise ValueError(
            f"labels must be numbers between 0 and 1, one a logit; "
            f"got labels of shape {labels.shape} and logits of shape {logits.shape}"
        )
    small = np.exp(-np.abs(logits))  # at most 1: no overflow on either side
    loss = (np.maximum(logits, 0) - labels * logits + np.log1p(small)).mean()
    sigmoid = np.where(logits >= 0, 1, small) / (1 + small)
    return float(loss), (sigmoid - labels).astype(logits.dtype) / logits.size


# ---- layers: forward remembers what backward needs


class Dense:
    """x ↦ x W + b. Gradients: xᵀG for W, the column sums of G for b, and GWᵀ for x.

    Parameters
    ----------
    n_in, n_out : int
        x is (b, n_in), the output (b, n_out). Without inputs (n_in = 0) the bias is all there is.
    rng : numpy.random.Generator
        W starts normal with variance 2/n_in, which keeps the size of what passes a `ReLU`.
    bias : bool
    """

    def __init__(self, n_in, n_out, rng, bias=True, dtype=np.float64):
        weights = rng.normal(0, np.sqrt(2 / max(n_in, 1)), (n_in, n_out))
        self.parameters = [weights.astype(dtype)] + [np.zeros(n_out, dtype)] * bias

    def forward(self, x):
        self.x = x
        y = x @ self.parameters[0]
        return y + self.parameters[1] if len(self.parameters) == 2 else y

    def backward(self, gradient):
        self.gradients = [self.x.T @ gradient, gradient.sum(axis=0)][: len(self.parameters)]
        return gradient @ self.parameters[0].T


class ReLU:
    """x ↦ max(x, 0): the gradient passes where x was above 0."""

    parameters, gradients = (), ()

    def forward(self, x):
        self.open = x > 0
        return np.maximum(x, 0)

    def backward(self, gradient):
        return gradient * self.open


class UnitLength:
    """x ↦ x / ‖x‖ in each row; a zero row stays zero. The gradient loses its part along x."""

    parameters, gradients = (), ()

    def forward(self, x):
        length = np.linalg.norm(x, axis=1, keepdims=True)
        self.length = np.where(length > 0, length, 1).astype(x.dtype)
        self.unit = x / self.length
        return self.unit

    def backward(self, gradient):
        along = (gradient * self.unit).sum(axis=1, keepdims=True)
        return (gradient - along * self.unit) / self.length


class SparseGradient(NamedTuple):
    """A gradient that is zero outside a few rows: ``values[t]`` belongs to row ``ids[t]``.

    No id occurs twice.
    """

    ids: np.ndarray
    values: np.ndarray


class Embedding:
    """Row ``table[id]`` for each id: a one-hot row times a matrix, without the zeros.

    The id −1 means *unknown* and gives a zero row, which trains nothing.

    Parameters
    ----------
    n_rows, n_out : int
        The table is (n_rows, n_out); b ids give (b, n_out).
    rng : numpy.random.Generator
    scale : float
        Standard deviation of the table at the start.
    """

    def __init__(self, n_rows, n_out, rng, scale=0.1, dtype=np.float64):
        self.parameters = [rng.normal(0, scale, (n_rows, n_out)).astype(dtype)]

    def forward(self, ids):
        self.ids = ids
        return self.parameters[0][ids] * (ids >= 0)[:, None]

    def backward(self, gradient):
        # Sorted by id, the rows to add together lie next to each other. Unknown ids come first,
        # and the -1 put before them lets no sum begin there.
        order = np.argsort(self.ids, kind="stable")
        ids = self.ids[order]
        first = np.flatnonzero(np.diff(ids, prepend=-1))
        values = np.add.reduceat(gradient[order], first, axis=0)
        self.gradients = [SparseGradient(ids[first], values)]


class EmbeddingBag(Embedding):
    """The mean of the rows of several ids: a multi-hot row, divided by its sum, times a matrix.

    Bag t holds ``ids[indptr[t]:indptr[t + 1]]``. An empty bag gives a zero row.
    """

    def forward(self, ids, indptr):
        self.ids, self.size = ids, np.diff(indptr)
        table = self.parameters[0]
        self.share = (1 / np.maximum(self.size, 1)).astype(table.dtype)[:, None]
        means = np.zeros((len(self.size), table.shape[1]), table.dtype)
        filled = self.size > 0  # reduceat has no empty sums
        if filled.any():
            means[filled] = np.add.reduceat(table[ids], indptr[:-1][filled], axis=0)
        return means * self.share

    def backward(self, gradient):
        # How often each id that occurs is in each bag: a table turns many short sums into one
        # matrix product.
        b = len(self.size)
        ids, at = np.unique(self.ids, return_inverse=True)
        cell = at * b + np.repeat(np.arange(b), self.size)
        bags = np.bincount(cell, minlength=len(ids) * b).reshape(len(ids), b)
        values = bags.astype(gradient.dtype) @ (gradient * self.share)
        self.gradients = [SparseGradient(ids, values)]


# ---- optimizer


class Adam:
    """Each parameter moves by about ``learning_rate``, against the sign of its recent gradients.

    Averages that forget, m of g and v of g², then θ ← θ − learning_rate · m̂ / (√v̂ + ε), where
    the hats undo the start of m and v at zero: m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ). Rows
    outside a `SparseGradient` stay as they are, with their averages (the "lazy" variant).

    Parameters
    ----------
    layers : list of layers
        Their ``parameters`` are changed in place by each ``step``, from their ``gradients``.

    Notes
    -----
    A step takes O(entries with a gradient) time; m and v take twice the parameters' memory.
    """

    def __init__(self, layers, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.learning_rate = check_positive(learning_rate, "learning_rate")
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.layers, self.t = list(layers), 0
        self.averages = [
            [(np.zeros_like(p), np.zeros_like(p)) for p in layer.parameters]
            for layer in self.layers
        ]

    def step(self):
        self.t += 1
        for layer, averages in zip(self.layers, self.averages):
            for parameter, gradient, (m, v) in zip(layer.parameters, layer.gradients, averages):
                if isinstance(gradient, SparseGradient):
                    ids, gradient = gradient
                    rows = parameter[ids], m[ids], v[ids]
                    self._move(*rows, gradient)
                    parameter[ids], m[ids], v[ids] = rows
                else:
                    self._move(parameter, m, v, gradient)

    def _move(self, parameter, m, v, gradient):
        m *= self.beta1
        m += (1 - self.beta1) * gradient
        v *= self.beta2
        v += (1 - self.beta2) * gradient**2
        size = np.sqrt(v)
        size *= (1 - self.beta2**self.t) ** -0.5
        size += self.epsilon
        step = m / size
        step *= self.learning_rate / (1 - self.beta1**self.t)
        parameter -= step


# ---- checks


def _floats(values):
    values = np.asarray(values)
    return values if values.dtype.kind == "f" else values.astype(float)


def _logits(logits):
    logits = _floats(logits)
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits must hold at least one number a row, got shape {logits.shape}")
    if not np.isfinite(logits.max(axis=-1)).all():  # NaN and inf win the maximum
        raise ValueError("logits must be numbers below inf, with one above -inf in each row")
    return logits


def _targets(targets, shape):
    """(rows, classes, p) of the entries above 0 of the (b, n) table p of targets."""
    b, n = shape
    if isinstance(targets, tuple):
        rows, classes = (np.asarray(part) for part in targets)
        weights = np.ones(len(rows))
    elif np.ndim(targets) == 2:
        targets = np.asarray(targets)
        if targets.shape != shape or np.any(~((targets >= 0) & (targets < np.inf))):
            raise ValueError(
                f"targets must be finite numbers of at least 0, in the shape {shape} of the "
                f"logits; got shape {targets.shape}"
            )
        rows, classes = np.nonzero(targets)
        weights = targets[rows, classes]
    else:
        classes = np.asarray(targets)
        rows, weights = np.arange(len(classes)), np.ones(len(classes))
    if classes.dtype.kind not in "iu" or rows.dtype.kind not in "iu" or len(rows) != len(classes):
        raise ValueError(f"targets must be whole numbers, one an entry, got {targets}")
    if np.any((classes < 0) | (classes >= n) | (rows < 0) | (rows >= b)):
        raise ValueError(
            f"targets must be classes from 0 to {n - 1}, for rows from 0 to {b - 1}; got {targets}"
        )
    entries = rows * n + classes
    if np.any(np.diff(entries) <= 0) and len(np.unique(entries)) < len(entries):
        raise ValueError("targets name an entry twice; each (row, class) may come once")
    total = np.bincount(rows, weights, minlength=b)
    if np.any(total == 0):
        raise ValueError(f"each of the {b} rows of logits needs at least one target")
    return rows, classes, weights / total[rows]
