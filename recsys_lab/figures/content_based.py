"""Pictures of the chapter "Content-based filtering"."""

from functools import lru_cache

import numpy as np

from recsys_lab.content import ContentBased, aggregate, idf, rocchio
from recsys_lab.data import harbour_tiny, load_harbour
from recsys_lab.explore import Choice, Explorable, Slider, Toggle, style
from recsys_lab.neighbors import ItemKNN
from recsys_lab.popularity import Popularity, baseline
from recsys_lab.similarity import cosine, dot, top_k

TINY = harbour_tiny()
FILMS = [str(title) for title in TINY.items["title"]]
TAGS = TINY.items["tags"]  # (6, 6), 1 where a film has a tag
TAG_NAMES = list(TINY.tag_names)
ADA = TINY.users["tags"][0]  # noir, sea, quiet
REGATTA = FILMS.index("Everything Regatta")


def _headings(left, right):
    """Words above the two panels of a figure."""
    return [
        style.note(
            words,
            0,
            1,
            color=style.INK,
            xref=f"x{at} domain",
            yref=f"y{at} domain",
            xanchor="left",
            yanchor="bottom",
        )
        for at, words in (("", left), ("2", right))
    ]


def _listed(words):
    """a; a and b; a, b and c."""
    words = list(words)
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _count(number, thing):
    return f"{number} {thing}" + ("" if number == 1 else "s")


# ------------------------------------------------------------------------------- tag stuffing

# Every taste one can state with six tags, but for the silent one.
TASTES = np.array([[n >> k & 1 for k in range(6)] for n in range(1, 64)], dtype=float)


def posters(*printed):
    """The tags of the six films, (6, 6), with those printed for Everything Regatta."""
    tags = TAGS.copy()
    tags[REGATTA] = printed
    return tags


def overlap(measure, *printed):
    """Score of each film for Ada, and how many of the 63 tastes have Regatta first, or tied."""
    judge = {"dot": dot, "cosine": cosine}[measure]
    tags = posters(*printed)
    scores = judge(TASTES, tags)
    first = scores[:, REGATTA] > scores.max(axis=1) - 1e-9
    return judge([ADA], tags)[0], int(first.sum())


def _names_of(where):
    return [name for name, here in zip(TAG_NAMES, where) if here]


def _draw_stuffing(noir, sea, comedy, quiet, family, heist, measure):
    tags = posters(noir, sea, comedy, quiet, family, heist)
    scores, _ = overlap(measure, noir, sea, comedy, quiet, family, heist)
    levels = [-3, -2, -1, 1, 2, 3]  # shared tags stack upwards, the others hang below
    cells = [[None] * 6 for _ in levels]
    words = [[""] * 6 for _ in levels]
    for j, own in enumerate(tags):
        for sign, names in ((1, _names_of(own * ADA)), (-1, _names_of(own * (1 - ADA)))):
            for height, name in enumerate(names, 1):
                row = levels.index(sign * height)
                cells[row][j] = max(sign, 0)
                words[row][j] = f"<b>{name}</b>" if sign > 0 else name
    best = scores > scores.max() - 1e-9
    if scores.max() <= 0:
        best[:] = False
    labels = [f"{s:.0f}" if measure == "dot" else f"{s:.2f}" for s in scores]
    titles = ["Fog<br>Signal", "Salt &<br>Sugar", "Quiet<br>Vault", "Everything<br>Regatta"]
    titles += ["Pigeon<br>Heist", "Lamp<br>Oil"]
    places = list(range(6))
    traces = [
        style.heatmap(
            cells,
            x=places,
            y=[level - 0.5 * np.sign(level) for level in levels],
            scale=[[0, style.GRID], [1, style.ITEM_SOFT]],
            limits=(0, 1),
            labels=words,
            textfont={"size": 12, "color": style.INK},
            hoverongaps=False,
        ),
        style.line([-0.5, 5.5], [0, 0], color=style.INK, width=1.5),
        style.bars(
            places,
            scores,
            labels=[f"<b>{w}</b>" if top else w for w, top in zip(labels, best)],
            xaxis="x2",
            yaxis="y2",
            marker={"color": [style.ITEM if top else style.ITEM_SOFT for top in best]},
            textposition="outside",
            textfont={"size": 14},
        ),
    ]
    across = {"showgrid": False, "tickvals": places, "ticktext": titles, "tickangle": 0}
    top = 3.9 if measure == "dot" else 1.3
    return style.figure(
        traces,
        height=440,
        margin={"l": 6, "r": 6, "t": 26, "b": 42},
        xaxis=style.bare_axis((-0.55, 5.55)),
        yaxis=style.bare_axis((-3.05, 3.05), domain=[0.38, 1]),
        xaxis2=style.axis(None, (-0.55, 5.55), anchor="y2", **across)
        | {"tickfont": {"size": 12, "color": style.INK}},
        yaxis2=style.bare_axis((0, top), domain=[0, 0.25], anchor="x2"),
        bargap=0.35,
        narrow={
            "xaxis2.tickfont.size": 11,
            "height": 420,
        },
        annotations=[
            style.note("↑ <b>shared</b> with Ada", 0, 1.065, xanchor="left"),
            style.note("↓ not asked for", 0, 0.36, xanchor="left", yanchor="top"),
            style.note(
                "dot product" if measure == "dot" else "cosine",
                1,
                0.36,
                xanchor="right",
                yanchor="top",
                color=style.INK,
            ),
        ],
    )


