"""Retrieval: scikit-learn and plain sorting as judges, and the numbers of the chapter's figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import ortho_group
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin
from sklearn.neighbors import NearestNeighbors

from recsys_lab.retrieval import (
    ExactIndex,
    HNSWIndex,
    IVFIndex,
    LSHIndex,
    beam_search,
    hit_probability,
    k_occurrences,
    kmeans,
    lift_items,
    lift_queries,
    nearest_cells,
    neighbor_table,
    recall_at_k,
    relative_contrast,
    small_world,
)
from recsys_lab.similarity import euclidean, normalize, top_k

# Each kind of index, set so that even the approximate ones find everything in a small catalogue.
THOROUGH = {
    "exact": lambda n: ExactIndex(),
    "lsh": lambda n: LSHIndex(n_bits=1, n_tables=64),
    "ivf": lambda n: IVFIndex(n_cells=min(n, 7), n_probes=min(n, 7)),
    "hnsw": lambda n: HNSWIndex(n_links=16, ef=max(n, 1)),
}
every_index = pytest.mark.parametrize("make", THOROUGH.values(), ids=THOROUGH.keys())


def by_sorting(items, queries, k):
    """Ids and scores with ties to the lower id, filled up with -1 and -inf."""
    scores = np.asarray(queries) @ np.asarray(items).T
    ids = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    scores = np.take_along_axis(scores, ids, axis=1)
    missing = ((0, 0), (0, k - ids.shape[1]))
    return (
        np.pad(ids, missing, constant_values=-1),
        np.pad(scores, missing, constant_values=-np.inf),
    )


def gaussian(n, d, q=20, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(q, d))


def clustered(n, d, n_clusters, q=100, spread=0.5, seed=0):
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(n_clusters, d))
    points = centers[rng.integers(0, n_clusters, n + q)] + spread * rng.normal(size=(n + q, d))
    return points[:n], points[n:]


@pytest.fixture(scope="module")
def drawn():
    """The chapter's figures in the order in which one stream of random numbers drew them."""
    rng = np.random.default_rng(0)
    numbers = {}
    for d in (2, 16):
        numbers["cells", d] = rng.normal(size=(2_000, d)), rng.normal(size=(200, d))
    numbers["sphere"] = rng.normal(size=(200, 2)) * np.exp(rng.normal(0, 0.5, (200, 1)))
    for d in (2, 8, 32, 128, 512):
        numbers["contrast", d] = rng.random((1_000, d)), rng.random(d)
    rng.normal(size=(2_000, 16)), [rng.normal(size=(100, 16)) for _ in range(4)]  # not used here
    numbers["walk"] = rng.random((400, 2)), np.random.default_rng(2).random((100, 2))
    return numbers


# --- what every index promises ----------------------------------------------------------------


@every_index
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_thorough_index_finds_what_sorting_finds(make, dtype):
    items, queries = (x.astype(dtype) for x in gaussian(300, 5))
    index = make(300).fit(items)
    ids, scores = index.search(queries, 10)
    expected_ids, expected_scores = by_sorting(items, queries, 10)
    np.testing.assert_array_equal(ids, expected_ids)
    np.testing.assert_allclose(scores, expected_scores, rtol=1e-4, atol=1e-5)
    assert scores.dtype == dtype
    assert index.n_compared_.shape == (20,)
    assert (index.n_compared_ >= 10).all()


@every_index
def test_a_k_above_the_catalogue_is_filled_up_with_minus_one_and_minus_infinity(make):
    ids, scores = make(3).fit([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]).search([[1.0, 0.5]], 5)
    assert ids.tolist() == [[1, 0, 2, -1, -1]]
    assert scores.tolist() == [[2.0, 1.0, 0.5, -np.inf, -np.inf]]


@every_index
def test_one_item_is_found(make):
    ids, scores = make(1).fit([[3.0, 4.0]]).search([[1.0, 1.0]], 2)
    assert ids.tolist() == [[0, -1]]
    assert scores.tolist() == [[7.0, -np.inf]]


@every_index
def test_no_queries_give_empty_tables(make):
    items, _ = gaussian(30, 4)
    index = make(30).fit(items)
    ids, scores = index.search(np.empty((0, 4)), 3)
    assert ids.shape == scores.shape == (0, 3)
    assert len(index.n_compared_) == 0


