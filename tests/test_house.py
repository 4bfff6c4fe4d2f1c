"""The rules of the house: who may import whom, what an import costs, what the notebooks keep."""

import json
import pkgutil
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import recsys_lab
from recsys_lab.exercises import sync

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
SUPPORT = {"explore", "exercises", "figures"}


def test_the_import_rules_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_import_rules_name_every_algorithm():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = set(contracts["contracts"][0]["source_modules"])
    there = {f"recsys_lab.{m.name}" for m in pkgutil.iter_modules(recsys_lab.__path__)}
    assert there - named == {f"recsys_lab.{name}" for name in SUPPORT}


def test_importing_the_package_costs_little_more_than_numpy():
    def seconds(statement):
        code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
        runs = [subprocess.check_output([sys.executable, "-c", code]) for _ in range(5)]
        return statistics.median(map(float, runs))

    ours = seconds("import numpy, recsys_lab, recsys_lab.similarity, recsys_lab.factorization")
    assert ours - seconds("import numpy") < 0.2


def test_importing_algorithms_and_exercises_loads_no_plotting():
    code = (
        "import sys, recsys_lab.data, recsys_lab.factorization, recsys_lab.exercises, "
        "recsys_lab.explore; "
        "print([m for m in ('plotly', 'matplotlib', 'ipywidgets', 'scipy') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestNotebook:
    def test_keeps_text_and_no_pictures(self, path):
        for cell in json.loads(path.read_text())["cells"]:
            for output in cell.get("outputs", []):
                kinds = set(output.get("data", {}))
                assert kinds <= {"text/plain"}, f"{path.name} stores {kinds}; run book/refresh.py"
                assert output["output_type"] != "error"

    def test_has_cells_of_one_idea(self, path):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] == "code":
                assert len("".join(cell["source"]).splitlines()) <= 30

    def test_opens_with_a_title_and_says_what_you_will_be_able_to_do(self, path):
        cells = json.loads(path.read_text())["cells"]
        assert "".join(cells[0]["source"]).startswith("# ")
        if path.stem != "index":
            words = "".join("".join(cell["source"]) for cell in cells[:3])
            assert "you can" in words
            assert any("What we now know" in "".join(cell["source"]) for cell in cells)

    def test_has_its_numbers_compared(self, path):
        cells = json.loads(path.read_text())["cells"]
        tags = [cell["metadata"].get("tags", []) for cell in cells if cell["cell_type"] == "code"]
        if len(tags) > 3:
            assert any("nbval-check-output" in t for t in tags)

    def test_carries_its_exercises_as_their_source_has_them(self, path):
        cells = json.loads(path.read_text())["cells"]
        if any(cell["metadata"].get("recsys_lab", {}).get("exercises") for cell in cells):
            assert sync.sync(path, check=True), f"run python book/refresh.py book/{path.name}"
