"""The last look at the list: less of the same, a fair share of each taste, fresh, allowed, fair.

Candidates are numbered by their place in the arrays given, 0 to n − 1. `mmr`, `calibrate` and
`dpp_greedy` return the numbers of those chosen, in the order of choice, and choose greedily:
the best list of k out of n cannot be searched for, the best next item can.
"""

import numpy as np

from recsys_lab.recommender import check_positive

# --- less of the same -------------------------------------------------------------------------


def mmr(relevance, similarity, trade_off, k):
    """Choose next the item with the largest λ·relevance − (1 − λ)·max similarity to those chosen.

    Maximal marginal relevance, Carbonell and Goldstein 1998. λ = 1 sorts by relevance.

    Parameters
    ----------
    relevance : array-like, shape (n,)
    similarity : array-like, shape (n, n)
    trade_off : float
        λ, from 0 to 1. It weighs numbers of two kinds: bring relevance to the scale of the
        similarity first.
    k : int
        May exceed n: then all n come back.

    Returns
    -------
    int array, shape (min(k, n),). O(n·k) time, O(n) memory beside the input.
    """
    relevance, similarity = _candidates(relevance, similarity)
    _check_share(trade_off)
    value = trade_off * relevance
    chosen = []
    nearest = np.zeros(len(relevance))  # similarity to the nearest of those chosen
    for _ in range(min(check_positive(k, "k", integer=True), len(relevance))):
        item = int(np.argmax(value - (1 - trade_off) * nearest))
        to_item = _row(similarity[item], "a row of similarity")
        nearest = np.maximum(nearest, to_item) if chosen else to_item
        value[item] = -np.inf
        chosen.append(item)
    return np.array(chosen, dtype=np.int64)


def dpp_greedy(relevance, similarity, k):
    """Choose next the item that makes the volume of the list largest.

    The list S has the volume √det L_S, L_ij = r_i · S_ij · r_j: long vectors (relevant) that point
    apart (different). An item's own part of it is what is left of its length once everything
    that the chosen ones span is taken away, so a Cholesky factor grown by one row a choice gives
    all of them: Chen, Zhang and Zhou 2018, algorithm 1.

    Parameters
    ----------
    relevance : array-like, shape (n,), at least 0
    similarity : array-like, shape (n, n)
        Symmetric, positive semi-definite (such as cosines), 1 on the diagonal.
    k : int

    Returns
    -------
    int array of up to min(k, n) items. Fewer where every item that is left lies in the span of
    the chosen: the volume would be 0. O(n·k²) time, O(n·k) memory.
    """
    relevance, similarity = _candidates(relevance, similarity)
    if (relevance < 0).any():
        raise ValueError(f"a length is at least 0, and so must relevance be, got {relevance.min()}")
    k = min(check_positive(k, "k", integer=True), len(relevance))
    rows = np.zeros((k, len(relevance)))  # of the Cholesky factor, one a choice
    to_itself = _row(np.diag(similarity), "the diagonal of similarity")
    gain = relevance**2 * to_itself  # det L_{S + i} / det L_S for each item i
    least = 1e-10 * gain.max(initial=0.0)
    chosen = []
    while len(chosen) < k and gain.max() > least:
        item = int(np.argmax(gain))
        t = len(chosen)
        to_item = _row(similarity[item], "a row of similarity")
        if not np.allclose(to_item, similarity[:, item]):
            raise ValueError(f"similarity must be symmetric: row and column {item} differ")
        kernel = relevance[item] * to_item * relevance
        rows[t] = (kernel - rows[:t, item] @ rows[:t]) / np.sqrt(gain[item])
        gain = gain - rows[t] ** 2
        chosen.append(item)
        gain[chosen] = -np.inf
    return np.array(chosen, dtype=np.int64)


# --- a fair share of each taste ---------------------------------------------------------------


def calibration_kl(target, actual, alpha=0.01):
    """KL(p ‖ q̃) = Σ_g p_g log(p_g / q̃_g), q̃ = (1 − α) q + α p: 0 if the shares agree.

    How far the shares q of the list are from the shares p of the user's history, in nats. The
    pinch of p in q̃ keeps a missing group from costing infinity. Source: Steck 2018.

    Parameters
    ----------
    target : array-like, shape (g,), p
    actual : array-like, shape (g,), or (n, g) for n lists at once, q
    """
    target, actual = np.asarray(target, dtype=float), np.asarray(actual, dtype=float)
    if target.ndim != 1 or actual.shape[-1:] != target.shape:
        raise ValueError(
            f"target and actual must have the same groups, got {target.shape} and {actual.shape}"
        )
    for name, shares in (("target", target), ("actual", actual)):
        if not (np.isfinite(shares).all() and (shares >= 0).all()):
            raise ValueError(f"{name} must be finite shares of at least 0, got {shares}")
    if abs(target.sum() - 1) > 1e-6:
        raise ValueError(f"target must be shares that add up to 1, got {target}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha!r}")
    wanted = target > 0  # a group that is not wanted adds 0·log 0 = 0
    smoothed = (1 - alpha) * actual[..., wanted] + alpha * target[wanted]
    return np.log(target[wanted] / smoothed) @ target[wanted]


