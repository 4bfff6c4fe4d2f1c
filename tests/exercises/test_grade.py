"""Files that students saved from the book, marked again by a teacher."""

import csv
import io
import json

import pytest

from recsys_lab.exercises import grade, list_exercises, solution

HEAD = "import numpy as np\n"


def saved(folder, name, answers, solved="2026-11-24T09:00:00Z"):
    """A file as the page writes it (tests/site/test_exercises_page.py)."""
    exercises = [
        {"id": e.id, "solved": solved, "checks": 1, "answer": answers.get(e.id)}
        for e in list_exercises("similarity")
    ]
    path = folder / f"{name.lower()}.json"
    path.write_text(json.dumps({"name": name, "exercises": exercises}), encoding="utf-8")


def test_every_answer_is_marked_again_whatever_the_file_says_of_itself(tmp_path, capsys):
    right = {e.id: HEAD + solution(e.id) for e in list_exercises("similarity")}
    saved(tmp_path, "Ada", right, solved=None)
    saved(tmp_path, "Bo", {"similarity.2": right["similarity.2"], "similarity.4": "alpha = 1"})
    (tmp_path / "holiday.json").write_text('["a list"]')
    grade.main([str(tmp_path)])
    said = capsys.readouterr()
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(said.out))}
    assert [rows["Ada"][id] for id in right] == ["1"] * len(right)
    assert rows["Ada"]["solved"] == str(len(right))
    assert (rows["Bo"]["similarity.2"], rows["Bo"]["similarity.4"]) == ("1", "0")
    assert rows["Bo"]["similarity.1"] == "" and rows["Bo"]["pipeline.1"] == ""
    assert len(rows) == 2 and "holiday.json: not a file saved by the book" in said.err


@pytest.mark.parametrize(
    "answer", ["while True:\n    pass", "import os\nos._exit(0)", "def (", "1/0"]
)
def test_an_answer_that_runs_away_counts_as_not_passed(answer, monkeypatch):
    monkeypatch.setattr(grade, "SECONDS", -4.0)  # a second, with what tidying may take
    assert grade.passes("similarity.4", answer) is False


def test_a_folder_without_files_is_told(tmp_path, capsys):
    with pytest.raises(SystemExit):
        grade.main([str(tmp_path)])
    assert "no JSON files" in capsys.readouterr().err
