"""DeepFM: a factorization machine and a neural network that read the same vectors.

    ŷ(x) = ŷ_FM(x) + network([x_1 v_1, …, x_F v_F])                 (Guo et al. 2017, section 2)

The machine sees every pair of features and nothing above pairs; the network, fed with the vectors
of the F active features side by side, may learn what three and more of them do together. Both
shape the same v_i. The vectors need no training beforehand.
"""

from itertools import pairwise

from recsys_lab import nn
from recsys_lab.fm.machine import FactorizationMachine
from recsys_lab.recommender import check_positive


class DeepFM(FactorizationMachine):
    """Factorization machine plus network on shared vectors, trained by Adam.

    Parameters
    ----------
    n_factors : int
        k, the length of the vectors.
    hidden : tuple of int
        Sizes of the hidden layers, each followed by a ReLU. Empty: the network is linear.
    reg : float
        λ of ½ λ (Σ w_i² + Σ ‖v_i‖²). The network is not penalized.
    task : {"classification", "regression"}

    All else, rows and errors included, is as in `FactorizationMachine`.

    Attributes
    ----------
    w0_, w_, V_, loss_ : as in `FactorizationMachine`
    layers_ : list of layers
        The network, `nn.Dense` and `nn.ReLU` in turn; the first reads fields · k numbers.

    Notes
    -----
    Every row must have the same number of fields, in the same order, as the rows of `fit`. An
    epoch costs O(rows · (fields · k · hidden[0] + ...)) time.
    """

    def __init__(
        self,
        n_factors=8,
        hidden=(32, 32),
        reg=1.0,
        task="classification",
        *,
        reg_linear=None,
        n_features=None,
        n_epochs=10,
        learning_rate=0.001,
        batch_size=256,
        random_state=0,
        progress=False,
        callback=None,
    ):
        super().__init__(
            n_factors,
            reg,
            "adam",
            task,
            reg_linear=reg_linear,
            n_features=n_features,
            n_epochs=n_epochs,
            learning_rate=learning_rate,
            batch_size=batch_size,
            random_state=random_state,
            progress=progress,
            callback=callback,
        )
        self.hidden = hidden

    def _check(self):
        super()._check()
        check_positive(self.n_factors, "n_factors", integer=True)
        if not isinstance(self.hidden, (tuple, list)):
            raise ValueError(f"hidden must be a tuple of layer sizes, got {self.hidden!r}")
        for size in self.hidden:
            check_positive(size, "hidden sizes", integer=True)

    def _solve(self, indices, values, y, n_epochs, rng):
        sizes = [indices.shape[1] * self.n_factors, *self.hidden, 1]
        self.layers_ = []
        for n_in, n_out in pairwise(sizes):
            self.layers_ += [nn.Dense(n_in, n_out, rng), nn.ReLU()]
        self.layers_.pop()  # the output may be negative
        return super()._solve(indices, values, y, n_epochs, rng)

    def _layers(self):
        return self.layers_

    def _together(self, E):
        out = E.reshape(len(E), -1)  # (rows, fields · k)
        if out.shape[1] != len(self.layers_[0].parameters[0]):
            raise ValueError(
                f"rows have {E.shape[1]} fields, expected "
                f"{len(self.layers_[0].parameters[0]) // self.n_factors} as in fit"
            )
        for layer in self.layers_:
            out = layer.forward(out)
        return super()._together(E) + out[:, 0]

    def _together_backward(self, E, error):
        back = error
        for layer in reversed(self.layers_):
            back = layer.backward(back)
        return super()._together_backward(E, error) + back.reshape(E.shape)
