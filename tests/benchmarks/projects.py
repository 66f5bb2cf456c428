"""What each shipped project reaches, beside a plain hand-written script, and a table of it.

`python -m tests.benchmarks.projects [PROJECT…]` trains them with seeds 0, 1 and 2 (an hour for all) and prints the table.
Run it on an idle machine: a busy one makes processor seconds longer.
"""

from __future__ import annotations

import math
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nodeforge as nf
from nodeforge.evaluation.task import HIGHER_IS_BETTER
from nodeforge.project import shipped

SEEDS = (0, 1, 2)
FEWER_RIGHT = 0.015
"""By how much the share of right answers may lie below the script's worst seed."""
MORE_WRONG = 1.1
"""How many times as large as the script's worst one an error may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a hand-written script with the same network reached on the test samples.

    Attributes:
        metric: What was measured.
        worst: By the worst of its seeds.
        seconds: Of processor time, for one training; 0 where it was less than a tenth of a second.
    """

    metric: str
    worst: float
    seconds: float

    @property
    def bound(self) -> float:
        """What a project must reach."""
        if self.metric in HIGHER_IS_BETTER:
            return self.worst - FEWER_RIGHT
        return self.worst * MORE_WRONG

    def reached_by(self, value: float) -> bool:
        return value >= self.bound if self.metric in HIGHER_IS_BETTER else value <= self.bound


SCRIPTS: Mapping[str, Script] = {
    "mlp": Script(metric="accuracy", worst=0.9611, seconds=1.6),
    "cnn": Script(metric="accuracy", worst=0.8822, seconds=23.6),
    "capsnet": Script(metric="accuracy", worst=0.9833, seconds=10.3),
    "rnn": Script(metric="accuracy", worst=0.7370, seconds=2.5),
    "lstm": Script(metric="accuracy", worst=0.9622, seconds=1.3),
    "gru": Script(metric="nrmse", worst=0.3871, seconds=3.7),
    "autoencoder": Script(metric="loss", worst=0.0098, seconds=8.8),
    "denoising-autoencoder": Script(metric="loss", worst=0.0149, seconds=25.2),
    "vae": Script(metric="negative_elbo", worst=112.9579, seconds=15.4),
    "transformer": Script(metric="perplexity", worst=4.9923, seconds=40.2),
    "transformer-classifier": Script(metric="accuracy", worst=0.8603, seconds=8.3),
    "vit": Script(metric="accuracy", worst=0.9667, seconds=35.9),
    "mixture-of-experts": Script(metric="accuracy", worst=0.9722, seconds=3.7),
    "modular-quadrants": Script(metric="accuracy", worst=0.9667, seconds=3.7),
    "snn": Script(metric="accuracy", worst=0.9750, seconds=8.7),
    "audio-cnn": Script(metric="accuracy", worst=0.9625, seconds=31.8),
    "elm": Script(metric="accuracy", worst=0.9778, seconds=0.1),
    "esn": Script(metric="nrmse", worst=0.2356, seconds=0.0),
    "rbf": Script(metric="accuracy", worst=1.0, seconds=0.0),
    "perceptron": Script(metric="accuracy", worst=0.9561, seconds=0.0),
    "som": Script(metric="quantization_error", worst=1.2736, seconds=0.7),
    "dbn": Script(metric="accuracy", worst=0.9694, seconds=1.9),
    "gan": Script(metric="frechet_distance", worst=2.8085, seconds=41.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One training.

    Attributes:
        value: Of the script's metric, on the test samples.
        seconds: Of processor time, from the check of the drawing to the last measurement.
    """

    value: float
    seconds: float


def train(name: str, seed: int, folder: Path) -> nf.Run:
    """Train a copy of a shipped project as it is."""
    target = folder / f"{name}-{seed}"
    shutil.copytree(shipped.project(name), target)
    return nf.open(target).train(seed=seed)


def measure(name: str, seed: int, folder: Path) -> tuple[Result, nf.Run]:
    """Train a copy of a shipped project, and take the time."""
    before = time.process_time()
    run = train(name, seed, folder)
    seconds = time.process_time() - before
    return Result(value=_value(run, SCRIPTS[name].metric), seconds=seconds), run


def _value(run: nf.Run, metric: str) -> float:
    """On the test samples; what a training does not measure itself is evaluated."""
    found = run.metrics["test"]
    if metric == "perplexity":  # of many letters only the loss is kept, which it is the exponential of
        return math.exp(found["loss"])
    return found[metric] if metric in found else run.evaluate().metrics[metric]


def best_simple(name: str, run: nf.Run) -> str:
    """The simple method that does best on the test samples by the script's metric, in words; "" without any."""
    metric = SCRIPTS[name].metric
    if metric == "loss":
        metric = "reconstruction_error"
    found = {method: values[metric] for method, values in run.evaluate().baseline.items() if metric in values}
    if not found:
        return ""
    best = (max if metric in HIGHER_IS_BETTER else min)(found, key=lambda method: found[method])
    return f"{best} {number(found[best])}"


def number(value: float) -> str:
    """Four digits."""
    return f"{value:.4g}" if abs(value) >= 10 else f"{value:.3f}" if abs(value) >= 0.1 else f"{value:.4f}"


def row(name: str, results: Iterable[Result], simple: str) -> str:
    """A line of the table."""
    results = list(results)
    script = SCRIPTS[name]
    mark = "✓" if all(script.reached_by(result.value) for result in results) else "✗"
    values = " · ".join(number(result.value) for result in results)
    seconds = max(result.seconds for result in results)
    return (
        f"| [{name}](projects/{name}/README.md) | {script.metric} | {values} {mark} | {number(script.worst)} | {simple} "
        f"| {seconds:.1f} | {script.seconds:g} |"
    )


HEADER = (
    "| Project | On the test samples | Seeds 0 · 1 · 2 | Script, worst seed | Best simple method | CPU s | Script's |\n"
    "|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Train and print, a line as soon as it is known."""
    print(HEADER, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        train("iris-mlp", 0, Path(folder))  # what is loaded once is nobody's time
        for name in sys.argv[1:] or SCRIPTS:
            measured = [measure(name, seed, Path(folder)) for seed in SEEDS]
            print(
                row(name, (result for result, _ in measured), best_simple(name, measured[0][1])), flush=True
            )


if __name__ == "__main__":
    main()
