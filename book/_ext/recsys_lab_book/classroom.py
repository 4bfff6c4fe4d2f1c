"""The build for a class (``lite/classroom.py``): outputs of the book that was built, no way to the
solutions on the net, no link to pages for teachers. In every other build this module does nothing.
"""

import json
import os
import re
from pathlib import Path

from sphinx.errors import ExtensionError

RUN = os.environ.get("RECSYS_LAB_CLASSROOM")  # the folder of the notebooks that were run
TEACHING = re.compile(r"\[([^\]\[]+)\]\((?:\.?/)?(?:book/)?teaching/[^)\s]*\)")


def setup(app):
    if RUN:
        app.connect("source-read", put_outputs, priority=600)  # after the notice on real ratings
        app.connect("source-read", unlink_teaching, priority=700)
        app.connect("html-page-context", leave_out_buttons, priority=950)  # after they were made


def put_outputs(app, docname, source):
    """Give each cell what it showed in the book."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    run = json.loads((Path(RUN) / f"{Path(docname).name}.ipynb").read_text(encoding="utf-8"))
    shown = {cell["id"]: cell for cell in run["cells"] if cell["cell_type"] == "code"}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        before = shown.get(cell["id"])
        if before is None or "".join(before["source"]) != "".join(cell["source"]):
            raise ExtensionError(f"{docname}: cell {cell['id']} is not as it was; run make book")
        cell |= {"outputs": before["outputs"], "execution_count": before["execution_count"]}
    source[0] = json.dumps(notebook)


def unlink_teaching(app, docname, source):
    source[0] = TEACHING.sub(r"\1", source[0])


def leave_out_buttons(app, pagename, templatename, context, doctree):
    """Colab and Binder are other machines, with the whole package on them."""
    buttons = context.get("header_buttons", [])
    buttons[:] = [button for button in buttons if button.get("label") != "launch-buttons"]
