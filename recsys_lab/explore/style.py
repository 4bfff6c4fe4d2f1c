"""The house style of every figure: one palette, one type, arrows for vectors, dots for items.

Traces and axes are plain dictionaries in Plotly's own vocabulary, so that a figure of the book
costs well under a millisecond to make: a page needs up to two thousand of them.
"""

import re

# Roles, never hues: a figure says USER, not "blue". Viewers are blue, films orange, and every
# pair was chosen to differ in lightness too, so that it survives colour blindness and grey print.
LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2a33",
    "quiet": "#5c6873",
    "grid": "#e2e6ea",
    "user": "#0067a5",
    "user_soft": "#b9dcf2",
    "item": "#c24d00",
    "item_soft": "#f6d3b8",
    "third": "#147a5b",
    "third_soft": "#bfe3d5",
    "fourth": "#85427c",
    "fourth_soft": "#e4cbe0",
}
DARK = {
    "paper": "#121212",
    "ink": "#e6eaee",
    "quiet": "#a2acb5",
    "grid": "#343a40",
    "user": "#6db9ef",
    "user_soft": "#2f6c99",
    "item": "#ff9d57",
    "item_soft": "#98531f",
    "third": "#5cc7a3",
    "third_soft": "#2d7059",
    "fourth": "#d79ace",
    "fourth_soft": "#855080",
}
PAPER, INK, QUIET, GRID = (LIGHT[role] for role in ("paper", "ink", "quiet", "grid"))
USER, USER_SOFT, ITEM, ITEM_SOFT = (
    LIGHT[role] for role in ("user", "user_soft", "item", "item_soft")
)
THIRD, THIRD_SOFT, FOURTH, FOURTH_SOFT = (
    LIGHT[role] for role in ("third", "third_soft", "fourth", "fourth_soft")
)

SEQUENTIAL = [[0, PAPER], [0.5, USER_SOFT], [1, USER]]  # from nothing to much
DIVERGING = [[0, ITEM], [0.25, ITEM_SOFT], [0.5, PAPER], [0.75, USER_SOFT], [1, USER]]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
FONT_SIZE = 14
NARROW = 520  # below this width in pixels the page applies a figure's `narrow` layout


