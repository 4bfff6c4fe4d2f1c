"""Pictures of the chapter "Retrieval"."""

from functools import lru_cache

import numpy as np

from recsys_lab.explore import Choice, Explorable, Pad, Slider, style
from recsys_lab.retrieval import (
    ExactIndex,
    HNSWIndex,
    IVFIndex,
    LSHIndex,
    beam_search,
    hit_probability,
    k_occurrences,
    kmeans,
    lift_items,
    lift_queries,
    nearest_cells,
    recall_at_k,
    relative_contrast,
    small_world,
)
from recsys_lab.similarity import euclidean, normalize, top_k


def _percent(share):
    """A share in words: 0.031 → "3 %", and nothing that is not nothing becomes "0 %"."""
    if 0 < share < 0.005:
        return "under 1\u00a0%"
    if 0.995 <= share < 1:
        return "over 99\u00a0%"
    return f"{100 * share:.0f}\u00a0%"


_PERCENT_TICKS = {"tickvals": [0, 50, 100], "ticktext": ["", "50\u00a0%", "100\u00a0%"]}


def _stroke(lines, color, width, opacity=1.0):
    """Many lines, each a list of points, as one shape below the traces.

    A trace with gaps becomes one element of the page a piece, and a thousand of them take longer
    to draw than a reader's hand to move.
    """
    path = "".join("M" + "L".join(f"{x:.4g},{y:.4g}" for x, y in line) for line in lines)
    look = {"color": color, "width": width}
    return {"type": "path", "path": path, "line": look, "opacity": opacity, "layer": "below"}


def _specks(points, tall, opacity):
    """Many small films, as short upright strokes."""
    half = np.array([0, tall / 2])
    return _stroke([(p - half, p + half) for p in points], style.ITEM, 3.5, opacity)


def _count(n, one, many):
    return f"{n} {one if n == 1 else many}"


# --------------------------------------------------------------------------- lift to the sphere

LIFTED = np.array(  # thirteen films of different lengths, none on top of another
    [
        [2.3, 0.5], [1.2, 0.3], [0.6, 0.9], [1.5, 1.6], [-0.5, 1.9], [-0.3, 0.7], [-1.5, 1.0],
        [-2, -0.2], [-0.9, -0.1], [-1.3, -1.4], [0.1, -0.7], [0.5, -1.9], [1, -1],
    ]
)  # fmt: skip
LIFTED_NAMES = list("ABCDEFGHIJKLM")
HEIGHTS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
_TURN, _TILT = np.deg2rad(-18), np.deg2rad(28)  # from where we look at the dome


def raised(height):
    """The films in space: the plane at height 0, all on one sphere at height 1."""
    return lift_items(LIFTED) * [1, 1, height]


def raised_distance(query, height):
    """How far each film is from the query, which stays on the floor."""
    return euclidean(lift_queries([query]), raised(height))[0]


def _seen(points):
    """Points in space (n, 3) on the page (n, 2), seen from above at an angle."""
    x, y, z = np.asarray(points, dtype=float).T
    across = x * np.cos(_TURN) - y * np.sin(_TURN)
    away = x * np.sin(_TURN) + y * np.cos(_TURN)
    return np.column_stack([across, away * np.sin(_TILT) + z * np.cos(_TILT)])


@lru_cache
def _dome():
    """Rim, and three arches of the dome, as one broken line on the page."""
    radius = np.linalg.norm(LIFTED, axis=1).max()
    turn = np.linspace(0, 2 * np.pi, 61)
    half = np.linspace(0, np.pi, 31)
    rim = radius * np.column_stack([np.cos(turn), np.sin(turn), 0 * turn])
    arches = [
        radius * np.column_stack([np.cos(half) * np.cos(a), np.cos(half) * np.sin(a), np.sin(half)])
        for a in (0.1, 0.1 + np.pi / 3, 0.1 + 2 * np.pi / 3)
    ]
    gap = np.full((1, 3), np.nan)
    return _seen(np.vstack([part for line in (rim, *arches) for part in (line, gap)]))


def _rings(points, nearest, best, **axes):
    """A circle round the nearest film, a diamond round the one with the largest dot product."""
    return [
        style.dots(
            [points[nearest, 0]],
            [points[nearest, 1]],
            size=25,
            marker={
                "color": style.USER,
                "symbol": "circle-open",
                "line": {"color": style.USER, "width": 3},
            },
            **axes,
        ),
        style.dots(
            [points[best, 0]],
            [points[best, 1]],
            size=30,
            marker={
                "color": style.ITEM,
                "symbol": "diamond-open",
                "line": {"color": style.ITEM, "width": 3},
            },
            **axes,
        ),
    ]


