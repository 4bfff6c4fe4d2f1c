"""The numbers behind the pictures of "The whole system"."""

import numpy as np
import pytest

from recsys_lab.figures import end_to_end as figures
from recsys_lab.reranking import mmr

ALL = ("the_echo", "listens_to_itself", "first_two_weeks", "switchboard", "scaling_out")


@pytest.mark.parametrize("name", ALL)
def test_every_picture_draws_at_both_ends_of_its_controls(name):
    explorable = getattr(figures, name)
    states = list(explorable.states())
    for _, params in (states[0], states[-1]):
        explorable.figure(**params)
        assert explorable.says(**params).endswith(".")


# --- the house listens to itself ----------------------------------------------------------------


def test_fed_on_itself_the_report_gets_better_and_the_page_does_not():
    alone, mixed = figures.feed_on_itself(0), figures.feed_on_itself(0.3)
    assert alone[30]["recall"] == pytest.approx(0.96, abs=5e-3)
    assert mixed[30]["recall"] == pytest.approx(0.48, abs=5e-3)
    assert alone[30]["appeal"] == pytest.approx(0.60, abs=5e-3)
    assert mixed[30]["appeal"] == pytest.approx(0.67, abs=5e-3)
    recalls = [alone[week]["recall"] for week in figures.WEEKS]
    assert recalls == sorted(recalls)


def test_the_more_is_left_to_chance_the_worse_the_report_and_the_better_the_page():
    reports = [figures.feed_on_itself(chance)[30] for chance in figures.GIVEN]
    recall, appeal = ([report[name] for report in reports] for name in ("recall", "appeal"))
    assert recall == sorted(recall, reverse=True)
    assert appeal == sorted(appeal)
    assert max(appeal) < figures.best_in_kelder()


def test_a_list_by_clicks_a_look_beats_the_factorization_in_its_own_circle():
    for chance in (0, 0.3):
        for seed in range(3):
            count = figures.count_on_itself(chance, seed)["appeal"]
            assert count > figures.feed_on_itself(chance, seed)[30]["appeal"] + 0.03
    clicks_alone = figures.count_on_itself(0, 0, by_looks=False)["appeal"]
    assert clicks_alone == pytest.approx(0.60, abs=5e-3)


# --- the echo -----------------------------------------------------------------------------------


def test_a_twentieth_of_chance_raises_the_clicks_of_the_echo():
    rates = {epsilon: figures.echoes(epsilon, 60)["click_rate"] for epsilon in figures.EPSILONS}
    assert rates[0] == pytest.approx(0.380, abs=5e-4)
    assert rates[0.05] == pytest.approx(0.402, abs=5e-4)
    assert rates[0.4] > rates[0] > rates[0.5]
    assert figures.echoes(0, 60)["found"] == pytest.approx(0.17)
    assert figures.echoes(0, 60)["gini"] == pytest.approx(0.90, abs=5e-3)


@pytest.mark.parametrize("n_rounds", [5, 10])
def test_in_a_short_time_chance_only_costs(n_rounds):
    rates = [figures.echoes(epsilon, n_rounds)["click_rate"] for epsilon in figures.EPSILONS]
    assert max(rates) == rates[0]


# --- the first two weeks ------------------------------------------------------------------------


@pytest.mark.parametrize("film", figures.NEWCOMERS)
def test_without_kept_places_visitors_never_bring_a_new_film(film):
    views, clicks = figures.first_weeks(film, "visitors", 0)
    assert not views.any() and clicks == 0


def test_tags_cannot_tell_a_dud_from_a_hit_and_visitors_learn_to():
    hit, dud = "Blackout Ballroom", "A Berth for the Night"
    on_the_first_day = {
        (film, method): round(figures.first_weeks(film, method)[0][0])
        for film in (hit, dud)
        for method in ("known", "content")
    }
    assert list(on_the_first_day.values()) == [104, 31, 3, 35]
    for film, last in ((hit, 33), (dud, 18)):
        views, _ = figures.first_weeks(film, "visitors", 24)
        assert (round(views[0]), round(views[-1])) == (24, last)


# --- the switchboard ----------------------------------------------------------------------------


def measures(**change):
    return figures.board(**figures.ALL_ON | change)[1]


def test_each_switch_leaves_its_signature():
    whole = measures()
    assert whole["appeal"] == pytest.approx(0.514, abs=1e-3)
    assert measures(content=False)["caught"] < 0.8 * whole["caught"]
    assert measures(negatives=False)["foreign"] > 2.5 * whole["foreign"]
    assert measures(vectors="factors")["premieres"] < 0.4 * whole["premieres"]
    assert measures(position=False)["reach"] < 0.85 * whole["reach"]
    variety = measures(mmr=False)
    assert variety["sameness"] > 1.5 * whole["sameness"] and variety["appeal"] > whole["appeal"]
    assert measures(together=False)["appeal"] > whole["appeal"]


