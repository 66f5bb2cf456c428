"""What each shipped project reaches, beside a plain hand-written script, and a table of it.

`python -m tests.benchmarks.projects [PROJECT…]` trains them with seeds 0, 1 and 2 (an hour for all) and prints the table.
A busy machine makes processor seconds longer, and so does a slow one: the same steps of a plain loop, timed before and after each
training, say by how much, and the table is told in seconds of the scripts' machine. With `--results FILE` each training is written down
there as soon as it is done, and none is done twice as long as the project stays as it is: stop and start it as you like.
`--table` prints what is written there, and trains nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

import nodeforge as nf
from nodeforge.evaluation.task import HIGHER_IS_BETTER
from nodeforge.project import files, shipped
from tests.benchmarks.yardstick import slowness

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


WORDS = {
    "nrmse": "NRMSE",
    "loss": "squared error a pixel",
    "negative_elbo": "−ELBO (nats)",
    "quantization_error": "quantization error",
    "frechet_distance": "Fréchet distance",
}
"""What metrics are called in the table, where their own name does not do."""

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
    "transfer": Script(metric="accuracy", worst=0.8620, seconds=5.6),
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


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One training.

    Attributes:
        project: Its name.
        seed: Of everything random.
        mark: Of what was trained, as `mark_of`: another project, another result.
        value: Of the script's metric, on the test samples.
        seconds: Of processor time, from the check of the drawing to the last measurement.
        slowness: Of the machine meanwhile, as `yardstick.slowness`.
        simple: The simple method that does best on the same samples, with its figure; "" without any, and unless asked.
    """

    project: str
    seed: int
    mark: str
    value: float
    seconds: float
    slowness: float
    simple: str = ""

    @property
    def script_seconds(self) -> float:
        """What it would have taken on the scripts' machine."""
        return self.seconds / self.slowness


def mark_of(name: str) -> str:
    """A mark of all that a shipped project means; how it is drawn does not count."""
    content = msgspec.json.decode((shipped.project(name) / files.PROJECT_FILE).read_bytes())
    content["networks"] = {
        title: {part: network.get(part) for part in ("parameters", "nodes", "wires")}
        for title, network in content["networks"].items()
    }
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


class Results:
    """What was measured before, in a file of a line each."""

    def __init__(self, path: Path | None) -> None:
        """Read a file, or begin it; None keeps nothing."""
        self._path = path
        lines = path.read_bytes().splitlines() if path is not None and path.exists() else []
        self._known = [msgspec.json.decode(line, type=Result) for line in lines]

    def find(self, project: str, seed: int) -> Result | None:
        """The newest training of the project as it is now."""
        mark = mark_of(project)
        same = (found for found in reversed(self._known) if (found.project, found.seed) == (project, seed))
        return next((found for found in same if found.mark == mark), None)

    def add(self, result: Result) -> None:
        """Write one down."""
        self._known.append(result)
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(result) + b"\n")


def train(name: str, seed: int, folder: Path) -> nf.Run:
    """Train a copy of a shipped project as it is."""
    return nf.open(files.copy_example(name, folder / f"{name}-{seed}")).train(seed=seed)


def measure(name: str, seed: int, folder: Path, *, compare: bool = False) -> Result:
    """Train a copy of a shipped project, and take the time.

    Args:
        name: The project.
        seed: Of everything random.
        folder: Where the copy goes.
        compare: Whether simple methods are tried on the same samples.
    """
    slow = slowness()
    before = time.process_time()
    run = train(name, seed, folder)
    seconds = time.process_time() - before
    slow = (slow + slowness()) / 2
    return Result(
        project=name,
        seed=seed,
        mark=mark_of(name),
        value=_value(run, SCRIPTS[name].metric),
        seconds=seconds,
        slowness=slow,
        simple=best_simple(name, run) if compare else "",
    )


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


def row(name: str, results: Sequence[Result | None]) -> str:
    """A line of the table; a dash stands for a seed that was not measured."""
    script = SCRIPTS[name]
    known = [result for result in results if result is not None]
    mark = ("✓" if all(script.reached_by(result.value) for result in known) else "✗") if known else ""
    values = " · ".join("–" if result is None else number(result.value) for result in results)
    seconds = f"{max(result.script_seconds for result in known):.1f}" if known else "–"
    simple = next((result.simple for result in known if result.simple), "")
    return (
        f"| [{name}](projects/{name}/README.md) | {WORDS.get(script.metric, script.metric)} | {values} {mark} | {number(script.worst)} | {simple} "
        f"| {seconds} | {script.seconds:g} |"
    )


HEADER = (
    "| Project | On the test samples | Seeds 0 · 1 · 2 | Script, worst seed | Best simple method | CPU s | Script's |\n"
    "|---|---|---|---|---|---|---|"
)


def rows(names: Iterable[str], results: Results) -> Iterator[str]:
    """Lines of the table, of what is not known yet after it was trained."""
    with tempfile.TemporaryDirectory() as folder:
        train("iris-mlp", 0, Path(folder))  # what is loaded once is nobody's time
        for name in names:
            for seed in SEEDS:
                if results.find(name, seed) is None:
                    results.add(measure(name, seed, Path(folder), compare=seed == SEEDS[0]))
            yield known_row(name, results)


def known_row(name: str, results: Results) -> str:
    """The line of what is known."""
    return row(name, [results.find(name, seed) for seed in SEEDS])


def main() -> None:
    """Train and print, a line as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.projects")
    parser.add_argument("project", nargs="*", help="all of them if none is named")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="keep what is measured there, and go on from it"
    )
    parser.add_argument("--table", action="store_true", help="print what is known, and train nothing")
    asked = parser.parse_args()
    names, results = asked.project or list(SCRIPTS), Results(asked.results)
    print(HEADER, flush=True)
    for line in (known_row(name, results) for name in names) if asked.table else rows(names, results):
        print(line, flush=True)


if __name__ == "__main__":
    main()
