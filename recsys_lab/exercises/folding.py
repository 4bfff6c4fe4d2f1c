"""The exercises of "Folding": count, turn, measure, draw, and break a model."""

from functools import lru_cache

import numpy as np

from recsys_lab.exercises import Function, Mistake, Search, Value
from recsys_lab.folding import fit_islands, islands, observed_loss
from recsys_lab.folding import spin as _spin
from recsys_lab.folding import spurious_rate as _rate

# --- 1 ------------------------------------------------------------------------------------------


def _extra(g, d):
    return (g - 1) * d * (d - 1) // 2


def _both(a, b):
    return lambda seen, want: seen.get("three_in_four") == a or seen.get("two_in_two") == b


count = Value(
    title="Count the free turns",
    task="""
A loss sums over the observed pairs only and adds
$\\lambda(\\lVert U\\rVert^2 + \\lVert V\\rVert^2)$.
Turning *everything* by one rotation changes no prediction. How many independent directions of
turning are there **beyond** that one, so that predictions change and the loss does not? Every
island uses all $d$ dimensions.

- `three_in_four`: three islands, $d = 4$;
- `two_in_two`: two islands, $d = 2$.
""",
    starter="""
answer = {
    "three_in_four": ...,
    "two_in_two": ...,
}
""",
    names=["three_in_four", "two_in_two"],
    expected=lambda: [_extra(3, 4), _extra(2, 2)],
    mistakes=[
        Mistake(
            "global_too",
            _both(18, 2),
            "You counted a turn for every island. One of them turns all together: take it off.",
        ),
        Mistake(
            "no_penalty",
            _both(32, 4),
            "That is d² an island: stretching too. The penalty on lengths forbids stretching.",
        ),
        Mistake(
            "one_angle",
            lambda seen, want: seen.get("three_in_four") == 2,
            "One angle an island is right in the plane. In four dimensions, count the planes.",
        ),
    ],
    hints=[
        "A rotation turns a plane. How many pairs of axes are there among d?",
        "d(d − 1)/2 for each island: 6 for d = 4, and 1 for d = 2.",
        "One of the g islands can be held still: it is the frame the others turn in.",
    ],
    why_it_matters=(
        "With 50 languages and 64 factors it is 49 · 2,016 = 98,784 directions in which your "
        "model is whatever the random start made it."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _worlds():
    for seed in range(12):
        rng = np.random.default_rng(seed)
        m, n, d = 3 + seed, 2 + seed % 7, 2 + seed % 3
        groups = rng.integers(0, 3, m), rng.integers(0, 3, n)
        yield rng.normal(size=(m, d)), rng.normal(size=(n, d)), *groups


def _spin_cases():
    eye = np.eye(2)
    yield eye, eye, np.array([0, 1]), np.array([0, 1]), 1, np.pi / 2
    for case, (u, v, gu, gi) in enumerate(_worlds()):
        yield u, v, gu, gi, case % 3, 0.3 + 0.4 * case


def _spun(u, v, gu, gi, group, theta):
    return np.vstack(_spin(u, v, gu, gi, group, theta))


def _like(other):
    return lambda seen, want, *args: seen.shape == want.shape and np.allclose(seen, other(*args))


def _only_items(u, v, gu, gi, group, theta):
    return np.vstack([u, _spin(u, v, gu, gi, group, theta)[1]])


def _everything(u, v, gu, gi, group, theta):
    return _spun(u, v, 0 * gu, 0 * gi, 0, theta)


def _in_degrees(u, v, gu, gi, group, theta):
    return _spun(u, v, gu, gi, group, np.deg2rad(theta))


turn = Function(
    title="Spin an island",
    task="""
Write `spin(U, V, gu, gi, group, theta)`. `U` has shape `(m, d)`, `V` has `(n, d)`; `gu` and `gi`
say to which group each row belongs. Multiply the first two columns of the rows of `group`, users
*and* items, by

$$
R = \\begin{pmatrix}\\cos\\theta & -\\sin\\theta\\\\ \\sin\\theta & \\cos\\theta\\end{pmatrix}
$$

from the right (`theta` in radians) and return `np.vstack([U, V])` of the new tables. Do not write
to the old ones.
""",
    starter='''
def spin(U, V, gu, gi, group, theta):
    """Rows of U and V, one table, with one group turned."""
    ...
''',
    cases=_spin_cases,
    expected=_spun,
    mistakes=[
        Mistake(
            "only_items",
            _like(_only_items),
            "Only the films turned. Then products inside the island change, and the loss notices.",
        ),
        Mistake(
            "everything",
            _like(_everything),
            "Everything turned, so no product changed at all. Turn the rows of one group.",
        ),
        Mistake("degrees", _like(_in_degrees), "theta is in radians already."),
        Mistake(
            "other_way",
            _like(lambda u, v, gu, gi, g, t: _spun(u, v, gu, gi, g, -t)),
            "It turns the other way round: R stands on the right, as rows @ R.",
        ),
    ],
    hints=[
        "Make copies first. A mask such as gu == group picks the rows.",
        "U[gu == group, :2] @ R are the new first two columns.",
        "The same for V with gi. The other columns, and the other groups, stay.",
    ],
    why_it_matters=(
        "Two lines of NumPy change every recommendation across groups and leave the training loss "
        "as it was. No loss curve can warn you of it."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _rate_cases():
    u, v = np.array([[1.0], [1.0]]), np.array([[3.0], [2.0], [1.0]])
    none = np.zeros((2, 3), dtype=bool)
    gu, gi = np.array([0, 1]), np.array([0, 0, 1])
    yield u, v, none, gu, gi, 1
    yield u, v, np.array([[True, False, False], [True, True, False]]), gu, gi, 1
    yield u, np.ones((3, 1)), none, gu, gi, 2  # all tie
    for case, (u, v, gu, gi) in enumerate(_worlds()):
        seen = np.random.default_rng(case).random((len(u), len(v))) < 0.3
        seen[:, :2] = False  # two films are always left
        yield u, v, seen, gu, gi, 1 + case % 2


def _ignores_seen(u, v, seen, gu, gi, k):
    return _rate(u, v, np.zeros_like(seen), gu, gi, k)


def _near(other):
    return lambda seen, want, *args: seen.ndim == 0 and abs(seen - other(*args)) < 1e-9


rate = Function(
    title="How much of it is nonsense?",
    task="""
Write `spurious_rate(U, V, seen, gu, gi, k)`: recommend to each user the `k` films with the largest
dot product among those not `seen` (boolean, shape `(m, n)`), and return the share of all these
recommendations whose film is of another group than the user. Ties go to the lower film number.
Every user has at least `k` unseen films.
""",
    starter='''
def spurious_rate(U, V, seen, gu, gi, k):
    """Share of top-k recommendations from a foreign group, between 0 and 1."""
    ...
''',
    cases=_rate_cases,
    expected=_rate,
    mistakes=[
        Mistake("ignores_seen", _near(_ignores_seen), "You recommend what was seen already."),
        Mistake(
            "own_share",
            _near(lambda *args: 1 - _rate(*args)),
            "That is the share of own films: spurious are the others.",
        ),
        Mistake(
            "worst_first",
            _near(lambda u, v, *rest: _rate(-u, v, *rest)),
            "You take the k smallest products. Sort the negative scores.",
        ),
    ],
    hints=[
        "np.where(seen, -np.inf, U @ V.T) makes sure that nothing seen comes first.",
        'np.argsort(-scores, axis=1, kind="stable")[:, :k] keeps ties in order.',
        "gi[top] has the groups of the films, shape (m, k); compare it with gu[:, None].",
    ],
    why_it_matters=(
        "This is the number that moves while the loss stands still. With languages, countries or "
        "departments as groups it is one line of a nightly report."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------

_DRAWN = 20_000


def _negative_cases():
    yield np.array([0]), 3, _DRAWN, np.array([5.0, 1.0, 3.0]), 1.0, 0
    yield np.array([1, 3]), 5, _DRAWN, np.array([9.0, 4.0, 1.0, 7.0, 16.0]), 0.0, 1
    yield np.array([2]), 5, _DRAWN, np.array([1.0, 16.0, 3.0, 81.0, 256.0]), 0.75, 2
    yield np.array([], dtype=int), 4, _DRAWN, np.array([1.0, 2.0, 3.0, 4.0]), 2.0, 3


def _chances(positives, counts, power):
    weight = counts**power
    weight[positives] = 0
    return weight / weight.sum()


def _fits(drawn, chance):
    """Each frequency within six standard errors of its chance."""
    if drawn.dtype.kind not in "iu" or drawn.min() < 0 or drawn.max() >= len(chance):
        return False
    seen = np.bincount(drawn, minlength=len(chance)) / len(drawn)
    return bool(np.all(np.abs(seen - chance) <= 6 * np.sqrt(chance * (1 - chance) / len(drawn))))


def _drawn_by(chance):
    def when(seen, want, positives, n_items, k, counts, power, seed):
        return seen.shape == want.shape and _fits(seen, chance(positives, counts, power))

    return when


def _no_taboo(positives, counts, power):
    return _chances([], counts, power)


negatives = Function(
    title="Draw negatives",
    task="""
Write `sample_negatives(positives, n_items, k, counts, power, seed)`. It returns `k` film numbers,
drawn with replacement from `np.random.default_rng(seed)`, each film with a chance in proportion to
`counts**power`; a film of `positives` is never drawn. So `power=0` draws all others alike, and
`power=1` by popularity.

Your draws need not be ours: they are marked by their frequencies.
""",
    starter='''
def sample_negatives(positives, n_items, k, counts, power, seed):
    """k film numbers that are not in positives."""
    ...
''',
    cases=_negative_cases,
    expected=lambda positives, n, k, counts, power, seed: np.random.default_rng(seed).choice(
        n, k, p=_chances(positives, counts, power)
    ),
    agree=lambda seen, want, positives, n, k, counts, power, seed: _fits(
        seen, _chances(positives, counts, power)
    ),
    mistakes=[
        Mistake(
            "positives_drawn",
            _drawn_by(_no_taboo),
            "You draw films the user chose. Give them weight 0 before you divide by the sum.",
        ),
        Mistake(
            "uniform",
            _drawn_by(lambda p, counts, power: _chances(p, counts, 0)),
            "All others have the same chance here: counts and power have no effect.",
        ),
        Mistake(
            "ignores_power",
            _drawn_by(lambda p, counts, power: _chances(p, counts, 1)),
            "The chances follow the counts themselves: raise them to the power first.",
        ),
    ],
    hints=[
        "Make the weights: counts ** power, as a new array.",
        "Set the weights of positives to 0, then divide by the sum.",
        "np.random.default_rng(seed).choice(n_items, k, p=...) draws with replacement.",
    ],
    why_it_matters=(
        "The power is a dial between two errors: uniform draws teach the model mostly that rare "
        "films are rare; draws by popularity push the popular films down, wanted or not."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


@lru_cache
def _trained():
    data, gu, gi = islands(2)
    return data, gu, gi, *fit_islands(data)


def _broken(row_1, row_2):
    """(loss, its change, spurious rate) once island 1 was multiplied by the matrix."""
    data, gu, gi, u, v = _trained()
    u2, v2, matrix = u.copy(), v.copy(), np.array([row_1, row_2])
    u2[gu == 1], v2[gi == 1] = u[gu == 1] @ matrix, v[gi == 1] @ matrix
    loss = observed_loss(u2, v2, data, 0.05)
    return loss, loss - observed_loss(u, v, data, 0.05), _rate(u2, v2, data, gu, gi, 5)


def _says(*rows):
    loss, change, rate = _broken(*rows)
    return f"loss {loss:.9f} (changed by {change:+.2g}), foreign films in the top fives {rate:.1%}"


def _moved(*rows):
    return abs(_broken(*rows)[1]) > 1e-6


fold = Search(
    title="Break it: make a model fold",
    task="""
This is the model of the free island:

    from recsys_lab.folding import fit_islands, islands
    data, gu, gi = islands(2)
    U, V = fit_islands(data)

Hand in a 2 × 2 matrix. All rows of island 1, members and films, are multiplied by it from the
right. Choose it so that **more than half** of all top-five recommendations are foreign, while the
training loss (`observed_loss` with `reg=0.05`) stays the same to $10^{-6}$.
""",
    starter="""
matrix = ...
""",
    parts={"row_1": (2,), "row_2": (2,)},
    says=_says,
    mistakes=[
        Mistake(
            "unchanged",
            lambda a, b: np.allclose([a, b], np.eye(2)),
            "That is the identity: nothing moved.",
        ),
        Mistake(
            "loss_moved",
            _moved,
            "The loss noticed. The matrix must keep all lengths and products: both rows of length "
            "one, at a right angle.",
        ),
        Mistake(
            "still_fine",
            lambda *rows: _broken(*rows)[2] <= 0.1,
            "A fine model, better than the trained one. Now turn it half round from there.",
        ),
        Mistake(
            "not_enough",
            lambda *rows: _broken(*rows)[2] <= 0.5,
            "The loss stands still, but not enough lists are absurd yet. Turn further.",
        ),
    ],
    hints=[
        "Which matrices keep every length? Look at the slider of the free island.",
        "A rotation by θ is [[cos θ, −sin θ], [sin θ, cos θ]]. Try a few θ.",
        "Three quarters of a turn: the cosine is 0 and the sine is −1.",
    ],
    why_it_matters=(
        "You have two models with the same loss in every digit. One is fine, and the other shows "
        "most people films they cannot follow. Early stopping, learning curves and the training "
        "error cannot choose between them; a term for unseen pairs can."
    ),
)

EXERCISES = [count, turn, rate, negatives, fold]
