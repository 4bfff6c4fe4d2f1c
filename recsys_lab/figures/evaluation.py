"""Pictures of the chapter "Evaluation"."""

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from recsys_lab.data import Interactions, load_harbour, split_by_time, split_random
from recsys_lab.ease import EASE
from recsys_lab.explore import Choice, Explorable, Pad, Slider, style
from recsys_lab.factorization import ALS
from recsys_lab.metrics import (
    average_precision,
    confidence_interval,
    evaluate,
    n_per_arm,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank,
    rmse,
    sampled_hit_rate,
)
from recsys_lab.neighbors import ItemKNN
from recsys_lab.popularity import Popularity
from recsys_lab.similarity import top_k

BELL = NormalDist()


def _and(words):
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _apart(heights, gap):
    """Heights of labels, pushed apart until any two differ by at least gap."""
    order = np.argsort(heights, kind="stable")
    placed = np.asarray(heights, dtype=float)[order]
    for _ in range(30):
        for low in range(len(placed) - 1):
            lack = gap - (placed[low + 1] - placed[low])
            if lack > 0:
                placed[low] -= lack / 2
                placed[low + 1] += lack / 2
    out = np.empty(len(placed))
    out[order] = placed
    return out


# ----------------------------------------------------------------------------- drag the hits

WANTED = {"F": "Fog Signal", "S": "Salt & Sugar", "L": "Lamp Oil"}
SLOTS = 10
OTHER = (2, 3, 4)  # where the second engineer's list has the same three films
_MINE_AT, _BOS_AT = 1.22, 1.48  # where the two columns of numbers stand
METRICS = ("precision", "recall", "first hit", "average precision", "NDCG")


@lru_cache(maxsize=2048)
def places_of(fog, salt, lamp):
    """Where the three films stand: two cannot share a place, so the later one moves on."""
    taken = []
    for place in (fog, salt, lamp):
        while place in taken and place <= SLOTS:
            place += 1
        if place > SLOTS:  # moved off the end, or never shown
            place = None
        taken.append(place)
    return tuple(taken)


@lru_cache(maxsize=2048)
def verdicts(places):
    """The five metrics of a list of ten whose hits stand at these places; three are wanted."""
    shown = np.arange(10, 10 + SLOTS)  # ids of films nobody asked for
    for film, place in enumerate(places):
        if place is not None:
            shown[place - 1] = film
    wanted = range(len(WANTED))
    return (
        precision_at_k(shown, wanted, SLOTS),
        recall_at_k(shown, wanted, SLOTS),
        reciprocal_rank(shown, wanted),
        average_precision(shown, wanted, SLOTS),
        ndcg_at_k(shown, wanted, SLOTS),
    )


def _draw_hits(fog, salt, lamp):
    places = places_of(fog, salt, lamp)
    mine, theirs = verdicts(places), verdicts(OTHER)
    letter = {place: name for name, place in zip(WANTED, places)}
    other = {place: name for name, place in zip(WANTED, OTHER)}
    slots = list(range(1, SLOTS + 1))
    rows = list(range(len(METRICS)))
    traces = [
        _shelf(slots, [letter.get(slot) for slot in slots], 1),
        _shelf(slots, [other.get(slot) for slot in slots], 0),
        *(
            style.line([a, b], [row, row], width=4, color=style.ITEM_SOFT, xaxis="x2", yaxis="y2")
            for row, (a, b) in enumerate(zip(mine, theirs))
        ),
        style.dots(
            theirs,
            rows,
            xaxis="x2",
            yaxis="y2",
            size=15,
            color=style.PAPER,
            marker={"symbol": "diamond", "line": {"color": style.INK, "width": 2}},
        ),
        style.dots(mine, rows, xaxis="x2", yaxis="y2", size=12),
        style.words(
            [_MINE_AT] * len(rows),
            rows,
            [f"{a:.2f}" for a in mine],
            color=style.ITEM,
            xaxis="x2",
            yaxis="y2",
            cliponaxis=False,
        ),
        style.words(
            [_BOS_AT] * len(rows),
            rows,
            [f"{b:.2f}" for b in theirs],
            xaxis="x2",
            yaxis="y2",
            cliponaxis=False,
        ),
    ]
    names = list(METRICS)
    return style.figure(
        traces,
        height=430,
        narrow={
            "margin.l": 72,
            "yaxis2.ticktext": ["precision", "recall", "first hit", "average<br>precision", "NDCG"],
        },
        margin={"l": 130, "r": 12, "t": 34, "b": 44},
        xaxis=style.axis(None, (0.4, SLOTS + 0.6))
        | {
            "showgrid": False,
            "side": "top",
            "tickvals": slots,
            "tickfont": {"size": 12, "color": style.QUIET},
            "anchor": "y",
        },
        yaxis=style.bare_axis((-0.6, 1.6), domain=[0.67, 1])
        | {
            "showticklabels": True,
            "tickvals": [0, 1],
            "ticktext": ["Bo's list", "your list"],
            "tickfont": {"size": 13, "color": style.INK},
        },
        xaxis2=style.axis(None, (-0.04, 1.59), anchor="y2") | {"tickvals": [0, 0.25, 0.5, 0.75, 1]},
        yaxis2=style.axis(None, (4.6, -0.9), domain=[0, 0.58], anchor="x2")
        | {
            "showgrid": False,
            "tickvals": rows,
            "ticktext": names,
            "tickfont": {"size": 13, "color": style.INK},
        },
        annotations=[
            style.note("● you", _MINE_AT, -0.72, xref="x2", yref="y2", color=style.ITEM, size=12),
            style.note("◇ Bo", _BOS_AT, -0.72, xref="x2", yref="y2", color=style.INK, size=12),
        ],
    )


def _shelf(slots, letters, row):
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": slots,
        "y": [row] * len(slots),
        # A blank, never "": Plotly drops an empty text for good, and no letter comes back there.
        "text": [name or "\u00a0" for name in letters],
        "textfont": {"size": 14, "color": style.PAPER},
        "hoverinfo": "skip",
        "marker": {
            "symbol": "square",
            "size": 20,
            "color": [style.ITEM if name else style.PAPER for name in letters],
            "line": {
                "color": [style.ITEM if name else style.QUIET for name in letters],
                "width": 1.5,
            },
        },
    }


