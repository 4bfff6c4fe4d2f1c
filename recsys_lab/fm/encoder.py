"""From a table of words and ids to the numbered features of a factorization machine."""

import numpy as np


class FeatureEncoder:
    """Number every value of every field; keep one number a field for values not seen before.

    Attributes
    ----------
    values_ : dict of str to array
        The known values of each field, sorted.
    offsets_ : dict of str to int
        The number a field begins with, which stands for *unseen*; value t has offset + 1 + t.
    n_features_ : int
    feature_names_ : list of str
        ``"film=Fog Signal"``, or ``"film=(unseen)"``, of each number.

    Notes
    -----
    A machine that was fitted on rows without unseen values has zeros for *unseen*: such a value
    adds nothing, and the other fields decide. O(N log N) time for N rows.

    Examples
    --------
    >>> encoder = FeatureEncoder()
    >>> encoder.fit_transform({"user": ["Ada", "Bo"], "film": [3, 1]})[0].tolist()
    [[1, 5], [2, 4]]
    >>> encoder.transform({"user": ["Bo", "Zoe"], "film": [1, 2]})[0].tolist()
    [[2, 4], [0, 3]]
    """

    def fit(self, table):
        """Learn the values of each field.

        Parameters
        ----------
        table : dict of str to array-like, shape (n_rows,)
            A column a field: text, whole numbers or booleans.

        Raises
        ------
        ValueError
            For a table that is empty, columns of unequal length, and columns that mix kinds.
        """
        columns = _columns(table)
        self.values_ = {name: np.unique(column) for name, column in columns.items()}
        self.offsets_, self.feature_names_ = {}, []
        for name, known in self.values_.items():
            self.offsets_[name] = len(self.feature_names_)
            self.feature_names_ += [f"{name}={value}" for value in ("(unseen)", *known)]
        self.n_features_ = len(self.feature_names_)
        return self

    def transform(self, table):
        """Rows ``(indices, None)`` for the machines: indices (n_rows, n_fields), all values 1."""
        if not hasattr(self, "values_"):
            raise RuntimeError("FeatureEncoder is not fitted yet: call fit(table)")
        columns = _columns(table)
        if set(columns) != set(self.values_):
            raise ValueError(
                f"the table has the fields {sorted(columns)}, expected {sorted(self.values_)}"
            )
        indices = []
        for name, known in self.values_.items():
            column = columns[name]
            if _kind(column) != _kind(known):
                raise ValueError(
                    f"field {name!r} holds {_kind(column)}, but held {_kind(known)} in fit"
                )
            place = np.minimum(np.searchsorted(known, column), len(known) - 1)
            found = known[place] == column
            indices.append(self.offsets_[name] + np.where(found, 1 + place, 0))
        return np.column_stack(indices), None

    def fit_transform(self, table):
        """`fit`, then `transform` of the same table."""
        return self.fit(table).transform(table)


def _columns(table):
    if not isinstance(table, dict) or not table:
        raise ValueError(
            f"expected a dict with a column for each field, such as {{'user': users, 'film': "
            f"films}}, got {table!r:.80}"
        )
    columns = {name: np.asarray(column) for name, column in table.items()}
    shapes = {name: column.shape for name, column in columns.items()}
    if len(set(shapes.values())) > 1 or len(next(iter(shapes.values()))) != 1:
        raise ValueError(f"fields must be one-dimensional and of equal length, got {shapes}")
    if next(iter(shapes.values())) == (0,):
        raise ValueError(f"the table has no rows; its fields are {list(columns)}")
    for name, column in columns.items():
        if column.dtype == object:
            kinds = sorted({type(value).__name__ for value in column})
            if kinds != ["str"]:
                raise ValueError(f"field {name!r} mixes {kinds}; make all of them text, or numbers")
            columns[name] = column.astype(str)
        elif _kind(column) == "other":
            raise ValueError(
                f"field {name!r} has dtype {column.dtype}, expected text or whole numbers; "
                f"cut a continuous quantity into bins first (numpy.digitize)"
            )
    return columns


def _kind(column):
    return {"U": "text", "i": "whole numbers", "u": "whole numbers", "b": "whole numbers"}.get(
        column.dtype.kind, "other"
    )
