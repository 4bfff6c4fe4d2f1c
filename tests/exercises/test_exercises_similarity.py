"""The checkers of the chapter's exercises against oracles that share no code with them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import brentq
from scipy.spatial import ConvexHull

from recsys_lab.exercises import check, similarity


def hull_says_never(X):
    never = np.ones(len(X), dtype=bool)
    never[ConvexHull(X).vertices] = False
    return never


def test_the_four_numbers_are_those_worked_out_by_hand():
    assert similarity.by_hand.expected() == pytest.approx([6, 0.6, 13**0.5, 0.4])


@pytest.mark.parametrize(
    "answer",
    [
        (6, 0.6, 3.606, 0.4),
        [6, 0.6, 3.606, 0.4],
        np.array([6, 0.6, 3.606, 0.4]),
        {"half_squared": 0.400, "distance": 13**0.5, "cosine": 0.6, "dot": 6},
    ],
)
def test_the_four_numbers_may_come_in_any_container(answer, here):
    assert check("similarity.1", answer).passed


def test_each_of_the_four_numbers_is_marked_by_itself(here):
    result = check("similarity.1", (6, 0.7, ..., 0.4))
    assert [line.split() for line in result.message.splitlines()] == [
        ["dot:", "6", "right"],
        ["cosine:", "0.7", "too", "large"],
        ["distance:", "...", "still", "open"],
        ["half_squared:", "0.4", "right"],
    ]


def test_marking_numbers_tells_no_right_one_that_is_missing(here):
    result = repr(check("similarity.1", (1, 2, 3, 5)))
    assert not any(secret in result for secret in ("3.60", "0.4", "0.6"))
    assert "0.12" not in repr(check("similarity.4", 0.5))


def test_no_random_case_of_the_ranking_is_decided_by_rounding():
    for q, X, how in list(similarity.rank_by.cases())[12:]:
        scores = {
            "dot": X @ q,
            "euclidean": np.linalg.norm(X - q, axis=1),
            "cosine": X @ q / np.where(X.any(axis=1), np.linalg.norm(X, axis=1), 1),
        }[how]
        assert np.diff(np.sort(scores)).min() > 1e-6


def test_the_ranking_is_tried_on_fifty_random_cases_and_the_three_judges():
    cases = list(similarity.rank_by.cases())
    assert len(cases) >= 50 + 3
    winners = [similarity.rank_by.expected(*case)[0] for case in cases[:3]]
    assert winners == [0, 2, 1]
    assert {how for _, _, how in cases} == {"dot", "cosine", "euclidean"}
    assert sum(not X.any(axis=1).all() for _, X, _ in cases) >= 10


def test_a_ranking_that_knows_only_the_example_fails(here):
    def rank_by(q, X, how):
        known = {"dot": [0, 1, 2], "cosine": [2, 0, 1], "euclidean": [1, 2, 0]}
        return known[how][: len(X)]

    assert not check("similarity.2", rank_by).passed


def test_a_ranking_by_python_lists_passes(here):
    def rank_by(q, X, how):
        def score(x):
            dot = sum(a * b for a, b in zip(q, x))
            length = sum(a * a for a in x) ** 0.5
            return {
                "dot": dot,
                "cosine": dot / length if length else 0.0,
                "euclidean": -(sum((a - b) ** 2 for a, b in zip(q, x)) ** 0.5),
            }[how]

        scores = [score(x) for x in X]
        return sorted(range(len(scores)), key=lambda j: -scores[j])

    assert check("similarity.2", rank_by).passed


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("turn", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e3])
def test_any_quarrel_is_accepted_wherever_it_lies(swap, turn, scale, here):
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    q, A, B = scale * np.array([[2, 0], [2, 1], [1, 0]]) @ rotate.T
    assert check("similarity.3", (q, B, A) if swap else (q, A, B)).passed


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_numbers_that_overflow_are_no_quarrel_and_no_error(scale, here):
    result = check("similarity.3", scale * np.array([[2, 0], [2, 1], [1, 0]]))
    assert not result.passed
    assert "stumbled" not in result.message


@given(arrays(float, (3, 2), elements=st.floats(-5, 5).map(lambda x: round(x, 2))))
@settings(max_examples=50)
def test_what_passes_as_a_quarrel_is_one(answer):
    q, A, B = answer
    verdict = similarity.quarrel.mark(answer)
    if verdict.passed:
        cos = [x @ q / np.linalg.norm(x) for x in (A, B)]
        assert ((A @ q) > (B @ q)) != (cos[0] > cos[1])
        far = [np.linalg.norm(x - q) for x in (A, B)]
        assert far[0] == pytest.approx(far[1], rel=2e-3)


def test_the_tipping_point_agrees_with_a_root_finder():
    root = brentq(lambda alpha: 3**alpha * 0.8 - 0.5**alpha, 0, 1)
    assert similarity.tipping_point.expected() == pytest.approx(root, abs=1e-4)
    assert root == pytest.approx(0.1245, abs=1e-4)


@pytest.mark.parametrize(
    ("alpha", "passed"), [(0.1245, True), (0.125, True), (0.12, False), (0.13, False)]
)
def test_the_tipping_point_is_wanted_to_three_decimals(alpha, passed, here):
    assert check("similarity.4", alpha).passed is passed


def test_of_two_hundred_items_eight_can_win():
    X = np.random.default_rng(0).normal(size=(200, 2))
    can_win = np.flatnonzero(~similarity.never_first.expected(X))
    assert can_win.tolist() == [23, 37, 69, 109, 119, 135, 142, 151]


@pytest.mark.parametrize("seed", range(20))
def test_who_can_never_win_agrees_with_the_convex_hull(seed):
    X = np.random.default_rng(seed).normal(size=(3 + 7 * seed, 2))
    assert similarity.never_first.expected(X).tolist() == hull_says_never(X).tolist()


def test_two_hundred_items_and_twenty_seeds_are_among_the_cases():
    sizes = [len(X) for (X,) in similarity.never_first.cases()]
    assert 200 in sizes
    assert sum(size > 5 for size in sizes) >= 20
    assert min(sizes) == 1


def never_by_pairs(X):
    """Exactly, for whole numbers: can the item be alone at the top, share it, or neither?"""
    found = []
    for j, x in enumerate(X):
        others = [(a - x[0], b - x[1]) for i, (a, b) in enumerate(X) if i != j]
        # The best queries point away from another item, along an edge's normal, or in between.
        steps = [(a, b) for a, b in others if (a, b) != (0, 0)]
        edges = [(s * b, -s * a) for a, b in steps for s in (1, -1)]
        between = [(p[0] + r[0], p[1] + r[1]) for p, r in itertools.product(edges, edges)]
        away = [(-a, -b) for a, b in steps]
        queries = [q for q in [*away, *edges, *between, (1, 0)] if q != (0, 0)]
        worst = [max((q[0] * a + q[1] * b for a, b in others), default=-1) for q in queries]
        found.append("alone" if min(worst) < 0 else "shares" if min(worst) == 0 else "never")
    return found


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=8))
@settings(max_examples=100)
def test_items_that_can_only_share_the_first_place_may_go_either_way(points):
    X = np.array(points, dtype=float)
    truth = np.array(never_by_pairs(points))
    want = similarity.never_first.expected(X)
    agree = similarity.never_first.agree
    assert agree(truth != "alone", want, X)
    assert agree(truth == "never", want, X)
    for j in np.flatnonzero(truth != "shares"):
        wrong = truth == "never"
        wrong[j] = ~wrong[j]
        assert not agree(wrong, want, X)


def test_the_hull_of_a_library_passes_where_it_can_be_drawn(here):
    def never_first(X):
        if len(X) < 3 or np.linalg.matrix_rank(X - X[0]) < 2:
            never = np.ones(len(X), dtype=bool)
            order = np.lexsort((X[:, 1], X[:, 0]))
            never[order[[0, -1]]] = False
            return never
        return hull_says_never(X)

    assert check("similarity.5", never_first).passed
