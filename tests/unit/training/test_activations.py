"""Activations in place and behind pools: other work, the same numbers bit for bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

import nodeforge as nf
from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.core.document import Recipe
from nodeforge.torch_backend import build
from nodeforge.training import TrainingJob, bench, train
from nodeforge.training.activations import save_work
from nodeforge.training.control import Control
from tests.drawings import drawing

CLIPS = ("ReLU()", "ReLU6()", "Hardtanh(min_val=-0.5, max_val=0.5)")
POOLS = {
    "MaxPool1d(kernel_size=2)": (3, 12),
    "MaxPool1d(kernel_size=3, stride=1, padding=1, dilation=1)": (3, 12),
    "AdaptiveMaxPool1d(output_size=5)": (3, 12),
    "MaxPool2d(kernel_size=2)": (3, 9, 8),
    "MaxPool2d(kernel_size=3, stride=1, padding=1)": (3, 9, 8),
    "MaxPool2d(kernel_size=3, stride=2, dilation=2, ceil_mode=True)": (3, 9, 8),
    "AdaptiveMaxPool2d(output_size=3)": (3, 9, 8),
    "MaxPool3d(kernel_size=2)": (3, 4, 5, 4),
    "MaxPool3d(kernel_size=2, stride=1)": (3, 4, 5, 4),
    "AdaptiveMaxPool3d(output_size=2)": (3, 4, 5, 4),
}


def pair(text: str) -> tuple[nn.Module, nn.Module]:
    """The same network twice: as it is drawn, and with its work saved."""
    document = drawing(text)
    source = generate(document, check(document))
    bare, ours = build(source), build(source)
    ours.load_state_dict(bare.state_dict())
    return bare, save_work(ours, source)


def learned(module: nn.Module, samples: Tensor) -> list[Tensor]:
    """Output, gradient of the samples and of every weight."""
    samples = samples.clone().requires_grad_()
    output = module(samples)
    weights = torch.randn(output.shape, generator=torch.Generator().manual_seed(1))
    (output * weights).sum().backward()
    found = [output, samples.grad, *(weight.grad for weight in module.parameters())]
    return [tensor.detach() for tensor in found if tensor is not None]


def same(one: list[Tensor], other: list[Tensor]) -> bool:
    return all(torch.equal(a.nan_to_num(77.0), b.nan_to_num(77.0)) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("values", ["real", "whole"])
@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("pool", POOLS)
def test_a_pool_before_its_activation_gives_the_same_numbers(pool: str, clip: str, values: str):
    """Whole numbers have many equal ones in a window, of which one gets the gradient."""
    bare, ours = pair(f"""
        x = Input(shape={list(POOLS[pool])})
        act = {clip}
        pool = {pool}
        y = Output()
        x -> act -> pool -> y
    """)
    assert type(ours.act) is type(bare.pool)
    assert type(ours.pool) is type(bare.act)
    samples = 4 * torch.randn(5, *POOLS[pool], generator=torch.Generator().manual_seed(0))
    if values == "whole":
        samples = samples.round()
    assert same(learned(ours, samples), learned(bare, samples))
    samples.view(-1)[::11] = float("inf")
    if clip == "ReLU()":  # the gradient of others at NaN hangs, in torch, on where in memory it lies
        samples.view(-1)[::7] = float("nan")
    assert same(learned(ours, samples), learned(bare, samples))


def test_an_activation_goes_behind_all_pools_that_follow():
    bare, ours = pair("""
        x = Input(shape=[2, 12, 12])
        act = ReLU()
        first = MaxPool2d(kernel_size=2)
        second = MaxPool2d(kernel_size=3, stride=1)
        again = LeakyReLU()
        y = Output()
        x -> act -> first -> second -> again -> y
    """)
    assert isinstance(ours.second, nn.ReLU)
    assert not ours.again.inplace  # the ReLU needs what it gave
    samples = torch.randn(4, 2, 12, 12)
    assert same(learned(ours, samples), learned(bare, samples))


@pytest.mark.parametrize("steep", ["LeakyReLU()", "ELU()", "Tanh()", "Sigmoid()"])
def test_activations_that_round_stay_before_their_pool(steep: str):
    _, ours = pair(
        f"x = Input(shape=[1, 4, 4])\nact = {steep}\npool = MaxPool2d()\ny = Output()\nx -> act -> pool -> y"
    )
    assert isinstance(ours.pool, nn.MaxPool2d)


@pytest.mark.parametrize("shown", ["conv", "act"])
def test_a_value_that_is_read_elsewhere_stays_as_it_is(shown: str):
    text = """
        x = Input(shape=[2, 6, 6])
        conv = Conv2d(out_channels=2, kernel_size=3, padding=1)
        act = ReLU()
        pool = MaxPool2d(kernel_size=2, stride=1)
        y = Output()
        z = Output()
        x -> conv -> act -> pool -> y
    """
    bare, ours = pair(f"{text}\n{shown} -> z")
    samples = torch.randn(3, 2, 6, 6)
    for one, other in zip(ours(samples), bare(samples), strict=True):
        assert torch.equal(one, other)
    assert isinstance(ours.act, nn.ReLU) == (shown == "act")
    relu = ours.act if shown == "act" else ours.pool
    assert relu.inplace


def test_samples_are_never_written_over():
    _, ours = pair("x = Input(shape=[2])\nact = ReLU()\ny = Output()\nx -> act -> y")
    samples = torch.tensor([[-1.0, 1.0]])
    ours(samples)
    assert samples.tolist() == [[-1.0, 1.0]]


def test_a_falling_leaky_relu_keeps_what_arrived():
    text = "x = Input(shape=[1, 4, 4])\nconv = Conv2d(out_channels=2)\nact = LeakyReLU(negative_slope={})\ny = Output()\nx -> conv -> act -> y"
    for slope, inplace in ((0.1, True), (0.0, True), (-0.1, False)):
        bare, ours = pair(text.format(slope))
        assert ours.act.inplace is inplace
        samples = torch.randn(3, 1, 4, 4)
        assert same(learned(ours, samples), learned(bare, samples))


def test_only_the_module_that_trains_changes():
    document = drawing(
        "x = Input(shape=[1, 4, 4])\nconv = Conv2d()\nact = ReLU()\ny = Output()\nx -> conv -> act -> y"
    )
    source = generate(document, check(document))
    save_work(build(source), source)
    assert not build(source).act.inplace


RESIDUAL = """
    x = Input(shape=[1, 28, 28])
    conv1 = Conv2d(out_channels=4, kernel_size=3, padding=1)
    norm1 = BatchNorm2d()
    relu1 = ReLU()
    conv2 = Conv2d(out_channels=4, kernel_size=3, padding=1)
    sum = Add()
    relu2 = LeakyReLU()
    block = lean()
    relu3 = ReLU()
    pool = MaxPool2d(kernel_size=2)
    flat = Flatten()
    fc = Linear(out_features=10)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> conv1 -> norm1 -> relu1 -> conv2 -> sum
    relu1 -> sum
    sum -> relu2 -> block -> relu3 -> pool -> flat -> fc -> y
    fc -> loss.input
    t -> loss.target
    network lean()
    given = Input(shape=[4, 28, 28])
    conv = Conv2d(out_channels=6, kernel_size=3, stride=2)
    clip = ReLU6()
    pool = MaxPool2d(kernel_size=2)
    taken = Output()
    given -> conv -> clip -> pool -> taken
"""


def test_a_training_ends_with_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    document, example = drawing(RESIDUAL), nf.Project.from_example("mnist-cnn").document
    (stage,) = example.recipe.stages
    document.data = example.data
    document.recipe = Recipe(stages=(replace(stage, settings={"epochs": 1, "batch_size": 256}),))

    def trained() -> dict[str, Tensor]:
        run = train(TrainingJob(document=document, folder=tmp_path), Control(), lambda event: None)
        assert run.status == "finished"
        return load_file(tmp_path / "runs" / run.id / "last.safetensors")

    changed: list[nn.Module] = []

    def noted(module: nn.Module, source: object) -> nn.Module:
        changed.append(save_work(module, source))  # type: ignore[arg-type]
        return module

    monkeypatch.setattr(bench, "save_work", noted)
    ours = trained()
    (module,) = changed
    assert isinstance(module.block.pool, nn.ReLU6)
    assert all(part.inplace for part in (module.relu1, module.relu2, module.block.pool))
    monkeypatch.setattr(bench, "save_work", lambda module, source: module)
    bare = trained()
    assert ours.keys() == bare.keys()
    assert all(torch.equal(tensor, bare[name]) for name, tensor in ours.items())
