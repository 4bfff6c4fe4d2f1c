"""Pictures of the chapter "Matrix factorization"."""

from functools import lru_cache

import numpy as np

from recsys_lab.data import Interactions, harbour_tiny
from recsys_lab.explore import Choice, Explorable, Pad, Slider, style
from recsys_lab.factorization import (
    SGDFactorization,
    als_step,
    low_rank_world,
    taste_world,
)
from recsys_lab.similarity import top_k

TINY = harbour_tiny()
MEMBERS = [str(name) for name in TINY.users["name"]]
FILMS = ["Fog", "Salt", "Vault", "Regatta", "Pigeon", "Lamp"]  # one word of each title


def centred():
    """The 27 ratings of the six members, each less the mean of them all; and that mean."""
    ratings = TINY.interactions
    mean = float(ratings.values.mean())
    rest = Interactions(ratings.users, ratings.items, ratings.values - mean, *ratings.shape)
    return rest, mean


def squared_loss(ratings, users, items, reg):
    """Σ over the observed (r − ⟨U_i, V_j⟩)², plus reg (‖U‖² + ‖V‖²)."""
    gap = ratings.values - (users[ratings.users] * items[ratings.items]).sum(axis=1)
    return float(gap @ gap + reg * ((users**2).sum() + (items**2).sum()))


SIDES = {
    "middle right": (1, 0),
    "middle left": (-1, 0),
    "top center": (0, 1),
    "bottom center": (0, -1),
    "top right": (1, 1),
    "bottom right": (1, -1),
    "top left": (-1, 1),
    "bottom left": (-1, -1),
}


def beside(points, names, unit, taken=()):
    """Where each name stands so that it covers no mark and no other name, and the names shown.

    ``unit`` is a length of 1 in pixels, ``taken`` are further places (a line, an arrow) to keep
    free. A name without a free place is left out; it still shows on hover.
    """
    boxes = [(x * unit, y * unit, 5, 5) for x, y in points]
    boxes += [(x * unit, y * unit, 2, 2) for x, y in taken]
    at, shown = [], []
    for (x, y), name in zip(points, names):
        half = 3.5 * len(name)
        for side, (across, up) in SIDES.items():
            place = x * unit + across * (half + 7), y * unit + up * 13, half, 6
            if not any(_touch(place, other) for other in boxes):
                boxes.append(place)
                at.append(side)
                shown.append(name)
                break
        else:
            at.append("middle right")
            shown.append("")
    return at, shown


def _touch(a, b):
    return abs(a[0] - b[0]) < a[2] + b[2] and abs(a[1] - b[1]) < a[3] + b[3]


def _plane(users, items, moved, unit=None, taken=()):
    """Members as blue squares and films as orange dots; the side that moved last is the larger.

    With ``unit``, the pixels of a length of 1 on a phone, everybody is named.
    """
    size = {"films": (10, 15), "members": (14, 11), "nobody": (11, 11)}[moved]
    words = theirs = {}
    if unit:
        points = [tuple(row) for row in np.vstack([users, items])]
        at, shown = beside(points, MEMBERS + FILMS, unit, taken)
        words = {"labels": shown[:6], "label_at": at[:6], "names": MEMBERS}
        theirs = {"labels": shown[6:], "label_at": at[6:], "names": FILMS}
    return [
        style.dots(
            np.round(users[:, 0], 2),
            np.round(users[:, 1], 2),
            color=style.USER,
            size=size[0],
            marker={"symbol": "square"},
            **words,
        ),
        style.dots(np.round(items[:, 0], 2), np.round(items[:, 1], 2), size=size[1], **theirs),
    ]


# ---------------------------------------------------------------------------- two thin tables

HOLES = TINY.interactions.to_dense(fill=np.nan)  # (6, 6), NaN where nobody rated
RANKS = [1, 2, 3]


@lru_cache
def thin(d):
    """(U, V) for the six members, fitted to the stars less their mean; the best of ten starts."""
    mask = ~np.isnan(HOLES)
    gaps = np.where(mask, HOLES - centred()[1], 0)
    u, v = dense_als(np.tile(mask, (10, 1, 1)), gaps, 0.3, d, sweeps=100, shift=0)
    best = _regret(mask, gaps, u, v, 0.3).argmin()
    return u[best], v[best]


def thin_stars(d):
    """All 36 predictions of that model."""
    u, v = thin(d)
    return centred()[1] + u @ v.T


def misses(d):
    """By how many stars the 27 known ratings are missed, on average."""
    return float(np.nanmean(np.abs(thin_stars(d) - HOLES)))


def _draw_thin(cell, d):
    u, v = thin(d)
    stars, known = thin_stars(d), ~np.isnan(HOLES)
    # The factors stand left of the table and above it, close, so that a phone has room for all.
    wide, tall = np.full((6, 3), np.nan), np.full((3, 6), np.nan)
    wide[:, 3 - d :], tall[3 - d :] = np.round(u, 2), np.round(v.T, 2)
    words = [
        [f"{p:.1f}" if there else f"<b>{p:.1f}</b>" for p, there in zip(*row)]
        for row in zip(stars, known)
    ]
    numbers, before = list(range(1, 7)), [-2.4, -1.4, -0.4]
    small = {"textfont": {"size": 11}}
    factor = {"scale": style.DIVERGING, "limits": (-4, 4)} | small
    quiet = {"tickfont": {"size": 12, "color": style.QUIET}, "showgrid": False, "ticks": ""}
    x, y = cell
    return style.figure(
        [
            style.heatmap(wide, x=before, y=numbers, labels=_written(wide), **factor),
            style.heatmap(tall, x=numbers, y=before, labels=_written(tall), **factor),
            style.heatmap(
                np.where(known, 0, 1),
                x=numbers,
                y=numbers,
                scale=[[0, style.PAPER], [1, style.THIRD_SOFT]],
                limits=(0, 1),
                labels=words,
                textfont={"size": 12},
            ),
            _frame(0.6 - d, -0.4, y, y, style.USER),
            _frame(x, x, 0.6 - d, -0.4, style.ITEM),
        ],
        height=430,
        narrow={"height": 390, "margin.l": 36, "margin.r": 4},
        margin={"l": 44, "r": 10, "t": 10, "b": 50},
        xaxis=style.axis(None, (-2.95, 6.55), tickvals=numbers, ticktext=FILMS, **quiet)
        | {"tickangle": -45},
        yaxis=style.axis(None, (6.55, -2.95), tickvals=numbers, ticktext=MEMBERS, **quiet),
        annotations=[
            style.note("members<br>U ↓", -1.4, 0.45, xref="x", yref="y", color=style.USER)
            | {"yanchor": "bottom"},
            style.note("films, Vᵀ →", 0.3, -1.9, xref="x", yref="y", color=style.ITEM)
            | {"xanchor": "right"},
        ],
    )


