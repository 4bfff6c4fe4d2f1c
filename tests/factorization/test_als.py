"""Alternating least squares: on the observed ratings, and weighted with the unobserved."""

import numpy as np
import pytest

from recsys_lab.data import Interactions
from recsys_lab.factorization import (
    ALS,
    WeightedALS,
    als_step,
    fold_in,
    low_rank_world,
    taste_world,
)
from recsys_lab.similarity import top_k


def ratings(seed=0, m=25, n=18, density=0.4, dtype=float):
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((m, n)) < density)
    stars = rng.integers(1, 6, len(users)).astype(dtype)
    # One more user and one more item than took part.
    return Interactions(users, items, stars, m + 1, n + 1)


def als_loss(model, data):
    predicted = model.predict(data.users, data.items)
    sides = (
        (model.user_factors_, model.user_bias_, np.diff(data.by_user[0])),
        (model.item_factors_, model.item_bias_, np.diff(data.by_item[0])),
    )
    loss = ((data.values - predicted) ** 2).sum()
    for factors, bias, count in sides:
        reg = model.reg * (count if model.scale_reg else 1)
        loss += (reg * ((factors**2).sum(axis=1) + bias**2)).sum()
    return loss


def weighted_loss(model, data):
    scores = model.user_factors_ @ model.item_factors_.T
    weight, y = np.full(data.shape, model.unobserved_weight), np.zeros(data.shape)
    c = model.confidence
    weight[data.users, data.items] = c(data.values) if callable(c) else c
    y[data.users, data.items] = data.values if model.target == "values" else 1
    penalty = (model.user_factors_**2).sum() + (model.item_factors_**2).sum()
    return (weight * (y - scores) ** 2).sum() + model.reg * penalty


ALS_MODELS = [
    ALS(n_factors=4, reg=0.5),
    ALS(n_factors=4, reg=0.5, biases=False),
    ALS(n_factors=30, reg=0.1, scale_reg=True),
]
WEIGHTED_MODELS = [
    WeightedALS(n_factors=4),
    WeightedALS(n_factors=30, unobserved_weight=0.01),
    WeightedALS(n_factors=4, unobserved_weight=0, reg=1, target="values"),
    WeightedALS(n_factors=4, unobserved_weight=1, reg=5, confidence=lambda r: 1 + 40 * r),
]


@pytest.mark.parametrize("model", ALS_MODELS + WEIGHTED_MODELS)
def test_the_loss_is_what_the_docstring_says_and_never_rises(model):
    data = ratings()
    seen = []
    written_out = als_loss if isinstance(model, ALS) else weighted_loss
    model.callback = lambda epoch, m: seen.append((epoch, written_out(m, data)))
    model.fit(data)
    assert [epoch for epoch, _ in seen] == list(range(15))
    assert len(model.losses_) == 30  # two half-steps a sweep
    assert model.losses_[1::2] == pytest.approx([loss for _, loss in seen], rel=1e-9)
    assert np.diff(model.losses_).max() <= 1e-9 * model.losses_[0]
    assert model.loss_ == model.losses_[-1]


@pytest.mark.parametrize("scale_reg", [False, True])
def test_the_last_half_step_of_als_is_a_ridge_regression_on_factors_and_a_constant(scale_reg):
    data = ratings()
    model = ALS(n_factors=3, reg=0.3, n_iterations=4, scale_reg=scale_reg).fit(data)
    dense, known = data.to_dense(), data.to_dense() > 0
    for j in range(data.n_items - 1):
        who = known[:, j]
        features = np.column_stack([model.user_factors_[who], np.ones(who.sum())])
        rest = dense[who, j] - model.mean_ - model.user_bias_[who]
        reg = 0.3 * (who.sum() if scale_reg else 1)
        solved = np.linalg.solve(features.T @ features + reg * np.eye(4), features.T @ rest)
        assert model.item_factors_[j] == pytest.approx(solved[:3], abs=1e-9)
        assert model.item_bias_[j] == pytest.approx(solved[3], abs=1e-9)


