"""Newcomers, and the bad example: the SVD of a matrix filled with zeros."""

import numpy as np
import pytest
from scipy.sparse.linalg import svds

from recsys_lab.data import Interactions
from recsys_lab.factorization import als_step, filled_svd, fold_in, maker_average
from recsys_lab.factorization.worlds import length_world, low_rank_world, taste_world

V = np.random.default_rng(0).normal(size=(12, 3))


def test_a_newcomer_gets_the_row_an_als_step_would_give():
    data, _ = low_rank_world(20, 12, 2, 0.5)
    for options in ({}, {"unobserved_weight": 0.2}, {"scale_reg": True}, {"confidence": 3.0}):
        rows = als_step(V, data, 0.3, **options)
        for i in range(20):
            own = data.users == i
            folded = fold_in(V, data.items[own], data.values[own], 0.3, **options)
            assert folded == pytest.approx(rows[i], abs=1e-12)


def test_a_few_ratings_are_one_ridge_regression():
    items, values = [7, 2, 9, 4, 0], np.array([1.0, -2, 0.5, 3, 1])  # in no order
    seen = V[items]
    exact = np.linalg.solve(seen.T @ seen + 0.3 * np.eye(3), seen.T @ values)
    assert fold_in(V, items, values, 0.3) == pytest.approx(exact)
    assert fold_in(V.tolist(), items, values.tolist(), 0.3) == pytest.approx(exact)


@pytest.mark.parametrize("w0", [0.0, 0.1])
def test_no_ratings_give_the_zero_vector(w0):
    assert np.array_equal(fold_in(V, [], [], 0.3, unobserved_weight=w0), np.zeros(3))


def test_integer_ratings_are_ratings():
    assert np.allclose(fold_in(V, [1, 3], [5, 4], 0.3), fold_in(V, [1, 3], [5.0, 4.0], 0.3))


@pytest.mark.parametrize(
    ("items", "values", "reg", "words"),
    [
        ([12], [1], 0.1, r"items\[0\] is 12"),
        ([-1], [1], 0.1, r"items\[0\] is -1"),
        ([1, 1], [1, 2], 0.1, "occur twice"),
        ([1, 2], [1], 0.1, "same length"),
        ([1], [np.nan], 0.1, "finite"),
        ([1], [1], 0, "reg"),
    ],
)
def test_what_cannot_be_folded_in_is_named(items, values, reg, words):
    with pytest.raises(ValueError, match=words):
        fold_in(V, items, values, reg)


def test_a_makers_average_is_the_mean_of_that_makers_items():
    makers = np.array(["Ida", "Noor"] * 6)
    assert np.allclose(maker_average(V, makers, "Noor"), V[1::2].mean(axis=0))
    assert np.allclose(maker_average(V, makers, "nobody yet"), V.mean(axis=0))
    assert np.allclose(maker_average(V, np.arange(12) % 3, 2), V[2::3].mean(axis=0))


def test_makers_must_be_one_an_item():
    with pytest.raises(ValueError, match="one maker for each of the 12 items"):
        maker_average(V, ["Ida"], "Ida")
    with pytest.raises(ValueError, match="no item"):
        maker_average(np.empty((0, 3)), [], "Ida")


# --- the filled matrix ------------------------------------------------------------------------


def test_filled_svd_is_the_truncated_svd_of_scipy():
    data, _ = taste_world()
    u, v = filled_svd(data, 7)
    left, sigma, right = svds(data.to_dense(), k=7)
    assert np.allclose(u @ v.T, left * sigma @ right)
    assert np.allclose(u.T @ u, np.diag(sigma[::-1]), atol=1e-9)
    assert np.allclose(v.T @ v, np.diag(sigma[::-1]), atol=1e-9)


def test_all_factors_give_the_filled_matrix_back_holes_included():
    data = Interactions([0, 1, 2], [0, 2, 3], [5, 3, 4], 3, 4)
    for fill in (0.0, 2.5):
        u, v = filled_svd(data, 3, fill)
        assert np.allclose(u @ v.T, data.to_dense(fill))


def test_filled_svd_keeps_single_precision():
    data = Interactions([0, 1], [0, 1], np.ones(2, np.float32), 2, 3)
    assert [side.dtype for side in filled_svd(data, 2)] == [np.float32, np.float32]


def test_zeros_for_the_missing_pull_ratings_down_and_als_does_not():
    data, truth = low_rank_world(40, 40, 2, 0.4)
    u, v = filled_svd(data, 2)
    hidden = data.to_dense() == 0
    slope = ((u @ v.T)[hidden] * truth[hidden]).sum() / (truth[hidden] ** 2).sum()
    assert slope < 0.5  # what was filled in is most of what it learned


@pytest.mark.parametrize(
    ("n_factors", "fill", "words"),
    [(0, 0, "n_factors"), (4, 0, "at most 3 factors"), (2, np.nan, "fill")],
)
def test_what_filled_svd_cannot_do_is_named(n_factors, fill, words):
    with pytest.raises(ValueError, match=words):
        filled_svd(Interactions([0], [0], [1], 3, 4), n_factors, fill)


# --- worlds -----------------------------------------------------------------------------------


def test_a_low_rank_world_has_its_rank_and_share():
    data, truth = low_rank_world(50, 60, 3, 0.25)
    assert np.linalg.matrix_rank(truth) == 3
    assert data.shape == truth.shape == (50, 60)
    assert data.density == pytest.approx(0.25, abs=0.03)
    assert np.array_equal(data.values, truth[data.users, data.items])


def test_a_taste_world_visits_by_chance():
    data, chance = taste_world()
    assert data.shape == chance.shape == (120, 80)
    assert len(data) == pytest.approx(chance.sum(), rel=0.05)
    assert set(data.values) == {1.0}


def test_a_length_world_has_rare_and_popular_items():
    data, users = length_world()
    counts = np.bincount(data.items)
    assert counts.min() == 3
    assert counts.max() <= 300
    assert users.shape == (400, 8)
    with pytest.raises(ValueError, match="n_users"):
        length_world(n_users=20)


def test_the_same_seed_makes_the_same_world():
    for world in (low_rank_world, taste_world, length_world):
        a, b, c = world(random_state=5)[0], world(random_state=5)[0], world(random_state=6)[0]
        assert np.array_equal(a.values, b.values)
        assert len(a) != len(c)
