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

ROUNDS = 60

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

CNN = """
    x = Input(shape=[1, 28, 28])
    label = Target()
    conv1 = Conv2d(out_channels=16, padding=1)
    relu1 = ReLU()
    pool1 = MaxPool2d()
    conv2 = Conv2d(out_channels=32, padding=1)
    relu2 = ReLU()
    pool2 = MaxPool2d()
    flatten = Flatten()
    scores = Linear(out_features=10)
    y = Output()
    loss = CrossEntropyLoss()
    x -> conv1 -> relu1 -> pool1 -> conv2 -> relu2 -> pool2 -> flatten -> scores -> y
    scores -> loss
    label -> loss.target
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


class HandWrittenCnn(nn.Module):
    """The CNN as most people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.scores = nn.Linear(32 * 49, 10)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        scores: Tensor = self.scores(self.flatten(x))
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


CONTESTS = (
    Contest(name="MLP, batch 64", drawn=MLP, by_hand=HandWrittenMlp, shape=(64, 64), runs=40),
    Contest(name="CNN 28×28, batch 64", drawn=CNN, by_hand=HandWrittenCnn, shape=(64, 1, 28, 28), runs=1),
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
                ROUNDS,
                unmeasured=5,
            )
            share = ratio(costs["ours"], costs["hand"])
            rows.append(
                Row(
                    name=f"generated {contest.name}: {what}",
                    ours=f"{statistics.median(costs['ours']) * 1e6:,.0f} µs",
                    baseline=f"hand-written {statistics.median(costs['hand']) * 1e6:,.0f} µs",
                    result=f"{share:.2f}×",
                    target="≤ 1.05×",
                    met=share <= 1.05,
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
