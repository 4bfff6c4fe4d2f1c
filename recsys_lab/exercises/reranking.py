"""The exercises of "Re-ranking": from a second place by hand to lists that greed misses."""

from itertools import combinations

import numpy as np

from recsys_lab import reranking
from recsys_lab.exercises import Function, Mistake, Property, Search, Value
from recsys_lab.similarity import cosine

# --- 1 ------------------------------------------------------------------------------------------

_RELEVANCE = {"B": 0.8, "C": 0.6}
_LIKE_A = {"B": 0.75, "C": 0.2}


def _second_place():
    b, c = (0.6 * _RELEVANCE[film] - 0.4 * _LIKE_A[film] for film in "BC")
    nearer, better = _LIKE_A["B"] - _LIKE_A["C"], _RELEVANCE["B"] - _RELEVANCE["C"]
    return [b, c, nearer / (nearer + better)]


def _part(name, *values):
    return lambda seen, want: any(abs(seen[name] - value) < 2e-3 for value in values)


second_place = Value(
    title="The second place",
    task="""
Film $A$ is on the list. $B$ has relevance 0.8 and similarity 0.75 to $A$; $C$ has relevance 0.6 and
similarity 0.2 to $A$. Maximal marginal relevance weighs $\\lambda$ times relevance against
$1 - \\lambda$ times similarity. On paper, to three decimals:

- `worth_B` and `worth_C`: what each is worth at $\\lambda = 0.6$,
- `level`: the $\\lambda$ at which the two are worth the same.
""",
    starter="""
answer = {
    "worth_B": ...,
    "worth_C": ...,
    "level": ...,
}
""",
    names=["worth_B", "worth_C", "level"],
    expected=_second_place,
    mistakes=[
        Mistake(
            "weights_swapped",
            lambda seen, want: (
                _part("worth_B", 0.4 * 0.8 - 0.6 * 0.75)(seen, want)
                or _part("worth_C", 0.4 * 0.6 - 0.6 * 0.2)(seen, want)
            ),
            "λ = 0.6 weighs the relevance here, and 0.4 the similarity.",
        ),
        Mistake(
            "added",
            lambda seen, want: (
                _part("worth_B", 0.6 * 0.8 + 0.4 * 0.75)(seen, want)
                or _part("worth_C", 0.6 * 0.6 + 0.4 * 0.2)(seen, want)
            ),
            "Being like A is a fault: take it away, do not add it.",
        ),
        Mistake(
            "no_weight_on_similarity",
            lambda seen, want: (
                _part("worth_B", 0.6 * 0.8 - 0.75)(seen, want)
                or _part("worth_C", 0.6 * 0.6 - 0.2)(seen, want)
            ),
            "The similarity has a weight too: 1 − λ.",
        ),
        Mistake(
            "other_share",
            _part("level", 0.2 / 0.75),
            "That is 1 − λ. At the level, λ · 0.2 (relevance) equals (1 − λ) · 0.55 (similarity).",
        ),
        Mistake(
            "ratio",
            _part("level", 0.2 / 0.55, 0.55 / 0.2),
            "The ratio of the two differences is λ / (1 − λ) or its inverse. Solve for λ.",
        ),
    ],
    hints=[
        "worth = 0.6 · relevance − 0.4 · similarity to A.",
        "For the level: B has 0.2 more relevance, and is 0.55 more similar.",
        "λ · 0.2 = (1 − λ) · 0.55, so λ = 0.55 / 0.75.",
    ],
    why_it_matters=(
        "λ is an exchange rate. From 0.6 to 0.9 it may change nothing at all or the whole page: "
        "only the rates at which two films are level matter, and there are few of them."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------

_CIRCLE = np.deg2rad([0, 4, 7, 10, 70, 76, 140, 220])
_EIGHT = np.column_stack([np.cos(_CIRCLE), np.sin(_CIRCLE)])
_EIGHT_RELEVANCE = np.array([0.95, 0.93, 0.92, 0.90, 0.80, 0.78, 0.70, 0.65])


def _mmr_cases():
    alike = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])
    yield np.array([0.9, 0.8, 0.5]), alike, 0.5, 2
    yield np.array([0.9, 0.8, 0.5]), alike, 1.0, 3  # a plain sort
    yield np.array([0.2, 0.8, 0.8]), alike, 1.0, 3  # a tie: the lower number first
    yield np.array([0.9, 0.8, 0.5]), alike, 0.7, 9  # no more than there are
    yield np.array([0.4]), np.ones((1, 1)), 0.3, 1
    negative = np.array([[1.0, -0.5, 0.1], [-0.5, 1.0, 0.2], [0.1, 0.2, 1.0]])
    yield np.array([0.9, 0.5, 0.6]), negative, 0.5, 3  # less than nothing in common
    for trade_off in (0.9, 0.8, 0.7):
        yield _EIGHT_RELEVANCE, cosine(_EIGHT, _EIGHT), trade_off, 4
    rng = np.random.default_rng(7)
    for case in range(20):
        n = 4 + case // 2
        vectors = rng.normal(size=(n, 3))
        yield rng.random(n), cosine(vectors, vectors), float(rng.uniform(0.2, 0.9)), 3 + case % 3


