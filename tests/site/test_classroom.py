"""The book for a class: no solution anywhere in it, and used in a room without a network."""

import ast
import gzip
import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from base64 import b64encode
from html import escape
from pathlib import Path

import pytest
from on_screen import launch, wait_for_notebook
from playwright.sync_api import sync_playwright

from recsys_lab.exercises import list_exercises, solution

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))
from lite import classroom, runtime  # noqa: E402

ROOM = "classroom.example"  # not "localhost": browsers trust such an address less
EXERCISE, WRONG = "similarity.4", "alpha = 1"


@pytest.fixture(scope="module")
def needles():
    return classroom.needles()


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desktop")
    if not classroom.ZIP.exists():
        pytest.fail("there is no zip for a class; run make classroom first")
    with zipfile.ZipFile(classroom.ZIP) as packed:
        packed.extractall(folder)
    return folder / classroom.ZIP.stem


# ------------------------------------------------------------------------------- the search for it


def test_nothing_that_is_shipped_tells_a_solution(needles):
    assert set(needles) == {exercise.id for exercise in list_exercises()}
    assert classroom.leaks(classroom.shipped(classroom.ZIP), needles) == []


def test_the_search_would_have_found_each_solution_wherever_the_book_has_it(needles):
    places = {
        "page": classroom.BOOK / "book",
        "source of the page": classroom.BOOK / "_sources",
        "notebook": classroom.BOOK / "notebooks",
        "notebook in the lab": classroom.BOOK / "lite" / "files",
        "wheel": next((classroom.BOOK / "_static" / "pyodide").glob("recsys_lab-*.whl")),
    }
    built = {path.stem for path in (classroom.BOOK / "book").glob("*.html")}
    wanted = {id: lines for id, lines in needles.items() if id.rpartition(".")[0] in built}
    assert len(wanted) > 10
    for place, path in places.items():
        found = {id for _, id, _ in classroom.leaks(classroom.shipped(path), wanted)}
        assert wanted.keys() - found == set(), f"not found in the {place}"


def zipped(text, folder):
    return runtime.write_wheel(folder, {"a.py": text}, {"Name": "a", "Version": "1"}).read_bytes()


