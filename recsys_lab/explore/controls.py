"""What the reader's hand can move: a slider, a choice, a switch, a point in the plane.

A control is the finite list of values its parameter takes on the static page, the one it starts
with, and the words beside it. Live notebooks use the same list.
"""

from dataclasses import dataclass, field
from itertools import pairwise, product

from recsys_lab.explore.style import true_minus


@dataclass(frozen=True)
class Slider:
    """A range input over ``values`` in ascending order.

    ``labels`` are what the reader sees for each value (default: the number), ``ends`` two words
    under the ends of the track, ``play`` adds a button that walks through the values.
    """

    label: str
    values: list
    start: float = None
    labels: list = None
    ends: tuple = None
    play: bool = False

    def __post_init__(self):
        values = [_plain(value) for value in self.values]
        if len(values) < 2 or any(b <= a for a, b in pairwise(values)):
            raise ValueError(f"slider {self.label!r} needs two or more ascending values: {values}")
        _settle(self, values, self.labels)


@dataclass(frozen=True)
class Choice:
    """One of several ``options``: a list of words, or a dict value → words; many drop down."""

    label: str
    options: list
    start: object = None
    labels: list = field(default=None, init=False)
    values: list = field(default=None, init=False)

    def __post_init__(self):
        by_name = isinstance(self.options, dict)
        values = list(self.options)
        if len(values) < 2:
            raise ValueError(f"choice {self.label!r} needs two or more options, got {values}")
        _settle(self, values, list(self.options.values()) if by_name else None)


@dataclass(frozen=True)
class Toggle:
    """A switch: False or True."""

    label: str
    start: bool = False
    values: list = field(default=None, init=False)
    labels: list = field(default=None, init=False)

    def __post_init__(self):
        _settle(self, [False, True], ["off", "on"])


@dataclass(frozen=True)
class Pad:
    """A point (x, y) dragged in the figure itself; two range inputs reach it by keyboard.

    ``x`` and ``y`` are the ascending grid values, ``start`` a pair, ``names`` the words beside
    the two range inputs, ``axes`` the Plotly axes the point lives on.
    """

    label: str
    x: list
    y: list
    start: tuple = None
    names: tuple = ("across", "up")
    axes: tuple = ("x", "y")
    values: list = field(default=None, init=False)
    labels: list = field(default=None, init=False)

    def __post_init__(self):
        for side in ("x", "y"):
            grid = [_plain(value) for value in getattr(self, side)]
            if len(grid) < 2 or any(b <= a for a, b in pairwise(grid)):
                raise ValueError(f"pad {self.label!r} needs ascending {side} values, got {grid}")
            object.__setattr__(self, side, grid)
        start = None if self.start is None else tuple(_plain(v) for v in self.start)
        object.__setattr__(self, "start", start)
        _settle(self, list(product(self.x, self.y)), None)


def _settle(control, values, given):
    """Fill in the values, labels and start of a control, which is frozen from then on."""
    words = map(key, values) if given is None else map(str, given)
    labels = [true_minus(text) for text in words]
    if len(labels) != len(values):
        raise ValueError(
            f"{control.label!r} has {len(values)} values but {len(labels)} labels; give one each"
        )
    start = values[0] if control.start is None else _plain(control.start)
    if start not in values:
        few = f"{values[:3]} ... {values[-1]}" if len(values) > 6 else values
        raise ValueError(f"{control.label!r} starts at {start!r}, not one of {few}")
    for name, value in (("values", values), ("labels", labels), ("start", start)):
        object.__setattr__(control, name, value)


def key(value):
    """How a value is written in the name of a state: 0.5, true, cosine, 1,0.5."""
    if isinstance(value, tuple):
        return ",".join(key(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(value):
    """NumPy numbers as Python's own, rounded where a step of linspace left a tail of digits."""
    value = value.item() if hasattr(value, "item") else value
    return round(value, 10) if isinstance(value, float) else value