def _draw_lift(query, height):
    distance, products = raised_distance(query, height), LIFTED @ query
    nearest, best = int(distance.argmin()), int(products.argmax())
    page, floor = _seen(raised(height)), _seen(raised(0))
    here = _seen([(*query, 0)])[0]
    dome = _dome()
    first, second, size = style.side_by_side(
        left=0.47, gap=0.05, height=390, narrow_height=690, split=0.53, narrow_gap=0.07
    )
    stems = np.full((3 * len(LIFTED), 2), np.nan)
    stems[0::3], stems[1::3] = floor, page
    letters = {"size": 12, "color": style.PAPER}
    on = {"xaxis": "x2", "yaxis": "y2"}
    shown = np.isin(np.arange(len(LIFTED)), [nearest, best])
    traces = [
        style.arrow(query),
        style.dots(
            LIFTED[:, 0],
            LIFTED[:, 1],
            size=18,
            labels=LIFTED_NAMES,
            label_at="middle center",
            textfont=letters,
        ),
        *_rings(LIFTED, nearest, best),
        style.line(dome[:, 0], dome[:, 1], color=style.GRID, width=1.5, **on),
        style.line(stems[:, 0], stems[:, 1], color=style.ITEM_SOFT, width=1.5, **on),
        style.line(
            [here[0], page[nearest, 0]], [here[1], page[nearest, 1]], color=style.USER, **on
        ),
        style.dots(
            page[:, 0],
            page[:, 1],
            size=[18 if two else 10 for two in shown],
            marker={"opacity": 1},
            labels=[name if two else "" for name, two in zip(LIFTED_NAMES, shown)],
            label_at="middle center",
            textfont=letters,
            **on,
        ),
        *_rings(page, nearest, best, **on),
        style.dots([here[0]], [here[1]], color=style.USER, size=10, **on),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 26, "r": 8, "t": 30, "b": 30},
        xaxis=style.axis(None, (-2.8, 2.9), **first[0], zeroline=True),
        yaxis=style.axis(None, (-2.6, 2.6), **first[1], zeroline=True, **style.equal()),
        xaxis2=style.bare_axis((-2.8, 2.8), **second[0]),
        yaxis2=style.bare_axis((-1.5, 3.0), **second[1], **style.equal("x2")),
        annotations=[
            style.note("from above", 0.5, 1, xref="x domain", yref="y domain", yanchor="bottom"),
            style.note(
                "from the side", 0.5, 1, xref="x2 domain", yref="y2 domain", yanchor="bottom"
            ),
        ],
    )


def agreement(query, height):
    """Share of the pairs of films that distance and dot product order alike, from 0 to 1."""
    near, product = -raised_distance(query, height), LIFTED @ query
    pairs = np.triu_indices(len(LIFTED), 1)
    one, other = (np.subtract.outer(s, s)[pairs].round(9) for s in (near, product))
    return float((np.sign(one) == np.sign(other)).mean())


def _say_lift(query, height):
    if not any(query):
        return "A query of length 0 has the same dot product with every film: it asks for nothing."
    nearest = LIFTED_NAMES[raised_distance(query, height).argmin()]
    best = LIFTED_NAMES[(LIFTED @ query).argmax()]
    share = agreement(query, height)
    where = {0.0: "On the floor", 1.0: "On the dome"}.get(
        height, f"At {height:g} of the full height"
    )
    winners = (
        f"{nearest} (circle) is nearest, and {best} (diamond) has the largest dot product"
        if nearest != best
        else f"{nearest} is nearest and has the largest dot product too"
    )
    pairs = "all pairs" if share == 1 else _percent(share) + " of the pairs"
    return f"{where} {winners}; the two orders agree on {pairs} of films.".replace(
        "pairs of films of films", "pairs of films"
    )


def _table_lift(query, height):
    distance, product = raised_distance(query, height), LIFTED @ query
    length = np.linalg.norm(LIFTED, axis=1)
    rows = [
        [LIFTED_NAMES[j], float(length[j]), float(product[j]), float(distance[j])]
        for j in top_k(product, len(LIFTED))
    ]
    return ["film", "length", "dot product", "distance"], rows


lift_to_the_sphere = Explorable(
    _draw_lift,
    {
        "query": Pad(
            "Drag the query",
            np.linspace(-2, 2, 11),
            np.linspace(-2, 2, 11),
            start=(0.8, 0.4),
        ),
        "height": Slider(
            "Raise the films", HEIGHTS, start=0.0, ends=("flat", "onto the dome"), play=True
        ),
    },
    "Is the nearest film (circle) the one with the largest dot product (diamond)? "
    "And if all films are raised onto a dome?",
    _say_lift,
    "retrieval.lift-to-the-sphere",
    table=_table_lift,
)

# ---------------------------------------------------------------------------------------- cells

CELL_DIMENSIONS = (2, 4, 8, 16)
N_CELLS = [5, 10, 20, 40]
N_PROBES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 40]
_BOX, _CORNERS = 2.7, 13  # half the side of the map; corners of a cell, repeated up to this many


