"""What every model that recommends must do, whatever its idea. A new model adds a line to MODELS.

The world is a checkerboard: four groups of ten users, four groups of six items, and each group of
users likes one group of items. One liked pair of each user is withheld. The last user did nothing
yet, and the last item met nobody.
"""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from recsys_lab.content import ContentBased
from recsys_lab.data import Interactions
from recsys_lab.deep import SoftmaxRecommender, TwoTower
from recsys_lab.factorization import ALS, BPR, SGDFactorization, WeightedALS
from recsys_lab.fm import DeepFM, FactorizationMachine, FeatureEncoder
from recsys_lab.neighbors import EASE, ItemKNN, UserKNN
from recsys_lab.pipeline import Pipeline
from recsys_lab.popularity import Popularity
from recsys_lab.recommender import Recommender

GROUPS, USERS, ITEMS = 4, 10, 6  # users and items of one group
M, N = GROUPS * USERS + 1, GROUPS * ITEMS + 1
STRANGER, NEWCOMER = M - 1, N - 1

# Name, and how to fit it on world.ratings (stars) or world.visits (ones).
MODELS = {
    "Popularity": lambda world: Popularity().fit(world.ratings),
    "Popularity, implicit": lambda world: Popularity("implicit").fit(world.visits),
    "ContentBased": lambda world: ContentBased().fit(world.ratings, world.traits),
    "ContentBased, implicit": lambda world: ContentBased(similarity="dot", feedback="implicit").fit(
        world.visits, world.traits
    ),
    "ContentBased, film by film": lambda world: ContentBased(aggregate="max").fit(
        world.ratings, world.traits
    ),
    "UserKNN": lambda world: UserKNN().fit(world.ratings),
    "UserKNN, implicit": lambda world: UserKNN(similarity="cosine", feedback="implicit").fit(
        world.visits
    ),
    "ItemKNN": lambda world: ItemKNN().fit(world.ratings),
    "ItemKNN, baseline": lambda world: ItemKNN(
        similarity="pearson_baseline", shrinkage=1.0, center="baseline"
    ).fit(world.ratings),
    "ItemKNN, implicit": lambda world: ItemKNN(similarity="cosine", feedback="implicit").fit(
        world.visits
    ),
    "EASE": lambda world: EASE(reg=1.0).fit(world.visits),
    "SGDFactorization": lambda world: SGDFactorization(
        n_factors=8, learning_rate=0.05, n_epochs=100, batch_size=32
    ).fit(world.ratings),
    "ALS": lambda world: ALS(n_factors=4, reg=0.1).fit(world.ratings),
    "ALS, reg scaled, no biases": lambda world: ALS(
        n_factors=4, reg=0.05, scale_reg=True, biases=False
    ).fit(world.ratings),
    "WeightedALS": lambda world: WeightedALS(n_factors=4).fit(world.visits),
    "BPR": lambda world: BPR(n_factors=8, n_epochs=100, batch_size=32).fit(world.visits),
    "SoftmaxRecommender": lambda world: SoftmaxRecommender(n_factors=8, hidden=(16,)).fit(
        world.visits
    ),
    "TwoTower": lambda world: TwoTower(n_factors=8, hidden=(16,), batch_size=32).fit(world.visits),
    "TwoTower, with features": lambda world: TwoTower(
        n_factors=8, hidden=(), negatives="uniform", n_negatives=32, batch_size=32
    ).fit(world.visits, item_features=world.traits),
    "FactorizationMachine": lambda world: Machine(
        FactorizationMachine(n_factors=4, reg=0.5, random_state=0)
    ).fit(world.ratings),
    "DeepFM": lambda world: Machine(
        DeepFM(4, (8,), task="regression", n_epochs=120, learning_rate=0.02, batch_size=32)
    ).fit(world.ratings),
}
TASTELESS = {"Popularity", "Popularity, implicit"}  # one list for all: no checkerboard for them


class Machine(Recommender):
    """A machine on rows, as a recommender: two fields, user and item."""

    def __init__(self, machine=None):
        self.machine = machine

    def fit(self, interactions):
        self.encoder = FeatureEncoder()
        rows = self.encoder.fit_transform({"user": interactions.users, "item": interactions.items})
        self.machine.fit(rows, interactions.values)
        return self._remember(interactions)

    def score_all(self, users):
        users = self._known(users, "user")
        pairs = np.repeat(users, N), np.tile(np.arange(N), len(users))
        rows = self.encoder.transform(dict(zip(("user", "item"), pairs)))
        return self.machine.predict(rows).reshape(len(users), N)


def build(dtype=float):
    """The checkerboard as stars, as visits, and as traits of items."""
    user_group = np.repeat(np.arange(GROUPS), USERS)
    item_group = np.repeat(np.arange(GROUPS), ITEMS)
    own = np.zeros((M, N), dtype=bool)
    own[:STRANGER, :NEWCOMER] = user_group[:, None] == item_group
    foreign = ~own
    foreign[STRANGER] = foreign[:, NEWCOMER] = False
    users = np.arange(STRANGER)
    withheld = user_group * ITEMS + users % ITEMS  # one item of the own group for each user
    liked = own.copy()
    liked[users, withheld] = False
    # Everyone has also seen a third of the items of other groups, and did not like them.
    disliked = foreign & ((3 * np.arange(M)[:, None] + np.arange(N)) % 7 < 2)
    stars = np.where(liked, 5, 1).astype(dtype)
    rated = np.nonzero(liked | disliked)
    visited = np.nonzero(liked)
    return SimpleNamespace(
        ratings=Interactions(*rated, stars[rated], M, N),
        visits=Interactions(*visited, stars[visited] / 5, M, N),
        traits=np.vstack([np.eye(GROUPS)[item_group], np.zeros(GROUPS)]),
        withheld=withheld,
        foreign=foreign,
    )


