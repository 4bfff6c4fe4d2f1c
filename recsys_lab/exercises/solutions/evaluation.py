"""Solutions and known wrong answers of `recsys_lab.exercises.evaluation`."""
# ruff: noqa: E402, F811

import numpy as np

# %% 1 solution
answer = {
    "precision": 0.6,  # 3 of 5 places
    "recall": 0.75,  # 3 of 4 films
    "first_hit": 1.0,  # the first hit stands at place 1
    "ap": 0.604,  # (1 + 2/3 + 3/4 + 0) / 4
    "ndcg": 0.754,  # 1.9307 / 2.5616
}

# %% 1 wrong: swapped
answer = (0.75, 0.6, 1.0, 0.604, 0.754)

# %% 1 wrong: ap_over_found
answer = (0.6, 0.75, 1.0, 0.806, 0.754)

# %% 1 wrong: ap_over_k
answer = (0.6, 0.75, 1.0, 0.483, ...)

# %% 1 wrong: ap_all_places
answer = (0.6, 0.75, 1.0, 0.703, 0.754)

# %% 1 wrong: ideal_of_three
answer = (0.6, 0.75, 1.0, 0.604, 0.906)

# %% 1 wrong: ideal_of_five
answer = (0.6, 0.75, 1.0, 0.604, 0.655)

# %% 1 wrong: not_normalized
answer = (0.6, 0.75, 1.0, 0.604, 1.931)


# %% 2 solution
def ndcg(rel, k, n_rel):
    """NDCG of the first k places; n_rel films were wanted."""

    def dcg(row):
        return np.sum(row / np.log2(np.arange(2, len(row) + 2)))

    if n_rel == 0:
        return 0.0
    return dcg(np.asarray(rel)[:k]) / dcg(np.ones(min(k, n_rel)))


# %% 2 wrong: nothing_wanted
def ndcg(rel, k, n_rel):
    rel = np.asarray(rel)[:k]
    places = np.arange(2, k + 2)
    ideal = np.sum(1 / np.log2(places[: min(k, n_rel)]))
    return np.sum(rel / np.log2(places[: len(rel)])) / ideal if n_rel else 1.0


# %% 2 wrong: ideal_of_the_found
def ndcg(rel, k, n_rel):
    rel = np.asarray(rel)
    best = np.sort(rel)[::-1][:k]
    rel = rel[:k]
    discount = 1 / np.log2(np.arange(2, len(rel) + 2))
    return rel @ discount / (best @ discount) if best.any() else 0.0


# %% 2 wrong: ideal_not_cut
def ndcg(rel, k, n_rel):
    if n_rel == 0:
        return 0.0
    rel = np.asarray(rel)[:k]
    ideal = np.sum(1 / np.log2(np.arange(2, n_rel + 2)))
    return np.sum(rel / np.log2(np.arange(2, len(rel) + 2))) / ideal


# %% 2 wrong: ideal_full
def ndcg(rel, k, n_rel):
    if n_rel == 0:
        return 0.0
    rel = np.asarray(rel)[:k]
    ideal = np.sum(1 / np.log2(np.arange(2, k + 2)))
    return np.sum(rel / np.log2(np.arange(2, len(rel) + 2))) / ideal


# %% 2 wrong: log_of_the_place
def ndcg(rel, k, n_rel):
    if n_rel == 0:
        return 0.0
    rel = np.asarray(rel)[:k]
    weight = 1 / np.log2(np.maximum(np.arange(1, k + 1), 2))
    return rel @ weight[: len(rel)] / weight[: min(k, n_rel)].sum()


# %% 2 wrong: not_normalized
def ndcg(rel, k, n_rel):
    rel = np.asarray(rel)[:k]
    return np.sum(rel / np.log2(np.arange(2, len(rel) + 2)))


# %% 3 solution
def average_precision(rel, k, n_rel):
    """Average precision of the first k places; n_rel films were wanted."""
    if n_rel == 0:
        return 0.0
    hits = np.asarray(rel)[:k]
    so_far = np.cumsum(hits) / np.arange(1, len(hits) + 1)  # the precision at each place
    return np.sum(hits * so_far) / min(k, n_rel)


# %% 3 wrong: nothing_wanted
def average_precision(rel, k, n_rel):
    rel = np.asarray(rel)[:k]
    precision = np.cumsum(rel) / np.arange(1, len(rel) + 1)
    return np.sum(rel * precision) / min(k, n_rel) if n_rel else 1.0


# %% 3 wrong: over_the_found
def average_precision(rel, k, n_rel):
    rel = np.asarray(rel)[:k]
    precision = np.cumsum(rel) / np.arange(1, len(rel) + 1)
    return np.sum(rel * precision) / max(rel.sum(), 1)


# %% 3 wrong: over_all_wanted
def average_precision(rel, k, n_rel):
    rel = np.asarray(rel)[:k]
    precision = np.cumsum(rel) / np.arange(1, len(rel) + 1)
    return np.sum(rel * precision) / max(n_rel, 1)


# %% 3 wrong: over_k
def average_precision(rel, k, n_rel):
    rel = np.asarray(rel)[:k]
    precision = np.cumsum(rel) / np.arange(1, len(rel) + 1)
    return np.sum(rel * precision) / k


# %% 3 wrong: all_places
def average_precision(rel, k, n_rel):
    if n_rel == 0:
        return 0.0
    rel = np.asarray(rel)[:k]
    precision = np.cumsum(rel) / np.arange(1, len(rel) + 1)
    return np.sum(precision) / min(k, n_rel)


