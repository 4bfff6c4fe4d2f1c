"""Pictures of the chapter "Re-ranking"."""

from collections import Counter
from functools import lru_cache
from itertools import combinations

import numpy as np

from recsys_lab.data import load_harbour
from recsys_lab.explore import Choice, Explorable, Pad, Slider, Toggle, style
from recsys_lab.reranking import (
    calibrate,
    calibration_kl,
    crossing_half_life,
    exposure_gap,
    freshen,
    mmr,
)
from recsys_lab.similarity import cosine, top_k


def _films(n, kind="film"):
    return f"{n} {kind}" if n == 1 else f"{n or 'no'} {kind}s"


# ------------------------------------------------------------------ a shelf from a perfect scorer

MEMBERS = ["Ada", "Bo", "Cem", "Dee", "Eli", "Fay"]
TRADE_OFFS = np.round(np.linspace(0, 1, 11), 2)


@lru_cache
def _house():
    """The house, and the cosine of every two films' genres."""
    house = load_harbour()
    return house, cosine(house.items["tags"], house.items["tags"])


@lru_cache
def perfect_shelf(member, trade_off):
    """Ten films for one of the first six members, by MMR on the 60 of largest true appeal."""
    house, alike = _house()
    appeal = house.truth["appeal"][member].copy()
    appeal[house.visits.items_of(member)] = -np.inf
    best = top_k(appeal, 60)
    return best[mmr(appeal[best], alike[np.ix_(best, best)], trade_off, 10)]


def _shelf_facts(name, trade_off):
    house, alike = _house()
    member = MEMBERS.index(name)
    shelf = perfect_shelf(member, trade_off)
    same = [alike[a, b] for a, b in combinations(shelf, 2)]
    director, films = Counter(house.items["director"][shelf].tolist()).most_common(1)[0]
    return shelf, house.truth["appeal"][member, shelf], float(np.mean(same)), director, films


def _short(title, longest):
    return title if len(title) <= longest else title[: longest - 1].rstrip() + "…"


def _names(house, shelf, longest):
    """Title above director; a director with three films or more on the shelf in bold."""
    by = house.items["director"][shelf].tolist()
    often = Counter(by)
    return [
        f"{_short(str(house.items['title'][j]), longest)}<br>"
        + (f"<b>{director}</b>" if often[director] > 2 else director)
        for j, director in zip(shelf, by)
    ]


def _draw_shelf(name, trade_off):
    house, _ = _house()
    shelf = _shelf_facts(name, trade_off)[0]
    tags = house.items["tags"][shelf]
    genres = list(house.tag_names)
    often = tags.sum(axis=0) >= 4
    return style.figure(
        [
            style.heatmap(
                tags * np.where(often, 2, 1),
                x=list(range(len(genres))),
                y=list(range(10)),
                scale=[[0, style.PAPER], [0.5, style.ITEM_SOFT], [1, style.ITEM]],
                limits=(0, 2),
                xgap=4,
                ygap=8,
            )
        ],
        height=500,
        margin={"l": 232, "r": 14, "t": 104, "b": 12},
        narrow={
            "margin.l": 158,
            "margin.r": 6,
            "xaxis.tickfont.size": 11,
            "yaxis.tickfont.size": 11,
            "yaxis.ticktext": _names(house, shelf, 23),
        },
        annotations=[
            style.note("dark: shared by<br>four films or more", -0.02, 1.02, size=12)
            | {"xanchor": "right", "yanchor": "bottom", "align": "right"}
        ],
        xaxis=style.axis(None, (-0.6, len(genres) - 0.4))
        | {
            "side": "top",
            "tickvals": list(range(len(genres))),
            "ticktext": genres,
            "tickangle": -90,
            "showgrid": False,
            "ticks": "",
            "tickfont": {"size": 13, "color": style.INK},
        },
        yaxis=style.axis(None, (9.6, -0.6))
        | {
            "showgrid": False,
            "ticks": "",
            "tickvals": list(range(10)),
            "ticktext": _names(house, shelf, 34),
            "tickfont": {"size": 13, "color": style.INK},
        },
    )