def _say_stuffing(noir, sea, comedy, quiet, family, heist, measure):
    printed = noir, sea, comedy, quiet, family, heist
    scores, wins = overlap(measure, *printed)
    mine, best = scores[REGATTA], scores.max()
    shared = int(np.dot(printed, ADA))
    rivals = [f for f, s in zip(FILMS, scores) if s > best - 1e-9 and f != FILMS[REGATTA]]
    number = f"{mine:.0f}" if measure == "dot" else f"{mine:.2f}"
    if mine < best - 1e-9:
        place = f"{_listed(rivals)} {'comes' if len(rivals) == 1 else 'come'} first"
    elif rivals:
        place = f"first, level with {_listed(rivals)}"
    else:
        place = "first and alone"
    name = "dot product" if measure == "dot" else "cosine"
    if not sum(printed):
        return f"A poster without tags scores 0 with everybody; {place} for Ada."
    return (
        f"Everything Regatta shares {shared} of its {_count(int(sum(printed)), 'tag')} with Ada: "
        f"{name} {number}, {place}. Of all 63 tastes one could state, it leads or draws "
        f"for {wins}."
    )


def _table_stuffing(noir, sea, comedy, quiet, family, heist, measure):
    printed = noir, sea, comedy, quiet, family, heist
    tags = posters(*printed)
    by_dot, by_cosine = (overlap(how, *printed)[0] for how in ("dot", "cosine"))
    rows = [
        [film, ", ".join(_names_of(own)), float(d), float(c)]
        for film, own, d, c in zip(FILMS, tags, by_dot, by_cosine)
    ]
    return ["film", "tags", "dot product", "cosine"], rows


tag_stuffing = Explorable(
    _draw_stuffing,
    {
        **{tag: Toggle(tag, start=True) for tag in TAG_NAMES},
        "measure": Choice("Judge by", {"dot": "dot product", "cosine": "cosine"}, start="dot"),
    },
    "Ada asks for noir, sea and quiet. Which tags should the poster of Everything Regatta carry?",
    _say_stuffing,
    "content-based.tag-stuffing",
    table=_table_stuffing,
)

# ----------------------------------------------------------------------------------- idf dial

GAMMAS = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
LIKED = ["Platform Zero", "Grandpa's Third Wish", "Lamp Oil", "Smoke over Lantern Square"]
_SLOTS = 5  # features of a liked film: up to three genres, the language, the director
_SHOWN = 6
DIRECTORS = "Agnes Windle"  # the first in the alphabet


@lru_cache
def catalogue():
    """The 200 films: titles, table of features (200, t), and the name of each feature.

    Genres first, then languages, then directors from the one called ``DIRECTORS`` on.
    """
    items = load_harbour().items
    tables, names = [items["tags"]], list(load_harbour().tag_names)
    for key in ("language", "director"):
        kinds = np.unique(items[key])
        tables.append((items[key][:, None] == kinds).astype(float))
        names += [str(kind) for kind in kinds]
    return [str(title) for title in items["title"]], np.hstack(tables), names


@lru_cache(maxsize=256)
def nearest(film, gamma, directors=True):
    """The films most like ``film`` by the cosine of features times idf^γ.

    Returns the features of the film (ids, rarest last) with their weights idf^γ, and for the best
    six other films their ids and what each feature adds to the cosine, shape (6, features).
    """
    titles, features, names = catalogue()
    if not directors:
        features = features[:, : names.index(DIRECTORS)]
    weights = idf(features) ** gamma
    j = titles.index(film)
    units = features * weights
    units = units / np.linalg.norm(units, axis=1, keepdims=True)
    own = np.flatnonzero(features[j])
    own = own[np.argsort(-features[:, own].sum(axis=0), kind="stable")]
    scores = cosine([units[j]], units)[0]
    best = np.array([other for other in top_k(scores, _SHOWN + 1) if other != j][:_SHOWN])
    return own, weights[own], best, units[j, own] * units[best][:, own]


_GENRE_SHADES = [style.FOURTH_SOFT, style.THIRD_SOFT, style.ITEM_SOFT]


def _shades(own):
    """A colour for each feature of a film: the language, the director, then genre by genre."""
    names = catalogue()[2]
    genres = iter(_GENRE_SHADES)
    first, last = names.index("documentary"), names.index(DIRECTORS)
    return [
        style.ITEM if k >= last else style.USER_SOFT if k > first else next(genres) for k in own
    ]


