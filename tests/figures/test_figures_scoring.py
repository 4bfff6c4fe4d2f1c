"""The numbers behind the pictures of "Scoring"."""

import numpy as np
import pytest

from recsys_lab.figures import scoring as figures

# ------------------------------------------------------------------ one shelf, three winners


def test_three_departments_crown_three_clips():
    worth = figures.WORTH
    best = {who: figures.CLIP_NAMES[values.argmax()] for who, values in worth.items()}
    assert best == {"clicks": "10 SECRETS", "minutes": "4-hour stream", "evening": "Kelp cooking"}
    assert worth["clicks"].max() == pytest.approx(0.42)
    assert worth["minutes"].max() == pytest.approx(4.2)
    assert np.sort(worth["evening"])[-3:] == pytest.approx([4.125, 4.667, 4.941], abs=5e-4)


def test_no_weights_help_a_clip_that_another_beats_in_all_three():
    for clip in (2, 3):
        assert np.all(figures.SHARES[:, clip] < figures.SHARES[:, 4])
    winners = {int(figures.mixed(a, b).argmax()) for a in figures.WEIGHTS for b in figures.WEIGHTS}
    assert winners == {0, 1, 4}


def test_the_regions_of_the_three_winners_fill_the_square_and_hold_their_own_points():
    area = 0
    for clip in (0, 1, 4):
        x, y = np.array(figures.winning_region(clip)).T
        area += abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
        middle = x.mean(), y.mean()
        assert figures.mixed(*middle).argmax() == clip
    assert area == pytest.approx(1.5**2)


# ------------------------------------------------------------------------ two thermometers


def test_the_unit_of_a_generator_decides_the_raw_shelf_and_no_other():
    for better in figures._BETTER:
        shelves = {
            merge: {tuple(figures.merged(s, merge, better)[1]) for s in figures.SCALES}
            for merge in figures.MERGES
        }
        assert len(shelves["raw"]) > 1
        assert len(shelves["rank"]) == len(shelves["chance"]) == 1
        raw = [np.sum(figures.merged(s, "raw", better)[1] >= 10) for s in figures.SCALES]
        assert raw[0] <= 1 and raw[-1] == 6


@pytest.mark.parametrize(("merge", "clicks"), [("raw", 158), ("rank", 265), ("chance", 292)])
def test_clicks_of_the_shelf_where_the_films_of_a_are_better(merge, clicks):
    got, best = figures.clicks_on_shelf(1.0, merge, "A")
    assert got == pytest.approx(clicks, abs=1)
    assert best == pytest.approx(292, abs=1)


def test_by_place_half_of_the_shelf_goes_to_the_weaker_generator():
    for better in figures._BETTER:
        assert np.sum(figures.merged(1.0, "rank", better)[1] >= 10) == 3


def test_what_was_read_off_the_log_is_the_chance_nearly():
    for better in figures._BETTER:
        chance, read = figures.two_generators(better)
        assert np.abs(chance - read).mean() < 0.03


# ------------------------------------------------------------------- the loop of the top shelf


def test_the_naive_loop_keeps_the_best_film_down_and_the_corrected_one_lifts_it():
    assert figures.history(1.0, False)[-1].tolist() == [4, 3, 1, 0, 2]
    assert figures.history(1.0, True)[-1].tolist() == [0, 1, 2, 3, 4]
    assert figures.history(0.0, False)[-1].tolist() == [0, 1, 2, 3, 4]


def test_the_bars_are_what_the_order_is_sorted_by():
    for eta in figures.ETAS:
        for correct in (False, True):
            orders, bars = figures.history(eta, correct), figures.counted(eta, correct)
            for t in range(1, 41):
                assert np.all(np.diff(bars[t][orders[t]]) <= 1e-9)


# -------------------------------------------------------------------------- how far eyes go


def test_films_compared_with_themselves_give_the_looks_of_the_house():
    look = figures.looks_by_place(*figures.shelf_counts())
    assert look == pytest.approx(np.arange(1, 11) ** -0.7, rel=0.04)


def test_at_the_true_eta_and_only_there_the_dots_are_level():
    level = [
        bool(np.all(np.abs(figures.level_by_place(float(eta), "all")[0] - 1) < 0.06))
        for eta in figures.TRIED
    ]
    assert [float(eta) for eta, flat in zip(figures.TRIED, level) if flat] == [0.7]


@pytest.mark.parametrize(("film", "open_to"), [("3", (0.6, 0.8)), ("0", (0.1, 0.7))])
def test_one_film_leaves_a_range_of_eta_open(film, open_to):
    told = [figures.how_far_eyes_go.says(eta=float(eta), film=film) for eta in figures.TRIED]
    undecided = [float(eta) for eta, says in zip(figures.TRIED, told) if "cannot tell" in says]
    assert (undecided[0], undecided[-1]) == open_to


# ------------------------------------------------------------------------ the price of honesty


@pytest.mark.parametrize(
    ("n_views", "spread", "right"),
    [(200, 0.084, 0.126), (2_000, 0.0266, 0.561), (20_000, 0.0084, 0.964)],
)
def test_honesty_has_its_price(n_views, spread, right):
    mean, spreads, error, in_order = figures.honesty(n_views, 12.0, 1.0)
    assert mean == pytest.approx(figures.RELEVANCE, abs=0.004)
    assert spreads[0] == pytest.approx(spread, rel=0.05)
    assert error == pytest.approx(spreads[0], rel=0.02)
    assert in_order == pytest.approx(right, abs=0.02)


def test_a_clip_pays_with_few_viewers_and_costs_with_many():
    errors = {n: [figures.honesty(n, c, 1.0)[2] for c in (3.0, 4.0, 12.0)] for n in (20, 50, 200)}
    assert [int(np.argmin(errors[n])) for n in (20, 50, 200)] == [0, 1, 2]


def test_a_wrong_belief_is_not_cured_by_viewers():
    for believed, estimate in ((0.5, 0.134), (1.5, 0.671)):
        assert figures.honesty(20_000, 12.0, believed)[0][0] == pytest.approx(estimate, abs=0.003)


# ------------------------------------------------------------------- right order, wrong number


def test_sampling_puts_another_advert_on_top_and_undoing_it_the_right_one():
    names = list(figures.ADVERTS)
    best, chosen = figures.earned(1.0, 0.1, "none")
    assert (names[best], names[chosen]) == ("Lighthouse Tours", "Boat Insurance")
    value = figures.AD_P * figures.AD_PRICE
    assert (value[best], value[chosen]) == pytest.approx((4.4, 3.9))
    for kept in figures.KEPT:
        assert figures.repaired(figures.AD_P, 1.0, kept, "undo") == pytest.approx(figures.AD_P)


def test_a_model_too_sure_of_itself_is_not_mended_by_undoing_the_sampling():
    best, chosen = figures.earned(2.0, 0.1, "undo")
    assert (best, chosen) == (4, 0)
    assert figures.earned(2.0, 0.1, "isotonic") == (4, 4)


def test_the_order_by_chance_survives_every_stretch_and_sampling():
    for slope in figures.SLOPES:
        for kept in figures.KEPT:
            assert np.all(np.diff(figures.model_says(figures.AD_P, slope, kept)) < 0)
