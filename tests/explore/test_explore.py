"""Explorables: the definition, the packing of states, the page and the notebook."""

import base64
import gzip
import importlib
import json
import pkgutil
import time

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recsys_lab.figures
from recsys_lab.explore import Choice, Explorable, Pad, Slider, Toggle, style
from recsys_lab.explore.explorable import MAX_STATES, life, state_key
from recsys_lab.explore.states import compress, pack, plain

ALL = {
    thing.name: thing
    for module in pkgutil.iter_modules(recsys_lab.figures.__path__)
    for thing in vars(importlib.import_module(f"recsys_lab.figures.{module.name}")).values()
    if isinstance(thing, Explorable)
}


def small(**more):
    def draw(tip, bold, kind):
        return style.figure([style.arrow(tip, width=5 if bold else 2, label=kind)], height=200)

    controls = {
        "tip": Pad("the tip", [0, 1, 2], [0, 0.5]),
        "bold": Toggle("bold"),
        "kind": Choice("kind", {"a": "an A", "b": "a B"}),
    }
    return Explorable(
        draw,
        controls,
        "Where?",
        lambda tip, bold, kind: f"At {tip[0]:g}, {tip[1]:g}: {kind}{' & bold' * bold}.",
        "test.small",
        **more,
    )


def unpack(payload):
    """Every document of a packed grid: the independent reading of what `pack` wrote."""
    documents = []
    for position in np.ndindex(*payload["shape"]):
        document = json.loads(json.dumps(payload["base"]))
        for path, axes, indices in payload["columns"]:
            at = 0
            for axis in axes:
                at = at * payload["shape"][axis] + position[axis]
            target = document
            for step in path[:-1]:
                target = target[step]
            if path:
                target[path[-1]] = payload["pool"][indices[at]]
            else:
                document = payload["pool"][indices[at]]
        documents.append(document)
    return documents


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(-2, 2), st.text(max_size=3)
)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(st.lists(documents, min_size=6, max_size=6))
def test_packed_states_come_back_as_they_were(six):
    assert unpack(pack(six, (2, 3))) == six


def test_a_column_forgets_the_controls_it_does_not_depend_on():
    grid = [{"x": i, "y": i * 10 + j} for i in range(3) for j in range(4)]
    columns = {path[0]: (axes, values) for path, axes, values in pack(grid, (3, 4))["columns"]}
    assert columns["x"][0] == [0] and len(columns["x"][1]) == 3
    assert columns["y"][0] == [0, 1] and len(columns["y"][1]) == 12


def test_true_and_one_stay_apart():
    assert unpack(pack([True, 1], (2,))) == [True, 1]
    assert [type(d) for d in unpack(pack([True, 1], (2,)))] == [bool, int]


def test_packing_a_wrong_number_of_states_is_refused():
    with pytest.raises(ValueError, match="do not fill a grid"):
        pack([{}], (2, 2))


def test_the_same_states_give_the_same_bytes():
    assert small().to_html() == small().to_html()


def test_compressed_states_open_as_gzip():
    assert json.loads(gzip.decompress(base64.b64decode(compress({"a": [1, "é"]})))) == {
        "a": [1, "é"]
    }


def test_numbers_are_shortened_and_strange_ones_become_none():
    given_ = {"a": np.array([1.23456, np.nan]), "b": np.float64(2.0), "c": (True, np.int64(3))}
    assert plain(given_) == {"a": [1.235, None], "b": 2, "c": [True, 3]}


def test_states_run_through_the_grid_the_last_control_fastest():
    keys = [key for key, _ in small().states()]
    assert len(keys) == len(set(keys)) == 3 * 2 * 2 * 2
    assert keys[:2] == ["tip=0,0;bold=false;kind=a", "tip=0,0;bold=false;kind=b"]


def test_the_figure_of_a_state_is_a_plotly_figure_in_house_style():
    figure = small()(tip=(2, 0.5))
    assert isinstance(figure, go.Figure)
    assert tuple(figure.data[0].x) == (0, 2)
    assert figure.layout.paper_bgcolor == style.PAPER


def test_markup_carries_the_contract():
    html = small().to_html()
    for piece in (
        '<figure class="explorable" id="explorable-test-small" data-explorable="test.small"',
        '<p class="explorable-question">Where?</p>',
        '<form class="explorable-controls"',
        '<figcaption class="explorable-says" id="says-test-small" aria-live="polite">At 0, 0: a.',
        '<details class="explorable-numbers">',
        '<input type="range" name="tip.x" min="0" max="2"',
        '<input type="checkbox" name="bold"',
        '<input type="radio" name="kind" value="0" checked',
    ):
        assert piece in html
    assert "<script>" not in html and " onclick" not in html  # a strict policy can hold


def test_words_are_escaped():
    assert "bold" in small().says(bold=True)
    html = Explorable(
        lambda: style.figure([]), {}, "Is 1 < 2 & true?", lambda: "<b>", "test.escape"
    ).to_html()
    assert "Is 1 &lt; 2 &amp; true?" in html and "<b>" not in html


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Slider("s", [1]), "two or more ascending"),
        (lambda: Slider("s", [2, 1]), "two or more ascending"),
        (lambda: Slider("s", [1, 2], start=3), "starts at 3"),
        (lambda: Slider("s", [1, 2], labels=["one"]), "2 values but 1 labels"),
        (lambda: Choice("c", ["only"]), "two or more options"),
        (lambda: Pad("p", [0, 1], [1, 0]), "ascending y"),
        (lambda: Pad("p", [0, 1], [0, 1], start=(0.5, 0)), "starts at"),
        (lambda: Explorable(None, {}, "?", None, "no dot"), "chapter.figure"),
        (
            lambda: Explorable(None, {"a": Slider("a", range(MAX_STATES + 1))}, "?", None, "a.b"),
            "coarsen its controls",
        ),
    ],
)
def test_a_definition_that_cannot_work_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_an_unknown_parameter_is_named():
    with pytest.raises(ValueError, match="no parameter \\['angle'\\]; it has"):
        small().figure(angle=3)