def _draw_idf(film, gamma, directors):
    titles, features, names = catalogue()
    own, weights, best, parts = nearest(film, gamma, directors)
    missing = _SLOTS - len(own)
    shades = _shades(own)
    first, second, size = style.side_by_side(
        left=0.3, gap=0.09, height=430, narrow_height=760, split=0.38, narrow_gap=0.08
    )
    rows = list(range(len(own))) + [None] * missing
    films = [int(features[:, k].sum()) for k in own]
    traces = [
        style.bars(
            [*weights, *[None] * missing],
            rows,
            horizontal=True,
            marker={"color": [*shades, *[style.PAPER] * missing]},
        ),
        style.words(
            [0] * _SLOTS,
            [row if row is None else row - 0.5 for row in rows],
            [*(f"{names[k]}, {n} films" for k, n in zip(own, films)), *[""] * missing],
            at="middle right",
            size=12,
        ),
    ]
    places = list(range(_SHOWN))
    for slot in range(_SLOTS):
        here = slot < len(own)
        length = parts[:, slot] if here else np.zeros(_SHOWN)
        label = names[own[slot]].split()[-1] if here else ""
        fits = [f"{label}" if 0.023 * len(label) + 0.02 < x else "" for x in length]
        strong = here and shades[slot] == style.ITEM
        traces.append(
            style.bars(
                length,
                places,
                horizontal=True,
                xaxis="x2",
                yaxis="y2",
                marker={
                    "color": shades[slot] if here else style.PAPER,
                    "line": {"color": style.PAPER, "width": 1},
                },
                labels=fits,
                textposition="inside",
                insidetextanchor="middle",
                constraintext="none",
                textfont={"size": 11, "color": style.PAPER if strong else style.INK},
            )
        )
    total = parts.sum(axis=1)
    traces.append(
        style.words(
            [0] * _SHOWN,
            [at - 0.47 for at in places],
            [f"{titles[k]}" for k in best],
            at="middle right",
            size=13,
            xaxis="x2",
            yaxis="y2",
        )
    )
    traces.append(
        style.words(
            total,
            places,
            [f" {score:.2f}" for score in total],
            at="middle right",
            size=12,
            color=style.QUIET,
            xaxis="x2",
            yaxis="y2",
        )
    )
    return style.figure(
        traces,
        **size,
        margin={"l": 8, "r": 8, "t": 34, "b": 10},
        xaxis=style.bare_axis((0, 1.12 * weights.max()), **first[0]),
        yaxis=style.bare_axis((_SLOTS - 0.5, -0.85), **first[1]),
        xaxis2=style.bare_axis((0, 1.16), **second[0]),
        yaxis2=style.bare_axis((_SHOWN - 0.6, -0.8), **second[1]),
        barmode="stack",
        bargap=0.55,
        annotations=_headings("<b>weight of a tag</b>", "<b>most like it, by cosine</b>"),
    )


def _say_idf(film, gamma, directors):
    titles, features, names = catalogue()
    own, weights, best, parts = nearest(film, gamma, directors)
    total = parts.sum(axis=1)
    rare = own[-1]
    leads = [titles[k] for k, score in zip(best, total) if score > total[0] - 1e-9]
    if len(leads) > 1:
        many = {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}[len(leads)]
        head = f"{many} films lie level at {total[0]:.2f}: {_listed(leads)}"
    else:
        head = f"Most like {film} is {leads[0]}, {total[0]:.2f}"
    sharing = int((features[best, rare] > 0).sum())
    if gamma == 0:
        rest = f"all tags weigh the same; the rarest is {names[rare]}"
    else:
        times = weights[-1] / weights[0]
        rest = f"the rarest tag, {names[rare]}, weighs {times:.1f} times as much as {names[own[0]]}"
    return (
        f"{head}. With γ = {gamma:g}, {rest}; {sharing} of the six films "
        f"{'shares' if sharing == 1 else 'share'} it."
    )


def _table_idf(film, gamma, directors):
    titles, _, names = catalogue()
    own, _, best, parts = nearest(film, gamma, directors)
    rows = [[titles[k], *map(float, row), float(row.sum())] for k, row in zip(best, parts)]
    head = ["film", *(names[k] for k in own), "cosine"]
    width = _SLOTS + 2  # as many columns in every state
    return head + [""] * (width - len(head)), [row + [None] * (width - len(head)) for row in rows]


idf_dial = Explorable(
    _draw_idf,
    {
        "film": Choice("Somebody liked", LIKED, start="Platform Zero"),
        "gamma": Slider(
            "How much does rarity count? γ",
            GAMMAS,
            start=0,
            ends=("not at all", "squared"),
            play=True,
        ),
        "directors": Toggle("the director is a tag, too", start=True),
    },
    "At γ = 0 all tags weigh the same. Which film will lead when rare tags weigh more?",
    _say_idf,
    "content-based.idf-dial",
    table=_table_idf,
)

# ----------------------------------------------------------------------------- rocchio arrows

# Two features set by hand, as in the chapter before: heist to sea, grave to funny.
PLANE = np.array([[1.8, -1.2], [1.6, 1.4], [-1.8, -1.4], [-1.2, 1.2], [-1.6, 1.8], [1.6, -1.8]])
WORDS = {-1: "dislike", 0: "no word", 1: "like"}
_VOICES = {"salt": 1, "pigeon": 4, "vault": 2, "lamp": 5}  # the films that are spoken of
DISLIKE_WEIGHTS = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]


def spoken(salt, pigeon, vault, lamp):
    """Ids of the liked and of the disliked films."""
    said = dict(zip(_VOICES.values(), (salt, pigeon, vault, lamp)))
    return [j for j, word in said.items() if word > 0], [j for j, word in said.items() if word < 0]


def ranking(salt, pigeon, vault, lamp, gamma):
    """Profile (2,), the cosine of every film with it (6,), and the order, best first."""
    liked, disliked = spoken(salt, pigeon, vault, lamp)
    profile = rocchio(PLANE, liked, disliked, 1.0, gamma)
    scores = cosine([profile], PLANE)[0] if np.abs(profile).max() > 1e-12 else np.zeros(6)
    return profile, scores, top_k(scores, 6)


