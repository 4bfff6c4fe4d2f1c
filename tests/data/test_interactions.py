"""Interactions: SciPy's sparse arrays are the oracle, Hypothesis brings the bad input."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array

from recsys_lab.data import Interactions


@st.composite
def triples(draw):
    """Users, items, values, timestamps of distinct pairs in any order, and the shape."""
    m, n = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    cells = draw(st.lists(st.integers(0, m * n - 1), unique=True, max_size=m * n))
    numbers = st.floats(-1e6, 1e6, allow_nan=False)
    values = draw(st.lists(numbers, min_size=len(cells), max_size=len(cells)))
    when = draw(st.lists(st.integers(0, 2**40), min_size=len(cells), max_size=len(cells)))
    return [c // n for c in cells], [c % n for c in cells], values, when, m, n


def small(**changes):
    columns = {
        "users": [1, 0, 1],
        "items": [2, 1, 0],
        "values": [3.0, 4.0, 5.0],
        "n_users": 3,
        "n_items": 4,
        "timestamps": [30, 10, 20],
    }
    return Interactions(**(columns | changes))


@given(triples())
def test_every_view_agrees_with_scipy(drawn):
    users, items, values, when, m, n = drawn
    mine = Interactions(users, items, values, m, n, timestamps=when)
    oracle = coo_array((values, (users, items)), shape=(m, n))
    # An explicit zero is a value here, so the pattern is compared through the pointers.
    rows = coo_array((np.arange(1, len(values) + 1), (users, items)), shape=(m, n)).tocsr()
    columns = rows.tocsc()
    indptr, of_users, user_values = mine.by_user
    assert indptr.tolist() == rows.indptr.tolist()
    assert of_users.tolist() == rows.indices.tolist()
    assert user_values.tolist() == [values[at - 1] for at in rows.data]
    indptr, of_items, item_values = mine.by_item
    assert indptr.tolist() == columns.indptr.tolist()
    assert of_items.tolist() == columns.indices.tolist()
    assert item_values.tolist() == [values[at - 1] for at in columns.data]
    np.testing.assert_array_equal(mine.to_dense(), oracle.toarray())
    np.testing.assert_array_equal(mine.to_scipy().toarray(), oracle.toarray())
    np.testing.assert_array_equal(mine.transpose().to_dense(), oracle.toarray().T)
    assert mine.density == len(values) / (m * n)
    assert len(mine) == mine.to_scipy().nnz


@given(triples())
def test_triples_come_back_sorted_and_complete(drawn):
    users, items, values, when, m, n = drawn
    mine = Interactions(users, items, values, m, n, timestamps=when)
    given_rows = sorted(zip(users, items, values, when))
    back = list(zip(mine.users.tolist(), mine.items.tolist(), mine.values, mine.timestamps))
    assert back == given_rows
    again = Interactions(mine.users, mine.items, mine.values, m, n, mine.timestamps)
    for name in ("users", "items", "values", "timestamps"):
        np.testing.assert_array_equal(getattr(again, name), getattr(mine, name))


@given(triples(), st.data())
def test_a_mask_and_its_opposite_share_out_everything(drawn, data):
    users, items, values, when, m, n = drawn
    mine = Interactions(users, items, values, m, n, timestamps=when)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(mine), max_size=len(mine))))
    mask = mask.astype(bool)
    kept, rest = mine.select(mask), mine.select(~mask)
    assert kept.shape == rest.shape == mine.shape
    np.testing.assert_array_equal(kept.to_dense() + rest.to_dense(), mine.to_dense())
    np.testing.assert_array_equal(kept.timestamps, mine.timestamps[mask])


@given(triples())
def test_transposing_twice_changes_nothing(drawn):
    mine = Interactions(*drawn[:3], *drawn[4:], timestamps=drawn[3])
    back = mine.transpose().transpose()
    assert back.shape == mine.shape
    for name in ("users", "items", "values", "timestamps"):
        np.testing.assert_array_equal(getattr(back, name), getattr(mine, name))


awkward = st.one_of(
    st.lists(st.integers(-3, 12), max_size=4),
    st.lists(st.integers(), max_size=4),
    st.lists(st.floats(), max_size=4),
    st.lists(st.text(max_size=3), max_size=4),
    st.lists(st.none(), max_size=4),
    st.lists(st.lists(st.integers(0, 3), max_size=2), max_size=3),
    st.integers(0, 3),
    st.none(),
)


@pytest.mark.filterwarnings("error")
@given(awkward, awkward, awkward, st.one_of(st.none(), awkward))
def test_any_input_is_taken_whole_or_refused_with_a_valueerror(users, items, values, when):
    try:
        mine = Interactions(users, items, values, 10, 10, timestamps=when)
    except ValueError:  # whose messages have tests of their own
        pass
    else:
        assert len(mine) == len(users) == len(items) == len(values)
        assert np.isfinite(mine.values).all()
        assert set(mine.users.tolist()) == set(users)
        assert set(mine.items.tolist()) == set(items)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"users": [1, 0]}, "same length.*'users': 2.*'items': 3"),
        ({"users": [1, 0, 3]}, r"users\[2\] is 3, expected 0 to 2"),
        ({"users": [1, -1, 1]}, r"users\[1\] is -1, expected 0 to 2"),
        ({"items": [2, 4, 0]}, r"items\[1\] is 4, expected 0 to 3"),
        ({"items": [2, 1.5, 0]}, r"items\[1\] is 1.5, expected a whole number"),
        ({"items": [2, np.nan, 0]}, r"items\[1\] is nan"),
        ({"items": [2, 1, np.inf]}, r"items\[2\] is inf"),
        ({"items": ["a", "b", "c"]}, "items must be whole numbers, got dtype <U1"),
        ({"items": [True, False, True]}, "items must be whole numbers, got dtype bool"),
        ({"users": [[1, 0, 1]]}, r"users must be one-dimensional, got shape \(1, 3\)"),
        (
            {"values": [3, np.nan, 4]},
            r"values\[1\] is nan, expected a finite number; leave unknown",
        ),
        ({"values": [3, 4, -np.inf]}, r"values\[2\] is -inf"),
        ({"values": [3, 4, 1j]}, "values must be numbers, got dtype complex128"),
        ({"timestamps": [1, 2, 3.5]}, r"timestamps\[2\] is 3.5"),
        ({"timestamps": [1, 2]}, "same length.*'timestamps': 2"),
        ({"timestamps": [1, 2, 1e30]}, r"timestamps\[2\] is 1e\+30"),
        ({"n_users": -1}, "n_users must be a whole number of at least 0, got -1"),
        ({"n_items": 4.0}, "n_items must be a whole number of at least 0, got 4.0"),
        ({"n_items": True}, "n_items must be a whole number of at least 0, got True"),
        ({"n_users": 0}, r"users\[0\] is 1"),
    ],
)
def test_bad_input_is_named_with_its_position(changes, words):
    with pytest.raises(ValueError, match=words):
        small(**changes)


def test_a_pair_given_twice_is_named_by_the_positions_it_was_given_at():
    with pytest.raises(ValueError, match="user 1 and item 2 occur twice, at positions 0 and 3"):
        Interactions([1, 0, 2, 1], [2, 1, 0, 2], [1, 2, 3, 4], 3, 3)


@pytest.mark.parametrize(
    "mask", [[1, 0, 1], [True, False], [[True, False, True]], "yes", np.ones((3, 1), bool)]
)
def test_a_mask_of_another_kind_or_shape_is_refused(mask):
    with pytest.raises(ValueError, match="mask must be 3 booleans"):
        small().select(mask)


def test_nothing_at_all_is_a_matrix_too():
    empty = Interactions([], [], [], 0, 0)
    assert empty.shape == (0, 0) and len(empty) == 0 and empty.density == 0
    assert empty.to_dense().shape == (0, 0)
    wide = Interactions([], [], [], 2, 3, timestamps=[])
    assert wide.by_user[0].tolist() == [0, 0, 0]
    assert wide.by_item[0].tolist() == [0, 0, 0, 0]
    assert wide.items_of(1).size == 0
    assert wide.select(np.zeros(0, dtype=bool)).timestamps.size == 0


def test_the_items_of_a_user_are_a_view_in_ascending_order():
    mine = small()
    assert mine.items_of(1).tolist() == [0, 2]
    assert mine.items_of(2).tolist() == []
    assert np.shares_memory(mine.items_of(1), mine.items)


def test_what_is_unknown_can_be_filled_with_any_number():
    dense = small().to_dense(fill=-1)
    assert dense.tolist() == [[-1, 4, -1, -1], [5, -1, 3, -1], [-1, -1, -1, -1]]


def test_arrays_are_read_only_and_cut_loose_from_those_given():
    users = np.array([1, 0, 1])
    mine = small(users=users)
    users[0] = 2
    assert mine.users.tolist() == [0, 1, 1]
    for array in (mine.users, mine.items, mine.values, mine.timestamps, *mine.by_item):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    users[0] = 0  # what was given stays writable


def test_single_precision_is_kept_and_everything_else_becomes_double():
    assert small(values=np.float32([1, 2, 3])).values.dtype == np.float32
    assert small(values=np.float32([1, 2, 3])).to_dense().dtype == np.float32
    for kind in (np.float16, np.int8, bool):
        assert small(values=np.array([1, 0, 1], dtype=kind)).values.dtype == np.float64


def test_positions_have_the_width_that_numpy_counts_in():
    # intp is int64 here; in a browser it is int32, and bincount, repeat and take want no other.
    for ids in (np.array([1, 0, 2], dtype=np.int64), [1.0, 0.0, 2.0], np.uint8([1, 0, 2])):
        mine = Interactions(ids, ids, [1, 2, 3], 3, 3, timestamps=[7, 8, 9])
        assert {a.dtype for a in (mine.users, mine.items, *mine.by_item[:2])} == {np.dtype(np.intp)}
        assert mine.timestamps.dtype == np.int64


def test_it_survives_a_copy_and_a_pickle():
    mine = small()
    for back in (copy.deepcopy(mine), pickle.loads(pickle.dumps(mine))):
        np.testing.assert_array_equal(back.to_dense(), mine.to_dense())
        np.testing.assert_array_equal(back.timestamps, mine.timestamps)


def test_it_says_its_size_and_what_it_is():
    mine = small()
    assert repr(mine) == "Interactions(3 of 3 users × 4 items)"
    mine.note = "held out: nothing"
    assert repr(mine) == "Interactions(3 of 3 users × 4 items; held out: nothing)"
