"""The explorable on the static page: native controls, all states inside, no server.

The markup below is the contract with ``explorable.js`` and the browser tests. Everything a
reader without scripts needs is in it: the question, the first sentence, the first table.
"""

from html import escape

from recsys_lab.explore import style
from recsys_lab.explore.controls import Choice, Pad, Slider, Toggle, key
from recsys_lab.explore.explorable import state_key
from recsys_lab.explore.states import compress, pack

RADIO_LIMIT = 6  # more options than this drop down


def to_html(explorable):
    """The whole ``<figure>`` of an explorable, with its states compressed inside."""
    documents = [explorable.document(**params) for _, params in explorable.states()]
    shape = [len(control.values) for control in explorable.controls.values()]
    payload = pack(documents, shape) | {
        "controls": [_spec(name, control) for name, control in explorable.controls.items()],
        "dark": {style.LIGHT[role]: style.DARK[role] for role in style.LIGHT},
        "narrowBelow": style.NARROW,
    }
    first = explorable.document()
    layout = first["figure"]["layout"]
    narrow = layout.get("meta", {}).get("narrow", {}).get("height", layout["height"])
    uid = explorable.name.replace(".", "-")
    form = "".join(_control(uid, name, control) for name, control in explorable.controls.items())
    if form:
        form += (
            '<button type="reset" class="explorable-reset" aria-label="Start again" '
            'title="Start again">↺</button>'
        )
    return f"""\
<figure class="explorable" id="explorable-{uid}" data-explorable="{escape(explorable.name)}" \
data-state="">
<p class="explorable-question">{escape(explorable.question)}</p>
<form class="explorable-controls" autocomplete="off"{"" if form else " hidden"}>{form}</form>
<div class="explorable-plot" role="img" aria-labelledby="says-{uid}" \
data-first="{escape(state_key(explorable.start))}" \
style="--height:{layout["height"]}px;--narrow-height:{narrow}px"></div>
<figcaption class="explorable-says" id="says-{uid}" aria-live="polite">\
{escape(first["says"])}</figcaption>
<details class="explorable-numbers"><summary>The numbers</summary>{_table(first["table"])}</details>
<script type="application/octet-stream" class="explorable-data">{compress(payload)}</script>
</figure>"""


def _spec(name, control):
    """What the script must know of a control to turn positions into a state and its key."""
    spec = {"name": name, "kind": type(control).__name__.lower(), "labels": control.labels}
    spec["start"] = control.values.index(control.start)
    spec["keys"] = [key(value) for value in control.values]
    if isinstance(control, Pad):
        spec |= {"x": control.x, "y": control.y, "axes": list(control.axes), "labels": []}
    return spec


def _control(uid, name, control):
    label = escape(control.label)
    at = control.values.index(control.start)
    match control:
        case Slider():
            ends = control.ends or ("", "")
            words = "".join(f"<span>{escape(end)}</span>" for end in ends)
            play = (
                f'<button type="button" class="explorable-play" data-play="{name}" '
                f'aria-label="Play {label}">▶</button>'
                if control.play
                else ""
            )
            ends = f'<span class="explorable-ends" aria-hidden="true">{words}</span>'
            return (
                f'<div class="explorable-control explorable-slider"><label><span>{label}</span> '
                f"<output>{escape(control.labels[at])}</output>"
                f"{_range(name, len(control.values), at, control.labels[at])}</label>"
                f"{ends if control.ends else ''}{play}</div>"
            )
        case Choice() if len(control.values) > RADIO_LIMIT:
            options = "".join(
                f'<option value="{i}"{" selected" if i == at else ""}>{escape(words)}</option>'
                for i, words in enumerate(control.labels)
            )
            return (
                f'<div class="explorable-control explorable-choice"><label><span>{label}</span> '
                f'<select name="{name}">{options}</select></label></div>'
            )
        case Choice():
            radios = "".join(
                f'<label><input type="radio" name="{name}" value="{i}"'
                f"{' checked' if i == at else ''}> {escape(words)}</label>"
                for i, words in enumerate(control.labels)
            )
            return (
                f'<fieldset class="explorable-control explorable-choice"><legend>{label}</legend>'
                f"{radios}</fieldset>"
            )
        case Toggle():
            return (
                f'<div class="explorable-control explorable-toggle"><label><input type="checkbox" '
                f'name="{name}"{" checked" if control.start else ""}> {label}</label></div>'
            )
        case Pad():
            sides = ""
            for side, words in zip("xy", control.names):
                grid = getattr(control, side)
                here = grid.index(control.start["xy".index(side)])
                value = style.true_minus(f"{grid[here]:g}")
                sides += (
                    f"<label><span>{escape(words)}</span> <output>{value}</output>"
                    f"{_range(f'{name}.{side}', len(grid), here, value)}</label>"
                )
            return (
                f'<fieldset class="explorable-control explorable-pad"><legend>{label}</legend>'
                f"{sides}</fieldset>"
            )


def _range(name, count, at, says):
    return (
        f'<input type="range" name="{name}" min="0" max="{count - 1}" step="1" value="{at}" '
        f'aria-valuetext="{escape(says)}">'
    )


def _table(table):
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table["head"])
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in table["rows"]
    )
    return (
        f'<div class="explorable-table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