def _written(table):
    return [["" if np.isnan(x) else style.true_minus(f"{x:.1f}") for x in row] for row in table]


def _frame(left, right, top, bottom, color):
    """A border around cells of a table whose cells have sides of 1."""
    left, right, top, bottom = left - 0.5, right + 0.5, top - 0.5, bottom + 0.5
    xs, ys = [left, right, right, left, left], [top, top, bottom, bottom, top]
    return style.line(xs, ys, color=color, width=3)


def _say_thin(cell, d):
    j, i = cell[0] - 1, cell[1] - 1
    u, v = thin(d)
    mean, stars = centred()[1], thin_stars(d)[i, j]
    terms = " + ".join(f"({a:.2f}) · ({b:.2f})" for a, b in zip(u[i], v[j]))
    given = HOLES[i, j]
    truth = "nobody knows" if np.isnan(given) else f"the rating is {given:.0f}"
    return style.true_minus(
        f"{MEMBERS[i]} on {TINY.items['title'][j]}: {mean:.2f} + {terms} = {stars:.1f} stars; "
        f"{truth}. The 27 known ratings are missed by {misses(d):.2f} on average."
    )


def _table_thin(cell, d):
    stars = thin_stars(d)
    rows = [[name, *(round(float(x), 1) for x in row)] for name, row in zip(MEMBERS, stars)]
    return ["", *FILMS], rows


two_thin_tables = Explorable(
    _draw_thin,
    {
        "cell": Pad(
            "Choose a place",
            [1, 2, 3, 4, 5, 6],
            [1, 2, 3, 4, 5, 6],
            start=(3, 2),
            names=("film", "member"),
        ),
        "d": Slider("Factors, d", RANKS, start=1),
    },
    "Which of all these numbers decide about Bo and The Quiet Vault?",
    _say_thin,
    "matrix-factorization.two-thin-tables",
    table=_table_thin,
)


# ------------------------------------------------------------------------------ ALS staircase

HALF_STEPS = 12


@lru_cache
def staircase(reg, seed):
    """Every half-step of ALS on the tiny table: lists of (U, V) and of losses, start included."""
    ratings, _ = centred()
    turned = ratings.transpose()
    rng = np.random.default_rng(seed)
    u, v = rng.normal(size=(6, 2)), rng.normal(size=(6, 2))
    stairs, losses = [(u, v)], [squared_loss(ratings, u, v, reg)]
    for step in range(HALF_STEPS):
        if step % 2 == 0:
            u = als_step(v, ratings, reg)
        else:
            v = als_step(u, turned, reg)
        stairs.append((u, v))
        losses.append(squared_loss(ratings, u, v, reg))
    return stairs, losses


def _moved(step):
    return "nobody" if step == 0 else "members" if step % 2 else "films"


def _draw_staircase(step, reg, seed):
    stairs, losses = staircase(reg, seed)
    first, second, size = style.side_by_side(left=0.55, gap=0.12, height=390, narrow_height=640)
    climbed = np.arange(HALF_STEPS + 1)
    shown = np.where(climbed <= step, np.round(losses, 2), np.nan)
    traces = [
        *_plane(*stairs[step], _moved(step), unit=34),
        style.line(
            climbed,
            shown,
            color=style.INK,
            xaxis="x2",
            yaxis="y2",
            line={"shape": "hv"},
        ),
        style.dots(
            [step],
            [round(losses[step], 2)],
            color=style.USER if step % 2 else style.ITEM,
            size=14,
            marker={"symbol": "square" if step % 2 else "circle"},
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 30, "r": 12, "t": 30, "b": 46},
        xaxis=style.axis(None, (-3.9, 3.9), zeroline=True, **first[0]),
        yaxis=style.axis(None, (-3.9, 3.9), zeroline=True, **first[1]),
        xaxis2=style.axis("half-step", (-0.6, HALF_STEPS + 0.6), **second[0]),
        yaxis2=style.axis(None, (0, 170), **second[1]),
        annotations=[
            style.note(
                "loss",
                0,
                1.02,
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
                xanchor="left",
            )
        ],
    )


def _say_staircase(step, reg, seed):
    _, losses = staircase(reg, seed)
    if step == 0:
        return f"A throw of the dice: both sides are random, and the loss is {losses[0]:.1f}."
    return (
        f"Half-step {step} solved the {_moved(step)} exactly: "
        f"the loss went from {losses[step - 1]:.2f} to {losses[step]:.2f}."
    )


def _table_staircase(step, reg, seed):
    _, losses = staircase(reg, seed)
    rows = [[k, _moved(k), round(losses[k], 3) if k <= step else None] for k in range(13)]
    return ["half-step", "who moved", "loss"], rows


als_staircase = Explorable(
    _draw_staircase,
    {
        "step": Slider("Half-steps", list(range(HALF_STEPS + 1)), start=0, play=True),
        "reg": Slider("Penalty on length, λ", [0.1, 1.0, 2.0], start=1.0),
        "seed": Choice("Start", {0: "one", 1: "another", 2: "a third"}, start=0),
    },
    "Members are solved, then films, then members again. Can the loss ever go up?",
    _say_staircase,
    "matrix-factorization.als-staircase",
    table=_table_staircase,
)

