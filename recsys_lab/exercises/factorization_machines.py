"""The exercises of "Factorization machines": from four sums by hand to pairs it cannot hold."""

import numpy as np

from recsys_lab.exercises import Function, Mistake, Property, Search, Value
from recsys_lab.fm import FactorizationMachine, pair_sum, pair_sum_naive

# --- 1 ------------------------------------------------------------------------------------------

_THREE = np.array([[2.0, 1.0], [-1.0, 1.0], [0.0, 3.0]])


def _four_sums():
    total, squares = _THREE.sum(axis=0), (_THREE**2).sum()
    return [pair_sum(_THREE), total @ total - squares, total @ total, total @ total - squares / 2]


four_sums = Value(
    title="Four sums by hand",
    task="""
Three features have the vectors $e_1 = (2, 1)$, $e_2 = (-1, 1)$ and $e_3 = (0, 3)$. With pencil and
paper, work out

- `pairs`: the sum over pairs, $\\sum_{i<j} \\langle e_i, e_j \\rangle$,
- `both_ways`: the sum over $i \\ne j$, each pair from both sides,
- `everything`: the sum over all $i$ and $j$, the diagonal with it,
- `quoted`: what the formula with only the squares halved gives,
  $\\lVert \\sum_i e_i \\rVert^2 - \\tfrac{1}{2} \\sum_i \\lVert e_i \\rVert^2$.

For one of them you need a single vector and its length.
""",
    starter="""
answer = {
    "pairs": ...,
    "both_ways": ...,
    "everything": ...,
    "quoted": ...,
}
""",
    names=["pairs", "both_ways", "everything", "quoted"],
    expected=_four_sums,
    mistakes=[
        Mistake(
            "sign",
            lambda seen, want: seen["pairs"] in (7, 9),
            "Mind the sign: ⟨e₁, e₂⟩ = 2 · (−1) + 1 · 1 is −1.",
        ),
        Mistake(
            "twice",
            lambda seen, want: seen["pairs"] == want["both_ways"],
            "`pairs` counts each pair once: i < j is half of i ≠ j.",
        ),
        Mistake(
            "not_halved",
            lambda seen, want: seen["both_ways"] == want["pairs"],
            "`both_ways` has each pair twice: once as (1, 2), once as (2, 1).",
        ),
        Mistake(
            "length_not_squared",
            lambda seen, want: abs(seen["everything"] - np.sqrt(want["everything"])) < 2e-3,
            "The sum over all i and j is the *square* of the length of e₁ + e₂ + e₃.",
        ),
        Mistake(
            "sum_of_squares",
            lambda seen, want: seen["everything"] == (_THREE**2).sum(),
            "That is the diagonal alone. Add the vectors first, then square the length.",
        ),
        Mistake(
            "rescued",
            lambda seen, want: seen["quoted"] == want["pairs"],
            "That is the right formula, ½(‖Σe‖² − Σ‖e‖²). In the quoted one the half stands "
            "before the squares only.",
        ),
    ],
    hints=[
        "The sum of the three vectors is (1, 5). What is its squared length?",
        "The diagonal is 5 + 2 + 9. Take it from everything, and you have both ways.",
        "Half of both ways is the sum over pairs. Check it with −1 + 3 + 3.",
    ],
    why_it_matters=(
        "Four formulas that look alike, four numbers. A test with three small vectors finds "
        "the wrong one at once; a model trained with it would quietly learn something else."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _vector_sets():
    yield (np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]]),)
    yield (np.array([[3.0, 4.0]]),)  # one vector has no pair
    yield (np.zeros((4, 2)),)
    yield (np.array([[1.0], [-1.0]]),)
    yield (np.array([[2.0, 1.0], [-1.0, 1.0], [-1.0, -2.0]]),)  # they add up to nothing
    rng = np.random.default_rng(3)
    for case in range(20):
        yield (rng.normal(size=(2 + case, 1 + case % 4)),)
    yield (rng.normal(size=(50_000, 16)),)


def _sums(E):
    total = E.sum(axis=0)
    return float(total @ total), float((E**2).sum())


