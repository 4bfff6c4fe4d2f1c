"""The numbers behind the pictures of the chapter "Evaluation"."""

import numpy as np
import pytest

from recsys_lab.data import split_by_time, split_random
from recsys_lab.figures import evaluation as figures
from recsys_lab.metrics import n_per_arm


@pytest.mark.parametrize(
    ("places", "ap", "ndcg"),
    [((1, 4, 8), 0.625, 0.819), ((2, 3, 9), 0.5, 0.672), ((2, 3, 4), 0.639, 0.733)],
)
def test_the_same_three_hits_get_the_verdicts_of_the_text(places, ap, ndcg):
    precision, recall, first, *averages = figures.verdicts(places)
    assert (precision, recall, first) == pytest.approx((0.3, 1, 1 / min(places)))
    assert averages == pytest.approx([ap, ndcg], abs=5e-4)


def test_two_films_never_share_a_place_and_one_that_is_pushed_off_the_end_is_not_shown():
    assert figures.places_of(1, 1, 1) == (1, 2, 3)
    assert figures.places_of(4, 5, 4) == (4, 5, 6)
    assert figures.places_of(10, 10, 3) == (10, None, 3)
    assert figures.places_of(11, 11, 11) == (None, None, None)
    assert figures.verdicts((None, None, None)) == (0, 0, 0, 0, 0)
    assert "None of the three" in figures.drag_the_hits.says(fog=11, salt=11, lamp=11)


def test_the_smaller_error_has_the_worse_shelf():
    start, far = figures.error_and_order((4.2, 4.4)), figures.error_and_order((3.6, 3.2))
    assert start[0] < far[0] / 1.5
    assert start[1] == pytest.approx(0.871, abs=1e-3)
    assert far[1] == 1


@pytest.mark.parametrize(("corners", "place"), figures._TERRACES)
def test_the_order_is_the_same_all_over_a_terrace(corners, place):
    _, height, shelf = figures.error_and_order(place)
    middle = np.mean(corners, axis=0)
    inside = [0.98 * np.array(corner) + 0.02 * middle for corner in corners]
    for corner in inside:
        if corner.min() > 2:  # D has two stars
            assert figures.error_and_order(corner)[1] == height
            assert np.array_equal(figures.error_and_order(corner)[2], shelf)


@pytest.mark.parametrize(
    ("m", "winner"), [(100, "Anchor"), (600, "Anchor"), (1000, "Current"), (2000, "Buoy")]
)
def test_more_drawn_films_crown_another_winner(m, winner):
    assert f"{winner} wins" in figures.sampled_ladder.says(m=m, k=10)


def test_against_all_films_only_buoy_shows_what_was_wanted():
    assert [figures.true_hit_rate(name, 10) for name in figures.RANKS] == [0, 1 / 3, 0]


def test_a_trend_moves_dates_and_nothing_else():
    still, moved = figures.trend_world(0)[0], figures.trend_world(6)[0]
    assert np.array_equal(still.users, moved.users)
    assert np.array_equal(still.items, moved.items)
    assert not np.array_equal(still.timestamps, moved.timestamps)


def test_a_random_split_cannot_see_the_trend_and_a_split_by_time_can():
    for name in ("EASE", "popular ever"):
        rates = {figures.foretold(trend, "at random")[name] for trend in figures.TRENDS}
        assert len(rates) == 1
    for trend in figures.TRENDS:
        for split, lately in (("at random", False), ("by time", trend >= 2)):
            rates = figures.foretold(trend, split)
            assert (max(rates, key=rates.get) == "popular lately") == lately


def test_without_a_trend_both_splits_say_the_same():
    random, timely = (figures.foretold(0, how) for how in ("at random", "by time"))
    for name, rate in random.items():
        assert timely[name] == pytest.approx(rate, abs=0.015)


def test_the_painted_visits_are_hidden_as_the_split_says():
    for split, cut in (("at random", split_random), ("by time", split_by_time)):
        date, _, hidden = figures._painted(4, split)
        visits, _ = figures.trend_world(4)
        _, test = cut(visits)
        assert hidden.mean() == pytest.approx(0.2, abs=0.06)
        assert len(test) == pytest.approx(0.2 * len(visits), abs=5)
        if split == "by time":
            assert date[hidden].min() >= date[~hidden].max()