def _say_shelf(name, trade_off):
    _, appeal, same, director, films = _shelf_facts(name, trade_off)
    by = f"{films} of the ten are by {director}" if films > 2 else "no director has more than two"
    return (
        f"{name}'s shelf at λ = {trade_off:g}: mean appeal {appeal.mean():.2f}, mean cosine of two "
        f"films {same:.2f}; {by}."
    )


def _table_shelf(name, trade_off):
    house, _ = _house()
    shelf, appeal, *_ = _shelf_facts(name, trade_off)
    rows = [
        [
            house.title(j),
            ", ".join(house.items["genres"][j]),
            str(house.items["director"][j]),
            f"{worth:.2f}",
        ]
        for j, worth in zip(shelf, appeal)
    ]
    return ["film", "genres", "director", "appeal"], rows


ten_right_films = Explorable(
    _draw_shelf,
    {
        "name": Choice("Whose shelf?", MEMBERS, start="Dee"),
        "trade_off": Slider(
            "Weight of the score, λ",
            TRADE_OFFS,
            start=1.0,
            ends=("0: only unlike films", "1: only the score"),
        ),
    },
    "Every film on this shelf is right for its member. What is wrong with the list?",
    _say_shelf,
    "reranking.ten-right-films",
    table=_table_shelf,
)

# --------------------------------------------------------------------------------- the MMR path

LETTERS = list("ABCDEFGH")
RELEVANCE = np.array([0.95, 0.93, 0.92, 0.90, 0.80, 0.78, 0.70, 0.65])
DEGREES = np.array([0, 4, 7, 10, 70, 76, 140, 220])
SPOKES = np.column_stack([np.cos(np.deg2rad(DEGREES)), np.sin(np.deg2rad(DEGREES))])
ALIKE = cosine(SPOKES, SPOKES)
_LABEL_AT = np.deg2rad([-13, -1, 11, 23, 65, 81, 140, 220])  # apart, where the spokes are not
_LABELS = 1.33 * np.column_stack([np.cos(_LABEL_AT), np.sin(_LABEL_AT)])
PATH = np.round(np.linspace(0, 1, 21), 2)
LONGEST = 6


@lru_cache
def on_the_path(trade_off, k):
    """The list that MMR chooses among the eight, its mean relevance and mean unlikeness."""
    chosen = mmr(RELEVANCE, ALIKE, trade_off, k).tolist()
    unlike = np.mean([1 - ALIKE[a, b] for a, b in combinations(chosen, 2)])
    return chosen, float(RELEVANCE[chosen].mean()), float(unlike)


def _stations(k):
    """The different sets of films along the slider, from λ = 1 down."""
    stops = []
    for trade_off in PATH[::-1]:
        chosen, relevance, unlike = on_the_path(float(trade_off), k)
        if not stops or stops[-1][0] != set(chosen):
            stops.append((set(chosen), relevance, unlike))
    return stops


