"""The races of ``benchmarks/results.json`` as bars: how long ours takes where the peer takes 1.

    ```{races}
    ```

The scale is logarithmic, so that twice as fast and twice as slow lie equally far from the line.
"""

import json
import math
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

RESULTS = Path(__file__).resolve().parents[3] / "benchmarks" / "results.json"
LEAST, MOST = 1 / 24, 2.5  # ends of the scale
MARKS = ((1 / 8, "⅛"), (1 / 4, "¼"), (1 / 2, "½"), (1, "as long"))


class Races(SphinxDirective):
    """One row a race; below them the small print, and the machine they were run on."""

    def run(self):
        for path in (str(RESULTS), __file__):
            self.env.note_dependency(path)
        benches = json.loads(RESULTS.read_text(encoding="utf-8"))
        races = [race for bench in benches.values() for race in bench["races"]]
        scale = "".join(
            f"<span style='left:{_place(value):.1f}%'>{words}</span>" for value, words in MARKS
        )
        head = (
            "<tr><th>ours, <span>and the peer</span></th>"
            f"<th><div class='race-scale'>{scale}</div></th><th>seconds</th></tr>"
        )
        notes = "".join(
            f"<li><b>{escape(race['name'])}</b>: {escape(race['note'])}. "
            f"Quality {_quality(race['quality'])}, the peer's {_quality(race['peer_quality'])}."
            "</li>"
            for race in races
        )
        machines = " ".join(sorted({_machine(bench) for bench in benches.values()}))
        html = (
            f"<table class='table races'><thead>{head}</thead>"
            f"<tbody>{''.join(map(_row, races))}</tbody></table>"
            f"<details class='races-notes'><summary>The small print: what was set, and how good it "
            f"came out</summary><ul>{notes}</ul></details><p class='races-machine'>{machines}</p>"
        )
        return [nodes.raw("", html, format="html")]


def _row(race):
    version = race["peer_version"].partition("+")[0]
    ratio, here, line = race["ratio"], _place(race["ratio"]), _place(1)
    bar = f"left:{min(here, line):.1f}%;width:{abs(here - line):.1f}%"
    side = f"right:{100 - min(here, line):.1f}%"
    return (
        f"<tr class='{'reached' if race['reached'] else 'missed'}'>"
        f"<td><b>{escape(race['name'])}</b><span>{escape(race['peer'])} {version}</span></td>"
        f"<td><div class='race'><i style='left:{line:.1f}%'></i>"
        f"<s style='left:{_place(race['target']):.1f}%' title='at most {race['target']:g}'></s>"
        f"<b style='{bar}'></b><em style='{side}'>{ratio:.2f}</em></div></td>"
        f"<td>{_time(race['seconds'])}<span>{_time(race['peer_seconds'])}</span></td></tr>"
    )


def _place(ratio):
    """Per cent from the left."""
    share = math.log(ratio / LEAST) / math.log(MOST / LEAST)
    return 100 * min(max(share, 0), 1)


def _time(seconds):
    return f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"


def _quality(value):
    return f"{value:,.0f}" if value > 100 else f"{value:.4f}"


def _machine(bench):
    m = bench["machine"]
    return (
        f"Measured on {bench['date']}: {m['cpu']}, {m['cores']} cores, {m['threads']} threads, "
        f"{m['system']}, Python {m['python']}, NumPy {m['numpy']}."
    )


def setup(app):
    app.add_directive("races", Races)
