"""Pictures of the chapter "Collaborative filtering"."""

from functools import lru_cache
from itertools import pairwise

import numpy as np

from recsys_lab.co_ratings import similarity_table
from recsys_lab.data import harbour_tiny
from recsys_lab.explore import Choice, Explorable, Slider, Toggle, style
from recsys_lab.neighbors import UserKNN
from recsys_lab.similarity import cosine

TINY = harbour_tiny()
STARS = TINY.interactions.to_dense(fill=np.nan)  # (6, 6)
TAGS = TINY.items["tags"]
MEMBERS = [str(name) for name in TINY.users["name"]]
FILMS = [str(title) for title in TINY.items["title"]]
SHORT = ["Fog", "Salt", "Vault", "Regatta", "Pigeon", "Oil"]
KNOWN = ~np.isnan(STARS)
SHARED = KNOWN.astype(int) @ KNOWN.T.astype(int)  # films that two members both rated


def _written(stars):
    """Stars as words, a dash where there are none."""
    return [["–" if np.isnan(s) else f"{s:.0f}" for s in row] for row in stars]


# ------------------------------------------------------------------ same matrix, three readings


def _reading(values, words, rows, columns, at):
    """One grid with its words, on the axes ``at``."""
    return style.heatmap(
        values,
        x=columns,
        y=rows,
        scale=[[0, style.PAPER], [0.5, style.USER_SOFT], [1, style.ITEM_SOFT]],
        limits=(0, 1),
        labels=words,
        xaxis=f"x{at}",
        yaxis=f"y{at}",
    )


def _draw_readings():
    """Ada and Lamp Oil: what each of the three methods looks at to fill that one cell."""
    words = _written(STARS)
    words[0][5] = "?"
    rows = np.zeros((6, 6))
    rows[0] = 0.5  # Ada is compared with those who rated Lamp Oil
    rows[KNOWN[:, 5], :] = 0.5
    rows[:, 5] = np.where(KNOWN[:, 5], 1, 0)
    columns = np.zeros((6, 6))
    columns[:, KNOWN[0]] = 0.5  # Lamp Oil is compared with those Ada rated
    columns[:, 5] = 0.5
    columns[0] = np.where(KNOWN[0], 1, 0)
    tags = np.zeros((6, 6))
    tags[KNOWN[0], :] = 0.5
    tags[5] = 0.5
    tag_words = [["1" if tag else "·" for tag in row] for row in TAGS]
    quiet = {"tickfont": {"size": 11, "color": style.QUIET}, "showgrid": False}
    tall = [(0.02, 0.24), (0.37, 0.59), (0.72, 0.94)]
    narrow = {"height": 980}
    layout = {}
    for at, (left, right), (low, high) in zip(
        ("", "2", "3"), [(0, 0.28), (0.37, 0.64), (0.75, 1)], tall[::-1]
    ):
        side = {"side": "bottom", "tickangle": -55, "anchor": f"y{at}"}
        layout[f"xaxis{at}"] = style.axis(None, None, domain=[left, right], **side, **quiet)
        layout[f"yaxis{at}"] = style.axis(
            None, (5.5, -0.5), domain=[0, 0.8], anchor=f"x{at}", **quiet
        )
        narrow |= {f"xaxis{at}.domain": [0.06, 1], f"yaxis{at}.domain": [low, high]}
    titles = [
        "<b>user-user</b><br>rows like Ada's,<br>then down the column",
        "<b>item-item</b><br>columns like Lamp Oil's,<br>then along the row",
        "<b>content-based</b><br>another table: tags;<br>no other member",
    ]
    return style.figure(
        [
            _reading(rows, words, MEMBERS, SHORT, ""),
            _reading(columns, words, MEMBERS, SHORT, "2"),
            _reading(tags, tag_words, SHORT, list(TINY.tag_names), "3"),
        ],
        height=360,
        narrow=narrow,
        margin={"l": 44, "r": 8, "t": 8, "b": 62},
        annotations=[
            style.note(
                title,
                0,
                1.04,
                color=style.INK,
                xref=f"x{at} domain",
                yref=f"y{at} domain",
                xanchor="left",
                yanchor="bottom",
                align="left",
            )
            for at, title in zip(("", "2", "3"), titles)
        ],
        **layout,
    )


