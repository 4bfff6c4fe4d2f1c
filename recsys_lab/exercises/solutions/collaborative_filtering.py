"""Solutions and known wrong answers of `recsys_lab.exercises.collaborative_filtering`."""
# ruff: noqa: E402, F811

import numpy as np

# %% 1 solution
answer = {
    "users": 0.5,  # 50 films · 0.1²
    "items": 20,  # 2000 members · 0.1²
}

# %% 1 wrong: exchanged
answer = (20, 0.5)

# %% 1 wrong: only_one_knows
answer = {"users": 5, "items": 200}

# %% 1 wrong: type
answer = ("0.5", 20)


# %% 2 solution
def pearson(a, b):
    """Correlation over what both have; NaN marks a blank."""
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[both], b[both]
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    a, b = a - a.mean(), b - b.mean()
    return a @ b / np.sqrt((a @ a) * (b @ b))


# %% 2 wrong: not_undefined
def pearson(a, b):
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[both], b[both]
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return np.corrcoef(a, b)[0, 1]


# %% 2 wrong: blanks_as_zero
def pearson(a, b):
    if (~np.isnan(a) & ~np.isnan(b)).sum() < 2:
        return np.nan
    return np.corrcoef(np.nan_to_num(a), np.nan_to_num(b))[0, 1]


# %% 2 wrong: not_centered
def pearson(a, b):
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[both], b[both]
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return a @ b / np.sqrt((a @ a) * (b @ b))


# %% 2 wrong: all_ratings_mean
def pearson(a, b):
    both = ~np.isnan(a) & ~np.isnan(b)
    if both.sum() < 2 or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return np.nan
    a, b = (a - np.nanmean(a))[both], (b - np.nanmean(b))[both]
    return a @ b / np.sqrt((a @ a) * (b @ b))


# %% 3 solution
from recsys_lab.neighbors import pearson


def predict(R, u, i, k, beta):
    """Stars of member u for film i; NaN marks a blank in R."""
    asked = []
    for v in np.flatnonzero(~np.isnan(R[:, i])):
        shared = np.count_nonzero(~np.isnan(R[u]) & ~np.isnan(R[v]))
        s = pearson(R[u], R[v])
        if v != u and s > 0:  # false for NaN, too
            asked.append((s * shared / (shared + beta), v))
    asked = sorted(asked, reverse=True)[:k]
    if not asked:
        return np.nanmean(R[u])
    pull = sum(s * (R[v, i] - np.nanmean(R[v])) for s, v in asked)
    return np.nanmean(R[u]) + pull / sum(s for s, _ in asked)


# %% 3 wrong: not_centered
from recsys_lab.neighbors import pearson


def predict(R, u, i, k, beta):
    asked = []
    for v in np.flatnonzero(~np.isnan(R[:, i])):
        shared = np.count_nonzero(~np.isnan(R[u]) & ~np.isnan(R[v]))
        s = pearson(R[u], R[v])
        if v != u and s > 0:
            asked.append((s * shared / (shared + beta), v))
    asked = sorted(asked, reverse=True)[:k]
    if not asked:
        return np.nanmean(R[u])
    return sum(s * R[v, i] for s, v in asked) / sum(s for s, _ in asked)


# %% 3 wrong: not_divided
from recsys_lab.neighbors import pearson


def predict(R, u, i, k, beta):
    asked = []
    for v in np.flatnonzero(~np.isnan(R[:, i])):
        shared = np.count_nonzero(~np.isnan(R[u]) & ~np.isnan(R[v]))
        s = pearson(R[u], R[v])
        if v != u and s > 0:
            asked.append((s * shared / (shared + beta), v))
    asked = sorted(asked, reverse=True)[:k]
    return np.nanmean(R[u]) + sum(s * (R[v, i] - np.nanmean(R[v])) for s, v in asked)


# %% 3 wrong: no_shrinkage
from recsys_lab.neighbors import pearson


def predict(R, u, i, k, beta):
    asked = []
    for v in np.flatnonzero(~np.isnan(R[:, i])):
        s = pearson(R[u], R[v])
        if v != u and s > 0:
            asked.append((s, v))
    asked = sorted(asked, reverse=True)[:k]
    if not asked:
        return np.nanmean(R[u])
    pull = sum(s * (R[v, i] - np.nanmean(R[v])) for s, v in asked)
    return np.nanmean(R[u]) + pull / sum(s for s, _ in asked)


# %% 4 solution
def adjusted_cosine(R):
    """Similarity of every two columns of R; NaN marks a blank."""
    known = (~np.isnan(R)).astype(float)
    C = np.nan_to_num(R - np.nanmean(R, axis=1, keepdims=True))  # a blank adds nothing
    squares = (C**2).T @ known  # of film i over those who know j
    below = np.sqrt(squares * squares.T)
    fine = (below > 0) & (known.T @ known > 1)
    S = np.where(fine, C.T @ C / np.where(fine, below, 1), 0)
    np.fill_diagonal(S, 1)
    return S


# %% 4 wrong: not_centered
def adjusted_cosine(R):
    known = (~np.isnan(R)).astype(float)
    C = np.nan_to_num(R)
    squares = (C**2).T @ known
    below = np.sqrt(squares * squares.T)
    fine = (below > 0) & (known.T @ known > 1)
    S = np.where(fine, C.T @ C / np.where(fine, below, 1), 0)
    np.fill_diagonal(S, 1)
    return S


# %% 4 wrong: by_film
def adjusted_cosine(R):
    known = (~np.isnan(R)).astype(float)
    C = np.nan_to_num(R - np.nanmean(R, axis=0, keepdims=True))
    squares = (C**2).T @ known
    below = np.sqrt(squares * squares.T)
    fine = (below > 0) & (known.T @ known > 1)
    S = np.where(fine, C.T @ C / np.where(fine, below, 1), 0)
    np.fill_diagonal(S, 1)
    return S


# %% 4 wrong: diagonal
def adjusted_cosine(R):
    known = (~np.isnan(R)).astype(float)
    C = np.nan_to_num(R - np.nanmean(R, axis=1, keepdims=True))
    squares = (C**2).T @ known
    below = np.sqrt(squares * squares.T)
    fine = (below > 0) & (known.T @ known > 1)
    S = np.where(fine, C.T @ C / np.where(fine, below, 1), 0)
    np.fill_diagonal(S, 0)
    return S


# %% 5 solution
ada = (5, 5, 4, 4)
bo = (5, 5, 1, 1)  # swings with her: Pearson 1, cosine 0.917
cem = (4, 5, 5, 4)  # Pearson 0, but the same level: cosine 0.982
answer = (ada, bo, cem)

# %% 5 wrong: not_stars
answer = ((5, 5, 4, 4), (9, 9, 1, 1), (4, 5, 5, 4))

# %% 5 wrong: no_variation
answer = ((5, 5, 4, 4), (5, 5, 1, 1), (4, 4, 4, 4))

# %% 5 wrong: pearson_picks_cem
answer = ((5, 4, 2, 1), (1, 2, 4, 5), (5, 4, 2, 2))

# %% 5 wrong: cosine_picks_bo
answer = ((5, 4, 2, 1), (5, 4, 2, 1), (1, 2, 4, 5))
