"""Every kind explains itself, starts with values that work, and draws the curve that torch computes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
import torch
from contract.cases import cases
from contract.reference import OPERATIONS
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nodeforge.catalog import CATEGORIES, kinds
from nodeforge.catalog.kind import Kind, Role

ALL = list(kinds().values())
CURVES = [kind.name for kind in ALL if kind.curve]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_a_kind_explains_itself(kind: Kind) -> None:
    assert kind.category in CATEGORIES
    assert re.fullmatch(r"[A-Z].*\.", kind.summary)
    assert re.fullmatch(r"[A-Z].*\.", kind.doc)
    assert kind.keywords
    for parameter in kind.parameters:
        assert re.fullmatch(r"[A-Z\"].*\.", parameter.doc), parameter.name
    for derived in kind.derived:
        assert re.fullmatch(r"[A-Z].*\.", derived.doc), derived.name
    for port in (*kind.inputs, *kind.outputs):
        assert len(port.doc) > 2 or port.doc == "N", port.name
    if kind.role in (Role.LAYER, Role.OBJECTIVE):
        assert kind.formula
        assert kind.source.startswith("https://")


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_a_kind_is_consistent(kind: Kind) -> None:
    defaults = kind.complete({})
    assert kind.problems(defaults) == [
        (p.name, f"{p.name} must be set: {p.type.summary}") for p in kind.parameters if p.required
    ]
    names = [p.name for p in kind.parameters] + [d.name for d in kind.derived]
    assert len(names) == len(set(names))
    assert {*kind.named, *kind.call_only} <= set(names)
    assert (kind.forward is not None or kind.module) or kind.role not in (Role.LAYER, Role.OBJECTIVE)
    assert len({port.name for port in (*kind.inputs, *kind.outputs)}) >= len(kind.inputs)
    for port in kind.outputs if len(kind.outputs) > 1 else ():
        assert f"{{{port.name}}}" in kind.unpack


@pytest.mark.parametrize("name", CURVES)
@settings(max_examples=10, derandomize=True, deadline=None)
@given(data=st.data())
def test_a_curve_is_what_torch_computes(name: str, data: st.DataObject) -> None:
    kind = kinds()[name]
    values = data.draw(cases(name).filter(lambda case: _makes_sense(case.values))).values
    low, high = kind.curve.domain  # type: ignore[union-attr]
    grid = torch.linspace(low - 30, high + 30, 401, dtype=torch.float64)
    drawn = torch.tensor([kind.curve.function(x, values) for x in grid.tolist()], dtype=torch.float64)  # type: ignore[union-attr]
    torch.testing.assert_close(drawn, _torchs(name, dict(values))(grid).detach(), rtol=1e-6, atol=1e-6)
    assert all(map(math.isfinite, drawn.tolist()))


def _makes_sense(values: object) -> bool:
    assert hasattr(values, "get")
    low, high = values.get("min_val"), values.get("max_val")
    return low is None or low < high


def _torchs(name: str, values: dict[str, object]) -> Callable[[torch.Tensor], torch.Tensor]:
    if name == "Step":
        return _Step(values["threshold"])
    if name in OPERATIONS:
        return lambda x: OPERATIONS[name]([x], values)  # type: ignore[return-value]
    values.pop("per_channel", None)
    made: nn.Module = getattr(nn, name)(**values)
    return made.double()


class _Step(nn.Module):
    def __init__(self, threshold: object) -> None:
        super().__init__()
        self.threshold = threshold

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.heaviside(x - self.threshold, torch.ones((), dtype=x.dtype))
