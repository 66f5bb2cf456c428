"""From a drawing to the module that is trained, for tests."""

from __future__ import annotations

import torch
from torch import nn

from nodeforge.analysis import check
from nodeforge.catalog import kinds
from nodeforge.compiler import generate
from nodeforge.torch_backend import build
from tests.drawings import drawing


def built(text: str, seed: int = 0) -> nn.Module:
    """The module of a drawing, with fresh weights."""
    document = drawing(text)
    source = generate(document, check(document))
    assert source.complete, source.text
    torch.manual_seed(seed)
    return build(source)


def layer(use: str, *sample: int, seed: int = 0) -> nn.Module:
    """One node between an Input of this sample shape and an Output for each of its ports: `layer("Gate()", 8)`.

    The node itself is the attribute `layer`.
    """
    ports = [port.name for port in kinds()[use.partition("(")[0]].outputs]
    outputs = "\n".join(f"{port}_out = Output()\nlayer.{port} -> {port}_out" for port in ports)
    return built(f"x = Input(shape={list(sample)})\nlayer = {use}\nx -> layer\n{outputs}", seed)