@lru_cache
def cloud(d, n=2_000, n_queries=200, seed=0):
    """Films and queries of one Gaussian cloud."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(n_queries, d))


@lru_cache
def _cells(d, n_cells):
    return kmeans(cloud(d)[0], n_cells, n_iterations=8)


@lru_cache
def _ten_nearest(d):
    points, queries = cloud(d)
    return top_k(-euclidean(queries, points), 10)


@lru_cache
def cells_on_average(d, n_cells, n_probes):
    """(recall@10, share of films scanned) over 200 queries, by distance."""
    centers, cells = _cells(d, n_cells)
    probes = nearest_cells(cloud(d)[1], centers, n_probes)  # (q, p)
    inside = (cells[_ten_nearest(d)][:, :, None] == probes[:, None, :]).any(axis=2)
    sizes = np.bincount(cells, minlength=n_cells)
    return float(inside.mean()), float(sizes[probes].sum(axis=1).mean() / len(cells))


@lru_cache
def cells_of_ten(d, n_cells):
    """Over how many cells the ten nearest of a query are spread, on average."""
    cells = _cells(d, n_cells)[1]
    return float(np.mean([len(set(cells[ten].tolist())) for ten in _ten_nearest(d)]))


@lru_cache
def _outlines(n_cells):
    """The corners of each cell of the plane within the box, (n_cells, _CORNERS, 2)."""
    centers = _cells(2, n_cells)[0]
    outlines = np.empty((n_cells, _CORNERS, 2))
    for cell, center in enumerate(centers):
        shape = _BOX * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=float)
        for other in np.delete(centers, cell, axis=0):
            shape = _cut(shape, other - center, (other @ other - center @ center) / 2)
        outlines[cell] = np.vstack([shape, np.repeat(shape[:1], _CORNERS - len(shape), axis=0)])
    return outlines


@lru_cache
def _map(n_cells):
    """Borders of the cells, and every fifth film."""
    borders = [[*outline, outline[0]] for outline in _outlines(n_cells)]
    films = cloud(2)[0][::5]
    films = films[np.abs(films).max(axis=1) < _BOX]
    return [_stroke(borders, style.QUIET, 1), _specks(films, 0.055, 0.8)]


def _cut(shape, normal, limit):
    """The part of a convex polygon on which ⟨x, normal⟩ ≤ limit."""
    beyond = shape @ normal - limit
    kept = []
    for a, b, at, bt in zip(shape, np.roll(shape, -1, 0), beyond, np.roll(beyond, -1)):
        if at <= 0:
            kept.append(a)
        if at * bt < 0:
            kept.append(a + (b - a) * at / (at - bt))
    return np.array(kept)


@lru_cache(maxsize=4096)
def one_query(query, n_cells, n_probes):
    """(probed cells, ten nearest films, which of them were found, share scanned) in the plane."""
    points = cloud(2)[0]
    centers, cells = _cells(2, n_cells)
    probes = nearest_cells([query], centers, min(n_probes, n_cells))[0]
    ten = top_k(-euclidean([query], points)[0], 10)
    return probes, ten, np.isin(cells[ten], probes), float(np.isin(cells, probes).mean())


def _draw_cells(query, n_cells, n_probes):
    points = cloud(2)[0]
    probes, ten, found, _ = one_query(query, n_cells, n_probes)
    outlines = _outlines(n_cells)
    first, second, size = style.side_by_side(
        left=0.58, gap=0.1, height=430, narrow_height=640, split=0.6, narrow_gap=0.15
    )
    lit = []
    for cell in range(max(N_CELLS)):  # one shape a cell: its outline depends on nothing else
        shape = _stroke([outlines[min(cell, n_cells - 1)]], style.QUIET, 0)
        fill = style.USER_SOFT if cell in probes else "rgba(0,0,0,0)"
        lit.append(shape | {"fillcolor": fill})
    recall = [cells_on_average(d, n_cells, min(n_probes, n_cells))[0] for d in CELL_DIMENSIONS]
    traces = [
        style.dots(
            points[ten, 0],
            points[ten, 1],
            size=10,
            marker={
                "symbol": ["circle" if hit else "x" for hit in found],
                "line": {"color": style.PAPER, "width": 1},
            },
        ),
        style.dots([query[0]], [query[1]], color=style.USER, size=11),
        style.line(
            [str(d) for d in CELL_DIMENSIONS],
            [100] * len(CELL_DIMENSIONS),
            dash="dot",
            width=1.5,
            xaxis="x2",
            yaxis="y2",
        ),
        style.bars(
            [str(d) for d in CELL_DIMENSIONS],
            [100 * share for share in recall],
            labels=[_percent(share) for share in recall],
            xaxis="x2",
            yaxis="y2",
            textposition="outside",
            constraintext="none",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 8, "r": 8, "t": 30, "b": 46},
        xaxis=style.bare_axis((-_BOX, _BOX), **first[0], constrain="domain"),
        yaxis=style.bare_axis((-_BOX, _BOX), **first[1], **style.equal(), constrain="domain"),
        xaxis2=style.axis("dimensions", **second[0]) | {"type": "category", "showgrid": False},
        yaxis2=style.bare_axis((0, 118), **second[1]),
        bargap=0.25,
        shapes=lit + _map(n_cells),
        annotations=[
            style.note(
                "● found  ✖ missed, of the ten nearest",
                0.5,
                0,
                xref="x domain",
                yref="y domain",
                yanchor="top",
                yshift=-6,
            ),
            style.note(
                "ten nearest found, on average",
                0.5,
                1,
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
            ),
        ],
    )


def _say_cells(query, n_cells, n_probes):
    probes, _, found, scanned = one_query(query, n_cells, n_probes)
    low = cells_on_average(2, n_cells, len(probes))[0]
    high, read = cells_on_average(16, n_cells, len(probes))
    cells = "The lit cell holds" if len(probes) == 1 else f"The {len(probes)} lit cells hold"
    ten = "all" if found.all() else str(int(found.sum())) if found.any() else "none"
    return (
        f"{cells} {_percent(scanned)} of all films and {ten} of your ten nearest; on average over "
        f"200 queries {_percent(low)} are found in the plane, {_percent(high)} in 16 dimensions, "
        f"where {_percent(read)} of the films are read."
    )


def _table_cells(query, n_cells, n_probes):
    probes, _, found, scanned = one_query(query, n_cells, n_probes)
    rows = [["your query", 2, _percent(found.mean()), _percent(scanned)]]
    for d in CELL_DIMENSIONS:
        recall, share = cells_on_average(d, n_cells, len(probes))
        rows.append(["200 queries", d, _percent(recall), _percent(share)])
    return ["who asks", "dimensions", "ten nearest found", "films scanned"], rows


cells = Explorable(
    _draw_cells,
    {
        "query": Pad(
            "Drag the query",
            np.linspace(-2.1, 2.1, 7),
            np.linspace(-2.1, 2.1, 7),
            start=(-2.1, -1.4),
        ),
        "n_cells": Slider("Cells", N_CELLS, start=40),
        "n_probes": Slider("Cells looked into", N_PROBES, start=1),
    },
    "Only the lit cells are searched. How many more must be lit to find the ten nearest films "
    "here, and how many in 16 dimensions?",
    _say_cells,
    "retrieval.cells",
    table=_table_cells,
)

# --------------------------------------------------------------------------- random hyperplanes

BITS = [1, 2, 4, 8, 12, 16, 24]
TABLES = [1, 2, 4, 8, 16, 32, 64]
DEGREES = [5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 120]
_RIGHT = [0, 30, 60, 90, 120, 150, 180]
_TRIED = np.arange(10, 180, 15)  # angles at which the curve is checked by drawing planes


@lru_cache
def _normals(seed=4):
    """The planes of 64 tables of 24, as seen in the plane of query and film: (64, 24, 2)."""
    return np.random.default_rng(seed).normal(size=(max(TABLES), max(BITS), 2))


def _same_side(normals, degrees):
    """Do query (at angle 0) and film lie on one side of each plane?"""
    angle = np.deg2rad(degrees)
    film = normals[..., 0] * np.cos(angle) + normals[..., 1] * np.sin(angle)
    return (normals[..., 0] > 0) == (film > 0)


@lru_cache
def tables_that_meet(degrees, n_bits, n_tables):
    """Which of the drawn tables put the film into the query's bucket, (n_tables,)."""
    return _same_side(_normals()[:n_tables, :n_bits], degrees).all(axis=1)