def _say_hits(fog, salt, lamp):
    places = places_of(fog, salt, lamp)
    standing = sorted(place for place in places if place is not None)
    if not standing:
        start = "None of the three films is on your list"
    elif len(standing) == 1:
        start = f"Your list has one of the three films, at place {standing[0]}"
    else:
        start = f"Your list has them at places {_and(str(place) for place in standing)}"
    better, worse, level = [], [], []
    for name, a, b in zip(METRICS, verdicts(places), verdicts(OTHER)):
        (level if abs(a - b) < 1e-9 else better if a > b else worse).append(name)
    parts = []
    if better:
        parts.append(f"{_and(better)} {_prefer(better)} your list")
    if worse:
        parts.append(f"{_and(worse)} {_prefer(worse)} Bo's")
    if level:
        parts.append(f"{_and(level)} {'sees' if len(level) == 1 else 'see'} no difference")
    return f"{start}, Bo has them at 2, 3 and 4: {'; '.join(parts)}."


def _prefer(names):
    return "prefers" if len(names) == 1 else "prefer"


def _table_hits(fog, salt, lamp):
    mine, theirs = verdicts(places_of(fog, salt, lamp)), verdicts(OTHER)
    rows = [[name, f"{a:.3f}", f"{b:.3f}"] for name, a, b in zip(METRICS, mine, theirs)]
    return ["metric", "your list", "Bo's list"], rows


_WHERE = [*range(1, SLOTS + 1), SLOTS + 1]
_WHERE_WORDS = [f"place {place}" for place in range(1, SLOTS + 1)] + ["not shown"]

drag_the_hits = Explorable(
    _draw_hits,
    {
        "fog": Slider("Fog Signal (F)", _WHERE, start=1, labels=_WHERE_WORDS),
        "salt": Slider("Salt & Sugar (S)", _WHERE, start=4, labels=_WHERE_WORDS),
        "lamp": Slider("Lamp Oil (L)", _WHERE, start=8, labels=_WHERE_WORDS),
    },
    "Both lists show the three films that Ada wanted. Which list is the better one?",
    _say_hits,
    "evaluation.drag-the-hits",
    table=_table_hits,
)

# ------------------------------------------------------------------- small error, wrong shelf

STARS = np.array([5.0, 4.0, 3.0, 2.0, 1.0])  # what Ada gave
FIVE = ["A", "B", "C", "D", "E"]
GUESSES = np.round(np.arange(2.2, 5.41, 0.2), 1)


def error_and_order(guess):
    """(RMSE, NDCG with gains 2^stars − 1, the shelf) when only A and B are guessed wrongly."""
    predicted = np.concatenate([guess, STARS[2:]])
    shelf = top_k(predicted, 5)
    gains = {j: 2.0**stars - 1 for j, stars in enumerate(STARS)}
    return rmse(STARS, predicted), ndcg_at_k(shelf, gains, 5), shelf


_LOW, _HIGH = 2.0, 5.6  # the plane of the two guesses
_TERRACES = [  # where A, B and the 3 stars of C stand in one order: corners, and a place for words
    ([(3, 3), (_HIGH, 3), (_HIGH, _HIGH)], (4.15, 3.25)),
    ([(3, 3), (3, _HIGH), (_HIGH, _HIGH)], (3.4, 4.7)),
    ([(3, 3), (_HIGH, 3), (_HIGH, _LOW), (3, _LOW)], (4.0, 2.4)),
    ([(3, 3), (3, _HIGH), (_LOW, _HIGH), (_LOW, 3)], (2.5, 4.0)),
    ([(3, 3), (3, _LOW), (_LOW, _LOW)], (2.74, 2.25)),
    ([(3, 3), (_LOW, 3), (_LOW, _LOW)], (2.26, 2.76)),
]


@lru_cache
def _steps():
    """The terraces as filled areas, darker where NDCG is larger, and their heights."""
    heights = [error_and_order(place)[1] for _, place in _TERRACES]
    areas = [
        style.line(
            [x for x, _ in corners],
            [y for _, y in corners],
            width=0,
            fill="toself",
            fillcolor=style.ITEM_SOFT,
            opacity=round(0.08 + 0.92 * (height - min(heights)) / (1 - min(heights)), 2),
        )
        for (corners, _), height in zip(_TERRACES, heights)
    ]
    places = [place for _, place in _TERRACES]
    words = [f"{height:.2f}" for height in heights]
    x, y = [x for x, _ in places], [y for _, y in places]
    return [*areas, style.words(x, y, words, color=style.INK, size=12)]


