"""How an answer is marked, told, hinted at and shown, on small exercises made here."""

import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import recsys_lab
from recsys_lab import exercises
from recsys_lab.exercises import (
    Function,
    Mistake,
    Property,
    Search,
    Value,
    check,
    hint,
    list_exercises,
    similarity,
    solution,
)

PACKAGE = Path(recsys_lab.__file__).parent
WORDS = {
    "title": "A title",
    "task": "A task.",
    "hints": ["Look.", "Look again.", "Nearly there."],
    "why_it_matters": "It matters.",
}


def mean_exercise(**more):
    return Function(
        **WORDS
        | {
            "starter": 'def mean(x):\n    """The mean."""\n    ...',
            "cases": lambda: [
                (np.random.default_rng(0).normal(size=50),),
                (np.array([1.0, 2.0, 6.0]),),
                (np.array([4.0]),),
            ],
            "expected": lambda x: x.sum() / len(x),
            "mistakes": [
                Mistake("sum", lambda seen, want, x: np.isclose(seen, x.sum()), "Divide."),
                Mistake("first", lambda seen, want, x: seen == x[0], "More than the first."),
                Mistake("broken", lambda *args: 1 / 0, "Never told."),
            ],
        }
        | more
    )


@pytest.fixture
def mean(monkeypatch, here):
    exercise = mean_exercise(id="similarity.1")
    monkeypatch.setattr(similarity, "EXERCISES", [exercise])
    return exercise


# --- check ---------------------------------------------------------------------------------------


def test_a_right_answer_is_told_why_it_matters(mean):
    result = check("similarity.1", np.mean)
    assert result.passed
    assert result
    assert result.message == "It matters."
    assert result.hint == ""
    assert repr(result) == "✓ Right. It matters."


def test_a_wrong_answer_is_told_what_was_seen_and_expected_on_the_smallest_failing_input(mean):
    result = check("similarity.1", np.median)
    assert not result.passed
    assert not result
    assert result.message == (
        "With the input\n    x = [1, 2, 6]\nit returned\n    2\nexpected\n    3"
    )


def test_a_mistake_that_explains_most_failures_is_told_with_an_input_on_which_it_shows(mean):
    def mostly_the_sum(x):
        return x[0] + 1 if len(x) == 1 else x.sum()

    result = check("similarity.1", mostly_the_sum)
    assert result.hint == "Divide."
    assert "x = [1, 2, 6]" in result.message


def test_a_mistake_whose_test_raises_is_no_match(mean):
    assert check("similarity.1", lambda x: 77.0).hint == "Hint 1 of 3: Look."


def test_digits_are_shown_until_the_difference_is_seen(mean):
    mean.cases = lambda: [(np.array([4.0]),), (np.array([1234.5]),)]
    assert "4.00002" in check("similarity.1", lambda x: x.mean() + 2e-5).message
    message = check("similarity.1", lambda x: x.mean() + 0.004 * (x[0] > 9)).message
    assert "returned\n    1234.504\nexpected\n    1234.5" in message


def test_hints_grow_with_attempts(mean):
    told = [check("similarity.1", lambda x: 77.0).hint for _ in range(4)]
    assert told == [
        "Hint 1 of 3: Look.",
        "Hint 2 of 3: Look again.",
        "Hint 3 of 3: Nearly there.",
        "Hint 3 of 3: Nearly there.",
    ]


def test_a_mistake_made_again_gets_the_ladder_as_well(mean):
    told = [check("similarity.1", np.sum).hint for _ in range(2)]
    assert told == ["Divide.", "Divide.\nHint 1 of 3: Look."]
    assert check("similarity.1", lambda x: x[0]).hint == "More than the first."


def test_an_answer_that_is_not_there_yet_uses_up_no_hint(mean, run_cell):
    for _ in range(3):
        result = run_cell(mean.cell())
    assert "it returned None" in result.message
    assert hint("similarity.1") == "Hint 1 of 3: Look."


def test_hint_climbs_the_ladder_and_stays_at_the_top(mean):
    assert [str(hint("similarity.1"))[:11] for _ in range(4)] == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3",
        "Hint 3 of 3",
    ]
    assert repr(hint("similarity.1")) == "Hint 3 of 3: Nearly there."


def test_the_line_that_raised_is_shown(mean, run_cell):
    result = run_cell(mean.cell("def mean(x):\n    y = x + 1\n    return y[99]"))
    assert (
        "IndexError: index 99 is out of bounds for axis 0 with size 1\n    in line 8:  return y[99]"
    ) in result.message


