"""Slides: for each chapter a page with its explorables, one a screen, for a projector.

They are made after the build from the figures of the built pages, with the same scripts and styles,
so that a slide always shows what the chapter shows: ``slides/<chapter>.html``. Every lesson plan
links to its chapter and its slides, and a page lists them all with

    ```{teaching-list}
    ```
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from recsys_lab import exercises
from recsys_lab_book.chapter_map import MAP

CHAPTERS = {name: title for _, chapters in MAP for name, title, _ in chapters}
PLANS = "book/teaching"
FIGURE = re.compile(r'<figure class="explorable".*?</figure>', re.DOTALL)
LOADED = re.compile(
    r"<(?:link|script)\b[^>]*_static/(?:palette\.css|explorable\.css|explorable\.js)[^>]*>"
    r"(?:</script>)?"
)
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="icon" href="../_static/favicon.svg">
{loaded}
<link rel="stylesheet" href="../_static/slides.css">
<script src="../_static/slides.js" defer></script>
</head>
{body}
</html>
"""
SCREENS = """\
<body>
<main aria-label="{title}: its explorables, one at a time">
{screens}
</main>
<footer>
<button type="button" aria-label="Back">←</button>
<button type="button" aria-label="On">→</button>
<span class="count" role="status"></span>
<a href="../book/{name}.html">{title}</a>
<span class="keys"><kbd>←</kbd> <kbd>→</kbd> turn · <kbd>Esc</kbd> leaves a control ·
<kbd>F</kbd> full screen · <kbd>D</kbd> dark</span>
</footer>
</body>"""
CONTENTS = """\
<body class="contents">
<h1>Slides</h1>
<p>The explorables of each chapter, one a screen.</p>
<ul>
{items}
</ul>
</body>"""


def setup(app):
    app.add_directive("teaching-list", TeachingList)
    app.connect("doctree-resolved", link_slides)
    app.connect("build-finished", write_slides, priority=400)  # before unused files are swept


def write_slides(app, exception):
    """A page of slides for every built chapter that has explorables, and a list of these pages."""
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "slides"
    folder.mkdir(exist_ok=True)
    items, loaded = [], []
    for name, title in CHAPTERS.items():
        page = Path(app.outdir) / "book" / f"{name}.html"
        text = page.read_text(encoding="utf-8") if page.exists() else ""
        figures = FIGURE.findall(text)
        place = folder / f"{name}.html"
        place.unlink(missing_ok=True)
        if not figures:
            continue
        title = escape(title)
        loaded = [tag for tag in LOADED.findall(text)]
        screens = "\n".join(f'<section class="slide" hidden>\n{f}\n</section>' for f in figures)
        body = SCREENS.format(title=title, name=name, screens=screens)
        place.write_text(
            PAGE.format(title=title, loaded="\n".join(loaded), body=body), encoding="utf-8"
        )
        items.append(f'<li><a href="{name}.html">{title}</a> ({len(figures)})</li>')
    styles = "\n".join(tag for tag in loaded if ".css" in tag)
    body = CONTENTS.format(items="\n".join(items))
    (folder / "index.html").write_text(
        PAGE.format(title="RecSys Lab", loaded=styles, body=body), encoding="utf-8"
    )


def link_slides(app, doctree, docname):
    """Under the heading of a lesson plan: its chapter, and its slides."""
    folder, _, name = docname.rpartition("/")
    if folder != PLANS or name not in CHAPTERS:
        return
    heading = next(doctree.findall(nodes.title), None)
    if heading is None:
        return
    chapter = app.builder.get_relative_uri(docname, f"book/{name}")
    markup = (
        f'<p class="plan-links"><a href="{chapter}">The chapter</a> · '
        f'<a href="../../slides/{name}.html">Its explorables as slides</a></p>'
    )
    parent = heading.parent
    parent.insert(parent.index(heading) + 1, nodes.raw("", markup, format="html"))


class TeachingList(SphinxDirective):
    """A table: chapter, lesson plan with its minutes, slides, number of exercises."""

    def run(self):
        here = Path(self.env.doc2path(self.env.docname)).parent
        count = {}
        for exercise in exercises.list_exercises():
            chapter = exercise.id.rpartition(".")[0]
            count[chapter] = count.get(chapter, 0) + 1
        rows = ""
        for name, title in CHAPTERS.items():
            plan = here / f"{name}.md"
            if not plan.exists() or f"{PLANS}/{name}" not in self.env.found_docs:
                continue
            self.env.note_dependency(str(plan))
            lesson = plan.read_text(encoding="utf-8").partition("## The lesson")[2]
            minutes = re.search(r"(\d+) minutes", lesson)[1]
            rows += (
                f'<tr><td><a href="../{name}.html">{escape(title)}</a></td>'
                f'<td><a href="{name}.html">{minutes} minutes</a></td>'
                f'<td><a href="../../slides/{name}.html">slides</a></td>'
                f"<td>{count.get(name, '–')}</td></tr>"
            )
        head = "".join(f"<th>{h}</th>" for h in ("chapter", "lesson plan", "slides", "exercises"))
        table = (
            '<div class="pst-scrollable-table-container"><table class="table"><thead>'
            f"<tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )
        return [nodes.raw("", table, format="html")]