def _draw_error(guess):
    first, second, size = style.side_by_side(
        left=0.56, gap=0.16, height=420, narrow_height=640, split=0.66
    )
    error, _, shelf = error_and_order(guess)
    angle = np.linspace(0, 2 * np.pi, 49)
    radius = error * np.sqrt(5)  # all squares of the error come from A and B
    traces = [
        *_steps(),
        style.line([_LOW, _HIGH], [_LOW, _HIGH], color=style.ITEM, width=2),
        style.line([3, 3], [_LOW, _HIGH], color=style.ITEM, width=1, dash="dot"),
        style.line([_LOW, _HIGH], [3, 3], color=style.ITEM, width=1, dash="dot"),
        style.line(
            np.round(5 + radius * np.cos(angle), 2),
            np.round(4 + radius * np.sin(angle), 2),
            color=style.USER,
            dash="dash",
        ),
        style.dots([5], [4], size=13, color=style.INK, marker={"symbol": "star"}, labels=["truth"])
        | {"textposition": "bottom center"},
        style.dots([guess[0]], [guess[1]], size=12, color=style.USER),
        style.bars(
            STARS[shelf][::-1],
            list(range(5)),
            horizontal=True,
            xaxis="x2",
            yaxis="y2",
            labels=[
                f"{FIVE[j]}: {STARS[j]:.0f} {'star' if STARS[j] == 1 else 'stars'}" for j in shelf
            ][::-1],
            color=[
                style.ITEM if FIVE[j] == FIVE[place] else style.ITEM_SOFT
                for place, j in enumerate(shelf)
            ][::-1],
            textposition="outside",
            textfont={"size": 13, "color": style.INK},
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 48, "r": 12, "t": 34, "b": 46},
        xaxis=style.axis("stars guessed for A", (_LOW, _HIGH), **first[0])
        | {"showgrid": False, "tickvals": [2, 3, 4, 5], "constrain": "domain"},
        yaxis=style.axis("stars guessed for B", (_LOW, _HIGH), **first[1], **style.equal())
        | {"showgrid": False, "tickvals": [3, 4, 5], "constrain": "domain"},
        xaxis2=style.bare_axis((0, 7.4), **second[0]),
        yaxis2=style.axis(None, (-0.6, 4.6), **second[1])
        | {
            "showgrid": False,
            "tickvals": list(range(5)),
            "ticktext": ["5th", "4th", "3rd", "2nd", "1st"],
            "tickfont": {"size": 13, "color": style.INK},
        },
        bargap=0.3,
        annotations=[
            style.note("B before A", 2.1, 5.42, xref="x", yref="y", color=style.INK)
            | {"xanchor": "left"},
            style.note("A before B", 5.5, 2.18, xref="x", yref="y", color=style.INK)
            | {"xanchor": "right"},
            style.note(
                "pale: wrong place",
                0,
                1.0,
                xref="x2 domain",
                yref="y2 domain",
                color=style.INK,
            )
            | {"xanchor": "left", "yanchor": "bottom"},
        ],
    )


def _say_error(guess):
    error, worth, shelf = error_and_order(guess)
    a, b = guess
    order = "".join(FIVE[j] for j in shelf)
    kept = "the perfect order" if order == "ABCDE" else f"the order {order}"
    return (
        f"A guessed at {a:g}, B at {b:g}: RMSE {error:.2f}, and the shelf has {kept}, "
        f"NDCG {worth:.2f}. Every guess on the dashed circle has this RMSE."
    )


def _table_error(guess):
    _, _, shelf = error_and_order(guess)
    predicted = np.concatenate([guess, STARS[2:]])
    rows = [
        [film, f"{STARS[j]:.0f}", f"{predicted[j]:.1f}", int(np.flatnonzero(shelf == j)[0]) + 1]
        for j, film in enumerate(FIVE)
    ]
    return ["film", "stars given", "stars guessed", "place on the shelf"], rows


small_error = Explorable(
    _draw_error,
    {
        "guess": Pad(
            "Drag the guess", GUESSES, GUESSES, start=(4.2, 4.4), names=("guess for A", "for B")
        )
    },
    "Can you make the error larger and the shelf better at the same time?",
    _say_error,
    "evaluation.small-error",
    table=_table_error,
)

# ------------------------------------------------------------------------- the sampled ladder

CATALOGUE = 5_000
RANKS = {
    "Anchor": [70, 70, 70, 70, 70, 70],
    "Buoy": [4, 9, 1900, 3100, 2600, 4100],
    "Current": [28, 28, 28, 700, 2500, 3900],
}
N_SAMPLED = [20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500]
N_SAMPLED += [1600, 2000, 2500, 3000, 4000, 4999]
LENGTHS = [5, 10, 20]
_THREE = {"Anchor": style.USER, "Buoy": style.THIRD, "Current": style.FOURTH}
_SYMBOL = {"Anchor": "square", "Buoy": "circle", "Current": "diamond"}


@lru_cache
def ladder(k):
    """Expected sampled hit rate of the three for every number of sampled films."""
    return {
        name: [sampled_hit_rate(ranks, CATALOGUE, m, k) for m in N_SAMPLED]
        for name, ranks in RANKS.items()
    }


def true_hit_rate(name, k):
    """Share of the six members whose film stands in the first k of all 5,000."""
    return float(np.mean(np.array(RANKS[name]) <= k))


def _draw_ladder(m, k):
    first, second, size = style.side_by_side(
        left=0.4, gap=0.12, height=400, narrow_height=640, split=0.42
    )
    at = N_SAMPLED.index(m)
    traces = [style.line([np.log10(k)] * 2, [-0.6, 2.62], color=style.ITEM, width=2)]
    for row, (name, ranks) in enumerate(RANKS.items()):
        order = np.arange(6)
        traces.append(
            style.dots(
                np.log10(ranks),
                2 - row + 0.09 * (order - 2.5),
                size=9,
                color=_THREE[name],
                marker={"symbol": _SYMBOL[name]},
            )
        )
    x = np.log10(N_SAMPLED)
    rates = ladder(k)
    for name, rate in rates.items():
        so_far = np.where(np.arange(len(x)) <= at, rate, np.nan)  # the rest is the question
        traces.append(style.line(x, so_far, color=_THREE[name], width=2.5, xaxis="x2", yaxis="y2"))
    for name, rate in rates.items():
        traces.append(
            style.dots(
                [x[at]],
                [rate[at]],
                size=14,
                color=_THREE[name],
                marker={"symbol": _SYMBOL[name]},
                xaxis="x2",
                yaxis="y2",
            )
        )
    traces.append(
        style.line([x[at]] * 2, [-0.05, 1.05], width=1, dash="dot", xaxis="x2", yaxis="y2")
    )
    return style.figure(
        traces,
        **size,
        margin={"l": 64, "r": 14, "t": 14, "b": 48},
        xaxis=style.axis("rank of the film each member wanted", (-0.15, 3.85), **first[0])
        | {"tickvals": [0, 1, 2, 3, np.log10(5000)], "ticktext": ["1", "10", "100", "1,000", ""]},
        yaxis=style.axis(None, (-0.6, 2.9), **first[1])
        | {
            "showgrid": False,
            "tickvals": [2, 1, 0],
            "ticktext": list(RANKS),
            "tickfont": {"size": 13, "color": style.INK},
        },
        xaxis2=style.axis("films drawn to compete, m", (1.17, 3.77), **second[0])
        | {
            "tickvals": [np.log10(v) for v in (20, 100, 1000, 4999)],
            "tickangle": 0,
            "ticktext": ["20", "100", "1,000", "4,999"],
        },
        yaxis2=style.axis(f"sampled hit rate at {k}", (-0.05, 1.05), **second[1])
        | {"tickvals": [0, 0.5, 1]},
        annotations=[
            style.note(
                "the list ends here", np.log10(k), 2.75, xref="x", yref="y", color=style.ITEM
            )
        ],
    )


