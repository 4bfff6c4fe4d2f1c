"""Pictures of the chapter "Deep models and two towers"."""

from functools import lru_cache
from itertools import pairwise

import numpy as np

from recsys_lab.deep import grad_psi, linear_tower, sampled_log_normalizer
from recsys_lab.explore import Choice, Explorable, Pad, Slider, Toggle, style
from recsys_lab.figures.similarity import FILMS, HAND_SET
from recsys_lab.nn import (
    Adam,
    Dense,
    ReLU,
    entropy,
    log_normalizer,
    softmax,
    softmax_cross_entropy,
)

SHORT = ["Fog", "Salt", "Vault", "Regatta", "Pigeon", "Lamp"]
BESIDE = [f"{side} center" for side in "top top bottom bottom top".split()] + ["bottom left"]


def _percent(share):
    return f"{100 * share:.0f}\u00a0%"  # the sign stays on the line of its number


# ------------------------------------------------- the plane, and the way from logit to chance

RIM = 3.08  # where the numbers on the contour lines stand, outside of all films
CONTOURS = range(-12, 13)


def _contours(psi):
    """Lines of equal ⟨ψ, v⟩ inside the rim, one trace; and the numbers at their ends, another."""
    length = float(np.linalg.norm(psi))
    along = np.array(psi) / max(length, 1e-9)
    across = np.array([-along[1], along[0]])
    every = 1 if length < 1.3 else 2 if length < 2.6 else 4
    xs, ys, text_x, text_y, text = [], [], [], [], []
    for c in CONTOURS:
        foot = c / max(length, 1e-9)
        half = np.sqrt(max((RIM - 0.3) ** 2 - foot**2, 0))
        there = abs(foot) < RIM - 0.6 and length > 1e-9
        ends = np.array([foot * along - half * across, foot * along + half * across])
        ends = ends if there else np.full((2, 2), np.nan)
        xs += [*ends[:, 0], np.nan]
        ys += [*ends[:, 1], np.nan]
        side = 1 if across[1] * along[0] + across[0] > 0 else -1
        spot = foot * along + side * np.sqrt(max(RIM**2 - foot**2, 0)) * across
        spot = spot if there and c % every == 0 else np.full(2, np.nan)
        text_x.append(spot[0])
        text_y.append(spot[1])
        text.append(style.true_minus(f"{c:d}"))
    return (
        style.line(xs, ys, color=style.USER_SOFT, width=1.5),
        style.words(text_x, text_y, text, color=style.USER, size=12),
    )


def _fan(logits, span):
    """Logits on an upright scale at 0, joined to bars of the chances, best on top."""
    p = softmax(logits)
    order = np.argsort(-logits, kind="stable")
    rows = np.linspace(0.86 * span, -0.94 * span, len(FILMS))
    row = np.empty(len(FILMS))
    row[order] = rows
    joins_x, joins_y, bars_x, bars_y = [], [], [], []
    for j in range(len(FILMS)):
        joins_x += [0, 0.8, np.nan]
        joins_y += [logits[j], row[j], np.nan]
        bars_x += [0.84, 0.84 + 1.3 * p[j], np.nan]
        bars_y += [row[j], row[j], np.nan]
    on_second = {"xaxis": "x2", "yaxis": "y2"}
    return [
        style.line(joins_x, joins_y, color=style.GRID, width=2, **on_second),
        style.line(bars_x, bars_y, color=style.ITEM, width=13, **on_second),
        style.dots(np.zeros(len(FILMS)), logits, size=9, **on_second),
        style.words(
            np.full(len(FILMS), 0.84),
            row + 0.1 * span,
            [f"{FILMS[j]}  {100 * p[j]:.0f} %" for j in range(len(FILMS))],
            at="top right",
            **on_second,
        ),
    ]


QUIET_PLANE = {"showticklabels": False, "showgrid": False, "zerolinecolor": style.GRID}


