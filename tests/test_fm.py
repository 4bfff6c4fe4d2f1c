"""Factorization machines: the identity, the solvers, the known results, DeepFM, the encoder."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from recsys_lab.fm import DeepFM, FactorizationMachine, FeatureEncoder, pair_sum, pair_sum_naive

# ---- a world: ratings that need pairs, rows of three one-hot fields


def never_met(seed=2):
    """20 members × 24 films of 4 genres; 30 % of the pairs are seen, the rest is the test."""
    rng = np.random.default_rng(seed)
    genre = rng.integers(0, 4, 24)
    members = rng.normal(size=(20, 2))
    films = 1.3 * rng.normal(size=(4, 2))[genre] + 0.3 * rng.normal(size=(24, 2))
    truth = members @ films.T
    seen = rng.random(truth.shape) < 0.3

    def rows(mask):
        user, film = np.nonzero(mask)
        return np.column_stack([user, 20 + film, 44 + genre[film]])

    noisy = truth[seen] + 0.1 * rng.normal(size=seen.sum())
    return rows(seen), noisy, rows(~seen), truth[~seen]


def one_hot(indices, p, values=None):
    X = np.zeros((len(indices), p))
    X[np.arange(len(indices))[:, None], indices] = 1 if values is None else values
    return X


def score_by_loops(x, w0, w, V):
    """Rendle 2010, equation 1, as it stands."""
    score = w0 + sum(w[i] * x[i] for i in range(len(x)))
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            score += V[i] @ V[j] * x[i] * x[j]
    return score


def torch_machine(indices, values, w0, w, V):
    """Score by a dense Gram matrix: neither the identity nor our gradients are in it."""
    E = values[..., None] * V[indices]
    gram = E @ E.transpose(1, 2)
    pairs = torch.triu(gram, diagonal=1).sum(dim=(1, 2))
    return w0 + (values * w[indices]).sum(dim=1) + pairs


def rmse(a, b):
    return np.sqrt(np.mean((a - b) ** 2))


def fitted_with(w0, w, V):
    """A machine with parameters set by hand."""
    machine = FactorizationMachine(V.shape[1])
    machine.n_features_, machine.draws_ = len(w), []
    machine.w0_, machine.w_, machine.V_ = w0, w, V
    return machine


# ---- the identity


def test_three_vectors_by_hand_give_three_and_not_what_the_other_formulas_give():
    E = np.array([[1, 0], [1, 1], [0, 2]])
    total, squares = E.sum(axis=0), (E**2).sum()
    assert pair_sum(E) == pair_sum_naive(E) == 3  # each pair once
    assert total @ total - squares == 6  # each pair twice
    assert total @ total == 13  # and the diagonal
    assert total @ total - squares / 2 == 9.5  # the halving put in the wrong place


@given(arrays(float, st.tuples(st.integers(0, 9), st.integers(0, 5)), elements=st.floats(-9, 9)))
def test_the_linear_sum_is_the_sum_over_all_pairs(E):
    assert pair_sum(E) == pytest.approx(pair_sum_naive(E), abs=1e-9)


def test_many_sets_at_once_give_the_sum_of_each():
    E = np.random.default_rng(0).normal(size=(4, 3, 5, 2))
    together = pair_sum(E)
    assert together.shape == (4, 3)
    assert together[2, 1] == pytest.approx(pair_sum_naive(E[2, 1]))
    np.testing.assert_allclose(together, pair_sum_naive(E))


def test_fewer_than_two_vectors_have_no_pairs():
    assert pair_sum(np.ones((1, 3))) == 0
    assert pair_sum(np.ones((0, 3))) == 0


def test_one_vector_or_a_nan_is_refused_with_its_place():
    with pytest.raises(ValueError, match=r"table of vectors.*\(3,\)"):
        pair_sum([1, 2, 3])
    with pytest.raises(ValueError, match=r"E\[1, 0\] is nan"):
        pair_sum([[1, 2], [np.nan, 0]])


# ---- the model


def test_the_score_is_the_double_loop_of_equation_1():
    rng = np.random.default_rng(0)
    X, w, V = rng.normal(size=(6, 7)), rng.normal(size=7), rng.normal(size=(7, 3))
    expected = [score_by_loops(x, 0.5, w, V) for x in X]
    np.testing.assert_allclose(fitted_with(0.5, w, V).predict(X), expected)


def test_one_user_and_one_film_make_it_biased_matrix_factorization():
    rng = np.random.default_rng(1)
    w, V = rng.normal(size=9), rng.normal(size=(9, 3))  # users 0-3, films 4-8
    user, film = np.array([0, 3, 2]), np.array([4, 4, 8])
    expected = 3.5 + w[user] + w[film] + (V[user] * V[film]).sum(axis=1)
    rows = np.column_stack([user, film]), None
    np.testing.assert_allclose(fitted_with(3.5, w, V).predict(rows), expected)


def test_moving_one_parameter_or_one_feature_draws_a_line_and_scaling_all_of_x_a_parabola():
    rng = np.random.default_rng(2)
    x, w, V = rng.normal(size=5), rng.normal(size=5), rng.normal(size=(5, 2))
    steps = np.arange(6.0)

    def third_feature(t):
        moved = x.copy()
        moved[2] = t
        return fitted_with(1, w, V).predict([moved])[0]

    def one_entry_of_V(t):
        moved = V.copy()
        moved[1, 0] = t
        return fitted_with(1, w, moved).predict([x])[0]

    def whole_x(t):
        return fitted_with(1, w, V).predict([t * x])[0]

    for line in (third_feature, one_entry_of_V):
        np.testing.assert_allclose(np.diff([line(t) for t in steps], 2), 0, atol=1e-9)
    curve = [whole_x(t) for t in steps]
    assert abs(np.diff(curve, 2)).min() > 0.1
    np.testing.assert_allclose(np.diff(curve, 3), 0, atol=1e-9)


def test_the_gradient_in_V_is_the_formula_and_finite_differences_agree():
    rng = np.random.default_rng(3)
    x, w, V = rng.normal(size=5), rng.normal(size=5), rng.normal(size=(5, 2))
    x[3] = 0
    formula = x[:, None] * (x @ V) - V * (x**2)[:, None]
    for i in range(5):
        for f in range(2):
            up, down = V.copy(), V.copy()
            up[i, f] += 1e-5
            down[i, f] -= 1e-5
            rise = fitted_with(0, w, up).predict([x]) - fitted_with(0, w, down).predict([x])
            assert rise[0] / 2e-5 == pytest.approx(formula[i, f], abs=1e-8)
    assert np.all(formula[3] == 0)  # a feature that is off learns nothing


@pytest.mark.parametrize("solver", ["als", "mcmc", "adam"])
def test_dense_rows_and_sparse_rows_are_the_same_rows(solver):
    indices, y, unseen, _ = never_met()
    kwargs = dict(n_factors=2, solver=solver, n_epochs=25, n_features=48, batch_size=64)
    machine = FactorizationMachine(**kwargs).fit((indices, None), y)
    dense, sparse = machine.predict(one_hot(unseen, 48)), machine.predict((unseen, None))
    np.testing.assert_allclose(dense, sparse, atol=1e-9)
    np.testing.assert_allclose(machine.predict((unseen, np.ones(unseen.shape))), sparse)


def test_als_on_dense_rows_reaches_the_machine_of_the_sparse_rows():
    indices, y, unseen, _ = never_met()
    sparse = FactorizationMachine(2, n_epochs=300, n_features=48).fit((indices, None), y)
    dense = FactorizationMachine(2, n_epochs=300).fit(one_hot(indices, 48), y)
    assert dense.loss_[-1] == pytest.approx(sparse.loss_[-1], rel=1e-6)
    np.testing.assert_allclose(
        dense.predict(one_hot(unseen, 48)), sparse.predict((unseen, None)), atol=1e-3
    )


def test_values_scale_their_feature_and_value_0_switches_it_off():
    rng = np.random.default_rng(4)
    w, V = rng.normal(size=6), rng.normal(size=(6, 2))
    machine = fitted_with(1.0, w, V)
    indices, values = np.array([[0, 2, 5], [1, 3, 3]]), np.array([[1, -2, 0.5], [1, 3, 0]])
    expected = [score_by_loops(x, 1.0, w, V) for x in [[1, 0, -2, 0, 0, 0.5], [0, 1, 0, 3, 0, 0]]]
    np.testing.assert_allclose(machine.predict((indices, values)), expected)


def test_rotating_the_vectors_changes_no_prediction():
    rng = np.random.default_rng(5)
    w, V = rng.normal(size=6), rng.normal(size=(6, 3))
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    X = rng.normal(size=(8, 6))
    turned = fitted_with(0, w, V @ rotation).predict(X)
    np.testing.assert_allclose(turned, fitted_with(0, w, V).predict(X))


def test_many_rows_are_scored_in_parts_that_fit_together(monkeypatch):
    rng = np.random.default_rng(6)
    machine = fitted_with(0, rng.normal(size=9), rng.normal(size=(9, 4)))
    rows = rng.integers(0, 3, (50, 3)) + np.array([0, 3, 6]), None
    whole = machine.predict(rows)
    monkeypatch.setattr("recsys_lab.fm.machine._CELLS", 100)
    np.testing.assert_array_equal(machine.predict(rows), whole)
    assert machine.predict((np.empty((0, 3), int), None)).shape == (0,)


# ---- the solvers


@pytest.mark.parametrize("solver", ["als", "adam"])
def test_without_factors_regression_is_ridge(solver):
    rng = np.random.default_rng(7)
    X = rng.normal(size=(60, 5))
    y = X @ rng.normal(size=5) + 2 + 0.1 * rng.normal(size=60)
    how = dict(n_epochs=200) if solver == "als" else dict(n_epochs=1500, batch_size=60)
    ours = FactorizationMachine(0, reg=3.0, solver=solver, **how).fit(X, y)
    ridge = Ridge(alpha=3.0).fit(X, y)
    np.testing.assert_allclose(ours.w_, ridge.coef_, atol=1e-4)
    assert ours.w0_ == pytest.approx(ridge.intercept_, abs=1e-4)


@pytest.mark.parametrize("solver", ["als", "adam"])
def test_without_factors_classification_is_logistic_regression(solver):
    rng = np.random.default_rng(8)
    X = rng.normal(size=(80, 4))
    y = (X @ [1, -2, 0.5, 0] + rng.normal(size=80) > 0.3).astype(int)
    how = dict(n_epochs=400) if solver == "als" else dict(n_epochs=1500, batch_size=80)
    ours = FactorizationMachine(0, reg=0.5, solver=solver, task="classification", **how).fit(X, y)
    theirs = LogisticRegression(C=2.0, tol=1e-10, max_iter=1000).fit(X, y)
    np.testing.assert_allclose(ours.w_, theirs.coef_[0], atol=1e-4)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X)[:, 1], atol=1e-4)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_the_first_step_for_labels_goes_to_the_lowest_point_of_the_steepest_parabola():
    machine = FactorizationMachine(0, task="classification", n_epochs=1)
    machine.fit(np.zeros((4, 1)), [1, 1, 1, 0])
    assert machine.w0_ == (3 / 4 - 1 / 2) / (1 / 4)


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_als_never_raises_its_loss(task):
    indices, y, *_ = never_met()
    y = y if task == "regression" else y > 0
    for reg in (0.0, 0.2, 3.0):
        machine = FactorizationMachine(3, reg=reg, task=task, n_epochs=40).fit((indices, None), y)
        assert np.all(np.diff(machine.loss_) <= 1e-9 * machine.loss_[0])


def test_after_als_no_single_parameter_can_be_improved():
    indices, y, *_ = never_met()
    machine = FactorizationMachine(2, reg=0.7, reg_linear=0.3, n_epochs=1000)
    machine.fit((indices, None), y)
    w0, w, V = (
        torch.tensor(part, requires_grad=True)
        for part in (machine.w0_, machine.w_, np.array(machine.V_))
    )
    score = torch_machine(torch.tensor(indices), torch.ones(indices.shape), w0, w, V)
    loss = ((score - torch.tensor(y)) ** 2).sum() / 2
    loss = loss + 0.15 * (w**2).sum() + 0.35 * (V**2).sum()
    loss.backward()
    assert loss.item() == pytest.approx(machine.loss_[-1], rel=1e-6)
    for parameter in (w0, w, V):
        assert parameter.grad.abs().max() < 1e-3


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_one_step_of_adam_is_pytorchs_step_on_the_gradient_of_pytorch(task):
    rng = np.random.default_rng(9)
    indices = rng.integers(0, 4, (30, 3)) + np.array([0, 4, 8])
    values, y = rng.normal(size=(30, 3)), (rng.random(30) > 0.5).astype(float)
    shared = dict(solver="adam", task=task, reg=0.8, reg_linear=0.2, random_state=1, n_features=12)
    film = []

    def remember(epoch, model):
        film.append((model.w0_, model.w_.copy(), model.V_.copy()))

    FactorizationMachine(
        3, n_epochs=5, batch_size=30, learning_rate=0.05, callback=remember, **shared
    ).fit((indices, values), y)

    # A fit that hardly moves shows the start; from there PyTorch goes its own way.
    still = FactorizationMachine(3, n_epochs=1, learning_rate=1e-300, **shared)
    still.fit((indices, values), y)
    start = still.w0_, still.w_, still.V_
    parameters = [torch.tensor(part, requires_grad=True) for part in start]
    optimizer = torch.optim.Adam(parameters, lr=0.05)
    for w0, w, V in film:
        optimizer.zero_grad()
        score = torch_machine(torch.tensor(indices), torch.tensor(values), *parameters)
        target = torch.tensor(y)
        if task == "regression":
            loss = ((score - target) ** 2).sum() / 2
        else:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                score, target, reduction="sum"
            )
        loss = loss + 0.1 * (parameters[1] ** 2).sum() + 0.4 * (parameters[2] ** 2).sum()
        (loss / 30).backward()
        optimizer.step()
        for ours, theirs in zip((w0, w, V), parameters):
            np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-7)


def test_the_penalty_means_the_same_to_adam_on_batches_as_to_als():
    indices, y, *_ = never_met()
    als = FactorizationMachine(2, n_epochs=100).fit((indices, None), y)
    small_steps = FactorizationMachine(2, solver="adam", n_epochs=400, batch_size=32)
    small_steps.fit((indices, None), y)
    assert small_steps.loss_[-1] == pytest.approx(als.loss_[-1], rel=0.02)


def test_draws_are_normal_around_ridge_with_its_covariance():
    rng = np.random.default_rng(10)
    X = rng.normal(size=(400, 3))
    y = X @ [1.0, -1.0, 0.5] + 2 + 0.5 * rng.normal(size=400)
    machine = FactorizationMachine(0, solver="mcmc", n_epochs=4000).fit(X, y)
    w0 = np.array([draw[0] for draw in machine.draws_])
    w = np.array([draw[1] for draw in machine.draws_])
    # So many rows leave the prior little to say: the posterior is that of least squares.
    design = np.column_stack([np.ones(400), X])
    solution, left = np.linalg.lstsq(design, y)[:2]
    spread = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * left / 396)
    drawn = np.column_stack([w0, w])
    assert np.all(np.abs(drawn.mean(axis=0) - solution) < 0.2 * spread)
    np.testing.assert_allclose(drawn.std(axis=0), spread, rtol=0.08)


def test_a_feature_without_evidence_is_drawn_around_the_others_of_its_field():
    rng = np.random.default_rng(18)
    weights = rng.normal(3, 0.5, 40)
    feature = np.append(np.repeat(np.arange(40), 20), 40)
    x = np.append(rng.choice([-1.0, 1.0], 800), 0)  # feature 40 is never on
    y = x * np.append(weights, 0)[feature] + 0.1 * rng.normal(size=801)
    machine = FactorizationMachine(0, solver="mcmc", n_epochs=3000)
    machine.fit((feature[:, None], x[:, None]), y)
    drawn = np.array([w[40] for _, w, _ in machine.draws_])
    # The other weights are as good as known. With a prior of Γ(½, ½) for the precision and of
    # N(0, 1/precision) for the centre, theirs and the next weight's distribution are Student's t.
    n, centre = 40, weights.sum() / 41
    squares = 1 + ((weights - weights.mean()) ** 2).sum() + n / (n + 1) * weights.mean() ** 2
    assert drawn.mean() == pytest.approx(centre, abs=0.06)
    assert drawn.std() == pytest.approx(np.sqrt(squares / (n - 1) * (n + 2) / (n + 1)), rel=0.06)


def test_predictions_of_mcmc_are_the_mean_over_its_draws():
    indices, y, unseen, _ = never_met()
    machine = FactorizationMachine(2, solver="mcmc", n_epochs=20, n_features=48)
    machine.fit((indices, None), y)
    assert len(machine.draws_) == 18  # the first tenth is left out
    each = [fitted_with(*draw).predict((unseen, None)) for draw in machine.draws_]
    np.testing.assert_allclose(machine.predict((unseen, None)), np.mean(each, axis=0), atol=1e-6)
    assert np.std(each, axis=0).min() > 0


@pytest.mark.parametrize("solver", ["als", "mcmc", "adam"])
def test_the_same_seed_gives_the_same_numbers(solver):
    indices, y, unseen, _ = never_met()
    one, two, other = (
        FactorizationMachine(2, solver=solver, n_epochs=5, n_features=48, random_state=seed)
        .fit((indices, None), y)
        .predict((unseen, None))
        for seed in (3, np.random.default_rng(3), 4)
    )
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - other).max() > 1e-6


def test_float32_input_gives_nearly_the_predictions_of_float64():
    rng = np.random.default_rng(11)
    X = rng.normal(size=(50, 6))
    y = X[:, 0] * X[:, 1] + X[:, 2]
    double = FactorizationMachine(2).fit(X, y).predict(X)
    single = FactorizationMachine(2).fit(X.astype(np.float32), y.astype(np.float32)).predict(X)
    np.testing.assert_allclose(single, double, atol=1e-3)


def test_the_callback_films_every_epoch_and_progress_counts_them(capfd):
    indices, y, *_ = never_met()
    seen = []
    machine = FactorizationMachine(
        1, n_epochs=3, progress=True, callback=lambda epoch, model: seen.append((epoch, model))
    ).fit((indices, None), y)
    assert seen == [(0, machine), (1, machine), (2, machine)]
    assert len(machine.loss_) == 3
    assert "3/3" in capfd.readouterr().err


# ---- known results


def test_pairs_that_never_met_are_right_with_two_factors_and_wrong_without():
    indices, y, unseen, truth = never_met()
    assert (len(y), len(truth)) == (156, 324)

    def error(k, **kwargs):
        machine = FactorizationMachine(k, n_features=48, reg=0.2, n_epochs=200, **kwargs)
        return rmse(machine.fit((indices, None), y).predict((unseen, None)), truth)

    linear, one = error(0), error(1, random_state=1)
    two = [error(2, random_state=seed) for seed in (1, 2)]
    assert linear == pytest.approx(2.03, abs=0.05)
    assert one == pytest.approx(1.62, abs=0.1)
    assert max(two) < 0.35
    assert error(4) == pytest.approx(0.40, abs=0.1)
    assert error(2, solver="mcmc") < 0.3

    # A free weight for each pair: ridge on all products, at its best strength.
    i, j = np.triu_indices(48, 1)

    def with_pairs(rows):
        X = one_hot(rows, 48)
        return np.column_stack([X, X[:, i] * X[:, j]])

    free = min(
        rmse(Ridge(alpha=a).fit(with_pairs(indices), y).predict(with_pairs(unseen)), truth)
        for a in (0.01, 0.1, 1, 3)
    )
    assert free == pytest.approx(1.15, abs=0.1)


def test_groups_who_like_groups_come_out_of_clicks_too():
    rng = np.random.default_rng(12)
    user, film = np.divmod(np.arange(400), 20)
    likes = (user % 2 == film % 2).astype(int)
    held_out = rng.random(400) < 0.3
    rows = np.column_stack([user, 20 + film])
    for solver, n_epochs in (("als", 100), ("adam", 300)):
        machine = FactorizationMachine(
            1, reg=0.1, solver=solver, task="classification", n_features=40, n_epochs=n_epochs
        ).fit((rows[~held_out], None), likes[~held_out])
        np.testing.assert_array_equal(machine.predict((rows[held_out], None)), likes[held_out])
        p = machine.predict_proba((rows[held_out], None))
        assert np.all(np.abs(p - likes[held_out]) < 0.2)


def test_a_feature_never_seen_in_training_adds_nothing():
    rng = np.random.default_rng(13)
    rows = np.column_stack([rng.integers(0, 4, 60), rng.integers(5, 9, 60)])
    y = rng.normal(size=60)
    for solver in ("als", "adam"):
        machine = FactorizationMachine(2, solver=solver, n_features=10).fit((rows, None), y)
        new_user, nobody = machine.predict((np.array([[4, 6], [4, 9]]), None))
        assert new_user == pytest.approx(machine.w0_ + machine.w_[6])
        assert nobody == pytest.approx(machine.w0_)
        assert np.all(machine.V_[[4, 9]] == 0)


def test_equal_ratings_are_predicted_everywhere():
    rows = np.random.default_rng(14).integers(0, 5, (40, 2)) + np.array([0, 5])
    for solver in ("als", "mcmc"):
        machine = FactorizationMachine(2, solver=solver).fit((rows, None), np.full(40, 3.5))
        np.testing.assert_allclose(machine.predict((rows, None)), 3.5, atol=0.1)


# ---- bad input


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.ones(3), r"X must be a table of numbers.*shape \(3,\)"),
        ([["a"]], "X must be a table of numbers"),
        ([[1.0, np.nan], [0, 0]], r"X\[0, 1\] is nan"),
        ((np.array([[0, 1]]),), "tuple .indices, values., got one of 1 parts"),
        ((np.array([[0.5, 1]]), None), "indices must be a table of whole numbers"),
        ((np.array([0, 1]), None), r"whole numbers.*shape \(2,\)"),
        ((np.array([[0, -1], [0, 1]]), None), r"indices\[0, 1\] is -1, expected 0 to 1"),
        ((np.array([[0, 1], [2, 2]]), None), "row 1 names feature 2 twice"),
        ((np.array([[0, 1], [0, 2]]), np.ones((2, 3))), r"shape \(2, 2\) and values \(2, 3\)"),
        ((np.array([[0, 1], [0, 2]]), [[1, np.inf], [0, 0]]), r"values\[0, 1\] is inf"),
        (np.empty((0, 3)), "nothing to learn from"),
        (np.empty((2, 0)), "nothing to learn from"),
        ((np.array([[0, 1], [1, 2]]), None), "feature 1 occurs in several columns.*adam"),
    ],
)
def test_bad_rows_are_refused_with_the_place(rows, message):
    with pytest.raises(ValueError, match=message):
        FactorizationMachine(2).fit(rows, [1.0, 2.0])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([1.0], r"one number for each of the 2 rows.*\(1,\)"),
        ([1.0, np.nan], r"y\[1\] is nan"),
        (["a", "b"], "one number for each"),
    ],
)
def test_bad_targets_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        FactorizationMachine(2).fit(np.eye(2), y)


def test_labels_other_than_0_and_1_or_all_alike_are_refused():
    for y in ([0, 2], [1, 1]):
        with pytest.raises(ValueError, match="labels 0 and 1, both of them"):
            FactorizationMachine(2, task="classification").fit(np.eye(2), y)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_factors": -1},
        {"reg": -0.1},
        {"reg_linear": np.nan},
        {"n_epochs": 0},
        {"learning_rate": 0},
        {"batch_size": 1.5},
        {"n_features": 0},
        {"solver": "sgd"},
        {"task": "ranking"},
        {"solver": "mcmc", "task": "classification"},
    ],
)
def test_a_hyper_parameter_that_makes_no_sense_is_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        FactorizationMachine(**wrong).fit(np.eye(2), [0, 1])


def test_unknown_features_at_prediction_say_what_to_do():
    machine = FactorizationMachine(2).fit((np.array([[0, 2], [1, 3]]), None), [1, 2])
    with pytest.raises(ValueError, match=r"indices\[0, 1\] is 4.*fitted with 4.*FeatureEncoder"):
        machine.predict((np.array([[0, 4]]), None))
    with pytest.raises(ValueError, match="X has 3 columns, expected 4"):
        machine.predict(np.ones((1, 3)))
    with pytest.raises(RuntimeError, match="not fitted yet"):
        FactorizationMachine().predict(np.eye(2))
    with pytest.raises(ValueError, match="needs task='classification'"):
        machine.predict_proba(np.eye(4))


def test_a_fit_that_diverges_stops_and_says_so():
    indices, y, *_ = never_met()
    with pytest.raises(FloatingPointError, match=r"diverged.*lower learning_rate"):
        FactorizationMachine(2, solver="adam", learning_rate=1e200).fit((indices, None), y)
    with pytest.raises(FloatingPointError, match="huge numbers"):
        FactorizationMachine(2).fit((indices, None), y * 1e200)


def test_a_score_too_large_for_a_number_is_an_error_and_not_a_nan():
    machine = fitted_with(0, np.ones(2), np.ones((2, 1)))
    with pytest.raises(ValueError, match=r"row 1 scores .*too large"):
        machine.predict([[1, 1], [1e200, 1e200]])


# ---- DeepFM


def triples(seed=15, n_rows=1200):
    """Labels that no pair of fields tells: the parity of three coins."""
    rng = np.random.default_rng(seed)
    coins = rng.integers(0, 2, (n_rows, 3))
    return (coins + np.array([0, 2, 4]), None), coins.sum(axis=1) % 2


def test_deepfm_learns_what_three_features_do_together_and_pairs_cannot():
    rows, y = triples()
    pairs = FactorizationMachine(4, reg=0.1, task="classification").fit(rows, y)
    deep = DeepFM(4, (16,), reg=0.1, learning_rate=0.02, n_epochs=15).fit(rows, y)
    assert roc_auc_score(y, pairs.decision_function(rows)) < 0.65
    assert (deep.predict(rows) == y).all()
    assert deep.loss_[-1] < 0.1 * deep.loss_[0]


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_deepfm_scores_and_learns_as_pytorch_does(task):
    rng = np.random.default_rng(16)
    indices = rng.integers(0, 4, (40, 3)) + np.array([0, 4, 8])
    values, y = rng.normal(size=(40, 3)), (rng.random(40) > 0.5).astype(float)
    film = []

    def remember(epoch, model):
        network = [part.copy() for layer in model.layers_ for part in layer.parameters]
        film.append((np.array(model.w0_), model.w_.copy(), model.V_.copy(), *network))

    how = dict(reg=0.5, task=task, batch_size=40, random_state=2)
    for learning_rate, n_epochs in ((1e-300, 1), (0.05, 4)):
        machine = DeepFM(
            2, (5, 4), n_epochs=n_epochs, learning_rate=learning_rate, callback=remember, **how
        ).fit((indices, values), y)
    parameters = [torch.tensor(part, requires_grad=True) for part in film[0]]
    optimizer = torch.optim.Adam(parameters, lr=0.05)

    def score():
        w0, w, V, *network = parameters
        x = torch.tensor(values)
        out = (x[..., None] * V[indices]).reshape(40, -1)
        for W, b in zip(network[:-2:2], network[1:-2:2]):
            out = torch.relu(out @ W + b)
        deep = (out @ network[-2] + network[-1])[:, 0]
        return torch_machine(torch.tensor(indices), x, w0, w, V) + deep

    for after in film[1:]:
        optimizer.zero_grad()
        target = torch.tensor(y)
        if task == "regression":
            loss = ((score() - target) ** 2).sum() / 2
        else:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                score(), target, reduction="sum"
            )
        loss = loss + 0.25 * ((parameters[1] ** 2).sum() + (parameters[2] ** 2).sum())
        (loss / 40).backward()
        optimizer.step()
        for ours, theirs in zip(after, parameters):
            np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(
        machine.decision_function((indices, values)), score().detach().numpy(), atol=1e-6
    )


def test_deepfm_takes_dense_rows_and_the_same_seed_gives_the_same_numbers():
    (indices, _), y = triples(n_rows=200)
    dense = one_hot(indices, 6)
    one, two = (DeepFM(2, (4,), n_epochs=2).fit(dense, y).predict_proba(dense) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert np.all((one > 0) & (one < 1))


def test_deepfm_refuses_rows_of_another_length_and_layers_without_units():
    rows, y = triples(n_rows=50)
    machine = DeepFM(2, (4,), n_epochs=1, n_features=8).fit(rows, y)
    with pytest.raises(ValueError, match="rows have 2 fields, expected 3"):
        machine.predict((np.array([[0, 2]]), None))
    for wrong in ({"hidden": (4, 0)}, {"hidden": 4}, {"n_factors": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            DeepFM(**wrong).fit(rows, y)
    with pytest.raises(FloatingPointError, match="diverged"):
        DeepFM(2, learning_rate=1e200).fit(rows, y)


# ---- the encoder


def test_values_are_numbered_by_field_and_unseen_ones_get_the_number_of_their_field():
    encoder = FeatureEncoder()
    rows, values = encoder.fit_transform({"user": ["Bo", "Ada", "Bo"], "year": [1999, 2007, 1950]})
    assert values is None
    np.testing.assert_array_equal(rows, [[2, 5], [1, 6], [2, 4]])
    unseen, _ = encoder.transform({"user": ["Zoe", "Ada"], "year": [1950, 2000]})
    np.testing.assert_array_equal(unseen, [[0, 4], [1, 3]])
    assert encoder.n_features_ == 7
    assert encoder.feature_names_[:4] == ["user=(unseen)", "user=Ada", "user=Bo", "year=(unseen)"]


def test_an_unseen_user_gets_the_film_and_nothing_else():
    rng = np.random.default_rng(17)
    table = {"user": rng.choice(["Ada", "Bo", "Cem"], 50), "film": rng.integers(0, 6, 50)}
    encoder = FeatureEncoder()
    rows = encoder.fit_transform(table)
    machine = FactorizationMachine(2, n_features=encoder.n_features_)
    machine.fit(rows, rng.normal(size=50))
    film = encoder.feature_names_.index("film=4")
    score = machine.predict(encoder.transform({"user": ["Fay"], "film": [4]}))
    assert score[0] == pytest.approx(machine.w0_ + machine.w_[film])


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(-3, 3)), min_size=1, max_size=30))
def test_every_row_can_be_read_back_from_its_numbers(pairs):
    words, numbers = map(list, zip(*pairs))
    encoder = FeatureEncoder()
    rows, _ = encoder.fit_transform({"word": words, "number": numbers})
    names = np.array(encoder.feature_names_, dtype=object)[rows]
    assert names.tolist() == [
        [f"word={np.str_(word)}", f"number={number}"] for word, number in pairs
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "expected a dict"),
        ([["Ada", 1]], "expected a dict"),
        ({"user": [1, 2], "film": [1]}, "equal length"),
        ({"user": [[1]]}, "one-dimensional"),
        ({"user": []}, "no rows"),
        ({"user": [0.5, 1.5]}, "float64, expected text or whole numbers.*bins"),
        ({"user": np.array(["Ada", None], dtype=object)}, "mixes"),
    ],
)
def test_tables_that_cannot_be_numbered_are_refused(table, message):
    with pytest.raises(ValueError, match=message):
        FeatureEncoder().fit(table)


def test_a_table_with_other_fields_or_kinds_than_in_fit_is_refused():
    encoder = FeatureEncoder().fit({"user": ["Ada"], "film": [1]})
    with pytest.raises(ValueError, match=r"fields \['film'\], expected \['film', 'user'\]"):
        encoder.transform({"film": [1]})
    with pytest.raises(ValueError, match="'film' holds text, but held whole numbers"):
        encoder.transform({"user": ["Ada"], "film": ["1"]})
    with pytest.raises(RuntimeError, match="not fitted yet"):
        FeatureEncoder().transform({"user": ["Ada"]})
