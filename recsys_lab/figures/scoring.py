"""Pictures of the chapter "Scoring"."""

from functools import lru_cache

import numpy as np

from recsys_lab.data import load_harbour
from recsys_lab.explore import Choice, Explorable, Pad, Slider, Toggle, style
from recsys_lab.scoring import (
    by_rank,
    calibration_table,
    examination,
    ips_ctr,
    isotonic,
    session_minutes,
    shelf_loop,
    sigmoid,
    undo_downsampling,
)


def _percents(*values):
    """Ticks of an axis of shares, written as everywhere in the book."""
    return {
        "tickvals": [value / 100 for value in values],
        "ticktext": [f"{value}\u00a0%" for value in values],
    }


# ------------------------------------------------------------------ one shelf, three winners

CLIPS = {  # chance of a click, minutes watched after one, chance to stay for another of its kind
    "10 SECRETS of the lighthouse": (0.42, 1.2, 0.25),
    "Four-hour harbour stream": (0.06, 70, 0.10),
    "Knots in 6 minutes": (0.21, 5.5, 0.72),
    "Tide tables explained": (0.15, 9, 0.55),
    "Kelp cooking, ep. 3": (0.24, 7, 0.66),
}
CLIP_NAMES = ["10 SECRETS", "4-hour stream", "Knots", "Tide tables", "Kelp cooking"]
_P, _MINUTES, _STAY = np.array(list(CLIPS.values())).T
WORTH = {  # what one showing is worth, in the unit of each department
    "clicks": _P,
    "minutes": _P * _MINUTES,
    "evening": session_minutes(_P, _MINUTES, _STAY),
}
SHARES = np.array([worth / worth.max() for worth in WORTH.values()])  # (3, 5), best is 1
WEIGHTS = np.arange(0, 1.51, 0.125)
_CLIP_COLOR = [style.ITEM, style.FOURTH, style.QUIET, style.QUIET, style.THIRD]
_CLIP_SOFT = {0: style.ITEM_SOFT, 1: style.FOURTH_SOFT, 4: style.THIRD_SOFT}


def mixed(minutes, evening):
    """Score of each clip where a share of the best counts 1 in clicks and so much in the others."""
    return SHARES[0] + minutes * SHARES[1] + evening * SHARES[2]


@lru_cache
def winning_region(clip, edge=1.5):
    """Corners of the weights for which a clip comes first: a square cut by one line a rival."""
    corners = [(0.0, 0.0), (edge, 0.0), (edge, edge), (0.0, edge)]
    for rival in range(len(CLIPS)):
        if rival == clip:
            continue
        lead = SHARES[:, clip] - SHARES[:, rival]

        def ahead(at, lead=lead):
            return lead[0] + lead[1] * at[0] + lead[2] * at[1]

        kept = []
        for a, b in zip(corners, corners[1:] + corners[:1]):
            if ahead(a) >= 0:
                kept.append(a)
            if ahead(a) * ahead(b) < 0:
                t = ahead(a) / (ahead(a) - ahead(b))
                kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        corners = kept
    return corners


def _draw_winners(weights):
    first, second, size = style.side_by_side(
        left=0.43, gap=0.235, height=400, narrow_height=680, split=0.5, narrow_gap=0.16
    )
    size["narrow"]["xaxis2.domain"] = [0.28, 1]
    mix = mixed(*weights)
    best = int(mix.argmax())
    columns = np.vstack([SHARES, mix / mix.max()])  # (4, 5)
    traces = []
    for clip, soft in _CLIP_SOFT.items():
        x, y = np.array([*winning_region(clip), winning_region(clip)[0]]).T
        traces.append(style.line(x, y, color=style.PAPER, width=2, fill="toself", fillcolor=soft))
    traces.append(
        style.words(
            [0.52, 1.16, 0.4],
            [0.1, 0.55, 1.05],
            ["10 SECRETS", "4-hour<br>stream", "Kelp cooking"],
        )
    )
    traces.append(
        style.dots([weights[0]], [weights[1]], color=style.USER, size=12, hoverinfo="skip")
    )
    for clip in range(len(CLIPS)):
        y = columns[:, clip]
        traces.append(
            style.line(
                [0, 1, 2, 3],
                y,
                color=_CLIP_COLOR[clip],
                width=4 if clip == best else 2,
                mode="lines+markers",
                marker={"size": [11 if clip == best else 8] * 4, "color": _CLIP_COLOR[clip]},
                cliponaxis=False,
                xaxis="x2",
                yaxis="y2",
            )
        )
    traces.append(
        style.words(
            [-0.14] * len(CLIPS), SHARES[0], CLIP_NAMES, at="middle left", xaxis="x2", yaxis="y2"
        )
        | {"cliponaxis": False}
    )
    return style.figure(
        traces,
        **size,
        margin={"l": 46, "r": 20, "t": 44, "b": 50},
        xaxis=style.axis("how much minutes count", (-0.2, 1.66), **first[0])
        | {"tickvals": [0, 0.5, 1, 1.5], "showgrid": False},
        yaxis=style.axis("how much the evening counts", (-0.2, 1.66), **first[1])
        | {"tickvals": [0, 0.5, 1, 1.5], "showgrid": False},
        xaxis2=style.bare_axis((-0.15, 3.2), **second[0])
        | {
            "showticklabels": True,
            "tickvals": [0, 1, 2, 3],
            "ticktext": ["clicks", "minutes", "evening", "<b>your<br>mix</b>"],
            "tickfont": {"size": 12, "color": style.INK},
            "showgrid": True,
        },
        yaxis2=style.bare_axis((0, 1.04), **second[1]),
        annotations=[
            style.note(text, x, 1.02, xref="x2", yref="y2 domain", yanchor="bottom", size=12)
            for x, text in enumerate(["42 %", "4.2 min", "4.9 min", "best"])
        ],
    )