all_pairs = Function(
    title="All pairs, in one walk",
    task="""
Write `pair_sum(E)`. It gets a table of vectors `E` of shape `(n, k)` and returns one number, the
sum of $\\langle e_i, e_j \\rangle$ over all pairs $i < j$.

With 50,000 vectors there are 1.25 billion pairs, and you have not the time to look at them.
""",
    starter='''
def pair_sum(E):
    """Sum of the dot products of all pairs of rows of E, shape (n, k)."""
    ...
''',
    cases=_vector_sets,
    expected=pair_sum,
    agree=lambda seen, want, E: np.allclose(seen, want, rtol=1e-9, atol=1e-9 * (E**2).sum()),
    mistakes=[
        Mistake(
            "only_squares_halved",
            lambda seen, want, E: np.isclose(seen, _sums(E)[0] - _sums(E)[1] / 2),
            "The half belongs before both terms: ½(‖Σe‖² − Σ‖e‖²).",
        ),
        Mistake(
            "twice",
            lambda seen, want, E: np.isclose(seen, 2 * want),
            "This is twice too large: every pair came from both sides. Halve it.",
        ),
        Mistake(
            "with_diagonal",
            lambda seen, want, E: np.isclose(seen, _sums(E)[0]),
            "This still has the diagonal in it: take off each vector's own squared length.",
        ),
        Mistake(
            "half_with_diagonal",
            lambda seen, want, E: np.isclose(seen, _sums(E)[0] / 2),
            "Take the diagonal away *before* you halve.",
        ),
        Mistake(
            "each_factor",
            lambda seen, want, E: seen.shape == E.shape[1:] and np.isclose(seen.sum(), want),
            "That is one number for each factor. Add them up.",
        ),
        Mistake(
            "wrong_axis",
            lambda seen, want, E: np.isclose(
                seen, (E.sum(axis=1) @ E.sum(axis=1) - (E**2).sum()) / 2
            ),
            "You added along the rows. The vectors are the rows: add them with axis=0.",
        ),
    ],
    properties=[
        Property(
            "order",
            "the order of the vectors changes nothing",
            lambda f, E: np.isclose(f(E[::-1]), f(E), atol=1e-6),
            "A pair is a pair from either side.",
        ),
    ],
    hints=[
        "What is the squared length of the sum of all vectors, multiplied out?",
        "It is every cell of the table ⟨e_i, e_j⟩: each pair twice, and the diagonal.",
        "total = E.sum(axis=0); then (total @ total − (E ** 2).sum()) / 2.",
    ],
    why_it_matters=(
        "With 50,000 vectors of 16 numbers that is 0.8 million multiplications instead of "
        "20 billion. It is the reason that a machine of all pairs can answer while Ada waits."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _set_machine(w0, w, V):
    machine = FactorizationMachine(V.shape[1])
    machine.n_features_, machine.draws_ = len(w), []
    machine.w0_, machine.w_, machine.V_ = w0, w, V
    return machine


def _score(x, w0, w, V):
    return float(w0 + w @ x + pair_sum_naive(V * x[:, None]))


def _machines():
    V = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    w = np.array([-0.5, 0.5, -0.5])
    yield np.ones(3), 2.0, w, V  # the chapter's row
    yield np.zeros(3), 2.0, w, V
    yield np.array([0.0, 2.0, 0.0]), 2.0, w, V  # one feature, of value 2
    yield np.array([1.0, 0.0, 0.5]), 0.0, w, V
    rng = np.random.default_rng(5)
    for case in range(24):
        p, k = 2 + case // 3, 1 + case % 4
        x = rng.normal(size=p)
        if case % 3 == 0:
            x[rng.random(p) < 0.5] = 0
        yield x, float(rng.normal()), rng.normal(size=p), rng.normal(size=(p, k))


predict_row = Function(
    title="The whole machine",
    task="""
Write `fm_predict(x, w0, w, V)`, the score of one row: features `x` of shape `(p,)`, a constant
`w0`, weights `w` of shape `(p,)` and vectors `V` of shape `(p, k)`. Values in `x` may be any
numbers, not only 0 and 1.

For the row of the chapter (Ada, Fog Signal, a Sunday) the score is 4.5.
""",
    starter='''
def fm_predict(x, w0, w, V):
    """Score of one row x of a factorization machine."""
    ...
''',
    cases=_machines,
    expected=_score,
    mistakes=[
        Mistake(
            "no_linear",
            lambda seen, want, x, w0, w, V: np.isclose(seen, want - w @ x) and abs(w @ x) > 1e-9,
            "The weights are missing: each feature also counts by itself, w @ x.",
        ),
        Mistake(
            "no_base",
            lambda seen, want, x, w0, w, V: np.isclose(seen, want - w0) and w0,
            "The constant w₀ is missing.",
        ),
        Mistake(
            "no_pairs",
            lambda seen, want, x, w0, w, V: np.isclose(seen, w0 + w @ x),
            "This is the linear part alone. Now the pairs.",
        ),
        Mistake(
            "only_squares_halved",
            lambda seen, want, x, w0, w, V: np.isclose(
                seen, w0 + w @ x + _sums(V * x[:, None])[0] - _sums(V * x[:, None])[1] / 2
            ),
            "The half belongs before both terms of the square trick.",
        ),
        Mistake(
            "twice",
            lambda seen, want, x, w0, w, V: np.isclose(
                seen, w0 + w @ x + 2 * pair_sum(V * x[:, None])
            ),
            "Every pair is in it twice: halve the part with the pairs.",
        ),
        Mistake(
            "x_not_squared",
            lambda seen, want, x, w0, w, V: np.isclose(
                seen, w0 + w @ x + (((V.T @ x) ** 2).sum() - (V**2).sum(axis=1) @ x) / 2
            ),
            "On the diagonal a feature meets itself, so its value counts twice: "
            "v_if² x_i², with x squared too.",
        ),
        Mistake(
            "x_forgotten",
            lambda seen, want, x, w0, w, V: np.isclose(seen, w0 + w @ x + pair_sum(V)),
            "All features meet here, also those that are off. Multiply each vector by its x_i.",
        ),
    ],
    properties=[
        Property(
            "straight",
            "moving one feature draws a straight line",
            lambda f, x, w0, w, V: _bends(f, x, w0, w, V) < 1e-6,
            "A feature never meets itself, so no x_i is squared.",
        ),
    ],
    hints=[
        "Multiply each vector by the value of its feature: V * x[:, None]. Then it is the sum "
        "over pairs of the exercise before.",
        "Three parts: w0, w @ x, and the pairs.",
        "E = V * x[:, None]; total = E.sum(axis=0); (total @ total − (E ** 2).sum()) / 2 is the "
        "third part.",
    ],
    why_it_matters=(
        "With one member and one film switched on, this function is matrix factorization with "
        "biases. The same five lines, other features, and it knows the day, the director and "
        "the history."
    ),
)


def _bends(f, x, w0, w, V):
    rows = np.tile(x, (3, 1))
    rows[:, 0] = (-1.0, 0.0, 1.0)
    low, middle, high = (float(f(row, w0, w, V)) for row in rows)
    return abs(low - 2 * middle + high)


# --- 4 ------------------------------------------------------------------------------------------


def _slopes(x, V):
    """∂ score / ∂ V by the score itself, which is linear in each entry: a step of 1 is exact."""
    p, k = V.shape
    slopes = np.empty((p, k))
    for i in range(p):
        for f in range(k):
            up = V.copy()
            up[i, f] += 1
            slopes[i, f] = pair_sum(up * x[:, None]) - pair_sum(V * x[:, None])
    return slopes


def _rows_and_vectors():
    for x, _, _, V in _machines():
        yield x, V


gradient = Function(
    title="Which way to learn",
    task="""
To learn, we must know how the score answers when one number of one vector moves. Write
`fm_grad_V(x, V)`. It returns a table of the shape of `V`, $(p, k)$, with
$\\partial \\hat y / \\partial v_{if}$ at place $(i, f)$.

The score is linear in each $v_{if}$, so what it is multiplied by is the answer. A feature that is
off should learn nothing.
""",
    starter='''
def fm_grad_V(x, V):
    """How fast the score rises with each entry of V, shape (p, k)."""
    ...
''',
    cases=_rows_and_vectors,
    expected=_slopes,
    agree=lambda seen, want, x, V: np.allclose(seen, want, atol=1e-8),
    mistakes=[
        Mistake(
            "meets_itself",
            lambda seen, want, x, V: np.allclose(seen, np.outer(x, V.T @ x)),
            "Each feature meets itself here. Take its own part away: v_if x_i².",
        ),
        Mistake(
            "x_missing",
            lambda seen, want, x, V: np.allclose(seen, (V.T @ x) - V * x[:, None]),
            "The outer x_i is missing: a feature that is off must get 0.",
        ),
        Mistake(
            "own_x_not_squared",
            lambda seen, want, x, V: np.allclose(seen, np.outer(x, V.T @ x) - V * x[:, None]),
            "In the feature's own part x_i stands twice: v_if x_i².",
        ),
        Mistake(
            "halved",
            lambda seen, want, x, V: np.allclose(2 * seen, want),
            "This is half of it: the ½ is eaten up by the 2 of the square.",
        ),
        Mistake(
            "sign",
            lambda seen, want, x, V: np.allclose(-seen, want),
            "The sign is turned round: others minus own, not own minus others.",
        ),
    ],
    hints=[
        "Write the pairs that v_i takes part in: ⟨v_i, v_j⟩ x_i x_j for all j ≠ i.",
        "Factor f of them: v_if x_i (Σ_j v_jf x_j − v_if x_i). What multiplies v_if?",
        "others = V.T @ x − V * x[:, None], shape (p, k); then multiply each row by x_i.",
    ],
    why_it_matters=(
        "All the gradients of a row cost no more than the row's score, because Σ_j v_jf x_j is "
        "shared by all of them. And rows of V whose feature is off need not be touched: of a "
        "million features, forty learn."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _sides():
    V = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [2.0, -1.0]])
    w = np.array([-0.5, -0.5, 0.5, 0.25])
    yield w, V, np.array([0, 1]), np.array([2])  # Ada on a Sunday, Fog Signal
    yield w, V, np.array([0, 1]), np.array([2, 3])  # and its genre
    yield w, V, np.array([0]), np.array([3])
    rng = np.random.default_rng(7)
    for _ in range(20):
        p, k = int(rng.integers(5, 12)), int(rng.integers(1, 5))
        places = rng.permutation(p)
        split = int(rng.integers(1, 4))
        asks, film = places[:split], places[split : split + int(rng.integers(1, 4))]
        yield rng.normal(size=p), rng.normal(size=(p, k)), np.sort(asks), np.sort(film)


def _film_part(w, V, asks, film):
    """All of the score that changes with the film."""
    both = pair_sum(V[np.concatenate([asks, film])])
    return float(w[film].sum() + both - pair_sum(V[asks]))


def _split(w, V, asks, film):
    query = np.append(V[asks].sum(axis=0), 1.0)
    item = np.append(V[film].sum(axis=0), w[film].sum() + pair_sum(V[film]))
    return np.array([query, item])


def _dots(seen):
    return float(np.dot(seen[0], seen[1]))


def _same_product(seen, want, w, V, asks, film):
    right = np.isclose(_dots(seen), _film_part(w, V, asks, film))
    return bool(right and np.allclose(seen[0], want[0]))


cut_in_two = Function(
    title="Cut it in two",
    task="""
A page scores many films for one person at one hour. What the person's features do among
themselves is the same for all films and changes no order. So the rest of the score can be written
as *one dot product*, and any index of vectors can serve the machine.

Write `cut(w, V, asks, film)`. `asks` and `film` are the numbers of the features that are on (all
with value 1) on the side of who asks and on the side of the film. Return a pair of vectors, each
of $k + 1$ numbers: a query that knows nothing of the film and ends in a 1, and an item that knows
nothing of who asks. Their dot product must be everything in the score that depends on the film:
the film's weights, the pairs across, and the pairs inside the film.
""",
    starter='''
def cut(w, V, asks, film):
    """A query and an item, k + 1 numbers each."""
    ...
''',
    cases=_sides,
    expected=_split,
    agree=_same_product,
    mistakes=[
        Mistake(
            "no_inside",
            lambda seen, want, w, V, asks, film: (
                len(film) > 1 and np.isclose(seen[1][-1], w[film].sum())
            ),
            "The film's own features also meet each other: add the pairs inside the film to its "
            "last number.",
        ),
        Mistake(
            "no_weights",
            lambda seen, want, w, V, asks, film: np.isclose(seen[1][-1], pair_sum(V[film])),
            "The film's weights are missing from its last number.",
        ),
        Mistake(
            "not_extended",
            lambda seen, want, w, V, asks, film: seen.shape == (2, V.shape[1]),
            "These vectors have k numbers. The film's own part needs a place: one number more, "
            "with a 1 opposite.",
        ),
        Mistake(
            "person_in_query",
            lambda seen, want, w, V, asks, film: (
                np.allclose(seen[0][:-1], want[0][:-1]) and not np.isclose(seen[0][-1], 1)
            ),
            "The query's last number multiplies the film's own part, so it must be 1. What "
            "belongs to the person alone orders nothing: leave it out.",
        ),
        Mistake(
            "means",
            lambda seen, want, w, V, asks, film: np.allclose(seen[0][:-1], V[asks].mean(axis=0)),
            "Add the vectors; a mean would divide the pairs by their number.",
        ),
    ],
    hints=[
        "The pairs across are ⟨Σ v over who asks, Σ v over the film⟩: sums first, one product.",
        "What is left belongs to the film alone: its weights, and the pairs inside it.",
        "np.append puts a 1 behind the query's sum of vectors. The item's last number is "
        "w[film].sum() plus the pair sum of V[film].",
    ],
    why_it_matters=(
        "A factorization machine is a two-tower model without layers. Store one vector of k + 1 "
        "numbers a film, make one for who asks, and an index finds the best films of a million "
        "without scoring them all."
    ),
)

# --- 6 ------------------------------------------------------------------------------------------


def _weights_of(V):
    return [float(V[i] @ V[j]) for i, j in ((0, 1), (0, 2), (1, 2))]


def _table_of(V):
    names = ("1 and 2", "1 and 3", "2 and 3")
    return "\n".join(
        f"weight of {name}: {_minus(f'{weight:.3f}')}"
        for name, weight in zip(names, _weights_of(V))
    )


def _minus(text):
    return text.replace("-", "−")


no_rank_one = Search(
    title="Break it: too many quarrels for one number",
    task="""
With $k = 1$ every feature has a single number, and the weight of a pair is the product of two
numbers. Some tables of pair weights cannot be had that way, whatever the numbers.

Find vectors *in the plane* for three features, so that no three single numbers have the same three
pair weights, nor any that come close. To be clear about it, let each weight be at least 0.1 away
from 0.
""",
    starter="""
V = [
    (..., ...),
    (..., ...),
    (..., ...),
]
""",
    parts={"V": (3, 2)},
    says=_table_of,
    mistakes=[
        Mistake(
            "too_small",
            lambda V: min(abs(weight) for weight in _weights_of(V)) < 0.1,
            "One of the weights is nearly 0, and single numbers can come close to that. Turn or "
            "stretch the two vectors.",
        ),
        Mistake(
            "all_positive",
            lambda V: min(_weights_of(V)) > 0,
            "Three positive weights are within reach of single numbers: try to solve for them. "
            "What would signs have to do to make it impossible?",
        ),
        Mistake(
            "two_negative",
            lambda V: np.prod(_weights_of(V)) > 0,
            "Two negative weights and a positive one: one number is negative, the other two are "
            "positive, and it works. Multiply all three weights: what sign must that have?",
        ),
    ],
    hints=[
        "If the weights are ab, ac and bc, what is the product of all three?",
        "(ab)(ac)(bc) = (abc)², which is never negative. So look for weights whose product is.",
        "Three arrows that all point away from each other: 120° from one to the next.",
    ],
    why_it_matters=(
        "Three features that all exclude each other need two dimensions, four need three: in k "
        "dimensions at most k + 1 arrows can pairwise point apart. A small k is an assumption "
        "about the world, not only a saving."
    ),
)

# --- 7 ------------------------------------------------------------------------------------------


def _both(E):
    total, squares = _sums(E)
    return total - squares / 2, (total - squares) / 2


def _both_told(E):
    quoted, right = _both(E)
    return _minus(f"the formula with only the squares halved: {quoted:g}\nthe pairs: {right:g}")


happens_to_be_right = Search(
    title="Break it: the test that did not see it",
    task="""
Somebody has tested the formula with only the squares halved,
$\\lVert \\sum_i e_i \\rVert^2 - \\tfrac{1}{2} \\sum_i \\lVert e_i \\rVert^2$, on an example, and
found it right. Make such an example: three vectors in the plane, none shorter than 0.1, no two of
them on one line through the origin, for which it gives exactly the sum over pairs.
""",
    starter="""
E = [
    (..., ...),
    (..., ...),
    (..., ...),
]
""",
    parts={"E": (3, 2)},
    says=_both_told,
    mistakes=[
        Mistake(
            "zero_vector",
            lambda E: bool((np.linalg.norm(E, axis=1) < 0.1).any()),
            "A vector that short hardly takes part. Give all three a length.",
        ),
        Mistake(
            "on_a_line",
            lambda E: any(
                abs(E[i, 0] * E[j, 1] - E[i, 1] * E[j, 0])
                < 1e-3 * np.linalg.norm(E[i]) * np.linalg.norm(E[j])
                for i, j in ((0, 1), (0, 2), (1, 2))
            ),
            "Two of them lie on one line. Turn one.",
        ),
        Mistake(
            "still_wrong",
            lambda E: abs(np.subtract(*_both(E))) > 1e-6 * (E**2).sum(),
            "The two numbers differ. By how much, in terms of the sum of the vectors? Take the "
            "second formula from the first.",
        ),
    ],
    hints=[
        "Take the right formula from the wrong one: what is left?",
        "Left is ½ ‖Σe‖². When is that 0?",
        "Choose two vectors as you like, and let the third lead back to where they began.",
    ],
    why_it_matters=(
        "Vectors that add up to nothing are what you get when you centre them, and a neat test "
        "often does. A test should try numbers nobody arranged: random ones, compared with the "
        "slow double loop."
    ),
)

EXERCISES = [
    four_sums,
    all_pairs,
    predict_row,
    gradient,
    cut_in_two,
    no_rank_one,
    happens_to_be_right,
]
