"""Solutions and known wrong answers of `recsys_lab.exercises.content_based`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "dot_science": 2,  # education and its maker
    "dot_casual": 0,
    "dot_health": 1,  # the maker alone
    "cosine_science": 0.816,  # 2 / (√2 · √3)
    "cosine_health": 0.408,  # 1 / (√2 · √3)
}

# %% 1 wrong: agreed_zeros
answer = (5, 1, 3, 0.816, 0.408)

# %% 1 wrong: divided_by_squares
answer = (2, 0, 1, 2 / 6, 1 / 6)

# %% 1 wrong: one_length
answer = (2, 0, 1, 1.414, 0.707)

# %% 1 wrong: user_has_two
answer = (2, 0, 1, 1.0, 0.5)

# %% 1 wrong: share_of_union
answer = (2, 0, 1, 2 / 3, 1 / 4)

# %% 1 wrong: science_only
answer = {
    "dot_science": 2,
    "dot_casual": 0,
    "dot_health": 0,
    "cosine_science": 0.816,
    "cosine_health": 0.0,
}


# %% 2 solution
def idf(X):
    """Weight of each column of X, shape (n, t) -> (t,)."""
    df = (X != 0).sum(axis=0)
    return np.log((1 + len(X)) / (1 + df)) + 1


# %% 2 wrong: summed_counts
def idf(X):
    return np.log((1 + len(X)) / (1 + X.sum(axis=0))) + 1


# %% 2 wrong: no_plus_one
def idf(X):
    return np.log((1 + len(X)) / (1 + (X != 0).sum(axis=0)))


# %% 2 wrong: no_smoothing
def idf(X):
    return np.log(len(X) / (X != 0).sum(axis=0)) + 1


# %% 2 wrong: upside_down
def idf(X):
    return np.log((1 + (X != 0).sum(axis=0)) / (1 + len(X))) + 1


# %% 2 wrong: wrong_logarithm
def idf(X):
    return np.log2((1 + len(X)) / (1 + (X != 0).sum(axis=0))) + 1


# %% 2 wrong: tags_for_films
def idf(X):
    return np.log((1 + len(X)) / (1 + (X != 0).sum(axis=1))) + 1


# %% 3 solution
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    """Profile of shape (t,) from the rows of X, shape (n, t)."""
    profile = np.zeros(X.shape[1])
    if len(liked):
        profile += beta * X[liked].mean(axis=0)
    if len(disliked):
        profile -= gamma * X[disliked].mean(axis=0)
    return profile


# %% 3 wrong: empty
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    liked, disliked = np.array(liked, int), np.array(disliked, int)
    with np.errstate(all="ignore"):
        likes = X[liked].sum(axis=0) / len(liked) if len(liked) else np.full(X.shape[1], np.nan)
        dislikes = (
            X[disliked].sum(axis=0) / len(disliked)
            if len(disliked)
            else np.full(X.shape[1], np.nan)
        )
    return beta * likes - gamma * dislikes


# %% 3 wrong: sums
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    liked, disliked = np.array(liked, int), np.array(disliked, int)
    return beta * X[liked].sum(axis=0) - gamma * X[disliked].sum(axis=0)


# %% 3 wrong: one_mean
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    total = np.zeros(X.shape[1])
    for j in liked:
        total += beta * X[j]
    for j in disliked:
        total -= gamma * X[j]
    return total / max(len(liked) + len(disliked), 1)


# %% 3 wrong: added
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    profile = np.zeros(X.shape[1])
    for items, weight in ((liked, beta), (disliked, gamma)):
        if len(items):
            profile += weight * X[items].mean(axis=0)
    return profile


# %% 3 wrong: swapped
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    profile = np.zeros(X.shape[1])
    for items, weight in ((liked, gamma), (disliked, -beta)):
        if len(items):
            profile += weight * X[items].mean(axis=0)
    return profile


# %% 3 wrong: likes_only
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    return beta * X[liked].mean(axis=0) if len(liked) else np.zeros(X.shape[1])


# %% 3 wrong: unweighted
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    profile = np.zeros(X.shape[1])
    if len(liked):
        profile += X[liked].mean(axis=0)
    if len(disliked):
        profile -= X[disliked].mean(axis=0)
    return profile


# %% 4 solution
def aggregate(S, p):
    """Power mean of each row of S, shape (k, l) -> (k,)."""
    best = S.max(axis=1)
    if p == np.inf:
        return best
    share = S / np.where(best > 0, best, 1)[:, None]  # from 0 to 1: no power can overflow
    return best * (share**p).mean(axis=1) ** (1 / p)


# %% 4 wrong: under_or_overflow
def aggregate(S, p):
    if p == np.inf:
        return S.max(axis=1)
    with np.errstate(all="ignore"):
        return (S**p).mean(axis=1) ** (1 / p)


# %% 4 wrong: infinity
def aggregate(S, p):
    best = S.max(axis=1)
    share = S / np.where(best > 0, best, 1)[:, None]
    return best * (share**p).mean(axis=1) ** (1 / p) if p < np.inf else np.ones(len(S))


# %% 4 wrong: zero_row
def aggregate(S, p):
    best = S.max(axis=1)
    if p == np.inf:
        return best
    with np.errstate(all="ignore"):
        return best * ((S / best[:, None]) ** p).mean(axis=1) ** (1 / p)


# %% 4 wrong: not_divided
def aggregate(S, p):
    best = S.max(axis=1)
    if p == np.inf:
        return best
    share = S / np.where(best > 0, best, 1)[:, None]
    return best * (share**p).sum(axis=1) ** (1 / p)


# %% 4 wrong: no_root
def aggregate(S, p):
    return S.max(axis=1) if p == np.inf else (S**p).mean(axis=1)


# %% 4 wrong: always_mean
def aggregate(S, p):
    return S.mean(axis=1) if p < np.inf else S.max(axis=1)


# %% 4 wrong: columns
def aggregate(S, p):
    return S.max(axis=0)


# %% 5 solution
#         noir sea comedy quiet family heist
taste = (0, 1, 0, 1, 1, 0)  # no honest film has sea, quiet and family
poster = (1, 1, 0, 1, 1, 1)  # dot 3, alone; cosine 3 / √15 = 0.775 against Lamp Oil's 0.816
answer = (taste, poster)

# %% 5 wrong: not_binary
answer = ((0, 1, 0, 1, 1, 0), (0, 2, 0, 2, 2, 0))

# %% 5 wrong: silent
answer = ((0, 0, 0, 0, 0, 0), (1, 1, 0, 1, 1, 1))

# %% 5 wrong: all_six
answer = ((1, 1, 0, 1, 1, 0), (1, 1, 1, 1, 1, 1))

# %% 5 wrong: ties
answer = ((1, 1, 0, 1, 0, 0), (1, 1, 1, 1, 1, 0))

# %% 5 wrong: behind
answer = ((1, 1, 0, 1, 0, 0), (0, 0, 1, 1, 1, 0))

# %% 5 wrong: both
answer = ((0, 1, 0, 1, 1, 0), (0, 1, 0, 1, 1, 0))