def _say_winners(weights):
    mix = mixed(*weights)
    best, second = (CLIP_NAMES[j] for j in np.argsort(-mix, kind="stable")[:2])
    follows = np.sort(mix)[-2] / mix.max()
    if weights == (0, 0):
        start = "Only clicks count"
    else:
        start = (
            f"A share of the best counts 1 in clicks, {weights[0]:g} in minutes and "
            f"{weights[1]:g} in the evening"
        )
    share = "nearly the same score" if follows > 0.995 else f"{100 * follows:.0f} % of its score"
    then = f"{second} follows with {share}"
    return f"{start}: {best} comes first, and {then}."


def _table_winners(weights):
    mix = mixed(*weights)
    rows = [
        [name, *(float(worth[j]) for worth in WORTH.values()), float(mix[j])]
        for j, name in enumerate(CLIPS)
    ]
    return ["clip", "chance of a click", "minutes", "minutes of the evening", "your mix"], rows


three_winners = Explorable(
    _draw_winners,
    {
        "weights": Pad(
            "Drag the point",
            WEIGHTS,
            WEIGHTS,
            start=(0.0, 0.0),
            names=("minutes", "evening"),
        )
    },
    "Which clip comes first for clicks, which for minutes, which for the whole evening?",
    _say_winners,
    "scoring.three-winners",
    table=_table_winners,
)

# ------------------------------------------------------------------------ two thermometers

SCALES = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
MERGES = {
    "raw": "as they come",
    "rank": "by place in their own list",
    "chance": "as chance of a click",
}
_BETTER = {"A": "A's", "even": "equally good", "B": "B's"}
_ON_SHELF = 6


@lru_cache
def two_generators(better):
    """True chances of the ten candidates of each generator, and what each one's log taught.

    Returns ``(chance (2, 10), read (2, 10))``: ``read`` is isotonic regression of 4,000 logged
    clicks on the generator's own scores, so that it does not depend on their unit.
    """
    rng = np.random.default_rng(8)
    ranges = {"A": [(0.12, 0.62), (0.02, 0.36)], "even": [(0.05, 0.5)] * 2}
    ranges["B"] = ranges["A"][::-1]
    chance, read = np.empty((2, 10)), np.empty((2, 10))
    for g, (low, high) in enumerate(ranges[better]):
        chance[g] = np.linspace(high, low, 10) + rng.uniform(-0.015, 0.015, 10)
        logged = rng.uniform(low, high, 4_000)
        read[g] = np.interp(chance[g], *isotonic(logged, rng.random(4_000) < logged))
    return chance, read


def scores_as_given(chance, scale):
    """A speaks in numbers from 0 to 1, B in log-odds on a scale of its own."""
    a, b = chance
    return np.array([0.25 + a, scale * (np.log(b / (1 - b)) + 4)])


def merged(scale, merge, better):
    """``(scores (2, 10), shelf)``: what is sorted, and the numbers 0 to 19 of the six best."""
    chance, read = two_generators(better)
    scores = scores_as_given(chance, scale)
    if merge == "rank":
        scores = np.array([by_rank(own) for own in scores])
    elif merge == "chance":
        scores = read
    return scores, np.argsort(-scores.ravel(), kind="stable")[:_ON_SHELF]


def clicks_on_shelf(scale, merge, better):
    """Clicks of 100 viewers who look at all six, and what the best six would have got."""
    chance, _ = two_generators(better)
    _, shelf = merged(scale, merge, better)
    flat = chance.ravel()
    return 100 * flat[shelf].sum(), 100 * np.sort(flat)[-_ON_SHELF:].sum()


