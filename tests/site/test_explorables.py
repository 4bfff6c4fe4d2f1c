"""Every control of every explorable, by mouse and by keyboard, and how fast the picture answers."""

import importlib
import random
import re
import statistics
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest

from recsys_lab.data import load_movielens
from recsys_lab.explore import Choice, Explorable, Pad, Slider, Toggle
from recsys_lab.explore.controls import key
from recsys_lab.explore.explorable import state_key

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"
FOUND = [
    (page, name)  # one string a page: a fixture is kept while its parameter is the same object
    for page in sorted(str(path.relative_to(SITE)) for path in (SITE / "book").glob("*.html"))
    for name in re.findall(r'data-explorable="([^"]+)"', (SITE / page).read_text())
]
IDS = [name for _, name in FOUND]


@lru_cache
def in_python(chapter):
    """The explorables of one chapter, by name; those on real ratings are made from the data."""
    room = importlib.import_module(f"recsys_lab.figures.{chapter.replace('-', '_')}")
    known = [thing for thing in vars(room).values() if isinstance(thing, Explorable)]
    if makers := getattr(room, "FROM_DATA", ()):
        ratings = load_movielens(download=False)
        known += [make(ratings) for make in makers]
    return {explorable.name: explorable for explorable in known}


@pytest.fixture(scope="module")
def explorable(request):
    known = in_python(request.param.split(".")[0])
    assert request.param in known, "a page shows what Python does not know"
    return known[request.param]


@pytest.fixture
def figure(page, explorable):
    """An explorable on its page, awake, and as it starts."""
    figure = awake(page, explorable.name)
    if explorable.controls:
        set_state(page, figure, explorable, explorable.start)
    return figure


# Tests of one page stay together, on one worker: what takes time is to open it.
each_explorable = pytest.mark.parametrize(
    ("page", "explorable"),
    [pytest.param(*one, marks=pytest.mark.xdist_group(one[0])) for one in FOUND],
    ids=IDS,
    indirect=True,
    scope="module",
)


def awake(page, name):
    figure = page.locator(f'figure[data-explorable="{name}"]')
    figure.scroll_into_view_if_needed()
    page.wait_for_function(
        "f => f.querySelector('.main-svg') && (f.dataset.state !== '' || f.dataset.error "
        "|| !f.querySelector('input, select'))",
        arg=figure.element_handle(),
        timeout=20_000,
    )
    assert not figure.get_attribute("data-error")
    return figure