@every_index
def test_zero_items_and_zero_queries_score_zero(make):
    ids, scores = make(4).fit(np.zeros((4, 3))).search(np.zeros((2, 3)), 4)
    np.testing.assert_array_equal(ids, [[0, 1, 2, 3]] * 2)
    np.testing.assert_array_equal(scores, np.zeros((2, 4)))


@every_index
def test_copies_of_an_item_are_all_found(make):
    items, queries = gaussian(20, 4)
    items = np.tile(items, (15, 1))
    ids, scores = make(300).fit(items).search(queries, 15)
    _, expected = by_sorting(items, queries, 15)
    np.testing.assert_allclose(scores, expected)
    assert all(len(set(row)) == 15 for row in ids.tolist())


@every_index
def test_the_items_given_are_copied_and_not_touched(make):
    items, queries = gaussian(40, 4)
    given = items.copy()
    index = make(40).fit(given)
    given[:] = 0.0
    np.testing.assert_array_equal(index.search(queries, 3)[0], by_sorting(items, queries, 3)[0])


@every_index
def test_whole_numbers_are_vectors_too(make):
    ids, scores = make(2).fit([[1, 0], [0, 1]]).search([[2, 1]], 2)
    assert ids.tolist() == [[0, 1]] and scores.tolist() == [[2.0, 1.0]]


@pytest.mark.parametrize(
    "make", [lambda: LSHIndex(4, 6), lambda: IVFIndex(20, 2), lambda: HNSWIndex(4, 8)]
)
def test_the_same_seed_gives_the_same_answer_and_a_second_fit_forgets_the_first(make):
    items, queries = gaussian(400, 6)
    again = make().fit(gaussian(100, 3)[0]).fit(items)
    for one, other in zip(make().fit(items).search(queries, 5), again.search(queries, 5)):
        np.testing.assert_array_equal(one, other)


@every_index
@pytest.mark.parametrize(
    ("items", "message"),
    [
        (np.empty((0, 3)), "at least one vector"),
        ([1.0, 2.0], r"goes in as \[x\]"),
        ([[1.0, np.nan]], r"items\[0\] holds nan"),
        ([[1.0, 2.0], [0.0, -np.inf]], r"items\[1\] holds -inf"),
        ([[1e200, 1.0]], "squares are finite"),
        ([["a", "b"]], "must be numbers"),
    ],
)
def test_items_that_are_no_vectors_are_refused(make, items, message):
    with pytest.raises(ValueError, match=message):
        make(1).fit(items)


@every_index
@pytest.mark.parametrize(
    ("queries", "k", "message"),
    [
        ([[1.0, 2.0, 3.0]], 1, "queries have 3 dimensions and items 2"),
        ([[np.nan, 0.0]], 1, r"queries\[0\] holds nan"),
        ([1.0, 2.0], 1, r"goes in as \[x\]"),
        ([[1.0, 2.0]], 0, "k must be a whole number above 0"),
        ([[1.0, 2.0]], 2.5, "k must be a whole number above 0"),
    ],
)
def test_queries_that_make_no_sense_are_refused(make, queries, k, message):
    index = make(2).fit([[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match=message):
        index.search(queries, k)


def test_a_query_beyond_the_precision_of_the_items_is_refused():
    with pytest.raises(ValueError, match="squares are finite in float32"):
        ExactIndex().fit(np.ones((2, 2), dtype=np.float32)).search([[1e30, 0.0]], 1)


@every_index
def test_searching_before_fitting_says_what_to_do(make):
    with pytest.raises(RuntimeError, match=r"call fit\(items\)"):
        make(1).search([[1.0]], 1)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (LSHIndex(0, 1), "n_bits"),
        (LSHIndex(63, 1), "n_bits must be at most 62"),
        (LSHIndex(1, 1.5), "n_tables"),
        (IVFIndex(0, 1), "n_cells"),
        (IVFIndex(3, 0), "n_probes"),
        (IVFIndex(3, 4), "n_probes <= n_cells <= number of items, got 4, 3 and 9"),
        (IVFIndex(10, 4), "got 4, 10 and 9"),
        (HNSWIndex(1), "n_links must be at least 2"),
        (HNSWIndex(ef=0), "ef must be"),
        (HNSWIndex(ef_construction=None), "ef_construction"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(index, message):
    with pytest.raises(ValueError, match=message):
        index.fit(np.ones((9, 2)))


small_tables = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 25), st.just(3)),
    elements=st.integers(-3, 3).map(float),  # few values: ties, copies and zero rows abound
)


