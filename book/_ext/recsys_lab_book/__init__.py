"""The book's own Sphinx extension: what turns a default Jupyter Book into this one.

- explorables take their static life, and bring their script and styles (``assets``);
- nothing on a page is loaded from another host, mathematics included (``assets``, ``finish``);
- notebooks that need real ratings say so where these cannot be had (``ratings``);
- exercises run in the page, and a page lists what is solved (``exercises``);
- each chapter can be run in the browser, and downloaded (``launch``);
- a build for a class has no solutions (``classroom``);
- each chapter's explorables are slides, too, and lesson plans lead there (``slides``);
- a page lists what the site is made of (``shipped``), and one how fast our code is (``races``);
- the first use of a term on a page leads to the glossary (``glossary``);
- every notebook runs again when the package changed (here).
"""

import hashlib
import os
from pathlib import Path

from recsys_lab_book import (
    assets,
    chapter_map,
    classroom,
    exercises,
    finish,
    glossary,
    launch,
    races,
    ratings,
    shipped,
    slides,
)

ROOT = Path(__file__).resolve().parents[3]


def setup(app):
    # Kernels inherit the environment: this is where the static life of explorables is chosen.
    os.environ["RECSYS_LAB_EXPLORE"] = "static"
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    ratings.setup(app)
    assets.setup(app)
    chapter_map.setup(app)
    glossary.setup(app)
    exercises.setup(app)
    launch.setup(app)
    classroom.setup(app)
    slides.setup(app)
    shipped.setup(app)
    races.setup(app)
    finish.setup(app)
    app.connect("env-get-outdated", reread_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def reread_notebooks(app, env, added, changed, removed):
    """Documents to read again: all notebooks, if the package or the data differ from last time."""
    digest = package_digest() + str(ratings.available())
    digest += (ROOT / "book" / "glossary.md").read_text()  # its terms are linked from every page
    if getattr(env, "recsys_lab_digest", None) == digest:
        return []
    env.recsys_lab_digest = digest
    return [name for name in env.found_docs if env.doc2path(name).endswith(".ipynb")]


def package_digest():
    """A fingerprint of the package's sources and data."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "recsys_lab").rglob("*")):
        if path.suffix in {".py", ".csv"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()
