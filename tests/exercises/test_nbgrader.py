"""The exercises as an nbgrader assignment, released and marked by nbgrader itself."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from recsys_lab.exercises import list_exercises, nbgrader, solution
from recsys_lab.exercises.solutions import wrong_answers

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))
from lite import classroom  # noqa: E402

NBGRADER = ROOT / ".venv-nbgrader" / ("Scripts" if os.name == "nt" else "bin")
CHAPTER = "similarity"
IDS = [exercise.id for exercise in list_exercises(CHAPTER)]
CHAPTERS = sorted({exercise.id.rpartition(".")[0] for exercise in list_exercises()})


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_is_a_task_an_answer_and_a_test(chapter):
    notebook = nbgrader.source_notebook(chapter, points=2)
    nbformat.validate(notebook)
    about = [cell.metadata.nbgrader for cell in notebook.cells]
    assert len({one.grade_id for one in about}) == len(about)
    ids = [exercise.id.replace(".", "-") for exercise in list_exercises(chapter)]
    assert [one.grade_id for one in about if one.solution] == [f"{id}-answer" for id in ids]
    assert [one.grade_id for one in about if one.grade] == [f"{id}-test" for id in ids]
    assert {one.points for one in about if one.grade} == {2}
    assert all(one.locked != one.solution for one in about)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_source_notebook_runs_and_passes_its_own_tests(chapter, capsys):
    namespace = {}
    for cell in nbgrader.source_notebook(chapter).cells:
        if cell.cell_type == "code":
            exec(cell.source, namespace)
    assert capsys.readouterr().out.count("✓") == len(list_exercises(chapter))


def test_some_exercises_only_and_a_config_that_is_there_stays(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    nbgrader.main([CHAPTER, str(tmp_path), "--only", "similarity.4", "--points", "3"])
    notebook = nbformat.read(tmp_path / "source" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    graded = [c.metadata.nbgrader for c in notebook.cells if c.metadata.nbgrader.grade]
    assert [(one.grade_id, one.points) for one in graded] == [("similarity-4-test", 3)]
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()\n"


@pytest.mark.parametrize(
    "arguments", [["no_such_chapter"], [CHAPTER, "--only", "pipeline.1"]], ids=["chapter", "id"]
)
def test_what_does_not_exist_is_told(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        nbgrader.main([arguments[0], str(tmp_path), *arguments[1:]])
    assert ended.value.code == 2
    assert "pipeline" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nbgrader_releases_it_without_solutions_and_marks_what_comes_back(tmp_path):
    if not (NBGRADER / "nbgrader").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI must run nbgrader: make .venv-nbgrader/.done")
        pytest.skip("nbgrader is not here: make .venv-nbgrader/.done")

    def run(*arguments):
        done = subprocess.run(
            [NBGRADER / "nbgrader", *arguments],
            cwd=tmp_path,
            env={
                **os.environ,
                "PATH": f"{NBGRADER}{os.pathsep}{os.environ['PATH']}",  # it calls alembic
                "PYTHONPATH": str(ROOT),
                "HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    nbgrader.write(CHAPTER, tmp_path, points=2)
    run("generate_assignment", CHAPTER)
    released = tmp_path / "release" / CHAPTER / f"{CHAPTER}.ipynb"
    wanted = {id: lines for id, lines in classroom.needles().items() if id in IDS}
    assert classroom.leaks(classroom.shipped(tmp_path / "release"), wanted) == []
    source = released.parents[2] / "source"
    assert {id for _, id, _ in classroom.leaks(classroom.shipped(source), wanted)} == set(IDS)

    # Ada solves everything; Bo solves the first, hands in a wrong second, and leaves the rest open.
    answers = {
        "ada": {id: solution(id) for id in IDS},
        "bo": {IDS[0]: solution(IDS[0]), IDS[1]: wrong_answers(IDS[1])[0][1]},
    }
    for student, given in answers.items():
        notebook = nbformat.read(released, as_version=4)
        for cell in notebook.cells:
            id = cell.metadata.nbgrader.grade_id.removesuffix("-answer").replace("-", ".")
            if cell.metadata.nbgrader.solution and id in given:
                cell.source += f"\n{given[id]}"
        path = tmp_path / "submitted" / student / CHAPTER / released.name
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    run("autograde", CHAPTER)
    run("export")
    with (tmp_path / "grades.csv").open() as table:
        rows = {row["student_id"]: row for row in csv.DictReader(table)}
    scores = {
        student: (float(row["score"]), float(row["max_score"])) for student, row in rows.items()
    }
    assert scores == {"ada": (2 * len(IDS), 2 * len(IDS)), "bo": (2, 2 * len(IDS))}
    marked = nbformat.read(tmp_path / "autograded/bo" / CHAPTER / released.name, as_version=4)
    second = next(c for c in marked.cells if c.metadata.nbgrader.grade_id == "similarity-2-test")
    assert "not right yet" in second.outputs[0].text
