"""Trainings that are ended by force, brought back, and compared with the same training left alone.

`python -m tests.kills [PROJECT…]` does so with the shipped projects, shortened, three times in each of their stages, and
prints a table. Half an hour for all.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from safetensors.torch import load_file

import nodeforge as nf
from nodeforge.project import shipped
from nodeforge.project.runs import RunStore

TIMES = 3
"""How often each stage is hit."""
SMALL: Mapping[str, object] = {"batch_size": 16, "preparation.test_fraction": 0.2}
SHORT: Mapping[str, Mapping[str, object]] = {
    "cnn": {"preparation.split": "stratified"},
    "elnino-lstm": {"preparation.test_fraction": 0.2},
    "esn": SMALL,
    "gan": {"epochs": 4, "validate_every": 2},
    "gru": {"preparation.test_fraction": 0.2, "batch_size": 128},
    "iris-mlp": SMALL,
    "lstm": {"preparation.test_fraction": 0.2},
    "mnist-cnn": {"preparation.split": "stratified"},
    "rbf": SMALL,
    "transformer": {"data.step": 8_000, "preparation.test_fraction": 0.3},
}
"""What else makes a training short, and yet gives it some steps, by project."""
FEW: Mapping[str, object] = {"epochs": 3, "batch_size": 32, "preparation.test_fraction": 0.8}
COLUMNS = ("loss", "learning_rate", "gradient_norm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One training that was killed.

    Attributes:
        stage: Where.
        step: When.
        differences: What is not as in the training that was left alone; empty when all is.
    """

    stage: str
    step: int
    differences: tuple[str, ...]


def shortened(name: str, folder: Path) -> nf.Project:
    """A copy of a shipped project that trains for seconds, with steps enough in each stage to be killed between them."""
    project = nf.Project.from_example(name)
    for key, value in {**FEW, **SHORT.get(name, {})}.items():
        project.set(key, value)
    project.save(folder / name)
    return project


def kills(project: nf.Project, times: int = TIMES) -> Iterator[Kill]:
    """Train once, then kill and resume so many times in each stage, at steps drawn by the project's name."""
    assert project.folder is not None
    whole = project.train()
    store, expected = RunStore(project.folder), evidence(project.folder, whole)
    last = store.epochs(whole.id)[-1].step
    chance = random.Random(project.folder.name)
    for stage, steps in _steps_by_stage(store, whole.id).items():
        for step in sorted(chance.choices(steps, k=times)):
            killed = _killed(project.folder, step, last, seed=chance.randrange(1 << 30))
            found = evidence(project.folder, project.train(resume=killed))
            different = tuple(what for what in expected if found.get(what) != expected[what])
            yield Kill(stage=stage, step=step, differences=different)


def _steps_by_stage(store: RunStore, run: str) -> Mapping[str, range]:
    """The steps of a run by stage, without the very first, before which there is nothing to go on from."""
    found: dict[str, range] = {}
    start = 2
    for record in store.epochs(run):
        begin = found[record.stage].start if record.stage in found else start
        found[record.stage] = range(begin, record.step + 1)
        start = record.step + 1
    return found


def _killed(folder: Path, step: int, last: int, seed: int) -> str:
    """Train in another process that is killed; the run."""
    store = RunStore(folder)
    before = {info.id for info in store.runs()}
    doomed = Path(__file__).parent / "e2e" / "doomed.py"
    command = [sys.executable, str(doomed), str(folder), str(step), str(last), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    made = [info for info in store.runs() if info.id not in before]
    assert [info.status for info in made] == ["interrupted"], done.stderr
    return made[0].id


def evidence(folder: Path, run: nf.Run) -> Mapping[str, object]:
    """Everything that a training leaves and that does not depend on the clock."""
    store, place = RunStore(folder), folder / "runs" / run.id
    return {
        "status": run.status,
        "metrics": run.metrics,
        "epochs": [replace(record, samples_per_second=0.0) for record in store.epochs(run.id)],
        **{f"curve of {name}": store.curve(run.id, name, points=1 << 30) for name in COLUMNS},
        **{f"{file.stem} checkpoint": _hash(file) for file in sorted(place.glob("*.safetensors"))},
    }


def _hash(file: Path) -> str:
    """Of every bit of a checkpoint's tensors: weights, state of the rule, random numbers to come."""
    digest = hashlib.sha256()
    for name, tensor in sorted(load_file(file).items()):
        digest.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def main() -> int:
    """Train, kill and compare, a line as soon as it is known."""
    print("| Project | Stages | Went on bit for bit | Killed at steps |\n|---|---|---|---|", flush=True)
    failed = 0
    for name in sys.argv[1:] or shipped.project_names():
        with tempfile.TemporaryDirectory() as folder:
            found = list(kills(shortened(name, Path(folder))))
        good = sum(not kill.differences for kill in found)
        failed += good < len(found)
        stages = ", ".join(dict.fromkeys(kill.stage for kill in found))
        steps = ", ".join(str(kill.step) for kill in found)
        print(f"| {name} | {stages} | {good} of {len(found)} | {steps} |", flush=True)
        for kill in found:
            if kill.differences:
                print(f"  {name}, step {kill.step}: {', '.join(kill.differences)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
