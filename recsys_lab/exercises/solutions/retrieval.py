"""Solutions and known wrong answers of `recsys_lab.exercises.retrieval`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "compared": 17_000,  # 1,000 centres and 16 · 1,000 films
    "best_cells": 4_000,  # c + 16 · n / c is smallest where c = 16 · n / c, at c = √(16 · n)
    "compared_best": 8_000,  # 4,000 centres and 16 · 250 films
}

# %% 1 wrong: no_centers
answer = {"compared": 16_000, "best_cells": 4_000, "compared_best": 8_000}

# %% 1 wrong: one_probe
answer = {"compared": 2_000, "best_cells": ..., "compared_best": ...}

# %% 1 wrong: root_n
answer = {"compared": 17_000, "best_cells": 1_000, "compared_best": 17_000}

# %% 1 wrong: probes_outside
answer = {"compared": 17_000, "best_cells": 16_000, "compared_best": 17_000}

# %% 1 wrong: only_centers
answer = {"compared": 17_000, "best_cells": 4_000, "compared_best": 4_000}


# %% 2 solution
def top_k(scores, k):
    """Positions of the k largest scores, best first."""
    k = min(k, len(scores))
    bar = np.partition(scores, len(scores) - k)[len(scores) - k]  # the k-th best
    near = np.flatnonzero(scores >= bar)  # k of them, or a few more where scores tie
    return near[np.argsort(-scores[near], kind="stable")[:k]]


# %% 2 wrong: unsorted
def top_k(scores, k):
    k = min(k, len(scores))
    return np.argpartition(scores, len(scores) - k)[-k:]


# %% 2 wrong: border
def top_k(scores, k):
    k = min(k, len(scores))
    kept = np.sort(np.argpartition(-scores, k - 1)[:k])
    return kept[np.argsort(-scores[kept], kind="stable")]


# %% 2 wrong: smallest
def top_k(scores, k):
    return np.argsort(scores, kind="stable")[:k]


# %% 2 wrong: scores
def top_k(scores, k):
    return np.sort(scores)[::-1][:k]


# %% 2 wrong: ties
def top_k(scores, k):
    best = np.argsort(-scores, kind="stable")[:k]
    return best[np.lexsort((-best, -scores[best]))]


# %% 2 wrong: too_many
def top_k(scores, k):
    return np.argsort(-scores, kind="stable")


# %% 2 wrong: shape
def top_k(scores, k):
    bar = np.partition(scores, len(scores) - k)[len(scores) - k]
    near = np.flatnonzero(scores >= bar)
    return near[np.argsort(-scores[near], kind="stable")[:k]]


# %% 3 solution
def lift(X):
    """Items (n, d) → (n, d + 1), all of one length."""
    squared = (X**2).sum(axis=1)
    return np.column_stack([X, np.sqrt(squared.max() - squared)])  # M² − ‖x‖² is never below 0


# %% 3 wrong: negative_root
def lift(X):
    longest = np.linalg.norm(X, axis=1).max()
    return np.column_stack([X, np.sqrt(longest**2 - (X**2).sum(axis=1))])


# %% 3 wrong: no_root
def lift(X):
    squared = (X**2).sum(axis=1)
    return np.column_stack([X, squared.max() - squared])


# %% 3 wrong: not_squared
def lift(X):
    length = np.linalg.norm(X, axis=1)
    return np.column_stack([X, length.max() - length])


# %% 3 wrong: height_first
def lift(X):
    squared = (X**2).sum(axis=1)
    return np.column_stack([np.sqrt(squared.max() - squared), X])


# %% 3 wrong: normalised
def lift(X):
    length = np.linalg.norm(X, axis=1, keepdims=True)
    return np.column_stack([X / np.where(length > 0, length, 1), np.zeros(len(X))])


# %% 3 wrong: the_length
def lift(X):
    return np.column_stack([X, np.linalg.norm(X, axis=1)])


# %% 3 wrong: a_constant
def lift(X):
    return np.column_stack([X, np.zeros(len(X))])


# %% 4 solution
met = (5 / 6) ** 8  # one table of eight planes: 0.2326
tables = 1
while 1 - (1 - met) ** tables < 0.95:
    tables += 1  # ends at 12

# %% 4 wrong: one_short
tables = 11

# %% 4 wrong: not_whole
tables = np.log(0.05) / np.log(1 - (5 / 6) ** 8)

# %% 4 wrong: one_plane
tables = 2

# %% 4 wrong: expected_once
tables = 5


# %% 5 solution
def ivf_search(q, X, centers, cells, n_probes, k):
    """Row numbers of the k nearest items in the n_probes nearest cells."""
    probes = np.argsort(np.linalg.norm(centers - q, axis=1), kind="stable")[:n_probes]
    rows = np.flatnonzero(np.isin(cells, probes))
    distance = np.linalg.norm(X[rows] - q, axis=1)
    return rows[np.argsort(distance, kind="stable")[:k]]


# %% 5 wrong: everything
def ivf_search(q, X, centers, cells, n_probes, k):
    return np.argsort(np.linalg.norm(X - q, axis=1), kind="stable")[:k]


# %% 5 wrong: one_probe
def ivf_search(q, X, centers, cells, n_probes, k):
    rows = np.flatnonzero(cells == np.linalg.norm(centers - q, axis=1).argmin())
    return rows[np.argsort(np.linalg.norm(X[rows] - q, axis=1), kind="stable")[:k]]


# %% 5 wrong: positions
def ivf_search(q, X, centers, cells, n_probes, k):
    probes = np.argsort(np.linalg.norm(centers - q, axis=1), kind="stable")[:n_probes]
    near = X[np.isin(cells, probes)]
    return np.argsort(np.linalg.norm(near - q, axis=1), kind="stable")[:k]


# %% 5 wrong: farthest_cells
def ivf_search(q, X, centers, cells, n_probes, k):
    probes = np.argsort(-np.linalg.norm(centers - q, axis=1), kind="stable")[:n_probes]
    rows = np.flatnonzero(np.isin(cells, probes))
    return rows[np.argsort(np.linalg.norm(X[rows] - q, axis=1), kind="stable")[:k]]


# %% 5 wrong: not_cut
def ivf_search(q, X, centers, cells, n_probes, k):
    probes = np.argsort(np.linalg.norm(centers - q, axis=1), kind="stable")[:n_probes]
    rows = np.flatnonzero(np.isin(cells, probes))
    return rows[np.argsort(np.linalg.norm(X[rows] - q, axis=1), kind="stable")]


# %% 5 wrong: farthest_items
def ivf_search(q, X, centers, cells, n_probes, k):
    probes = np.argsort(np.linalg.norm(centers - q, axis=1), kind="stable")[:n_probes]
    rows = np.flatnonzero(np.isin(cells, probes))
    return rows[np.argsort(-np.linalg.norm(X[rows] - q, axis=1), kind="stable")[:k]]


# %% 6 solution
q = (0.7, 0)
left = [(-2, 1), (-2, 0), (-2, -1)]  # centre (−2, 0)
right = [(0.9, 0), (5, 3), (5, -3)]  # centre (3.63, 0): the border is at 0.82
answer = (q, left, right)  # 0.2 away from the film on the right, and the left cell is opened

# %% 6 wrong: not_k_means
answer = ((0, 0), [(-2, 1), (-2, 0), (-2, -1)], [(0.1, 0), (5, 3), (5, -3)])

# %% 6 wrong: undecided
answer = ((0, 0), [(-3, 1), (-3, 0), (-3, -1)], [(3, 1), (3, 0), (3, -1)])

# %% 6 wrong: found_it
answer = ((-1.5, 0), [(-2, 1), (-2, 0), (-2, -1)], [(0.9, 0), (5, 3), (5, -3)])

# %% 6 wrong: not_badly
answer = ((0.45, 0), [(0.2, 0), (-3, 1), (-3, -1)], [(0.6, 0), (4, 3), (4, -3)])

# %% 6 wrong: shape
answer = ((0, 0), [(-2, 1), (-2, 0)], [(0.9, 0), (5, 3), (5, -3)])

# %% 7 solution
q = (4, 0)  # beside film 7: film 2 looks near, and its alley is blind
ef = 4  # the beam must hold 2, 1, 0 and 3 before it can leave the alley
answer = (q, ef)

# %% 7 wrong: arrives
answer = ((0, 1), 1)

# %% 7 wrong: too_narrow
answer = ((4, 0), 3)

# %% 7 wrong: too_wide
answer = ((4, 0), 8)

# %% 7 wrong: not_a_width
answer = ((4, 0), 2.5)