def _draw_path(trade_off, k):
    first, second, size = style.side_by_side(
        left=0.54, gap=0.13, height=430, narrow_height=680, split=0.6, narrow_gap=0.08
    )
    size["narrow"]["xaxis2.domain"] = [0.13, 1]
    chosen, relevance, unlike = on_the_path(trade_off, k)
    tips = RELEVANCE[:, None] * SPOKES
    picked = np.isin(np.arange(8), chosen)
    stops = _stations(k)
    stop_x, stop_y = np.full(len(PATH), np.nan), np.full(len(PATH), np.nan)
    stop_x[: len(stops)] = [stop[1] for stop in stops]
    stop_y[: len(stops)] = [stop[2] for stop in stops]
    slots = -1.12 + 0.5 * np.arange(LONGEST)
    letters = [LETTERS[j] for j in chosen] + [""] * (LONGEST - k)
    traces = [
        *(
            style.line(
                [tip[0], label[0]],
                [tip[1], label[1]],
                color=style.QUIET,
                width=1,
                dash="dot",
            )
            for tip, label in zip(tips, _LABELS)
        ),
        *(
            style.arrow(
                tip,
                color=style.ITEM if on else style.QUIET,
                width=2.5 if on else 1.5,
            )
            for tip, on in zip(tips, picked)
        ),
        _letters(_LABELS[:, 0], _LABELS[:, 1], LETTERS, picked, "circle"),
        _letters(
            np.where(np.arange(LONGEST) < k, slots, np.nan),
            np.full(LONGEST, -1.6),
            letters,
            np.ones(LONGEST, bool),
            "square",
        ),
        style.line(stop_x, stop_y, xaxis="x2", yaxis="y2", width=1.5, dash="dot"),
        style.dots(stop_x, stop_y, xaxis="x2", yaxis="y2", color=style.ITEM_SOFT, size=12)
        | {
            "marker": {
                "color": style.ITEM_SOFT,
                "size": 12,
                "line": {"color": style.ITEM, "width": 1.5},
            }
        },
        style.dots([relevance], [unlike], xaxis="x2", yaxis="y2", size=17),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 12, "r": 14, "t": 14, "b": 48},
        xaxis=style.bare_axis((-1.3, 1.6), **first[0]),
        yaxis=style.bare_axis((-1.9, 1.6), **first[1], **style.equal()),
        xaxis2=style.axis("mean relevance of the list", (0.66, 0.99), **second[0])
        | {"tickvals": [0.7, 0.8, 0.9]},
        yaxis2=style.axis("mean unlikeness of two films", (-0.1, 1.95), **second[1])
        | {"tickvals": [0, 0.5, 1, 1.5]},
        annotations=[
            style.note("the shelf, in order of choice", -1.25, -1.25, xref="x", yref="y")
            | {"xanchor": "left"}
        ],
    )


def _letters(x, y, letters, filled, symbol):
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": x,
        "y": y,
        "text": letters,
        "hoverinfo": "skip",
        "textfont": {
            "size": 13,
            "color": [style.PAPER if on else style.INK for on in filled],
        },
        "marker": {
            "symbol": symbol,
            "size": 25,
            "color": [style.ITEM if on else style.PAPER for on in filled],
            "line": {"color": style.ITEM, "width": 1.5},
        },
    }


def _say_path(trade_off, k):
    chosen, relevance, unlike = on_the_path(trade_off, k)
    shelf = ", ".join(LETTERS[j] for j in chosen)
    stops = len(_stations(k))
    facts = (
        f"λ = {trade_off:g} puts {shelf} on the shelf: mean relevance {relevance:.3f}, mean "
        f"unlikeness {unlike:.2f}."
    )
    if trade_off == 1:  # the question is still open
        return facts
    return f"{facts} All {len(PATH)} settings of λ together make {stops} different sets of {k}."


def _table_path(trade_off, k):
    chosen, *_ = on_the_path(trade_off, k)
    place = {j: t + 1 for t, j in enumerate(chosen)}
    rows = [
        [letter, float(RELEVANCE[j]), f"{DEGREES[j]}°", place.get(j)]
        for j, letter in enumerate(LETTERS)
    ]
    return ["film", "relevance", "direction", "chosen as number"], rows


mmr_path = Explorable(
    _draw_path,
    {
        "trade_off": Slider(
            "Weight of relevance, λ",
            PATH,
            start=1.0,
            ends=("0: only unlike films", "1: only relevance"),
            play=True,
        ),
        "k": Slider("Films on the shelf", [2, 3, 4, 5, 6], start=4),
    },
    "Turn λ down slowly from 1. Will the shelf change bit by bit, or all at once?",
    _say_path,
    "reranking.mmr-path",
    table=_table_path,
)

# ------------------------------------------------------------------------------- volume of a pair

ON_THE_LIST = np.array([1.0, 0.0])
RIVAL = 0.4  # its relevance; it points at right angles to the film on the list
GRID = np.round(np.arange(0, 1.2001, 0.05), 2)


