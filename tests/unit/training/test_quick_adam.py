"""Adam's quick step: the numbers of torch's own, bit for bit, whatever happens between two steps."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from nodeforge.core.document import Component
from nodeforge.training.optimizers import build_optimizer

CPU = torch.device("cpu")
WAYS = {
    "as it is": {},
    "all of it": {"amsgrad": True, "weight_decay": 0.1, "maximize": True, "betas": (0.5, 0.9), "eps": 1e-4},
}
LARGE = {"lr": 0.05}


class Pair:
    """Two equal networks: one moved by ours, the other by torch's fused optimizer."""

    def __init__(self, kind: str, settings: dict[str, object], dtype: torch.dtype = torch.float32) -> None:
        torch.manual_seed(0)
        self.ours = nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 3).to(dtype))
        self.theirs = nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 3).to(dtype))
        self.theirs.load_state_dict(self.ours.state_dict())
        component = Component(kind=kind, parameters={**LARGE, **settings})
        self.quick = build_optimizer(component, self._groups(self.ours), CPU)
        theirs = self._groups(self.theirs)
        self.plain = getattr(torch.optim, kind)(theirs, fused=True, **LARGE, **settings)

    @staticmethod
    def _groups(module: nn.Sequential) -> list[dict[str, object]]:
        first, _, last = module
        return [{"params": list(first.parameters())}, {"params": list(last.parameters()), "lr": 0.01}]

    def step(self, *, without: int | None = None) -> None:
        """A step of each with the same gradients; one weight may have none."""
        for place, (one, other) in enumerate(
            zip(self.ours.parameters(), self.theirs.parameters(), strict=True)
        ):
            one.grad = other.grad = None if place == without else torch.randn_like(one)
        self.quick.step()
        self.plain.step()

    @property
    def same(self) -> bool:
        weights = zip(self.ours.parameters(), self.theirs.parameters(), strict=True)
        mine, theirs = self.quick.state_dict()["state"], self.plain.state_dict()["state"]
        return all(torch.equal(one, other) for one, other in weights) and all(
            torch.equal(mine[place][name], value) for place in theirs for name, value in theirs[place].items()
        )


@pytest.mark.parametrize("kind", ["Adam", "AdamW"])
@pytest.mark.parametrize("way", WAYS)
def test_steps_are_torchs_own(kind: str, way: str) -> None:
    pair = Pair(kind, WAYS[way])
    for number in range(6):
        pair.step()
        for optimizer in (pair.quick, pair.plain):  # as a schedule does
            for group in optimizer.param_groups:
                group["lr"] *= 0.7
                group["betas"] = (0.9 - 0.05 * number, 0.99)
    assert pair.same


def test_only_the_first_step_gathers(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered: list[object] = []
    real = torch.optim.Adam._init_group

    def noted(self: torch.optim.Adam, group: object, *lists: object) -> bool:
        gathered.append(self)
        return real(self, group, *lists)  # type: ignore[arg-type]

    monkeypatch.setattr(torch.optim.Adam, "_init_group", noted)
    pair = Pair("Adam", {})
    for _ in range(4):
        pair.step()
    assert gathered.count(pair.quick) == 2  # its groups, once
    assert gathered.count(pair.plain) == 8


@pytest.mark.parametrize("missing", [0, 2])
def test_a_weight_without_a_gradient_rests(missing: int) -> None:
    pair = Pair("Adam", {})
    for without in (missing, None, None, missing, None):
        pair.step(without=without)
        assert pair.same


def test_a_state_that_is_loaded_is_what_goes_on() -> None:
    pair = Pair("AdamW", {})
    for _ in range(3):
        pair.step()
    states = [optimizer.state_dict() for optimizer in (pair.quick, pair.plain)]
    states = copy.deepcopy(states)
    pair.step()
    for optimizer, state in zip((pair.quick, pair.plain), states, strict=True):
        optimizer.load_state_dict(state)
    for _ in range(3):
        pair.step()
    assert pair.same
    assert int(pair.quick.state_dict()["state"][0]["step"]) == 6


def test_weights_that_come_later_learn_too() -> None:
    pair = Pair("Adam", {})
    for _ in range(2):
        pair.step()
    late = [nn.Parameter(torch.ones(3)) for _ in range(2)]
    for weight, optimizer in zip(late, (pair.quick, pair.plain), strict=True):
        weight.grad = torch.tensor([1.0, -2.0, 3.0])
        optimizer.add_param_group({"params": [weight]})
    for _ in range(3):
        pair.step()
    assert pair.same
    assert torch.equal(*late)
    assert not torch.equal(late[0], torch.ones(3))


def test_weights_of_several_element_types_learn_together() -> None:
    pair = Pair("Adam", {}, dtype=torch.float64)
    mixed = build_optimizer(Component(kind="Adam"), list(pair.ours.parameters()), CPU)
    plain = torch.optim.Adam(pair.theirs.parameters(), fused=True)
    pair.quick, pair.plain = mixed, plain
    for _ in range(3):
        pair.step()
    assert pair.same
