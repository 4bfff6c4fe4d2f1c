"""The numbers behind the page "Every model, one split". Only quick fits: the page runs the rest."""

import numpy as np
import pytest

from recsys_lab.data import load_harbour
from recsys_lab.figures import movielens_models as figures
from recsys_lab.neighbors import ItemKNN

# -------------------------------------------------------------------------- without the ratings


def test_item_rows_score_as_the_package_does():
    visits = figures._ones(load_harbour().visits)
    users = np.arange(0, visits.n_users, 9)
    for k in (1, 5, 1000):
        rows = figures.ItemRows(k=k, similarity="cosine", feedback="implicit").fit(visits)
        assert rows.score_all(users) == pytest.approx(ItemKNN.score_all(rows, users))


def test_spearman_is_that_of_scipy_ties_included():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, 200), rng.normal(size=200)
    assert figures.spearman(a, b) == pytest.approx(spearmanr(a, b)[0])


def test_every_model_has_settings_for_both_questions():
    for chosen in figures.CHOSEN.values():
        assert chosen.keys() == figures.MODELS.keys()


@pytest.fixture
def invented_trials(monkeypatch):
    """Thirty viewers; popularity finds nothing, every other model finds much the same."""

    def trial(how, name):
        rng = np.random.default_rng(list(figures.MODELS).index(name))
        viewers = np.arange(30)
        errors = None
        if name in figures.STARS:
            errors = np.repeat(viewers, 4), rng.normal(size=120)
        if name in figures.NO_LISTS:
            return figures.Trial(viewers, None, None, None, errors)
        found = rng.random(30) * (name != "popularity")
        lists = rng.integers(0, 50, (30, 1)) + np.arange(figures.K)
        return figures.Trial(viewers, lists, found, found, errors)

    class Ratings:
        class interactions:
            n_items = 100

    figures.measured.cache_clear()
    monkeypatch.setattr(figures, "trial", trial)
    monkeypatch.setattr(figures, "data", lambda: Ratings)
    yield
    figures.measured.cache_clear()


def test_an_interval_holds_its_value_and_a_difference_to_itself_is_zero(invented_trials):
    for metric in ("recall", "ndcg", "rmse", "mae"):
        value, low, high = figures.interval("last", "fm", metric)
        assert low < value < high
        assert figures.interval("last", "fm", metric, less="fm") == (0, 0, 0)


def test_coverage_has_no_interval(invented_trials):
    value, low, high = figures.interval("last", "ease", "coverage")
    assert 0 < value < 1
    assert low is None and high is None


def test_clear_of_names_those_whose_whole_interval_is_better(invented_trials):
    others = [n for n in figures.MODELS if n not in ("popularity", *figures.NO_LISTS)]
    assert figures.clear_of("last", "recall") == others
    assert figures.clear_of("last", "coverage") == []


def test_the_scoreboard_says_what_it_shows_in_every_state(invented_trials):
    board = figures.scoreboard(None)
    shapes = set()
    for _, params in board.states():
        board.figure(**params)  # Plotly validates it
        shapes.add(tuple(len(trace["x"]) for trace in board.draw(**params)["data"]))
        head, rows = board.numbers(**params)
        assert len(head) == 4 and len(rows) == len(figures.MODELS)
        assert "None" not in board.says(**params) and " -" not in board.says(**params)
    assert len(shapes) == 1
    assert "12 of 12 others are clearly better" in board.says(metric="recall")


# ----------------------------------------------------------------------------- with the ratings


def test_the_calendar_leaves_few_known_viewers(movielens):
    train, test = figures.split("time")
    strangers = np.setdiff1d(test.users, train.users)
    known = np.unique(figures.to_find(train, test).users)
    assert (len(np.unique(test.users)), len(strangers), len(known)) == (116, 88, 28)
    assert train.timestamps.max() < test.timestamps.min()


def test_the_rehearsal_never_sees_the_test(movielens):
    for how in ("last", "time"):
        train, test = figures.split(how)
        inner, held = figures.rehearsal(how)
        pairs = [set(zip(i.users.tolist(), i.items.tolist())) for i in (train, test, inner, held)]
        assert pairs[2] | pairs[3] == pairs[0]
        assert not (pairs[2] | pairs[3]) & pairs[1]


