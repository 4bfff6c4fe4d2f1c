"""The numbers behind the pictures of "Content-based filtering"."""

import numpy as np
import pytest

from recsys_lab.content import idf
from recsys_lab.data import harbour_tiny
from recsys_lab.figures import content_based as figures
from recsys_lab.similarity import cosine

ALL_SIX = (1, 1, 1, 1, 1, 1)


def test_the_all_tags_poster_ties_by_dot_and_falls_by_cosine():
    by_dot, leads_by_dot = figures.overlap("dot", *ALL_SIX)
    by_cosine, leads_by_cosine = figures.overlap("cosine", *ALL_SIX)
    assert by_dot.tolist() == [3, 1, 2, 3, 0, 2]
    assert by_cosine == pytest.approx([1, 0.33, 0.67, 0.71, 0, 0.82], abs=5e-3)
    assert (leads_by_dot, leads_by_cosine) == (63, 30)


@pytest.mark.parametrize("measure", ["dot", "cosine"])
def test_another_tag_never_hurts_by_dot_and_an_unwanted_one_always_hurts_by_cosine(measure):
    for printed in figures.TASTES:
        before = figures.overlap(measure, *printed)[0][figures.REGATTA]
        for tag in np.flatnonzero(printed == 0):
            more = printed.copy()
            more[tag] = 1
            after = figures.overlap(measure, *more)[0][figures.REGATTA]
            if measure == "dot":
                assert after >= before
            elif figures.ADA[tag]:
                assert after > before
            elif before > 0:
                assert after < before


def test_every_tag_of_every_film_hangs_in_one_cell_of_the_stacks():
    heat = figures.tag_stuffing.draw(*ALL_SIX, measure="dot")["data"][0]
    shown = [[word for word in column if word] for column in zip(*heat["text"])]
    for words, own in zip(shown, harbour_tiny().items["tags"]):
        assert len(words) == own.sum()


def test_the_rarest_tag_decides_at_full_weight_and_not_at_none():
    titles = figures.catalogue()[0]
    _, weights, _, parts = figures.nearest("Platform Zero", 0)
    assert weights == pytest.approx(1)
    assert parts.sum(axis=1)[:3] == pytest.approx(0.75)
    _, weights, best, parts = figures.nearest("Platform Zero", 1)
    assert titles[best[0]] == "Divorce by Correspondence"
    assert parts.sum(axis=1)[:3] == pytest.approx([0.853, 0.853, 0.499], abs=5e-4)
    assert (np.diff(weights) >= 0).all()  # rarest last
    assert (parts[:2, -1] > 0).all() and parts[2, -1] == 0


def test_the_pieces_of_a_bar_add_up_to_the_cosine_of_the_weighted_features():
    titles, features, _ = figures.catalogue()
    for film in figures.LIKED:
        _, _, best, parts = figures.nearest(film, 1)
        units = features * idf(features)
        want = cosine([units[titles.index(film)]], units[best])[0]
        assert parts.sum(axis=1) == pytest.approx(want)


def test_a_dislike_moves_films_that_nobody_spoke_of():
    rank = {}
    for gamma in (0, 1):
        _, scores, order = figures.ranking(1, -1, 0, 0, gamma)
        rank[gamma] = [figures.FILMS[j] for j in order]
    assert rank[0][0] == "Salt & Sugar"
    assert rank[1][:3] == ["Fog Signal", "Lamp Oil", "Salt & Sugar"]
    assert scores[order[:3]] == pytest.approx([0.89, 0.75, 0.67], abs=5e-3)


def test_nothing_said_gives_no_opinion():
    for said in ((0, 0, 0, 0), (-1, 0, 0, 0)):
        profile, scores, _ = figures.ranking(*said, gamma=0)
        assert not profile.any() and not scores.any()


