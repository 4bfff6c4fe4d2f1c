"""What holds for every exercise of every chapter: a new file is tested as soon as it is there."""

import importlib
import inspect
import re

import pytest

from recsys_lab.exercises import GENERAL, check, list_exercises
from recsys_lab.exercises.solutions import cells, solution, wrong_answers

EXERCISES = {exercise.id: exercise for exercise in list_exercises()}
CHAPTERS = sorted({id.rpartition(".")[0] for id in EXERCISES})
WRONG = [
    pytest.param(id, mistake, source, id=f"{id}-{mistake}-{number}")
    for id in EXERCISES
    for number, (mistake, source) in enumerate(wrong_answers(id))
]

each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=list(EXERCISES))
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@each_exercise
def test_the_starter_runs_and_fails(exercise, run_cell, here):
    result = run_cell(exercise.cell())
    assert not result.passed
    assert result.hint


@each_exercise
def test_the_solution_passes_wherever_it_is_marked(exercise, run_cell, mode):
    result = run_cell(exercise.cell(solution(exercise.id)))
    assert result.passed, result
    assert exercise.why_it_matters in result.message


@pytest.mark.parametrize(("id", "mistake", "source"), WRONG)
def test_a_known_wrong_answer_gets_the_hint_meant_for_it(id, mistake, source, run_cell, here):
    exercise = EXERCISES[id]
    hints = GENERAL | {known.name: known.hint for known in exercise.mistakes}
    hints |= {rule.name: rule.hint for rule in getattr(exercise, "properties", ())}
    assert mistake in hints, f"{id} knows no mistake called {mistake}"
    result = run_cell(exercise.cell(source))
    assert not result.passed
    assert result.hint == hints[mistake], result


@each_exercise
def test_there_are_three_wrong_answers_and_each_known_mistake_is_shown_by_one(exercise):
    shown = [mistake for mistake, _ in wrong_answers(exercise.id)]
    assert len(shown) >= 3
    assert {mistake.name for mistake in exercise.mistakes} <= set(shown)


@each_exercise
def test_the_same_answer_gets_the_same_verdict_twice(exercise, run_cell, here):
    _, source = wrong_answers(exercise.id)[0]
    first, second = (run_cell(exercise.cell(source)) for _ in range(2))
    assert first.message == second.message


@each_exercise
def test_words_are_there_kind_and_no_promise_that_it_is_easy(exercise):
    assert len(exercise.hints) >= 2
    assert len({*exercise.hints}) == len(exercise.hints)
    words = [exercise.title, exercise.task, exercise.why_it_matters, *exercise.hints]
    words += [mistake.hint for mistake in exercise.mistakes]
    for text in words:
        assert text.strip()
        assert not re.search(
            r"\b(easy|easily|simply|trivial|obvious(ly)?|of course|careless|stupid|you forgot)\b",
            text,
            re.IGNORECASE,
        ), text


@each_chapter
def test_a_chapter_has_five_exercises_and_a_solution_for_each(chapter):
    exercises = list_exercises(chapter)
    assert len(exercises) >= 5
    solved = [number for number, mistake, _ in cells(chapter) if mistake is None]
    assert solved == list(range(1, len(exercises) + 1))


@each_chapter
def test_no_line_of_a_solution_stands_in_the_file_that_students_get(chapter):
    shipped = inspect.getsource(importlib.import_module(f"recsys_lab.exercises.{chapter}"))
    for exercise in list_exercises(chapter):
        for line in solution(exercise.id).splitlines():
            code = line.partition("#")[0].strip()
            if len(code) >= 25 and code not in exercise.starter:
                assert code not in shipped, f"{exercise.id}: {code}"


@each_chapter
def test_names_of_mistakes_are_not_used_twice(chapter):
    for exercise in list_exercises(chapter):
        names = [mistake.name for mistake in exercise.mistakes]
        assert len({*names}) == len(names)
        assert not {*names} & GENERAL.keys()


def test_marking_a_value_or_a_thing_of_no_kind_never_raises(here):
    strange = [None, ..., 0, -1.5, "text", b"bytes", [], {}, {1, 2}, object(), int, len, iter([1])]
    for id in EXERCISES:
        for answer in strange:
            assert not check(id, answer).passed
