"""The numbers behind the pictures of the chapter "Re-ranking"."""

import numpy as np
import pytest

from recsys_lab.figures import reranking as figures
from recsys_lab.reranking import freshen


def test_dees_ten_best_films_are_six_by_one_director_and_the_fourth_step_opens_the_list():
    shelf, appeal, same, director, films = figures._shelf_facts("Dee", 1.0)
    assert (director, films, len(set(shelf.tolist()))) == ("Hedvig Skarn", 6, 10)
    assert (appeal.mean(), same) == pytest.approx((0.937, 0.477), abs=1e-3)
    alike = [figures._shelf_facts("Dee", at)[2] for at in (0.9, 0.8, 0.7, 0.6)]
    assert alike == pytest.approx([0.425, 0.409, 0.393, 0.199], abs=1e-3)


def test_no_film_on_a_perfect_shelf_was_seen_before():
    house, _ = figures._house()
    for member in range(6):
        seen = house.visits.items_of(member)
        for trade_off in figures.TRADE_OFFS:
            assert not np.isin(figures.perfect_shelf(member, float(trade_off)), seen).any()


@pytest.mark.parametrize(
    ("trade_off", "letters", "relevance", "unlike"),
    [
        (1.0, "ABCD", 0.925, 0.006),
        (0.9, "ABCD", 0.925, 0.006),
        (0.8, "AGEB", 0.845, 0.90),
        (0.7, "AGEH", 0.775, 1.26),
    ],
)
def test_the_mmr_path_has_the_stations_of_the_text(trade_off, letters, relevance, unlike):
    chosen, mean, spread = figures.on_the_path(trade_off, 4)
    assert "".join(figures.LETTERS[j] for j in chosen) == letters
    assert mean == pytest.approx(relevance, abs=5e-4)
    assert spread == pytest.approx(unlike, abs=5e-3)


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
def test_twenty_one_settings_make_a_handful_of_lists(k):
    assert 3 <= len(figures._stations(k)) <= 6


@pytest.mark.parametrize("tip", [(0.95, 0.3), (0.3, 0.95), (1.2, 0.0), (0.0, 0.0)])
def test_the_area_of_a_pair_is_the_height_of_the_second_above_the_first(tip):
    length, angle, area = figures.pair_area(tip)
    assert area == pytest.approx(tip[1], abs=1e-7)
    assert area == pytest.approx(length * np.sqrt(1 - angle**2), abs=1e-7)


@pytest.mark.parametrize(
    ("weight", "heists", "kl"), [(0, 0, 1.134), (0.1, 1, 0.149), (0.5, 2, 0.0275), (0.9, 3, 0)]
)
def test_a_minority_of_three_comes_back_one_by_one(weight, heists, kl):
    chosen, distance = figures.shelf_of_two_tastes(weight, 0.7)
    assert figures.TASTE[chosen].sum() == heists
    assert distance == pytest.approx(kl, abs=5e-4)
    assert distance >= 0


def test_the_lead_of_a_newcomer_never_changes_hands():
    for half_life in figures.HALF_LIVES:
        days = np.arange(6, 31)
        old = freshen(np.full(25, 0.9), days, half_life)
        young = freshen(np.full(25, 0.7), days - 6, half_life)
        assert len(set(np.sign(young - old))) == 1
        leads = half_life < figures.level_with((6, 0.7))
        assert (young[0] > old[0]) == leads
        assert f"{'B' if leads else 'A'} leads" in figures.half_life.says(half_life=half_life)


def test_seven_percent_become_eighty_five_and_are_paid_back():
    assert figures.gaps_after(0.05, False, 1) == pytest.approx((0.0685, 0.848, 1), abs=1e-3)
    assert figures.gaps_after(0.0, False, 1)[1] == pytest.approx(0.247, abs=1e-3)
    merit, seen, kept = figures.gaps_after(0.05, True, 100)
    assert seen == pytest.approx(merit, abs=0.005)
    assert kept == pytest.approx(0.987, abs=1e-3)


@pytest.mark.parametrize("gap", figures.GAPS)
def test_amortised_exposure_comes_closer_to_merit_with_the_nights(gap):
    away = []
    for nights in (1, 10, 100):
        merit, seen, _ = figures.gaps_after(gap, True, nights)
        away.append(abs(seen - merit))
    assert away[2] < 0.01 and away[2] <= away[0]


def test_the_path_of_mmr_says_how_many_stations_only_once_lambda_moves():
    assert "settings" not in figures.mmr_path.says()
    assert "21 settings of λ together make 4 different sets of 4" in figures.mmr_path.says(
        trade_off=0.9
    )


def test_each_film_of_the_path_is_an_arrow_of_its_relevance():
    drawn = [
        t
        for t in figures.mmr_path.draw(**figures.mmr_path.start)["data"]
        if "arrow" in str(t.get("marker"))
    ]
    assert [np.hypot(t["x"][1], t["y"][1]) for t in drawn] == pytest.approx(figures.RELEVANCE)