@pytest.mark.parametrize(
    ("power", "want"),
    [
        ("mean profile", [0, 0, 6]),
        (1, [0, 0, 6]),
        (4, [6, 0, 0]),
        (16, [6, 0, 0]),
        (256, [6, 0, 0]),
        (np.inf, [3, 3, 0]),
    ],
)
def test_the_average_of_two_loves(power, want):
    best, counts = figures.six_best(power, 4)
    assert counts.tolist() == want
    assert not set(best) & set(figures.LOVED)


def test_the_best_alone_keeps_both_loves_in_every_town_and_the_mean_none():
    for seed in figures.SEEDS:
        assert figures.six_best(np.inf, seed)[1][:2].min() >= 2
        assert figures.six_best("mean profile", seed)[1].tolist() == [0, 0, 6]


def test_at_p_16_the_narrower_love_takes_the_shelf_in_seven_towns_of_eight():
    for seed in figures.SEEDS:
        x, y = figures.two_loves(seed)[figures.LOVED].T
        spread = np.arctan2(y, x).reshape(2, 4).std(axis=1)
        counts = figures.six_best(16, seed)[1]
        if counts[:2].max() == 6:
            assert counts[:2].argmax() == spread.argmin()
        else:
            assert spread.max() / spread.min() < 1.05


def test_a_new_film_is_served_at_once_and_a_new_member_is_not():
    content, items, popular = figures.first_stars("film", 0)
    assert (content, items, popular) == (pytest.approx(0.72, abs=5e-3), 0.5, 0.5)
    content, items, popular = figures.first_stars("member", 1)
    assert content == pytest.approx(0.58, abs=5e-3)
    assert content < popular < items


def test_content_and_popularity_together_beat_either_alone():
    for k in figures.STARS[1:]:
        content, _, popular = figures.first_stars("member", k)
        assert figures.blended(k) > max(content, popular)
    assert [figures.blended(k) for k in (1, 5, 20)] == pytest.approx([0.72, 0.73, 0.79], abs=5e-3)


def test_content_recommends_more_alike_and_less_visited_films_than_item_item():
    found = figures.wandering()
    assert found["content"] == pytest.approx((0.675, 0.579, 0.269), abs=2e-3)
    assert found["item-item"] == pytest.approx((0.424, 0.748, 0.490), abs=2e-3)


@pytest.mark.parametrize(("epsilon", "want"), [(0.0, 12.9), (0.1, 15.7), (0.3, 19.3)])
def test_cells_of_the_walk_in_ten_towns(epsilon, want):
    seen = [figures.visited(epsilon, seed)[-1] for seed in range(10)]
    assert np.mean(seen) == pytest.approx(want, abs=0.05)


def test_chance_adds_its_own_cells_and_hardly_moves_the_profile():
    at_home, with_chance = figures.walks_on_average(0.0), figures.walks_on_average(0.1)
    assert at_home == pytest.approx((11.84, 11.84, 2.0), abs=0.05)
    assert with_chance[1] <= at_home[1] < with_chance[0]
    assert with_chance[2] == pytest.approx(at_home[2], abs=0.15)


def test_the_walk_shows_no_film_twice_unless_by_chance():
    for seed in range(10):
        assert len(set(figures.walk(0.0, seed)[1])) == figures.EVENINGS
        assert figures.visited(0.0, seed)[0] == 0
        assert (np.diff(figures.visited(0.3, seed)) >= 0).all()


def test_sentences_count_in_words_that_agree():
    for explorable in (
        figures.tag_stuffing,
        figures.idf_dial,
        figures.average_of_two_loves,
        figures.bubble_walk,
        figures.first_stars_of_a_newcomer,
        figures.rocchio_arrows,
    ):
        for _, params in explorable.states():
            says = explorable.describe(**params)
            padded = f" {says}"
            for thing in ("tags", "cells", "films", "noirs", "evenings", "stars"):
                assert f" 1 {thing}" not in padded, says
            assert " -" not in says and "nan" not in says