def _draw_rocchio(salt, pigeon, vault, lamp, gamma):
    liked, disliked = spoken(salt, pigeon, vault, lamp)
    profile, scores, order = ranking(salt, pigeon, vault, lamp, gamma)
    toward = rocchio(PLANE, liked)
    pushed = profile if disliked and gamma else [np.nan, np.nan]  # no arrow without a length
    end = profile if np.abs(profile).max() > 1e-12 else [np.nan, np.nan]
    first, second, size = style.side_by_side(
        left=0.54, gap=0.23, height=400, narrow_height=640, split=0.6, narrow_gap=0.08
    )
    size["narrow"] |= {"xaxis2.domain": [0.36, 1]}
    sign = {j: "♥ " for j in liked} | {j: "✕ " for j in disliked}
    names = [sign.get(j, "") + film for j, film in enumerate(FILMS)]
    sides = ["middle right", "top center", "bottom center", "bottom center", "top center"]
    sides += ["bottom center"]
    places = list(range(6))
    ranked = [names[j] for j in order]
    traces = [
        style.dots(
            PLANE[:, 0],
            PLANE[:, 1],
            labels=names,
            label_at=sides,
            size=11,
            textfont={"size": 12},
            marker={
                "symbol": ["x" if j in disliked else "circle" for j in range(6)],
                "color": [
                    style.QUIET if j in disliked else style.ITEM if j in liked else style.ITEM_SOFT
                    for j in range(6)
                ],
                "line": {
                    "color": [style.QUIET if j in disliked else style.ITEM for j in range(6)],
                    "width": 1.5,
                },
            },
            cliponaxis=False,
        ),
        style.arrow(toward if liked else [np.nan, np.nan], color=style.USER_SOFT, width=4),
        style.arrow(pushed, start=toward, color=style.FOURTH, width=2, line={"dash": "dot"}),
        style.arrow(end, color=style.USER, width=3),
        style.bars(
            scores[order],
            places,
            horizontal=True,
            xaxis="x2",
            yaxis="y2",
            marker={"color": [style.ITEM, *[style.ITEM_SOFT] * 5]},
        ),
        style.words(
            [max(score, 0) + 0.05 for score in scores[order]],
            places,
            [style.true_minus(f"{round(score, 2) + 0:.2f}") for score in scores[order]],  # no −0.00
            at="middle right",
            size=12,
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 30, "r": 8, "t": 12, "b": 44},
        xaxis=style.axis("heist ← → sea", (-3.95, 3.95), **first[0], zeroline=True)
        | {"showticklabels": False, "showgrid": False, "zerolinecolor": style.GRID},
        yaxis=style.axis("grave ← → funny", (-3.95, 3.95), **first[1], zeroline=True)
        | style.equal()
        | {"showticklabels": False, "showgrid": False, "zerolinecolor": style.GRID},
        xaxis2=style.axis("cosine with the profile", (-1.1, 1.55), **second[0])
        | {"zeroline": True, "tickvals": [-1, 0, 1]},
        yaxis2=style.axis(None, (5.6, -0.6), tickvals=places, ticktext=ranked, **second[1])
        | {"showgrid": False, "tickfont": {"size": 12, "color": style.INK}},
        bargap=0.35,
    )


def _say_rocchio(salt, pigeon, vault, lamp, gamma):
    liked, disliked = spoken(salt, pigeon, vault, lamp)
    profile, scores, order = ranking(salt, pigeon, vault, lamp, gamma)
    if not np.abs(profile).max() > 1e-12:
        return "The profile has no length, so it has no opinion: every film scores 0."
    quiet = [j for j in order if j not in liked + disliked]
    places = {j: place for place, j in enumerate(order, 1)}
    text = f"With γ = {gamma:g}, {FILMS[order[0]]} leads at {scores[order[0]]:.2f}"
    low = max(liked, key=places.get, default=order[0])
    if places[low] > 1:
        text += f", while {FILMS[low]}, which was liked, has place {places[low]}"
    score = style.true_minus(f"{round(scores[quiet[0]], 2) + 0:.2f}")
    if quiet[0] == order[0]:
        return f"{text}; nobody spoke of {FILMS[quiet[0]]}."
    return f"{text}; of the films nobody spoke of, {FILMS[quiet[0]]} is first, at {score}."


def _table_rocchio(salt, pigeon, vault, lamp, gamma):
    said = dict(zip(_VOICES.values(), (salt, pigeon, vault, lamp)))
    _, scores, order = ranking(salt, pigeon, vault, lamp, gamma)
    rows = [[FILMS[j], WORDS[said.get(j, 0)], float(scores[j])] for j in order]
    return ["film", "said", "cosine"], rows


rocchio_arrows = Explorable(
    _draw_rocchio,
    {
        **{
            name: Choice(FILMS[j], WORDS, start={1: 1, 4: -1}.get(j, 0))
            for name, j in _VOICES.items()
        },
        "gamma": Slider(
            "Weight of dislikes, γ",
            DISLIKE_WEIGHTS,
            start=0,
            labels=[f"{g:.3f}".rstrip("0").rstrip(".") for g in DISLIKE_WEIGHTS],
            ends=("not heard", "as much as likes"),
            play=True,
        ),
    },
    "Somebody likes Salt & Sugar and dislikes Pigeon Heist. "
    "As the dislike gains weight, which films will move?",
    _say_rocchio,
    "content-based.rocchio-arrows",
    table=_table_rocchio,
)

# -------------------------------------------------------------------------- average of two loves

