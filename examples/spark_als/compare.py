"""Spark's ALS and ours on the same ratings, the same split, the same objective.

    python compare.py            # MovieLens latest-small, or the Harbour Cinema without it

Both minimise  Σ_Ω (r_ij − ⟨U_i, V_j⟩)² + reg (Σ_i n_i ‖U_i‖² + Σ_j n_j ‖V_j‖²):  Spark multiplies
the penalty of a row by its number of ratings n, which ours does with ``scale_reg=True``; and Spark
has no biases, so ours goes without. The starts are random and differ, hence so do the factors.
What must agree: the objective, the predictions, and each half-step from the same other side.
"""

import sys
import tempfile
import time

import numpy as np

from recsys_lab.data import load_harbour, load_movielens, split_random
from recsys_lab.factorization import ALS, als_step
from recsys_lab.metrics import rmse

RANK, REG, ITERATIONS, SEED = 10, 0.1, 60, 0


def ratings():
    """MovieLens latest-small where it can be had, else the invented house."""
    try:
        return load_movielens("ml-latest-small")
    except OSError as why:
        print(f"no MovieLens here ({why}); taking the Harbour Cinema")
        return load_harbour()


def objective(users, items, train):
    """The loss both claim to minimise, from nothing but the factors."""
    error = train.values - np.einsum("td,td->t", users[train.users], items[train.items])
    n_of_user = np.bincount(train.users, minlength=train.n_users)
    n_of_item = np.bincount(train.items, minlength=train.n_items)
    penalty = n_of_user @ (users**2).sum(axis=1) + n_of_item @ (items**2).sum(axis=1)
    return float(error @ error + REG * penalty)


def spark_factors(train):
    """Spark's (U, V) in double precision, zero rows for what it has not seen; and its seconds."""
    import pyspark
    from pyspark.ml.recommendation import ALS as SparkALS
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .appName("the same ALS twice")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    # Each sweep is remembered as a recipe on top of the one before. Written down every ten sweeps
    # (Spark's own default) the recipes stay short; without, sixty overflow the stack.
    spark.sparkContext.setCheckpointDir(tempfile.mkdtemp(prefix="spark_als_"))
    print(f"pyspark {pyspark.__version__}")
    triples = zip(train.users.tolist(), train.items.tolist(), train.values.astype(float).tolist())
    frame = spark.createDataFrame(list(triples), "user int, item int, rating float").cache()
    frame.count()  # so that the clock below does not time the loading
    start = time.perf_counter()
    model = SparkALS(
        rank=RANK,
        regParam=REG,
        maxIter=ITERATIONS,
        implicitPrefs=False,
        nonnegative=False,
        userCol="user",
        itemCol="item",
        ratingCol="rating",
        seed=SEED,
    ).fit(frame)
    seconds = time.perf_counter() - start
    tables = []
    for rows, n in ((model.userFactors, train.n_users), (model.itemFactors, train.n_items)):
        table = np.zeros((n, RANK))
        for row in rows.collect():
            table[row.id] = row.features
        tables.append(table)
    spark.stop()
    return *tables, seconds


def main():
    data = ratings()
    train, test = split_random(data.interactions, test=0.2, random_state=SEED)
    known = np.isin(test.users, train.users) & np.isin(test.items, train.items)
    test = test.select(known)  # a row without ratings has no factors, there or here
    print(f"{data.name}: {len(train):,} ratings to learn from, {len(test):,} to predict")

    start = time.perf_counter()
    ours = ALS(RANK, REG, ITERATIONS, scale_reg=True, biases=False, random_state=SEED).fit(train)
    seconds = time.perf_counter() - start
    U, V, spark_seconds = spark_factors(train)

    print(f"{'':22}{'Spark':>12}{'ours':>12}")
    row = "{:22}{:12,.4f}{:12,.4f}".format
    both = (U, V), (ours.user_factors_, ours.item_factors_)
    print(row("objective", *(objective(u, v, train) for u, v in both)))
    for name, part in (("RMSE, learned from", train), ("RMSE, held out", test)):
        predicted = [np.einsum("td,td->t", u[part.users], v[part.items]) for u, v in both]
        print(row(name, *(rmse(part.values, each) for each in predicted)))
    print(row("seconds for the fit", spark_seconds, seconds))
    gap = np.abs(predicted[0] - predicted[1])
    print(
        f"predictions held out: correlation {np.corrcoef(*predicted)[0, 1]:.4f}, "
        f"median gap {np.median(gap):.3f} stars"
    )

    # One half-step of ours, from Spark's films: do we get Spark's members?
    again = als_step(V, train, REG, scale_reg=True)
    off = np.abs(again - U).max() / np.abs(U).max()
    print(f"members solved by us from Spark's films differ by {off:.1e} of the largest number")
    wrong = als_step(V, train, REG, scale_reg=False)
    off_wrong = np.abs(wrong - U).max() / np.abs(U).max()
    print(f"and with a penalty that is not scaled by {off_wrong:.1e}")
    if off > 1e-3:
        sys.exit("the half-steps disagree: these are not the same objective")


if __name__ == "__main__":
    main()
