"""Pictures of the chapter "Folding"."""

from functools import lru_cache

import numpy as np

from recsys_lab.explore import Explorable, Slider, style
from recsys_lab.folding import (
    fit_islands,
    fit_with_negatives,
    flat_directions,
    islands,
    observed_loss,
    spin,
    spurious_rate,
)

REG = 0.05
SHOWN = 5

# ------------------------------------------------------------------------ the free island

ANGLES = list(range(0, 361, 5))
ASKING = 14  # the member of the first island whose five films are ringed


@lru_cache
def _two_islands():
    data, users, items = islands(2)
    return data, users, items, *fit_islands(data, reg=REG)


@lru_cache
def turned(degrees):
    """(U, V, loss, spurious rate) after the second of two islands was turned."""
    data, users, items, u, v = _two_islands()
    u, v = spin(u, v, users, items, 1, np.deg2rad(degrees))
    rate = spurious_rate(u, v, data, users, items, SHOWN)
    return u, v, observed_loss(u, v, data, REG), rate


def best_five(degrees):
    """The five films the member `ASKING` is shown, best first."""
    data, _, _, *_ = _two_islands()
    u, v, *_ = turned(degrees)
    score = v @ u[ASKING]
    score[data.items[data.users == ASKING]] = -np.inf
    return np.argsort(-score, kind="stable")[:SHOWN]


def _draw_free(angle):
    _, users, items, *_ = _two_islands()
    u, v, loss, rate = turned(angle)
    five = best_five(angle)
    first, second, size = style.side_by_side(
        left=0.52, gap=0.13, height=420, narrow_height=640, split=0.58, narrow_gap=0.13
    )
    traces = []
    for group, (film, member) in enumerate((("circle", "square"), ("x", "cross-thin"))):
        own = items == group
        traces.append(
            style.dots(v[own, 0], v[own, 1], size=10, marker={"symbol": film, "line": {"width": 0}})
        )
        own = users == group
        thin = {"line": {"width": 2 * group, "color": style.USER}}
        traces.append(
            style.dots(
                u[own, 0], u[own, 1], color=style.USER, size=8, marker={"symbol": member} | thin
            )
        )
    traces += [
        style.arrow(1.25 * u[ASKING], start=0.15 * u[ASKING], color=style.USER, width=2),
        style.dots(
            v[five, 0],
            v[five, 1],
            color=style.INK,
            size=19,
            marker={"symbol": "circle-open", "line": {"width": 2, "color": style.INK}},
        ),
        style.line(
            ANGLES,
            [100 * turned(a)[3] for a in ANGLES],
            color=style.ITEM,
            xaxis="x2",
            yaxis="y2",
        ),
        style.dots([angle], [100 * rate], size=14, xaxis="x2", yaxis="y2"),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 50, "r": 16, "t": 70, "b": 48},
        xaxis=style.axis(None, (-1.4, 1.4), **first[0]) | {"showticklabels": False},
        yaxis=style.axis(None, (-1.4, 1.4), **first[1], **style.equal())
        | {"showticklabels": False},
        xaxis2=style.axis("island × turned by, degrees", (-8, 368), **second[0])
        | {"tickvals": [0, 90, 180, 270, 360]},
        yaxis2=style.axis("foreign films in the top five, %", (0, 76), **second[1])
        | {"tickvals": [0, 20, 40, 60]},
        annotations=[
            style.note(f"<b>training loss {loss:.9f}</b>", 0.5, 1, yanchor="bottom", yshift=38)
            | {"font": {"size": 17, "color": style.INK}},
            style.note(
                "one island ● ■   the other × +<br>◯ what the member at the arrow is shown",
                0.5,
                1,
                yanchor="bottom",
            ),
        ],
    )


def _say_free(angle):
    *_, loss, rate = turned(angle)
    _, _, items, *_ = _two_islands()
    foreign = int((items[best_five(angle)] == 1).sum())
    return (
        f"Island × is turned by {angle}°: the training loss is {loss:.9f}, and "
        f"{100 * rate:.1f} % of all top fives are films of the other language "
        f"({foreign} of the five that are ringed)."
    )


def _table_free(angle):
    *_, loss, rate = turned(angle)
    _, _, items, *_ = _two_islands()
    rows = [
        ["training loss", f"{loss:.9f}"],
        ["foreign films in all top fives", f"{100 * rate:.1f} %"],
    ]
    rows += [
        [
            f"choice {place + 1} for the member with the arrow",
            f"film {j} of island {'●×'[items[j]]}",
        ]
        for place, j in enumerate(best_five(angle))
    ]
    return ["what", "value"], rows


free_island = Explorable(
    _draw_free,
    {"angle": Slider("Turn island × by", ANGLES, start=0, ends=("0°", "360°"), play=True)},
    "Turn one island, members and films together. What happens to the loss, and to the lists?",
    _say_free,
    "folding.free-island",
    table=_table_free,
)

