"""Solutions and known wrong answers of `recsys_lab.exercises.scoring`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "first_by_clicks": 1,  # 120 clicks are the most
    "first_by_looks": 4,  # 120 · 1, 90 · 2, 80 · 3, 70 · 4 = 120, 180, 240, 280
    "its_chance": 0.28,  # 280 / 1000
    "top_chance": 0.12,  # everybody looks at place 1: nothing to correct
}

# %% 1 wrong: from_zero
answer = (0, 3, 0.28, 0.12)

# %% 1 wrong: clicks_not_rate
answer = {"first_by_clicks": 1, "first_by_looks": 4, "its_chance": 280, "top_chance": 120}

# %% 1 wrong: times_looks
answer = {"first_by_clicks": 1, "first_by_looks": 1, "its_chance": 0.0175, "top_chance": 0.12}

# %% 1 wrong: click_rate
answer = {"first_by_clicks": 1, "first_by_looks": 4, "its_chance": 0.07, "top_chance": 0.12}

# %% 1 wrong: same_winner
answer = {"first_by_clicks": 1, "first_by_looks": 1, "its_chance": 0.12, "top_chance": 0.12}


# %% 2 solution
def session_minutes(p, minutes, stay):
    """Expected minutes of an evening of clips of one kind."""
    once = p * minutes
    if stay == 1:
        return np.inf if once > 0 else 0.0
    return once / (1 - stay)


# %% 2 wrong: one_showing
def session_minutes(p, minutes, stay):
    return p * minutes


# %% 2 wrong: multiplied
def session_minutes(p, minutes, stay):
    return p * minutes * (1 - stay)


# %% 2 wrong: divided_by_stay
def session_minutes(p, minutes, stay):
    return p * minutes / max(stay, 1e-12)


# %% 2 wrong: two_clips
def session_minutes(p, minutes, stay):
    return p * minutes + stay * p * minutes


# %% 2 wrong: only_if_clicked
def session_minutes(p, minutes, stay):
    return p * minutes / (1 - stay * p)


# %% 2 wrong: error
def session_minutes(p, minutes, stay):
    return p * minutes / (1 - stay)


# %% 3 solution
def ips_ctr(clicks, impressions, position, eta, clip):
    """Chance of a click once looked at, for each film."""
    weight = np.minimum((1.0 * position) ** eta, clip)
    return clicks * weight / np.where(impressions > 0, impressions, 1)


# %% 3 wrong: as_they_come
def ips_ctr(clicks, impressions, position, eta, clip):
    return clicks / np.maximum(impressions, 1)


# %% 3 wrong: times_looks
def ips_ctr(clicks, impressions, position, eta, clip):
    return clicks * (1.0 * position) ** -eta / np.maximum(impressions, 1)


# %% 3 wrong: no_clip
def ips_ctr(clicks, impressions, position, eta, clip):
    return clicks * (1.0 * position) ** eta / np.maximum(impressions, 1)


# %% 3 wrong: clip_as_floor
def ips_ctr(clicks, impressions, position, eta, clip):
    if clip == np.inf:
        return clicks * (1.0 * position) ** eta / np.maximum(impressions, 1)
    return clicks * np.maximum((1.0 * position) ** eta, clip) / np.maximum(impressions, 1)


# %% 3 wrong: from_zero
def ips_ctr(clicks, impressions, position, eta, clip):
    return clicks * np.minimum((position + 1.0) ** eta, clip) / np.maximum(impressions, 1)


# %% 3 wrong: no_clip
def ips_ctr(clicks, impressions, position, eta, clip):
    return np.minimum(clicks * (1.0 * position) ** eta / np.maximum(impressions, 1), clip)


# %% 3 wrong: nan
def ips_ctr(clicks, impressions, position, eta, clip):
    return clicks * np.minimum((1.0 * position) ** eta, clip) / impressions


# %% 4 solution
def undo_downsampling(p, kept):
    """Probabilities of all rows, from those of a log with few no-clicks."""
    no_clicks = (1 - p) / kept
    return p / (p + no_clicks)


# %% 4 wrong: times_share
def undo_downsampling(p, kept):
    return p * kept


# %% 4 wrong: wrong_way
def undo_downsampling(p, kept):
    return p / (p + (1 - p) * kept)


# %% 4 wrong: odds
def undo_downsampling(p, kept):
    return kept * p / np.maximum(1 - p, 1e-12)


# %% 4 wrong: no_clicks_shrunk
def undo_downsampling(p, kept):
    return 1 - (1 - p) / kept


# %% 5 solution
p = (0.5, 0.1)
price = (1.0, 4.0)  # truth: 0.5 and 0.4; the model says 0.909 and 0.526, so 0.91 and 2.11
kept = 0.1
answer = (p, price, kept)

# %% 5 wrong: no_chances
answer = ((1.0, 0.1), (1.0, 4.0), 0.1)

# %% 5 wrong: no_price
answer = ((0.5, 0.1), (1.0, 0.0), 0.1)

# %% 5 wrong: no_share
answer = ((0.5, 0.1), (1.0, 4.0), 10)

# %% 5 wrong: all_kept
answer = ((0.5, 0.1), (1.0, 4.0), 1)

# %% 5 wrong: same_chance
answer = ((0.3, 0.3), (1.0, 4.0), 0.1)

# %% 5 wrong: same_choice
answer = {"p": (0.5, 0.1), "price": (1.0, 8.0), "kept": 0.1}

# %% 5 wrong: too_cheap
answer = ((0.5, 0.1), (1.0, 4.9), 0.1)


# %% 6 solution
def isotonic_heights(clicked):
    """The row nearest to clicked that never falls."""
    means, sizes = [], []
    for outcome in clicked:
        means.append(float(outcome))
        sizes.append(1)
        while len(means) > 1 and means[-2] >= means[-1]:
            b, m = means.pop(), sizes.pop()
            a, n = means.pop(), sizes.pop()
            means.append((a * n + b * m) / (n + m))
            sizes.append(n + m)
    return np.repeat(means, sizes)


# %% 6 wrong: sorted
def isotonic_heights(clicked):
    return np.sort(clicked)


# %% 6 wrong: highest_so_far
def isotonic_heights(clicked):
    return np.maximum.accumulate(clicked)


# %% 6 wrong: running_mean
def isotonic_heights(clicked):
    return np.cumsum(clicked) / np.arange(1, len(clicked) + 1)


# %% 6 wrong: unweighted
def isotonic_heights(clicked):
    means, sizes = [], []
    for outcome in clicked:
        means.append(float(outcome))
        sizes.append(1)
        while len(means) > 1 and means[-2] >= means[-1]:
            b, m = means.pop(), sizes.pop()
            means[-1] = (means[-1] + b) / 2
            sizes[-1] += m
    return np.repeat(means, sizes)


# %% 6 wrong: no_look_back
def isotonic_heights(clicked):
    heights = clicked.astype(float)
    for j in range(1, len(heights)):
        if heights[j - 1] > heights[j]:
            heights[j - 1] = heights[j] = (heights[j - 1] + heights[j]) / 2
    return heights


# %% 6 wrong: mirrored
def isotonic_heights(clicked):
    means, sizes = [], []
    for outcome in clicked[::-1]:
        means.append(float(outcome))
        sizes.append(1)
        while len(means) > 1 and means[-2] <= means[-1]:
            b, m = means.pop(), sizes.pop()
            a, n = means.pop(), sizes.pop()
            means.append((a * n + b * m) / (n + m))
            sizes.append(n + m)
    return np.repeat(means, sizes)


# %% 7 solution
r = (0.30, 0.29, 0.28)
believed = 1.5  # 0.30, 0.29 · √2 = 0.41, 0.28 · √3 = 0.485
answer = (r, believed)

# %% 7 wrong: no_chances
answer = ((1.3, 0.29, 0.28), 1.5)

# %% 7 wrong: not_falling
answer = ((0.28, 0.29, 0.30), 1.5)

# %% 7 wrong: no_eta
answer = ((0.30, 0.29, 0.28), 5)

# %% 7 wrong: too_little
answer = {"r": (0.30, 0.29, 0.28), "believed": 0.5}

# %% 7 wrong: second_wins
answer = ((0.30, 0.29, 0.05), 1.5)

# %% 7 wrong: top_stays
answer = ((0.60, 0.20, 0.10), 1.2)
