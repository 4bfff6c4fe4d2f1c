"""Solutions and known wrong answers of `recsys_lab.exercises.reranking`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "worth_B": 0.18,  # 0.6 · 0.8 − 0.4 · 0.75
    "worth_C": 0.28,  # 0.6 · 0.6 − 0.4 · 0.2
    "level": 0.733,  # 0.2 λ = 0.55 (1 − λ)
}

# %% 1 wrong: weights_swapped
answer = {"worth_B": -0.13, "worth_C": 0.12, "level": 0.733}

# %% 1 wrong: added
answer = (0.78, 0.44, ...)

# %% 1 wrong: no_weight_on_similarity
answer = (-0.27, 0.16, 0.733)

# %% 1 wrong: other_share
answer = (0.18, 0.28, 0.267)

# %% 1 wrong: ratio
answer = (0.18, 0.28, 0.364)


# %% 2 solution
def mmr(rel, S, lam, k):
    """Numbers of up to k items, in the order in which they are chosen."""
    chosen = []
    nearest = np.zeros(len(rel))  # similarity to the nearest of those chosen
    while len(chosen) < min(k, len(rel)):
        worth = lam * rel - (1 - lam) * nearest
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        nearest = S[:, chosen].max(axis=1)
    return np.array(chosen)


# %% 2 wrong: only_sorted
def mmr(rel, S, lam, k):
    return np.argsort(-rel, kind="stable")[:k]


# %% 2 wrong: twice
def mmr(rel, S, lam, k):
    chosen = [int(np.argmax(rel))]
    while len(chosen) < min(k, len(rel)):
        chosen.append(int(np.argmax(lam * rel - (1 - lam) * 0.1 * S[:, chosen].max(axis=1))))
    return np.array(chosen)


# %% 2 wrong: mean
def mmr(rel, S, lam, k):
    chosen = [int(np.argmax(rel))]
    while len(chosen) < min(k, len(rel)):
        worth = lam * rel - (1 - lam) * S[:, chosen].mean(axis=1)
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
    return np.array(chosen)


# %% 2 wrong: sum
def mmr(rel, S, lam, k):
    chosen = [int(np.argmax(rel))]
    while len(chosen) < min(k, len(rel)):
        worth = lam * rel - (1 - lam) * S[:, chosen].sum(axis=1)
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
    return np.array(chosen)


# %% 2 wrong: last_only
def mmr(rel, S, lam, k):
    chosen = [int(np.argmax(rel))]
    while len(chosen) < min(k, len(rel)):
        worth = lam * rel - (1 - lam) * S[:, chosen[-1]]
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
    return np.array(chosen)


# %% 2 wrong: never_negative
def mmr(rel, S, lam, k):
    chosen, nearest = [], np.zeros(len(rel))
    while len(chosen) < min(k, len(rel)):
        worth = lam * rel - (1 - lam) * nearest
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        nearest = np.maximum(nearest, S[chosen[-1]])
    return np.array(chosen)


# %% 2 wrong: weights_swapped
def mmr(rel, S, lam, k):
    chosen, nearest = [], np.zeros(len(rel))
    while len(chosen) < min(k, len(rel)):
        worth = (1 - lam) * rel - lam * nearest
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        nearest = S[:, chosen].max(axis=1)
    return np.array(chosen)


# %% 2 wrong: changed_input
def mmr(rel, S, lam, k):
    chosen, nearest, k = [], np.zeros(len(rel)), min(k, len(rel))
    while len(chosen) < k:
        worth = lam * rel - (1 - lam) * nearest
        chosen.append(int(np.argmax(worth)))
        rel[chosen[-1]] = -np.inf
        nearest = S[:, chosen].max(axis=1)
    return np.array(chosen)


# %% 3 solution
def calibration_kl(p, q, alpha=0.01):
    """Distance of the list's shares q from the history's shares p, in nats."""
    mixed = (1 - alpha) * q + alpha * p
    wanted = p > 0
    return float(np.sum(p[wanted] * np.log(p[wanted] / mixed[wanted])))


# %% 3 wrong: no_pinch
def calibration_kl(p, q, alpha=0.01):
    wanted = p > 0
    return float(np.sum(p[wanted] * np.log(p[wanted] / q[wanted])))


# %% 3 wrong: pinch_swapped
def calibration_kl(p, q, alpha=0.01):
    mixed = alpha * q + (1 - alpha) * p
    wanted = p > 0
    return float(np.sum(p[wanted] * np.log(p[wanted] / mixed[wanted])))


# %% 3 wrong: wrong_way
def calibration_kl(p, q, alpha=0.01):
    mixed = (1 - alpha) * q + alpha * p
    wanted = mixed > 0
    return float(np.sum(mixed[wanted] * np.log(mixed[wanted] / p[wanted])))


# %% 3 wrong: bits
def calibration_kl(p, q, alpha=0.01):
    mixed = (1 - alpha) * q + alpha * p
    wanted = p > 0
    return float(np.sum(p[wanted] * np.log2(p[wanted] / mixed[wanted])))


# %% 3 wrong: not_weighted
def calibration_kl(p, q, alpha=0.01):
    mixed = (1 - alpha) * q + alpha * p
    return float(np.sum(np.log(p / mixed)))


# %% 3 wrong: nan
def calibration_kl(p, q, alpha=0.01):
    mixed = (1 - alpha) * q + alpha * p
    return float(np.sum(p * np.log(p / mixed)))


# %% 4 solution
def half_life(sA, ageA, sB):
    """The half-life at which A, of this age, is level with B, which is new."""
    if sA <= sB:
        return 0.0
    return float(ageA * np.log(2) / np.log(sA / sB))


# %% 4 wrong: natural
def half_life(sA, ageA, sB):
    return float(ageA / np.log(sA / sB)) if sA > sB else 0.0


# %% 4 wrong: upside_down
def half_life(sA, ageA, sB):
    return float(ageA * np.log(sA / sB) / np.log(2)) if sA > sB else 0.0


# %% 4 wrong: minus
def half_life(sA, ageA, sB):
    return float(ageA * np.log(2) / np.log(sB / sA)) if sA > sB else 0.0


# %% 4 wrong: straight_line
def half_life(sA, ageA, sB):
    return float(ageA * sA / (2 * (sA - sB))) if sA > sB else 0.0


# %% 4 wrong: negative
def half_life(sA, ageA, sB):
    return float(ageA * np.log(2) / np.log(sA / sB)) if sA != sB else -1.0


# %% 5 solution
def exposure_gap(lists, group):
    """Mean exposure of a film of group 0 over that of a film of group 1, minus 1."""
    weights = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    of_slot = group[lists]  # (r, k)
    mean = [(weights * (of_slot == g)).sum() / np.sum(group == g) for g in (0, 1)]
    return float(mean[0] / mean[1] - 1)


# %% 5 wrong: ratio_only
def exposure_gap(lists, group):
    weights = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    mean = [(weights * (group[lists] == g)).sum() / np.sum(group == g) for g in (0, 1)]
    return float(mean[0] / mean[1])


# %% 5 wrong: sum_not_mean
def exposure_gap(lists, group):
    weights = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    total = [(weights * (group[lists] == g)).sum() for g in (0, 1)]
    return float(total[0] / total[1] - 1)


# %% 5 wrong: first_slot
def exposure_gap(lists, group):
    weights = 1 / np.log2(np.arange(1, lists.shape[1] + 1) + 2)
    mean = [(weights * (group[lists] == g)).sum() / np.sum(group == g) for g in (0, 1)]
    return float(mean[0] / mean[1] - 1)


# %% 5 wrong: no_logarithm
def exposure_gap(lists, group):
    weights = 1 / np.arange(1, lists.shape[1] + 1)
    mean = [(weights * (group[lists] == g)).sum() / np.sum(group == g) for g in (0, 1)]
    return float(mean[0] / mean[1] - 1)


# %% 5 wrong: difference
def exposure_gap(lists, group):
    weights = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    mean = [(weights * (group[lists] == g)).sum() / np.sum(group == g) for g in (0, 1)]
    return float(mean[0] - mean[1])


# %% 5 wrong: upside_down
def exposure_gap(lists, group):
    weights = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    mean = [(weights * (group[lists] == g)).sum() / np.sum(group == g) for g in (0, 1)]
    return float(mean[1] / mean[0] - 1) if mean[0] else 1e9


# %% 6 solution
relevance = (0.5, 0.6, 0.5)  # of A, B and C: B leads by little and is like both
trade_off = 0.5
answer = (relevance, trade_off)  # A and C are worth 0.500, MMR's A and B 0.196

# %% 6 wrong: out_of_range
answer = ((5, 6, 5), 0.5)

# %% 6 wrong: tied_first
answer = ((0.6, 0.6, 0.5), 0.5)

# %% 6 wrong: middle_not_first
answer = ((0.9, 0.6, 0.5), 0.5)

# %% 6 wrong: relevance_rules
answer = ((0.3, 0.9, 0.4), 0.9)

# %% 6 wrong: no_trap
answer = ((0.0, 1.0, 0.1), 0.6)

# %% 7 solution
order = [0, 5, 6, 7, 8, 1, 2, 9, 3, 4]  # A B B B B A A B A A

# %% 7 wrong: not_a_list
order = [0, 5, 1, 6, 2, 7, 3, 8, 4, 4]

# %% 7 wrong: in_turn
order = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]

# %% 7 wrong: far_off
order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

# %% 7 wrong: nearly
order = [0, 5, 6, 7, 8, 9, 1, 2, 3, 4]
