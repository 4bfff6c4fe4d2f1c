"""The numbers behind the pictures of the chapter "Retrieval"."""

import numpy as np
import pytest

from recsys_lab.figures import retrieval as figures
from recsys_lab.similarity import euclidean


@pytest.mark.parametrize("query", [(0.8, 0.4), (-1.2, 2.0), (0.4, -0.4), (2.0, -1.6)])
def test_on_the_dome_distance_and_dot_product_agree_and_on_the_floor_they_need_not(query):
    query = np.array(query)
    on_dome = figures.raised_distance(query, 1.0)
    assert on_dome.argmin() == (figures.LIFTED @ query).argmax()
    assert figures.agreement(query, 1.0) == 1
    np.testing.assert_allclose(
        figures.raised_distance(query, 0.0), euclidean([query], figures.LIFTED)[0]
    )


def test_the_start_shows_two_winners_and_the_dome_one():
    query = np.array([0.8, 0.4])
    best = (figures.LIFTED @ query).argmax()
    nearest = [figures.raised_distance(query, h).argmin() for h in figures.HEIGHTS]
    assert nearest[0] != best and nearest[-1] == best


def test_the_cells_that_serve_in_the_plane_fail_in_sixteen_dimensions():
    found = {d: figures.cells_on_average(d, 40, 2)[0] for d in figures.CELL_DIMENSIONS}
    assert found[2] == pytest.approx(0.98, abs=0.01)
    assert found[16] == pytest.approx(0.40, abs=0.02)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert figures.cells_on_average(16, 40, 8)[1] == pytest.approx(0.2, abs=0.03)
    assert figures.cells_on_average(16, 40, 24) == pytest.approx((0.99, 0.60), abs=0.01)
    assert max(figures.N_PROBES) == max(figures.N_CELLS)  # the slider reaches every answer


@pytest.mark.parametrize("n_cells", figures.N_CELLS)
def test_the_outlines_of_the_cells_fill_the_map_and_hold_their_own_films(n_cells):
    x, y = np.moveaxis(figures._outlines(n_cells), 2, 0)
    area = np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(axis=1)) / 2
    assert area.sum() == pytest.approx((2 * figures._BOX) ** 2)
    centers, _ = figures._cells(2, n_cells)
    for shape, own in zip(figures._outlines(n_cells), range(n_cells)):
        distance = euclidean(shape, centers)
        assert (distance[:, own] <= distance.min(axis=1) + 1e-9).all()


def test_all_cells_lit_find_all():
    *_, found, scanned = figures.one_query((-1.0, 1.5), 5, 8)
    assert found.all() and scanned == 1


def test_the_simulated_tables_lie_on_the_curve():
    drawn = figures.simulated()
    for b, n_bits in enumerate(figures.BITS):
        for t, n_tables in enumerate(figures.TABLES):
            chance = figures.hit_probability(np.deg2rad(figures._TRIED), n_bits, n_tables)
            assert np.abs(drawn[:, b, t] - chance).max() < 0.13  # over 4 sigma of 300 draws


def test_the_shaded_bucket_of_the_first_table_is_the_bucket():
    for n_bits in figures.BITS:
        low, high = np.rad2deg(figures._wedge(n_bits))
        for degrees in figures.DEGREES:
            inside = bool(figures.tables_that_meet(degrees, n_bits, 1)[0])
            assert inside == (low < degrees < high)


def test_long_links_and_a_wider_beam_find_more():
    measured = {
        (kind, ef): figures.walks_on_average(kind, ef) for kind in figures.KINDS for ef in (1, 4)
    }
    assert measured["short", 1] == pytest.approx((0.33, 32.43), abs=0.01)
    assert measured["long", 4] == pytest.approx((0.92, 47.16), abs=0.01)
    assert measured["short", 1][0] < measured["long", 1][0] < measured["long", 4][0]


def test_every_walk_fits_the_traces_it_is_drawn_with():
    pad = figures.small_world_walk.controls["query"]
    for query in pad.values:
        for kind in figures.KINDS:
            for ef in figures.BEAMS:
                _, legs, compared, when = figures.walk(query, kind, ef)
                assert 1 <= len(legs) <= figures._LEGS and len(compared) <= figures._LOOKS
                assert len(set(compared)) == len(compared) == len(when)
                assert all(a in compared and b in compared for a, b in legs)


def test_distances_lose_their_contrast_unless_few_directions_are_hidden():
    contrast = [figures.contrast_of(d, "alike")[2] for d in (2, 8, 32, 128, 512)]
    assert contrast == pytest.approx([65.29, 3.63, 0.93, 0.36, 0.17], abs=0.01)
    assert figures.contrast_of(512, "hidden")[2] > 10
    lonely = [np.mean(figures.contrast_of(d, "alike")[3] == 0) for d in (2, 512)]
    assert lonely == pytest.approx([0, 0.082], abs=0.005)


@pytest.mark.parametrize("name", figures.WORLDS)
def test_every_wish_is_within_reach_of_every_method_and_more_costs_more(name):
    for wanted in figures.WANTED:
        assert all(point[1] >= wanted for point in figures.cheapest(name, wanted).values())
    for curve in figures.trade(name).values():
        share = [point[2] for point in curve]
        assert share == sorted(share)


def test_groups_are_cheaper_to_search_than_a_cloud_of_as_many_dimensions():
    cloud, groups = (figures.cheapest(name, 0.95) for name in ("cloud", "groups"))
    assert all(groups[way][2] < cloud[way][2] / 3 for way in groups)


def test_the_walk_starts_before_its_first_step_so_that_the_question_is_open():
    assert figures.small_world_walk.says().startswith("No step yet")
    assert "dead end" in figures.small_world_walk.says(step=figures.STEPS[-1])
