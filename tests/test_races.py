"""The page of races shows every race that was run, and where each bar ends."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RESULTS = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
sys.path.append(str(ROOT / "book" / "_ext"))
from recsys_lab_book import races  # noqa: E402


def test_on_the_scale_twice_as_fast_lies_as_far_from_equal_as_twice_as_slow():
    assert races._place(1) - races._place(0.5) == pytest.approx(races._place(2) - races._place(1))
    assert races._place(races.LEAST) == 0 and races._place(races.MOST) == 100
    assert races._place(1e-9) == 0 and races._place(1e9) == 100


def test_every_race_says_its_ratio_its_seconds_and_its_peer():
    found = [race for bench in RESULTS.values() for race in bench["races"]]
    assert len(found) >= 12
    for race in found:
        row = races._row(race)
        assert f">{race['ratio']:.2f}<" in row and race["peer_version"].partition("+")[0] in row
        assert ("class='reached'" in row) == race["reached"]


def test_the_table_in_markdown_is_that_of_the_numbers():
    table = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")
    for bench in RESULTS.values():
        for race in bench["races"]:
            assert f"| {race['ratio']:.2f} | ≤ {race['target']} |" in table
