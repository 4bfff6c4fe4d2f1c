"""The Harbour Cinema: the small one by hand, the large one against the equations it was made by."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest

import recsys_lab.data.harbour as harbour
from recsys_lab.data import harbour_tiny, load_harbour
from recsys_lab.similarity import cosine, dot

OPENING, CLOSING = 1704067200, 1704067200 + 731 * 86400  # 2024-01-01 to 2026-01-01, UTC


@pytest.fixture(scope="module")
def house():
    return load_harbour()


@pytest.fixture(scope="module", params=[0, 1, 2])
def any_house(request):
    return load_harbour(request.param)


def same_language(data, users, items):
    return data.truth["user_group"][users] == data.truth["item_group"][items]


def gini(counts):
    ordered = np.sort(counts)
    n = len(ordered)
    return (2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum())


# The tiny house.


def test_the_tiny_ratings_are_those_of_the_book():
    data = harbour_tiny()
    assert data.interactions.to_dense().tolist() == [
        [5, 4, 0, 1, 2, 0],
        [3, 2, 0, 0, 1, 4],
        [5, 5, 4, 5, 4, 5],
        [1, 2, 5, 5, 0, 2],
        [0, 5, 1, 2, 1, 5],
        [4, 0, 2, 1, 0, 0],
    ]
    assert len(data.interactions) == 27
    assert list(data.users["name"]) == ["Ada", "Bo", "Cem", "Dee", "Eli", "Fay"]
    assert [data.title(j) for j in (0, 5)] == ["Fog Signal", "Lamp Oil"]


def test_the_tags_give_the_scores_of_the_book():
    data = harbour_tiny()
    assert data.tag_names == ("noir", "sea", "comedy", "quiet", "family", "heist")
    ada, films = data.users["tags"][:1], data.items["tags"][:5]
    assert dot(ada, films)[0].tolist() == [3, 1, 2, 3, 0]
    np.testing.assert_allclose(cosine(ada, films)[0], [1, 1 / 3, 2 / 3, 0.5**0.5, 0])
    assert not data.users["tags"][1:].any()  # nobody else has stated a taste


def test_zero_filled_cosine_makes_cem_the_twin_of_ada():
    rows = harbour_tiny().interactions.to_dense()
    likeness = cosine(rows[:1], rows[1:])[0]
    assert likeness.argmax() == 1
    assert likeness.max() == pytest.approx(0.744, abs=5e-4)


# The catalogue.


@pytest.fixture(scope="module")
def films():
    with open(Path(harbour.__file__).with_name("catalogue.csv"), encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def test_the_catalogue_has_200_different_films(films):
    assert len(films) == 200
    assert len({film["title"] for film in films}) == 200
    assert len({film["plot"] for film in films}) == 200
    assert {len(film) for film in films} == {6}


def test_every_film_is_complete_and_its_plot_is_one_line(films):
    for film in films:
        assert all(film.values()), film
        assert film["plot"] == film["plot"].strip() and film["plot"][-1] in ".!?", film
        assert "\n" not in film["plot"] and 20 <= len(film["plot"]) <= 130, film
        assert 1931 <= int(film["year"]) <= 2025, film


def test_genres_are_known_and_always_named_in_the_same_order(films):
    for film in films:
        places = [harbour._TAGS.index(genre) for genre in film["genres"].split("|")]
        assert places == sorted(set(places)), film


def test_drama_is_common_and_every_genre_has_films_enough(house):
    share = dict(zip(house.tag_names, house.items["tags"].mean(axis=0)))
    assert len(share) == 12
    assert share["drama"] > 0.35
    assert min(share.values()) >= 0.08


def test_five_languages_of_unequal_size(house):
    names, films = np.unique(house.items["language"], return_counts=True)
    assert len(names) == 5
    assert len(set(films)) == 5 and films.max() > 4 * films.min()
    members = [(house.users["language"] == name).sum() for name in names]
    assert len(set(members)) == 5 and min(members) >= 50


def test_directors_return_and_work_in_one_language(films):
    work = {}
    for film in films:
        work.setdefault(film["director"], []).append(film)
    assert 40 <= len(work) <= 50
    for own in work.values():
        assert len(own) >= 2
        assert len({film["language"] for film in own}) == 1
        years = [int(film["year"]) for film in own]
        assert max(years) - min(years) <= 40


def test_the_first_six_films_and_members_are_those_of_the_tiny_house(house):
    tiny = harbour_tiny()
    assert list(house.items["title"][:6]) == list(tiny.items["title"])
    assert list(house.users["name"][:6]) == list(tiny.users["name"])
    shared = [house.tag_names.index(tag) for tag in tiny.tag_names]
    np.testing.assert_array_equal(house.items["tags"][:6, shared], tiny.items["tags"])


def test_what_the_six_liked_in_the_tiny_house_they_like_in_the_large_one(any_house):
    rated = harbour_tiny().interactions
    truth = any_house.truth["ratings"][rated.users, rated.items]
    assert np.corrcoef(rated.values, truth)[0, 1] > 0.4


# The world.


def test_800_members_200_films_and_some_ten_thousand_ratings(any_house):
    assert any_house.interactions.shape == any_house.visits.shape == (800, 200)
    assert 11_000 < len(any_house.interactions) < 17_000
    assert len(any_house.interactions) < len(any_house.visits) < 24_000
    assert len(any_house.impressions["item"]) % 10 == 0


def test_the_same_seed_gives_the_same_numbers():
    first, second = load_harbour(3), load_harbour(np.random.default_rng(3))
    for one, other in (
        (first.interactions, second.interactions),
        (first.visits, second.visits),
    ):
        for name in ("users", "items", "values", "timestamps"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for table in ("users", "items", "truth", "impressions"):
        one, other = getattr(first, table), getattr(second, table)
        assert one.keys() == other.keys()
        for key in one:
            if isinstance(one[key], np.ndarray):
                np.testing.assert_array_equal(one[key], other[key])
            else:
                assert one[key] == other[key]


def test_different_seeds_differ_but_show_the_same_films(house):
    other = load_harbour(1)
    np.testing.assert_array_equal(other.items["title"], house.items["title"])
    assert len(other.interactions) != len(house.interactions)
    assert not np.allclose(other.truth["user_factors"], house.truth["user_factors"])


def test_names_are_unique_and_ages_countries_and_languages_are_mixed(any_house):
    users = any_house.users
    assert len(set(users["name"])) == 800
    assert all(name.isalpha() and name.istitle() for name in users["name"])
    for key, kinds in (("age", 4), ("country", 5), ("language", 5)):
        assert len(set(users[key])) == kinds
    # Country tells the language of most members, not of all.
    countries = dict(zip(harbour._LANGUAGES, (own[0] for own in harbour._LANGUAGES.values())))
    at_home = np.mean([countries[a] == b for a, b in zip(users["language"], users["country"])])
    assert 0.8 < at_home < 0.95


def test_ratings_are_half_stars_with_a_mean_of_three_to_four(any_house):
    stars = any_house.interactions.values
    assert set(np.unique(stars)) == set(np.arange(1, 11) / 2)
    assert 3.2 < stars.mean() < 3.8
    assert 0.8 < stars.std() < 1.2
    shares = np.unique(stars, return_counts=True)[1] / len(stars)
    assert shares.max() < 0.25


def test_popularity_has_a_long_tail(any_house):
    counts = np.bincount(any_house.interactions.items, minlength=200)
    assert gini(counts) > 0.38
    assert np.sort(counts)[-40:].sum() > 0.4 * counts.sum()  # a fifth of the films
    activity = np.bincount(any_house.visits.users, minlength=800)
    assert activity.max() > 2.5 * np.median(activity)


def test_audiences_of_different_languages_hardly_meet(any_house):
    for feedback in (any_house.interactions, any_house.visits):
        foreign = ~same_language(any_house, feedback.users, feedback.items)
        assert 0 < foreign.mean() < 0.02


def test_true_factors_explain_the_ratings_and_biases_alone_do_not(any_house):
    ratings, truth = any_house.interactions, any_house.truth
    full = truth["ratings"][ratings.users, ratings.items]
    biases = truth["user_bias"][ratings.users] + truth["item_bias"][ratings.items]
    assert np.corrcoef(ratings.values, full)[0, 1] > 0.8
    assert np.corrcoef(ratings.values, biases)[0, 1] < 0.5
    # Noise of 0.45, rounding to halves, and the drift of two years: little more than half a star.
    assert np.std(ratings.values - full) < 0.6


def test_true_ratings_are_made_of_the_true_parts(house):
    truth = house.truth
    by_hand = truth["mean"] + truth["user_bias"][:, None] + truth["item_bias"]
    by_hand = by_hand + truth["user_factors"] @ truth["item_factors"].T
    foreign = truth["user_group"][:, None] != truth["item_group"]
    np.testing.assert_allclose(truth["ratings"], by_hand - truth["barrier"] * foreign)
    assert truth["item_factors"].shape == (200, len(truth["trait_names"]))
    np.testing.assert_allclose(truth["item_factors"].mean(axis=0), 0, atol=1e-12)
    languages = np.array(truth["group_names"])
    np.testing.assert_array_equal(languages[truth["user_group"]], house.users["language"])
    np.testing.assert_array_equal(languages[truth["item_group"]], house.items["language"])


def test_true_traits_follow_the_genres(any_house):
    tags, traits = any_house.items["tags"], any_house.truth["item_factors"]
    share = tags / tags.sum(axis=1, keepdims=True)
    fit = share @ np.linalg.lstsq(share, traits, rcond=None)[0]
    assert 1 - (traits - fit).var() / traits.var() > 0.7
    trait = dict(zip(any_house.truth["trait_names"], traits.T))
    for high, low, name in (
        ("noir", "comedy", "dark"),
        ("musical", "quiet", "loud"),
        ("mystery", "romance", "puzzling"),
        ("romance", "heist", "tender"),
        ("sea", "noir", "salty"),
    ):
        mean = {
            tag: trait[name][tags[:, any_house.tag_names.index(tag)] == 1] for tag in (high, low)
        }
        assert mean[high].mean() > mean[low].mean() + 0.3


def test_films_of_one_director_are_alike_beyond_their_genres(any_house):
    tags, traits = any_house.items["tags"], any_house.truth["item_factors"]
    share = tags / tags.sum(axis=1, keepdims=True)
    rest = traits - share @ np.linalg.lstsq(share, traits, rcond=None)[0]
    product = rest @ rest.T
    same = any_house.items["director"][:, None] == any_house.items["director"]
    np.fill_diagonal(same, False)
    assert product[same].mean() > 0.1 > abs(product[~same].mean())


def test_age_tells_something_about_taste(any_house):
    taste, age = any_house.truth["user_factors"], any_house.users["age"]
    young, old = (taste[age == group].mean(axis=0) for group in ("under 25", "60 and over"))
    loud = any_house.truth["trait_names"].index("loud")
    assert young[loud] > old[loud] + 0.4


def test_ratings_are_missing_and_not_at_random(any_house):
    ratings, visits, truth = any_house.interactions, any_house.visits, any_house.truth
    users, items = np.nonzero(truth["user_group"][:, None] == truth["item_group"])
    everything = np.clip(truth["ratings"][users, items], 0.5, 5)
    visited = np.clip(truth["ratings"][visits.users, visits.items], 0.5, 5)
    rated = truth["ratings"][ratings.users, ratings.items]
    # Members choose what they like, and tell of what they liked.
    assert visited.mean() > everything.mean() + 0.1
    assert np.clip(rated, 0.5, 5).mean() > visited.mean() + 0.03


def test_every_rating_follows_a_visit_and_every_visit_a_click(any_house):
    ratings, visits, log = any_house.interactions, any_house.visits, any_house.impressions

    def code(u, i):
        return u * 200 + i

    visited, rated = code(visits.users, visits.items), code(ratings.users, ratings.items)
    assert np.isin(rated, visited).all()
    clicks = np.bincount(code(log["user"], log["item"]), weights=log["clicked"], minlength=160_000)
    assert set(np.flatnonzero(clicks)) == set(visited)
    assert (visits.values >= 1).all() and (visits.values <= clicks[visited]).all()
    again = (visits.values - 1).sum() / (clicks[visited] - 1).sum()
    assert again == pytest.approx(0.15, abs=0.02)
    wait = ratings.timestamps - visits.timestamps[np.searchsorted(visited, rated)]
    assert wait.min() >= 2 * 3600 and wait.max() < 48 * 3600


def test_time_runs_for_two_years_and_nobody_is_early(any_house):
    log, users, items = any_house.impressions, any_house.users, any_house.items
    when = log["timestamp"]
    assert OPENING <= when.min() and when.max() < CLOSING
    assert (np.diff(when) >= 0).all()
    assert (when >= users["joined"][log["user"]]).all()
    assert (when >= items["added"][log["item"]]).all()
    new = items["year"] >= 2024
    assert (items["added"][new] > OPENING).all()
    assert 15 < (items["added"] > OPENING).sum() < 40
    assert 0.3 < (users["joined"] == OPENING).mean() < 0.7


def test_a_shelf_shows_ten_different_films_from_first_to_last_place(any_house):
    log = any_house.impressions
    assert (log["position"].reshape(-1, 10) == np.arange(1, 11)).all()
    shelves = np.sort(log["item"].reshape(-1, 10), axis=1)
    assert (np.diff(shelves, axis=1) > 0).all()
    assert (np.ptp(log["user"].reshape(-1, 10), axis=1) == 0).all()
    assert (np.ptp(log["timestamp"].reshape(-1, 10), axis=1) == 0).all()


def test_clicks_are_examination_times_appeal(any_house):
    log, truth = any_house.impressions, any_house.truth
    theta = truth["examination"][log["position"] - 1]
    np.testing.assert_allclose(truth["examination"], np.arange(1, 11) ** -0.7)
    appeal = truth["appeal"][log["user"], log["item"]]
    for place in range(1, 11):
        here = log["position"] == place
        expected = (theta * appeal)[here].mean()
        assert log["clicked"][here].mean() == pytest.approx(expected, rel=0.08)
    # So clicks over examination estimate appeal film by film, which clicks alone do not: famous
    # films stand first.
    shown = np.bincount(log["item"], minlength=200)
    films = shown > 500

    def per_film(weights):
        return np.bincount(log["item"], weights=weights, minlength=200)[films] / shown[films]

    truly, plain, undone = map(per_film, (appeal, log["clicked"], log["clicked"] / theta))
    assert np.abs(undone - truly).mean() < 0.25 * np.abs(plain - truly).mean()


def test_fame_drifts_from_the_first_year_to_the_second(any_house):
    log, truth = any_house.impressions, any_house.truth
    late = log["timestamp"] > (OPENING + CLOSING) / 2
    there = any_house.items["added"] == OPENING
    shown = [np.bincount(log["item"][half], minlength=200)[there] + 5 for half in (~late, late)]
    rise = np.log(shown[1] / shown[0])
    assert np.corrcoef(rise, truth["fame_drift"][there])[0, 1] > 0.6


def test_tastes_drift_with_the_fashion(any_house):
    ratings, truth = any_house.interactions, any_house.truth
    s = (ratings.timestamps - OPENING) / (CLOSING - OPENING) - 0.5
    expected = s * (truth["item_factors"][ratings.items] @ truth["fashion"])
    stars = truth["ratings"][ratings.users, ratings.items]
    inner = (stars > 1.5) & (stars < 4)  # where neither end of the scale cuts the noise off
    surprise = (ratings.values - stars)[inner]
    slope = np.polyfit(expected[inner], surprise, 1)[0]
    assert slope == pytest.approx(1, abs=0.25)


def test_ada_would_rather_have_a_quiet_evening_by_the_sea(any_house):
    ada = any_house.truth["ratings"][0]
    speaks = any_house.truth["item_group"] == any_house.truth["user_group"][0]
    tags = {tag: any_house.items["tags"][:, k] == 1 for k, tag in enumerate(any_house.tag_names)}
    assert (
        ada[speaks & tags["quiet"] & tags["sea"]].mean() > ada[speaks & tags["musical"]].mean() + 1
    )


def test_it_is_quick_and_small():
    start = time.perf_counter()
    data = load_harbour(5)
    seconds = time.perf_counter() - start
    size = sum(column.nbytes for column in data.impressions.values())
    size += sum(part.nbytes for part in data.truth.values() if isinstance(part, np.ndarray))
    print(f"load_harbour: {seconds:.2f} s, {size / 1e6:.0f} MB")  # the budget is half a second
    assert seconds < 5
    assert size < 25e6
