"""The numbers behind the pictures of the chapter "Matrix factorization"."""

import numpy as np
import pytest
from scipy.optimize import minimize

from recsys_lab.data import Interactions
from recsys_lab.factorization import WeightedALS, als_step
from recsys_lab.figures import matrix_factorization as figures


def test_the_thin_tables_are_a_minimum_and_more_factors_miss_less():
    ratings, _ = figures.centred()
    for d in figures.RANKS:
        _, v = figures.thin(d)
        again = als_step(als_step(v, ratings, 0.3), ratings.transpose(), 0.3)
        assert again == pytest.approx(v, abs=1e-3)
    assert [round(figures.misses(d), 2) for d in figures.RANKS] == [0.71, 0.24, 0.12]


def test_the_sentence_of_the_thin_tables_adds_up():
    said = figures.two_thin_tables.describe(cell=(3, 2), d=1)
    assert "Bo on The Quiet Vault: 3.19 + (−0.49) · (1.19) = 2.6 stars; nobody knows" in said
    assert figures.thin_stars(1)[1, 2] == pytest.approx(3.19 - 0.49 * 1.19, abs=0.02)


def test_names_keep_clear_of_marks_and_of_each_other():
    at, shown = figures.beside([(0, 0), (0.5, 0)], ["Ada", "Bo"], unit=20)
    assert shown == ["Ada", "Bo"] and at[0] != "middle right"  # Bo stands there
    _, shown = figures.beside([(0, 0)] * 12, ["Ada"] * 12, unit=20)
    assert "" in shown  # who finds no place keeps silent


@pytest.mark.parametrize("reg", [0.1, 1.0, 2.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_loss_of_the_staircase_never_rises(reg, seed):
    stairs, losses = figures.staircase(reg, seed)
    assert len(stairs) == len(losses) == 13
    assert np.diff(losses).max() < 1e-9


def test_a_half_step_moves_one_side_only():
    stairs, _ = figures.staircase(1.0, 0)
    assert np.array_equal(stairs[1][1], stairs[0][1])
    assert np.array_equal(stairs[2][0], stairs[1][0])


def test_the_film_of_sgd_begins_where_the_model_begins_and_overfits_without_a_penalty():
    _, seen, held = figures.sgd_film(0.03, 0.0)
    assert abs(seen[0] - seen[1]) < 0.01
    assert seen[120] < seen[20] and held[120] > held[20] + 0.3
    _, _, calm = figures.sgd_film(0.03, 0.4)
    assert calm[120] < calm.min() + 0.05


def test_without_weight_ones_are_everywhere_and_the_error_on_held_out_visits_likes_it():
    states = [figures.weighted(w0, 1.0) for w0 in figures.WEIGHTS]
    recall, error = np.array([state[1:3] for state in states]).T
    assert error.argmin() == 0
    assert recall[0] < figures.popularity_recall()
    assert recall.argmax() not in (0, len(recall) - 1)
    assert recall.max() > recall[0] + 0.1
    assert states[0][4] > 0.8 and states[-1][4] < 0.1


@pytest.mark.parametrize("angle", figures.TURNS)
def test_a_turn_of_both_sides_moves_no_prediction_and_a_turn_of_one_does(angle):
    assert figures.spin_change(angle, "both") < 1e-12
    if angle % 360:
        assert figures.spin_change(angle, "members") > 0.1


@pytest.mark.parametrize("a", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("reg", [0.1, 0.3, 0.9, 1.2])
def test_the_penalty_is_a_soft_threshold_of_the_product(a, reg):
    found = minimize(lambda p: figures.hill(*p, a, reg), [1.0, 0.8], tol=1e-12).x
    assert found.prod() == pytest.approx(figures.threshold(a, reg), abs=1e-3)


@pytest.mark.parametrize("reg", [0.1, 0.3, 0.9])
def test_a_ball_finds_a_valley_but_not_from_the_ridge(reg):
    for start, sign in (((1.8, 1.8), 1), ((-1.2, 0.6), -1), ((-1.8, -0.6), -1)):
        assert figures.roll(1.0, reg, start)[-1] == pytest.approx(
            sign * np.sqrt(1 - reg) * np.ones(2), abs=0.01
        )
    assert np.abs(figures.roll(1.0, reg, (-1.8, 1.8))[-1]).max() < 0.01


def test_the_third_start_of_the_staircase_stays_in_a_poor_valley():
    ends = [figures.staircase(0.1, seed)[1][-1] for seed in range(3)]
    assert ends[2] > 3 * max(ends[:2])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_table_of_rank_one_is_found_from_fifteen_in_a_hundred(seed):
    assert all(figures.completed(p, 1, seed)[3] < 0.05 for p in figures.SHARES[2:])


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_above_a_threshold_the_unseen_entries_are_known(rank, seed):
    assert figures.completed(0.05, rank, seed)[3] > 1
    assert figures.completed(0.4, rank, seed)[3] < 0.02


def test_the_budget_breaks_even_below_mn_over_m_plus_n():
    assert figures.budget(943, 1682, 604)[1] < 943 * 1682 < figures.budget(943, 1682, 605)[1]
    assert figures.budget(10, 10**6, 10)[:2] == (10_000_000, 10_000_100)


def test_the_dense_fits_of_the_pictures_are_those_of_the_library():
    rng = np.random.default_rng(0)
    seen = rng.random((20, 15)) < 0.4
    u, v = figures.dense_als(np.where(seen, 1, 0.1)[None], seen[None], 0.5, 1, sweeps=100)
    visits = Interactions(*np.nonzero(seen), np.ones(seen.sum()), *seen.shape)
    model = WeightedALS(n_factors=1, reg=0.5, unobserved_weight=0.1, n_iterations=100).fit(visits)
    assert u[0] @ v[0].T == pytest.approx(model.user_factors_ @ model.item_factors_.T, abs=1e-5)


def test_a_small_start_makes_the_popular_long_and_a_large_one_the_rare():
    def rho(start, reg):
        return figures.rank_correlation(*figures.start_and_length(start, reg))

    assert rho(0.02, 0.0) == pytest.approx(0.61, abs=0.01)
    assert rho(1.0, 0.0) == pytest.approx(-0.32, abs=0.01)
    assert rho(1.0, 1.0) == pytest.approx(rho(0.02, 1.0), abs=0.02)  # held down, all forget
