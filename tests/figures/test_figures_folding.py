"""The numbers behind the pictures of the chapter "Folding"."""

import pytest

from recsys_lab.figures import folding


def test_the_loss_keeps_every_digit_shown_while_the_lists_go_from_fine_to_absurd():
    assert {f"{folding.turned(a)[2]:.9f}" for a in folding.ANGLES} == {"4.570788211"}
    rates = [folding.turned(a)[3] for a in (90, 0, 270, 360)]
    assert rates == pytest.approx([0.025, 0.215, 0.665, 0.215])


def test_the_ringed_films_are_none_of_those_the_member_has_seen():
    data = folding._two_islands()[0]
    seen = set(data.items[data.users == folding.ASKING])
    assert all(seen.isdisjoint(folding.best_five(a)) for a in folding.ANGLES)


def test_another_start_is_another_model_until_unseen_pairs_weigh_something():
    rates = folding.lottery(3, 0.0)
    assert rates.min() == pytest.approx(0.0967, abs=0.01)
    assert rates.max() == pytest.approx(0.797, abs=0.01)
    assert folding.lottery(3, 0.2).max() == 0


def test_a_pinch_of_negatives_cures_and_a_shovel_buries():
    rate = {ratio: folding.with_negatives(ratio)[0].mean() for ratio in (0, 0.1, 4)}
    assert rate[0] == pytest.approx(0.135, abs=0.005)
    assert rate[0.1] == pytest.approx(0.008, abs=0.005)
    assert rate[4] > 0.05
    own = [folding.with_negatives(ratio)[1][1] for ratio in (0.1, 1, 4)]
    assert own == sorted(own, reverse=True)


@pytest.mark.parametrize(
    ("g", "d", "zeros"), [(1, 1, 0), (1, 2, 1), (2, 2, 2), (3, 2, 3), (2, 3, 7), (3, 4, 17)]
)
def test_the_spectrum_counts_the_free_turns(g, d, zeros):
    assert folding.spectrum(g, d)[0] == zeros
