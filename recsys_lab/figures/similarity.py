"""Pictures of the chapter "Embeddings and similarity"."""

from functools import lru_cache

import numpy as np

from recsys_lab.data import harbour_tiny
from recsys_lab.explore import Choice, Explorable, Pad, Slider, Toggle, style
from recsys_lab.factorization import als_step, length_world
from recsys_lab.similarity import (
    cosine,
    dot,
    euclidean,
    ever_first,
    normalize,
    rescale_factors,
    tempered,
    top_k,
)

# ------------------------------------------------------------------ place a member by hand

# The six films on two axes set by hand: across, from land to sea; up, from grave to funny.
HAND_SET = np.array([[1.8, -1.2], [1.6, 1.4], [-1.8, -1.4], [-1.2, 1.2], [-1.6, 1.8], [1.6, -1.8]])
TINY = harbour_tiny()
MEMBERS = [str(name) for name in TINY.users["name"]]
FILMS = [str(title) for title in TINY.items["title"]]
PLACES = np.round(np.linspace(-1.2, 1.2, 17), 2)


@lru_cache
def _opinions(member):
    """(films this member rated, stars above or below the member's own mean)."""
    i = MEMBERS.index(member)
    ratings = TINY.interactions.to_dense(fill=np.nan)[i]
    rated = np.flatnonzero(~np.isnan(ratings))
    return rated, ratings[rated] - ratings[rated].mean()


def _misfit(member, taste):
    """Mean squared gap between the dot products and the member's centred stars."""
    rated, stars = _opinions(member)
    return np.mean((dot([taste], HAND_SET[rated])[0] - stars) ** 2)


@lru_cache
def _best_misfit(member, one_axis=False):
    """The smallest misfit any place in the plane (or on the first axis) can have."""
    rated, stars = _opinions(member)
    films = HAND_SET[rated][:, : 1 if one_axis else 2]
    place = np.linalg.lstsq(films, stars, rcond=None)[0]
    return np.mean((films @ place - stars) ** 2)


def _draw_place(member, taste):
    first, second, size = style.side_by_side(left=0.48, gap=0.27, height=400, narrow_height=560)
    size["narrow"]["xaxis2.domain"] = [0.4, 1]
    predicted = dot([taste], HAND_SET)[0]
    rated, stars = _opinions(member)
    order = np.arange(len(FILMS))[::-1]
    traces = [
        style.dots(
            HAND_SET[:, 0],
            HAND_SET[:, 1],
            labels=FILMS,
            size=11,
            # The Quiet Vault lies near the left edge, so its name goes to the right.
            label_at=[
                *("top center", "top center", "bottom right"),
                *("bottom center", "top center", "bottom center"),
            ],
        ),
        style.arrow(taste, label=member),
        style.bars(
            predicted[order],
            [FILMS[j] for j in order],
            horizontal=True,
            color=style.USER_SOFT,
            xaxis="x2",
            yaxis="y2",
        ),
        style.dots(
            stars,
            [FILMS[j] for j in rated],
            color=style.ITEM,
            size=13,
            xaxis="x2",
            yaxis="y2",
            marker={"symbol": "diamond"},
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 30, "r": 12, "t": 12, "b": 44},
        xaxis=style.axis("heist ← → sea", (-2.6, 2.6), **first[0]) | {"showticklabels": False},
        yaxis=style.axis("grave ← → funny", (-2.4, 2.4), **first[1], **style.equal())
        | {"showticklabels": False, "zeroline": True},
        xaxis2=style.axis("stars above the mean", (-4.5, 4.5), **second[0])
        | {"zeroline": True, "tickvals": [-2, 0, 2]},
        yaxis2=style.axis(**second[1]) | {"showgrid": False},
        bargap=0.35,
    )


def _say_place(member, taste):
    gap = _misfit(member, taste)
    best = _best_misfit(member)
    line = _best_misfit(member, one_axis=True)
    if gap < best + 0.12:
        verdict = f"this is as good as the plane gets ({best:.2f})"
    else:
        verdict = (
            f"the best place in the plane reaches {best:.2f}, the best on the level line {line:.2f}"
        )
    gap = f"bars and diamonds differ by {gap:.2f} squared stars on average"
    return f"With {member} here, {gap}; {verdict}."


