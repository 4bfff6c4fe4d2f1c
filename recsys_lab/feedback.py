"""The echo: a recommender learns from clicks on what it chose to show, and so hears itself.

An item that starts unlucky is not shown, and what is not shown is never clicked. `epsilon_serve`
gives a share of the slots to items drawn at random, and `echo` shows what that costs and brings.
"""

import numpy as np

from recsys_lab.metrics import coverage, gini
from recsys_lab.recommender import check_positive
from recsys_lab.similarity import top_k


def epsilon_serve(ranked, pool, epsilon, random_state=0):
    """The ranked list, each slot given to a random item of the pool with probability ε.

    No item twice: those drawn are not among the ranked ones that keep their slot.

    Parameters
    ----------
    ranked : array-like of int, shape (k,)
    pool : array-like of int
        What may be explored; it can hold ranked items too.
    epsilon : float
        0 returns ``ranked``, 1 a random list.
    random_state : int or Generator

    Returns
    -------
    int array, shape (k,)
    """
    ranked, pool = np.asarray(ranked), np.asarray(pool)
    if not 0 <= epsilon <= 1:
        raise ValueError(f"epsilon must lie between 0 and 1, got {epsilon!r}")
    rng = np.random.default_rng(random_state)
    explore = rng.random(len(ranked)) < epsilon
    free = np.setdiff1d(pool, ranked[~explore])
    if len(free) < explore.sum():
        raise ValueError(
            f"{explore.sum()} slots to explore and only {len(free)} items to fill them; "
            f"bring a larger pool"
        )
    served = ranked.copy()
    served[explore] = rng.choice(free, explore.sum(), replace=False)
    return served


def echo(epsilon, n_rounds=60, n_items=100, n_slots=10, n_views=20, random_state=0):
    """Serve by click rate so far, count clicks, and again: what is shown, and what is found?

    Each round, n_views viewers see n_slots items, and click item i with its true rate, drawn
    once between 0.1 and 0.5. Every item starts as if one of five viewers had clicked it.

    Returns
    -------
    dict
        ``gini`` and ``coverage`` of what was shown, ``click_rate`` over all rounds, ``found``
        (share of the n_slots truly best items that the click rates put on top at the end), and
        two arrays of shape (n_items,): ``shown`` (times) and ``rate`` (true).

    Notes
    -----
    The loop that Chaney, Stewart and Engelhardt 2018 study with simulated users.
    """
    for value, name in ((n_rounds, "n_rounds"), (n_items, "n_items"), (n_views, "n_views")):
        check_positive(value, name, integer=True)
    if check_positive(n_slots, "n_slots", integer=True) > n_items:
        raise ValueError(f"n_slots is {n_slots}, but there are only {n_items} items")
    rng = np.random.default_rng(random_state)
    rate = rng.uniform(0.1, 0.5, n_items)
    clicks, shown = np.zeros(n_items), np.zeros(n_items)
    everything = np.arange(n_items)

    def ranked():
        tie_break = 1e-6 * rng.random(n_items)  # not by number, or the first items would be lucky
        return top_k((clicks + 1) / (shown + 5) - tie_break, n_slots)

    for _ in range(n_rounds):
        shelf = epsilon_serve(ranked(), everything, epsilon, rng)
        clicks[shelf] += rng.binomial(n_views, rate[shelf])
        shown[shelf] += n_views
    return {
        "gini": gini(shown),
        "coverage": coverage([np.flatnonzero(shown)], n_items),
        "click_rate": float(clicks.sum() / shown.sum()),
        "found": float(np.isin(top_k(rate, n_slots), ranked()).mean()),
        "shown": shown,
        "rate": rate,
    }