def test_the_life_is_the_one_asked_for(monkeypatch):
    monkeypatch.setenv("RECSYS_LAB_EXPLORE", "static")
    assert "text/html" in small()._repr_mimebundle_()
    monkeypatch.setenv("RECSYS_LAB_EXPLORE", "text")
    assert small()._repr_mimebundle_() == {"text/plain": "Where? At 0, 0: a."}
    monkeypatch.delenv("RECSYS_LAB_EXPLORE")
    assert life() == "text"  # no notebook kernel here
    monkeypatch.setenv("RECSYS_LAB_EXPLORE", "loud")
    with pytest.raises(ValueError, match="loud"):
        life()


def test_live_controls_redraw_figure_and_sentence():
    box = small().live()
    question, *inputs, figure, says = box.children
    assert "Where?" in question.value
    across, _up, bold, kind = inputs
    across.value = 2
    bold.value = True
    kind.value = "b"
    assert tuple(figure.data[0].x) == (0, 2)
    assert figure.data[0].line.width == 5
    assert "At 2, 0: b &amp; bold." in says.value
    assert figure.layout.autosize and figure.layout.width is None  # as wide as the cell
    assert figure._config["displayModeBar"] is False


@pytest.mark.parametrize("name", ALL)
class TestEveryExplorable:
    def test_every_state_draws_marks_and_says_something(self, name):
        explorable = ALL[name]
        # The first round also pays for the fits that states share; the second is drawing alone.
        rounds = []
        for _ in range(2):
            documents, start = [], time.perf_counter()
            for _, params in explorable.states():
                documents.append(explorable.document(**params))
            rounds.append((time.perf_counter() - start) / len(documents))
            if rounds[-1] < 0.05:
                break
        each = min(rounds)
        assert len(documents) <= MAX_STATES
        assert all(document["figure"]["data"] for document in documents)
        assert all(document["says"].strip() for document in documents)
        assert all(document["table"]["rows"] for document in documents)
        assert each < 0.05, f"a state takes {1000 * each:.0f} ms"
        shape = [len(control.values) for control in explorable.controls.values()]
        size = len(base64.b64decode(compress(pack(documents, shape))))
        assert size <= 150_000, f"{size / 1000:.0f} kB compressed"

    def test_ends_and_start_are_valid_plotly_figures(self, name):
        explorable = ALL[name]
        states = list(explorable.states())
        for _, params in (states[0], states[-1], (None, explorable.start)):
            figure = explorable.figure(**params)
            go.Figure(figure.to_dict())  # validates every property
            assert state_key(params) or not params

    def test_colours_are_those_of_the_house(self, name):
        text = json.dumps(plain(ALL[name].figure().to_dict()))
        import re

        used = set(re.findall(r"#[0-9a-fA-F]{6}\b", text))
        assert used <= set(style.LIGHT.values()), used - set(style.LIGHT.values())


def test_a_minus_before_a_number_is_a_minus_and_a_hyphen_stays_one():
    assert style.true_minus("-2 and +0.5, -.5, (-1, -inf)") == "−2 and +0.5, −.5, (−1, −inf)"
    assert style.true_minus("two-tower, 2019-24, 1e-05") == "two-tower, 2019-24, 1e-05"
    assert Slider("s", [-1.5, 0, 2]).labels == ["−1.5", "0", "2"]
    assert (
        "<output>−1</output>"
        in Explorable(
            lambda tip: style.figure([style.arrow(tip)]),
            {"tip": Pad("tip", [-1, 1], [0, 1])},
            "Where?",
            lambda tip: "Here.",
            "test.minus",
        ).to_html()
    )


def test_a_key_shows_each_glyph_in_the_colour_of_its_marks():
    words = style.key(("●", style.ITEM, "films"), ("■", style.USER, "viewers"))
    assert f'<span style="color:{style.ITEM}">●</span>\u00a0films' in words
    assert f'<span style="color:{style.USER}">■</span>\u00a0viewers' in words


@pytest.mark.parametrize("palette", [style.LIGHT, style.DARK], ids=["light", "dark"])
def test_marks_and_words_have_enough_contrast(palette):
    def luminance(colour):
        channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    def contrast(a, b):
        low, high = sorted([luminance(a), luminance(b)])
        return (high + 0.05) / (low + 0.05)

    for role in ("user", "item", "third", "fourth"):
        assert contrast(palette[role], palette["paper"]) >= 3, role  # graphics, WCAG 1.4.11
        soft = palette[f"{role}_soft"]
        assert contrast(palette["ink"], soft) >= 4.5, role  # words stand on the soft ones
        if palette is style.DARK:
            assert contrast(soft, palette["paper"]) >= 3, role
    for role in ("ink", "quiet"):
        assert contrast(palette[role], palette["paper"]) >= 4.5, role  # words, WCAG 1.4.3


def test_light_and_dark_have_the_same_roles_and_no_colour_twice():
    assert style.LIGHT.keys() == style.DARK.keys()
    assert len(set(style.LIGHT.values())) == len(style.LIGHT)  # the page exchanges them by value