def test_weighted_als_ends_where_plain_half_steps_end():
    data = ratings(1)
    model = WeightedALS(n_factors=3, reg=2, n_iterations=300).fit(data)
    v = model.item_factors_ + 0.1
    for _ in range(600):
        u = als_step(v, data, 2, 0.1, target="one")
        v = als_step(u, data.transpose(), 2, 0.1, target="one")
    assert np.allclose(model.user_factors_ @ model.item_factors_.T, u @ v.T, atol=1e-5)
    again = als_step(model.item_factors_, data, 2, 0.1, target="one")
    assert np.allclose(again, model.user_factors_, atol=1e-5)


def test_only_ratios_of_the_weights_matter():
    data = ratings()
    settled = {"n_factors": 1, "n_iterations": 200}
    a = WeightedALS(reg=0.1, unobserved_weight=0.1, **settled).fit(data)
    b = WeightedALS(reg=1, unobserved_weight=1, confidence=10.0, **settled).fit(data)
    assert b.loss_ == pytest.approx(10 * a.loss_)


@pytest.mark.parametrize("model", ALS_MODELS + WEIGHTED_MODELS)
def test_single_precision_stays_near_double(model):
    model.callback = None
    scores = []
    for dtype in (np.float32, np.float64):
        data = ratings(dtype=dtype)
        model.n_iterations = 5
        model.fit(data)
        assert model.user_factors_.dtype == model.item_factors_.dtype == dtype
        scores.append(model.score_all(np.arange(data.n_users)))
    model.n_iterations = 15
    assert scores[0].dtype == np.float32
    assert np.allclose(scores[0], scores[1], atol=0.02)


def test_a_user_without_ratings_gets_the_mean_and_the_items_biases():
    model = ALS(n_factors=3).fit(ratings())
    assert np.allclose(model.score_all([25])[0], model.mean_ + model.item_bias_)
    assert model.item_bias_[18] == 0


def test_a_user_without_visits_gets_what_is_popular():
    data = ratings()
    model = WeightedALS(n_factors=3).fit(data)
    share = np.bincount(data.items, minlength=19) / 26
    assert np.allclose(model.score_all([0, 25])[1], share)
    assert np.allclose(model.predict([25, 25], [0, 18]), share[[0, 18]])
    assert model.predict(25, 4) == pytest.approx(share[4])
    assert not model.item_factors_[18].any()


def test_constant_ratings_leave_nothing_for_the_factors():
    data = Interactions([0, 0, 1, 2], [0, 1, 1, 0], [3, 3, 3, 3], 3, 2)
    model = ALS(n_factors=2).fit(data)
    assert np.allclose(model.score_all([0, 1, 2]), 3)


def test_a_penalty_above_everything_deletes_all_factors():
    data = ratings()
    model = WeightedALS(n_factors=3, reg=1e4, n_iterations=40).fit(data)
    assert np.abs(model.score_all([0])).max() < 1e-6
    assert np.isfinite(model.losses_).all()


def test_progress_and_a_generator_are_accepted(capsys):
    data = ratings()
    ALS(n_factors=2, n_iterations=2, progress=True).fit(data)
    a = WeightedALS(n_factors=2, random_state=np.random.default_rng(4)).fit(data)
    b = WeightedALS(n_factors=2, random_state=4).fit(data)
    assert np.array_equal(a.user_factors_, b.user_factors_)
    assert "ALS" in capsys.readouterr().err


