"""Write the exercises of a chapter as an nbgrader assignment: a source notebook, ready to release.

    python -m recsys_lab.exercises.nbgrader similarity COURSE [--points 2] [--only similarity.2 ...]

COURSE is the folder of an nbgrader course. It gets ``source/similarity/similarity.ipynb``, and an
``nbgrader_config.py`` where it has none. Then, in that folder,

    nbgrader generate_assignment similarity      # release/: without solutions
    nbgrader autograde similarity                # submitted/: marked by `check`

Each exercise is a task that cannot be edited, a cell for the answer (the starter, and the solution
between nbgrader's marks), and a test that calls `check` and gives its points when passed. Students
can run the test themselves, and read its hints, wherever `recsys_lab` is installed. Where they are
marked install the package without solutions: an answer could read them out.
"""

import argparse
import sys
from pathlib import Path

from recsys_lab import exercises

CONFIG = """\
# Settings of nbgrader for exercises of RecSys Lab. Change them as you like.
c = get_config()
c.CourseDirectory.course_id = "recsys-lab"
# The starter stands above the solution already: nothing takes the solution's place.
c.ClearSolutions.code_stub = {"python": ""}
# An exercise marks itself within its own time limit; this is for what stands around it.
c.ExecutePreprocessor.timeout = 120
"""
INTRO = """\
# {title}

Write each answer into the cell under its task, below or in place of what stands there. The cell
after it marks your answer: run it as often as you like, and read what it says. Each exercise that
passes gives {points}.
"""
IMPORTS = "import numpy as np\n\nfrom recsys_lab.exercises import check, hint"


def source_notebook(chapter, points=1, only=None):
    """The assignment as a notebook node, solutions included."""
    import nbformat

    if not hasattr(exercises, "solution"):
        raise ValueError("this is the package without solutions; an assignment needs them")
    chosen = exercises.list_exercises(chapter)
    if only:
        unknown = set(only) - {exercise.id for exercise in chosen}
        if unknown:
            raise ValueError(f"not in {chapter}: {', '.join(sorted(unknown))}")
        chosen = [exercise for exercise in chosen if exercise.id in only]
    worth = f"{points:g} point{'' if points == 1 else 's'}"
    title = chapter.replace("_", " ").capitalize()
    cells = [
        _cell("markdown", f"{chapter}-intro", INTRO.format(title=title, points=worth), locked=True),
        _cell("code", f"{chapter}-imports", IMPORTS, locked=True),
    ]
    for exercise in chosen:
        name = exercise.id.replace(".", "-")
        task = f"## {exercise.id}. {exercise.title}\n\n{exercise.task.strip()}"
        cells += [
            _cell("markdown", f"{name}-task", task, locked=True),
            _cell("code", f"{name}-answer", _answer(exercise), solution=True),
            _cell("code", f"{name}-test", _test(exercise), locked=True, points=points),
        ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.validate(notebook)
    return notebook


def _answer(exercise):
    starter = exercise.starter.strip("\n")
    solution = exercises.solution(exercise.id)
    return f"{starter}\n\n\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"


def _test(exercise):
    return (
        f'result = check("{exercise.id}", {exercise.answer_name})\n'
        "print(result)\n"
        "assert result.passed, result.hint"
    )


def _cell(kind, name, text, locked=False, solution=False, points=None):
    import nbformat

    about = {"schema_version": 3, "grade_id": name, "locked": locked, "solution": solution}
    about |= {"grade": points is not None, "task": False}
    if points is not None:
        about["points"] = points
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(text, id=name, metadata={"nbgrader": about})


def write(chapter, course, points=1, only=None):
    """Put the assignment into the folder of a course. Returns the path of the notebook."""
    import nbformat

    notebook = source_notebook(chapter, points, only)
    path = Path(course) / "source" / chapter / f"{chapter}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    config = Path(course) / "nbgrader_config.py"
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")
    return path


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m recsys_lab.exercises.nbgrader",
        description="Write the exercises of a chapter as an nbgrader assignment.",
    )
    parser.add_argument("chapter", help="such as similarity")
    parser.add_argument("course", help="the folder of the nbgrader course")
    parser.add_argument("--points", type=float, default=1, help="for each exercise; 1 if not told")
    parser.add_argument("--only", nargs="+", metavar="ID", help="such as similarity.2")
    options = parser.parse_args(arguments)
    try:
        path = write(options.chapter, options.course, options.points, options.only)
    except (ValueError, OSError) as error:
        parser.exit(2, f"{error}\n")
    print(f"{path}\nnow, in {options.course}: nbgrader generate_assignment {options.chapter}")


if __name__ == "__main__":
    sys.exit(main())
