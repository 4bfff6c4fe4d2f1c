"""Rows of features, dense or sparse, in the one shape the machines work on."""

import numpy as np

from recsys_lab.recommender import check_positive


def as_rows(X, n_features=None, fitted=False):
    """``(indices, values, p)``: two (rows, fields) arrays, and the number of features.

    A dense X is a sparse one in which field j holds feature j in every row: its indices are a
    view of 0 … p − 1 that takes no memory. The same is done for values that are all 1.
    """
    if n_features is not None:
        check_positive(n_features, "n_features", integer=True)
    if not isinstance(X, tuple):
        values = _table(X, "X")
        p = values.shape[1]
        if n_features is not None and p != n_features:
            raise ValueError(
                f"X has {p} columns, expected {n_features}: one for each feature; "
                f"sparse rows are given as a tuple (indices, values)"
            )
        indices = np.broadcast_to(np.arange(p), values.shape)
    elif len(X) != 2:
        raise ValueError(f"sparse rows are a tuple (indices, values), got one of {len(X)} parts")
    else:
        indices = np.asarray(X[0])
        if indices.ndim != 2 or (indices.dtype.kind not in "iu" and indices.size):
            raise ValueError(
                f"indices must be a table of whole numbers, the features of a row in each row, "
                f"got {indices.dtype} of shape {indices.shape}"
            )
        indices = indices.astype(np.int64, copy=False)
        if X[1] is None:
            values = np.broadcast_to(1.0, indices.shape)
        else:
            values = _table(X[1], "values")
        if values.shape != indices.shape:
            raise ValueError(
                f"indices have shape {indices.shape} and values {values.shape}; every feature of "
                f"a row needs its value (fill short rows up with any other feature of value 0)"
            )
        p = int(indices.max(initial=0)) + 1 if n_features is None else n_features
        _check_indices(indices, values, p, fitted)
    if not fitted and indices.size == 0:
        raise ValueError(f"nothing to learn from: the rows have shape {indices.shape}")
    return indices, values, p


def _table(values, name):
    values = np.asarray(values)
    if values.ndim != 2 or values.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be a table of numbers, one row an example, "
            f"got {values.dtype} of shape {values.shape}"
        )
    values = values.astype(float, copy=False)
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"{name}[{row}, {column}] is {values[row, column]}, expected a finite number"
        )
    return values


def _check_indices(indices, values, p, fitted):
    outside = np.argwhere((indices < 0) | (indices >= p))
    if outside.size:
        row, field = outside[0]
        remedy = "the machine was fitted with" if fitted else "there are"
        raise ValueError(
            f"indices[{row}, {field}] is {indices[row, field]}, expected 0 to {p - 1} because "
            f"{remedy} {p} features; FeatureEncoder gives unseen values an index of their own, "
            f"n_features makes room for more"
        )
    # An index of value 0 is off and may repeat: it gets a number that no feature has.
    off = -1 - np.arange(indices.shape[1])
    named = np.sort(np.where(values != 0, indices, off), axis=1)
    twice = np.argwhere(named[:, 1:] == named[:, :-1])
    if twice.size:
        row, at = twice[0]
        raise ValueError(
            f"row {row} names feature {named[row, at]} twice; give it once, with the sum as value"
        )