# Move every control to a position at once, as a hand would: set it, and say "input".
SET_STATE = """(figure, positions) => {
  const form = figure.querySelector("form");
  for (const [name, at] of Object.entries(positions)) {
    const input = form.elements.namedItem(name); // elements["length"] would be their number
    const sides = ["x", "y"].map((side) => form.elements.namedItem(`${name}.${side}`));
    if (sides[0]) {
      const count = Number(sides[1].max) + 1;
      sides[0].value = Math.floor(at / count);
      sides[1].value = at % count;
    } else if (input.type === "checkbox") input.checked = at === 1;
    else input.value = at;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def set_state(page, figure, explorable, params):
    positions = {
        parameter: control.values.index(params[parameter])
        for parameter, control in explorable.controls.items()
    }
    figure.evaluate(SET_STATE, positions)
    page.wait_for_function(
        "([f, state]) => f.dataset.state === state",
        arg=[figure.element_handle(), state_key(params)],
    )


def picture(figure):
    # Everything that is drawn, without the ids that Plotly deals out anew.
    return figure.locator(".explorable-plot").evaluate(
        "p => [...p.querySelectorAll('.main-svg')].map(s => s.innerHTML).join('') "
        "+ JSON.stringify([...p.querySelectorAll('.explorable-handle')].map(h => h.style.cssText))"
    )


def reaches(page, figure, **expected):
    """Wait until data-state carries these values."""
    parts = [f"{name}={value}" for name, value in expected.items()]
    page.wait_for_function(
        "([f, parts]) => parts.every(p => f.dataset.state.split(';').includes(p))",
        arg=[figure.element_handle(), parts],
        timeout=5_000,
    )


def keys_of(control):
    return [key(value) for value in control.values]


@each_explorable
def test_every_control_answers_the_keyboard(page, explorable, figure):
    for parameter, control in explorable.controls.items():
        keys = keys_of(control)
        match control:
            case Slider():
                slider = figure.locator(f'input[name="{parameter}"]')
                slider.focus()
                slider.press("Home")
                reaches(page, figure, **{parameter: keys[0]})
                low = picture(figure)
                slider.press("End")
                reaches(page, figure, **{parameter: keys[-1]})
                assert picture(figure) != low, f"{parameter} moves nothing"
            case Pad():
                sides = [figure.locator(f'input[name="{parameter}.{side}"]') for side in "xy"]
                for press in ("Home", "End"):
                    for side in sides:
                        side.focus()
                        side.press(press)
                    end = 0 if press == "Home" else -1
                    reaches(page, figure, **{parameter: keys[end]})
                    if press == "Home":
                        low = picture(figure)
                assert picture(figure) != low
            case Toggle():
                box = figure.locator(f'input[name="{parameter}"]')
                box.focus()
                before = picture(figure)
                box.press("Space")
                reaches(page, figure, **{parameter: "false" if control.start else "true"})
                assert picture(figure) != before
            case Choice():
                one = figure.locator(f'[name="{parameter}"]').first
                if one.evaluate("e => e.tagName") == "SELECT":
                    one.select_option(index=0)
                    reaches(page, figure, **{parameter: keys[0]})
                    low = picture(figure)
                    one.focus()
                    one.press("End")
                    reaches(page, figure, **{parameter: keys[-1]})
                    assert picture(figure) != low
                else:
                    figure.locator(f'input[name="{parameter}"]:checked').focus()
                    seen = set()
                    for _ in keys:
                        before = figure.get_attribute("data-state")
                        page.keyboard.press("ArrowRight")
                        page.wait_for_function(
                            "([f, old]) => f.dataset.state !== old",
                            arg=[figure.element_handle(), before],
                        )
                        seen.add(picture(figure))
                    assert len(seen) > 1
    assert page.problems == []


@each_explorable
def test_every_control_answers_the_mouse(page, explorable, figure):
    for parameter, control in explorable.controls.items():
        keys = keys_of(control)
        match control:
            case Slider():
                slider = figure.locator(f'input[name="{parameter}"]')
                slider.scroll_into_view_if_needed()
                box = slider.bounding_box()
                y = box["y"] + box["height"] / 2
                for at, x in ((0, box["x"] + 3), (-1, box["x"] + box["width"] - 3)):
                    page.mouse.click(x, y)
                    reaches(page, figure, **{parameter: keys[at]})
            case Pad():
                handle = figure.locator(".explorable-handle").first
                handle.scroll_into_view_if_needed()
                plot = figure.locator(".explorable-plot").bounding_box()
                down = figure.locator(".js-plotly-plot").evaluate(
                    "(p, axis) => p._fullLayout[axis].range[0] > p._fullLayout[axis].range[1]",
                    control.axes[1].replace("y", "yaxis"),
                )  # the axis counts downwards, as the rows of a table do
                for corner in ((-200, 200), (200, -200)):  # far out: down-left, up-right
                    box = handle.bounding_box()
                    x, y = box["x"] + 22, box["y"] + 22
                    page.mouse.move(x, y)
                    page.mouse.down()
                    page.mouse.move(x + corner[0] / 2, y + corner[1] / 2, steps=3)
                    page.mouse.move(plot["x"] + corner[0] * 9, plot["y"] + corner[1] * 9, steps=3)
                    page.mouse.up()
                    low_high = 0 if corner[0] < 0 else -1
                    place = (control.x[low_high], control.y[-1 - low_high if down else low_high])
                    reaches(page, figure, **{parameter: key(place)})
            case Toggle():
                box = figure.locator(f'input[name="{parameter}"]')
                for value in ("false", "true") if control.start else ("true", "false"):
                    box.click()
                    reaches(page, figure, **{parameter: value})
            case Choice():
                radios = figure.locator(f'input[type=radio][name="{parameter}"]')
                for at in reversed(range(radios.count())):
                    radios.nth(at).click()
                    reaches(page, figure, **{parameter: keys[at]})
    reset = figure.locator(".explorable-reset")
    if reset.count():
        reset.click()
        page.wait_for_function(
            "([f, state]) => f.dataset.state === state",
            arg=[figure.element_handle(), state_key(explorable.start)],
        )
    assert page.problems == []


@each_explorable
def test_sentence_and_table_on_the_page_are_those_of_python(page, explorable, figure):
    states = [params for _, params in explorable.states()]
    for params in random.Random(0).sample(states, min(5, len(states))):
        if explorable.controls:
            set_state(page, figure, explorable, params)
        document = explorable.document(**params)
        # A browser joins blanks and ends of lines, but keeps a blank that must not break.
        says = re.sub(r"[ \n]+", " ", document["says"]).strip()
        assert figure.locator(".explorable-says").inner_text() == says
        shown = figure.locator(".explorable-numbers tbody tr").evaluate_all(
            "rows => rows.map(r => [...r.cells].map(c => c.textContent))"
        )
        assert shown == document["table"]["rows"]


# From the event of a control to the moment its state is drawn, forty times.
ANSWER_TIMES = """async (figure) => {
  const control = [...figure.querySelectorAll("input[type=range], select, input")][0];
  const form = figure.querySelector("form");
  const ranges = [...figure.querySelectorAll("input[type=range]")];
  const times = [];
  for (let i = 0; i < 40; i++) {
    const before = figure.dataset.state;
    const done = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`nothing drawn after ${before}`)), 5000);
      const watch = new MutationObserver(() => {
        if (figure.dataset.state === before) return;
        watch.disconnect();
        resolve(performance.now());
      });
      watch.observe(figure, { attributes: true, attributeFilter: ["data-state"] });
    });
    if (ranges.length) {
      const range = ranges[i % ranges.length];
      const last = Number(range.max); // 1 to last steps on, round the end: never where it was
      range.value = (Number(range.value) + 1 + (i % Math.min(3, last))) % (last + 1);
    } else if (control.tagName === "SELECT") {
      control.selectedIndex = (control.selectedIndex + 1) % control.options.length;
    } else if (control.type === "radio") {
      const all = [...figure.querySelectorAll(`input[name="${control.name}"]`)];
      all[(all.findIndex((r) => r.checked) + 1) % all.length].checked = true;
    } else control.checked = !control.checked;
    const start = performance.now();
    form.dispatchEvent(new Event("input", { bubbles: true }));
    times.push((await done) - start);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


