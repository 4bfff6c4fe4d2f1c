"""One half-step of alternating least squares, and the linear algebra below it."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge

from recsys_lab.data import Interactions
from recsys_lab.factorization import als_step, balance, gravity, length_world
from recsys_lab.factorization.linalg import batch_rows, whiten


def world(seed=0, m=30, n=20, density=0.3, d=5, dtype=float):
    """Interactions of random values, rows of all lengths down to none, and item factors."""
    rng = np.random.default_rng(seed)
    seen = rng.random((m, n)) < density * rng.uniform(0, 3, (m, 1))
    seen[0], seen[1] = True, False
    users, items = np.nonzero(seen)
    values = rng.normal(size=len(users)).astype(dtype)
    return Interactions(users, items, values, m, n), rng.normal(size=(n, d)).astype(dtype)


def dense_objective(u, v, interactions, reg, w0=0.0, confidence=1.0, target=None):
    """The weighted objective with all m·n terms written out."""
    weight, y = np.full(interactions.shape, w0), np.zeros(interactions.shape)
    c = confidence(interactions.values) if callable(confidence) else confidence
    weight[interactions.users, interactions.items] = c
    y[interactions.users, interactions.items] = interactions.values if target is None else target
    return (weight * (y - u @ v.T) ** 2).sum() + reg * ((u**2).sum() + (v**2).sum())


@pytest.mark.parametrize("d", [1, 5, 40])  # from all rows longer than d to all rows shorter
def test_observed_only_each_row_is_the_ridge_regression_of_scikit_learn(d):
    ratings, v = world(d=d)
    u = als_step(v, ratings, reg=0.7)
    indptr, items, values = ratings.by_user
    for i in range(ratings.n_users):
        own = slice(indptr[i], indptr[i + 1])
        if own.stop > own.start:
            oracle = Ridge(alpha=0.7, fit_intercept=False).fit(v[items[own]], values[own])
            assert u[i] == pytest.approx(oracle.coef_, abs=1e-10)
        else:
            assert not u[i].any()


@pytest.mark.parametrize("w0", [0.0, 0.1, 1.0, 3.0])
@pytest.mark.parametrize("confidence", [1.0, 2.5, lambda r: 1 + 4 * np.abs(r)])
@pytest.mark.parametrize("d", [3, 40])
def test_with_unobserved_weight_each_row_solves_the_dense_normal_equations(w0, confidence, d):
    ratings, v = world(d=d)
    u = als_step(v, ratings, 0.3, w0, confidence)
    weight = np.full(ratings.shape, w0)
    c = confidence(ratings.values) if callable(confidence) else confidence
    weight[ratings.users, ratings.items] = c
    y = ratings.to_dense()
    for i in range(ratings.n_users):
        system = v.T @ (weight[i][:, None] * v) + 0.3 * np.eye(d)
        assert u[i] == pytest.approx(np.linalg.solve(system, v.T @ (weight[i] * y[i])), abs=1e-9)


@pytest.mark.parametrize("w0", [0.0, 0.1])
def test_after_a_half_step_the_gradient_is_zero_and_the_loss_is_not_larger(w0):
    ratings, v = world(seed=3)
    rng = np.random.default_rng(1)
    for side, fixed in ((ratings, v), (ratings.transpose(), rng.normal(size=(30, 5)))):
        start = rng.normal(size=(side.n_users, 5))
        best = als_step(fixed, side, 0.2, w0)
        weight, y = np.full(side.shape, w0), side.to_dense()
        weight[side.users, side.items] = 1
        gradient = 2 * (weight * (best @ fixed.T - y)) @ fixed + 2 * 0.2 * best
        assert np.abs(gradient).max() < 1e-8
        losses = [dense_objective(u, fixed, side, 0.2, w0) for u in (best, start)]
        assert losses[0] <= losses[1]


def test_target_one_ignores_the_values():
    ratings, v = world()
    ones = Interactions(ratings.users, ratings.items, np.ones(len(ratings)), *ratings.shape)
    assert np.allclose(als_step(v, ratings, 0.1, 0.1, target="one"), als_step(v, ones, 0.1, 0.1))


def test_a_scaled_penalty_is_one_per_rating():
    ratings, v = world()
    scaled = als_step(v, ratings, 0.2, scale_reg=True)
    counts = np.diff(ratings.by_user[0])
    for count in np.unique(counts[counts > 0]):
        rows = counts == count
        assert np.allclose(scaled[rows], als_step(v, ratings, 0.2 * count)[rows])


@given(
    st.integers(0, 10_000),
    st.floats(0.001, 10),
    st.floats(0, 5),
    st.integers(1, 12),
)
def test_no_other_row_is_better(seed, reg, w0, d):
    ratings, v = world(seed, m=8, n=7, d=d)
    best = als_step(v, ratings, reg, w0)
    lowest = dense_objective(best, v, ratings, reg, w0)
    other = best + 0.01 * np.random.default_rng(seed).normal(size=best.shape)
    assert lowest <= dense_objective(other, v, ratings, reg, w0) + 1e-9


def test_single_precision_stays_near_double():
    ratings, v = world(m=200, n=100, d=16)
    exact = als_step(v, ratings, 0.1, 0.1)
    single = Interactions(
        ratings.users, ratings.items, ratings.values.astype(np.float32), *ratings.shape
    )
    near = als_step(v.astype(np.float32), single, 0.1, 0.1)
    assert near.dtype == np.float32
    assert np.allclose(near, exact, atol=1e-4)


def test_every_row_with_interactions_is_in_one_batch_and_no_batch_is_padded_by_much():
    count = np.random.default_rng(0).geometric(0.05, 500) - 1
    indptr = np.concatenate([[0], np.cumsum(count)])
    batches = batch_rows(indptr, 8, memory=5_000)
    rows = np.concatenate([rows for rows, _ in batches])
    assert sorted(rows) == np.flatnonzero(count).tolist()
    for rows, place in batches:
        assert place.size <= 1.2 * count[rows].sum()
        assert place.size * max(8, place.shape[1]) <= 5_000 or len(rows) == 1
        for row, own in zip(rows, place):
            real = own[own < indptr[-1]]
            assert real.tolist() == list(range(indptr[row], indptr[row + 1]))


def test_whitened_lengths_are_those_of_the_shared_matrix():
    _, v = world()
    h, back = whiten(v, 0.3, 0.1)
    z = np.random.default_rng(0).normal(size=5)
    x = back @ z
    assert np.allclose(h, v @ back)
    assert z @ z == pytest.approx(0.3 * ((v @ x) ** 2).sum() + 0.1 * x @ x)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reg": 0}, "reg must be"),
        ({"reg": np.nan}, "reg must be"),
        ({"unobserved_weight": -1}, "unobserved_weight"),
        ({"confidence": -1}, "confidence"),
        ({"confidence": lambda r: -r}, "confidence"),
        ({"confidence": lambda r: 1.0}, "confidence"),
        ({"target": "two"}, "target"),
        ({"scale_reg": True, "unobserved_weight": 0.1}, "scale_reg"),
        ({"item_factors": np.ones((3, 5))}, r"item factors must have shape \(20, d\)"),
        ({"item_factors": np.full((20, 5), np.nan)}, "row 0 is not"),
    ],
)
def test_a_strange_argument_is_named(change, words):
    ratings, v = world()
    with pytest.raises(ValueError, match=words):
        als_step(**{"item_factors": v, "interactions": ratings, "reg": 0.1, **change})


# --- gravity and balance ----------------------------------------------------------------------


@given(st.integers(1, 6), st.integers(1, 9), st.integers(1, 7), st.integers(0, 1000))
def test_gravity_is_the_sum_over_all_pairs(m, n, d, seed):
    rng = np.random.default_rng(seed)
    u, v = rng.normal(size=(m, d)), rng.normal(size=(n, d))
    assert gravity(u, v) == pytest.approx(((u @ v.T) ** 2).sum())


def test_gravity_of_400_million_pairs_takes_no_time():
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(20_000, 32)), rng.normal(size=(20_000, 32))
    start = time.perf_counter()
    total = gravity(u, v)
    assert time.perf_counter() - start < 1
    some = ((u[:500] @ v.T) ** 2).sum() * 40  # an estimate from one user in forty
    assert total == pytest.approx(some, rel=0.05)


def test_balance_keeps_predictions_and_finds_the_smallest_factors():
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(40, 6)) * np.logspace(-2, 2, 6), rng.normal(size=(30, 6))
    new_u, new_v = balance(u, v)
    assert np.allclose(new_u @ new_v.T, u @ v.T)
    sigma = np.linalg.svd(u @ v.T, compute_uv=False)[:6]
    assert np.allclose(new_u.T @ new_u, np.diag(sigma), atol=1e-8 * sigma[0])
    assert np.allclose(new_v.T @ new_v, np.diag(sigma), atol=1e-8 * sigma[0])
    assert (new_u**2).sum() + (new_v**2).sum() == pytest.approx(2 * sigma.sum())


def test_balance_bears_factors_without_full_rank():
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(3, 8)), rng.normal(size=(20, 8))  # rank 3 in 8 dimensions
    new_u, new_v = balance(u, v)
    assert np.allclose(new_u @ new_v.T, u @ v.T, atol=1e-6)
    assert not np.any([balance(np.zeros((3, 2)), np.zeros((4, 2)))[0]])


@pytest.mark.parametrize("function", [gravity, balance])
def test_two_sides_need_the_same_number_of_factors(function):
    with pytest.raises(ValueError, match="same number of factors"):
        function(np.ones((3, 2)), np.ones((3, 4)))


# --- known results ----------------------------------------------------------------------------


def test_turning_the_factors_changes_the_outer_product_but_not_its_trace():
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=2), rng.normal(size=2)
    turn = np.deg2rad(30)
    r = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    before, after = np.outer(u, v), np.outer(u @ r, v @ r)
    assert np.allclose(before.ravel(), [0.081, 0.013, -0.085, -0.014], atol=6e-4)
    assert np.allclose(after.ravel(), [0.026, -0.010, -0.108, 0.041], atol=6e-4)
    assert np.trace(before) == pytest.approx(0.0667, abs=5e-5)
    assert np.trace(after) == pytest.approx(np.trace(before))


@pytest.mark.parametrize(
    ("reg", "scale_reg", "expected"),
    [(1e-9, False, -0.29), (1, False, 0.65), (5, False, 0.88), (1, True, -0.41)],
)
def test_whether_popular_items_are_long_depends_on_the_penalty(reg, scale_reg, expected):
    ratings, users = length_world()
    items = als_step(users, ratings.transpose(), reg, scale_reg=scale_reg)
    counts = np.diff(ratings.by_item[0])
    rank_correlation = spearmanr(counts, np.linalg.norm(items, axis=1))[0]
    assert rank_correlation == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("a", "reg"), [(1, 0.1), (1, 0.3), (1, 0.9), (1, 1.2), (0.2, 0.5)])
def test_the_penalty_takes_reg_off_a_single_factor_or_deletes_it(a, reg):
    one = Interactions([0], [0], [a], 1, 1)
    u, v = np.array([[0.9]]), np.array([[0.2]])
    for _ in range(500):
        u = als_step(v, one, reg)
        v = als_step(u, one.transpose(), reg)
    assert u[0, 0] * v[0, 0] == pytest.approx(max(a - reg, 0), abs=1e-6)