@pytest.mark.parametrize(
    ("name", "recall", "clicks"),
    [
        ("popular", 0.121, 1.26),
        ("popular, language", 0.636, 1.90),
        ("lately, language", 0.687, 1.98),
        ("neighbours", 0.611, 1.92),
        ("EASE", 0.611, 1.95),
        ("stars, language", 0.479, 2.57),
    ],
)
def test_the_log_and_the_truth_say_what_the_chapter_says(name, recall, clicks):
    row = figures.house_results()[name]
    assert row["recall at 10"] == pytest.approx(recall, abs=1e-3)
    assert row["truth"] == pytest.approx(clicks, abs=0.01)
    assert row["truth"] < figures.best_clicks() == pytest.approx(3.23, abs=0.01)


def test_every_metric_of_hits_chooses_another_model_than_the_truth_and_clicks_a_look_do():
    for by in ("recall at 10", "NDCG at 10", "hit rate at 10"):
        assert figures.ranking(by)[0] == "lately, language"
    assert figures.ranking("recall at 10").index("stars, language") == 4
    assert figures.ranking("truth")[0] == figures.ranking("clicks a look")[0] == "stars, language"


@pytest.mark.parametrize("draw", range(1, 7))
def test_two_hundred_members_decide_what_two_intervals_leave_open_at_751(draw):
    one, two, gap = figures.duel("popular", 200, draw)
    assert gap[1] > 0
    one, two, gap = figures.duel("popular", 751, draw)
    assert one[1] < two[2]  # they overlap
    assert gap[1] > 0
    for n in figures.MEMBERS_ASKED:
        _, _, gap = figures.duel("EASE", n, draw)
        assert gap[1] <= 0 <= gap[2]


def test_no_bar_of_the_duel_leaves_the_picture():
    drawn = figures.how_sure.draw(**figures.how_sure.start)["layout"]
    for _, params in figures.how_sure.states():
        one, two, gap = figures.duel(params["pair"], params["n"], params["draw"])
        for (_, low, high), axis in ((one, "xaxis"), (two, "xaxis"), (gap, "xaxis2")):
            assert drawn[axis]["range"][0] < low < high < drawn[axis]["range"][1]


def test_the_number_of_visitors_gives_the_promised_power():
    for rate in figures.RATES:
        for lift in figures.LIFTS:
            chance, _ = figures.power(rate, lift, n_per_arm(rate, lift))
            assert chance == pytest.approx(0.8, abs=0.01)
    assert figures.power(0.05, 0.02, 20_000)[0] == pytest.approx(0.07, abs=0.01)


def test_peeking_makes_false_winners_and_a_lifted_bound_does_not():
    assert figures.false_alarms(1, False)[0] == pytest.approx(0.05, abs=0.005)
    assert figures.false_alarms(20, False)[0] == pytest.approx(0.25, abs=0.01)
    plain = [figures.false_alarms(looks, False)[0] for looks in figures.LOOKS]
    assert plain == sorted(plain)
    for looks in figures.LOOKS:
        assert figures.false_alarms(looks, True)[0] < 0.055
    # the forty that are painted are a fair picture of the twenty thousand
    shown = [np.mean(figures.false_alarms(looks, False)[1][:40] >= 0) for looks in (1, 20)]
    assert shown == pytest.approx([0.05, 0.25])


def test_labels_are_pushed_apart():
    placed = figures._apart([0.5, 0.49, 0.1], 0.05)
    assert np.diff(np.sort(placed)).min() > 0.049
    assert placed[0] > placed[1] > placed[2]


def test_no_slot_of_a_shelf_has_an_empty_text_since_its_letter_would_never_come_back():
    for fog, salt, lamp in ((1, 4, 8), (1, 2, 3), (3, 3, 3), (11, 11, 11)):
        for trace in figures.drag_the_hits.draw(fog=fog, salt=salt, lamp=lamp)["data"][:2]:
            assert len(trace["text"]) == figures.SLOTS and all(trace["text"])


def test_the_curves_of_the_ladder_end_at_the_present_number_of_films():
    for m in (20, 100, 4999):
        drawn = figures.N_SAMPLED.index(m) + 1
        curves = [
            trace
            for trace in figures.sampled_ladder.draw(m=m, k=10)["data"]
            if len(trace["y"]) == len(figures.N_SAMPLED)
        ]
        assert [int(np.isfinite(curve["y"]).sum()) for curve in curves] == [drawn] * 3