@lru_cache
def simulated(n_draws=300, seed=0):
    """Share of draws in which at least one table meets, (angles, bits, tables)."""
    rng = np.random.default_rng(seed)
    shares = np.empty((len(_TRIED), len(BITS), len(TABLES)))
    for at, degrees in enumerate(_TRIED):
        normals = rng.normal(size=(n_draws, max(TABLES), max(BITS), 2)).astype(np.float32)
        agree = np.logical_and.accumulate(_same_side(normals, degrees), axis=2)
        pure = agree[:, :, np.array(BITS) - 1]  # (draws, tables, bits)
        met = np.logical_or.accumulate(pure, axis=1)[:, np.array(TABLES) - 1]
        shares[at] = met.mean(axis=0).T
    return shares


@lru_cache
def _wedge(n_bits):
    """The bucket of the query in the first table: from which angle to which, in radians."""
    edge = np.arctan2(_normals()[0, :n_bits, 1], _normals()[0, :n_bits, 0]) + np.pi / 2
    edge = np.mod(edge, np.pi)  # a plane meets the upper half circle here, and the lower at − π
    return float(edge.max() - np.pi), float(edge.min())


def _draw_planes(degrees, n_bits, n_tables):
    _, second, size = style.side_by_side(left=0.42, gap=0.14, height=400, narrow_height=600)
    size["narrow"] |= {
        "xaxis.domain": [0, 0.58],
        "yaxis.domain": [0.62, 1],
        "xaxis3.domain": [0.64, 1],
        "yaxis3.domain": [0.68, 0.94],
        "yaxis2.domain": [0, 0.5],
        "xaxis2.domain": [0.12, 1],
    }
    turn = np.linspace(0, 2 * np.pi, 61)
    edge = np.arctan2(_normals()[0, :, 1], _normals()[0, :, 0]) + np.pi / 2
    planes = np.full((3 * max(BITS), 2), np.nan)
    ends = 1.12 * np.column_stack([np.cos(edge), np.sin(edge)])
    planes[0 : 3 * n_bits : 3], planes[1 : 3 * n_bits : 3] = ends[:n_bits], -ends[:n_bits]
    low, high = _wedge(n_bits)
    arc = np.linspace(low, high, 21)
    wedge = np.vstack([[0, 0], np.column_stack([np.cos(arc), np.sin(arc)]), [0, 0]])
    film = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    met = np.zeros(max(TABLES), dtype=bool)
    met[:n_tables] = tables_that_meet(degrees, n_bits, n_tables)
    used = np.arange(max(TABLES)) < n_tables
    curve_at = np.arange(0, 181, 4)
    curve = hit_probability(np.deg2rad(curve_at), n_bits, n_tables)
    here = float(hit_probability(np.deg2rad(degrees), n_bits, n_tables))
    on = {"xaxis": "x2", "yaxis": "y2"}
    traces = [
        style.line(wedge[:, 0], wedge[:, 1], width=0, fill="toself", fillcolor=style.USER_SOFT),
        style.line(np.cos(turn), np.sin(turn), color=style.GRID, width=2),
        style.line(planes[:, 0], planes[:, 1], color=style.QUIET, width=1),
        style.arrow((1, 0)),
        style.arrow(film, color=style.ITEM),
        style.words(
            [1.42, 1.38 * film[0]],
            [-0.08, 1.32 * film[1] + 0.13],
            ["query", "film"],
            size=12,
        ),
        style.dots(
            np.arange(max(TABLES)) % 8,
            np.arange(max(TABLES)) // 8,
            size=[9 if u else 3 for u in used],
            marker={
                "symbol": ["circle" if m or not u else "circle-open" for m, u in zip(met, used)],
                "color": [
                    style.ITEM if m else style.QUIET if u else style.GRID for m, u in zip(met, used)
                ],
                "line": {"width": 1, "color": style.QUIET},
                "opacity": 1,
            },
            xaxis="x3",
            yaxis="y3",
        ),
        style.line(curve_at, 100 * curve, color=style.INK, width=2.5, **on),
        style.dots(
            _TRIED,
            100 * simulated()[:, BITS.index(n_bits), TABLES.index(n_tables)],
            color=style.PAPER,
            size=8,
            marker={"line": {"color": style.INK, "width": 1.5}},
            **on,
        ),
        style.line([degrees, degrees], [0, 100 * here], color=style.ITEM, dash="dot", **on),
        style.dots([degrees], [100 * here], size=13, **on),
    ]
    below = {"xref": "x domain", "yref": "y domain", "yanchor": "bottom"}
    return style.figure(
        traces,
        **size,
        margin={"l": 8, "r": 14, "t": 30, "b": 48},
        xaxis=style.bare_axis((-1.3, 1.8), domain=[0, 0.4]),
        yaxis=style.bare_axis((-1.2, 1.5), domain=[0.36, 1], **style.equal()),
        xaxis2=style.axis("angle between query and film", (0, 182), **second[0])
        | {"tickvals": _RIGHT, "ticktext": [f"{a}°" for a in _RIGHT]},
        yaxis2=style.axis(None, (0, 106), **second[1]) | _PERCENT_TICKS,
        xaxis3=style.bare_axis((-0.8, 7.8), domain=[0.07, 0.33], anchor="y3"),
        yaxis3=style.bare_axis((7.8, -0.8), domain=[0, 0.26], anchor="x3"),
        annotations=[
            style.note("planes of the first table", 0.5, 1, **below),
            style.note(
                "● tables that meet",
                0.5,
                1,
                xref="x3 domain",
                yref="y3 domain",
                yanchor="bottom",
            ),
            style.note(
                "chance to meet it",
                0.5,
                1,
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
            ),
        ],
    )


