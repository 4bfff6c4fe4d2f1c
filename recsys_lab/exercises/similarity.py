"""The exercises of "Embeddings and similarity": from four numbers by hand to who can ever win."""

import numpy as np

from recsys_lab.exercises import Function, Mistake, Property, Search, Value
from recsys_lab.similarity import cosine, dot, euclidean, normalize, tempered, top_k

# --- 1 ------------------------------------------------------------------------------------------


def _four_numbers():
    q, x = [[2, 1]], [[4, -2]]
    unit = euclidean(normalize(q), normalize(x))
    return [float(n.item()) for n in (dot(q, x), cosine(q, x), euclidean(q, x), unit**2 / 2)]


def _near(part, *values):
    return lambda seen, want: any(abs(seen[part] - value) < 2e-3 for value in values)


by_hand = Value(
    title="Four numbers by hand",
    task="""
A query is $q = (2, 1)$ and an item is $x = (4, -2)$. Take pencil and paper, and work out to three
decimals

- `dot`: the dot product $\\langle q, x \\rangle$,
- `cosine`: the cosine of the angle between them,
- `distance`: the Euclidean distance $\\lVert q - x \\rVert$,
- `half_squared`: half the *squared* distance after both vectors were made length one,
  $\\tfrac{1}{2} \\lVert \\hat q - \\hat x \\rVert^2$.

The second and the fourth number have something to do with each other. What?
""",
    starter="""
answer = {
    "dot": ...,
    "cosine": ...,
    "distance": ...,
    "half_squared": ...,
}
""",
    names=["dot", "cosine", "distance", "half_squared"],
    expected=_four_numbers,
    mistakes=[
        Mistake(
            "sign",
            _near("dot", 2 * 4 + 1 * 2),
            "Mind the sign in the dot product: the second product is 1 · (−2).",
        ),
        Mistake(
            "not_divided",
            lambda seen, want: abs(seen["cosine"] - want["dot"]) < 2e-3,
            "A cosine lies between −1 and 1: divide the dot product by both lengths.",
        ),
        Mistake(
            "divided_once",
            _near("cosine", 6 / np.sqrt(5), 6 / np.sqrt(20)),
            "The cosine is divided by one length so far; it takes both, √5 and √20.",
        ),
        Mistake(
            "forgot_root",
            _near("distance", (2 - 4) ** 2 + (1 + 2) ** 2),
            "Your distance is still squared: take the square root at the end.",
        ),
        Mistake(
            "city_block",
            _near("distance", abs(2 - 4) + abs(1 + 2)),
            "That distance walks round the corner, 2 and then 3. As the crow flies it is shorter.",
        ),
        Mistake(
            "not_normalized",
            _near("half_squared", ((2 - 4) ** 2 + (1 + 2) ** 2) / 2),
            "For half_squared, first divide q by its length and x by its own.",
        ),
        Mistake(
            "not_halved",
            lambda seen, want: abs(seen["half_squared"] - 2 * want["half_squared"]) < 2e-3,
            "half_squared is nearly there: you have the whole squared distance, take half.",
        ),
        Mistake(
            "not_squared",
            lambda seen, want: abs(seen["half_squared"] - np.sqrt(want["half_squared"] / 2)) < 2e-3,
            "half_squared: square the distance before you halve it.",
        ),
    ],
    hints=[
        "Dot product: multiply first with first, second with second, and add.",
        "The lengths are √(2² + 1²) = √5 and √(4² + 2²) = √20, and √5 · √20 = 10.",
        "The fourth number needs no new sums: it is one minus another of the four.",
    ],
    why_it_matters=(
        "Half the squared distance is 1 − cosine. Once lengths are one, near and alike are the "
        "same word: a vector index that knows only distances can then search by cosine."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------

_MEASURES = ("dot", "cosine", "euclidean")


def _scores(q, X, how):
    """Higher is better."""
    q = np.atleast_2d(q)
    return {"dot": dot(q, X), "cosine": cosine(q, X), "euclidean": -euclidean(q, X)}[how][0]


def _order(q, X, how):
    return top_k(_scores(q, X, how), len(X))


def _ranking_cases():
    judges = np.array([[2.4, 1.8], [0.9, 0.7], [0.35, 0.17]])
    by_hand = [
        (np.array([1.0, 0.5]), judges),
        (np.array([1.0, 0.0]), np.array([[0.0, 0.0], [-1.0, 0.0], [1.0, 1.0]])),  # a zero row
        (np.array([1.0, 1.0]), np.array([[2.0, 0.0], [0.0, 2.0], [2.0, 0.0], [3.0, 3.0]])),  # ties
        (np.array([1.0, 2.0]), np.array([[3.0, 1.0]])),  # one item
    ]
    for q, X in by_hand:
        for how in _MEASURES:
            yield q, X, how
    rng = np.random.default_rng(1)
    for case in range(50):
        n, d = 2 + case // 4, 2 + case % 4
        X = rng.normal(size=(n, d)) * rng.lognormal(size=(n, 1))
        if case % 5 == 4:
            X[rng.integers(n)] = 0
        yield rng.normal(size=d), X, _MEASURES[case % 3]


def _ranked_by_another(seen, want, q, X, how):
    return any(np.array_equal(seen, _order(q, X, other)) for other in _MEASURES if other != how)


def _without_zero_rows(order, X):
    return [j for j in order if X[j].any()]


rank_by = Function(
    title="Three judges, one function",
    task="""
Write `rank_by(q, X, how)`. It gets a query `q` of shape `(d,)`, a table of items `X` of shape
`(n, d)` and `how`, one of `"dot"`, `"cosine"` and `"euclidean"`. It returns the row numbers of
*all* items, the best first.

Two details make it fit for use. A row of zeros has cosine 0, never NaN. Where items tie, the
lower row number comes first.

The three judges should disagree on `q = (1, 0.5)` and the films `(2.4, 1.8)`, `(0.9, 0.7)`,
`(0.35, 0.17)`: each has another favourite.
""",
    starter='''
def rank_by(q, X, how):
    """Row numbers of X, best first; how is "dot", "cosine" or "euclidean"."""
    ...
''',
    cases=_ranking_cases,
    expected=_order,
    mistakes=[
        Mistake(
            "scores",
            lambda seen, want, q, X, how: (
                seen.shape == want.shape
                and np.allclose(np.sort(np.abs(seen)), np.sort(np.abs(_scores(q, X, how))))
            ),
            "These are the scores. np.argsort turns scores into row numbers.",
        ),
        Mistake(
            "only_the_best",
            lambda seen, want, q, X, how: seen.size == 1 and want.size > 1,
            "That is the winner alone. Everybody wants a place: np.argsort instead of np.argmax.",
        ),
        Mistake(
            "zero_row",
            lambda seen, want, q, X, how: (
                how == "cosine"
                and not X.any(axis=1).all()
                and _without_zero_rows(seen, X) == _without_zero_rows(want, X)
            ),
            "A row of zeros has no direction, and 0/0 gives NaN, which sorts last. Say that its "
            "cosine is 0: it stands between the films that agree and those that disagree.",
        ),
        Mistake(
            "ties",
            lambda seen, want, q, X, how: np.allclose(
                _scores(q, X, how)[seen], _scores(q, X, how)[want], atol=1e-12
            ),
            "Only ties are the wrong way round: np.argsort(s)[::-1] turns them too. "
            'np.argsort(-s, kind="stable") leaves the lower row first.',
        ),
        Mistake(
            "far_first",
            lambda seen, want, q, X, how: (
                how == "euclidean" and np.array_equal(seen, top_k(-_scores(q, X, how), len(X)))
            ),
            "A distance is the other way round: small means similar, so sort it upwards.",
        ),
        Mistake(
            "worst_first",
            lambda seen, want, q, X, how: np.array_equal(seen, top_k(-_scores(q, X, how), len(X))),
            "np.argsort sorts upwards, so the worst comes first. Sort the negative scores.",
        ),
        Mistake(
            "length_of_query",
            lambda seen, want, q, X, how: (
                how == "cosine" and np.array_equal(seen, _order(q, X, "dot"))
            ),
            "That is still the order of the dot product. The query's length is the same for all "
            "items and changes no order; divide by the length of each item, "
            "np.linalg.norm(X, axis=1).",
        ),
        Mistake(
            "same_for_all",
            _ranked_by_another,
            "This is the order of another measure: let `how` decide which scores are sorted.",
        ),
        Mistake(
            "places",
            lambda seen, want, q, X, how: np.array_equal(seen, np.argsort(want)),
            "These are the places of the items. Wanted is the list of items, place by place: "
            "one np.argsort, not two.",
        ),
    ],
    properties=[
        Property(
            "long_query",
            "a query twice as long gives the same order by dot product and by cosine",
            lambda rank, q, X, how: (
                how == "euclidean" or np.array_equal(rank(2 * q, X, how), rank(q, X, how))
            ),
            "The query's length multiplies all scores alike.",
        ),
    ],
    hints=[
        "Work out one score an item first, then sort once. X @ q gives all dot products.",
        "Cosine divides X @ q by np.linalg.norm(X, axis=1); the distance is "
        "np.linalg.norm(X - q, axis=1), and small is good.",
        'np.argsort(-scores, kind="stable") is the order. For zero rows divide by 1, not by 0: '
        "np.where(length > 0, length, 1).",
    ],
    why_it_matters=(
        "The same vectors, three winners: a measure is a decision about whom to recommend, made "
        "before any learning starts. And a NaN from one empty item would have spoiled the shelf."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _clear(a, b):
    return abs(a - b) > 1e-3 * max(abs(a), abs(b))


def _judged(q, A, B):
    items = np.array([A, B])
    return [float(n) for measure in (dot, cosine, euclidean) for n in measure([q], items)[0]]


def _verdicts(q, A, B):
    dot_a, dot_b, cos_a, cos_b, far_a, far_b = _judged(q, A, B)
    return (
        f"dot product: A {dot_a:.3f}, B {dot_b:.3f}\n"
        f"cosine:      A {cos_a:.3f}, B {cos_b:.3f}\n"
        f"distance:    A {far_a:.3f}, B {far_b:.3f}"
    )


def _when_judged(rule):
    return lambda q, A, B: rule(*_judged(q, A, B))


quarrel = Search(
    title="Two judges quarrel, the third shrugs",
    task="""
Find a query $q$ and two items $A$ and $B$ in the plane on which the judges fall apart:

- the dot product puts one of the items first,
- the cosine puts the *other* one first,
- and to Euclid both are equally far from the query.

Hand in three pairs of numbers. Three decimals are exact enough.
""",
    starter="""
q = (1, 0)
A = (..., ...)
B = (..., ...)
answer = (q, A, B)
""",
    parts={"q": (2,), "A": (2,), "B": (2,)},
    says=_verdicts,
    mistakes=[
        Mistake(
            "zero_vector",
            lambda q, A, B: not all(np.linalg.norm(v) > 1e-6 for v in (q, A, B)),
            "A vector of length 0 points nowhere, so a cosine cannot judge it. Give all three a "
            "length.",
        ),
        Mistake(
            "same_direction",
            _when_judged(lambda da, db, ca, cb, fa, fb: not _clear(ca, cb)),
            "To the cosine A and B are equal: turn one of them a little away from the query.",
        ),
        Mistake(
            "dot_ties",
            _when_judged(lambda da, db, ca, cb, fa, fb: not _clear(da, db)),
            "The dot products are equal: make one of the items longer.",
        ),
        Mistake(
            "no_quarrel",
            _when_judged(lambda da, db, ca, cb, fa, fb: (da > db) == (ca > cb)),
            "Dot product and cosine agree here. Let one item point at the query but be short, and "
            "the other point a little aside but be long.",
        ),
        Mistake(
            "takes_sides",
            _when_judged(lambda da, db, ca, cb, fa, fb: _clear(fa, fb)),
            "They quarrel, well done. But Euclid takes sides: put A and B on one circle round the "
            "tip of q.",
        ),
    ],
    hints=[
        "Start with Euclid: all points equally far from q lie on a circle round its tip.",
        "On that circle, the point between the origin and q has cosine 1, and is the shortest.",
        "Now look sideways: a point on the circle beside q, or a little beyond, has the larger dot "
        "product, but points aside.",
    ],
    why_it_matters=(
        "Three honest measures, one pair of films, no common answer. No data decides this: you do, "
        "by saying whether length (fame, strength of evidence) should count."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _tie_of_tempered():
    """The first α of a fine grid at which A has caught up with C."""
    A, C = 3 * np.array([0.8, 0.6]), 0.5 * np.array([1.0, 0.0])
    alphas = np.linspace(0, 1, 20_001)
    lead = [np.subtract(*tempered([[1, 0]], [A, C], alpha)[0]) for alpha in alphas[::100]]
    start = 100 * (int(np.argmax(np.array(lead) >= 0)) - 1)
    fine = alphas[start : start + 101]
    lead = [np.subtract(*tempered([[1, 0]], [A, C], alpha)[0]) for alpha in fine]
    return float(fine[np.argmax(np.array(lead) >= 0)])


def _alpha_near(*values):
    return lambda seen, want: any(abs(float(seen) - value) < 1.5e-3 for value in values)


tipping_point = Value(
    title="How much length tips the scale?",
    task="""
Between cosine and dot product lies the tempered score
$s = \\lVert x \\rVert^{\\alpha} \\cos(q, x)$.
Item $A$ has length 3 and cosine 0.8; item $C$ has length 0.5 and cosine 1.

At $\\alpha = 0$ only direction counts, and $C$ leads. At $\\alpha = 1$ the dot product rules, and
$A$ leads by far. What is the smallest $\\alpha$ at which $A$ draws level? Three decimals.
""",
    starter="""
alpha = ...
""",
    expected=_tie_of_tempered,
    mistakes=[
        Mistake(
            "dot_product",
            _alpha_near(1.0),
            "At α = 1 item A leads 2.4 to 0.5, far from a tie. Try smaller α and watch the lead.",
        ),
        Mistake(
            "upside_down",
            _alpha_near(np.log(6) / np.log(1.25)),
            "The fraction is upside down: α times log 6 is log 1.25.",
        ),
        Mistake(
            "negative",
            _alpha_near(-np.log(1.25) / np.log(6)),
            "Only the sign is off: more length helps A, so α must be above 0.",
        ),
        Mistake(
            "no_logarithm",
            _alpha_near(1.25 / 6, 1.25 - 1, 0.25 / 5),
            "α is an exponent. Take the logarithm of both sides to bring it down.",
        ),
        Mistake(
            "one_length",
            _alpha_near(np.log(1.25) / np.log(3), np.log(1.25) / np.log(2)),
            "Both lengths take part: what counts is their ratio, 3 / 0.5.",
        ),
        Mistake(
            "one_cosine",
            _alpha_near(np.log(1.8) / np.log(6), np.log(2) / np.log(6)),
            "The ratio of the cosines is 1 / 0.8.",
        ),
    ],
    hints=[
        "Write down both scores with α in them, and set them equal.",
        "3^α · 0.8 = 0.5^α · 1. Bring the powers to one side: (3 / 0.5)^α = 1 / 0.8.",
        "So 6^α = 1.25, and a logarithm on both sides frees α.",
    ],
    why_it_matters=(
        "A sixfold length beats a perfect direction as soon as α passes one eighth. Long vectors "
        "need very little help: a dial that looks almost at cosine may already serve the famous."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------

_TOUCH = 1e-9


def _widest_gaps(X):
    """For each item the widest angle into which no other item falls, seen from it; shape (n,).

    An item can be alone at the top if this is more than half a turn: then a query points away
    from all others. At exactly half a turn it can share the first place.
    """
    step = X - X[:, None]  # (n, n, 2)
    twins = ~step.any(axis=2)  # an item and itself, or its like
    angle = np.sort(np.where(twins, np.nan, np.arctan2(step[..., 1], step[..., 0])), axis=1)
    first, last = angle[:, 0], np.fmax.reduce(angle, axis=1)
    across = np.nan_to_num(first - last, nan=0.0) + 2 * np.pi  # the gap behind the last angle
    return np.fmax.reduce(np.column_stack([np.diff(angle, axis=1), across]), axis=1)


def _unreachable(X):
    return _widest_gaps(X) < np.pi + _TOUCH


def _same_but_for_ties(seen, want, X):
    """Items that can at best share the first place may be marked either way."""
    gap = _widest_gaps(X)
    has_twin = (X == X[:, None]).all(axis=2).sum(axis=1) > 1
    shares = (gap > np.pi - _TOUCH) & (has_twin | (gap < np.pi + _TOUCH))
    return bool(np.all((seen == want) | shares))


def _planes():
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    flat = np.array([[0.0, 0.0], [4.0, 2.0], [2.0 - 1e-4, 1.0 + 2e-4], [3.0, -3.0]])
    turn = np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    yield (np.array([[1.0, 1.0]]),)  # alone
    yield (np.array([[1.0, 1.0], [3.0, 3.0]]),)
    yield (np.vstack([square[:3], [[1.5, 0.5]]]),)  # the last is inside
    yield (np.vstack([square, [[1.0, 0.8]]]),)
    yield (square + 5.0,)  # far from the origin, all in one corner of the plane
    yield (np.vstack([square, [[2.0, 2.0], [1.0, 0.0]]]),)  # a twin, and one on an edge
    yield (np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [0.5, 1.0]]),)  # all on a line
    yield (flat,)  # a corner so flat that it wins for very few queries
    yield (flat @ turn.T,)
    for seed in range(19, -1, -1):
        yield (np.random.default_rng(seed).normal(size=(200 if seed == 0 else 64 - 3 * seed, 2)),)


def _axis_winners(X):
    return {*X.argmax(axis=0), *X.argmin(axis=0)}


def _positive_winners(X):
    angle = np.linspace(0, np.pi / 2, 2_000)
    return {*(np.column_stack([np.cos(angle), np.sin(angle)]) @ X.T).argmax(axis=1)}


def _reached(seen):
    return {*np.flatnonzero(~seen)}


def _turned(never, X):
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return _same_but_for_ties(never(X @ turn.T), _unreachable(X), X)


never_first = Function(
    title="Who can never win?",
    task="""
Under the dot product some items can never be recommended first, whatever the user wants. Write
`never_first(X)` for items in the plane, `X` of shape `(n, 2)`. It returns `n` booleans, `True` for
every item that comes first for *no* query.

Queries may point anywhere. Be exact: trying many queries is not enough, since some items win only
for a narrow fan of them. Items that can at best share the first place may be marked either way.

Of the 200 items `np.random.default_rng(0).normal(size=(200, 2))` only 8 can ever win.
""",
    starter='''
def never_first(X):
    """True for each row of X, shape (n, 2), that wins the dot product with no query."""
    ...
''',
    cases=_planes,
    expected=_unreachable,
    agree=_same_but_for_ties,
    mistakes=[
        Mistake(
            "whole_numbers",
            lambda seen, want, X: (
                seen.shape == want.shape and seen.dtype.kind != "b" and set(seen.tolist()) <= {0, 1}
            ),
            "Give booleans, not 0 and 1: X[mask] would take rows 0 and 1 over and over.",
        ),
        Mistake(
            "row_numbers",
            lambda seen, want, X: seen.ndim == 1 and seen.dtype.kind in "iu",
            "These are row numbers. Start from np.ones(len(X), dtype=bool), and set to False the "
            "rows that can win.",
        ),
        Mistake(
            "inverted",
            lambda seen, want, X: _same_but_for_ties(~seen, want, X) and len(X) > 2,
            "You marked those who can win. True is for those who never do.",
        ),
        Mistake(
            "nobody",
            lambda seen, want, X: not seen.any(),
            "Nobody is out, which would be so under cosine. Under the dot product an item that is "
            "surrounded by others never wins: some other one lies further in every direction.",
        ),
        Mistake(
            "longest_only",
            lambda seen, want, X: (
                len(X) > 2
                and _reached(seen) <= {*np.argsort(-np.linalg.norm(X, axis=1), kind="stable")[:1]}
            ),
            "The longest item does win, but not for every query: ask for the opposite direction.",
        ),
        Mistake(
            "axes_only",
            lambda seen, want, X: len(X) > 5 and _reached(seen) == _axis_winners(X),
            "You asked along the axes. A query may also point in between.",
        ),
        Mistake(
            "positive_only",
            lambda seen, want, X: _reached(seen) == _positive_winners(X),
            "Queries may have negative entries too: go all the way round.",
        ),
        Mistake(
            "missed_some",
            lambda seen, want, X: bool(np.all(seen | ~want)),
            "You miss items that win for a narrow fan of queries only. Do not try directions: go "
            "round the outline from corner to corner.",
        ),
        Mistake(
            "too_many_winners",
            lambda seen, want, X: bool(np.all(want | ~seen)),
            "Some that you let win lie inside the outline of the others. Walking round it, you "
            "should turn the same way at every corner.",
        ),
    ],
    properties=[
        Property(
            "turned",
            "turning all items by the same angle changes nothing",
            _turned,
            "The dot product only knows angles and lengths: no direction of the plane is special.",
        ),
        Property(
            "moved",
            "moving all items by the same step changes nothing",
            lambda never, X: _same_but_for_ties(never(X + 7.0), _unreachable(X), X),
            "A common step adds the same number to every item's score.",
        ),
    ],
    hints=[
        "Stretch a rubber band round all items. Which of them can be furthest in some direction?",
        "The winners are the corners of the convex hull. Sort the items from left to right, and "
        "build the lower edge; then the upper edge, from right to left.",
        "Keep a list of corners. While the last two and the new item do not make a left turn, drop "
        "the last: (b − a) × (c − a) = (bx − ax)(cy − ay) − (by − ay)(cx − ax) must be positive.",
    ],
    why_it_matters=(
        "Of 200 items, 192 could never come first, for any user, ever: no training of the users' "
        "side can mend that. More dimensions help: they give more items a direction of their own."
    ),
)

EXERCISES = [by_hand, rank_by, quarrel, tipping_point, never_first]