@every_index
@settings(max_examples=25)
@given(items=small_tables, queries=small_tables, k=st.integers(1, 30))
def test_any_answer_is_sorted_true_and_free_of_repeats(make, items, queries, k):
    index = make(len(items)).fit(items)
    ids, scores = index.search(queries, k)
    assert ids.shape == scores.shape == (len(queries), k)
    assert ((ids == -1) == (scores == -np.inf)).all()
    row, place = np.nonzero(ids >= 0)
    np.testing.assert_allclose(
        scores[row, place], (queries[row] * items[ids[row, place]]).sum(axis=1), atol=1e-9
    )
    for some_ids, some_scores in zip(ids, scores):
        found = some_ids[some_ids >= 0]
        assert len(set(found.tolist())) == len(found)
        assert (np.diff(some_scores[: len(found)]) <= 0).all()
    if isinstance(index, (ExactIndex, IVFIndex)):
        expected_ids, expected_scores = by_sorting(items, queries, k)
        np.testing.assert_array_equal(ids, expected_ids)
        np.testing.assert_array_equal(scores, expected_scores)


# --- exact search -----------------------------------------------------------------------------


def test_exact_search_agrees_with_scikit_learn_over_many_blocks():
    items, queries = gaussian(20_000, 8, q=600)
    items, queries = normalize(items), normalize(queries)
    expected = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(items)
    index = ExactIndex().fit(items)
    np.testing.assert_array_equal(
        index.search(queries, 10)[0], expected.kneighbors(queries, return_distance=False)
    )
    assert (index.n_compared_ == 20_000).all()


