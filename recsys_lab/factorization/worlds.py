"""Small invented worlds with a known truth, each made to show one thing."""

import numpy as np

from recsys_lab.data import Interactions
from recsys_lab.recommender import check_positive


def low_rank_world(n_users=40, n_items=40, rank=2, seen=0.4, random_state=0):
    """How much must you see? A table of exactly this rank, of which each entry is seen by chance.

    Returns
    -------
    interactions : Interactions
        The entries seen, each with probability ``seen``.
    truth : array, shape (n_users, n_items)
    """
    check_positive(rank, "rank", integer=True)
    rng = np.random.default_rng(random_state)
    truth = rng.normal(size=(n_users, rank)) @ rng.normal(size=(rank, n_items))
    return _observe(truth, rng.random(truth.shape) < seen), truth


def taste_world(n_users=120, n_items=80, n_groups=4, n_traits=3, random_state=1):
    """Who visited what? Groups of users and items around common centres, and popularity.

    Returns
    -------
    interactions : Interactions
        The visits, each with value 1.
    chance : array, shape (n_users, n_items)
        The probability of each visit.
    """
    rng = np.random.default_rng(random_state)
    user_group, item_group = rng.integers(0, n_groups, n_users), rng.integers(0, n_groups, n_items)
    centre = 1.2 * rng.normal(size=(n_groups, n_traits))
    users = centre[user_group] + 0.6 * rng.normal(size=(n_users, n_traits))
    items = centre[item_group] + 0.6 * rng.normal(size=(n_items, n_traits))
    popular = 0.8 * rng.normal(size=n_items)
    chance = 1 / (1 + np.exp(2.6 - popular - users @ items.T / np.sqrt(n_traits)))
    return _observe(np.ones(chance.shape), rng.random(chance.shape) < chance), chance


def length_world(n_users=400, n_items=300, n_factors=8, noise=0.8, random_state=0):
    """Do popular items have long vectors? Items alike in length, seen 3 to 300 times.

    The users' vectors are known, so one `als_step` over ``interactions.transpose()`` gives the
    items', and what makes popular items longer or shorter is the penalty alone.

    Returns
    -------
    interactions : Interactions
        Ratings ⟨U_i, V_j⟩ plus noise.
    user_factors : array, shape (n_users, n_factors)
    """
    rng = np.random.default_rng(random_state)
    user_factors = rng.normal(size=(n_users, n_factors)) / np.sqrt(n_factors)
    item_factors = rng.normal(size=(n_items, n_factors))
    times = np.round(np.exp(rng.uniform(np.log(3), np.log(300), n_items))).astype(int)
    if times.max() > n_users:
        raise ValueError(f"an item is seen up to 300 times, so n_users must be that, got {n_users}")
    users, values = [], []
    for item, count in enumerate(times):
        users.append(rng.choice(n_users, count, replace=False))
        exact = user_factors[users[-1]] @ item_factors[item]
        values.append(exact + noise * rng.normal(size=count))
    items = np.repeat(np.arange(n_items), times)
    ratings = Interactions(np.concatenate(users), items, np.concatenate(values), n_users, n_items)
    return ratings, user_factors


def _observe(table, seen):
    users, items = np.nonzero(seen)
    return Interactions(users, items, table[users, items], *table.shape)
