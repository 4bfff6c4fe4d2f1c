"""The picture on the front page: a taste to drag, and a shelf that follows it."""

import numpy as np

from recsys_lab.data import load_harbour
from recsys_lab.explore import Choice, Explorable, Pad, style
from recsys_lab.similarity import cosine, dot, euclidean, top_k

SHELF = 5
HOUSE = load_harbour()
AXES = [HOUSE.truth["trait_names"].index(name) for name in ("dark", "tender")]
FILMS = HOUSE.truth["item_factors"][:, AXES]  # (200, 2): two of the five true traits
NAMES = [f"{t} ({y})" for t, y in zip(HOUSE.items["title"], HOUSE.items["year"])]
JUDGES = {
    "dot": lambda taste: dot([taste], FILMS)[0],
    "cosine": lambda taste: cosine([taste], FILMS)[0],
    "distance": lambda taste: -euclidean([taste], FILMS)[0],
}
REACH = np.round(np.linspace(-2, 2, 21), 2)


def shelf(taste, judge):
    """The five films that a judge ("dot", "cosine", "distance") puts first for a taste."""
    return top_k(JUDGES[judge](taste), SHELF)


def _draw(taste, judge):
    best = shelf(taste, judge)
    first, second, size = style.side_by_side(
        left=0.54, gap=0.06, height=400, narrow_height=540, split=0.6, narrow_gap=0.08
    )
    places = np.arange(1, SHELF + 1)
    traces = [
        style.dots(FILMS[:, 0], FILMS[:, 1], names=NAMES, size=7, color=style.ITEM_SOFT),
        style.dots(
            FILMS[best, 0],
            FILMS[best, 1],
            size=17,
            marker={"line": {"color": style.ITEM, "width": 1.5}},
        ),
        style.words(FILMS[best, 0], FILMS[best, 1], places.astype(str), color=style.PAPER, size=11),
        style.arrow(taste, label="you"),
        style.dots(np.zeros(SHELF), places, size=22, xaxis="x2", yaxis="y2"),
        style.words(
            np.zeros(SHELF), places, places.astype(str), color=style.PAPER, xaxis="x2", yaxis="y2"
        ),
        style.words(
            np.full(SHELF, 0.35),
            places,
            [_two_lines(NAMES[j]) for j in best],
            at="middle right",
            size=14,
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 26, "r": 4, "t": 8, "b": 34},
        xaxis=style.axis("bright ← → dark", (-2.2, 2.2), **first[0])
        | {"showticklabels": False, "zeroline": True},
        yaxis=style.axis("cool ← → tender", (-2.2, 2.3), **first[1])
        | {"showticklabels": False, "zeroline": True},
        xaxis2=style.bare_axis((-0.4, 5), **second[0]),
        yaxis2=style.bare_axis((SHELF + 0.7, 0.3), **second[1]),
    )


def _two_lines(name, limit=26):
    """A long title broken once, near its middle."""
    if len(name) <= limit:
        return name
    words = name.split()
    cut = min(range(1, len(words)), key=lambda c: abs(len(" ".join(words[:c])) - len(name) / 2))
    return f"{' '.join(words[:cut])}<br>{' '.join(words[cut:])}"


def _say(taste, judge):
    first = shelf(taste, judge)[0]
    return f"First on your shelf: {NAMES[first]}. “{HOUSE.items['plot'][first]}”"


def _table(taste, judge):
    scores = JUDGES[judge](taste)
    rows = [
        [at, NAMES[j], str(HOUSE.items["director"][j]), float(abs(scores[j]))]
        for at, j in enumerate(shelf(taste, judge), start=1)
    ]
    return ["place", "film", "directed by", "score"], rows


taste_shelf = Explorable(
    _draw,
    {
        "taste": Pad(
            "Drag your taste", REACH, REACH, start=(0.8, 0.6), names=("to dark", "to tender")
        ),
        "judge": Choice(
            "Put first",
            {
                "dot": "far along the arrow (dot product)",
                "cosine": "same direction (cosine)",
                "distance": "nearest (distance)",
            },
        ),
    },
    "What would the Harbour Cinema put on your shelf?",
    _say,
    "welcome.taste-shelf",
    table=_table,
)