same_matrix_three_readings = Explorable(
    _draw_readings,
    {},
    "Ada has not rated Lamp Oil. Where could an answer come from?",
    lambda: (
        f"Orange is what is averaged: {int(KNOWN[:, 5].sum())} ratings of Lamp Oil by other "
        f"members, or {int(KNOWN[0].sum())} ratings of other films by Ada; blue is what is "
        f"compared to weigh them."
    ),
    "collaborative-filtering.same-matrix-three-readings",
    table=lambda: (
        ["reading", "compares", "averages"],
        [
            ["user-user", "rows of the ratings", "column of the film: 4 ratings"],
            ["item-item", "columns of the ratings", "row of the member: 4 ratings"],
            ["content-based", "rows of the tag table", "the member's own 4 ratings"],
        ],
    ),
)

# ------------------------------------------------------------------------- who is Ada's twin

MEASURES = {
    "cosine": "cosine, blanks are 0",
    "corated_cosine": "cosine of shared films",
    "pearson": "Pearson",
}
SHRINKAGES = [0, 1, 2, 3, 5, 8, 12, 20]


@lru_cache
def alike(measure, shrinkage=0.0):
    """Similarity of every two members, (6, 6); NaN where nothing can be compared."""
    table = similarity_table(TINY.interactions, measure, shrinkage).astype(float)
    defined = SHARED >= (1 if measure == "cosine" else 2)
    return np.where(defined & ~np.eye(6, dtype=bool), table, np.nan)


def neighbours(member, measure, shrinkage=0.0):
    """The other members, most alike first, undefined ones last."""
    i = MEMBERS.index(member)
    row = alike(measure, shrinkage)[i]
    order = sorted(set(range(6)) - {i}, key=lambda j: (np.isnan(row[j]), -row[j], j))
    return np.array(order), row