def _say_ladder(m, k):
    at = N_SAMPLED.index(m)
    rates = {name: rate[at] for name, rate in ladder(k).items()}
    best = max(rates, key=rates.get)
    words = _and(f"{name} {rate:.2f}" for name, rate in rates.items())
    real = _and(f"{name} {true_hit_rate(name, k):.2f}" for name in RANKS)
    return (
        f"Against {m:,} drawn films {best} wins the hit rate at {k}: {words}. "
        f"Against all 5,000 it is {real}."
    )


def _table_ladder(m, k):
    at = N_SAMPLED.index(m)
    rows = [[name, f"{ladder(k)[name][at]:.3f}", f"{true_hit_rate(name, k):.3f}"] for name in RANKS]
    return ["recommender", f"against {m:,} drawn films", "against all films"], rows


sampled_ladder = Explorable(
    _draw_ladder,
    {
        "m": Slider(
            "Films drawn, m",
            N_SAMPLED,
            start=100,
            labels=[f"{m:,}" for m in N_SAMPLED],
            play=True,
        ),
        "k": Choice("Length of the list, k", LENGTHS, start=10),
    },
    "Anchor wins against 100 drawn films. Who wins against 1,000, who against 2,000?",
    _say_ladder,
    "evaluation.sampled-ladder",
    table=_table_ladder,
)

# ---------------------------------------------------------------------------- tomorrow's data

TRENDS = [0, 1, 2, 3, 4, 5, 6]
_PAINTED = 320
_LINES = {"EASE": style.FOURTH, "popular ever": style.USER, "popular lately": style.THIRD}


@lru_cache
def trend_world(trend, n_users=400, n_items=60, seed=0):
    """The same visits at every trend; only their dates differ.

    Film j's visits are dated with a density ∝ exp(trend · drift_j · t) on [0, 1], drifts being
    spread evenly over [−1, 1]: at 0 the dates are drawn evenly.
    """
    rng = np.random.default_rng(seed)
    taste, trait = rng.normal(size=(n_users, 3)), rng.normal(size=(n_items, 3))
    appeal = rng.normal(size=n_items) - 1.4 + 0.7 * taste @ trait.T
    drift = rng.permutation(np.linspace(-1, 1, n_items))
    users, items = np.nonzero(rng.random(appeal.shape) < 1 / (1 + np.exp(-appeal)))
    even = rng.random(len(users))
    k = trend * drift[items]
    bent = np.where(np.abs(k) < 1e-9, 1.0, k)
    date = np.where(np.abs(k) < 1e-9, even, np.log1p(even * np.expm1(bent)) / bent)
    visits = Interactions(
        users,
        items,
        np.ones(len(users)),
        n_users,
        n_items,
        timestamps=(date * 1e6).astype(np.int64),
    )
    return visits, drift


def three_models(train):
    """The line-up of the picture, fitted on train."""
    late = train.timestamps >= np.quantile(train.timestamps, 0.85)
    return {
        "EASE": EASE(reg=20).fit(train),
        "popular ever": Popularity("implicit").fit(train),
        "popular lately": Popularity("implicit").fit(train.select(late)),
    }


@lru_cache
def foretold(trend, split):
    """Recall at 10 of the three models under one of the two splits."""
    visits, _ = trend_world(trend)
    train, test = (split_random if split == "at random" else split_by_time)(visits)
    return {
        name: evaluate(model, train, test, 10, metrics=["recall_at_k"])["recall_at_k"]
        for name, model in three_models(train).items()
    }


@lru_cache
def _painted(trend, split):
    """Dates, rows and hidden of some of the visits."""
    visits, drift = trend_world(trend)
    _, test = (split_random if split == "at random" else split_by_time)(visits)
    which = np.random.default_rng(1).permutation(len(visits))[:_PAINTED]
    key = visits.users * visits.n_items + visits.items
    hidden = np.isin(key[which], test.users * visits.n_items + test.items)
    row = np.argsort(np.argsort(drift))[visits.items[which]]
    return np.round(visits.timestamps[which] / 1e6, 3), row, hidden


def _draw_trend(trend, split):
    first, second, size = style.side_by_side(
        left=0.44, gap=0.13, height=420, narrow_height=720, split=0.5
    )
    second[0]["domain"] = [0.57, 1]
    date, row, hidden = _painted(trend, split)
    curves = {name: [foretold(each, split)[name] for each in TRENDS] for name in _LINES}
    at = TRENDS.index(trend)
    ends = _apart([curve[-1] for curve in curves.values()], 0.045)
    traces = [
        style.dots(
            date,
            row,
            size=6,
            marker={
                "color": [style.ITEM if hide else style.USER for hide in hidden],
                "opacity": [1 if hide else 0.4 for hide in hidden],
                "symbol": ["diamond" if hide else "circle" for hide in hidden],
                "size": [8 if hide else 5 for hide in hidden],
                "line": {"width": 0},
            },
        ),
        *(
            style.line(TRENDS, curve, color=_LINES[name], width=2.5, xaxis="x2", yaxis="y2")
            for name, curve in curves.items()
        ),
        *(
            style.dots([trend], [curve[at]], color=_LINES[name], size=12, xaxis="x2", yaxis="y2")
            for name, curve in curves.items()
        ),
        *(
            style.words(
                [6.5],
                [end],
                [name],
                color=_LINES[name],
                at="middle right",
                xaxis="x2",
                yaxis="y2",
                cliponaxis=False,
            )
            for name, end in zip(curves, ends)
        ),
        style.line([trend, trend], [0.3, 0.76], width=1, dash="dot", xaxis="x2", yaxis="y2"),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 44, "r": 10, "t": 36, "b": 46},
        xaxis=style.axis("date of the visit", (-0.02, 1.02), **first[0])
        | {"tickvals": [0.08, 0.92], "ticktext": ["first days", "last days"], "showgrid": False},
        yaxis=style.axis("films: fading ↓   rising ↑", (-2, 62), **first[1])
        | {"showticklabels": False, "showgrid": False},
        xaxis2=style.axis("strength of the trend", (-0.3, 10.6), **second[0])
        | {"tickvals": [0, 2, 4, 6]},
        yaxis2=style.axis(None, (0.3, 0.76), **second[1]) | {"tickvals": [0.3, 0.4, 0.5, 0.6, 0.7]},
        annotations=[
            style.note(
                "◆ hidden",
                0,
                1.0,
                xref="x domain",
                yref="y domain",
                color=style.ITEM,
                size=13,
            )
            | {"xanchor": "left", "yanchor": "bottom"},
            style.note(
                "● to learn from",
                1,
                1.0,
                xref="x domain",
                yref="y domain",
                color=style.USER,
                size=13,
            )
            | {"xanchor": "right", "yanchor": "bottom"},
            style.note(
                "recall at 10", 0, 1.0, xref="x2 domain", yref="y2 domain", color=style.INK, size=13
            )
            | {"xanchor": "left", "yanchor": "bottom"},
        ],
    )


