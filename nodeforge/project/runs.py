"""Runs: what was trained when, from which drawing, with which result.

`runs/<id>/` holds all of a run: `project.json` as it was, `run.json` (a `RunInfo`), `log.jsonl` (curves, only
ever appended to) and the checkpoints. That folder is the truth; the SQLite index beside the runs only makes
reading quick, and is built again from the folders whenever it is missing, broken or behind.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import time
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nodeforge.core.errors import UserError, system_reason
from nodeforge.project import files, run_index
from nodeforge.project.processes import is_alive, this_process
from nodeforge.project.run_log import EpochRecord, Metrics, encode_epoch, encode_steps

INFO_FILE = "run.json"
LOG_FILE = "log.jsonl"
INDEX_FILE = "index.sqlite"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*", re.ASCII)


INTERRUPTED = "The process that trained it ended; it can be resumed."


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What a list of runs shows.

    Attributes:
        id: Name of the run's folder.
        name: What the person calls it.
        status: "running", "finished", "stopped", "failed", or "interrupted" when its process ended.
        created: Local time with offset, ISO 8601.
        seed: Seed of everything random.
        message: Why it failed or stopped by itself; one sentence.
        epochs, seconds, samples_per_second: How far it came, pauses left out.
        metrics: Of the chosen checkpoint, by split; empty until the end.
        environment: Versions, device, threads.
        memory: Bytes by part, "forecast" and "measured", of the stage that needed most; empty before its first step.
        process: Mark of the process that trains it.
        log_generation: Grows when a resumed run takes its log back to the checkpoint.
    """

    id: str
    name: str
    status: str
    created: str
    seed: int
    message: str = ""
    epochs: int = 0
    seconds: float = 0.0
    samples_per_second: float = 0.0
    metrics: Metrics = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    memory: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    process: str = ""
    log_generation: int = 0

    @property
    def resumable(self) -> bool:
        """Whether training can go on from its last checkpoint."""
        return self.status in ("stopped", "interrupted", "failed")


class RunStore:
    """The runs of one project. Any thread, and several processes at once, may use one store each."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the project's; nothing is made there until the first run."""
        self.folder = Path(folder) / files.RUNS_FOLDER

    def path(self, run: str) -> Path:
        """The folder of a run.

        Raises:
            UserError: There is no such run.
        """
        path = self.folder / run
        if not _ID.fullmatch(run) or not (path / INFO_FILE).is_file():
            raise UserError(f"There is no run {run!r} in {self.folder}; `nodeforge runs` lists them.")
        return path

    def create(self, document: bytes, *, seed: int, environment: Mapping[str, str]) -> RunInfo:
        """Make the folder of a new run, with the project as it is now, in status "running"."""
        files.make_folder(self.folder)
        now = datetime.now().astimezone()
        run = self._claim(now.strftime("%Y%m%d-%H%M%S"))
        files.write_atomic(self.folder / run / files.PROJECT_FILE, document)
        info = RunInfo(
            id=run,
            name=self._free_name(),
            status="running",
            created=now.isoformat(),
            seed=seed,
            environment=dict(environment),
            process=this_process(),
        )
        self._write(info)
        return info

    def _claim(self, wish: str) -> str:
        number, run = 1, wish
        while True:
            try:
                (self.folder / run).mkdir()
                return run
            except FileExistsError:
                number += 1
                run = f"{wish}-{number}"
            except OSError as error:
                raise UserError(f"No run can be made in {self.folder}: {system_reason(error)}.") from None

    def _free_name(self) -> str:
        taken = [re.fullmatch(r"Run (\d+)", info.name) for info in self.runs()]
        return f"Run {1 + max((int(match[1]) for match in taken if match), default=0)}"

    def runs(self) -> list[RunInfo]:
        """All runs, the newest first. Folders without a readable run.json are left out."""
        found = []
        for file in self.folder.glob(f"*/{INFO_FILE}"):
            try:
                found.append(self.info(file.parent.name))
            except UserError:
                continue
        return sorted(found, key=_age, reverse=True)

    def info(self, run: str) -> RunInfo:
        """One run as it stands.

        Raises:
            UserError: There is no such run, or its run.json is broken.
        """
        file = self.path(run) / INFO_FILE
        try:
            values: dict[str, Any] = json.loads(file.read_bytes())
            known = {f.name: values[f.name] for f in dataclasses.fields(RunInfo) if f.name in values}
            info = RunInfo(**{**known, "id": run})
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{file} cannot be read ({error}): delete the run's folder.") from None
        if info.status == "running" and not is_alive(info.process):
            info = dataclasses.replace(info, status="interrupted", message=INTERRUPTED)
        return info

    def latest(self) -> RunInfo:
        """The newest run that has a checkpoint.

        Raises:
            UserError: There is none.
        """
        for info in self.runs():
            if any((self.folder / info.id).glob("*.safetensors")):
                return info
        raise UserError("The project has no trained run yet: train it first.")

    def document(self, run: str) -> bytes:
        """The project file as it was when the run started."""
        return (self.path(run) / files.PROJECT_FILE).read_bytes()

    def update(self, run: str, **values: Any) -> RunInfo:
        """Change fields of a `RunInfo`."""
        info = dataclasses.replace(self.info(run), **values)
        self._write(info)
        return info

    def rename(self, run: str, name: str) -> RunInfo:
        """Give the run another name.

        Raises:
            UserError: The name is empty, or there is no such run.
        """
        if not name.strip():
            raise UserError("A run needs a name of at least one letter.")
        return self.update(run, name=name.strip())

    def delete(self, run: str) -> None:
        """Remove a run with its checkpoints and curves.

        Raises:
            UserError: It is training right now, or a file cannot be removed.
        """
        path = self.path(run)
        if self.info(run).status == "running":
            raise UserError(f"{self.info(run).name} is training: stop it before deleting it.")
        try:
            shutil.rmtree(path)
            run_index.forget(self.folder / INDEX_FILE, run)
        except OSError as error:
            raise UserError(f"{error.filename or path} cannot be deleted: {system_reason(error)}.") from None

    def _write(self, info: RunInfo) -> None:
        text = json.dumps(dataclasses.asdict(info), indent=2, ensure_ascii=False)
        files.write_atomic(self.folder / info.id / INFO_FILE, f"{text}\n".encode())

    # Curves ---------------------------------------------------------------------------------------

    def log(self, run: str) -> RunLog:
        """The log of a run that this process trains."""
        return RunLog(self.path(run) / LOG_FILE)

    def rewind(self, run: str, size: int) -> RunLog:
        """Take a run over to go on with it: its log goes back to what it held at the checkpoint."""
        log = self.log(run)
        log.truncate(size)
        generation = self.info(run).log_generation + 1
        self.update(run, status="running", message="", process=this_process(), log_generation=generation)
        return log

    def epochs(self, run: str) -> list[EpochRecord]:
        """The epochs of a run, in order."""
        return self._read(run, run_index.epochs)

    def curve(self, run: str, column: str, points: int = 2_000) -> tuple[array[int], array[float]]:
        """(steps, values) of a column logged per step ("loss", "learning_rate", "gradient_norm").

        More than `points` of them are thinned to the smallest and the largest of equal stretches, so that no
        spike is lost. Empty when there is no such column.
        """
        steps, values = self._read(run, lambda database, name: run_index.steps(database, name, column))
        return _thinned(steps, values, points)

    def _read(self, run: str, query: run_index.Query[run_index.T]) -> run_index.T:
        path = self.path(run)
        log, generation = path / LOG_FILE, self.info(run).log_generation
        return run_index.read(self.folder / INDEX_FILE, log, run, generation, query)


