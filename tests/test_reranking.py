"""Re-ranking: the worked lists of the chapter, and plain loops and determinants as judges."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import entropy

from recsys_lab import reranking
from recsys_lab.similarity import cosine

RELEVANCE = np.array([0.95, 0.93, 0.92, 0.90, 0.80, 0.78, 0.70, 0.65])
ANGLES = np.deg2rad([0, 4, 7, 10, 70, 76, 140, 220])
ON_A_CIRCLE = np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])
SIMILARITY = cosine(ON_A_CIRCLE, ON_A_CIRCLE)


def some(seed, n=9, d=4):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, d))
    return rng.random(n), cosine(vectors, vectors)


# --- less of the same -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trade_off", "expected", "mean", "spread"),
    [
        (1.0, [0, 1, 2, 3], 0.925, 0.006),
        (0.9, [0, 1, 2, 3], 0.925, 0.006),
        (0.8, [0, 6, 4, 1], 0.845, 0.90),
        (0.7, [0, 6, 4, 7], 0.775, 1.26),
    ],
)
def test_diversity_comes_in_jumps(trade_off, expected, mean, spread):
    chosen = reranking.mmr(RELEVANCE, SIMILARITY, trade_off, 4)
    assert chosen.tolist() == expected
    assert RELEVANCE[chosen].mean() == pytest.approx(mean, abs=5e-4)
    apart = np.mean([1 - SIMILARITY[a, b] for a, b in combinations(chosen, 2)])
    assert apart == pytest.approx(spread, abs=5e-3)


def mmr_by_loop(relevance, similarity, trade_off, k):
    chosen = []
    while len(chosen) < min(k, len(relevance)):
        values = {}
        for item in set(range(len(relevance))) - set(chosen):
            nearest = max((similarity[item, other] for other in chosen), default=0)
            values[item] = trade_off * relevance[item] - (1 - trade_off) * nearest
        chosen.append(max(sorted(values), key=values.get))
    return chosen


@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(1, 12))
def test_mmr_agrees_with_a_plain_loop(seed, trade_off, k):
    relevance, similarity = some(seed)
    chosen = reranking.mmr(relevance, similarity, trade_off, k)
    assert chosen.tolist() == mmr_by_loop(relevance, similarity, trade_off, k)


def test_a_trade_off_of_1_sorts_and_ties_go_to_the_lower_index():
    assert reranking.mmr([1, 3, 3, 2], np.eye(4), 1, 9).tolist() == [1, 2, 3, 0]
    assert reranking.mmr([1, 3, 3, 2], np.eye(4), 0, 9).tolist() == [0, 1, 2, 3]


def test_the_volume_of_a_pair_shrinks_as_it_grows_alike():
    for s, det in ((0, 1), (0.5, 0.75), (0.8, 0.36), (0.95, 0.0975)):
        assert np.linalg.det([[1, s], [s, 1]]) == pytest.approx(det)
    # Two nearly equal films of relevance 1 lose to one of them and a lonely film of 0.4.
    similarity = np.array([[1, 0.95, 0], [0.95, 1, 0], [0, 0, 1]])
    assert reranking.dpp_greedy([1, 1, 0.4], similarity, 2).tolist() == [0, 2]
    assert reranking.dpp_greedy([1, 1, 0.3], similarity, 2).tolist() == [0, 1]


@given(st.integers(0, 10_000), st.integers(1, 8))
def test_each_choice_of_the_dpp_makes_the_largest_determinant(seed, k):
    relevance, similarity = some(seed, n=8, d=8)
    relevance = relevance + 0.1
    kernel = relevance[:, None] * similarity * relevance
    chosen = reranking.dpp_greedy(relevance, similarity, k).tolist()
    assert len(chosen) == k

    def volume(items):
        return np.linalg.det(kernel[np.ix_(items, items)])

    for t, item in enumerate(chosen):
        others = [volume([*chosen[:t], other]) for other in range(8) if other not in chosen[:t]]
        assert volume([*chosen[:t], item]) == pytest.approx(max(others), rel=1e-6)


def test_the_dpp_stops_where_no_item_adds_volume():
    assert len(reranking.dpp_greedy(RELEVANCE, SIMILARITY, 5)) == 2  # the circle lies in a plane
    assert reranking.dpp_greedy(np.ones(4), np.ones((4, 4)), 3).tolist() == [0]
    assert reranking.dpp_greedy(np.zeros(4), np.eye(4), 3).tolist() == []
    assert reranking.dpp_greedy([2, 3], np.eye(2), 9).tolist() == [1, 0]


def test_no_candidate_gives_no_list():
    nothing = np.zeros((0, 0))
    assert reranking.mmr([], nothing, 0.5, 3).tolist() == []
    assert reranking.dpp_greedy([], nothing, 3).tolist() == []
    assert reranking.calibrate([], np.zeros((0, 2)), [0.7, 0.3], 0.5, 3).tolist() == []


# --- a fair share -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "kl"),
    [((1.0, 0.0), 1.134), ((0.9, 0.1), 0.149), ((0.8, 0.2), 0.0275), ((0.7, 0.3), 0.0)],
)
def test_the_distance_from_seventy_to_thirty(shares, kl):
    assert reranking.calibration_kl([0.7, 0.3], shares) == pytest.approx(kl, abs=5e-4)


@given(st.integers(0, 10_000))
def test_the_distance_is_that_of_scipy_and_finite_where_a_group_is_missing(seed):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(5), size=2)
    p[0], q[1] = 0, 0
    p, q = p / p.sum(), q / q.sum()
    expected = entropy(p, 0.99 * q + 0.01 * p)
    assert reranking.calibration_kl(p, q) == pytest.approx(expected, abs=1e-12)
    assert reranking.calibration_kl(p, [q, p])[1] == pytest.approx(0, abs=1e-12)


TWO_TASTES = np.concatenate([np.linspace(0.90, 0.72, 15), np.linspace(0.70, 0.52, 15)])
GROUPS = np.repeat([0, 1], 15)


@pytest.mark.parametrize(
    ("trade_off", "minority"),
    [(0, 0), (0.1, 1), (0.4, 1), (0.5, 2), (0.8, 2), (0.9, 3), (0.99, 3)],
)
def test_the_minority_taste_comes_back_step_by_step(trade_off, minority):
    chosen = reranking.calibrate(TWO_TASTES, GROUPS, [0.7, 0.3], trade_off, 10)
    assert GROUPS[chosen].sum() == minority
    assert len(set(chosen.tolist())) == 10


def test_shares_alone_rule_at_a_trade_off_of_1_and_scores_alone_at_0():
    shares = reranking.calibrate(TWO_TASTES, GROUPS, [0.7, 0.3], 1, 30)
    assert sorted(shares.tolist()) == list(range(30))
    assert GROUPS[shares[:10]].mean() == pytest.approx(0.3)
    scores = reranking.calibrate(TWO_TASTES[::-1], GROUPS, [0.7, 0.3], 0, 30)
    assert scores.tolist() == list(range(30))[::-1]


def test_group_numbers_and_one_hot_weights_give_the_same_list():
    one_hot = 2.0 * np.eye(2)[GROUPS]
    for trade_off in (0.2, 0.7):
        expected = reranking.calibrate(TWO_TASTES, GROUPS, [0.7, 0.3], trade_off, 12)
        found = reranking.calibrate(TWO_TASTES, one_hot, [0.7, 0.3], trade_off, 12)
        assert found.tolist() == expected.tolist()


@example(138, 0.5345809746818363)  # shares that do not add up to 1 would choose otherwise
@given(st.integers(0, 10_000), st.floats(0, 0.99))  # at 1, equal shares tie up to rounding
def test_calibrate_agrees_with_a_plain_loop_on_items_of_several_groups(seed, trade_off):
    rng = np.random.default_rng(seed)
    scores, genres = rng.random(8), rng.integers(0, 2, (8, 3))
    target = rng.dirichlet(np.ones(3))
    shares = [row / row.sum() if row.any() else row for row in genres.astype(float)]
    chosen = []
    for _ in range(5):
        values = {}
        for item in set(range(8)) - set(chosen):
            members = [*chosen, item]
            kl = reranking.calibration_kl(target, np.mean([shares[i] for i in members], axis=0))
            values[item] = (1 - trade_off) * scores[members].sum() - trade_off * kl
        chosen.append(max(values, key=values.get))
    assert reranking.calibrate(scores, genres, target, trade_off, 5).tolist() == chosen


# --- fresh, allowed, fair ---------------------------------------------------------------------


def test_a_score_halves_each_half_life():
    assert reranking.freshen([0.8, 0.8, 0.8], [0, 7, 14], 7) == pytest.approx([0.8, 0.4, 0.2])


def test_two_items_cross_at_a_half_life():
    crossing = reranking.crossing_half_life(0.9, 6, 0.7)
    assert crossing == pytest.approx(16.55, abs=5e-3)
    old, new = reranking.freshen([0.9, 0.7], [6, 0], crossing)
    assert old == pytest.approx(new)
    assert reranking.crossing_half_life(0.7, 6, 0.7) == 0
    assert reranking.crossing_half_life(0.6, 6, 0.7) == 0


def test_what_is_blocked_goes_and_the_order_stays():
    assert reranking.exclude([5, 3, 9, 1], [3, 1, 77]).tolist() == [5, 9]
    assert reranking.exclude([5, 3], {5}).tolist() == [3]
    assert reranking.exclude([5, 3], []).tolist() == [5, 3]
    assert reranking.exclude([], [1]).tolist() == []


def test_a_small_gap_in_merit_is_a_large_one_in_exposure():
    group = np.array(list("AAAAABBBBB"))
    apart, mixed = np.arange(10), np.array([0, 5, 1, 6, 2, 7, 3, 8, 4, 9])
    assert reranking.exposure_gap(apart, group) == pytest.approx(0.848, abs=5e-4)
    assert reranking.exposure_gap(mixed, group) == pytest.approx(0.247, abs=5e-4)
    assert reranking.exposure_gap(np.arange(10), list("ABABABABAB")) == pytest.approx(
        0.247, abs=5e-4
    )
    merit = np.array([0.80, 0.79, 0.78, 0.77, 0.76, 0.75, 0.74, 0.73, 0.72, 0.71])
    assert merit[:5].mean() / merit[5:].mean() - 1 == pytest.approx(0.068, abs=5e-4)
    top_half = 1 / np.log2(np.arange(2, 12))
    assert top_half[:5].sum() / top_half.sum() == pytest.approx(0.649, abs=5e-4)


def test_a_list_shown_in_turn_with_its_mirror_is_even():
    mirror = np.array([5, 0, 6, 1, 7, 2, 8, 3, 9, 4])
    group = np.array(list("AAAAABBBBB"))
    mixed = np.array([0, 5, 1, 6, 2, 7, 3, 8, 4, 9])
    assert reranking.exposure_gap([mixed, mirror], group) == pytest.approx(0)
    assert reranking.exposure_gap([np.arange(10), np.arange(10)[::-1]], group) == pytest.approx(0)


def test_exposure_is_per_item_so_a_large_group_is_not_ahead_by_its_size():
    # One A on top of three lists, three B in turn below: A has all of slot 1, B a third of slot 2.
    gap = reranking.exposure_gap([[0, 1], [0, 2], [0, 3]], list("ABBB"))
    assert gap == pytest.approx(3 * np.log2(3) - 1)


def test_a_group_that_is_never_shown_is_infinitely_behind():
    assert reranking.exposure_gap([0, 1], list("AAB")) == np.inf
    assert reranking.exposure_gap([2], list("AAB")) == -1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: reranking.mmr([1, 2], np.eye(3), 0.5, 1), r"shape \(2, 2\)"),
        (lambda: reranking.mmr([1, np.nan], np.eye(2), 0.5, 1), "relevance must be one row"),
        (
            lambda: reranking.mmr([1, 2], np.full((2, 2), np.nan), 0.5, 1),
            "a row of similarity must",
        ),
        (lambda: reranking.mmr([1, 2], np.eye(2), 1.5, 1), "trade_off"),
        (lambda: reranking.mmr([1, 2], np.eye(2), 0.5, 0), "k must be"),
        (lambda: reranking.dpp_greedy([1, -2], np.eye(2), 1), "at least 0"),
        (lambda: reranking.dpp_greedy([1, 2], [[1, 0.5], [0, 1]], 1), "symmetric"),
        (lambda: reranking.dpp_greedy([1, 2], np.diag([1, np.nan]), 1), "the diagonal of"),
        (lambda: reranking.dpp_greedy([1, 2], np.eye(2), 1.5), "k must be"),
        (lambda: reranking.calibration_kl([0.7, 0.7], [0.5, 0.5]), "add up to 1"),
        (lambda: reranking.calibration_kl([0.7, 0.3], [1]), "same groups"),
        (lambda: reranking.calibration_kl([0.7, 0.3], [np.nan, 1]), "actual must be"),
        (lambda: reranking.calibration_kl([0.7, 0.3], [0.5, 0.5], alpha=0), "alpha"),
        (lambda: reranking.calibrate([1, 2], [0, 2], [0.7, 0.3], 0.5, 1), "target names 2 groups"),
        (lambda: reranking.calibrate([1, 2], [0], [0.7, 0.3], 0.5, 1), "item_groups must be 2"),
        (lambda: reranking.calibrate([1, 2], [0, 1], [0.7, 0.7], 0.5, 1), "add up to 1"),
        (lambda: reranking.calibrate([1, 2], [0, 1], [0.7, 0.3], -1, 1), "trade_off"),
        (lambda: reranking.freshen([1, -1], [0, 0], 1), "at least 0"),
        (lambda: reranking.freshen([1], [0, 0], 1), "one age"),
        (lambda: reranking.freshen([1], [0], 0), "half_life must be"),
        (lambda: reranking.crossing_half_life(1, -1, 0.5), "age must be"),
        (lambda: reranking.exposure_gap([0, 1], list("AAA")), "two labels"),
        (lambda: reranking.exposure_gap([0, 3], list("AAB")), "items 0 to 2"),
        (lambda: reranking.exposure_gap([], list("AAB")), "lists of item ids"),
    ],
)
def test_bad_input_is_an_error_that_says_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call()