def _say_trend(trend, split):
    rates = foretold(trend, split)
    best = max(rates, key=rates.get)
    words = _and(f"{name} {rate:.2f}" for name, rate in rates.items())
    strength = "without any trend" if trend == 0 else f"at trend {trend}"
    if split == "at random":
        return f"Hidden at random, {strength}: recall of {words}; the test crowns {best}."
    return f"The last fifth hidden, {strength}: recall of {words}; the test crowns {best}."


def _table_trend(trend, split):
    rows = [
        [
            name,
            f"{foretold(trend, 'at random')[name]:.3f}",
            f"{foretold(trend, 'by time')[name]:.3f}",
        ]
        for name in _LINES
    ]
    return ["model", "recall, hidden at random", "recall, last fifth hidden"], rows


tomorrows_data = Explorable(
    _draw_trend,
    {
        "trend": Slider(
            "How fast do films come and go?",
            TRENDS,
            start=4,
            ends=("not at all", "within months"),
        ),
        "split": Choice("Hide a fifth of the visits", ["at random", "by time"], start="at random"),
    },
    "EASE wins when visits are hidden at random. Will it win tomorrow?",
    _say_trend,
    "evaluation.tomorrows-data",
    table=_table_trend,
)

# ----------------------------------------------------------------------- the house, once for all

DAY = 86_400


class InLanguage:
    """A model whose films in other languages are taken off the shelf."""

    def __init__(self, model, foreign):
        self.model, self.foreign = model, foreign

    def score_all(self, users):
        """The model's scores, and −∞ for films in another language."""
        scores = self.model.score_all(users)
        return np.where(self.foreign[users], -np.inf, scores)


def line_up(train, stars, foreign):
    """Six models of the visits in train, and of the stars given until then."""
    late = train.select(train.timestamps > train.timestamps.max() - 120 * DAY)
    return {
        "popular": Popularity("implicit").fit(train),
        "popular, language": InLanguage(Popularity("implicit").fit(train), foreign),
        "lately, language": InLanguage(Popularity("implicit").fit(late), foreign),
        "neighbours": ItemKNN(similarity="cosine", feedback="implicit").fit(train),
        "EASE": EASE().fit(train),
        "stars, language": InLanguage(ALS(n_factors=8, reg=5, random_state=0).fit(stars), foreign),
    }


def clicks_a_shelf(model, train, users, appeal):
    """Clicks to expect from one visitor who is shown the model's ten films, by the truth."""
    scores = np.array(model.score_all(users), dtype=float)
    for row, user in enumerate(users):
        scores[row, train.items_of(user)] = -np.inf
    shelf = top_k(scores, 10)
    look = np.arange(1, 11) ** -0.7
    return shelf, np.take_along_axis(appeal[users], shelf, axis=1) @ look


def clicks_a_look(shelf, users, late):
    """Clicks per look where the house, in the test months, showed a film of the member's list.

    ``late`` are impressions. Also the share of the lists that was shown at all.
    """
    listed = np.zeros((users.max() + 1, 200), dtype=bool)
    listed[np.repeat(users, shelf.shape[1]), shelf.ravel()] = True
    mine = late["user"] <= users.max()
    user, item = late["user"][mine], late["item"][mine]
    hit = listed[user, item]
    looks = (late["position"][mine][hit] ** -0.7).sum()
    shown = np.zeros_like(listed)
    shown[user, item] = True
    return late["clicked"][mine][hit].sum() / looks, (listed & shown).sum() / listed.sum()


@lru_cache
def house_results():
    """For each model: what the log says, what the truth says, recall member by member."""
    house = load_harbour()
    truth, visits = house.truth, house.visits
    ones = Interactions(
        visits.users,
        visits.items,
        np.ones(len(visits)),
        *visits.shape,
        timestamps=visits.timestamps,
    )
    train, test = split_by_time(ones)
    cut = test.timestamps.min()
    foreign = truth["user_group"][:, None] != truth["item_group"]
    stars = house.interactions.select(house.interactions.timestamps < cut)
    appeal = appeal_at(truth, 0.36)
    users = np.unique(test.users)
    late = {
        key: values[house.impressions["timestamp"] >= cut]
        for key, values in house.impressions.items()
    }
    results = {}
    for name, model in line_up(train, stars, foreign).items():
        each = evaluate(
            model,
            train,
            test,
            10,
            metrics=["recall_at_k", "ndcg_at_k", "hit_rate_at_k"],
            per_user=True,
        )
        shelf, clicks = clicks_a_shelf(model, train, users, appeal)
        a_look, covered = clicks_a_look(shelf, users, late)
        results[name] = {
            "recall at 10": float(each["recall_at_k"].mean()),
            "NDCG at 10": float(each["ndcg_at_k"].mean()),
            "hit rate at 10": float(each["hit_rate_at_k"].mean()),
            "clicks a look": float(a_look),
            "covered": float(covered),
            "truth": float(clicks.mean()),
            "per member": each["recall_at_k"],
        }
    return results


