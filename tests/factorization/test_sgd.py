"""Stochastic gradient descent: on ratings, and on pairs to be put in order."""

import numpy as np
import pytest

from recsys_lab.data import Interactions, split_random
from recsys_lab.factorization import ALS, BPR, SGDFactorization, taste_world
from recsys_lab.factorization.blocks import add_rows, start_factors, step_lengths
from recsys_lab.factorization.bpr import draw_unseen
from recsys_lab.popularity import Popularity


def ratings(seed=0, m=25, n=18, density=0.4, dtype=float):
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((m, n)) < density)
    taste = rng.normal(size=(m, 2)) @ rng.normal(size=(n, 2)).T
    stars = (3.5 + 0.5 * taste + 0.1 * rng.normal(size=(m, n)))[users, items]
    # One more user and one more item than took part.
    return Interactions(users, items, stars.astype(dtype), m + 1, n + 1)


def numeric_gradient(function, x, step=1e-6):
    gradient = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        for sign in (1, -1):
            moved = x.copy()
            moved[at] += sign * step
            gradient[at] += sign * function(moved) / (2 * step)
    return gradient


def textbook(data, d, reg, rate, n_epochs, seed=0):
    """Koren's loop, rating by rating, in the order the model draws."""
    rng = np.random.default_rng(seed)
    u = start_factors(rng, data.by_user[0], d + 2, float)
    v = start_factors(rng, data.by_item[0], d + 2, float)
    u, v, b, c = u[:, :d], v[:, :d], np.zeros(data.n_users), np.zeros(data.n_items)
    drawn = rng.permutation(len(data))
    mean = data.values.mean()
    for _ in range(n_epochs):
        for t in drawn[rng.permutation(len(data))]:
            i, j = data.users[t], data.items[t]
            e = data.values[t] - (mean + b[i] + c[j] + u[i] @ v[j])
            b[i], c[j] = b[i] + rate * (e - reg * b[i]), c[j] + rate * (e - reg * c[j])
            u[i], v[j] = (
                u[i] + rate * (e * v[j] - reg * u[i]),
                v[j] + rate * (e * u[i] - reg * v[j]),
            )
    return mean + b[:, None] + c + u @ v.T


def test_blocks_of_one_are_the_textbooks_loop():
    data = ratings()
    model = SGDFactorization(4, 0.05, 0.02, n_epochs=3, batch_size=1).fit(data)
    everyone = np.arange(data.n_users)
    assert np.allclose(model.score_all(everyone), textbook(data, 4, 0.05, 0.02, 3), atol=1e-12)


def test_blocks_differ_from_the_loop_no_more_than_another_order_of_the_ratings_does():
    data = ratings(m=200, n=100, density=0.2)
    exact = textbook(data, 4, 0.05, 0.02, 10)
    gap = {}
    for size in (2, 200):  # in twos the order is new, and next to nothing is taken together
        model = SGDFactorization(4, 0.05, 0.02, n_epochs=10, batch_size=size).fit(data)
        gap[size] = np.sqrt(((model.score_all(np.arange(data.n_users)) - exact) ** 2).mean())
    assert gap[200] < 1.1 * gap[2]


@pytest.mark.parametrize("biases", [True, False])
def test_a_step_is_half_the_gradient_of_the_penalized_error(biases):
    n, d, reg, rate = 6, 3, 0.3, 0.01
    rng = np.random.default_rng(0)
    data = Interactions(np.arange(n), np.arange(n), rng.normal(size=n), n, n)  # no row twice
    films = []
    model = SGDFactorization(d, reg, rate, n_epochs=2, biases=biases)
    model.callback = lambda _, m: films.append(
        np.column_stack([m.user_factors_, m.item_factors_, m.user_bias_, m.item_bias_])
    )
    model.fit(data)

    def loss(x):
        u, v, b, c = x[:, :d], x[:, d : 2 * d], x[:, -2], x[:, -1]
        error = data.values - model.mean_ - b - c - (u * v).sum(axis=1)
        return (error**2).sum() + reg * (x**2).sum()

    gradient = numeric_gradient(loss, films[0])
    if not biases:
        gradient[:, -2:] = 0
    assert np.allclose(films[1], films[0] - rate / 2 * gradient, atol=1e-8)