# -------------------------------------------------------------------------------- re-roll

SEEDS = list(range(24))
WEIGHTS = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
BINS = np.arange(0, 101, 10)


@lru_cache
def lottery(d, w0):
    """Spurious rate of three islands for each of `SEEDS`."""
    data, users, items = islands(3)
    fits = (fit_islands(data, d, REG, w0, 12, seed) for seed in SEEDS)
    return np.array([spurious_rate(u, v, data, users, items, SHOWN) for u, v in fits])


def _draw_lottery(seed, w0, d):
    rates = 100 * lottery(d, w0)
    place = np.minimum(rates // 10, 9).astype(int)
    count = np.bincount(place, minlength=10)
    mine = np.zeros(10)
    mine[place[seed]] = 1
    middle = BINS[:-1] + 5
    return style.figure(
        [
            style.bars(middle, mine, color=style.INK, width=9),
            style.bars(middle, count - mine, color=style.ITEM, width=9),
            style.dots([rates[seed]], [25], size=13, color=style.INK, marker={"symbol": "diamond"}),
            style.line([rates[seed]] * 2, [0, 25], color=style.INK, dash="dot"),
        ],
        height=340,
        xaxis=style.axis("foreign films in the top five, %", (-2, 102)) | {"tickvals": BINS[::2]},
        yaxis=style.axis("random starts, of 24", (0, 27)),
        barmode="stack",
        margin={"l": 50, "r": 14, "t": 14, "b": 48},
    )


def _say_lottery(seed, w0, d):
    rates = 100 * lottery(d, w0)
    return (
        f"Start number {seed} gives {rates[seed]:.1f} % foreign films; over 24 starts it is "
        f"{rates.mean():.1f} % on average, from {rates.min():.1f} to {rates.max():.1f} %."
    )


def _table_lottery(seed, w0, d):
    rates = 100 * lottery(d, w0)
    rows = [["this start", f"{rates[seed]:.1f} %"], ["mean of 24", f"{rates.mean():.1f} %"]]
    rows += [["lowest", f"{rates.min():.1f} %"], ["highest", f"{rates.max():.1f} %"]]
    return ["start", "foreign films"], rows


reroll = Explorable(
    _draw_lottery,
    {
        "seed": Slider("Roll again: random start number", SEEDS, start=0),
        "w0": Slider("Weight w₀ of the pairs nobody saw", WEIGHTS, start=0.0),
        "d": Slider("Factors", [2, 3, 4], start=3),
    },
    "Same data, same training, another random start. How far apart can two models be?",
    _say_lottery,
    "folding.re-roll",
    table=_table_lottery,
)

# ------------------------------------------------------------------- how many negatives

RATIOS = [0.0, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0]
NAMES = ["seen", "own, unseen", "foreign"]


@lru_cache
def with_negatives(ratio, n_seeds=8):
    """Spurious rate (n_seeds,), and the mean predicted chance of the pairs of `NAMES`."""
    data, users, items = islands(3)
    seen = np.zeros(data.shape, dtype=bool)
    seen[data.users, data.items] = True
    home = users[:, None] == items
    rates, chance = [], []
    for seed in range(n_seeds):
        u, v = fit_with_negatives(data, ratio, random_state=seed)
        rates.append(spurious_rate(u, v, data, users, items, SHOWN))
        p = 1 / (1 + np.exp(-u @ v.T))
        chance.append([p[which].mean() for which in (seen, home & ~seen, ~home)])
    return np.array(rates), np.mean(chance, axis=0)


def _draw_negatives(ratio, seed):
    first, second, size = style.side_by_side(
        left=0.55, gap=0.13, height=360, narrow_height=640, narrow_gap=0.17
    )
    at = np.arange(len(RATIOS))
    here = RATIOS.index(ratio)
    rates, chance = with_negatives(ratio)
    traces = [
        style.line(at, [100 * with_negatives(r)[0].mean() for r in RATIOS], color=style.ITEM),
        style.dots(
            np.full(len(rates), here),
            100 * rates,
            color=style.INK,
            size=9,
            opacity=0.7,
            marker={"symbol": "diamond"},
        ),
        style.dots(
            [here],
            [100 * rates[seed]],
            size=19,
            color=style.INK,
            marker={"symbol": "circle-open", "line": {"width": 2, "color": style.INK}},
        ),
        style.bars(
            ["seen", "own,<br>unseen", "foreign"],
            100 * chance,
            color=[style.ITEM, style.ITEM_SOFT, style.THIRD_SOFT],
            labels=[f"{100 * c:.0f} %" for c in chance],
            textposition="outside",
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 50, "r": 14, "t": 20, "b": 50},
        xaxis=style.axis("negatives per positive", (-0.5, len(RATIOS) - 0.5), **first[0])
        | {"tickvals": at, "ticktext": [f"{r:g}" for r in RATIOS]},
        yaxis=style.axis("foreign films in the top five, %", (-2, 50), **first[1]),
        xaxis2=style.axis(None, **second[0]) | {"showgrid": False},
        yaxis2=style.axis("mean predicted chance, %", (0, 112), **second[1]),
        bargap=0.3,
    )


def _say_negatives(ratio, seed):
    rates, chance = with_negatives(ratio)
    return (
        f"With {ratio:g} negatives per positive {100 * rates.mean():.1f} % of the films shown are "
        f"foreign on average ({100 * rates[seed]:.1f} % from start {seed}); an unseen film of "
        f"one's own language gets a chance of {100 * chance[1]:.0f} %, a foreign one "
        f"{100 * chance[2]:.0f} %."
    )


def _table_negatives(ratio, seed):
    rates, chance = with_negatives(ratio)
    rows = [["foreign films, mean of 8 starts", f"{100 * rates.mean():.1f} %"]]
    rows += [["foreign films, this start", f"{100 * rates[seed]:.1f} %"]]
    rows += [["lowest", f"{100 * rates.min():.1f} %"], ["highest", f"{100 * rates.max():.1f} %"]]
    rows += [[f"predicted chance: {n}", f"{100 * c:.0f} %"] for n, c in zip(NAMES, chance)]
    return ["what", "value"], rows


how_many_negatives = Explorable(
    _draw_negatives,
    {
        "ratio": Slider("Negatives per positive", RATIOS, start=0.0, ends=("none", "a shovel")),
        "seed": Slider("Random start number", list(range(8)), start=0),
    },
    "How many random no's does each yes need, and can there be too many?",
    _say_negatives,
    "folding.how-many-negatives",
    table=_table_negatives,
)

# ------------------------------------------------------------- count the flat directions

STEMS = 40
FLOOR = 1e-4  # where a zero is drawn on a logarithmic axis


@lru_cache
def spectrum(n_islands, d):
    """(how many zero eigenvalues, all eigenvalues) of the loss at a minimum of a tiny world."""
    data, *_ = islands(n_islands, 5, 5, 0.8)
    return flat_directions(*fit_islands(data, d, REG, 0, 100, random_state=1), data, REG)


def _draw_spectrum(g, d):
    zeros, value = spectrum(g, d)
    height = np.full(STEMS, np.nan)
    n = min(STEMS, len(value))
    height[:n] = np.maximum(value[:n], FLOOR)
    order = np.arange(1, STEMS + 1)
    flat = order <= zeros
    return style.figure(
        [
            style.dots(
                order,
                np.where(flat, FLOOR, np.nan),
                size=11,
                marker={"symbol": "diamond", "line": {"width": 0}},
            ),
            style.dots(order, np.where(flat, np.nan, height), size=9, color=style.QUIET),
        ],
        height=340,
        margin={"l": 60, "r": 14, "t": 34, "b": 48},
        xaxis=style.axis("direction, from the flattest (the first 40)", (0, STEMS + 1)),
        yaxis=style.axis("curvature of the loss", (-4.4, 1.3))
        | {
            "type": "log",
            "tickvals": [1e-4, 1e-3, 1e-2, 1e-1, 1, 10],
            "ticktext": ["zero", "0.001", "0.01", "0.1", "1", "10"],
        },
        annotations=[
            style.note(
                f"◆ flat: {zeros}    g·d(d−1)/2 = {g * d * (d - 1) // 2}",
                0.5,
                1,
                yanchor="bottom",
                yshift=6,
            )
            | {"font": {"size": 15, "color": style.INK}}
        ],
    )


def _say_spectrum(g, d):
    zeros, value = spectrum(g, d)
    one = d * (d - 1) // 2
    return (
        f"Islands: {g}; factors: {d}. Of {len(value)} directions {zeros} "
        f"{'is' if zeros == 1 else 'are'} flat; the rule g·d(d−1)/2 says {g * one}, of which "
        f"{one} turn{'s' if one == 1 else ''} everything together."
    )


def _table_spectrum(g, d):
    zeros, value = spectrum(g, d)
    rows = [["flat directions", zeros], ["g·d(d − 1)/2", g * d * (d - 1) // 2]]
    rows += [
        ["all directions", len(value)],
        ["smallest curvature above zero", f"{value[zeros]:.3f}"],
    ]
    return ["what", "number"], rows


count_flat = Explorable(
    _draw_spectrum,
    {
        "g": Slider("Islands g", [1, 2, 3, 4], start=2),
        "d": Slider("Factors d", [1, 2, 3, 4], start=2),
    },
    "In how many directions can the trained model move at no cost?",
    _say_spectrum,
    "folding.count-flat",
    table=_table_spectrum,
)