def test_what_an_answer_printed_is_shown_with_the_failure(mean):
    def talks(x):
        print("x is", x)
        return 0.0

    result = check("similarity.1", talks)
    assert result.printed == "x is [4.]\n"
    assert "It printed:\nx is [4.]" in repr(result)


def test_writing_to_the_input_is_told_even_where_the_result_is_right(mean):
    def mean_in_place(x):
        x /= len(x)
        return x.sum()

    result = check("similarity.1", mean_in_place)
    assert "the result is right, but x was changed" in result.message
    assert "copy" in result.hint


def test_writing_inside_a_list_or_dict_is_noticed_too(monkeypatch, here):
    exercise = mean_exercise(
        starter="def f(rows, names): ...",
        cases=lambda: [([[1, 2], [3]], {"a": np.zeros(2)})],
        expected=lambda rows, names: len(rows),
        mistakes=[],
    )
    monkeypatch.setattr(similarity, "EXERCISES", [exercise])

    def f(rows, names):
        names["a"][0] = 1
        return 2

    assert "names was changed" in check("similarity.1", f).message
    assert "rows was changed" in check("similarity.1", lambda r, n: r[1].append(9) or 2).message
    assert check("similarity.1", lambda rows, names: 2).passed


def test_a_property_is_tried_on_the_answer_itself(monkeypatch, here):
    exercise = mean_exercise(
        cases=lambda: [(np.array([1.0, 2.0]),)],
        properties=[
            Property(
                "shift",
                "adding 1 to all numbers adds 1 to the mean",
                lambda mean, x: np.isclose(mean(x + 1), mean(x) + 1),
                "It is the same for every x.",
            )
        ],
    )
    monkeypatch.setattr(similarity, "EXERCISES", [exercise])
    assert check("similarity.1", np.mean).passed
    for hard_coded in (lambda x: 1.5, lambda x: 1.5 if x[0] == 1 else 1 / 0):
        result = check("similarity.1", hard_coded)
        assert "it must hold that adding 1 to all numbers adds 1 to the mean" in result.message
        assert result.hint.startswith("It is the same for every x.")


def test_an_answer_that_is_slow_on_a_property_is_called_slow(monkeypatch, here):
    rule = Property("shift", "x may be shifted", lambda mean, x: mean(x + 1) > 0, "Any x.")
    exercise = mean_exercise(cases=lambda: [(np.array([1.0]),)], properties=[rule], time_limit=0.2)
    monkeypatch.setattr(similarity, "EXERCISES", [exercise])

    def mean(x):
        while x[0] != 1:
            pass
        return 1.0

    assert "it was not done after 0.2 seconds" in check("similarity.1", mean).message


def test_a_search_that_stumbles_over_an_answer_does_not_pass_it(monkeypatch, here):
    exercise = Search(
        **WORDS,
        starter="answer = ...",
        parts={"x": ()},
        says=lambda x: f"1/x is {1 / float(x)}",
        mistakes=[Mistake("small", lambda x: 1 / float(x) > 1, "Larger.")],
    )
    monkeypatch.setattr(similarity, "EXERCISES", [exercise])
    assert check("similarity.1", 2).passed
    assert check("similarity.1", {"x": 2}).passed
    assert not check("similarity.1", 0).passed


def test_where_several_results_are_right_agree_decides(monkeypatch, here):
    exercise = mean_exercise(
        starter="def divisor(n): ...",
        cases=lambda: [(12,), (35,)],
        expected=lambda n: {12: 2, 35: 5}[n],
        agree=lambda seen, want, n: n % int(seen) == 0 and seen > 1,
        mistakes=[],
    )
    monkeypatch.setattr(similarity, "EXERCISES", [exercise])
    assert check("similarity.1", lambda n: n).passed
    assert "returned\n    11" in check("similarity.1", lambda n: n - 1).message


def test_numbers_arrays_lists_and_dicts_are_compared_as_what_they_hold(monkeypatch, here):
    def passes(want, seen):
        exercise = mean_exercise(
            starter="def f(): ...", cases=lambda: [()], expected=lambda: want, mistakes=[]
        )
        monkeypatch.setattr(similarity, "EXERCISES", [exercise])
        return check("similarity.1", lambda: seen).passed

    assert passes(2, np.int8(2))
    assert passes(2, 2.0)
    assert passes(0.3, 0.1 + 0.2)
    assert passes(np.array([1, 2]), [1, 2])
    assert passes([1, 2], (1.0, 2.0))
    assert passes(([1, 2], [3.0]), [np.array([1, 2]), [3]])
    assert passes({"a": [1, 2]}, {"a": np.array([1, 2])})
    assert passes(np.array([np.nan, np.inf]), [float("nan"), float("inf")])
    assert passes([], np.array([]))
    assert passes("film", np.str_("film"))
    assert passes([True, False], np.array([1, 0]) > 0)
    assert passes(["a", "b"], np.array(["a", "b"]))
    assert not passes(2, 2.0000001)
    assert not passes(2.0, [2.0])
    assert not passes([True, False], [1, 0])
    assert not passes([1, 0], [True, False])
    assert not passes({"a": 1}, {"b": 1})
    assert not passes([1.0, 2.0], [1.0, np.nan])
    assert not passes("film", "Film")
    assert not passes(([1, 2], [3.0]), [[1, 2]])