def _draw_twin(member, measure, shrinkage):
    order, row = neighbours(member, measure, shrinkage)
    i, twin = MEMBERS.index(member), int(order[0])
    first, second, size = style.side_by_side(left=0.5, gap=0.17, height=350, narrow_height=640)
    shade = np.zeros((6, 6))
    both = KNOWN[i] & KNOWN[twin]
    for person in (i, twin):
        shade[person] = np.where(both, 1, 0.25)
    names = [f"{MEMBERS[j]} ({SHARED[i, j]})" for j in order]
    length = [0 if np.isnan(row[j]) else row[j] for j in order]
    words = ["undefined" if np.isnan(row[j]) else f"{row[j]:.3f}" for j in order]
    places = list(range(5))
    traces = [
        style.heatmap(
            shade,
            x=SHORT,
            y=MEMBERS,
            scale=[[0, style.PAPER], [1, style.USER_SOFT]],
            limits=(0, 1),
            labels=_written(STARS),
        ),
        style.bars(
            length,
            places,
            horizontal=True,
            xaxis="x2",
            yaxis="y2",
            marker={"color": [style.USER, *[style.USER_SOFT] * 4]},
        ),
        style.words(
            [max(0, x) + 0.05 for x in length],
            places,
            [style.true_minus(word) for word in words],
            at="middle right",
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    quiet = {"tickfont": {"size": 12, "color": style.QUIET}, "showgrid": False}
    return style.figure(
        traces,
        **size,
        margin={"l": 58, "r": 10, "t": 12, "b": 66},
        xaxis=style.axis(None, None, tickangle=-45, **first[0], **quiet),
        yaxis=style.axis(None, (5.5, -0.5), **first[1], **quiet),
        xaxis2=style.axis("similarity (shared films)", (-1.1, 1.75), **second[0])
        | {"zeroline": True, "tickvals": [-1, 0, 1]},
        yaxis2=style.axis(None, (4.6, -0.6), tickvals=places, ticktext=names, **second[1], **quiet),
        bargap=0.35,
    )


def _say_twin(member, measure, shrinkage):
    order, row = neighbours(member, measure, shrinkage)
    i, twin = MEMBERS.index(member), order[0]
    films = f"{SHARED[i, twin]} film" + ("s" if SHARED[i, twin] > 1 else "")
    shrunk = f", shrunk with β = {shrinkage:g}" if shrinkage else ""
    return style.true_minus(
        f"By {MEASURES[measure]}{shrunk}, {member}'s nearest is {MEMBERS[twin]}: "
        f"{row[twin]:.3f} on {films}."
    )


def _table_twin(member, measure, shrinkage):
    order, row = neighbours(member, measure, shrinkage)
    i = MEMBERS.index(member)
    rows = [
        [MEMBERS[j], int(SHARED[i, j]), "undefined" if np.isnan(row[j]) else round(row[j], 3)]
        for j in order
    ]
    return ["member", "shared films", "similarity"], rows


who_is_the_twin = Explorable(
    _draw_twin,
    {
        "member": Choice("Whose twin?", MEMBERS, start="Ada"),
        "measure": Choice("How are they compared?", MEASURES, start="cosine"),
        "shrinkage": Slider("Doubt few shared films: β", SHRINKAGES, start=0, ends=("no", "much")),
    },
    "Read the grid first: who has Ada's taste? Then ask the three measures.",
    _say_twin,
    "collaborative-filtering.who-is-the-twin",
    table=_table_twin,
)

# ---------------------------------------------------------------- two films make a soulmate

OVERLAPS = [2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50]
EDGES = np.linspace(-1, 1, 21)
DRAWS = 4_000
ASIDE = 1.55  # where the bar of the undefined stands


@lru_cache
def strangers(overlap, whole_stars, seed=0):
    """Pearson of 4,000 pairs who have nothing to do with each other; NaN where undefined."""
    rng = np.random.default_rng([seed, overlap])
    shape = (2, DRAWS, overlap)
    a, b = rng.integers(1, 6, shape).astype(float) if whole_stars else rng.normal(size=shape)
    a, b = (x - x.mean(axis=1, keepdims=True) for x in (a, b))
    below = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    r = np.divide((a * b).sum(axis=1), below, out=np.full(DRAWS, np.nan), where=below > 1e-9)
    return np.clip(r, -1, 1)


@lru_cache
def _soulmates(overlap, whole_stars, shrinkage):
    r = strangers(overlap, whole_stars) * overlap / (overlap + shrinkage)
    defined = r[~np.isnan(r)]
    counts = np.histogram(np.round(defined, 9), EDGES)[0] / DRAWS
    return counts, 1 - len(defined) / DRAWS, np.mean(np.abs(r) > 0.8), float(defined.std())


def _draw_soulmate(overlap, whole_stars, shrinkage):
    counts, undefined, _, _ = _soulmates(overlap, whole_stars, shrinkage)
    middle = (EDGES[1:] + EDGES[:-1]) / 2
    strong = np.abs(middle) > 0.8
    traces = [
        style.bars(
            middle,
            100 * counts,
            marker={"color": [style.USER if far else style.USER_SOFT for far in strong]},
            width=0.092,
        ),
        style.bars([ASIDE], [100 * undefined], color=style.QUIET, width=0.14),
        style.words(
            [ASIDE], [100 * undefined + 3], [f"{100 * undefined:.0f} %"], color=style.QUIET
        ),
    ]
    return style.figure(
        traces,
        height=330,
        margin={"l": 52, "r": 12, "t": 16, "b": 50},
        xaxis=style.axis("similarity of two strangers", (-1.1, 1.95))
        | {
            "tickangle": 0,
            "tickvals": [-1, -0.5, 0, 0.5, 1, ASIDE],
            "ticktext": ["−1", "−½", "0", "½", "1", "undefined"],
        },
        yaxis=style.axis("% of pairs", (0, 56)),
    )


def _say_soulmate(overlap, whole_stars, shrinkage):
    _, undefined, strong, spread = _soulmates(overlap, whole_stars, shrinkage)
    none = f", {100 * undefined:.0f}\u00a0% are undefined" if whole_stars else ""
    return (
        f"With {overlap} films in common, {100 * strong:.1f}\u00a0% of the pairs of strangers lie "
        f"beyond ±0.8{none}; the spread is {spread:.2f}."
    )


def _table_soulmate(overlap, whole_stars, shrinkage):
    counts, undefined, _, _ = _soulmates(overlap, whole_stars, shrinkage)
    rows = [
        [style.true_minus(f"{a:.1f} to {b:.1f}"), f"{100 * share:.1f}"]
        for a, b, share in zip(EDGES[:-1], EDGES[1:], counts)
    ]
    return ["similarity", "% of pairs"], [*rows, ["undefined", f"{100 * undefined:.1f}"]]


two_films_make_a_soulmate = Explorable(
    _draw_soulmate,
    {
        "overlap": Slider("Films both have rated", OVERLAPS, start=2, play=True),
        "shrinkage": Slider("Doubt few shared films: β", [0, 2, 5, 10, 20], start=0),
        "whole_stars": Toggle("Only whole stars, 1 to 5", start=True),
    },
    "Two people rate at random, independently. How alike will Pearson call them?",
    lambda overlap, shrinkage, whole_stars: _say_soulmate(overlap, whole_stars, shrinkage),
    "collaborative-filtering.two-films-make-a-soulmate",
    table=lambda overlap, shrinkage, whole_stars: _table_soulmate(overlap, whole_stars, shrinkage),
)

# ---------------------------------------------------------------------------- predict with k


@lru_cache
def _model(k, centered):
    return UserKNN(k=k, center="mean" if centered else "none").fit(TINY.interactions)


@lru_cache
def steps(member, film, k, centered):
    """How a prediction adds up: (start, [(name, similarity, step)], prediction).

    Without anybody to ask, the list is empty and the prediction is the model's fallback.
    """
    i, j = MEMBERS.index(member), FILMS.index(film)
    model = _model(k, centered)
    who, weights, offsets = model.explain(i, j)
    predicted = float(model.predict([i], [j])[0])
    if not len(who):
        return predicted, [], predicted
    start = float(np.nanmean(STARS[i])) if centered else 0.0
    added = weights * offsets / weights.sum()
    return (
        start,
        [(MEMBERS[n], float(w), float(a)) for n, w, a in zip(who, weights, added)],
        predicted,
    )


def left_out(member, film, k, centered):
    """Those who rated the film and were not asked: ``[(name, similarity, why)]``."""
    i, j = MEMBERS.index(member), FILMS.index(film)
    row = _model(k, centered).similarity_[i]
    asked = {name for name, _, _ in steps(member, film, k, centered)[1]}
    rest = [v for v in np.flatnonzero(KNOWN[:, j]) if v != i and MEMBERS[v] not in asked]
    rest.sort(key=lambda v: (-row[v], v))
    return [(MEMBERS[v], float(row[v]), _why(row[v], alike("pearson")[i, v])) for v in rest]


def _why(weight, correlation):
    if np.isnan(correlation):
        return "cannot be compared"
    return "not asked" if weight > 0 else "not alike"


def _draw_predict(member, film, k, centered):
    start, asked, predicted = steps(member, film, k, centered)
    truth = STARS[MEMBERS.index(member), FILMS.index(film)]
    first = "nothing" if not centered and asked else f"{member}'s mean"
    if not asked:
        first = "fallback"
    names, base, length, words = [first], [0.0], [start], [f"{start:.2f}"]
    reached = start
    for name, weight, step in asked:
        names.append(f"{name} ({weight:.2f})")
        base.append(reached)
        length.append(step)
        words.append(style.true_minus(f"{step:+.2f}"))
        reached += step
    for name, weight, why in left_out(member, film, k, centered):
        names.append(name if "compared" in why else style.true_minus(f"{name} ({weight:.2f})"))
        words.append(why)
    while len(names) < 6:  # who has not rated the film cannot be asked
        names.append(" " * len(names))
        words.append("")
    for row in (base, length):
        row += [0.0] * (6 - len(row))
    names.append("prediction")
    base.append(0.0)
    length.append(predicted)
    words.append(f"{predicted:.2f}")
    places = list(range(7))
    colors = [style.QUIET, *[style.USER_SOFT if x >= 0 else style.FOURTH_SOFT for x in length[1:6]]]
    ends = [max(b, b + x) + 0.1 for b, x in zip(base, length)]
    given = not np.isnan(truth)
    if given:  # nobody rated with all five others, so the last row is free
        names[5], words[5], ends[5] = f"{member} gave", f"{truth:.0f}", truth + 0.25
    traces = [
        style.bars(
            length,
            places,
            horizontal=True,
            base=base,
            marker={"color": [*colors, style.ITEM]},
        ),
        style.words(ends, places, words, at="middle right"),
        style.dots(
            [truth if given else None],
            [5],
            color=style.INK,
            size=13,
            marker={"symbol": "diamond"},
        ),
    ]
    return style.figure(
        traces,
        height=340,
        margin={"l": 92, "r": 12, "t": 12, "b": 48},
        xaxis=style.axis("stars", (0, 7.3)) | {"tickvals": [0, 1, 2, 3, 4, 5]},
        yaxis=style.axis(None, (6.6, -0.6), tickvals=places, ticktext=names, showgrid=False),
        bargap=0.3,
    )


def _say_predict(member, film, k, centered):
    _, asked, predicted = steps(member, film, k, centered)
    truth = STARS[MEMBERS.index(member), FILMS.index(film)]
    given = "" if np.isnan(truth) else f" ({member} gave {truth:.0f}, which the similarities know)"
    if not asked:
        return (
            f"Nobody like {member} has rated {film}: the baseline answers {predicted:.2f}{given}."
        )
    names = [name for name, _, _ in asked]
    who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    fewer = "" if len(asked) == k else f"; k = {k}, but no more of the raters are like {member}"
    verb = "predicts" if len(names) == 1 else "predict"
    return f"{who} {verb} {predicted:.2f} stars for {member} on {film}{given}{fewer}."


def _table_predict(member, film, k, centered):
    start, asked, predicted = steps(member, film, k, centered)
    rows = [["start", None, round(start, 3)]]
    rows += [[name, round(weight, 3), round(step, 3)] for name, weight, step in asked]
    return ["who", "similarity", "stars added"], [*rows, ["prediction", None, round(predicted, 3)]]


predict_with_k = Explorable(
    _draw_predict,
    {
        "member": Choice("For whom?", MEMBERS, start="Ada"),
        "film": Choice("Which film?", FILMS, start="Lamp Oil"),
        "k": Slider("Neighbours asked: k", [1, 2, 3, 4, 5], start=1),
        "centered": Toggle("Subtract everybody's own mean", start=False),
    },
    "Bo gave Lamp Oil four stars, Cem five. Whose praise is worth more?",
    _say_predict,
    "collaborative-filtering.predict-with-k",
    table=_table_predict,
)

# ------------------------------------------------------------------------- blank is not zero

FILLS = np.round(np.arange(0, 5.01, 0.25), 2)
CIRCLE = np.array([[np.sin(a), np.cos(a)] for a in np.arange(6) * np.pi / 3])


@lru_cache
def filled_cosine(fill):
    """Cosine of every two members where each blank is taken to be ``fill``; diagonal −2."""
    full = np.where(KNOWN, STARS, fill)
    table = cosine(full, full)
    np.fill_diagonal(table, -2)
    return table


ALL_FILLS = np.array([filled_cosine(float(fill)) for fill in FILLS])  # (21, 6, 6)


def moved_apart(heights, gap):
    """Places near ``heights``, in the same order and at least ``gap`` apart."""
    order = np.argsort(heights)
    places = np.array(heights)
    for _ in range(100):
        for low, high in pairwise(order):
            short = gap - (places[high] - places[low])
            if short > 0:
                places[high] += short / 2
                places[low] -= short / 2
    return places


def _draw_blank(fill, member):
    table = filled_cosine(fill)
    i = MEMBERS.index(member)
    nearest = table.argmax(axis=1)
    first, second, size = style.side_by_side(
        left=0.46, gap=0.14, height=370, narrow_height=680, split=0.5
    )
    traces = []
    for person, friend in enumerate(nearest):
        step = CIRCLE[friend] - CIRCLE[person]
        away = 0.2 * step / np.linalg.norm(step)
        beside = 0.05 * np.array([-step[1], step[0]]) / np.linalg.norm(step)
        traces.append(
            style.arrow(
                CIRCLE[friend] - away + beside,
                start=CIRCLE[person] + away + beside,
                width=3 if person == i else 2,
                color=style.USER if person == i else style.QUIET,
            )
        )
    traces.append(
        style.words(CIRCLE[:, 0], CIRCLE[:, 1], [f"<b>{name}</b>" for name in MEMBERS], size=15)
    )
    others = [j for j in range(6) if j != i]
    best = int(nearest[i])
    for j in others:
        near = j == best
        traces.append(
            style.line(
                FILLS,
                np.round(ALL_FILLS[:, i, j], 4),
                color=style.USER if near else style.QUIET,
                width=3 if near else 1.5,
                xaxis="x2",
                yaxis="y2",
            )
        )
    spread = moved_apart(ALL_FILLS[-1, i, others], 0.07)  # names at the right edge
    traces += [
        style.words(
            [5.12] * 5,
            spread,
            [MEMBERS[j] for j in others],
            at="middle right",
            xaxis="x2",
            yaxis="y2",
        ),
        style.line([fill, fill], [0.05, 1.1], color=style.INK, width=1.5, dash="dot")
        | {"xaxis": "x2", "yaxis": "y2"},
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 32, "r": 12, "t": 14, "b": 48},
        xaxis=style.bare_axis((-1.35, 1.35), **first[0]),
        yaxis=style.bare_axis((-1.25, 1.25), **first[1], **style.equal()),
        xaxis2=style.axis("a blank counts as", (0, 6.3), **second[0])
        | {"tickvals": [0, 1, 2, 3, 4, 5]},
        yaxis2=style.axis(None, (0.05, 1.2), **second[1]) | {"tickvals": [0.2, 0.4, 0.6, 0.8, 1]},
        annotations=[
            style.note(
                f"cosine with {member}",
                0.02,
                0.99,
                xref="x2 domain",
                yref="y2 domain",
                xanchor="left",
                yanchor="top",
            )
        ],
    )


def _blank_order(fill, member):
    row = filled_cosine(fill)[MEMBERS.index(member)]
    order = np.argsort(-row, kind="stable")[:5]
    return [MEMBERS[j] for j in order], row[order]


def _say_blank(fill, member):
    names, _ = _blank_order(fill, member)
    changed = int(np.sum(filled_cosine(fill).argmax(1) != filled_cosine(0.0).argmax(1)))
    return (
        f"If a blank counts {fill:g}, {member}'s order is {', '.join(names)}; "
        f"{changed} of the 6 arrows {'points' if changed == 1 else 'point'} elsewhere than with "
        f"blanks at 0."
    )


blank_is_not_zero = Explorable(
    _draw_blank,
    {
        "fill": Slider("A blank counts as", FILLS, start=0.0, ends=("hated it", "loved it")),
        "member": Choice("Whose neighbours?", MEMBERS, start="Ada"),
    },
    "Each arrow points to the nearest member. Nobody rates anything new: can the arrows move?",
    _say_blank,
    "collaborative-filtering.blank-is-not-zero",
    table=lambda fill, member: (
        ["member", "cosine"],
        [[name, round(float(s), 3)] for name, s in zip(*_blank_order(fill, member))],
    ),
)

# --------------------------------------------------------------------------- rows or columns

COUNTS = [100, 500, 2_000, 5_000, 20_000, 200_000, 1_000_000]
DENSITIES = [0.0001, 0.0005, 0.002, 0.01, 0.05]


def expected(m, n, density):
    """Shared ratings of two users and of two items, and bytes of the two float32 tables."""
    return n * density**2, m * density**2, 4 * m**2, 4 * n**2


def _amount(x):
    """A count in words: three digits, never 1e+04."""
    return f"{x:,.0f}" if x >= 100 else f"{x:.2g}" if x >= 0.0001 else f"{x:.6f}".rstrip("0")


def _bytes(x):
    for unit in ("bytes", "kB", "MB", "GB"):
        if x < 1000:
            return f"{x:.3g} {unit}"
        x /= 1000
    return f"{x:.3g} TB"


def _draw_rows(m, n, density):
    users, items, user_bytes, item_bytes = expected(m, n, density)
    first, second, size = style.side_by_side(left=0.43, gap=0.14, height=300, narrow_height=520)
    traces = []
    for at, values, words, floor in (
        ("", (users, items), (_amount(users), _amount(items)), -6.3),
        ("2", (user_bytes, item_bytes), (_bytes(user_bytes), _bytes(item_bytes)), 4),
    ):
        heights = [float(np.log10(value)) - floor for value in values]
        axes = {"xaxis": f"x{at}", "yaxis": f"y{at}"}
        traces += [
            style.bars(
                ["two users", "two items"],
                heights,
                base=floor,
                marker={"color": [style.USER, style.ITEM]},
                **axes,
            ),
            style.words(
                ["two users", "two items"],
                [height + floor for height in heights],
                words,
                at="top center",
                **axes,
            ),
        ]
    return style.figure(
        traces,
        **size,
        margin={"l": 54, "r": 12, "t": 34, "b": 30},
        xaxis=style.axis(None, None, **first[0]) | {"showgrid": False},
        yaxis=style.axis(None, (-6.3, 5), **first[1])
        | {
            "tickvals": [-6, -4, -2, 0, 2, 4],
            "ticktext": ["10⁻⁶", "10⁻⁴", "0.01", "1", "100", "10⁴"],
        },
        xaxis2=style.axis(None, None, **second[0])
        | {"showgrid": False, "tickvals": [0, 1], "ticktext": ["m × m", "n × n"]},
        yaxis2=style.axis(None, (4, 14), **second[1])
        | {"tickvals": [6, 9, 12], "ticktext": ["1 MB", "1 GB", "1 TB"]},
        annotations=[
            style.note(
                title,
                0,
                1.02,
                color=style.INK,
                xref=f"x{at} domain",
                yref=f"y{at} domain",
                xanchor="left",
                yanchor="bottom",
            )
            for at, title in (("", "ratings in common"), ("2", "memory of the table"))
        ],
        bargap=0.4,
    )


def _say_rows(m, n, density):
    users, items, user_bytes, item_bytes = expected(m, n, density)
    if m == n:
        verdict = "neither side is steadier"
    else:
        verdict = f"comparing {'items' if m > n else 'users'} is steadier and takes less memory"
    return (
        f"Two users share {_amount(users)} films, two films share {_amount(items)} users; the "
        f"tables take {_bytes(user_bytes)} and {_bytes(item_bytes)}: {verdict}."
    )


rows_or_columns = Explorable(
    _draw_rows,
    {
        "m": Slider("Users m", COUNTS, start=200_000, labels=[f"{c:,}" for c in COUNTS]),
        "n": Slider("Items n", COUNTS, start=5_000, labels=[f"{c:,}" for c in COUNTS]),
        "density": Slider(
            "Share of cells known",
            DENSITIES,
            start=0.002,
            labels=[f"{100 * p:g} %" for p in DENSITIES],
        ),
    },
    "200,000 members, 5,000 films. Would you compare members, or films?",
    _say_rows,
    "collaborative-filtering.rows-or-columns",
    table=lambda m, n, density: (
        ["", "two users", "two items"],
        [
            ["expected ratings in common", *map(_amount, expected(m, n, density)[:2])],
            ["table of similarities", *map(_bytes, expected(m, n, density)[2:])],
        ],
    ),
)