POWERS = ["mean profile", 1, 2, 4, 8, 16, 64, 256, np.inf]
POWER_WORDS = ["mean profile", *(f"p = {p}" for p in POWERS[1:-1]), "p = ∞"]
SEEDS = [4, 0, 1, 2, 3, 5, 6, 7]  # towns; the first is the one that the chapter shows
LOVED = np.r_[0:4, 30:34]
KINDS = np.repeat([0, 1, 2], [30, 30, 6])  # noir, sea, a bit of both
_KIND_WORDS = ["noir", "film of the sea", "a bit of both"]
_DIRECTIONS = np.radians(np.arange(-30, 121, 2.0))


@lru_cache
def two_loves(seed):
    """66 films in the plane: 30 of noir, 30 of the sea, 6 that are a bit of both."""
    rng = np.random.default_rng(seed)
    noir = [3, 0] + 0.4 * rng.normal(size=(30, 2))
    sea = [0, 3] + 0.4 * rng.normal(size=(30, 2))
    mush = [1.6, 1.6] + 0.25 * rng.normal(size=(6, 2))
    return np.vstack([noir, sea, mush])


def joined(films, power, seed):
    """Score of ``films`` (k, 2) for somebody who liked four noirs and four films of the sea."""
    liked = two_loves(seed)[LOVED]
    if power == "mean profile":
        return cosine([liked.mean(axis=0)], films)[0]
    return aggregate(cosine(films, liked), power)


@lru_cache(maxsize=128)
def six_best(power, seed):
    """The six films recommended, and how many are noir, sea, a bit of both."""
    scores = joined(two_loves(seed), power, seed)
    scores[LOVED] = -np.inf
    best = top_k(scores, 6)
    return best, np.bincount(KINDS[best], minlength=3)


def _draw_loves(how, town):
    power, seed = POWERS[how], SEEDS[town]
    films = two_loves(seed)
    best, _ = six_best(power, seed)
    first, second, size = style.side_by_side(
        left=0.46, gap=0.13, height=370, narrow_height=640, split=0.58, narrow_gap=0.14
    )
    angle = np.degrees(np.arctan2(films[:, 1], films[:, 0]))
    scores = joined(films, power, seed)
    circle = np.column_stack([np.cos(_DIRECTIONS), np.sin(_DIRECTIONS)])
    rest = np.setdiff1d(np.arange(66), [*best, *LOVED])
    traces = []
    for at, (x, y) in (("", films.T), ("2", (angle, scores))):
        axes = {"xaxis": f"x{at}", "yaxis": f"y{at}"}
        if at:
            curve = joined(circle, power, seed)
            traces.append(style.line(np.degrees(_DIRECTIONS), curve, width=1.5, **axes))
        traces += [
            style.dots(
                x[rest],
                y[rest],
                size=7,
                color=style.ITEM_SOFT,
                marker={"line": {"color": style.ITEM, "width": 0.8}},
                **axes,
            )
            | {"cliponaxis": False},
            style.dots(
                x[LOVED],
                y[LOVED],
                size=10,
                color=style.USER,
                marker={"symbol": "diamond"},
                **axes,
            ),
            style.dots(
                x[best],
                y[best],
                size=13,
                color=style.ITEM,
                marker={"line": {"color": style.INK, "width": 1.5}},
                **axes,
            ),
        ]
    traces.append(
        style.words(
            [3.0, 1.15, 2.2],
            [-1.5, 3.75, 2.5],
            ["30 noirs", "30 films<br>of the sea", "6 of both"],
            size=13,
            at=["middle center", "middle right", "middle right"],
        )
    )
    low = float(min(scores.min(), joined(circle, power, seed).min()))
    return style.figure(
        traces,
        **size,
        margin={"l": 12, "r": 10, "t": 34, "b": 46},
        xaxis=style.bare_axis((-1.3, 5.1), zeroline=True, **first[0]),
        yaxis=style.bare_axis((-1.9, 5.1), zeroline=True, **first[1], **style.equal()),
        xaxis2=style.axis("direction of a film", (-32, 122), **second[0])
        | {"tickvals": [0, 45, 90], "ticktext": ["noir", "half way", "sea"]},
        yaxis2=style.bare_axis((low - 0.06 * (1 - low), 1 + 0.12 * (1 - low)), **second[1]),
        annotations=[
            style.note(
                "<b>score</b>",
                0,
                1,
                color=style.INK,
                xref="x2 domain",
                yref="y2 domain",
                xanchor="left",
                yanchor="bottom",
            ),
            *(
                style.note(
                    text,
                    left,
                    1,
                    color=color,
                    xref="x domain",
                    yref="y domain",
                    xanchor="left",
                    yanchor="bottom",
                )
                for text, left, color in (
                    ("◆ liked", 0, style.USER),
                    ("⬤ the six that are shown", 0.24, style.ITEM),
                )
            ),
        ],
    )


def _say_loves(how, town):
    power, seed = POWERS[how], SEEDS[town]
    _, counts = six_best(power, seed)
    plural = [
        _count(counts[0], "noir"),
        f"{counts[1]} film{'' if counts[1] == 1 else 's'} of the sea",
        f"{counts[2]} that are a bit of both",
    ]
    words = [phrase for n, phrase in zip(counts, plural) if n]
    verdict = {
        (True, True): "both loves are on the shelf",
        (True, False): "one love has taken the whole shelf",
        (False, True): "one love has taken the whole shelf",
        (False, False): "nobody asked for these",
    }[bool(counts[0]), bool(counts[1])]
    if counts[2] and (counts[0] or counts[1]):
        verdict = "a mixture"
    name = "With one mean profile" if how == 0 else f"With {POWER_WORDS[how]}"
    return f"{name}, the six films are {_listed(words)}: {verdict}."