def answer_times(figure):
    """Forty answer times in ms, sorted: the best of three rounds, for these machines are noisy."""
    rounds = []
    for _ in range(3):
        rounds.append(sorted(figure.evaluate(ANSWER_TIMES)))
        if percentile(rounds[-1]) <= 30:
            break
    return min(rounds, key=percentile)


def percentile(times, share=0.95):
    return times[int(share * len(times))]


@pytest.mark.alone
@pytest.mark.timeout(900)  # forty answers of every explorable of the book, up to three times
def test_a_control_answers_within_a_frame(open_page, capsys):
    slow, everything = [], []
    with capsys.disabled():
        print()
        for page_name, found in groupby(FOUND, key=itemgetter(0)):
            page = open_page(page_name)
            for _, name in found:
                figure = awake(page, name)
                if not figure.locator("form input, form select").count():
                    continue
                times = answer_times(figure)
                everything += times
                median, p95 = statistics.median(times), percentile(times)
                states = sum(1 for _ in in_python(name.split(".")[0])[name].states())
                print(f"{name:45} {states:5} states   median {median:5.1f} ms   95 % {p95:5.1f} ms")
                if median > 50:
                    slow.append((name, median))
            page.context.close()
        everything.sort()
        median, p95 = statistics.median(everything), percentile(everything)
        print(f"all: median {median:.1f} ms, 95 % {p95:.1f} ms")
    assert slow == []
    assert p95 <= 50


def test_an_explorable_appears_once_in_the_book():
    assert len(IDS) == len(set(IDS))


@each_explorable
def test_each_of_several_points_listens_to_its_own_ring(page, explorable, figure):
    pads = [p for p, control in explorable.controls.items() if isinstance(control, Pad)]
    if len(pads) > 1:
        figure.locator(".explorable-plot").evaluate("p => p.scrollIntoView({block: 'center'})")
        for at, pad in enumerate(pads):
            before = dict(part.split("=") for part in figure.get_attribute("data-state").split(";"))
            ring = figure.locator(".explorable-handle").nth(at).bounding_box()
            x, y = ring["x"] + 22, ring["y"] + 22
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x - 60, y - 45, steps=3)
            page.mouse.move(x + 60, y + 45, steps=3)
            page.mouse.up()
            page.wait_for_timeout(300)
            after = dict(part.split("=") for part in figure.get_attribute("data-state").split(";"))
            assert {p for p in before if before[p] != after[p]} <= {pad}
