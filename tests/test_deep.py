"""The softmax network and the two towers: PyTorch, factorization in disguise, and known results."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_lab.data import Interactions
from recsys_lab.deep import (
    SoftmaxRecommender,
    TwoTower,
    grad_psi,
    linear_tower,
    sampled_log_normalizer,
    sampled_softmax_loss,
)
from recsys_lab.deep import two_tower as two_tower_module
from recsys_lab.deep.losses import drawn_loss, in_batch_loss
from recsys_lab.deep.softmax import hide
from recsys_lab.deep.tower import Inputs, Tower, read_features, segments
from recsys_lab.nn import Dense, log_normalizer, softmax, softmax_cross_entropy

NEGATIVES = ("in-batch", "uniform", "popularity")


def interactions_of(table):
    """Interactions where a 0/1 table has its ones."""
    users, items = np.nonzero(table)
    return Interactions(users, items, np.ones(len(users)), *np.shape(table))


def board(groups=3, users=10, items=8, withheld=0.25, seed=0):
    """Groups of users who like groups of items, and which of the pairs are withheld."""
    same = np.kron(np.eye(groups, dtype=bool), np.ones((users, items), dtype=bool))
    hidden = same & (np.random.default_rng(seed).random(same.shape) < withheld)
    return same, hidden


def a_few(seed=0, m=12, n=9, share=0.4):
    return interactions_of(np.random.default_rng(seed).random((m, n)) < share)


def spearman(a, b):
    return np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1]


class TorchAdam:
    """PyTorch's Adam for dense parameters, and its sparse one for tables of which rows are used.

    The sparse one adds ε before it undoes the start of its averages at zero, the dense one (and
    ours) after it: an ε that starts small and grows makes them one.
    """

    def __init__(self, dense, tables, learning_rate=0.01):
        self.dense = torch.optim.Adam(dense, learning_rate)
        self.sparse = torch.optim.SparseAdam(tables, learning_rate)
        self.t = 0

    def step(self, loss):
        self.t += 1
        self.sparse.param_groups[0]["eps"] = 1e-8 * (1 - 0.999**self.t) ** 0.5
        for optimizer in (self.dense, self.sparse):
            optimizer.zero_grad()
        loss.backward()
        for optimizer in (self.dense, self.sparse):
            optimizer.step()


MODELS = {
    "softmax": SoftmaxRecommender,
    "softmax without hidden layers": partial(SoftmaxRecommender, hidden=()),
    "softmax with two hidden layers": partial(SoftmaxRecommender, hidden=(32, 16)),
    "softmax on ids": partial(SoftmaxRecommender, history=False),
    **{f"two towers, {kind}": partial(TwoTower, negatives=kind) for kind in NEGATIVES},
    "two towers, no correction": partial(TwoTower, log_q=False),
    "two towers of unit length": partial(TwoTower, temperature=0.1),
}
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


# ---- both models


@every_model
def test_withheld_pairs_of_a_checkerboard_come_before_everything_from_other_groups(make):
    same, hidden = board()
    model = make().fit(interactions_of(same & ~hidden))
    scores = model.score_all(np.arange(len(same)))
    right = [s[h].min() > s[~g].max() for s, h, g in zip(scores, hidden, same) if h.any()]
    assert np.mean(right) >= 0.9
    user = int(np.flatnonzero(hidden.any(axis=1))[0])
    best, _ = model.recommend(user, n=hidden[user].sum())
    assert set(best) == set(np.flatnonzero(hidden[user]))


@every_model
def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(make):
    X = a_few()
    first, second, other = (make(n_epochs=2, random_state=seed).fit(X) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.score_all(np.arange(12)), second.score_all(np.arange(12)))
    assert first.losses_ == second.losses_ != other.losses_


@every_model
def test_the_loss_falls_and_scores_are_dot_products_of_the_embeddings(make):
    X = a_few()
    model = make().fit(X)
    assert len(model.losses_) == model.n_epochs
    assert np.mean(model.losses_[-3:]) < model.losses_[0]
    dots = model.user_factors_ @ model.item_factors_.T
    np.testing.assert_allclose(model.score_all(np.arange(12)), dots, atol=1e-5)
    np.testing.assert_allclose(
        model.predict([[3], [11]], [0, 8]), dots[[3, 11]][:, [0, 8]], atol=1e-5
    )
    assert model.predict(3, 4) == pytest.approx(dots[3, 4], abs=1e-5)


@every_model
def test_single_precision_is_near_to_double(make):
    X = a_few()
    single, double = (make(n_epochs=5, dtype=t).fit(X) for t in (np.float32, np.float64))
    assert single.user_factors_.dtype == single.item_factors_.dtype == np.float32
    assert double.user_factors_.dtype == double.item_factors_.dtype == np.float64
    np.testing.assert_allclose(single.losses_, double.losses_, atol=1e-4)
    # Softmax losses say nothing about a constant of the user: there, only rounding moves Adam.
    ours, exact = (
        s - s.mean(axis=1, keepdims=True)
        for s in (model.score_all(np.arange(12)) for model in (single, double))
    )
    np.testing.assert_allclose(ours, exact, atol=5e-3)


@every_model
def test_a_callback_sees_a_model_that_recommends_after_every_epoch(make):
    seen = []

    def watch(epoch, model):
        seen.append((epoch, len(model.losses_), model.recommend(0, n=1)[0][0], model.item_factors_))

    X = a_few()
    model = make(n_epochs=3, callback=watch).fit(X)
    assert [(epoch, losses) for epoch, losses, *_ in seen] == [(0, 1), (1, 2), (2, 3)]
    assert not np.array_equal(seen[0][-1], seen[1][-1])  # a film of the training needs copies
    silent = make(n_epochs=3).fit(X)
    np.testing.assert_array_equal(silent.item_factors_, model.item_factors_)


def test_a_progress_bar_changes_nothing(capsys):
    X = a_few()
    loud = SoftmaxRecommender(n_epochs=2, progress=True).fit(X)
    assert "SoftmaxRecommender" in capsys.readouterr().err
    assert loud.losses_ == SoftmaxRecommender(n_epochs=2).fit(X).losses_


@every_model
def test_users_and_items_without_interactions_get_finite_scores(make):
    same, _ = board(2, 10, 8)
    table = np.zeros((23, 18), dtype=bool)
    table[:20, :16] = same
    scores = make().fit(interactions_of(table)).score_all(np.arange(23))
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores[20:], np.tile(scores[:20].mean(axis=0), (3, 1)), atol=1e-3)


@pytest.mark.parametrize("make", [SoftmaxRecommender, partial(TwoTower, negatives="uniform")])
def test_an_item_that_was_only_ever_a_wrong_answer_scores_low(make):
    same, _ = board(2, 10, 8)
    model = make().fit(interactions_of(np.column_stack([same, np.zeros((20, 4))])))
    scores = model.score_all(np.arange(20))
    liked = scores[:, :16].min(where=same, initial=np.inf, axis=1)
    assert np.all(scores[:, 16:].max(axis=1) < liked)


@pytest.mark.parametrize("negatives", ["in-batch", "popularity"])
def test_an_item_that_never_came_into_training_gets_the_mean_of_the_others(negatives):
    same, _ = board(2, 10, 8)
    model = TwoTower(negatives=negatives).fit(
        interactions_of(np.column_stack([same, same[:, 0] * 0]))
    )
    np.testing.assert_allclose(
        model.item_factors_[-1], model.item_factors_[:-1].mean(axis=0), atol=1e-6
    )


@pytest.mark.parametrize("make", [SoftmaxRecommender, TwoTower])
def test_a_user_of_whom_nothing_is_known_is_offered_what_is_popular(make):
    r = np.random.default_rng(0)
    table = r.random((200, 30)) < np.linspace(0.05, 0.7, 30)
    table[-1] = False
    scores = make().fit(interactions_of(table)).score_all(np.array([199]))[0]
    assert spearman(scores, table.sum(axis=0)) > 0.8


@every_model
def test_a_learning_rate_that_explodes_stops_at_the_epoch_and_says_so(make):
    for n_epochs in (1, 5):
        with pytest.raises(FloatingPointError, match=r"diverged: the loss at epoch [01] .*lower"):
            make(learning_rate=1e30, n_epochs=n_epochs).fit(a_few())


@pytest.mark.parametrize("make", [SoftmaxRecommender, TwoTower])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_factors": 0}, "n_factors"),
        ({"n_epochs": 1.5}, "n_epochs"),
        ({"batch_size": -1}, "batch_size"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"hidden": 64}, r"such as \(64,\)"),
        ({"hidden": (64, 0)}, "each width in hidden"),
        ({"dtype": "float16"}, "dtype"),
    ],
)
def test_a_hyper_parameter_out_of_range_is_refused_in_fit(make, options, message):
    model = make(**options)
    with pytest.raises(ValueError, match=message):
        model.fit(a_few())


@pytest.mark.parametrize("make", [SoftmaxRecommender, TwoTower])
@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.zeros(12), "table"),
        (np.zeros((11, 2)), "12 users, got 11"),
        (np.array([["a"]] * 12), "floats"),
        (np.full((12, 1), np.nan), r"user_features\[0, 0\] is nan"),
        (np.full((12, 1), -2), "-1 for unknown; got -2"),
        ((np.zeros((12, 1)), np.zeros((11, 1), int)), "12 and 11 rows"),
        ((np.zeros((12, 1)), np.ones((12, 1))), "one of whole numbers"),
        ((), "pair"),
    ],
)
def test_features_that_fit_no_user_are_refused(make, features, message):
    with pytest.raises(ValueError, match=message):
        make().fit(a_few(), user_features=features)


@pytest.mark.parametrize("make", [SoftmaxRecommender, TwoTower])
def test_nothing_to_learn_from_and_nobody_known_are_refused(make):
    with pytest.raises(ValueError, match="no interaction"):
        make().fit(Interactions([], [], [], 3, 4))
    with pytest.raises(RuntimeError, match="not fitted"):
        make().score_all(np.array([0]))
    with pytest.raises(RuntimeError, match="not fitted"):
        make().embed_users()
    with pytest.raises(ValueError, match="0 to 11"):
        make(n_epochs=1).fit(a_few()).recommend(12)


@given(st.integers(0, 10_000), st.sampled_from(list(MODELS)), st.integers(1, 9))
@settings(max_examples=40)
def test_any_feedback_gives_finite_scores(seed, name, batch_size):
    r = np.random.default_rng(seed)
    table = r.random(r.integers(1, 7, 2)) < r.random()
    table[0, 0] = True
    model = MODELS[name](n_factors=3, n_epochs=2, batch_size=batch_size + 1)
    scores = model.fit(interactions_of(table)).score_all(np.arange(len(table)))
    assert scores.shape == table.shape
    assert np.isfinite(scores).all()


# ---- the tower


def test_all_kinds_of_inputs_together_are_one_dense_layer_on_a_long_row():
    r = np.random.default_rng(0)
    codes = np.array([[0, 2], [1, -1], [-1, 0], [1, 1]])
    bag = (np.array([3, 0, 4, 3, 1]), np.array([0, 2, 2, 4, 5]))
    inputs = Inputs(r.normal(size=(4, 2)), codes, bag)
    tower = Tower(inputs, 5, (6, 3), r, np.float64)
    one_hot = [np.where(codes[:, [c]] == np.arange(n), 1.0, 0) for c, n in enumerate((2, 3))]
    multi_hot = np.array([[0.5, 0, 0, 0.5, 0], [0] * 5, [0, 0, 0, 0.5, 0.5], [0, 1, 0, 0, 0]])
    x = np.column_stack([inputs.dense, *one_hot, multi_hot])
    (w, b), *tables = (layer.parameters for layer in tower.first)
    b[:] = r.normal(size=6)
    h = x @ np.concatenate([w, *(table for (table,) in tables)]) + b
    w2, b2 = tower.deeper[1].parameters
    np.testing.assert_allclose(tower.forward(inputs), np.maximum(h, 0) @ w2 + b2, atol=1e-12)


@pytest.mark.parametrize("unit_length", [False, True])
def test_the_gradients_of_a_whole_tower_are_its_slopes(unit_length):
    r = np.random.default_rng(1)
    bag = (np.array([3, 0, 4, 3, 1]), np.array([0, 2, 2, 4, 5]))
    inputs = Inputs(r.normal(size=(4, 2)), np.array([[0, 2], [1, -1], [-1, 0], [1, 1]]), bag)
    tower = Tower(inputs, 5, (6, 4, 3), r, np.float64, unit_length)
    weights = r.normal(size=(4, 3))
    tower.forward(inputs)
    tower.backward(weights)
    for layer in tower.layers:
        for parameter, gradient in zip(layer.parameters, layer.gradients):
            dense = gradient if isinstance(gradient, np.ndarray) else np.zeros_like(parameter)
            if dense is not gradient:
                dense[gradient.ids] = gradient.values
            direction = r.normal(size=parameter.shape)
            change = []
            for step in (1e-6, -1e-6):
                parameter += step * direction
                change.append((tower.forward(inputs) * weights).sum())
                parameter -= step * direction
            slope = (change[0] - change[1]) / 2e-6
            assert (dense * direction).sum() == pytest.approx(slope, abs=1e-6)


def test_segments_are_the_rows_asked_for_one_after_the_other():
    indptr = np.array([0, 2, 2, 5, 6])
    at, start = segments(indptr, np.array([2, 1, 0]))
    np.testing.assert_array_equal(at, [2, 3, 4, 0, 1])
    np.testing.assert_array_equal(start, [0, 3, 3, 5])


def test_a_category_that_never_trained_is_unknown():
    inputs = read_features(np.array([[5, 0], [7, 1]]), "item", np.float64)
    tower = Tower(inputs, 0, (4,), np.random.default_rng(0), np.float64)
    codes = tower.encode(read_features(np.array([[7, 9], [6, -1]]), "item", float), "item").codes
    np.testing.assert_array_equal(codes, [[1, -1], [-1, -1]])


# ---- the softmax network


def test_the_gradient_of_psi_is_what_was_expected_minus_what_came():
    r = np.random.default_rng(0)
    psi, V, y = r.normal(size=3), r.normal(size=(5, 3)), 2

    def loss(psi):
        return log_normalizer(V @ psi) - V[y] @ psi

    slope = [(loss(psi + 1e-6 * e) - loss(psi - 1e-6 * e)) / 2e-6 for e in np.eye(3)]
    np.testing.assert_allclose(grad_psi(psi, V, y), slope, atol=1e-6)
    both = grad_psi(np.stack([psi, -psi]), V, [y, 0])
    np.testing.assert_allclose(both, [grad_psi(psi, V, y), grad_psi(-psi, V, 0)], atol=1e-15)


def test_the_gradient_of_psi_is_what_the_output_layer_hands_back():
    r = np.random.default_rng(0)
    psi, y, output = r.normal(size=(4, 3)), np.array([1, 0, 4, 4]), Dense(3, 5, r, bias=False)
    _, gradient = softmax_cross_entropy(output.forward(psi), y)
    V = output.parameters[0].T
    np.testing.assert_allclose(output.backward(gradient), grad_psi(psi, V, y) / 4, atol=1e-15)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.integers(0, 100))
def test_what_is_asked_for_is_never_in_the_bag_and_everyone_is_asked_something(sizes, seed):
    items = np.concatenate([np.arange(size) * 10 + i for i, size in enumerate(sizes)])
    indptr = np.cumsum([0, *sizes])
    (ids, kept), (rows, asked) = hide(items, indptr, 0.5, np.random.default_rng(seed))
    for i in range(len(sizes)):
        bag, wanted = ids[kept[i] : kept[i + 1]], asked[rows == i]
        assert len(wanted) >= 1
        assert sorted([*bag, *wanted]) == list(items[indptr[i] : indptr[i + 1]])


def test_half_of_a_long_history_is_asked_for_and_all_of_it_where_there_is_no_bag():
    history = np.arange(4000), np.array([0, 4000])
    (ids, _), (_, asked) = hide(*history, 0.5, np.random.default_rng(0))
    assert abs(len(ids) - 2000) < 150
    (ids, kept), (_, asked) = hide(*history, 0, np.random.default_rng(0))
    np.testing.assert_array_equal(asked, history[0])
    assert (len(ids), list(kept)) == (0, [0, 0])


@pytest.mark.parametrize("features", ["id as a category", "id as one-hot numbers"])
def test_one_hot_ids_and_no_hidden_layer_are_matrix_factorization_to_the_last_digit(features):
    m, n, d = 30, 20, 3
    X = a_few(1, m, n)
    one_hot = None if features == "id as a category" else np.eye(m)
    model = SoftmaxRecommender(d, hidden=(), history=False, n_epochs=5, dtype=np.float64)
    model.fit(X, user_features=one_hot)
    layer = model.tower_.fields[0] if one_hot is None else model.tower_.dense
    U = layer.parameters[0] + model.tower_.dense.parameters[1]  # a row a user, and the offset
    V = model.output_.parameters[0].T
    assert np.abs(model.score_all(np.arange(m)) - U @ V.T).max() == 0.0


def test_features_and_an_activation_are_no_longer_matrix_factorization():
    m, n, d = 30, 20, 3
    X = a_few(1, m, n)
    r = np.random.default_rng(0)
    age_and_country = (r.normal(size=(m, 1)), r.integers(0, 4, (m, 1)))
    model = SoftmaxRecommender(d, hidden=(8,), history=False, n_epochs=5).fit(X, age_and_country)
    twins = SoftmaxRecommender(d, hidden=(8,), history=False, n_epochs=5)
    twins.fit(X, (np.zeros((m, 1)), np.arange(m)[:, None] % 2))
    scores = twins.score_all(np.arange(m))
    np.testing.assert_array_equal(scores[0], scores[2])  # same features, same list
    assert not np.array_equal(*model.score_all(np.array([0, 2])))


@pytest.mark.parametrize("hidden", [(), (7,)])
def test_softmax_training_follows_the_loss_curve_of_the_same_network_in_pytorch(hidden):
    m, n, d = 25, 18, 4
    X = a_few(2, m, n)
    dense = np.random.default_rng(5).normal(size=(m, 2))
    codes = np.random.default_rng(6).integers(0, 3, (m, 1))
    ours = SoftmaxRecommender(d, hidden, n_epochs=6, batch_size=8, dtype=np.float64)
    ours.fit(X, (dense, codes))

    rng = np.random.default_rng(0)
    indptr, items, _ = X.by_user
    inputs = Inputs(dense, codes, (items, indptr))
    tower = Tower(inputs, n, (*hidden, d), rng, np.float64)
    output = Dense(d, n, rng, bias=False)

    def leaf(array):
        return torch.tensor(array, requires_grad=True)

    w, b = map(leaf, tower.dense.parameters)
    tables = [leaf(layer.parameters[0]) for layer in (*tower.fields, *tower.history)]
    deeper = [list(map(leaf, layer.parameters)) for layer in tower.deeper if layer.parameters]
    V = leaf(output.parameters[0])
    rest = [w, b, V, *(p for pair in deeper for p in pair)]
    adam = TorchAdam(rest, tables)
    losses = []
    for _ in range(6):
        total = 0
        for users in np.array_split(rng.permutation(m), 4):
            query = inputs.take(users)
            bag, (rows, asked) = hide(*query.bag, 0.5, rng)
            x = torch.tensor(query.dense) @ w + b
            x = x + torch.nn.functional.embedding(
                torch.tensor(query.codes[:, 0]), tables[0], sparse=True
            )
            x = x + torch.nn.functional.embedding_bag(
                torch.tensor(bag[0]),
                tables[1],
                torch.tensor(bag[1]),
                mode="mean",
                include_last_offset=True,
                sparse=True,
            )
            for weights, bias in deeper:
                x = torch.relu(x) @ weights + bias
            p = np.zeros((len(users), n))
            p[rows, asked] = 1
            p = torch.tensor(p / p.sum(axis=1, keepdims=True))
            loss = torch.nn.functional.cross_entropy(x @ V, p)
            adam.step(loss)
            total += loss.item() * len(users)
        losses.append(total / m)
    np.testing.assert_allclose(ours.losses_, losses, atol=1e-9)
    np.testing.assert_allclose(ours.item_factors_, V.detach().T, atol=1e-7)


def test_a_new_user_with_the_history_of_a_known_one_gets_the_same_embedding():
    X = a_few()
    model = SoftmaxRecommender(n_epochs=5).fit(X)
    new = interactions_of(X.to_dense()[[4, 0]] > 0)
    np.testing.assert_allclose(model.embed_users(new), model.user_factors_[[4, 0]], atol=1e-6)
    nobody = Interactions([], [], [], 1, 9)
    np.testing.assert_allclose(
        model.embed_users(nobody)[0], model.user_factors_.mean(axis=0), atol=1e-6
    )


def test_a_new_user_with_features_alone_gets_an_embedding_where_the_model_has_no_histories():
    X, r = a_few(), np.random.default_rng(0)
    features = r.normal(size=(12, 2)), r.integers(0, 3, (12, 1))
    model = SoftmaxRecommender(n_epochs=5, history=False).fit(X, features)
    some = features[0][[4, 0]], features[1][[4, 0]]
    np.testing.assert_allclose(
        model.embed_users(user_features=some), model.user_factors_[[4, 0]], atol=1e-6
    )
    with pytest.raises(ValueError, match="give user_features"):
        model.embed_users()
    with pytest.raises(ValueError, match="2 numbers and 1 categories a user, got 3 and 0"):
        model.embed_users(user_features=np.zeros((1, 3)))
    with pytest.raises(ValueError, match="9 items"):
        SoftmaxRecommender(n_epochs=1).fit(X).embed_users(Interactions([], [], [], 1, 8))


def test_side_features_tell_apart_users_whose_histories_do_not():
    # Everyone has seen item 0; what comes next is decided by the language, a feature.
    language = np.arange(40) % 2
    table = np.zeros((40, 11), dtype=bool)
    table[:, 0] = True
    seen = np.random.default_rng(0).random((40, 5)) < 0.5
    for k in (0, 1):
        table[language == k, 1 + 5 * k : 6 + 5 * k] = seen[language == k]
    model = SoftmaxRecommender().fit(interactions_of(table), language[:, None])
    newcomers = interactions_of(np.eye(11)[[0, 0]])
    scores = model.embed_users(newcomers, np.array([[0], [1]])) @ model.item_factors_.T
    assert scores[0, 1:6].min() > scores[0, 6:].max()
    assert scores[1, 6:].min() > scores[1, 1:6].max()


# ---- two towers and their negatives


def test_the_sampling_tax_and_its_refund():
    # 2,000 items with logits N(0, 1), 128 of them drawn with q ∝ 1/rank, 400 times.
    r = np.random.default_rng(0)
    q = 1 / np.arange(1, 2001)
    q /= q.sum()
    z = r.normal(0, 1, 2000)
    assert log_normalizer(z) == pytest.approx(8.06, abs=0.005)
    for expected, spread, corrected in ((5.22, 0.09, False), (8.02, 0.27, True)):
        drawn = np.stack([r.choice(2000, 128, p=q) for _ in range(400)])
        estimate = sampled_log_normalizer(z[drawn], np.log(q)[drawn] if corrected else None)
        assert estimate.mean() == pytest.approx(expected, abs=0.005)
        assert estimate.std() == pytest.approx(spread, abs=0.005)


@pytest.mark.parametrize("loss_of", [in_batch_loss, drawn_loss])
def test_the_losses_of_the_towers_hand_back_their_slopes(loss_of):
    r = np.random.default_rng(0)
    psi, phi = r.normal(size=(4, 3)), r.normal(size=(4 if loss_of is in_batch_loss else 9, 3))
    log_q = np.log(r.random(len(phi)))
    _, *gradients = loss_of(psi, phi, log_q)
    for x, gradient in zip((psi, phi), gradients):
        slope = np.empty_like(x)
        for at in np.ndindex(x.shape):
            kept, losses = x[at], []
            for x[at] in (kept + 1e-6, kept - 1e-6):
                losses.append(loss_of(psi, phi, log_q)[0])
            x[at], slope[at] = kept, (losses[0] - losses[1]) / 2e-6
        np.testing.assert_allclose(gradient, slope, atol=1e-8)


def test_in_a_batch_every_other_positive_is_a_negative():
    r = np.random.default_rng(0)
    psi, phi, log_q = r.normal(size=(4, 3)), r.normal(size=(4, 3)), np.log(r.random(4))
    expected = 0.0
    for t in range(4):
        others = np.delete(np.arange(4), t)
        expected += sampled_softmax_loss(
            psi[[t]] @ phi[t], psi[[t]] @ phi[others].T, log_q[[t]], log_q[others]
        )[0]
    assert in_batch_loss(psi, phi, log_q)[0] == pytest.approx(expected / 4)


@pytest.mark.parametrize("negatives", NEGATIVES)
@pytest.mark.parametrize("temperature", [None, 0.3])
def test_two_tower_training_follows_the_loss_curve_of_the_same_network_in_pytorch(
    negatives, temperature
):
    m, n, d = 25, 18, 4
    X = a_few(2, m, n)
    # Wide enough that no user starts with every ReLU shut, at a zero vector without direction.
    genres = np.random.default_rng(5).random((n, 3))
    ours = TwoTower(
        d,
        (16,),
        negatives,
        n_negatives=10,
        temperature=temperature,
        n_epochs=4,
        batch_size=32,
        dtype=np.float64,
    ).fit(X, item_features=genres)

    rng = np.random.default_rng(0)
    ids = Inputs(np.zeros((m, 0)), np.arange(m)[:, None])
    towers = [
        Tower(side, 0, (16, d), rng, np.float64)
        for side in (ids, Inputs(genres, np.zeros((n, 0), int)))
    ]
    leaves = [
        [torch.tensor(p, requires_grad=True) for layer in tower.layers for p in layer.parameters]
        for tower in towers
    ]
    (_, b0, table, w1, b1), (v0, c0, v1, c1) = leaves
    adam = TorchAdam([b0, w1, b1, *leaves[1]], [table])
    count = np.bincount(X.items, minlength=n)
    q = np.ones(n) if negatives == "uniform" else count
    q = q / q.sum()
    losses = []
    for _ in range(4):
        total = 0
        for batch in np.array_split(rng.permutation(len(X)), -(-len(X) // 32)):
            b = len(batch)
            drawn = rng.random(0 if negatives == "in-batch" else 10)
            candidates = np.r_[X.items[batch], (drawn[:, None] >= np.cumsum(q)).sum(axis=1)]
            x = torch.nn.functional.embedding(torch.tensor(X.users[batch]), table, sparse=True)
            psi = torch.relu(x + b0) @ w1 + b1
            phi = torch.relu(torch.tensor(genres[candidates]) @ v0 + c0) @ v1 + c1
            if temperature is not None:
                psi, phi = (torch.nn.functional.normalize(e) for e in (psi, phi))
            z = psi @ phi.T / (temperature or 1) - torch.tensor(np.log(q[candidates]))
            if negatives != "in-batch":
                z = torch.cat([z.diagonal()[:, None], z[:, b:]], dim=1)
            right = torch.arange(b) if negatives == "in-batch" else torch.zeros(b, dtype=int)
            loss = torch.nn.functional.cross_entropy(z, right)
            adam.step(loss)
            total += loss.item() * b
        losses.append(total / len(X))
    np.testing.assert_allclose(ours.losses_, losses, atol=1e-9)


@pytest.mark.parametrize("negatives", NEGATIVES)
def test_the_correction_turns_surprise_into_preference(negatives):
    # One kind of user, items liked with different frequency: log p is the log of the counts.
    # The sample is as popular (log q = log p, so nothing is left to learn) or uniform.
    table = np.random.default_rng(0).random((2000, 6)) < [0.6, 0.4, 0.25, 0.15, 0.1, 0.06]
    X, ones = interactions_of(table), np.ones((2000, 1))
    log_p = np.log(table.sum(axis=0))
    spread = {}
    for log_q in (True, False):
        model = TwoTower(4, (), negatives, log_q, n_epochs=30, n_negatives=64).fit(X, ones)
        scores = model.score_all(np.array([0]))[0]
        spread[log_q] = scores - scores.mean()
    np.testing.assert_allclose(spread[True], log_p - log_p.mean(), atol=0.25)
    left = 0 if negatives != "uniform" else log_p - log_p.mean()
    np.testing.assert_allclose(spread[False], left, atol=0.25)


def test_negatives_in_proportion_to_popularity_are_drawn_so_and_never_an_item_nobody_took(
    monkeypatch,
):
    drawn = []

    def spy(psi, phi, log_q):
        drawn.append(log_q[len(psi) :])
        return drawn_loss(psi, phi, log_q)

    monkeypatch.setattr(two_tower_module, "drawn_loss", spy)
    table = np.zeros((60, 5), dtype=bool)
    for j, count in enumerate((40, 20, 10, 0, 5)):
        table[:count, j] = True
    model = TwoTower(4, (), "popularity", n_negatives=500, n_epochs=20, batch_size=25)
    model.fit(interactions_of(table))
    share = np.exp(np.concatenate(drawn)).round(5)
    values, counts = np.unique(share, return_counts=True)
    np.testing.assert_allclose(values, np.array([5, 10, 20, 40]) / 75, atol=1e-4)
    np.testing.assert_allclose(counts / counts.sum(), values, atol=0.01)


def test_embeddings_with_a_temperature_have_length_one():
    model = TwoTower(temperature=0.2, n_epochs=3).fit(interactions_of(board()[0]))
    for factors in (model.user_factors_, model.item_factors_):
        np.testing.assert_allclose(np.linalg.norm(factors, axis=1), 1, atol=1e-5)


def test_a_new_film_finds_its_audience_from_its_features_alone():
    same, _ = board(3, 20, 8)
    features = np.repeat(np.eye(3), 8, axis=0) + np.random.default_rng(0).normal(0, 0.1, (24, 3))
    seen = same & (np.random.default_rng(1).random(same.shape) < 0.5)
    model = TwoTower().fit(interactions_of(seen), item_features=features)
    newcomers = model.embed_items(np.eye(3))
    scores = model.user_factors_ @ newcomers.T  # (60, 3)
    assert (scores.argmax(axis=1) == np.repeat(np.arange(3), 20)).mean() > 0.95
    np.testing.assert_array_equal(model.embed_items(), model.item_factors_)
    np.testing.assert_allclose(model.embed_items(features[:5]), model.item_factors_[:5], atol=1e-5)


def test_an_id_beside_features_tells_items_of_one_genre_apart_and_minus_one_is_new():
    table = np.random.default_rng(0).random((60, 6)) < [0.9, 0.1] * 3
    X, genre, ids = interactions_of(table), np.ones((6, 1)), np.arange(6)[:, None]
    alike = TwoTower().fit(X, item_features=genre).item_factors_
    np.testing.assert_allclose(alike, np.tile(alike[0], (6, 1)), atol=1e-6)
    model = TwoTower().fit(X, item_features=(genre, ids))
    scores = (model.user_factors_ @ model.item_factors_.T).mean(axis=0)
    assert scores[::2].min() > scores[1::2].max()
    new = model.embed_items((np.ones((2, 1)), np.array([[-1], [99]])))
    np.testing.assert_array_equal(new[0], new[1])  # an id never seen is an unknown id
    known = model.embed_items((genre[:1], ids[:1]))
    np.testing.assert_allclose(known[0], model.item_factors_[0], atol=1e-6)
    assert not np.allclose(new[0], known[0])


def test_a_new_user_by_id_is_the_mean_of_the_known_ones():
    model = TwoTower(n_epochs=3).fit(a_few())
    np.testing.assert_allclose(
        model.embed_users(np.array([[3], [-1]])),
        [model.user_factors_[3], model.user_factors_.mean(axis=0)],
        atol=1e-6,
    )
    np.testing.assert_array_equal(model.embed_users(), model.user_factors_)


def test_a_linear_tower_is_ridge_and_places_a_new_film_where_its_features_belong():
    from sklearn.linear_model import Ridge

    r = np.random.default_rng(0)
    features = (r.random((40, 6)) < 0.4).astype(float)
    truth = r.normal(size=(6, 2))
    factors = features @ truth + 0.1 * r.normal(size=(40, 2))
    W = linear_tower(features, factors, reg=0.5)
    peer = Ridge(alpha=0.5, fit_intercept=False).fit(features, factors)
    np.testing.assert_allclose(W, peer.coef_.T, atol=1e-10)
    new = np.array([1, 0, 1, 0, 0, 1.0])
    assert np.linalg.norm(new @ W - new @ truth) < 0.2 * np.linalg.norm(new @ truth)


def test_settings_of_two_towers_that_cannot_work_are_refused():
    for options, message in (
        ({"negatives": "hard"}, "in-batch"),
        ({"n_negatives": 0}, "n_negatives"),
        ({"temperature": 0}, "temperature"),
        ({"batch_size": 1}, "at least 2"),
    ):
        with pytest.raises(ValueError, match=message):
            TwoTower(**options).fit(a_few())
    with pytest.raises(ValueError, match="9 items, got 8"):
        TwoTower().fit(a_few(), item_features=np.zeros((8, 2)))
    with pytest.raises(ValueError, match="one row an item"):
        linear_tower(np.zeros((3, 2)), np.zeros((4, 2)), 1.0)
    with pytest.raises(ValueError, match="reg"):
        linear_tower(np.zeros((3, 2)), np.zeros((3, 2)), 0)


def test_softmax_of_logits_is_the_probability_the_network_means():
    model = SoftmaxRecommender(n_epochs=5).fit(a_few())
    p = softmax(model.score_all(np.arange(12)))
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    order = np.argsort(-p[0], kind="stable")
    np.testing.assert_array_equal(
        order, np.argsort(-model.score_all(np.array([0]))[0], kind="stable")
    )