def _table_loves(how, town):
    power, seed = POWERS[how], SEEDS[town]
    counts = six_best(power, seed)[1]
    scores = joined(two_loves(seed), power, seed)
    scores[LOVED] = -np.inf
    rows = [
        [kind, int(n), float(scores[KINDS == k].max())]
        for k, (kind, n) in enumerate(zip(_KIND_WORDS, counts))
    ]
    return ["kind of film", "among the six", "highest score"], rows


average_of_two_loves = Explorable(
    _draw_loves,
    {
        "how": Slider(
            "Likenesses joined by",
            list(range(len(POWERS))),
            start=0,
            labels=POWER_WORDS,
            ends=("the average", "the best alone"),
            play=True,
        ),
        "town": Slider(
            "Another town, other films",
            list(range(len(SEEDS))),
            start=0,
            labels=[str(n) for n in range(1, len(SEEDS) + 1)],
        ),
    },
    "Four noirs and four films of the sea were liked. Where on the dial will both be shown?",
    _say_loves,
    "content-based.average-of-two-loves",
    table=_table_loves,
)

# -------------------------------------------------------------------------------- first stars

STARS = [0, 1, 2, 3, 5, 8, 12, 20]
METHODS = ["content", "item-item", "popularity"]


def pairs_in_order(scores, liked):
    """Share of pairs, one liked and one not, in which the liked one scores higher; ties count ½."""
    gap = scores[liked][:, None] - scores[~liked]
    return float(np.mean((gap > 1e-9) + 0.5 * (np.abs(gap) <= 1e-9)))


@lru_cache
def _house():
    """Ratings, features without the language, and the turn of each rating for film and member."""
    ratings = load_harbour().interactions
    features, names = catalogue()[1:]
    table = np.hstack([features[:, :12], features[:, names.index(DIRECTORS) :]])
    turns = []
    for ids in (ratings.items, ratings.users):  # 0 for the first rating of a film, of a member
        order, count = np.lexsort((ratings.timestamps, ids)), np.bincount(ids)
        turn = np.empty(len(ids), dtype=int)
        turn[order] = np.arange(len(ids)) - np.repeat(np.cumsum(count) - count, count)
        turns.append(turn)
    return ratings, table, *turns


def first_stars(who, k):
    """How well newcomers are served after their first k stars: content, item-item, popularity."""
    return _served(who, k)[:3]


def blended(k):
    """The same of a new member, by the sum of content and popularity, both of spread 1."""
    return _served("member", k)[3]


@lru_cache
def _served(who, k):
    """How well newcomers are served after their first k stars: one share of pairs a method.

    The pairs are ratings given from the twenty-first on. A member's two films, one liked (above
    the member's mean) and one not, should score in this order; so should a film's two members.
    Newcomers are the members with 30 ratings or more, all at once; and the films with 60 or more,
    a quarter of the films of the house at a time.
    """
    ratings, table, film_turn, member_turn = _house()
    mean = np.bincount(ratings.users, ratings.values) / np.bincount(ratings.users)
    liked = ratings.values > mean[ratings.users]
    if who == "member":
        groups = [np.flatnonzero(np.bincount(ratings.users, minlength=800) >= 30)]
        ids, turn, enough = ratings.users, member_turn, 1
    else:
        part = np.random.default_rng(0).permutation(200) % 4
        groups = [np.flatnonzero(part == quarter) for quarter in range(4)]
        busy = np.bincount(ratings.items, minlength=200) >= 60
        ids, turn, enough = ratings.items, film_turn, 3
    shares = [[], [], [], []]
    for group in groups:
        known = ratings.select(~np.isin(ids, group) | (turn < k))
        models = [
            ContentBased(idf=False).fit(known, table),
            ItemKNN(center="baseline").fit(known),
            Popularity("explicit").fit(known),
        ]
        scores = [model.score_all(np.arange(800)) for model in models]
        by_row = [s - s.mean(axis=1, keepdims=True) for s in (scores[0], scores[2])]
        spread = [np.maximum(s.std(axis=1, keepdims=True), 1e-12) for s in by_row]
        scores.append(by_row[0] / spread[0] + by_row[1] / spread[1])
        if who == "film":  # some give more stars than others to everything: leave that out
            scores[1] = scores[1] - baseline(known.transpose())[2][:, None]
            group = group[busy[group]]
        for one in group:
            later = (ids == one) & (turn >= 20)
            if enough <= liked[later].sum() <= later.sum() - enough:
                at = ratings.users[later], ratings.items[later]
                for share, score in zip(shares, scores):
                    share.append(pairs_in_order(score[at], liked[later]))
    return tuple(float(np.mean(share)) for share in shares)


_NEW = {"film": "a film", "member": "a member"}


_NEW = {"film": "a film", "member": "a member"}


