"""Solutions and known wrong answers of `recsys_lab.exercises.end_to_end`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
rate = 3 * 50e6 * 8 / 86_400  # 13,889 pages a second
cores = rate * 400 * 80e-6  # each page keeps a core busy for 32 ms
answer = {
    "rate": rate,
    "cores": cores,  # 444.4
    "machines": np.ceil(cores / 16),
    "gigabytes": 2 * 20e6 * 2_000 / 1e9,  # today's and tomorrow's
}

# %% 1 wrong: mean
answer = {"rate": 4629.6, "cores": 148.1, "machines": 10, "gigabytes": 80}

# %% 1 wrong: one_each
answer = {"rate": 13_889, "cores": 1.11, "machines": 1, "gigabytes": 80}

# %% 1 wrong: all_busy
answer = {"rate": 13_889, "cores": 444.4, "machines": 14, "gigabytes": 80}

# %% 1 wrong: not_whole
answer = (13_889, 444.4, 27, 80)

# %% 1 wrong: one_copy
answer = (13_889, 444.4, 28, 40)

# %% 1 wrong: shared_out
answer = (13_889, 444.4, 28, 80 / 28)


# %% 2 solution
def gini(x):
    """0 if all counts are equal, 1 − 1/n if one film has them all."""
    x, n = np.sort(x), len(x)
    if x.sum() == 0:
        return 0.0
    i = np.arange(1, n + 1)
    return (2 * i - n - 1) @ x / (n * x.sum())


# %% 2 wrong: unsorted
def gini(x):
    n = len(x)
    i = np.arange(1, n + 1)
    return float((2 * i - n - 1) @ x / (n * x.sum())) if x.sum() else 0.0


# %% 2 wrong: descending
def gini(x):
    n = len(x)
    i = np.arange(1, n + 1)
    return float((2 * i - n - 1) @ np.sort(x)[::-1] / (n * x.sum())) if x.sum() else 0.0


# %% 2 wrong: from_zero
def gini(x):
    n = len(x)
    return float((2 * np.arange(n) - n - 1) @ np.sort(x) / (n * x.sum())) if x.sum() else 0.0


# %% 2 wrong: no_mean
def gini(x):
    n = len(x)
    i = np.arange(1, n + 1)
    return float((2 * i - n - 1) @ np.sort(x) / x.sum()) if x.sum() else 0.0


# %% 2 wrong: rescaled
def gini(x):
    n = len(x)
    i = np.arange(1, n + 1)
    if x.sum() == 0 or n == 1:
        return 0.0
    return float((2 * i - n - 1) @ np.sort(x) / ((n - 1) * x.sum()))


# %% 2 wrong: changed_input
def gini(x):
    x.sort()
    n = len(x)
    i = np.arange(1, n + 1)
    return float((2 * i - n - 1) @ x / (n * x.sum())) if x.sum() else 0.0


# %% 3 solution
def epsilon_serve(ranked, pool, eps, coins):
    """The page: each slot keeps its item, or goes to chance where its coin is below eps."""
    explore = coins < eps
    free = pool[~np.isin(pool, ranked[~explore])]
    served = ranked.copy()
    served[explore] = free[: explore.sum()]
    return served


# %% 3 wrong: twice
def epsilon_serve(ranked, pool, eps, coins):
    explore = coins < eps
    served = ranked.copy()
    served[explore] = pool[: explore.sum()]
    return served


# %% 3 wrong: never_again
def epsilon_serve(ranked, pool, eps, coins):
    explore = coins < eps
    free = [item for item in pool if item not in ranked] + [-1] * len(ranked)
    served = ranked.copy()
    served[explore] = free[: explore.sum()]
    return served


# %% 3 wrong: turned
def epsilon_serve(ranked, pool, eps, coins):
    explore = coins > eps
    free = pool[~np.isin(pool, ranked[~explore])]
    served = ranked.copy()
    served[explore] = free[: explore.sum()]
    return served


# %% 3 wrong: first_slots
def epsilon_serve(ranked, pool, eps, coins):
    n = (coins < eps).sum()
    free = pool[~np.isin(pool, ranked[n:])]
    return np.concatenate([free[:n], ranked[n:]])


# %% 3 wrong: changed_input
def epsilon_serve(ranked, pool, eps, coins):
    explore = coins < eps
    free = pool[~np.isin(pool, ranked[~explore])]
    ranked[explore] = free[: explore.sum()]
    return ranked


# %% 4 solution
def worth(favourite, shown, clicked, policy, n_items, eps):
    """Clicks per view that the policy would have earned, estimated from the log."""
    chance = eps / n_items + (1 - eps) * (shown == favourite)
    return np.mean((shown == policy) * clicked / chance)


# %% 4 wrong: no_weights
def worth(favourite, shown, clicked, policy, n_items, eps):
    return float(np.mean((shown == policy) * clicked))


# %% 4 wrong: agreeing_only
def worth(favourite, shown, clicked, policy, n_items, eps):
    same = shown == policy
    return float(clicked[same].mean()) if same.any() else 0.0


# %% 4 wrong: favourite_drawn
def worth(favourite, shown, clicked, policy, n_items, eps):
    keep = 1 - eps if eps < 1 else 1
    chance = np.where(shown == favourite, keep, eps / n_items)
    return float(np.mean((shown == policy) * clicked / chance))


# %% 4 wrong: eps_alone
def worth(favourite, shown, clicked, policy, n_items, eps):
    chance = np.where(shown == favourite, 1 - eps + eps / n_items, eps)
    return float(np.mean((shown == policy) * clicked / chance))


# %% 5 solution
def losses(liked, stages):
    """How many liked items each stage lost, and how many arrived."""
    left = [len(liked)] + [np.isin(liked, items).sum() for items in stages]
    return np.append(-np.diff(left), left[-1])


# %% 5 wrong: each_alone
def losses(liked, stages):
    lost = [len(liked) - np.isin(liked, items).sum() for items in stages]
    return np.array([*lost, np.isin(liked, stages[-1]).sum()])


# %% 5 wrong: all_items
def losses(liked, stages):
    left = [len(items) for items in stages]
    first = len(liked) - np.isin(liked, stages[0]).sum()
    return np.array([first, *-np.diff(left), np.isin(liked, stages[-1]).sum()])


# %% 5 wrong: kept
def losses(liked, stages):
    return np.array([np.isin(liked, items).sum() for items in stages])


# %% 5 wrong: no_arrivals
def losses(liked, stages):
    left = [len(liked)] + [np.isin(liked, items).sum() for items in stages]
    return -np.diff(left)


# %% 6 solution
shown = [10, 10, 10, 5]
clicks = [2, 2, 3, 0]  # the best: five viewers, no click, chance 0.6⁵ = 0.078
answer = (shown, clicks)

# %% 6 wrong: no_log
answer = ([10, 10, 10, 5], [2, 2, 3, 6])

# %% 6 wrong: too_unlucky
answer = ([10, 10, 10, 10], [2, 2, 3, 0])

# %% 6 wrong: comes_back
answer = ([10, 10, 1, 10], [6, 2, 0, 3])

# %% 6 wrong: on_top
answer = ([10, 10, 10, 10], [2, 2, 3, 4])