def calibrate(scores, item_groups, target, trade_off, k):
    """Choose next the item that makes (1 − λ)·Σ scores − λ·KL(target ‖ shares of the list) largest.

    Parameters
    ----------
    scores : array-like, shape (n,)
    item_groups : array-like, shape (n,) or (n, g)
        The group of each item, 0 to g − 1; or its weights on g groups (such as 0/1 genres),
        which are shared out so that every item counts 1. An item of no group counts for none.
    target : array-like, shape (g,)
        Shares of the user's history; they add up to 1.
    trade_off : float
        λ, from 0 (sort by score) to 1 (shares alone).
    k : int
        May exceed n: then all n come back.

    Returns
    -------
    int array, shape (min(k, n),). O(k·n·g) time, O(n·g) memory. Source: Steck 2018, the greedy
    algorithm, with `calibration_kl` as it stands there.
    """
    scores = _row(scores, "scores")
    target = np.asarray(target, dtype=float)
    shares = _group_shares(item_groups, len(scores), len(target))  # (n, g)
    _check_share(trade_off)
    so_far = np.zeros(len(target))
    chosen = []
    for _ in range(min(check_positive(k, "k", integer=True), len(scores))):
        actual = (so_far + shares) / (len(chosen) + 1)  # with each item as the next, (n, g)
        value = (1 - trade_off) * scores - trade_off * calibration_kl(target, actual)
        value[chosen] = -np.inf
        chosen.append(int(np.argmax(value)))
        so_far = so_far + shares[chosen[-1]]
    return np.array(chosen, dtype=np.int64)


# --- fresh, allowed ---------------------------------------------------------------------------


def freshen(scores, age, half_life):
    """scores · 2^(−age / half_life): an item loses half its score each half-life.

    Scores must be at least 0, for a negative score would rise with age. ``age`` and
    ``half_life`` are in one unit. Shape (n,).
    """
    scores, age = _row(scores, "scores"), _row(age, "age")
    if scores.shape != age.shape or (scores < 0).any() or (age < 0).any():
        raise ValueError(
            "freshen needs one age of at least 0 for each score, and scores of at least 0; "
            "turn logits into probabilities first"
        )
    return scores * 2 ** (-age / check_positive(half_life, "half_life"))


def crossing_half_life(score, age, rival):
    """The half-life at which an item of this age falls level with a new rival.

    score · 2^(−age/H) = rival solved for H: age · log 2 / log(score / rival). A longer half-life
    keeps the old item ahead. 0 where the rival is never behind. All three above 0.
    """
    for value, name in ((score, "score"), (age, "age"), (rival, "rival")):
        check_positive(value, name)
    return float(age * np.log(2) / np.log(score / rival)) if score > rival else 0.0


def exclude(items, blocked):
    """The items that are not blocked (seen, forbidden, sold out), in their order. O(n log n)."""
    items = np.asarray(items)
    return items[~np.isin(items, np.asarray(list(blocked), dtype=items.dtype))]


# --- fair -------------------------------------------------------------------------------------


def exposure_gap(order, group):
    """How much more exposure an item of the first group gets on average than one of the second.

    Position t is worth 1 / log₂(t + 1) of exposure, added up over all the lists; the mean over
    the items of one group divided by that of the other, minus 1. An item in no list has none.

    Parameters
    ----------
    order : array-like of int, shape (k,) or (r, k)
        Item ids from top to bottom; several lists to see what their mix gives.
    group : array-like, shape (n,)
        One of two labels for each item; the first in sorting order is the first group.

    Returns
    -------
    float: 0 is even, 1 is twice as much; infinity where the second group gets none.
    Source: Singh and Joachims 2018, the exposure of groups.
    """
    order, group = np.atleast_2d(np.asarray(order)), np.asarray(group)
    labels, of_item = np.unique(group, return_inverse=True)
    if len(labels) != 2 or group.ndim != 1:
        raise ValueError(f"group must hold two labels, one an item, got {labels}")
    if order.ndim != 2 or order.dtype.kind not in "iu" or not order.size:
        raise ValueError(f"order must be one or more lists of item ids, got {order}")
    if order.min() < 0 or order.max() >= len(group):
        raise ValueError(f"order must hold items 0 to {len(group) - 1}, those with a group")
    worth = np.broadcast_to(1 / np.log2(np.arange(2, order.shape[1] + 2)), order.shape)
    exposure = np.bincount(of_item[order].ravel(), worth.ravel(), 2) / np.bincount(of_item)
    return float(exposure[0] / exposure[1] - 1) if exposure[1] else float("inf")


# --- what is asked of the input ---------------------------------------------------------------


def _row(values, name):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError(f"{name} must be one row of finite numbers, got {values}")
    return values


def _candidates(relevance, similarity):
    relevance, similarity = _row(relevance, "relevance"), np.asarray(similarity, dtype=float)
    n = len(relevance)
    if similarity.shape != (n, n):
        raise ValueError(
            f"similarity must have shape ({n}, {n}), one row and one column a candidate, "
            f"got {similarity.shape}"
        )
    return relevance, similarity


def _check_share(trade_off):
    if not 0 <= trade_off <= 1:
        raise ValueError(f"trade_off must lie between 0 and 1, got {trade_off!r}")


def _group_shares(item_groups, n, g):
    groups = np.asarray(item_groups)
    if groups.shape == (n,) and groups.dtype.kind in "iu" and np.all((groups >= 0) & (groups < g)):
        return np.eye(g)[groups]
    if groups.shape == (n, g) and np.isfinite(groups).all() and (groups >= 0).all():
        total = groups.sum(axis=1, keepdims=True)
        return groups / np.where(total > 0, total, 1)
    raise ValueError(
        f"item_groups must be {n} group numbers from 0 to {g - 1}, or weights of at least 0 of "
        f"shape ({n}, {g}), because target names {g} groups; got {groups}"
    )