# --------------------------------------------------------------------- SGD, epoch by epoch

FRAMES = [0, 1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 60, 80, 120]


@lru_cache
def noisy_world(seed=0):
    """40 members, 30 films, two true factors and noise: what was seen, and what was held out."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(40, 2)) @ rng.normal(size=(2, 30))
    stars = truth + 0.7 * rng.normal(size=truth.shape)
    chance = rng.random(truth.shape)
    seen, held = np.nonzero(chance < 0.2), np.nonzero(chance >= 0.8)
    return tuple(Interactions(*at, stars[at], *truth.shape) for at in (seen, held))


@lru_cache
def sgd_film(learning_rate, reg):
    """(frames of (U, V), error on what was seen, error on what was held out), for all epochs."""
    seen, held = noisy_world()
    frames, errors = {}, []

    def watch(epoch, model):
        u, v = model.user_factors_, model.item_factors_
        errors.append([_rms(u, v, ratings) for ratings in (seen, held)])
        frames[len(errors)] = u.copy(), v.copy()

    SGDFactorization(
        n_factors=2,
        reg=reg,
        learning_rate=learning_rate,
        n_epochs=FRAMES[-1],
        biases=False,
        batch_size=20,
        callback=watch,
    ).fit(seen)
    rng = np.random.default_rng(0)  # the start that the model drew
    frames[0] = 0.1 * rng.normal(size=(40, 2)), 0.1 * rng.normal(size=(30, 2))
    start = [_rms(*frames[0], ratings) for ratings in (seen, held)]
    return frames, *np.array([start, *errors]).T


def _rms(u, v, ratings):
    gap = ratings.values - (u[ratings.users] * v[ratings.items]).sum(axis=1)
    return float(np.sqrt(np.mean(gap**2)))


def _draw_sgd(epoch, learning_rate, reg):
    frames, seen, held = sgd_film(learning_rate, reg)
    first, second, size = style.side_by_side(left=0.5, gap=0.14, height=390, narrow_height=640)
    epochs = np.array(FRAMES)
    here = epochs <= epoch
    traces = [*_plane(*frames[epoch], "nobody")]
    for error, color, dash in ((seen, style.INK, None), (held, style.THIRD, "dash")):
        error = np.round(error[epochs], 3)
        traces.append(
            style.line(
                np.sqrt(epochs),
                np.where(here, error, np.nan),
                color=color,
                dash=dash,
                xaxis="x2",
                yaxis="y2",
            )
        )
        traces.append(
            style.dots(
                [np.sqrt(epoch)],
                [error[FRAMES.index(epoch)]],
                color=color,
                xaxis="x2",
                yaxis="y2",
            )
        )
    ticks = [0, 1, 4, 10, 20, 40, 80, 120]
    return style.figure(
        traces,
        **size,
        margin={"l": 30, "r": 12, "t": 30, "b": 46},
        xaxis=style.axis(None, (-4, 4), zeroline=True, **first[0]),
        yaxis=style.axis(None, (-4, 4), zeroline=True, **first[1]),
        xaxis2=style.axis("epoch", (-0.4, 11.4), **second[0])
        | {"tickvals": np.sqrt(ticks), "ticktext": [str(t) for t in ticks]},
        yaxis2=style.axis(None, (0, 2.8), **second[1]),
        annotations=[
            style.note(
                "error: — seen",
                0,
                1.02,
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
                xanchor="left",
            ),
            style.note(
                "- - held out",
                1,
                1.02,
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
                xanchor="right",
                color=style.THIRD,
            ),
        ],
    )


def _say_sgd(epoch, learning_rate, reg):
    _, seen, held = sgd_film(learning_rate, reg)
    best = min(FRAMES, key=lambda k: held[k])
    return (
        f"After {epoch} epochs the error is {seen[epoch]:.2f} on ratings seen and "
        f"{held[epoch]:.2f} on ratings held out; of the frames shown, epoch {best} was the best "
        f"on those held out ({held[best]:.2f})."
    )


def _table_sgd(epoch, learning_rate, reg):
    _, seen, held = sgd_film(learning_rate, reg)
    rows = [[k, round(seen[k], 3), round(held[k], 3)] for k in FRAMES if k <= epoch]
    return ["epoch", "error, seen", "error, held out"], rows


sgd_filmed = Explorable(
    _draw_sgd,
    {
        "epoch": Slider("Epoch", FRAMES, start=0, play=True),
        "learning_rate": Slider("Step length, η", [0.005, 0.03, 0.15], start=0.03),
        "reg": Slider("Penalty on length, λ", [0.0, 0.1, 0.4], start=0.0),
    },
    "The error on what was seen will fall. What will the error on held-out ratings do?",
    _say_sgd,
    "matrix-factorization.sgd-filmed",
    table=_table_sgd,
)

# ------------------------------------------------------------------------------ the w0 dial


def dense_als(weight, target, reg, d, sweeps, shift=0.1):
    """Weighted ALS on several small dense tables at once; ``weight`` has shape (tables, m, n).

    The same objective as `WeightedALS`. A page draws a hundred fits of it; on tables this small
    one product over all entries is faster than to look for the few observed.
    """
    rng = np.random.default_rng(0)
    tables, m, n = weight.shape
    weight = weight.astype(float)
    pull = weight * target
    u, v = (0.1 * rng.normal(size=(tables, rows, d)) + shift for rows in (m, n))
    for _ in range(sweeps):
        u = _dense_half(weight, pull, v, reg)
        v = _dense_half(weight.transpose(0, 2, 1), pull.transpose(0, 2, 1), u, reg)
    return u, v


def _dense_half(weight, pull, v, reg):
    d = v.shape[2]
    pairs = (v[..., None] * v[..., None, :]).reshape(*v.shape[:2], d * d)
    gram = (weight @ pairs).reshape(*weight.shape[:2], d, d) + reg * np.eye(d)
    return np.linalg.solve(gram, (pull @ v)[..., None])[..., 0]


WEIGHTS = [0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
SHOWN_USERS, SHOWN_ITEMS = 26, 40
SPLITS = 6


@lru_cache
def visits(split=0):
    """The world of tastes, one visit in five held out: (train, table of test visits)."""
    everything, _ = taste_world()
    held = np.random.default_rng(split).random(len(everything.values)) < 0.2
    users, items = everything.users, everything.items
    train = Interactions(users[~held], items[~held], np.ones((~held).sum()), *everything.shape)
    test = np.zeros(everything.shape, bool)
    test[users[held], items[held]] = True
    return train, test


def recall_at_10(scores, train, test):
    """Mean share of a member's held-out visits among the ten best films not yet visited."""
    scores = np.array(scores, float)
    scores[train.users, train.items] = -np.inf
    hits = np.take_along_axis(test, top_k(scores, 10), axis=1).sum(axis=1)
    asked = test.sum(axis=1)
    return float(np.mean(hits[asked > 0] / asked[asked > 0]))


