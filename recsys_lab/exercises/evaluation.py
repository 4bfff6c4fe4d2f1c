"""The exercises of "Evaluation": from one list by hand to two metrics that quarrel."""

import numpy as np

from recsys_lab import metrics
from recsys_lab.exercises import Function, Mistake, Property, Search, Value

# --- 1 ------------------------------------------------------------------------------------------

_FIVE = np.array([1, 0, 1, 1, 0])


def _five_numbers():
    shown, wanted = [0, 10, 1, 2, 11], [0, 1, 2, 3]  # ids 0 to 3 are relevant, 3 is not shown
    return [
        metrics.precision_at_k(shown, wanted, 5),
        metrics.recall_at_k(shown, wanted, 5),
        metrics.reciprocal_rank(shown, wanted),
        metrics.average_precision(shown, wanted, 5),
        metrics.ndcg_at_k(shown, wanted, 5),
    ]


def _part(name, *values):
    return lambda seen, want: any(abs(seen[name] - value) < 2e-3 for value in values)


by_hand = Value(
    title="Five verdicts on one list",
    task="""
A list of five films has hits at the places 1, 3 and 4, so its relevance reads $1, 0, 1, 1, 0$. The
member wanted four films: one of them is not on the list. On paper, to three decimals:

- `precision` and `recall` at 5,
- `first_hit`: the reciprocal rank,
- `ap`: the average precision at 5, and `ndcg` at 5.

You need $1/\\log_2 3 = 0.6309$, $1/\\log_2 5 = 0.4307$; the places 1 and 3 have 1 and 0.5.
""",
    starter="""
answer = {
    "precision": ...,
    "recall": ...,
    "first_hit": ...,
    "ap": ...,
    "ndcg": ...,
}
""",
    names=["precision", "recall", "first_hit", "ap", "ndcg"],
    expected=_five_numbers,
    mistakes=[
        Mistake(
            "swapped",
            lambda seen, want: (
                abs(seen["precision"] - want["recall"]) < 2e-3
                and abs(seen["recall"] - want["precision"]) < 2e-3
            ),
            "Precision and recall have changed places: precision divides by what was shown.",
        ),
        Mistake(
            "ap_over_found",
            _part("ap", (1 + 2 / 3 + 3 / 4) / 3),
            "You divide by the three films found. The fourth, which is missing, counts with 0.",
        ),
        Mistake(
            "ap_over_k",
            _part("ap", (1 + 2 / 3 + 3 / 4) / 5),
            "You divide by the five places. A perfect list would show four hits: divide by 4.",
        ),
        Mistake(
            "ap_all_places",
            _part("ap", (1 + 1 / 2 + 2 / 3 + 3 / 4 + 3 / 5) / 5),
            "Average precision averages over the places with a hit only: 1, 3 and 4.",
        ),
        Mistake(
            "ideal_of_three",
            _part("ndcg", (1 + 0.5 + 0.4307) / (1 + 0.6309 + 0.5)),
            "The best list would show all four wanted films: add the fourth place to the ideal.",
        ),
        Mistake(
            "ideal_of_five",
            _part("ndcg", (1 + 0.5 + 0.4307) / (1 + 0.6309 + 0.5 + 0.4307 + 0.3869)),
            "Only four films were wanted, so the best list has four hits, not five.",
        ),
        Mistake(
            "not_normalized",
            _part("ndcg", 1 + 0.5 + 0.4307),
            "That is the DCG. Divide it by the DCG of the best list.",
        ),
    ],
    hints=[
        "Precision: 3 of 5 shown. Recall: 3 of 4 wanted.",
        "The precision at the places with hits is 1/1, 2/3 and 3/4; the film that is missing adds "
        "0, and four films were wanted.",
        "DCG = 1 + 0.5 + 0.4307, ideal = 1 + 0.6309 + 0.5 + 0.4307.",
    ],
    why_it_matters=(
        "Five numbers from 0.6 to 1 for one list, and all of them right. A report that says “the "
        "metric is 0.75” says nothing until it says which, at what k, and divided by what."
    ),
)

# --- 2 and 3 ------------------------------------------------------------------------------------


