"""A tower: what is known of a user or an item → its embedding, a vector of d numbers.

The first layer adds up what each kind of input brings,

    h = b + x W + Σ_c E_c[code_c] + mean of F_j over the items j of the history,

which is one dense layer on the long row [numbers, one-hot codes, multi-hot history / its length];
the lookups leave out the products with zero, nothing else. Then, for each further width, ReLU
and a dense layer. Without hidden layers h itself is the embedding.

In order: the inputs, the tower, and the training that both models of this package share.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from recsys_lab.nn import Dense, Embedding, EmbeddingBag, ReLU, UnitLength
from recsys_lab.recommender import check_finite, check_positive, epochs


class Inputs(NamedTuple):
    """What is known of b users or items, a row each."""

    dense: np.ndarray  # (b, f) numbers
    codes: np.ndarray  # (b, c) categories, -1 where unknown
    bag: tuple | None = None  # (ids, indptr): the history of each row

    def take(self, rows):
        """Some of the rows."""
        bag = self.bag
        if bag is not None:
            at, indptr = segments(bag[1], rows)
            bag = bag[0][at], indptr
        return Inputs(self.dense[rows], self.codes[rows], bag)


def segments(indptr, rows):
    """Positions indptr[i] to indptr[i + 1] for all i in rows, one after the other; their indptr."""
    size = indptr[rows + 1] - indptr[rows]
    start = np.concatenate(([0], np.cumsum(size)))
    return np.arange(start[-1]) + np.repeat(indptr[rows] - start[:-1], size), start


def read_features(features, kind, dtype):
    """A table of features, as the ``fit`` of the models describes it, as `Inputs`."""
    parts = {}
    given = features if isinstance(features, tuple) else (features,)
    for part in map(np.asarray, given):
        if part.ndim != 2 or part.dtype.kind not in "iufb":
            raise ValueError(
                f"{kind}_features must be a table, one row a {kind}, of floats (numbers) or whole "
                f"numbers (categories), or a pair of both; got {part.dtype} of shape {part.shape}"
            )
        parts["codes" if part.dtype.kind in "iu" else "dense"] = part
    if len(parts) < len(given) or not given:
        raise ValueError(
            f"{kind}_features given as a pair need one table of floats and one of whole numbers, "
            f"got {[np.asarray(part).dtype.name for part in given]}; stack what is of one kind"
        )
    dense = parts.get("dense", np.zeros((len(part), 0))).astype(dtype)
    codes = parts.get("codes", np.zeros((len(part), 0))).astype(np.int64)
    if len(dense) != len(codes):
        raise ValueError(
            f"both parts of {kind}_features need one row a {kind}, "
            f"got {len(dense)} and {len(codes)} rows"
        )
    for i, j in np.argwhere(~np.isfinite(dense))[:1]:
        raise ValueError(
            f"{kind}_features[{i}, {j}] is {dense[i, j]}, expected a finite number; "
            f"fill what is missing, for example with the mean"
        )
    if codes.min(initial=0) < -1:
        raise ValueError(
            f"categories in {kind}_features are counted from 0, with -1 for unknown; "
            f"got {codes.min()}"
        )
    return Inputs(dense, codes)


class Tower:
    """Inputs → first layer → (ReLU → dense layer) for each further width → embeddings (b, d).

    Parameters
    ----------
    inputs : Inputs
        Those of the rows that will train: they fix f, c and which categories there are.
    n_history : int
        How many items a history can hold; 0 for a tower without histories.
    widths : sequence of int
        Width of every layer: the hidden ones, then d.
    unit_length : bool
        Divide every embedding by its length.
    """

    def __init__(self, inputs, n_history, widths, rng, dtype, unit_length=False):
        self.seen = [np.unique(codes[codes >= 0]) for codes in inputs.codes.T]
        self.dense = Dense(inputs.dense.shape[1], widths[0], rng, dtype=dtype)
        self.fields = [
            Embedding(max(len(seen), 1), widths[0], rng, dtype=dtype) for seen in self.seen
        ]
        self.history = [EmbeddingBag(n_history, widths[0], rng, dtype=dtype)] if n_history else []
        self.first = [self.dense, *self.fields, *self.history]
        self.deeper = []
        for n_in, n_out in pairwise(widths):
            self.deeper += [ReLU(), Dense(n_in, n_out, rng, dtype=dtype)]
        if unit_length:
            self.deeper.append(UnitLength())
        self.layers = self.first + self.deeper

    def encode(self, inputs, kind):
        """Number the categories as the tables do; one that did not train becomes unknown."""
        given = inputs.dense.shape[1], inputs.codes.shape[1]
        wanted = self.dense.parameters[0].shape[0], len(self.seen)
        if given != wanted:
            raise ValueError(
                f"fit had {wanted[0]} numbers and {wanted[1]} categories a {kind}, "
                f"got {given[0]} and {given[1]}"
            )
        codes = np.full(inputs.codes.shape, -1)
        for column, seen in enumerate(self.seen):
            given = inputs.codes[:, column]
            at = np.searchsorted(seen, given)
            found = np.isin(given, seen)
            codes[found, column] = at[found]
        return inputs._replace(codes=codes)

    def forward(self, inputs):
        x = self.dense.forward(inputs.dense)
        for field, codes in zip(self.fields, inputs.codes.T):
            x += field.forward(codes)
        for history in self.history:
            x += history.forward(*inputs.bag)
        for layer in self.deeper:
            x = layer.forward(x)
        return x

    def backward(self, gradient):
        for layer in reversed(self.deeper):
            gradient = layer.backward(gradient)
        for part in self.first:  # a sum hands its gradient to every term
            part.backward(gradient)

    def embed(self, inputs, trained=None):
        """Embeddings of all rows, in batches.

        ``trained`` names the rows that took part in training. Their mean is what a row gets of
        which nothing is known, here and, where ``trained`` is not given, later.
        """
        blocks = np.array_split(np.arange(len(inputs.dense)), len(inputs.dense) // 1024 + 1)
        embeddings = np.concatenate([self.forward(inputs.take(block)) for block in blocks])
        if trained is not None:
            self.average = embeddings[trained].mean(axis=0)
        known = (inputs.codes >= 0).any(axis=1) | (inputs.dense.shape[1] > 0)
        if self.history:
            known |= np.diff(inputs.bag[1]) > 0
        embeddings[~known] = self.average
        return embeddings


def check_network(model):
    """Check the hyper-parameters every deep model has."""
    for name in ("n_factors", "n_epochs", "batch_size"):
        check_positive(getattr(model, name), name, integer=True)
    check_positive(model.learning_rate, "learning_rate")
    if not isinstance(model.hidden, (tuple, list)):
        raise ValueError(
            f"hidden must list the widths of the hidden layers, such as (64,), or () for none; "
            f"got {model.hidden!r}"
        )
    for width in model.hidden:
        check_positive(width, "each width in hidden", integer=True)
    if model.dtype not in (np.float32, np.float64):
        raise ValueError(f"dtype must be numpy.float32 or numpy.float64, got {model.dtype!r}")


def train(model, n_examples, step, rng):
    """``n_epochs`` times through all examples, each time in a new order.

    ``step(examples)`` learns from a batch of example numbers and returns its mean loss. Batches
    hold ``batch_size`` examples, or a few less so that all are alike. ``losses_`` gets the mean
    over the examples of each epoch, each measured just before it was learned from.
    """
    advice = "lower learning_rate, or bring large features to about unit size"
    n_batches = -(-n_examples // model.batch_size)
    model.losses_ = []
    with np.errstate(over="ignore", invalid="ignore"):  # check_finite reports them
        for epoch in epochs(model.n_epochs, model.progress, type(model).__name__):
            batches = np.array_split(rng.permutation(n_examples), n_batches)
            loss = sum(step(batch) * len(batch) for batch in batches) / n_examples
            check_finite(loss, epoch, model, advice)
            model.losses_.append(loss)
            if model.callback is not None or epoch == model.n_epochs - 1:
                model._embed()
                U, V = model.user_factors_, model.item_factors_
                bound = np.abs(U).max() * np.abs(V).max() * model.n_factors  # of any score
                check_finite(loss if np.isfinite(bound) else np.inf, epoch, model, advice)
            if model.callback is not None:
                model.callback(epoch, model)
