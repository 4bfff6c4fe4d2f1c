"""Put the exercises of a chapter into its notebook: task, starter, folded solution.

    python -m recsys_lab.exercises.sync book/similarity.ipynb [more.ipynb] [--check]

The cells are generated from `recsys_lab.exercises` and replaced as a whole each time: change the
source, not the notebook. They stand after the Markdown cell whose metadata say
``{"recsys_lab": {"exercises": "here"}}`` (the heading "Exercises", say); in a notebook that has
no such cell they stay where they were, or go to the end. The notebook's name is the chapter's.

Every generated cell carries ``{"recsys_lab": {"exercise": "similarity.1", "role": "task"}}``, role
being ``task``, ``starter`` or ``solution``, and an id made of these: the same source gives the same
file to the byte. Starters are tagged so that the book's build does not run them; nbval does, and
they fail kindly.

``--check`` changes nothing, and ends with 1 where a notebook is out of step.
``--without-solutions`` leaves the solutions out, as does the student build, which has none.
"""

import argparse
import copy
import sys
from pathlib import Path

from recsys_lab import exercises

TAGS = ["exercise", "skip-execution"]


def generated_cells(chapter, solutions=True):
    """The cells of all exercises of a chapter, as notebook nodes."""
    cells = []
    for number, exercise in enumerate(exercises.list_exercises(chapter), 1):
        task = f"### Exercise {number}. {exercise.title}\n\n{exercise.task.strip()}"
        cells.append(_cell(exercise, "task", task))
        cells.append(_cell(exercise, "starter", exercise.cell()))
        if solutions and hasattr(exercises, "solution"):
            cells.append(_cell(exercise, "solution", _folded(exercise)))
    return cells


def _folded(exercise):
    # Blank lines end the HTML block, so that Jupyter and MyST read the code between as Markdown.
    return (
        '<details class="solution">\n<summary>Solution</summary>\n\n'
        f"```python\n{exercises.solution(exercise.id)}\n```\n\n"
        f"{exercise.why_it_matters}\n\n</details>"
    )


def _cell(exercise, role, source):
    import nbformat

    make = nbformat.v4.new_code_cell if role == "starter" else nbformat.v4.new_markdown_cell
    metadata = {"recsys_lab": {"exercise": exercise.id, "role": role}}
    if role == "starter":
        metadata["tags"] = TAGS
    return make(source, id=f"{exercise.id.replace('.', '-')}-{role}", metadata=metadata)


def with_exercises(notebook, cells):
    """A copy of the notebook in which ``cells`` replace all generated ones."""
    notebook = copy.deepcopy(notebook)
    ours = [cell.metadata.get("recsys_lab", {}) for cell in notebook.cells]
    rest = [cell for cell, mark in zip(notebook.cells, ours) if "exercise" not in mark]
    here = [i for i, cell in enumerate(rest) if _is_place(cell)]
    before = [i for i, mark in enumerate(ours) if "exercise" in mark]
    if here:
        place = here[0] + 1
    else:
        place = before[0] if before else len(rest)
    notebook.cells = rest[:place] + cells + rest[place:]
    notebook.nbformat, notebook.nbformat_minor = 4, max(notebook.nbformat_minor, 5)  # cell ids
    return notebook


def _is_place(cell):
    return cell.metadata.get("recsys_lab", {}).get("exercises") == "here"


def sync(path, check=False, solutions=True):
    """Bring one notebook into step; returns whether it already was."""
    import nbformat

    path = Path(path)
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    notebook = with_exercises(notebook, generated_cells(path.stem, solutions))
    nbformat.validate(notebook)
    after = nbformat.writes(notebook) + "\n"
    if after != before and not check:
        path.write_text(after, encoding="utf-8")
    return after == before


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m recsys_lab.exercises.sync",
        description="Put the exercises of each chapter into its notebook.",
    )
    parser.add_argument("notebooks", nargs="+", help="such as book/similarity.ipynb")
    parser.add_argument("--check", action="store_true", help="change nothing, end with 1 if stale")
    parser.add_argument("--without-solutions", action="store_true", help="for a class")
    options = parser.parse_args(arguments)
    stale = []
    for path in options.notebooks:
        try:
            in_step = sync(path, options.check, not options.without_solutions)
        except (OSError, ValueError) as error:
            parser.exit(2, f"{path}: {error}\n")
        if options.check and not in_step:
            stale.append(path)
        elif not options.check:
            print(f"{path}: {'already in step' if in_step else 'exercises put in'}")
    if stale:
        without = " --without-solutions" if options.without_solutions else ""
        print(
            f"out of step with recsys_lab/exercises: {', '.join(stale)}\n"
            f"run: python -m recsys_lab.exercises.sync {' '.join(stale)}{without}",
            file=sys.stderr,
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
