"""Metrics: hand-worked lists, scikit-learn and SciPy as judges, `evaluate` against a plain loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm
from sklearn.metrics import (
    average_precision_score,
    mean_absolute_error,
    ndcg_score,
    roc_auc_score,
    root_mean_squared_error,
)

from recsys_lab import metrics
from recsys_lab.data import Interactions, split_random
from recsys_lab.recommender import Recommender


class Dense(Recommender):
    """A recommender that is a table of scores."""

    def __init__(self, table, train):
        self.table = np.asarray(table)
        self._remember(train)

    def score_all(self, users):
        return self.table[users]


@pytest.fixture
def task():
    """30 users × 50 items with many ties; users 4, 9 and 12 lack both, train, and test items."""
    rng = np.random.default_rng(3)
    users, items = np.nonzero(rng.random((30, 50)) < 0.3)
    keep = (users != 4) & ((users != 7) | (items < 3))
    every = Interactions(users[keep], items[keep], rng.integers(1, 6, keep.sum()), 30, 50)
    train, test = split_random(every, test=0.4, random_state=1)
    train, test = train.select(train.users != 9), test.select(test.users != 12)
    return Dense(np.round(rng.normal(size=(30, 50)), 1), train), train, test


def hits_at(*slots, k=10):
    """A list of k items, those at the given slots (from 1) relevant, and the relevant ones."""
    return list(range(k)), [slot - 1 for slot in slots]


# --- ratings ----------------------------------------------------------------------------------


def test_the_same_ratings_have_no_error():
    assert metrics.rmse([1, 2, 3], [1, 2, 3]) == metrics.mae([1, 2, 3], [1, 2, 3]) == 0


def test_rating_errors_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    truth, predicted = rng.normal(size=(2, 40))
    assert metrics.rmse(truth, predicted) == pytest.approx(
        root_mean_squared_error(truth, predicted)
    )
    assert metrics.mae(truth, predicted) == pytest.approx(mean_absolute_error(truth, predicted))


def test_a_small_error_can_come_with_the_wrong_order_and_a_large_one_with_the_right_order():
    truth = np.array([5, 4, 3, 2, 1])
    close, far = [4.2, 4.3, 3.0, 2.0, 1.0], [3.4, 3.2, 3.0, 2.8, 2.6]
    assert metrics.rmse(truth, close) == pytest.approx(0.38, abs=0.005)
    assert metrics.rmse(truth, far) == pytest.approx(1.13, abs=0.005)
    gains = {item: 2**rating - 1 for item, rating in enumerate(truth)}
    assert metrics.ndcg_at_k(np.argsort(-np.array(close)), gains, 5) == pytest.approx(
        0.87, abs=5e-3
    )
    assert metrics.ndcg_at_k(np.argsort(-np.array(far)), gains, 5) == pytest.approx(1)


# --- one list ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slots", "precision", "reciprocal", "average", "ndcg"),
    [
        ((1, 4, 8), 0.3, 1, 0.625, 0.819),
        ((2, 3, 9), 0.3, 1 / 2, 0.500, 0.672),
        ((2, 3, 4), 0.3, 1 / 2, 0.639, 0.733),
    ],
)
def test_the_same_three_hits_get_different_verdicts(slots, precision, reciprocal, average, ndcg):
    recommended, relevant = hits_at(*slots)
    assert metrics.precision_at_k(recommended, relevant, 10) == pytest.approx(precision)
    assert metrics.recall_at_k(recommended, relevant, 10) == 1
    assert metrics.hit_rate_at_k(recommended, relevant, 10) == 1
    assert metrics.reciprocal_rank(recommended, relevant) == pytest.approx(reciprocal)
    assert metrics.average_precision(recommended, relevant, 10) == pytest.approx(average, abs=5e-4)
    assert metrics.ndcg_at_k(recommended, relevant, 10) == pytest.approx(ndcg, abs=5e-4)


def test_three_of_four_relevant_items_among_five_slots():
    recommended, relevant = [0, 1, 2, 3, 4], [0, 2, 3, 99]
    assert metrics.ndcg_at_k(recommended, relevant, 5) == pytest.approx(0.754, abs=5e-4)
    assert metrics.average_precision(recommended, relevant, 5) == pytest.approx(0.604, abs=5e-4)
    assert metrics.precision_at_k(recommended, relevant, 5) == pytest.approx(3 / 5)
    assert metrics.recall_at_k(recommended, relevant, 5) == pytest.approx(3 / 4)


@given(st.permutations(range(12)), st.sets(st.integers(0, 11), min_size=1), st.integers(1, 12))
def test_ndcg_and_average_precision_agree_with_scikit_learn(order, relevant, k):
    truth = np.isin(np.arange(12), list(relevant)).astype(int)
    scores = np.empty(12)
    scores[list(order)] = -np.arange(12)
    assert metrics.ndcg_at_k(order, relevant, k) == pytest.approx(
        ndcg_score([truth], [scores], k=k)
    )
    assert metrics.average_precision(order, relevant) == pytest.approx(
        average_precision_score(truth, scores)
    )
    gains = dict(enumerate(np.arange(12) % 4))
    assert metrics.ndcg_at_k(order, gains, k) == pytest.approx(
        ndcg_score([np.arange(12) % 4], [scores], k=k)
    )


def test_gains_of_one_are_the_same_as_a_plain_list_of_relevant_items():
    recommended, relevant = hits_at(2, 3, 9)
    for k in (1, 3, 10, 20):
        assert metrics.ndcg_at_k(recommended, dict.fromkeys(relevant, 1.0), k) == pytest.approx(
            metrics.ndcg_at_k(recommended, relevant, k)
        )


LIST_METRICS = [
    metrics.precision_at_k,
    metrics.recall_at_k,
    metrics.hit_rate_at_k,
    metrics.ndcg_at_k,
    metrics.average_precision,
    lambda recommended, relevant, k: metrics.reciprocal_rank(recommended, relevant),
]


@pytest.mark.parametrize("metric", LIST_METRICS)
def test_a_list_metric_is_0_where_nothing_is_relevant_or_nothing_is_recommended(metric):
    assert metric([3, 1, 2], [], 3) == 0
    assert metric([], [1, 2], 3) == 0
    assert metric([], [], 3) == 0


@pytest.mark.parametrize("metric", LIST_METRICS)
@given(st.permutations(range(8)), st.sets(st.integers(0, 9)), st.integers(1, 12))
def test_a_list_metric_lies_between_0_and_1_and_does_not_fall_when_a_hit_moves_up(
    metric, order, relevant, k
):
    value = metric(order, relevant, k)
    assert 0 <= value <= 1 + 1e-12
    for slot in range(1, 8):
        if order[slot] in relevant and order[slot - 1] not in relevant:
            better = [*order[: slot - 1], order[slot], order[slot - 1], *order[slot + 1 :]]
            assert metric(better, relevant, k) >= value - 1e-12


def test_a_short_list_counts_as_filled_up_with_misses():
    assert metrics.precision_at_k([5], [5], 10) == pytest.approx(0.1)
    assert metrics.average_precision([5], [5, 6], 10) == 0.5


def test_average_precision_expects_no_more_hits_than_there_are_slots():
    assert metrics.average_precision([0, 1, 2], [0, 1, 7, 8, 9], 2) == 1
    assert metrics.average_precision([7, 1, 2], [0, 1, 8, 9], 2) == pytest.approx(0.25)
    assert metrics.average_precision([5], [5, 6]) == 0.5  # without k, all are expected


@pytest.mark.parametrize("metric", LIST_METRICS[:5])
@pytest.mark.parametrize(
    ("recommended", "relevant", "k", "words"),
    [
        ([1, 1], [1], 2, "recommended must hold no item twice"),
        ([1, 2], [3, 3], 2, "relevant must hold no item twice"),
        ([-1, 2], [1], 2, "recommended must be item ids"),
        ([0.5], [1], 2, "recommended must be item ids"),
        ([[1, 2]], [1], 2, "recommended must be item ids"),
        ([1, 2], [1], 0, "k must be a whole number above 0"),
        ([1, 2], [1], 2.5, "k must be a whole number above 0"),
    ],
)
def test_a_bad_list_is_an_error_that_says_why(metric, recommended, relevant, k, words):
    with pytest.raises(ValueError, match=words):
        metric(recommended, relevant, k)


@pytest.mark.parametrize("gain", [-1, np.nan, np.inf])
def test_a_gain_must_be_a_finite_number_of_at_least_0(gain):
    with pytest.raises(ValueError, match="gains must be finite"):
        metrics.ndcg_at_k([1, 2], {1: gain}, 2)


def test_gains_that_are_all_0_are_worth_0():
    assert metrics.ndcg_at_k([1, 2], {1: 0, 2: 0}, 2) == 0


@given(
    st.lists(st.integers(-3, 3), min_size=2, max_size=30).flatmap(
        lambda scores: st.tuples(
            st.just(scores),
            st.sets(st.integers(0, len(scores) - 1), min_size=1, max_size=len(scores) - 1),
        )
    )
)
def test_auc_agrees_with_scikit_learn_also_with_ties(case):
    scores, relevant = case
    truth = np.isin(np.arange(len(scores)), list(relevant))
    assert metrics.auc(scores, relevant) == pytest.approx(roc_auc_score(truth, scores))


def test_auc_without_a_pair_to_compare_is_a_coin():
    assert metrics.auc([3.0, 1.0], []) == metrics.auc([3.0, 1.0], [0, 1]) == 0.5


def test_auc_refuses_nan_and_items_without_a_score():
    with pytest.raises(ValueError, match="without NaN"):
        metrics.auc([1.0, np.nan], [0])
    with pytest.raises(ValueError, match="only items 0 to 1 exist"):
        metrics.auc([1.0, 2.0], [2])


# --- all lists together -----------------------------------------------------------------------


def test_coverage_counts_each_item_once():
    assert metrics.coverage([[0, 1], [1, 2], []], 10) == pytest.approx(0.3)
    assert metrics.coverage([], 10) == 0
    with pytest.raises(ValueError, match="only items 0 to 2 exist"):
        metrics.coverage([[3]], 3)


@pytest.mark.parametrize("n", [1, 2, 10])
def test_gini_is_0_for_equal_shares_and_1_less_1_over_n_for_one_winner(n):
    assert metrics.gini(np.full(n, 7)) == pytest.approx(0)
    assert metrics.gini(np.eye(n)[0]) == pytest.approx(1 - 1 / n)
    assert metrics.gini(np.zeros(n)) == 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20).filter(lambda x: sum(x) > 1e-3))
def test_gini_is_half_the_mean_difference_over_the_mean_whatever_the_unit(counts):
    x = np.array(counts)
    by_pairs = np.abs(x[:, None] - x).mean() / (2 * x.mean())
    assert metrics.gini(x) == pytest.approx(by_pairs, abs=1e-9)
    assert metrics.gini(3.7 * x[::-1]) == pytest.approx(metrics.gini(x), abs=1e-9)


@pytest.mark.parametrize("counts", [[], [1, -1], [1, np.nan], [[1, 2]]])
def test_gini_refuses_what_cannot_be_shared(counts):
    with pytest.raises(ValueError, match="counts must be"):
        metrics.gini(counts)


def test_novelty_is_the_mean_surprise_in_bits():
    counts = [8, 4, 1, 0]
    assert metrics.novelty([0], counts, 8) == 0
    assert metrics.novelty([0, 1, 2], counts, 8) == pytest.approx((0 + 1 + 3) / 3)
    assert metrics.novelty([3], counts, 8) == 3  # as if one user had it
    assert metrics.novelty([], counts, 8) == 0
    with pytest.raises(ValueError, match="between 0 and n_users = 8"):
        metrics.novelty([0], [9], 8)


def test_intra_list_similarity_is_the_mean_cosine_over_pairs():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(9, 4))
    vectors[5] = 0
    chosen = [1, 5, 2, 8]
    units = [v / np.linalg.norm(v) if v.any() else v for v in vectors[chosen]]
    pairs = [units[a] @ units[b] for a in range(4) for b in range(a)]
    assert metrics.intra_list_similarity(chosen, vectors) == pytest.approx(np.mean(pairs))
    assert metrics.intra_list_similarity([3], vectors) == 0
    assert metrics.intra_list_similarity([0, 1], np.ones((2, 3))) == pytest.approx(1)
    for vectors in (np.full((2, 3), np.nan), np.ones(2)):
        with pytest.raises(ValueError, match="item_vectors must be"):
            metrics.intra_list_similarity([0, 1], vectors)


# --- the sampled shortcut ---------------------------------------------------------------------

LADDER = {
    "Anchor": [70] * 6,
    "Buoy": [4, 9, 1900, 3100, 2600, 4100],
    "Current": [28, 28, 28, 700, 2500, 3900],
}


def test_the_winner_changes_with_the_number_of_sampled_items():
    def hit(n_sampled):
        return {
            name: round(metrics.sampled_hit_rate(ranks, 5000, n_sampled, 10), 2)
            for name, ranks in LADDER.items()
        }

    assert hit(100) == {"Anchor": 1.00, "Buoy": 0.33, "Current": 0.52}
    assert hit(1000) == {"Anchor": 0.12, "Buoy": 0.33, "Current": 0.48}
    full = {name: np.mean(np.array(ranks) <= 10) for name, ranks in LADDER.items()}
    assert full == {"Anchor": 0, "Buoy": pytest.approx(1 / 3), "Current": 0}


def test_rank_70_of_5000_against_1000_sampled_items_hits_in_twelve_of_a_hundred():
    assert metrics.sampled_hit_rate(70, 5000, 1000, 10) == pytest.approx(0.117, abs=5e-4)
    assert metrics.sampled_hit_rate(1, 5000, 1000, 10) == 1
    assert metrics.sampled_hit_rate(5000, 5000, 1000, 10) == 0


@given(st.integers(1, 300), st.integers(1, 600), st.integers(1, 40))
def test_the_sampled_hit_rate_is_the_binomial_of_scipy(rank, n_sampled, k):
    expected = binom.cdf(k - 1, n_sampled, (rank - 1) / 299)
    assert metrics.sampled_hit_rate([rank], 300, n_sampled, k) == pytest.approx(expected, abs=1e-9)


def test_the_sampled_hit_rate_agrees_with_drawing():
    rng = np.random.default_rng(0)
    ahead = (rng.integers(1, 200, size=(20_000, 30)) < 25).sum(axis=1)  # of the 199 other items
    assert metrics.sampled_hit_rate(25, 200, 30, 3) == pytest.approx((ahead < 3).mean(), abs=0.01)


@pytest.mark.parametrize("ranks", [[0], [6], [np.nan], []])
def test_a_rank_outside_the_catalogue_is_an_error(ranks):
    with pytest.raises(ValueError, match="ranks must be one or more numbers from 1 to 5"):
        metrics.sampled_hit_rate(ranks, 5, 3, 1)


# --- a model ----------------------------------------------------------------------------------

EVERY_METRIC = (
    "precision_at_k",
    "recall_at_k",
    "hit_rate_at_k",
    "ndcg_at_k",
    "average_precision",
    "reciprocal_rank",
    "auc",
    "sampled_hit_rate",
    "rmse",
    "mae",
    "coverage",
    "gini",
    "novelty",
    "intra_list_similarity",
)


def by_hand(model, train, test, k, vectors):
    """`evaluate`, one user and one public function at a time."""
    n = train.n_items
    counts = np.bincount(train.items, minlength=n)
    rows = {name: [] for name in EVERY_METRIC}
    lists = []
    for user in np.unique(test.users):
        seen, relevant = train.items_of(user), test.items_of(user)
        unseen = np.setdiff1d(np.arange(n), seen)
        scores = model.score_all(np.array([user]))[0]
        order = sorted(unseen, key=lambda item: (-scores[item], item))
        shown = order[:k]
        lists.append(shown)
        for metric in LIST_METRICS[:5]:
            rows[metric.__name__].append(metric(shown, relevant, k))
        rows["reciprocal_rank"].append(metrics.reciprocal_rank(shown, relevant))
        rows["auc"].append(roc_auc_score(np.isin(unseen, relevant), scores[unseen]))
        ranks = [order.index(item) + 1 for item in relevant]
        rows["sampled_hit_rate"].append(metrics.sampled_hit_rate(ranks, len(unseen), 20, k))
        rows["novelty"].append(metrics.novelty(shown, counts, train.n_users))
        rows["intra_list_similarity"].append(metrics.intra_list_similarity(shown, vectors))
    predicted = model.predict(test.users, test.items)
    rows["rmse"] = metrics.rmse(test.values, predicted)
    rows["mae"] = metrics.mae(test.values, predicted)
    rows["coverage"] = metrics.coverage(lists, n)
    rows["gini"] = metrics.gini(np.bincount(np.concatenate(lists), minlength=n))
    return rows


@pytest.mark.parametrize("k", [1, 5, 50])
@pytest.mark.parametrize("batch", [60, 10_000])  # one user at a time, and all at once
def test_evaluate_agrees_with_one_user_at_a_time(task, k, batch, monkeypatch):
    monkeypatch.setattr(metrics, "_SCORES_AT_ONCE", batch)
    vectors = np.random.default_rng(0).normal(size=(50, 3))
    expected = by_hand(*task, k, vectors)
    options = {"n_sampled": 20, "item_vectors": vectors}
    table = metrics.evaluate(*task, k, EVERY_METRIC, **options)
    users = metrics.evaluate(*task, k, EVERY_METRIC, per_user=True, **options)
    assert list(table) == list(EVERY_METRIC)
    for name in EVERY_METRIC:
        assert np.allclose(users[name], expected[name]), name
        assert table[name] == pytest.approx(np.mean(expected[name])), name
        assert type(table[name]) is float


def test_a_perfect_model_is_perfect_and_a_constant_one_is_a_coin(task):
    _, train, test = task
    perfect = metrics.evaluate(
        Dense(test.to_dense(), train), train, test, 5, ("ndcg_at_k", "auc", "rmse")
    )
    assert perfect == pytest.approx({"ndcg_at_k": 1, "auc": 1, "rmse": 0})
    constant = Dense(np.zeros((30, 50)), train)
    assert metrics.evaluate(constant, train, test, 5, ("auc",)) == pytest.approx({"auc": 0.5})


def test_a_list_longer_than_the_catalogue_has_empty_slots(task):
    table = metrics.evaluate(*task, 100, ("precision_at_k", "recall_at_k"))
    assert table["recall_at_k"] == 1
    n_relevant = np.bincount(task[2].users)
    assert table["precision_at_k"] == pytest.approx(np.mean(n_relevant[n_relevant > 0]) / 100)


def test_an_item_that_the_model_rules_out_is_not_shown(task):
    model, train, test = task
    model.table[:, 25:] = -np.inf
    table = metrics.evaluate(model, train, test, 40, ("coverage", "hit_rate_at_k"))
    assert table["coverage"] == 0.5
    model.table[:] = -np.inf
    names = ("coverage", "gini", "novelty", "ndcg_at_k", "auc")
    assert metrics.evaluate(model, train, test, 5, names) == {
        "coverage": 0, "gini": 0, "novelty": 0, "ndcg_at_k": 0, "auc": 0.5
    }  # fmt: skip


def test_evaluate_leaves_the_scores_of_the_model_alone(task):
    model, train, test = task
    model.score_all = lambda users: model.table[: len(users)]  # a view of what the model keeps
    before = model.table.copy()
    metrics.evaluate(model, train, test)
    assert np.array_equal(model.table, before)


def test_whole_numbers_as_scores_are_welcome(task):
    _, train, test = task
    counts = np.tile(np.bincount(train.items, minlength=50), (30, 1))
    whole = metrics.evaluate(Dense(counts, train), train, test)
    assert whole == metrics.evaluate(Dense(counts.astype(float), train), train, test)


def test_evaluate_refuses_a_task_that_cannot_be_measured(task):
    model, train, test = task
    with pytest.raises(ValueError, match="stand in train and in test"):
        metrics.evaluate(model, train, train)
    with pytest.raises(ValueError, match="no interaction"):
        metrics.evaluate(model, train, test.select(np.zeros(len(test), dtype=bool)))
    with pytest.raises(ValueError, match="same users and items"):
        metrics.evaluate(model, train, test.transpose())
    with pytest.raises(ValueError, match="got 'recall'"):
        metrics.evaluate(model, train, test, metrics=("ndcg_at_k", "recall"))
    with pytest.raises(ValueError, match="metrics must be a sequence"):
        metrics.evaluate(model, train, test, metrics="ndcg_at_k")
    with pytest.raises(ValueError, match="needs item_vectors"):
        metrics.evaluate(model, train, test, metrics=("intra_list_similarity",))
    with pytest.raises(ValueError, match="k must be a whole number above 0"):
        metrics.evaluate(model, train, test, 0)
    with pytest.raises(ValueError, match="score_all gave shape"):
        metrics.evaluate(Dense(np.zeros((30, 49)), train), train, test)
    with pytest.raises(ValueError, match="NaN"):
        metrics.evaluate(Dense(np.full((30, 50), np.nan), train), train, test)


def test_nothing_known_for_training_excludes_nothing(task):
    model, train, test = task
    nothing = train.select(np.zeros(len(train), dtype=bool))
    table = metrics.evaluate(model, nothing, test, 50, ("recall_at_k", "novelty"))
    assert table["recall_at_k"] == 1


# --- how sure ---------------------------------------------------------------------------------


def test_the_interval_is_the_normal_one_and_narrows_with_the_square_root():
    values = np.random.default_rng(0).normal(size=400)
    margin = norm.ppf(0.95) * values.std(ddof=1) / 20
    low, high = metrics.confidence_interval(values, level=0.9)
    assert (low, high) == pytest.approx((values.mean() - margin, values.mean() + margin))
    low4, high4 = metrics.confidence_interval(np.tile(values, 4), level=0.9)
    assert high4 - low4 == pytest.approx((high - low) / 2, rel=1e-2)


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [([1.0], 0.95, "two or more"), ([1, np.nan], 0.95, "finite"), ([1, 2], 95, "between 0 and 1")],
)
def test_an_interval_needs_two_numbers_and_a_level(values, level, words):
    with pytest.raises(ValueError, match=words):
        metrics.confidence_interval(values, level)


def test_a_small_lift_needs_a_crowd():
    assert metrics.n_per_arm(0.05, 0.02) == pytest.approx(745_651, abs=1)
    assert metrics.n_per_arm(0.05, 0.01) == pytest.approx(2_982_606, abs=1)
    with pytest.raises(ValueError, match="rate"):
        metrics.n_per_arm(5, 0.02)
    with pytest.raises(ValueError, match="lift"):
        metrics.n_per_arm(0.05, 0)
    with pytest.raises(ValueError, match="truth and predicted"):
        metrics.rmse([1, 2], [1])
    with pytest.raises(ValueError, match="predicted holds nan"):
        metrics.mae([1, 2], [1, np.nan])
