"""Pictures of the chapter "Factorization machines", and the machines of the house behind them."""

from functools import lru_cache

import numpy as np

from recsys_lab.data import load_harbour
from recsys_lab.explore import Choice, Explorable, Pad, Slider, Toggle, style
from recsys_lab.fm import DeepFM, FactorizationMachine, pair_sum

K = 8  # numbers in a vector, wherever only their count matters


def _n(value):
    """A number as one would write it by hand: 3, 9.5, −0.25."""
    return style.true_minus(f"{round(value, 2) + 0:g}")


# ------------------------------------------------------------------------- one row, by hand

# The chapter's example: Ada sees Fog Signal on a Sunday.
NAMES = ["Ada", "Fog Signal", "Sunday"]
BASE, WEIGHTS = 2.0, np.array([-0.5, 0.5, -0.5])
VECTORS = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]])


def score(x, w=WEIGHTS, V=VECTORS):
    """The machine of the example: w₀ + Σ w_i x_i + Σ_{i<j} ⟨v_i, v_j⟩ x_i x_j."""
    return float(BASE + w @ x + pair_sum(V * np.asarray(x, dtype=float)[:, None]))


# ---------------------------------------------------------------------------- the square trick

STEPS = {
    "all": "add everything",
    "off": "throw away the diagonal",
    "half": "halve",
    "seen": "a formula you may have seen",
}
_COUNTS = {  # how often each cell of the table counts
    "all": np.ones((3, 3)),
    "off": 1 - np.eye(3),
    "half": np.triu(np.ones((3, 3)), 1),
    "seen": 1 - np.eye(3) / 2,
}
_LONG, _EDGES = [-0.5, 2.5, None], (-0.5, 0.5, 1.5, 2.5)
_ACROSS, _CROSS = _LONG * 4, [at for edge in _EDGES for at in (edge, edge, None)]
_GRID_LINES = (_ACROSS + _CROSS, _CROSS + _ACROSS)  # round the nine cells


def three_vectors(end):
    """The first two vectors of the example, and a third that leads the chain to ``end``."""
    first = VECTORS[:2]
    return np.vstack([first, np.asarray(end) - first.sum(axis=0)])


def totals(end):
    """What each way of counting gives, by name, for the three vectors whose sum is ``end``."""
    E = three_vectors(end)
    return {step: float((counts * (E @ E.T)).sum()) for step, counts in _COUNTS.items()}