def _table_place(member, taste):
    predicted = dot([taste], HAND_SET)[0]
    given = dict(zip(*_opinions(member)))
    rows = [
        [film, float(predicted[j]), float(given[j]) if j in given else None]
        for j, film in enumerate(FILMS)
    ]
    return ["film", "dot product", "stars minus mean"], rows


place_a_member = Explorable(
    _draw_place,
    {
        "member": Choice("Whose taste?", MEMBERS, start="Bo"),
        "taste": Pad(
            "Drag the arrow",
            PLACES,
            PLACES,
            start=(-0.75, 0.3),
            names=("towards sea", "towards funny"),
        ),
    },
    "Where must the arrow point so that every bar ends at its diamond?",
    _say_place,
    "similarity.place-a-member",
    table=_table_place,
)

# ------------------------------------------------------------------------------ three judges

JUDGED = np.array([[2.4, 1.8], [0.9, 0.7], [0.35, 0.17]])
LETTERS = ["A", "B", "C"]
ALPHAS = [0.0, 0.005, 0.01, 0.1, 0.5, 1.0]


def _verdicts(query, alpha):
    """Scores of A, B and C by each judge, higher is better, and each judge's order."""
    scores = {
        "dot product": dot([query], JUDGED)[0],
        "cosine": cosine([query], JUDGED)[0],
        "distance": -euclidean([query], JUDGED)[0],
        f"length to the power {alpha:g}": tempered([query], JUDGED, alpha)[0],
    }
    return scores, {judge: top_k(given, 3) for judge, given in scores.items()}


def _ladder(columns, names, axes=("x2", "y2"), size=30):
    """Bump chart: one column a judge, best on top, thin lines follow each item across."""
    judges = list(columns)
    rank = {judge: np.argsort(order) for judge, order in columns.items()}
    traces = []
    for j, name in enumerate(names):
        y = [int(rank[judge][j]) + 1 for judge in judges]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "x": list(range(len(judges))),
                "y": y,
                "line": {"color": style.QUIET, "width": 1.5},
                "marker": {
                    "size": size,
                    "color": [style.ITEM if place == 1 else style.ITEM_SOFT for place in y],
                    "line": {"color": style.ITEM, "width": 1.5},
                },
                "text": [name] * len(judges),
                "textfont": {
                    "size": 14,
                    "color": [style.PAPER if place == 1 else style.INK for place in y],
                },
                "hoverinfo": "skip",
                "xaxis": axes[0],
                "yaxis": axes[1],
            }
        )
    return traces


def _draw_judges(query, alpha):
    _, columns = _verdicts(query, alpha)
    first, second, size = style.side_by_side(
        left=0.5, gap=0.08, height=390, narrow_height=540, split=0.55
    )
    direction = normalize([query])[0]
    feet = (JUDGED @ direction)[:, None] * direction  # where each item lands on the query's line
    traces = [
        style.line(
            [-3 * direction[0], 3 * direction[0]],
            [-3 * direction[1], 3 * direction[1]],
            color=style.USER_SOFT,
            width=1.5,
        ),
        *(
            style.line([x[0], foot[0]], [x[1], foot[1]], dash="dot", width=1.5)
            for x, foot in zip(JUDGED, feet)
        ),
        *(style.line([0, x[0]], [0, x[1]], color=style.ITEM_SOFT, width=3) for x in JUDGED),
        style.dots(JUDGED[:, 0], JUDGED[:, 1], labels=LETTERS, size=14, label_at="top left"),
        style.arrow(query, label="you"),
        *_ladder(columns, LETTERS),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 34, "r": 12, "t": 40, "b": 36},
        xaxis=style.axis(None, (-1.7, 3.8), **first[0], zeroline=True),
        yaxis=style.axis(None, (-0.9, 2.6), **first[1], zeroline=True, **style.equal()),
        xaxis2=style.bare_axis((-0.5, 3.5), **second[0])
        | {
            "showticklabels": True,
            "tickvals": [0, 1, 2, 3],
            "ticktext": ["dot<br>product", "<br>cosine", "<br>distance", f"length<br>to {alpha:g}"],
            "tickfont": {"size": 12, "color": style.INK},
            "side": "top",
        },
        yaxis2=style.bare_axis((3.6, 0.5), **second[1])
        | {
            "showticklabels": True,
            "tickvals": [1, 2, 3],
            "ticktext": ["1st", "2nd", "3rd"],
        },
    )