DISGUISES = {
    "plain": lambda text, folder: text.encode(),
    "other.html": lambda text, folder: f"<p title='{escape(text)}'>".encode(),
    "coloured.html": lambda text, folder: re.sub(
        r"(\w+)", r'<span class="n">\1</span>', escape(text)
    ).encode(),
    "notebook.ipynb": lambda text, folder: json.dumps([text]).encode(),
    "lines.ipynb": lambda text, folder: json.dumps(text.splitlines(True)).encode(),
    "wheel.whl": zipped,
    "wheel in a zip": lambda text, folder: zipped(zipped(text, folder), folder),
    "text.js.gz": lambda text, folder: gzip.compress(json.dumps(text).encode()),
    "states.html": lambda text, folder: (
        b'<script class="explorable-data">' + b64encode(gzip.compress(text.encode())) + b"</script>"
    ),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_the_search_finds_a_solution_however_it_is_wrapped(name, needles, tmp_path):
    for id in ("similarity.2", "similarity.4"):
        data = DISGUISES[name](str(solution(id)), tmp_path)
        (tmp_path / "shipped").mkdir(exist_ok=True)
        (tmp_path / "shipped" / name).write_bytes(data)
        found = classroom.leaks(classroom.shipped(tmp_path / "shipped"), {id: needles[id]})
        assert {line for _, _, line in found} == set(needles[id])


def test_pages_for_teachers_and_other_machines_stay_out(unpacked):
    names = [path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*")]
    assert [name for name in names if "teaching" in name or "solutions" in name] == []
    for page in (unpacked / "book" / "book").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "/teaching/" not in text and "mybinder.org" not in text, page.name
        assert 'class="solution"' not in text


def test_nothing_else_is_missing(unpacked):
    for page in (classroom.BOOK / "book").glob("*.html"):
        theirs = (unpacked / "book" / "book" / page.name).read_text(encoding="utf-8")
        ours = page.read_text(encoding="utf-8")
        for part in ('class="explorable-data"', 'class="exercise"', 'class="output '):
            assert theirs.count(part) == ours.count(part), (page.name, part)


def test_a_student_s_package_lists_marks_and_hints_and_has_no_solution(unpacked, tmp_path):
    wheel = next((unpacked / "book/_static/pyodide").glob("recsys_lab-*.whl"))
    with zipfile.ZipFile(wheel) as package:
        package.extractall(tmp_path)
    used = f"""
from recsys_lab import exercises
assert exercises.__file__.startswith({str(tmp_path)!r})
print(len(exercises.list_exercises()), hasattr(exercises, "solution"))
print(exercises.check({EXERCISE!r}, 1).passed, exercises.hint({EXERCISE!r})[:6])
"""
    said = subprocess.run(
        [sys.executable, "-c", used],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said == f"{len(list_exercises())} False\nFalse Hint 1\n"


# --------------------------------------------------------------------------------------- the room


@pytest.fixture
def start(unpacked):
    """``start("--room")`` starts the script in the zip; gives its port and what it said."""
    running = []

    def start(who):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-S", "start.py", who, "--port", str(port)],
            cwd=unpacked,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        said = ""
        for line in process.stdout:
            said += line
            if "Keep this window open" in line:
                break
        return int(re.search(r"http://127\.0\.0\.1:(\d+)", said)[1]), said

    yield start
    for process in running:
        process.terminate()
        process.wait()


def test_the_script_is_python_3_8_and_its_standard_library():
    source = (ROOT / "lite" / "room" / "start.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [node.names[0].name])
    }
    assert imported <= sys.stdlib_module_names


def answers(address, port):
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


def test_who_can_read_is_chosen_and_said(start):
    room, said = start("--room")
    others = re.findall(r"^ +http://([\d.]+):", said, re.MULTILINE)
    assert "0.0.0.0" in said and "input()" in said
    assert all(answers(address, room) for address in ["127.0.0.1", *others])
    alone, said = start("--here")
    assert "0.0.0.0" not in said
    assert answers("127.0.0.1", alone) and not any(answers(a, alone) for a in others)


def test_a_student_in_the_room_solves_an_exercise_and_opens_a_notebook(start):
    port, _ = start("--room")
    home = f"http://{ROOM}:{port}"
    problems = []

    def look(route):
        if route.request.url.startswith((home, "data:", "blob:")):
            return route.fallback()
        problems.append(f"asked another host: {route.request.url}")
        return route.abort()

    def answered(response):
        if response.status >= 400 and not response.url.endswith("favicon.ico"):
            problems.append(f"{response.status}: {response.url}")

    with sync_playwright() as playwright:
        browser = launch(playwright, f"--host-resolver-rules=MAP {ROOM} 127.0.0.1")
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.route("**/*", look)
        context.on("response", answered)
        context.on("weberror", lambda e: problems.append(f"script error: {e.error}"))
        page = context.new_page()
        page.goto(f"{home}/book/{EXERCISE.split('.')[0]}.html")
        assert not page.evaluate("isSecureContext")  # or this would not be what a room is
        box = page.locator(f'.exercise[data-exercise="{EXERCISE}"]')
        for answer, state in (
            (WRONG, "failed"),
            (f"import numpy as np\n{solution(EXERCISE)}", "passed"),
        ):
            box.locator("textarea").fill(answer)
            box.get_by_role("button", name="Check", exact=True).click()
            page.wait_for_function(
                "([e, state]) => e.dataset.state === state",
                arg=[box.element_handle(), state],
                timeout=90_000,
            )
        with context.expect_page() as opened:
            page.locator(".btn-run-button").click()
        page.close()
        lab = opened.value
        wait_for_notebook(lab)
        first = lab.locator(".jp-CodeCell").first
        first.locator(".cm-content").click()
        lab.keyboard.press("Control+a")
        lab.keyboard.insert_text(
            "from recsys_lab import exercises\nprint(hasattr(exercises, 'solution'))\n"
            f"exercises.check({EXERCISE!r}, 1)"
        )
        lab.keyboard.press("Control+Enter")
        shown = first.locator(".jp-OutputArea").first
        lab.wait_for_function(
            "e => e.innerText.includes('not right yet')",
            arg=shown.element_handle(),
            timeout=120_000,
        )
        assert shown.inner_text().startswith("False")
        assert lab.get_by_text("Solution", exact=True).count() == 0
        browser.close()
    assert problems == []