def _draw_square(end, step):
    first, second, size = style.side_by_side(
        left=0.46, gap=0.2, height=400, narrow_height=690, split=0.5, narrow_gap=0.16
    )
    size["narrow"]["xaxis2.domain"] = [0.26, 0.96]
    E = three_vectors(end)
    gram, counts = E @ E.T, _COUNTS[step]
    corners = np.vstack([[0, 0], np.cumsum(E, axis=0)])
    words = [
        ["" if c == 0 else f"½ · {_n(g)}" if c == 0.5 else _n(g) for g, c in zip(row, count)]
        for row, count in zip(gram, counts)
    ]
    colors = [style.USER, style.ITEM, style.THIRD]
    traces = [
        style.arrow(b, start=a, color=color, width=3)
        for a, b, color in zip(corners, corners[1:], colors)
    ]
    traces += [
        style.line([0, end[0]], [0, end[1]], color=style.INK, dash="dash", width=2),
        style.heatmap(
            np.where(counts > 0, gram * counts, np.nan)[::-1],
            x=[0, 1, 2],
            y=[0, 1, 2],
            scale=style.DIVERGING,
            limits=(-14, 14),
            labels=words[::-1],
            xaxis="x2",
            yaxis="y2",
            textfont={"size": 15},
        ),
        style.line(
            *_GRID_LINES,
            color=style.QUIET,
            width=1,
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    quiet = {"showgrid": False, "tickvals": [0, 1, 2]}
    quiet["tickfont"] = {"size": 12, "color": style.INK}
    return style.figure(
        traces,
        **size,
        margin={"l": 34, "r": 12, "t": 34, "b": 56},
        xaxis=style.axis(None, (-2.4, 4.9), **first[0], zeroline=True, dtick=1),
        yaxis=style.axis(None, (-2.4, 4.9), **first[1], zeroline=True, dtick=1, **style.equal()),
        xaxis2=style.axis(None, (-0.52, 2.52), **second[0], **quiet) | {"ticktext": NAMES},
        yaxis2=style.axis(None, (-0.52, 2.52), **second[1], **quiet) | {"ticktext": NAMES[::-1]},
        annotations=[
            style.note(
                "Ada, Fog Signal, Sunday; dashed: their sum",
                0.5,
                1.0,
                xref="x domain",
                yref="paper",
                yanchor="bottom",
                size=12,
            ),
            style.note(
                f"<b>{_n(totals(end)[step])}</b>",
                0.5,
                1.01,
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
                color=style.INK,
                size=18,
            ),
        ],
    )


def _say_square(end, step):
    total = totals(end)
    squares = total["all"] - total["off"]
    pairs = _n(total["half"])
    match step:
        case "all":
            return (
                f"All nine cells add up to {_n(total['all'])}, which is the squared length of the "
                f"dashed arrow; the three pairs we want make {pairs}."
            )
        case "off":
            return (
                f"{_n(total['all'])} less the diagonal, {_n(squares)}, is {_n(total['off'])}: "
                f"every pair is in it twice."
            )
        case "half":
            return f"Half of {_n(total['off'])} is {pairs}: every pair once."
    wrong = f"{_n(total['all'])} − ½\u00a0·\u00a0{_n(squares)} = {_n(total['seen'])}"
    if abs(total["seen"] - total["half"]) < 1e-9:
        return f"Only the squares are halved: {wrong}, and this once it is right."
    return (
        f"Only the squares are halved: {wrong}, and the pairs make {pairs}. It counts every pair "
        f"twice and keeps half of the diagonal."
    )


def _table_square(end, step):
    E = three_vectors(end)
    gram = E @ E.T
    rows = [
        [f"{NAMES[i]} and {NAMES[j]}", _n(gram[i, j])] for i in range(3) for j in range(i + 1, 3)
    ]
    return ["what", "number"], rows + [[STEPS[s], _n(t)] for s, t in totals(end).items()]


square_trick = Explorable(
    _draw_square,
    {
        "end": Pad(
            "Drag the end of the chain",
            np.arange(-2, 4.51, 0.5),
            np.arange(-2, 4.51, 0.5),
            start=(2.0, 3.0),
        ),
        "step": Choice("What counts?", STEPS, start="all"),
    },
    "Nine cells, three pairs. How do you get the pairs without looking at any pair?",
    _say_square,
    "factorization-machines.square-trick",
    table=_table_square,
)

# --------------------------------------------------------------------------------- the race

ACTIVE = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]
CANDIDATES, PER_SECOND, BUDGET = 500, 1e9, 100  # films a page, multiplications, milliseconds


def products(n, k):
    """Multiplications for n vectors of k numbers: (pair by pair, by the square trick)."""
    return n * (n - 1) // 2 * k, (n + 1) * k


def page_time(n, k):
    """Milliseconds for a page of candidates, both ways, at the speed assumed."""
    return [1e3 * CANDIDATES * count / PER_SECOND for count in products(n, k)]


def _time(ms):
    return f"{ms / 1e3:.3g} seconds" if ms >= 1e3 else f"{ms:.3g} ms"


def _draw_race(n, k):
    counts = np.array(ACTIVE)
    both = np.array([page_time(m, k) for m in ACTIVE])
    here = page_time(n, k)
    traces = [
        style.line(counts, both[:, 0], color=style.FOURTH, width=3),
        style.line(counts, both[:, 1], color=style.USER, width=3),
        style.line([1, 5000], [BUDGET, BUDGET], color=style.INK, dash="dash", width=1.5),
        style.dots([n], [here[0]], color=style.FOURTH, size=15, marker={"symbol": "square"}),
        style.dots([n], [here[1]], color=style.USER, size=15),
    ]
    labels = [
        style.note(
            f"pair by pair: <b>{_time(here[0])}</b>", 0.03, 0.97, color=style.FOURTH, size=14
        )
        | {"xanchor": "left", "yanchor": "top"},
        style.note(f"square trick: <b>{_time(here[1])}</b>", 0.03, 0.9, color=style.USER, size=14)
        | {"xanchor": "left", "yanchor": "top"},
        style.note("budget", 0.03, np.log10(BUDGET), xref="paper", yref="y", size=12)
        | {"xanchor": "left", "yanchor": "bottom"},
    ]
    return style.figure(
        traces,
        height=390,
        margin={"l": 62, "r": 16, "t": 12, "b": 50},
        xaxis=style.axis("features that are on in a row", (0.2, 3.45))
        | {
            "type": "log",
            "tickvals": [2, 10, 50, 200, 1000],
            "ticktext": ["2", "10", "50", "200", "1,000"],
        },
        yaxis=style.axis(None, (-3, 7))
        | {
            "type": "log",
            "tickvals": [1e-2, 1, 1e2, 1e3, 6e4],
            "ticktext": ["10 µs", "1 ms", "100 ms", "1 s", "1 min"],
        },
        annotations=labels,
    )


def _say_race(n, k):
    slow, fast = page_time(n, k)
    pairs = n * (n - 1) // 2
    verdict = (
        "too late" if slow > BUDGET else "in time" if slow > BUDGET / 10 else "no trouble either"
    )
    how = "pair" if pairs == 1 else "pairs"
    if slow <= fast:
        return (
            f"With {n} features on there is hardly anything to save: {pairs:,} {how}, "
            f"{_time(slow)} against {_time(fast)}."
        )
    return (
        f"With {n:,} features on, {pairs:,} {how} for each film take {_time(slow)} a page, "
        f"{verdict}; the square trick takes {_time(fast)}, {slow / fast:,.3g} times faster."
    )


def _table_race(n, k):
    rows = [[f"{m:,}", f"{m * (m - 1) // 2:,}", *map(_time, page_time(m, k))] for m in ACTIVE]
    return ["features on", "pairs", "pair by pair", "square trick"], rows


race = Explorable(
    _draw_race,
    {
        "n": Slider(
            "Features that are on",
            ACTIVE,
            start=200,
            labels=[f"{n:,}" for n in ACTIVE],
            play=True,
        ),
        "k": Choice("Numbers in a vector", {4: "4", 16: "16", 64: "64"}, start=16),
    },
    "Ada waits a tenth of a second for 500 scores. How many features may each of them read?",
    _say_race,
    "factorization-machines.race",
    table=_table_race,
)

# -------------------------------------------------------------------------------- never met

SHARES = [0.1, 0.2, 0.3, 0.45, 0.6]
MODELS = {
    "linear": "a number for each",
    "free": "a number for each pair",
    "1": "vectors, k = 1",
    "2": "k = 2",
    "4": "k = 4",
}
N_MEMBERS, N_FILMS, N_GENRES = 20, 24, 4
P = N_MEMBERS + N_FILMS + N_GENRES


@lru_cache
def small_world(share, seed=2):
    """20 members × 24 films of 4 genres; the truth needs two factors. (truth, seen, genre, noisy)

    Films stand in the order of their genres, members in that of their tastes.
    """
    rng = np.random.default_rng(seed)
    genre = rng.integers(0, N_GENRES, N_FILMS)
    members = rng.normal(size=(N_MEMBERS, 2))
    films = 1.3 * rng.normal(size=(N_GENRES, 2))[genre] + 0.3 * rng.normal(size=(N_FILMS, 2))
    draws, noise = rng.random((N_MEMBERS, N_FILMS)), rng.normal(size=(N_MEMBERS, N_FILMS))
    by_taste = np.argsort(np.arctan2(members[:, 1], members[:, 0]), kind="stable")
    by_genre = np.argsort(genre, kind="stable")
    order = np.ix_(by_taste, by_genre)
    truth = (members @ films.T)[order]
    return truth, draws[order] < share, genre[by_genre], truth + 0.1 * noise[order]


def _rows(mask, genre):
    """Rows of three features: the member, the film, the film's genre."""
    member, film = np.nonzero(mask)
    return np.column_stack([member, N_MEMBERS + film, N_MEMBERS + N_FILMS + genre[film]])


def _free_weights(rows, y, asked, reg=0.01):
    """Ridge with a weight for each feature and each pair of features, solved in the rows."""

    def kernel(a, b):  # 1 for each feature in common, 1 for each pair in common
        common = (a[:, None, :] == b[None]).sum(axis=2)
        return common + common * (common - 1) / 2

    mean = y.mean()
    within = kernel(rows, rows)
    centre = within.mean(axis=0)
    centred = within - centre - centre[:, None] + within.mean()
    dual = np.linalg.solve(centred + reg * np.eye(len(y)), y - mean)
    return mean + (kernel(asked, rows) - centre) @ (dual - dual.mean())


@lru_cache
def believed(model, share, start=1):
    """What a model says about all pairs of the small world, (20, 24)."""
    truth, seen, genre, noisy = small_world(share)
    rows, asked = _rows(seen, genre), _rows(np.ones_like(seen), genre)
    if model == "free":
        guess = _free_weights(rows, noisy[seen], asked)
    else:
        k = 0 if model == "linear" else int(model)
        machine = FactorizationMachine(k, 0.2, n_epochs=200, n_features=P, random_state=start)
        guess = machine.fit((rows, None), noisy[seen]).predict((asked, None))
    return guess.reshape(truth.shape)


@lru_cache
def unseen_error(model, share, start=1):
    """Root mean squared error on the pairs that never met."""
    truth, seen, *_ = small_world(share)
    return float(np.sqrt(np.mean((believed(model, share, start) - truth)[~seen] ** 2)))


def n_parameters(model):
    """Numbers that a model of the small world learns."""
    if model == "free":
        return 1 + P + P * (P - 1) // 2
    return 1 + P + P * (0 if model == "linear" else int(model))


def _draw_never(model, share):
    truth, seen, _, noisy = small_world(share)
    tables = [truth, np.where(seen, noisy, np.nan), believed(model, share)]
    titles = [
        "the truth",
        f"what was seen: {seen.sum()} of {seen.size}",
        f"the model, error {unseen_error(model, share):.2f}",
    ]
    traces = [
        style.heatmap(
            np.round(table, 2),
            scale=style.DIVERGING,
            limits=(-5, 5),
            xgap=1,
            ygap=1,
            xaxis=f"x{at}",
            yaxis=f"y{at}",
        )
        for at, table in zip(("", 2, 3), tables)
    ]
    unseen = style.heatmap(np.zeros(truth.shape), scale=[[0, style.GRID], [1, style.GRID]])
    traces.insert(1, unseen | {"xgap": 1, "ygap": 1, "xaxis": "x2", "yaxis": "y2"})
    axes, notes, narrow = {}, [], {"height": 760}
    for at, title in enumerate(titles):
        end = "" if at == 0 else str(at + 1)
        across, up = [0.35 * at, 0.35 * at + 0.3], [0, 1]
        axes[f"xaxis{end}"] = style.bare_axis((-0.5, 23.5), domain=across, anchor=f"y{end}")
        axes[f"yaxis{end}"] = style.bare_axis((19.5, -0.5), domain=up, anchor=f"x{end}")
        narrow[f"xaxis{end}.domain"] = [0, 1]
        narrow[f"yaxis{end}.domain"] = [(2 - at) * 0.35, (2 - at) * 0.35 + 0.28]
        notes.append(
            style.note(
                f"<b>{title}</b>" if at == 2 else title,
                0.5,
                1.0,
                xref=f"x{end} domain",
                yref=f"y{end} domain",
                yanchor="bottom",
                color=style.INK if at == 2 else style.QUIET,
            )
        )
    return style.figure(
        traces,
        height=330,
        narrow=narrow,
        margin={"l": 22, "r": 8, "t": 34, "b": 30},
        **axes,
        annotations=[
            *notes,
            style.note(
                "members ↓   films → by genre", 0, 0, xanchor="left", yanchor="top", yshift=-6
            ),
        ],
    )


def _say_never(model, share):
    _, seen, *_ = small_world(share)
    error, spread = unseen_error(model, share), _spread(share)
    verdict = (
        "nearly right"
        if error < 0.2 * spread
        else "no better than saying nothing"
        if error > 0.9 * spread
        else "partly right"
    )
    name = {"linear": "A number for each feature", "free": "A number for each pair"}.get(
        model, f"Vectors of {model} {'number' if model == '1' else 'numbers'}"
    )
    return (
        f"{name}, {n_parameters(model):,} in all where {seen.sum()} ratings are known: on the "
        f"{(~seen).sum()} pairs that never met the error is {error:.2f}, {verdict} (saying "
        f"“average” to everything: {spread:.2f})."
    )


def _spread(share):
    truth, seen, _, noisy = small_world(share)
    return float(np.sqrt(np.mean((truth[~seen] - noisy[seen].mean()) ** 2)))


def _table_never(model, share):
    rows = [
        [words, f"{n_parameters(name):,}", f"{unseen_error(name, share):.2f}"]
        for name, words in MODELS.items()
    ]
    return ["model", "numbers to learn", "error on pairs never met"], rows


never_met = Explorable(
    _draw_never,
    {
        "model": Choice("What is learned?", MODELS, start="free"),
        "share": Slider(
            "Share of the pairs that met",
            SHARES,
            start=0.3,
            labels=[f"{100 * share:.0f} %" for share in SHARES],
        ),
    },
    "Most cells were never seen. Which model can fill in the middle table so that it looks like "
    "the left one?",
    _say_never,
    "factorization-machines.never-met",
    table=_table_never,
)

# ---------------------------------------------------------- straight lines and a parabola

MOVES = {
    "weight": "the weight of Sunday",
    "entry": "the first number of Ada's vector",
    "feature": "how much Sunday it is",
    "two": "Ada and Fog Signal together",
    "row": "the whole row",
}
_TURNS = np.arange(-1.5, 2.01, 0.25)


def moved(what, t):
    """Score of the example when one thing in it is set to t, or several are multiplied by t."""
    x, w, V = np.ones(3), WEIGHTS.copy(), VECTORS.copy()
    match what:
        case "weight":
            w[2] = t
        case "entry":
            V[0, 0] = t
        case "feature":
            x[2] = t
        case "two":
            x[:2] = t
        case "row":
            x[:] = t
    return score(x, w, V)


def _draw_moved(what, t):
    fine = np.linspace(_TURNS[0], _TURNS[-1], 36)
    curve = [moved(what, s) for s in fine]
    at_0, at_1 = moved(what, 0.0), moved(what, 1.0)
    straight = [at_0 + (at_1 - at_0) * s for s in (_TURNS[0], _TURNS[-1])]
    gap = moved(what, t) - (at_0 + (at_1 - at_0) * t)
    traces = [
        style.line(fine, curve, color=style.USER, width=4),
        style.line([_TURNS[0], _TURNS[-1]], straight, color=style.INK, dash="dash", width=1.5),
        style.dots([0, 1], [at_0, at_1], color=style.INK, size=8),
        style.line([t, t], [moved(what, t) - gap, moved(what, t)], color=style.ITEM, width=3),
        style.dots([t], [moved(what, t)], color=style.ITEM, size=15),
    ]
    return style.figure(
        traces,
        height=360,
        margin={"l": 46, "r": 16, "t": 14, "b": 50},
        xaxis=style.axis("t: set to this, or multiplied by it", (-1.6, 2.1), zeroline=True),
        yaxis=style.axis("score", (-2.8, 14), zeroline=True, dtick=2),
    )


def _say_moved(what, t):
    now = moved(what, t)
    at_0, at_1 = moved(what, 0.0), moved(what, 1.0)
    gap = now - (at_0 + (at_1 - at_0) * t)
    bend = moved(what, 1.0) - 2 * at_0 + moved(what, -1.0)
    shape = "a straight line" if abs(bend) < 1e-9 else "a parabola"
    where = (
        "on the dashed line through 0 and 1"
        if abs(gap) < 1e-9
        else f"{_n(abs(gap))} {'above' if gap > 0 else 'below'} the dashed line through 0 and 1"
    )
    subject = MOVES[what][0].upper() + MOVES[what][1:]
    return f"{subject} at t = {_n(t)}: the score is {_n(now)}, {where}. The curve is {shape}."


def _table_moved(what, t):
    rows = [[_n(s), *(_n(moved(name, s)) for name in MOVES)] for s in (-1.0, 0.0, 1.0, 2.0)]
    return ["t", *MOVES.values()], rows


lines_and_parabola = Explorable(
    _draw_moved,
    {
        "what": Choice("What moves?", MOVES, start="feature"),
        "t": Slider("t", _TURNS, start=1.5, labels=[_n(t) for t in _TURNS], play=True),
    },
    "Five things can be moved. Which of them move the score along a straight line?",
    _say_moved,
    "factorization-machines.lines-and-parabola",
    table=_table_moved,
)

# ------------------------------------------------------------------------------ switchboard

FIELDS = {"member": 800, "film": 200, "genres": 12, "day": 7, "history": 200}
MANY = {"genres", "history"}  # several features of these fields may be on at once
_SPOTS = {
    name: (np.sin(2 * np.pi * at / 5), np.cos(2 * np.pi * at / 5)) for at, name in enumerate(FIELDS)
}


def wired(on):
    """Pairs of fields that meet, and the fields that meet themselves."""
    on = [name for name in FIELDS if name in on]
    pairs = [(a, b) for at, a in enumerate(on) for b in on[at + 1 :]]
    return pairs, [name for name in on if name in MANY]


def free_weights(on):
    """Weights for all pairs of features that can be on together."""
    pairs, own = wired(on)
    return sum(FIELDS[a] * FIELDS[b] for a, b in pairs) + sum(
        FIELDS[name] * (FIELDS[name] - 1) // 2 for name in own
    )


def machine_numbers(on):
    """Numbers in the vectors instead, k = 8."""
    return K * sum(FIELDS[name] for name in on)


_BADGES = {
    frozenset(): "a constant",
    frozenset({"member"}): "a number for each member",
    frozenset({"film"}): "the same list for everybody",
    frozenset({"member", "film"}): "= matrix factorization with biases",
    frozenset({"member", "film", "history"}): "≈ SVD++",
    frozenset({"film", "history"}): "≈ item to item, in factors",
    frozenset({"member", "genres"}): "a taste for genres, open to new films",
    frozenset({"genres", "history"}): "open to new films and new members",
    frozenset({"member", "film", "genres"}): "factorization that knows genres",
    frozenset({"member", "film", "day"}): "factorization that knows the day",
}


def badge(on):
    """What a set of fields makes of the machine."""
    on = frozenset(on)
    if on in _BADGES:
        return _BADGES[on]
    fields = f"{len(on)} {'field' if len(on) == 1 else 'fields'}"
    pairs = len(wired(on)[0])
    if not pairs:
        return f"{fields}, no pair of fields"
    return f"{fields}, {pairs} {'pair' if pairs == 1 else 'pairs'} of fields"


def _on(**switches):
    return [name for name in FIELDS if switches[name]]


def _draw_board(**switches):
    on = _on(**switches)
    pairs, own = wired(on)
    first, second, size = style.side_by_side(
        left=0.5, gap=0.14, height=380, narrow_height=600, split=0.58, narrow_gap=0.14
    )
    size["narrow"]["xaxis2.domain"] = [0.06, 0.94]
    wires_x, wires_y = [], []
    names = list(FIELDS)
    for at, a in enumerate(names):
        for b in names[at + 1 :]:
            shown = (a, b) in pairs
            wires_x += [_SPOTS[a][0] if shown else None, _SPOTS[b][0] if shown else None, None]
            wires_y += [_SPOTS[a][1] if shown else None, _SPOTS[b][1] if shown else None, None]
    angle = np.linspace(0, 2 * np.pi, 25)
    for name in sorted(MANY):
        x, y = _SPOTS[name]
        shown = 1.0 if name in own else np.nan
        wires_x += [*(shown * (x + 0.3 * np.sign(x) + 0.2 * np.cos(angle))), None]
        wires_y += [*(shown * (y + 0.2 * np.sin(angle))), None]
    spots = np.array([_SPOTS[name] for name in names])
    lit = [name in on for name in names]
    counts = [free_weights(on), machine_numbers(on)]
    traces = [
        style.line(wires_x, wires_y, color=style.THIRD, width=3),
        {
            "type": "scatter",
            "mode": "markers",
            "x": spots[:, 0],
            "y": spots[:, 1],
            "hoverinfo": "skip",
            "marker": {
                "size": 26,
                "color": [style.USER if here else style.PAPER for here in lit],
                "line": {
                    "width": 2,
                    "color": [style.USER if here else style.QUIET for here in lit],
                },
            },
        },
        style.words(
            spots[:, 0],
            spots[:, 1] + [0.34, 0.38, -0.38, -0.38, 0.38],
            [f"<b>{name}</b>" if here else name for name, here in zip(names, lit)],
        ),
        style.bars(
            ["each pair<br>its weight", "vectors<br>of 8"],
            counts,
            color=[style.FOURTH, style.USER],
            labels=[f"{free_weights(on):,}", f"{machine_numbers(on):,}"],
            textposition="outside",
            width=0.6,
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 8, "r": 8, "t": 40, "b": 48},
        xaxis=style.bare_axis((-1.75, 1.75), **first[0]),
        yaxis=style.bare_axis((-1.5, 1.6), **first[1], **style.equal()),
        xaxis2=style.axis(None, (-0.55, 1.55), **second[0])
        | {"showgrid": False, "tickfont": {"size": 12, "color": style.INK}},
        yaxis2=style.bare_axis((0, 1.14 * max(1, *counts)), **second[1]),
        annotations=[
            style.note(
                f"<b>{badge(on)}</b>",
                0.5,
                1.0,
                xref="x domain",
                yref="paper",
                yanchor="bottom",
                color=style.INK,
                size=14,
                yshift=8,
            ),
            style.note(
                "numbers to learn for the pairs",
                0.5,
                1.0,
                xref="x2 domain",
                yref="y2 domain",
                yanchor="bottom",
            ),
        ],
    )


def _listed(words):
    """Words in a row: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _say_board(**switches):
    on = _on(**switches)
    pairs, own = wired(on)
    friend = _BADGES.get(frozenset(on))
    named = f"With {_listed(on) or 'nothing'} on"
    links = f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'} of fields"
    inside = f", and pairs inside {_listed(own)}" if own else ""
    free, vectors = free_weights(on), machine_numbers(on)
    told = f"{named} there {'is' if len(pairs) == 1 else 'are'} {links}{inside}"
    if friend:
        friend = friend.replace("= ", "").replace("≈ ", "nearly ")
        told = f"{named} it is {friend}: {links}{inside}"
    if len(on) > 1:
        told += f" ({2 ** len(on)} subsets)"
    return (
        f"{told}. A weight for each pair of features would be {free:,} "
        f"{'number' if free == 1 else 'numbers'}, the vectors are {vectors:,}."
    )


def _table_board(**switches):
    on = _on(**switches)
    pairs, own = wired(on)
    rows = [[f"{a} × {b}", f"{FIELDS[a] * FIELDS[b]:,}"] for a, b in pairs]
    rows += [[f"inside {a}", f"{FIELDS[a] * (FIELDS[a] - 1) // 2:,}"] for a in own]
    return ["pair of fields", "pairs of features"], rows or [["none", "0"]]


switchboard = Explorable(
    _draw_board,
    {
        name: Toggle(f"{name} ({size})", start=name in ("member", "film"))
        for name, size in FIELDS.items()
    },
    "Member and film are on: that is matrix factorization. What does a third field make of it, and "
    "what does it cost?",
    _say_board,
    "factorization-machines.switchboard",
    table=_table_board,
)

# --------------------------------------------------- the house, and a film that nobody has seen


def features(harbour, users, items, fields, genres=True):
    """Rows ``(indices, values)`` of a machine, and p, the number of features.

    ``fields`` are chosen from member, film and director. With ``genres``, a film of g genres
    has each of them with value 1/g. Features are numbered field by field.
    """
    director = np.unique(harbour.items["director"], return_inverse=True)[1]
    m, n = harbour.interactions.shape
    columns = {"member": (users, m), "film": (items, n), "director": (director[items], 43)}
    indices, p = [], 0
    for name in fields:
        column, size = columns[name]
        indices.append(p + column)
        p += size
    values = [np.ones((len(users), len(fields)))]
    if genres:
        tags = harbour.items["tags"]
        indices += list(p + np.tile(np.arange(tags.shape[1]), (len(users), 1)).T)
        values.append((tags / tags.sum(axis=1, keepdims=True))[items])
        p += tags.shape[1]
    return (np.column_stack(indices), np.hstack(values)), p


def new_films(seed, n=40):
    """Films taken out of the house before it is learned from."""
    return np.sort(np.random.default_rng(seed).choice(200, n, replace=False))


def inside_film(machine, rows):
    """What the pairs among a film's own features add to each row (the member is field 0)."""
    indices, values = rows
    return pair_sum(values[:, 1:, None] * machine.V_[indices[:, 1:]])


@lru_cache
def premiere(fields, genres, seed, k=4):
    """Errors on the ratings of 40 films that the machine never saw: all pairs, and cross pairs.

    Cross pairs leave out what a film's features do among themselves, but for its mean.
    """
    harbour = _harbour()
    ratings = harbour.interactions
    new = np.isin(ratings.items, new_films(seed))
    rows, p = features(harbour, ratings.users[~new], ratings.items[~new], fields, genres)
    asked, _ = features(harbour, ratings.users[new], ratings.items[new], fields, genres)
    machine = FactorizationMachine(k, 10, n_features=p, random_state=seed)
    machine.fit(rows, ratings.values[~new])
    gap = machine.predict(asked) - ratings.values[new]
    own = inside_film(machine, asked) - inside_film(machine, rows).mean()
    return float(np.sqrt(np.mean(gap**2))), float(np.sqrt(np.mean((gap - own) ** 2)))


@lru_cache
def _harbour():
    return load_harbour()


DIRECTORS = ["Hedvig Skarn", "Agnes Windle", "Rolf Gantry", "Marit Ollendahl"]
GENRES = ["sea", "comedy", "noir", "quiet", "heist"]
MEMBERS = ["Ada", "Bo", "Cem", "Dee", "Eli", "Fay"]


@lru_cache
def house_machine():
    """Member, director and genres, fitted to all ratings of the house: (machine, offsets)."""
    harbour = _harbour()
    ratings = harbour.interactions
    rows, p = features(harbour, ratings.users, ratings.items, ("member", "director"))
    machine = FactorizationMachine(4, 10, n_features=p, random_state=0)
    machine.fit(rows, ratings.values)
    return machine, float(inside_film(machine, rows).mean())


def opening_night(director, genres, inside=False):
    """Stars of Ada to Fay for a film that does not exist, (6,)."""
    machine, usual = house_machine()
    harbour = _harbour()
    known = np.unique(harbour.items["director"])
    tags = np.array([float(name in genres) for name in harbour.tag_names])
    tags /= max(1, tags.sum())
    m = len(harbour.users["name"])
    by = int(np.searchsorted(known, director)) if director in known else 0
    indices = np.tile(np.r_[0, m + by, m + len(known) + np.arange(12)], (6, 1))
    indices[:, 0] = np.arange(6)
    values = np.tile(np.r_[1.0, float(director in known), tags], (6, 1))
    stars = machine.predict((indices, values))
    if not inside:
        stars = stars - inside_film(machine, (indices, values)) + usual
    return stars


def _wanted(switches):
    return [name for name in GENRES if switches[name]]


def _draw_night(director, inside, **switches):
    stars = opening_night(director, _wanted(switches), inside)
    order = np.arange(6)[::-1]
    shown = np.clip(stars, 0.5, 5)[order]
    traces = [
        style.bars(
            shown,
            [MEMBERS[i] for i in order],
            horizontal=True,
            color=style.USER,
            width=0.62,
            labels=[f"{s:.1f}" for s in shown],
            textposition="inside",
            insidetextanchor="end",
            insidetextfont={"color": style.PAPER, "size": 13},
        ),
    ]
    return style.figure(
        traces,
        height=320,
        margin={"l": 46, "r": 16, "t": 12, "b": 46},
        xaxis=style.axis("stars, before anybody has seen it", (0, 5.05))
        | {"tickvals": [0, 1, 2, 3, 4, 5]},
        yaxis=style.axis(None, (-0.5, 5.5))
        | {"showgrid": False, "tickfont": {"size": 13, "color": style.INK}},
    )


def _film_in_words(director, genres):
    what = f"A {_listed(genres)} film" if genres else "A film without a genre"
    by = "by nobody we know" if director == "unknown" else f"by {director}"
    return f"{what} {by}"


def _say_night(director, inside, **switches):
    genres = _wanted(switches)
    stars = np.clip(opening_night(director, genres, inside), 0.5, 5)
    best, worst = int(stars.argmax()), int(stars.argmin())
    return (
        f"{_film_in_words(director, genres)}: sell {MEMBERS[best]} the first ticket "
        f"({stars[best]:.1f} stars) and {MEMBERS[worst]} the last ({stars[worst]:.1f})."
    )


def _table_night(director, inside, **switches):
    genres = _wanted(switches)
    both = [opening_night(director, genres, way) for way in (False, True)]
    rows = [[name, f"{a:.2f}", f"{b:.2f}"] for name, a, b in zip(MEMBERS, *both)]
    return ["member", "stars", "stars with pairs inside the film"], rows


first_night = Explorable(
    _draw_night,
    {
        "director": Choice(
            "Directed by",
            {name: name for name in DIRECTORS} | {"unknown": "nobody we know"},
            start="Hedvig Skarn",
        )
    }
    | {name: Toggle(name, start=name in ("heist", "noir")) for name in GENRES}
    | {"inside": Toggle("pairs inside the film count too")},
    "Nobody has seen this film. Who should get the first ticket? Make another that suits Eli.",
    _say_night,
    "factorization-machines.first-night",
    table=_table_night,
)

# ------------------------------------------------------------------------- deep part, on and off

COMPANY, KIND, NIGHT = ("alone", "together"), ("grave", "funny"), ("weeknight", "Sunday")
STRENGTHS = [0.0, 0.25, 0.5, 0.75, 1.0]
RATINGS = [40, 200, 1000]
EVENINGS = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
_OFFSET = np.array([0, 2, 4])


def evening_truth(strength):
    """Stars of the eight evenings: a pair effect, a single one, and one that takes three."""
    sign = 2 * EVENINGS - 1
    return 3 + 0.5 * sign[:, 0] * sign[:, 1] + 0.3 * sign[:, 2] + strength * sign.prod(axis=1)


@lru_cache
def evening_guess(deep, strength, n, seed=0):
    """What a machine says of the eight evenings after n ratings, (8,)."""
    rng = np.random.default_rng(seed)
    which = rng.integers(0, 8, n)
    y = evening_truth(strength)[which] + 0.3 * rng.normal(size=n)
    rows = EVENINGS[which] + _OFFSET
    if deep:
        machine = DeepFM(
            4,
            (16,),
            reg=0.1,
            task="regression",
            n_features=6,
            learning_rate=0.01,
            batch_size=40,
            n_epochs=max(40, 12_000 // n),
            random_state=seed,
        )
    else:
        machine = FactorizationMachine(4, 0.1, n_features=6, random_state=seed)
    return machine.fit((rows, None), y).predict((EVENINGS + _OFFSET, None))


def evening_error(deep, strength, n, seed=0):
    """Root mean squared error over the eight evenings."""
    gap = evening_guess(deep, strength, n, seed) - evening_truth(strength)
    return float(np.sqrt(np.mean(gap**2)))


def _draw_deep(strength, n, deep):
    truth, guess = evening_truth(strength), evening_guess(deep, strength, n)
    names = [f"{COMPANY[a]}, {KIND[b]}, {NIGHT[c]}" for a, b, c in EVENINGS]
    at = np.arange(8)[::-1]
    gaps_x, gaps_y = [], []
    for x, z, y in zip(truth, guess, at):
        gaps_x += [x, z, None]
        gaps_y += [y, y, None]
    traces = [
        style.line(gaps_x, gaps_y, color=style.FOURTH, width=4),
        style.dots(truth, at, color=style.ITEM, size=15, marker={"symbol": "diamond"}),
        style.dots(guess, at, color=style.USER, size=12),
    ]
    return style.figure(
        traces,
        height=380,
        narrow={
            "margin.l": 104,
            "yaxis.ticktext": [
                name.replace(", ", ",<br>", 2).replace(",<br>", ", ", 1) for name in names
            ],
        },
        margin={"l": 176, "r": 16, "t": 34, "b": 44},
        xaxis=style.axis("stars", (0.9, 5.2)) | {"tickvals": [1, 2, 3, 4, 5]},
        yaxis=style.axis(None, (-0.6, 7.6))
        | {
            "tickvals": list(at),
            "ticktext": names,
            "tickfont": {"size": 12, "color": style.INK},
        },
        annotations=[
            style.note(
                style.key(("◆", style.ITEM, "truth"), ("●", style.USER, "machine")),
                0.5,
                1.01,
                xref="x domain",
                yanchor="bottom",
            )
        ],
    )


def _say_deep(strength, n, deep):
    error = evening_error(deep, strength, n)
    other = evening_error(not deep, strength, n)
    who = "With the deep part" if deep else "Pairs alone"
    rival = "without it" if deep else "with the deep part"
    what = (
        "nothing takes three"
        if strength == 0
        else f"the effect of three moves every evening by {strength:g} "
        f"{'star' if strength == 1 else 'stars'}"
    )
    return f"{n:,} ratings, {what}. {who}, the error is {error:.2f} stars; {rival}, {other:.2f}."


def _table_deep(strength, n, deep):
    truth = evening_truth(strength)
    both = [evening_guess(way, strength, n) for way in (False, True)]
    rows = [
        [f"{COMPANY[a]}, {KIND[b]}, {NIGHT[c]}", f"{t:.2f}", f"{x:.2f}", f"{y:.2f}"]
        for (a, b, c), t, x, y in zip(EVENINGS, truth, *both)
    ]
    return ["evening", "truth", "pairs", "with the deep part"], rows


deep_or_not = Explorable(
    _draw_deep,
    {
        "strength": Slider("Effect that takes all three", STRENGTHS, start=0.75),
        "n": Slider("Ratings", RATINGS, start=200, labels=[f"{n:,}" for n in RATINGS]),
        "deep": Toggle("deep part"),
    },
    "The machine sees every pair, and the effect takes three. Will more ratings help it?",
    _say_deep,
    "factorization-machines.deep-or-not",
    table=_table_deep,
)
