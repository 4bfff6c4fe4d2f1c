"""The exercises of "Deep models and two towers": from the fourth corner to an unfair sample."""

import numpy as np

from recsys_lab.deep import grad_psi as _grad_psi
from recsys_lab.exercises import Function, Mistake, Property, Search, Value
from recsys_lab.nn import sampled_softmax_loss
from recsys_lab.nn import softmax as _softmax

# --- 1 ------------------------------------------------------------------------------------------

# ψ of (young, by day), (young, late) and (old, by day); two films.
_CORNERS = np.array([[1.0, 2.0], [3.0, 1.0], [-1.0, 0.0]])
_TWO_FILMS = np.array([[1.0, 0.0], [0.0, 1.0]])


def _fourth_corner():
    young_day, young_late, old_day = _CORNERS
    psi = old_day + (young_late - young_day)
    logits = _TWO_FILMS @ psi
    return [*psi, logits[0], _softmax(logits)[0]]


def _near(part, value):
    return lambda seen, want: abs(seen[part] - value) < 2e-3


fourth_corner = Value(
    title="The fourth corner",
    task="""
A tower of one layer reads two things from the card: young or old, by day or late. Three kinds of
visitor stand in the plane at

- young, by day: $\\psi = (1, 2)$,
- young, late: $\\psi = (3, 1)$,
- old, by day: $\\psi = (-1, 0)$.

Nobody old has ever come late. Where does the tower put such a visitor? There are two films,
$V_1 = (1, 0)$ and $V_2 = (0, 1)$. With pencil and paper, to three decimals:

- `across`, `up`: the two coordinates of $\\psi$(old, late),
- `logit`: the logit of the first film,
- `chance`: its chance $\\hat p_1$.
""",
    starter="""
answer = {
    "across": ...,
    "up": ...,
    "logit": ...,
    "chance": ...,
}
""",
    names=["across", "up", "logit", "chance"],
    expected=_fourth_corner,
    mistakes=[
        Mistake(
            "middle",
            lambda seen, want: abs(seen["across"] - 1) < 2e-3 and abs(seen["up"] - 0.5) < 2e-3,
            "That is the middle between (3, 1) and (−1, 0). The fourth corner lies as far behind "
            "the middle as (1, 2) lies before it.",
        ),
        Mistake(
            "sum",
            lambda seen, want: abs(seen["across"] - 2) < 2e-3 and abs(seen["up"] - 1) < 2e-3,
            "You added (3, 1) and (−1, 0). What they share, (1, 2), is then counted twice.",
        ),
        Mistake(
            "backwards",
            lambda seen, want: abs(seen["across"] + 3) < 2e-3 and abs(seen["up"] - 1) < 2e-3,
            "The hour is turned round: from day to late the arrow goes from (1, 2) to (3, 1).",
        ),
        Mistake(
            "share_of_logits",
            lambda seen, want: "chance" in seen and not 0 <= seen["chance"] <= 1,
            "A chance lies between 0 and 1. Take e to the power of both logits first, then divide "
            "by the sum.",
        ),
        Mistake(
            "sigmoid_of_one",
            _near("chance", 1 / (1 + np.exp(-1))),
            "That is e/(e + 1): the other film's logit counts too, and it is not 0.",
        ),
        Mistake(
            "the_other_film",
            _near("chance", 1 - 1 / (1 + np.exp(-2))),
            "That is the chance of the second film.",
        ),
    ],
    hints=[
        "In a tower of one layer each input adds its own arrow. Which arrow does 'late' add?",
        "From (young, day) to (young, late) it is (3, 1) − (1, 2) = (2, −1). The old get the same.",
        "The logits of the films are the two coordinates; then p̂₁ = e^z₁ / (e^z₁ + e^z₂).",
    ],
    why_it_matters=(
        "One layer has no choice: three corners fix the fourth, whatever the old do at night. It "
        "can speak of people it has never seen, and it can be wrong about all of them."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _softmax_cases():
    yield (np.array([[0.0, 0.0]]),)
    yield (np.array([[1000.0, 1001.0]]),)
    yield (np.array([[-1000.0, -1001.0]]),)
    yield (np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]),)
    yield (np.array([[0.0, -np.inf]]),)
    rng = np.random.default_rng(0)
    for b, n in ((1, 4), (3, 3), (5, 2), (4, 6)):
        yield (rng.normal(0, 3, (b, n)),)