@lru_cache
def weighted(w0, reg):
    """(predictions, recall at 10, squared error on held-out visits, mean on Ω, mean off Ω).

    The predictions are those of the first split, the four numbers means over all splits.
    """
    worlds = [visits(split) for split in range(SPLITS)]
    seen = np.array([train.to_dense() > 0 for train, _ in worlds])
    u, v = dense_als(np.where(seen, 1, w0), 1.0 * seen, reg, 6, sweeps=8)
    all_scores, found = u @ v.transpose(0, 2, 1), []
    for scores, mask, (train, test) in zip(all_scores, seen, worlds):
        recall, error = recall_at_10(scores, train, test), np.mean((1 - scores[test]) ** 2)
        found.append([recall, error, scores[mask].mean(), scores[~mask].mean()])
    return all_scores[0], *np.mean(found, axis=0).tolist()


@lru_cache
def popularity_recall():
    found = []
    for split in range(SPLITS):
        train, test = visits(split)
        counts = np.bincount(train.items, minlength=train.n_items)
        found.append(recall_at_10(np.tile(counts, (train.n_users, 1)), train, test))
    return float(np.mean(found))


def _draw_dial(w0, reg):
    train, _ = visits()
    scores = weighted(w0, reg)[0][:SHOWN_USERS, :SHOWN_ITEMS]
    curve = [weighted(w, reg) for w in WEIGHTS]
    here = WEIGHTS.index(w0)
    near = (train.users < SHOWN_USERS) & (train.items < SHOWN_ITEMS)
    first, second, size = style.side_by_side(
        left=0.55, gap=0.12, height=390, narrow_height=680, narrow_gap=0.18
    )
    places = list(range(len(WEIGHTS)))
    recall, error = (np.round([state[k] for state in curve], 3) for k in (1, 2))
    on = {"xaxis": "x2", "yaxis": "y2"}
    traces = [
        style.heatmap(
            np.round(np.clip(scores, 0, 1), 2), limits=(0, 1), xgap=0, ygap=0, zsmooth=False
        ),
        style.dots(
            train.items[near],
            train.users[near],
            size=5,
            color=style.ITEM,
            marker={"line": {"width": 0}},
        ),
        style.line(places, recall, color=style.INK, **on),
        style.line(places, error, color=style.THIRD, dash="dash", **on),
        style.line([0, 7], [popularity_recall()] * 2, color=style.QUIET, dash="dot", width=1, **on),
        style.dots([here], [recall[here]], color=style.INK, size=13, **on),
        style.dots([here], [error[here]], color=style.THIRD, size=13, **on),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 30, "r": 14, "t": 50, "b": 46},
        xaxis=style.bare_axis((-0.5, SHOWN_ITEMS - 0.5), **first[0])
        | {"title": {"text": "films", "font": {"size": 13}}},
        yaxis=style.bare_axis((-0.5, SHOWN_USERS - 0.5), **first[1])
        | {"title": {"text": "members", "font": {"size": 13}, "standoff": 4}},
        xaxis2=style.axis("weight w₀", (-0.4, 7.4), **second[0])
        | {"tickvals": places, "ticktext": ["0", ".001", "", ".01", "", ".1", "", "1"]},
        yaxis2=style.axis(None, (0, 0.85), **second[1]),
        annotations=[
            style.note(
                "— recall at 10<br>··· popularity's recall",
                0,
                1.02,
                align="left",
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
                xanchor="left",
            ),
            style.note(
                "- - error<br> ",
                1,
                1.02,
                align="right",
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
                xanchor="right",
                color=style.THIRD,
            ),
        ],
    )


def _say_dial(w0, reg):
    _, recall, error, on, off = weighted(w0, reg)
    return (
        f"With w₀ = {w0:g} the model gives visits {on:.2f} on average and all other pairs "
        f"{off:.2f}; recall at 10 is {recall:.3f} (popularity {popularity_recall():.3f}), and "
        f"the squared error on held-out visits {error:.2f}."
    ).replace("-0.00", "0.00")


def _table_dial(w0, reg):
    rows = [[w, *(round(number, 3) for number in weighted(w, reg)[1:])] for w in WEIGHTS]
    head = ["w₀", "recall at 10", "held-out error", "mean on visits", "mean elsewhere"]
    return head, rows


w0_dial = Explorable(
    _draw_dial,
    {
        "w0": Slider(
            "Weight of what was not seen, w₀",
            WEIGHTS,
            start=0.0,
            ends=("ignored", "as much as a visit"),
            play=True,
        ),
        "reg": Slider("Penalty on length, λ", [0.1, 0.3, 1.0], start=1.0),
    },
    "Nothing but visits, all of them ones. What will the model say of films not visited?",
    _say_dial,
    "matrix-factorization.w0-dial",
    table=_table_dial,
)