def _say_judges(query, alpha):
    _, columns = _verdicts(query, alpha)
    crowned = {judge: LETTERS[order[0]] for judge, order in columns.items()}
    d, c, e, t = crowned.values()
    if d == c == e:
        first = f"All three judges crown {d}"
    else:
        first = f"Dot product crowns {d}, cosine {c}, distance {e}"
    return f"{first}; with length counted to the power {alpha:g}, {t} comes first."


def _table_judges(query, alpha):
    scores, _ = _verdicts(query, alpha)
    rows = [
        [
            letter,
            *(
                abs(float(given[j])) if name == "distance" else float(given[j])
                for name, given in scores.items()
            ),
        ]
        for j, letter in enumerate(LETTERS)
    ]
    return ["item", *scores], rows


three_judges = Explorable(
    _draw_judges,
    {
        "query": Pad(
            "Drag your taste",
            np.arange(-0.75, 2.76, 0.25),
            np.arange(-0.75, 2.26, 0.25),
            start=(1.0, 0.5),
        ),
        "alpha": Slider(
            "How much may length count?",
            ALPHAS,
            start=0.01,
            ends=("not at all: cosine", "fully: dot product"),
        ),
    },
    "Three items, three judges. Which item will each judge put first?",
    _say_judges,
    "similarity.three-judges",
    table=_table_judges,
)

# ------------------------------------------------------------------------- who can ever win

DIMENSIONS = (2, 3, 4, 6, 8, 16)
WIN_ALPHAS = [0.0, 0.1, 0.25, 0.5, 1.0]
RIVALS = np.random.default_rng(3).normal(size=(24, 2))
TURNS = 720  # directions tried around the circle


@lru_cache
def share_that_can_win(alpha, n_items=200, seed=0):
    """Of 200 Gaussian items, how many were seen to come first: one count a dimension.

    A lower bound beyond the plane; the chapter prints the exact counts of the same items.
    """
    rng = np.random.default_rng(seed)
    counts = []
    for d in DIMENSIONS:
        items = rng.normal(size=(n_items, d))
        counts.append(int(ever_first(items, alpha).sum()))
    return counts


@lru_cache(maxsize=4096)
def _winners_by_direction(place, alpha):
    """For each of the turns, which film comes first: the rivals, or number 24, the reader's."""
    films = np.vstack([RIVALS, place])
    angle = np.arange(TURNS) * (2 * np.pi / TURNS)
    directions = np.column_stack([np.cos(angle), np.sin(angle)])
    return films, tempered(directions, films, alpha).argmax(axis=1)


def _rubber_band(films, alpha):
    """The winners in the order of the directions they win, closed, padded to a fixed length.

    By dot product this is the convex hull; the band has no meaning for other exponents.
    """
    band = np.full((len(films) + 1, 2), np.nan)
    if alpha == 1:
        _, winner = _winners_by_direction(tuple(films[-1]), alpha)
        corners = winner[winner != np.roll(winner, 1)]
        band[: len(corners) + 1] = films[np.append(corners, corners[0])]
    return band