def _say_planes(degrees, n_bits, n_tables):
    met = int(tables_that_meet(degrees, n_bits, n_tables).sum())
    chance, stranger = (
        float(hit_probability(np.deg2rad(a), n_bits, n_tables)) for a in (degrees, 90)
    )
    of = "the one table" if n_tables == 1 else f"{n_tables} tables"
    seen = f"Drawn here, {met} of {of} {'puts' if met == 1 else 'put'}"
    if n_tables == 1:
        seen = f"Drawn here, the one table {'puts' if met else 'does not put'}"
    return (
        f"{seen} the film at {degrees}° into the query's bucket; the chance to meet it in at "
        f"least one is {_percent(chance)}, and a stranger at 90° is met with {_percent(stranger)}."
    )


def _table_planes(degrees, n_bits, n_tables):
    rows = []
    for at, tried in enumerate(_TRIED):
        chance = hit_probability(np.deg2rad(tried), n_bits, n_tables)
        drawn = simulated()[at, BITS.index(n_bits), TABLES.index(n_tables)]
        rows.append([f"{tried}°", _percent(float(chance)), _percent(float(drawn))])
    return ["angle", "chance by formula", "share of 300 draws"], rows


random_hyperplanes = Explorable(
    _draw_planes,
    {
        "degrees": Slider(
            "Angle of the film", DEGREES, start=30, labels=[f"{d}°" for d in DEGREES]
        ),
        "n_bits": Slider("Planes in a table: all must agree", BITS, start=8),
        "n_tables": Slider("Tables: one is enough", TABLES, start=1),
    },
    "Eight planes cut the circle. What lifts the curve at 30° without lifting it at 90°: "
    "more planes, more tables, or both?",
    _say_planes,
    "retrieval.random-hyperplanes",
    table=_table_planes,
)

# ----------------------------------------------------------------------------- small-world walk

WALK_POINTS = np.random.default_rng(0).random((400, 2))
WALK_START = int(WALK_POINTS.sum(axis=1).argmin())  # the film in the lower left corner
KINDS = {"short": "short ones only", "long": "and one long link a film"}
BEAMS = {1: "1", 4: "4"}
STEPS = list(range(13))  # the last one stands for the end of the walk
_LEGS, _LOOKS = 36, 84  # drawn at most: legs of a walk, films compared


@lru_cache
def _links(kind):
    return small_world(WALK_POINTS, 4, n_long=int(kind == "long"), random_state=1)


def _walk_of(query, kind, ef):
    here = np.asarray(query, dtype=float)

    def score(nodes):
        return -np.linalg.norm(WALK_POINTS[nodes] - here, axis=1)

    return beam_search(score, _links(kind), [WALK_START], ef)


@lru_cache(maxsize=1024)
def walk(query, kind, ef):
    """(nearest film found, legs, films compared, step at which each was compared).

    A leg leads from the film where a node was first met to that node, which is left next.
    """
    found, steps = _walk_of(query, kind, ef)
    met_from, legs, compared, when = {WALK_START: WALK_START}, [], [WALK_START], [0]
    for step, (node, fresh) in enumerate(steps[1:], start=1):
        legs.append((met_from[node], node))
        met_from |= {other: node for other in fresh}
        compared += fresh
        when += [step] * len(fresh)
    return found[0][1], legs, compared, when


@lru_cache
def _net():
    """The short links, and all films."""
    short = [(a, b) for a, others in enumerate(_links("short")) for b in others if a < b]
    links = [WALK_POINTS[[a, b]] for a, b in short]
    return [_stroke(links, style.GRID, 1), _specks(WALK_POINTS, 0.01, 0.75)]


@lru_cache
def walks_on_average(kind, ef, n_queries=100, seed=2):
    """(share of queries whose nearest film is found, mean number of films compared)."""
    queries = np.random.default_rng(seed).random((n_queries, 2))
    nearest = euclidean(queries, WALK_POINTS).argmin(axis=1)
    walks = [_walk_of(query, kind, ef) for query in queries]
    right = np.mean([found[0][1] == best for (found, _), best in zip(walks, nearest)])
    return float(right), float(np.mean([sum(len(c) for _, c in steps) for _, steps in walks]))


def _upto(step, legs):
    """How many legs are walked at a position of the slider."""
    return len(legs) if step == STEPS[-1] else min(step, len(legs))