@lru_cache
def best_clicks():
    """Clicks a shelf of the ten unseen films with the largest true appeal, mean over members."""
    house = load_harbour()
    train, test = split_by_time(house.visits)
    users, appeal = np.unique(test.users), appeal_at(house.truth, 0.36)
    oracle = type("Oracle", (), {"score_all": lambda self, users: appeal[users]})()
    return float(clicks_a_shelf(oracle, train, users, appeal)[1].mean())


def appeal_at(truth, when):
    """Chance of a click once looked at, shape (m, n); when runs from −0.5 to 0.5, two years."""
    taste = truth["user_factors"] + when * truth["fashion"]
    foreign = truth["user_group"][:, None] != truth["item_group"]
    liking = truth["item_bias"] + taste @ truth["item_factors"].T - truth["barrier"] * foreign
    return 1 / (1 + np.exp(-0.2 - 1.2 * liking))


# --------------------------------------------------------------------------- how many members

MEMBERS_ASKED = [25, 50, 100, 200, 400, 751]
DUELS = {
    "popular": ("popular, language", "neighbours", "popular in the language against neighbours"),
    "EASE": ("EASE", "neighbours", "EASE against neighbours"),
}
_SHORT = {"popular, language": "popular", "neighbours": "neighbours", "EASE": "EASE"}


@lru_cache
def duel(pair, n, draw):
    """Means and 95 % intervals of two models and of their difference, on n members."""
    a, b, _ = DUELS[pair]
    values = house_results()
    a, b = values[a]["per member"], values[b]["per member"]
    some = np.random.default_rng(draw).permutation(len(a))[:n]
    return [
        (float(v.mean()), *confidence_interval(v)) for v in (a[some], b[some], a[some] - b[some])
    ]


def _draw_duel(pair, n, draw):
    first, second, size = style.side_by_side(
        left=0.46, gap=0.12, height=300, narrow_height=460, split=0.55, narrow_gap=0.24
    )
    one, two, gap = duel(pair, n, draw)
    names = [_SHORT[name] for name in DUELS[pair][:2]]
    sure = gap[1] > 0 or gap[2] < 0
    traces = []
    for row, (mean, low, high) in ((1, one), (0, two)):
        traces.append(style.line([low, high], [row, row], width=8, color=style.USER_SOFT))
        traces.append(style.dots([mean], [row], size=14, color=style.USER))
    mean, low, high = gap
    traces += [
        style.line([0, 0], [-0.6, 0.6], color=style.INK, width=1.5, xaxis="x2", yaxis="y2"),
        style.line(
            [low, high],
            [0, 0],
            width=8,
            color=style.ITEM_SOFT,
            xaxis="x2",
            yaxis="y2",
        ),
        style.dots(
            [mean],
            [0],
            size=15,
            color=style.ITEM if sure else style.PAPER,
            marker={"line": {"color": style.ITEM, "width": 2}},
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 88, "r": 14, "t": 34, "b": 48},
        xaxis=style.axis("recall at 10, each by itself", (0.4, 0.9), **first[0])
        | {"tickvals": [0.4, 0.5, 0.6, 0.7, 0.8]},
        yaxis=style.axis(None, (-0.6, 1.6), **first[1])
        | {
            "showgrid": False,
            "tickvals": [1, 0],
            "ticktext": names,
            "tickfont": {"size": 13, "color": style.INK},
        },
        xaxis2=style.axis("difference, member by member", (-0.13, 0.2), **second[0])
        | {
            "tickvals": [-0.1, 0, 0.1],
            "ticktext": ["−0.1", "0", "0.1"],
        },
        yaxis2=style.bare_axis((-0.6, 0.6), **second[1]),
        annotations=[
            style.note(f"← {names[1]}", -0.005, 0.5, xref="x2", yref="y2", size=12)
            | {"xanchor": "right"},
            style.note(f"{names[0]} →", 0.005, 0.5, xref="x2", yref="y2", size=12)
            | {"xanchor": "left"},
        ],
    )


def _signed(number):
    return f"{number:+.3f}" if abs(number) >= 5e-4 else "0.000"


def _say_duel(pair, n, draw):
    one, two, gap = duel(pair, n, draw)
    names = [_SHORT[name] for name in DUELS[pair][:2]]
    overlap = "overlap" if one[1] < two[2] and two[1] < one[2] else "lie apart"
    if gap[1] > 0 or gap[2] < 0:
        verdict = f"{names[0] if gap[0] > 0 else names[1]} is better"
    else:
        verdict = "no decision, for 0 is inside"
    return style.true_minus(
        f"{n} members: {names[0]} {one[0]:.3f}, {names[1]} {two[0]:.3f}, and their intervals "
        f"{overlap}. The difference is {_signed(gap[0])}, from {_signed(gap[1])} to "
        f"{_signed(gap[2])}: {verdict}."
    )


def _table_duel(pair, n, draw):
    a, b, _ = DUELS[pair]
    rows = [
        [name, *(style.true_minus(f"{value:.3f}") for value in values)]
        for name, values in zip((_SHORT[a], _SHORT[b], "difference"), duel(pair, n, draw))
    ]
    return ["", "mean", "from", "to"], rows


how_sure = Explorable(
    _draw_duel,
    {
        "pair": Choice("Who against whom?", {key: names[2] for key, names in DUELS.items()}),
        # With all members asked there is nothing to draw, so the draw comes first.
        "draw": Slider("Which members? Draw", [1, 2, 3, 4, 5, 6], start=1),
        "n": Slider("Members in the test", MEMBERS_ASKED, start=200),
    },
    "The two blue intervals overlap. Is the contest undecided?",
    _say_duel,
    "evaluation.how-sure",
    table=_table_duel,
)

# -------------------------------------------------------------------------- the log, the truth

LOGGED = ["recall at 10", "NDCG at 10", "hit rate at 10", "clicks a look"]


@lru_cache
def ranking(by):
    """The models' names, best first."""
    results = house_results()
    return sorted(results, key=lambda name: -results[name][by])