class RunLog:
    """Where a training run writes its curves. Belongs to the training thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pending: list[bytes] = []
        self._written = time.monotonic()

    def add_steps(self, columns: Mapping[str, bytes]) -> None:
        """Packed arrays as long as each other: "step" as int32, the others as float32."""
        self._add(encode_steps(columns))

    def add_epoch(self, record: EpochRecord) -> None:
        self._add(encode_epoch(record))

    def _add(self, line: bytes) -> None:
        self._pending.append(line)
        if time.monotonic() - self._written > 0.5:
            self.flush()

    def flush(self) -> int:
        """Write what is pending; returns the size of the log in bytes."""
        try:
            with open(self._path, "ab") as file:
                file.write(b"".join(self._pending))
                size = file.tell()
        except OSError as error:
            raise UserError(f"{self._path} cannot be written: {system_reason(error)}.") from error
        self._pending.clear()
        self._written = time.monotonic()
        return size

    def truncate(self, size: int) -> None:
        """Forget what was logged after the first `size` bytes."""
        if self._path.exists() and self._path.stat().st_size > size:
            with open(self._path, "r+b") as file:
                file.truncate(size)


def _age(info: RunInfo) -> tuple[datetime, int, str]:
    """Sorts older runs before newer ones, whatever the time zone in which they were made."""
    try:
        moment = datetime.fromisoformat(info.created).astimezone()
    except ValueError:  # a person has changed the file
        moment = datetime.fromtimestamp(0).astimezone()
    return (moment, len(info.id), info.id)


def _thinned(steps: array[int], values: array[float], points: int) -> tuple[array[int], array[float]]:
    stretches = max(points // 2, 1)
    if len(steps) <= 2 * stretches:
        return steps, values
    kept_steps, kept_values = array("i"), array("f")
    for start, stop in _stretches(len(steps), stretches):
        part = values[start:stop]
        lowest, highest = (pick(range(len(part)), key=part.__getitem__) for pick in (min, max))
        for place in sorted({lowest, highest}):
            kept_steps.append(steps[start + place])
            kept_values.append(part[place])
    return kept_steps, kept_values


def _stretches(count: int, stretches: int) -> Iterator[tuple[int, int]]:
    for index in range(stretches):
        yield count * index // stretches, count * (index + 1) // stretches
