"""Well-known networks, drawn: they have the published number of weights, and compute what hand-written ones compute."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import showcase
import torch
from drawings import drawing
from torch import Tensor, nn
from torch.nn import functional

from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.torch_backend import build


@pytest.mark.parametrize(
    ("drawn", "count"),
    [
        (showcase.RESNET_18, 11_689_512),  # torchvision's documentation
        (showcase.RESNET_50, 25_557_032),
        (showcase.BERT, 109_482_240),  # bert-base-uncased with its pooler
        (showcase.U_NET, 31_030_658),  # Ronneberger et al. 2015 with biases, 1 channel in, 2 maps out
        (showcase.INCEPTION, 163_328 + 368),  # Szegedy et al. 2015, table 1: 159K (of 1,024) without biases
    ],
    ids=["ResNet-18", "ResNet-50", "BERT", "U-Net", "Inception 3a"],
)
def test_the_number_of_weights_is_the_published_one(drawn: str, count: int) -> None:
    assert check(drawing(drawn)).networks["main"].parameters == count


def test_sizes_are_those_of_the_paper() -> None:
    nodes = check(drawing(showcase.U_NET)).networks["main"].nodes
    assert str(nodes["bottom"].outputs["y"]) == "N×1024×28×28"
    assert str(nodes["head"].outputs["output"]) == "N×2×388×388"


def built(drawn: str) -> nn.Module:
    document = drawing(drawn)
    report = check(document)
    assert [d.message for d in report.diagnostics if d.severity == "error"] == []
    torch.manual_seed(0)
    return build(generate(document, report))


def same(ours: nn.Module, theirs: nn.Module, names: Mapping[str, str] | None = None) -> None:
    """Give the hand-written network our weights; `names` holds other beginnings of their names."""
    state = dict(ours.state_dict())
    for begin, other in (names or {}).items():
        state = {(other + k.removeprefix(begin) if k.startswith(begin) else k): v for k, v in state.items()}
    theirs.load_state_dict(state)


class BasicBlock(nn.Module):
    """He et al. 2016, figure 2, as most people write it."""

    def __init__(self, inside: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        if stride != 1:
            self.down = nn.Conv2d(inside, channels, 1, stride, bias=False)
            self.down_bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        return functional.relu(y + (self.down_bn(self.down(x)) if hasattr(self, "down") else x))


class ResNet18(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(BasicBlock(64, 64, 1), BasicBlock(64, 64, 1))
        for index, channels in enumerate((128, 256, 512), 2):
            setattr(self, f"layer{index}", BasicBlock(channels // 2, channels, 2))
            setattr(self, f"layer{index}b", BasicBlock(channels, channels, 1))
        self.fc = nn.Linear(512, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for layer in (
            self.layer1,
            self.layer2,
            self.layer2b,
            self.layer3,
            self.layer3b,
            self.layer4,
            self.layer4b,
        ):
            x = layer(x)
        return self.fc(x.mean((2, 3)))


def test_resnet_18_computes_what_a_hand_written_one_computes() -> None:
    ours, theirs = built(showcase.RESNET_18), ResNet18()
    same(ours, theirs)
    image, label = torch.randn(2, 3, 224, 224), torch.tensor([3, 7])
    losses, scores = ours.objectives(image, label)
    expected = theirs(image)
    assert torch.allclose(scores, expected, atol=1e-5)
    losses["loss"].backward()
    functional.cross_entropy(expected, label).backward()
    for (name, parameter), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(parameter.grad, other.grad, atol=1e-4), name


def test_the_encoder_computes_what_torch_computes() -> None:
    ours = built(showcase.BERT.replace("768", "96").replace("30522", "50"))
    layer = nn.TransformerEncoderLayer(
        96, 12, 384, 0.0, "gelu", layer_norm_eps=1e-12, batch_first=True, norm_first=False
    )
    theirs = nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)
    names = {"attention": "self_attn", "wide": "linear1", "narrow": "linear2"}
    state = {}
    for key, value in ours.encoder.state_dict().items():
        number, part, rest = key.split(".", 2)
        state[f"layers.{number}.{names.get(part, part)}.{rest}"] = value
    theirs.load_state_dict(state)
    x = torch.randn(2, 128, 96)
    assert torch.allclose(ours.encoder(x), theirs(x), atol=1e-4)
    tokens = torch.randint(0, 50, (2, 128))
    embedded = ours.token(tokens) + ours.position.value[:128] + ours.segment(torch.zeros_like(tokens))
    pooled = torch.tanh(ours.pooler(theirs(ours.norm(embedded))[:, 0]))
    assert torch.allclose(ours(tokens, torch.zeros_like(tokens)), pooled, atol=1e-4)


def test_seq2seq_attends_over_what_was_read() -> None:
    ours = built(showcase.SEQ2SEQ)
    assert not any(name.startswith("words_out") for name, _ in ours.named_parameters())
    question, so_far = torch.randint(0, 5000, (2, 20)), torch.randint(0, 5000, (2, 15))
    memory, hidden = ours.reader(ours.words(question))
    states, _ = ours.writer(ours.words(so_far), hidden)
    found = functional.scaled_dot_product_attention(states, memory, memory, scale=1.0)
    expected = ours.scores(torch.tanh(ours.mix(torch.cat([states, found], -1))))
    assert torch.allclose(ours(question, so_far), expected, atol=1e-5)
    losses, _ = ours.objectives(question, so_far, so_far)
    assert torch.isclose(
        losses["loss"], functional.cross_entropy(expected.flatten(0, 1), so_far.flatten()), atol=1e-5
    )


def test_an_inception_block_joins_its_four_ways() -> None:
    ours = built(showcase.INCEPTION)
    block, x = ours.inception3a, torch.randn(2, 192, 28, 28)
    ways = [
        block.conv1(x),
        block.conv3(functional.relu(block.reduce3(x))),
        block.conv5(functional.relu(block.reduce5(x))),
        block.project(functional.max_pool2d(x, 3, 1, 1)),
    ]
    assert torch.equal(ours(x), functional.relu(torch.cat(ways, 1)))
    assert ours(x).shape == (2, 256, 28, 28)


def test_a_unet_crops_what_it_joins() -> None:
    ours = built(showcase.U_NET.replace("width = 64", "width = 4").replace("572", "188"))
    x = torch.randn(1, 1, 188, 188)
    skips = [x]
    for name in ("enc1", "enc2", "enc3", "enc4", "bottom"):
        skips.append(
            getattr(ours, name)(skips[-1] if name == "enc1" else functional.max_pool2d(skips[-1], 2))
        )
    y = skips.pop()
    for name in ("up4", "up3", "up2", "up1"):
        up, skip = getattr(ours, name), skips.pop()
        y = up.grow(y)
        margin = (skip.shape[-1] - y.shape[-1]) // 2
        y = up.both(torch.cat([skip[..., margin:-margin, margin:-margin], y], 1))
    assert torch.equal(ours(x), ours.head(y))


def test_both_towers_of_a_siamese_network_learn_the_same_weights() -> None:
    ours = built(showcase.SIAMESE)
    left, right = torch.randn(2, 3, 1, 28, 28)
    assert torch.equal(ours(left, right), functional.pairwise_distance(ours.one(left), ours.one(right)))
    losses, _ = ours.objectives(left, right, torch.zeros(3))
    losses["loss"].backward()
    together = ours.one.dense.weight.grad.clone()
    ours.zero_grad()
    a, b = ours.one(left), ours.one(right)
    (
        (functional.pairwise_distance(a, b.detach()) ** 2).mean()
        + (functional.pairwise_distance(a.detach(), b) ** 2).mean()
    ).backward()
    assert torch.allclose(together, ours.one.dense.weight.grad, atol=1e-5)