def _plane_and_fan(plane, logits, span, step, head):
    first, second, size = style.side_by_side(
        left=0.47, gap=0.1, height=430, narrow_height=760, split=0.5, narrow_gap=0.14
    )
    ticks = np.arange(-step * (span // step), span + 0.1, step)
    return style.figure(
        [*plane, *_fan(logits, span)],
        **size,
        margin={"l": 30, "r": 10, "t": 44, "b": 40},
        xaxis=style.axis("heist ← → sea", (-3.3, 3.3), **first[0], zeroline=True) | QUIET_PLANE,
        yaxis=style.axis("grave ← → funny", (-3.3, 3.3), **first[1], zeroline=True, **style.equal())
        | QUIET_PLANE,
        xaxis2=style.bare_axis((-0.12, 2.5), **second[0]),
        yaxis2=style.axis(None, (-1.08 * span, 1.16 * span), **second[1])
        | {
            "showgrid": False,
            "tickvals": ticks,
            "ticktext": [style.true_minus(f"{t:g}") for t in ticks],
            "showline": True,
            "linecolor": style.GRID,
        },
        annotations=[
            *head,
            style.note(
                "<b>logit</b> z = ⟨ψ, V⟩",
                0,
                1,
                xref="x2 domain",
                yref="y2 domain",
            )
            | {"yanchor": "bottom", "yshift": 10, "xanchor": "left", "xshift": -26},
            style.note("chance p̂ = softmax(z)", 1, 1, xref="x2 domain", yref="y2 domain")
            | {"yanchor": "bottom", "yshift": 10, "xanchor": "right"},
        ],
    )


# ------------------------------------------------------------------------------ three spaces

# A tower without hidden layers, set by hand: each input adds its own arrow to ψ.
AGES = {
    "under 25": (-0.6, 0.1),
    "25 to 59": (0.1, -0.2),
    "60 and over": (0.6, 0.2),
}
HOURS = [12, 14, 16, 18, 20, 22, 24]
HOUR_ARROW = np.array([0.0, -0.7])  # for six hours after 18:00
LAST = {"nothing yet": None} | {title: j for j, title in enumerate(FILMS)}
HISTORY = 0.3  # a film in the history adds this share of its own vector


def card_arrows(age, hour, last):
    """The arrows that age, hour and the last film add; ψ is their sum."""
    seen = np.zeros(2) if LAST[last] is None else HISTORY * HAND_SET[LAST[last]]
    return np.array([AGES[age], (hour - 18) / 6 * HOUR_ARROW, seen])


def card_psi(age, hour, last):
    return card_arrows(age, hour, last).sum(axis=0)


def _films(size=9):
    return style.dots(
        HAND_SET[:, 0],
        HAND_SET[:, 1],
        labels=SHORT,
        size=size,
        label_at=BESIDE,
    )


def _draw_card(age, hour, last):
    arrows = card_arrows(age, hour, last)
    ends = np.cumsum(arrows, axis=0)
    psi = ends[-1]
    steps = [
        style.arrow(end, start=end - arrow, color=color, width=2.5)
        for arrow, end, color in zip(arrows, ends, (style.THIRD, style.FOURTH, style.QUIET))
    ]
    for step, arrow in zip(steps, arrows):
        if not np.linalg.norm(arrow):
            step["x"] = step["y"] = [np.nan, np.nan]
    lines, numbers = _contours(psi)
    plane = [lines, numbers, _films(), *steps, style.arrow(psi, width=4)]
    key = zip(
        ("→ age", "→ hour", "→ last film", "<b>→ ψ, sum</b>"),
        (style.THIRD, style.FOURTH, style.QUIET, style.USER),
        (0.02, 0.22, 0.45, 0.78),
    )
    head = [
        style.note(text, left, 1, color=color, xref="x domain", yref="y domain")
        | {"yanchor": "bottom", "yshift": 10, "xanchor": "left"}
        for text, color, left in key
    ]
    return _plane_and_fan(plane, HAND_SET @ psi, 4.6, 2, head)


def _say_card(age, hour, last):
    psi = card_psi(age, hour, last)
    p = softmax(HAND_SET @ psi)
    first, second = np.argsort(-p, kind="stable")[:2]
    seen = "has seen nothing yet" if LAST[last] is None else f"last saw {last}"
    return style.true_minus(
        f"Somebody {age} at {hour}:00 who {seen} stands at ψ = ({psi[0]:.2f}, {psi[1]:.2f}): "
        f"{FILMS[first]} gets {_percent(p[first])}, {FILMS[second]} {_percent(p[second])}."
    )


def _film_table(logits):
    p = softmax(logits)
    rows = [[FILMS[j], float(logits[j]), f"{100 * p[j]:.1f} %"] for j in range(len(FILMS))]
    return ["film", "logit", "chance"], rows


three_spaces = Explorable(
    _draw_card,
    {
        "age": Choice("Age on the card", list(AGES), start="under 25"),
        "hour": Slider("Hour", HOURS, start=22, labels=[f"{h}:00" for h in HOURS]),
        "last": Choice("Last film seen", list(LAST), start="nothing yet"),
    },
    "A stranger comes to the desk. Which film would you offer, and what would the hour change?",
    _say_card,
    "deep-models.three-spaces",
    table=lambda **card: _film_table(HAND_SET @ card_psi(**card)),
)

# ----------------------------------------------------------------------- direction and volume

VOLUMES = [0.25, 0.5, 1.0, 2.0, 3.0]
PLACES = np.round(np.arange(-0.9, 0.91, 0.15), 2)


def _draw_volume(psi, volume):
    loud = volume * np.array(psi)
    lines, numbers = _contours(loud)
    plane = [lines, numbers, _films(), style.arrow(loud, width=3)]
    head = style.note("→ volume × ψ   ─ equal logit", 0.5, 1, xref="x domain", yref="y domain")
    head |= {"yanchor": "bottom", "yshift": 10, "font": {"size": 13, "color": style.USER}}
    return _plane_and_fan(plane, HAND_SET @ loud, 9.5, 3, [head])


def _say_volume(psi, volume):
    loud = volume * np.array(psi)
    p = softmax(HAND_SET @ loud)
    length = np.linalg.norm(loud)
    if not length:
        return "ψ has no length: every logit is 0, and every film gets 17\u00a0%, whoever asks."
    order = ", ".join(SHORT[j] for j in np.argsort(-p, kind="stable"))
    return (
        f"The arrow is {length:.2f} long: the first film gets {_percent(p.max())}, the entropy "
        f"is {entropy(p):.2f} of at most {np.log(len(p)):.2f}. The order: {order}."
    )


direction_and_volume = Explorable(
    _draw_volume,
    {
        "psi": Pad(
            "Drag ψ",
            PLACES,
            PLACES,
            start=(0.6, -0.45),
            names=("to sea", "to funny"),
        ),
        "volume": Slider("Volume: multiply ψ by", VOLUMES, start=1.0, ends=("quiet", "loud")),
    },
    "Turn the volume up until the arrow's tip touches Fog Signal. Will Fog Signal be first?",
    _say_volume,
    "deep-models.direction-and-volume",
    table=lambda psi, volume: _film_table(HAND_SET @ (volume * np.array(psi))),
)

# ------------------------------------------------------------------------------ pull and push

STEP_SIZES = [0.1, 0.3, 1.0]
N_STEPS = 12
START = (0.6, -0.45)


# Names stand clear of circles that grow.
LABELS = np.array([[2.45, -0.9], [1.6, 2.3], [-1.8, -2.3], [-1.7, 0.8], [-1.6, 2.7], [2.15, -2.4]])
LABEL_SIDE = [f"middle {side}" for side in "right center center left center right".split()]


@lru_cache
def walk(film, step_size):
    """Thirteen places of ψ on the way down the loss of one film, and the loss at each."""
    y = FILMS.index(film)
    psi, places, losses = np.array(START), [], []
    for _ in range(N_STEPS + 1):
        places.append(psi)
        losses.append(float(log_normalizer(HAND_SET @ psi) - HAND_SET[y] @ psi))
        psi = psi - step_size * grad_psi(psi, HAND_SET, y)
    return np.array(places), np.array(losses)


def _at(film, step_size, step):
    places, losses = walk(film, step_size)
    p = softmax(HAND_SET @ places[step])
    return places, losses, p, p @ HAND_SET


def _draw_pull(film, step, step_size):
    y = FILMS.index(film)
    places, losses, p, expected = _at(film, step_size, step)
    psi, pull = places[step], HAND_SET[y] - expected
    along = psi / np.linalg.norm(psi)
    beside = min(0.35 * np.linalg.norm(psi), 0.8) * along + 0.38 * np.array([-along[1], along[0]])
    first, second, size = style.side_by_side(
        left=0.56, gap=0.13, height=420, narrow_height=700, split=0.6, narrow_gap=0.14
    )
    size["narrow"]["xaxis2.domain"] = [0.13, 1]
    trail = np.where(np.arange(N_STEPS + 1)[:, None] <= step, places, np.nan)
    traces = [
        style.line(trail[:, 0], trail[:, 1], color=style.USER_SOFT, width=2),
        style.words(*LABELS.T, SHORT, at=LABEL_SIDE),
        style.dots(
            HAND_SET[:, 0],
            HAND_SET[:, 1],
            marker={
                "size": 7 + 34 * np.sqrt(p),
                "color": style.ITEM_SOFT,
                "line": {
                    "color": style.ITEM,
                    "width": [4 if j == y else 1 for j in range(len(FILMS))],
                },
            },
        ),
        style.arrow(HAND_SET[y], start=expected, color=style.THIRD, width=3),
        style.dots(
            [expected[0]], [expected[1]], color=style.THIRD, size=13, marker={"symbol": "diamond"}
        ),
        style.arrow(psi + step_size * pull, start=psi, color=style.THIRD, width=2),
        style.arrow(psi, width=5),
        style.words([beside[0]], [beside[1]], ["ψ"], color=style.USER, size=15),
        style.line(
            np.arange(N_STEPS + 1),
            np.where(np.arange(N_STEPS + 1) <= step, losses, np.nan),
            color=style.USER,
            xaxis="x2",
            yaxis="y2",
        ),
        style.dots([step], [losses[step]], color=style.USER, size=13, xaxis="x2", yaxis="y2"),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 16, "r": 12, "t": 40, "b": 48},
        xaxis=style.bare_axis((-4.1, 4.1), **first[0], zeroline=True),
        yaxis=style.bare_axis((-3.7, 3.7), **first[1], zeroline=True, **style.equal()),
        xaxis2=style.axis("steps", (-0.6, N_STEPS + 0.6), **second[0])
        | {"tickvals": [0, 3, 6, 9, 12]},
        yaxis2=style.axis("loss −log p̂ of what came", (-0.2, 5), **second[1]),
        annotations=[
            style.note("◆→ from what was expected to what came", 0.5, 1, xref="x domain")
            | {"yref": "y domain", "yanchor": "bottom", "yshift": 10}
            | {"font": {"size": 13, "color": style.THIRD}}
        ],
    )


def _say_pull(film, step, step_size):
    y = FILMS.index(film)
    _, losses, p, expected = _at(film, step_size, step)
    gap = np.linalg.norm(HAND_SET[y] - expected)
    when = "Before the first step" if step == 0 else f"After {step} step{'s' * (step > 1)}"
    best = int(p.argmax())
    tail = "" if best == y else f", behind {FILMS[best]} with {_percent(p[best])}"
    return (
        f"{when} {film} has {_percent(p[y])}{tail}; what is expected lies {gap:.2f} away from "
        f"what came, and the loss is {losses[step]:.2f}."
    )


def _table_pull(film, step, step_size):
    y = FILMS.index(film)
    places, _, _, expected = _at(film, step_size, step)
    rows = [
        [name, *map(float, pair)]
        for name, pair in (
            ("ψ", places[step]),
            ("what came, V of the film", HAND_SET[y]),
            ("what was expected, Σ p̂ V", expected),
            ("the difference", HAND_SET[y] - expected),
        )
    ]
    return ["vector", "across", "up"], rows


pull_and_push = Explorable(
    _draw_pull,
    {
        "film": Choice("The film that came", FILMS, start="Everything Regatta"),
        "step": Slider("Steps made", list(range(N_STEPS + 1)), start=0, play=True),
        "step_size": Slider("Step size", STEP_SIZES, start=0.3),
    },
    "ψ expects Lamp Oil, but another film is chosen. Which way will ψ be moved, and when does it"
    " stop?",
    _say_pull,
    "deep-models.pull-and-push",
    table=_table_pull,
)

# ------------------------------------------------------------------- factorization in disguise

# Young by day and old by night want the funny films; the other two want the grave ones.
VISITORS = ["young, 14:00", "young, 22:00", "old, 14:00", "old, 22:00"]
CARDS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])  # age, hour
FUNNY = HAND_SET[:, 1] > 0
WANTED = np.array([FUNNY, ~FUNNY, ~FUNNY, FUNNY])
INPUTS = {"card": "the card: age and hour", "id": "who it is: a one-hot id"}
TOWERS = {
    "one": "one layer",
    "three": "three layers, nothing between",
    "relu": "three layers, ReLU between",
}
FRAMES = [0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 100, 300]