def _draw_thermometers(merge, scale, better):
    first, second, size = style.side_by_side(
        left=0.58, gap=0.12, height=330, narrow_height=560, split=0.46, narrow_gap=0.24
    )
    size["narrow"]["margin.l"] = 40
    chance, _ = two_generators(better)
    scores, shelf = merged(scale, merge, better)
    cut = scores.ravel()[shelf[-1]]
    top = {"raw": scores.max() * 1.08, "rank": 1.05, "chance": 0.7}[merge]
    unit = {
        "raw": "score, as the generator gives it",
        "rank": "share of the own list that it beats or ties",
        "chance": "chance of a click, read off the own log",
    }[merge]
    traces = [style.line([cut, cut], [0.5, 2.5], dash="dash", width=1.5)]
    lane = np.tile([0.09, -0.09], 5)  # equal scores stay apart
    for g, (symbol, color, soft) in enumerate(
        [("circle", style.ITEM, style.ITEM_SOFT), ("diamond", style.THIRD, style.THIRD_SOFT)]
    ):
        on = np.isin(np.arange(10) + 10 * g, shelf)
        traces.append(
            style.dots(
                scores[g],
                2 - g + lane,
                size=14,
                marker={
                    "symbol": symbol,
                    "color": [color if yes else soft for yes in on],
                    "line": {"color": color, "width": 1.5},
                },
                cliponaxis=False,
            )
        )
    best = np.sort(chance.ravel())[::-1][:_ON_SHELF]
    place = list(range(1, _ON_SHELF + 1))
    traces += [
        style.bars(
            place,
            chance.ravel()[shelf],
            labels=["AB"[j // 10] for j in shelf],
            textposition="inside",
            insidetextanchor="start",
            textfont={"color": style.PAPER, "size": 14},
            marker={"color": [(style.ITEM, style.THIRD)[j // 10] for j in shelf]},
            xaxis="x2",
            yaxis="y2",
        ),
        style.dots(
            place,
            best,
            color=style.INK,
            size=16,
            marker={"symbol": "line-ew", "line": {"color": style.INK, "width": 2.5}},
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 40, "r": 14, "t": 34, "b": 50},
        xaxis=style.axis(unit, (-0.04 * top, top), **first[0]) | {"nticks": 6},
        yaxis=style.bare_axis((0.4, 2.6), **first[1])
        | {
            "showticklabels": True,
            "tickvals": [2, 1],
            "ticktext": ["<b>A</b>", "<b>B</b>"],
            "tickfont": {"size": 15, "color": style.INK},
        },
        xaxis2=style.axis("place on the shelf", (0.4, 6.6), **second[0])
        | {"showgrid": False, "tickvals": place},
        yaxis2=style.axis(None, (0, 0.7), **second[1]) | _percents(0, 20, 40, 60),
        bargap=0.2,
        annotations=[
            style.note("filled: on the shelf", 0.5, 1.08, xref="x domain", yref="y domain"),
            style.note(
                "true chance,  <b>–</b> of the best six",
                0.45,
                1.08,
                xref="x2 domain",
                yref="y2 domain",
            ),
        ],
    )


def _say_thermometers(merge, scale, better):
    _, shelf = merged(scale, merge, better)
    got, best = clicks_on_shelf(scale, merge, better)
    from_b = int((shelf >= 10).sum())
    how = {
        "raw": f"Sorted as they come, with B's scale at {scale:g}",
        "rank": "Sorted by place in their own list",
        "chance": "Sorted by the chance of a click",
    }[merge]
    end = "" if merge == "raw" else "; B's scale has no say"
    return (
        f"{how}, A fills {_ON_SHELF - from_b} of the six places and B {from_b}: "
        f"{got:.0f} clicks from 100 viewers who look at all six, where the best six get "
        f"{best:.0f}{end}."
    )


def _table_thermometers(merge, scale, better):
    chance, read = two_generators(better)
    scores = scores_as_given(chance, scale)
    _, shelf = merged(scale, merge, better)
    rows = [
        [
            "AB"[g],
            float(scores[g, j]),
            float(by_rank(scores[g])[j]),
            float(read[g, j]),
            float(chance[g, j]),
            bool(10 * g + j in shelf),
        ]
        for g in range(2)
        for j in range(10)
    ]
    return ["generator", "score", "place", "read off the log", "true chance", "on the shelf"], rows


two_thermometers = Explorable(
    _draw_thermometers,
    {
        "merge": Choice("Sort the pool", MERGES, start="raw"),
        "scale": Slider("B multiplies its scores by", SCALES, start=1.0),
        "better": Choice("Whose films are better?", _BETTER, start="A"),
    },
    "B only changes its unit, and not one film. Whose films will fill the shelf?",
    _say_thermometers,
    "scoring.two-thermometers",
    table=_table_thermometers,
)

# ------------------------------------------------------------------- the loop of the top shelf

SHELF = ["Fog Signal", "Salt & Sugar", "The Quiet Vault", "Lamp Oil", "Everything Regatta"]
INITIALS = ["F", "S", "Q", "L", "E"]
RELEVANCE = np.array([0.30, 0.28, 0.25, 0.20, 0.15])  # P(click | looked at)
WORST_FIRST = np.array([4, 3, 2, 1, 0])
PLACE = np.array([5, 4, 3, 2, 1])  # of films 0 to 4 on that shelf
ROUNDS = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40]
ETAS = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0]


@lru_cache
def history(eta, correct):
    """Film numbers from top to bottom, before and after each of 40 rounds: shape (41, 5)."""
    return shelf_loop(RELEVANCE, WORST_FIRST, eta, n_rounds=40, n_views=500, correct=correct)


@lru_cache
def counted(eta, correct):
    """What is counted for each film, of 100 views so far, before and after each round: (41, 5).

    The same draws as in `history`, so that its orders are these numbers sorted.
    """
    looked_at = examination(np.arange(1, 6), eta)
    rng = np.random.default_rng(0)
    clicks = np.zeros((41, 5))
    for t, order in enumerate(history(eta, correct)[:-1]):
        seen = np.empty(5)
        seen[order] = looked_at
        new = rng.binomial(500, RELEVANCE * seen) / (seen if correct else 1)
        clicks[t + 1] = clicks[t] + new
    return 100 * clicks / (500 * np.maximum(np.arange(41), 1))[:, None]


def _draw_loop(rounds, eta, correct):
    first, second, size = style.side_by_side(
        left=0.47, gap=0.25, height=380, narrow_height=620, split=0.52, narrow_gap=0.16
    )
    size["narrow"]["xaxis2.domain"] = [0.36, 1]
    orders = history(eta, correct)
    places = np.argsort(orders, axis=1) + 1.0  # (41, 5): place of each film
    seen = np.array(ROUNDS)
    drawn = seen <= rounds
    now = orders[rounds]
    rate = counted(eta, correct)[rounds]
    traces = []
    for j in (4, 3, 2, 1, 0):
        traces.append(
            style.line(
                seen,
                np.where(drawn, places[seen, j], np.nan),
                color=style.ITEM if j == 0 else style.QUIET,
                width=4 if j == 0 else 1.5,
            )
        )
    traces.append(
        style.dots(
            [rounds] * 5,
            places[rounds],
            labels=INITIALS,
            label_at="middle center",
            size=25,
            marker={
                "color": [style.ITEM] + [style.ITEM_SOFT] * 4,
                "line": {"color": style.ITEM, "width": 1.5},
            },
            textfont={"size": 13, "color": [style.PAPER] + [style.INK] * 4},
            cliponaxis=False,
        )
    )
    rows = [1, 2, 3, 4, 5]
    traces += [
        style.bars(
            rate[now],
            rows,
            horizontal=True,
            color=style.USER_SOFT,
            labels=[f"{value:.1f}" if rounds else "" for value in rate[now]],
            textposition="inside",
            insidetextanchor="start",
            textfont={"color": style.INK, "size": 13},
            xaxis="x2",
            yaxis="y2",
        ),
        style.dots(
            100 * RELEVANCE[now],
            rows,
            size=12,
            marker={"symbol": "diamond"},
            xaxis="x2",
            yaxis="y2",
            cliponaxis=False,
        ),
    ]
    bar = "clicks ÷ looks" if correct else "clicks"
    return style.figure(
        traces,
        **size,
        margin={"l": 38, "r": 18, "t": 40, "b": 48},
        xaxis=style.axis("rounds of counting and sorting", (-3.5, 43), **first[0])
        | {"showgrid": False, "tickvals": [0, 10, 20, 30, 40]},
        yaxis=style.axis(None, (5.6, 0.4), **first[1])
        | {"tickvals": rows, "ticktext": ["1st", "2nd", "3rd", "4th", "5th"]},
        xaxis2=style.axis("of 100 views so far", (0, 33), **second[0])
        | {"tickvals": [0, 10, 20, 30]},
        yaxis2=style.bare_axis((5.6, 0.4), **second[1])
        | {
            "showticklabels": True,
            "tickvals": rows,
            "ticktext": [SHELF[j] for j in now],
            "tickfont": {"size": 13, "color": style.INK},
        },
        bargap=0.35,
        annotations=[
            style.note("place on the shelf", 0.5, 1.07, xref="x domain", yref="y domain"),
            style.note(
                f"▬ {bar}   ◆ would click",
                0.4,
                1.07,
                xref="x2 domain",
                yref="y2 domain",
            ),
        ],
    )


def _rounds(count):
    return f"{count} round" if count == 1 else f"{count} rounds"


def _say_loop(rounds, eta, correct):
    now = history(eta, correct)[rounds]
    place = int(np.flatnonzero(now == 0)[0]) + 1
    third = examination(3, eta)
    looks = (
        "everybody looks at every place"
        if eta == 0
        else f"place 3 is looked at by {100 * third:.0f} %"
    )
    start = "At the start" if rounds == 0 else f"After {_rounds(rounds)}"
    nth = ["first", "second", "third", "fourth", "last"][place - 1]
    verdict = (
        "the order is that of the true tastes"
        if np.array_equal(now, np.arange(5))
        else f"the order is {', '.join(INITIALS[j] for j in now)} and should be F, S, Q, L, E"
    )
    counts = "clicks are divided by looks" if correct else "clicks are counted as they come"
    return (
        f"{start}, Fog Signal, the film that most would click, is {nth}; {verdict} "
        f"({looks}; {counts})."
    )


def _table_loop(rounds, eta, correct):
    now = history(eta, correct)[rounds]
    rate = counted(eta, correct)[rounds]
    looked_at = examination(np.arange(1, 6), eta)
    rows = [
        [k + 1, SHELF[j], float(100 * looked_at[k]), float(100 * RELEVANCE[j]), float(rate[j])]
        for k, j in enumerate(now)
    ]
    head = ["place", "film", "of 100 look", "would click of 100 who look", "counted of 100 views"]
    return head, rows


top_shelf_loop = Explorable(
    _draw_loop,
    {
        "rounds": Slider("Rounds", ROUNDS, start=0, play=True),
        "eta": Slider(
            "How fast do eyes tire? η",
            ETAS,
            start=1.0,
            ends=("everybody sees all", "hardly beyond the top"),
        ),
        "correct": Toggle("divide clicks by looks"),
    },
    "The best film starts at the bottom. Where is it after forty rounds of counting clicks?",
    _say_loop,
    "scoring.top-shelf-loop",
    table=_table_loop,
)

# -------------------------------------------------------------------------- how far eyes go

WATCHED = {"all": "all 200 films", "3": "Everything Regatta", "0": "Fog Signal"}
TRIED = np.round(np.arange(0, 1.21, 0.1), 1)


@lru_cache
def shelf_counts():
    """Impressions and clicks of each film at each place, shown in its own language: (n, 10)."""
    house = load_harbour()
    log, truth = house.impressions, house.truth
    own = truth["user_group"][log["user"]] == truth["item_group"][log["item"]]
    shape = len(house.items["title"]), 10
    cell = np.ravel_multi_index((log["item"][own], log["position"][own] - 1), shape)
    shown = np.bincount(cell, minlength=np.prod(shape)).reshape(shape)
    clicked = np.bincount(cell, log["clicked"][own], np.prod(shape)).reshape(shape)
    return shown, clicked


def looks_by_place(shown, clicked, n_steps=50):
    """P(looked at) by place, relative to the first, if clicks = shown · appeal · look.

    Each in turn: a film's appeal is its clicks over the looks it got, a place's look its clicks
    over the appeal that stood there. That climbs the Poisson likelihood until nothing moves.
    """
    look = np.ones(shown.shape[1])
    for _ in range(n_steps):
        appeal = clicked.sum(axis=1) / np.maximum(shown @ look, 1e-12)
        look = clicked.sum(axis=0) / (appeal @ shown)
    return look / look[0]


@lru_cache
def _rates(film):
    """Clicks, and the appeal that was shown, at each place: their ratio is the look it got.

    One film has one appeal, taken as 1 here; of all films each is compared with itself.
    """
    shown, clicked = shelf_counts()
    if film == "all":
        return clicked.sum(axis=0), clicked.sum(axis=0) / looks_by_place(shown, clicked)
    return clicked[int(film)], shown[int(film)].astype(float)


def level_by_place(eta, film):
    """Clicks by place over what is expected if looks fall as place^−η: ``(ratio, factor)``, (10,).

    All are 1 where η is right, within a factor of two standard errors of counting.
    """
    clicks, appeal = _rates(film)
    expected = appeal * examination(np.arange(1, 11), eta)
    expected *= clicks.sum() / expected.sum()
    return clicks / expected, np.exp(2 / np.sqrt(clicks))


def _draw_eyes(eta, film):
    ratio, factor = level_by_place(eta, film)
    traces = [
        style.line([0.4, 10.6], [1, 1], dash="dash", width=2),
        style.dots(
            np.arange(1, 11),
            ratio,
            size=12,
            error_y={
                "type": "data",
                "array": ratio * (factor - 1),
                "arrayminus": ratio * (1 - 1 / factor),
                "color": style.ITEM,
                "thickness": 2,
                "width": 5,
            },
        ),
    ]
    return style.figure(
        traces,
        height=340,
        margin={"l": 62, "r": 14, "t": 34, "b": 48},
        xaxis=style.axis("place on the shelf", (0.4, 10.6)) | {"showgrid": False, "dtick": 1},
        yaxis=style.axis("clicks ÷ clicks expected")
        | {
            "type": "log",
            "range": [-0.95, 0.87],
            "tickvals": [0.125, 0.25, 0.5, 1, 2, 4],
            "ticktext": ["⅛", "¼", "½", "1", "2", "4"],
        },
        annotations=[
            style.note(
                "whiskers: two standard errors",
                0.5,
                1.08,
                xref="x domain",
                yref="y domain",
            )
        ],
    )


def _say_eyes(eta, film):
    ratio, _ = level_by_place(eta, film)
    shown, _ = shelf_counts()
    whose = "All films, each compared with itself" if film == "all" else WATCHED[film]
    views = shown.sum() if film == "all" else shown[int(film)].sum()
    where = f"lie between {ratio.min():.2f} and {ratio.max():.2f}"
    clicks, _ = _rates(film)
    # Does the lower half of the shelf have more clicks than expected, or fewer?
    expected = clicks / ratio
    lower = clicks[5:].sum() - expected[5:].sum()
    doubt = 2 * np.sqrt(expected[5:].sum())
    if eta == 0 and lower < 0:
        verdict = "as if everybody looked everywhere: far too few clicks below"
    elif np.all(np.abs(ratio - 1) < 0.06):
        verdict = "so a film no longer cares where it stands"
    elif abs(lower) < doubt:
        verdict = f"and {views:,} views cannot tell that from level"
    elif lower > 0:
        verdict = "more clicks below than expected: so many look further down than that"
    else:
        verdict = "fewer clicks below than expected: fewer look that far down"
    return f"{whose} ({views:,} views), η = {eta:g}: the ten dots {where}, {verdict}."


def _table_eyes(eta, film):
    ratio, _ = level_by_place(eta, film)
    looked_at = examination(np.arange(1, 11), eta)
    clicks, _ = _rates(film)
    rows = [
        [k, int(c), float(look), float(c / r), float(r)]
        for k, c, look, r in zip(range(1, 11), clicks, looked_at, ratio)
    ]
    return ["place", "clicks", "looked at, if η is right", "expected", "ratio"], rows


how_far_eyes_go = Explorable(
    _draw_eyes,
    {
        "eta": Slider("Believed η", TRIED, start=0.0),
        "film": Choice("Look at", WATCHED, start="all"),
    },
    "How fast must eyes tire (η) for a film not to care where it stands?",
    _say_eyes,
    "scoring.how-far-eyes-go",
    table=_table_eyes,
)

# ------------------------------------------------------------------------ the price of honesty

VIEWERS = [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000]
CLIP_AT = [1.0, 1.5, 2.0, 3.0, 4.0, 12.0]  # weights reach 5^1.5 ≈ 11 at the largest believed η
BELIEVED = [0.5, 0.75, 1.0, 1.25, 1.5]
_WORLDS = 5_000


@lru_cache
def _clicks_of_worlds(n_views):
    rng = np.random.default_rng(n_views)
    return rng.binomial(n_views, RELEVANCE / PLACE, size=(_WORLDS, 5))


@lru_cache(maxsize=1024)
def honesty(n_views, clip, believed):
    """Mean, spread and error of the five estimates, and how often their order is right.

    ``(mean (5,), spread (5,), error of Fog Signal's, share of worlds in the right order)``.
    """
    estimate = ips_ctr(_clicks_of_worlds(n_views), n_views, PLACE, believed, clip)
    lot = 1e-9 * np.random.default_rng(0).random(estimate.shape)  # decides between equals
    right = (np.diff(estimate + lot, axis=1) < 0).all(axis=1).mean()
    error = np.sqrt(np.mean((estimate[:, 0] - RELEVANCE[0]) ** 2))
    return estimate.mean(axis=0), estimate.std(axis=0), float(error), float(right)


def _draw_honesty(n_views, clip, believed):
    first, second, size = style.side_by_side(
        left=0.54, gap=0.14, height=390, narrow_height=660, split=0.52, narrow_gap=0.2
    )
    mean, spread, _, right = honesty(n_views, clip, believed)
    curve = [honesty(n, clip, believed)[3] if n <= n_views else np.nan for n in VIEWERS]
    x = list(range(5))
    traces = [
        style.dots(
            x,
            RELEVANCE,
            size=15,
            marker={
                "symbol": "diamond-open",
                "color": style.ITEM,
                "line": {"width": 2, "color": style.ITEM},
            },
        ),
        style.dots(
            x,
            mean,
            color=style.USER,
            size=9,
            error_y={
                "type": "data",
                "array": spread,
                "color": style.USER,
                "thickness": 2.5,
                "width": 7,
            },
        ),
        style.line([10, 1e6], [0.9, 0.9], width=1.5, dash="dash", xaxis="x2", yaxis="y2"),
        style.line(VIEWERS, curve, color=style.USER, xaxis="x2", yaxis="y2"),
        style.dots(
            [n_views],
            [right],
            color=style.USER,
            size=14,
            labels=[f"{100 * right:.0f} %"],
            label_at="top center" if right > 0.75 else "bottom right",  # clear of the 90 %
            xaxis="x2",
            yaxis="y2",
            cliponaxis=False,
        ),
    ]
    names = ["Fog<br>Signal", "Salt &<br>Sugar", "Quiet<br>Vault", "Lamp<br>Oil", "Regatta"]
    return style.figure(
        traces,
        **size,
        margin={"l": 46, "r": 18, "t": 34, "b": 66},
        xaxis=style.bare_axis((-0.5, 4.5), **first[0])
        | {
            "showticklabels": True,
            "tickvals": x,
            "ticktext": [f"{name}<br>place {k}" for name, k in zip(names[:4], PLACE)]
            + ["Regatta<br><br>place 1"],
            "tickfont": {"size": 12, "color": style.INK},
        },
        yaxis=style.axis(None, (-0.05, 0.95), **first[1])
        | _percents(0, 20, 40, 60, 80)
        | {"zeroline": True},
        xaxis2=style.axis("viewers who saw the shelf", **second[0])
        | {
            "type": "log",
            "range": [1.15, 5.1],
            "tickvals": [20, 200, 2_000, 20_000],
            "ticktext": ["20", "200", "2,000", "20,000"],
        },
        yaxis2=style.axis(None, (-0.14, 1.22), **second[1]) | _percents(0, 50, 90, 100),
        annotations=[
            style.note(
                "◇ truth   ● estimate ± spread", 0.5, 1.07, xref="x domain", yref="y domain"
            ),
            style.note("worlds in the right order", 0.5, 1.07, xref="x2 domain", yref="y2 domain"),
        ],
    )


def _say_honesty(n_views, clip, believed):
    mean, spread, error, right = honesty(n_views, clip, believed)
    weight = min(5**believed, clip)
    if weight == 1:
        how = "no correction at all"
    elif clip < 5**believed:
        how = f"no click counting more than {clip:g}"
    else:
        how = f"a click at the bottom counting {weight:.1f}".replace(".0", "")
    typical = f"a typical error of {100 * error:.1f} points"
    return (
        f"{n_views:,} viewers, {how}: Fog Signal's 30 % is estimated as {100 * mean[0]:.0f} %, "
        f"give or take {100 * spread[0]:.1f}, {typical}; all five "
        f"are in the right order in {100 * right:.0f} of 100 worlds."
    )


def _table_honesty(n_views, clip, believed):
    mean, spread, _, right = honesty(n_views, clip, believed)
    rows = [
        [film, int(k), float(r), float(m), float(s)]
        for film, k, r, m, s in zip(SHELF, PLACE, RELEVANCE, mean, spread)
    ]
    rows.append(["worlds in the right order", "", "", float(right), ""])
    return ["film", "place", "truth", "mean estimate", "spread"], rows


price_of_honesty = Explorable(
    _draw_honesty,
    {
        "n_views": Slider(
            "Viewers", VIEWERS, start=200, labels=[f"{n:,}" for n in VIEWERS], play=True
        ),
        "clip": Slider(
            "A click counts at most",
            CLIP_AT,
            start=12.0,
            labels=["1: as it comes", "1.5", "2", "3", "4", "no limit"],
        ),
        "believed": Slider("Believed η (true: 1)", BELIEVED, start=1.0),
    },
    "200 viewers are too few. How many does it take until nine worlds of ten are in order?",
    _say_honesty,
    "scoring.price-of-honesty",
    table=_table_honesty,
)

# ------------------------------------------------------------------- right order, wrong number

ADVERTS = {  # true chance of a click, pence that the house earns a click
    "Rope & Sail": (0.30, 10),
    "Harbour Café": (0.22, 15),
    "Night Ferry": (0.12, 32),
    "Oilskins": (0.08, 45),
    "Lighthouse Tours": (0.04, 110),
    "Boat Insurance": (0.015, 260),
}
AD_LETTERS = ["R", "C", "F", "O", "L", "I"]
AD_P, AD_PRICE = np.array(list(ADVERTS.values())).T
SLOPES = [0.5, 0.65, 0.8, 1.0, 1.25, 1.6, 2.0]
KEPT = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
REPAIRS = {"none": "no repair", "undo": "undo the sampling", "isotonic": "isotonic, from a log"}


def model_says(p, slope, kept):
    """What a model says that stretches the log-odds and kept this share of the no-clicks."""
    p = np.asarray(p, dtype=float)
    return sigmoid(slope * np.log(p / (1 - p)) - np.log(kept))


@lru_cache
def _logs():
    """Two weeks of 100,000 showings: true chances and clicks, one to repair by, one to test on."""
    rng = np.random.default_rng(2)
    chance = np.exp(rng.uniform(np.log(0.005), np.log(0.6), size=(2, 100_000)))
    return chance, rng.random(chance.shape) < chance


@lru_cache
def _learned():
    """Isotonic curve of the first log. A rising change of the score changes no height of it."""
    chance, clicked = _logs()
    return isotonic(chance[0], clicked[0])


def repaired(p, slope, kept, repair):
    """The model's number for true chances p, after the repair."""
    if repair == "isotonic":
        return np.interp(p, *_learned())
    said = model_says(p, slope, kept)
    return undo_downsampling(said, kept) if repair == "undo" else said


@lru_cache(maxsize=256)
def _reliability(slope, kept, repair):
    chance, clicked = _logs()
    table = calibration_table(repaired(chance[1], slope, kept, repair), clicked[1], 10)
    rows = np.full((3, 10), np.nan)
    for row, name in zip(rows, ("predicted", "observed", "count")):
        row[: len(table[name])] = table[name]
    return rows


def earned(slope, kept, repair):
    """``(best, chosen)``: numbers of the adverts that truth and model put first by p · price."""
    said = repaired(AD_P, slope, kept, repair)
    return int(np.argmax(AD_P * AD_PRICE)), int(np.argmax(said * AD_PRICE))


def _draw_wrong(slope, kept, repair):
    first, second, size = style.side_by_side(
        left=0.4, gap=0.24, height=420, narrow_height=720, split=0.47, narrow_gap=0.2
    )
    size["narrow"]["xaxis2.domain"] = [0.33, 1]
    predicted, observed, _ = _reliability(slope, kept, repair)
    said = repaired(AD_P, slope, kept, repair)
    orders = [
        np.argsort(-score, kind="stable")
        for score in (AD_P, said, AD_P * AD_PRICE, said * AD_PRICE)
    ]
    traces = [
        style.line([0, 1], [0, 1], dash="dash", width=1.5),
        style.line(
            predicted,
            observed,
            color=style.USER,
            mode="lines+markers",
            marker={"size": 8, "color": style.USER, "symbol": "square"},
            connectgaps=False,
        ),
    ]
    columns = [0, 1, 2.25, 3.25]
    for j, letter in enumerate(AD_LETTERS):
        y = [int(np.flatnonzero(order == j)[0]) + 1 for order in orders]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "x": [*columns[:2], None, *columns[2:]],
                "y": [*y[:2], None, *y[2:]],
                "line": {"color": style.QUIET, "width": 1.5},
                "marker": {
                    "size": 26,
                    "color": [
                        style.ITEM if place == 1 else style.ITEM_SOFT
                        for place in [*y[:2], 9, *y[2:]]
                    ],
                    "line": {"color": style.ITEM, "width": 1.5},
                },
                "text": [letter] * 5,
                "textfont": {
                    "size": 13,
                    "color": [
                        style.PAPER if place == 1 else style.INK for place in [*y[:2], 9, *y[2:]]
                    ],
                },
                "hoverinfo": "skip",
                "xaxis": "x2",
                "yaxis": "y2",
                "cliponaxis": False,
            }
        )
    return style.figure(
        traces,
        **size,
        margin={"l": 48, "r": 14, "t": 62, "b": 48},
        xaxis=style.axis("the model says", (-0.03, 1.03), **first[0])
        | _percents(0, 25, 50, 75, 100),
        yaxis=style.axis("of 100 showings, clicked", (-0.03, 1.03), **first[1])
        | {"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["0", "25", "50", "75", "100"]},
        xaxis2=style.bare_axis((-0.35, 3.6), **second[0])
        | {
            "showticklabels": True,
            "side": "top",
            "tickvals": columns,
            "ticktext": ["truth", "model", "truth", "model"],
            "tickfont": {"size": 13, "color": style.INK},
        },
        yaxis2=style.bare_axis((6.5, 0.5), **second[1])
        | {
            "showticklabels": True,
            "tickvals": [1, 2, 3, 4, 5, 6],
            "ticktext": list(ADVERTS),
            "tickfont": {"size": 12, "color": style.INK},
        },
        annotations=[
            style.note(
                text, x, 1.13, xref="x2", yref="y2 domain", color=style.INK, yanchor="middle"
            )
            for text, x in (("<b>chance</b>", 0.5), ("<b>chance × price</b>", 2.75))
        ],
    )


def _say_wrong(slope, kept, repair):
    best, chosen = earned(slope, kept, repair)
    names = list(ADVERTS)
    value = AD_P * AD_PRICE
    said = float(repaired(AD_P[0], slope, kept, repair))
    start = f"Rope & Sail is clicked by 30 % and the model says {100 * said:.0f} %"
    said_all = repaired(AD_P, slope, kept, repair)
    same = (
        "sorted by chance nothing moves"
        if np.all(np.diff(said_all) < 0)
        else "sorted by chance, two adverts share one step"
    )
    if best == chosen:
        top = f"{names[best]} stays first and earns {value[best]:.1f} pence a showing"
    else:
        top = (
            f"{names[chosen]} comes first and earns {value[chosen]:.1f} pence a showing, where "
            f"{names[best]} would earn {value[best]:.1f}"
        )
    return f"{start}; {same}; by chance × price, {top}."


def _table_wrong(slope, kept, repair):
    said = repaired(AD_P, slope, kept, repair)
    rows = [
        [f"{letter}, {name}", float(p), float(s), float(price), float(p * price), float(s * price)]
        for letter, name, p, s, price in zip(AD_LETTERS, ADVERTS, AD_P, said, AD_PRICE)
    ]
    head = ["advert", "chance", "model says", "pence a click", "chance × price", "model × price"]
    return head, rows


right_order_wrong_number = Explorable(
    _draw_wrong,
    {
        "kept": Slider(
            "No-clicks kept for training",
            KEPT,
            start=0.1,
            labels=[f"{100 * share:g} %" for share in KEPT],
        ),
        "slope": Slider("Log-odds stretched by", SLOPES, start=1.0, ends=("too timid", "too sure")),
        "repair": Choice("Repair", REPAIRS, start="none"),
    },
    "The model's numbers are all wrong, its order is right. Does it put the right advert on top?",
    _say_wrong,
    "scoring.right-order-wrong-number",
    table=_table_wrong,
)