def figure(traces, *, height=380, narrow=None, margin=None, **layout):
    """A figure in house style, as the plain dictionary that `plotly.graph_objects.Figure` takes.

    A page draws up to two thousand of them; a Figure object, with its validation, costs ten times
    the drawing. `Explorable.figure` makes one, and the tests validate them all.

    Parameters
    ----------
    traces : list of dict
        Plotly traces, for instance from `dots`, `arrow`, `bars`.
    height : int
        Pixels. The width is the page's.
    narrow : dict, optional
        Layout entries by dotted path, laid over the figure where the page is narrower than
        `NARROW` pixels: ``{"height": 560, "xaxis.domain": [0, 1]}``.
    **layout
        Plotly layout entries; axes best come from `axis`.
    """
    layout = {
        "height": height,
        "margin": {"l": 52, "r": 16, "t": 16, "b": 46} | (margin or {}),
        "font": {"family": FONT, "size": FONT_SIZE, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": PAPER, "font": {"color": INK, "family": FONT, "size": 13}},
        "dragmode": False,
        "xaxis": axis(),
        "yaxis": axis(),
    } | layout
    if narrow:
        layout["meta"] = {"narrow": narrow}
    return {"data": traces, "layout": layout}


def axis(title=None, range=None, **more):
    """A quiet axis: pale grid, fixed range so that a drag never zooms."""
    entry = {
        "gridcolor": GRID,
        "zerolinecolor": QUIET,
        "zerolinewidth": 1,
        "showline": False,
        "tickfont": {"size": 12, "color": QUIET},
        "fixedrange": True,
        # Off: with it Plotly lays every picture out twice. Margins are part of the figure.
        "automargin": False,
        "zeroline": False,
    }
    if title is not None:
        entry["title"] = {"text": title, "font": {"size": 13, "color": INK}, "standoff": 8}
    if range is not None:
        entry["range"] = list(range)
    return entry | more


def equal(x_axis="x"):
    """What a y axis needs so that angles look right: one unit up is one unit across."""
    return {"scaleanchor": x_axis, "scaleratio": 1}


def bare_axis(range=None, **more):
    """An axis that only carries positions: no grid, no ticks, no line."""
    return axis(range=range, showgrid=False, showticklabels=False, ticks="", **more)


def side_by_side(
    left=0.54, gap=0.12, height=380, narrow_height=620, split=0.56, narrow_gap=0.13, stack=True
):
    """Layout of two panels: beside each other, and one above the other on a narrow page.

    Returns ``(first, second, keywords)``: axis entries (``domain``) for x/y and x2/y2, and what
    `figure` wants as ``height`` and ``narrow``.
    """
    second_left = left + gap
    first = ({"domain": [0, left]}, {"domain": [0, 1]})
    second = ({"domain": [second_left, 1], "anchor": "y2"}, {"domain": [0, 1], "anchor": "x2"})
    narrow = {
        "height": narrow_height,
        "xaxis.domain": [0, 1],
        "yaxis.domain": [1 - split + narrow_gap / 2, 1],
        "xaxis2.domain": [0, 1],
        "yaxis2.domain": [0, 1 - split - narrow_gap / 2],
    }
    return first, second, {"height": height, "narrow": narrow if stack else None}


def dots(x, y, *, names=None, color=ITEM, size=10, labels=None, label_at="top center", **more):
    """Dots for items. ``names`` show on hover, ``labels`` beside the dots."""
    trace = {
        "type": "scatter",
        "mode": "markers" if labels is None else "markers+text",
        "x": x,
        "y": y,
        "marker": {"color": color, "size": size, "line": {"color": PAPER, "width": 1}},
        "hoverinfo": "skip" if names is None else "text",
    }
    if names is not None:
        trace["hovertext"] = names
    if labels is not None:
        trace |= {"text": labels, "textposition": label_at, "textfont": {"size": 13}}
    return _merge(trace, more)


def arrow(tip, *, start=(0, 0), color=USER, width=3, label=None, **more):
    """A vector from ``start`` to ``tip``, its label beyond the tip."""
    trace = {
        "type": "scatter",
        "mode": "lines+markers" if label is None else "lines+markers+text",
        "x": [start[0], tip[0]],
        "y": [start[1], tip[1]],
        "line": {"color": color, "width": width},
        "marker": {
            "symbol": ["circle", "arrow"],
            "angleref": "previous",
            "size": [0, 9 + 2 * width],
            "opacity": 1,
            "color": color,
        },
        "hoverinfo": "skip",
    }
    if label is not None:
        # Blanks keep the words clear of the ring that marks a point to be dragged.
        right, blank = tip[0] >= start[0], "\u00a0" * 5
        trace["text"] = ["", f"{blank}{label}" if right else f"{label}{blank}"]
        trace |= {"textposition": "middle right" if right else "middle left", "cliponaxis": False}
        trace["textfont"] = {"size": 14, "color": color}
    return _merge(trace, more)


def line(x, y, *, color=QUIET, width=2, dash=None, **more):
    """A line; ``dash`` as in Plotly ("dot", "dash")."""
    look = {"color": color, "width": width, "simplify": False} | ({"dash": dash} if dash else {})
    trace = {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": look}
    return _merge(trace | {"hoverinfo": "skip"}, more)


def words(x, y, text, *, color=INK, size=13, at="middle center", **more):
    """Words at places of the plot."""
    trace = {"type": "scatter", "mode": "text", "x": x, "y": y, "text": text}
    trace |= {"textposition": at, "textfont": {"size": size, "color": color}, "hoverinfo": "skip"}
    return _merge(trace, more)


def bars(x, y, *, color=ITEM, horizontal=False, labels=None, **more):
    """Bars with their values written on them."""
    trace = {"type": "bar", "x": x, "y": y, "marker": {"color": color}, "hoverinfo": "skip"}
    if horizontal:
        trace["orientation"] = "h"
    if labels is not None:
        trace |= {"text": labels, "textposition": "auto", "textangle": 0, "cliponaxis": False}
    return _merge(trace, more)


def heatmap(z, *, x=None, y=None, scale=SEQUENTIAL, labels=None, limits=None, **more):
    """A table as colours, with its numbers written into the cells where ``labels`` are given."""
    trace = {"type": "heatmap", "z": z, "colorscale": scale, "showscale": False}
    trace |= {"xgap": 2, "ygap": 2, "hoverinfo": "skip"}
    if x is not None:
        trace["x"] = x
    if y is not None:
        trace["y"] = y
    if limits is not None:
        trace |= {"zmin": limits[0], "zmax": limits[1]}
    if labels is not None:
        trace |= {"text": labels, "texttemplate": "%{text}", "textfont": {"size": 13}}
    return _merge(trace, more)


def note(text, x, y, *, color=QUIET, size=13, xref="paper", yref="paper", **more):
    """A layout annotation without an arrow, placed in fractions of the figure."""
    entry = {"text": text, "x": x, "y": y, "xref": xref, "yref": yref, "showarrow": False}
    return entry | {"font": {"size": size, "color": color}} | more


def key(*marks):
    """A key in one line, each glyph in the colour of the marks it stands for.

    ``key(("●", ITEM, "films"), ("■", USER, "viewers"))`` gives words for a `note` or a title.
    """
    return "\u2003".join(
        f'<span style="color:{color}">{glyph}</span>\u00a0{words}' for glyph, color, words in marks
    )


def true_minus(text):
    """Words with a minus sign, as long as a plus, wherever a hyphen stands before a number."""
    return _HYPHEN.sub("−", text)


# A hyphen between letters or figures joins them ("two-tower", "2019-24", "1e-05").
_HYPHEN = re.compile(r"(?<![\w-])-(?=\.?\d|∞|inf\b)")


def matplotlib_rc():
    """The same palette and type for Matplotlib: ``with matplotlib.rc_context(matplotlib_rc())``.

    Backgrounds are transparent and ink is the mid-grey that both of the page's themes bear.
    """
    from cycler import cycler

    grey = "#7a858f"
    return {
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "axes.edgecolor": grey,
        "axes.labelcolor": grey,
        "text.color": grey,
        "xtick.color": grey,
        "ytick.color": grey,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=[LIGHT["user"], LIGHT["item"], LIGHT["third"]]),
        "font.size": 11,
        "figure.dpi": 144,
    }


def _merge(trace, more):
    for key, value in more.items():
        known = trace.get(key)
        trace[key] = known | value if isinstance(known, dict) and isinstance(value, dict) else value
    return trace