def pair_area(tip):
    """(length of B, its cosine with A, area of the parallelogram of A and B)."""
    length = float(np.hypot(*tip))
    angle = float(cosine([ON_THE_LIST], [tip])[0, 0])
    kernel = np.array([[1.0, angle * length], [angle * length, length**2]])
    return length, angle, float(np.sqrt(max(np.linalg.det(kernel), 0.0)))


def _draw_pair(tip):
    first, second, size = style.side_by_side(
        left=0.64, gap=0.1, height=400, narrow_height=600, split=0.66
    )
    _, _, area = pair_area(tip)
    x, y = tip
    wins = area > RIVAL + 1e-9
    name_at = y + 0.12
    if abs(name_at - RIVAL) < 0.1:  # clear of the dashed line
        name_at = RIVAL + 0.1
    traces = [
        style.line(
            [0, 1, 1 + x, x, 0],
            [0, 0, y, y, 0],
            color=style.ITEM,
            width=1,
            fill="toself",
            fillcolor=style.ITEM_SOFT,
        ),
        style.line([-0.1, 2.3], [RIVAL, RIVAL], color=style.THIRD, width=1.5, dash="dash"),
        style.line([x, x], [0, y], dash="dot", color=style.INK, width=1.5),
        style.arrow((0, RIVAL), color=style.THIRD),
        style.arrow((1, 0), color=style.ITEM),
        style.arrow(tip, color=style.ITEM),
        style.words([-0.11], [RIVAL / 2], ["C"], color=style.THIRD, size=14),
        style.words([0.62], [-0.09], ["A"], color=style.ITEM, size=14),
        style.words([x + 0.15], [name_at], ["B"], color=style.ITEM, size=14),
        style.bars(
            ["A and B", "A and C"],
            [area, RIVAL],
            color=[style.ITEM if wins else style.ITEM_SOFT, style.THIRD_SOFT],
            labels=[f"{area:.2f}", f"{RIVAL:.2f}"],
            textposition="outside",
            xaxis="x2",
            yaxis="y2",
        )
        | {
            "marker": {
                "color": [
                    style.ITEM if wins else style.ITEM_SOFT,
                    style.THIRD_SOFT if wins else style.THIRD,
                ],
                "line": {"color": [style.ITEM, style.THIRD], "width": 1.5},
            }
        },
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 16, "r": 12, "t": 30, "b": 40},
        xaxis=style.axis(None, (-0.2, 2.3), **first[0], zeroline=True)
        | {"tickvals": [0, 0.5, 1, 1.5, 2]},
        yaxis=style.axis(None, (-0.2, 1.4), **first[1], zeroline=True, **style.equal())
        | {"showticklabels": False, "tickvals": [0, 0.4, 0.8, 1.2]},
        xaxis2=style.axis(None, **second[0])
        | {"type": "category", "showgrid": False, "tickfont": {"size": 13, "color": style.INK}},
        yaxis2=style.bare_axis((0, 1.35), **second[1]),
        bargap=0.4,
        annotations=[
            style.note("area", 0.5, 1.06, xref="x2 domain", yref="y2 domain"),
        ],
    )


def _say_pair(tip):
    length, angle, area = pair_area(tip)
    if not length:
        return "B has no relevance: with A it spans no area, and C is the second film."
    if abs(area - RIVAL) < 1e-9:
        verdict = f"exactly that of A and C, {RIVAL:.2f}"
    elif area > RIVAL:
        verdict = f"more than the {RIVAL:.2f} of A and C, so B is the second film"
    else:
        verdict = f"less than the {RIVAL:.2f} of A and C, so C is the second film"
    return (
        f"B has relevance {length:.2f} and cosine {angle:.2f} with A: area {area:.2f}, {verdict}."
    )


def _table_pair(tip):
    length, angle, area = pair_area(tip)
    rows = [
        ["relevance of B (its length)", f"{length:.3f}"],
        ["cosine of A and B", f"{angle:.3f}"],
        ["area of A and B", f"{area:.3f}"],
        ["determinant (the area squared)", f"{area**2:.4f}"],
        ["area of A and C", f"{RIVAL:.3f}"],
    ]
    return ["what", "value"], rows