def test_many_steps_on_one_row_leave_what_as_many_single_steps_would():
    lengths = step_lengths(np.array([7, 3, 7, 7, 9]), 0.1, float)
    assert lengths[[1, 4], 0] == pytest.approx(0.1)
    assert 3 * lengths[0, 0] == pytest.approx(1 - 0.9**3)
    assert step_lengths(np.zeros(1000, int), 0.5, float).sum() <= 1 + 1e-12


def test_adding_rows_adds_repeats():
    rng = np.random.default_rng(0)
    rows, updates = rng.integers(0, 5, 40), rng.normal(size=(40, 3))
    table = np.ones((6, 3))
    add_rows(table, rows, updates)
    expected = np.ones((6, 3))
    for row, update in zip(rows, updates):
        expected[row] += update
    assert np.allclose(table, expected)


def test_it_learns_what_als_learns():
    train, test = split_random(ratings(m=300, n=150, density=0.2), 0.2)
    sgd = SGDFactorization(2, 0.02, 0.05, n_epochs=60).fit(train)
    als = ALS(2, 0.02, scale_reg=True).fit(train)
    errors = [
        np.sqrt(((m.predict(test.users, test.items) - test.values) ** 2).mean()) for m in (sgd, als)
    ]
    assert errors[0] < errors[1] + 0.02 < 0.25
    assert sgd.losses_[-1] < 0.1 * sgd.losses_[0]
    assert sgd.loss_ == sgd.losses_[-1]


def test_constant_ratings_are_predicted_as_that_constant():
    data = Interactions([0, 0, 1, 2], [0, 1, 1, 0], [3, 3, 3, 3], 3, 2)
    model = SGDFactorization(2, reg=0.1, learning_rate=0.1, n_epochs=200).fit(data)
    assert np.allclose(model.score_all([0, 1, 2]), 3, atol=0.05)


def test_who_never_rated_has_zero_factors_and_gets_the_items_biases():
    model = SGDFactorization(4).fit(ratings())
    assert not model.user_factors_[25].any()
    assert not model.item_factors_[18].any()
    assert np.allclose(model.score_all([25])[0], model.mean_ + model.item_bias_)
    bare = SGDFactorization(4, biases=False).fit(ratings())
    assert not bare.score_all([25]).any()
    assert bare.mean_ == 0


@pytest.mark.parametrize("model", [SGDFactorization(4, n_epochs=5), BPR(4, n_epochs=5)])
def test_single_precision_stays_near_double(model):
    scores = []
    for dtype in (np.float32, np.float64):
        model.fit(ratings(dtype=dtype))
        assert model.user_factors_.dtype == dtype
        scores.append(model.score_all(np.arange(26)))
    assert scores[0].dtype == np.float32
    assert np.allclose(*scores, atol=1e-4)


@pytest.mark.parametrize("rate", [3.0, 50.0])
@pytest.mark.parametrize("dtype", [np.float32, float])
def test_a_learning_rate_that_diverges_is_stopped_at_its_epoch(rate, dtype):
    with pytest.raises(
        FloatingPointError, match=r"epoch \d+ is (nan|inf); lower the learning_rate"
    ):
        SGDFactorization(4, learning_rate=rate, n_epochs=200).fit(ratings(dtype=dtype))


def test_bpr_that_diverges_is_stopped_too():
    with pytest.raises(FloatingPointError, match="lower the learning_rate"):
        BPR(4, learning_rate=50, reg=1, n_epochs=500).fit(ratings())