def test_fewer_parts_make_the_better_page():
    boards = sorted(figures.all_boards(), key=lambda board: -board[1]["appeal"])
    assert len(boards) == 192
    best, found = boards[0]
    assert found["appeal"] == pytest.approx(0.594, abs=1e-3)
    assert not best["together"] and not best["mmr"] and not best["exact"]
    assert [setting for setting, _ in boards].index(figures.ALL_ON) == 34


def test_a_page_holds_unseen_films_once_and_chooses_like_mmr():
    pages, _ = figures.board(**figures.ALL_ON)
    unseen = figures.house()[4]
    chance = figures._chance(("content", "together", "tower"), True, True)
    pool = np.any([figures._caught(net) for net in ("content", "together", "tower")], axis=0)
    for member in range(0, 800, 97):
        page = pages[member]
        assert unseen[member, page].all() and len(set(page.tolist())) == 10
        scores = np.where(pool[member], chance[member], -np.inf)
        best = np.argsort(-scores, kind="stable")[: figures.ARRANGED]
        best = best[scores[best] > -np.inf]
        alike = figures._alike()[np.ix_(best, best)]
        chosen = mmr(scores[best] / scores[best].max(), alike, figures.TRADE_OFF, 10)
        assert best[chosen].tolist() == page.tolist()


def test_nothing_of_a_premiere_is_known_before_it():
    _, visits, ratings, premiere, _ = figures.house()
    assert premiere.sum() == figures.N_PREMIERES
    assert not premiere[visits.items].any() and not premiere[ratings.items].any()
    assert measures(content=False, vectors="factors")["premieres"] == 0


def test_a_forgotten_logarithm_shows_in_the_promise_and_hardly_in_the_appeal():
    usual, forgotten = (
        figures.skewed("as it was trained"),
        figures.skewed("the logarithm forgotten"),
    )
    assert usual[1] == 0 and forgotten[1] == pytest.approx(0.28, abs=5e-3)
    assert abs(usual[0] - forgotten[0]) < 0.005
    assert forgotten[2] - usual[2] > 0.2


# --- scaling out --------------------------------------------------------------------------------


def test_the_day_of_a_hundred_million_members_is_the_one_worked_out_by_hand():
    table = figures.service(10**8, 10**7, requests=10, candidates=500, d=64)
    rate = 3 * 10**9 / 86_400
    assert table["score"][1] == pytest.approx(rate * 0.05)
    assert table["score"][2] == np.ceil(rate * 0.05 / 16)
    assert table["retrieve"][1] == pytest.approx(rate * 17 * np.sqrt(1e7) * 128 / 5e9)
    assert table["members' vectors"] == (25.6e9, 0, 2)
    assert figures.service(10**8, 10**7, 10, 500, 64, indexed=False)["retrieve"][2] == 556


def test_candidates_move_the_scorer_alone():
    few, many = (figures.service(10**8, 10**7, 10, k, 64) for k in (100, 2_000))
    changed = {stage for stage in few if few[stage] != many[stage]}
    assert changed == {"score"}


@pytest.mark.parametrize(
    ("size", "words"), [(0, "–"), (25.6e9, "25.6 GB"), (3e14, "300 TB"), (5e4, "50 kB")]
)
def test_a_size_is_said_in_the_unit_that_suits_it(size, words):
    assert figures.in_bytes(size) == words


# --- against a count ----------------------------------------------------------------------------


def test_the_whole_is_a_hundredth_ahead_of_a_count_and_the_stars_are_ahead_of_the_whole():
    pages, whole = figures.board(**figures.ALL_ON)
    appeal = [figures.counted()[1]["appeal"], whole["appeal"], figures.starred()[1]["appeal"]]
    assert appeal == pytest.approx([0.506, 0.514, 0.575], abs=1e-3)
    assert figures.appeal_of_each(pages).mean() == pytest.approx(whole["appeal"])
    count = figures.counted()[1]
    assert whole["sameness"] < count["sameness"] - 0.05
    assert whole["premieres"] > count["premieres"] + 0.2


def test_a_rule_about_languages_leaves_none_abroad_and_costs_a_hundredth():
    ruled, whole = figures.whole_in_language()[1], figures.board(**figures.ALL_ON)[1]
    assert ruled["foreign"] == 0
    assert ruled["appeal"] == pytest.approx(whole["appeal"], abs=0.01)