volume_of_a_pair = Explorable(
    _draw_pair,
    {
        "tip": Pad(
            "Drag film B",
            GRID,
            GRID,
            start=(0.95, 0.3),
            names=("along A", "away from A"),
        )
    },
    "A is on the list. B is far more relevant than C. Does it help B to be pulled further right?",
    _say_pair,
    "reranking.volume-of-a-pair",
    table=_table_pair,
)

# ---------------------------------------------------------------------------------- seventy-thirty

# Fifteen films of the sea, each a little better than every one of the fifteen heists.
TWO_TASTES = np.concatenate([np.linspace(0.90, 0.72, 15), np.linspace(0.70, 0.52, 15)])
TASTE = np.repeat([0, 1], 15)
SHARES = [0.5, 0.6, 0.7, 0.8, 0.9]
WEIGHTS = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99]
SEA, HEIST = "circle", "diamond"


@lru_cache
def shelf_of_two_tastes(weight, share):
    """Ten of the thirty films, and the distance KL of their shares from (share, 1 − share)."""
    target = np.array([share, 1 - share])
    chosen = calibrate(TWO_TASTES, TASTE, target, weight, 10)
    return chosen, _far(share, int(TASTE[chosen].sum()))


def _far(share, heists):
    distance = calibration_kl([share, 1 - share], [1 - heists / 10, heists / 10])
    return max(float(distance), 0.0)  # rounding may leave a little less than nothing


def _draw_shares(weight, share):
    chosen, kl = shelf_of_two_tastes(weight, share)
    first, second, size = style.side_by_side(
        left=0.5, gap=0.14, height=330, narrow_height=540, split=0.42
    )
    size["narrow"]["xaxis2.domain"] = [0.13, 1]
    rows = {1.0: np.arange(10) >= round(10 * share), 0.0: TASTE[chosen] == 1}
    heists = int(TASTE[chosen].sum())
    possible = np.arange(8)
    curve = [_far(share, int(n)) for n in possible]
    traces = [
        _tiles(np.arange(10), np.full(10, y), heist_here) for y, heist_here in rows.items()
    ] + [
        style.line(possible, curve, xaxis="x2", yaxis="y2", width=1.5, dash="dot"),
        style.dots(possible, curve, xaxis="x2", yaxis="y2", size=9, color=style.QUIET),
        style.dots(
            [heists],
            [kl],
            xaxis="x2",
            yaxis="y2",
            size=17,
            color=style.USER,
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 12, "r": 12, "t": 24, "b": 48},
        xaxis=style.bare_axis((-0.7, 9.7), **first[0]),
        yaxis=style.bare_axis((-0.75, 1.75), **first[1]),
        xaxis2=style.axis("heists among the ten", (-0.5, 7.5), **second[0])
        | {"tickvals": list(range(8))},
        yaxis2=style.axis("distance KL, nats", (-0.12, 2.15), **second[1])
        | {"tickvals": [0, 0.5, 1, 1.5, 2]},
        annotations=[
            style.note("what was watched, of ten", -0.4, 1.42, xref="x", yref="y", xanchor="left"),
            style.note("the shelf, in order of choice", -0.4, 0.42, xref="x", yref="y")
            | {"xanchor": "left"},
            style.note("● sea  ◆ heist", -0.4, -0.5, xref="x", yref="y", xanchor="left"),
        ],
    )


def _tiles(x, y, heist_here):
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "hoverinfo": "skip",
        "marker": {
            "size": 21,
            "symbol": [HEIST if one else SEA for one in heist_here],
            "color": [style.FOURTH if one else style.ITEM for one in heist_here],
            "line": {"color": style.PAPER, "width": 1},
        },
    }


