"""Folding: groups that never met may lie on top of each other, and nothing in the loss objects.

Two language islands: members of each rate films of their own language only. With the loss

    Σ_Ω (r_ij − ⟨U_i, V_j⟩)² + reg (‖U‖² + ‖V‖²)

turn the members *and* films of one island by any rotation R. Every observed product is between
two of the same island, ⟨R U_i, R V_j⟩ = ⟨U_i, V_j⟩; lengths stay too; so the loss does not move.
All products across islands do, and nobody ever looked at them: recommendations across are an
accident of the random start. (Not to be mixed up with fold-in, which is a good thing.)

The cure is to say something about pairs that were not observed: a small weight on all of them
(`unobserved_weight`), or a few sampled as negatives (`fit_with_negatives`).

Source: Xin et al. 2017; Krichene et al. 2018.
"""

import numpy as np

from recsys_lab.data import Interactions
from recsys_lab.factorization.blocks import add_rows
from recsys_lab.factorization.half_step import als_step
from recsys_lab.factorization.linalg import check_factors
from recsys_lab.popularity import check_some
from recsys_lab.recommender import check_positive
from recsys_lab.similarity import top_k


def islands(n_islands=3, n_users=20, n_items=16, seen=0.4, random_state=0):
    """Language islands: every member sees a share of the films of the own language, no other.

    Parameters
    ----------
    n_islands : int
    n_users, n_items : int
        Members and films of *each* island.
    seen : float
        Chance that a member has seen a film of the own island.

    Returns
    -------
    interactions : Interactions
        Values between 0 and 1: how much of the film was watched.
    user_groups : int array, shape (n_islands · n_users,)
    item_groups : int array, shape (n_islands · n_items,)
    """
    check_positive(n_islands, "n_islands", integer=True)
    rng = np.random.default_rng(random_state)
    user_groups = np.repeat(np.arange(n_islands), n_users)
    item_groups = np.repeat(np.arange(n_islands), n_items)
    taste = rng.normal(size=(len(user_groups), 2)) @ rng.normal(size=(len(item_groups), 2)).T
    watched = 1 / (1 + np.exp(-(0.8 * taste + 0.6)))
    home = user_groups[:, None] == item_groups
    users, items = np.nonzero(home & (rng.random(home.shape) < seen))
    ratings = Interactions(users, items, watched[users, items], *home.shape)
    return ratings, user_groups, item_groups


def fit_islands(
    interactions,
    n_factors=2,
    reg=0.05,
    unobserved_weight=0.0,
    n_iterations=40,
    random_state=0,
):
    """(U, V) by plain alternating least squares from a random start; no balancing, no biases.

    With ``unobserved_weight=0`` this is the loss at the module's head. O(N d²) time a sweep.
    """
    d = check_positive(n_factors, "n_factors", integer=True)
    check_positive(n_iterations, "n_iterations", integer=True)
    rng = np.random.default_rng(random_state)
    u = 0.3 * rng.normal(size=(interactions.n_users, d))
    v = 0.3 * rng.normal(size=(interactions.n_items, d))
    back = interactions.transpose()
    for _ in range(n_iterations):
        u = als_step(v, interactions, reg, unobserved_weight)
        v = als_step(u, back, reg, unobserved_weight)
    return u, v


def observed_loss(user_factors, item_factors, interactions, reg):
    """Σ_Ω (r_ij − ⟨U_i, V_j⟩)² + reg (‖U‖² + ‖V‖²), the loss that cannot see folding. O(N d)."""
    u, v = _both(user_factors, item_factors, interactions)
    score = (u[interactions.users] * v[interactions.items]).sum(axis=1)
    penalty = reg * ((u**2).sum() + (v**2).sum())
    return float(((interactions.values - score) ** 2).sum() + penalty)


def spin(user_factors, item_factors, user_groups, item_groups, group, angle):
    """Turn one group, users and items together, in the plane of the first two factors.

    Parameters
    ----------
    user_factors : array-like, shape (m, d), d at least 2
    item_factors : array-like, shape (n, d)
    user_groups, item_groups : array-like, shape (m,) and (n,)
    group
        The one to turn.
    angle : float
        In radians.

    Returns
    -------
    (U, V), new arrays: products inside every group are the same, products across are not.
    """
    u = check_factors(user_factors, len(user_groups), "user").copy()
    v = check_factors(item_factors, len(item_groups), "item").copy()
    if u.shape[1] != v.shape[1] or u.shape[1] < 2:
        raise ValueError(
            f"turning needs the same number of factors on both sides, at least 2, "
            f"got {u.shape[1]} and {v.shape[1]}"
        )
    if not np.isfinite(angle):
        raise ValueError(f"angle must be a finite number of radians, got {angle!r}")
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for factors, groups in ((u, user_groups), (v, item_groups)):
        members = np.asarray(groups) == group
        factors[members, :2] = factors[members, :2] @ turn
    return u, v


