"""The exercises of "The whole system": machines on paper, inequality, chance, and a buried film."""

from math import ceil, comb

import numpy as np

from recsys_lab import metrics
from recsys_lab.exercises import Function, Mistake, Property, Search, Value

# --- 1 ------------------------------------------------------------------------------------------

_MEMBERS, _PAGES, _PEAK, _SCORED, _PRICE, _CORES = 50e6, 8, 3, 400, 80e-6, 32


def _needed():
    rate = _PEAK * _MEMBERS * _PAGES / 86_400
    cores = rate * _SCORED * _PRICE
    return [rate, cores, ceil(cores / (_CORES / 2)), 2 * 20e6 * 2_000 / 1e9]


def _part(name, value, within=0.01):
    return lambda seen, want: abs(seen[name] / value - 1) < within


machines = Value(
    title="Machines for a stage",
    task="""
A service has 50 million members, and each opens 8 pages a day. At the busiest moment three times as
many pages are asked for as on average. For each page 400 candidates are scored, 80 µs each. A
machine has 32 cores, and you want no more than half of them busy at the peak. The scorer needs
2,000 bytes of features for each of 20 million items, and every machine that scores keeps all of
them in memory. A day has 86,400 seconds. Work out

- `rate`: pages a second at the peak (to a whole page),
- `cores`: cores that are busy scoring then (to one decimal),
- `machines`: how many machines that takes,
- `gigabytes`: how much memory a machine needs while it loads tomorrow's features beside today's
  (a gigabyte is $10^9$ bytes).
""",
    starter="""
answer = {
    "rate": ...,
    "cores": ...,
    "machines": ...,
    "gigabytes": ...,
}
""",
    names=["rate", "cores", "machines", "gigabytes"],
    expected=_needed,
    tolerance=0.5,
    mistakes=[
        Mistake(
            "mean",
            _part("rate", _MEMBERS * _PAGES / 86_400),
            "That is the rate of an average second. Members do not come evenly: take the peak.",
        ),
        Mistake(
            "one_each",
            _part("cores", _PEAK * _MEMBERS * _PAGES / 86_400 * _PRICE),
            "That scores one candidate for each page. How many are there?",
        ),
        Mistake(
            "all_busy",
            _part("machines", ceil(_needed()[1] / _CORES)),
            "That has all 32 cores of a machine busy. Half of them are to stay free: for the "
            "machine beside it that fails, and for a day that is busier than you thought.",
        ),
        Mistake(
            "not_whole",
            lambda seen, want: (
                want["machines"] - 1 <= seen["machines"] < want["machines"] - 0.1
                or seen["machines"] != round(seen["machines"])
            ),
            "Machines come whole: round up.",
        ),
        Mistake(
            "one_copy",
            _part("gigabytes", 40),
            "That is one copy. While the new table is loaded, the old one still answers.",
        ),
        Mistake(
            "shared_out",
            _part("gigabytes", 80 / _needed()[2]),
            "Every machine keeps all items, since any of them may be among the candidates.",
        ),
    ],
    hints=[
        "Pages a day, divided by the seconds of a day, times three.",
        "Each page keeps one core busy for 400 · 80 µs = 32 ms. Pages a second times seconds a "
        "page are the cores that are busy at one time.",
        "A machine may have 16 cores busy: divide and round up. And two copies of 20 million times "
        "2,000 bytes.",
    ],
    why_it_matters=(
        "Pages a second times seconds a page: most of sizing is this one product. Double the "
        "candidates, and the scorer's machines double, while the memory stays as it is."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _counts():
    yield (np.array([3.0, 3.0, 3.0]),)
    yield (np.array([0.0, 0.0, 0.0, 8.0]),)
    yield (np.array([1.0, 3.0]),)
    yield (np.array([4.0, 1.0, 3.0, 2.0]),)
    yield (np.array([7.0]),)
    yield (np.array([0.0, 0.0]),)
    rng = np.random.default_rng(2)
    for _ in range(30):
        yield (rng.integers(0, 30, rng.integers(2, 12)).astype(float),)


def _unsorted(x):
    n = len(x)
    return (2 * np.arange(1, n + 1) - n - 1) @ x / (n * x.sum())


def _against_largest(x):
    n = len(x)
    return metrics.gini(x) * n / (n - 1)


inequality = Function(
    title="How unequal is a shelf?",
    task=r"""
Write `gini(x)`, the Gini coefficient of how often each of $n$ films was shown: with the counts in
ascending order, $x_1 \le x_2 \le \dots \le x_n$,

$$
G = \frac{\sum_{i=1}^n (2i - n - 1)\, x_i}{n \sum_{i=1}^n x_i} .
$$

If all films were shown equally often it is 0; if one film took everything it is $1 - 1/n$. The
counts come in any order, and the input must not be changed. If nothing was shown at all, return 0.
""",
    starter='''
def gini(x):
    """0 if all counts are equal, 1 − 1/n if one film has them all."""
    ...
''',
    cases=_counts,
    expected=lambda x: (
        float(np.abs(x[:, None] - x).sum() / (2 * len(x) * x.sum())) if x.sum() else 0.0
    ),
    mistakes=[
        Mistake(
            "unsorted",
            lambda seen, want, x: abs(seen - _unsorted(x)) < 1e-9 and abs(seen - want) > 1e-9,
            "The formula counts from the smallest to the largest: sort first.",
        ),
        Mistake(
            "descending",
            lambda seen, want, x: want > 0 and abs(seen + want) < 1e-9,
            "The right size with the wrong sign: the counts must ascend.",
        ),
        Mistake(
            "from_zero",
            lambda seen, want, x: (
                x.sum() > 0
                and abs(seen - (2 * np.arange(len(x)) - len(x) - 1) @ np.sort(x) / len(x) / x.sum())
                < 1e-9
            ),
            "In the formula i runs from 1 to n. np.arange(n) runs from 0.",
        ),
        Mistake(
            "rescaled",
            lambda seen, want, x: abs(seen - _against_largest(x)) < 1e-9 and want > 0,
            "You made the largest value 1. A useful variant; this one ends at 1 − 1/n.",
        ),
        Mistake(
            "no_mean",
            lambda seen, want, x: want > 0 and abs(seen - want * len(x)) < 1e-9,
            "There is an n below the line as well.",
        ),
    ],
    properties=[
        Property(
            "scale",
            "it stays the same when all counts are multiplied by three",
            lambda gini, x: np.isclose(gini(3 * x), gini(x)),
            "Twice as many visitors are not more unequal: divide by the sum.",
        ),
        Property(
            "order",
            "it stays the same when the films are numbered otherwise",
            lambda gini, x: np.isclose(gini(x[::-1].copy()), gini(x)),
            "Sort a copy of the counts first.",
        ),
    ],
    hints=[
        "x = np.sort(x) gives a sorted copy, and leaves the input alone.",
        "i = np.arange(1, n + 1); the weights are 2 * i − n − 1, negative for the small counts and "
        "positive for the large.",
        "Return 0.0 before the division if x.sum() is 0.",
    ],
    why_it_matters=(
        "Watched week by week, one number tells whether the house is talking to itself. In the "
        "echo without exploration it stood at 0.90: a few films had nearly all the views."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _serve(ranked, pool, eps, coins):
    explore = coins < eps
    kept = ranked[~explore]
    free = [int(item) for item in pool if item not in kept]
    served = ranked.copy()
    served[explore] = free[: int(explore.sum())]
    return served


def _shelves():
    ranked, pool = np.array([4, 7, 1]), np.array([9, 7, 2, 4, 1, 5])
    yield ranked, pool, 0.5, np.array([0.9, 0.2, 0.8])
    yield ranked, pool, 0.0, np.array([0.0, 0.2, 0.4])
    yield ranked, pool, 1.0, np.array([0.9, 0.2, 0.8])
    yield ranked, np.array([4, 1, 9, 7]), 0.5, np.array([0.7, 0.1, 0.6])
    yield np.array([2, 3]), np.array([3, 2]), 0.5, np.array([0.3, 0.1])
    yield np.array([6]), np.array([6, 0]), 0.3, np.array([0.3])
    rng = np.random.default_rng(5)
    for _ in range(40):
        n = int(rng.integers(6, 15))
        k = int(rng.integers(1, n // 2 + 1))
        ranked = rng.permutation(n)[:k]
        yield ranked, rng.permutation(n), float(rng.choice([0.1, 0.3, 0.5, 0.8])), rng.random(k)


def _may_repeat(ranked, pool, eps, coins):
    explore = coins < eps
    served = ranked.copy()
    served[explore] = pool[: int(explore.sum())]
    return served


def _never_again(ranked, pool, eps, coins):
    explore = coins < eps
    free = [int(item) for item in pool if item not in ranked]
    served = ranked.copy()
    free = (free + [-1] * len(ranked))[: int(explore.sum())]
    served[explore] = free
    return served


def _first_slots(ranked, pool, eps, coins):
    n = int((coins < eps).sum())
    kept = ranked[n:]
    free = [int(item) for item in pool if item not in kept]
    return np.array(free[:n] + kept.tolist())


def _share(serve, ranked, pool, eps, coins):
    """Of 300 slots the share given to chance is eps, within three standard deviations."""
    k = 300
    coins = np.random.default_rng(7).random(k)
    served = np.asarray(serve(np.arange(k), np.arange(k, 2 * k), eps, coins))
    return abs((served >= k).sum() - eps * k) <= 3 * np.sqrt(eps * (1 - eps) * k) + 1e-9


serving = Function(
    title="A few slots for chance",
    task="""
Write `epsilon_serve(ranked, pool, eps, coins)`. `ranked` are the item ids of a page, best first.
`pool` are ids that may be explored, already shuffled. For every slot there is a number between 0
and 1 in `coins`: where it is *below* `eps` the slot is given to chance. All others keep their item.

Fill the slots given to chance, from top to bottom, with the first items of the pool that would not
stand on the page twice. An item that has just lost its slot may be drawn again. The pool is always
large enough. Return the ids of the page; do not change the input.

For `ranked = [4, 7, 1]`, `pool = [9, 7, 2, 4, 1, 5]`, `eps = 0.5` and `coins = [0.9, 0.2, 0.8]` the
page is `[4, 9, 1]`.
""",
    starter='''
def epsilon_serve(ranked, pool, eps, coins):
    """The page: each slot keeps its item, or goes to chance where its coin is below eps."""
    ...
''',
    cases=_shelves,
    expected=_serve,
    mistakes=[
        Mistake(
            "twice",
            lambda seen, want, *args: (
                np.array_equal(seen, _may_repeat(*args)) and len(set(seen.tolist())) < len(seen)
            ),
            "An item stands on the page twice. Draw only from what keeps no slot of its own.",
        ),
        Mistake(
            "never_again",
            lambda seen, want, *args: np.array_equal(seen, _never_again(*args)),
            "An item that lost its slot is in the lottery like the others. Only those that keep "
            "their slot are out.",
        ),
        Mistake(
            "turned",
            lambda seen, want, ranked, pool, eps, coins: np.array_equal(
                seen, _serve(ranked, pool, 1.0 - eps, 1.0 - coins)
            ),
            "The slots are the other way round: chance has those whose coin is *below* eps.",
        ),
        Mistake(
            "first_slots",
            lambda seen, want, *args: np.array_equal(seen, _first_slots(*args)),
            "The right number of slots, but not the right ones: each coin belongs to its own slot.",
        ),
    ],
    properties=[
        Property(
            "share",
            "of 300 slots the share given to chance is eps, within three standard deviations",
            _share,
            "One comparison a slot: coins < eps.",
        ),
    ],
    hints=[
        "explore = coins < eps is a mask of the slots. What keeps its slot is ranked[~explore].",
        "The lottery: [item for item in pool if item not in ranked[~explore]], in the order of the "
        "pool.",
        "Copy ranked, and write the first explore.sum() items of the lottery into copy[explore].",
    ],
    why_it_matters=(
        "A few lines, and every item has a known chance to be seen by everybody. Without it nobody "
        "can say what the films that were not shown would have done."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _worth(favourite, shown, clicked, policy, n_items, eps):
    chance = np.where(shown == favourite, 1 - eps + eps / n_items, eps / n_items)
    return float(np.mean(np.where(shown == policy, clicked / chance, 0.0)))


def _logs():
    yield (
        np.array([0, 0, 0, 0]),
        np.array([0, 0, 1, 0]),
        np.array([1, 0, 1, 1]),
        np.array([1, 1, 1, 1]),
        2,
        0.5,
    )
    yield np.array([0, 1]), np.array([0, 1]), np.array([1, 1]), np.array([0, 1]), 4, 0.2
    yield np.array([2, 2, 2]), np.array([2, 2, 2]), np.array([1, 0, 1]), np.array([0, 0, 0]), 3, 0.3
    rng = np.random.default_rng(11)
    for _ in range(30):
        n, views = int(rng.integers(2, 6)), int(rng.integers(5, 40))
        eps = float(rng.choice([0.1, 0.25, 0.5, 1.0]))
        favourite = rng.integers(0, n, views)
        shown = np.where(rng.random(views) < eps, rng.integers(0, n, views), favourite)
        clicked = (rng.random(views) < 0.4).astype(int)
        yield favourite, shown, clicked, rng.integers(0, n, views), n, eps


def _long_run(worth, *args):
    """On a long log the estimate is close to what the policy earns."""
    rng = np.random.default_rng(1)
    views, n, eps = 60_000, 4, 0.4
    rate = np.array([0.6, 0.2, 0.5, 0.3])
    favourite = np.zeros(views, dtype=int)
    shown = np.where(rng.random(views) < eps, rng.integers(0, n, views), favourite)
    clicked = (rng.random(views) < rate[shown]).astype(int)
    return all(
        abs(worth(favourite, shown, clicked, np.full(views, j), n, eps) - rate[j]) < 0.04
        for j in range(n)
    )


off_policy = Function(
    title="What would the other page have earned?",
    task=r"""
A house has one place. For every view $t$ it takes the film its model likes best, `favourite[t]`,
or, with chance `eps`, one of the `n_items` films drawn at random (the favourite may be drawn too).
The log holds `shown[t]` and `clicked[t]`, 0 or 1.

A colleague proposes another model. For the same views it would have shown `policy[t]`. Nobody needs
to try it: write `worth(favourite, shown, clicked, policy, n_items, eps)`, the estimate of its
clicks per view

$$
\hat V = \frac1N \sum_{t=1}^N \frac{[\,\text{shown}_t = \text{policy}_t\,]\;\text{clicked}_t}{p_t} ,
$$

where $p_t$ is the chance with which the house showed what it showed, and the bracket is 1 where the
two agree and 0 elsewhere.
""",
    starter='''
def worth(favourite, shown, clicked, policy, n_items, eps):
    """Clicks per view that the policy would have earned, estimated from the log."""
    ...
''',
    cases=_logs,
    expected=_worth,
    mistakes=[
        Mistake(
            "no_weights",
            lambda seen, want, favourite, shown, clicked, policy, n, eps: (
                abs(seen - np.mean((shown == policy) * clicked)) < 1e-9
            ),
            "You counted the clicks where the two agree. Each must be divided by the chance that "
            "this film was shown: rare showings stand for many.",
        ),
        Mistake(
            "agreeing_only",
            lambda seen, want, favourite, shown, clicked, policy, n, eps: (
                abs(seen - clicked[shown == policy].mean()) < 1e-9
            ),
            "That is the click rate of the views on which the two agree, which are those that the "
            "old model liked. Divide by all N views, and each click by its chance.",
        ),
        Mistake(
            "favourite_drawn",
            lambda seen, want, favourite, shown, clicked, policy, n, eps: (
                abs(
                    seen
                    - np.mean(
                        (shown == policy)
                        * clicked
                        / np.where(shown == favourite, 1 - eps if eps < 1 else 1, eps / n)
                    )
                )
                < 1e-9
            ),
            "The favourite has two ways onto the page: it is kept, or it is drawn. Add them up.",
        ),
        Mistake(
            "eps_alone",
            lambda seen, want, favourite, shown, clicked, policy, n, eps: (
                abs(
                    seen
                    - np.mean(
                        (shown == policy)
                        * clicked
                        / np.where(shown == favourite, 1 - eps + eps / n, eps)
                    )
                )
                < 1e-9
            ),
            "eps is the chance that some film is drawn. That it is this one of n_items has the "
            "chance eps / n_items.",
        ),
    ],
    properties=[
        Property(
            "long_run",
            "on a log of 60,000 views it comes close to what each film really earns",
            _long_run,
            "Work the chance of a favourite and of any other film out once more, by hand.",
        ),
    ],
    hints=[
        "The chance of any one film to be drawn is eps / n_items. The favourite has 1 − eps more.",
        "p = np.where(shown == favourite, 1 - eps + eps / n_items, eps / n_items)",
        "np.mean((shown == policy) * clicked / p): views on which the two differ count 0, and "
        "are counted.",
    ],
    why_it_matters=(
        "One log with known chances answers for any policy, also for one that is thought of next "
        "year. The price is its spread: the rarer a film was shown, the wilder its estimate."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _losses(liked, stages):
    still = set(liked.tolist())
    lost = []
    for items in stages:
        gone = still - set(np.asarray(items).tolist())
        lost.append(len(gone))
        still -= gone
    return np.array([*lost, len(still)])


def _chains():
    liked = np.array([1, 4, 6, 9])
    yield liked, [np.array([1, 4, 6, 2, 3]), np.array([4, 2, 1]), np.array([4, 2])]
    yield liked, [np.array([0, 2, 3]), np.array([2, 3])]
    yield liked, [liked.copy(), liked.copy()]
    yield np.zeros(0, dtype=int), [np.array([1, 2]), np.array([1])]
    yield liked, [np.array([1, 4, 6]), np.array([1, 4, 6])]
    rng = np.random.default_rng(6)
    for _ in range(40):
        n = int(rng.integers(6, 20))
        liked = rng.permutation(n)[: rng.integers(1, n // 2 + 1)]
        items, stages = rng.permutation(n), []
        for _ in range(int(rng.integers(2, 5))):
            items = items[: max(1, int(len(items) * rng.uniform(0.4, 0.9)))]
            stages.append(rng.permutation(items))
        yield liked, stages


def _each_alone(liked, stages):
    lost = [len(liked) - int(np.isin(liked, items).sum()) for items in stages]
    return np.array([*lost, int(np.isin(liked, stages[-1]).sum())])


who_lost_it = Function(
    title="Which stage lost them?",
    task="""
For each page the house keeps what left each stage. Write `losses(liked, stages)`. `liked` are the
ids of the items the member would like; `stages` is a list of arrays of ids, one for each stage, in
the order of the pipeline. (No stage brings in anything that the one before did not let through.)

Return an array with one number more than there are stages: how many liked items each stage lost,
and last how many arrived on the page.

With `liked = [1, 4, 6, 9]` and stages `[1, 4, 6, 2, 3]`, `[4, 2, 1]`, `[4, 2]` that is
`[1, 1, 1, 1]`.
""",
    starter='''
def losses(liked, stages):
    """How many liked items each stage lost, and how many arrived."""
    ...
''',
    cases=_chains,
    expected=_losses,
    mistakes=[
        Mistake(
            "each_alone",
            lambda seen, want, liked, stages: np.array_equal(seen, _each_alone(liked, stages)),
            "An item that an early stage lost is missing in all later ones too. Charge it to the "
            "first stage in which it is missing.",
        ),
        Mistake(
            "all_items",
            lambda seen, want, liked, stages: (
                len(seen) == len(want)
                and any(
                    seen[t] == len(stages[t - 1]) - len(stages[t]) != want[t]
                    for t in range(1, len(stages))
                )
            ),
            "You counted everything that a stage dropped. Only what the member would like is lost.",
        ),
        Mistake(
            "kept",
            lambda seen, want, liked, stages: (
                len(seen) == len(stages)
                and np.array_equal(seen, [np.isin(liked, items).sum() for items in stages])
            ),
            "Those are the liked items that each stage kept. What was lost is the difference from "
            "one stage to the next.",
        ),
        Mistake(
            "no_arrivals",
            lambda seen, want, liked, stages: np.array_equal(seen, want[:-1]),
            "The losses are right. Add how many arrived.",
        ),
    ],
    properties=[
        Property(
            "sum",
            "losses and arrivals add up to the number of liked items",
            lambda losses, liked, stages: np.sum(losses(liked, stages)) == len(liked),
            "Every liked item is lost once or arrives.",
        ),
    ],
    hints=[
        "How many liked items are left after each stage? np.isin(liked, items).sum().",
        "Put len(liked) in front of those numbers, and take the differences.",
        "left = [len(liked), ...]; the losses are left[t] − left[t + 1], and the last of left is "
        "what arrived.",
    ],
    why_it_matters=(
        "One row of numbers a week, and nobody has to guess which team should work on what. A "
        "change that moves the wrong column is found on the day it is made."
    ),
)

# --- 6 ------------------------------------------------------------------------------------------

_RATES = np.array([0.2, 0.25, 0.3, 0.4])
_ROUNDS, _VIEWERS, _LIKELY = 100, 10, 0.05


def _at_most(clicks, views, rate):
    clicks, views = int(clicks), int(views)
    return sum(comb(views, j) * rate**j * (1 - rate) ** (views - j) for j in range(clicks + 1))


def _times_shown(shown, clicks):
    """How often the best film is shown in a hundred rounds in which everyone is average."""
    shown, clicks, times = shown.astype(float), clicks.astype(float), 0
    for _ in range(_ROUNDS):
        film = int(np.argmax((clicks + 1) / (shown + 5)))
        shown[film] += _VIEWERS
        clicks[film] += _VIEWERS * _RATES[film]
        times += film == 3
    return times


def _log_says(shown, clicks):
    if not _a_log(shown, clicks):
        return "the log is not possible"
    estimates = (clicks + 1) / (shown + 5)
    return (
        f"estimates at the start: {', '.join(f'{e:.3f}' for e in estimates)}\n"
        f"so few clicks on the best film, or fewer: chance {_at_most(clicks[3], shown[3], 0.4):.3f}"
        f"\n"
        f"rounds in which the best film is shown: {_times_shown(shown, clicks)} of {_ROUNDS}"
    )


def _a_log(shown, clicks):
    whole = np.array_equal(shown, np.round(shown)) and np.array_equal(clicks, np.round(clicks))
    return bool(whole and (shown >= 1).all() and (clicks >= 0).all() and (clicks <= shown).all())


buried = Search(
    title="Bury the best film",
    task="""
Four films have the true click rates 0.2, 0.25, 0.3 and 0.4. The house has one place, and always
shows the film with the largest estimate (clicks + 1) / (shown + 5). Ten viewers see it in each
round, and from now on all are perfectly average: a film with rate 0.3 gets exactly 3 clicks.

Find a log to start from, `shown` and `clicks` of the four films, after which the best film is not
shown *once* in the next hundred rounds. The log must be an ordinary one:

- each film was shown 1 to 20 times, and was clicked no more often than shown;
- the best film's bad luck is nothing special: a chance of 5 % or more for so few clicks, or fewer.
""",
    starter="""
shown = [10, 10, 10, 10]
clicks = [..., ..., ..., ...]
answer = (shown, clicks)
""",
    parts={"shown": (4,), "clicks": (4,)},
    says=_log_says,
    mistakes=[
        Mistake(
            "no_log",
            lambda shown, clicks: not _a_log(shown, clicks) or shown.max() > 20,
            "Both are whole numbers: each film shown 1 to 20 times, and clicked no more often than "
            "shown.",
        ),
        Mistake(
            "too_unlucky",
            lambda shown, clicks: _at_most(clicks[3], shown[3], 0.4) < _LIKELY,
            "Such bad luck is rare. Fewer viewers make it common: of five, all stay away in one "
            "case of thirteen.",
        ),
        Mistake(
            "comes_back",
            lambda shown, clicks: (
                _times_shown(shown, clicks) > 0 and np.argmax((clicks + 1) / (shown + 5)) != 3
            ),
            "It comes back: the film on the place falls to its true rate, and that lies below the "
            "estimate of the best film. Bury that estimate deeper, or let a better film hold the "
            "place.",
        ),
        Mistake(
            "on_top",
            lambda shown, clicks: _times_shown(shown, clicks) > 0,
            "The best film starts on top, or gets there. Give it fewer clicks.",
        ),
    ],
    hints=[
        "A film that is shown moves towards its own rate, a film that is not shown stays where it "
        "is. Where must the best film's estimate lie?",
        "Below 0.3, if the film of rate 0.3 holds the place and never falls below. Its estimate "
        "needs no luck at all.",
        "Show the best film five times without a click: the estimate is 1/10, and the chance of it "
        "0.6⁵ = 0.078. Let the others have about what they deserve.",
    ],
    why_it_matters=(
        "Nobody was biased and nothing broke: five viewers stayed away, and a film that four in "
        "ten would click is gone for good. A few places left to chance would bring it back."
    ),
)

EXERCISES = [machines, inequality, serving, off_policy, who_lost_it, buried]