_SOFTMAX = Function(
    title="A softmax that survives",
    task="""
Write `softmax(z)`. It gets a table of logits of shape `(b, n)`, one row a query, and returns a
table of the same shape: in each row $e^{z_j} / \\sum_k e^{z_k}$.

It must survive large numbers: `[[1000, 1001]]` gives `[[0.2689, 0.7311]]`, as does `[[0, 1]]`.
""",
    starter='''
def softmax(z):
    """Chances of each row of the logits z, shape (b, n)."""
    ...
''',
    cases=_softmax_cases,
    expected=_softmax,
    mistakes=[
        Mistake(
            "overflow",
            lambda seen, want, z: np.isnan(seen).any() and np.abs(z).max() > 100,
            "e to the power of 1000 is too large for the machine, and inf/inf gives NaN (or 0/0 "
            "does, far below). Take the largest logit off its row first.",
        ),
        Mistake(
            "whole_table",
            lambda seen, want, z: len(z) > 1 and abs(seen.sum() - 1) < 1e-6,
            "Your whole table sums to 1. Each row is a query of its own: sum with axis=1 and "
            "keepdims=True.",
        ),
        Mistake(
            "columns",
            lambda seen, want, z: np.allclose(seen.sum(axis=0), 1) and not np.allclose(seen, want),
            "Your columns sum to 1. The films of one query stand in a row: axis=1.",
        ),
        Mistake(
            "not_divided",
            lambda seen, want, z: (
                np.all(seen >= 0)
                and not np.allclose(seen.sum(axis=1), 1)
                and np.allclose(seen / seen.sum(axis=1, keepdims=True), want)
            ),
            "These are the exponentials. Divide each row by its sum.",
        ),
        Mistake(
            "logarithm",
            lambda seen, want, z: np.allclose(seen, np.log(want)),
            "This is the logarithm of what is asked for.",
        ),
    ],
    properties=[
        Property(
            "shift",
            "a number added to a whole row changes nothing",
            lambda f, z: np.allclose(f(z + 7.5), f(z)),
            "Only differences between logits of one row may count.",
        ),
    ],
    hints=[
        "np.exp, then divide each row by its sum: axis=1, keepdims=True.",
        "A number taken off a whole row changes no chance. Which number makes e^z harmless?",
        "z - z.max(axis=1, keepdims=True) is at most 0, so its exponential is at most 1.",
    ],
    why_it_matters=(
        "One logit above 709 makes e^z infinite and the loss NaN, and a NaN in one row of a batch "
        "spreads to every weight in a single step."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _gradient_cases():
    V = np.array([[1.0, 0.0], [0.0, 1.0]])
    yield np.zeros(2), V, 0
    yield np.array([1.0, 0.0]), V, 1
    yield np.array([0.5, -0.5]), np.array([[1.8, -1.2], [1.6, 1.4], [-1.8, -1.4]]), 2
    rng = np.random.default_rng(1)
    for n, d in ((2, 1), (3, 2), (5, 3), (8, 2), (6, 5)):
        yield rng.normal(size=d), rng.normal(size=(n, d)), int(rng.integers(n))


_GRADIENT = Function(
    title="Pull and push",
    task="""
The loss of one visit is $L = -\\log \\hat p_y$, where $\\hat p$ is the softmax of the logits
$\\langle \\psi, V_j \\rangle$ and film $y$ was chosen. Write `grad_psi(psi, V, y)`: the gradient
of $L$ with respect to $\\psi$, for `psi` of shape `(d,)` and `V` of shape `(n, d)`.

For $\\psi = (0, 0)$, $V_1 = (1, 0)$, $V_2 = (0, 1)$ and $y = 0$ it is $(-\\tfrac12, \\tfrac12)$.
""",
    starter='''
def grad_psi(psi, V, y):
    """Gradient of -log p_y with respect to psi, shape (d,)."""
    ...
''',
    cases=_gradient_cases,
    expected=_grad_psi,
    mistakes=[
        Mistake(
            "uphill",
            lambda seen, want, psi, V, y: np.allclose(seen, -want),
            "This points downhill. The gradient is the direction in which the loss rises: what was "
            "expected minus what came.",
        ),
        Mistake(
            "only_pull",
            lambda seen, want, psi, V, y: np.allclose(seen, -V[y]) or np.allclose(seen, V[y]),
            "That is the pull of the chosen film alone. Every film pushes back, by its chance.",
        ),
        Mistake(
            "only_push",
            lambda seen, want, psi, V, y: np.allclose(seen, _softmax(V @ psi) @ V),
            "That is what was expected. What came is still missing.",
        ),
        Mistake(
            "all_alike",
            lambda seen, want, psi, V, y: np.allclose(seen, V.mean(axis=0) - V[y]),
            "You push from all films alike. A film pushes in proportion to its chance p̂.",
        ),
        Mistake(
            "of_the_logits",
            lambda seen, want, psi, V, y: seen.shape == (len(V),) and np.allclose(seen @ V, want),
            "This is the gradient with respect to the n logits, p̂ minus one-hot. One product with "
            "V leads on to ψ.",
        ),
    ],
    properties=[
        Property(
            "slope",
            "it is the slope of the loss",
            lambda f, psi, V, y: all(
                abs((_loss(psi + 1e-5 * e, V, y) - _loss(psi - 1e-5 * e, V, y)) / 2e-5 - f_e) < 1e-4
                for e, f_e in zip(np.eye(len(psi)), f(psi, V, y))
            ),
            "Compare with (L(ψ + h) − L(ψ − h)) / 2h for a small h along each axis.",
        ),
    ],
    hints=[
        "log p̂_y = ⟨ψ, V_y⟩ − log Σ e^⟨ψ, V_j⟩. Differentiate the two parts apart.",
        "The first part gives V_y. The second gives the mean of all V_j, weighed by p̂_j.",
        "p = softmax of V @ psi; then p @ V - V[y].",
    ],
    why_it_matters=(
        "Truth minus expectation: the update is zero exactly when the model already expects what "
        "happens on average. And a wrong film with a small p̂ hardly pushes, which is why a "
        "negative that the model finds hard teaches more than a random one."
    ),
)


def _loss(psi, V, y):
    z = V @ psi
    return np.log(np.exp(z - z.max()).sum()) + z.max() - z[y]


# --- 4 ------------------------------------------------------------------------------------------

_P, _Q = np.array([0.5, 0.3, 0.2]), np.array([0.7, 0.2, 0.1])

surprise = Value(
    title="What is learned without the correction",
    task="""
Three films are chosen with chances $p = (0.5,\\ 0.3,\\ 0.2)$. Negatives are drawn with chances
$q = (0.7,\\ 0.2,\\ 0.1)$, and nobody corrects for it. At the optimum the score of a film is
$\\log p_j - \\log q_j$ (a constant for all films would change nothing; leave it at 0).

- `first`, `second`, `third`: the three scores, three decimals,
- `winner`: the number of the film that comes out on top, 1, 2 or 3.
""",
    starter="""
answer = {
    "first": ...,
    "second": ...,
    "third": ...,
    "winner": ...,
}
""",
    names=["first", "second", "third", "winner"],
    expected=lambda: [*np.log(_P / _Q), float(np.argmax(_P / _Q)) + 1],
    mistakes=[
        Mistake(
            "ratio",
            lambda seen, want: abs(seen["first"] - 5 / 7) < 2e-3,
            "That is the ratio p/q. The score is its natural logarithm.",
        ),
        Mistake(
            "turned",
            lambda seen, want: abs(seen["first"] + want["first"]) < 2e-3,
            "You have log q − log p: a film that is drawn more often than it is chosen goes down.",
        ),
        Mistake(
            "preference",
            lambda seen, want: abs(seen["first"] - np.log(0.5)) < 2e-3,
            "That is log p, what you would learn *with* the correction.",
        ),
        Mistake(
            "base_ten",
            lambda seen, want: abs(seen["first"] - np.log10(5 / 7)) < 2e-3,
            "That is the logarithm to base 10; softmax is built on e, so take the natural one.",
        ),
        Mistake(
            "counted_from_zero",
            lambda seen, want: (
                seen.get("winner") == want["winner"] - 1 == 2
                and abs(seen.get("third", 0) - want["third"]) < 2e-3
            ),
            "The scores are right. The films are numbered 1, 2, 3: look at the largest again.",
        ),
        Mistake(
            "still_the_favourite",
            lambda seen, want: seen.get("winner") == 1,
            "Film 1 is chosen most, but it is drawn even more often. Compare the three scores.",
        ),
    ],
    hints=[
        "One film after the other: ln(0.5 / 0.7), and so on.",
        "Film 1 is drawn more often than it is chosen, so its logarithm is negative.",
        "ln 1.5 for the second, ln 2 for the third.",
    ],
    why_it_matters=(
        "The least liked film leads. A negative sample that follows popularity turns preference "
        "into surprise, and a shop that forgets the correction hides its best sellers from those "
        "who want them."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _sampled_cases():
    yield np.array([0.0]), np.array([[0.0]]), np.array([0.0]), np.array([[0.0]])
    yield np.array([1.0]), np.array([[0.0, 2.0]]), np.log([0.5]), np.log([[0.3, 0.2]])
    yield (
        np.array([1000.0, 0.0]),
        np.array([[1001.0], [0.0]]),
        np.log([0.5, 0.5]),
        np.log([[0.5], [0.5]]),
    )
    rng = np.random.default_rng(2)
    for b, s in ((1, 3), (2, 2), (3, 5), (6, 8)):
        yield (
            rng.normal(size=b),
            rng.normal(size=(b, s)),
            np.log(rng.uniform(0.01, 1, b)),
            np.log(rng.uniform(0.01, 1, (b, s))),
        )


def _sampled(pos, neg, logq_pos, logq_neg):
    return sampled_softmax_loss(pos, neg, logq_pos, logq_neg)[0]


def _differently(change):
    """Whether the answer is the loss of changed input."""
    return lambda seen, want, *args: (
        np.ndim(seen) == 0 and np.isclose(seen, change(*args)) and not np.isclose(seen, want)
    )


_SAMPLED = Function(
    title="Pay the sampling tax",
    task="""
Write `sampled_loss(pos, neg, logq_pos, logq_neg)`. Row $t$ has one film that was chosen, with
logit `pos[t]`, and $s$ drawn ones with logits `neg[t]`; the other two arguments hold $\\log q$ of
the same films. Shapes: `(b,)`, `(b, s)`, `(b,)`, `(b, s)`.

Take $\\log q$ off every logit, the chosen film's too. Return the mean over rows of
$-\\log \\hat p$ of the chosen film among its $1 + s$ candidates, as one number. Large logits must
not overflow.
""",
    starter='''
def sampled_loss(pos, neg, logq_pos, logq_neg):
    """Mean of -log p of the chosen film among 1 + s candidates, logQ corrected."""
    ...
''',
    cases=_sampled_cases,
    expected=_sampled,
    mistakes=[
        Mistake(
            "overflow",
            lambda seen, want, pos, *_: not np.isfinite(seen).all() and pos.max() > 100,
            "e to the power of 1000 overflows. Take the largest corrected logit of each row off "
            "before np.exp, and put it back after np.log.",
        ),
        Mistake(
            "no_correction",
            _differently(lambda pos, neg, a, b: _sampled(pos, neg, 0 * a, 0 * b)),
            "This is the loss without the correction: log q does not come into it yet.",
        ),
        Mistake(
            "added",
            _differently(lambda pos, neg, a, b: _sampled(pos, neg, -a, -b)),
            "log q is added. It is taken off: what is drawn often must not be punished for it.",
        ),
        Mistake(
            "only_negatives",
            _differently(lambda pos, neg, a, b: _sampled(pos, neg, 0 * a, b)),
            "The chosen film came into the sample too, and more often if it is popular: take its "
            "log q off as well.",
        ),
        Mistake(
            "positive_left_out",
            _differently(
                lambda pos, neg, a, b: np.mean(np.log(np.exp(neg - b).sum(axis=1)) - (pos - a))
            ),
            "The chosen film is one of the 1 + s candidates: it belongs into the sum below too.",
        ),
        Mistake(
            "sum",
            lambda seen, want, pos, *_: len(pos) > 1 and np.isclose(seen, want * len(pos)),
            "You summed over the rows. Take the mean, or a larger batch would mean larger steps.",
        ),
        Mistake(
            "a_row_each",
            lambda seen, want, pos, *_: (
                np.shape(seen) == np.shape(pos) and np.isclose(np.mean(seen), want)
            ),
            "These are the losses of the rows, and they are right. Return their mean.",
        ),
        Mistake(
            "gain",
            lambda seen, want, *_: np.isclose(seen, -want),
            "The sign is turned: a loss is −log p̂, and never below 0.",
        ),
    ],
    properties=[
        Property(
            "scale",
            "adding a number to every log q changes nothing",
            lambda f, pos, neg, a, b: np.isclose(f(pos, neg, a + 0.7, b + 0.7), f(pos, neg, a, b)),
            "Only ratios of q may count, so that counts serve as well as chances.",
        ),
    ],
    hints=[
        "np.column_stack([pos - logq_pos, neg - logq_neg]) is a table with the chosen film in "
        "column 0.",
        "The loss of a row is log Σ e^z − z₀.",
        "top = z.max(axis=1); np.log(np.exp(z - top[:, None]).sum(axis=1)) + top - z[:, 0], and "
        "then the mean.",
    ],
    why_it_matters=(
        "With 128 of 2,000 films drawn by popularity, log Z is estimated as 5.22 uncorrected and "
        "8.03 corrected; the truth is 8.06. One subtraction is the difference."
    ),
)

# --- 6 ------------------------------------------------------------------------------------------


def _taste_off(p):
    return not (np.all(p >= 0.01 - 1e-9) and abs(p.sum() - 1) < 1e-3)


def _unfair_scores(ada, bo):
    return np.log(ada) - np.log((ada + bo) / 2)


def _say_unfair(ada, bo):
    if _taste_off(ada) or _taste_off(bo):
        return f"ada sums to {ada.sum():.3f}, bo to {bo.sum():.3f}"
    scores = _unfair_scores(ada, bo)
    return (
        f"q, the mean of both:           {np.array2string((ada + bo) / 2, precision=3)}\n"
        f"Ada's scores, log p − log q:   {np.array2string(scores, precision=3)}"
    )


unfair = Search(
    title="Break it: turn Ada's list round",
    task="""
Ada and Bo come equally often. Ada chooses the three films with chances `ada`, Bo with chances
`bo`. The batch serves as its own negatives, so a film is drawn with
$q = \\tfrac12(p_{\\text{Ada}} + p_{\\text{Bo}})$, and there is no correction.

Find two tastes so that what is learned for Ada, $\\log p_{\\text{Ada}} - \\log q$, orders the
three films exactly the other way round than she does. She must like film 1 best and film 3 least.
Each chance is at least 0.01, each taste sums to 1, and any two of her chances, and any two of her
learned scores, differ by at least 0.01.
""",
    starter="""
ada = (..., ..., ...)
bo = (..., ..., ...)
answer = (ada, bo)
""",
    parts={"ada": (3,), "bo": (3,)},
    says=_say_unfair,
    mistakes=[
        Mistake(
            "no_chances",
            lambda ada, bo: _taste_off(ada) or _taste_off(bo),
            "A taste is three chances, each at least 0.01, that sum to 1.",
        ),
        Mistake(
            "not_her_order",
            lambda ada, bo: not np.all(np.diff(ada) <= -0.01 + 1e-9),
            "Ada must like film 1 best and film 3 least, with at least 0.01 between them.",
        ),
        Mistake(
            "same_taste",
            lambda ada, bo: bool(np.abs(ada - bo).max() < 0.01),
            "If both have the same taste, q = p and all scores are 0. Bo has to be different.",
        ),
        Mistake(
            "favourite_leads",
            lambda ada, bo: bool(_unfair_scores(ada, bo).argmax() == 0),
            "Ada's favourite still leads. Who has to like it even more than she does?",
        ),
        Mistake(
            "not_quite",
            lambda ada, bo: not np.all(np.diff(_unfair_scores(ada, bo)) >= 0.01),
            "Her favourite has fallen, but the other two are not turned round. Bo must like "
            "film 3 less, compared with Ada, than film 2.",
        ),
    ],
    hints=[
        "A film sinks for Ada if it is drawn more often than she chooses it: if Bo loves it more.",
        "Look at the ratio Bo/Ada for each film: it must fall from film 1 to film 3.",
        "Give Ada nearly equal chances, and Bo a taste that is like hers but far steeper.",
    ],
    why_it_matters=(
        "Nobody chose this q, it is just the audience. Ada has the taste of the crowd, only "
        "milder, and without the correction her list comes out upside down."
    ),
)

EXERCISES = [fourth_corner, _SOFTMAX, _GRADIENT, surprise, _SAMPLED, unfair]