def spurious_rate(user_factors, item_factors, seen, user_groups, item_groups, k):
    """Share of all top-k recommendations that come from a foreign group.

    Parameters
    ----------
    user_factors : array-like, shape (m, d)
    item_factors : array-like, shape (n, d)
    seen : Interactions, or bool array of shape (m, n)
        What is not recommended again.
    user_groups, item_groups : array-like, shape (m,) and (n,)
    k : int
        Users with fewer than k unseen items get those; ties go to the lower item.

    Notes
    -----
    O(m n (d + 1)) time and O(m n) memory: meant for worlds one can draw.
    """
    u = check_factors(user_factors, len(user_groups), "user")
    v = check_factors(item_factors, len(item_groups), "item")
    check_positive(k, "k", integer=True)
    if isinstance(seen, Interactions):
        pairs, seen = (seen.users, seen.items), np.zeros(seen.shape, dtype=bool)
        seen[pairs] = True
    seen = np.asarray(seen)
    if seen.dtype != bool or seen.shape != (len(u), len(v)):
        raise ValueError(
            f"seen must say for each of {len(u)} × {len(v)} pairs whether it was seen, "
            f"got {seen.dtype} of shape {seen.shape}"
        )
    scores = np.where(seen, -np.inf, u @ v.T)
    best = top_k(scores, k)
    new = np.take_along_axis(scores, best, axis=1) > -np.inf
    foreign = np.asarray(item_groups)[best] != np.asarray(user_groups)[:, None]
    return float(foreign[new].mean()) if new.any() else 0.0


def flat_directions(user_factors, item_factors, interactions, reg, tolerance=1e-6):
    """How many directions leave `observed_loss` flat at its minimum, and the whole spectrum.

    A loss that stays flat in a direction has a zero eigenvalue there. The rotations of d factors
    have d(d − 1)/2 independent directions, and every island has its own: g·d(d − 1)/2 for g
    islands, of which only d(d − 1)/2 turn everything at once and so change no prediction. The
    count may be larger (tiny islands have flat directions of other kinds), or smaller: an island
    that uses only d − 2 factors gains nothing from a turn among the others.

    Parameters
    ----------
    user_factors : array-like, shape (m, d)
    item_factors : array-like, shape (n, d)
        Near a minimum, as from `fit_islands`; a few Newton steps bring them onto it.
    interactions : Interactions
    reg : float
    tolerance : float
        An eigenvalue below this share of the largest counts as zero.

    Returns
    -------
    count : int
    eigenvalues : array, shape ((m + n) d,), ascending

    Raises
    ------
    ValueError
        If no minimum is near. O(((m + n) d)³) time: for tiny worlds.
    """
    u, v = _both(user_factors, item_factors, interactions)
    for _ in range(20):
        gradient, hessian = _curvature(u, v, interactions, reg)
        value, vector = np.linalg.eigh(hessian)
        if np.abs(gradient).max() < 1e-10:
            break
        bent = np.abs(value) > tolerance * value[-1]
        step = vector[:, bent] @ ((vector[:, bent].T @ gradient) / value[bent])
        moved = np.concatenate([u, v]).ravel() - step
        u, v = np.split(moved.reshape(-1, u.shape[1]), [len(u)])
    if np.abs(gradient).max() > 1e-8 or value[0] < -tolerance * value[-1]:
        raise ValueError(
            "there is no minimum near these factors, so its flat directions cannot be counted; "
            "train longer first"
        )
    return int((value < tolerance * value[-1]).sum()), value


def _curvature(u, v, interactions, reg):
    """Gradient and Hessian of `observed_loss` by all factors, users first."""
    (m, d), n = u.shape, len(v)
    users, items = interactions.users, m + interactions.items
    row, column = u[interactions.users], v[interactions.items]  # (N, d)
    error = interactions.values - (row * column).sum(axis=1)
    both = np.concatenate([u, v])
    gradient = 2 * reg * both
    np.add.at(gradient, users, -2 * error[:, None] * column)
    np.add.at(gradient, items, -2 * error[:, None] * row)
    hessian = np.zeros((m + n, d, m + n, d))
    cross = 2 * column[:, :, None] * row[:, None, :] - 2 * error[:, None, None] * np.eye(d)
    every = slice(None)
    np.add.at(hessian, (users, every, users, every), 2 * column[:, :, None] * column[:, None, :])
    np.add.at(hessian, (items, every, items, every), 2 * row[:, :, None] * row[:, None, :])
    np.add.at(hessian, (users, every, items, every), cross)
    np.add.at(hessian, (items, every, users, every), cross.transpose(0, 2, 1))
    hessian = hessian.reshape((m + n) * d, (m + n) * d)
    return gradient.ravel(), hessian + 2 * reg * np.eye(len(hessian))


