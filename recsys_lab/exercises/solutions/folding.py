"""Solutions and known wrong answers of `recsys_lab.exercises.folding`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "three_in_four": 12,  # (3 − 1) · 4 · 3 / 2
    "two_in_two": 1,  # (2 − 1) · 2 · 1 / 2
}

# %% 1 wrong: global_too
answer = (18, 2)

# %% 1 wrong: no_penalty
answer = {"three_in_four": 32, "two_in_two": ...}

# %% 1 wrong: one_angle
answer = (2, 1)


# %% 2 solution
def spin(U, V, gu, gi, group, theta):
    """Rows of U and V, one table, with one group turned."""
    R = np.array([[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]])
    both = np.vstack([U, V])  # a new table
    rows = np.concatenate([gu, gi]) == group
    both[rows, :2] = both[rows, :2] @ R
    return both


# %% 2 wrong: only_items
def spin(U, V, gu, gi, group, theta):
    R = np.array([[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]])
    V = V.copy()
    V[gi == group, :2] = V[gi == group, :2] @ R
    return np.vstack([U, V])


# %% 2 wrong: everything
def spin(U, V, gu, gi, group, theta):
    R = np.array([[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]])
    both = np.vstack([U, V])
    both[:, :2] = both[:, :2] @ R
    return both


# %% 2 wrong: degrees
def spin(U, V, gu, gi, group, theta):
    theta = np.deg2rad(theta)
    R = np.array([[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]])
    both = np.vstack([U, V])
    rows = np.concatenate([gu, gi]) == group
    both[rows, :2] = both[rows, :2] @ R
    return both


# %% 2 wrong: other_way
def spin(U, V, gu, gi, group, theta):
    R = np.array([[np.cos(theta), np.sin(theta)], [-np.sin(theta), np.cos(theta)]])
    both = np.vstack([U, V])
    rows = np.concatenate([gu, gi]) == group
    both[rows, :2] = both[rows, :2] @ R
    return both


# %% 3 solution
def spurious_rate(U, V, seen, gu, gi, k):
    """Share of top-k recommendations from a foreign group, between 0 and 1."""
    scores = np.where(seen, -np.inf, U @ V.T)
    top = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.mean(gi[top] != gu[:, None])


# %% 3 wrong: ignores_seen
def spurious_rate(U, V, seen, gu, gi, k):
    top = np.argsort(-(U @ V.T), axis=1, kind="stable")[:, :k]
    return np.mean(gi[top] != gu[:, None])


# %% 3 wrong: own_share
def spurious_rate(U, V, seen, gu, gi, k):
    scores = np.where(seen, -np.inf, U @ V.T)
    top = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.mean(gi[top] == gu[:, None])


# %% 3 wrong: worst_first
def spurious_rate(U, V, seen, gu, gi, k):
    scores = np.where(seen, np.inf, U @ V.T)
    top = np.argsort(scores, axis=1, kind="stable")[:, :k]
    return np.mean(gi[top] != gu[:, None])


# %% 4 solution
def sample_negatives(positives, n_items, k, counts, power, seed):
    """k film numbers that are not in positives."""
    weight = counts**power
    weight[positives] = 0
    return np.random.default_rng(seed).choice(n_items, k, p=weight / weight.sum())


# %% 4 wrong: positives_drawn
def sample_negatives(positives, n_items, k, counts, power, seed):
    weight = counts**power
    return np.random.default_rng(seed).choice(n_items, k, p=weight / weight.sum())


# %% 4 wrong: uniform
def sample_negatives(positives, n_items, k, counts, power, seed):
    others = np.setdiff1d(np.arange(n_items), positives)
    return np.random.default_rng(seed).choice(others, k)


# %% 4 wrong: ignores_power
def sample_negatives(positives, n_items, k, counts, power, seed):
    weight = counts.copy()
    weight[positives] = 0
    return np.random.default_rng(seed).choice(n_items, k, p=weight / weight.sum())


# %% 5 solution
matrix = [[0, 1], [-1, 0]]  # a turn by three quarters

# %% 5 wrong: unchanged
matrix = np.eye(2)

# %% 5 wrong: loss_moved
matrix = [[0, 2], [-2, 0]]

# %% 5 wrong: still_fine
matrix = [[0, -1], [1, 0]]

# %% 5 wrong: not_enough
matrix = -np.eye(2)
