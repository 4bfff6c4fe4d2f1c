"""The numbers behind the pictures of "Three stages"."""

import numpy as np
import pytest

from recsys_lab.figures import pipeline as figures

ADA, BO, CEM, DEE = range(4)


def counts(user, nets, k):
    """How many of the ten truly best are among the candidates, the ten scored best, the page."""
    stages, best = figures.run(user, nets, k), set(figures.true_order(user)[0][:10].tolist())
    return tuple(len(best & set(stages[name])) for name in ("retrieved", "scored", "shown"))


def test_a_careful_look_at_a_billion_items_takes_a_day_and_three_stages_keep_the_budget():
    assert figures.in_words(figures.one_look(1_000_000_000)) == "27.8 hours"
    assert figures.in_words(figures.one_look(10_000)) == "1 second"
    assert figures.one_look(200) < figures.three_looks(200)["total"] < figures.BUDGET
    assert figures.three_looks(1_000_000_000)["total"] == pytest.approx(65)


def test_dees_net_of_three_catches_nothing_and_one_of_five_everything():
    order, means = figures.first_net("Dee")
    assert [figures.FILMS[j] for j in order[:3]] == ["Lamp Oil", "Fog Signal", "Salt & Sugar"]
    assert means[order] == pytest.approx([14 / 3, 4.25, 4, 7 / 3, 2.25, 2])
    assert figures.net_numbers("Dee", 3)[:2] == (0, 0)
    assert figures.net_numbers("Dee", 4)[:2] == (0.5, 0.25)
    assert figures.net_numbers("Dee", 5)[:2] == (1, 0.4)


@pytest.mark.parametrize("member", figures.MEMBERS)
def test_a_wider_net_never_catches_less(member):
    recall = [figures.net_numbers(member, k)[0] for k in range(1, 7)]
    assert recall == sorted(recall) and recall[-1] == 1


def test_bo_loses_seven_at_the_net_and_cem_loses_by_more_choice():
    assert counts(BO, "also seen", 20) == (3, 3, 3)
    assert counts(BO, "also seen", 120)[:2] == (10, 5)
    assert counts(CEM, "also seen", 20)[:2] == (8, 8)
    assert counts(CEM, "also seen", 40)[:2] == (10, 6)
    assert counts(CEM, "same tags", 40)[0] == 1


@pytest.mark.parametrize("nets", figures.NETS)
def test_no_page_beats_its_ceiling_or_breaks_a_rule(nets):
    harbour, seen, *_ = figures.house()
    for user in range(6):
        for k in figures.PROPOSALS:
            stages = figures.run(user, nets, k)
            retrieved, _, shown = counts(user, nets, k)
            assert shown <= retrieved <= 10
            assert len(stages["retrieved"]) <= k and set(stages["shown"]) <= set(
                stages["retrieved"]
            )
            assert not seen[user, stages["retrieved"]].any()
            directors = harbour.items["director"][stages["shown"]]
            assert np.unique(directors, return_counts=True)[1].max() <= 2


def test_a_recent_film_stands_among_the_first_three_where_there_is_one():
    year = figures.house()[0].items["year"]
    films = np.flatnonzero(year < 2015)[:5]
    films = np.append(films, np.flatnonzero(year >= 2015)[0])
    scores = np.arange(6.0)[::-1]
    moved, moved_scores = figures.one_recent(ADA, films, scores)
    assert moved.tolist() == films[[0, 1, 5, 2, 3, 4]].tolist()
    assert moved_scores.tolist() == [5, 4, 0, 3, 2, 1]
    assert figures.one_recent(ADA, films[:5], scores[:5])[0].tolist() == films[:5].tolist()


@pytest.mark.parametrize(
    ("k", "recall", "good", "perfect"),
    [(10, 0.052, 2.48, 2.48), (200, 0.326, 3.20, 3.33), (1_000, 0.666, 3.26, 3.40)],
)
def test_the_ceiling_is_the_measured_one(k, recall, good, perfect):
    at = figures.KEPT.index(k)
    assert figures.ceilings(0.7, 1.0)[at] == pytest.approx([recall, perfect], abs=5e-3)
    assert figures.ceilings(0.7, 0.95)[at, 1] == pytest.approx(good, abs=5e-3)
    assert figures.best_possible() == pytest.approx(3.43, abs=5e-3)


def test_a_hasty_ranker_is_spoiled_by_choice_and_a_perfect_one_never():
    hasty, perfect = (figures.ceilings(0.7, skill)[:, 1] for skill in (0.6, 1.0))
    assert hasty[-1] < hasty[0] < hasty.max() and hasty.argmax() in range(1, 6)
    assert (np.diff(perfect) >= 0).all()


def test_the_best_page_in_time_spends_at_every_stage():
    quality, plan = figures.best_page()
    assert plan == ("a good look", "heavy", 250, 40)
    assert quality == pytest.approx(3.60, abs=5e-3)
    assert figures.spent(*plan) == pytest.approx(
        {"retrieve": 40, "score": 50, "re-rank": 4, "total": 94}
    )


def test_the_members_language_alone_proposes_as_well_as_what_was_seen_together():
    for k in (20, 40, 80):
        rule, counted = (figures.whole_house(net, k) for net in ("own language", "also seen"))
        assert rule[1] == pytest.approx(counted[1], abs=0.006)
        assert rule[2] == pytest.approx(counted[2], abs=0.02)


def test_a_hasty_ranker_that_is_told_the_nets_number_is_not_spoiled_by_choice():
    told, alone = figures.told(0.7, 0.6), figures.ceilings(0.7, 0.6)[:, 1]
    assert told[0] == pytest.approx(alone[0])
    assert (told[1:] > alone[1:]).all() and told[-1] > told.max() - 0.02


def test_the_next_step_is_the_one_that_buys_most_for_its_milliseconds():
    assert figures.next_step("a glance", "heavy", 800, 10)[0] == "re-rank"
    for way in figures.bought():
        step = figures.next_step(*way)
        if step:
            stage, gain, price = step
            others = [other for other, more in figures.steps_from(*way)[stage] if more]
            assert any(
                figures.bought()[other][0] - figures.bought()[way][0] == pytest.approx(gain)
                and figures.spent(*other)["total"] - figures.spent(*way)["total"]
                == pytest.approx(price)
                for other in others
            )


def test_a_re_ranker_without_choice_leaves_places_empty():
    filled = [figures.bought()["a good look", "heavy", 250, k][1] for k in figures.ARRANGED]
    assert filled[0] < 7 and filled[-1] == 10 and filled == sorted(filled)
