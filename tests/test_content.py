"""Films as vectors of tags, members among them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.feature_extraction.text import TfidfTransformer

from recsys_lab.content import ContentBased, aggregate, idf, rocchio
from recsys_lab.data import Interactions, harbour_tiny
from recsys_lab.similarity import cosine, dot, top_k

# Tags: noir, sea, comedy, quiet, family, heist.
TAGS = np.array(
    [
        [1, 1, 0, 1, 0, 0],  # Fog Signal
        [0, 1, 1, 0, 1, 0],  # Salt & Sugar
        [1, 0, 0, 1, 0, 1],  # The Quiet Vault
        [1, 1, 1, 1, 1, 1],  # Everything Regatta
        [0, 0, 1, 0, 1, 1],  # Pigeon Heist
    ]
)


# Known results


def test_all_tags_tie_on_dot_and_fall_on_cosine():
    taste = [[1, 1, 0, 1, 0, 0]]
    assert dot(taste, TAGS)[0].tolist() == [3, 1, 2, 3, 0]
    assert cosine(taste, TAGS)[0] == pytest.approx([1, 0.33, 0.67, 0.71, 0], abs=5e-3)


def test_a_member_who_liked_one_film_is_that_film():
    likes = Interactions([0], [0], [1], 1, 5)
    options = {"idf": False, "feedback": "implicit"}
    by_dot = ContentBased(similarity="dot", **options).fit(likes, TAGS)
    by_cosine = ContentBased(similarity="cosine", **options).fit(likes, TAGS)
    assert by_dot.score_all(np.array([0]))[0].tolist() == [3, 1, 2, 3, 0]
    expected = [1, 1 / 3, 2 / 3, 1 / np.sqrt(2), 0]
    assert by_cosine.score_all(np.array([0]))[0] == pytest.approx(expected)
    assert by_dot.recommend(0)[0].tolist() == [3, 2, 1, 4]


def test_the_apps_of_a_user_with_three_tags():
    # Education, casual, health, and the makers of a casual, a science and a health app.
    science, casual, health = [1, 0, 0, 0, 1, 0], [0, 1, 0, 1, 0, 0], [0, 0, 1, 0, 0, 1]
    user = [[1, 0, 0, 0, 1, 1]]
    assert dot(user, [science, casual, health])[0].tolist() == [2, 0, 1]
    expected = [0.816, 0, 0.408]
    assert cosine(user, [science, casual, health])[0] == pytest.approx(expected, abs=5e-4)


def two_loves():
    """Two clusters of 30 films, the first 4 of each liked, and 6 films of mush in between."""
    rng = np.random.default_rng(4)
    noir = [3, 0] + 0.4 * rng.normal(size=(30, 2))
    sea = [0, 3] + 0.4 * rng.normal(size=(30, 2))
    mush = [1.6, 1.6] + 0.25 * rng.normal(size=(6, 2))
    liked = np.concatenate([np.arange(4), np.arange(30, 34)])
    likes = Interactions(np.zeros(8, int), liked, np.ones(8), 1, 66)
    return likes, np.vstack([noir, sea, mush]), np.repeat([1, 2, 0], [30, 30, 6])


@pytest.mark.parametrize(
    ("how", "clusters"),
    [
        ("mean", {0: 6}),
        (1, {0: 6}),
        (4, {1: 6}),
        (64, {1: 6}),
        (np.inf, {1: 3, 2: 3}),
        ("max", {1: 3, 2: 3}),
    ],
)
def test_averaging_two_loves_recommends_mush_and_the_maximum_keeps_both(how, clusters):
    likes, films, cluster = two_loves()
    model = ContentBased(idf=False, aggregate=how, feedback="implicit").fit(likes, films)
    best, _ = model.recommend(0, n=6)
    ids, counts = np.unique(cluster[best], return_counts=True)
    assert dict(zip(ids.tolist(), counts.tolist())) == clusters


# idf


def test_idf_agrees_with_scikit_learn():
    features = np.random.default_rng(0).integers(0, 3, (40, 12))
    assert idf(features) == pytest.approx(TfidfTransformer().fit(features).idf_)


def test_a_tag_on_every_film_weighs_one_and_rare_tags_weigh_more():
    features = np.tril(np.ones((6, 6)))  # the first tag is on all films, the last on one
    weights = idf(features)
    assert weights[0] == 1
    assert (np.diff(weights) > 0).all()


def test_the_rare_tag_decides():
    # Film 0 has drama and lighthouse; film 1 shares drama with it, film 2 lighthouse.
    films = np.zeros((40, 3))
    films[:32, 0] = 1  # drama
    films[[0, 39], 1] = 1  # lighthouse
    films[1:39, 2] = 1  # something else
    likes = Interactions([0], [0], [1], 1, 40)
    plain = ContentBased(idf=False, feedback="implicit").fit(likes, films)
    rare = ContentBased(idf=True, feedback="implicit").fit(likes, films)
    gain = rare.predict(0, [39, 1]) - plain.predict(0, [39, 1])
    assert gain[0] > 0 > gain[1]


# rocchio


def test_rocchio_takes_means_not_sums():
    rng = np.random.default_rng(1)
    features = rng.random((20, 5))
    liked, disliked = [3, 4, 5], [7, 9]
    expected = 2 * features[liked].mean(axis=0) - 0.3 * features[disliked].mean(axis=0)
    assert rocchio(features, liked, disliked, beta=2, gamma=0.3) == pytest.approx(expected)
    assert rocchio(features, liked * 10, disliked * 7, 2, 0.3) == pytest.approx(expected)


def test_rocchio_without_likes_or_dislikes():
    assert rocchio(TAGS, [], []).tolist() == [0] * 6
    assert rocchio(TAGS, [0]).tolist() == TAGS[0].tolist()
    assert rocchio(TAGS, [], [0], gamma=0.5).tolist() == (-0.5 * TAGS[0]).tolist()


@pytest.mark.parametrize("liked", [[5], [-1], [0.5]])
def test_rocchio_refuses_unknown_items(liked):
    with pytest.raises(ValueError, match="liked must be item ids from 0 to 4"):
        rocchio(TAGS, liked)


@pytest.mark.parametrize(
    ("features", "words"),
    [([1, 2], "table"), (np.zeros((0, 3)), "table"), ([[1, np.nan]], r"features\[0, 1\]")],
)
def test_features_must_be_a_table_of_finite_numbers(features, words):
    for call in (idf, lambda rows: rocchio(rows, [0])):
        with pytest.raises(ValueError, match=words):
            call(features)


# aggregate

likenesses = arrays(
    float, st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.floats(0, 1)
)


@given(likenesses)
def test_the_power_mean_starts_at_the_mean_and_ends_at_the_maximum(S):
    assert aggregate(S, 1) == pytest.approx(S.mean(axis=1))
    assert aggregate(S, np.inf) == pytest.approx(S.max(axis=1))


@given(likenesses, st.floats(1, 200), st.floats(1, 200))
def test_the_power_mean_grows_with_p(S, p, q):
    low, high = aggregate(S, min(p, q)), aggregate(S, max(p, q))
    assert (low <= high + 1e-12).all()


def test_the_power_mean_neither_overflows_nor_vanishes():
    assert aggregate([1e3, 1e3], 200) == pytest.approx(1e3)
    assert aggregate([1e-3, 1e-3], 200) == pytest.approx(1e-3)
    assert aggregate([0.0, 0.0], 200) == 0


def test_what_is_opposite_counts_as_unlike():
    assert aggregate([-1.0, 0.5], 1) == pytest.approx(0.25)


def test_a_weight_counts_like_as_many_copies():
    assert aggregate([0.2, 0.8], 3, weights=[2, 1]) == pytest.approx(aggregate([0.2, 0.2, 0.8], 3))


def test_likeness_to_nothing_is_zero():
    assert aggregate(np.zeros((3, 0)), 2).tolist() == [0, 0, 0]


@pytest.mark.parametrize("p", [0.5, 0, -1, np.nan, "mean", None])
def test_p_must_be_at_least_one(p):
    with pytest.raises(ValueError, match="p must be"):
        aggregate([0.5], p)


@pytest.mark.parametrize("S", [0.5, [0.5, np.nan], [np.inf]])
def test_similarities_must_be_finite(S):
    with pytest.raises(ValueError, match="finite"):
        aggregate(S, 2)


# ContentBased


def test_a_profile_is_rocchio_of_likes_and_dislikes():
    # The mean is 3: two likes and two dislikes, all one star away.
    ratings = Interactions([0, 0, 0, 0], [0, 1, 2, 3], [4, 4, 2, 2], 1, 5)
    model = ContentBased(idf=False, beta=1.5, gamma=0.4).fit(ratings, TAGS)
    assert model.profiles_[0] == pytest.approx(rocchio(TAGS, [0, 1], [2, 3], 1.5, 0.4))


def test_a_rating_weighs_as_much_as_it_lies_from_the_mean():
    ratings = Interactions([0, 0, 0], [0, 1, 2], [5, 4, 1.5], 1, 5)  # mean 3.5: +1.5, +.5, −2
    model = ContentBased(idf=False).fit(ratings, TAGS)
    expected = 0.75 * TAGS[0] + 0.25 * TAGS[1] - 0.5 * TAGS[2]
    assert model.profiles_[0] == pytest.approx(expected)


def test_implicit_values_weigh_what_they_say():
    visits = Interactions([0, 0], [0, 1], [9, 1], 1, 5)
    model = ContentBased(idf=False, feedback="implicit").fit(visits, TAGS)
    assert model.profiles_[0] == pytest.approx(0.9 * TAGS[0] + 0.1 * TAGS[1])


def test_likenesses_one_by_one_are_the_power_means_of_likes_less_dislikes():
    rng = np.random.default_rng(2)
    films = rng.random((12, 4))
    ratings = Interactions([0] * 5, [0, 1, 2, 3, 4], [5, 4, 1, 2, 5], 1, 12)  # mean 3.4
    model = ContentBased(aggregate=3, gamma=0.7).fit(ratings, films)
    alike = cosine(films * idf(films), films * idf(films))
    likes = aggregate(alike[:, [0, 1, 4]], 3, weights=[1.6, 0.6, 1.6])
    dislikes = aggregate(alike[:, [2, 3]], 3, weights=[2.4, 1.4])
    assert model.score_all(np.array([0]))[0] == pytest.approx(likes - 0.7 * dislikes)


def test_a_dislike_removes_a_direction_not_an_item():
    ratings = Interactions([0, 0], [0, 4], [5, 1], 1, 5)
    with_dislike = ContentBased(gamma=1).fit(ratings, TAGS)
    without = ContentBased(gamma=0).fit(ratings, TAGS)
    # Salt & Sugar shares comedy and family with the disliked film, though nobody rated it.
    assert with_dislike.predict(0, 1) < without.predict(0, 1)


@pytest.mark.parametrize(("stars", "sign"), [(5, 1), (1, -1), (3, 1)])
def test_who_rates_everything_the_same_is_measured_by_the_mean_of_all(stars, sign):
    # The others rate so that the mean of all is 3 whatever user 0 says.
    other = 6 - stars
    ratings = Interactions([0, 0, 1, 1], [0, 1, 2, 3], [stars, stars, other, other], 2, 5)
    model = ContentBased(idf=False, gamma=1.0).fit(ratings, TAGS)
    assert model.profiles_[0] == pytest.approx(sign * TAGS[:2].mean(axis=0))


@pytest.mark.parametrize("stars", [3, 4.1, 1e-9])
def test_ratings_that_never_vary_are_all_likes(stars):
    ratings = Interactions([0, 0, 1], [0, 1, 2], [stars] * 3, 2, 5)
    model = ContentBased(idf=False).fit(ratings, TAGS)
    assert model.profiles_ == pytest.approx(np.array([TAGS[:2].mean(axis=0), TAGS[2]]))


def test_a_new_film_is_recommended_on_its_first_day():
    films = np.vstack([TAGS, TAGS[0]])  # the last film is Fog Signal again, and nobody saw it
    likes = Interactions([0], [0], [1], 1, 6)
    assert ContentBased(feedback="implicit").fit(likes, films).recommend(0, n=1)[0].tolist() == [5]


def test_a_film_without_tags_scores_zero_and_a_stranger_gets_what_most_touched():
    films = np.vstack([TAGS, np.zeros(6)])
    likes = Interactions([0, 0, 1, 2], [0, 5, 5, 2], np.ones(4), 4, 6)
    for how in ("mean", "max", 2.5):
        model = ContentBased(aggregate=how, feedback="implicit").fit(likes, films)
        assert model.predict([0, 1, 2], 5).tolist() == [0, 0, 0]
        assert model.predict(3, np.arange(6)).tolist() == [1, 0, 1, 0, 0, 2]


def test_the_order_of_the_harbour_follows_adas_ratings():
    tiny = harbour_tiny()
    model = ContentBased().fit(tiny.interactions, tiny.items["tags"])
    ada = model.score_all(np.array([0]))[0]
    # She gave Fog Signal 5 and Everything Regatta 1: sea and quiet without all the rest.
    assert top_k(ada, 2).tolist() == [0, 5]
    assert np.isfinite(model.score_all(np.arange(6))).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"similarity": "euclid"}, "similarity"),
        ({"aggregate": "median"}, "p must be"),
        ({"aggregate": 0.2}, "p must be"),
        ({"beta": 0}, "beta"),
        ({"gamma": -1}, "gamma"),
        ({"feedback": "stars"}, "feedback"),
    ],
)
def test_a_strange_option_is_named_in_the_error(options, words):
    with pytest.raises(ValueError, match=words):
        ContentBased(**options).fit(Interactions([0], [0], [1], 1, 5), TAGS)


def test_features_must_have_a_row_for_each_item():
    likes = Interactions([0], [0], [1], 1, 4)
    with pytest.raises(ValueError, match="a row for each of the 4 items, got 5"):
        ContentBased().fit(likes, TAGS)


def test_implicit_values_below_zero_are_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        ContentBased(feedback="implicit").fit(Interactions([0], [0], [-1], 1, 5), TAGS)


def test_no_interaction_at_all_is_an_error():
    with pytest.raises(ValueError, match="no interaction"):
        ContentBased().fit(Interactions([], [], [], 1, 5), TAGS)
