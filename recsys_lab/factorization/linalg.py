"""The linear algebra below every factorization: ridge regressions by the thousand, and balance.

Alternating least squares fixes one side and solves, for each row i of the other, a ridge
regression of its own on the few features h_t it has interacted with:

    minimize over x:   Σ_t (a_t ⟨h_t, x⟩² − 2 b_t ⟨h_t, x⟩) + reg_i ‖x‖²

With H the rows h_t (L × d), setting the gradient to zero gives the same x in two ways:

    x = (reg_i I + Hᵀ diag(a) H)⁻¹ Hᵀ b        a d × d system
    x = Hᵀ (reg_i I + diag(a) H Hᵀ)⁻¹ b        an L × L system (Woodbury's identity)

Most users and items have fewer interactions than there are factors, so the second is far smaller
for most rows: `ridge_rows` takes whichever is smaller, and solves rows of like length in one go.
"""

import numpy as np


def batch_rows(indptr, n_factors, memory=2**20):
    """Group rows of like length: a list of ``(rows, place)``, made once and used in every sweep.

    ``place`` (b, L) tells where the interactions of each row lie; short rows are filled up with
    N, one past the last interaction. Rows without interactions are left out. A batch gathers
    at most ``memory`` numbers, or one row. O(N + m log m) time, O(N) memory.
    """
    count = np.diff(indptr)
    order = np.argsort(count, kind="stable")
    ascending = count[order]
    batches = []
    start = np.searchsorted(ascending, 1)
    while start < len(order):
        longest = int(1.2 * ascending[start])  # at most a fifth of a batch is filling
        stop = np.searchsorted(ascending, longest, side="right")
        stop = min(stop, start + max(1, memory // (longest * max(longest, n_factors))))
        rows = order[start:stop]
        offset = np.arange(ascending[stop - 1])
        real = offset < count[rows, None]
        batches.append((rows, np.where(real, indptr[rows, None] + offset, indptr[-1])))
        start = stop
    return batches


def ridge_rows(batches, columns, features, a, b, reg):
    """Solve the ridge regression of the module's head for every row.

    Parameters
    ----------
    batches : list
        From `batch_rows`.
    columns : int array, shape (N,)
        Which row of ``features`` each interaction points to.
    features : array, shape (n, d)
    a, b : arrays, shape (N,)
        Curvature and pull of each interaction.
    reg : array, shape (m,), above 0

    Returns
    -------
    solution : array, shape (m, d)
        Zero where a row has no interactions.
    gain : float
        Σ_i ⟨Hᵀb, x_i⟩: by how much the objective lies below its value at zero.

    O(N d min(L, d) + Σ_i min(L_i, d)³) time.
    """
    d = features.shape[1]
    solution, gain = np.zeros((len(reg), d), features.dtype), 0.0
    for rows, h, weight, pull in _gather(batches, columns, features, a, b):
        ht = h.transpose(0, 2, 1)  # (b, d, L)
        if h.shape[1] < d:
            gram = h @ ht  # (b, L, L)
            dual = np.linalg.solve(_add_to_diagonal(weight * gram, reg[rows]), pull)
            solution[rows] = (ht @ dual)[:, :, 0]
            gain += float((pull * (gram @ dual)).sum(dtype=float))
        else:
            moment = ht @ pull  # (b, d, 1)
            x = np.linalg.solve(_add_to_diagonal(ht @ (weight * h), reg[rows]), moment)
            solution[rows] = x[:, :, 0]
            gain += float((moment * x).sum(dtype=float))
    return solution, gain


def moment_rows(batches, columns, features, b, n_rows):
    """Hᵀb of every row, shape (n_rows, d): where a very large reg would let it point. O(N d)."""
    moments = np.zeros((n_rows, features.shape[1]), features.dtype)
    for rows, h, _, pull in _gather(batches, columns, features, b, b):
        moments[rows] = (h.transpose(0, 2, 1) @ pull)[:, :, 0]
    return moments


def _gather(batches, columns, features, a, b):
    """The rows of each batch with their h (b, L, d), a and b (b, L, 1); 0 where it is filled up."""
    columns, a, b = (np.append(x, x.dtype.type(0)) for x in (columns, a, b))
    for rows, place in batches:
        h = features.take(columns[place], axis=0)
        yield rows, h, a[place][:, :, None], b[place][:, :, None]


def _add_to_diagonal(squares, amount):
    size = squares.shape[1]
    squares.reshape(len(squares), -1)[:, :: size + 1] += amount[:, None]
    return squares


def whiten(factors, weight, reg):
    """(H, T) with H = V·T, such that weight·‖V x‖² + reg·‖x‖² = ‖z‖² for x = T z.

    What all rows have in common, the pull of everything unobserved, becomes the plain ‖z‖² of a
    ridge regression, and `ridge_rows` needs to see the observed entries only. O(n d² + d³) time.
    """
    value, vector = np.linalg.eigh(weight * (factors.T @ factors).astype(float))
    # An eigenvalue of a Gram matrix is below zero by rounding alone.
    back = (vector / np.sqrt(np.maximum(value, 0) + reg)).astype(factors.dtype)
    return factors @ back, back


def gravity(user_factors, item_factors):
    """Σ_i Σ_j ⟨U_i, V_j⟩² over all m·n pairs, without forming UVᵀ: ⟨UᵀU, VᵀV⟩.

    Written out, ΣᵢΣⱼ (Σ_k U_ik V_jk)² = Σ_kl (Σ_i U_ik U_il)(Σ_j V_jk V_jl). The pull towards zero
    that all pairs exert costs O((m + n) d²) time and O(d²) memory instead of O(m n d).
    Source: Krichene et al. 2018.

    Parameters
    ----------
    user_factors : array-like, shape (m, d)
    item_factors : array-like, shape (n, d)
    """
    u, v = _pair(user_factors, item_factors)
    return float(((u.T @ u) * (v.T @ v)).sum())


def balance(user_factors, item_factors):
    """Same predictions UVᵀ, smallest ‖U‖² + ‖V‖²: returns U·T and V·T⁻ᵀ.

    Predictions allow every invertible T; the L2 penalty does not. It is smallest where both sides
    carry the same weight, UᵀU = VᵀV = diag(σ), with σ the singular values of UVᵀ; it is then
    2 Σσ. The factors come out uncorrelated, heaviest first. O((m + n) d² + d³) time.

    Parameters
    ----------
    user_factors : array-like, shape (m, d)
    item_factors : array-like, shape (n, d)
    """
    u, v = _pair(user_factors, item_factors)
    root_u, root_v = _root(u), _root(v)
    left, sigma, right = np.linalg.svd(root_u @ root_v.T)
    alive = sigma > 1e-12 * sigma[0]
    scale = np.zeros_like(sigma)
    scale[alive] = 1 / np.sqrt(sigma[alive])
    to_u, to_v = root_v.T @ right.T * scale, root_u.T @ left * scale
    return u @ to_u.astype(u.dtype), v @ to_v.astype(v.dtype)


def _root(factors):
    """R (d, d) with RᵀR = factorsᵀ factors, whatever the rank."""
    exact = factors.astype(float)
    value, vector = np.linalg.eigh(exact.T @ exact)
    return np.sqrt(np.maximum(value, 0))[:, None] * vector.T


def check_factors(factors, n_rows=None, kind="user"):
    """Return ``factors`` as a float array (rows, d), or say what is wrong with them."""
    factors = np.asarray(factors)
    if factors.dtype != np.float32:
        factors = factors.astype(float)
    if factors.ndim != 2 or (n_rows is not None and len(factors) != n_rows):
        wanted = "(rows, d)" if n_rows is None else f"({n_rows}, d)"
        raise ValueError(
            f"{kind} factors must have shape {wanted}, one vector a row, got {factors.shape}"
        )
    if not np.isfinite(factors).all():
        raise ValueError(
            f"{kind} factors must be finite numbers; row "
            f"{np.argwhere(~np.isfinite(factors))[0][0]} is not"
        )
    return factors


def _pair(user_factors, item_factors):
    u, v = check_factors(user_factors, kind="user"), check_factors(item_factors, kind="item")
    if u.shape[1] != v.shape[1]:
        raise ValueError(
            f"user factors have {u.shape[1]} columns and item factors {v.shape[1]}; "
            f"both sides need the same number of factors"
        )
    return u, v
