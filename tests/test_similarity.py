"""The measures against scikit-learn and SciPy, by hand, at their limits and under invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import ConvexHull
from scipy.stats import kendalltau, ortho_group, spearmanr
from sklearn.metrics import jaccard_score
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances

from recsys_lab import similarity
from recsys_lab.figures import movielens as movielens_figures
from recsys_lab.figures import similarity as figures
from recsys_lab.similarity import (
    cosine,
    dot,
    euclidean,
    ever_first,
    jaccard,
    normalize,
    rescale_factors,
    tempered,
    top_k,
)

QUERY, JUDGED = [[1.0, 0.5]], [[2.4, 1.8], [0.9, 0.7], [0.35, 0.17]]


def tables(low=1, high=6, d=3):
    # Sixteenths: scikit-learn takes vectors of length 1e-15 for zero, and ours does not.
    values = st.integers(-1600, 1600).map(lambda sixteenths: sixteenths / 16)
    return st.integers(low, high).flatmap(lambda n: arrays(float, (n, d), elements=values))


def test_three_judges_crown_three_items():
    assert np.allclose(dot(QUERY, JUDGED), [[3.3, 1.25, 0.435]])
    assert np.allclose(cosine(QUERY, JUDGED), [[0.98387, 0.98058, 0.99993]], atol=5e-6)
    assert np.allclose(euclidean(QUERY, JUDGED), [[1.91050, 0.22361, 0.72897]], atol=5e-6)


@given(tables(), tables())
def test_measures_agree_with_scikit_learn(queries, items):
    assert np.allclose(dot(queries, items), queries @ items.T)
    assert np.allclose(cosine(queries, items), cosine_similarity(queries, items), atol=1e-9)
    assert np.allclose(
        euclidean(queries, items),
        np.linalg.norm(queries[:, None] - items, axis=2),
        rtol=1e-5,
        atol=1e-9,
    )


def test_distance_of_nearly_equal_vectors_does_not_cancel():
    a = np.array([[1e6, 1e6]])
    b = a + np.array([[1e-3, 0]])
    assert euclidean(a, b)[0, 0] == pytest.approx(1e-3, rel=1e-3)
    assert euclidean(a, a)[0, 0] == 0
    assert euclidean_distances([[0, 0]], [[3, 4]])[0, 0] == euclidean([[0, 0]], [[3, 4]])[0, 0] == 5


def test_a_zero_vector_has_cosine_zero_and_no_nan():
    assert cosine([[0, 0]], [[1, 2], [0, 0]]).tolist() == [[0, 0]]
    assert tempered([[1, 2]], [[0, 0]], 0.5).tolist() == [[0]]


@given(st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_jaccard_agrees_with_scikit_learn(a, b):
    rows = np.zeros((2, 8))
    rows[0, list(a)], rows[1, list(b)] = 1, 1
    expected = jaccard_score(rows[0], rows[1], zero_division=0)
    assert jaccard(rows[:1], rows[1:])[0, 0] == pytest.approx(expected)


def test_jaccard_refuses_what_is_not_a_set():
    with pytest.raises(ValueError, match="only 0 and 1"):
        jaccard([[0, 2]], [[0, 1]])


@pytest.mark.parametrize("measure", [dot, cosine, euclidean])
def test_rotating_the_space_changes_nothing(measure):
    rng = np.random.default_rng(0)
    Q, X = rng.normal(size=(5, 4)), rng.normal(size=(9, 4))
    R = ortho_group.rvs(4, random_state=0)
    assert np.allclose(measure(Q @ R, X @ R), measure(Q, X))


@given(tables(low=2), st.floats(0.1, 10))
def test_the_length_of_the_query_never_changes_the_order_by_dot_product(items, scale):
    query = np.array([[1.0, -2.0, 0.5]])
    assert np.allclose(dot(query * scale, items), dot(query, items) * scale)
    assert np.allclose(cosine(query * scale, items), cosine(query, items))


def test_tempered_is_cosine_at_zero_and_orders_like_dot_at_one():
    rng = np.random.default_rng(1)
    Q, X = rng.normal(size=(20, 3)), rng.normal(size=(50, 3))
    assert np.allclose(tempered(Q, X, 0), cosine(Q, X))
    assert np.array_equal(np.argsort(tempered(Q, X, 1)), np.argsort(dot(Q, X)))


def test_the_worked_exponent_where_two_items_tie():
    alpha = np.log(1.25) / np.log(6)
    assert alpha == pytest.approx(0.1245, abs=1e-4)
    items = [[3 * 0.8, 3 * 0.6], [0.5, 0]]
    a, c = tempered([[1, 0]], items, alpha)[0]
    assert a == pytest.approx(c)


@given(tables(low=2, high=8, d=2))
def test_with_items_of_length_one_all_three_orders_are_one(items):
    items = normalize(items[np.linalg.norm(items, axis=1) > 1e-3])
    query = np.array([[3.0, 1.0]])
    d, c = dot(query, items)[0], cosine(query, items)[0]
    assert np.allclose(d, np.linalg.norm(query) * c)
    squared = np.linalg.norm(query) ** 2 + 1 - 2 * d
    assert np.allclose(euclidean(query, items)[0] ** 2, squared)


def test_normalising_by_half_the_power_takes_the_root_of_the_length():
    assert np.allclose(np.linalg.norm(normalize([[3, 4]], 0.5)), np.sqrt(5))
    assert normalize([[0, 0]]).tolist() == [[0, 0]]


def test_only_corners_of_the_hull_can_come_first_by_dot_product():
    for seed in range(20):
        items = np.random.default_rng(seed).normal(size=(60, 2))
        assert set(np.flatnonzero(ever_first(items))) == set(ConvexHull(items).vertices)


def test_the_eight_winners_of_the_chapter():
    items = np.random.default_rng(0).normal(size=(200, 2))
    assert np.flatnonzero(ever_first(items)).tolist() == [23, 37, 69, 109, 119, 135, 142, 151]
    counts = [ever_first(items, alpha).sum() for alpha in (1, 0.5, 0.25, 0.1, 0)]
    assert counts == [8, 10, 14, 18, 200]


def test_stretching_factors_moves_cosines_and_no_prediction():
    U, V = figures.RUBBER_USERS, figures.RUBBER_ITEMS
    cosines = []
    for s in (1 / 3, 1, 3):
        U2, V2 = rescale_factors(U, V, [1 / s, s])
        assert np.allclose(dot(U2, V2), dot(U, V), atol=1e-12)
        cosines.append(cosine(V2, V2)[0, 1])
    assert cosines[0] > 0.9 and cosines[2] < -0.9


@pytest.mark.parametrize("scale", [[1], [1, 0], [1, 1, 1]])
def test_a_scale_that_loses_a_dimension_is_refused(scale):
    with pytest.raises(ValueError, match="scale must hold 2 numbers"):
        rescale_factors([[1, 2]], [[3, 4]], scale)


@pytest.mark.parametrize("measure", [dot, cosine, euclidean, jaccard])
@pytest.mark.parametrize(
    ("queries", "items", "message"),
    [
        ([1, 2], [[1, 2]], "a single vector x goes in as"),
        ([[1, 2]], [[1, 2, 3]], "same space"),
        ([[1, np.nan]], [[1, 2]], r"queries\[0, 1\] is nan"),
        ([[1, 2]], [[1, np.inf]], r"items\[0, 1\] is inf"),
    ],
)
def test_bad_tables_are_named(measure, queries, items, message):
    with pytest.raises(ValueError, match=message):
        measure(queries, items)


@pytest.mark.parametrize("alpha", [-1, np.nan])
def test_a_strange_exponent_is_refused(alpha):
    with pytest.raises(ValueError, match="alpha"):
        tempered([[1]], [[1]], alpha)


def test_scores_lead_to_the_items_the_chapter_prints():
    orders = [
        "".join("ABC"[j] for j in top_k(tempered(QUERY, JUDGED, a)[0], 3)) for a in (0, 0.1, 1)
    ]
    assert orders == ["CAB", "ABC", "ABC"]


# ------------------------------------------------------------------ numbers behind the pictures


def test_kendall_and_spearman_agree_with_scipy():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 30))
    assert figures.kendall_tau(a, b) == pytest.approx(kendalltau(a, b)[0])
    assert figures.spearman(a, b) == pytest.approx(spearmanr(a, b)[0])


def test_the_sign_of_popularity_and_length_turns_with_the_penalty():
    rho = [
        figures.spearman(*figures.popular_norms(reg, per_rating))
        for reg, per_rating in ((0.0, False), (1.0, False), (5.0, False), (1.0, True))
    ]
    assert np.round(rho, 2).tolist() == [-0.29, 0.65, 0.88, -0.41]


def test_hand_set_axes_explain_bo_in_the_plane_and_not_on_the_line():
    assert figures._best_misfit("Bo") < 0.1 < 0.6 < figures._best_misfit("Bo", one_axis=True)


def test_film_similarities_agree_with_a_loop(movielens):
    titles = list(movielens.items["title"])
    film = titles.index("Aliens")
    scores, both = movielens_figures.film_similarities(movielens, [film], shrinkage=25)
    R = movielens.interactions.to_dense(fill=np.nan)
    centred = R - np.nanmean(R, axis=1, keepdims=True)
    for other in (titles.index("Alien"), titles.index("Toy Story"), 3000):
        shared = ~np.isnan(R[:, film]) & ~np.isnan(R[:, other])
        assert both[0, other] == shared.sum()
        if not shared.any():
            assert scores["dot"][0, other] == -np.inf
            continue
        a, b = centred[shared, film], centred[shared, other]
        cos = a @ b / np.sqrt((a @ a) * (b @ b))
        assert scores["dot"][0, other] == pytest.approx(R[shared, film] @ R[shared, other])
        assert scores["cosine"][0, other] == pytest.approx(cos)
        assert scores["shrunk"][0, other] == pytest.approx(cos * shared.sum() / (shared.sum() + 25))


def test_the_module_names_what_the_book_promises():
    for name in ("dot", "cosine", "euclidean", "tempered", "jaccard", "top_k"):
        assert getattr(similarity, name).__doc__
