"""Muon for all matrices of a shape at once: the same arithmetic as PyTorch's own, bit for bit."""

import pytest

pytest.importorskip("torch")

import torch

from models.recipes.muon import Muon, orthogonal

pytestmark = pytest.mark.neural

SHAPES = [(24, 24), (24, 24), (64, 24), (24, 64), (24, 64), (64, 24), (8, 40)]


def matrices(seed):
    dice = torch.Generator().manual_seed(seed)
    return [torch.nn.Parameter(torch.randn(shape, generator=dice)) for shape in SHAPES]


def gradients(weights, seed):
    dice = torch.Generator().manual_seed(seed)
    for weight in weights:
        weight.grad = torch.randn(weight.shape, generator=dice)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_it_is_pytorchs_muon_bit_for_bit(decay):
    ours, theirs = matrices(1), matrices(1)
    mine = Muon(ours, decay=decay)
    reference = torch.optim.Muon(
        theirs, momentum=0.95, weight_decay=decay, adjust_lr_fn="match_rms_adamw"
    )
    for step, rate in enumerate((1e-3, 2e-2, 5e-3, 0.0, 1e-2)):
        for optimiser, weights in ((mine, ours), (reference, theirs)):
            gradients(weights, step)
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.step()
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
    assert not torch.equal(ours[0], matrices(1)[0])


def test_a_matrix_without_a_gradient_stays_and_later_begins():
    weights, alone = matrices(2), matrices(2)[1:]
    before = weights[0].detach().clone()
    optimiser, reference = Muon(weights), Muon(alone)
    for one, part in ((optimiser, weights[1:]), (reference, alone)):
        gradients(part, 3)
        one.step()
    assert torch.equal(weights[0], before)
    assert all(torch.equal(one, other) for one, other in zip(weights[1:], alone, strict=True))
    gradients(weights, 4)
    optimiser.step()
    assert not torch.equal(weights[0], before)


def test_its_state_can_be_saved_and_goes_on_alike():
    straight, stopped = matrices(5), matrices(5)
    first, second = Muon(straight), Muon(stopped)
    for optimiser, weights in ((first, straight), (second, stopped)):
        gradients(weights, 6)
        optimiser.step()
    third = Muon(stopped)
    third.load_state_dict(second.state_dict())
    for optimiser, weights in ((first, straight), (third, stopped)):
        gradients(weights, 7)
        optimiser.step()
    assert all(torch.equal(one, other) for one, other in zip(straight, stopped, strict=True))


@pytest.mark.parametrize("shape", [(3, 16, 48), (3, 48, 16)])
def test_singular_values_come_near_one(shape):
    turned = orthogonal(torch.randn(shape, generator=torch.Generator().manual_seed(8)))
    values = torch.linalg.svdvals(turned.float())
    assert values.min() > 0.5
    assert values.max() < 1.5