def _both(user_factors, item_factors, interactions):
    u = check_factors(user_factors, interactions.n_users, "user")
    v = check_factors(item_factors, interactions.n_items, "item")
    return u, v


def sample_negatives(positives, n_items, k, counts=None, power=0.0, random_state=0):
    """k items one user has not chosen, with replacement, each with probability ∝ counts^power.

    Parameters
    ----------
    positives : array-like of int
        What the user has chosen: never drawn.
    n_items : int
    k : int
    counts : array-like, shape (n_items,), optional
        How often each item was chosen by anyone; left out, all items are alike.
    power : float
        0 draws uniformly, 1 by popularity; Mikolov et al. 2013 use 3/4.
    random_state : int or numpy.random.Generator

    Returns
    -------
    int array, shape (k,). O(n_items + k log n_items) time.
    """
    check_positive(n_items, "n_items", integer=True)
    check_positive(k, "k", integer=True, zero=True)
    positives = np.asarray(positives, dtype=np.int64) if len(positives) else np.empty(0, np.int64)
    if np.any((positives < 0) | (positives >= n_items)):
        raise ValueError(f"positives must be item ids from 0 to {n_items - 1}, got {positives}")
    counts = np.ones(n_items) if counts is None else np.asarray(counts, dtype=float)
    if counts.shape != (n_items,) or not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError(f"counts must be {n_items} numbers of at least 0, one an item")
    if not np.isfinite(power) or power < 0:
        raise ValueError(f"power must be a number of at least 0, got {power!r}")
    weight = counts**power
    weight[positives] = 0
    if weight.sum() == 0:
        raise ValueError(
            "no item is left to draw: the user chose every item that has a count above 0"
        )
    rng = np.random.default_rng(random_state)
    return rng.choice(n_items, k, p=weight / weight.sum())


def fit_with_negatives(
    interactions,
    negatives_per_positive,
    n_factors=4,
    reg=0.02,
    learning_rate=0.04,
    n_steps=200,
    random_state=0,
):
    """(U, V) that tell what was seen from pairs drawn at random: logistic loss, full gradients.

    Each step minimizes Σ_Ω −ln σ(⟨U_i, V_j⟩) + Σ_drawn −ln σ(−⟨U_i, V_j⟩) + reg/2 (‖U‖² + ‖V‖²),
    with new negatives drawn uniformly among all m·n pairs; those that were seen are dropped.

    Parameters
    ----------
    negatives_per_positive : float, at least 0
        0 is the one-class problem, in which all pairs end up as a yes.

    Notes
    -----
    O(N d (1 + negatives_per_positive)) time a step.
    """
    check_some(interactions)
    check_positive(negatives_per_positive, "negatives_per_positive", zero=True)
    d = check_positive(n_factors, "n_factors", integer=True)
    check_positive(reg, "reg", zero=True)
    check_positive(learning_rate, "learning_rate")
    check_positive(n_steps, "n_steps", integer=True)
    rng = np.random.default_rng(random_state)
    m, n = interactions.shape
    u, v = 0.4 * rng.normal(size=(m, d)), 0.4 * rng.normal(size=(n, d))
    known = interactions.users * n + interactions.items  # ascending
    n_drawn = int(negatives_per_positive * len(known))
    for step in range(n_steps):
        pair = rng.integers(0, m * n, n_drawn)
        pair = np.concatenate([known, pair[~np.isin(pair, known)]])
        users, items = np.divmod(pair, n)
        chosen = np.arange(len(pair)) < len(known)
        with np.errstate(over="ignore", invalid="ignore"):
            score = (u[users] * v[items]).sum(axis=1)
        if not np.isfinite(score).all():
            raise FloatingPointError(
                f"training with negatives diverged at step {step}; lower the learning_rate"
            )
        error = (np.exp(-np.logaddexp(0, -score)) - chosen)[:, None]  # σ(score) − truth
        to_u, to_v = reg * u, reg * v
        add_rows(to_u, users, error * v[items])
        add_rows(to_v, items, error * u[users])
        u, v = u - learning_rate * to_u, v - learning_rate * to_v
    return u, v