def test_a_value_may_be_a_word_or_an_array(monkeypatch, here):
    word = Value(**WORDS, starter="answer = ...", expected=lambda: "cosine")
    array = Value(**WORDS, starter="answer = ...", expected=lambda: [[1.0, 2.0], [3.0, 4.0]])
    monkeypatch.setattr(similarity, "EXERCISES", [word, array])
    assert check("similarity.1", "cosine").passed
    assert "You have 'dot'" in check("similarity.1", "dot").message
    assert check("similarity.2", [[1, 2], [3, 4]]).passed
    message = check("similarity.2", [1, 2, 3, 4]).message
    assert "shape (4,)" in message and "shape (2, 2)" in message


def test_a_search_may_have_parts_of_any_length(monkeypatch, here):
    exercise = Search(
        **WORDS,
        starter="answer = ...",
        parts={"ratings": (None,), "item": ()},
        says=lambda ratings, item: f"the mean is {ratings.mean()}",
        mistakes=[Mistake("low", lambda ratings, item: ratings.mean() < item, "Higher.")],
    )
    monkeypatch.setattr(similarity, "EXERCISES", [exercise])
    assert check("similarity.1", ([1, 2, 3], 2)).passed
    assert check("similarity.1", {"item": 2, "ratings": [3]}).passed
    result = check("similarity.1", ([1, 2], 2))
    assert (result.message, result.hint) == ("the mean is 1.5", "Higher.")
    assert "Expected: ratings (numbers), item (a number)" in check("similarity.1", [1]).message


def test_large_input_is_shortened_in_what_is_told(mean):
    mean.cases = lambda: [(np.arange(1e5),)]
    assert len(check("similarity.1", np.max).message) < 500


# --- ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", ["similarity.99", "similarity", "similarty.1", "", "similarity.1 "])
def test_an_unknown_id_is_answered_with_those_that_exist(id):
    for function in (lambda i: check(i, 0), hint, solution):
        with pytest.raises(ValueError, match=r"no exercise is called .*similarity\.1"):
            function(id)


def test_arguments_the_wrong_way_round_are_explained():
    with pytest.raises(ValueError, match="first argument is the id of the exercise, such as"):
        check(np.arange(3), "similarity.1")


def test_list_exercises_goes_through_the_book_or_one_chapter():
    everything = list_exercises()
    assert [e.id for e in list_exercises("similarity")] == [f"similarity.{i}" for i in range(1, 6)]
    assert {e.id for e in list_exercises("similarity")} <= {e.id for e in everything}
    assert repr(list_exercises("similarity")[0]) == "similarity.1: Four numbers by hand"
    with pytest.raises(ValueError, match=r"no chapter 'cooking' has exercises; there are .*simil"):
        list_exercises("cooking")


def test_a_chapter_is_found_by_its_file_alone(tmp_path, monkeypatch):
    (tmp_path / "zebra.py").write_text("EXERCISES = []")
    (tmp_path / "_helper.py").write_text("1 / 0")
    monkeypatch.setattr(exercises, "__path__", [*exercises.__path__, str(tmp_path)])
    chapters = exercises._chapters()
    assert chapters[-1] == "zebra"
    assert not {"sync", "solutions", "_helper", "_guard"} & {*chapters}


# --- what is shown -------------------------------------------------------------------------------


def test_jupyter_gets_text_and_html_that_says_how_it_went(mean):
    bundle = check("similarity.1", np.mean)._repr_mimebundle_()
    assert bundle["text/plain"] == "✓ Right. It matters."
    assert '<div class="exercise-result passed" role="status">' in bundle["text/html"]
    bundle = check("similarity.1", np.sum)._repr_mimebundle_(include=None, exclude=None)
    assert bundle["text/plain"].startswith("✗ similarity.1 is not right yet.\nWith the input")
    assert 'class="exercise-result failed"' in bundle["text/html"]
    assert '<p class="exercise-hint">Divide.</p>' in bundle["text/html"]


def test_html_of_an_answer_is_text_in_the_page(mean):
    def rude(x):
        print("<script>alert(1)</script>")
        raise ValueError("<img src=x onerror=alert(1)>")

    html = check("similarity.1", rude)._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "style=" not in html


