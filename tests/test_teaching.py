"""The lesson plans: one form, minutes that add up, explorables that exist, no solution."""

import importlib
import re
import sys
from pathlib import Path

import pytest

import recsys_lab.figures
from recsys_lab.exercises import list_exercises
from recsys_lab.explore import Explorable

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))
from lite import classroom  # noqa: E402

FOLDER = ROOT / "book" / "teaching"
PLANS = sorted(path for path in FOLDER.glob("*.md") if path.stem != "index")
IDS = [path.stem for path in PLANS]
FORM = [
    "Goals",
    "The lesson",
    "What students get wrong, and how to meet it",
    "Without computers",
    "Questions, with answers",
    "Homework",
]


def parts(path):
    pieces = re.split(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2]))


def minutes(row):
    return sum(map(int, row.split("|")[1].replace("*", "").split("+")))


def rows(text):
    return re.findall(r"^\| *\d.*$", text, re.MULTILINE)


def plain(text):
    return re.sub(r"[^\w ]", "", text).lower()


def test_every_chapter_has_a_plan_and_every_plan_is_in_the_book():
    chapters = {exercise.id.rpartition(".")[0] for exercise in list_exercises()}
    assert chapters <= set(IDS)
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert [name for name in IDS if f"book/teaching/{name}\n" not in contents] == []


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_a_plan_has_the_form_of_all_plans(plan):
    text = plan.read_text(encoding="utf-8")
    assert re.match(r"# Lesson plan: .+\n\nStudents will believe that ", text)
    assert [title for title in parts(plan) if title in FORM] == FORM  # one may have more


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_the_minutes_of_a_lesson_add_up(plan):
    lesson = parts(plan)["The lesson"]
    assert sum(map(minutes, rows(lesson))) == int(re.search(r"(\d+) minutes", lesson)[1])


def questions():
    for path in Path(recsys_lab.figures.__file__).parent.glob("*.py"):
        if path.stem == "movielens":  # made from ratings that may not be here
            yield path.read_text(encoding="utf-8")
        elif path.stem != "__init__":
            room = importlib.import_module(f"recsys_lab.figures.{path.stem}")
            yield from (v.question for v in vars(room).values() if isinstance(v, Explorable))


@pytest.mark.parametrize("plan", [*PLANS, FOLDER / "index.md"], ids=[*IDS, "index"])
def test_the_questions_of_explorables_are_quoted_as_they_are_asked(plan):
    """In tables *italics that end in a question mark* are such a question, or part of one."""
    asked = plain(" ".join(questions()))
    tables = "\n".join(rows(plan.read_text(encoding="utf-8")))
    quoted = re.findall(r"(?<![*\w])\*([^*|\n]{18,}\?)\*(?![*\w])", tables)
    assert [words for words in quoted if plain(words) not in asked] == []


def test_no_plan_holds_a_solution():
    assert classroom.leaks(classroom.shipped(FOLDER), classroom.needles()) == []


def test_the_term_gives_each_chapter_the_minutes_of_its_plan():
    from_plans = {}
    for plan in PLANS:
        title = plan.read_text(encoding="utf-8").splitlines()[0].removeprefix("# Lesson plan: ")
        from_plans[title] = re.search(r"(\d+) minutes", parts(plan)["The lesson"])[1]
    term = (FOLDER / "index.md").read_text(encoding="utf-8").split("## One term")[1]
    given = dict(re.findall(r"^\| \d+ \| ([^|]+) \| (\d+) \|", term, re.MULTILINE))
    assert len(given) == 13
    assert given == {title: from_plans[title] for title in given}