def _draw_truth(by):
    left, right = ranking(by), ranking("truth")
    results = house_results()
    champions = (left[0], right[0])
    traces = []
    for name in results:
        star = name in champions
        places = [left.index(name), right.index(name)]
        traces.append(
            style.line(
                [0, 1],
                places,
                width=4 if star else 2,
                color=style.ITEM if name == right[0] else style.USER if star else style.QUIET,
                mode="lines+markers",
                marker={
                    "size": 14 if star else 9,
                    "symbol": "diamond" if name == right[0] else "circle",
                },
            )
        )
    traces.append(style.dots([1] * 6, list(range(6)), size=1, yaxis="y2"))  # calls its axis up
    names = {"left": left, "right": right}
    values = {side: results_of(by if side == "left" else "truth") for side in names}
    wide = {
        "left": [f"{name}  {values['left'][name]:.3f}" for name in left],
        "right": [f"{values['right'][name]:.2f}  {name}" for name in right],
    }
    tall = {
        "left": [f"{name}<br>{values['left'][name]:.3f}" for name in left],
        "right": [f"{name}<br>{values['right'][name]:.2f}" for name in right],
    }
    places = style.axis(None, (5.4, -0.4)) | {
        "showgrid": False,
        "ticks": "",
        "tickvals": list(range(6)),
        "tickfont": {"size": 13, "color": style.INK},
    }
    return style.figure(
        traces,
        height=360,
        margin={"l": 186, "r": 180, "t": 56, "b": 12},
        narrow={
            "height": 430,
            "margin.l": 116,
            "margin.r": 116,
            "yaxis.ticktext": tall["left"],
            "yaxis2.ticktext": tall["right"],
            "yaxis.tickfont.size": 12,
            "yaxis2.tickfont.size": 12,
        },
        xaxis=style.bare_axis((-0.12, 1.12)),
        yaxis=places | {"ticktext": wide["left"]},
        yaxis2=places | {"ticktext": wide["right"], "overlaying": "y", "side": "right"},
        annotations=[
            style.note(f"the log:<br>{by}", 0, 1.04, xref="paper", yref="paper", color=style.INK)
            | {"xanchor": "right", "yanchor": "bottom", "align": "right"},
            style.note(
                "the truth:<br>clicks a shelf", 1, 1.04, xref="paper", yref="paper", color=style.INK
            )
            | {"xanchor": "left", "yanchor": "bottom", "align": "left"},
        ],
    )


def results_of(by):
    """One number for each model."""
    return {name: row[by] for name, row in house_results().items()}


def _say_truth(by):
    results = house_results()
    chosen, best = ranking(by)[0], ranking("truth")[0]
    if chosen == best:
        return (
            f"By {by}, the log chooses “{chosen}”, and so does the truth: "
            f"{results[best]['truth']:.2f} clicks a shelf."
        )
    loss = 1 - results[chosen]["truth"] / results[best]["truth"]
    place = ranking(by).index(best) + 1
    return (
        f"By {by}, the log chooses “{chosen}”, which gets {results[chosen]['truth']:.2f} clicks "
        f"a shelf. The best, “{best}”, gets {results[best]['truth']:.2f} and is number {place} on "
        f"the log: {100 * loss:.0f} % of the clicks are lost."
    )


def _table_truth(by):
    results = house_results()
    rows = [
        [name, f"{results[name][by]:.3f}", f"{results[name]['truth']:.2f}"]
        for name in ranking("truth")
    ]
    return ["model", f"{by}, on the log", "clicks a shelf, by the truth"], rows


log_and_truth = Explorable(
    _draw_truth,
    {"by": Choice("What is measured on the log?", LOGGED)},
    "Here the truth is known, and the log chooses wrongly. Which question to the log would choose "
    "the best model?",
    _say_truth,
    "evaluation.log-and-truth",
    table=_table_truth,
)

# ------------------------------------------------------------------------- how many visitors

RATES = {0.01: "1 %", 0.05: "5 %", 0.2: "20 %"}
LIFTS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2]
ARMS = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000]
ARMS += [1_000_000, 2_000_000, 5_000_000]
_Z = np.round(np.linspace(-3.6, 10.2, 70), 2)
_HILL = np.round(np.exp(-(_Z**2) / 2), 4)
_FARTHEST = 7.6


def power(rate, lift, n):
    """(chance that a test with n visitors an arm finds the lift, its distance in errors)."""
    errors = rate * lift / np.sqrt(2 * rate * (1 - rate) / n)
    return 1 - BELL.cdf(1.96 - errors), float(errors)


def _draw_visitors(rate, lift, n):
    chance, errors = power(rate, lift, n)
    middle = min(errors, _FARTHEST)
    hill = np.round(np.exp(-((_Z - middle) ** 2) / 2), 3)
    found = _Z >= 1.96
    traces = [
        style.line(
            np.where(found, _Z, 1.96),
            np.where(found, hill, 0),
            color=style.ITEM_SOFT,
            width=0,
            fill="tozeroy",
            fillcolor=style.ITEM_SOFT,
        ),
        style.line(_Z, _HILL, color=style.QUIET, width=2),
        style.line(_Z, hill, color=style.ITEM, width=3),
        style.line([1.96, 1.96], [0, 1.12], color=style.INK, width=1.5, dash="dash"),
        style.words(
            [middle],
            [1.07],
            [f"{100 * chance:.0f} % found" + " →" * (errors > _FARTHEST)],
            color=style.ITEM,
        ),
    ]
    return style.figure(
        traces,
        height=340,
        margin={"l": 14, "r": 14, "t": 14, "b": 50},
        narrow={"xaxis.title.text": "measured difference, in standard errors"},
        xaxis=style.axis("measured difference between the arms, in standard errors", (-3.6, 10.2))
        | {
            "tickvals": [0, 1.96, 4, 6, 8],
            "ticktext": ["0", "1.96", "4", "6", "8"],
            "showgrid": False,
        },
        yaxis=style.bare_axis((0, 1.3)),
        annotations=[
            style.note("no effect", -1.5, 0.62, xref="x", yref="y", size=13) | {"xanchor": "right"},
            style.note("called a winner →", 2.1, 1.22, xref="x", yref="y", color=style.INK)
            | {"xanchor": "left"},
        ],
    )


