"""The recommender without taste."""

import numpy as np
import pytest

from recsys_lab.data import Interactions
from recsys_lab.popularity import Popularity, baseline


@pytest.fixture
def ratings():
    # Item 0: one 4.5; item 1: three 4s; item 2: 1 and 2; item 3: nothing. Mean of all: 3.25.
    return Interactions([0, 0, 1, 2, 1, 2], [0, 1, 1, 1, 2, 2], [4.5, 4, 4, 4, 1, 2], 4, 4)


def test_an_undamped_mean_crowns_the_film_of_one_fan(ratings):
    model = Popularity(damping=0).fit(ratings)
    assert np.allclose(model.item_scores_, [4.5, 4, 1.5, 3.25])
    assert model.recommend(3, n=1)[0].tolist() == [0]


def test_damping_pulls_a_mean_towards_the_mean_of_all(ratings):
    mean = 3.25
    model = Popularity(damping=5).fit(ratings)
    expected = [(4.5 + 5 * mean) / 6, (12 + 5 * mean) / 8, (3 + 5 * mean) / 7, mean]
    assert np.allclose(model.item_scores_, expected)
    assert model.recommend(3, n=1)[0].tolist() == [1]


def test_implicit_feedback_is_counted_not_averaged(ratings):
    model = Popularity(feedback="implicit").fit(ratings)
    assert model.item_scores_.tolist() == [1, 3, 2, 0]


def test_every_user_gets_the_same_list_less_what_was_seen(ratings):
    model = Popularity(feedback="implicit").fit(ratings)
    assert model.recommend(3)[0].tolist() == [1, 2, 0, 3]
    assert model.recommend(0)[0].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"feedback": "stars"}, "explicit"),
        ({"damping": -1}, "damping"),
        ({"damping": np.nan}, "damping"),
    ],
)
def test_a_strange_option_is_named_in_the_error(ratings, options, words):
    with pytest.raises(ValueError, match=words):
        Popularity(**options).fit(ratings)


def test_no_interaction_at_all_is_an_error():
    with pytest.raises(ValueError, match="no interaction"):
        Popularity().fit(Interactions([], [], [], 2, 3))


def random_ratings(seed, m=30, n=20):
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((m, n)) < 0.3)
    return Interactions(users, items, rng.integers(1, 6, len(users)), m, n)


@pytest.mark.parametrize("reg", [0.1, 10])
def test_the_baseline_is_the_ridge_regression_on_user_and_item(reg):
    ratings = random_ratings(0)
    mean, user_bias, item_bias = baseline(ratings, reg=reg, n_epochs=2000)
    X = np.zeros((len(ratings), 50))  # one-hot user, one-hot item
    X[np.arange(len(ratings)), ratings.users] = 1
    X[np.arange(len(ratings)), 30 + ratings.items] = 1
    expected = np.linalg.solve(X.T @ X + reg * np.eye(50), X.T @ (ratings.values - mean))
    assert mean == pytest.approx(ratings.values.mean())
    assert np.allclose(np.concatenate([user_bias, item_bias]), expected, atol=1e-6)


def test_twenty_turns_are_enough_for_the_baseline():
    # Two circles that rarely meet, one of them happy: is it the users, or is it the films?
    rng = np.random.default_rng(1)
    circle, film_circle = np.arange(60) % 2, np.arange(40) % 2
    share = np.where(circle[:, None] == film_circle, 0.6, 0.02)
    users, items = np.nonzero(rng.random((60, 40)) < share)
    stars = 2 + 2 * circle[users] + rng.integers(0, 2, len(users))
    ratings = Interactions(users, items, stars, 60, 40)
    _, *few = baseline(ratings)
    _, *many = baseline(ratings, n_epochs=500)
    assert np.allclose(np.concatenate(few), np.concatenate(many), atol=1e-3)


def test_without_ratings_the_bias_is_zero(ratings):
    _, user_bias, item_bias = baseline(ratings)
    assert user_bias[3] == 0
    assert item_bias[3] == 0


def test_a_baseline_of_constant_ratings_has_no_biases():
    mean, user_bias, item_bias = baseline(Interactions([0, 1], [0, 1], [3, 3], 2, 2))
    assert mean == 3
    assert not user_bias.any()
    assert not item_bias.any()


@pytest.mark.parametrize("options", [{"reg": 0}, {"reg": -1}, {"n_epochs": 0}])
def test_a_strange_option_of_the_baseline_is_named(ratings, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        baseline(ratings, **options)