def _draw_walk(query, kind, ef, step):
    points = WALK_POINTS
    _, legs, compared, when = walk(query, kind, ef)
    done = _upto(step, legs)
    nearest = int(euclidean([query], points)[0].argmin())
    now = legs[done - 1][1] if done else WALK_START
    first, second, size = style.side_by_side(
        left=0.66, gap=0.1, height=430, narrow_height=560, split=0.7, narrow_gap=0.12
    )
    size["narrow"]["xaxis2.domain"] = [0.22, 1]
    traces = []
    ends = np.full((_LEGS, 3, 2), np.nan)
    ends[: len(legs), :2] = points[legs]
    # A trace a leg, whose width alone depends on the step; those of the last step are one trace.
    alone = STEPS[-1] - 1
    for leg, there in enumerate([*ends[:alone, :2], ends[alone:].reshape(-1, 2)]):
        width = 3 if leg < done else 0
        traces.append(style.line(there[:, 0], there[:, 1], color=style.USER, width=width))
    looks = np.array((compared + [compared[-1]] * _LOOKS)[:_LOOKS])
    seen = [w <= done for w in (when + [10_000] * _LOOKS)[:_LOOKS]]
    total = sum(w <= done for w in when)
    mean = walks_on_average(kind, ef)[1]
    rows = ["all films", "on average", "this walk"]
    traces += [
        style.dots(
            points[looks, 0],
            points[looks, 1],
            color=style.USER,
            size=[7 if s else 0 for s in seen],
            marker={"line": {"width": 0}, "opacity": 1},
        ),
        style.dots(
            [points[WALK_START, 0]],
            [points[WALK_START, 1]],
            size=10,
            color=style.USER,
            marker={"symbol": "square"},
        ),
        style.dots(
            [points[nearest, 0]],
            [points[nearest, 1]],
            size=17,
            marker={
                "symbol": "diamond-open",
                "color": style.ITEM,
                "line": {"color": style.ITEM, "width": 3},
            },
        ),
        style.dots(
            [points[now, 0]],
            [points[now, 1]],
            size=13 if done else 0,  # before the first step the square stands there
            color=style.USER,
            marker={"line": {"color": style.PAPER, "width": 2}},
        ),
        style.dots(
            [query[0]],
            [query[1]],
            size=11,
            color=style.USER,
            marker={"symbol": "cross-thin", "line": {"color": style.USER, "width": 2}},
        ),
        style.bars(
            [len(points), mean, total],
            rows,
            horizontal=True,
            color=[style.ITEM_SOFT, style.USER_SOFT, style.USER],
            labels=[str(len(points)), f"{mean:.0f}", str(total)],
            xaxis="x2",
            yaxis="y2",
            textposition="outside",
            constraintext="none",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 8, "r": 12, "t": 26, "b": 30},
        xaxis=style.bare_axis((-0.03, 1.03), **first[0], constrain="domain"),
        yaxis=style.bare_axis((-0.03, 1.03), **first[1], **style.equal(), constrain="domain"),
        xaxis2=style.bare_axis((0, 500), **second[0]),
        yaxis2=style.axis(**second[1]) | {"showgrid": False, "tickfont": {"size": 12}},
        bargap=0.55,
        shapes=_net(),
        annotations=[
            style.note(
                "films compared", 0.5, 1, xref="x2 domain", yref="y2 domain", yanchor="bottom"
            ),
            style.note(
                "■ start  ◇ nearest film  + query  • compared",
                0.5,
                0,
                xref="x domain",
                yref="y domain",
                yanchor="top",
                yshift=-4,
            ),
        ],
    )


def _say_walk(query, kind, ef, step):
    reached, legs, _, when = walk(query, kind, ef)
    done = _upto(step, legs)
    compared = _count(sum(w <= done for w in when), "film", "films")
    nearest = int(euclidean([query], WALK_POINTS)[0].argmin())
    if done == 0:
        return "No step yet: one film of 400 has been compared, the one in the corner."
    if done < len(legs):
        return f"After {_count(done, 'step', 'steps')}, {compared} of 400 have been compared."
    end = "finds the nearest film" if reached == nearest else "ends in a dead end"
    right, mean = walks_on_average(kind, ef)
    return (
        f"This walk {end} after {compared} of 400; over 100 queries walks like it find the "
        f"nearest film {round(100 * right)} times and compare {mean:.0f} films on average."
    )


def _table_walk(query, kind, ef, step):
    _, legs, _, when = walk(query, kind, ef)
    rows = [["this walk so far", int(sum(w <= _upto(step, legs) for w in when)), None]]
    for k, words in (("short", "short links"), ("long", "and long links")):
        for beam in BEAMS:
            right, mean = walks_on_average(k, beam)
            rows.append([f"{words}, beam {beam}: 100 walks", round(mean, 1), _percent(right)])
    return ["walk", "films compared", "nearest found"], rows


small_world_walk = Explorable(
    _draw_walk,
    {
        "query": Pad(
            "Drag the query",
            np.linspace(0.1, 0.95, 6),
            np.linspace(0.1, 0.95, 6),
            start=(0.78, 0.95),
        ),
        "kind": Choice("Links", KINDS, start="short"),
        "ef": Choice("Ways kept open", BEAMS, start=1),
        "step": Slider(
            "Steps",
            STEPS,
            start=0,
            labels=[str(s) for s in STEPS[:-1]] + ["to the end"],
            play=True,
        ),
    },
    "The walk starts in the lower left corner and always steps to the film nearest to the query. "
    "Will it arrive?",
    _say_walk,
    "retrieval.small-world-walk",
    table=_table_walk,
)

# ---------------------------------------------------------------------- distances lose contrast

CONTRAST_DIMENSIONS = [2, 4, 8, 16, 32, 64, 128, 256, 512]
SHAPES = {"alike": "all directions alike", "hidden": "four hidden directions"}
_EDGES = np.linspace(0, 1, 41)
LISTS = ["in none", "1 to 5", "6 to 10", "11 to 20", "21 to 50", "over 50"]


@lru_cache
def _spread(d, shape, n=1_000, n_queries=100, seed=0):
    """Uniform films and queries in d dimensions, or in four that are turned into d."""
    rng = np.random.default_rng(seed)
    if shape == "alike" or d <= 4:
        return rng.random((n, d)), rng.random((n_queries, d))
    turn = np.linalg.qr(rng.normal(size=(d, 4)))[0].T  # (4, d), keeps every distance
    return rng.random((n, 4)) @ turn, rng.random((n_queries, 4)) @ turn


