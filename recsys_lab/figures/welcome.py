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
        left=0.54, gap=0.06, height=350, narrow_height=480, split=0.54, narrow_gap=0.11
    )
    size["narrow"] |= {"margin.b": 4, "yaxis2.range": [SHELF + 0.5, 0.5]}
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
        style.arrow(taste),
        style.words([taste[0]], [taste[1]], [f"{_BLANKS}you{_BLANKS}"], color=style.USER, size=14)
        | {"textposition": _free_side(taste, FILMS[best])},
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


_BLANKS = "\u00a0" * 5  # room for the ring that marks the point to be dragged
_SIDES = {  # where "you" may stand, seen from the tip of the arrow
    "middle right": (0.55, 0.0),
    "middle left": (-0.55, 0.0),
    "top right": (0.6, 0.35),
    "top left": (-0.6, 0.35),
    "bottom right": (0.5, -0.3),
    "bottom left": (-0.5, -0.3),
}


def _free_side(taste, badges):
    """The side of the tip where a word is farthest from the numbered films and the arrow."""
    shaft = np.linspace(0, 0.8, 5)[:, None] * np.asarray(taste)
    taken = np.vstack([badges, shaft])

    def room(side):
        word = np.add(taste, _SIDES[side])
        return np.hypot(*((taken - word) * (0.7, 1)).T).min() if abs(word[0]) < 1.95 else 0

    return max(_SIDES, key=room)


def _two_lines(name, limit=26):
    """A long title broken once, near its middle."""
    if len(name) <= limit:
        return name
    words = name.split()
    cut = min(range(1, len(words)), key=lambda c: abs(len(" ".join(words[:c])) - len(name) / 2))
    return f"{' '.join(words[:cut])}<br>{' '.join(words[cut:])}"


_NAME = {"dot": "the dot product", "cosine": "cosine", "distance": "distance"}
_GLOSS = {
    "dot": "Far along your arrow is good",
    "cosine": "The same direction is good",
    "distance": "Near your tip is good",
}


def _say(taste, judge):
    if taste == (0, 0) and judge != "distance":
        return "An arrow without length points nowhere: every film scores the same. Drag it out."
    best = shelf(taste, judge)
    other = "cosine" if judge == "dot" else "dot"
    shared = len(set(best) & set(shelf(taste, other)))
    agree = ("none", "one", "two", "three", "four", "all")[shared]
    return (
        f"{_GLOSS[judge]}, and first comes {NAMES[best[0]]}: “{HOUSE.items['plot'][best[0]]}” "
        f"Of these five, {_NAME[other]} would show you {agree}."
    )


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
            "What comes first, by",
            {
                "dot": "dot product",
                "cosine": "cosine",
                "distance": "distance",
            },
        ),
    },
    "What would the Harbour Cinema put on your shelf?",
    _say,
    "welcome.taste-shelf",
    table=_table,
)