def _greedy(relevance, similarity, trade_off, k, weigh=np.max, with_itself=False):
    """MMR in plain Python, with what people write in place of the largest similarity."""
    chosen = []
    while len(chosen) < min(k, len(relevance)):
        left = [j for j in range(len(relevance)) if j not in chosen]
        worth = [
            trade_off * relevance[j]
            - (1 - trade_off) * (weigh([similarity[j][i] for i in chosen]) if chosen else 0)
            for j in left
        ]
        chosen.append(left[int(np.argmax(worth))])
    return np.array(chosen)


def _wrong_greedy(weigh):
    return lambda seen, want, S_r, S, lam, k: np.array_equal(seen, _greedy(S_r, S, lam, k, weigh))


def _from_above(numbers):
    return max(0.0, *numbers)


implement_mmr = Function(
    title="Less of the same",
    task="""
Write `mmr(rel, S, lam, k)`. It gets the relevances `rel` of shape `(n,)`, similarities `S` of
shape `(n, n)`, `lam` from 0 to 1 and the length `k` of the list. It returns the numbers of the
chosen items in the order of choice. First comes the item of largest relevance; after that,
each time, the one with the largest

$$\\lambda\\, \\text{rel}_j - (1 - \\lambda) \\max_{i \\text{ chosen}} S_{ji}.$$

Where two are level, the lower number comes first. If there are fewer than `k` items, all come back.
Similarities may be negative.
""",
    starter='''
def mmr(rel, S, lam, k):
    """Numbers of up to k items, in the order in which they are chosen."""
    ...
''',
    cases=_mmr_cases,
    expected=lambda rel, S, lam, k: reranking.mmr(rel, S, lam, k),
    mistakes=[
        Mistake(
            "only_sorted",
            lambda seen, want, rel, S, lam, k: np.array_equal(
                seen, np.argsort(-rel, kind="stable")[:k]
            ),
            "This is the list sorted by relevance. After each choice, take away what the others "
            "have in common with it.",
        ),
        Mistake(
            "twice",
            lambda seen, want, rel, S, lam, k: len(np.unique(seen)) < len(seen),
            "An item came twice: leave those already chosen out, for instance with a value of −∞.",
        ),
        Mistake(
            "mean",
            _wrong_greedy(np.mean),
            "You take the mean similarity to the chosen. MMR looks at the nearest of them: max.",
        ),
        Mistake(
            "sum",
            _wrong_greedy(np.sum),
            "You add the similarities up, which grows with the list. Take the largest.",
        ),
        Mistake(
            "last_only",
            _wrong_greedy(lambda numbers: numbers[-1]),
            "You compare with the film chosen last. A film may be like one chosen earlier.",
        ),
        Mistake(
            "never_negative",
            _wrong_greedy(_from_above),
            "The largest similarity may be negative: do not start the maximum at 0.",
        ),
        Mistake(
            "weights_swapped",
            lambda seen, want, rel, S, lam, k: np.array_equal(seen, _greedy(rel, S, 1 - lam, k)),
            "λ weighs the relevance, and 1 − λ the similarity.",
        ),
    ],
    properties=[
        Property(
            "prefix",
            "a shorter list is the beginning of a longer one",
            lambda mmr, rel, S, lam, k: np.array_equal(
                mmr(rel, S, lam, max(1, k - 1)), np.asarray(mmr(rel, S, lam, k))[: max(1, k - 1)]
            ),
            "What was chosen stays chosen, however long the list will be.",
        ),
        Property(
            "sorts_at_one",
            "at λ = 1 it sorts by relevance",
            lambda mmr, rel, S, lam, k: np.array_equal(
                mmr(rel, S, 1.0, k), np.argsort(-rel, kind="stable")[:k]
            ),
            "At λ = 1 the similarity has no weight.",
        ),
    ],
    hints=[
        "Keep a list of those chosen. In each round work out one worth for each item left.",
        "np.max(S[j, chosen]) is the similarity to the nearest of the chosen; in the first round "
        "there is none, and the relevance alone decides.",
        "value = lam * rel - (1 - lam) * S[:, chosen].max(axis=1); value[chosen] = -np.inf; then "
        "np.argmax(value).",
    ],
    why_it_matters=(
        "Twelve lines, published in 1998, and still a good first thing to run. It reads k columns "
        "of S, so similarities of 500 candidates need never be computed all."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _kl_cases():
    p = np.array([0.7, 0.3])
    for q in ([1.0, 0.0], [0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.0, 1.0]):
        yield p, np.array(q), 0.01
    yield np.array([1.0, 0.0]), np.array([0.5, 0.5]), 0.01  # a taste the user does not have
    yield np.array([1.0]), np.array([1.0]), 0.1
    rng = np.random.default_rng(3)
    for case in range(20):
        p, q = rng.dirichlet(np.ones(2 + case // 3), size=2)
        if case % 2:
            q[0] = 0.0
        yield p, q / q.sum(), [0.01, 0.1, 0.3][case % 3]


def _divergence(p, q):
    with np.errstate(all="ignore"):
        return float(np.sum(np.where(p > 0, p * np.log(p / q), 0.0)))


calibration = Function(
    title="How far from my taste?",
    task="""
Write `calibration_kl(p, q, alpha)`. `p` are the shares of tastes in a member's history, `q` their
shares of a list, both of shape `(g,)`. It returns

$$
\\sum_g p_g \\log \\frac{p_g}{\\tilde q_g}, \\qquad
\\tilde q = (1 - \\alpha)\\, q + \\alpha\\, p,
$$

with the natural logarithm. A taste with $p_g = 0$ adds 0. For $p = (0.7, 0.3)$ and
$\\alpha = 0.01$, a list of ten to nothing gives 1.134, eight to two 0.0275, seven to three 0.
""",
    starter='''
def calibration_kl(p, q, alpha=0.01):
    """Distance of the list's shares q from the history's shares p, in nats."""
    ...
''',
    cases=_kl_cases,
    expected=lambda p, q, alpha: float(reranking.calibration_kl(p, q, alpha)),
    agree=lambda seen, want, p, q, alpha: abs(float(seen) - float(want)) < 1e-9,
    mistakes=[
        Mistake(
            "no_pinch",
            lambda seen, want, p, q, alpha: (
                np.isinf(seen) or abs(float(seen) - _divergence(p, q)) < 1e-9
            ),
            "A taste that is missing from q costs infinity so far. Mix a pinch of p into q first.",
        ),
        Mistake(
            "pinch_swapped",
            lambda seen, want, p, q, alpha: (
                abs(float(seen) - _divergence(p, alpha * q + (1 - alpha) * p)) < 1e-9
            ),
            "The pinch is of p: α p and (1 − α) q, not the other way round.",
        ),
        Mistake(
            "wrong_way",
            lambda seen, want, p, q, alpha: (
                abs(float(seen) - _divergence((1 - alpha) * q + alpha * p, p)) < 1e-9
            ),
            "This is KL(q̃ ‖ p). Weigh with the history: p stands in front of the logarithm, and "
            "above the line.",
        ),
        Mistake(
            "bits",
            lambda seen, want, p, q, alpha: (
                abs(float(want)) > 1e-6 and abs(float(seen) - float(want) / np.log(2)) < 1e-9
            ),
            "These are bits. With np.log in place of np.log2 they become nats.",
        ),
        Mistake(
            "not_weighted",
            lambda seen, want, p, q, alpha: (
                abs(float(seen) - np.sum(np.log(p / ((1 - alpha) * q + alpha * p)))) < 1e-9
            ),
            "Each logarithm is weighed with p before they are added up.",
        ),
    ],
    properties=[
        Property(
            "zero",
            "a list with the shares of the history has distance 0",
            lambda kl, p, q, alpha: abs(float(kl(p, p, alpha))) < 1e-9,
            "If q is p, then so is q̃.",
        ),
        Property(
            "renamed",
            "the order in which the tastes are listed does not matter",
            lambda kl, p, q, alpha: (
                abs(float(kl(p[::-1], q[::-1], alpha)) - float(kl(p, q, alpha))) < 1e-9
            ),
            "Every taste is treated alike.",
        ),
    ],
    hints=[
        "First q̃, in one line. Then the sum over the tastes with p > 0 only.",
        "wanted = p > 0 keeps 0 · log 0 away: use p[wanted] and q̃[wanted].",
        "np.sum(p[wanted] * np.log(p[wanted] / mixed[wanted])), with mixed = (1 − α) q + α p.",
    ],
    why_it_matters=(
        "The distance is steep where a taste is missing and flat near the right mix. So the first "
        "film for a forgotten taste buys nearly everything, and nobody needs exact quotas."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _half_life_cases():
    yield 0.9, 6.0, 0.7
    yield 0.8, 10.0, 0.4  # half the score: one half-life
    yield 0.8, 10.0, 0.2  # a quarter: two
    yield 0.7, 6.0, 0.7  # never ahead
    yield 0.6, 6.0, 0.7
    yield 5.0, 1.0, 3.0  # stars
    rng = np.random.default_rng(2)
    for _ in range(20):
        a, b = rng.uniform(0.1, 1, 2)
        if abs(a - b) > 0.02:
            yield round(float(a), 3), round(float(rng.uniform(1, 60)), 1), round(float(b), 3)


def _near_number(value):
    return lambda seen, want, sA, ageA, sB: (
        float(want) > 0 and abs(float(seen) - value(sA, ageA, sB)) < 1e-6 * abs(value(sA, ageA, sB))
    )


half_life = Function(
    title="At which half-life are they level?",
    task="""
Film $A$ has the score `sA` and is `ageA` days old; film $B$ has the score `sB` and is new. Scores
are above 0, and lose half their value in each half-life: $s \\cdot 2^{-\\text{age}/H}$. Write
`half_life(sA, ageA, sB)`, which returns the $H$ at which the two are level. If $A$ is not
ahead even without ageing, return 0.

0.9 at six days is level with 0.7 at $H = 16.55$.
""",
    starter='''
def half_life(sA, ageA, sB):
    """The half-life at which A, of this age, is level with B, which is new."""
    ...
''',
    cases=_half_life_cases,
    expected=lambda sA, ageA, sB: reranking.crossing_half_life(sA, ageA, sB),
    mistakes=[
        Mistake(
            "negative",
            lambda seen, want, sA, ageA, sB: float(want) == 0 and not (float(seen) == 0),
            "Where A is not ahead at all, no half-life makes it level with B: return 0.",
        ),
        Mistake(
            "natural",
            _near_number(lambda sA, ageA, sB: ageA / np.log(sA / sB)),
            "That is the time in which a score falls to 1/e. A half-life needs log 2 as well.",
        ),
        Mistake(
            "upside_down",
            _near_number(lambda sA, ageA, sB: ageA * np.log(sA / sB) / np.log(2)),
            "The fraction of logarithms is upside down: the larger A's lead, the shorter may the "
            "half-life be.",
        ),
        Mistake(
            "minus",
            _near_number(lambda sA, ageA, sB: -ageA * np.log(2) / np.log(sA / sB)),
            "Only the sign is off: log(sB / sA) is negative, log(sA / sB) is not.",
        ),
        Mistake(
            "straight_line",
            _near_number(lambda sA, ageA, sB: ageA * sA / (2 * (sA - sB))),
            "A score does not fall along a straight line: it halves again and again.",
        ),
    ],
    properties=[
        Property(
            "scale",
            "scores ten times as large change nothing",
            lambda f, sA, ageA, sB: abs(f(10 * sA, ageA, 10 * sB) - f(sA, ageA, sB)) < 1e-6,
            "Only the ratio of the scores counts.",
        ),
        Property(
            "hours",
            "in hours the answer is 24 times as large",
            lambda f, sA, ageA, sB: (
                abs(f(sA, 24 * ageA, sB) - 24 * f(sA, ageA, sB)) < 1e-6 * max(1, 24 * ageA * 100)
            ),
            "The half-life has the unit of the age.",
        ),
    ],
    hints=[
        "Set them equal: sA · 2^(−ageA / H) = sB.",
        "So 2^(ageA / H) = sA / sB. Take logarithms.",
        "H = ageA · log 2 / log(sA / sB), where sA > sB.",
    ],
    why_it_matters=(
        "Nobody can say what H should be, but an editor can say how much better than a new film an "
        "old one must be to stay ahead. That sentence is a half-life."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _gap_cases():
    half = np.repeat([0, 1], 5)
    apart, mixed = np.arange(10), np.array([0, 5, 1, 6, 2, 7, 3, 8, 4, 9])
    yield np.array([[0, 1]]), np.array([0, 1])
    yield apart[None], half
    yield mixed[None], half
    yield np.array([mixed, mixed[::-1]]), half
    yield np.array([[0, 1], [0, 2], [0, 3]]), np.array([0, 1, 1, 1])  # groups of unequal size
    yield np.array([[1, 0]]), np.array([0, 1, 1, 0])  # films in no list
    rng = np.random.default_rng(5)
    for case in range(15):
        n = 4 + case
        group = rng.permutation(np.arange(n) % 3 == 0).astype(int)
        k = n if case % 2 else n - 1
        lists = np.array([rng.permutation(n)[:k] for _ in range(1 + case % 3)])
        if np.isin(np.flatnonzero(group == 1), lists).any():
            yield lists, group


def _gap_by_loop(lists, group, worth=lambda t: 1 / np.log2(t + 2), per_film=True, ratio=True):
    got = [0.0, 0.0]
    for one in lists:
        for t, film in enumerate(one):
            got[group[film]] += worth(t)
    if per_film:
        got = [got[g] / np.sum(group == g) for g in (0, 1)]
    return got[0] / got[1] - 1 if ratio else got[0] - got[1]


def _by(**other):
    def when(seen, want, lists, group):
        return abs(float(seen) - _gap_by_loop(lists, group, **other)) < 1e-9

    return when


gap = Function(
    title="Who is seen?",
    task="""
Write `exposure_gap(lists, group)`. `lists` has shape `(r, k)`: each row is one list of film
numbers, from top to bottom. `group[j]` is 0 or 1, the group of film $j$; films that are in no list
have no exposure but count as members of their group. Slot $t = 1, 2, \\dots$ is worth
$1/\\log_2(t + 1)$ of exposure. Return

$$
\\frac{\\text{mean exposure of a film of group 0}}
{\\text{mean exposure of a film of group 1}} - 1 ,
$$

with the exposure added up over all the lists. Five films of group 0 above five of group 1 give
0.848; in turn they give 0.247; in turn, together with the same list upside down, 0.
""",
    starter='''
def exposure_gap(lists, group):
    """Mean exposure of a film of group 0 over that of a film of group 1, minus 1."""
    ...
''',
    cases=_gap_cases,
    expected=lambda lists, group: reranking.exposure_gap(lists, group),
    mistakes=[
        Mistake(
            "ratio_only",
            lambda seen, want, lists, group: abs(float(seen) - float(want) - 1) < 1e-9,
            "That is the ratio. Take 1 away, so that 0 means even.",
        ),
        Mistake(
            "sum_not_mean",
            _by(per_film=False),
            "You compare the sums. A group of many films gets more in sum: compare means per film.",
        ),
        Mistake(
            "first_slot",
            lambda seen, want, lists, group: (
                not np.isfinite(seen)
                or _by(worth=lambda t: 1 / np.log2(t + 3))(seen, want, lists, group)
            ),
            "The first slot has t = 1 and is worth 1 / log₂ 2 = 1.",
        ),
        Mistake(
            "no_logarithm",
            _by(worth=lambda t: 1 / (t + 1)),
            "You divide by the slot itself. Exposure falls with the logarithm: slower.",
        ),
        Mistake(
            "difference",
            _by(ratio=False),
            "That is the difference of the two exposures. Asked for is their ratio, less 1.",
        ),
        Mistake(
            "upside_down",
            lambda seen, want, lists, group: (
                abs(float(want)) > 1e-9 and abs(float(seen) - (1 / (float(want) + 1) - 1)) < 1e-9
            ),
            "Group 0 belongs above the line.",
        ),
    ],
    properties=[
        Property(
            "repeated",
            "showing the same lists twice changes nothing",
            lambda f, lists, group: (
                abs(f(np.vstack([lists, lists]), group) - f(lists, group)) < 1e-9
            ),
            "Both groups get twice as much.",
        ),
    ],
    hints=[
        "One row of weights serves all lists: 1 / np.log2(np.arange(2, k + 2)).",
        "Add up, for each group, the weights of the slots in which its films stand: group[lists] "
        "has the shape of lists.",
        "exposure = [(weights * (group[lists] == g)).sum() / np.sum(group == g) for g in (0, 1)].",
    ],
    why_it_matters=(
        "Ten films that are equally good, sorted with one fixed rule for ties: 25 % more exposure "
        "for one side, every night. Only a measure over many lists shows it."
    ),
)

# --- 6 ------------------------------------------------------------------------------------------

_THREE = np.column_stack([np.cos(np.deg2rad([0, 45, 90])), np.sin(np.deg2rad([0, 45, 90]))])
_THREE_ALIKE = cosine(_THREE, _THREE)
_LETTERS = "ABC"


def _pairs(relevance, trade_off):
    """Value of each pair of films, and the pair that MMR makes."""
    value = {
        pair: trade_off * relevance[list(pair)].sum() - (1 - trade_off) * _THREE_ALIKE[pair]
        for pair in combinations(range(3), 2)
    }
    greedy = tuple(sorted(reranking.mmr(relevance, _THREE_ALIKE, trade_off, 2).tolist()))
    return value, greedy


def _say_trap(relevance, trade_off):
    if not 0 <= trade_off <= 1:
        return f"λ is {trade_off:g}."
    value, greedy = _pairs(relevance, float(trade_off))
    lines = [
        f"{_LETTERS[a]} and {_LETTERS[b]}: {worth:.3f}"
        + ("  (MMR's list)" if (a, b) == greedy else "")
        for (a, b), worth in value.items()
    ]
    return "\n".join(lines)


def _no_trap(relevance, trade_off):
    value, greedy = _pairs(relevance, float(trade_off))
    return max(value.values()) < value[greedy] + 0.01


trap = Search(
    title="A trap for greed",
    task="""
Three films point to 0°, 45° and 90°: $A$, $B$, $C$. Their similarities are the cosines, so
$s_{AB} = s_{BC} = 0.707$ and $s_{AC} = 0$. A list of two films is worth

$$\\lambda\\,(r_1 + r_2) - (1 - \\lambda)\\, s_{12} .$$

MMR takes the best first film and then the best second one. Find relevances between 0 and 1 and a
$\\lambda$ for which its list is *not* the best of the three: another must be worth at least 0.01
more.
""",
    starter="""
relevance = (..., ..., ...)  # of A, B and C
trade_off = 0.5  # λ
answer = (relevance, trade_off)
""",
    parts={"relevance": (3,), "trade_off": ()},
    says=_say_trap,
    mistakes=[
        Mistake(
            "out_of_range",
            lambda relevance, trade_off: (
                not 0 <= trade_off <= 1 or relevance.min() < 0 or relevance.max() > 1
            ),
            "Relevances and λ lie between 0 and 1.",
        ),
        Mistake(
            "tied_first",
            lambda relevance, trade_off: np.sort(relevance)[-1] - np.sort(relevance)[-2] < 1e-6,
            "Two films share the largest relevance, and which comes first is chance. Let one lead.",
        ),
        Mistake(
            "middle_not_first",
            lambda relevance, trade_off: int(np.argmax(relevance)) != 1,
            "MMR starts with a film at the side, and the other side is still free: that is no "
            "trap. Which first film spoils both others?",
        ),
        Mistake(
            "relevance_rules",
            lambda relevance, trade_off: _no_trap(relevance, trade_off) and trade_off > 0.75,
            "λ is so large that similarity hardly counts, and greed is right. Turn it down.",
        ),
        Mistake(
            "no_trap",
            _no_trap,
            "B comes first, but it is so much better, or the others are so much worse, that its "
            "list is the best after all. Let B lead by little.",
        ),
    ],
    hints=[
        "The first film is chosen as if the list ended there. Which film is like both others?",
        "Give B a small lead in relevance. A and C together repeat nothing.",
        "With λ = 0.5 and relevances near (0.5, 0.6, 0.5): compare A and C with A and B.",
    ],
    why_it_matters=(
        "The crowd-pleaser that is a little like everything is exactly what a scorer puts on top. "
        "Greed then pays for it with every later choice. For short lists, try a few first items."
    ),
)

# --- 7 ------------------------------------------------------------------------------------------


def _as_list(order):
    return np.round(order).astype(int)


def _is_list(order):
    return np.array_equal(np.sort(order), np.arange(10))


def _gap_of(order):
    return reranking.exposure_gap(_as_list(order), np.repeat([0, 1], 5))


def _say_even(order):
    if not _is_list(order):
        return f"The list is {', '.join(f'{film:g}' for film in order)}."
    letters = " ".join("AB"[int(film >= 5)] for film in order)
    return f"{letters}\nexposure gap {100 * _gap_of(order):+.1f} %".replace("-", "−")


even = Search(
    title="One list that is fair",
    task="""
Films 0 to 4 belong to group A, films 5 to 9 to group B; all are equally good. In turn, ABABABABAB,
A gets 24.7 % more exposure. Over two nights a mirror mends that. But can *one* list be even?

Find an order of the ten films in which the exposure gap, with slot $t$ worth $1/\\log_2(t+1)$, lies
between −1 % and +1 %.
""",
    starter="""
order = [0, 5, 1, 6, 2, 7, 3, 8, 4, ...]
""",
    parts={"order": (10,)},
    says=_say_even,
    mistakes=[
        Mistake(
            "not_a_list",
            lambda order: not _is_list(order),
            "Each of the films 0 to 9 once, please.",
        ),
        Mistake(
            "in_turn",
            lambda order: 0.2 < abs(_gap_of(order)) < 0.3,
            "Taking turns leaves the first of each pair ahead. Whoever has the top slot must wait "
            "longer than one place.",
        ),
        Mistake(
            "far_off",
            lambda order: abs(_gap_of(order)) >= 0.2,
            "The top slot is worth about as much as slots 5, 9 and 10 together. Give it to one "
            "group, and the next few slots to the other.",
        ),
        Mistake(
            "nearly",
            lambda order: abs(_gap_of(order)) >= 0.01,
            "Close. Swap an A and a B that stand next to each other low in the list, where slots "
            "differ by little.",
        ),
    ],
    hints=[
        "The slots are worth 1, 0.631, 0.5, 0.431, 0.387, 0.356, 0.333, 0.315, 0.301, 0.289: "
        "each group should get half of 4.544.",
        "Five slots that add up to 2.272, the first among them: the other four must give 1.272.",
        "252 choices of five slots are few: itertools.combinations finds all that fit.",
    ],
    why_it_matters=(
        "Of 252 ways to deal the slots, four are even to 1 %: whoever has the top slot goes "
        "without the next four. Being fair over many nights leaves far more room for merit."
    ),
)

EXERCISES = [second_place, implement_mmr, calibration, half_life, gap, trap, even]