def _say_shares(weight, share):
    chosen, kl = shelf_of_two_tastes(weight, share)
    heists = int(TASTE[chosen].sum())
    lost = TWO_TASTES[:10].mean() - TWO_TASTES[chosen].mean()
    price = f"{lost:.3f} less than the best ten" if lost > 5e-4 else "the best there is"
    return (
        f"History {100 * share:.0f} to {100 * (1 - share):.0f}, λ = {weight:g}: "
        f"{_films(10 - heists)} of the sea and {_films(heists, 'heist')}. KL is {kl:.3f}; "
        f"the mean score is {TWO_TASTES[chosen].mean():.3f}, {price}."
    )


def _table_shares(weight, share):
    chosen, _ = shelf_of_two_tastes(weight, share)
    rows = [
        [t + 1, "heist" if TASTE[j] else "sea", f"{TWO_TASTES[j]:.3f}"]
        for t, j in enumerate(chosen)
    ]
    return ["slot", "taste", "score"], rows


seventy_thirty = Explorable(
    _draw_shares,
    {
        "weight": Slider(
            "Weight of the shares, λ",
            WEIGHTS,
            start=0.0,
            ends=("0: only the score", "0.99: almost only shares"),
        ),
        "share": Slider(
            "Share of the sea in the history",
            SHARES,
            start=0.7,
            labels=[f"{100 * s:.0f} %" for s in SHARES],
        ),
    },
    "Seven of ten films watched were of the sea, three were heists. How many heists will be shown?",
    _say_shares,
    "reranking.seventy-thirty",
    table=_table_shares,
)

# ---------------------------------------------------------------------------------------- half-life

OLD_SCORE = 0.9
HALF_LIVES = [2, 4, 7, 14, 17, 30, 60]
LAST_DAY = 30
_DAYS = np.arange(0, LAST_DAY + 1, 1.0)


def level_with(new):
    """The half-life at which the old film is level with the new one: ``new`` is (day, score)."""
    day, score = new
    return crossing_half_life(OLD_SCORE, day, score) if day else 0.0


def _draw_half_life(half_life, new):
    day, score = new
    old_now = float(freshen([OLD_SCORE], [day], half_life)[0])
    leads = score > old_now
    below = not leads and score > 0.15  # its name keeps clear of A's curve and of the axis
    old = freshen(np.full(len(_DAYS), OLD_SCORE), _DAYS, half_life)
    there = _DAYS >= day
    young = np.where(
        there,
        freshen(np.full(len(_DAYS), score), np.maximum(_DAYS - day, 0), half_life),
        np.nan,
    )
    halvings = np.arange(1, 16) * half_life
    halved = np.where(halvings <= LAST_DAY, OLD_SCORE * 0.5 ** np.arange(1, 16), np.nan)
    return style.figure(
        [
            style.line(
                np.r_[_DAYS, LAST_DAY, 0],
                np.r_[old, 0, 0],
                width=0,
                fill="toself",
                fillcolor=style.ITEM_SOFT,
                opacity=0.45,
            ),
            style.line(_DAYS, old, color=style.ITEM, width=2 if leads else 4),
            style.dots(
                halvings,
                halved,
                size=9,
                labels=["½", "¼", "⅛"] + [""] * 12,
                label_at="bottom left",
                textfont={"color": style.ITEM, "size": 13},
            ),
            style.line(_DAYS, young, color=style.THIRD, width=4 if leads else 2, dash="dash"),
            style.words(
                [0.9], [OLD_SCORE + 0.07], ["A"], color=style.ITEM, size=15, at="middle right"
            ),
            style.dots(
                [day],
                [score],
                color=style.THIRD,
                size=13,
                labels=["\u00a0<br>B" if below else "B<br>\u00a0"],
                label_at="bottom center" if below else "top center",
                marker={"symbol": "diamond"},
                textfont={"color": style.THIRD, "size": 15},
            ),
        ],
        height=390,
        margin={"l": 50, "r": 16, "t": 16, "b": 48},
        xaxis=style.axis("days since A was new", (-0.6, LAST_DAY + 0.6)),
        yaxis=style.axis("score × 2<sup>−age/H</sup>", (0, 1.25)),
    )