@lru_cache
def contrast_of(d, shape):
    """Histogram of distance / farthest, median nearest / farthest, median contrast, lists."""
    films, queries = _spread(d, shape)
    distance = euclidean(queries, films)
    share = distance / distance.max(axis=1, keepdims=True)
    count = np.histogram(share, _EDGES)[0] / share.size
    contrast = np.median([relative_contrast(films, query) for query in queries])
    itself = euclidean(films, films)
    np.fill_diagonal(itself, np.inf)
    lists = k_occurrences(top_k(-itself, 10), len(films))
    return count, float(np.median(share.min(axis=1))), float(contrast), lists


def _lists_by_size(lists):
    return np.bincount(np.digitize(lists, [1, 6, 11, 21, 51]), minlength=len(LISTS)) / len(lists)


def _draw_contrast(d, shape):
    count, nearest, _, lists = contrast_of(d, shape)
    first, second, size = style.side_by_side(
        left=0.5, gap=0.15, height=380, narrow_height=640, narrow_gap=0.2
    )
    size["narrow"]["xaxis2.domain"] = [0.17, 1]
    share = _lists_by_size(lists)
    top = 1.25 * count.max()
    traces = [
        style.bars((_EDGES[:-1] + _EDGES[1:]) / 2, count),
        style.line([nearest, nearest], [0, 0.86 * top], color=style.USER, width=2.5),
        style.line([1, 1], [0, 0.86 * top], color=style.QUIET, width=2.5, dash="dash"),
        style.bars(
            share[::-1],
            LISTS[::-1],
            horizontal=True,
            color=[style.FOURTH if name == LISTS[0] else style.ITEM for name in LISTS[::-1]],
            labels=[f"\u00a0{_percent(s)}" for s in share[::-1]],
            xaxis="x2",
            yaxis="y2",
            textposition="outside",
            constraintext="none",
        ),
    ]
    inside = nearest < 0.7
    return style.figure(
        traces,
        **size,
        margin={"l": 12, "r": 14, "t": 30, "b": 48},
        xaxis=style.axis("distance from the query", (0, 1.04), **first[0])
        | {"tickvals": [0, 0.5, 1], "ticktext": ["0", "half", "farthest"]},
        yaxis=style.bare_axis((0, top), **first[1]),
        xaxis2=style.bare_axis((0, 1.15), **second[0]),
        yaxis2=style.axis(**second[1])
        | {
            "showgrid": False,
            "tickfont": {"size": 12, "color": style.QUIET},
            "ticksuffix": "\u00a0\u00a0",
            "showline": True,
            "linecolor": style.QUIET,
        },
        bargap=0.12,
        annotations=[
            style.note(
                "nearest film",
                nearest,
                0.87 * top,
                xref="x",
                yref="y",
                color=style.USER,
                xanchor="left" if nearest < 0.12 else "center" if inside else "right",
                yanchor="bottom",
            ),
            style.note(
                "in how many lists of the ten nearest?",
                1,
                1,
                xref="x2 domain",
                yref="y2 domain",
                xanchor="right",
                yanchor="bottom",
            ),
        ],
    )


def _say_contrast(d, shape):
    _, nearest, _, lists = contrast_of(d, shape)
    times = f"{1 / nearest:.0f}" if nearest < 0.1 else f"{1 / nearest:.1f}"
    lonely = (lists == 0).mean()
    if lonely:
        none = f"{_percent(float(lonely)).capitalize()} of the films are in no list of ten nearest"
    else:
        none = "Every film is among the ten nearest of some other"
    return (
        f"In {d} dimensions the farthest film is {times} times as far as the nearest. {none}; "
        f"one is in {int(lists.max())} lists."
    )


def _table_contrast(d, shape):
    _, nearest, contrast, lists = contrast_of(d, shape)
    rows = [["(farthest − nearest) / nearest", f"{contrast:.2f}"]]
    rows += [["nearest, as a share of the farthest", f"{nearest:.3f}"]]
    rows += [
        [
            f"films {'in' if not name.startswith('in') else ''} {name} lists".replace("  ", " "),
            _percent(float(s)),
        ]
        for name, s in zip(LISTS, _lists_by_size(lists))
    ]
    return ["what", "how much"], rows


lost_contrast = Explorable(
    _draw_contrast,
    {
        "d": Slider("Dimensions", CONTRAST_DIMENSIONS, start=2, play=True),
        "shape": Choice("How the films are spread", SHAPES, start="alike"),
    },
    "A thousand films, more and more dimensions. What becomes of the word “nearest”?",
    _say_contrast,
    "retrieval.lost-contrast",
    table=_table_contrast,
)

# ------------------------------------------------------------------------------------ the trade

WORLDS = {
    "plane": "a cloud, 2 dimensions",
    "cloud": "a cloud, 16 dimensions",
    "groups": "60 groups, 16 dimensions",
}
WANTED = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99]
METHODS = {"cells": ("circle", style.INK), "hashing": ("square", style.THIRD)}
METHODS |= {"walk": ("diamond", style.FOURTH)}
_SETTINGS = 7


@lru_cache
def world(name, n=2_000, n_queries=200, seed=0):
    """Films and queries of length one: a cloud of directions, or sixty groups of them."""
    d = 2 if name == "plane" else 16
    if name != "groups":
        films, queries = cloud(d, n, n_queries, seed)
        return normalize(films), normalize(queries)
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(60, d))
    points = centers[rng.integers(0, 60, n + n_queries)]
    points = normalize(points + 0.35 * rng.normal(size=points.shape))
    return points[:n], points[n:]


