"""Generated source beside the same network written by hand: processor time of a forward pass and of a train step."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.torch_backend import build
from tests.benchmarks.bench_check import BLOCKS, deep_network
from tests.benchmarks.table import Row, format_table
from tests.benchmarks.turns import cpu_seconds, median_cpu_ms, ratio, take_turns
from tests.drawings import drawing
from tests.showcase import RESNET_18

MLP = """
    x = Input(shape=[64])
    label = Target()
    hidden1 = Linear(out_features=64)
    relu1 = ReLU()
    hidden2 = Linear(out_features=64)
    relu2 = ReLU()
    scores = Linear(out_features=10)
    y = Output()
    loss = CrossEntropyLoss()
    x -> hidden1 -> relu1 -> hidden2 -> relu2 -> scores -> y
    scores -> loss
    label -> loss.target
"""

TRANSFORMER = """
    x = Input(shape=[64, 128])
    label = Target()
    encoder = block(repeat=4)
    mean = Mean()
    scores = Linear(out_features=10)
    y = Output()
    loss = CrossEntropyLoss()
    x -> encoder -> mean -> scores -> y
    scores -> loss
    label -> loss.target
    network block(d_ff=512)
    x = Input(shape=[64, 128])
    norm1 = LayerNorm()
    attention = MultiheadAttention(num_heads=4)
    add1 = Add()
    norm2 = LayerNorm()
    widen = Linear(out_features="=d_ff")
    gelu = GELU()
    narrow = Linear(out_features=128)
    add2 = Add()
    y = Output()
    x -> norm1 -> attention.query
    norm1 -> attention.key
    norm1 -> attention.value
    x -> add1
    attention -> add1 -> norm2 -> widen -> gelu -> narrow -> add2 -> y
    add1 -> add2
"""

Step = Callable[[], object]


class HandWrittenMlp(nn.Module):
    """The MLP as most people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(64, 64)
        self.relu1 = nn.ReLU()
        self.hidden2 = nn.Linear(64, 64)
        self.relu2 = nn.ReLU()
        self.scores = nn.Linear(64, 10)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu1(self.hidden1(x))
        x = self.relu2(self.hidden2(x))
        scores: Tensor = self.scores(x)
        return scores

    def objectives(self, x: Tensor, label: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        scores = self(x)
        return {"loss": self.loss(scores, label)}, scores


class EncoderBlock(nn.Module):
    """A pre-norm transformer block as most people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(128)
        self.attention = nn.MultiheadAttention(128, 4, batch_first=True)
        self.norm2 = nn.LayerNorm(128)
        self.feed = nn.Sequential(nn.Linear(128, 512), nn.GELU(), nn.Linear(512, 128))

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm1(x)
        x = x + self.attention(h, h, h, need_weights=False)[0]
        result: Tensor = x + self.feed(self.norm2(x))
        return result


class HandWrittenTransformer(nn.Module):
    """The transformer as most people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(*(EncoderBlock() for _ in range(4)))
        self.scores = nn.Linear(128, 10)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.scores(self.encoder(x).mean(1))
        return scores

    def objectives(self, x: Tensor, label: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        scores = self(x)
        return {"loss": self.loss(scores, label)}, scores


class BasicBlock(nn.Module):
    """A residual block as most people write it."""

    def __init__(self, inside: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.down: nn.Module = nn.Identity()
        if stride != 1:
            self.down = nn.Sequential(
                nn.Conv2d(inside, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        result: Tensor = self.relu(self.bn2(self.conv2(y)) + self.down(x))
        return result


class HandWrittenResNet(nn.Module):
    """ResNet-18 as most people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        )
        blocks = [BasicBlock(64, 64), BasicBlock(64, 64)]
        for channels in (128, 256, 512):
            blocks += [BasicBlock(channels // 2, channels, 2), BasicBlock(channels, channels)]
        self.blocks = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, 1000)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.blocks(self.stem(x)))
        scores: Tensor = self.fc(x.flatten(1))
        return scores

    def objectives(self, x: Tensor, label: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        scores = self(x)
        return {"loss": self.loss(scores, label)}, scores


@dataclass(frozen=True, kw_only=True)
class Contest:
    """One network in both forms, with its samples and how often it runs in a round."""

    name: str
    drawn: str
    by_hand: Callable[[], nn.Module]
    shape: tuple[int, ...]
    runs: int
    rounds: int = 60


CONTESTS = (
    Contest(name="MLP, batch 64", drawn=MLP, by_hand=HandWrittenMlp, shape=(64, 64), runs=40),
    Contest(
        name="ResNet-18 64×64, batch 8",
        drawn=RESNET_18.replace("224, 224", "64, 64"),
        by_hand=HandWrittenResNet,
        shape=(8, 3, 64, 64),
        runs=1,
        rounds=16,
    ),
    Contest(
        name="Transformer, 4 blocks, batch 8",
        drawn=TRANSFORMER,
        by_hand=HandWrittenTransformer,
        shape=(8, 64, 128),
        runs=1,
        rounds=40,
    ),
)


def run() -> list[Row]:
    """Time to generate; then forward and train step of each network, ours over theirs, on one thread."""
    torch.set_num_threads(1)
    rows = [_generation()]
    for contest in CONTESTS:
        document = drawing(contest.drawn)
        ours, theirs = build(generate(document, check(document))), contest.by_hand()
        x, label = torch.randn(contest.shape), torch.randint(0, 10, contest.shape[:1])
        for what, make in (("forward", _forward), ("train step", _train_step)):
            steps = {"ours": make(ours, x, label), "hand": make(theirs, x, label)}
            costs = take_turns(
                {name: partial(cpu_seconds, step, contest.runs) for name, step in steps.items()},
                contest.rounds,
                unmeasured=5,
            )
            share = ratio(costs["ours"], costs["hand"])
            rows.append(
                Row(
                    name=f"generated {contest.name}: {what}",
                    ours=f"{statistics.median(costs['ours']) * 1e6:,.0f} µs",
                    baseline=f"hand-written {statistics.median(costs['hand']) * 1e6:,.0f} µs",
                    result=f"{share:.2f}×",
                    target="≤ 1.03×",
                    met=share <= 1.03,
                )
            )
    return rows


def _forward(module: nn.Module, x: Tensor, label: Tensor) -> Step:
    def step() -> None:
        with torch.inference_mode():
            module(x)

    module.eval()
    return step


def _train_step(module: nn.Module, x: Tensor, label: Tensor) -> Step:
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-3)

    def step() -> None:
        optimizer.zero_grad()
        losses, _ = module.objectives(x, label)  # type: ignore[operator]
        losses["loss"].backward()
        optimizer.step()

    module.train()
    return step


def _generation() -> Row:
    document = deep_network(BLOCKS)
    report = check(document)
    taken = median_cpu_ms(lambda: generate(document, report), 5)
    return Row(
        name=f"source of {len(document.main_network):,} nodes",
        ours=f"{taken:,.0f} ms",
        target="≤ 300 ms",
        met=taken <= 300,
    )


def main() -> None:
    print(format_table(run()))


if __name__ == "__main__":
    main()