# ------------------------------------------------------------------------ spin the factors

TURNS = list(range(0, 360, 15))  # a full turn would be the start again
PAIR = (0, 4)  # Ada and Pigeon Heist


@lru_cache
def spun(angle, both):
    """The fitted tiny world after a turn of both sides, or of the members alone."""
    u, v = staircase(1.0, 0)[0][-1]
    t = np.deg2rad(angle)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    return u @ turn, v @ turn if both else v


def _draw_spin(angle, who):
    u, v = spun(angle, who == "both")
    i, j = PAIR
    outer = np.outer(u[i], v[j])
    shafts = [tuple(share * tip) for tip in (u[i], v[j]) for share in np.linspace(0.1, 0.9, 9)]
    left = 0.66  # of the two panels on the right: their words need room
    traces = [
        *_plane(u, v, "nobody", unit=52, taken=shafts),
        style.arrow(np.round(u[i], 3), color=style.USER),
        style.arrow(np.round(v[j], 3), color=style.ITEM),
        style.heatmap(
            np.round(outer[::-1], 3),
            x=["Pigeon 1st", "Pigeon 2nd"],
            y=["Ada 2nd", "Ada 1st"],
            scale=style.DIVERGING,
            limits=(-4, 4),
            labels=[[style.true_minus(f"{value:.2f}") for value in row] for row in outer[::-1]],
            xaxis="x2",
            yaxis="y2",
        ),
        style.bars(
            np.round(v @ u[i], 3),
            FILMS[::-1],
            color=[style.USER if name == FILMS[j] else style.USER_SOFT for name in FILMS[::-1]],
            horizontal=True,
            xaxis="x3",
            yaxis="y3",
        ),
    ]
    traces[-1]["x"] = traces[-1]["x"][::-1]
    quiet = {"tickfont": {"size": 12, "color": style.QUIET}, "showgrid": False}
    title = {"xref": "paper", "xanchor": "left", "color": style.INK}
    return style.figure(
        traces,
        height=430,
        narrow={
            "height": 820,
            "margin.l": 66,
            "xaxis.domain": [0, 1],
            "yaxis.domain": [0.6, 1],
            "xaxis2.domain": [0, 1],
            "yaxis2.domain": [0.34, 0.5],
            "xaxis3.domain": [0, 1],
            "yaxis3.domain": [0, 0.22],
            "annotations.0.x": 0,
            "annotations.1.x": 0,
        },
        margin={"l": 34, "r": 12, "t": 34, "b": 34},
        xaxis=style.axis(None, (-1.95, 1.95), domain=[0, 0.53], zeroline=True),
        yaxis=style.axis(None, (-1.95, 1.95), domain=[0, 1], zeroline=True, **style.equal()),
        xaxis2=style.axis(None, None, domain=[left, 1], anchor="y2", **quiet),
        yaxis2=style.axis(None, None, domain=[0.66, 0.96], anchor="x2", **quiet),
        xaxis3=style.axis(None, (-4, 4), domain=[left, 1], anchor="y3", zeroline=True),
        yaxis3=style.axis(None, None, domain=[0, 0.44], anchor="x3", **quiet),
        annotations=[
            style.note("outer product", left, 1, yref="y2 domain", yanchor="bottom", **title),
            style.note("Ada's scores", left, 1, yref="y3 domain", yanchor="bottom", **title),
        ],
        bargap=0.3,
    )


def spin_change(angle, who):
    """The largest change that the turn makes to any prediction."""
    u, v = spun(0, True)
    a, b = spun(angle, who == "both")
    return float(np.abs(a @ b.T - u @ v.T).max())


def _say_spin(angle, who):
    u, v = spun(angle, who == "both")
    outer = np.outer(u[PAIR[0]], v[PAIR[1]])
    return style.true_minus(
        f"After a turn of {angle}° the first corner of the outer product is {outer[0, 0]:.2f} and "
        f"its trace, the prediction, {np.trace(outer):.2f}; the largest change of any prediction "
        f"is {spin_change(angle, who):.2f}."
    )


def _table_spin(angle, who):
    u, v = spun(angle, who == "both")
    outer = np.outer(u[PAIR[0]], v[PAIR[1]])
    rows = [[f"Ada {a + 1} × Pigeon {b + 1}", float(outer[a, b])] for a in (0, 1) for b in (0, 1)]
    rows += [["trace", float(np.trace(outer))]]
    rows += [[f"Ada's score for {film}", float(s)] for film, s in zip(FILMS, v @ u[0])]
    return ["what", "value"], [[name, round(value, 3)] for name, value in rows]


spin_the_factors = Explorable(
    _draw_spin,
    {
        "angle": Slider("Turn by", TURNS, start=0, labels=[f"{t}°" for t in TURNS], play=True),
        "who": Choice("What turns", {"both": "both sides", "members": "members only"}),
    },
    "Turn members and films together. Which will move: Ada's scores, or her outer product?",
    _say_spin,
    "matrix-factorization.spin",
    table=_table_spin,
)

# ------------------------------------------------------------------ the smallest factorization

SLOPES = np.round(np.linspace(-1.8, 1.8, 7), 2)
TARGETS, TOLLS = [0.0, 1.0, 2.0], [0.0, 0.1, 0.3, 0.9, 1.2]
GRID = np.linspace(-2.1, 2.1, 33)


def hill(u, v, a, reg):
    """(uv − a)² + λ(u² + v²): one member, one film, one factor, one rating."""
    return (u * v - a) ** 2 + reg * (u**2 + v**2)


@lru_cache(maxsize=4096)
def roll(a, reg, start, marks=20):
    """Path (marks, 2) of a ball by gradient descent, closer marks where it is fast; its end last.

    The step is short enough to keep every ball of the pad inside the picture.
    """
    u, v = start
    path = [(u, v)]
    for _ in range(1000):
        e = u * v - a
        u, v = u - 0.04 * (e * v + reg * u), v - 0.04 * (e * u + reg * v)
        path.append((u, v))
    at = np.unique(np.round(np.geomspace(1, 1001, marks + 12)).astype(int) - 1)
    at = at[np.linspace(0, len(at) - 1, marks).round().astype(int)]
    return np.array(path)[at]


