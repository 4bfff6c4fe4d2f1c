"""Solutions and known wrong answers of `recsys_lab.exercises.similarity`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "dot": 6.0,  # 2 · 4 + 1 · (−2)
    "cosine": 0.6,  # 6 / (√5 · √20) = 6 / 10
    "distance": 3.606,  # √((2 − 4)² + (1 + 2)²) = √13
    "half_squared": 0.4,  # 1 − cosine
}

# %% 1 wrong: sign
answer = (10, 1.0, 3.606, 0.0)

# %% 1 wrong: not_divided
answer = {"dot": 6, "cosine": 6, "distance": 3.606, "half_squared": 0.4}

# %% 1 wrong: divided_once
answer = {"dot": 6, "cosine": 6 / np.sqrt(20), "distance": 3.606, "half_squared": 0.4}

# %% 1 wrong: forgot_root
answer = [6, 0.6, 13, 0.4]

# %% 1 wrong: city_block
answer = {"dot": 6, "cosine": 0.6, "distance": 5, "half_squared": ...}

# %% 1 wrong: not_normalized
answer = (6, 0.6, 3.606, 6.5)

# %% 1 wrong: not_halved
answer = np.array([6, 0.6, 3.606, 0.8])

# %% 1 wrong: not_squared
answer = {"dot": 6, "cosine": 0.6, "distance": 3.606, "half_squared": 0.447}

# %% 1 wrong: shape
answer = (6, 0.6, 3.606)

# %% 1 wrong: type
answer = ("6", 0.6, 3.606, 0.4)


# %% 2 solution
def rank_by(q, X, how):
    """Row numbers of X, best first; how is "dot", "cosine" or "euclidean"."""
    if how == "euclidean":
        scores = -np.linalg.norm(X - q, axis=1)
    else:
        scores = X @ q
    if how == "cosine":  # the query's length changes no order, so only the items' is divided out
        length = np.linalg.norm(X, axis=1)
        scores = scores / np.where(length > 0, length, 1)
    return np.argsort(-scores, kind="stable")


# %% 2 wrong: far_first
def rank_by(q, X, how):
    scores = {
        "dot": X @ q,
        "cosine": X @ q / np.maximum(np.linalg.norm(X, axis=1), 1e-12),
        "euclidean": np.linalg.norm(X - q, axis=1),
    }[how]
    return np.argsort(-scores, kind="stable")


# %% 2 wrong: worst_first
def rank_by(q, X, how):
    if how == "euclidean":
        return np.argsort(np.linalg.norm(X - q, axis=1), kind="stable")
    length = np.linalg.norm(X, axis=1) if how == "cosine" else 1
    return np.argsort(X @ q / np.where(length == 0, 1, length), kind="stable")


# %% 2 wrong: zero_row
def rank_by(q, X, how):
    if how == "euclidean":
        scores = -np.linalg.norm(X - q, axis=1)
    else:
        scores = X @ q
    if how == "cosine":
        scores = scores / np.linalg.norm(X, axis=1)
    return np.argsort(-scores, kind="stable")


# %% 2 wrong: ties
def rank_by(q, X, how):
    if how == "euclidean":
        scores = -np.linalg.norm(X - q, axis=1)
    else:
        scores = X @ q
    if how == "cosine":
        scores = scores / (np.linalg.norm(X, axis=1) + 1e-12)
    return np.argsort(scores, kind="stable")[::-1]


# %% 2 wrong: length_of_query
def rank_by(q, X, how):
    if how == "euclidean":
        scores = -np.linalg.norm(X - q, axis=1)
    else:
        scores = X @ q
    if how == "cosine":
        scores = scores / np.linalg.norm(q)
    return np.argsort(-scores, kind="stable")


# %% 2 wrong: same_for_all
def rank_by(q, X, how):
    return np.argsort(-(X @ q), kind="stable")


# %% 2 wrong: only_the_best
def rank_by(q, X, how):
    return np.argmax(X @ q)


# %% 2 wrong: scores
def rank_by(q, X, how):
    if how == "euclidean":
        return np.linalg.norm(X - q, axis=1)
    scores = X @ q
    if how == "cosine":
        length = np.linalg.norm(X, axis=1) * np.linalg.norm(q)
        scores = scores / np.where(length > 0, length, 1)
    return np.sort(scores)[::-1]


# %% 2 wrong: places
def rank_by(q, X, how):
    if how == "euclidean":
        scores = -np.linalg.norm(X - q, axis=1)
    else:
        scores = X @ q
    if how == "cosine":
        length = np.linalg.norm(X, axis=1)
        scores = scores / np.where(length > 0, length, 1)
    return np.argsort(np.argsort(-scores, kind="stable"))


# %% 2 wrong: changed_input
def rank_by(q, X, how):
    if how == "euclidean":
        return np.argsort(np.linalg.norm(X - q, axis=1), kind="stable")
    if how == "cosine":
        length = np.linalg.norm(X, axis=1, keepdims=True)
        X /= np.where(length > 0, length, 1)
    return np.argsort(-(X @ q), kind="stable")


# %% 2 wrong: error
def rank_by(q, X, how):
    return np.argsort(-(q @ X), kind="stable")


# %% 3 solution
q = (2, 0)
A = (2, 1)  # long: dot 4, but its cosine is only 0.894
B = (1, 0)  # straight at the query: cosine 1, but dot only 2
answer = (q, A, B)  # both are 1 away from q

# %% 3 wrong: zero_vector
answer = ((1, 0), (0, 0), (1, 1))

# %% 3 wrong: same_direction
answer = ((1, 0), (0.5, 0), (1.5, 0))

# %% 3 wrong: dot_ties
answer = ((1, 0), (1, 1), (1, -0.5))

# %% 3 wrong: no_quarrel
answer = {"q": (1, 0), "A": (1, 0.1), "B": (0, 1)}

# %% 3 wrong: takes_sides
answer = ((1, 0.5), (2.4, 1.8), (0.35, 0.17))

# %% 3 wrong: shape
answer = ((1, 0), (2, 1, 0), (1, 0))

# %% 3 wrong: nan
answer = ((1, 0), (2, np.nan), (1, 0))

# %% 4 solution
alpha = np.log(1 / 0.8) / np.log(3 / 0.5)  # 3^α · 0.8 = 0.5^α, so 6^α = 1.25

# %% 4 wrong: dot_product
alpha = 1

# %% 4 wrong: upside_down
alpha = np.log(6) / np.log(1.25)

# %% 4 wrong: negative
alpha = np.log(0.8) / np.log(6)

# %% 4 wrong: no_logarithm
alpha = 1.25 / 6

# %% 4 wrong: one_length
alpha = np.log(1.25) / np.log(3)

# %% 4 wrong: one_cosine
alpha = np.log(1.8) / np.log(6)

# %% 4 wrong: type
alpha = "0.1245"


# %% 5 solution
def never_first(X):
    """True for each row of X, shape (n, 2), that wins the dot product with no query."""

    def left_turn(a, b, c):
        (ax, ay), (bx, by), (cx, cy) = X[a], X[b], X[c]
        return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 0

    def edge(order):
        corners = []
        for j in order:
            while len(corners) > 1 and not left_turn(corners[-2], corners[-1], j):
                corners.pop()
            corners.append(j)
        return corners

    left_to_right = np.lexsort((X[:, 1], X[:, 0]))
    never = np.ones(len(X), dtype=bool)
    never[edge(left_to_right) + edge(left_to_right[::-1])] = False
    return never


# %% 5 wrong: inverted
def never_first(X):
    angle = np.linspace(0, 2 * np.pi, 20_000)
    queries = np.column_stack([np.cos(angle), np.sin(angle)])
    wins = np.zeros(len(X), dtype=bool)
    wins[(queries @ X.T).argmax(axis=1)] = True
    return wins


# %% 5 wrong: nobody
def never_first(X):
    return np.zeros(len(X), dtype=bool)


# %% 5 wrong: longest_only
def never_first(X):
    return np.arange(len(X)) != np.linalg.norm(X, axis=1).argmax()


# %% 5 wrong: axes_only
def never_first(X):
    never = np.ones(len(X), dtype=bool)
    never[X.argmax(axis=0)] = False
    never[X.argmin(axis=0)] = False
    return never


# %% 5 wrong: positive_only
def never_first(X):
    angle = np.linspace(0, np.pi / 2, 2_000)
    queries = np.column_stack([np.cos(angle), np.sin(angle)])
    never = np.ones(len(X), dtype=bool)
    never[(queries @ X.T).argmax(axis=1)] = False
    return never


# %% 5 wrong: missed_some
def never_first(X):
    queries = np.random.default_rng(0).normal(size=(1_000, 2))
    never = np.ones(len(X), dtype=bool)
    never[(queries @ X.T).argmax(axis=1)] = False
    return never


# %% 5 wrong: too_many_winners
def never_first(X):
    never = np.ones(len(X), dtype=bool)
    for order in (np.lexsort((X[:, 1], X[:, 0])), np.lexsort((X[:, 1], X[:, 0]))[::-1]):
        corners = []
        for j in order:
            if len(corners) > 1:
                (ax, ay), (bx, by), (cx, cy) = X[corners[-2]], X[corners[-1]], X[j]
                if (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) <= 0:  # once is not enough
                    corners.pop()
            corners.append(j)
        never[corners] = False
    return never


# %% 5 wrong: row_numbers
def never_first(X):
    queries = np.random.default_rng(0).normal(size=(10_000, 2))
    return np.unique((queries @ X.T).argmax(axis=1))


# %% 5 wrong: whole_numbers
def never_first(X):
    queries = np.random.default_rng(0).normal(size=(10_000, 2))
    never = np.ones(len(X), dtype=int)
    never[(queries @ X.T).argmax(axis=1)] = 0
    return never
