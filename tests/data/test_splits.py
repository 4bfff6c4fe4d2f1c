"""Splits: nothing is lost, nothing is doubled, and the right things are held out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_lab.data import (
    Interactions,
    load_harbour,
    split_by_time,
    split_leave_last,
    split_random,
)

# Ada saw films 0 to 3 at 40, 10, 30, 30; Bo saw film 1 at 5; Cem saw films 0 and 2 at 20 and 50.
SMALL = Interactions(
    [0, 0, 0, 0, 1, 2, 2], [0, 1, 2, 3, 1, 0, 2], range(7), 4, 5, [40, 10, 30, 30, 5, 20, 50]
)


def pairs(interactions):
    return list(zip(interactions.users.tolist(), interactions.items.tolist()))


@st.composite
def histories(draw):
    m, n = draw(st.integers(1, 6)), draw(st.integers(2, 6))
    cells = draw(st.lists(st.integers(0, m * n - 1), unique=True, min_size=2, max_size=m * n))
    size = len(cells)
    when = draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))
    users, items = [c // n for c in cells], [c % n for c in cells]
    return Interactions(users, items, np.arange(size), m, n, timestamps=when)


@given(histories(), st.integers(0, 3), st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.integers(1, 3))
def test_every_split_shares_out_everything_and_keeps_the_shape(whole, seed, share, n):
    splits = (
        lambda: split_random(whole, share, seed),
        lambda: split_by_time(whole, share),
        lambda: split_leave_last(whole, n),
    )
    for split in splits:
        try:
            train, test = split()
        except ValueError:  # a side would be empty; the messages have tests of their own
            continue
        assert train.shape == test.shape == whole.shape
        assert len(train) > 0 and len(test) > 0
        assert sorted(pairs(train) + pairs(test)) == pairs(whole)
        np.testing.assert_array_equal(train.to_dense() + test.to_dense(), whole.to_dense())
        assert len(train.timestamps) == len(train) and len(test.timestamps) == len(test)
        assert "held out" in test.note and "held out" in repr(test)


@given(histories(), st.integers(1, 3))
def test_leave_last_agrees_with_a_loop_over_the_users(whole, n):
    expected = []
    for user in range(whole.n_users):
        mine = whole.users == user
        history = sorted(zip(whole.timestamps[mine].tolist(), whole.items[mine].tolist()))
        if len(history) > n:
            expected += [(user, item) for _, item in history[-n:]]
    if expected:
        assert pairs(split_leave_last(whole, n)[1]) == sorted(expected)


@given(histories(), st.sampled_from([0.1, 0.3, 0.5]))
def test_by_time_nothing_of_train_lies_at_or_after_the_cut(whole, share):
    try:
        train, test = split_by_time(whole, share)
    except ValueError:
        return
    assert train.timestamps.max() < test.timestamps.min()
    assert len(test) >= round(share * len(whole))


def test_leave_last_by_hand():
    train, test = split_leave_last(SMALL)
    assert pairs(test) == [(0, 0), (2, 2)]  # Bo has only one film and keeps it
    train, test = split_leave_last(SMALL, n=2)
    assert pairs(test) == [(0, 0), (0, 3)]  # of two films at 30 the higher number is the later
    assert pairs(train) == [(0, 1), (0, 2), (1, 1), (2, 0), (2, 2)]


def test_by_time_by_hand():
    _, test = split_by_time(SMALL, test=0.3)
    assert pairs(test) == [(0, 0), (2, 2)]
    assert test.note == "held out: everything from timestamp 40 on"
    _, test = split_by_time(SMALL, test=0.4)  # 3 of 7, and the fourth shares its second
    assert pairs(test) == [(0, 0), (0, 2), (0, 3), (2, 2)]


def test_random_holds_out_the_share_asked_for_and_every_cell_has_the_same_chance():
    whole = Interactions(
        np.repeat(np.arange(10), 10), np.tile(np.arange(10), 10), [1] * 100, 10, 10
    )
    rng = np.random.default_rng(0)
    total = sum(split_random(whole, 0.2, rng)[1].to_dense() for _ in range(500))
    assert total.sum() == 500 * 20
    # Binomial(500, 0.2) has mean 100 and standard deviation 9: 4.5 of them hold for 100 cells.
    assert abs(total - 100).max() < 41


def test_random_repeats_itself_by_seed():
    notes = [pairs(split_random(SMALL, 0.4, seed)[1]) for seed in (7, 7, 8, 9, 10)]
    assert notes[0] == notes[1]
    assert len({str(note) for note in notes}) > 1
    assert pairs(split_random(SMALL, 0.4, np.random.default_rng(7))[1]) == notes[0]


@pytest.mark.parametrize("share", [0, 1, 0.0, 1.0, -0.1, 1.5, np.nan, "half", None, True, 2])
@pytest.mark.parametrize("split", [split_random, split_by_time])
def test_a_share_out_of_range_is_refused(split, share):
    with pytest.raises(ValueError, match="strictly between 0 and 1, got"):
        split(SMALL, test=share)


@pytest.mark.parametrize("split", [split_random, split_by_time])
def test_a_share_that_leaves_a_side_empty_is_refused(split):
    with pytest.raises(
        ValueError, match=r"test=0.01 of 7 interactions is 0, which leaves one side"
    ):
        split(SMALL, test=0.01)
    with pytest.raises(ValueError, match="leaves one side empty"):
        split(Interactions([], [], [], 2, 2, []), test=0.5)


@pytest.mark.parametrize("n", [0, -1, 1.0, "1", None, True])
def test_a_number_to_leave_out_below_one_is_refused(n):
    with pytest.raises(ValueError, match="n must be a whole number of at least 1"):
        split_leave_last(SMALL, n=n)


def test_too_many_to_leave_out_is_refused():
    with pytest.raises(ValueError, match="no user has more than n=4 interactions"):
        split_leave_last(SMALL, n=4)


@pytest.mark.parametrize("split", [split_leave_last, split_by_time])
def test_a_split_by_time_needs_timestamps(split):
    with pytest.raises(ValueError, match="needs timestamps"):
        split(Interactions([0, 0], [0, 1], [1, 2], 1, 2))


def test_one_moment_cannot_be_cut_in_two():
    with pytest.raises(
        ValueError, match="leaves nothing before it; too many share the timestamp 3"
    ):
        split_by_time(Interactions([0, 0], [0, 1], [1, 2], 1, 2, [3, 3]), test=0.5)


def test_on_the_harbour_the_last_fifth_is_the_last_five_months():
    whole = load_harbour().interactions
    _, test = split_by_time(whole)
    assert len(test) == round(0.2 * len(whole))
    days = (test.timestamps.max() - test.timestamps.min()) / 86400
    assert 120 < days < 250
    _, test = split_leave_last(whole)
    assert np.bincount(test.users).max() == 1