def _draw_win(place, alpha):
    films, winner = _winners_by_direction(place, alpha)
    first, second, size = style.side_by_side(left=0.56, gap=0.13, height=400, narrow_height=660)
    alive = np.isin(np.arange(len(films)), winner)
    angle = np.arange(TURNS) * (2 * np.pi / TURNS)
    rim = 3.05
    mine = winner == len(RIVALS)
    ring = np.where(mine, rim, np.nan)
    change = np.flatnonzero(winner != np.roll(winner, 1))
    spokes_x, spokes_y = [], []
    for at in range(len(RIVALS)):  # a fixed number of spokes keeps the picture's shape constant
        a = angle[change[at]] if at < len(change) else 0.0
        show = 1.0 if at < len(change) else np.nan
        spokes_x += [2.9 * np.cos(a) * show, 3.2 * np.cos(a) * show, np.nan]
        spokes_y += [2.9 * np.sin(a) * show, 3.2 * np.sin(a) * show, np.nan]
    fine = np.r_[0:TURNS:4, 0]  # closed
    hull = _rubber_band(films, alpha)
    counts = share_that_can_win(alpha)
    traces = [
        style.line(rim * np.cos(angle[fine]), rim * np.sin(angle[fine]), color=style.GRID, width=9),
        style.line(spokes_x, spokes_y, color=style.QUIET, width=2),
        style.line(
            ring[fine] * np.cos(angle[fine]),
            ring[fine] * np.sin(angle[fine]),
            color=style.USER,
            width=9,
        ),
        style.line(hull[:, 0], hull[:, 1], color=style.ITEM_SOFT, width=2),
        {
            "type": "scatter",
            "mode": "markers",
            "x": RIVALS[:, 0],
            "y": RIVALS[:, 1],
            "hoverinfo": "skip",
            "marker": {
                "size": 11,
                "color": [style.ITEM if live else style.PAPER for live in alive[:-1]],
                "symbol": ["circle" if live else "x-thin" for live in alive[:-1]],
                "line": {
                    "color": [style.PAPER if live else style.QUIET for live in alive[:-1]],
                    "width": [1 if live else 2 for live in alive[:-1]],
                },
            },
        },
        style.dots(
            [place[0]],
            [place[1]],
            color=style.USER,
            size=13,
            labels=["\u00a0<br>your film" if place[1] > 2 else "your film<br>\u00a0"],
            label_at="bottom center" if place[1] > 2 else "top center",
            textfont={"color": style.USER, "size": 14},
        ),
        style.bars(
            [str(d) for d in DIMENSIONS],
            counts,
            labels=counts,
            xaxis="x2",
            yaxis="y2",
            textposition="outside",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 12, "r": 12, "t": 16, "b": 48},
        xaxis=style.bare_axis((-3.5, 3.5), **first[0]),
        yaxis=style.bare_axis((-3.5, 3.5), **first[1], **style.equal()),
        xaxis2=style.axis("dimensions", **second[0]) | {"type": "category", "showgrid": False},
        yaxis2=style.bare_axis((0, 225), **second[1]),
        bargap=0.25,
        annotations=[
            style.note(
                style.key(("●", style.ITEM, "can come first"), ("×", style.QUIET, "never can")),
                0,
                -3.45,
                xref="x",
                yref="y",
                yanchor="top",
            ),
            style.note(
                "so many of 200 can win",
                0.5,
                1.06,
                xref="x2 domain",
                yref="y2 domain",
            ),
        ],
    )


def _share(place, alpha):
    _, winner = _winners_by_direction(place, alpha)
    return float(np.mean(winner == len(RIVALS))), len(np.unique(winner))


def _say_win(place, alpha):
    share, alive = _share(place, alpha)
    mine = (
        f"your film comes first for {100 * share:.0f} % of all tastes"
        if share
        else "your film comes first for nobody, whatever they want"
    )
    return (
        f"Length counts to the power {alpha:g}: {mine}; {alive} of these 25 films can win at all."
    )


def _table_win(place, alpha):
    share, alive = _share(place, alpha)
    rows = [
        ["share of tastes your film wins", f"{100 * share:.1f} %"],
        ["films that can win, of these 25", alive],
    ]
    rows += [
        [f"of 200 films in {d} dimensions", count]
        for d, count in zip(DIMENSIONS, share_that_can_win(alpha))
    ]
    return ["what", "how many"], rows


