"""Scores: scikit-learn as judge, simulated viewers, and the worked examples of the chapter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from recsys_lab import scoring
from recsys_lab.scoring import LogisticScorer

RELEVANCE = np.array([0.30, 0.28, 0.25, 0.20, 0.15])
WORST_FIRST = np.array([4, 3, 2, 1, 0])
POSITION = np.array([5, 4, 3, 2, 1])  # of items 0 to 4 on that shelf


def clicks_of(n, d, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, d)) * rng.uniform(0.1, 10, d)
    weights = rng.normal(size=d) / features.std(axis=0)
    return features, (rng.random(n) < scoring.sigmoid(features @ weights - 1)).astype(int)


# --- predict ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d", "reg"), [(300, 1, 1.0), (500, 6, 0.01), (40, 60, 3.0)])
def test_the_scorer_agrees_with_scikit_learn(n, d, reg):
    features, clicked = clicks_of(n, d)
    ours = LogisticScorer(reg=reg).fit(features, clicked)
    judge = LogisticRegression(C=1 / reg, tol=1e-12, max_iter=1000, solver="newton-cholesky")
    judge.fit(features, clicked)
    assert np.allclose(ours.coef_, judge.coef_[0], rtol=1e-6, atol=1e-8)
    assert ours.intercept_ == pytest.approx(judge.intercept_[0], rel=1e-6)
    p = ours.predict_proba(features)
    assert np.allclose(p, judge.predict_proba(features)[:, 1])
    loss = n * log_loss(clicked, p) + 0.5 * reg * ours.coef_ @ ours.coef_
    assert ours.loss_[-1] == pytest.approx(loss)


@given(st.integers(0, 10_000), st.sampled_from([1e-6, 1.0, 1e3]), st.sampled_from([1e-3, 1.0, 1e4]))
def test_the_loss_never_rises_and_the_gradient_vanishes(seed, reg, scale):
    features, clicked = clicks_of(30, 4, seed)
    clicked[:2] = 0, 1
    features = features * scale
    model = LogisticScorer(reg=reg).fit(features, clicked)
    assert np.all(np.diff(model.loss_) <= 0)
    residual = model.predict_proba(features) - clicked
    gradient = features.T @ residual + reg * model.coef_
    # Small beside the sums of which the gradient is the difference, and what rounding adds.
    size = np.abs(features).T @ np.abs(residual) + reg * np.abs(model.coef_)
    assert np.all(np.abs(gradient) <= 1e-6 * size + 1e-14 * np.abs(features).sum(axis=0))


def test_features_that_separate_clicks_without_error_give_finite_weights():
    features = np.arange(10.0)[:, None]
    model = LogisticScorer(reg=1e-6).fit(features, np.arange(10) >= 5)
    assert np.isfinite(model.coef_).all()
    assert np.array_equal(model.predict_proba(features) > 0.5, np.arange(10) >= 5)


def test_features_of_very_different_units_are_all_learned():
    features, clicked = clicks_of(400, 3)
    units = np.array([1e-4, 1.0, 1e7])
    plain = LogisticScorer(reg=1e-12).fit(features, clicked)
    strange = LogisticScorer(reg=1e-12).fit(features * units + [0, 1e3, 1e8], clicked)
    assert strange.coef_ * units == pytest.approx(plain.coef_, rel=1e-5)
    assert len(strange.loss_) < 15


def test_where_a_whole_newton_step_overshoots_a_shorter_one_is_taken():
    features = np.array([[-40.0], [-1.0], [-0.5], [0.5], [1.0], [60.0]])
    clicked = np.array([1, 0, 0, 1, 1, 1])
    model = LogisticScorer(reg=1e-6).fit(features, clicked)
    assert np.all(np.diff(model.loss_) <= 0)
    judge = LogisticRegression(C=1e6, tol=1e-10, max_iter=10_000).fit(features, clicked)
    assert model.coef_[0] == pytest.approx(judge.coef_[0, 0], abs=1e-4)


def test_a_constant_feature_changes_nothing():
    features, clicked = clicks_of(200, 2)
    plain = LogisticScorer().fit(features, clicked)
    padded = LogisticScorer().fit(np.column_stack([features, np.full(200, 1e6)]), clicked)
    assert padded.coef_ == pytest.approx([*plain.coef_, 0], abs=1e-7)


def test_the_mean_prediction_is_the_mean_click_rate():
    features, clicked = clicks_of(300, 3)
    model = LogisticScorer(reg=50.0).fit(features, clicked)
    assert model.predict_proba(features).mean() == pytest.approx(clicked.mean())


def test_the_position_as_a_feature_takes_the_shelf_out_of_the_clicks():
    rng = np.random.default_rng(0)
    quality = rng.normal(size=60_000)
    depth = np.log(np.clip(np.round(5.5 - 2 * quality + rng.normal(size=60_000)), 1, 10))
    clicked = rng.random(60_000) < scoring.sigmoid(-1 + 0.5 * quality - 1.5 * depth)
    naive = LogisticScorer().fit(quality[:, None], clicked)
    fair = LogisticScorer().fit(np.column_stack([quality, depth]), clicked)
    assert naive.coef_[0] > 1.2
    assert fair.coef_ == pytest.approx([0.5, -1.5], abs=0.05)
    top = fair.predict_proba([[1.0, 0.0]])[0]
    assert top == pytest.approx(scoring.sigmoid(-0.5), abs=0.02)


def test_sigmoid_neither_overflows_nor_loses_small_probabilities():
    assert scoring.sigmoid([-1e6, 0, 1e6]).tolist() == [0, 0.5, 1]
    assert scoring.sigmoid(-50) == pytest.approx(np.exp(-50), rel=1e-12)


@pytest.mark.parametrize(
    ("features", "clicked", "words"),
    [
        ([[1.0], [2.0]], [1, 1], "both must occur"),
        ([[1.0], [2.0]], [0, 2], "each 0 or 1"),
        ([[1.0], [2.0]], [0, 1, 1], "must hold 2 numbers"),
        ([[1.0], [np.nan]], [0, 1], "finite"),
        ([1.0, 2.0], [0, 1], "one row a pair"),
        (np.zeros((0, 2)), [], "got shape"),
    ],
)
def test_the_scorer_refuses_what_it_cannot_learn_from(features, clicked, words):
    with pytest.raises(ValueError, match=words):
        LogisticScorer().fit(features, clicked)


def test_the_scorer_says_what_is_missing():
    with pytest.raises(RuntimeError, match="not fitted"):
        LogisticScorer().predict_proba([[1.0]])
    with pytest.raises(ValueError, match="reg must be"):
        LogisticScorer(reg=0).fit([[1.0], [2.0]], [0, 1])
    model = LogisticScorer().fit([[1.0], [2.0]], [0, 1])
    with pytest.raises(ValueError, match="fitted on 1 features a pair, asked about 2"):
        model.predict_proba([[1.0, 2.0]])
    with pytest.raises(FloatingPointError, match="divide each feature by its spread"):
        LogisticScorer().fit([[1e200], [2e200]], [0, 1])


# --- mistrust ---------------------------------------------------------------------------------


def test_clicks_measure_the_shelf():
    observed = RELEVANCE * scoring.examination(POSITION)
    assert observed == pytest.approx([0.060, 0.070, 0.0833, 0.100, 0.150], abs=5e-4)
    assert np.argsort(-observed).tolist() == WORST_FIRST.tolist()
    estimate = scoring.ips_ctr(1000 * observed, 1000, POSITION)
    assert estimate == pytest.approx(RELEVANCE)


def test_without_position_bias_nothing_is_corrected():
    assert scoring.examination([1, 7, 100], eta=0).tolist() == [1, 1, 1]
    assert scoring.ips_ctr([3, 4], [10, 10], [1, 9], eta=0) == pytest.approx([0.3, 0.4])


def shelves(n_views, n_shelves=400, seed=0):
    rng = np.random.default_rng(seed)
    return rng.binomial(n_views, RELEVANCE / POSITION, size=(n_shelves, 5))


def test_the_estimate_is_unbiased_and_a_clip_trades_bias_for_variance():
    clicks = shelves(500)
    honest = scoring.ips_ctr(clicks, 500, POSITION)
    error = honest.std(axis=0) / np.sqrt(len(honest))
    assert np.all(np.abs(honest.mean(axis=0) - RELEVANCE) < 4 * error)
    clipped = scoring.ips_ctr(clicks, 500, POSITION, clip=2.0)
    assert np.all(clipped.std(axis=0)[:3] < honest.std(axis=0)[:3])
    assert np.all(clipped.mean(axis=0)[:3] < RELEVANCE[:3] - 0.05)


def test_honesty_has_a_price_in_viewers():
    right = []
    for n_views, spread in ((200, 0.086), (2_000, 0.027), (20_000, 0.0085)):
        estimate = scoring.ips_ctr(shelves(n_views, 20_000), n_views, POSITION)
        assert estimate[:, 0].std() == pytest.approx(spread, rel=0.05)
        right.append(np.mean((np.argsort(-estimate, axis=1) == np.arange(5)).all(axis=1)))
    assert right == pytest.approx([0.142, 0.567, 0.964], abs=0.015)


def test_a_loop_on_raw_clicks_keeps_the_shelf_and_a_corrected_one_finds_the_order():
    naive = scoring.shelf_loop(RELEVANCE, WORST_FIRST)
    corrected = scoring.shelf_loop(RELEVANCE, WORST_FIRST, correct=True)
    assert naive.shape == (41, 5)
    assert naive[0].tolist() == WORST_FIRST.tolist()
    assert naive[-1].tolist() == [4, 3, 1, 0, 2]
    assert corrected[-1].tolist() == [0, 1, 2, 3, 4]


def test_an_item_never_shown_has_no_clicks():
    assert scoring.ips_ctr([0, 1], [0, 2], [3, 1]).tolist() == [0, 0.5]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: scoring.ips_ctr([3], [2], [1]), "must not exceed"),
        (lambda: scoring.ips_ctr([-1], [2], [1]), "clicks must be"),
        (lambda: scoring.ips_ctr([1], [2], [0]), "position must be finite numbers at least 1"),
        (lambda: scoring.ips_ctr([1], [2], [1], clip=0), "clip must be above 0"),
        (lambda: scoring.ips_ctr([1], [2], [1], clip=np.nan), "clip must be above 0"),
        (lambda: scoring.examination(1, eta=-1), "eta must be"),
        (lambda: scoring.shelf_loop([0.5, 1.5], [0, 1]), "relevance must be"),
        (lambda: scoring.shelf_loop([0.5, 0.5], [0, 0]), "order must hold each"),
        (lambda: scoring.undo_downsampling(0.5, 0), "rate must be"),
        (lambda: scoring.undo_downsampling(1.5, 0.5), "p must be finite numbers from 0 to 1"),
        (lambda: scoring.session_minutes(0.2, 7, 1), "never ends"),
        (lambda: scoring.session_minutes(0.2, -7, 0.5), "minutes must be"),
        (lambda: scoring.session_minutes(np.nan, 7, 0.5), "p must be"),
        (lambda: scoring.calibration_table([0.5], [1, 0]), "equally long"),
        (lambda: scoring.calibration_table([], []), "equally long"),
        (lambda: scoring.calibration_table([0.5], [1], 0), "n_bins"),
        (lambda: scoring.isotonic([], []), "equally long"),
        (lambda: scoring.isotonic([1, np.nan], [0, 1]), "finite"),
        (lambda: scoring.by_rank([1, np.nan]), "without NaN"),
    ],
)
def test_bad_input_is_an_error_that_says_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# --- hold against what happened ---------------------------------------------------------------


def test_the_calibration_table_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    p = np.concatenate([rng.beta(2, 5, 500), [0, 1, 0.1, 0.2, 0.30000000000000004]])
    outcome = rng.random(len(p)) < p
    table = scoring.calibration_table(p, outcome, 10)
    observed, predicted = calibration_curve(outcome, p, n_bins=10)
    assert np.allclose(table["observed"], observed)
    assert np.allclose(table["predicted"], predicted)
    assert table["count"].sum() == len(p)


def test_an_empty_bin_is_left_out():
    table = scoring.calibration_table([0.05, 0.95, 0.97], [0, 1, 0], 10)
    assert table["predicted"] == pytest.approx([0.05, 0.96])
    assert table["observed"] == pytest.approx([0, 0.5])
    assert table["count"].tolist() == [1, 2]


def test_downsampling_is_undone():
    assert scoring.undo_downsampling(0.5, 0.1) == pytest.approx(1 / 11)
    assert scoring.undo_downsampling([0, 1], 0.01).tolist() == [0, 1]
    p = np.linspace(0, 1, 11)
    assert scoring.undo_downsampling(p, 1) == pytest.approx(p)
    inflated = p / (p + 0.1 * (1 - p))  # what a model trained on a tenth of the negatives says
    assert scoring.undo_downsampling(inflated, 0.1) == pytest.approx(p)


def test_a_scorer_trained_on_fewer_negatives_is_right_again_once_undone():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(40_000, 1))
    clicked = rng.random(40_000) < scoring.sigmoid(features[:, 0] - 3)
    kept = clicked | (rng.random(40_000) < 0.1)
    p = LogisticScorer().fit(features[kept], clicked[kept]).predict_proba(features)
    assert p.mean() > 3 * clicked.mean()
    assert scoring.undo_downsampling(p, 0.1).mean() == pytest.approx(clicked.mean(), rel=0.05)


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 1)), min_size=1, max_size=40),
    st.lists(st.floats(-9, 9), min_size=1, max_size=5),
)
def test_isotonic_regression_agrees_with_scikit_learn(pairs, new):
    scores, outcome = np.array(pairs, dtype=float).T
    knots, heights = scoring.isotonic(scores, outcome)
    judge = IsotonicRegression(out_of_bounds="clip").fit(scores, outcome)
    assert np.allclose(np.interp(new, knots, heights), judge.predict(new))
    assert np.all(np.diff(heights) >= 0)


def test_two_thermometers_agree_once_they_are_calibrated():
    """One generator says p, the other 8·logit(p): merged raw, the louder fills the shelf."""
    rng = np.random.default_rng(0)
    p = rng.uniform(0.02, 0.6, size=(2, 4000))
    says = np.stack([p[0], 8 * np.log(p[1] / (1 - p[1])) + 30])
    outcome = rng.random(p.shape) < p
    best = np.argsort(-p, axis=None)[:400]
    naive = np.argsort(-says, axis=None)[:400]
    units = [np.interp(s, *scoring.isotonic(s, o)) for s, o in zip(says, outcome)]
    calibrated = np.argsort(-np.concatenate(units), kind="stable")[:400]
    ranked = np.argsort(-np.concatenate([scoring.by_rank(s) for s in says]), kind="stable")[:400]
    truth = p.reshape(-1)
    assert np.mean(naive >= 4000) == 1
    assert truth[naive].mean() < truth[calibrated].mean() - 0.01
    assert truth[calibrated].mean() > truth[best].mean() - 0.03
    assert truth[ranked].mean() == pytest.approx(truth[best].mean(), abs=0.005)


def test_ranks_have_no_unit_and_ties_share_theirs():
    assert scoring.by_rank([5, 1, 5, 3]).tolist() == [1, 0.25, 1, 0.5]
    assert scoring.by_rank([]).tolist() == []
    scores = np.random.default_rng(0).normal(size=20)
    assert np.array_equal(scoring.by_rank(scores), scoring.by_rank(np.exp(3 * scores)))


# --- what it is worth -------------------------------------------------------------------------


def test_each_objective_crowns_another_item():
    p = np.array([0.42, 0.06, 0.21, 0.15, 0.24])
    minutes = np.array([1.2, 70, 5.5, 9, 7])
    p_continue = np.array([0.25, 0.10, 0.72, 0.55, 0.66])
    session = scoring.session_minutes(p, minutes, p_continue)
    assert session[[4, 1, 2]] == pytest.approx([4.941, 4.667, 4.125], abs=5e-4)
    assert [np.argmax(p), np.argmax(p * minutes), np.argmax(session)] == [0, 1, 4]
    assert scoring.session_minutes(0.3, 10, 0) == pytest.approx(3)


def test_session_minutes_are_those_of_simulated_viewers():
    rng = np.random.default_rng(0)
    shown = rng.geometric(1 - 0.66, size=20_000)
    watched = rng.binomial(shown, 0.24) * 7
    assert watched.mean() == pytest.approx(scoring.session_minutes(0.24, 7, 0.66), rel=0.03)