@lru_cache
def trade(name):
    """{method: [(setting, recall@10, share of the films compared), ...]}, cheapest first.

    Everything that costs an inner product is counted: centers, planes, and films.
    """
    films, queries = world(name)
    exact = ExactIndex().fit(films).search(queries, 10)[0]

    def measured(index, extra):
        found = index.search(queries, 10)[0]
        return recall_at_k(found, exact), float(index.n_compared_.mean() + extra) / len(films)

    curves = {"cells": [], "hashing": [], "walk": []}
    index = IVFIndex(40, 1).fit(films)
    for index.n_probes in (1, 2, 4, 8, 16, 24, 40):
        curves["cells"].append((f"{index.n_probes} of 40 cells", *measured(index, 40)))
    for n_tables in (1, 2, 4, 8, 16, 32, 64):
        index = LSHIndex(8, n_tables).fit(films)
        tables = _count(n_tables, "table", "tables")
        curves["hashing"].append((f"{tables} of 8 planes", *measured(index, 8 * n_tables)))
    index = HNSWIndex(8, ef_construction=40).fit(films)
    for index.ef in (10, 15, 20, 40, 80, 160, 320):
        curves["walk"].append((f"beam {index.ef}", *measured(index, 0)))
    return curves


def cheapest(name, wanted):
    """{method: the first setting that reaches the wanted recall, or None}."""
    return {
        method: next((point for point in curve if point[1] >= wanted), None)
        for method, curve in trade(name).items()
    }


def _draw_trade(name, wanted):
    first, second, size = style.side_by_side(
        left=0.6, gap=0.18, height=400, narrow_height=640, split=0.62, narrow_gap=0.18
    )
    size["narrow"] |= {"xaxis2.domain": [0.2, 1], "xaxis.domain": [0.1, 1]}
    chosen = cheapest(name, wanted)
    traces = [style.line([0.5, 100], [100 * wanted] * 2, dash="dot", width=1.5)]
    for method, curve in trade(name).items():
        symbol, color = METHODS[method]
        share = np.array([point[2] for point in curve])
        recall = np.array([point[1] for point in curve])
        at = chosen[method]
        traces += [
            style.line(100 * share, 100 * recall, color=color, width=2)
            | {"mode": "lines+markers", "marker": {"symbol": symbol, "size": 8, "color": color}},
            style.dots(
                [100 * at[2] if at else None],
                [100 * at[1] if at else None],
                size=17,
                marker={
                    "symbol": symbol + "-open",
                    "color": color,
                    "line": {"color": color, "width": 2.5},
                },
            ),
        ]
    cost = [1.0] + [chosen[method][2] if chosen[method] else None for method in METHODS]
    rows = ["exact", "● cells", "■ hashing", "◆ walk"]
    traces.append(
        style.bars(
            [100 * share if share else None for share in cost][::-1],
            rows[::-1],
            horizontal=True,
            color=[style.ITEM_SOFT, *(color for _, color in METHODS.values())][::-1],
            labels=[_percent(share) if share else "not reached" for share in cost][::-1],
            xaxis="x2",
            yaxis="y2",
            textposition="outside",
            constraintext="none",
        )
    )
    return style.figure(
        traces,
        **size,
        margin={"l": 48, "r": 14, "t": 30, "b": 48},
        xaxis=style.axis("share of the films compared (each line three times the last)", **first[0])
        | {
            "type": "log",
            "range": [np.log10(0.9), np.log10(115)],
            "tickvals": [1, 3, 10, 30, 100],
            "ticktext": [f"{share}\u00a0%" for share in (1, 3, 10, 30, 100)],
        },
        yaxis=style.axis(None, (0, 104), **first[1]) | _PERCENT_TICKS,
        xaxis2=style.bare_axis((0, 135), **second[0]),
        yaxis2=style.axis(**second[1])
        | {"showgrid": False, "tickfont": {"size": 12, "color": style.INK}},
        bargap=0.35,
        annotations=[
            style.note(
                "ten nearest found",
                0,
                1,
                xref="x domain",
                yref="y domain",
                xanchor="left",
                yanchor="bottom",
            ),
            style.note(
                "price of your wish", 0.5, 1, xref="x2 domain", yref="y2 domain", yanchor="bottom"
            ),
        ],
    )


def _next(name, wanted, now):
    """What the next wish costs a walk."""
    later = [w for w in WANTED if w > wanted]
    if not later:
        return ""
    then = cheapest(name, later[0])["walk"]
    if then == now["walk"]:
        return f" For {_percent(later[0])} the walk needs no more."
    return f" For {_percent(later[0])} a walk compares {_percent(then[2])}."


def _say_trade(name, wanted):
    names = {"cells": "cells compare", "hashing": "hashing", "walk": "a walk"}
    parts = []
    now = cheapest(name, wanted)
    for method, point in now.items():
        of = " of the films" if method == "cells" else ""
        setting, _, share = point
        parts.append(f"{names[method]} {_percent(share)}{of} ({setting})")
    return (
        f"To find {_percent(wanted)} of the ten nearest, {parts[0]}, {parts[1]} and {parts[2]}; "
        f"exact search compares all.{_next(name, wanted, now)}"
    )


def _table_trade(name, wanted):
    rows = [
        [method, setting, _percent(recall), _percent(share)]
        for method, curve in trade(name).items()
        for setting, recall, share in curve
    ]
    return ["method", "setting", "ten nearest found", "films compared"], rows


the_trade = Explorable(
    _draw_trade,
    {
        "name": Choice("2,000 films in", WORLDS, start="cloud"),
        "wanted": Slider(
            "Ten nearest that must be found",
            WANTED,
            start=0.9,
            labels=[f"{100 * w:.0f} %" for w in WANTED],
        ),
    },
    "What does one more percent of recall cost, and which way of searching is cheapest?",
    _say_trade,
    "retrieval.the-trade",
    table=_table_trade,
)