@pytest.mark.parametrize("model", [SGDFactorization, BPR])
@pytest.mark.parametrize(
    "options",
    [
        {"n_factors": 0},
        {"reg": -1},
        {"learning_rate": 0},
        {"learning_rate": np.inf},
        {"n_epochs": 1.5},
        {"batch_size": 0},
    ],
)
def test_a_strange_option_is_named(model, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        model(**options).fit(ratings())


# --- BPR --------------------------------------------------------------------------------------


def test_a_step_of_bpr_is_the_gradient_of_the_penalized_margin():
    rng = np.random.default_rng(0)
    n, d, reg, rate = 4, 3, 0.3, 0.01
    u, v = rng.normal(size=(n, d + 1)), rng.normal(size=(2 * n, d + 1))
    u[:, d] = 1
    users, liked, other = np.arange(n), np.arange(n), n + np.arange(n)  # no row twice

    def gain(u, v):
        margin = (u * (v[liked] - v[other])).sum(axis=1)
        penalty = (u[:, :d] ** 2).sum() + (v**2).sum()
        return -np.log1p(np.exp(-margin)).sum() - reg / 2 * penalty

    to_u = numeric_gradient(lambda x: gain(x, v), u)
    to_u[:, d] = 0  # the constant partner of the biases
    to_v = numeric_gradient(lambda x: gain(u, x), v)
    new_u, new_v = u.copy(), v.copy()
    BPR(d, reg, rate)._step(new_u, new_v, users, liked, other)
    assert np.allclose(new_u, u + rate * to_u, atol=1e-8)
    assert np.allclose(new_v, v + rate * to_v, atol=1e-8)


def test_drawn_items_are_unseen_and_all_unseen_are_drawn_alike():
    rng = np.random.default_rng(0)
    seen = rng.random((5, 8)) < 0.6
    seen[0], seen[0, 3] = True, False  # one item left
    data = Interactions(*np.nonzero(seen), np.ones(seen.sum()), 5, 8)
    users = np.repeat(np.arange(5), 4000)
    items = draw_unseen(data, users, rng)
    assert not seen[users, items].any()
    drawn = np.zeros((5, 8))
    np.add.at(drawn, (users, items), 1)
    expected = 4000 / (~seen).sum(axis=1, keepdims=True) * ~seen
    assert np.allclose(drawn, expected, atol=0.1 * 4000)
    assert (np.abs(drawn - expected) <= 5 * np.sqrt(np.maximum(expected, 1))).all()


def test_bpr_beats_popularity_where_tastes_differ():
    train, test = split_random(taste_world()[0], 0.2)
    relevant = test.to_dense() > 0

    def precision(model):
        best = [model.recommend(i, 5)[0] for i in range(train.n_users)]
        return np.take_along_axis(relevant, np.array(best), axis=1).mean()

    bpr = BPR(6, reg=0.05, n_epochs=60).fit(train)
    assert precision(bpr) > 1.15 * precision(Popularity("implicit").fit(train))
    assert bpr.losses_[0] == pytest.approx(np.log(2), abs=0.05)
    assert bpr.loss_ == bpr.losses_[-1] < 0.45


def test_values_do_not_matter_to_bpr():
    data = ratings()
    ones = Interactions(data.users, data.items, np.ones(len(data)), *data.shape)
    a, b = BPR(3, n_epochs=3).fit(data), BPR(3, n_epochs=3).fit(ones)
    assert np.array_equal(a.score_all([0]), b.score_all([0]))


def test_who_chose_nothing_or_everything_gets_what_is_popular():
    users, items = np.divmod(np.arange(8), 4)
    data = Interactions([*users[:4], 1, 2, 2], [*items[:4], 0, 0, 1], np.ones(7), 4, 4)
    model = BPR(3, n_epochs=50).fit(data)
    assert not model.user_factors_[[0, 3]].any()
    assert np.allclose(model.score_all([0, 3]), model.item_bias_)
    assert model.recommend(3)[0][0] == 0


def test_bpr_needs_something_that_was_not_chosen():
    with pytest.raises(ValueError, match="every user chose every item"):
        BPR().fit(Interactions([0, 0, 1, 1], [0, 1, 0, 1], np.ones(4), 2, 2))