# %% 4 solution
from math import comb


def sampled_hit(rank, n, m, k):
    """P(fewer than k of the m drawn films score above the wanted one)."""
    p = (rank - 1) / (n - 1)
    return sum(comb(m, j) * p**j * (1 - p) ** (m - j) for j in range(min(k, m + 1)))


# %% 4 wrong: one_too_many
from math import comb


def sampled_hit(rank, n, m, k):
    p = (rank - 1) / (n - 1)
    return sum(comb(m, j) * p**j * (1 - p) ** (m - j) for j in range(min(k, m) + 1))


# %% 4 wrong: rank_not_less_one
from math import comb


def sampled_hit(rank, n, m, k):
    p = rank / n
    return sum(comb(m, j) * p**j * (1 - p) ** (m - j) for j in range(min(k, m + 1)))


# %% 4 wrong: exactly_k
from math import comb


def sampled_hit(rank, n, m, k):
    p = (rank - 1) / (n - 1)
    return comb(m, k - 1) * p ** (k - 1) * (1 - p) ** max(m - k + 1, 0)


# %% 4 wrong: on_average
from math import comb


def sampled_hit(rank, n, m, k):
    return float(m * (rank - 1) / (n - 1) < k)


# %% 5 solution
def n_per_arm(ctr, lift):
    """Visitors that each of the two arms needs."""
    delta = ctr * lift
    return round(2 * (1.96 + 0.8416) ** 2 * ctr * (1 - ctr) / delta**2)


# %% 5 wrong: lift_as_difference
def n_per_arm(ctr, lift):
    return 2 * (1.96 + 0.8416) ** 2 * ctr * (1 - ctr) / lift**2


# %% 5 wrong: one_arm
def n_per_arm(ctr, lift):
    return (1.96 + 0.8416) ** 2 * ctr * (1 - ctr) / (ctr * lift) ** 2


# %% 5 wrong: no_power
def n_per_arm(ctr, lift):
    return 2 * 1.96**2 * ctr * (1 - ctr) / (ctr * lift) ** 2


# %% 5 wrong: not_squared
def n_per_arm(ctr, lift):
    return 2 * (1.96 + 0.8416) * ctr * (1 - ctr) / (ctr * lift) ** 2


# %% 5 wrong: deviation
def n_per_arm(ctr, lift):
    return 2 * (1.96 + 0.8416) ** 2 * np.sqrt(ctr * (1 - ctr)) / (ctr * lift) ** 2


# %% 6 solution
def paired_interval(a, b):
    """(low, high) of the mean of a − b, over the members."""
    each = a - b
    margin = 1.96 * each.std(ddof=1) / np.sqrt(len(each))
    return each.mean() - margin, each.mean() + margin


# %% 6 wrong: unpaired
def paired_interval(a, b):
    error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    gap = a.mean() - b.mean()
    return gap - 1.96 * error, gap + 1.96 * error


# %% 6 wrong: no_root_n
def paired_interval(a, b):
    gap = a - b
    return gap.mean() - 1.96 * gap.std(ddof=1), gap.mean() + 1.96 * gap.std(ddof=1)


# %% 6 wrong: divided_by_n
def paired_interval(a, b):
    gap = a - b
    error = gap.std(ddof=1) / len(gap)
    return gap.mean() - 1.96 * error, gap.mean() + 1.96 * error


# %% 6 wrong: population
def paired_interval(a, b):
    gap = a - b
    error = gap.std() / np.sqrt(len(gap))
    return gap.mean() - 1.96 * error, gap.mean() + 1.96 * error


# %% 6 wrong: one_error
def paired_interval(a, b):
    gap = a - b
    error = gap.std(ddof=1) / np.sqrt(len(gap))
    return gap.mean() - error, gap.mean() + error


# %% 7 solution
a = (3.8, 4, 3.9, 2, 1)  # the 5-star film falls to the third place; RMSE 0.67
b = (3.02, 3.01, 3, 2.99, 2.98)  # says next to nothing, in perfect order; RMSE 1.40
answer = (a, b)

# %% 7 wrong: out_of_range
answer = ((3.8, 4, 3.9, 2, 1), (9, 8, 7, 6, 5))

# %% 7 wrong: b_not_perfect
answer = ((3.8, 4, 3.9, 2, 1), (3, 3, 3, 3, 3))

# %% 7 wrong: a_too_good
answer = ((4.2, 4.3, 3, 2, 1), (3.02, 3.01, 3, 2.99, 2.98))

# %% 7 wrong: error_too_large
answer = ((1, 2, 3, 4, 5), (3.02, 3.01, 3, 2.99, 2.98))

# %% 8 solution
a = (2, 3, 4, 5)  # AP 0.679, NDCG 0.761: close together
b = (1, 6, 7, 8)  # AP 0.565, NDCG 0.783: one at the very top
answer = (a, b)

# %% 8 wrong: no_places
answer = ((0, 1, 2, 3), (1, 6, 7, 8))

# %% 8 wrong: wrong_way
answer = ((1, 6, 7, 8), (2, 3, 4, 5))

# %% 8 wrong: ap_prefers_b
answer = ((2, 4, 6, 8), (1, 2, 3, 4))

# %% 8 wrong: ndcg_prefers_a
answer = ((1, 2, 3, 4), (2, 4, 6, 8))
