"""Whole networks, built from their drawing, beside the same written by hand."""

from __future__ import annotations

import copy
import traceback

import pytest
import torch
from drawings import drawing
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, gelu, layer_norm, relu

from nodeforge.analysis import check
from nodeforge.compiler import Source, generate
from nodeforge.core.errors import UserError
from nodeforge.torch_backend import build, node_of


def source_of(text: str) -> Source:
    document = drawing(text)
    report = check(document)
    assert report.ok, report.diagnostics
    return generate(document, report)


RESIDUAL = """
    image = Input(shape=[3, 8, 8])
    label = Target()
    stem = Conv2d(out_channels=6, padding=1, bias=False)
    norm = BatchNorm2d()
    relu = ReLU()
    inner = Conv2d(out_channels=6, padding="same")
    add = Add()
    pool = AdaptiveAvgPool2d()
    flatten = Flatten()
    head = Linear(out_features=4)
    logits = Output()
    loss = CrossEntropyLoss(label_smoothing=0.1)
    image -> stem -> norm -> relu -> inner -> add -> pool -> flatten -> head -> logits
    relu -> add
    head -> loss
    label -> loss.target
"""


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(6)
        self.inner = nn.Conv2d(6, 6, 3, padding=1)
        self.head = nn.Linear(6, 4)

    def forward(self, image: Tensor) -> Tensor:
        kept = relu(self.norm(self.stem(image)))
        mixed: Tensor = self.head((kept + self.inner(kept)).mean(dim=(2, 3)))
        return mixed


TRANSFORMER = """
    tokens = Input(shape=[7], dtype="int64")
    words = Embedding(num_embeddings=11, embedding_dim=8)
    places = LearnedPositionalEncoding()
    attention = MultiheadAttention(num_heads=2, causal=True)
    sum1 = Add()
    norm1 = LayerNorm()
    wide = Linear(out_features=16)
    gelu = GELU()
    narrow = Linear(out_features=8)
    sum2 = Add()
    norm2 = LayerNorm()
    mean = Mean()
    out = Output()
    tokens -> words -> places -> attention -> sum1 -> norm1 -> wide -> gelu -> narrow -> sum2 -> norm2 -> mean -> out
    places -> sum1
    norm1 -> sum2
"""


def by_hand(weights: dict[str, Tensor], tokens: Tensor) -> Tensor:
    """The transformer block in plain tensor arithmetic."""
    x = weights["words.weight"][tokens] + weights["places.table"]
    q, k, v = (x @ weights["attention.in_proj_weight"].T + weights["attention.in_proj_bias"]).chunk(3, dim=-1)
    heads = [t.unflatten(-1, (2, 4)).transpose(1, 2) for t in (q, k, v)]
    scores = heads[0] @ heads[1].transpose(-1, -2) / 2.0
    future = torch.arange(7)[None, :] > torch.arange(7)[:, None]
    mixed = scores.masked_fill(future, -torch.inf).softmax(-1) @ heads[2]
    mixed = mixed.transpose(1, 2).flatten(2)
    x = x + mixed @ weights["attention.out_proj.weight"].T + weights["attention.out_proj.bias"]
    x = layer_norm(x, (8,), weights["norm1.weight"], weights["norm1.bias"])
    inner = gelu(x @ weights["wide.weight"].T + weights["wide.bias"])
    x = x + inner @ weights["narrow.weight"].T + weights["narrow.bias"]
    return layer_norm(x, (8,), weights["norm2.weight"], weights["norm2.bias"]).mean(dim=1)


def test_a_residual_network_is_the_hand_written_one() -> None:
    mine, theirs = build(source_of(RESIDUAL)), Residual()
    theirs.load_state_dict(mine.state_dict())
    image, label = torch.randn(5, 3, 8, 8), torch.randint(0, 4, (5,))
    losses, output = mine.objectives(image, label)  # type: ignore[operator]
    expected = theirs(image)
    loss = cross_entropy(expected, label, label_smoothing=0.1)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(losses["loss"], loss)
    losses["loss"].backward()
    loss.backward()
    for name, weights in theirs.named_parameters():
        torch.testing.assert_close(mine.get_parameter(name).grad, weights.grad, msg=name)


def test_a_transformer_block_is_the_hand_written_one() -> None:
    mine = build(source_of(TRANSFORMER))
    tokens = torch.randint(0, 11, (3, 7))
    torch.testing.assert_close(mine(tokens), by_hand(mine.state_dict(), tokens), rtol=1e-4, atol=1e-5)


def test_a_module_keeps_its_source_and_can_be_copied() -> None:
    source = source_of(RESIDUAL)
    module = build(source)
    assert module.source == source
    assert list(module.state_dict()) == list(copy.deepcopy(module).state_dict())


def test_an_error_points_at_its_node_and_shows_its_line() -> None:
    source = source_of(RESIDUAL)
    module = build(source)
    with pytest.raises((RuntimeError, ValueError)) as caught:
        module.objectives(torch.randn(2, 3, 8, 8), torch.tensor([0, 1, 2]))  # type: ignore[operator]
    assert node_of(caught.value, source) == "loss"
    with pytest.raises((RuntimeError, ValueError)) as caught:
        module.objectives(torch.randn(2, 5, 8, 8), torch.tensor([0, 1]))  # type: ignore[operator]
    assert node_of(caught.value, source) == "stem"
    assert "x = self.stem(image)" in "".join(traceback.format_exception(caught.value))
    assert node_of(ValueError("elsewhere"), source) == ""


@pytest.mark.parametrize(
    "text", ["x = Input(shape=[2])\nl = Linear()\nx -> l", "l = Linear()\ny = Output()\nl -> y"]
)
def test_an_unfinished_network_is_refused_in_a_sentence(text: str) -> None:
    document = drawing(text)
    with pytest.raises(UserError, match=r"yet.*\."):
        build(generate(document, check(document)))


def test_a_batch_of_any_size_runs() -> None:
    module = build(source_of(RESIDUAL)).eval()
    batch = torch.randn(5, 3, 8, 8)
    one_by_one = torch.cat([module(sample[None]) for sample in batch])
    torch.testing.assert_close(module(batch), one_by_one, rtol=1e-4, atol=1e-5)
