import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recsys_lab.similarity import top_k


def by_sorting(scores, k):
    """The contract in one line: sort by score downwards, then by index upwards, and cut."""
    ranked = [sorted(range(len(row)), key=lambda j: (-row[j], j))[:k] for row in scores.tolist()]
    return np.array(ranked, dtype=int).reshape(len(scores), min(k, scores.shape[1]))


tables = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.int8]),
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.integers(-3, 3),  # few values, so that ties are the rule
)


@given(tables, st.integers(0, 15))
def test_it_sorts_downwards_with_ties_to_the_lower_index(scores, k):
    np.testing.assert_array_equal(top_k(scores, k), by_sorting(scores, k))


@given(
    hnp.arrays(
        np.float64,
        (3, 9),
        elements=st.one_of(st.floats(allow_nan=False), st.sampled_from([np.inf, -np.inf, 0.0])),
    ),
    st.integers(1, 9),
)
def test_infinities_are_ordinary_scores(scores, k):
    np.testing.assert_array_equal(top_k(scores, k), by_sorting(scores, k))


def test_long_rows_agree_with_sorting():
    k = 10
    scores = np.random.default_rng(0).normal(size=(20, 5_000))
    scores[7] = 0.0
    scores[8, 100:] = -np.inf
    scores[9] = np.round(scores[9])
    np.testing.assert_array_equal(top_k(scores, k), by_sorting(scores, k))


def test_one_row_gives_one_row():
    assert top_k([0.1, 0.9, 0.5, 0.9], 3).tolist() == [1, 3, 2]


def test_leading_axes_are_kept():
    scores = np.random.default_rng(0).normal(size=(2, 3, 4, 7))
    best = top_k(scores, 2)
    assert best.shape == (2, 3, 4, 2)
    np.testing.assert_array_equal(best[1, 2, 3], top_k(scores[1, 2, 3], 2))


def test_more_than_there_is_gives_all():
    assert top_k([[3, 1, 2]], 10).tolist() == [[0, 2, 1]]


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
def test_nothing_to_rank_gives_an_empty_table(shape):
    assert top_k(np.zeros(shape), 2).shape == (shape[0], min(2, shape[1]))


def test_booleans_and_unsigned_numbers_rank_like_numbers():
    assert top_k([False, True, True], 1).tolist() == [1]
    assert top_k(np.array([0, 255, 3], dtype=np.uint8), 2).tolist() == [1, 2]


def test_the_scores_are_not_touched():
    scores = np.array([[1.0, 3.0, 2.0]])
    scores.flags.writeable = False
    assert top_k(scores, 2).tolist() == [[1, 2]]


@pytest.mark.parametrize("k", [0, 1, 3, 9])
@pytest.mark.parametrize("at", [0, 2, 4])
def test_nan_is_refused_wherever_it_stands(k, at):
    scores = np.arange(10.0).reshape(2, 5)
    scores[1, at] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        top_k(scores, k)


@pytest.mark.parametrize("k", [-1, 1.5, None, "3"])
def test_k_must_count(k):
    with pytest.raises(ValueError, match="k must be a whole number"):
        top_k([1.0, 2.0], k)


def test_a_single_number_cannot_be_ranked():
    with pytest.raises(ValueError, match="at least one axis"):
        top_k(3.0, 1)
