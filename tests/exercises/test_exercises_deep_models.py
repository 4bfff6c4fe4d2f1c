"""The checkers of the chapter's exercises against oracles that share no code with them."""

import numpy as np
import pytest
import scipy.special
import torch

from recsys_lab.exercises import check, deep_models


def test_the_fourth_corner_is_the_parallelogram():
    assert deep_models.fourth_corner.expected() == pytest.approx(
        [1, -1, 1, np.e / (np.e + 1 / np.e)]
    )


def test_scipys_softmax_passes(here):
    assert check("deep_models.2", lambda z: scipy.special.softmax(z, axis=1)).passed


def test_the_gradient_of_pytorch_passes(here):
    def grad_psi(psi, V, y):
        psi = torch.tensor(psi, requires_grad=True)
        torch.nn.functional.cross_entropy(
            (torch.tensor(V) @ psi)[None], torch.tensor([y])
        ).backward()
        return psi.grad.numpy()

    assert check("deep_models.3", grad_psi).passed


def test_surprise_is_the_logarithm_of_the_ratio():
    assert deep_models.surprise.expected() == pytest.approx([-0.336, 0.405, 0.693, 3], abs=5e-4)


def test_the_cross_entropy_of_pytorch_passes(here):
    def sampled_loss(pos, neg, logq_pos, logq_neg):
        z = torch.tensor(np.column_stack([pos - logq_pos, neg - logq_neg]))
        return torch.nn.functional.cross_entropy(z, torch.zeros(len(z), dtype=int)).item()

    assert check("deep_models.5", sampled_loss).passed


def test_of_random_tastes_exactly_those_pass_that_turn_adas_list_round(here):
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(3000):
        ada, bo = (0.97 * rng.dirichlet(np.ones(3), 2) + 0.01).round(3)
        ada = np.sort(ada)[::-1]
        bo = np.sort(bo)[::-1] if rng.random() < 0.5 else bo
        ada[0], bo[0] = 1 - ada[1:].sum(), 1 - bo[1:].sum()
        scores = np.log(ada / (ada + bo))
        right = (
            min(ada.min(), bo.min()) >= 0.01
            and np.all(np.diff(ada) < -0.0101)
            and np.all(np.diff(scores) > 0.0101)
        )
        close = np.any(np.abs(np.diff(ada)) < 0.012) or np.any(np.abs(np.diff(scores)) < 0.012)
        if not close:
            assert deep_models.unfair.mark((ada, bo)).passed == right
            found += right
    assert found > 100