who_can_win = Explorable(
    _draw_win,
    {
        "place": Pad(
            "Drag your film",
            np.arange(-2.6, 2.61, 0.4),
            np.arange(-2.6, 2.61, 0.4),
            start=(0.6, -0.6),
        ),
        "alpha": Slider(
            "How much may length count?",
            WIN_ALPHAS,
            start=1.0,
            ends=("not at all: cosine", "fully: dot product"),
        ),
    },
    "Can you place your film so that somebody, somewhere, gets it first?",
    _say_win,
    "similarity.who-can-win",
    table=_table_win,
)

# ------------------------------------------------------------------------ normalise slowly


def _long_and_short(n=10, seed=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)) * np.exp(rng.normal(0, 0.55, size=(n, 1)))


RAW = _long_and_short()
RAW_LETTERS = list("ABCDEFGHIJ")
ASKED = normalize([[1.0, 0.62]])[0]


def kendall_tau(a, b):
    """Agreement of two score lists: +1 same order, -1 reversed; pairs that tie count 0."""
    signs = [np.sign(np.subtract.outer(scores, scores)) for scores in (a, b)]
    n = len(a)
    return float((signs[0] * signs[1]).sum() / (n * (n - 1)))


def _three_orders(power, length):
    items = normalize(RAW, power)
    query = [ASKED * length]
    return items, {
        "dot": dot(query, items)[0],
        "cosine": cosine(query, items)[0],
        "distance": -euclidean(query, items)[0],
    }


def _draw_normalise(power, length):
    items, scores = _three_orders(power, length)
    first, second, size = style.side_by_side(
        left=0.5, gap=0.08, height=430, narrow_height=720, split=0.46
    )
    circle = np.linspace(0, 2 * np.pi, 73)
    columns = {judge: np.argsort(-given, kind="stable") for judge, given in scores.items()}
    agree = [
        kendall_tau(scores["dot"], scores["cosine"]),
        kendall_tau(scores["cosine"], scores["distance"]),
    ]
    traces = [
        style.line(np.cos(circle), np.sin(circle), color=style.GRID, width=2),
        style.dots(items[:, 0], items[:, 1], labels=RAW_LETTERS, size=11, label_at="top right"),
        style.arrow(ASKED * length, label="query"),
        *_ladder(columns, RAW_LETTERS, size=24),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 30, "r": 12, "t": 28, "b": 36},
        xaxis=style.axis(None, (-2.6, 3.4), **first[0], zeroline=True),
        yaxis=style.axis(None, (-2.6, 2.6), **first[1], zeroline=True, **style.equal()),
        xaxis2=style.bare_axis((-0.4, 2.4), **second[0])
        | {
            "showticklabels": True,
            "tickvals": [0, 1, 2],
            "ticktext": list(scores),
            "side": "top",
            "tickfont": {"size": 13, "color": style.INK},
        },
        yaxis2=style.bare_axis((11.1, 0.4), **second[1]),
        annotations=[
            style.note(style.true_minus(f"τ {tau:+.2f}"), x, 10.9, xref="x2", yref="y2")
            for x, tau in zip((0.5, 1.5), agree)
        ],
    )


def _say_normalise(power, length):
    _, s = _three_orders(power, length)
    dc, cd = kendall_tau(s["dot"], s["cosine"]), kendall_tau(s["cosine"], s["distance"])
    if min(dc, cd) > 1 - 1e-9:
        query = (
            "although the query has length 1 too"
            if length == 1
            else f"although the query has length {length:g}"
        )
        return f"All three orders are the same, {query}."
    return (
        f"Dot product and cosine agree to {dc:.2f}, cosine and distance to {cd:.2f} "
        f"(1 is the same order, 0 is chance)."
    ).replace("-", "−")


def _table_normalise(power, length):
    items, scores = _three_orders(power, length)
    norm = np.linalg.norm(items, axis=1)
    rows = [
        [
            letter,
            float(norm[j]),
            float(scores["dot"][j]),
            float(scores["cosine"][j]),
            float(-scores["distance"][j]),
        ]
        for j, letter in enumerate(RAW_LETTERS)
    ]
    return ["item", "length", "dot", "cosine", "distance"], rows