def test_a_cell_is_complete_code_that_ends_in_check():
    by_hand, rank_by, *_ = list_exercises("similarity")
    assert rank_by.cell() == (
        "import numpy as np\n\nfrom recsys_lab.exercises import check\n\n\n"
        "def rank_by(q, X, how):\n"
        '    """Row numbers of X, best first; how is "dot", "cosine" or "euclidean"."""\n'
        "    ...\n\n\n"
        'check("similarity.2", rank_by)'
    )
    assert by_hand.cell().endswith('}\n\ncheck("similarity.1", answer)')


def test_in_jupyter_an_answer_is_marked_and_the_kernel_lives_on():
    new = nbformat.v4
    cells = [
        "kept = 41",
        list_exercises("similarity")[1].cell(solution("similarity.2")),
        "from recsys_lab.exercises import check\n"
        "check('similarity.2', lambda q, X, how: __import__('os')._exit(0))",
        "def rank_by(q, X, how):\n    return X[999]\n\ncheck('similarity.2', rank_by)",
        "kept + 1",
    ]
    notebook = new.new_notebook(cells=[new.new_code_cell(source) for source in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (_, right, ended, raised, after) = [cell.outputs for cell in notebook.cells]
    assert right[0].data["text/plain"].startswith("✓ Right.")
    assert 'class="exercise-result passed"' in right[0].data["text/html"]
    assert "It ended Python itself." in ended[0].data["text/plain"]
    assert "in line 2:  return X[999]" in raised[0].data["text/plain"]
    assert after[0].data["text/plain"] == "42"
    assert all(len(outputs) <= 1 for outputs in (right, ended, raised))


# --- the package ---------------------------------------------------------------------------------


def run_python(code, *path):
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {list(map(str, path))!r}\n{code}"],
        capture_output=True,
        text=True,
        cwd="/",
    )


@pytest.fixture
def copy_of_package(tmp_path):
    """The package's files in another place, and whether to take the solutions along."""

    def copy(solutions):
        for file in PACKAGE.rglob("*.py"):
            if solutions or "solutions" not in file.parts:
                target = tmp_path / "recsys_lab" / file.relative_to(PACKAGE)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
        return tmp_path

    return copy


def test_importing_the_exercises_needs_nothing_but_numpy():
    result = run_python(
        "import numpy.random\n"
        "known = {name.partition('.')[0] for name in sys.modules} | sys.stdlib_module_names\n"
        "import recsys_lab.exercises as e; e.list_exercises('similarity')\n"
        "print({name.partition('.')[0] for name in sys.modules} - known)"
    )
    assert result.stdout.strip() == "{'recsys_lab'}", result.stderr


def test_the_student_build_marks_and_has_no_solutions(copy_of_package):
    result = run_python(
        "import recsys_lab.exercises as e\n"
        "assert e.__file__.startswith(sys.path[0])\n"
        "print(hasattr(e, 'solution'), 'solution' in e.__all__)\n"
        "print(e.check('similarity.4', 0.1245).passed, e.check('similarity.4', 1).hint)\n"
        "from recsys_lab.exercises.sync import generated_cells\n"
        "print({c.metadata.recsys_lab.role for c in generated_cells('similarity')} - {'task'})",
        copy_of_package(solutions=False),
    )
    lines = result.stdout.splitlines()
    assert lines[0] == "False False", result.stderr
    assert lines[1].startswith("True At α = 1")
    assert lines[2] == "{'starter'}"


def test_it_all_works_from_inside_a_zip(copy_of_package, tmp_path):
    source = copy_of_package(solutions=True)
    archive = tmp_path / "recsys_lab.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for file in (source / "recsys_lab").rglob("*.py"):
            zipped.write(file, file.relative_to(source))
    result = run_python(
        "import recsys_lab.exercises as e\n"
        "assert e.__file__.startswith(sys.path[0])\n"
        "import numpy as np\n"
        "for x in e.list_exercises('similarity'):\n"
        "    names = {'np': np}; exec(e.solution(x.id), names)\n"
        "    print(e.check(x.id, names[x.answer_name]).passed)",
        archive,
    )
    assert result.stdout.split() == ["True"] * 5, result.stderr


def test_a_broken_file_of_solutions_is_no_student_build(copy_of_package):
    place = copy_of_package(solutions=True)
    broken = place / "recsys_lab" / "exercises" / "solutions" / "__init__.py"
    broken.write_text("import a_module_that_does_not_exist")
    result = run_python("import recsys_lab.exercises", place)
    assert "No module named 'a_module_that_does_not_exist'" in result.stderr
