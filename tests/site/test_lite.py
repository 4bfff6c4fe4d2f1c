"""Jupyter in the browser, as a reader uses it: from the chapter's button to a marked exercise."""

import hashlib
import json
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import nbformat
import pytest
from on_screen import Quiet, served, wait_for_notebook

from recsys_lab.exercises import solution

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))
from lite import lab, notebooks, runtime  # noqa: E402

SITE = ROOT / "_build" / "html"
CHAPTER = "similarity"
pytestmark = pytest.mark.xdist_group("lab")  # one page for all
FIRST_CELL = 60.0  # seconds from the click; 20 is what we want, on a machine that does nothing else


@pytest.fixture(scope="module")
def folder():
    """The site in a folder of a server, as GitHub's pages have it; nothing else is there."""

    class InFolder(Quiet):
        def translate_path(self, path):
            inside = path.removeprefix("/recsys-lab")
            return super().translate_path(inside if inside != path else "/nowhere")

    with served(SITE, InFolder) as address:
        yield f"{address}/recsys-lab"


@pytest.fixture(scope="module")
def page(browser, folder):
    """A chapter in the lab, reached by its button."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    problems = []
    host = folder.removesuffix("/recsys-lab")

    def look(route):
        if not route.request.url.startswith((host, "data:", "blob:")):
            problems.append(f"asked another host: {route.request.url}")
            return route.abort()
        return route.fallback()

    context.route("**/*", look)
    context.on("weberror", lambda e: problems.append(f"script error: {e.error.stack or e.error}"))
    context.on(
        "response",
        lambda r: (
            problems.append(f"{r.status}: {r.url}")
            if r.status >= 400 and not r.url.endswith("favicon.ico")
            else None
        ),
    )
    book = context.new_page()
    book.goto(f"{folder}/book/{CHAPTER}.html")
    with context.expect_page() as opened:
        book.locator(".btn-run-button").click()
    page = opened.value
    page.clicked = time.monotonic()
    page.problems = problems
    wait_for_notebook(page, 60)
    yield page
    context.close()


def cell(page, words):
    """The code cell that contains these words."""
    return page.locator(".jp-CodeCell", has_text=words).first


def run(page, cell, shows="", timeout=60):
    """Run a cell, wait until it has run and shows these words, and return all it shows."""
    counted = cell.locator(".jp-InputPrompt, .jp-OutputPrompt").first
    before = counted.inner_text() if counted.count() else ""
    # Not scroll_into_view_if_needed: a notebook that still settles exchanges cells under its hand.
    cell.evaluate("cell => cell.scrollIntoView({ block: 'center' })")
    cell.locator(".cm-content, .jp-Placeholder-content").first.click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "([cell, before]) => { const p = cell.querySelector('.jp-InputPrompt, .jp-OutputPrompt');"
        " return p && /\\d/.test(p.innerText) && p.innerText !== before }",
        arg=[cell.element_handle(), before],
        timeout=timeout * 1_000,
    )
    page.wait_for_function(  # a moment later it is drawn
        "([cell, words]) => cell.querySelector('.jp-OutputArea').innerText.includes(words)",
        arg=[cell.element_handle(), shows],
        timeout=10_000,
    )
    return cell.locator(".jp-OutputArea").first.inner_text()


def test_the_first_cell_of_a_chapter_runs_soon(page, capsys):
    first = page.locator(".jp-CodeCell").first
    shown = run(page, first, "cosine:", FIRST_CELL)
    seconds = time.monotonic() - page.clicked
    with capsys.disabled():
        print(f"\nJupyter in the browser: first cell {seconds:.1f} s after the click")
    assert shown.split()[0] == "dot:"
    assert seconds < FIRST_CELL


def test_a_slider_moves_a_figure(page):
    run(page, cell(page, "import similarity as figures"))
    run_hidden = cell(page, "figures.place_a_member")
    run_hidden.scroll_into_view_if_needed()
    run_hidden.locator(".jp-InputArea, .jp-Placeholder-content").first.click()
    page.keyboard.press("Control+Enter")
    figure = run_hidden.locator(".js-plotly-plot").first
    figure.locator(".main-svg").first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)
    before, said = figure.inner_html(), run_hidden.locator("b").last.inner_text()
    slider = run_hidden.locator(".noUi-target").first.bounding_box()
    page.mouse.click(slider["x"] + slider["width"] * 0.8, slider["y"] + slider["height"] / 2)
    page.wait_for_function(
        "([figure, before]) => figure.innerHTML !== before",
        arg=[figure.element_handle(), before],
        timeout=20_000,
    )
    page.wait_for_function(
        "([cell, said]) => [...cell.querySelectorAll('b')].at(-1).innerText !== said",
        arg=[run_hidden.element_handle(), said],
        timeout=20_000,
    )


def test_what_cannot_be_had_is_said_kindly_and_the_next_cell_runs(page):
    lacking = cell(page, "from sklearn")
    said = run(page, lacking, "needs scikit-learn, which cannot be had in the browser")
    assert "Traceback" not in said
    run(page, cell(page, "from recsys_lab.similarity import cosine, dot"), "cosine")


def test_an_exercise_is_marked_and_its_solution_is_folded(page):
    task = f'check("{CHAPTER}.1"'
    run(page, cell(page, task), "not")  # answered, or not right yet
    folded = page.locator("details.solution, details", has_text="Solution").first
    assert folded.get_attribute("open") is None
    assert not folded.locator("pre").first.is_visible()
    mine = cell(page, task)
    mine.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(f'{solution(f"{CHAPTER}.1")}\ncheck("{CHAPTER}.1", answer)')
    run(page, mine, "✓ Right.")


def test_nothing_was_asked_of_another_host_and_nothing_broke(page):
    assert page.problems == []


# ----------------------------------------------------------------------------- without a browser


def listed():
    return json.loads((SITE / "lite/api/contents/all.json").read_text())["content"]


def test_every_chapter_is_in_the_lab_and_to_be_downloaded():
    chapters = sorted(path.stem for path in (ROOT / "book").glob("*.ipynb"))
    assert sorted(Path(item["path"]).stem for item in listed()) == chapters
    for name in chapters:
        for place in ("lite/files", "notebooks"):
            nbformat.validate(nbformat.read(SITE / place / f"{name}.ipynb", as_version=4))


@pytest.mark.parametrize("place", ["lite/files", "notebooks"])
def test_no_mark_of_myst_is_left_in_a_notebook(place):
    mark = re.compile(r"^.*(?:\{[a-z]+(?::[a-z]+)?\}`|^:::|^\([\w-]+\)=|\$\$ *\().*", re.MULTILINE)
    left = [
        (path.name, found)
        for path in sorted((SITE / place).glob("*.ipynb"))
        for one in nbformat.read(path, as_version=4).cells
        if one.cell_type == "markdown"
        for found in mark.findall(re.sub(r"```.*?```", "", one.source, flags=re.DOTALL))
    ]
    assert left == []


def test_figures_are_folded_and_solutions_are_in_no_code_cell():
    chapter = nbformat.read(SITE / "lite/files" / f"{CHAPTER}.ipynb", as_version=4)
    folded = [c for c in chapter.cells if c.metadata.get("jupyter", {}).get("source_hidden")]
    assert len(folded) >= 5
    answers = [c for c in chapter.cells if "<details" in c.source]
    assert len(answers) >= 5
    assert {c.cell_type for c in answers} == {"markdown"}


def test_a_cell_that_goes_on_from_a_missing_package_says_so_too():
    def book(*sources):
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])

    needs = notebooks.needed(
        book(
            "import numpy as np",
            "from scipy.stats import rankdata\nranks = rankdata([3, 1])",
            "def show():\n    return ranks",
            "print(show())",
            "ranks = np.arange(2)",
            "print(ranks)",
        )
    )
    assert needs == {1: ("scipy", False), 2: ("scipy", True), 3: ("scipy", True)}


def test_all_that_python_may_load_is_there_unchanged():
    python = SITE / "_static/pyodide"
    lock = json.loads((SITE / "lite/static/lock.json").read_text())
    for name, entry in lock["packages"].items():
        path = (python / entry["file_name"]).resolve()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"], name
    assert {runtime.normal(name) for name in lab.AT_ONCE} <= lock["packages"].keys()


def test_the_lab_is_told_of_no_other_host():
    config = (SITE / "lite/jupyter-lite.json").read_text()
    assert not re.findall(r"https?://(?!json-schema)[^\"]+", config)


def test_a_second_build_fetches_nothing_and_builds_nothing(monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError(f"started a program: {args}")

    monkeypatch.setattr(subprocess, "run", refused)
    lab.build(SITE)


def test_the_licences_told_are_those_that_the_parts_tell():
    told = re.findall(r"^([\w.-]+)==\S+ .*# (.+)$", lab._read("wheels.txt"), re.MULTILINE)
    assert len(told) == len(re.findall("--hash", lab._read("wheels.txt")))
    families = {"MIT", "BSD", "Apache", "MPL", "PSF"}
    for name, licence in told:
        with zipfile.ZipFile(lab.fetched(name)) as wheel:
            info = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
            head = wheel.read(info).decode().split("\n\n")[0]
        words = " ".join(
            re.findall(r"^(?:License|Classifier: License|License-Expression).*", head, re.MULTILINE)
        )
        words = words.replace("Mozilla Public License", "MPL").replace("Berkeley", "BSD")
        for family in families:
            if family in licence:
                assert family in words, (name, licence, words)


def test_the_page_of_parts_names_all_of_them():
    page = (SITE / "book/shipped.html").read_text()
    ours = {"recsys-lab", *lab.STAND_INS, "not-in-the-browser"}
    within = {"numpy", "piplite", "pyodide-kernel", "ipykernel"}  # named as a part of another
    lock = json.loads((SITE / "lite/static/lock.json").read_text())
    missing = {n for n in lock["packages"] if f">{n}<" not in page} - ours - within
    assert missing == set()