def test_what_is_to_be_found_was_liked_by_somebody_known(movielens):
    train, test = figures.split("last")
    goal = figures.to_find(train, test)
    assert goal.values.min() >= 4
    assert len(np.unique(goal.users)) == 542


def test_weighted_als_finds_nearly_twice_what_popularity_finds(movielens):
    found = {n: figures.interval("last", n, "recall") for n in ("popularity", "weighted_als")}
    assert found["popularity"][0] == pytest.approx(0.052, abs=0.001)
    assert found["weighted_als"][0] == pytest.approx(0.097, abs=0.004)
    gap = figures.interval("last", "weighted_als", "recall", less="popularity")
    assert gap[1] > 0.02


def test_good_stars_make_bad_lists(movielens):
    assert figures.interval("last", "als", "rmse")[0] == pytest.approx(0.899, abs=0.005)
    gap = figures.interval("last", "als", "recall", less="popularity")
    assert gap[0] < 0


def test_the_film_machine_scores_a_catalogue_as_it_scores_rows(movielens):
    train, test = figures.split("time")
    model = figures.FilmMachine(n_factors=3, n_epochs=4).fit(train)
    films = figures.data().items
    some = np.arange(0, len(test), 500)
    users, items = test.users[some], test.items[some]
    known = np.isin(users, train.users)  # the machine's own rows call a stranger "unseen"
    table = {
        "viewer": users[known],
        "film": items[known],
        "genres": np.array(["|".join(films["genres"][j]) for j in items[known]]),
        "decade": films["year"][items[known]] // 10,
    }
    rows = model.machine_.predict(model.encoder_.transform(table))
    assert model.predict(users[known], items[known]) == pytest.approx(rows, abs=1e-4)


def test_a_hundred_random_films_make_any_model_look_good(movielens):
    found = figures.rulers("popularity")
    assert list(found) == list(figures.RULERS)
    assert found["last"] < found["filtered"] < found["random"] < found["sampled_hit_rate"]
    assert found["sampled_hit_rate"] > 10 * found["last"]


def test_the_level_axis_of_the_map_is_when_people_rated(movielens):
    films, places, share, shared = figures.film_map()
    when = np.corrcoef(places[:, 0], figures.mean_moment()[films])[0, 1]
    assert when > 0.8
    tags = figures.data().items["tags"][films]
    common = tags[:, tags.sum(axis=0) >= 20]
    genre = max(abs(np.corrcoef(places[:, 0], column)[0, 1]) for column in common.T)
    assert genre < 0.3
    assert share == pytest.approx(0.33, abs=0.02)
    assert 1 < shared < 3


@pytest.mark.parametrize(
    ("penalty", "least", "rho"),
    [
        ("none", 1, 0.67),
        ("none", 10, -0.87),
        ("constant", 1, 0.77),
        ("constant", 20, 0.21),
        ("scaled", 1, 0.57),
        ("scaled", 10, -0.30),
    ],
)
def test_norms_go_with_popularity_or_against_it(movielens, penalty, least, rho):
    assert figures.norm_correlation(penalty, least)[0] == pytest.approx(rho, abs=0.03)


def test_without_a_penalty_films_with_nine_ratings_have_the_longest_vectors(movielens):
    norm, count = figures.film_norms("none")
    typical = {n: np.median(norm[count == n]) for n in range(1, 41)}
    assert max(typical, key=typical.get) == 9  # eight factors and a bias


def test_a_dozen_viewers_have_three_favourites_each_and_share_none(movielens):
    named = figures.viewers_by_favourites()
    films = [film for three in named.values() for film in three]
    assert len(named) == 12
    assert len(films) == len(set(films)) == 36


@pytest.mark.parametrize("make", [figures.walk, figures.norms])
def test_traces_keep_their_lengths_and_every_state_has_its_sentence(movielens, make):
    explorable = make(movielens)
    shapes = set()
    for _, params in explorable.states():
        shapes.add(tuple(len(trace["x"]) for trace in explorable.draw(**params)["data"]))
        assert explorable.says(**params)
    assert len(shapes) == 1
    explorable.figure()  # Plotly validates it
