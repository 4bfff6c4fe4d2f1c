"""`SoftmaxRecommender` and `TwoTower` and the same networks in PyTorch, from the same start.

The peer takes its first weights from our layers and draws its batches with the same generator, so
that both learn from the same examples in the same order and the loss curves can be compared.
"""

import numpy as np
import torch
from harness import race
from torch.nn import functional as F

from recsys_lab.data import load_movielens
from recsys_lab.deep import SoftmaxRecommender, TwoTower
from recsys_lab.deep.softmax import hide
from recsys_lab.deep.tower import Inputs, Tower
from recsys_lab.nn import Dense


class TorchTower(torch.nn.Module):
    """A `Tower` over ids or histories, with one hidden layer, as its user would write it."""

    def __init__(self, tower):
        super().__init__()
        first, (_, dense) = tower.first[-1], tower.deeper
        table = torch.from_numpy(first.parameters[0].copy())
        make = torch.nn.EmbeddingBag if tower.history else torch.nn.Embedding
        self.first = make.from_pretrained(table, freeze=False, sparse=True)
        self.bias = torch.nn.Parameter(torch.from_numpy(tower.dense.parameters[1].copy()))
        self.second = torch.nn.Linear(*dense.parameters[0].shape)
        with torch.no_grad():
            self.second.weight.copy_(torch.from_numpy(dense.parameters[0].T))
            self.second.bias.copy_(torch.from_numpy(dense.parameters[1]))

    def forward(self, *inputs):
        return self.second(F.relu(self.first(*inputs) + self.bias))


class TorchAdam:
    """Adam on whole tensors, and on the rows of a table that were looked up, as our Adam does it.

    PyTorch's sparse Adam adds ε before it undoes the start of its averages at zero, its dense one
    (and ours) after it: an ε that starts small and grows makes them one.
    """

    def __init__(self, towers, others, learning_rate):
        dense = [p for tower in towers for p in (tower.bias, *tower.second.parameters())]
        self.dense = torch.optim.Adam(dense + others, lr=learning_rate)
        self.sparse = torch.optim.SparseAdam(
            [tower.first.weight for tower in towers], lr=learning_rate
        )
        self.t = 0

    def step(self, loss):
        self.t += 1
        self.sparse.param_groups[0]["eps"] = 1e-8 * (1 - 0.999**self.t) ** 0.5
        for optimizer in (self.dense, self.sparse):
            optimizer.zero_grad()
        loss.backward()
        for optimizer in (self.dense, self.sparse):
            optimizer.step()


def _batches(n, size, rng):
    return np.array_split(rng.permutation(n), -(-n // size))


def torch_softmax(interactions, model):
    """Losses of each epoch of `SoftmaxRecommender` in PyTorch, and the final user embeddings."""
    rng = np.random.default_rng(model.random_state)
    m, n = interactions.shape
    indptr, items, _ = interactions.by_user
    everyone = Inputs(np.zeros((m, 0), np.float32), np.zeros((m, 0), np.int64), (items, indptr))
    tower = Tower(everyone, n, (*model.hidden, model.n_factors), rng, np.float32)
    output = Dense(model.n_factors, n, rng, bias=False, dtype=np.float32)
    net = TorchTower(tower)
    item_factors = torch.nn.Parameter(torch.from_numpy(output.parameters[0].T.copy()))
    adam = TorchAdam([net], [item_factors], model.learning_rate)
    losses = []
    for _ in range(model.n_epochs):
        total = 0.0
        for batch in _batches(m, model.batch_size, rng):
            bag, asked = hide(*everyone.take(batch).bag, 0.5, rng)
            rows, items_asked = map(torch.from_numpy, asked)
            share = 1 / torch.bincount(rows, minlength=len(batch))[rows] / len(batch)
            log_p = F.log_softmax(net(*map(torch.from_numpy, bag)) @ item_factors.T, dim=1)
            loss = -(share * log_p[rows, items_asked]).sum()
            adam.step(loss)
            total += loss.item() * len(batch)
        losses.append(total / m)
    with torch.no_grad():
        net(torch.from_numpy(items.copy()), torch.from_numpy(indptr.copy()))
    return losses


def torch_two_tower(interactions, model):
    """Losses of each epoch of `TwoTower` in PyTorch, and the final embeddings."""
    rng = np.random.default_rng(model.random_state)
    users, items = interactions.users, interactions.items
    widths = (*model.hidden, model.n_factors)
    ids = [Inputs(np.zeros((k, 0)), np.arange(k)[:, None]) for k in interactions.shape]
    user_net, item_net = (TorchTower(Tower(side, 0, widths, rng, np.float32)) for side in ids)
    adam = TorchAdam([user_net, item_net], [], model.learning_rate)
    count = np.bincount(items, minlength=interactions.n_items)
    log_q = torch.from_numpy(np.log(count / count.sum()).astype(np.float32))
    losses = []
    for _ in range(model.n_epochs):
        total = 0.0
        for batch in _batches(len(users), model.batch_size, rng):
            theirs = torch.from_numpy(items[batch])
            psi, phi = user_net(torch.from_numpy(users[batch])), item_net(theirs)
            loss = F.cross_entropy(psi @ phi.T - log_q[theirs], torch.arange(len(batch)))
            adam.step(loss)
            total += loss.item() * len(batch)
        losses.append(total / len(users))
    with torch.no_grad():
        for net, k in zip((user_net, item_net), interactions.shape):
            net(torch.arange(k))
    return losses


def races():
    """Two races, each from the first weights to the embeddings of everyone."""
    torch.set_num_threads(2)
    interactions = load_movielens().interactions
    softmax, two_tower = SoftmaxRecommender(n_epochs=10), TwoTower(n_epochs=1)
    results = []
    for model, peer, epochs in (
        (softmax, torch_softmax, "ten epochs"),
        (two_tower, torch_two_tower, "one epoch"),
    ):
        ours = np.array(model.fit(interactions).losses_)
        apart = np.abs(ours - peer(interactions, model)).max()
        result = race(
            f"{type(model).__name__}, {epochs}",
            "torch, the same network on the CPU",
            lambda model=model: model.fit(interactions).losses_,
            lambda model=model, peer=peer: peer(interactions, model),
            quality=lambda losses: losses[-1],
            target=1.5,
            repeats=5,
            note=f"quality is the loss of the last epoch; curves apart by at most {apart:.1e}",
        )
        results.append({**result, "quality_reached": bool(apart < 1e-2)})
    return results