def threshold(a, reg):
    """Where the best product uv lies: a, moved towards zero by λ, and not past it."""
    return max(a - reg, 0.0)


def _draw_smallest(ball, a, reg):
    path = np.round(roll(a, reg, ball), 2)
    first, second, size = style.side_by_side(left=0.56, gap=0.12, height=400, narrow_height=660)
    height = np.log1p(4 * hill(GRID[:, None], GRID[None], a, reg)).T
    grid = np.array([0.0, reg, 2.0])
    root = np.sqrt(threshold(a, reg))
    traces = [
        {
            "type": "contour",
            "x": np.round(GRID, 3),
            "y": np.round(GRID, 3),
            "z": np.round(height, 2),
            "contours": {"coloring": "lines", "start": 0.1, "end": 4.1, "size": 0.25},
            "colorscale": [[0, style.USER_SOFT], [1, style.QUIET]],
            "line": {"width": 1},
            "showscale": False,
            "hoverinfo": "skip",
        },
        style.dots(
            [root, -root],
            [root, -root],
            color=style.THIRD,
            size=15,
            marker={"symbol": "star"},
        ),
        style.dots([0], [0], color=style.INK, size=9, marker={"symbol": "x"}),
        style.line(path[:, 0], path[:, 1], color=style.USER, width=3),
        style.dots(path[-1:, 0], path[-1:, 1], color=style.USER, size=12),
        style.line(
            grid,
            [threshold(x, reg) for x in grid],
            color=style.THIRD,
            width=3,
            xaxis="x2",
            yaxis="y2",
        ),
        style.line(grid, grid, color=style.QUIET, dash="dot", width=1, xaxis="x2", yaxis="y2"),
        style.dots([a], [path[-1].prod()], color=style.USER, size=13, xaxis="x2", yaxis="y2"),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 54, "r": 12, "t": 30, "b": 46},
        xaxis=style.axis("the member, u", (-2.1, 2.1), **first[0]),
        yaxis=style.axis("the film, v", (-2.1, 2.1), **first[1]),
        xaxis2=style.axis("the rating, a", (-0.1, 2.15), **second[0]),
        yaxis2=style.axis(None, (-0.15, 2.15), **second[1]),
        annotations=[
            style.note("★ lowest   × origin", 0, 1.02, yanchor="bottom", xanchor="left"),
            style.note(
                "what is learned, uv",
                0,
                1.02,
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
                xanchor="left",
            ),
        ],
    )


def _say_smallest(ball, a, reg):
    u, v = roll(a, reg, ball)[-1]
    best = hill(*[np.sqrt(threshold(a, reg))] * 2, a, reg)
    if hill(u, v, a, reg) > best + 0.001:
        verdict = "that is the saddle, level ground but no valley"
    elif threshold(a, reg) == 0:
        verdict = "the penalty has deleted the factor" if a > 0 else "there was nothing to learn"
    else:
        verdict = f"the best product is {threshold(a, reg):.1f}, for a rating of {a:g}"
    return style.true_minus(
        f"The ball rests at u = {u:.2f}, v = {v:.2f}, so uv = {u * v:.2f}; {verdict}."
    )


def _table_smallest(ball, a, reg):
    u, v = roll(a, reg, ball)[-1]
    rows = [
        ["rating a", a],
        ["penalty λ", reg],
        ["u at rest", u],
        ["v at rest", v],
        ["uv", u * v],
        ["max(a − λ, 0)", threshold(a, reg)],
        ["height at rest", hill(u, v, a, reg)],
    ]
    return ["what", "value"], [[name, round(float(value), 2) + 0.0] for name, value in rows]


smallest_factorization = Explorable(
    _draw_smallest,
    {
        "ball": Pad("Drop the ball", SLOPES, SLOPES, start=(-1.2, 0.6), names=("u", "v")),
        "a": Slider("The rating, a", TARGETS, start=1.0),
        "reg": Slider("Penalty on length, λ", TOLLS, start=0.1),
    },
    "Drop a ball on the hillside. In which valley will it come to rest, and can it get stuck?",
    _say_smallest,
    "matrix-factorization.smallest",
    table=_table_smallest,
)

# ------------------------------------------------------------------- how much must you see

SHARES = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 0.8]
CORNER = 16
STARTS, FINALISTS = 24, 4


@lru_cache(maxsize=256)
def completed(seen, rank, seed):
    """(seen mask, truth, reconstruction, relative error on the entries not seen)."""
    ratings, truth = low_rank_world(rank=rank, seen=seen, random_state=seed)
    mask = np.zeros(truth.shape, bool)
    mask[ratings.users, ratings.items] = True
    # The loss has poor valleys, and with few entries most starts end in one: of 4 starts none found
    # a table of rank 1 of which 30 % was seen. So many start, and the few that fit best go on.
    u, v = dense_als(np.tile(mask, (STARTS, 1, 1)), truth * mask, 1e-3, rank, sweeps=8, shift=0)
    best = _regret(mask, truth, u, v, 1e-3).argsort()[:FINALISTS]
    v = v[best]
    weight, pull = (
        np.tile(table.astype(float), (FINALISTS, 1, 1)) for table in (mask, truth * mask)
    )
    for _ in range(32):
        u = _dense_half(weight, pull, v, 1e-3)
        v = _dense_half(weight.transpose(0, 2, 1), pull.transpose(0, 2, 1), u, 1e-3)
    best = _regret(mask, truth, u, v, 1e-3).argmin()
    guess = u[best] @ v[best].T
    gap = np.sqrt(((guess - truth)[~mask] ** 2).mean() / (truth[~mask] ** 2).mean())
    return mask, truth, guess, float(gap)


