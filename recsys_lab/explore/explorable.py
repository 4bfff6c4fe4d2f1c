"""A figure that answers the reader's hand: one definition, three lives."""

import os
from itertools import product
from math import prod

from recsys_lab.explore.controls import key
from recsys_lab.explore.states import plain
from recsys_lab.explore.style import true_minus

MAX_STATES = 2_000


class Explorable:
    """A pure drawing, the controls of its parameters, a question and a sentence.

    Parameters
    ----------
    draw : function ``(**params) -> plotly Figure``, or the plain dict of one (`style.figure`)
        Pure: the same parameters give the same picture.
    controls : dict of parameter name → `Slider`, `Choice`, `Toggle` or `Pad`
        Empty for a figure that does not move.
    question : str
        What the reader should answer *before* touching anything.
    describe : function ``(**params) -> str``
        One sentence that says what the picture now shows.
    name : str
        ``"chapter.figure"``, unique in the book: the figure's address on the page.
    table : function ``(**params) -> (head, rows)``, optional
        The state in numbers: a list of column names, and a list of rows. Without it the table
        lists the points of the figure's traces.

    Notes
    -----
    Static page: all states are drawn once, at build time. Notebook: any state is drawn when
    asked for. Elsewhere: the sentence of the first state. `life` decides.
    """

    def __init__(self, draw, controls, question, describe, name, *, table=None):
        if name.count(".") != 1 or not name.replace(".", "").replace("-", "").isalnum():
            raise ValueError(f'name must look like "chapter.figure-name", got {name!r}')
        states = prod(len(control.values) for control in controls.values())
        if states > MAX_STATES:
            raise ValueError(
                f"{name} has {states:,} states, more than {MAX_STATES:,}; coarsen its controls"
            )
        self.draw, self.controls, self.question = draw, dict(controls), question
        self.describe, self.name, self.table = describe, name, table

    @property
    def start(self):
        """The parameters of the first state."""
        return {name: control.start for name, control in self.controls.items()}

    def _params(self, params):
        unknown = params.keys() - self.controls.keys()
        if unknown:
            raise ValueError(
                f"{self.name} has no parameter {sorted(unknown)}; it has {sorted(self.controls)}"
            )
        return self.start | params

    def figure(self, **params):
        """The Plotly figure of one state; parameters left out keep their start."""
        import plotly.graph_objects as go

        drawn = self.draw(**self._params(params))
        if isinstance(drawn, dict):
            # The empty template keeps Plotly's default one from painting over the house style.
            drawn = go.Figure(drawn | {"layout": drawn["layout"] | {"template": {}}})
        return drawn

    __call__ = figure

    def says(self, **params):
        """The sentence of one state."""
        return self.describe(**self._params(params))

    def numbers(self, **params):
        """The state as a table: ``(head, rows)``."""
        params = self._params(params)
        if self.table is not None:
            head, rows = self.table(**params)
            return list(head), [list(row) for row in rows]
        return _points(self.draw(**params))

    def states(self):
        """All states of the page's grid: ``(key, params)``, the last control changing fastest."""
        names = list(self.controls)
        for values in product(*(control.values for control in self.controls.values())):
            params = dict(zip(names, values))
            yield state_key(params), params

    def document(self, **params):
        """Everything the page shows of one state, as JSON's own types."""
        drawn = plain(_as_dict(self.draw(**self._params(params))))
        drawn["layout"].pop("template", None)
        head, rows = self.numbers(**params)
        rows = [[_cell(cell) for cell in row] for row in rows]
        table = {"head": [str(cell) for cell in head], "rows": rows}
        return {"figure": drawn, "says": self.says(**params), "table": table}

    def to_html(self):
        """The explorable as self-contained markup for the static page (see ``page.py``)."""
        from recsys_lab.explore.page import to_html

        return to_html(self)

    def live(self):
        """The explorable as an ipywidgets box for a live notebook (see ``live.py``)."""
        from recsys_lab.explore.live import live

        return live(self)

    def __repr__(self):
        return f"{self.question} {self.says()}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self)}
        match life():
            case "static":
                bundle["text/html"] = self.to_html()
            case "live":
                bundle |= self.live()._repr_mimebundle_() | {"text/plain": repr(self)}
        return bundle


def state_key(params):
    """The name of a state, as ``data-state`` carries it: ``query=1,0.5;alpha=0``."""
    return ";".join(f"{name}={key(value)}" for name, value in params.items())


def life():
    """Which of the three lives a shown explorable takes: "static", "live" or "text".

    ``RECSYS_LAB_EXPLORE`` decides where it is set (the book's build sets "static"). Otherwise
    "live" inside a notebook kernel that has ipywidgets, "text" everywhere else.
    """
    asked = os.environ.get("RECSYS_LAB_EXPLORE")
    if asked:
        if asked not in ("static", "live", "text"):
            raise ValueError(
                f'RECSYS_LAB_EXPLORE is {asked!r}, expected "static", "live" or "text"'
            )
        return asked
    try:
        import ipywidgets  # noqa: F401
        from IPython import get_ipython
    except ImportError:
        return "text"
    shell = get_ipython()
    return "live" if shell is not None and hasattr(shell, "kernel") else "text"


def _as_dict(drawn):
    return drawn if isinstance(drawn, dict) else drawn.to_plotly_json()


def _cell(value):
    """A table cell in words: four significant digits, a true minus sign, nothing for nothing."""
    value = plain(value)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return true_minus(f"{value:,}")


def _points(figure):
    """The points of all traces that carry a name or words: what a table can say of a drawing."""
    rows = []
    for trace in plain(_as_dict(figure))["data"]:
        x, y = trace.get("x"), trace.get("y")
        if not isinstance(x, list) or not isinstance(y, list):
            continue
        labels = trace.get("hovertext") or trace.get("text") or [trace.get("name", "")] * len(x)
        if isinstance(labels, str):
            labels = [labels] * len(x)
        rows += [[label, a, b] for label, a, b in zip(labels, x, y) if label]
    return ["mark", "x", "y"], rows
