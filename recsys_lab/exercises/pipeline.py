"""The exercises of "Three stages": from two shares by hand to a page spoiled by more choice."""

from dataclasses import dataclass

import numpy as np

from recsys_lab import pipeline as stages
from recsys_lab.exercises import Function, Mistake, Property, Search, Value

# --- 1 ------------------------------------------------------------------------------------------


def _of_the_net():
    retrieved, relevant, room = 8, 5, 4
    hits = 3
    return [hits / relevant, hits / retrieved, min(hits, room) / relevant, min(hits, room) / room]


def _near(part, value):
    return lambda seen, want: abs(seen[part] - value) < 2e-3


by_hand = Value(
    title="Two shares and a ceiling",
    task="""
A house shows 20 films. Gil would like exactly five of them. The first stage keeps eight films for
him, and three of those are films he would like. The page has room for four films, chosen from the
eight by the later stages. Work out

- `recall`: the recall of the first stage,
- `precision`: the precision of the first stage,
- `page_recall`: the highest recall the *page* can have, whatever the later stages do,
- `page_precision`: the highest precision the page can have, if all four places must be filled.
""",
    starter="""
answer = {
    "recall": ...,
    "precision": ...,
    "page_recall": ...,
    "page_precision": ...,
}
""",
    names=["recall", "precision", "page_recall", "page_precision"],
    expected=_of_the_net,
    mistakes=[
        Mistake(
            "swapped",
            lambda seen, want: (
                abs(seen["recall"] - want["precision"]) < 2e-3
                and abs(seen["precision"] - want["recall"]) < 2e-3
            ),
            "These two have changed places: recall divides by what he would like, precision by "
            "what was kept.",
        ),
        Mistake(
            "of_the_house",
            lambda seen, want: any(abs(share - 3 / 20) < 2e-3 for share in seen.values()),
            "The 20 films of the house stand below neither share: recall asks about the films he "
            "would like, precision about the films that were kept.",
        ),
        Mistake(
            "room_only",
            _near("page_recall", 4 / 5),
            "The page has four places, but only three films that he would like have come so far.",
        ),
        Mistake(
            "all_places",
            _near("page_precision", 1),
            "Four places and three films he would like: what stands in the fourth place?",
        ),
        Mistake(
            "whole_net",
            _near("page_precision", 3 / 8),
            "The later stages may choose the best four of the eight: divide by the places of the "
            "page.",
        ),
    ],
    hints=[
        "Both shares have the same number on top: the three films that he would like and that "
        "were kept.",
        "Recall divides it by the five he would like, precision by the eight that were kept.",
        "A perfect second stage puts those three on the page, and one more film in the fourth "
        "place. How many of five, how many of four?",
    ],
    why_it_matters=(
        "The later stages can double the precision, from 0.375 to 0.75, and they cannot add a "
        "hundredth to the recall. That is why a first stage is measured by its recall."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _ceiling_cases():
    empty = np.zeros(0, dtype=int)
    yield np.array([3, 1, 4, 0, 7]), np.array([1, 4, 9])
    yield np.array([2, 5]), np.array([5, 2])
    yield np.array([2, 5]), np.array([8])
    yield np.array([6]), np.array([1, 6, 2, 3])
    yield empty, np.array([1, 2])
    yield np.array([1, 2]), empty
    rng = np.random.default_rng(0)
    for _ in range(50):
        n = int(rng.integers(3, 30))
        retrieved, relevant = (rng.permutation(n)[: rng.integers(1, n + 1)] for _ in range(2))
        yield retrieved, relevant


def _ceiling(retrieved, relevant):
    return float(stages.recall_ceiling(retrieved, relevant))


def _caught(retrieved, relevant):
    return len(set(retrieved.tolist()) & set(relevant.tolist()))


def _caps(ceiling, retrieved, relevant):
    """No page made of the retrieved items has a higher recall."""
    if not len(relevant):
        return True
    rng = np.random.default_rng(len(retrieved))
    cap = ceiling(retrieved, relevant)
    for _ in range(3):
        page = rng.permutation(retrieved)[: rng.integers(0, len(retrieved) + 1)]
        if _caught(page, relevant) / len(relevant) > cap + 1e-9:
            return False
    return True


ceiling = Function(
    title="The ceiling in one line",
    task="""
Write `recall_ceiling(retrieved, relevant)`: the highest recall that any later stage can reach when
the first stage has kept the items `retrieved`. Both are arrays of item ids without repetition, in
any order; `relevant` are all the items the member would like.

If there is nothing the member would like, there is nothing to find: return 0.
""",
    starter='''
def recall_ceiling(retrieved, relevant):
    """Share of the relevant items that were retrieved."""
    ...
''',
    cases=_ceiling_cases,
    expected=_ceiling,
    mistakes=[
        Mistake(
            "count",
            lambda seen, want, retrieved, relevant: (
                seen == _caught(retrieved, relevant) and len(relevant) > 1
            ),
            "That counts the films. A recall is a share: divide by the number of relevant items.",
        ),
        Mistake(
            "precision",
            lambda seen, want, retrieved, relevant: (
                abs(seen - _caught(retrieved, relevant) / max(len(retrieved), 1)) < 1e-9
                and len(relevant) > 0
            ),
            "You divided by what was retrieved: that is the precision. Divide by what there was "
            "to find.",
        ),
        Mistake(
            "order_counts",
            lambda seen, want, retrieved, relevant: (
                abs(seen - sum(a == b for a, b in zip(retrieved, relevant)) / max(len(relevant), 1))
                < 1e-9
            ),
            "You compared the two lists place by place. Here it only matters whether an item is "
            "in both: np.isin, or two sets.",
        ),
        Mistake(
            "any_hit",
            lambda seen, want, retrieved, relevant: seen == float(_caught(retrieved, relevant) > 0),
            "You say whether anything was found at all. How much of it was?",
        ),
    ],
    properties=[
        Property(
            "caps",
            "no page made of the retrieved items has a higher recall",
            _caps,
            "Whatever a later stage does, it can only choose among the retrieved items.",
        ),
    ],
    hints=[
        "How many of the relevant items are among the retrieved ones? np.isin(relevant, "
        "retrieved) marks them.",
        "Divide that number by the number of relevant items. The order of the lists plays no part.",
        "With no relevant items the division would be 0/0: return 0 before it.",
    ],
    why_it_matters=(
        "This one number, watched every day, tells a team whether to work on the first stage or on "
        "the scorer: above it no scorer of theirs can ever climb."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _take_turns(nets, k):
    pool, turn = [], 0
    longest = max((len(net) for net in nets), default=0)
    while turn < longest:
        for net in nets:
            if turn < len(net) and net[turn] not in pool and len(pool) < k:
                pool.append(int(net[turn]))
        turn += 1
    return np.array(pool, dtype=int)


def _nets():
    yield [[4, 7, 1], [7, 2, 9]], 4
    yield [[1, 2, 3]], 2
    yield [[5, 6], [5, 6]], 4
    yield [[1], [2, 3, 4, 5]], 5
    yield [[], [8, 9]], 3
    yield [[1, 2], [3, 4], [5, 6]], 4
    rng = np.random.default_rng(3)
    for _ in range(30):
        lists = [
            rng.permutation(12)[: rng.integers(1, 9)].tolist() for _ in range(rng.integers(2, 5))
        ]
        yield lists, int(rng.integers(1, 12))


def _same_ids(seen, want):
    return np.array_equal(np.asarray(seen).ravel(), np.asarray(want).ravel())


def _one_after_another(nets, k):
    return list(dict.fromkeys(item for net in nets for item in net))[:k]


def _with_repetition(nets, k):
    longest = max(map(len, nets))
    return [net[turn] for turn in range(longest) for net in nets if turn < len(net)][:k]


def _to_the_shortest(nets, k):
    return list(dict.fromkeys(item for turn in zip(*nets) for item in turn))[:k]


def _cut_first(nets, k):
    return list(dict.fromkeys(_with_repetition(nets, k)))


merge = Function(
    title="Several nets, one pool",
    task="""
A house has several first stages, and their numbers cannot be compared: one counts visitors, another
measures tags. So they take turns. Write `pool(nets, k)`. `nets` is a list of lists of item ids,
each best first. The pool gets the first item of the first net, the first of the second, and so on;
then the second item of each net, and so on, until it holds `k` items. An item that is there already
is passed over; a net that has run out is passed over too.

Return the pool as a list or an array, in the order in which it was filled. It is shorter than `k`
only if the nets have run out.
""",
    starter='''
def pool(nets, k):
    """The first k different items, the nets taking turns."""
    ...
''',
    cases=_nets,
    expected=_take_turns,
    agree=lambda seen, want, nets, k: _same_ids(seen, want),
    mistakes=[
        Mistake(
            "one_after_another",
            lambda seen, want, nets, k: _same_ids(seen, _one_after_another(nets, k)),
            "The first net has filled the pool before the others had a turn. Go through the "
            "places first, and through the nets inside.",
        ),
        Mistake(
            "twice",
            lambda seen, want, nets, k: (
                _same_ids(seen, _with_repetition(nets, k)) and len(set(seen.tolist())) < len(seen)
            ),
            "An item stands in the pool twice: it would be scored twice, and shown twice. Look "
            "before you add it.",
        ),
        Mistake(
            "cut_first",
            lambda seen, want, nets, k: _same_ids(seen, _cut_first(nets, k)),
            "You took k items and removed the repetitions afterwards, so the pool is short. An "
            "item that is there already should not use up a place.",
        ),
        Mistake(
            "shortest",
            lambda seen, want, nets, k: _same_ids(seen, _to_the_shortest(nets, k)),
            "zip stops with the shortest net. Let the longer ones go on.",
        ),
        Mistake(
            "sorted",
            lambda seen, want, nets, k: (
                len(want) > 1 and np.array_equal(seen, np.sort(want)) and seen.ndim == 1
            ),
            "The items are right, their order is lost: a set forgets it. Keep a list beside it.",
        ),
    ],
    properties=[
        Property(
            "longer",
            "a larger k only adds items at the end",
            lambda pool, nets, k: _same_ids(np.asarray(pool(nets, k + 2))[:k], pool(nets, k)),
            "The first k items must not depend on how many are asked for.",
        ),
    ],
    hints=[
        "Two loops: the outer one over places 0, 1, 2, ..., the inner one over the nets.",
        "Before adding, ask three things: has this net an item at this place, is it new, is there "
        "room?",
        "The outer loop runs to the length of the longest net; return as soon as the pool holds k.",
    ],
    why_it_matters=(
        "With turns, no net can crowd out another because its numbers happen to be larger. Which "
        "item is really better is left to the one stage that measures all of them alike: the "
        "scorer."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Net:
    """A retriever that finds the same items for everybody, best first."""

    items: tuple

    def __call__(self, user, K):
        return list(self.items[:K])

    def __repr__(self):
        return f"finds the first K of {list(self.items)}"

    def __len__(self):
        return len(self.items)


@dataclass(frozen=True)
class _Scores:
    values: tuple

    def __call__(self, user, items):
        return np.array([self.values[item] for item in items], dtype=float)

    def __repr__(self):
        return "scores " + ", ".join(f"{j}: {v:g}" for j, v in enumerate(self.values))

    def __len__(self):
        return len(self.values)


@dataclass(frozen=True)
class _Rules:
    """A re-ranker: some items may not be shown, some go to the front."""

    refused: tuple = ()
    first: tuple = ()

    def __call__(self, items):
        items = [int(item) for item in items if item not in self.refused]
        return [i for i in items if i in self.first] + [i for i in items if i not in self.first]

    def __repr__(self):
        said = [f"drops {list(self.refused)}"] if self.refused else []
        said += [f"puts {list(self.first)} in front"] if self.first else []
        return " and ".join(said) or "changes nothing"

    def __len__(self):
        return len(self.refused) + len(self.first)


def _glue(user, seen, K, k, retrieve, score, rerank):
    def in_order(user, items, scores):
        kept = np.array(rerank(items), dtype=int)
        return kept, np.zeros(len(kept))

    def unseen(user, items, scores):
        keep = ~np.isin(items, seen)
        return items[keep], scores[keep]

    pipeline = stages.Pipeline(
        [lambda user: np.array(retrieve(user, K), dtype=int)], score, [unseen, in_order]
    )
    return pipeline.recommend(user, k)[0]


def _pipelines():
    five = _Scores((0.2, 0.9, 0.4, 0.8, 0.6))
    net = _Net((4, 0, 3, 1, 2))
    yield 0, [3], 4, 2, net, five, _Rules()
    yield 0, [], 5, 3, net, five, _Rules(refused=(1,))
    yield 0, [4, 0], 4, 2, net, five, _Rules(first=(3,))
    yield 0, [0, 1, 2, 3, 4], 5, 2, net, five, _Rules()
    rng = np.random.default_rng(4)
    for _ in range(40):
        n = int(rng.integers(6, 14))
        net = _Net(tuple(rng.permutation(n).tolist()))
        scores = _Scores(tuple((rng.permutation(n) / 10).tolist()))
        seen = rng.permutation(n)[: rng.integers(0, n // 2)].tolist()
        refused = tuple(rng.permutation(n)[: rng.integers(0, 4)].tolist())
        first = tuple(rng.permutation(n)[: rng.integers(0, 3)].tolist())
        K = int(rng.integers(3, n + 1))
        k = int(rng.integers(1, K))
        yield 0, seen, K, k, net, scores, _Rules(refused, first)


def _other_glue(seen_at="start", cut="end", ask="K", sort=-1, rules=True, scored=True):
    def page(user, seen, K, k, retrieve, score, rerank):
        items = list(retrieve(user, K if ask == "K" else k))
        if seen_at == "start":
            items = [i for i in items if i not in seen]
        if scored:
            items = [items[t] for t in np.argsort(sort * score(user, items), kind="stable")]
        if cut == "early":
            items = items[:k]
        if rules:
            items = rerank(items)
        items = items[:k]
        if seen_at == "end":
            items = [i for i in items if i not in seen]
        return items

    return page


def _glued(**how):
    other = _other_glue(**how)
    return lambda seen, want, *args: _same_ids(seen, other(*args))


def _falls(page, user, seen, K, k, retrieve, score, rerank):
    shown = [int(item) for item in page(user, seen, K, k, retrieve, score, _Rules())]
    return all(a >= b for a, b in zip(score(user, shown), score(user, shown)[1:]))


glue = Function(
    title="Three stages, one page",
    task="""
Join three stages. Write `page(user, seen, K, k, retrieve, score, rerank)`. It is given the stages
as functions:

- `retrieve(user, K)` gives a list of `K` item ids;
- `score(user, items)` gives one number for each item, higher is better, no two alike;
- `rerank(items)` gives the items in their final order. It may drop some, and expects them best
  first.

Ask for `K` candidates, throw out what is in the list `seen`, score the rest *once*, sort them, hand
all of them to the re-ranker, and return the first `k` that come back: a list or array, shorter than
`k` only if fewer are left.
""",
    starter='''
def page(user, seen, K, k, retrieve, score, rerank):
    """The k items to show, best first."""
    ...
''',
    cases=_pipelines,
    expected=_glue,
    agree=lambda seen, want, *args: _same_ids(seen, want),
    mistakes=[
        Mistake(
            "seen_again",
            _glued(seen_at="never"),
            "Something that was seen is on the page. Throw it out before the scorer spends time "
            "on it.",
        ),
        Mistake(
            "seen_late",
            _glued(seen_at="end"),
            "You removed what was seen at the very end, so the page has holes. Throw it out right "
            "after the retriever.",
        ),
        Mistake(
            "asked_for_k",
            _glued(ask="k"),
            "You asked the retriever for k items. It may bring K, many more than the page holds: "
            "choosing among them is what the scorer is for.",
        ),
        Mistake(
            "worst_first",
            _glued(sort=1),
            "np.argsort sorts upwards, so the worst comes first. Sort the negative scores.",
        ),
        Mistake(
            "cut_early",
            _glued(cut="early"),
            "You cut to k before the re-ranker had its say: what it drops then leaves a hole, and "
            "what it would lift up is gone. Cut last.",
        ),
        Mistake(
            "no_rules",
            _glued(rules=False),
            "The re-ranker was not asked. Hand it the sorted items, and show what comes back.",
        ),
        Mistake(
            "not_scored",
            _glued(scored=False),
            "The items still stand in the order of the retriever: sort them by score.",
        ),
    ],
    properties=[
        Property(
            "falls",
            "with a re-ranker that changes nothing the scores fall from top to bottom",
            _falls,
            "Sort by score before the re-ranker, and leave its order alone afterwards.",
        ),
    ],
    hints=[
        "Five lines: retrieve, filter, score and sort, re-rank, cut.",
        "To sort a list by scores: order = np.argsort(-scores), then [items[t] for t in order].",
        "K belongs to the retriever, k to the very last line.",
    ],
    why_it_matters=(
        "You have written the skeleton of every large recommender. Its two favourite bugs are in "
        "the hints: cutting before the rules, and filtering after the cut."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _budgets():
    budget, arrange, glance, careful = 100_000, 5_000, 0.1, 150  # microseconds

    def scored(n_items):
        return (budget - arrange - n_items * glance) // careful

    return [scored(200_000), scored(600_000), (budget - arrange - 200 * careful) / glance]


budgets = Value(
    title="Where did the milliseconds go?",
    task="""
A page may take 100 ms (that is 100,000 µs). The retriever glances at every item of the catalogue,
0.1 µs each; the scorer needs 150 µs an item; the re-ranker takes 5 ms, always.

- `now`: how many items can be scored while the catalogue has 200,000 items?
- `grown`: and when it has grown to 600,000? (Whole items.)
- `largest`: the scorer must not have fewer than 200 items. How large may the catalogue grow, with
  this retriever?
""",
    starter="""
answer = {
    "now": ...,
    "grown": ...,
    "largest": ...,
}
""",
    names=["now", "grown", "largest"],
    expected=_budgets,
    mistakes=[
        Mistake(
            "no_rerank",
            lambda seen, want: any(
                abs(seen[part] - value) < 1
                for part, value in (("now", 533), ("grown", 266), ("largest", 700_000))
                if part in seen
            ),
            "The re-ranker's 5 ms are gone before anything else is paid: take them off first.",
        ),
        Mistake(
            "free_glance",
            _near("now", 633),
            "A glance costs little, 200,000 of them do not: take the retriever's time off, too.",
        ),
        Mistake(
            "unit",
            lambda seen, want: any(
                abs(seen[part] / want[part] - factor) < 1e-2 * factor
                for part in seen
                for factor in (1e3, 1e-3)
            ),
            "There is a factor of a thousand between milliseconds and microseconds: bring all "
            "times to one unit.",
        ),
        Mistake(
            "rounded_up",
            lambda seen, want: 0 < seen["grown"] - want["grown"] < 1.5,
            "The last item is not finished in time: round down to whole items.",
        ),
    ],
    hints=[
        "Write all times in microseconds: the budget is 100,000, the re-ranker takes 5,000.",
        "Glancing at 200,000 items takes 20,000 µs. What is left is shared out, 150 µs an item.",
        "For the last one go backwards: 200 scored items and the re-ranker are paid first; the "
        "rest buys glances.",
    ],
    why_it_matters=(
        "Nobody changed a line of code, and the scorer lost more than half of its candidates: a "
        "catalogue that grows takes its time from the other stages, and the page gets worse slowly."
    ),
)

# --- 6 ------------------------------------------------------------------------------------------

_STAY, _ROOM = 3, 2


def _page_of(truth, net, scorer, kept):
    candidates = np.argsort(-net, kind="stable")[:kept]
    shown = candidates[np.argsort(-scorer[candidates], kind="stable")[:_ROOM]]
    return float(truth[shown].mean())


def _pairs_right(truth, judge):
    n = len(truth)
    return sum((judge[i] > judge[j]) == (truth[i] > truth[j]) for i in range(n) for j in range(i))


def _tie(values):
    return len(np.unique(np.round(values, 9))) < len(values)


def _pages(truth, net, scorer):
    return (
        f"pairs in the right order: net {_pairs_right(truth, net)}, "
        f"scorer {_pairs_right(truth, scorer)}, of 15\n"
        f"true stars of the page: {_page_of(truth, net, scorer, _STAY):.2f} from 3 candidates, "
        f"{_page_of(truth, net, scorer, 6):.2f} from 6"
    )


spoiled = Search(
    title="More to choose from, and a worse page",
    task="""
The page has room for two films. The net keeps three of six films; the scorer then puts its two
favourites of those three on the page. Somebody proposes to skip the net and let the scorer choose
from all six.

Find six films for which that makes the page *worse*, although the scorer is the *better* judge.
Hand in three lists of six numbers, one number a film: the `truth`, from 0 to 5 stars; what the
`net` thinks of each film; what the `scorer` thinks of it. No list may have ties. With them

- the scorer puts more of the 15 pairs of films in their true order than the net does, and
- the two films shown have a higher true mean when chosen from the net's first three than when
  chosen from all six.
""",
    starter="""
truth = [5, 4, 3, 2, 1, 0]
net = [..., ..., ..., ..., ..., ...]
scorer = [..., ..., ..., ..., ..., ...]
answer = (truth, net, scorer)
""",
    parts={"truth": (6,), "net": (6,), "scorer": (6,)},
    says=_pages,
    mistakes=[
        Mistake(
            "stars",
            lambda truth, net, scorer: truth.min() < 0 or truth.max() > 5,
            "Stars go from 0 to 5: bring the truth into that range.",
        ),
        Mistake(
            "ties",
            lambda truth, net, scorer: any(map(_tie, (truth, net, scorer))),
            "Two films have the same number somewhere: make all six of a list different.",
        ),
        Mistake(
            "perfect",
            lambda truth, net, scorer: _pairs_right(truth, scorer) == 15,
            "This scorer is perfect, and to a perfect scorer more choice does no harm. Let it err "
            "about one film.",
        ),
        Mistake(
            "worse_judge",
            lambda truth, net, scorer: _pairs_right(truth, scorer) <= _pairs_right(truth, net),
            "The scorer must be the better judge of pairs. The net only needs the right three "
            "films; their order among themselves, and that of the others, may be wrong.",
        ),
        Mistake(
            "no_harm",
            lambda truth, net, scorer: (
                _page_of(truth, net, scorer, 6) >= _page_of(truth, net, scorer, _STAY) - 1e-9
            ),
            "The page is no worse with six candidates. Let the scorer fall in love with one bad "
            "film, one that the net would have kept away.",
        ),
    ],
    hints=[
        "Start with a scorer that is right about five films, and puts a bad one on top.",
        "Such a scorer has at most five pairs wrong. So the net must have six or more wrong, and "
        "yet keep that film out.",
        "Let the net keep the three best films, but turn both halves upside down: film 3 before 2 "
        "before 1, then 6 before 5 before 4.",
    ],
    why_it_matters=(
        "Among more candidates there are more that flatter the scorer by mistake, and the page is "
        "made of its favourites. So widen a first stage only while you measure the page, and "
        "give the scorer what the net knew: its number as one more feature."
    ),
)

EXERCISES = [by_hand, ceiling, merge, glue, budgets, spoiled]
