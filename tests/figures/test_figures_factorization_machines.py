"""The numbers behind the pictures of "Factorization machines"."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from recsys_lab.figures import factorization_machines as figures

# ---------------------------------------------------------------------------- the square trick


def test_the_row_of_ada_fog_signal_and_sunday_scores_four_and_a_half():
    assert figures.score(np.ones(3)) == 4.5


def test_three_vectors_give_thirteen_six_three_and_nine_and_a_half():
    assert figures.totals((2.0, 3.0)) == {"all": 13, "off": 6, "half": 3, "seen": 9.5}


def test_the_quoted_formula_is_right_only_where_the_chain_closes():
    across, up = figures.square_trick.controls["end"].x, figures.square_trick.controls["end"].y
    right = [
        (x, y)
        for x in across
        for y in up
        if abs(figures.totals((x, y))["seen"] - figures.totals((x, y))["half"]) < 1e-9
    ]
    assert right == [(0.0, 0.0)]
    assert "this once it is right" in figures.square_trick.says(end=(0.0, 0.0), step="seen")


def test_the_pairs_are_those_of_the_vectors_wherever_the_chain_ends():
    for end in ((-2.0, 4.5), (0.5, -1.0)):
        E = figures.three_vectors(end)
        assert E.sum(axis=0) == pytest.approx(end)
        assert figures.totals(end)["half"] == pytest.approx(
            sum(a @ b for a, b in combinations(E, 2))
        )


# --------------------------------------------------------------------------------- the race


def test_two_hundred_features_are_too_many_pair_by_pair_and_few_by_the_trick():
    slow, fast = figures.page_time(200, 16)
    assert slow == pytest.approx(159.2) and fast == pytest.approx(1.608)
    slow, fast = figures.page_time(2, 16)
    assert slow < fast


# -------------------------------------------------------------------------------- never met


def test_two_factors_fill_in_what_free_weights_cannot():
    error = {model: figures.unseen_error(model, 0.3) for model in figures.MODELS}
    assert error["2"] == pytest.approx(0.31, abs=0.02)
    assert error["4"] == pytest.approx(0.38, abs=0.03)
    assert error["free"] == pytest.approx(1.14, abs=0.02)
    assert error["linear"] == pytest.approx(2.00, abs=0.02)
    assert figures.unseen_error("2", 0.2) > figures.unseen_error("free", 0.2)
    assert [figures.n_parameters(m) for m in figures.MODELS] == [49, 1177, 97, 145, 241]


def test_the_free_weights_are_ridge_on_all_products():
    _, seen, genre, noisy = figures.small_world(0.3)
    i, j = np.triu_indices(figures.P, 1)

    def columns(rows):
        X = np.zeros((len(rows), figures.P))
        X[np.arange(len(rows))[:, None], rows] = 1
        return np.column_stack([X, X[:, i] * X[:, j]])

    rows, asked = figures._rows(seen, genre), figures._rows(~seen, genre)
    theirs = Ridge(alpha=0.01).fit(columns(rows), noisy[seen]).predict(columns(asked))
    np.testing.assert_allclose(figures.believed("free", 0.3)[~seen], theirs, atol=1e-6)


# ------------------------------------------------------------------- lines, and a parabola


def test_one_thing_draws_a_line_and_two_draw_a_parabola():
    t = np.arange(-1, 3.0)
    bend = {what: np.diff([figures.moved(what, s) for s in t], 2) for what in figures.MOVES}
    for what in ("weight", "entry", "feature"):
        assert np.allclose(bend[what], 0)
    for what in ("two", "row"):
        assert np.ptp(bend[what]) < 1e-9 < bend[what].min()
    assert figures.moved("row", 2.0) == 13


# ------------------------------------------------------------------------------ switchboard


def test_member_and_film_cost_a_weight_for_each_pair_or_eight_numbers_each():
    assert figures.free_weights(["member", "film"]) == 160_000
    assert figures.machine_numbers(["member", "film"]) == 8_000
    assert figures.badge(["film", "member"]) == "= matrix factorization with biases"
    assert figures.badge(["member", "film", "history"]) == "≈ SVD++"


def test_the_pairs_of_fields_are_p_times_p_less_one_by_two():
    for _, switches in figures.switchboard.states():
        on = [name for name, is_on in switches.items() if is_on]
        assert len(figures.wired(on)[0]) == len(on) * (len(on) - 1) // 2


def test_weights_inside_a_field_are_counted_where_several_features_may_be_on():
    assert figures.free_weights(["genres"]) == 66
    assert figures.free_weights(["day"]) == 0
    assert figures.free_weights(["genres", "day"]) == 66 + 84


# --------------------------------------------------------------------- films nobody has seen


def test_features_of_the_film_bring_what_its_number_cannot_unless_they_meet():
    number, _ = figures.premiere(("member", "film"), False, 0)
    director, alone = figures.premiere(("member", "director"), False, 0)
    both, across = figures.premiere(("member", "director"), True, 0)
    assert director < number - 0.1
    assert alone == pytest.approx(director)  # one feature of the film has no pair inside
    assert both > across + 0.05


def test_for_new_films_pairs_across_beat_weights_alone_and_all_pairs_do_not():
    fields = ("member", "director")
    alone = np.mean([figures.premiere(fields, True, seed, k=0)[0] for seed in range(4)])
    both, across = np.mean([figures.premiere(fields, True, seed) for seed in range(4)], axis=0)
    assert [alone, both, across] == pytest.approx([0.947, 0.987, 0.871], abs=2e-3)


def test_the_taller_bar_of_the_switchboard_fills_the_scale():
    for _, switches in figures.switchboard.states():
        on = [name for name, is_on in switches.items() if is_on]
        top = figures.switchboard.figure(**switches)["layout"]["yaxis2"]["range"][1]
        tallest = max(1, figures.free_weights(on), figures.machine_numbers(on))
        assert top == pytest.approx(1.14 * tallest)


def test_pairs_inside_the_film_move_all_members_alike():
    for director in ("Hedvig Skarn", "unknown"):
        with_, without = (
            figures.opening_night(director, ["sea", "heist"], inside) for inside in (True, False)
        )
        assert np.ptp(with_ - without) < 1e-9


def test_a_heist_is_for_dee_and_a_comedy_of_the_sea_for_eli():
    heist = figures.opening_night("Hedvig Skarn", ["noir", "heist"])
    assert figures.MEMBERS[heist.argmax()] == "Dee" and figures.MEMBERS[heist.argmin()] == "Eli"
    comedy = figures.opening_night("Agnes Windle", ["sea", "comedy"])
    assert figures.MEMBERS[comedy.argmax()] == "Eli"


def test_a_genre_of_several_counts_by_its_share():
    harbour = figures._harbour()
    (_, values), p = figures.features(harbour, np.array([0]), np.array([3]), ("member",))
    assert p == 812
    assert values[0, 0] == 1 and values[0, 1:].sum() == pytest.approx(1)


# ------------------------------------------------------------------------------ the deep part


def test_pairs_miss_what_takes_three_and_the_deep_part_does_not():
    assert figures.evening_error(False, 1.0, 1000) == pytest.approx(1.0, abs=0.02)
    assert figures.evening_error(True, 1.0, 1000) < 0.2
    assert figures.evening_error(False, 0.0, 1000) < figures.evening_error(True, 0.0, 1000)


def test_no_pair_of_the_three_knows_anything_of_their_product():
    effect = figures.evening_truth(1.0) - figures.evening_truth(0.0)
    sign = 2 * figures.EVENINGS - 1
    for a, b in combinations(range(3), 2):
        assert effect @ sign[:, a] == effect @ (sign[:, a] * sign[:, b]) == 0
