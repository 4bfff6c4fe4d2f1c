"""The loop of a recommender that learns from what it shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_lab.feedback import echo, epsilon_serve


def mean_of_twenty(epsilon):
    runs = [echo(epsilon, random_state=seed) for seed in range(20)]
    return {name: np.mean([run[name] for run in runs]) for name in runs[0]}


def test_a_little_exploration_raises_clicks_and_finds_more():
    none, some, half, all_of_it = (mean_of_twenty(e) for e in (0, 0.2, 0.5, 1))
    assert none["click_rate"] == pytest.approx(0.380, abs=5e-3)
    assert none["gini"] == pytest.approx(0.90, abs=5e-3)
    assert none["found"] == pytest.approx(0.17, abs=5e-3)
    assert some["click_rate"] == pytest.approx(0.41, abs=0.01)
    assert some["gini"] == pytest.approx(0.76, abs=0.02)
    assert some["found"] == pytest.approx(0.54, abs=0.04)
    assert half["click_rate"] == pytest.approx(0.37, abs=0.01)
    assert half["gini"] == pytest.approx(0.54, abs=0.03)
    assert half["found"] == pytest.approx(0.63, abs=0.04)
    assert all_of_it["click_rate"] == pytest.approx(0.304, abs=5e-3)
    assert none["coverage"] < some["coverage"] < half["coverage"] < all_of_it["coverage"]


def test_the_same_seed_gives_the_same_echo():
    one, two = echo(0.3, n_rounds=5, random_state=4), echo(0.3, n_rounds=5, random_state=4)
    assert one["shown"].tolist() == two["shown"].tolist()
    assert one["shown"].sum() == 5 * 10 * 20


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_no_item_is_served_twice_and_kept_slots_stay(seed, epsilon):
    rng = np.random.default_rng(seed)
    ranked = rng.permutation(30)[:8]
    served = epsilon_serve(ranked, np.arange(30), epsilon, rng)
    assert len(set(served.tolist())) == 8
    assert epsilon_serve(ranked, np.arange(30), 0, rng).tolist() == ranked.tolist()


def test_the_share_of_explored_slots_is_epsilon():
    rng = np.random.default_rng(0)
    ranked, pool = np.arange(10), np.arange(10, 100)
    explored = np.mean([epsilon_serve(ranked, pool, 0.3, rng) >= 10 for _ in range(2000)])
    assert explored == pytest.approx(0.3, abs=3 * np.sqrt(0.3 * 0.7 / 20_000))


def test_all_slots_explored_is_a_uniform_draw():
    rng = np.random.default_rng(0)
    served = [epsilon_serve(np.arange(5), np.arange(20), 1, rng) for _ in range(4000)]
    counts = np.bincount(np.concatenate(served), minlength=20)
    assert counts == pytest.approx(np.full(20, 1000), abs=5 * np.sqrt(1000))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: epsilon_serve([1, 2], [3], 1), "only 1 items to fill them"),
        (lambda: epsilon_serve([1, 2], [3], 1.5), "epsilon"),
        (lambda: echo(-0.1), "epsilon"),
        (lambda: echo(0.1, n_slots=200), "only 100 items"),
        (lambda: echo(0.1, n_rounds=0), "n_rounds"),
    ],
)
def test_bad_input_is_an_error_that_says_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call()
