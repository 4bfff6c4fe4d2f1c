"""The exercises of "Content-based filtering": from counting tags to stuffing a poster."""

import numpy as np

from recsys_lab.content import aggregate as _aggregate
from recsys_lab.content import idf as _idf
from recsys_lab.content import rocchio as _rocchio
from recsys_lab.data import harbour_tiny
from recsys_lab.exercises import Function, Mistake, Property, Search, Value
from recsys_lab.similarity import cosine, dot

# --- 1 ------------------------------------------------------------------------------------------

# Columns: education, casual, health, and the makers of the three apps.
_USER = [1, 0, 0, 1, 0, 1]
_APPS = [[1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 0, 1]]


def _five_numbers():
    shared, alike = dot([_USER], _APPS)[0], cosine([_USER], _APPS)[0]
    return [float(n) for n in (*shared, alike[0], alike[2])]


def _near(part, *values):
    return lambda seen, want: any(abs(seen[part] - value) < 2e-3 for value in values)


by_hand = Value(
    title="Three apps and one user, by hand",
    task="""
A shop describes three apps by category and maker, and a user by what was installed before:

- science app: education, by Science R Us,
- casual app: casual, by TimeWastr,
- health app: health, by Healthcare,
- user: education, Science R Us, Healthcare.

Write each as a row of six zeros and ones. Work out, to three decimals,

- `dot_science`, `dot_casual`, `dot_health`: how many features each app shares with the user,
- `cosine_science`, `cosine_health`: the same, with both lengths divided out.

(The example is that of {cite:t}`google2018recsys`.)
""",
    starter="""
answer = {
    "dot_science": ...,
    "dot_casual": ...,
    "dot_health": ...,
    "cosine_science": ...,
    "cosine_health": ...,
}
""",
    names=["dot_science", "dot_casual", "dot_health", "cosine_science", "cosine_health"],
    expected=_five_numbers,
    mistakes=[
        Mistake(
            "agreed_zeros",
            _near("dot_science", 5),
            "You counted the columns in which both agree. A dot product multiplies: only where "
            "both have a 1 is there anything to add.",
        ),
        Mistake(
            "divided_by_squares",
            _near("cosine_science", 2 / 6, 2 / 5),
            "Divide by lengths, and a length is a square root: √2 for an app, √3 for the user.",
        ),
        Mistake(
            "one_length",
            _near("cosine_science", 2 / 2**0.5, 2 / 3**0.5),
            "You divided by one of the two lengths. A cosine takes both, √2 and √3.",
        ),
        Mistake(
            "user_has_two",
            _near("cosine_science", 1.0),
            "The user has three features, and the science app two: they do not point the same way.",
        ),
        Mistake(
            "share_of_union",
            _near("cosine_science", 2 / 3),
            "That is the share of all features in sight that both have (Jaccard). A cosine divides "
            "by √2 · √3.",
        ),
        Mistake(
            "science_only",
            lambda seen, want: abs(seen["cosine_health"]) < 2e-3,
            "Look at the last feature: the health app and the user share its maker.",
        ),
    ],
    hints=[
        "Lay the user's row under the app's, and count the columns where both have a 1.",
        "The user has three ones, each app has two: lengths √3 and √2.",
        "√3 · √2 = √6 = 2.449. Divide each count by it.",
    ],
    why_it_matters=(
        "The science app wins although nobody else was asked. All apps here have two features, so "
        "dot product and cosine agree in order: they can only quarrel where lengths differ."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _tables():
    yield (np.array([[1.0, 1.0], [1.0, 0.0]]),)  # the first tag is on all films
    yield (np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]),)  # one is on none
    yield (np.array([[3.0, 0.0, 1.0], [2.0, 0.5, 0.0]]),)  # counts: what is not 0 is present
    yield (np.ones((1, 1)),)
    yield (np.tril(np.ones((5, 5))),)
    rng = np.random.default_rng(2)
    for n in (4, 7, 12, 30, 80):
        yield (rng.integers(0, 3, (n, 2 + n // 4)).astype(float),)


def _present(X):
    return np.count_nonzero(X, axis=0)


rarity = Function(
    title="What a rare tag weighs",
    task="""
Write `idf(X)`. `X` has a row for each of $n$ films and a column for each tag; what is not 0 counts
as present. Return the weight of each tag,

$$
\\log \\frac{1 + n}{1 + \\mathrm{df}} + 1 ,
$$

where df is the number of films that have the tag, and log is the natural logarithm. A tag that all
films have must weigh exactly 1, and a tag that none has must not divide by zero.
""",
    starter='''
def idf(X):
    """Weight of each column of X, shape (n, t) -> (t,)."""
    ...
''',
    cases=_tables,
    expected=_idf,
    mistakes=[
        Mistake(
            "summed_counts",
            lambda seen, want, X: (
                X.max() > 1 and np.allclose(seen, np.log((1 + len(X)) / (1 + X.sum(axis=0))) + 1)
            ),
            "A film that says a word three times is still one film: count films, not occurrences.",
        ),
        Mistake(
            "no_plus_one",
            lambda seen, want, X: np.allclose(seen, want - 1),
            "The + 1 behind the logarithm is missing: without it a tag on all films weighs 0, and "
            "a film that has no other tag becomes a zero vector.",
        ),
        Mistake(
            "no_smoothing",
            lambda seen, want, X: np.allclose(
                seen, np.log(len(X) / _present(X)) + 1, equal_nan=True
            ),
            "Add 1 to the number of films above the line and to df below it: as if one more film "
            "had every tag.",
        ),
        Mistake(
            "upside_down",
            lambda seen, want, X: np.allclose(seen, 2 - want),
            "Your frequent tags weigh most: the fraction is upside down.",
        ),
        Mistake(
            "wrong_logarithm",
            lambda seen, want, X: any(
                np.allclose(seen, (want - 1) / np.log(base) + 1) for base in (2, 10)
            ),
            "That is another logarithm. np.log is the natural one.",
        ),
        Mistake(
            "tags_for_films",
            lambda seen, want, X: X.shape[0] != X.shape[1] and seen.shape == (X.shape[0],),
            "That is one number a film. Count down the columns: axis=0.",
        ),
    ],
    properties=[
        Property(
            "doubled",
            "multiplying all of X by 3 changes nothing",
            lambda idf, X: np.allclose(idf(X * 3), _idf(X)),
            "Only presence counts, X != 0.",
        ),
        Property(
            "order_of_films",
            "turning the list of films round changes nothing",
            lambda idf, X: np.allclose(idf(X[::-1]), _idf(X)),
            "Count films; where they stand in the table does not matter.",
        ),
    ],
    hints=[
        "How many films have each tag? (X != 0) is a table of True and False that can be summed.",
        "Sum it down the columns, axis=0: that is df. And n is len(X).",
        "One line is left: np.log((1 + n) / (1 + df)) + 1.",
    ],
    why_it_matters=(
        "It is the very number that scikit-learn uses. In the Harbour Cinema comedy weighs 1.84 "
        "and a director with three films 4.92: rare, and so heavy, whether or not anyone cares."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _opinions():
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 0.0]])
    yield X, [0, 3], [1], 1.0, 0.5
    yield X, [2], [], 1.0, 0.5  # no dislikes
    yield X, [], [1], 1.0, 0.5  # dislikes alone
    yield X, [], [], 1.0, 0.5
    yield X, [0, 1, 2], [3], 2.0, 0.0
    rng = np.random.default_rng(5)
    for n in (6, 9, 14, 20, 33):
        ids = rng.permutation(n)
        X = rng.integers(0, 2, (n, 4)).astype(float)
        yield X, ids[:2].tolist(), ids[2 : 2 + n // 4].tolist(), 1.0, float(rng.choice([0.25, 0.8]))


def _other_profile(kind):
    def looks(seen, want, X, liked, disliked, beta, gamma):
        likes, dislikes = X[np.array(liked, int)], X[np.array(disliked, int)]

        def mean(rows):
            return rows.sum(axis=0) / max(len(rows), 1)

        other = {
            "sums": beta * likes.sum(axis=0) - gamma * dislikes.sum(axis=0),
            "added": beta * mean(likes) + gamma * mean(dislikes),
            "unweighted": mean(likes) - mean(dislikes),
            "swapped": gamma * mean(likes) - beta * mean(dislikes),
            "one_mean": (beta * likes.sum(axis=0) - gamma * dislikes.sum(axis=0))
            / max(len(likes) + len(dislikes), 1),
            "likes_only": beta * mean(likes),
        }[kind]
        return np.allclose(seen, other) and not np.allclose(other, want)

    return looks


profile = Function(
    title="A profile from likes and dislikes",
    task="""
Write `rocchio(X, liked, disliked, beta=1.0, gamma=0.5)`. `X` holds a film's features in each row;
`liked` and `disliked` are lists of row numbers. Return the profile

$$
\\begin{aligned}
&\\beta \\cdot \\text{mean of the liked rows} \\\\
&{} - \\gamma \\cdot \\text{mean of the disliked rows} .
\\end{aligned}
$$

An empty list adds nothing, and must not give NaN.
""",
    starter='''
def rocchio(X, liked, disliked, beta=1.0, gamma=0.5):
    """Profile of shape (t,) from the rows of X, shape (n, t)."""
    ...
''',
    cases=_opinions,
    expected=_rocchio,
    mistakes=[
        Mistake(
            "empty",
            lambda seen, want, X, liked, disliked, beta, gamma: (
                (not liked or not disliked) and bool(np.isnan(seen).any())
            ),
            "The mean of no rows is 0/0. Ask first whether the list is empty.",
        ),
        Mistake(
            "sums",
            _other_profile("sums"),
            "These are sums. With means, ten dislikes weigh as much as one; with sums, whoever "
            "complains most is heard most.",
        ),
        Mistake(
            "one_mean",
            _other_profile("one_mean"),
            "Divide the likes by the number of likes, and the dislikes by their own number.",
        ),
        Mistake("added", _other_profile("added"), "Dislikes are taken away: mind the sign."),
        Mistake(
            "swapped",
            _other_profile("swapped"),
            "β belongs to the likes and γ to the dislikes.",
        ),
        Mistake(
            "likes_only",
            _other_profile("likes_only"),
            "The dislikes are not heard yet.",
        ),
        Mistake(
            "unweighted",
            _other_profile("unweighted"),
            "β and γ are not used yet.",
        ),
    ],
    properties=[
        Property(
            "twice_said",
            "saying everything twice changes nothing",
            lambda rocchio, X, liked, disliked, beta, gamma: np.allclose(
                rocchio(X, liked * 2, disliked * 2, beta, gamma),
                _rocchio(X, liked, disliked, beta, gamma),
            ),
            "A mean does not grow with the number of rows.",
        )
    ],
    hints=[
        "X[liked] gives the liked rows; which axis of it runs over films?",
        "X[liked].mean(axis=0) is the first mean. Start from np.zeros(X.shape[1]), and add.",
        "Where a list is not empty, add β times its mean, or take γ times it away.",
    ],
    why_it_matters=(
        "Means keep one bad evening from drowning out a year of good ones, and one weight, γ, says "
        "how loudly a dislike may speak. Past a point it takes the likes with it."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _likenesses():
    yield np.array([[0.5, 1.0]]), 1
    yield np.array([[0.5, 1.0], [0.75, 0.75]]), 2
    yield np.array([[0.5, 1.0], [0.75, 0.75]]), np.inf
    yield np.array([[0.0, 0.0, 0.0]]), 4  # nothing alike
    yield np.array([[0.0, 0.5], [1.0, 0.0]]), 200
    yield np.array([[0.001, 0.002, 0.001]]), 200  # 0.002 to the power 200 is 0 for a computer
    yield np.array([[40.0, 80.0]]), 200  # and 80 to the power 200 has no number
    rng = np.random.default_rng(7)
    for case, p in enumerate((1, 3, 8, 30, 200, np.inf)):
        yield rng.random((2 + case, 3 + case)), p


def _power_mean(S, p):
    return _aggregate(S, p)


def _naive(S, p, divide=True, root=True):
    total = (S ** min(p, 1e3)).sum(axis=1)
    total = total / S.shape[1] if divide else total
    return total ** (1 / p) if root else total


join = Function(
    title="From the average to the best",
    task="""
A film is compared with each film you liked: row by row `S`, shape `(k, l)`, holds the likenesses
of $k$ films with $l$ liked ones, none below 0. Write `aggregate(S, p)`, which joins each row by
the power mean

$$
\\Bigl(\\frac{1}{l} \\sum_{i} s_i^{\\,p}\\Bigr)^{1/p} ,
$$

for any $p \\ge 1$. For `p = np.inf` it is the largest number of the row. It must not overflow or
vanish at $p = 200$, and a row of zeros gives 0.
""",
    starter='''
def aggregate(S, p):
    """Power mean of each row of S, shape (k, l) -> (k,)."""
    ...
''',
    cases=_likenesses,
    expected=_power_mean,
    mistakes=[
        Mistake(
            "under_or_overflow",
            lambda seen, want, S, p: (
                np.isfinite(p) and p > 20 and (not np.isfinite(seen).all() or (seen < want).any())
            ),
            "At p = 200 the powers leave the range of a computer's numbers. Divide each row by its "
            "largest number first, and multiply by it at the end.",
        ),
        Mistake(
            "infinity",
            lambda seen, want, S, p: p == np.inf,
            "At p = ∞ only the largest number is left. Treat it as a case of its own.",
        ),
        Mistake(
            "zero_row",
            lambda seen, want, S, p: not S.any(axis=1).all() and bool(np.isnan(seen).any()),
            "In a row of zeros the largest number is 0, and you divide by it.",
        ),
        Mistake(
            "not_divided",
            lambda seen, want, S, p: np.allclose(seen, _naive(S, p, divide=False)),
            "Divide the sum by the number of liked films: it is a mean, and should not grow with "
            "their number.",
        ),
        Mistake(
            "no_root",
            lambda seen, want, S, p: p > 1 and np.allclose(seen, _naive(S, p, root=False)),
            "The last step is missing: the power 1/p.",
        ),
        Mistake(
            "always_mean",
            lambda seen, want, S, p: p > 1 and np.allclose(seen, S.mean(axis=1)),
            "That is the plain mean, whatever p.",
        ),
        Mistake(
            "columns",
            lambda seen, want, S, p: S.shape[0] != S.shape[1] and seen.shape == (S.shape[1],),
            "Join along the rows, axis=1: one number for each film.",
        ),
    ],
    properties=[
        Property(
            "scaled",
            "halving all likenesses halves the result",
            lambda aggregate, S, p: np.allclose(aggregate(S / 2, p), _aggregate(S, p) / 2),
            "A power mean is measured in the same units as its numbers.",
        ),
        Property(
            "rises",
            "a larger p never gives less",
            lambda aggregate, S, p: bool(
                np.all(aggregate(S, p) >= np.asarray(aggregate(S, 1)) - 1e-9)
            ),
            "From the mean to the maximum the result can only rise.",
        ),
    ],
    hints=[
        "For p = 1 it is S.mean(axis=1); for p = np.inf it is S.max(axis=1).",
        "best = S.max(axis=1), and then powers of S / best, which lie between 0 and 1.",
        "Where best is 0, divide by 1 instead: np.where(best > 0, best, 1)[:, None].",
    ],
    why_it_matters=(
        "One number decides whether somebody with two loves sees both, one, or neither. It is "
        "worth knowing that it is there."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------

_TINY = harbour_tiny()
_REGATTA = 3
_HONEST = np.delete(_TINY.items["tags"], _REGATTA, axis=0)
_HONEST_TITLES = np.delete(_TINY.items["title"], _REGATTA)


def _against(taste, poster, judge):
    """Score of the poster, and the best of the five others with its title."""
    own = judge([taste], [poster])[0, 0]
    rivals = judge([taste], _HONEST)[0]
    return own, rivals.max(), _HONEST_TITLES[rivals.argmax()]


def _ahead(taste, poster, judge, margin=1e-9):
    own, best, _ = _against(taste, poster, judge)
    return own > best + margin


def _say_poster(taste, poster):
    lines = []
    for name, judge in (("dot product", dot), ("cosine", cosine)):
        own, best, title = _against(taste, poster, judge)
        lines.append(f"By {name} the poster scores {own:.3f}, and {title} {best:.3f}.")
    return "\n".join(lines)


stuffing = Search(
    title="Break it: print a poster that fools one judge",
    task="""
Osk Bellwether prints a new poster for *Everything Regatta*. These are the other five films:

- *Fog Signal*: noir, sea, quiet,
- *Salt & Sugar*: sea, comedy, family,
- *The Quiet Vault*: noir, quiet, heist,
- *Pigeon Heist*: comedy, family, heist,
- *Lamp Oil*: sea, quiet.

Choose a member's `taste` and a `poster`, six zeros or ones each in the order of the starter, such
that the poster comes first *and alone* by dot product, and does *not* come first by cosine. Since
the printer charges by the tag, the poster must leave out at least one.
""",
    starter="""
#         noir sea comedy quiet family heist
taste = (..., ..., ..., ..., ..., ...)
poster = (..., ..., ..., ..., ..., ...)
answer = (taste, poster)
""",
    parts={"taste": (6,), "poster": (6,)},
    says=_say_poster,
    mistakes=[
        Mistake(
            "not_binary",
            lambda taste, poster: not set(np.r_[taste, poster].tolist()) <= {0.0, 1.0},
            "A tag is printed or it is not: zeros and ones only.",
        ),
        Mistake(
            "silent",
            lambda taste, poster: not taste.any(),
            "A member who asks for nothing scores every film 0. Give the taste a tag or more.",
        ),
        Mistake(
            "all_six",
            lambda taste, poster: poster.all(),
            "All six tags is one too many for the printer. Leave out a tag the member did not ask "
            "for.",
        ),
        Mistake(
            "ties",
            lambda taste, poster: (
                not _ahead(taste, poster, dot) and _ahead(taste, poster, dot, margin=-1e-9)
            ),
            "It only draws level by dot product. Choose a taste that no honest film covers wholly.",
        ),
        Mistake(
            "behind",
            lambda taste, poster: not _ahead(taste, poster, dot),
            "It does not lead by dot product yet: print more of what the member asks for.",
        ),
        Mistake(
            "both",
            lambda taste, poster: _ahead(taste, poster, cosine, margin=-1e-9),
            "It is first, or level, by cosine as well. Add tags that the member did not ask for, "
            "or choose a taste for which a short, honest film comes close.",
        ),
    ],
    hints=[
        "By dot product count shared tags. Which three tags does no honest film have together?",
        "Lamp Oil has two tags only. If both are asked for, its cosine is 2/√2 over the length of "
        "the taste.",
        "Ask for sea, quiet and one more that no film has beside them. Then print five tags.",
    ],
    why_it_matters=(
        "Whoever writes the tags also plays the game. By dot product every false tag is free; by "
        "cosine it costs. Shops, job ads and web pages have all been stuffed like this poster."
    ),
)

EXERCISES = [by_hand, rarity, profile, join, stuffing]