WORLD = build()
EVERYONE = np.arange(M)


@cache
def fitted(name):
    return MODELS[name](WORLD)


@pytest.fixture(params=MODELS)
def name(request):
    return request.param


@pytest.fixture
def model(name):
    return fitted(name)


def check_the_withheld_come_first(model):
    scores = model.score_all(EVERYONE)
    rivals = WORLD.foreign.copy()
    rivals[model.interactions_.users, model.interactions_.items] = False
    best_rival = np.where(rivals, scores, -np.inf)[:STRANGER].max(axis=1)
    own = scores[np.arange(STRANGER), WORLD.withheld]
    late = np.flatnonzero(own <= best_rival)
    assert len(late) == 0, f"users {late} are offered an item of another group first"


@pytest.mark.parametrize("name", [name for name in MODELS if name not in TASTELESS])
def test_withheld_items_come_before_those_of_other_groups(name):
    check_the_withheld_come_first(fitted(name))


@pytest.mark.parametrize("name", [name for name in MODELS if name not in TASTELESS])
def test_single_precision_puts_the_withheld_first_too(name):
    check_the_withheld_come_first(MODELS[name](build(np.float32)))


def test_every_score_is_finite_for_strangers_and_newcomers_too(model):
    scores = model.score_all(EVERYONE)
    assert scores.shape == (M, N)
    assert np.isfinite(scores).all()
    assert len(model.recommend(STRANGER, n=5)[0]) == 5


def test_what_was_seen_comes_back_only_where_it_is_asked_for(model):
    for user in (0, 17, STRANGER):
        seen = model.interactions_.items_of(user)
        unseen = np.setdiff1d(np.arange(N), seen)
        assert sorted(model.recommend(user, n=N)[0]) == unseen.tolist()
        assert sorted(model.recommend(user, n=N, exclude_seen=False)[0]) == list(range(N))


def test_the_best_come_first_and_ties_go_to_the_lower_id(model):
    for user in (3, 25, STRANGER):
        scores = model.score_all(np.array([user]))[0]
        order = np.lexsort((np.arange(N), -scores))
        for n in (1, 4, N):
            items, best = model.recommend(user, n=n, exclude_seen=False)
            assert items.tolist() == order[:n].tolist()
            assert np.array_equal(best, scores[order[:n]])


def test_more_items_than_there_are_is_all_of_them_and_none_is_none(model):
    assert len(model.recommend(0, n=10 * N, exclude_seen=False)[0]) == N
    items, scores = model.recommend(0, n=0)
    assert len(items) == len(scores) == 0


def test_predict_agrees_with_the_scores_of_the_whole_catalogue(model):
    scores = model.score_all(EVERYONE)
    users, items = np.divmod(np.random.default_rng(0).permutation(M * N)[:200], N)
    assert model.predict(users, items) == pytest.approx(scores[users, items], rel=1e-4, abs=1e-4)
    assert model.predict(7, 3) == pytest.approx(scores[7, 3], rel=1e-4, abs=1e-4)
    assert model.predict(7, np.arange(N)).shape == (N,)
    assert len(model.predict(np.array([], dtype=int), np.array([], dtype=int))) == 0


def test_a_batch_of_users_gets_what_each_gets_alone(model):
    together = model.score_all(np.array([30, 2, 2, STRANGER]))
    for row, user in enumerate((30, 2, 2, STRANGER)):
        alone = model.score_all(np.array([user]))[0]
        assert together[row] == pytest.approx(alone, rel=1e-4, abs=1e-4)


def test_writing_into_scores_leaves_the_model_as_it_was(model):
    before = model.score_all(EVERYONE)
    kept = before.copy()
    before[:] = 0
    assert np.array_equal(model.score_all(EVERYONE), kept)


def test_the_same_seed_gives_the_same_numbers(name):
    again = MODELS[name](WORLD)
    assert np.array_equal(fitted(name).score_all(EVERYONE), again.score_all(EVERYONE))


def test_unknown_ids_are_refused(model):
    for user in (-1, M, 0.5, "Ada"):
        with pytest.raises(ValueError, match="user ids must be"):
            model.recommend(user)
        with pytest.raises(ValueError, match="user ids must be"):
            model.predict([0, user], [0, 0])
    for item in (-1, N, 1.5):
        with pytest.raises(ValueError, match="item ids must be"):
            model.predict(0, item)


def test_without_fit_there_is_nothing_to_recommend(model):
    with pytest.raises(RuntimeError, match="not fitted yet: call fit"):
        type(model)().recommend(0)
    with pytest.raises(RuntimeError, match="not fitted yet: call fit"):
        type(model)().predict(0, 0)


def test_no_interactions_at_all_are_refused(name):
    nothing = Interactions([], [], [], M, N)
    with pytest.raises(ValueError):  # noqa: PT011 -- each says it in its own words
        MODELS[name](SimpleNamespace(ratings=nothing, visits=nothing, traits=WORLD.traits))


def test_a_pipeline_of_models_keeps_what_they_promise():
    near, wide, judge = fitted("ItemKNN, implicit"), fitted("EASE"), fitted("ALS")
    pipeline = Pipeline(
        {
            "near": lambda user: near.recommend(user, 12, exclude_seen=False)[0],
            "wide": lambda user: wide.recommend(user, 12)[0],
        },
        lambda user, items: judge.predict(user, items),
        seen=WORLD.visits,
    )
    for user in range(STRANGER):
        items, scores = pipeline.recommend(user, n=5)
        assert items[0] == WORLD.withheld[user]
        assert len(set(items)) == len(items) == 5
        assert not np.isin(items, WORLD.visits.items_of(user)).any()
        assert (np.diff(scores) <= 0).all()