def _regret(mask, table, u, v, reg):
    """The loss of each of several fits to what was seen of a table."""
    loss = (mask * (u @ v.transpose(0, 2, 1) - table) ** 2).sum(axis=(1, 2))
    return loss + reg * ((u**2).sum(axis=(1, 2)) + (v**2).sum(axis=(1, 2)))


def _draw_completed(seen, rank, seed):
    mask, truth, guess, error = completed(seen, rank, seed)
    corner = (slice(0, CORNER), slice(0, CORNER))
    tables = truth, np.where(mask, truth, np.nan), np.clip(guess, -4, 4)
    traces = [
        style.heatmap(
            np.round(table[corner], 1),
            scale=style.DIVERGING,
            limits=(-4, 4),
            xgap=0.5,
            ygap=0.5,
            xaxis=f"x{k}" if k > 1 else "x",
            yaxis=f"y{k}" if k > 1 else "y",
        )
        for k, table in enumerate(tables, 1)
    ]
    errors = [max(completed(p, rank, seed)[3], 1e-4) for p in SHARES]
    at = {"xaxis": "x4", "yaxis": "y4"}
    traces += [
        style.line(SHARES, np.round(errors, 4), color=style.INK, **at),
        style.dots(SHARES, np.round(errors, 4), color=style.QUIET, size=7, **at),
        style.dots([seen], [round(max(error, 1e-4), 4)], color=style.THIRD, size=15, **at),
    ]
    columns = [(0, 0.31), (0.345, 0.655), (0.69, 1)]
    axes = {}
    for k, domain in enumerate(columns, 1):
        axes |= {
            f"xaxis{k if k > 1 else ''}": style.bare_axis(domain=domain, anchor=f"y{k}"),
            f"yaxis{k if k > 1 else ''}": style.bare_axis(
                (CORNER - 0.5, -0.5), domain=[0.45, 1], anchor=f"x{k}"
            ),
        }
    axes["xaxis"]["anchor"], axes["yaxis"]["anchor"] = "y", "x"
    return style.figure(
        traces,
        height=480,
        narrow={"height": 430},
        margin={"l": 44, "r": 12, "t": 30, "b": 46},
        **axes,
        xaxis4=style.axis("share of entries seen", (0, 0.84), anchor="y4", tickformat=".0%"),
        yaxis4=style.axis(None, (-4.2, 1.9), domain=[0, 0.33], anchor="x4")
        | {"type": "log", "tickvals": [0.0001, 0.01, 1], "ticktext": [".0001", ".01", "1"]},
        annotations=[
            *(
                style.note(name, sum(domain) / 2, 1.01, yanchor="bottom")
                for name, domain in zip(("truth", "seen", "filled in"), columns)
            ),
            style.note("error on the unseen", 0, 0.345, yanchor="bottom", xanchor="left"),
        ],
    )


def _say_completed(seen, rank, seed):
    mask, _, _, error = completed(seen, rank, seed)
    verdict = (
        "the unseen entries are as good as known"
        if error < 0.05
        else "worse than guessing zero everywhere"
        if error >= 1
        else "the unseen entries are guessed, some well"
    )
    return (
        f"{mask.sum():,} of 1,600 entries of a table of rank {rank} are seen: the relative error "
        f"on the others is {error:.2f}; {verdict}."
        if error >= 0.01
        else f"{mask.sum():,} of 1,600 entries of a table of rank {rank} are seen: the relative "
        f"error on the others is below 0.01; {verdict}."
    )


def _table_completed(seen, rank, seed):
    rows = [
        [p, int(completed(p, rank, seed)[0].sum()), round(completed(p, rank, seed)[3], 4)]
        for p in SHARES
    ]
    return ["share seen", "entries seen", "relative error on the unseen"], rows


how_much_must_you_see = Explorable(
    _draw_completed,
    {
        "seen": Slider(
            "Share of entries seen",
            SHARES,
            start=0.1,
            labels=[f"{100 * p:.0f} %" for p in SHARES],
            play=True,
        ),
        "rank": Slider("Rank of the truth", [1, 2, 3], start=2),
        "seed": Choice("World", {0: "one", 1: "another", 2: "a third"}, start=0),
    },
    "Of this table you see one entry in ten. When will the rest fall into place?",
    _say_completed,
    "matrix-factorization.how-much",
    table=_table_completed,
)

# -------------------------------------------------------------------- the parameter budget

SIZES = [10, 100, 943, 1682, 10_000, 1_000_000]
FACTORS = [2, 5, 10, 20, 40, 100, 400, 604, 605]
PER_MEMBER = 106  # ratings of a member: MovieLens 100K has 100,000 of 943


def budget(m, n, d):
    """Numbers to store: the full table, the factors, the ratings there are."""
    return m * n, (m + n) * d, m * min(PER_MEMBER, n)


def _amount(number):
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:.4g} {word}"
    return f"{number:,}"


def _draw_budget(m, n, d):
    amounts = budget(m, n, d)
    names = ["the whole table, mn", f"factors, (m+n)·{d}", "the ratings there are"]
    first, second, size = style.side_by_side(left=0.5, gap=0.14, height=350, narrow_height=600)
    traces = [
        style.bars(
            np.array(amounts)[::-1],
            [2, 1, 0][::-1],
            horizontal=True,
            color=[style.QUIET, style.ITEM, style.USER][::-1],
            base=1,
        ),
        style.words(
            [1.3] * 3,
            [2.45, 1.45, 0.45],
            [f"{name}: {_amount(a)}" for name, a in zip(names, amounts)],
            at="middle right",
        ),
        style.line(
            [2, 605],
            [2 * (m + n), 605 * (m + n)],
            color=style.ITEM,
            xaxis="x2",
            yaxis="y2",
        ),
        style.line([2, 605], [m * n] * 2, color=style.QUIET, dash="dash", xaxis="x2", yaxis="y2"),
        style.line(
            [2, 605], [amounts[2]] * 2, color=style.USER, dash="dot", xaxis="x2", yaxis="y2"
        ),
        style.dots([d], [amounts[1]], color=style.ITEM, size=14, xaxis="x2", yaxis="y2"),
    ]
    log = {"type": "log", "exponentformat": "power", "dtick": 3}
    return style.figure(
        traces,
        **size,
        margin={"l": 30, "r": 14, "t": 26, "b": 46},
        xaxis=style.axis("numbers to store", (0, 12.3), **first[0]) | log,
        yaxis=style.bare_axis((-0.5, 2.8), **first[1]),
        xaxis2=style.axis("factors, d", (0.2, 2.9), **second[0])
        | {"type": "log", "tickvals": [2, 10, 40, 100, 604]},
        yaxis2=style.axis(None, (1, 12.3), **second[1]) | log,
        bargap=0.55,
    )


