"""How a factorization machine learns: one parameter at a time, or all of them by small steps.

Both solvers are generators: they set the parameters of the machine and yield its loss after each
epoch.

**One at a time** (Rendle 2012). ŷ is linear in each single parameter θ, ŷ = h θ + rest, with

    h = 1 for w₀,   h = x_i for w_i,   h = x_i (Σ_j v_jf x_j − v_if x_i) for v_if,

which is ∂ŷ/∂θ (Rendle 2010, section III-C). With e = ŷ − y the loss ½ Σ e² + ½ λ θ² is a parabola
in θ, and its lowest point lies one step away: −(Σ h e + λ θ) / (Σ h² + λ), least squares with one
unknown. The features of a field never share a row, so a whole field takes its steps at once. For
the log loss e is σ(ŷ) − y; its slope grows by at most ¼ for each unit of ŷ, so the parabola with
¼ Σ h² touches the loss from above, and a step to its lowest point never leads uphill.

**Drawn, not solved** (Rendle 2012, the MCMC solver). With ratings of precision α, that parabola is
minus the logarithm of a normal density of θ given all else: mean at the lowest point, variance
1 / (α (Σ h² + λ/α)). Drawing θ from it, and α and each field's strength λ and centre μ as well,
gives machines that all explain the data. The average of their predictions leans least on what
the data leave open.

**Small steps**: Adam on the gradient, e h for each row, over batches of rows.
"""

import numpy as np

from recsys_lab import nn

_START = 0.02  # standard deviation of V at the start; from 0 no pair would ever begin to learn


def coordinate_descent(machine, indices, values, y, n_epochs, rng):
    """Solvers "als" and "mcmc": a sweep over all parameters an epoch, O(rows · fields · k)."""
    # bincount waits when neighbours add to the same cell, so sorted rows would cost half as much
    # again; the order of the rows changes nothing else.
    order = rng.permutation(len(y))
    indices, values, y = indices[order], values[order], y[order]
    fields = _disjoint_fields(indices)
    x = [np.ascontiguousarray(column) for column in values.T]
    k, draw = machine.n_factors, machine.solver == "mcmc"
    curvature = 1.0 if machine.task == "regression" else 0.25

    theta = np.zeros((1 + k, machine.n_features_))  # row 0 is w, row f factor f of every feature
    for features, _ in fields:
        theta[1:, features] = rng.normal(0, _START, (k, len(features)))
    machine.w0_, machine.w_, machine.V_ = 0.0, theta[0], theta[1:].T
    strength = _strengths(machine)[:, None] * np.ones(len(fields))  # λ/α of each row and field
    centre = np.zeros_like(strength)  # μ
    score = machine._score(indices, values)
    error = _error(machine, score, y)
    spread = 0.0  # 1/√α: how far a draw may lie from the lowest point

    for epoch in range(n_epochs):
        if draw:
            alpha = _draw_precision(2 * _loss(machine, score, y), len(y), rng)
            strength, centre = _draw_priors(theta, fields, centre, rng)
            strength, spread = strength / alpha, 1 / np.sqrt(alpha)

        move = -error.mean() / curvature + spread * rng.normal() / np.sqrt(len(y))
        machine.w0_ = float(machine.w0_ + move)
        score += move
        error = _error(machine, score, y)
        for f in range(1 + k):
            own = [x[g] * theta[f, features][place] for g, (features, place) in enumerate(fields)]
            total = sum(own)  # Σ_j v_jf x_j of each row
            for g, (features, place) in enumerate(fields):
                h = x[g] if f == 0 else x[g] * (total - own[g])
                now, reg = theta[f, features], strength[f, g]
                slope = np.bincount(place, h * error) + reg * (now - centre[f, g])
                steep = curvature * np.bincount(place, h * h) + reg
                steep[steep == 0] = 1  # then the slope is 0 as well: stay
                move = -slope / steep
                if draw:
                    move += spread * rng.normal(size=len(now)) / np.sqrt(steep)
                theta[f, features] += move
                total += x[g] * move[place]
                score += h * move[place]
                error = _error(machine, score, y)
        if draw and epoch >= n_epochs // 10:
            w, V = theta[0], np.ascontiguousarray(theta[1:].T, dtype=np.float32)
            machine.draws_.append((machine.w0_, w.astype(np.float32), V))
        yield _loss(machine, score, y) + (0 if draw else _penalty(machine))