def _draw_stars(who, k):
    shades = [style.ITEM, style.USER, style.QUIET]
    places = list(range(len(STARS)))
    upto = STARS.index(k)
    traces = [style.line([-0.3, 7.4], [0.5, 0.5], color=style.QUIET, dash="dot", width=1.5)]
    ends = []
    for method in range(3):
        values = [first_stars(who, n)[method] if n <= k else np.nan for n in STARS]
        ends.append(values[upto])
        traces.append(
            style.line(
                [place + 0.07 * (method - 1) for place in places],  # level marks side by side
                values,
                color=shades[method],
                width=3,
                mode="lines+markers",
                dash="dash" if method == 2 else None,
                marker={"size": 9, "symbol": ["circle", "diamond", "square"][method]},
                cliponaxis=False,
            )
        )
    for row, (glyph, name, end) in enumerate(zip("●◆■", METHODS, ends)):
        color = [style.ITEM, style.USER, style.QUIET][row]
        words = f"{glyph} {name} {end:.2f}"
        traces.append(style.words([-0.3], [0.945 - 0.034 * row], [words], at="middle right"))
        traces[-1]["textfont"] = {"size": 13, "color": color}
    traces.append(
        style.words([7.4], [0.487], ["a coin"], at="middle left", size=12, color=style.QUIET)
    )
    return style.figure(
        traces,
        height=380,
        margin={"l": 44, "r": 10, "t": 30, "b": 46},
        xaxis=style.axis("stars so far (not to scale)", (-0.4, 7.5))
        | {"tickvals": places, "ticktext": [str(n) for n in STARS], "showgrid": False},
        yaxis=style.axis(None, (0.46, 0.965)) | {"tickvals": [0.5, 0.6, 0.7, 0.8]},
        annotations=[
            style.note(
                "<b>share of pairs in the right order</b>",
                0,
                1,
                color=style.INK,
                xanchor="left",
                yanchor="bottom",
            )
        ],
    )


def _say_stars(who, k):
    content, items, popular = first_stars(who, k)
    if who == "member" and k == 0:
        return (
            f"A member without stars gets what is popular, by all three: {content:.2f} of the "
            f"pairs are in the right order."
        )
    told = f"Of {_NEW[who]} " + (f"with {_count(k, 'star')}" if k else "without stars")
    best = METHODS[int(np.argmax([content, items, popular]))]
    return (
        f"{told}, {best} knows most: content puts {content:.2f} of the pairs in the right order, "
        f"item-item {items:.2f}, popularity {popular:.2f}."
    )


first_stars_of_a_newcomer = Explorable(
    _draw_stars,
    {
        "who": Choice("Who is new?", _NEW, start="film"),
        "k": Slider("Stars so far", STARS, start=0, play=True),
    },
    "A film without stars, a member without stars: whom can content serve? What will stars change?",
    _say_stars,
    "content-based.first-stars",
    table=lambda who, k: (
        ["stars so far", *METHODS],
        [[n, *(round(share, 3) for share in first_stars(who, n))] for n in STARS if n <= k],
    ),
)

# ----------------------------------------------------------------------------------- wandering


@lru_cache
def wandering():
    """Ten films for each of the 800 members, from those in their language they never visited.

    Returns, for content (genres) and for item-item, three means over the members: the share of
    places that go to the less visited half of the catalogue; how unlike each other the ten films
    are, 1 less the cosine of their genres; and the share of places with a genre that makes up at
    most 5 % of the genres the member has met.
    """
    house = load_harbour()
    visits, genres = house.visits, catalogue()[1][:, :12]
    popular = np.bincount(visits.items, minlength=200)
    seldom = np.argsort(np.argsort(popular, kind="stable")) < 100
    history = np.zeros((800, 12))
    np.add.at(history, visits.users, genres[visits.items])
    strange = history <= 0.05 * history.sum(axis=1, keepdims=True)
    unlike = 1 - cosine(genres, genres)
    foreign = house.truth["user_group"][:, None] != house.truth["item_group"]
    content = ContentBased(idf=False, feedback="implicit").fit(visits, genres)
    items = ItemKNN(similarity="cosine", feedback="implicit").fit(visits)
    found = {}
    for name, model in (("content", content), ("item-item", items)):
        scores = model.score_all(np.arange(800)).copy()
        scores[foreign] = -np.inf
        scores[visits.users, visits.items] = -np.inf
        top = top_k(scores, 10)
        found[name] = (
            float(seldom[top].mean()),
            float(np.mean([unlike[np.ix_(ten, ten)].sum() / 90 for ten in top])),
            float(np.mean([(genres[ten] * odd).any(axis=1) for ten, odd in zip(top, strange)])),
        )
    return found


# -------------------------------------------------------------------------------- bubble walk

EXPLORE = [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0]
EVENINGS = 40
_WALK_SEED = 0


@lru_cache(maxsize=2048)
def walk(epsilon, seed=_WALK_SEED, n_films=400, keep=0.9):
    """Forty evenings: the nearest unseen film, or with chance ε any film; then the profile moves.

    Returns the films (n, 2), the ids shown, which of them were drawn at random, and the profile
    before the first evening and after each, shape (41, 2).
    """
    rng = np.random.default_rng(seed)
    films = rng.uniform(-1, 1, (n_films, 2))
    profile = films[np.linalg.norm(films - [0.5, 0.5], axis=1).argmin()]
    shown, at_random, trail = [], [], [profile]
    for _ in range(EVENINGS):
        far = np.linalg.norm(films - profile, axis=1)
        far[shown] = np.inf
        at_random.append(rng.random() < epsilon)
        shown.append(int(rng.integers(n_films) if at_random[-1] else far.argmin()))
        profile = keep * profile + (1 - keep) * films[shown[-1]]
        trail.append(profile)
    return films, np.array(shown), np.array(at_random), np.array(trail)


