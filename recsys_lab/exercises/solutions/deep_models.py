"""Solutions and known wrong answers of `recsys_lab.exercises.deep_models`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "across": 1.0,  # (−1, 0) + (3, 1) − (1, 2)
    "up": -1.0,
    "logit": 1.0,  # ⟨(1, −1), (1, 0)⟩
    "chance": 0.881,  # e / (e + 1/e)
}

# %% 1 wrong: middle
answer = (1, 0.5, 1, 0.622)

# %% 1 wrong: sum
answer = (2, 1, 2, 0.731)

# %% 1 wrong: backwards
answer = {"across": -3, "up": 1, "logit": -3, "chance": ...}

# %% 1 wrong: share_of_logits
answer = (1, -1, 1, -1)

# %% 1 wrong: sigmoid_of_one
answer = (1, -1, 1, 0.731)

# %% 1 wrong: the_other_film
answer = (1, -1, 1, 0.119)


# %% 2 solution
def softmax(z):
    """Chances of each row of the logits z, shape (b, n)."""
    e = np.exp(z - z.max(axis=1, keepdims=True))  # the largest is e⁰ = 1
    return e / e.sum(axis=1, keepdims=True)


# %% 2 wrong: overflow
def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


# %% 2 wrong: whole_table
def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


# %% 2 wrong: columns
def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


# %% 2 wrong: not_divided
def softmax(z):
    return np.exp(z - z.max(axis=1, keepdims=True))


# %% 2 wrong: logarithm
def softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


# %% 2 wrong: changed_input
def softmax(z):
    z -= z.max(axis=1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


# %% 3 solution
def grad_psi(psi, V, y):
    """Gradient of -log p_y with respect to psi, shape (d,)."""
    z = V @ psi
    p = np.exp(z - z.max())
    p /= p.sum()
    return p @ V - V[y]  # what was expected, minus what came


# %% 3 wrong: uphill
def grad_psi(psi, V, y):
    p = np.exp(V @ psi)
    return V[y] - p @ V / p.sum()


# %% 3 wrong: only_pull
def grad_psi(psi, V, y):
    return -V[y]


# %% 3 wrong: only_push
def grad_psi(psi, V, y):
    p = np.exp(V @ psi)
    return p @ V / p.sum()


# %% 3 wrong: all_alike
def grad_psi(psi, V, y):
    return V.mean(axis=0) - V[y]


# %% 3 wrong: of_the_logits
def grad_psi(psi, V, y):
    p = np.exp(V @ psi)
    p /= p.sum()
    p[y] -= 1
    return p


# %% 4 solution
answer = {
    "first": -0.336,  # ln(0.5 / 0.7)
    "second": 0.405,  # ln(0.3 / 0.2)
    "third": 0.693,  # ln(0.2 / 0.1)
    "winner": 3,
}

# %% 4 wrong: ratio
answer = (0.714, 1.5, 2, 3)

# %% 4 wrong: turned
answer = (0.336, -0.405, -0.693, 1)

# %% 4 wrong: preference
answer = (-0.693, -1.204, -1.609, 1)

# %% 4 wrong: base_ten
answer = (-0.146, 0.176, 0.301, 3)

# %% 4 wrong: counted_from_zero
answer = (-0.336, 0.405, 0.693, 2)

# %% 4 wrong: still_the_favourite
answer = (-0.336, 0.405, 0.693, 1)


# %% 5 solution
def sampled_loss(pos, neg, logq_pos, logq_neg):
    """Mean of -log p of the chosen film among 1 + s candidates, logQ corrected."""
    z = np.column_stack([pos - logq_pos, neg - logq_neg])  # (b, 1 + s), the chosen film first
    top = z.max(axis=1)
    log_z = np.log(np.exp(z - top[:, None]).sum(axis=1)) + top
    return np.mean(log_z - z[:, 0])


# %% 5 wrong: overflow
def sampled_loss(pos, neg, logq_pos, logq_neg):
    z = np.exp(np.column_stack([pos - logq_pos, neg - logq_neg]))
    return -np.mean(np.log(z[:, 0] / z.sum(axis=1)))


# %% 5 wrong: no_correction
def sampled_loss(pos, neg, logq_pos, logq_neg):
    z = np.column_stack([pos, neg])
    top = z.max(axis=1)
    return np.mean(np.log(np.exp(z - top[:, None]).sum(axis=1)) + top - z[:, 0])


# %% 5 wrong: added
def sampled_loss(pos, neg, logq_pos, logq_neg):
    z = np.column_stack([pos + logq_pos, neg + logq_neg])
    top = z.max(axis=1)
    return np.mean(np.log(np.exp(z - top[:, None]).sum(axis=1)) + top - z[:, 0])


# %% 5 wrong: only_negatives
def sampled_loss(pos, neg, logq_pos, logq_neg):
    z = np.column_stack([pos, neg - logq_neg])
    top = z.max(axis=1)
    return np.mean(np.log(np.exp(z - top[:, None]).sum(axis=1)) + top - z[:, 0])


# %% 5 wrong: positive_left_out
def sampled_loss(pos, neg, logq_pos, logq_neg):
    z = neg - logq_neg
    top = z.max(axis=1)
    return np.mean(np.log(np.exp(z - top[:, None]).sum(axis=1)) + top - (pos - logq_pos))


# %% 5 wrong: sum
def sampled_loss(pos, neg, logq_pos, logq_neg):
    z = np.column_stack([pos - logq_pos, neg - logq_neg])
    top = z.max(axis=1)
    return np.sum(np.log(np.exp(z - top[:, None]).sum(axis=1)) + top - z[:, 0])


# %% 5 wrong: a_row_each
def sampled_loss(pos, neg, logq_pos, logq_neg):
    z = np.column_stack([pos - logq_pos, neg - logq_neg])
    top = z.max(axis=1)
    return np.log(np.exp(z - top[:, None]).sum(axis=1)) + top - z[:, 0]


# %% 5 wrong: gain
def sampled_loss(pos, neg, logq_pos, logq_neg):
    z = np.column_stack([pos - logq_pos, neg - logq_neg])
    top = z.max(axis=1)
    return -np.mean(np.log(np.exp(z - top[:, None]).sum(axis=1)) + top - z[:, 0])


# %% 6 solution
ada = (0.40, 0.35, 0.25)  # the taste of the crowd, but mild
bo = (0.90, 0.08, 0.02)  # the same taste, and far steeper
answer = (ada, bo)  # q = (.65, .215, .135): scores −0.49, 0.49, 0.62

# %% 6 wrong: no_chances
answer = ((0.5, 0.3, 0.1), (0.9, 0.08, 0.02))

# %% 6 wrong: not_her_order
answer = ((0.25, 0.35, 0.40), (0.90, 0.08, 0.02))

# %% 6 wrong: same_taste
answer = ((0.5, 0.3, 0.2), (0.5, 0.3, 0.2))

# %% 6 wrong: favourite_leads
answer = ((0.5, 0.3, 0.2), (0.2, 0.3, 0.5))

# %% 6 wrong: not_quite
answer = ((0.40, 0.35, 0.25), (0.90, 0.02, 0.08))
