"""Solutions and known wrong answers of `recsys_lab.exercises.matrix_factorization`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "largest": 604,  # 943 · 1682 / (943 + 1682) = 604.2
    "ratio": 1.00001,  # 10,000,100 / 10,000,000: nothing is saved
}

# %% 1 wrong: rounded_up
answer = {"largest": 605, "ratio": 1.00001}

# %% 1 wrong: larger_side
answer = {"largest": 943, "ratio": 1.00001}

# %% 1 wrong: upside_down
answer = {"largest": 604, "ratio": 1 / 1.00001}


# %% 2 solution
def als_users(A, M, V, lam, w0):
    """The U that minimizes the weighted loss for these films, shape (m, d)."""
    U = np.empty((len(A), V.shape[1]))
    for i in range(len(A)):
        w = np.where(M[i], 1, w0)
        U[i] = np.linalg.solve(V.T @ (w[:, None] * V) + lam * np.eye(V.shape[1]), V.T @ (w * A[i]))
    return U


# %% 2 wrong: all_alike
def als_users(A, M, V, lam, w0):
    return np.linalg.solve(V.T @ V + lam * np.eye(V.shape[1]), V.T @ A.T).T


# %% 2 wrong: forgot_w0
def als_users(A, M, V, lam, w0):
    rows = []
    for a, seen in zip(A, M):
        H = V[seen]
        rows.append(np.linalg.solve(H.T @ H + lam * np.eye(V.shape[1]), H.T @ a[seen]))
    return np.array(rows)


# %% 2 wrong: half_penalty
def als_users(A, M, V, lam, w0):
    W = np.where(M, 1, w0)
    eye = 2 * lam * np.eye(V.shape[1])
    return np.array(
        [np.linalg.solve(V.T @ (w[:, None] * V) + eye, V.T @ (w * a)) for w, a in zip(W, A)]
    )


# %% 3 solution
def gravity(U, V):
    """Σ_i Σ_j ⟨U_i, V_j⟩², without forming U @ V.T."""
    return ((U.T @ U) * (V.T @ V)).sum()


# %% 3 wrong: one_trace
def gravity(U, V):
    return (U**2).sum() * (V**2).sum()


# %% 3 wrong: not_squared
def gravity(U, V):
    return U.sum(axis=0) @ V.sum(axis=0)


# %% 3 wrong: root
def gravity(U, V):
    return np.sqrt(((U.T @ U) * (V.T @ V)).sum())


# %% 4 solution
def fold_in(items, values, V, lam):
    """The ridge regression of one newcomer, shape (d,)."""
    H = V[items]
    return np.linalg.solve(H.T @ H + lam * np.eye(V.shape[1]), H.T @ values)


# %% 4 wrong: no_penalty
def fold_in(items, values, V, lam):
    return np.linalg.lstsq(V[items], values, rcond=None)[0]


# %% 4 wrong: mean
def fold_in(items, values, V, lam):
    return values @ V[items]


# %% 4 wrong: everything
def fold_in(items, values, V, lam):
    return np.linalg.solve(V.T @ V + lam * np.eye(V.shape[1]), values @ V[items])


# %% 5 solution
U = np.array([[1, 0], [1, 1], [1, 2], [1, 3]])  # the second number differs ...
V = np.array([[1, 0], [1, 0], [1, 0], [1, 0]])  # ... where no film looks
answer = (U, V)

# %% 5 wrong: not_fitted
answer = (np.zeros((4, 2)), np.ones((4, 2)))

# %% 5 wrong: still_useful
U = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
answer = (U, U)

# %% 5 wrong: same_members
answer = (np.ones((4, 2)), np.full((4, 2), 0.5))