def adam(machine, indices, values, y, n_epochs, rng):
    """Solver "adam": an epoch is one pass over the rows, O(rows · fields · k)."""
    p, k = machine.n_features_, machine.n_factors
    intercept = nn.Dense(0, 1, rng)  # no inputs: the bias alone, w₀
    weights, factors = nn.Embedding(p, 1, rng, scale=0), nn.Embedding(p, k, rng, scale=_START)
    occurs = np.bincount(indices.ravel(), minlength=p)
    factors.parameters[0][occurs == 0] = 0
    machine.w_, machine.V_ = weights.parameters[0][:, 0], factors.parameters[0]
    optimizer = nn.Adam([intercept, weights, factors, *machine._layers()], machine.learning_rate)
    reg_linear, reg = _strengths(machine)[[0, -1]]

    for _ in range(n_epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), machine.batch_size):
            batch = order[start : start + machine.batch_size]
            ids, x = indices[batch].ravel(), values[batch]  # (rows · fields,), (rows, fields)
            w0 = intercept.forward(np.empty((len(batch), 0)))[:, 0]
            w = weights.forward(ids)
            v = factors.forward(ids)
            E = x[..., None] * v.reshape(*x.shape, k)  # (rows, fields, k)
            score = w0 + (x * w.reshape(x.shape)).sum(axis=1) + machine._together(E)

            error = _error(machine, score, y[batch])[:, None] / len(batch)
            # Each time a feature occurs it pays its share of its penalty: then rows that no batch
            # needs stay untouched, and an epoch pays the penalty once.
            share = 1 / (len(batch) * occurs[ids])[:, None]
            from_E = machine._together_backward(E, error) * x[..., None]
            intercept.backward(error)
            weights.backward((error * x).reshape(-1, 1) + reg_linear * share * w)
            factors.backward(from_E.reshape(len(ids), k) + reg * share * v)
            optimizer.step()
        machine.w0_ = float(intercept.parameters[1][0])
        yield _loss(machine, machine._score(indices, values), y) + _penalty(machine)


def sigmoid(score):
    """σ(z) = 1 / (1 + e^{−z}), without overflow on either side."""
    shrunk = np.exp(-np.abs(score))
    return np.where(score >= 0, 1, shrunk) / (1 + shrunk)


def _error(machine, score, y):
    """Slope of the loss of each row: ŷ − y, or σ(ŷ) − y."""
    return (score if machine.task == "regression" else sigmoid(score)) - y


def _loss(machine, score, y):
    if machine.task == "regression":
        return ((score - y) ** 2).sum() / 2
    return (np.logaddexp(0, score) - y * score).sum()


def _penalty(machine):
    squares = np.concatenate([[(machine.w_**2).sum()], (machine.V_**2).sum(axis=0)])
    return (_strengths(machine) * squares).sum() / 2


def _strengths(machine):
    """λ of w and of each factor, (1 + k,)."""
    linear = machine.reg if machine.reg_linear is None else machine.reg_linear
    return np.array([linear] + [machine.reg] * machine.n_factors, dtype=float)


def _draw_precision(squares, n, rng):
    """1/variance of n numbers around a known centre, given Σ of their squares; prior Γ(½, ½)."""
    return rng.gamma((1 + n) / 2, size=np.shape(squares)) / ((1 + squares) / 2)


def _draw_priors(theta, fields, centre, rng):
    """λ and μ of each row of θ in each field, given θ: θ ~ N(μ, 1/λ), μ ~ N(0, 1/λ)."""
    strength, new = np.empty_like(centre), np.empty_like(centre)
    for g, (features, _) in enumerate(fields):
        own, n = theta[:, features], len(features) + 1
        squares = ((own - centre[:, g, None]) ** 2).sum(axis=1) + centre[:, g] ** 2
        strength[:, g] = _draw_precision(squares, n, rng)
        new[:, g] = own.sum(axis=1) / n + rng.normal(size=len(theta)) / np.sqrt(n * strength[:, g])
    return strength, new


def _disjoint_fields(indices):
    """``(features, place)`` of each column: its distinct features, and which of them a row has."""
    fields = [np.unique(column, return_inverse=True) for column in indices.T]
    features, columns = np.unique(
        np.concatenate([features for features, _ in fields]), return_counts=True
    )
    if np.any(columns > 1):
        raise ValueError(
            f"feature {features[columns > 1][0]} occurs in several columns of indices; the solvers "
            f"'als' and 'mcmc' move a whole column at once and need each feature in one column "
            f"only: use solver='adam', or a dense X"
        )
    return fields
