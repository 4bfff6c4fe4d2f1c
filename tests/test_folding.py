"""Islands that spin at no cost, what they recommend, and what stops them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from recsys_lab import folding
from recsys_lab.data import Interactions
from recsys_lab.folding import (
    fit_islands,
    fit_with_negatives,
    flat_directions,
    islands,
    observed_loss,
    sample_negatives,
    spin,
    spurious_rate,
)

# --- known results ----------------------------------------------------------------------------


def test_a_free_island_spins_at_the_same_loss_from_fine_to_absurd():
    data, user_groups, item_groups = islands(2)
    u, v = fit_islands(data)
    rates, cross = {}, []
    foreign = user_groups[:, None] != item_groups
    for degrees in range(0, 360, 30):
        turned = spin(u, v, user_groups, item_groups, 1, np.deg2rad(degrees))
        assert observed_loss(*turned, data, 0.05) == pytest.approx(4.570788211, abs=1e-9)
        rates[degrees] = spurious_rate(*turned, data, user_groups, item_groups, 5)
        cross.append((turned[0] @ turned[1].T)[foreign].mean())
    assert (rates[90], rates[0], rates[270]) == pytest.approx((0.025, 0.215, 0.665))
    assert (min(cross), max(cross)) == pytest.approx((-0.61, 0.61), abs=0.01)


@pytest.mark.parametrize(
    ("w0", "mean", "low", "high"),
    [(0, 0.42, 0.10, 0.80), (0.01, 0.14, 0, 1), (0.05, 0.04, 0, 1), (0.2, 0, 0, 0)],
)
def test_without_unobserved_weight_quality_is_a_lottery(w0, mean, low, high):
    data, *groups = islands(3)
    fits = (fit_islands(data, 3, 0.05, w0, 12, seed) for seed in range(6))
    rates = [spurious_rate(u, v, data, *groups, 5) for u, v in fits]
    assert np.mean(rates) == pytest.approx(mean, abs=0.005)
    assert low - 0.005 <= min(rates)
    assert max(rates) <= high + 0.005
    if w0 == 0:
        assert (min(rates), max(rates)) == pytest.approx((low, high), abs=0.005)


def test_three_islands_in_the_plane_settle_at_a_third_of_a_turn():
    data, _, item_groups = islands(3)
    _, v = fit_islands(data, 2, 0.05, 0.05, 40)
    centre = np.array([v[item_groups == g].mean(axis=0) for g in range(3)])
    angles = np.sort(np.rad2deg(np.arctan2(*centre.T[::-1])))
    gaps = np.diff(np.append(angles, angles[0] + 360))
    assert np.abs(gaps - 120).max() < 5
    _, v = fit_islands(data, 2, 0.05, 1.0, 40)
    lengths = [np.linalg.norm(v[item_groups == g].mean(axis=0)) for g in range(3)]
    assert min(lengths) < 0.05 < 0.3 < sorted(lengths)[1]  # one island is squashed


@pytest.mark.parametrize(
    ("negatives", "mean", "low", "high"),
    [(0, 0.135, 0, 0.42), (0.1, 0.008, 0, 0.037), (1, 0.020, 0, 0.03), (4, 0.070, 0.04, 0.12)],
)
def test_a_pinch_of_negatives_cures_and_a_shovel_buries(negatives, mean, low, high):
    data, *groups = islands(3)
    fits = (fit_with_negatives(data, negatives, random_state=seed) for seed in range(8))
    rates = [spurious_rate(u, v, data, *groups, 5) for u, v in fits]
    assert np.mean(rates) == pytest.approx(mean, abs=0.001)
    assert low <= min(rates) <= max(rates) <= high


@pytest.mark.parametrize(("n_islands", "d", "zeros"), [(1, 2, 1), (2, 2, 2), (3, 2, 3), (2, 3, 7)])
def test_every_island_adds_its_own_free_spin(n_islands, d, zeros):
    data, *_ = islands(n_islands, 5, 5, 0.8)
    u, v = fit_islands(data, d, 0.05, 0, 100, random_state=1)
    count, eigenvalues = flat_directions(u, v, data, 0.05)
    assert count == zeros >= n_islands * d * (d - 1) // 2
    assert len(eigenvalues) == (sum(data.shape)) * d
    assert np.abs(eigenvalues[:zeros]).max() < 1e-8 < 1e-3 < eigenvalues[zeros]


# --- its parts --------------------------------------------------------------------------------


def test_islands_never_meet():
    data, user_groups, item_groups = islands(3, 7, 5, 0.5, random_state=2)
    assert data.shape == (21, 15)
    assert np.array_equal(user_groups[data.users], item_groups[data.items])
    assert ((data.values > 0) & (data.values < 1)).all()
    assert len(data) == pytest.approx(0.5 * 3 * 35, rel=0.25)


def test_gradient_and_hessian_agree_with_finite_differences():
    data, *_ = islands(2, 3, 4, 0.7)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(sum(data.shape), 2))

    def split(x):
        return np.split(x.reshape(-1, 2), [data.n_users])

    gradient, hessian = folding._curvature(*split(x), data, 0.05)
    for at in range(x.size):
        step = np.zeros(x.size)
        step[at] = 1e-5
        ahead, behind = split(x.ravel() + step), split(x.ravel() - step)
        slope = observed_loss(*ahead, data, 0.05) - observed_loss(*behind, data, 0.05)
        assert gradient[at] == pytest.approx(slope / 2e-5, abs=1e-6)
        bend = (
            folding._curvature(*ahead, data, 0.05)[0] - folding._curvature(*behind, data, 0.05)[0]
        )
        assert hessian[at] == pytest.approx(bend / 2e-5, abs=1e-6)


def test_flat_directions_are_only_counted_at_a_minimum():
    data, *_ = islands(2, 5, 5, 0.8)
    with pytest.raises(ValueError, match="train longer first"):
        flat_directions(np.zeros((10, 2)), np.zeros((10, 2)), data, 0.05)  # a saddle


@given(st.floats(-10, 10), st.integers(2, 5), st.integers(0, 2), st.integers(0, 100))
def test_spinning_keeps_products_inside_and_moves_those_across(angle, d, group, seed):
    rng = np.random.default_rng(seed)
    u, v = rng.normal(size=(9, d)), rng.normal(size=(6, d))
    user_groups, item_groups = np.arange(9) % 3, np.arange(6) % 3
    kept = u.copy(), v.copy()
    new_u, new_v = spin(u, v, user_groups, item_groups, group, angle)
    inside = (user_groups == group)[:, None] == (item_groups == group)
    assert np.allclose((new_u @ new_v.T)[inside], (u @ v.T)[inside])
    moved = np.abs(new_u @ new_v.T - u @ v.T)[~inside].max()
    assert moved > 1e-9 or abs(np.sin(angle / 2)) < 1e-6
    assert np.allclose(np.linalg.norm(new_u, axis=1), np.linalg.norm(u, axis=1))
    assert np.array_equal(kept[0], u)
    assert np.array_equal(kept[1], v)


@pytest.mark.parametrize(
    ("u", "v", "angle", "words"),
    [
        (np.ones((3, 1)), np.ones((2, 1)), 1, "at least 2"),
        (np.ones((3, 2)), np.ones((2, 3)), 1, "same number of factors"),
        (np.ones((4, 2)), np.ones((2, 2)), 1, r"user factors must have shape \(3, d\)"),
        (np.ones((3, 2)), np.ones((2, 2)), np.nan, "angle"),
    ],
)
def test_what_cannot_spin_is_named(u, v, angle, words):
    with pytest.raises(ValueError, match=words):
        spin(u, v, [0, 0, 1], [0, 1], 1, angle)


def test_the_spurious_rate_by_hand():
    u, v = np.eye(2), np.array([[3.0, 1], [2, 2], [1, 3], [0, 3]])
    groups = np.array([0, 1]), np.array([0, 0, 1, 1])
    nothing = np.zeros((2, 4), dtype=bool)
    # User 0 scores 3 2 1 0, user 1 scores 1 2 3 3; the tie goes to item 2.
    assert spurious_rate(u, v, nothing, *groups, 1) == 0
    assert spurious_rate(u, v, nothing, *groups, 3) == 2 / 6
    seen = Interactions([0, 0, 1, 1, 1], [0, 1, 1, 2, 3], [1, 0, 1, 1, 1], 2, 4)  # a 0 is seen too
    assert spurious_rate(u, v, seen, *groups, 3) == 1  # 2 and 3 for user 0, 0 for user 1
    assert spurious_rate(u, v, ~nothing, *groups, 3) == 0  # nothing left to recommend


@given(st.integers(0, 200), st.integers(1, 12))
def test_the_spurious_rate_counts_what_a_loop_counts(seed, k):
    rng = np.random.default_rng(seed)
    u = rng.integers(-1, 2, (6, 2)).astype(float)
    v = rng.integers(-1, 2, (8, 2)).astype(float)  # many ties
    seen = rng.random((6, 8)) < 0.5
    user_groups, item_groups = rng.integers(0, 2, 6), rng.integers(0, 2, 8)
    foreign = total = 0
    for i in range(6):
        order = sorted(np.flatnonzero(~seen[i]), key=lambda j: (-(u[i] @ v[j]), j))[:k]
        foreign += sum(item_groups[j] != user_groups[i] for j in order)
        total += len(order)
    rate = spurious_rate(u, v, seen, user_groups, item_groups, k)
    assert rate == pytest.approx(foreign / max(total, 1))


@pytest.mark.parametrize("seen", [np.zeros((2, 3), bool), np.zeros((2, 2))])
def test_seen_must_be_a_table_of_yes_and_no(seen):
    with pytest.raises(ValueError, match="2 × 2 pairs"):
        spurious_rate(np.eye(2), np.eye(2), seen, [0, 1], [0, 1], 1)


@pytest.mark.parametrize("power", [0.0, 0.75, 1.0])
def test_negatives_are_never_positives_and_follow_their_counts(power):
    counts, positives = np.array([50, 1, 7, 30, 12, 100]), [5, 2]
    drawn = sample_negatives(positives, 6, 40_000, counts, power, random_state=0)
    found = np.bincount(drawn, minlength=6)
    assert not found[positives].any()
    weight = counts**power
    weight = np.delete(weight, positives)
    expected = 40_000 * weight / weight.sum()
    assert chisquare(np.delete(found, positives), expected).pvalue > 1e-4


def test_without_counts_negatives_are_uniform_and_seeded():
    a = sample_negatives([0], 4, 9_000)
    assert chisquare(np.bincount(a)[1:]).pvalue > 1e-4
    assert np.array_equal(a, sample_negatives([0], 4, 9_000))
    assert len(sample_negatives([], 4, 0)) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"positives": [0, 1, 2]}, "no item is left"),
        ({"positives": [3]}, "positives must be"),
        ({"positives": [-1]}, "positives must be"),
        ({"counts": [1, 2]}, "counts must be 3 numbers"),
        ({"counts": [1, 2, -1]}, "counts must be 3 numbers"),
        ({"counts": [5, 0, 0], "positives": [0], "power": 1}, "no item is left"),
        ({"power": -1}, "power"),
        ({"k": -1}, "k must be"),
        ({"n_items": 0}, "n_items"),
    ],
)
def test_what_cannot_be_drawn_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        sample_negatives(**{"positives": [1], "n_items": 3, "k": 5, **change})


def test_one_step_with_negatives_follows_the_gradient():
    data, *_ = islands(2, 4, 3, 0.6)
    seen = np.zeros(data.shape, dtype=bool)
    seen[data.users, data.items] = True
    start = fit_with_negatives(data, 0, 2, learning_rate=1e-12, n_steps=1)
    moved = fit_with_negatives(data, 0, 2, reg=0.3, learning_rate=0.1, n_steps=1)

    def loss(u, v):
        positive = np.log1p(np.exp(-(u @ v.T)[seen])).sum()
        return positive + 0.15 * ((u**2).sum() + (v**2).sum())

    for side in (0, 1):
        for at in np.ndindex(start[side].shape):
            slope = 0.0
            for sign in (1, -1):
                x = [start[0].copy(), start[1].copy()]
                x[side][at] += sign * 1e-6
                slope += sign * loss(*x) / 2e-6
            assert moved[side][at] == pytest.approx(start[side][at] - 0.1 * slope, abs=1e-7)


def test_steps_that_diverge_are_stopped():
    data, *_ = islands(2)
    with pytest.raises(FloatingPointError, match="lower the learning_rate"):
        fit_with_negatives(data, 1, reg=1, learning_rate=1e3)
