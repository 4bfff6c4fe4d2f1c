"""Neighbours among users and items, and the closed form that replaces them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, stats

from recsys_lab.co_ratings import MEASURES, shared_columns, similarity_table
from recsys_lab.data import Interactions, harbour_tiny
from recsys_lab.neighbors import EASE, ItemKNN, UserKNN, pearson
from recsys_lab.popularity import baseline

ADA, BO, CEM, DEE, ELI, FAY = range(6)
LAMP_OIL = 5


@pytest.fixture(scope="module")
def tiny():
    return harbour_tiny().interactions


def as_table(interactions):
    """The ratings as a dense table, NaN where there is none."""
    return interactions.to_dense(fill=np.nan)


def random_ratings(seed, m=12, n=9, share=0.5, values=(1, 2, 3, 4, 5)):
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((m, n)) < share)
    return Interactions(users, items, rng.choice(values, len(users)), m, n)


def brute_similarity(R, measure, shrinkage=0.0, bias=None):
    """Every two rows of a table with NaN, one pair at a time, straight from the definitions."""
    m = len(R)
    known = ~np.isnan(R)
    table = np.zeros((m, m))
    column_mean = [R[known[:, c], c].mean() if known[:, c].any() else 0 for c in range(R.shape[1])]
    for a in range(m):
        for b in range(m):
            both = known[a] & known[b]
            count = both.sum()
            if a == b or count < (1 if measure == "cosine" else 2):
                continue
            x, y = R[a, both], R[b, both]
            if measure == "cosine":
                below = np.sqrt(np.nansum(R[a] ** 2) * np.nansum(R[b] ** 2))
                table[a, b] = x @ y / below * count / (count + shrinkage)
                continue
            if measure == "pearson":
                x, y = x - x.mean(), y - y.mean()
            elif measure == "adjusted_cosine":
                x, y = x - np.array(column_mean)[both], y - np.array(column_mean)[both]
            elif measure == "pearson_baseline":
                mean, row_bias, column_bias = bias
                x = x - mean - row_bias[a] - column_bias[both]
                y = y - mean - row_bias[b] - column_bias[both]
            x, y = np.where(abs(x) < 1e-9, 0, x), np.where(abs(y) < 1e-9, 0, y)
            below = np.sqrt((x @ x) * (y @ y))
            table[a, b] = (x @ y / below if below > 0 else 0) * count / (count + shrinkage)
    return table


def brute_predict(R, similar, row, column, k, center):
    """Mean-centred prediction of one cell of a table with NaN; None if nobody can be asked."""
    asked = [b for b in range(len(R)) if not np.isnan(R[b, column]) and similar[row, b] > 0]
    if not asked:
        return None
    least = sorted((similar[row, b] for b in asked), reverse=True)[:k][-1]
    above = [b for b in asked if similar[row, b] > least]
    tied = [b for b in asked if similar[row, b] == least]
    share = min(1, (k - len(above)) / len(tied))
    weight = {b: similar[row, b] for b in above} | {b: share * least for b in tied}
    total = sum(w * (R[b, column] - center[b]) for b, w in weight.items())
    return center[row] + total / sum(weight.values())


# Who is Ada's twin? Three measures, three answers.


def test_zero_filled_cosine_takes_the_one_who_loves_everything(tiny):
    likeness = UserKNN(similarity="cosine").fit(tiny).similarity_[ADA]
    assert likeness.argmax() == CEM
    assert likeness[CEM] == pytest.approx(0.744, abs=5e-4)


def test_co_rated_cosine_takes_the_one_who_rated_little(tiny):
    likeness = UserKNN(similarity="corated_cosine").fit(tiny).similarity_[ADA]
    assert likeness.argmax() == FAY
    assert likeness[FAY] == pytest.approx(0.999, abs=5e-4)


def test_pearson_takes_two_films_for_a_soulmate(tiny):
    likeness = UserKNN(similarity="pearson").fit(tiny).similarity_[ADA]
    assert likeness.argmax() == FAY
    assert likeness[FAY] == pytest.approx(1.0)
    assert likeness[BO] == pytest.approx(0.982, abs=5e-4)
    R = as_table(tiny)
    assert (~np.isnan(R[ADA]) & ~np.isnan(R[FAY])).sum() == 2
    assert (~np.isnan(R[ADA]) & ~np.isnan(R[BO])).sum() == 3


def test_shrinkage_believes_three_films_more_than_two(tiny):
    likeness = UserKNN(similarity="pearson", shrinkage=5).fit(tiny).similarity_[ADA]
    assert np.argsort(-likeness)[:3].tolist() == [BO, ELI, FAY]
    assert likeness[[BO, ELI, FAY]] == pytest.approx([0.368, 0.314, 0.286], abs=5e-4)


@pytest.mark.parametrize(("k", "stars"), [(1, 4.500), (2, 4.822), (3, 4.574)])
def test_ada_on_lamp_oil(tiny, k, stars):
    model = UserKNN(k=k).fit(tiny)
    assert model.predict(ADA, LAMP_OIL) == pytest.approx(stars, abs=5e-4)


def test_explain_adds_up_to_the_prediction(tiny):
    model = UserKNN(k=2).fit(tiny)
    neighbors, similar, offsets = model.explain(ADA, LAMP_OIL)
    assert neighbors.tolist() == [BO, ELI]
    assert offsets == pytest.approx([4 - 2.5, 5 - 2.8])  # the rating less what is usual for each
    stars = 3 + similar @ offsets / similar.sum()
    assert stars == pytest.approx(float(model.predict(ADA, LAMP_OIL)))


# pearson(a, b)


def test_pearson_agrees_with_scipy_on_what_both_rated(tiny):
    R = as_table(tiny)
    for b in (BO, CEM, DEE, ELI):
        both = ~np.isnan(R[ADA]) & ~np.isnan(R[b])
        expected = stats.pearsonr(R[ADA, both], R[b, both]).statistic
        assert pearson(R[ADA], R[b]) == pytest.approx(expected)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=8),
    st.floats(0.1, 10),
    st.floats(-10, 10),
)
def test_pearson_does_not_care_for_scale_or_offset(pairs, scale, offset):
    a, b = np.array(pairs, dtype=float).T
    before, after = pearson(a, b), pearson(a, scale * b + offset)
    assert np.isnan(before) or before == pytest.approx(after, abs=1e-6)
    assert np.isnan(before) or abs(before) <= 1
    assert pearson(b, a) == pytest.approx(before, nan_ok=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([], []),
        ([1, np.nan], [1, 2]),  # one film in common
        ([3, 3, 3], [1, 2, 3]),  # no variation
        ([0.1, 0.1, 0.1], [1, 2, 3]),  # no variation, where the mean is not exact
        ([1, np.nan, 2, np.nan], [np.nan, 1, np.nan, 2]),  # nothing in common
    ],
)
def test_pearson_is_undefined_without_two_ratings_that_vary(a, b):
    assert np.isnan(pearson(a, b))


@pytest.mark.parametrize(("a", "b"), [([1, 2], [1, 2, 3]), ([[1, 2]], [[1, 2]]), (1, 2)])
def test_pearson_refuses_rows_that_do_not_match(a, b):
    with pytest.raises(ValueError, match="equally long"):
        pearson(a, b)


# Similarities of all rows at once


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("shrinkage", [0, 3.5])
@pytest.mark.parametrize("seed", range(5))
def test_all_similarities_agree_with_one_pair_at_a_time(measure, shrinkage, seed):
    ratings = random_ratings(seed)
    for matrix in (ratings, ratings.transpose()):
        found = similarity_table(matrix, measure, shrinkage)
        expected = brute_similarity(as_table(matrix), measure, shrinkage, baseline(matrix))
        assert np.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("measure", MEASURES)
def test_similarity_is_symmetric_bounded_and_knows_no_self(measure):
    table = similarity_table(random_ratings(3, m=40, n=30, share=0.3), measure)
    assert np.allclose(table, table.T, atol=1e-7)
    assert np.abs(table).max() <= 1
    assert not np.diagonal(table).any()
    assert table.dtype == np.float32


@pytest.mark.parametrize("measure", ["pearson", "adjusted_cosine"])
@pytest.mark.parametrize("stars", [4.1, 0.7, 1e6])
def test_ratings_that_never_vary_make_nobody_alike(measure, stars):
    ratings = random_ratings(0, values=(stars,))
    assert not similarity_table(ratings, measure).any()


def test_users_who_never_vary_make_no_items_alike():
    # Each has a level of its own, whose mean rounding does not hit exactly.
    ratings = random_ratings(0, m=40, n=30, share=0.6)
    level = np.random.default_rng(1).uniform(0.5, 5, 40)
    constant = Interactions(ratings.users, ratings.items, level[ratings.users], 40, 30)
    assert not similarity_table(constant.transpose(), "adjusted_cosine").any()
    assert not similarity_table(constant, "pearson").any()


def test_pearson_sees_no_likeness_where_a_row_varies_elsewhere_only():
    # Row a is constant on the columns it shares with b, up to what rounding makes of it.
    rng = np.random.default_rng(2)
    for size in rng.integers(2, 12, 200):
        a = np.append(np.full(size, rng.uniform(0, 5)), rng.uniform(0, 5))
        values = np.concatenate([a, rng.uniform(0, 5, size)])
        rows = np.repeat([0, 1], [size + 1, size])
        columns = np.concatenate([np.arange(size + 1), np.arange(size)])
        matrix = Interactions(rows, columns, values, 2, size + 1)
        assert similarity_table(matrix, "pearson")[0, 1] == 0


def test_rounding_makes_no_likeness_above_one():
    # Two rows that agree, with little variation on what they share, and outliers elsewhere.
    rng = np.random.default_rng(3)
    for _ in range(100):
        step = rng.uniform(5e-5, 1e-4, 2)[:, None] * np.arange(3)
        values = np.column_stack([rng.uniform(4, 5, (2, 1)) + step, [0, 0]]).ravel()
        matrix = Interactions([0] * 4 + [1] * 4, [0, 1, 2, 3, 0, 1, 2, 4], values, 2, 5)
        assert 0.99 < similarity_table(matrix, "pearson")[0, 1] <= 1


def test_a_rows_own_level_does_not_change_pearson():
    ratings = random_ratings(1, m=20, n=15, share=0.7)
    level = np.random.default_rng(0).normal(size=20) * 100
    shifted = Interactions(
        ratings.users, ratings.items, 3 * ratings.values + level[ratings.users], 20, 15
    )
    before, after = similarity_table(ratings, "pearson"), similarity_table(shifted, "pearson")
    assert np.allclose(before, after, atol=1e-5)


def test_blocks_of_any_size_visit_every_shared_rating_once():
    ratings = random_ratings(2, m=15, n=11)
    known = ratings.to_dense() > 0
    for size in (1, 40, 300, 1 << 21):
        together = np.zeros((15, 15))
        for start, stop, left, right, cell in shared_columns(ratings, size=size):
            block = np.bincount(cell, minlength=(stop - start) * 15)
            together[start:stop] = block.reshape(-1, 15)
            assert len(left) == len(right) == len(cell)
        assert np.array_equal(together, known.astype(int) @ known.T.astype(int))


# Predictions


@pytest.mark.parametrize("k", [1, 2, 4, 100])
@pytest.mark.parametrize("model", [UserKNN, ItemKNN])
@pytest.mark.parametrize("seed", range(3))
def test_predictions_agree_with_one_cell_at_a_time(model, k, seed):
    ratings = random_ratings(seed)
    fitted = model(k=k).fit(ratings)
    R = as_table(ratings if model is UserKNN else ratings.transpose())
    center = np.array([row[~np.isnan(row)].mean() for row in R])
    mean, user_bias, item_bias = baseline(ratings)
    scores = fitted.score_all(np.arange(12))
    for user in range(12):
        for item in range(9):
            row, column = (user, item) if model is UserKNN else (item, user)
            stars = brute_predict(R, fitted.similarity_, row, column, k, center)
            if stars is None:
                stars = mean + user_bias[user] + item_bias[item]
            assert scores[user, item] == pytest.approx(stars, abs=1e-3)


def test_only_neighbors_with_positive_similarity_are_asked(tiny):
    model = UserKNN(k=100).fit(tiny)
    asked = [model.explain(user, item) for user in range(6) for item in range(6)]
    assert all((similar > 0).all() for _, similar, _ in asked)
    assert all((np.diff(similar) <= 0).all() for _, similar, _ in asked)


def test_those_who_tie_for_the_last_seat_share_it():
    # Users 1 to 4 have seen item 2. User 4 is most like user 0, users 1, 2 and 3 are all the same.
    R = np.array([[1, 2, 0, 5], [1, 2, 1, 0], [1, 2, 3, 0], [1, 2, 5, 0], [1, 2, 4, 5]])
    users, items = np.nonzero(R)
    ratings = Interactions(users, items, R[users, items], 5, 4)
    options = {"similarity": "corated_cosine", "shrinkage": 1, "center": "none"}
    first, rest = 3 / 4, 2 / 3  # cosine 1 on three and on two films, shrunk
    for k, seats in ((2, 1), (3, 2), (4, 3), (5, 3)):
        stars = UserKNN(k=k, **options).fit(ratings).predict(0, 2)
        assert stars == pytest.approx((first * 4 + seats * rest * 3) / (first + seats * rest))


def test_the_numbering_of_users_and_items_decides_nothing():
    ratings = random_ratings(4, m=15, n=12)
    rng = np.random.default_rng(0)
    new_user, new_item = rng.permutation(15), rng.permutation(12)
    renumbered = Interactions(
        new_user[ratings.users], new_item[ratings.items], ratings.values, 15, 12
    )
    for model in (UserKNN(k=3), ItemKNN(k=3), ItemKNN(k=3, similarity="cosine")):
        before = model.fit(ratings).score_all(np.arange(15))
        after = model.fit(renumbered).score_all(new_user)[:, new_item]
        assert np.allclose(before, after, atol=1e-4)


def test_item_neighbors_are_user_neighbors_of_the_transpose():
    ratings = random_ratings(5)
    for options in (
        {"similarity": "adjusted_cosine"},
        {"similarity": "pearson", "shrinkage": 2.0, "center": "none"},
        {"similarity": "cosine", "feedback": "implicit"},
    ):
        items = ItemKNN(k=3, **options).fit(ratings)
        users = UserKNN(k=3, **options).fit(ratings.transpose())
        # Only the fallback, where the two biases take turns the other way round, differs a bit.
        assert np.allclose(
            items.score_all(np.arange(12)), users.score_all(np.arange(9)).T, atol=1e-2
        )


def test_generous_and_grumpy_users_agree_after_centering():
    R = np.array([[5, 4, 5, 3, 0], [3, 2, 3, 1, 2.5], [3, 2, 3, 1, 2.5]])
    users, items = np.nonzero(R)
    ratings = Interactions(users, items, R[users, items], 3, 5)
    centered = UserKNN(center="mean").fit(ratings).predict(0, 4)
    raw = UserKNN(center="none").fit(ratings).predict(0, 4)
    assert centered == pytest.approx(4.25 + (2.5 - 2.3))
    assert raw == pytest.approx(2.5)


def test_the_baseline_center_predicts_what_the_formula_says():
    ratings = random_ratings(6, m=40)
    model = ItemKNN(similarity="pearson_baseline", shrinkage=1.0, center="baseline").fit(ratings)
    mean, item_bias, user_bias = baseline(ratings.transpose())
    R = as_table(ratings)
    normal = mean + user_bias[:, None] + item_bias
    for user, item in np.ndindex(40, 9):
        neighbors, similar, offsets = model.explain(user, item)
        assert offsets == pytest.approx((R - normal)[user, neighbors])
        above = similar @ offsets / similar.sum() if len(neighbors) else 0
        assert model.predict(user, item) == pytest.approx(normal[user, item] + above)


def test_implicit_scores_are_sums_of_the_k_best_similarities():
    visits = random_ratings(7, values=(1,))
    for k in (2, 100):
        model = ItemKNN(k=k, similarity="cosine", feedback="implicit").fit(visits)
        for user in range(12):
            likeness = model.similarity_[:, visits.items_of(user)]
            expected = np.sort(likeness, axis=1)[:, ::-1][:, :k].sum(axis=1)
            assert model.score_all(np.array([user]))[0] == pytest.approx(expected)


def test_implicit_values_weigh_the_similarities():
    once = Interactions([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1], 2, 3)
    often = Interactions([0, 0, 1, 1], [0, 1, 0, 1], [3, 3, 3, 3], 2, 3)
    options = {"similarity": "cosine", "feedback": "implicit"}
    assert ItemKNN(**options).fit(once).predict(0, 1) == pytest.approx(1)
    assert ItemKNN(**options).fit(often).predict(0, 1) == pytest.approx(3)


@pytest.fixture
def with_strangers():
    """User 3 rated nothing, item 3 has no ratings."""
    return Interactions([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 2], [5, 3, 4, 2, 5, 1], 4, 4)


@pytest.mark.parametrize("model", [UserKNN, ItemKNN])
@pytest.mark.parametrize("center", ["none", "mean", "baseline"])
def test_a_stranger_gets_the_baseline(with_strangers, model, center):
    fitted = model(center=center).fit(with_strangers)
    mean, user_bias, item_bias = baseline(with_strangers)
    assert fitted.predict(3, [0, 1, 2, 3]) == pytest.approx(mean + item_bias, abs=1e-3)
    assert fitted.predict([0, 1, 2, 3], 3) == pytest.approx(mean + user_bias, abs=1e-3)
    assert fitted.recommend(3)[0].tolist()[0] == 0


@pytest.mark.parametrize("model", [UserKNN, ItemKNN])
def test_an_implicit_stranger_gets_what_most_touched(with_strangers, model):
    fitted = model(similarity="cosine", feedback="implicit").fit(with_strangers)
    assert fitted.predict(3, [0, 1, 2, 3]).tolist() == [3, 2, 1, 0]
    assert fitted.predict(0, 3) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k": 0}, "k must be"),
        ({"k": 2.5}, "k must be"),
        ({"shrinkage": -1}, "shrinkage"),
        ({"shrinkage": np.nan}, "shrinkage"),
        ({"similarity": "cosin"}, "corated_cosine"),
        ({"center": "median"}, "center"),
        ({"feedback": "stars"}, "feedback"),
        ({"similarity": "pearson", "feedback": "implicit"}, "visits are all alike"),
    ],
)
@pytest.mark.parametrize("model", [UserKNN, ItemKNN])
def test_a_strange_option_is_named_in_the_error(tiny, model, options, words):
    with pytest.raises(ValueError, match=words):
        model(**options).fit(tiny)


@pytest.mark.parametrize("model", [UserKNN(), ItemKNN(), EASE()])
def test_no_interaction_at_all_is_an_error(model):
    with pytest.raises(ValueError, match="no interaction"):
        model.fit(Interactions([], [], [], 3, 4))


@given(st.integers(0, 10_000), st.sampled_from(MEASURES), st.sampled_from(["mean", "baseline"]))
def test_predictions_are_finite_whatever_the_ratings(seed, measure, center):
    ratings = random_ratings(seed, m=6, n=5, share=0.4, values=(1, 3.3))
    if len(ratings) == 0:
        return
    for model in (UserKNN, ItemKNN):
        scores = model(k=2, similarity=measure, center=center).fit(ratings).score_all(np.arange(6))
        assert np.isfinite(scores).all()


# EASE


@pytest.mark.parametrize(("m", "n"), [(30, 12), (12, 30), (20, 20), (400, 301)])
@pytest.mark.parametrize("reg", [0.5, 200])
def test_ease_is_the_closed_form(m, n, reg):
    visits = random_ratings(8, m=m, n=n, values=(1,))
    X = visits.to_dense()
    P = linalg.inv(X.T @ X + reg * np.eye(n))
    expected = -P / np.diag(P)
    np.fill_diagonal(expected, 0)
    model = EASE(reg).fit(visits)
    assert np.allclose(model.item_weights_, expected, atol=1e-10)
    assert np.allclose(model.score_all(np.arange(m)), X @ expected)


def test_ease_is_the_ridge_regression_of_each_item_on_the_others():
    visits = random_ratings(9, m=25, n=8, values=(1,))
    X = visits.to_dense()
    weights = EASE(reg=3.0).fit(visits).item_weights_
    for item in range(8):
        others = np.delete(np.arange(8), item)
        A = X[:, others]
        ridge = np.linalg.solve(A.T @ A + 3.0 * np.eye(7), A.T @ X[:, item])
        assert np.allclose(weights[others, item], ridge)


def test_ease_weights_vanish_as_they_grow_dear():
    visits = random_ratings(9, values=(1,))
    assert np.abs(EASE(reg=1e9).fit(visits).item_weights_).max() < 1e-7


def test_ease_keeps_one_item_from_winning_by_popularity_alone():
    # Everyone saw item 0. Those who saw 1 saw 2 as well. Co-occurrence alone would offer 0 first.
    rows = [[0]] * 20 + [[0, 1, 2]] * 5 + [[1]]
    users = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    visits = Interactions(users, np.concatenate(rows), np.ones(len(users)), len(rows), 3)
    assert EASE(reg=1.0).fit(visits).recommend(25)[0].tolist() == [2, 0]


def test_an_ease_stranger_gets_what_most_touched():
    visits = Interactions([0, 0, 1, 1, 2], [1, 2, 1, 3, 1], np.ones(5), 4, 5)
    assert EASE().fit(visits).recommend(3)[0].tolist() == [1, 2, 3, 0, 4]


@pytest.mark.parametrize("reg", [0, -1, np.inf, "much"])
def test_ease_needs_a_reg_above_zero(tiny, reg):
    with pytest.raises(ValueError, match="reg must be"):
        EASE(reg=reg).fit(tiny)