@pytest.mark.parametrize("model", [ALS, WeightedALS])
@pytest.mark.parametrize(
    "options", [{"n_factors": 0}, {"n_factors": 2.5}, {"reg": 0}, {"reg": -1}, {"n_iterations": 0}]
)
def test_a_strange_option_is_named(model, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        model(**options).fit(ratings())


@pytest.mark.parametrize(
    "options", [{"unobserved_weight": -0.1}, {"confidence": -1}, {"target": "zero"}]
)
def test_a_strange_option_of_weighted_als_is_named(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        WeightedALS(**options).fit(ratings())


# --- known results ----------------------------------------------------------------------------

W0 = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]


@pytest.fixture(scope="module")
def taste():
    """The world of the w0 dial: a fifth of the visits withheld, and recall@10 of a score table."""
    visits, _ = taste_world()
    dense = visits.to_dense() > 0
    test = dense & (np.random.default_rng(3).random(dense.shape) < 0.2)
    train = visits.select(~test[visits.users, visits.items])
    has = test.any(axis=1)

    def recall(scores):
        best = top_k(np.where(train.to_dense() > 0, -9, scores), 10)
        hits = np.take_along_axis(test, best, axis=1).sum(axis=1)
        return (hits[has] / test.sum(axis=1)[has]).mean()

    return train, recall


def test_the_best_unobserved_weight_lies_between_none_and_full(taste):
    train, recall = taste
    found, inside, outside = [], [], []
    for w0 in W0:
        rng = np.random.default_rng(0)
        rng.normal(size=(train.n_users, 6))
        v = 0.1 * rng.normal(size=(train.n_items, 6)) + 0.1
        for _ in range(8):
            u = als_step(v, train, 0.3, w0)
            v = als_step(u, train.transpose(), 0.3, w0)
        scores, seen = u @ v.T, train.to_dense() > 0
        found.append(recall(scores))
        inside.append(scores[seen].mean())
        outside.append(scores[~seen].mean())
    assert found == pytest.approx(
        [0.197, 0.461, 0.461, 0.441, 0.441, 0.473, 0.519, 0.489], abs=0.002
    )
    assert (inside[0], outside[0]) == pytest.approx((0.99, 0.94), abs=0.005)
    assert (inside[-1], outside[-1]) == pytest.approx((0.50, 0.09), abs=0.005)


def test_the_model_finds_the_same_shape_and_beats_popularity(taste):
    train, recall = taste
    everyone = np.arange(train.n_users)
    found = [
        recall(WeightedALS(6, reg=0.3, unobserved_weight=w0).fit(train).score_all(everyone))
        for w0 in W0
    ]
    popular = recall(np.tile(np.bincount(train.items, minlength=80), (120, 1)))
    assert popular == pytest.approx(0.362, abs=0.002)
    assert W0[int(np.argmax(found))] == 0.3
    assert found[0] < popular < found[-1] < max(found)


@pytest.mark.parametrize(
    ("rank", "seen", "error"),
    [
        (1, 0.2, 7.6),
        (1, 0.3, 0.001),
        (2, 0.3, 3.1),
        (2, 0.4, 0.001),
        (3, 0.2, 4.1),
        (3, 0.3, 0.011),
    ],
)
def test_above_a_threshold_the_unseen_entries_are_exact(rank, seen, error):
    errors = []
    for seed in range(5):
        data, truth = low_rank_world(40, 40, rank, seen, seed)
        rng = np.random.default_rng(seed + 1)
        rng.normal(size=(40, rank))
        v = 0.1 * rng.normal(size=(40, rank)) + 0.1
        back = data.transpose()
        for _ in range(60):
            u = als_step(v, data, 1e-3)
            v = als_step(u, back, 1e-3)
        hidden = np.ones(truth.shape, dtype=bool)
        hidden[data.users, data.items] = False
        wrong = (u @ v.T - truth)[hidden]
        errors.append(np.sqrt((wrong**2).mean() / (truth[hidden] ** 2).mean()))
    assert np.median(errors) == pytest.approx(error, rel=0.02, abs=6e-4)


def test_als_recovers_a_low_rank_table_from_less_than_half_of_it():
    data, truth = low_rank_world(60, 50, 2, 0.4, random_state=2)
    model = ALS(2, reg=1e-3, n_iterations=60, biases=False).fit(data)
    assert np.allclose(model.score_all(np.arange(60)), truth, atol=0.05)


def test_folding_a_user_in_gives_the_row_of_the_next_half_step():
    data = ratings()
    model = ALS(n_factors=3, reg=0.4).fit(data)
    features = np.column_stack([model.item_factors_, np.ones(data.n_items)])
    items = data.items_of(6)
    rest = data.values[data.users == 6] - model.mean_ - model.item_bias_[items]
    *factors, bias = fold_in(features, items, rest, model.reg)
    model.n_iterations = 200  # where it has settled, one more half-step changes nothing
    model.fit(data)
    features[:, :3] = model.item_factors_
    rest = data.values[data.users == 6] - model.mean_ - model.item_bias_[items]
    *factors, bias = fold_in(features, items, rest, model.reg)
    assert factors == pytest.approx(model.user_factors_[6], abs=1e-3)
    assert bias == pytest.approx(model.user_bias_[6], abs=1e-3)