def _say_half_life(half_life, new):
    day, score = new
    old_now = float(freshen([OLD_SCORE], [day], half_life)[0])
    level = level_with(new)
    unit = "day" if day == 1 else "days"
    if score >= OLD_SCORE and not day:
        return f"Both are new, and B has {score:g}: no half-life makes a difference."
    if not day:
        return f"Both are new: A leads with {OLD_SCORE:g} to {score:g}, whatever the half-life."
    if score >= OLD_SCORE:
        return f"B has {score:g} and is younger: it leads whatever the half-life."
    start = (
        f"When B arrives with {score:g}, A is {day:g} {unit} old and down to {old_now:.2f}: "
        f"with half-life {half_life:g}"
    )
    return f"{start}, {'B' if score > old_now else 'A'} leads. Level at H = {level:.1f}."


def _table_half_life(half_life, new):
    day, score = new
    rows = []
    for at in (0, 3, 6, 10, 15, 20, 30):
        old = float(freshen([OLD_SCORE], [at], half_life)[0])
        young = float(freshen([score], [max(at - day, 0)], half_life)[0])
        rows.append([at, f"{old:.3f}", f"{young:.3f}" if at >= day else ""])
    return ["day", "A", "B"], rows


half_life = Explorable(
    _draw_half_life,
    {
        "half_life": Slider("Half-life H, days", HALF_LIVES, start=7),
        "new": Pad(
            "Drag B: day and score",
            np.arange(0, 21, 2),
            np.round(np.arange(0.1, 1.01, 0.1), 1),
            start=(6, 0.7),
            names=("premiere", "score"),
        ),
    },
    "B comes later with a smaller score, and leads. Can the lead change hands afterwards?",
    _say_half_life,
    "reranking.half-life",
    table=_table_half_life,
)

# ------------------------------------------------------------------------------------ seven percent

BEST_FIVE = np.array([0.80, 0.79, 0.78, 0.77, 0.76])
GAPS = [0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2]
NIGHTS = [1, 2, 3, 5, 10, 20, 50, 100]
SLOT_WORTH = 1 / np.log2(np.arange(2, 12))
OF_GROUP = np.array(list("AAAAABBBBB"))


@lru_cache
def nights_of_lists(gap, amortise, n=NIGHTS[-1]):
    """One list a night, shape (n, 10), and the merit of the ten films.

    Without amortising, each night is sorted by merit. With it, each night is sorted by what a
    film is owed: its share of merit times all exposure there was, less what it has had.
    """
    merit = np.concatenate([BEST_FIVE, BEST_FIVE - gap])
    had, lists = np.zeros(10), []
    for night in range(1, n + 1):
        owed = merit / merit.sum() * SLOT_WORTH.sum() * night - had
        order = top_k(np.round(owed if amortise else merit, 9), 10)
        had[order] += SLOT_WORTH
        lists.append(order)
    return np.array(lists), merit


def gaps_after(gap, amortise, nights):
    """(merit gap, exposure gap, share of the best list's gain that is kept), A over B."""
    lists, merit = nights_of_lists(gap, amortise)
    shown = lists[:nights]
    gain = (merit[shown] @ SLOT_WORTH).mean() / (np.sort(merit)[::-1] @ SLOT_WORTH)
    return float(merit[:5].mean() / merit[5:].mean() - 1), exposure_gap(shown, OF_GROUP), gain


