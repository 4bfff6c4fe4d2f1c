"""The numbers behind the pictures of "Collaborative filtering"."""

import numpy as np
import pytest

from recsys_lab.figures import collaborative_filtering as figures
from recsys_lab.neighbors import pearson


def nearest(measure, shrinkage=0):
    order, row = figures.neighbours("Ada", measure, shrinkage)
    return figures.MEMBERS[order[0]], row[order[0]]


def test_three_measures_name_three_twins_of_ada_and_shrinkage_unmasks_one():
    assert nearest("cosine") == ("Cem", pytest.approx(0.744, abs=5e-4))
    assert nearest("corated_cosine") == ("Fay", pytest.approx(0.999, abs=5e-4))
    assert nearest("pearson") == ("Fay", pytest.approx(1))
    order, row = figures.neighbours("Ada", "pearson", 5)
    assert [figures.MEMBERS[j] for j in order[:3]] == ["Bo", "Eli", "Fay"]
    assert row[order[:3]] == pytest.approx([0.368, 0.314, 0.286], abs=5e-4)


def test_a_pair_with_one_film_in_common_is_undefined_by_pearson():
    order, row = figures.neighbours("Bo", "pearson")
    assert figures.MEMBERS[order[-1]] == "Fay" and np.isnan(row[order[-1]])


@pytest.mark.parametrize(("overlap", "share"), [(2, 1), (3, 0.41), (5, 0.10), (10, 0.006)])
def test_strangers_become_less_alike_with_overlap(overlap, share):
    r = figures.strangers(overlap, False)
    assert np.mean(np.abs(r) > 0.8) == pytest.approx(share, abs=0.02)
    assert r.std() == pytest.approx(1 / np.sqrt(overlap - 1), abs=0.03)


def test_the_strangers_correlation_is_the_one_of_the_book():
    rng = np.random.default_rng([0, 5])
    a, b = rng.integers(1, 6, (2, figures.DRAWS, 5)).astype(float)
    seen = figures.strangers(5, True)[:50]
    assert np.allclose(seen, [pearson(x, y) for x, y in zip(a[:50], b[:50])], equal_nan=True)


def test_about_a_third_of_the_pairs_with_two_films_are_undefined():
    assert np.isnan(figures.strangers(2, True)).mean() == pytest.approx(1 - 0.8**2, abs=0.03)


def test_every_bar_of_the_strangers_counts_every_pair_once():
    for overlap in figures.OVERLAPS:
        counts, undefined, _, _ = figures._soulmates(overlap, True, 5)
        assert counts.sum() + undefined == pytest.approx(1)
        assert 100 * counts.max() < 56


@pytest.mark.parametrize(("k", "want"), [(1, 4.5), (2, 4.822), (3, 4.574)])
def test_ada_on_lamp_oil(k, want):
    assert figures.steps("Ada", "Lamp Oil", k, True)[2] == pytest.approx(want, abs=5e-4)


def test_the_steps_add_up_to_the_prediction():
    for member in figures.MEMBERS:
        for film in figures.FILMS:
            for k in range(1, 6):
                for centered in (False, True):
                    start, asked, predicted = figures.steps(member, film, k, centered)
                    assert start + sum(step for *_, step in asked) == pytest.approx(predicted)
                    assert 0 < predicted < 7


def test_the_filler_decides_who_is_nearest():
    assert figures._blank_order(0.0, "Ada")[0][0] == "Cem"
    assert figures._blank_order(2.5, "Ada")[0][0] == "Fay"
    assert figures._blank_order(5.0, "Ada")[0][0] == "Cem"


def test_two_users_share_less_than_two_items_where_users_are_many():
    users, items, user_bytes, item_bytes = figures.expected(200_000, 5_000, 0.002)
    assert (users, items) == (pytest.approx(0.02), pytest.approx(0.8))
    assert (user_bytes, item_bytes) == (160e9, 100e6)


def test_a_row_is_free_for_the_star_that_was_given():
    for member in figures.MEMBERS:
        for film in figures.FILMS:
            if figures.KNOWN[figures.MEMBERS.index(member), figures.FILMS.index(film)]:
                asked = figures.steps(member, film, 5, True)[1]
                assert len(asked) + len(figures.left_out(member, film, 5, True)) < 5


def test_who_is_not_asked_is_named_with_a_reason():
    rest = figures.left_out("Ada", "Lamp Oil", 1, True)
    assert [(name, why) for name, _, why in rest] == [
        ("Eli", "not asked"),
        ("Cem", "not asked"),
        ("Dee", "not alike"),
    ]
    assert ("Bo", 0.0, "cannot be compared") in figures.left_out("Fay", "Lamp Oil", 5, True)


def test_names_at_the_edge_stand_apart_and_in_order():
    places = figures.moved_apart(np.array([0.9, 0.91, 0.7]), 0.07)
    assert places[1] - places[0] == pytest.approx(0.07)
    assert places[2] == 0.7
