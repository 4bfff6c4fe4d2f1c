"""The three stages joined."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_lab import metrics, reranking
from recsys_lab.data import Interactions
from recsys_lab.pipeline import Pipeline, funnel, latency_ledger, recall_ceiling

WORTH = np.array([0.1, 0.9, 0.3, 0.9, 0.5, 0.7])


def near(user):
    return [4, 1, 0]


def popular(user):
    return [1, 3, 5]


def worth(user, items):
    return WORTH[items]


def no_seconds(user, items, scores):
    """A filter: item 3 is sold out."""
    kept = reranking.exclude(items, [3])
    return kept, WORTH[kept]


def upside_down(user, items, scores):
    return items[::-1], scores[::-1]


def test_the_best_of_all_retrievers_come_first_and_each_once():
    items, scores = Pipeline([near, popular], worth).recommend(0, 4)
    assert items.tolist() == [1, 3, 5, 4]  # the tie goes to the lower id
    assert scores.tolist() == [0.9, 0.9, 0.7, 0.5]


def test_what_was_seen_is_not_recommended():
    seen = Interactions([0, 0, 1], [1, 4, 3], [1, 1, 1], 3, 6)
    pipeline = Pipeline([near, popular], worth, seen=seen)
    assert pipeline.recommend(0)[0].tolist() == [3, 5, 0]
    assert pipeline.recommend(2)[0].tolist() == [1, 3, 5, 4, 0]
    with pytest.raises(ValueError, match="0 to 2, got 3"):
        pipeline.recommend(3)


def test_each_stage_says_what_it_kept_dropped_and_moved():
    seen = Interactions([0], [4], [1], 1, 6)
    pipeline = Pipeline([near, popular], worth, [no_seconds, upside_down], seen)
    steps = pipeline.explain(0, 2)
    names = ["near", "popular", "seen", "score", "no_seconds", "upside_down", "cut"]
    assert [step.name for step in steps] == names
    kept = [[4, 1, 0], [1, 3, 5], [1, 0, 3, 5], [1, 3, 5, 0], [1, 5, 0], [0, 5, 1], [0, 5]]
    assert [step.items.tolist() for step in steps] == kept
    dropped = [[], [], [4], [], [3], [], [1]]
    assert [step.dropped.tolist() for step in steps] == dropped
    assert steps[3].moved == {3: 1, 5: 1, 0: -2}
    assert steps[4].moved == {}  # those that stayed kept their order
    assert steps[5].moved == {0: 2, 1: -2}
    assert steps[5].scores.tolist() == [0.1, 0.7, 0.9]
    assert str(steps[4]).startswith("no_seconds: 3 kept, 1 dropped, 0 moved")
    items, scores = pipeline.recommend(0, 2)
    assert items.tolist() == steps[-1].items.tolist()
    assert scores.tolist() == steps[-1].scores.tolist()


def test_time_is_charged_to_the_stage_that_took_it():
    def slow(user, items, scores):
        time.sleep(0.03)
        return items, scores

    steps = {step.name: step for step in Pipeline([near], worth, [slow, upside_down]).explain(0)}
    assert steps["slow"].seconds >= 0.03
    assert steps["upside_down"].seconds < steps["slow"].seconds


def test_names_can_be_given():
    pipeline = Pipeline({"a": lambda u: [1], "b": lambda u: [2]}, worth, {"seen": upside_down})
    assert [step.name for step in pipeline.explain(0)] == ["a", "b", "score", "seen", "cut"]


def test_a_reranker_that_changes_nothing_changes_nothing():
    plain = Pipeline([near, popular], worth).recommend(0)
    same = Pipeline([near, popular], worth, {"same": lambda u, i, s: (i, s)}).recommend(0)
    assert [each.tolist() for each in plain] == [each.tolist() for each in same]


def test_rerankers_of_the_lab_fit_in():
    similarity = np.eye(6)
    similarity[1, 3] = similarity[3, 1] = 1

    def diverse(user, items, scores):
        chosen = reranking.mmr(scores, similarity[np.ix_(items, items)], 0.5, 3)
        return items[chosen], scores[chosen]

    def fresh(user, items, scores):
        scores = reranking.freshen(scores, np.where(items == 1, 10, 0), 5)
        order = np.argsort(-scores, kind="stable")
        return items[order], scores[order]

    items, _ = Pipeline([near, popular], worth, [diverse, fresh]).recommend(0)
    assert items.tolist() == [5, 4, 1]


def test_a_stage_that_works_in_place_does_not_rewrite_what_went_before():
    def careless(user, items, scores):
        scores *= 0
        items[:] = items[::-1].copy()
        return items, scores

    steps = Pipeline([near], worth, [careless]).explain(0)
    assert steps[1].items.tolist() == [1, 4, 0]
    assert steps[1].scores.tolist() == [0.9, 0.5, 0.1]
    assert steps[2].items.tolist() == [0, 4, 1]


def test_nobody_finds_anything():
    items, scores = Pipeline([lambda user: []], None, [upside_down]).recommend(0)
    assert items.tolist() == scores.tolist() == []


@pytest.mark.parametrize(
    ("pipeline", "words"),
    [
        (Pipeline([], worth), "at least one retriever"),
        (Pipeline([near, near], worth), "same name"),
        (Pipeline({"twice": lambda u: [1, 1]}, worth), "stage 'twice' must give item ids"),
        (Pipeline({"names": lambda u: ["a"]}, worth), "stage 'names' must give item ids"),
        (Pipeline([near], lambda u, i: [1.0]), r"shape \(1,\) for 3 items"),
        (Pipeline([near], lambda u, i: np.full(3, np.nan)), "a number for each of its items"),
        (Pipeline([near], worth, {"ids": lambda u, i, s: 3}), "stage 'ids' must give"),
        (Pipeline([near], worth, {"short": lambda u, i, s: (i, s[:1])}), "stage 'short' must"),
        (Pipeline([near], worth, {"new": lambda u, i, s: ([9], [1])}), "'new' brought in item 9"),
        (Pipeline([near], worth, {"echo": lambda u, i, s: ([1, 1], s[:2])}), "'echo' must give"),
    ],
)
def test_a_stage_that_breaks_the_protocol_is_named(pipeline, words):
    with pytest.raises(ValueError, match=words):
        pipeline.recommend(0)


def test_the_length_of_the_list_must_make_sense():
    with pytest.raises(ValueError, match="n must be a whole number above 0"):
        Pipeline([near], worth).recommend(0, 0)


@given(st.integers(0, 10_000))
def test_no_pipeline_recalls_more_than_its_retrievers_found(seed):
    rng = np.random.default_rng(seed)
    found = rng.permutation(40)[: rng.integers(1, 30)]
    relevant = rng.permutation(40)[:8]
    scores = rng.random(40)

    def some(user, items, values):
        keep = rng.random(len(items)) < 0.8
        return items[keep], values[keep]

    pipeline = Pipeline({"found": lambda user: found}, lambda user, i: scores[i], [some])
    items, _ = pipeline.recommend(0, 15)
    reached = metrics.recall_at_k(items, relevant, 15)
    assert reached <= recall_ceiling(found, relevant) == len(set(found) & set(relevant)) / 8


def test_nothing_retrieved_has_a_ceiling_of_0():
    assert recall_ceiling([], [1, 2]) == 0
    assert recall_ceiling([1, 2], []) == 0


# --- the ceiling and the ledger ---------------------------------------------------------------


def test_a_perfect_ranker_cannot_fetch_what_retrieval_dropped():
    quality = np.random.default_rng(0).normal(size=20_000)

    def mean_of_ten(n_retrieved, ranker):
        runs = [funnel(quality, n_retrieved, 0.7, ranker, random_state=s) for s in range(10)]
        return np.mean(runs, axis=0)

    for n_retrieved, recall, good, perfect in (
        (10, 0.052, 2.48, 2.48),
        (200, 0.326, 3.20, 3.33),
        (1000, 0.666, 3.26, 3.40),
        (5000, 0.961, 3.27, 3.43),
    ):
        assert mean_of_ten(n_retrieved, 0.95) == pytest.approx([recall, good], abs=0.006)
        assert mean_of_ten(n_retrieved, 1.0) == pytest.approx([recall, perfect], abs=0.006)
    assert np.sort(quality)[-10:].mean() == pytest.approx(3.43, abs=0.005)


def test_a_quality_drawn_with_the_same_seed_does_not_come_back_as_the_noise():
    quality = np.random.default_rng(0).normal(size=20_000)
    same, other = (funnel(quality, 200, 0.7, random_state=seed)[0] for seed in (0, 1))
    assert same == pytest.approx(other, abs=0.15)


def test_two_perfect_stages_lose_nothing():
    quality = np.random.default_rng(1).normal(size=300)
    ceiling, mean = funnel(quality, 100, retriever=1, ranker=1)
    assert ceiling == 1
    assert mean == pytest.approx(np.sort(quality)[-10:].mean())
    blind = [funnel(quality, 30, retriever=0, random_state=s)[0] for s in range(50)]
    assert np.mean(blind) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: funnel([], 5), "quality must be"),
        (lambda: funnel([1, np.nan], 5), "quality must be"),
        (lambda: funnel([1, 2], 0), "n_retrieved must be"),
        (lambda: funnel([1, 2], 1, retriever=1.1), "skill"),
        (lambda: latency_ledger({"score": 1}, {"rank": 1}), "same stages"),
        (lambda: latency_ledger({"score": -1}, {"score": 1}), r"entering\['score'\] must be"),
        (lambda: latency_ledger({"score": 1}, {"score": np.inf}), "microseconds"),
    ],
)
def test_bad_input_is_an_error_that_says_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_ledger_adds_up():
    ledger = latency_ledger({"retrieve": 1e6, "score": 500}, {"retrieve": 0.02, "score": 100})
    assert ledger == pytest.approx({"retrieve": 20, "score": 50, "total": 70})
