"""Losses, layers and Adam: against finite differences, PyTorch and numbers worked out by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recsys_lab.nn import (
    Adam,
    Dense,
    Embedding,
    EmbeddingBag,
    ReLU,
    SparseGradient,
    UnitLength,
    entropy,
    log_normalizer,
    sampled_softmax_loss,
    sigmoid_cross_entropy,
    softmax,
    softmax_cross_entropy,
)

tables = arrays(float, (3, 4), elements=st.floats(-30, 30))


def rng():
    return np.random.default_rng(0)


def slope(f, x, step=1e-6):
    """Finite differences of a number f() that depends on the array x, changed in place."""
    gradient = np.empty_like(x)
    for at in np.ndindex(x.shape):
        kept = x[at]
        x[at] = kept + step
        above = f()
        x[at] = kept - step
        gradient[at] = (above - f()) / (2 * step)
        x[at] = kept
    return gradient


def as_dense(gradient, shape):
    if not isinstance(gradient, SparseGradient):
        return gradient
    dense = np.zeros(shape)
    dense[gradient.ids] = gradient.values
    return dense


# ---- softmax and its relatives


def test_softmax_of_two_huge_logits_is_what_their_difference_says():
    np.testing.assert_allclose(softmax([1000, 1001]), [0.2689, 0.7311], atol=5e-5)


def test_the_longer_the_query_the_surer_the_softmax_and_its_order_never_changes():
    V = np.array([[1, 0.2], [0.8, 0.7], [-0.3, 1], [-1, -0.2], [0.1, -1]])
    p = softmax(np.outer([0.5, 1, 2, 4, 8], V @ [1, 0]))
    np.testing.assert_allclose(p.max(axis=1), [0.29, 0.38, 0.52, 0.67, 0.83], atol=0.005)
    np.testing.assert_allclose(entropy(p[[0, -1]]), [1.55, 0.46], atol=0.005)
    assert np.all(np.diff(entropy(p)) < 0)
    assert len({tuple(row) for row in np.argsort(p)}) == 1


@given(tables, st.floats(-100, 100))
def test_adding_a_number_to_a_row_leaves_softmax_and_moves_the_normalizer(z, shift):
    np.testing.assert_allclose(softmax(z + shift), softmax(z), atol=1e-12)
    np.testing.assert_allclose(log_normalizer(z + shift), log_normalizer(z) + shift, atol=1e-9)
    np.testing.assert_allclose(softmax(z).sum(axis=1), 1)


@given(tables)
def test_the_log_probability_is_the_logit_minus_the_normalizer(z):
    np.testing.assert_allclose(np.exp(z - log_normalizer(z)[:, None]), softmax(z), atol=1e-12)


def test_a_logit_of_minus_infinity_has_no_chance():
    np.testing.assert_array_equal(softmax([0.0, -np.inf]), [1, 0])
    assert log_normalizer([3.0, -np.inf]) == 3


def test_entropy_is_zero_when_sure_and_log_n_when_all_are_alike():
    np.testing.assert_allclose(entropy([[1, 0, 0, 0], [0.25] * 4]), [0, np.log(4)])


@pytest.mark.parametrize("bad", [[np.nan, 1], [np.inf, 1], [-np.inf, -np.inf], [], 3.0])
def test_logits_without_a_softmax_are_refused(bad):
    for function in (softmax, log_normalizer):
        with pytest.raises(ValueError, match="logits must"):
            function(bad)


@pytest.mark.parametrize("bad", [[0.5, 0.6], [-0.5, 1.5], [np.nan, 1], 1.0])
def test_entropy_of_what_is_no_distribution_is_refused(bad):
    with pytest.raises(ValueError, match="probabilities"):
        entropy(bad)


# ---- losses


def multi_hot():
    return np.array([[0, 1, 0, 1, 0], [1, 0, 0, 0, 0], [1, 1, 1, 1, 1]])


@pytest.mark.parametrize(
    "targets",
    [np.array([1, 4, 0]), multi_hot(), multi_hot() * [[2], [3], [0.5]], np.nonzero(multi_hot())],
    ids=["labels", "multi-hot", "weights", "pairs"],
)
def test_softmax_cross_entropy_and_its_gradient_are_those_of_pytorch(targets):
    z = rng().normal(0, 3, (3, 5))
    theirs = torch.tensor(z, requires_grad=True)
    if np.ndim(targets) == 1:
        loss = torch.nn.functional.cross_entropy(theirs, torch.tensor(targets))
    else:
        p = multi_hot() / multi_hot().sum(axis=1, keepdims=True)
        loss = torch.nn.functional.cross_entropy(theirs, torch.tensor(p))
    loss.backward()
    ours, gradient = softmax_cross_entropy(z, targets)
    assert ours == pytest.approx(loss.item(), abs=1e-12)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), atol=1e-12)
    by_hand = slope(lambda: softmax_cross_entropy(z, targets)[0], z)
    np.testing.assert_allclose(gradient, by_hand, atol=1e-8)


def test_the_gradient_of_a_softmax_sums_to_zero_in_each_row():
    _, gradient = softmax_cross_entropy(rng().normal(size=(3, 5)), multi_hot())
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-15)


def test_a_loss_keeps_single_precision_and_survives_huge_logits():
    z = np.array([[1e4, -1e4], [-1e4, 1e4]], np.float32)
    loss, gradient = softmax_cross_entropy(z, np.array([0, 0]))
    assert (loss, gradient.dtype) == (1e4, np.float32)
    loss, gradient = sigmoid_cross_entropy(z, np.array([[1, 0], [1, 0]]))
    assert (loss, gradient.dtype) == (5e3, np.float32)


def test_sigmoid_cross_entropy_and_its_gradient_are_those_of_pytorch():
    z = rng().normal(0, 3, (4, 3))
    labels = rng().random((4, 3)).round(1)
    theirs = torch.tensor(z, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(theirs, torch.tensor(labels))
    loss.backward()
    ours, gradient = sigmoid_cross_entropy(z, labels)
    assert ours == pytest.approx(loss.item(), abs=1e-12)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), atol=1e-12)
    by_hand = slope(lambda: sigmoid_cross_entropy(z, labels)[0], z)
    np.testing.assert_allclose(gradient, by_hand, atol=1e-8)


@pytest.mark.parametrize("shape", [(6,), (4, 6)], ids=["shared", "own"])
def test_sampled_softmax_is_a_softmax_over_the_corrected_candidates(shape):
    r = rng()
    positive, negative = r.normal(size=4), r.normal(size=(4, 6))
    log_q = np.log(r.random(4)), np.log(r.random(shape))
    theirs = torch.tensor(np.column_stack([positive, negative]), requires_grad=True)
    shift = np.column_stack([log_q[0], np.broadcast_to(log_q[1], (4, 6))])
    labels = torch.zeros(4, dtype=torch.int64)
    loss = torch.nn.functional.cross_entropy(theirs - torch.tensor(shift), labels)
    loss.backward()
    ours, (to_positive, to_negative) = sampled_softmax_loss(positive, negative, *log_q)
    assert ours == pytest.approx(loss.item(), abs=1e-12)
    np.testing.assert_allclose(to_positive, theirs.grad[:, 0], atol=1e-12)
    np.testing.assert_allclose(to_negative, theirs.grad[:, 1:], atol=1e-12)
    for gradient, x in ((to_positive, positive), (to_negative, negative)):
        by_hand = slope(lambda: sampled_softmax_loss(positive, negative, *log_q)[0], x)
        np.testing.assert_allclose(gradient, by_hand, atol=1e-8)


@pytest.mark.parametrize("n_negatives", [1, 3])
@pytest.mark.parametrize("corrected", [False, True])
def test_a_sampled_softmax_learns_surprise_without_the_correction_and_preference_with_it(
    corrected, n_negatives
):
    # All outcomes of "positive from p, negatives from q" in the right proportion, so that
    # gradient descent meets the expected loss itself and there is no noise to wait out.
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.7, 0.2, 0.1])
    sizes = [10 * p] + [10 * q] * n_negatives
    choices = [np.repeat(np.arange(3), size.round().astype(int)) for size in sizes]
    drawn = np.stack(np.meshgrid(*choices), axis=-1).reshape(-1, 1 + n_negatives)
    log_q = (np.log(q)[drawn[:, 0]], np.log(q)[drawn[:, 1:]]) if corrected else ()
    scores = np.zeros(3)
    for _ in range(400):
        candidates = scores[drawn]
        _, (a, b) = sampled_softmax_loss(candidates[:, 0], candidates[:, 1:], *log_q)
        scores -= 4 * np.bincount(drawn.ravel(), np.column_stack([a, b]).ravel(), minlength=3)
    expected = np.log(p) if corrected else np.array([-0.336, 0.405, 0.693])  # log p − log q
    np.testing.assert_allclose(scores - scores[0], expected - expected[0], atol=1e-3)
    assert scores.argmax() == (0 if corrected else 2)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (np.array([0, 5]), "classes from 0 to 2"),
        (np.array([0, -1]), "classes from 0 to 2"),
        (np.array([0.0, 1.0]), "whole numbers"),
        (np.array([0]), "at least one target"),
        (np.array([[1, 0, 0], [0, 0, 0]]), "at least one target"),
        (np.array([[1, 0, 0], [0, -1, 1]]), "at least 0"),
        (np.array([[1, 0, 0], [0, np.nan, 1]]), "finite"),
        (np.array([[1, 0], [0, 1]]), "shape"),
        ((np.array([0, 0]), np.array([1, 2])), "at least one target"),
        ((np.array([0, 1, 1]), np.array([1, 2, 2])), "twice"),
        ((np.array([1, 0, 1]), np.array([2, 1, 2])), "twice"),
        ((np.array([0, 2]), np.array([1, 2])), "rows from 0 to 1"),
        ((np.array([0, -1]), np.array([1, 2])), "rows from 0 to 1"),
        ((np.array([0, 1]), np.array([1])), "whole numbers"),
    ],
)
def test_targets_that_fit_no_row_of_logits_are_refused(targets, message):
    with pytest.raises(ValueError, match=message):
        softmax_cross_entropy(np.zeros((2, 3)), targets)


def test_losses_say_what_shapes_they_need():
    with pytest.raises(ValueError, match="table"):
        softmax_cross_entropy(np.zeros(3), np.array([0]))
    with pytest.raises(ValueError, match="between 0 and 1"):
        sigmoid_cross_entropy(np.zeros(2), np.array([0, 2]))
    with pytest.raises(ValueError, match="one a logit"):
        sigmoid_cross_entropy(np.zeros(2), np.array([0]))
    with pytest.raises(ValueError, match="one a logit"):
        sigmoid_cross_entropy(np.zeros(0), np.zeros(0))
    with pytest.raises(ValueError, match="b rows"):
        sampled_softmax_loss(np.zeros(2), np.zeros((3, 4)))
    with pytest.raises(ValueError, match="or neither"):
        sampled_softmax_loss(np.zeros(2), np.zeros((2, 4)), np.zeros(2))


# ---- layers: the gradient of Σ (output ∘ weights), against finite differences


def check_layer(layer, *inputs, differentiable=True):
    weights = rng().normal(size=layer.forward(*inputs).shape)

    def total():
        return (layer.forward(*inputs) * weights).sum()

    total()
    to_input = layer.backward(weights)
    for parameter, gradient in zip(layer.parameters, layer.gradients):
        by_hand = slope(total, parameter)
        np.testing.assert_allclose(as_dense(gradient, parameter.shape), by_hand, atol=1e-7)
    if differentiable:
        np.testing.assert_allclose(to_input, slope(total, inputs[0]), atol=1e-7)


@pytest.mark.parametrize("bias", [True, False])
def test_the_gradients_of_a_dense_layer_are_its_slopes(bias):
    check_layer(Dense(4, 3, rng(), bias=bias), rng().normal(size=(5, 4)))


def test_a_dense_layer_without_inputs_is_its_bias():
    layer = Dense(0, 3, rng())
    layer.parameters[1][:] = [1, 2, 3]
    np.testing.assert_array_equal(layer.forward(np.zeros((2, 0))), [[1, 2, 3]] * 2)
    assert layer.backward(np.ones((2, 3))).shape == (2, 0)
    np.testing.assert_array_equal(layer.gradients[1], [2, 2, 2])


def test_the_gradient_of_relu_is_its_slope():
    check_layer(ReLU(), rng().normal(size=(5, 4)))


def test_the_gradient_of_unit_length_is_its_slope_and_a_zero_row_stays_zero():
    check_layer(UnitLength(), rng().normal(size=(5, 4)))
    layer = UnitLength()
    np.testing.assert_array_equal(layer.forward(np.zeros((1, 2))), [[0, 0]])
    assert np.isfinite(layer.backward(np.ones((1, 2)))).all()


def test_the_gradient_of_an_embedding_is_its_slope_with_repeated_and_unknown_ids():
    check_layer(Embedding(6, 3, rng()), np.array([2, 0, 2, -1, 5]), differentiable=False)


def test_the_gradient_of_a_bag_is_its_slope_with_empty_bags_and_shared_and_repeated_ids():
    ids, indptr = np.array([0, 3, 3, 4, 3, 1, 1]), np.array([0, 0, 3, 5, 5, 7, 7])
    check_layer(EmbeddingBag(6, 3, rng()), ids, indptr, differentiable=False)


def test_an_embedding_is_a_one_hot_row_times_a_matrix_and_unknown_is_a_zero_row():
    layer = Embedding(4, 3, rng())
    table = layer.parameters[0]
    np.testing.assert_array_equal(layer.forward(np.array([2, 0])), np.eye(4)[[2, 0]] @ table)
    np.testing.assert_array_equal(layer.forward(np.array([-1])), np.zeros((1, 3)))
    layer.backward(np.ones((1, 3)))
    assert len(layer.gradients[0].ids) == 0


@given(st.lists(st.lists(st.integers(0, 7), max_size=5), min_size=1, max_size=6))
def test_a_bag_is_the_mean_of_its_rows_as_in_pytorch(bags):
    layer = EmbeddingBag(8, 3, rng())
    ids = np.array([i for bag in bags for i in bag], dtype=np.int64)
    indptr = np.cumsum([0] + [len(bag) for bag in bags])
    theirs = torch.nn.EmbeddingBag.from_pretrained(
        torch.tensor(layer.parameters[0]), freeze=False, mode="mean", include_last_offset=True
    )
    output = theirs(torch.tensor(ids), torch.tensor(indptr))
    np.testing.assert_allclose(layer.forward(ids, indptr), output.detach(), atol=1e-12)
    weights = rng().normal(size=output.shape)
    (output * torch.tensor(weights)).sum().backward()
    layer.backward(weights)
    ours = as_dense(layer.gradients[0], (8, 3))
    np.testing.assert_allclose(ours, theirs.weight.grad, atol=1e-12)


def test_a_sparse_gradient_names_each_row_that_was_looked_up_once():
    layer = Embedding(1000, 2, rng())
    layer.forward(np.array([7, 999, 7]))
    layer.backward(np.array([[1.0, 0], [5, 5], [2, 3]]))
    np.testing.assert_array_equal(layer.gradients[0].ids, [7, 999])
    np.testing.assert_array_equal(layer.gradients[0].values, [[3, 3], [5, 5]])


def test_relu_keeps_what_is_positive():
    np.testing.assert_array_equal(ReLU().forward(np.array([[-1.0, 0, 2]])), [[0, 0, 2]])


# ---- Adam


class Weights:
    """A layer that is nothing but its parameters."""

    def __init__(self, array):
        self.parameters, self.gradients = [array], [None]


def test_adam_takes_the_steps_of_pytorch():
    start, gradients = rng().normal(size=(4, 3)), rng().normal(size=(20, 4, 3))
    ours, theirs = Weights(start.copy()), torch.tensor(start.copy(), requires_grad=True)
    adam, peer = Adam([ours], 0.05), torch.optim.Adam([theirs], 0.05)
    for gradient in gradients:
        ours.gradients = [gradient]
        adam.step()
        theirs.grad = torch.tensor(gradient)
        peer.step()
    np.testing.assert_allclose(ours.parameters[0], theirs.detach(), atol=1e-12)


def test_adam_with_sparse_gradients_takes_the_steps_of_pytorch_and_leaves_other_rows_alone():
    r = rng()
    start = r.normal(size=(6, 3))
    ours, theirs = Weights(start.copy()), torch.tensor(start.copy(), requires_grad=True)
    # PyTorch adds ε before it undoes the start at zero, we after it: at ε ≈ 0 the two agree.
    adam = Adam([ours], 0.05, epsilon=1e-30)
    peer = torch.optim.SparseAdam([theirs], 0.05, eps=1e-30)
    for _ in range(20):
        ids = r.choice(5, 2, replace=False)
        values = r.normal(size=(2, 3))
        ours.gradients = [SparseGradient(ids, values)]
        adam.step()
        rows = torch.tensor(ids[None]), torch.tensor(values)
        theirs.grad = torch.sparse_coo_tensor(*rows, (6, 3), check_invariants=True)
        peer.step()
    np.testing.assert_allclose(ours.parameters[0], theirs.detach(), atol=1e-12)
    np.testing.assert_array_equal(ours.parameters[0][5], start[5])


def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_size_of_the_gradient():
    weights = Weights(np.zeros(3))
    weights.gradients = [np.array([1e-3, -5, 1e4])]
    Adam([weights], 0.1).step()
    np.testing.assert_allclose(weights.parameters[0], [-0.1, 0.1, -0.1], rtol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_keeps_its_precision_and_learns_what_no_line_can_separate(dtype):
    r = rng()
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype)
    layers = [Dense(2, 8, r, dtype=dtype), ReLU(), Dense(8, 1, r, dtype=dtype)]
    adam = Adam(layers, 0.05)
    for _ in range(200):
        y = x
        for layer in layers:
            y = layer.forward(y)
        loss, gradient = sigmoid_cross_entropy(y, np.array([[0], [1], [1], [0]]))
        for layer in reversed(layers):
            gradient = layer.backward(gradient)
        adam.step()
    assert loss < 0.02
    arrays_ = [a for layer in layers for a in (*layer.parameters, *layer.gradients)]
    assert {a.dtype for a in [*arrays_, y, gradient]} == {np.dtype(dtype)}
    assert {a.dtype for pair in adam.averages for mv in pair for a in mv} == {np.dtype(dtype)}


@pytest.mark.parametrize("bad", [0, -1, np.nan, "fast"])
def test_a_learning_rate_that_is_no_positive_number_is_refused(bad):
    with pytest.raises(ValueError, match="learning_rate"):
        Adam([], bad)