def _hit_cases():
    yield np.array([1, 0, 1, 1, 0]), 5, 4
    yield np.array([1, 0, 1, 1, 0]), 3, 4
    yield np.array([0, 0, 0]), 3, 0  # nothing is relevant
    yield np.array([0, 0, 0]), 3, 2  # nothing is found
    yield np.array([1]), 1, 1
    yield np.array([1, 1]), 5, 2  # the list is shorter than k, and perfect
    yield np.array([0, 1]), 5, 7  # more is relevant than fits
    yield np.array([1, 1, 1]), 3, 9
    rng = np.random.default_rng(11)
    for case in range(30):
        rel = (rng.random(3 + case // 3) < 0.4).astype(int)
        yield rel, int(rng.integers(1, len(rel) + 3)), int(rel.sum() + rng.integers(0, 4))


def _ids(rel, n_rel):
    """The same list as ids: 0 .. n_rel − 1 are relevant."""
    hit, miss, shown = 0, 1_000, []
    for one in rel:
        shown.append(hit if one else miss)
        hit, miss = hit + int(one), miss + 1 - int(one)
    return shown, list(range(int(n_rel)))


def _near(value):
    """The answer is near value(rel, k, n_rel)."""
    return lambda seen, want, rel, k, n_rel: abs(float(seen) - value(rel, k, n_rel)) < 1e-9


def _dcg(rel, k, first=2):
    rel = np.asarray(rel)[:k]
    return float(rel @ (1 / np.log2(np.arange(first, len(rel) + first))))


def _most_hits(k, n_rel):
    return np.ones(min(k, n_rel))


ndcg_by_you = Function(
    title="NDCG",
    task="""
Write `ndcg(rel, k, n_rel)`. `rel` is the relevance of a list, 0 or 1 for each place, best place
first; it may be longer or shorter than `k`. `n_rel` films were wanted altogether, some of which may
not be on the list. Return

$$
\\text{NDCG@}k = \\frac{\\sum_{t \\le k} \\text{rel}_t / \\log_2(t + 1)}
{\\sum_{t \\le \\min(k,\\, n_\\text{rel})} 1 / \\log_2(t + 1)},
$$

and 0 if nothing was wanted. `ndcg([1, 0, 1, 1, 0], 5, 4)` is 0.754.
""",
    starter='''
def ndcg(rel, k, n_rel):
    """NDCG of the first k places; n_rel films were wanted."""
    ...
''',
    cases=_hit_cases,
    expected=lambda rel, k, n_rel: metrics.ndcg_at_k(*_ids(rel, n_rel), k),
    agree=lambda seen, want, rel, k, n_rel: abs(float(seen) - float(want)) < 1e-9,
    mistakes=[
        Mistake(
            "nothing_wanted",
            lambda seen, want, rel, k, n_rel: n_rel == 0 and not float(seen) == 0,
            "Where nothing was wanted the ideal is 0: return 0 before you divide.",
        ),
        Mistake(
            "ideal_of_the_found",
            lambda seen, want, rel, k, n_rel: (
                rel.any()
                and abs(float(seen) - _dcg(rel, k) / max(_dcg(-np.sort(-rel), k), 1e-12)) < 1e-9
            ),
            "Your ideal sorts the list itself. Films that were wanted and are not on the list "
            "belong into the ideal too: it has min(k, n_rel) hits.",
        ),
        Mistake(
            "ideal_not_cut",
            _near(lambda rel, k, n_rel: _dcg(rel, k) / _dcg(np.ones(n_rel), n_rel)),
            "The ideal list has only k places: no more than k hits fit.",
        ),
        Mistake(
            "ideal_full",
            _near(lambda rel, k, n_rel: _dcg(rel, k) / _dcg(np.ones(k), k)),
            "Your ideal has a hit at every place. Only n_rel films were wanted.",
        ),
        Mistake(
            "log_of_the_place",
            _near(
                lambda rel, k, n_rel: (
                    (rel[:k] / np.log2(np.maximum(np.arange(1, len(rel[:k]) + 1), 2))).sum()
                    / (1 / np.log2(np.maximum(np.arange(1, min(k, n_rel) + 1), 2))).sum()
                )
            ),
            "Your first two places count the same. The discount is log₂(t + 1), with t from 1.",
        ),
        Mistake(
            "not_normalized",
            _near(lambda rel, k, n_rel: _dcg(rel, k)),
            "That is the DCG. Divide it by the DCG of the best possible list.",
        ),
    ],
    properties=[
        Property(
            "more_wanted",
            "it does not grow when more films were wanted",
            lambda ndcg, rel, k, n_rel: (
                n_rel == 0 or float(ndcg(rel, k, n_rel + 1)) <= float(ndcg(rel, k, n_rel)) + 1e-9
            ),
            "The numerator stays, the ideal can only grow.",
        ),
    ],
    hints=[
        "Write a small function for the DCG of any list of 0 and 1 first, and use it twice.",
        "Cut the list first: rel = np.asarray(rel)[:k]. The discounts are "
        "1 / np.log2(np.arange(2, len(rel) + 2)).",
        "The ideal list is np.ones(min(k, n_rel)).",
    ],
    why_it_matters=(
        "Published code disagrees on the ideal: sorting only what was found makes every list look "
        "better, and most of all the lists that found least."
    ),
)


def _precisions(rel, k):
    rel = np.asarray(rel)[:k]
    return rel, np.cumsum(rel) / np.arange(1, len(rel) + 1)


def _ap_sum(rel, k):
    rel, precision = _precisions(rel, k)
    return float(rel @ precision)


ap_by_you = Function(
    title="Average precision",
    task="""
Write `average_precision(rel, k, n_rel)` for the same `rel`, `k` and `n_rel`: the sum of the
precision at each place that has a hit, over the first `k` places, divided by
$\\min(k,\\, n_\\text{rel})$. If nothing was wanted, return 0.

`average_precision([1, 0, 1, 1, 0], 5, 4)` is 0.604.
""",
    starter='''
def average_precision(rel, k, n_rel):
    """Average precision of the first k places; n_rel films were wanted."""
    ...
''',
    cases=_hit_cases,
    expected=lambda rel, k, n_rel: metrics.average_precision(*_ids(rel, n_rel), k),
    agree=lambda seen, want, rel, k, n_rel: abs(float(seen) - float(want)) < 1e-9,
    mistakes=[
        Mistake(
            "nothing_wanted",
            lambda seen, want, rel, k, n_rel: n_rel == 0 and not float(seen) == 0,
            "Where nothing was wanted you divide by 0: return 0 first.",
        ),
        Mistake(
            "over_the_found",
            _near(lambda rel, k, n_rel: _ap_sum(rel, k) / max(int(rel[:k].sum()), 1)),
            "You divide by the number of hits that were found. Those that were missed count too, "
            "with 0: divide by min(k, n_rel).",
        ),
        Mistake(
            "over_all_wanted",
            _near(lambda rel, k, n_rel: _ap_sum(rel, k) / n_rel),
            "With more films wanted than places, even a perfect list would stay below 1. Divide by "
            "min(k, n_rel).",
        ),
        Mistake(
            "over_k",
            _near(lambda rel, k, n_rel: _ap_sum(rel, k) / k),
            "You divide by k. Only min(k, n_rel) hits are possible.",
        ),
        Mistake(
            "all_places",
            _near(lambda rel, k, n_rel: float(_precisions(rel, k)[1].sum()) / min(k, n_rel)),
            "You add up the precision at every place. Only places with a hit count.",
        ),
    ],
    properties=[
        Property(
            "tail",
            "misses added at the end change nothing",
            lambda ap, rel, k, n_rel: (
                abs(float(ap(np.append(rel, [0, 0]), k, n_rel)) - float(ap(rel, k, n_rel))) < 1e-9
            ),
            "A place without a hit adds nothing, and does not count.",
        ),
    ],
    hints=[
        "np.cumsum(rel) counts the hits so far; divided by 1, 2, 3, … it is the precision so far.",
        "Multiply with rel, so that only places with a hit are added up.",
        "rel = np.asarray(rel)[:k]; precision = np.cumsum(rel) / np.arange(1, len(rel) + 1); then "
        "(rel * precision).sum() / min(k, n_rel).",
    ],
    why_it_matters=(
        "Three divisors are in use under this one name. Before you compare your number with a "
        "paper's, find out which of them it has."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _sampled_cases():
    yield 70, 5000, 1000, 10
    yield 1, 5000, 100, 10  # nothing is ahead of it
    yield 5000, 5000, 100, 10  # everything is
    yield 28, 5000, 100, 1
    yield 3, 10, 2, 5  # fewer rivals than places
    yield 2, 2, 1, 1
    rng = np.random.default_rng(5)
    for _ in range(25):
        n = int(rng.integers(20, 3000))
        yield int(rng.integers(1, n + 1)), n, int(rng.integers(5, 150)), int(rng.integers(1, 12))


def _binomial(p, m, j):
    """P(fewer than j of m), by the recursion over the draws."""
    chance = np.zeros(max(j, 1))
    chance[0] = 1.0
    for _ in range(m):
        chance[1:] = chance[1:] * (1 - p) + chance[:-1] * p
        chance[0] *= 1 - p
    return float(chance[:j].sum())


def _about(value):
    return lambda seen, want, rank, n, m, k: (
        abs(float(want) - value(rank, n, m, k)) > 1e-6
        and abs(float(seen) - value(rank, n, m, k)) < 1e-6
    )


sampled = Function(
    title="The sampled hit",
    task="""
The wanted film has rank `rank` among `n` films: $\\text{rank} - 1$ of the $n - 1$ others score
above it. A test draws `m` of the others, each draw from all $n - 1$ (so a film can be drawn twice),
and calls it a hit if *fewer than* `k` of the drawn ones score above the wanted film.

Write `sampled_hit(rank, n, m, k)`, the probability of a hit. It is exact: do not simulate. Rank 70
of 5,000 against 1,000 drawn films is a hit at 10 with probability 0.117; rank 1 always is.
""",
    starter='''
from math import comb


def sampled_hit(rank, n, m, k):
    """P(fewer than k of the m drawn films score above the wanted one)."""
    ...
''',
    cases=_sampled_cases,
    expected=lambda rank, n, m, k: metrics.sampled_hit_rate([rank], n, m, k),
    agree=lambda seen, want, rank, n, m, k: abs(float(seen) - float(want)) < 1e-6,
    mistakes=[
        Mistake(
            "one_too_many",
            _about(lambda rank, n, m, k: _binomial((rank - 1) / (n - 1), m, k + 1)),
            "You count k films ahead as a hit too. With k ahead the wanted film stands at k + 1.",
        ),
        Mistake(
            "rank_not_less_one",
            _about(lambda rank, n, m, k: _binomial(rank / n, m, k)),
            "One draw is ahead with probability (rank − 1) / (n − 1): the wanted film is not among "
            "the others.",
        ),
        Mistake(
            "exactly_k",
            _about(
                lambda rank, n, m, k: (
                    _binomial((rank - 1) / (n - 1), m, k)
                    - _binomial((rank - 1) / (n - 1), m, k - 1)
                )
            ),
            "That is the probability of exactly k − 1 ahead. Add up 0, 1, …, k − 1.",
        ),
        Mistake(
            "on_average",
            lambda seen, want, rank, n, m, k: (
                float(seen) in (0.0, 1.0)
                and 1e-6 < float(want) < 1 - 1e-6
                and float(seen) == (m * (rank - 1) / (n - 1) < k)
            ),
            "You ask whether the expected number ahead is below k. Chance varies round it: add up "
            "the binomial probabilities.",
        ),
    ],
    properties=[
        Property(
            "longer_list",
            "a longer list makes a hit likelier",
            lambda hit, rank, n, m, k: (
                float(hit(rank, n, m, k + 1)) >= float(hit(rank, n, m, k)) - 1e-9
            ),
            "Fewer than k + 1 includes fewer than k.",
        ),
    ],
    hints=[
        "Each draw is ahead with p = (rank − 1) / (n − 1), whatever the others are.",
        "So the number ahead is binomial: P(j) = comb(m, j) · p^j · (1 − p)^(m − j).",
        "Add it up over j from 0 to min(k, m + 1) − 1.",
    ],
    why_it_matters=(
        "This is what a report of “HR@10 with 100 negatives” measures: with 5,000 films it can "
        "hardly tell rank 2 from rank 200. The order of two systems can turn with m alone."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _arm_cases():
    yield 0.05, 0.02
    yield 0.05, 0.01
    yield 0.2, 0.1
    yield 0.01, 0.5
    yield 0.5, 0.05
    rng = np.random.default_rng(8)
    for _ in range(20):
        yield round(float(rng.uniform(0.01, 0.6)), 3), round(float(rng.uniform(0.005, 0.3)), 3)


def _around(value):
    return lambda seen, want, ctr, lift: (
        abs(float(seen) - value(ctr, lift)) < 1e-3 * value(ctr, lift) + 1
        and abs(float(want) - value(ctr, lift)) > 2
    )


arms = Function(
    title="How many visitors?",
    task="""
Write `n_per_arm(ctr, lift)`: how many visitors each arm of an A/B test needs. Clicks come at the
rate `ctr`, and a change is expected to raise it by the share `lift` of itself. Use

$$
n = \\frac{2\\,(z + z')^2\\, p\\,(1 - p)}{\\delta^2},
$$

with $p$ = `ctr` for both arms, $\\delta$ the *absolute* difference of the rates, $z = 1.96$
(two-sided test at 5 %) and $z' = 0.8416$ (80 % of true effects are found). For 5 % and 2 %
it is 745,651.
""",
    starter='''
def n_per_arm(ctr, lift):
    """Visitors that each of the two arms needs."""
    ...
''',
    cases=_arm_cases,
    expected=lambda ctr, lift: float(metrics.n_per_arm(ctr, lift)),
    agree=lambda seen, want, ctr, lift: abs(float(seen) - float(want)) <= 1,
    mistakes=[
        Mistake(
            "lift_as_difference",
            _around(lambda p, lift: 2 * 2.8016**2 * p * (1 - p) / lift**2),
            "The lift is a share of the rate. The difference of the rates is δ = ctr · lift.",
        ),
        Mistake(
            "one_arm",
            _around(lambda p, lift: 2.8016**2 * p * (1 - p) / (p * lift) ** 2),
            "The factor 2 is missing: both arms are uncertain.",
        ),
        Mistake(
            "no_power",
            _around(lambda p, lift: 2 * 1.96**2 * p * (1 - p) / (p * lift) ** 2),
            "Without z' the test would miss a true effect every second time.",
        ),
        Mistake(
            "not_squared",
            _around(lambda p, lift: 2 * 2.8016 * p * (1 - p) / (p * lift) ** 2),
            "The sum z + z' is squared.",
        ),
        Mistake(
            "deviation",
            _around(lambda p, lift: 2 * 2.8016**2 * np.sqrt(p * (1 - p)) / (p * lift) ** 2),
            "p (1 − p) is the variance, and it is not rooted here.",
        ),
    ],
    properties=[
        Property(
            "half_the_lift",
            "half the lift takes four times as many visitors",
            lambda n, ctr, lift: (
                abs(float(n(ctr, lift / 2)) / float(n(ctr, lift)) - 4) < 2 / float(n(ctr, lift)) * 5
            ),
            "δ stands squared below the line.",
        ),
    ],
    hints=[
        "First δ: with 5 % and a lift of 2 % it is 0.05 · 0.02 = 0.001.",
        "(1.96 + 0.8416)² = 7.849.",
        "2 * 2.8016**2 * ctr * (1 - ctr) / (ctr * lift)**2.",
    ],
    why_it_matters=(
        "One and a half million visitors for a lift of 2 % of 5 %. Most improvements of a mature "
        "system are smaller, so few of them can be seen by a small site at all."
    ),
)

# --- 6 ------------------------------------------------------------------------------------------


def _paired_cases():
    yield np.array([0.5, 0.7, 0.2, 0.9]), np.array([0.4, 0.6, 0.1, 0.8])  # always 0.1 better
    yield np.array([1.0, 0.0]), np.array([0.0, 1.0])
    yield np.array([0.3, 0.3, 0.3]), np.array([0.3, 0.3, 0.3])
    rng = np.random.default_rng(4)
    for case in range(20):
        member = rng.random(5 + 4 * case)
        a = np.clip(member + rng.normal(0.03, 0.1, len(member)), 0, 1)
        b = np.clip(member + rng.normal(0, 0.1, len(member)), 0, 1)
        yield a, b


def _interval(mean, error):
    return np.array([mean - 1.96 * error, mean + 1.96 * error])


def _error(values, ddof=1):
    return np.std(values, ddof=ddof) / np.sqrt(len(values))


def _looks_like(value):
    return lambda seen, want, a, b: (
        np.allclose(seen, value(a, b), atol=1e-6) and not np.allclose(want, value(a, b), atol=1e-6)
    )


paired = Function(
    title="Member by member",
    task="""
Two recommenders were tested on the same members. `a[i]` and `b[i]` are the recalls of member `i`.
Write `paired_interval(a, b)`, which returns the two ends `(low, high)` of the 95 % interval of the
mean difference $a - b$: the mean of the differences, less and plus 1.96 standard errors. The
standard error is the standard deviation of the differences (with $N - 1$) divided by $\\sqrt N$.

If `a` is better by exactly 0.1 for each of the members, both ends are 0.1.
""",
    starter='''
def paired_interval(a, b):
    """(low, high) of the mean of a − b, over the members."""
    ...
''',
    cases=_paired_cases,
    expected=lambda a, b: _interval(np.mean(a - b), _error(a - b)),
    agree=lambda seen, want, a, b: np.allclose(seen, want, atol=1e-6),
    mistakes=[
        Mistake(
            "unpaired",
            _looks_like(
                lambda a, b: _interval(np.mean(a) - np.mean(b), np.hypot(_error(a), _error(b)))
            ),
            "You add the doubts of both, as if different members had been asked. Take the "
            "difference of each member first, and its standard deviation.",
        ),
        Mistake(
            "no_root_n",
            _looks_like(lambda a, b: _interval(np.mean(a - b), np.std(a - b, ddof=1))),
            "That is how far single members spread. The mean of N members is √N times as sure.",
        ),
        Mistake(
            "divided_by_n",
            _looks_like(lambda a, b: _interval(np.mean(a - b), np.std(a - b, ddof=1) / len(a))),
            "Divide by √N, not by N.",
        ),
        Mistake(
            "population",
            _looks_like(lambda a, b: _interval(np.mean(a - b), _error(a - b, ddof=0))),
            "Divide the sum of squares by N − 1 (ddof=1): the mean was estimated too.",
        ),
        Mistake(
            "one_error",
            _looks_like(lambda a, b: np.mean(a - b) + np.array([-1, 1]) * _error(a - b)),
            "That is one standard error to each side. 95 % take 1.96 of them.",
        ),
    ],
    properties=[
        Property(
            "turned",
            "exchanging a and b turns the interval round",
            lambda f, a, b: np.allclose(np.array(f(b, a)), -np.array(f(a, b))[::-1], atol=1e-9),
            "The differences change their sign, and with them both ends.",
        ),
    ],
    hints=[
        "One line makes the differences: gap = a − b. From there on only gap is needed.",
        "error = gap.std(ddof=1) / np.sqrt(len(gap)).",
        "return gap.mean() - 1.96 * error, gap.mean() + 1.96 * error.",
    ],
    why_it_matters=(
        "Members differ far more than recommenders do. Paired, that difference cancels: in the "
        "chapter 200 members decide what two separate intervals leave open at 751."
    ),
)

# --- 7 ------------------------------------------------------------------------------------------

_TRUTH = np.array([5.0, 4, 3, 2, 1])


def _shelf_ndcg(predicted):
    order = np.argsort(-predicted, kind="stable")
    gains = 2**_TRUTH - 1
    return _dcg_of(gains[order]) / _dcg_of(gains)


def _dcg_of(gains):
    return float(gains @ (1 / np.log2(np.arange(2, len(gains) + 2))))


def _says_errors(a, b):
    return (
        f"RMSE: a {metrics.rmse(_TRUTH, a):.2f}, b {metrics.rmse(_TRUTH, b):.2f}.\n"
        f"NDCG: a {_shelf_ndcg(a):.3f}, b {_shelf_ndcg(b):.3f}."
    )


worse_shelf = Search(
    title="Break it: the smaller error, the worse shelf",
    task="""
Ada gave five films 5, 4, 3, 2 and 1 stars. Find two sets of guesses, `a` and `b`, five stars each
and all between 1 and 5, such that

- the RMSE of `a` is *less than half* the RMSE of `b`,
- sorted by `b` the shelf is perfect (no ties), and sorted by `a` its NDCG is *below 0.85*.

NDCG is over all five films, with gains $2^{\\text{stars}} - 1$. Tied guesses keep the order of the
films.
""",
    starter="""
a = ...
b = ...
answer = (a, b)
""",
    parts={"a": (5,), "b": (5,)},
    says=_says_errors,
    mistakes=[
        Mistake(
            "out_of_range",
            lambda a, b: min(a.min(), b.min()) < 1 or max(a.max(), b.max()) > 5,
            "All guesses lie between 1 and 5 stars.",
        ),
        Mistake(
            "b_not_perfect",
            lambda a, b: not (np.diff(b) < 0).all(),
            "b must fall from film to film, so that the shelf is perfect.",
        ),
        Mistake(
            "a_too_good",
            lambda a, b: _shelf_ndcg(a) >= 0.85,
            "The shelf of a is still too good. Which two films cost most when they change places? "
            "Exchanging the first two gives 0.87; let the third overtake the first.",
        ),
        Mistake(
            "error_too_large",
            lambda a, b: metrics.rmse(_TRUTH, a) >= metrics.rmse(_TRUTH, b) / 2,
            "The error of a must be less than half of b's. Move the best films no farther than "
            "needed, or squeeze b more: its order may hang on hundredths of a star.",
        ),
    ],
    hints=[
        "b may be all alike but for hundredths: 3.02, 3.01, 3.00, …. Its RMSE is near √2.",
        "For a, only the first three films need to move: the 5 stars must fall below the 4 and "
        "the 3.",
        "a = 3.8, 4, 3.9, 2, 1 has the 5-star film in the third place.",
    ],
    why_it_matters=(
        "The Netflix Prize was won on RMSE. A shelf shows ten films of thousands, so most of what "
        "that error measures is never shown to anybody."
    ),
)

# --- 8 ------------------------------------------------------------------------------------------


def _marks(places, k=10):
    rel = np.zeros(k, dtype=int)
    rel[places.astype(int) - 1] = 1
    return rel


def _both(places):
    ids = _ids(_marks(places), len(places))
    return metrics.average_precision(*ids, 10), metrics.ndcg_at_k(*ids, 10)


def _bad_places(places):
    whole = np.all(places == np.round(places)) and places.min() >= 1 and places.max() <= 10
    return not whole or len(np.unique(places)) < len(places)


def _says_quarrel(a, b):
    if _bad_places(a) or _bad_places(b):
        return f"Places: a {a.tolist()}, b {b.tolist()}."
    (ap_a, ndcg_a), (ap_b, ndcg_b) = _both(a), _both(b)
    return f"AP: a {ap_a:.3f}, b {ap_b:.3f}.\nNDCG: a {ndcg_a:.3f}, b {ndcg_b:.3f}."


quarrel = Search(
    title="Break it: two metrics quarrel",
    task="""
Two lists of ten show the same four wanted films, no more were wanted. Choose the four places on
list `a` and on list `b` (whole numbers from 1 to 10, none twice) such that

- average precision calls `a` better, by at least 0.02,
- NDCG calls `b` better, by at least 0.02.
""",
    starter="""
a = ...
b = ...
answer = (a, b)
""",
    parts={"a": (4,), "b": (4,)},
    says=_says_quarrel,
    mistakes=[
        Mistake(
            "no_places",
            lambda a, b: _bad_places(a) or _bad_places(b),
            "Four different whole numbers from 1 to 10 for each list.",
        ),
        Mistake(
            "wrong_way",
            lambda a, b: _both(a)[0] <= _both(b)[0] - 0.02 and _both(a)[1] >= _both(b)[1] + 0.02,
            "They quarrel, but the other way round: exchange a and b.",
        ),
        Mistake(
            "ap_prefers_b",
            lambda a, b: _both(a)[0] < _both(b)[0] + 0.02,
            "Average precision does not prefer a by 0.02. It likes hits that stand close together: "
            "each hit helps all that follow.",
        ),
        Mistake(
            "ndcg_prefers_a",
            lambda a, b: _both(a)[1] > _both(b)[1] - 0.02,
            "NDCG does not prefer b by 0.02. It likes a hit at the first place above all.",
        ),
    ],
    hints=[
        "Let one list have a hit at place 1 and the others far down, and the other none at 1.",
        "The picture with the three films: 1, 4, 8 against 2, 3, 4. Do the same with four.",
        "b = 1, then late ones such as 6, 7, 8; a = 2, 3, 4, 5.",
    ],
    why_it_matters=(
        "There are many such pairs. So choose the metric before you see the results, and write "
        "down why: with six metrics and a free choice, nearly everyone wins something."
    ),
)

EXERCISES = [by_hand, ndcg_by_you, ap_by_you, sampled, arms, paired, worse_shelf, quarrel]
