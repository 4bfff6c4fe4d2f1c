"""The numbers behind the pictures of "The pipeline on real ratings", where the ratings are."""

from itertools import product

import numpy as np
import pytest

from recsys_lab.data import Interactions, load_harbour
from recsys_lab.ease import EASE
from recsys_lab.figures import movielens_pipeline as figures
from recsys_lab.metrics import ndcg_at_k, recall_at_k

ALL = tuple(figures.NETS)


@pytest.fixture
def ratings(movielens):
    """Skips where the ratings are not."""
    return movielens


def test_ease_without_its_table_scores_as_ease():
    visits = load_harbour().visits
    ones = Interactions(visits.users, visits.items, np.ones(len(visits)), *visits.shape)
    expected = EASE(reg=100.0).fit(ones).score_all(np.arange(ones.n_users))
    assert figures.ease_scores(ones) == pytest.approx(expected, abs=1e-5)


def test_latest_of_takes_the_latest_of_each_and_all_of_those_with_few():
    likes = Interactions([0, 0, 0, 1], [0, 1, 2, 3], np.ones(4), 3, 4, [30, 10, 20, 5])
    assert figures.latest_of(likes, 2).tolist() == [[1, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("place", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (122, "122nd")],
)
def test_places_in_words(place, words):
    assert figures.ordinal(place) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (12, "12"),
        (8_358, "8,358"),
        (67_014, "67,000"),
        (3.2e6, "3.2 million"),
        (3.2e10, "32 billion"),
    ],
)
def test_counts_in_words(count, words):
    assert figures.in_words(count) == words


def test_no_stage_was_taught_what_it_is_tested_on(ratings):
    n = ratings.interactions.n_items
    before, today = figures.evening("before"), figures.evening("today")
    keys = [{*(part.users * n + part.items).tolist()} for part in (before.known, today.known)]
    users, items, liked = figures.lessons()
    lessons = set((users * n + items).tolist())
    taught = set((users * n + items)[liked].tolist())
    goal = set((today.goal.users * n + today.goal.items).tolist())
    assert not lessons & keys[0]  # the nets that the scorer listens to had not learnt them
    assert taught <= keys[1] and not taught & goal
    assert len(liked) == 27_286 and liked.sum() == len(taught) == 1_870
    assert len(goal) == 1_722 and len(figures.tonight().viewers) == 542


def test_nothing_is_shown_that_was_seen_or_that_nobody_had_rated_yet(ratings):
    now, table = figures.evening("today"), figures.tonight()
    first = np.full(now.known.n_items, np.inf)
    np.minimum.at(first, now.known.items, now.known.timestamps)
    for films in (figures.films_of(figures.page(*figures.PAGE)), *map(figures.ten_of, ALL)):
        row, place = np.nonzero(films >= 0)
        viewers, shown = table.viewers[row], films[row, place]
        assert now.may[viewers, shown].all()
        assert (first[shown] <= now.moment[viewers]).all()
        assert not (now.known.to_dense()[viewers, shown] > 0).any()


def test_wider_nets_catch_more_and_four_catch_what_each_does(ratings):
    for nets in ((net,) for net in ALL):
        caught = [figures.net_numbers(nets, width)[1] for width in figures.WIDTHS]
        assert caught == sorted(caught)
        assert caught[3] < figures.net_numbers(ALL, 100)[1]


def test_the_scorer_keeps_its_ten_while_the_nets_widen_and_a_teacher_of_stars_loses(ratings):
    taught, stars = (
        [figures.net_numbers(ALL, width, teacher)[2][0] for width in figures.WIDTHS]
        for teacher in ("nets", "stars")
    )
    assert taught == pytest.approx([0.117, 0.120, 0.121, 0.121, 0.121, 0.121], abs=0.003)
    assert stars == pytest.approx([0.074, 0.068, 0.065, 0.060, 0.058, 0.056], abs=0.003)
    assert stars == sorted(stars, reverse=True)
    assert figures.net_numbers(ALL, 10)[1] == pytest.approx(0.18, abs=0.01)
    assert figures.net_numbers(ALL, 400)[1] == pytest.approx(0.74, abs=0.01)


def test_recall_and_ndcg_of_all_agree_with_one_list_at_a_time(ratings):
    films, table = figures.ten_of("ease"), figures.tonight()
    recall, ndcg = figures.worth_of(films)
    goal = figures.evening("today").goal
    for row in range(0, len(films), 50):
        wanted, one = goal.items_of(table.viewers[row]), films[row][films[row] >= 0]
        assert recall[row] == pytest.approx(recall_at_k(one, wanted, 10))
        assert ndcg[row] == pytest.approx(ndcg_at_k(one, wanted, 10))


def test_asked_for_one_viewer_the_nets_bring_what_they_bring_for_all(ratings):
    now = {"ease": figures.ease_net, "als": figures.factor_net}
    now |= {"talk": figures.talk_net, "genres": figures.genre_net}
    for net, bring in now.items():
        for viewer in figures.tonight().viewers[:200:40]:
            table = np.flatnonzero(figures.pool("today", (net,))[viewer])
            assert len(np.intersect1d(table, bring(viewer))) >= 0.98 * len(table)


def test_one_viewers_page_is_hers_among_all_pages(ratings):
    table = figures.tonight()
    for row in figures.some_viewers():
        viewer = table.viewers[row]
        pool = table.films[row][figures.first_ten()[1][row]]
        scores = figures.score(viewer, pool)
        order = np.argsort(-scores, kind="stable")
        ten, _ = figures.arrange(viewer, pool[order], scores[order])
        assert ten.tolist() == figures.films_of(figures.page(*figures.PAGE))[row].tolist()
        assert ten.tolist() == figures.walked(row, figures.WIDTH)["page"].tolist()


@pytest.mark.parametrize("tool", figures.TOOLS)
def test_a_dial_at_its_start_changes_nothing_and_turned_moves_what_it_is_for(tool, ratings):
    best, aim = figures.measured(), figures.AIMS[tool][0]
    assert (figures.page(tool, 0) == figures.first_ten()[0]).all()
    way = [figures.measured(tool, dial)[aim].mean() for dial in (0, 4, 7)]
    falls = tool in ("shares", "fresh")
    assert way == sorted(way, reverse=falls) and way[0] == best[aim].mean()


def test_variety_costs_nothing_measurable_and_the_scorer_had_taken_it_away(ratings):
    ease = figures.portrait(figures.ten_of("ease"))
    best, page = figures.measured(), figures.measured(*figures.PAGE)
    assert figures.interval(best["unlike"] - ease["unlike"])[2] < 0
    assert figures.interval(page["unlike"] - best["unlike"])[1] > 0
    low, high = figures.interval(page["NDCG"] - best["NDCG"])[1:]
    assert low < 0 < high
    assert figures.interval(best["NDCG"] - ease["NDCG"])[1] > 0


@pytest.mark.parametrize("make", figures.FROM_DATA)
def test_every_state_has_the_same_traces_and_a_sentence(make, ratings):
    explorable = make(ratings)
    values = [control.values for control in explorable.controls.values()]
    shapes = set()
    for state in product(*values):
        state = dict(zip(explorable.controls, state))
        drawn = explorable.draw(**state)["data"]
        shapes.add(tuple((trace["type"], len(trace["x"])) for trace in drawn))
        words = explorable.describe(**state)
        assert words.endswith(".") and " nan" not in words and " -" not in words
    assert len(shapes) == 1
