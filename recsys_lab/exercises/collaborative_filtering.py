"""The exercises of "Collaborative filtering": from two expected overlaps to a quarrel of twins."""

import numpy as np

from recsys_lab.data import harbour_tiny
from recsys_lab.exercises import Function, Mistake, Property, Search, Value
from recsys_lab.neighbors import pearson
from recsys_lab.similarity import cosine

_STARS = harbour_tiny().interactions.to_dense(fill=np.nan)


def _random(rng, m, n, density):
    """Ratings around a member's own mean, with blanks; every member and film has some."""
    R = np.round(3 + rng.normal(size=(m, 1)) + rng.normal(size=(m, n)), 2)
    R[rng.random((m, n)) > density] = np.nan
    R[np.arange(max(m, n)) % m, np.arange(max(m, n)) % n] = 3.3
    return R


# --- 1 ------------------------------------------------------------------------------------------


def _near(part, value):
    return lambda seen, want: abs(seen[part] - value) < 2e-3


overlaps = Value(
    title="How much do two strangers share?",
    task="""
A cinema has $m = 2000$ members and $n = 50$ films. Every cell of the ratings is known with
probability $p = 0.1$, independently. How many ratings do two things have in common, on average?

- `users`: films that two given members have both rated,
- `items`: members who have rated both of two given films.
""",
    starter="""
answer = {
    "users": ...,
    "items": ...,
}
""",
    names=["users", "items"],
    expected=lambda: [50 * 0.1**2, 2000 * 0.1**2],
    mistakes=[
        Mistake(
            "exchanged",
            lambda seen, want: abs(seen["users"] - 20) < 2e-3 and abs(seen["items"] - 0.5) < 2e-3,
            "These two are exchanged: two members can only share films, and there are 50.",
        ),
        Mistake(
            "only_one_knows",
            _near("users", 5),
            "5 is what *one* member has rated. Both must have: the chance for one film is p · p.",
        ),
    ],
    hints=[
        "Take one film. What is the chance that both members have rated it?",
        "p² for each film, and there are n films. For two films, sum over the members.",
    ],
    why_it_matters=(
        "Half a film is nothing to correlate; twenty people are a small survey. The longer side of "
        "the table is the better witness, and most shops have more customers than goods."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _rows():
    for i in range(6):
        for j in range(i + 1, 6):
            yield _STARS[i], _STARS[j]
    yield np.array([3.0, 3.0, 3.0]), np.array([1.0, 2.0, 3.0])
    yield np.array([1.0, np.nan]), np.array([np.nan, 2.0])
    rng = np.random.default_rng(0)
    for n in range(4, 30):
        yield tuple(_random(rng, 2, n, 0.7))


def _cos(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def _both(a, b):
    return ~np.isnan(a) & ~np.isnan(b)


def _cosine_of_shared(a, b):
    both = _both(a, b)
    return _cos(a[both], b[both])


def _own_means(a, b):
    return _cosine_of_shared(a - np.nanmean(a), b - np.nanmean(b))


def _close(seen, value):
    return seen.shape == () and abs(seen - value) < 1e-6


correlation = Function(
    title="Pearson, with blanks",
    task="""
Write `pearson(a, b)` for two rows of ratings in which `NaN` marks a blank. Use the films that
*both* have rated, and the means over *those* films. Return `np.nan` where a correlation is
undefined: fewer than two films in common, or one of the two gave the same stars to all of them.

Ada and Bo must get 0.982, Ada and Fay exactly 1. Who of the two is the better twin?
""",
    starter='''
def pearson(a, b):
    """Correlation over what both have; NaN marks a blank."""
    ...
''',
    cases=_rows,
    expected=pearson,
    mistakes=[
        Mistake(
            "not_undefined",
            lambda seen, want, a, b: np.isnan(want) and np.isfinite(seen).all(),
            "Here a correlation is undefined: return np.nan where fewer than two films are shared, "
            "or where one side does not vary.",
        ),
        Mistake(
            "blanks_as_zero",
            lambda seen, want, a, b: _close(
                seen, np.corrcoef(np.nan_to_num(a), np.nan_to_num(b))[0, 1]
            ),
            "Blanks count as zero stars here. Keep only the films with ~np.isnan on both sides.",
        ),
        Mistake(
            "not_centered",
            lambda seen, want, a, b: _close(seen, _cosine_of_shared(a, b)),
            "That is the cosine. Take the mean off each side first.",
        ),
        Mistake(
            "all_ratings_mean",
            lambda seen, want, a, b: _close(seen, _own_means(a, b)),
            "Each mean is over all of a member's films. Take it over the shared films.",
        ),
    ],
    properties=[
        Property(
            "generous",
            "giving one star more to everything changes nothing",
            lambda p, a, b: np.isclose(p(a + 1, b), p(a, b), equal_nan=True),
            "The mean takes a constant away: centre both rows.",
        )
    ],
    hints=[
        "~np.isnan(a) says which films a has rated; & joins two such answers.",
        "Cut a and b to these films, subtract each one's mean, then take a cosine.",
        "Test both.sum() < 2, and np.ptp(a) == 0, before you divide.",
    ],
    why_it_matters=(
        "The last two lines of care are the ones that fail in production: at 0.2 % density most "
        "pairs of members are undefined, and one NaN in a sum makes the sum NaN."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _weights(R, u, i, beta, positive=True):
    """(similarity, neighbour) of those who rated i, best first."""
    found = []
    for v in range(len(R)):
        if v != u and not np.isnan(R[v, i]):
            s, n = pearson(R[u], R[v]), _both(R[u], R[v]).sum()
            if not np.isnan(s) and (s > 0 or not positive):
                found.append((s * n / (n + beta), v))
    return sorted(found, key=lambda pair: (-pair[0], pair[1]))


def _predicted(R, u, i, k, beta, centered=True, positive=True, divide=True):
    mean = np.nanmean(R, axis=1) if centered else np.zeros(len(R))
    top = _weights(R, u, i, beta, positive)[:k]
    if not top:
        return float(np.nanmean(R[u]))
    total = sum(s for s, _ in top)
    pull = sum(s * (R[v, i] - mean[v]) for s, v in top)
    return float(mean[u] + (pull / total if divide else pull))


def _prediction_cases():
    for k in (1, 2, 3, 9):
        for beta in (0.0, 5.0):
            yield _STARS.copy(), 0, 5, k, beta
    yield _STARS.copy(), 3, 4, 2, 0.0  # Dee's tastes are opposite to everybody's but one
    rng = np.random.default_rng(1)
    for case in range(30):
        R = _random(rng, 7, 14, 0.75)
        R[0, 0] = np.nan
        s = [round(w, 6) for w, _ in _weights(R, 0, 0, 3.0 * (case % 2))]
        if len(s) == len(set(s)):  # no ties for the last seat
            yield R, 0, 0, 1 + case % 4, 3.0 * (case % 2)


def _when_predicted(**wrong):
    return lambda seen, want, R, u, i, k, beta: _close(seen, _predicted(R, u, i, k, beta, **wrong))


prediction = Function(
    title="Ask k neighbours",
    task="""
Write `predict(R, u, i, k, beta)`: how many stars will member `u` give to film `i`? `R` has a row
for each member and `NaN` for blanks.

1. The similarity of `u` and each member who *has rated* `i` is `s = pearson(...) * c / (c + beta)`,
   `c` being the number of films both have rated.
2. Keep the `k` most similar, and of these only positive similarities.
3. Return the mean of `u` plus the average, weighted by `s`, of the neighbours' stars *minus their
   own means*. Means are over all ratings of a member. With nobody to ask, return the mean of `u`.

Ada on *Lamp Oil* is 4.500, 4.822 and 4.574 for k = 1, 2 and 3, with `beta = 0`.
""",
    starter='''
from recsys_lab.neighbors import pearson


def predict(R, u, i, k, beta):
    """Stars of member u for film i; NaN marks a blank in R."""
    ...
''',
    cases=_prediction_cases,
    expected=_predicted,
    mistakes=[
        Mistake(
            "not_centered",
            _when_predicted(centered=False),
            "You average the stars themselves. Take each neighbour's mean off, then add u's.",
        ),
        Mistake(
            "not_divided",
            _when_predicted(divide=False),
            "Divide by the sum of the similarities: the pull is an average, not a sum.",
        ),
        Mistake(
            "no_shrinkage",
            lambda seen, want, R, u, i, k, beta: (
                beta > 0 and _close(seen, _predicted(R, u, i, k, 0.0))
            ),
            "beta does nothing yet: multiply each correlation by c / (c + beta).",
        ),
    ],
    hints=[
        "Loop over the members who rated i, and collect pairs (s, v). Leave u out, and NaN.",
        "Sort the pairs downwards and keep k of them.",
        "np.nanmean(R[v]) is a member's mean; the pull is Σ s (R[v, i] − mean_v) / Σ s.",
    ],
    why_it_matters=(
        "Four stars of grumpy Bo are worth more than five of Cem, who gives five to nearly "
        "everything. The subtraction costs one stored number a member."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _adjusted(R, axis=1):
    C = R - (0 if axis is None else np.nanmean(R, axis=axis, keepdims=True))
    n = R.shape[1]
    S = np.eye(n)
    for i in range(n):
        for j in range(n):
            both = _both(C[:, i], C[:, j])
            a, b = C[both, i], C[both, j]
            if i != j:
                below = np.sqrt((a @ a) * (b @ b))
                S[i, j] = a @ b / below if both.sum() > 1 and below > 0 else 0
    return S


def _tables():
    yield (_STARS.copy(),)
    yield (np.array([[5.0, 1.0], [4.0, np.nan], [np.nan, 3.0]]),)
    for seed in range(5):
        yield (_random(np.random.default_rng(seed), 12, 5, 0.7),)


def _when_adjusted(axis):
    return lambda seen, want, R: np.allclose(seen, _adjusted(R, axis))


adjusted = Function(
    title="The adjusted cosine",
    task="""
Write `adjusted_cosine(R)`: how alike are two *films*? `R` has a row for each member, `NaN` for
blanks. Take every *member's* mean off his or her ratings. Then, for two films, take the cosine
over the members who have rated both. Return an array of shape (films, films) with ones on
the diagonal, and 0 where fewer than two members have rated both, or a side is all zeros.
""",
    starter='''
def adjusted_cosine(R):
    """Similarity of every two columns of R; NaN marks a blank."""
    ...
''',
    cases=_tables,
    expected=_adjusted,
    mistakes=[
        Mistake(
            "not_centered",
            _when_adjusted(None),
            "That is the plain cosine, all near 1. Take every member's mean off first.",
        ),
        Mistake(
            "by_film",
            _when_adjusted(0),
            "You took the films' means off. Generous and grumpy are members: use axis=1.",
        ),
        Mistake(
            "diagonal",
            lambda seen, want, R: np.allclose(seen, want - np.eye(len(want))),
            "Only the diagonal is off: a film is as like itself as can be, 1.",
        ),
    ],
    properties=[
        Property(
            "generous",
            "a member who gives one star more to everything changes nothing",
            lambda f, R: np.allclose(f(R + np.eye(len(R))[:, :1]), f(R), atol=1e-6),
            "Centre by member, over axis 1.",
        )
    ],
    hints=[
        "C = R - np.nanmean(R, axis=1, keepdims=True) centres by member.",
        "For films i and j: both = ~np.isnan(C[:, i] + C[:, j]).",
    ],
    why_it_matters=(
        "Without the centring any two films are alike to 0.9 and more, since all stars are "
        "positive. With it, two films may be opposites: that is what makes a neighbour useful."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _judged(ada, bo, cem):
    plain = cosine([ada], [bo, cem])[0]
    return [float(plain[0]), float(plain[1]), pearson(ada, bo), pearson(ada, cem)]


def _says(ada, bo, cem):
    cb, cc, pb, pc = _judged(ada, bo, cem)
    return f"cosine:  Bo {cb:.3f}, Cem {cc:.3f}\nPearson: Bo {pb:.3f}, Cem {pc:.3f}"


twins = Search(
    title="Break it: two twins",
    task="""
Three members have rated the same four films, 1 to 5 stars, no blanks. Find stars such that the
cosine calls Cem the one most like Ada, and Pearson calls *Bo* so. Leave at least 0.01 between the
two in each measure. Who of them would you ask for advice?
""",
    starter="""
ada = (5, 4, 2, ...)
bo = (..., ..., ..., ...)
cem = (..., ..., ..., ...)
answer = (ada, bo, cem)
""",
    parts={"ada": (4,), "bo": (4,), "cem": (4,)},
    says=_says,
    mistakes=[
        Mistake(
            "not_stars",
            lambda *rows: any((row < 1).any() or (row > 5).any() for row in rows),
            "Stars go from 1 to 5.",
        ),
        Mistake(
            "no_variation",
            lambda *rows: any(np.ptp(row) == 0 for row in rows),
            "Somebody gives the same stars to every film: Pearson is undefined there.",
        ),
        Mistake(
            "pearson_picks_cem",
            lambda *rows: _judged(*rows)[2] < _judged(*rows)[3] + 0.01,
            "Pearson does not prefer Bo clearly: let Bo's stars rise and fall exactly with Ada's.",
        ),
        Mistake(
            "cosine_picks_bo",
            lambda *rows: _judged(*rows)[1] < _judged(*rows)[0] + 0.01,
            "The cosine does not prefer Cem clearly. It looks at proportions: let Bo have Ada's "
            "taste with much wider or narrower swings, and Cem nearly her stars.",
        ),
    ],
    hints=[
        "Pearson forgets the level and the width of the swings; the cosine forgets neither.",
        "Let Ada give 5, 5, 4, 4: hardly any swing. Bo swings with her, but from 5 to 1.",
        "Cem may then give nearly the same to everything, with the swings in the wrong places.",
    ],
    why_it_matters=(
        "All stars are positive, so the cosine sees a common level before it sees a taste. Two "
        "people who give four to everything are alike to it, whatever they love."
    ),
)

EXERCISES = [overlaps, correlation, prediction, adjusted, twins]