def _say_visitors(rate, lift, n):
    chance, _ = power(rate, lift, n)
    need = n_per_arm(rate, lift)
    found = f"{100 * chance:.0f} of 100 such tests find it"
    if chance > 0.995:
        found = "nearly every such test finds it"
    return (
        f"Clicks rise from {100 * rate:g} % to {100 * rate * (1 + lift):.4g} %. With {n:,} "
        f"visitors in each arm, {found}; to find it "
        f"in 80 of 100 takes {need:,} in each arm."
    )


def _table_visitors(rate, lift, n):
    rows = [
        [
            f"{100 * each:g} %",
            f"{n_per_arm(rate, each):,}",
            f"{100 * power(rate, each, n)[0]:.0f} %",
        ]
        for each in LIFTS
    ]
    return ["lift", "visitors an arm for 80 %", f"found by {n:,} an arm"], rows


how_many_visitors = Explorable(
    _draw_visitors,
    {
        "rate": Choice("Clicks without the change", RATES, start=0.05),
        "lift": Slider(
            "They rise by", LIFTS, start=0.02, labels=[f"{100 * lift:g} %" for lift in LIFTS]
        ),
        "n": Slider(
            "Visitors in each arm", ARMS, start=20_000, labels=[f"{n:,}" for n in ARMS], play=True
        ),
    },
    "Clicks really rise by 2 %, from 5.0 to 5.1 in a hundred. Will 20,000 visitors an arm show it?",
    _say_visitors,
    "evaluation.how-many-visitors",
    table=_table_visitors,
)

# ------------------------------------------------------------------------------------ peeking

LOOKS = [1, 2, 5, 10, 20, 50, 100]
_STEPS = 100
_TESTS = 40


@lru_cache
def _null_tests(n=20_000, seed=27):
    """z after every hundredth of the visitors, of n tests in which both arms are the same."""
    steps = np.random.default_rng(seed).normal(size=(n, _STEPS))
    return steps.cumsum(axis=1) / np.sqrt(np.arange(1, _STEPS + 1))


def bound(looks, strict):
    """The z that counts as a win: 1.96, or so high that all looks together err in 5 %."""
    return BELL.inv_cdf(1 - 0.025 / looks) if strict else 1.96


@lru_cache
def false_alarms(looks, strict):
    """(share of all tests with an alarm at some look, first alarm of each, or -1)."""
    at = np.arange(1, looks + 1) * _STEPS // looks - 1
    over = np.abs(_null_tests()[:, at]) > bound(looks, strict)
    first = np.where(over.any(axis=1), at[over.argmax(axis=1)], -1)
    return float(over.any(axis=1).mean()), first


def _draw_peek(looks, strict):
    strict = strict == "lifted"
    _, first = false_alarms(looks, strict)
    paths = np.round(_null_tests()[:_TESTS, 1::2], 2)
    x = np.arange(2, _STEPS + 1, 2)
    limit = bound(looks, strict)
    alarmed = first[:_TESTS] >= 0
    z = _null_tests()[:_TESTS]
    dot_x = np.where(alarmed, first[:_TESTS] + 1, np.nan)
    dot_y = np.where(alarmed, z[np.arange(_TESTS), first[:_TESTS]], np.nan)
    traces = [
        style.line(
            x,
            path,
            width=1.8 if loud else 1,
            color=style.ITEM if loud else style.QUIET,
            opacity=1 if loud else 0.35,
        )
        for path, loud in zip(paths, alarmed)
    ]
    ticks = np.full(_STEPS, np.nan)
    ticks[:looks] = np.arange(1, looks + 1) * _STEPS // looks
    traces += [
        style.line([0, 100], [limit, limit], color=style.INK, width=1.5, dash="dash"),
        style.line([0, 100], [-limit, -limit], color=style.INK, width=1.5, dash="dash"),
        style.dots(dot_x, np.round(dot_y, 2), size=9),
        style.dots(
            ticks,
            np.full(_STEPS, -4.6),
            color=style.QUIET,
            size=8,
            marker={"symbol": "line-ns", "line": {"color": style.QUIET, "width": 1.5}},
        ),
    ]
    return style.figure(
        traces,
        height=380,
        margin={"l": 50, "r": 26, "t": 14, "b": 48},
        narrow={"margin.l": 42, "xaxis.title.text": "share of the planned visitors"},
        xaxis=style.axis("share of the planned visitors so far; ticks are looks", (0, 101))
        | {
            "tickvals": [0, 25, 50, 75, 100],
            "ticktext": ["0", "25 %", "50 %", "75 %", "100 %"],
            "showgrid": False,
        },
        yaxis=style.axis("difference in standard errors", (-5, 5))
        | {"tickvals": [-4, -2, 0, 2, 4], "ticktext": ["−4", "−2", "0", "2", "4"]},
    )


def _say_peek(looks, strict):
    hard = strict == "lifted"
    share, first = false_alarms(looks, hard)
    seen = int((first[:_TESTS] >= 0).sum())
    times = "Looking once, at the end" if looks == 1 else f"Looking {looks} times"
    return (
        f"{times}, with the bound at {bound(looks, hard):.2f}: {seen} of these {_TESTS} tests call "
        f"a winner where there is none, and {100 * share:.1f} % of 20,000 such tests do."
    )


def _table_peek(looks, strict):
    rows = [
        [each, *(f"{100 * false_alarms(each, hard)[0]:.1f} %" for hard in (False, True))]
        for each in LOOKS
    ]
    return ["looks", "false winners, bound 1.96", "bound lifted"], rows


peeking = Explorable(
    _draw_peek,
    {
        "looks": Slider("How often do you look?", LOOKS, start=20),
        "strict": Choice(
            "The bound", {"1.96": "1.96 at every look", "lifted": "lifted for the looks"}
        ),
    },
    "Both arms show the same page. How many of 40 tests will still have a winner?",
    _say_peek,
    "evaluation.peeking",
    table=_table_peek,
)