def _draw_exposure(gap, nights, amortise):
    first, second, size = style.side_by_side(
        left=0.44, gap=0.17, height=390, narrow_height=640, split=0.58
    )
    size["narrow"]["xaxis2.domain"] = [0.17, 1]
    lists, merit = nights_of_lists(gap, amortise)
    tonight = lists[nights - 1]
    merit_gap, seen_gap, _ = gaps_after(gap, amortise, nights)
    shares = [(1 + g) / (2 + g) for g in (merit_gap, seen_gap)]  # of A, from A/B − 1
    group = OF_GROUP[tonight]
    rows = [0, 1]  # merit, exposure
    traces = [
        style.bars(
            SLOT_WORTH,
            np.arange(1, 11),
            horizontal=True,
            labels=[f"{g}  {merit[j]:.2f}" for g, j in zip(group, tonight)],
        )
        | {
            "textposition": "inside",
            "insidetextanchor": "start",
            "textfont": {
                "size": 12,
                "color": style.PAPER,
            },
            "marker": {
                "color": [style.ITEM if g == "A" else style.THIRD for g in group],
                "line": {
                    "color": [style.ITEM if g == "A" else style.THIRD for g in group],
                    "width": 1,
                },
            },
        },
        *(
            style.bars(
                values,
                rows,
                horizontal=True,
                labels=[f"{name} {100 * value:.1f} %" for value in values],
                xaxis="x2",
                yaxis="y2",
            )
            | {
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textfont": {"size": 13, "color": words},
                "marker": {"color": color, "line": {"color": edge, "width": 1}},
            }
            for name, values, color, edge, words in (
                ("A", shares, style.ITEM, style.ITEM, style.PAPER),
                ("B", [1 - s for s in shares], style.THIRD, style.THIRD, style.PAPER),
            )
        ),
        style.line(
            [shares[0]] * 2,
            [-0.5, 1.5],
            color=style.INK,
            dash="dash",
            width=1.5,
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 34, "r": 14, "t": 32, "b": 44},
        xaxis=style.axis("exposure of the slot", (0, 1.02), **first[0]) | {"tickvals": [0, 0.5, 1]},
        yaxis=style.axis(None, (10.6, 0.4), **first[1])
        | {
            "tickvals": list(range(1, 11)),
            "ticktext": [f"{slot} " for slot in range(1, 11)],
            "showgrid": False,
        },
        xaxis2=style.axis("share of each group", (0, 1), **second[0])
        | {"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["0", "¼", "½", "¾", "1"]},
        yaxis2=style.axis(None, (1.5, -0.5), **second[1])
        | {
            "showgrid": False,
            "tickfont": {"size": 13, "color": style.INK},
            "tickvals": rows,
            "ticktext": ["merit ", "exposure "],
        },
        barmode="stack",
        bargap=0.18,
        annotations=[
            style.note(f"night {nights}", 0, 1.07, xref="x domain", yref="y domain")
            | {"xanchor": "left"},
            style.note(
                "so far" if nights > 1 else "after this night",
                0,
                1.07,
                xref="x2 domain",
                yref="y2 domain",
            )
            | {"xanchor": "left"},
        ],
    )


def _say_exposure(gap, nights, amortise):
    merit_gap, seen_gap, gain = gaps_after(gap, amortise, nights)
    span = "one night" if nights == 1 else f"{nights} nights"
    better = (
        f"Films of A are {100 * merit_gap:.1f} % better" if gap else "Both groups are equally good"
    )
    kept = f"the lists keep {100 * gain:.1f} % of the largest gain"
    side = "more" if seen_gap > 0 else "less"
    had = f"{100 * abs(seen_gap):.1f} % {side} exposure than B"
    if abs(seen_gap) < 5e-4:
        had = "as much exposure as B"
    return f"{better}; over {span} {'they' if gap else 'A'} had {had}; {kept}."


def _table_exposure(gap, nights, amortise):
    lists, merit = nights_of_lists(gap, amortise)
    rows = [
        [slot + 1, str(OF_GROUP[j]), f"{merit[j]:.2f}", f"{SLOT_WORTH[slot]:.3f}"]
        for slot, j in enumerate(lists[nights - 1])
    ]
    return ["slot", "group", "merit", "exposure"], rows


seven_percent = Explorable(
    _draw_exposure,
    {
        "gap": Slider("How much worse is each film of B?", GAPS, start=0.0),
        "nights": Slider("Nights", NIGHTS, start=1),
        "amortise": Toggle("pay each film back what it is owed"),
    },
    "All ten films are equally good, and A is seen more. Now make each film of B a little worse: "
    "by how much more will A be seen?",
    _say_exposure,
    "reranking.seven-percent",
    table=_table_exposure,
)