def _say_budget(m, n, d):
    full, factors, sparse = budget(m, n, d)
    even = m * n / (m + n)
    verdict = "fewer" if factors < full else "no fewer"
    rival = "fewer" if factors < sparse else "no fewer"
    return (
        f"With d = {d} the factors are {factors:,} numbers, {verdict} than the {full:,} of the "
        f"table (break-even at d = {even:,.1f}) and {rival} than the {sparse:,} ratings there are."
    )


def _table_budget(m, n, d):
    names = "whole table", "factors", "ratings there are"
    return ["what", "numbers to store"], [list(row) for row in zip(names, budget(m, n, d))]


parameter_budget = Explorable(
    _draw_budget,
    {
        "m": Slider("Members, m", SIZES, start=943, labels=[f"{s:,}" for s in SIZES]),
        "n": Slider("Films, n", SIZES, start=1682, labels=[f"{s:,}" for s in SIZES]),
        "d": Slider("Factors, d", FACTORS, start=40),
    },
    "When do the factors take more room than the table that they replace?",
    _say_budget,
    "matrix-factorization.budget",
    table=_table_budget,
)

# ----------------------------------------------------------------- popularity and long vectors


STEPS = [0, 10, 40, 120]


@lru_cache
def lengths_filmed(start, reg=0.0, seed=0, d=8, m=200, n=150):
    """Ratings an item received, and its length after each of `STEPS` steps of gradient descent.

    Items draw 2 to 120 noisy ratings; both sides are learned, in full steps of 0.02, from random
    vectors whose numbers have size ``start``.
    """
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(m, d)) / np.sqrt(d) @ rng.normal(size=(n, d)).T
    popular = np.exp(rng.uniform(np.log(2), np.log(120), n))
    seen = rng.random((m, n)) < popular / m
    ratings = np.where(seen, truth + 0.3 * rng.normal(size=(m, n)), 0)
    u, v = start * rng.normal(size=(m, d)), start * rng.normal(size=(n, d))
    count = seen.sum(axis=0)
    film = {}
    for step in range(STEPS[-1] + 1):
        if step in STEPS:
            film[step] = np.linalg.norm(v[count > 0], axis=1)
        gap = seen * (u @ v.T - ratings)
        u, v = u - 0.02 * (gap @ v + reg * u), v - 0.02 * (gap.T @ u + reg * v)
    return count[count > 0], film


def start_and_length(start, reg=0.0, step=STEPS[-1]):
    """``(count, length)`` of every item after so many steps."""
    count, film = lengths_filmed(start, reg)
    return count, film[step]


def rank_correlation(a, b):
    """Correlation of ranks."""
    return float(np.corrcoef(*(np.argsort(np.argsort(values)) for values in (a, b)))[0, 1])


def _thirds(count, length):
    """Mean length of the rare, the middling and the popular third, and where each third ends."""
    order = np.argsort(count, kind="stable")
    parts = np.array_split(order, 3)
    return [(count[part].min(), count[part].max(), length[part].mean()) for part in parts]


def _draw_long(start, reg, step):
    count, length = start_and_length(start, reg, step)
    traces = [style.dots(count, np.round(length, 2), size=7, opacity=0.55)]
    for low, high, mean in _thirds(count, length):
        traces.append(style.line([low, high], [mean, mean], color=style.INK, width=3))
    return style.figure(
        traces,
        height=360,
        xaxis=style.axis("ratings a film received")
        | {"type": "log", "tickvals": [1, 3, 10, 30, 100], "range": [-0.05, 2.2]},
        yaxis=style.axis("length of its vector", (0, 5.4)),
    )


def _say_long(start, reg, step):
    count, length = start_and_length(start, reg, step)
    rho = rank_correlation(count, length)
    rare, _, popular = (mean for *_, mean in _thirds(count, length))
    if step == 0:
        verdict = "nothing has been learned, and length is chance"
    elif abs(rho) < 0.2:
        verdict = "length hardly follows popularity"
    else:
        verdict = f"the {'popular' if rho > 0 else 'rare'} films are the long ones"
    return style.true_minus(
        f"Started at size {start:g}, with a penalty of {reg:g}, after {step} steps: rank "
        f"correlation {rho:+.2f}; {verdict} (rare third {rare:.2f}, popular third "
        f"{popular:.2f} on average)."
    )


def _table_long(start, reg, step):
    rows = [
        [f"{low} to {high}", f"{mean:.2f}"]
        for low, high, mean in _thirds(*start_and_length(start, reg, step))
    ]
    return ["ratings", "mean length"], rows


long_vectors = Explorable(
    _draw_long,
    {
        # Training first: before its first step the penalty has nothing to hold.
        "step": Slider("Steps of training", STEPS, start=0, play=True),
        "start": Slider("Size of the random start", [0.02, 0.1, 0.3, 0.6, 1.0], start=1.0),
        "reg": Slider("Penalty on length, λ", [0.0, 0.3, 1.0, 3.0], start=0.0),
    },
    "All films begin with random vectors. After training, which will be the long ones?",
    _say_long,
    "matrix-factorization.long-vectors",
    table=_table_long,
)
