"""Exercises in a notebook: where they go, that they stay the same, that a stale one is noticed."""

import subprocess
import sys

import nbformat
import pytest

from recsys_lab.exercises import list_exercises, solution, sync

ROLES = ["task", "starter", "solution"]


@pytest.fixture
def notebook(tmp_path):
    """A chapter with a heading for its exercises, and something after them."""
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# Embeddings and similarity", id="title"),
        new.new_code_cell("print(6)", id="first", outputs=[new.new_output("stream", text="6\n")]),
        new.new_markdown_cell(
            "## Exercises", id="exercises", metadata={"recsys_lab": {"exercises": "here"}}
        ),
        new.new_markdown_cell("## What we now know", id="end"),
    ]
    path = tmp_path / "similarity.ipynb"
    nbformat.write(new.new_notebook(cells=cells), path)
    return path


def marks(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.metadata.get("recsys_lab", {}).get("exercise", cell.id) for cell in cells]


def test_exercises_go_behind_the_cell_that_asks_for_them(notebook):
    assert sync.main([str(notebook)]) == 0
    ids = [e.id for e in list_exercises("similarity") for _ in ROLES]
    assert marks(notebook) == ["title", "first", "exercises", *ids, "end"]


def test_running_it_again_changes_no_byte(notebook, capsys):
    sync.main([str(notebook)])
    first = notebook.read_bytes()
    sync.main([str(notebook)])
    assert notebook.read_bytes() == first
    assert "already in step" in capsys.readouterr().out


def test_the_rest_of_the_notebook_is_left_alone(notebook):
    before = nbformat.read(notebook, as_version=4)
    sync.main([str(notebook)])
    after = nbformat.read(notebook, as_version=4)
    assert after.metadata == before.metadata
    kept = [cell for cell in after.cells if "exercise" not in cell.metadata.get("recsys_lab", {})]
    assert kept == before.cells


def test_each_exercise_is_a_task_a_starter_and_a_folded_solution(notebook):
    sync.main([str(notebook)])
    cells = nbformat.read(notebook, as_version=4).cells[3:-1]
    for number, exercise in enumerate(list_exercises("similarity"), 1):
        task, starter, answer = cells[3 * number - 3 : 3 * number]
        for cell, role in zip((task, starter, answer), ROLES):
            assert cell.metadata.recsys_lab == {"exercise": exercise.id, "role": role}
            assert cell.id == f"similarity-{number}-{role}"
        assert task.source.startswith(f"### Exercise {number}. {exercise.title}\n\n")
        assert starter.source.endswith(f'check("{exercise.id}", {exercise.answer_name})')
        assert starter.metadata.tags == ["exercise", "skip-execution"]
        assert starter.outputs == []
        assert starter.execution_count is None
        assert answer.source == (
            '<details class="solution">\n<summary>Solution</summary>\n\n'
            f"```python\n{solution(exercise.id)}\n```\n\n{exercise.why_it_matters}\n\n</details>"
        )


def test_check_notices_a_stale_notebook_and_says_what_to_run(notebook, capsys):
    before = notebook.read_bytes()
    assert sync.main([str(notebook), "--check"]) == 1
    assert notebook.read_bytes() == before
    assert f"run: python -m recsys_lab.exercises.sync {notebook}" in capsys.readouterr().err
    sync.main([str(notebook)])
    assert sync.main([str(notebook), "--check"]) == 0
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace("Four numbers by hand", "Four numbers"), encoding="utf-8")
    assert sync.main([str(notebook), "--check"]) == 1


def test_a_change_made_in_the_notebook_is_overwritten_in_place(notebook):
    sync.main([str(notebook)])
    right = notebook.read_bytes()
    changed = nbformat.read(notebook, as_version=4)
    changed.cells[4].source = "edited"
    del changed.cells[6]
    nbformat.write(changed, notebook)
    sync.main([str(notebook)])
    assert notebook.read_bytes() == right


def test_without_a_cell_that_asks_they_go_to_the_end_and_then_stay(notebook):
    plain = nbformat.read(notebook, as_version=4)
    del plain.cells[2]
    nbformat.write(plain, notebook)
    sync.main([str(notebook)])
    assert marks(notebook)[:3] == ["title", "first", "end"]
    moved = nbformat.read(notebook, as_version=4)
    moved.cells.append(nbformat.v4.new_markdown_cell("More", id="more"))
    nbformat.write(moved, notebook)
    sync.main([str(notebook)])
    assert marks(notebook)[-1] == "more"


def test_a_class_gets_a_notebook_without_solutions(notebook, capsys):
    sync.main([str(notebook)])
    sync.main([str(notebook), "--without-solutions"])
    text = notebook.read_text(encoding="utf-8")
    assert "<details" not in text
    assert "half_squared" in text
    assert '"role": "starter"' in text
    assert sync.main([str(notebook), "--check", "--without-solutions"]) == 0
    assert sync.main([str(notebook), "--check"]) == 1


def test_an_older_notebook_gets_the_format_that_knows_cell_ids(notebook):
    old = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Old")])
    del old.cells[0]["id"]
    old.nbformat_minor = 4
    nbformat.write(old, notebook)
    sync.main([str(notebook)])
    nbformat.validate(nbformat.read(notebook, as_version=4))
    assert sync.main([str(notebook), "--check"]) == 0


@pytest.mark.parametrize("content", ["not a notebook", None])
def test_a_file_that_is_no_notebook_is_named(tmp_path, content, capsys):
    path = tmp_path / "similarity.ipynb"
    if content:
        path.write_text(content)
    with pytest.raises(SystemExit) as end:
        sync.main([str(path)])
    assert end.value.code == 2
    assert "similarity.ipynb" in capsys.readouterr().err


def test_a_notebook_of_no_chapter_is_named(notebook, capsys):
    other = notebook.with_name("cooking.ipynb")
    notebook.rename(other)
    with pytest.raises(SystemExit):
        sync.main([str(other)])
    assert "no chapter 'cooking' has exercises" in capsys.readouterr().err


def test_it_runs_as_a_command(notebook):
    command = [sys.executable, "-m", "recsys_lab.exercises.sync", str(notebook)]
    assert subprocess.run([*command, "--check"], capture_output=True).returncode == 1
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert subprocess.run([*command, "--check"], capture_output=True).returncode == 0
