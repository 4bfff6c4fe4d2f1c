"""Exercises that run in the page: a place for each editor, Python for all of them, what is solved.

The notebooks hold generated cells (`recsys_lab.exercises.sync`); around the starter of each goes a
box with what ``book/assets/exercise.js`` needs to make an editor of it. Where scripts or
WebAssembly are missing, the cell stays what it is. The page of what is solved is written with

    ```{exercise-list}
    ```
"""

import hashlib
import json
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from recsys_lab import exercises
from recsys_lab.exercises import _page
from recsys_lab_book.chapter_map import MAP

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT))
from lite import runtime  # noqa: E402  (the browser's Python is no part of the package)

PROGRESS = "book/progress"
TITLES = {name: title for _, chapters in MAP for name, title, _ in chapters}
log = logging.getLogger(__name__)


def setup(app):
    app.add_directive("exercise-list", ExerciseList)
    app.connect("doctree-read", make_room)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", bring_python)


def make_room(app, doctree):
    """Put a box around the starter of every exercise, and an anchor at its task."""
    for cell in list(doctree.findall(nodes.container)):
        ours = (cell.get("cell_metadata") or {}).get("recsys_lab", {})
        if ours.get("role") != "starter":
            continue
        exercise = exercises._find(ours["exercise"])
        progress = ""
        if PROGRESS in app.env.found_docs:
            progress = app.builder.get_relative_uri(app.env.docname, PROGRESS)
        box = (
            f'<div class="exercise" data-exercise="{exercise.id}" '
            f'data-title="{escape(exercise.title)}" '
            f'data-starter="{escape(_page.starter(exercise))}" '
            f'data-hints="{escape(json.dumps(list(exercise.hints), ensure_ascii=False))}" '
            f'data-progress="{escape(progress)}">'
        )
        cell.parent["ids"].append(anchor(exercise.id))
        at = cell.parent.index(cell)
        cell.parent.insert(at + 1, nodes.raw("", "</div>", format="html"))
        cell.parent.insert(at, nodes.raw("", box, format="html"))


def anchor(id):
    """Where the task of an exercise stands in its page."""
    return "exercise-" + id.replace(".", "-").replace("_", "-")


class ExerciseList(SphinxDirective):
    """All exercises by chapter, and what this browser has solved of them."""

    def run(self):
        for path in Path(exercises.__file__).parent.glob("*.py"):
            self.env.note_dependency(str(path))
        here = self.env.docname.rpartition("/")[0]
        chapters = {}
        for exercise in exercises.list_exercises():
            chapters.setdefault(exercise.id.rpartition(".")[0], []).append(exercise)
        parts = []
        for chapter, some in chapters.items():
            if f"{here}/{chapter}" not in self.env.found_docs:
                continue
            title = escape(TITLES.get(chapter, chapter))
            items = "".join(
                f'<li data-exercise="{exercise.id}" data-title="{escape(exercise.title)}">'
                f'<a href="{chapter}.html#{anchor(exercise.id)}">{escape(exercise.title)}</a> '
                f'<span class="exercise-state"></span></li>'
                for exercise in some
            )
            share = '<span class="exercise-share"></span>'
            head = f'<h2><a href="{chapter}.html">{title}</a> {share}</h2>'
            parts.append(f"<section>{head}<ol>{items}</ol></section>")
        chapters = f'<div class="exercise-chapters">{"".join(parts)}</div>'
        markup = f'<div class="exercise-list">{TOOLS}{chapters}</div>'
        return [nodes.raw("", markup, format="html")]


TOOLS = """
<div class="exercise-tools" hidden>
<p class="exercise-count" role="status"></p>
<p><label>Your name, if a teacher asked for the file
<input type="text" autocomplete="name"></label></p>
<p class="exercise-row"><button type="button" class="exercise-export">Save as a file (JSON)</button>
<button type="button" class="exercise-forget">Forget everything</button></p>
</div>
"""


def add_script(app, pagename, templatename, context, doctree):
    """Script and styles go to the pages that have exercises or count them, and to no other."""
    body = context.get("body", "")
    if doctree is not None and ('class="exercise' in body or "data-exercises=" in body):
        worker = ROOT / "book" / "assets" / "exercise-worker.js"
        version = hashlib.sha256(worker.read_bytes()).hexdigest()[:8]  # no browser keeps an old one
        about = {"data-worker": f"{worker.name}?v={version}"}
        app.add_js_file("exercise.js", loading_method="defer", **about)
        app.add_css_file("exercise.css")


def bring_python(app, exception):
    """The browser's Python, beside the scripts of the site."""
    if exception or app.builder.format != "html":
        return
    try:
        runtime.assemble(Path(app.outdir) / "_static" / "pyodide")
    except OSError as reason:
        raise ExtensionError(str(reason)) from reason
