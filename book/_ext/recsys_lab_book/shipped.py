"""The table of all parts that the site carries, with versions and licences.

    ```{shipped} site
    ```

``site``, ``python`` or ``lab``. Names and versions come from the files that pin them: the lock
files of npm, the installed packages, ``lite/requirements.txt`` and ``lite/wheels.txt``; so do most
licences. What has no such file, a part inside a part, is named here.
"""

import importlib.metadata
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [
    "book/vendor/package-lock.json",
    "lite/package-lock.json",
    "lite/requirements.txt",
    "lite/wheels.txt",
]
PYPI = "https://pypi.org/project/{}/"
NPM = "https://www.npmjs.com/package/{}"

# What a part is for; a part that is missing here is still listed.
USE = {
    "katex": "mathematics, drawn when the book is built; its style sheet and fonts",
    "plotly.js-cartesian-dist-min": "the figures",
    "pyodide": "Python in the browser: CPython and its library, compiled to WebAssembly",
    "@emscripten-forge/numpy": "NumPy in the browser, with two repairs of ours (lite/wasm.py)",
    "plotly": "live figures in the lab; its script",
    "ipywidgets": "controls of live figures",
    "anywidget": "the bridge between both",
    "ipython": "the Python of a notebook",
    "micropip": "%pip in a notebook",
}
# npm's entry has the licence of the wrapping; and build tools that leave nothing on the site.
LICENSES = {"@emscripten-forge/numpy": "BSD-3-Clause"}
NOT_SHIPPED = {"commander", "ws"}
PAGES = [  # packages whose scripts and styles a page loads
    ("sphinx-book-theme", "BSD-3-Clause", "the look of the pages"),
    ("pydata-sphinx-theme", "BSD-3-Clause", "the theme below it; it brings Bootstrap and icons"),
    ("sphinx", "BSD-2-Clause", "search, with its stemmer (Snowball, BSD-3-Clause)"),
    ("sphinx-copybutton", "MIT", "copying code, with clipboard.js (MIT)"),
    ("sphinx-togglebutton", "MIT", "folding"),
    ("sphinx-design", "MIT", "grids and cards"),
    ("myst-nb", "BSD-3-Clause", "cells"),
]
INSIDE = [
    ("Bootstrap", "in the theme", "MIT", "https://getbootstrap.com", "menus and layout"),
    ("Popper", "in Bootstrap", "MIT", "https://popper.js.org", "tooltips"),
    (
        "Font Awesome Free",
        "in the theme",
        "CC-BY-4.0 (icons), OFL-1.1 (fonts)",
        "https://fontawesome.com/license/free",
        "icons, cut down to those in use",
    ),
    ("KaTeX fonts", "in KaTeX", "OFL-1.1", "https://github.com/KaTeX/KaTeX", "mathematics"),
]


class Shipped(SphinxDirective):
    """One table: name, version, licence, what it is for."""

    required_arguments = 1

    def run(self):
        for path in SOURCES:
            self.env.note_dependency(str(ROOT / path))
        rows = {"site": site, "python": python, "lab": lab}[self.arguments[0]]()
        head = "".join(f"<th>{title}</th>" for title in ("part", "version", "licence", "for"))
        body = "".join(
            f'<tr><td><a href="{url}">{name}</a></td><td>{version}</td><td>{licence}</td>'
            f"<td>{use}</td></tr>"
            for name, version, licence, url, use in rows
        )
        table = (
            f'<div class="pst-scrollable-table-container"><table class="table shipped"><thead>'
            f"<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )
        return [nodes.raw("", table, format="html")]


def site():
    """What the pages load."""
    for name, licence, use in PAGES:
        version = importlib.metadata.version(name)
        yield name, version, licence, PYPI.format(name), use
    for name, version, licence, url, use in INSIDE:
        yield name, version, licence, url, use
    yield from npm("book/vendor/package-lock.json")


def python():
    """What runs the exercises."""
    yield from npm("lite/package-lock.json")


def lab():
    """What Jupyter in the browser adds."""
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", _read("lite/requirements.txt"), re.MULTILINE))
    for name, use in (
        ("jupyterlite-core", "JupyterLab, made of files"),
        ("jupyterlite-pyodide-kernel", "the bridge to Python"),
    ):
        yield name, pinned[name], "BSD-3-Clause", PYPI.format(name), use
    for name, version, licence in re.findall(
        r"^([\w.-]+)==(\S+) .*# (.+)$", _read("lite/wheels.txt"), re.MULTILINE
    ):
        yield name, version, licence, PYPI.format(name), USE.get(name, "needed by these")


def npm(lock):
    """The packages of a lock file that reach the site."""
    for path, entry in json.loads(_read(lock))["packages"].items():
        name = path.removeprefix("node_modules/")
        if not name or entry.get("dev") or name in NOT_SHIPPED:
            continue
        licence = LICENSES.get(name) or entry["license"]
        yield name, entry["version"], licence, NPM.format(name), USE.get(name, "")


def _read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def setup(app):
    app.add_directive("shipped", Shipped)