def cells(points):
    """Number of each point's cell on the 10 × 10 map."""
    column, row = ((np.clip(points, -1, 1 - 1e-9) + 1) * 5).astype(int).T
    return 10 * row + column


@lru_cache(maxsize=2048)
def visited(epsilon, seed=_WALK_SEED):
    """Cells seen after 0, 1, ... 40 evenings."""
    films, shown, *_ = walk(epsilon, seed)
    own = cells(films[shown])
    return np.array([len(set(own[:t])) for t in range(EVENINGS + 1)])


@lru_cache
def walks_on_average(epsilon, n_seeds=100):
    """After forty evenings, means over towns, in cells: seen, seen without the films drawn at
    random, and the way from the first profile to the last."""
    seen = []
    for seed in range(n_seeds):
        films, shown, at_random, trail = walk(epsilon, seed)
        near = cells(films[shown[~at_random]]) if not at_random.all() else []
        way = np.linalg.norm(trail[-1] - trail[0]) / 0.2
        seen.append((visited(epsilon, seed)[-1], len(set(near)), way))
    return tuple(float(mean) for mean in np.mean(seen, axis=0))


def _draw_walk(epsilon, evenings):
    films, shown, at_random, trail = walk(epsilon)
    first, second, size = style.side_by_side(
        left=0.56, gap=0.15, height=390, narrow_height=620, split=0.62, narrow_gap=0.14
    )
    seen = films[shown].copy()
    seen[evenings:] = np.nan
    path = trail.copy()
    path[evenings + 1 :] = np.nan
    grid = np.zeros(100)
    grid[cells(films[shown[:evenings]])] = 1
    counts = visited(epsilon).astype(float)
    counts[evenings + 1 :] = np.nan
    middle = np.arange(-0.9, 1, 0.2)
    drawn = at_random & (np.arange(EVENINGS) < evenings)
    traces = [
        style.heatmap(
            grid.reshape(10, 10),
            x=middle,
            y=middle,
            scale=[[0, style.PAPER], [1, style.ITEM_SOFT]],
            limits=(0, 1),
        ),
        style.dots(films[:, 0], films[:, 1], size=4, color=style.QUIET, opacity=0.35),
        style.dots(
            seen[:, 0],
            seen[:, 1],
            size=8,
            marker={
                "symbol": ["diamond" if lucky else "circle" for lucky in drawn],
            },
        ),
        style.line(path[:, 0], path[:, 1], color=style.USER, width=2.5),
        style.dots(
            [path[evenings, 0]],
            [path[evenings, 1]],
            color=style.USER,
            size=15,
            marker={"line": {"color": style.PAPER, "width": 2}},
        ),
        style.line(np.arange(41), visited(1.0), dash="dot", width=1.5, xaxis="x2", yaxis="y2"),
        style.line(np.arange(41), counts, color=style.ITEM, width=3, xaxis="x2", yaxis="y2"),
        style.words(
            [40],
            [visited(1.0)[-1] + 1.6],
            ["all at random"],
            at="middle left",
            size=12,
            color=style.QUIET,
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    edges = {
        "tickvals": list(np.round(np.arange(-1, 1.01, 0.2), 1)),
        "showticklabels": False,
        "ticks": "",
    }
    return style.figure(
        traces,
        **size,
        margin={"l": 30, "r": 12, "t": 28, "b": 46},
        xaxis=style.axis("heist ← → sea", (-1.01, 1.01), **first[0], **edges),
        yaxis=style.axis("grave ← → funny", (-1.01, 1.01), **first[1], **style.equal(), **edges),
        xaxis2=style.axis("evenings", (-1, 42), **second[0]) | {"tickvals": [0, 10, 20, 30, 40]},
        yaxis2=style.axis(None, (0, 38), **second[1]) | {"tickvals": [0, 10, 20, 30]},
        annotations=_headings(
            "<b>the map of all films</b>   ◆ at random", "<b>cells visited, of 100</b>"
        ),
    )


def _say_walk(epsilon, evenings):
    films, shown, at_random, trail = walk(epsilon)
    if evenings == 0:
        return "Nothing has been shown yet; the profile is that of one film, at the top right."
    count = int(visited(epsilon)[evenings])
    lucky = int(at_random[:evenings].sum())
    moved = np.linalg.norm(trail[evenings] - trail[0]) / 0.2
    own = cells(films[shown[:evenings]])
    near = len(set(own[~at_random[:evenings]]))
    text = (
        f"After {_count(evenings, 'evening')}, {_count(count, 'cell')} of 100 "
        f"{'has' if count == 1 else 'have'} been seen"
    )
    if lucky and lucky < evenings:
        text += f", {count - near} of them only by the {_count(lucky, 'film')} drawn at random"
    return f"{text}; the profile lies {moved:.1f} cells from where it began."


def _table_walk(epsilon, evenings):
    rows = [[t, int(visited(epsilon)[t])] for t in range(0, 41, 10)]
    return ["evening", "cells visited"], rows


bubble_walk = Explorable(
    _draw_walk,
    {
        # The walk first: before the first evening chance has nothing to change.
        "evenings": Slider("Evenings", list(range(0, EVENINGS + 1, 2)), start=0, play=True),
        "epsilon": Slider(
            "Evenings at random, ε",
            EXPLORE,
            start=0.0,
            ends=("none", "all"),
        ),
    },
    "The nearest unseen film, every evening. How much of the map will forty evenings show?",
    _say_walk,
    "content-based.bubble-walk",
    table=_table_walk,
)