normalise_slowly = Explorable(
    _draw_normalise,
    {
        "power": Slider(
            "Divide by length, to the power",
            np.arange(0, 1.001, 0.05),
            start=0.0,
            ends=("0: leave it", "1: length one"),
            play=True,
        ),
        "length": Slider("Length of the query", [0.25, 0.5, 1.0, 1.5, 2.0, 2.5], start=2.0),
    },
    "Only the items shrink to length one; the query stays long. When will the three orders agree?",
    _say_normalise,
    "similarity.normalise-slowly",
    table=_table_normalise,
)

# ---------------------------------------------------------------------------- rubber cosine

RUBBER_RNG = np.random.default_rng(5)
RUBBER_USERS = np.round(RUBBER_RNG.normal(size=(5, 2)), 2)
RUBBER_ITEMS = np.array([[0.9, 0.8], [-0.7, 0.9], [1.0, -0.5], [0.3, -1.1], [0.6, 0.2]])
STRETCHES = np.round(2.5 ** np.linspace(-1, 1, 17), 3)


def _stretched(stretch):
    return rescale_factors(RUBBER_USERS, RUBBER_ITEMS, [1 / stretch, stretch])


def _draw_rubber(stretch):
    users, items = _stretched(stretch)
    alike = cosine(items, items)
    predicted = dot(users, items)
    names = [f"film {j + 1}" for j in range(len(items))]
    traces = [
        style.dots(
            users[:, 0], users[:, 1], color=style.USER, size=11, marker={"symbol": "square"}
        ),
        *(style.line([0, x[0]], [0, x[1]], color=style.ITEM_SOFT, width=2) for x in items),
        style.dots(
            items[:, 0], items[:, 1], labels=[str(j + 1) for j in range(len(items))], size=12
        ),
        style.heatmap(
            alike[::-1],
            x=names,
            y=names[::-1],
            scale=style.DIVERGING,
            limits=(-1, 1),
            labels=_signed(alike[::-1]),
            xaxis="x2",
            yaxis="y2",
        ),
        style.heatmap(
            predicted[::-1],
            x=names,
            y=[f"viewer {i + 1}" for i in range(len(users))][::-1],
            scale=style.DIVERGING,
            limits=(-2.5, 2.5),
            labels=_signed(predicted[::-1]),
            xaxis="x3",
            yaxis="y3",
        ),
    ]
    quiet = {
        "showticklabels": True,
        "showgrid": False,
        "ticks": "",
        "tickfont": {"size": 11, "color": style.QUIET},
    }
    return style.figure(
        traces,
        height=430,
        narrow={
            "height": 900,
            "xaxis.domain": [0, 1],
            "yaxis.domain": [0.73, 1],
            "xaxis2.domain": [0.12, 1],
            "yaxis2.domain": [0.35, 0.58],
            "xaxis3.domain": [0.12, 1],
            "yaxis3.domain": [0, 0.25],
        },
        margin={"l": 30, "r": 10, "t": 30, "b": 30},
        xaxis=style.axis(
            style.key(("●", style.ITEM, "films"), ("■", style.USER, "viewers")),
            (-3.4, 3.4),
            domain=[0, 0.42],
            zeroline=True,
        ),
        yaxis=style.axis(None, (-3.4, 3.4), domain=[0, 1], zeroline=True, **style.equal()),
        xaxis2=style.axis(None, None, domain=[0.52, 1], anchor="y2", **quiet)
        | {
            "side": "top",
            "title": {"text": "cosine of two films", "font": {"size": 13, "color": style.INK}},
        },
        yaxis2=style.axis(None, None, domain=[0.55, 0.92], anchor="x2", **quiet),
        xaxis3=style.axis(None, None, domain=[0.52, 1], anchor="y3", **quiet)
        | {
            "showticklabels": False,
            "side": "top",
            "title": {
                "text": "prediction ⟨U<sub>i</sub>, V<sub>j</sub>⟩",
                "font": {"size": 13, "color": style.INK},
            },
        },
        yaxis3=style.axis(None, None, domain=[0, 0.37], anchor="x3", **quiet),
    )