def test_ties_go_to_the_lower_id_across_blocks():
    items = np.random.default_rng(0).integers(-2, 3, size=(20_000, 3)).astype(float)
    queries = np.array([[1.0, 2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    for k in (1, 10, 9_000):
        np.testing.assert_array_equal(
            ExactIndex().fit(items).search(queries, k)[0], by_sorting(items, queries, k)[0]
        )


def test_a_rotation_changes_no_exact_result():
    items, queries = gaussian(500, 6)
    rotation = ortho_group.rvs(6, random_state=0)
    plain = ExactIndex().fit(items).search(queries, 10)
    turned = ExactIndex().fit(items @ rotation).search(queries @ rotation, 10)
    np.testing.assert_array_equal(plain[0], turned[0])
    np.testing.assert_allclose(plain[1], turned[1])


def test_single_precision_comes_near_double():
    items, queries = gaussian(3_000, 16)
    double = ExactIndex().fit(items).search(queries, 10)
    single = ExactIndex().fit(items.astype(np.float32)).search(queries, 10)
    assert recall_at_k(single[0], double[0]) > 0.99
    np.testing.assert_allclose(single[1], double[1], rtol=1e-5)


def test_euclidean_neighbours_come_from_one_more_coordinate():
    items, queries = gaussian(400, 5)
    lifted = np.column_stack([items, -(items**2).sum(axis=1) / 2])
    ids, scores = ExactIndex().fit(lifted).search(np.column_stack([queries, np.ones(20)]), 10)
    distance, expected = NearestNeighbors(n_neighbors=10).fit(items).kneighbors(queries)
    np.testing.assert_array_equal(ids, expected)
    np.testing.assert_allclose((queries**2).sum(axis=1)[:, None] - 2 * scores, distance**2)


# --- related items and recall -----------------------------------------------------------------


def test_an_item_is_never_its_own_neighbour():
    items, _ = gaussian(60, 3)
    ids, scores = neighbor_table(items, 5)
    products = items @ items.T
    np.fill_diagonal(products, -np.inf)
    expected = top_k(products, 5)
    np.testing.assert_array_equal(ids, expected)
    np.testing.assert_allclose(scores, np.take_along_axis(products, expected, axis=1))


def test_copies_of_an_item_are_its_neighbours():
    ids, _ = neighbor_table([[1.0, 0.0]] * 3 + [[0.0, 1.0]], 2)
    assert ids.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]


def test_a_lonely_item_has_no_neighbours():
    ids, scores = neighbor_table([[1.0, 2.0]], 2)
    assert ids.tolist() == [[-1, -1]] and scores.tolist() == [[-np.inf, -np.inf]]


def test_fewer_others_than_asked_for_are_filled_up():
    assert neighbor_table([[1.0], [2.0], [3.0]], 4)[0].tolist() == [
        [2, 1, -1, -1],
        [2, 0, -1, -1],
        [1, 0, -1, -1],
    ]


@pytest.mark.parametrize("k", [0, "3", None])
def test_a_neighbour_table_needs_a_k(k):
    with pytest.raises(ValueError, match="k must be"):
        neighbor_table([[1.0], [2.0]], k)


@pytest.mark.parametrize(
    ("found", "exact", "recall"),
    [
        ([[1, 2, 3]], [[3, 2, 1]], 1.0),
        ([[1, 2, 9]], [[3, 2, 1]], 2 / 3),
        ([[-1, -1]], [[0, -1]], 0.0),
        ([[0, -1], [5, 4]], [[0, -1], [4, 6]], 2 / 3),  # three to find, two of them found
        ([[1, 2, 3, 4]], [[4]], 1.0),
    ],
)
def test_recall_by_hand(found, exact, recall):
    assert recall_at_k(found, exact) == pytest.approx(recall)


def test_recall_refuses_tables_that_do_not_match():
    with pytest.raises(ValueError, match="one row a query"):
        recall_at_k([[1, 2]], [[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="nothing to find"):
        recall_at_k([[1]], [[-1]])


# --- the lift ---------------------------------------------------------------------------------


def test_lifted_items_share_one_length_and_keep_their_inner_products():
    items, queries = gaussian(100, 4)
    lifted = lift_items(items)
    np.testing.assert_allclose(
        np.linalg.norm(lifted, axis=1), np.linalg.norm(items, axis=1).max(), rtol=1e-12
    )
    np.testing.assert_allclose(lift_queries(queries) @ lifted.T, queries @ items.T)


@given(
    hnp.arrays(np.float64, (8, 3), elements=st.integers(-50, 50).map(float)),
    hnp.arrays(np.float64, (1, 3), elements=st.integers(-50, 50).map(float)),
)
def test_nearest_after_the_lift_is_the_largest_inner_product(items, query):
    distance = np.linalg.norm(lift_items(items) - lift_queries(query), axis=1)
    products = items @ query[0]
    for one in range(8):
        for other in range(8):
            if products[one] > products[other]:
                assert distance[one] < distance[other]


def test_the_order_after_the_lift_is_that_of_the_dot_product_and_not_of_the_distance(drawn):
    items, query = drawn["sphere"], np.array([[1.0, 0.3]])
    lifted = euclidean(lift_queries(query), lift_items(items))[0]
    np.testing.assert_array_equal(np.argsort(lifted), np.argsort(-(items @ query[0])))
    assert euclidean(query, items)[0].argmin() == 6
    assert lifted.argmin() == ExactIndex().fit(items).search(query, 1)[0][0, 0] == 116


def test_the_lift_keeps_single_precision():
    items = gaussian(50, 4)[0].astype(np.float32)
    lifted = lift_items(items)
    assert lifted.dtype == lift_queries(items).dtype == np.float32
    np.testing.assert_allclose(lifted, lift_items(items.astype(float)), atol=1e-3)


# --- hashing ----------------------------------------------------------------------------------


def test_the_s_curve_at_thirty_and_sixty_degrees():
    settings_ = [(8, 1), (8, 8), (16, 64)]
    for degrees, expected in ((30, [0.23, 0.88, 0.97]), (60, [0.04, 0.27, 0.09])):
        got = [hit_probability(np.deg2rad(degrees), *setting) for setting in settings_]
        np.testing.assert_allclose(got, expected, atol=0.005)


def test_twelve_tables_of_eight_bits_find_thirty_degrees_nineteen_times_in_twenty():
    angle = np.pi / 6
    assert hit_probability(angle, 8, 11) < 0.95 <= hit_probability(angle, 8, 12)


def test_the_hit_probability_runs_from_one_to_nothing():
    curve = hit_probability(np.linspace(0, np.pi, 50), 5, 7)
    assert curve[0] == 1.0 and curve[-1] == 0.0
    assert (np.diff(curve) < 0).all()


@pytest.mark.parametrize("angle", [-0.1, 3.2, np.nan])
def test_an_angle_beyond_a_half_turn_is_refused(angle):
    with pytest.raises(ValueError, match="between 0 and π"):
        hit_probability(angle, 4, 4)


@pytest.mark.parametrize(("degrees", "n_bits", "n_tables"), [(30, 8, 1), (30, 8, 8), (60, 3, 4)])
def test_the_index_meets_an_item_as_often_as_the_curve_says(degrees, n_bits, n_tables):
    angle = np.deg2rad(degrees)
    query = [[np.cos(angle), np.sin(angle)]]
    hits = [
        LSHIndex(n_bits, n_tables, random_state=seed).fit([[1.0, 0.0]]).search(query, 1)[0][0, 0]
        for seed in range(600)
    ]
    expected = hit_probability(angle, n_bits, n_tables)
    four_sigma = 4 * np.sqrt(expected * (1 - expected) / 600)
    assert np.mean(np.array(hits) == 0) == pytest.approx(expected, abs=four_sigma)


def test_more_tables_find_more_and_more_bits_compare_less():
    items, queries = clustered(3_000, 16, 100)
    exact, _ = ExactIndex().fit(items).search(queries, 10)
    recall, compared = {}, {}
    for setting in ((8, 2), (8, 16), (12, 16)):
        index = LSHIndex(*setting).fit(items)
        recall[setting] = recall_at_k(index.search(queries, 10)[0], exact)
        compared[setting] = index.n_compared_.mean()
    assert recall[8, 2] < recall[8, 16] and compared[8, 2] < compared[8, 16]
    assert recall[12, 16] < recall[8, 16] and compared[12, 16] < compared[8, 16]


def test_a_bucket_holds_the_items_on_the_same_side_of_every_plane():
    items, queries = gaussian(500, 4)
    index = LSHIndex(n_bits=5, n_tables=3).fit(items)
    index.search(queries, 1)
    side = np.einsum("nd,tdb->tnb", lift_items(items), index.planes_) > 0
    asked = np.einsum("qd,tdb->tqb", lift_queries(queries), index.planes_) > 0
    met = (side[:, None] == asked[:, :, None]).all(axis=3).any(axis=0)  # (q, n)
    np.testing.assert_array_equal(index.n_compared_, met.sum(axis=1))


def test_an_empty_bucket_finds_nothing():
    index = LSHIndex(n_bits=40, n_tables=1).fit(gaussian(50, 8)[0])
    ids, scores = index.search(gaussian(50, 8, seed=1)[1], 3)
    assert (ids == -1).all() and (scores == -np.inf).all() and (index.n_compared_ == 0).all()


# --- cells ------------------------------------------------------------------------------------


def test_two_clear_groups_become_two_clusters():
    centers, cells = kmeans([[0.0], [1.0], [10.0], [11.0]], 2)
    assert sorted(centers.tolist()) == [[0.5], [10.5]]
    assert cells[0] == cells[1] != cells[2] == cells[3]


def test_k_means_agrees_with_scikit_learn_from_the_same_start():
    points, _ = gaussian(800, 3)
    start = points[np.random.default_rng(5).choice(800, 12, replace=False)]
    oracle = KMeans(12, init=start, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(points)
    centers, cells = kmeans(points, 12, n_iterations=300, random_state=5)
    np.testing.assert_allclose(centers, oracle.cluster_centers_, atol=1e-8)
    np.testing.assert_array_equal(cells, oracle.labels_)


def test_every_point_belongs_to_its_nearest_center():
    points, queries = gaussian(9_000, 4)
    centers, cells = kmeans(points, 30, n_iterations=3)
    np.testing.assert_array_equal(cells, pairwise_distances_argmin(points, centers))
    near = NearestNeighbors(n_neighbors=4).fit(centers).kneighbors(queries, return_distance=False)
    np.testing.assert_array_equal(nearest_cells(queries, centers, 4), near)


def test_more_iterations_never_raise_the_spread():
    points, _ = gaussian(1_000, 4)
    spread = []
    for n_iterations in range(1, 12):
        centers, cells = kmeans(points, 20, n_iterations)
        spread.append(((points - centers[cells]) ** 2).sum())
    assert (np.diff(spread) <= 1e-9).all()


def test_copies_leave_clusters_empty_and_nothing_breaks():
    centers, cells = kmeans(np.ones((6, 2)), 3)
    np.testing.assert_array_equal(centers, np.ones((3, 2)))
    np.testing.assert_array_equal(cells, np.zeros(6))


def test_more_clusters_than_points_are_refused():
    with pytest.raises(ValueError, match="5 clusters need at least as many points, got 2"):
        kmeans([[1.0], [2.0]], 5)


@pytest.mark.parametrize(
    ("points", "n_probes", "message"),
    [([[1.0]], 1, "points have 1 dimensions and centers 2"), ([[1.0, 2.0]], 0, "n_probes")],
)
def test_cells_of_strange_points_are_refused(points, n_probes, message):
    with pytest.raises(ValueError, match=message):
        nearest_cells(points, [[0.0, 0.0], [1.0, 1.0]], n_probes)


@pytest.mark.parametrize(("d", "recalls"), [(2, [0.98, 1.00]), (16, [0.38, 0.78])])
def test_the_cells_that_serve_in_the_plane_fail_in_sixteen_dimensions(d, recalls, drawn):
    points, queries = drawn["cells", d]
    centers, cells = kmeans(points, 40, n_iterations=8)
    exact = NearestNeighbors(n_neighbors=10).fit(points).kneighbors(queries, return_distance=False)
    for n_probes, expected in zip((2, 8), recalls):
        probes = nearest_cells(queries, centers, n_probes)  # (q, p)
        inside = (cells[exact][:, :, None] == probes[:, None, :]).any(axis=2)
        assert inside.mean() == pytest.approx(expected, abs=0.02)
        scanned = (cells == probes[:, :, None]).any(axis=1).mean()
        assert scanned == pytest.approx(n_probes / 40, abs=0.03)


def test_one_probe_answers_from_one_cell():
    items, queries = gaussian(600, 5)
    index = IVFIndex(n_cells=12, n_probes=1).fit(items)
    ids, _ = index.search(queries, 10)
    for row, compared in zip(ids, index.n_compared_):
        (cell,) = set(index.cells_[row[row >= 0]])
        assert compared == (index.cells_ == cell).sum()


def test_more_probes_compare_more_and_find_more():
    items, queries = gaussian(3_000, 16, q=50)
    exact, _ = ExactIndex().fit(items).search(queries, 10)
    recall, compared = [], []
    for n_probes in (1, 4, 16, 50):
        index = IVFIndex(50, n_probes).fit(items)
        recall.append(recall_at_k(index.search(queries, 10)[0], exact))
        compared.append(index.n_compared_.mean())
    assert (np.diff(recall) > 0).all() and recall[-1] == 1.0
    assert (np.diff(compared) > 0).all() and compared[-1] == 3_000


def test_the_length_of_a_query_changes_no_cell():
    items, queries = clustered(2_000, 8, 40)
    index = IVFIndex(40, 3).fit(items)
    plain, _ = index.search(queries, 10)
    for scale in (1e-3, 1e3):
        np.testing.assert_array_equal(index.search(scale * queries, 10)[0], plain)


def test_clustered_items_are_found_in_few_cells():
    items, queries = clustered(5_000, 32, 200)
    exact, _ = ExactIndex().fit(items).search(queries, 10)
    index = IVFIndex(70, 6).fit(items)
    assert recall_at_k(index.search(queries, 10)[0], exact) > 0.95
    assert index.n_compared_.mean() < 0.15 * 5_000


def test_queries_beyond_one_batch_are_answered_alike():
    items, queries = gaussian(300, 4, q=1_500)
    index = IVFIndex(10, 2).fit(items)
    whole, _ = index.search(queries, 5)
    np.testing.assert_array_equal(whole[1_020:1_030], index.search(queries[1_020:1_030], 5)[0])


# --- walks ------------------------------------------------------------------------------------


def walk_on_a_line(ef, entries=(0,)):
    # 0 - 1 - 2 - 3 - 4 and a dead end 0 - 5 that looks better than 1.
    links = [[1, 5], [0, 2], [1, 3], [2, 4], [3], [0]]
    value = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 2.5])
    return beam_search(lambda nodes: value[nodes], links, list(entries), ef)


def test_a_greedy_walk_by_hand():
    found, steps = walk_on_a_line(ef=1)
    assert found == [(2.5, 5)]  # lured into the dead end
    assert steps == [(None, [0]), (0, [1, 5]), (5, [])]


def test_a_wider_beam_leaves_the_dead_end():
    found, steps = walk_on_a_line(ef=2)
    assert found == [(5.0, 4), (4.0, 3)]
    assert [node for node, _ in steps] == [None, 0, 5, 1, 2, 3, 4]
    assert sum(len(compared) for _, compared in steps) == 6


def test_more_entries_than_the_beam_is_wide_keep_the_best():
    assert walk_on_a_line(ef=1, entries=(5, 0, 3))[0] == [(5.0, 4)]


def test_links_of_a_small_world_go_both_ways_and_reach_the_nearest():
    points, _ = gaussian(80, 2)
    links = small_world(points, n_links=4, n_long=1)
    near = NearestNeighbors(n_neighbors=4).fit(points).kneighbors(return_distance=False)
    for node, others in enumerate(links):
        assert node not in others and others == sorted(set(others))
        assert set(near[node]) <= set(others)
        assert all(node in links[other] for other in others)
    assert sum(map(len, links)) > sum(map(len, small_world(points, n_links=4)))


def test_a_world_of_one_has_no_links():
    assert small_world([[1.0, 2.0]], n_links=3, n_long=2) == [[]]


@pytest.mark.parametrize(
    ("n_links", "n_long", "ef", "accuracy", "cost"),
    [(4, 0, 1, 0.26, 23), (4, 1, 1, 0.75, 32), (4, 1, 4, 0.92, 42), (8, 1, 4, 1.00, 54)],
)
def test_one_long_link_replaces_many_short_ones(n_links, n_long, ef, accuracy, cost, drawn):
    points, queries = drawn["walk"]
    links = small_world(points, n_links, n_long, random_state=1)
    right, compared = [], []
    for query in queries:
        distance = ((points - query) ** 2).sum(axis=1)
        found, steps = beam_search((-distance).take, links, [0], ef)
        right.append(found[0][1] == distance.argmin())
        compared.append(sum(len(fresh) for _, fresh in steps))
    assert np.mean(right) == pytest.approx(accuracy, abs=0.005)
    assert np.mean(compared) == pytest.approx(cost, abs=0.5)


# --- the layered graph ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph():
    items, queries = clustered(3_000, 16, 60)
    return HNSWIndex(n_links=8, ef=40).fit(items), items, queries


def test_a_walk_finds_what_exact_search_finds(graph):
    index, items, queries = graph
    exact, scores = ExactIndex().fit(items).search(queries, 10)
    found, found_scores = index.search(queries, 10)
    assert recall_at_k(found, exact) >= 0.95
    assert index.n_compared_.mean() < 0.1 * len(items)
    same = found == exact
    np.testing.assert_allclose(found_scores[same], scores[same])


def test_no_item_has_more_links_than_allowed(graph):
    index, items, _ = graph
    assert len(index.links_) > 1 and sorted(index.links_[0]) == list(range(len(items)))
    for layer, links in enumerate(index.links_):
        assert max(len(others) for others in links.values()) <= (16 if layer == 0 else 8)
        for node, others in links.items():
            assert node not in others and len(set(others)) == len(others)
            assert set(others) <= set(links)


def test_layers_thin_out_by_the_number_of_links(graph):
    sizes = [len(links) for links in graph[0].links_]
    assert sizes[1] == pytest.approx(3_000 / 8, rel=0.2)
    assert all(
        set(upper) <= set(lower) for lower, upper in zip(graph[0].links_, graph[0].links_[1:])
    )
    assert graph[0].entry_ in graph[0].links_[-1]


def test_every_item_can_be_reached(graph):
    links, reached, left = graph[0].links_[0], set(), [graph[0].entry_]
    while left:
        node = left.pop()
        if node not in reached:
            reached.add(node)
            left += links[node]
    assert len(reached) == 3_000


def test_chosen_neighbours_lie_closer_to_the_item_than_to_each_other(graph):
    index, items, _ = graph
    lifted = lift_items(items)
    item = index.entry_  # its links on the bottom layer were chosen among many
    candidates = np.argsort(-(lifted @ lifted[item]))[1:60].tolist()
    chosen = index._select([(lifted[j] @ lifted[item], j) for j in candidates], 8)
    assert chosen[0] == candidates[0] and len(chosen) <= 8
    for place, node in enumerate(chosen):
        for earlier in chosen[:place]:
            assert lifted[node] @ lifted[earlier] <= lifted[node] @ lifted[item]


def test_the_recorded_walk_is_the_walk_of_the_search(graph):
    index, _, queries = graph
    path = index.search_path(queries[0])
    (found,), _ = index.search(queries[:1], 1)
    assert index.n_compared_[0] == sum(len(compared) for _, _, compared in path)
    layers = [layer for layer, _, _ in path]
    assert layers == sorted(layers, reverse=True) and set(layers) == set(range(len(index.links_)))
    assert path[0] == (len(index.links_) - 1, None, [index.entry_])
    assert found[0] in {item for layer, _, met in path if layer == 0 for item in met}
    for layer, node, compared in path:
        assert node is None or set(compared) <= set(index.links_[layer][node])


def test_a_walk_of_a_strange_query_is_refused(graph):
    with pytest.raises(ValueError, match="queries have 2 dimensions and items 16"):
        graph[0].search_path([1.0, 2.0])
    with pytest.raises(RuntimeError, match="not fitted"):
        HNSWIndex().search_path([1.0])


def test_a_wider_beam_finds_more_and_compares_more(graph):
    _, items, queries = graph
    exact, _ = ExactIndex().fit(items).search(queries, 1)
    narrow, wide = HNSWIndex(3, 1, 10).fit(items), HNSWIndex(3, 50, 10).fit(items)
    assert recall_at_k(narrow.search(queries, 1)[0], exact) < recall_at_k(
        wide.search(queries, 1)[0], exact
    )
    assert narrow.n_compared_.mean() < wide.n_compared_.mean()


def test_the_beam_is_never_narrower_than_the_answer(graph):
    _, items, queries = graph
    ids, _ = HNSWIndex(n_links=8, ef=1).fit(items[:300]).search(queries, 20)
    assert (ids >= 0).all()


def test_items_without_any_rating_do_not_tear_the_graph():
    items, queries = clustered(600, 8, 20)
    items[::2] = 0.0  # the vector that least squares gives to an item nobody rated
    exact, _ = ExactIndex().fit(items).search(queries, 10)
    index = HNSWIndex(n_links=8, ef=60).fit(items)
    assert len(index.links_[0]) == 301
    assert recall_at_k(index.search(queries, 10)[0], exact) > 0.95


# --- many dimensions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("d", "contrast"), [(2, 176), (8, 5.5), (32, 0.69), (128, 0.36), (512, 0.17)]
)
def test_the_contrast_of_distances_fades(d, contrast, drawn):
    assert relative_contrast(*drawn["contrast", d]) == pytest.approx(contrast, rel=0.02)


def test_contrast_by_hand():
    assert relative_contrast([[1.0, 0.0], [0.0, 4.0]], [0.0, 0.0]) == pytest.approx(3.0)
    assert relative_contrast([[1.0, 0.0], [0.0, 4.0]], [1.0, 0.0]) == np.inf


def test_no_points_have_no_contrast():
    with pytest.raises(ValueError, match="at least one vector"):
        relative_contrast(np.empty((0, 2)), [0.0, 0.0])


def test_some_items_become_nobodys_neighbour():
    forgotten = []
    for d in (2, 8, 32, 100):
        points, _ = gaussian(500, d)
        distance = euclidean(points, points)
        np.fill_diagonal(distance, np.inf)
        counts = k_occurrences(top_k(-distance, 10), 500)
        assert counts.sum() == 5_000
        forgotten.append((counts == 0).mean())
    np.testing.assert_allclose(forgotten, [0.0, 0.03, 0.09, 0.15], atol=0.04)


def test_occurrences_by_hand():
    assert k_occurrences([[1, 2], [2, -1], [1, 0]], 4).tolist() == [1, 2, 2, 0]
    with pytest.raises(ValueError, match="id 5, expected at most 3"):
        k_occurrences([[5]], 4)