@lru_cache
def film_of_training(given, tower, seed=1):
    """Training on the four visitors. For each of `FRAMES`: ψ, V, the loss, and the largest
    difference between the logits and those of the layers multiplied into one table."""
    X = CARDS if given == "card" else np.eye(4)
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], *([] if tower == "one" else [8, 8]), 2]
    dense = [Dense(n_in, n_out, rng) for n_in, n_out in pairwise(widths)]
    layers = [dense[0]]
    for layer in dense[1:]:
        layers += [ReLU(), layer] if tower == "relu" else [layer]
    output = Dense(2, len(FILMS), rng, bias=False)
    adam = Adam([*layers, output], 0.05)
    frames = []
    for step in range(FRAMES[-1] + 1):
        psi = X
        for layer in layers:
            psi = layer.forward(psi)
        logits = output.forward(psi)
        loss, gradient = softmax_cross_entropy(logits, WANTED)
        if step in FRAMES:
            table, offset = np.eye(X.shape[1]), np.zeros(2)
            for layer in dense:
                W, b = layer.parameters
                table, offset = table @ W, offset @ W + b if layer is not dense[0] else b
            V = output.parameters[0]
            gap = np.abs(logits - (X @ table + offset) @ V).max()
            frames.append((psi.copy(), V.T.copy(), loss, float(gap)))
        gradient = output.backward(gradient)
        for layer in reversed(layers):
            gradient = layer.backward(gradient)
        adam.step()
    return frames