def _signed(table):
    return [[style.true_minus(f"{value:.2f}") for value in row] for row in table]


def _say_rubber(stretch):
    users, items = _stretched(stretch)
    moved = np.abs(dot(users, items) - dot(RUBBER_USERS, RUBBER_ITEMS)).max()
    alike = cosine(items, items)[0, 1]
    return (
        f"Films 1 and 2 now have cosine {alike:.2f}; the largest change of any prediction "
        f"is {moved:.1f}."
    ).replace("-", "−")


def _table_rubber(stretch):
    users, items = _stretched(stretch)
    alike, predicted = cosine(items, items), dot(users, items)
    rows = [[f"film 1 and film {j + 1}", float(alike[0, j])] for j in range(1, len(items))]
    rows += [
        [f"viewer 1, film {j + 1}: prediction", float(predicted[0, j])] for j in range(len(items))
    ]
    return ["pair", "value"], rows


rubber_cosine = Explorable(
    _draw_rubber,
    {
        "stretch": Slider(
            "Stretch the films sideways by",
            STRETCHES,
            start=1.0,
            labels=[f"{s:.2f}" for s in STRETCHES],
            play=True,
        )
    },
    "The films are stretched sideways, the viewers the other way. What will not move?",
    _say_rubber,
    "similarity.rubber-cosine",
    table=_table_rubber,
)

# ------------------------------------------------------------------ popularity and long vectors

PENALTIES = [0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 5.0, 10.0]


@lru_cache
def popular_norms(reg, per_rating, seed=0):
    """Ratings per item of `length_world`, and the length of the vector each item learns.

    Users are fixed and known, so one exact half-step gives every item: v = (UᵀU + λI)⁻¹Uᵀr with
    λ = reg, or reg · n_j where ``per_rating``.
    """
    ratings, users = length_world(random_state=seed)
    almost_none = (
        1e-9  # without any penalty, items with fewer ratings than factors have no one answer
    )
    items = als_step(users, ratings.transpose(), max(reg, almost_none), scale_reg=per_rating)
    return np.diff(ratings.by_item[0]), np.linalg.norm(items, axis=1)


def spearman(a, b):
    """Correlation of ranks."""
    ranks = [np.argsort(np.argsort(values)) for values in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


def _draw_popular(reg, per_rating):
    counts, lengths = popular_norms(reg, per_rating)
    shown = slice(None, None, 2)
    return style.figure(
        [style.dots(counts[shown], lengths[shown], size=8, opacity=0.8)],
        height=360,
        xaxis=style.axis("ratings a film received")
        | {"type": "log", "tickvals": [3, 10, 30, 100, 300]},
        yaxis=style.axis("length of its learned vector", (0, 1.1 * lengths.max())),
    )


def _say_popular(reg, per_rating):
    rho = spearman(*popular_norms(reg, per_rating))
    tale = (
        "popular films have the long vectors"
        if rho > 0.2
        else "popular films have the short vectors"
        if rho < -0.2
        else "length says little about popularity"
    )
    return style.true_minus(f"Rank correlation of ratings and length is {rho:+.2f}: {tale}.")


def _table_popular(reg, per_rating):
    counts, lengths = popular_norms(reg, per_rating)
    rows = []
    for low, high in ((3, 10), (10, 30), (30, 100), (100, 301)):
        here = (counts >= low) & (counts < high)
        rows.append([f"{low} to {high - 1} ratings", int(here.sum()), float(lengths[here].mean())])
    return ["films with", "how many", "mean length"], rows


popular_or_short = Explorable(
    _draw_popular,
    {
        "reg": Slider("Penalty on length, λ", PENALTIES, start=1.0),
        "per_rating": Toggle("multiply λ by the film's number of ratings"),
    },
    "Do popular films end up with long vectors or with short ones?",
    _say_popular,
    "similarity.popular-or-short",
    table=_table_popular,
)
