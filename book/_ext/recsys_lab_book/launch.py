"""Each chapter as a notebook: run here in the browser, download, or open on Colab or Binder.

The lab is built after the pages (``lite/lab.py``; `make book` does both). Its button stands on
every chapter even so, because a page that is written once must be right later: where the lab was
not built, the button leads to a page that says how to get it. The theme could make such buttons,
but its address of the lab is the same on all pages, and so is wrong where pages lie in folders.

Colab and Binder read the notebooks from the repository's branch ``notebooks``, which holds them as
this module writes them for download, in plain Markdown (``lite/notebooks.py``).
"""

import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT))
from lite import notebooks  # noqa: E402  (no part of the package)

BRANCH = "notebooks"
NOT_BUILT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The lab is not here yet</title>
<style>body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34em; margin: 4em auto }</style>
<h1>The lab is not here yet</h1>
<p>Jupyter in the browser is a part of this site that is built after its pages, and it was not.
Whoever built the site gets it with <code>make book</code>.</p>
<p>Until then: the notebook can be downloaded from the chapter's page, and the exercises on the page
run without it.</p>
<p><a href="../../index.html">Back to the book</a></p>
"""


def setup(app):
    app.connect("html-page-context", add_buttons, priority=900)  # after the theme's own
    app.connect("build-finished", write_notebooks)


def add_buttons(app, pagename, templatename, context, doctree):
    """Run, Colab, Binder and download, on pages that are notebooks."""
    name = Path(pagename).name
    if pagename not in app.env.found_docs or not app.env.doc2path(pagename).endswith(".ipynb"):
        return
    buttons, pathto = context["header_buttons"], context["pathto"]
    repository = notebooks.REPOSITORY.removeprefix("https://github.com/")
    lab = f"{pathto('lite/notebooks/index.html', 1)}?path={quote(name)}.ipynb"
    colab = f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{name}.ipynb"
    binder = f"https://mybinder.org/v2/gh/{repository}/{BRANCH}?labpath={name}.ipynb"
    for group in buttons:
        for button in group.get("buttons", ()):
            if button.get("label") == "download-source-button":
                button["url"] = pathto(f"notebooks/{name}.ipynb", 1)
                button["tooltip"] = "Download this chapter as a notebook"
    if pagename == app.config.root_doc:
        return  # the front page has a notebook, but nothing in it to run
    buttons[:0] = [
        {
            "type": "link",
            "url": lab,
            "text": "Run",
            "tooltip": "Run this chapter in your browser, with nothing to install",
            "icon": "fas fa-play",
            "label": "run-button",
        },
        {
            "type": "group",
            "tooltip": "Run this chapter elsewhere",
            "icon": "fas fa-rocket",
            "label": "launch-buttons",
            "buttons": [
                _elsewhere("Colab", colab, "_static/images/logo_colab.png"),
                _elsewhere("Binder", binder, "_static/images/logo_binder.svg"),
            ],
        },
    ]


def _elsewhere(name, url, icon):
    tooltip = f"Open on {name}: another site, another machine"
    return {"type": "link", "text": name, "tooltip": tooltip, "icon": icon, "url": url}


def write_notebooks(app, exception):
    """The notebooks for download, and a word where the lab would be."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    notebooks.write(site / "notebooks", lab=False)
    place = site / "lite" / "notebooks" / "index.html"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(NOT_BUILT, encoding="utf-8")
