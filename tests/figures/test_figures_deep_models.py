"""The numbers behind the pictures of the chapter "Deep models and two towers"."""

import itertools

import numpy as np
import pytest

from recsys_lab.factorization import fold_in
from recsys_lab.figures import deep_models as figures
from recsys_lab.nn import entropy, softmax


def test_psi_is_the_sum_of_what_the_inputs_add():
    assert figures.card_psi("under 25", 22, "nothing yet") == pytest.approx(
        [-0.6, 0.1 - 0.7 * 4 / 6]
    )
    without = figures.card_psi("60 and over", 18, "nothing yet")
    seen = figures.card_psi("60 and over", 18, "Lamp Oil") - without
    assert seen == pytest.approx(0.3 * figures.HAND_SET[5])


def test_the_hour_alone_changes_the_film_of_a_newcomer():
    best = {
        hour: figures.FILMS[
            int((figures.HAND_SET @ figures.card_psi("under 25", hour, "nothing yet")).argmax())
        ]
        for hour in (14, 22)
    }
    assert best == {14: "Pigeon Heist", 22: "The Quiet Vault"}


def test_volume_changes_how_sure_and_never_the_order():
    shares, orders, spread = [], set(), []
    for volume in figures.VOLUMES:
        p = softmax(figures.HAND_SET @ (volume * np.array([0.6, -0.45])))
        shares.append(p.max())
        orders.add(tuple(np.argsort(-p)))
        spread.append(entropy(p))
    assert shares == sorted(shares)
    assert spread == sorted(spread, reverse=True)
    assert len(orders) == 1
    assert shares == pytest.approx([0.24, 0.32, 0.44, 0.55, 0.61], abs=0.005)


def test_the_joins_between_logits_and_bars_never_cross():
    for psi, volume in itertools.product([(0.6, -0.45), (-0.9, 0.15), (0.0, 0.0)], figures.VOLUMES):
        logits = figures.HAND_SET @ (volume * np.array(psi))
        joins = figures._fan(logits, 9.5)[0]["y"]
        start, end = np.array(joins[::3]), np.array(joins[1::3])
        assert np.all(
            np.diff(end[np.argsort(start, kind="stable")])[np.diff(np.sort(start)) > 0] > 0
        )


def test_the_contour_numbers_stand_clear_of_the_films():
    reach = np.linalg.norm(figures.HAND_SET, axis=1).max()
    assert figures.RIM > reach + 0.5


def test_what_is_expected_reaches_the_film_inside_the_hull_but_its_share_stops_at_29_percent():
    places, losses = figures.walk("Everything Regatta", 0.3)
    p = softmax(figures.HAND_SET @ places[-1])
    assert p @ figures.HAND_SET == pytest.approx(figures.HAND_SET[3], abs=0.01)
    assert p[3] == pytest.approx(0.29, abs=0.005)
    assert p.argmax() == 4
    assert losses[-1] == pytest.approx(1.22, abs=0.005)
    corner, _ = figures.walk("Pigeon Heist", 1.0)
    assert softmax(figures.HAND_SET @ corner[-1])[4] == pytest.approx(0.94, abs=0.005)


def test_a_step_is_the_step_size_times_truth_minus_expectation():
    places, _ = figures.walk("Lamp Oil", 0.3)
    p = softmax(figures.HAND_SET @ places[0])
    gap = figures.HAND_SET[5] - p @ figures.HAND_SET
    assert places[1] - places[0] == pytest.approx(0.3 * gap)


def test_walks_stay_in_the_picture():
    for film, size in itertools.product(figures.FILMS, figures.STEP_SIZES):
        places, losses = figures.walk(film, size)
        assert np.abs(places[:, 0]).max() < 4
        assert np.abs(places[:, 1]).max() < 3.4
        assert max(losses) < 5


@pytest.mark.parametrize("given", figures.INPUTS)
@pytest.mark.parametrize("tower", figures.TOWERS)
def test_only_a_table_or_an_activation_learns_the_four_visitors(given, tower):
    *_, (psi, _, loss, gap) = figures.film_of_training(given, tower)
    learns = given == "id" or tower == "relu"
    assert loss == pytest.approx(np.log(3) if learns else np.log(6), abs=0.001)
    assert (gap < 1e-12) == (tower != "relu")
    if given == "card" and tower != "relu":
        assert psi[0] + psi[3] == pytest.approx(psi[1] + psi[2])  # a parallelogram


def test_the_sampling_tax():
    truth = np.log(np.exp(figures.many_logits()[0]).sum())
    assert truth == pytest.approx(8.06, abs=0.005)
    uncorrected = figures.tax(128, "popularity", False)
    corrected = figures.tax(128, "popularity", True)
    assert (uncorrected.mean(), uncorrected.std()) == pytest.approx((5.22, 0.09), abs=0.005)
    assert (corrected.mean(), corrected.std()) == pytest.approx((8.03, 0.26), abs=0.005)
    assert figures.tax(512, "popularity", False).mean() < 6.7  # more draws do not bring it there
    assert figures.tax(512, "uniform", False).mean() < 6.7


def test_no_estimate_falls_outside_the_histogram():
    for size, how, corrected in itertools.product(figures.SAMPLES, figures.SAMPLERS, (False, True)):
        estimate = figures.tax(size, how, corrected)
        assert estimate.min() > 1
        assert estimate.max() < 11.5


def test_the_three_films_are_reversed_only_by_popularity_without_correction():
    for how, corrected in itertools.product(figures.SAMPLERS, (False, True)):
        order = list(np.argsort(-figures.learned_scores(how, corrected)))
        reversed_ = how == "popularity" and not corrected
        assert order == ([2, 1, 0] if reversed_ else [0, 1, 2])


def test_features_buy_the_first_day_and_ratings_the_rest():
    tags = (False, True, False, True, False)
    truth, tower, alone, both = figures.arrivals(tags)
    off = [figures._off(places, truth) for places in (alone, both)]
    features = np.linalg.norm(tower - truth)
    assert off[0][0] == pytest.approx(0.95, abs=0.005)
    assert features == pytest.approx(0.57, abs=0.005)
    assert off[1][0] == pytest.approx(features)
    at = figures.RATED.index
    assert off[0][at(4)] > features > off[0][at(6)]
    assert np.all(off[1] <= off[0])
    assert off[1][-1] == pytest.approx(0.26, abs=0.005)


def test_ratings_alone_are_the_fold_in_of_the_package():
    tags = (True, False, False, False, True)
    truth, _, alone, _ = figures.arrivals(tags)
    members, noise = figures._audience()
    for at, n in enumerate(figures.RATED):
        ratings = members[0, :n] @ truth + noise[0, :n]
        place = fold_in(members[0], np.arange(n), ratings, 1.0)
        assert alone[at, 0] == pytest.approx(place)


def test_arrivals_stay_in_the_picture():
    for tags in itertools.product((False, True), repeat=5):
        truth, tower, alone, both = figures.arrivals(tags)
        for places in (truth, tower, alone[:, 0], both[:, 0]):
            assert np.abs(places).max() < 2.7
        assert max(figures._off(alone, truth).max(), np.linalg.norm(tower - truth)) < 2.5