def _draw_disguise(given, tower, frame):
    psi, V, _, _ = film_of_training(given, tower)[FRAMES.index(frame)]
    p = softmax(psi @ V.T)
    first, second, size = style.side_by_side(
        left=0.44, gap=0.17, height=400, narrow_height=620, split=0.56, narrow_gap=0.14
    )
    size["narrow"]["xaxis2.domain"] = [0.24, 1]
    points = psi / max(np.abs(psi).max(), 1e-9)
    films = V / max(np.abs(V).max(), 1e-9)
    around = points[[0, 1, 3, 2, 0]]
    rows = np.argsort(FUNNY, kind="stable")  # drawn from below: grave first
    traces = [
        style.line(around[:, 0], around[:, 1], color=style.USER_SOFT, width=1.5),
        *(
            style.line(points[[a, b], 0], points[[a, b], 1], dash=dash, color=color)
            for a, b, dash, color in ((0, 3, "solid", style.THIRD), (1, 2, "dot", style.FOURTH))
        ),
        style.dots(
            films[:, 0],
            films[:, 1],
            size=11,
            marker={"symbol": ["triangle-up" if funny else "triangle-down" for funny in FUNNY]},
        ),
        style.dots(
            points[:, 0],
            points[:, 1],
            color=style.USER,
            size=12,
            labels=["1", "2", "3", "4"],
            label_at=["top left", "top right", "bottom left", "bottom right"],
            marker={"symbol": "square"},
            textfont={"color": style.USER, "size": 16},
        ),
        style.heatmap(
            100 * p.T[rows],
            x=[f"<b>{i + 1}</b> {who.replace(', ', '<br>')}" for i, who in enumerate(VISITORS)],
            y=[f"{SHORT[j]} {'▲' if FUNNY[j] else '▼'}" for j in rows],
            limits=(0, 60),
            labels=[[f"{100 * v:.0f}" for v in row] for row in p.T[rows]],
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    quiet = {"showgrid": False, "ticks": "", "tickfont": {"size": 12, "color": style.INK}}
    return style.figure(
        traces,
        **size,
        margin={"l": 14, "r": 10, "t": 34, "b": 44},
        xaxis=style.bare_axis((-1.3, 1.3), **first[0], zeroline=True),
        yaxis=style.bare_axis((-1.3, 1.3), **first[1], zeroline=True, **style.equal()),
        xaxis2=style.axis(None, None, **second[0], **quiet) | {"tickangle": 0},
        yaxis2=style.axis(None, None, **second[1], **quiet),
        annotations=[
            *(
                style.note(text, left, 1, color=color, xref="x domain", yref="y domain")
                | {"yanchor": "bottom", "yshift": 8, "xanchor": "left"}
                for text, left, color in (
                    ("■ visitors", 0, style.USER),
                    ("▲ funny ▼ grave", 0.3, style.ITEM),
                    ("━ 1–4", 0.71, style.THIRD),
                    ("┅ 2–3", 0.88, style.FOURTH),
                )
            ),
            style.note("chance p̂ in %", 0.5, 1, xref="x2 domain", yref="y2 domain")
            | {"yanchor": "bottom", "yshift": 8},
        ],
    )


def _say_disguise(given, tower, frame):
    _, _, loss, gap = film_of_training(given, tower)[FRAMES.index(frame)]
    floor = f"the loss is {loss:.3f} (knowing nothing: {np.log(6):.3f}; perfect: {np.log(3):.3f})"
    if gap > 1e-9:
        same = f"logits differ by up to {gap:.1f} from those of the layers multiplied into one"
    elif given == "id":
        same = (
            "multiplying the layers gives one table with a row a visitor and the same logits, "
            "difference 0.0: matrix factorization"
        )
    else:
        same = "multiplying the layers into one gives the same logits, difference 0.0"
    if tower == "one":
        same = "one table with a row a visitor: matrix factorization" if given == "id" else ""
    after = "Before training" if frame == 0 else f"After {frame} step{'s' * (frame > 1)}"
    others = ""
    if frame == FRAMES[-1]:
        learns = loss < np.log(3) + 0.01
        others = ". It has learned all four" if learns else ". It cannot learn it"
    return f"{after} {floor}{'; ' * bool(same)}{same}{others}."


def _table_disguise(given, tower, frame):
    psi, V, _, _ = film_of_training(given, tower)[FRAMES.index(frame)]
    p = softmax(psi @ V.T)
    rows = [[who, *(f"{100 * v:.0f} %" for v in row)] for who, row in zip(VISITORS, p)]
    return ["visitor", *SHORT], rows


in_disguise = Explorable(
    _draw_disguise,
    {
        "given": Choice("What the tower is told", INPUTS, start="card"),
        "tower": Choice("The tower", TOWERS, start="one"),
        "frame": Slider("Training steps", FRAMES, start=0, play=True),
    },
    "1 and 4 want the funny films, 2 and 3 the grave ones. Which towers can learn it?",
    _say_disguise,
    "deep-models.in-disguise",
    table=_table_disguise,
)

# --------------------------------------------------------------------------- the sampling tax

SAMPLES = [8, 16, 32, 64, 128, 256, 512]
N_MANY, DRAWS = 2_000, 400
P_TOY, Q_TOY = np.array([0.5, 0.3, 0.2]), np.array([0.7, 0.2, 0.1])
TOY = ["Fog Signal", "Salt & Sugar", "Lamp Oil"]
SAMPLERS = {"popularity": "by popularity", "uniform": "every film alike"}
BINS = np.arange(1, 13.01, 0.2)


@lru_cache
def many_logits():
    """2,000 logits from N(0, 1), and the generator that then draws the samples."""
    rng = np.random.default_rng(0)
    q = 1 / np.arange(1, N_MANY + 1)
    return rng.normal(0, 1, N_MANY), q / q.sum()


@lru_cache
def tax(size, sampler, corrected):
    """400 estimates of log Z from samples of this size."""
    z, q = many_logits()
    q = q if sampler == "popularity" else np.full(N_MANY, 1 / N_MANY)
    rng = np.random.default_rng(1)
    drawn = np.searchsorted(np.cumsum(q), rng.random((DRAWS, size)) * q.sum(), side="right")
    drawn = np.minimum(drawn, N_MANY - 1)
    return sampled_log_normalizer(z[drawn], np.log(q)[drawn] if corrected else None)


def learned_scores(sampler, corrected):
    """The best scores of the three films of the toy, up to a constant."""
    q = Q_TOY if sampler == "popularity" else np.full(3, 1 / 3)
    return np.log(P_TOY) - (0 if corrected else np.log(q))


def _draw_tax(size, sampler, corrected):
    estimate = tax(size, sampler, corrected)
    count, _ = np.histogram(estimate, BINS)
    truth = float(log_normalizer(many_logits()[0]))
    learned = learned_scores(sampler, corrected)
    want = np.log(P_TOY) - np.log(P_TOY).mean()
    learned = learned - learned.mean()
    first, second, frame = style.side_by_side(
        left=0.44, gap=0.13, height=390, narrow_height=590, split=0.5, narrow_gap=0.22
    )
    traces = [
        style.bars(BINS[:-1] + 0.1, count, color=style.USER),
        style.line([truth, truth], [0, 360], color=style.INK, dash="dot", width=1.5),
        style.words([truth], [380], [f"true log Z {truth:.2f}"]),
    ]
    colors = (style.ITEM, style.THIRD, style.FOURTH)
    for name, a, b, color, symbol in zip(TOY, want, learned, colors, ("circle", "square", "x")):
        traces.append(
            style.line([0, 1], [a, b], color=color, width=3, xaxis="x2", yaxis="y2")
            | {
                "mode": "lines+markers+text",
                "marker": {"symbol": symbol, "size": 12, "color": color},
                "text": [
                    f"{name.split()[0]} {style.true_minus(f'{a:+.2f}')}  ",
                    f"  {style.true_minus(f'{b:+.2f}')}",
                ],
                "textposition": ["middle left", "middle right"],
                "textfont": {"size": 13, "color": style.INK},
            }
        )
    return style.figure(
        traces,
        **frame,
        margin={"l": 46, "r": 10, "t": 44, "b": 48},
        xaxis=style.axis("estimated log Z", (1, 11.5), **first[0]) | {"tickvals": [2, 4, 6, 8, 10]},
        yaxis=style.axis("samples, of 400", (0, 405), **first[1])
        | {"tickvals": [0, 100, 200, 300]},
        xaxis2=style.bare_axis((-1.1, 1.75), **second[0])
        | {
            "showticklabels": True,
            "side": "top",
            "tickvals": [0, 1],
            "tickangle": 0,
            "ticktext": ["preference<br>log p", "what is<br>learned"],
            "tickfont": {"size": 13, "color": style.INK},
        },
        yaxis2=style.bare_axis((-0.85, 0.85), **second[1]),
        bargap=0,
    )


def _say_tax(size, sampler, corrected):
    estimate = tax(size, sampler, corrected)
    truth = float(log_normalizer(many_logits()[0]))
    order = np.argsort(-learned_scores(sampler, corrected))
    if np.array_equal(order, [0, 1, 2]):
        verdict = "the three films keep their order"
    else:
        verdict = f"the three films come out reversed, {TOY[order[0]]} first"
    return (
        f"With {size} draws {SAMPLERS[sampler]}, {'corrected' if corrected else 'uncorrected'}, "
        f"log Z is estimated as {estimate.mean():.2f} ± {estimate.std():.2f} instead of "
        f"{truth:.2f}; {verdict}."
    )


def _table_tax(size, sampler, corrected):
    estimate = tax(size, sampler, corrected)
    rows = [["true log Z", float(log_normalizer(many_logits()[0]))]]
    rows += [["mean of 400 estimates", float(estimate.mean())]]
    rows += [["spread", float(estimate.std())]]
    rows += [
        [f"learned score of {name}", float(s)]
        for name, s in zip(TOY, learned_scores(sampler, corrected))
    ]
    return ["what", "value"], rows


sampling_tax = Explorable(
    _draw_tax,
    {
        "size": Slider("Draws instead of 2,000 films", SAMPLES, start=128),
        "sampler": Choice("How films are drawn", SAMPLERS, start="popularity"),
        "corrected": Toggle("correct for how often each film is drawn (logQ)"),
    },
    "Do more draws bring the estimate to the truth? And what becomes of three films' order?",
    _say_tax,
    "deep-models.sampling-tax",
    table=_table_tax,
)

# -------------------------------------------------------------------------- a new film arrives

TAGS = ["noir", "sea", "comedy", "quiet", "heist"]
TAG_ARROWS = np.array([[0.2, -0.9], [1.1, 0.0], [-0.1, 1.1], [0.3, -0.5], [-1.1, 0.1]])
SECRET = np.array([-0.45, 0.5])  # what the newcomer's features do not tell
RATED = [0, 1, 2, 3, 4, 6, 8, 12, 16, 20]
NEWCOMERS = 200


@lru_cache
def known_films():
    """Tags and places of 40 films, and the tower learned from them by ridge."""
    rng = np.random.default_rng(3)
    tags = np.zeros((40, len(TAGS)))
    for row in tags:
        row[rng.choice(len(TAGS), rng.integers(1, 4), replace=False)] = 1
    places = tags @ TAG_ARROWS + rng.normal(0, 0.35, (40, 2))
    return tags, places, linear_tower(tags, places, 1.0)


@lru_cache
def _audience():
    """200 audiences of 20 raters each, and the noise of their ratings."""
    rng = np.random.default_rng(4)
    return rng.normal(size=(NEWCOMERS, RATED[-1], 2)), rng.normal(0, 1.0, (NEWCOMERS, RATED[-1]))


@lru_cache(maxsize=64)
def arrivals(tags):
    """Where 200 audiences put a film of these tags, by number of ratings.

    Returns (truth, tower, ratings alone, both): places of shape (2,) and (len(RATED), 200, 2).
    """
    features = np.array(tags, dtype=float)
    truth = features @ TAG_ARROWS + SECRET
    tower = features @ known_films()[2]
    members, noise = _audience()
    alone, both = np.zeros((2, len(RATED), NEWCOMERS, 2))
    for start, places, reg in ((np.zeros(2), alone, 1.0), (tower, both, 3.0)):
        for at, n in enumerate(RATED):
            U = members[:, :n]
            rest = U @ truth + noise[:, :n] - U @ start
            gram = U.transpose(0, 2, 1) @ U + reg * np.eye(2)
            right = U.transpose(0, 2, 1) @ rest[:, :, None]
            places[at] = start + np.linalg.solve(gram, right)[:, :, 0]
    return truth, tower, alone, both


def _off(places, truth):
    return np.linalg.norm(places - truth, axis=-1).mean(axis=-1)


def _draw_arrival(noir, sea, comedy, quiet, heist, rated):
    truth, tower, alone, both = arrivals((noir, sea, comedy, quiet, heist))
    _, films, _ = known_films()
    at = RATED.index(rated)
    first, second, size = style.side_by_side(
        left=0.5, gap=0.13, height=410, narrow_height=640, split=0.56, narrow_gap=0.12
    )
    size["narrow"]["xaxis2.domain"] = [0.13, 1]
    off_tower = float(np.linalg.norm(tower - truth))
    spots = (alone[at, 0], tower, both[at, 0])
    looks = ((style.FOURTH, "square", 13), (style.QUIET, "diamond", 19), (style.THIRD, "cross", 12))
    traces = [
        style.dots(
            films[:, 0],
            films[:, 1],
            color=style.ITEM_SOFT,
            size=8,
            marker={"line": {"color": style.ITEM, "width": 0.8}},
        ),
        style.dots(
            [truth[0]],
            [truth[1]],
            color=style.ITEM,
            size=24,
            marker={"symbol": "circle-open", "line": {"width": 3, "color": style.ITEM}},
        ),
        *(
            style.dots([x], [y], color=color, size=big, marker={"symbol": symbol})
            for (x, y), (color, symbol, big) in zip(spots, looks)
        ),
    ]
    curves = ((alone, "dot"), (None, "dash"), (both, "solid"))
    for (places, dash), (color, symbol, big) in zip(curves, looks):
        height = np.full(len(RATED), off_tower) if places is None else _off(places, truth)
        traces += [
            style.line(RATED, height, color=color, dash=dash, xaxis="x2", yaxis="y2"),
            style.dots(
                [rated],
                [height[at]],
                color=color,
                size=big,
                xaxis="x2",
                yaxis="y2",
                marker={"symbol": symbol},
            ),
        ]
    return style.figure(
        traces,
        **size,
        margin={"l": 16, "r": 12, "t": 54, "b": 48},
        xaxis=style.bare_axis((-2.7, 2.7), **first[0], zeroline=True),
        yaxis=style.bare_axis((-2.7, 2.7), **first[1], zeroline=True, **style.equal()),
        xaxis2=style.axis("ratings received", (-1.4, 21.4), **second[0])
        | {"tickvals": [0, 5, 10, 15, 20]},
        yaxis2=style.axis("distance from its true place", (0, 2.5), **second[1]),
        annotations=[
            style.note(text, left, 1, color=color, xanchor="left", yanchor="bottom", yshift=12)
            for text, left, color in (
                ("◯ true place", 0, style.ITEM),
                ("■ ratings", 0.29, style.FOURTH),
                ("◆ features", 0.53, style.QUIET),
                ("✚ both", 0.79, style.THIRD),
            )
        ],
    )


def _say_arrival(noir, sea, comedy, quiet, heist, rated):
    tags = (noir, sea, comedy, quiet, heist)
    truth, tower, alone, both = arrivals(tags)
    at = RATED.index(rated)
    named = [name for name, on in zip(TAGS, tags) if on]
    what = "A film without a tag" if not named else f"A film tagged {', '.join(named)}"
    off = np.linalg.norm(tower - truth)
    return (
        f"{what}, with {rated} rating{'s' * (rated != 1)}: over 200 audiences, ratings alone put "
        f"it {_off(alone, truth)[at]:.2f} from its true place, features alone {off:.2f}, "
        f"both together {_off(both, truth)[at]:.2f}"
        + (", since without ratings both are the features alone." if rated == 0 else ".")
    )


def _table_arrival(noir, sea, comedy, quiet, heist, rated):
    truth, tower, alone, both = arrivals((noir, sea, comedy, quiet, heist))
    off = float(np.linalg.norm(tower - truth))
    rows = [
        [n, float(a), off, float(b)]
        for n, a, b in zip(RATED, _off(alone, truth), _off(both, truth))
    ]
    return ["ratings", "ratings alone", "features alone", "both"], rows


new_film = Explorable(
    _draw_arrival,
    {
        **{tag: Toggle(tag, start=tag in ("sea", "quiet")) for tag in TAGS},
        "rated": Slider("Ratings received", RATED, start=0, play=True),
    },
    "A film arrives today, and nobody has rated it. Where does each method put it?",
    _say_arrival,
    "deep-models.new-film",
    table=_table_arrival,
)
