"""Run notebooks and keep what belongs in git: their text, never their pictures.

    python book/refresh.py book/similarity.ipynb [more ...]

Each notebook gets its exercises from `recsys_lab.exercises`, is run from top to bottom, and is
written back with text outputs only (nbval compares them), stable cell ids and no metadata of the
machine it ran on. A notebook whose run fails is left as it was.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from recsys_lab.exercises import sync

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def refresh(path):
    """Run one notebook in place."""
    notebook = nbformat.read(path, as_version=4)
    if any(cell.metadata.get("recsys_lab", {}).get("exercises") for cell in notebook.cells):
        sync.sync(path)
        notebook = nbformat.read(path, as_version=4)
    ours = notebook.metadata.get("recsys_lab")
    here = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, resources=here).execute()
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    if ours:
        notebook.metadata["recsys_lab"] = ours
    for at, cell in enumerate(notebook.cells):
        if "exercise" not in cell.metadata.get("recsys_lab", {}):
            cell["id"] = f"cell-{at:02d}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := text_only(output))]
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def text_only(output):
    """An output with its plain text alone, or None if it has none."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    text = output.get("data", {}).get("text/plain")
    if text is None or len(text) > 2_000 or "image/png" in output.data:
        return None
    output["data"], output["metadata"] = {"text/plain": text}, {}
    return output


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    os.environ["RECSYS_LAB_EXPLORE"] = "text"
    for name in sys.argv[1:]:
        print(f"{name} ...", flush=True)
        refresh(Path(name))
