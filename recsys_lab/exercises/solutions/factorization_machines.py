"""Solutions and known wrong answers of `recsys_lab.exercises.factorization_machines`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "pairs": 5,  # −1 + 3 + 3
    "both_ways": 10,  # each of them twice
    "everything": 26,  # the squared length of (1, 5)
    "quoted": 18,  # 26 − ½ · (5 + 2 + 9)
}

# %% 1 wrong: sign
answer = (9, 10, 26, 18)

# %% 1 wrong: twice
answer = {"pairs": 10, "both_ways": 10, "everything": 26, "quoted": 18}

# %% 1 wrong: not_halved
answer = (5, 5, 26, 18)

# %% 1 wrong: length_not_squared
answer = (5, 10, 5.099, 18)

# %% 1 wrong: sum_of_squares
answer = {"pairs": 5, "both_ways": 10, "everything": 16, "quoted": ...}

# %% 1 wrong: rescued
answer = (5, 10, 26, 5)


# %% 2 solution
def pair_sum(E):
    """Sum of the dot products of all pairs of rows of E, shape (n, k)."""
    total = E.sum(axis=0)  # every cell of the table, as one squared length
    return (total @ total - (E**2).sum()) / 2


# %% 2 wrong: only_squares_halved
def pair_sum(E):
    total = E.sum(axis=0)
    return total @ total - (E**2).sum() / 2


# %% 2 wrong: twice
def pair_sum(E):
    total = E.sum(axis=0)
    return total @ total - (E**2).sum()


# %% 2 wrong: with_diagonal
def pair_sum(E):
    return (E.sum(axis=0) ** 2).sum()


# %% 2 wrong: half_with_diagonal
def pair_sum(E):
    return (E.sum(axis=0) ** 2).sum() / 2


# %% 2 wrong: each_factor
def pair_sum(E):
    return (E.sum(axis=0) ** 2 - (E**2).sum(axis=0)) / 2


# %% 2 wrong: wrong_axis
def pair_sum(E):
    total = E.sum(axis=1)
    return (total @ total - (E**2).sum()) / 2


# %% 3 solution
def fm_predict(x, w0, w, V):
    """Score of one row x of a factorization machine."""
    E = V * x[:, None]  # a feature that is off takes its vector with it
    total = E.sum(axis=0)
    return w0 + w @ x + (total @ total - (E**2).sum()) / 2


# %% 3 wrong: no_linear
def fm_predict(x, w0, w, V):
    E = V * x[:, None]
    total = E.sum(axis=0)
    return w0 + (total @ total - (E**2).sum()) / 2


# %% 3 wrong: no_base
def fm_predict(x, w0, w, V):
    E = V * x[:, None]
    total = E.sum(axis=0)
    return w @ x + (total @ total - (E**2).sum()) / 2


# %% 3 wrong: no_pairs
def fm_predict(x, w0, w, V):
    return w0 + w @ x


# %% 3 wrong: only_squares_halved
def fm_predict(x, w0, w, V):
    E = V * x[:, None]
    total = E.sum(axis=0)
    return w0 + w @ x + total @ total - (E**2).sum() / 2


# %% 3 wrong: twice
def fm_predict(x, w0, w, V):
    E = V * x[:, None]
    total = E.sum(axis=0)
    return w0 + w @ x + total @ total - (E**2).sum()


# %% 3 wrong: x_not_squared
def fm_predict(x, w0, w, V):
    return w0 + w @ x + (((V.T @ x) ** 2).sum() - ((V**2).T @ x).sum()) / 2


# %% 3 wrong: x_forgotten
def fm_predict(x, w0, w, V):
    total = V.sum(axis=0)
    return w0 + w @ x + (total @ total - (V**2).sum()) / 2


# %% 4 solution
def fm_grad_V(x, V):
    """How fast the score rises with each entry of V, shape (p, k)."""
    others = V.T @ x - V * x[:, None]  # (p, k): everybody's sum, less one's own
    return x[:, None] * others


# %% 4 wrong: meets_itself
def fm_grad_V(x, V):
    return np.outer(x, V.T @ x)


# %% 4 wrong: x_missing
def fm_grad_V(x, V):
    return V.T @ x - V * x[:, None]


# %% 4 wrong: own_x_not_squared
def fm_grad_V(x, V):
    return np.outer(x, V.T @ x) - V * x[:, None]


# %% 4 wrong: halved
def fm_grad_V(x, V):
    return x[:, None] * (V.T @ x - V * x[:, None]) / 2


# %% 4 wrong: sign
def fm_grad_V(x, V):
    return x[:, None] * (V * x[:, None] - V.T @ x)


# %% 5 solution
def cut(w, V, asks, film):
    """A query and an item, k + 1 numbers each."""
    total = V[film].sum(axis=0)
    inside = (total @ total - (V[film] ** 2).sum()) / 2
    query = np.append(V[asks].sum(axis=0), 1)
    return query, np.append(total, w[film].sum() + inside)


# %% 5 wrong: no_inside
def cut(w, V, asks, film):
    return np.append(V[asks].sum(axis=0), 1), np.append(V[film].sum(axis=0), w[film].sum())


# %% 5 wrong: no_weights
def cut(w, V, asks, film):
    total = V[film].sum(axis=0)
    inside = (total @ total - (V[film] ** 2).sum()) / 2
    return np.append(V[asks].sum(axis=0), 1), np.append(total, inside)


# %% 5 wrong: not_extended
def cut(w, V, asks, film):
    return V[asks].sum(axis=0), V[film].sum(axis=0)


# %% 5 wrong: person_in_query
def cut(w, V, asks, film):
    total = V[film].sum(axis=0)
    inside = (total @ total - (V[film] ** 2).sum()) / 2
    query = np.append(V[asks].sum(axis=0), w[asks].sum())
    return query, np.append(total, w[film].sum() + inside)


# %% 5 wrong: means
def cut(w, V, asks, film):
    total = V[film].mean(axis=0)
    inside = (total @ total - (V[film] ** 2).sum()) / 2
    return np.append(V[asks].mean(axis=0), 1), np.append(total, w[film].sum() + inside)


# %% 6 solution
V = [
    (1.0, 0.0),
    (-0.5, 0.866),  # 120° further
    (-0.5, -0.866),  # and again: all three weights are −0.5
    # Their product is −0.125. For single numbers it is (ab)(ac)(bc) = (abc)², never negative.
]

# %% 6 wrong: too_small
V = [(1, 0), (0, 1), (-1, -1)]

# %% 6 wrong: all_positive
V = [(1, 0.2), (1, 0), (0.2, 1)]

# %% 6 wrong: two_negative
V = [(-1, 0), (1, 0.2), (1, -0.2)]

# %% 7 solution
E = [
    (2, 1),
    (-1, 1),
    (-1, -2),  # back to the start: the three add up to nothing
]

# %% 7 wrong: zero_vector
E = [(0, 0), (1, 1), (1, -1)]

# %% 7 wrong: on_a_line
E = [(1, 0), (-2, 0), (1, 1)]

# %% 7 wrong: still_wrong
E = [(1, 0), (1, 1), (0, 2)]
