"""A training from beginning to end: make or reopen the run, carry out the recipe, measure, keep the books."""

from __future__ import annotations

import json
from dataclasses import dataclass

from nodeforge.catalog import learning_rules
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import RunFinished, TrainingState
from nodeforge.project import schema
from nodeforge.project.files import write_atomic
from nodeforge.project.runs import INTERRUPTED, RunInfo, RunLog, RunStore
from nodeforge.training import checkpoints
from nodeforge.training.augmentation import augmenter_of
from nodeforge.training.bench import Bench, set_up
from nodeforge.training.best import Best
from nodeforge.training.checkpoints import Checkpoint
from nodeforge.training.control import Control
from nodeforge.training.job import TrainingJob
from nodeforge.training.keeper import Keeper, position_of
from nodeforge.training.loop import HaltedError, StageLoop, Surroundings, stage_ranges, stage_settings
from nodeforge.training.material import DATA_MARK, Material, gather, require_same_data
from nodeforge.training.measure import MEASURING_BATCH, measure
from nodeforge.training.telemetry import Emit, Position, Telemetry
from nodeforge.training.weights import begin_with, sentence

VOCABULARY = "vocabulary.json"
"""The file in a run's folder with the words of its texts by field; a word's place is its number."""

WEIGHTS_MARK = "weights"
"""Under this name a run's environment holds what it began with instead of random weights."""


def train(job: TrainingJob, control: Control, emit: Emit) -> RunInfo:
    """Train a document.

    Args:
        job: What to train.
        control: Pauses, steps and stops it from another thread.
        emit: Told of all that happens, on the calling thread: `TrainingState` and `EpochEnded` as they come,
            `StepSamples` and `Progress` at most thirty times a second, `RunFinished` last unless it failed.

    Raises:
        UserError: The training cannot begin, or cannot go on; then the run says why too.
    """
    return prepare(job).train(control, emit)


def prepare(job: TrainingJob) -> Training:
    """Check everything that can be checked beforehand, and make or reopen the run.

    Raises:
        UserError: The drawing, the data or the run to resume is at fault.
    """
    store = RunStore(job.folder)
    if job.resume:
        return _reopen(job, store)
    material = _trainable(gather(job.document, job.folder))
    document = job.document
    run = store.create(schema.encode(document), seed=document.recipe.seed, environment={}).id
    return Training(run=run, material=material, store=store, log=store.log(run))


def _reopen(job: TrainingJob, store: RunStore) -> Training:
    info = store.info(job.resume)
    if not info.resumable:
        reason = "is training right now" if info.status == "running" else "has finished"
        raise UserError(f"{info.name} {reason}: there is nothing to resume.")
    path = checkpoints.path_of(store.path(info.id), checkpoints.LAST)
    if not path.exists():
        raise UserError(f"{info.name} ended before its first checkpoint: train again from the beginning.")
    resumed = checkpoints.read(path)
    place = str(store.path(info.id))
    material = _trainable(gather(schema.decode(store.document(info.id), place), job.folder))
    require_same_data(material.dataset, info)
    # From here on the run is taken: another process that wants to resume it is told that it is training.
    log = store.rewind(info.id, resumed.values["log_size"])
    return Training(run=info.id, material=material, store=store, log=log, resumed=resumed)


def _trainable(material: Material) -> Material:
    asking = [s for s in material.document.recipe.stages if learning_rules()[s.rule].needs_loss]
    if asking and not material.source.objectives:
        raise UserError("The network has no objective: add a loss such as CrossEntropyLoss and wire it.")
    augmenter_of(material)  # tells what is wrong with it
    return material


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A run that is ready to be trained, once."""

    run: str
    material: Material
    store: RunStore
    log: RunLog
    resumed: Checkpoint | None = None

    def train(self, control: Control, emit: Emit) -> RunInfo:
        """Train to the end, to a stop or to a failure, and say how it went. See `train`."""
        emit(TrainingState(run=self.run, state="starting"))
        try:
            return self._train(control, emit)
        except Exception as error:
            message = str(error) or type(error).__name__
            self.store.update(self.run, status="failed", message=message)
            if not isinstance(error, HaltedError):
                raise
            emit(TrainingState(run=self.run, state="failed", message=message, node=error.node))
            return self.store.info(self.run)

    def _train(self, control: Control, emit: Emit) -> RunInfo:
        recipe = self.material.document.recipe
        bench = set_up(self.material, stage_settings(recipe.stages[0]), recipe.seed)
        position = Position() if self.resumed is None else position_of(self.resumed)
        notes = {DATA_MARK: self.material.dataset.fingerprint}
        if self.resumed is None:
            matches = begin_with(bench.module, self.material, self.store.folder.parent)
            notes |= {WEIGHTS_MARK: " ".join(map(sentence, matches))} if matches else {}
        self.store.update(
            self.run, environment={**self.store.info(self.run).environment, **bench.environment, **notes}
        )
        self._keep_vocabulary()
        around = Surroundings(
            run=self.run,
            material=self.material,
            bench=bench,
            keeper=Keeper(self.store.path(self.run), self.log),
            control=control,
            emit=emit,
            log=self.log,
            telemetry=Telemetry(
                self.run, emit, self.log, position, self._planned_steps(bench), len(recipe.games)
            ),
            position=position,
            store=self.store,
        )
        if not control.waiting:
            emit(TrainingState(run=self.run, state="running"))
        try:
            status, message = self._stages(around)
        finally:
            self._note(position)
        return self._finish(around, status, message)

    def _keep_vocabulary(self) -> None:
        """Beside the weights of a network of texts, which number each letter or word has."""
        dataset = self.material.dataset
        found = {
            field.name: vocabulary.record()
            for field in dataset.samples.fields
            if (vocabulary := dataset.vocabulary(field.name)) is not None
        }
        if found:
            text = json.dumps(found, ensure_ascii=False, indent=1)
            write_atomic(
                self.store.path(self.run) / VOCABULARY, text.encode("utf-8", "replace"), durable=False
            )

    def _planned_steps(self, bench: Bench) -> int:
        settings = (stage_settings(game[0]) for game in self.material.document.recipe.games)
        return sum(int(str(s["epochs"])) * len(stage_ranges(s, len(bench.train))) for s in settings)

    def _stages(self, around: Surroundings) -> tuple[str, str]:
        """Carry out the stages that are left; (status, message)."""
        games = self.material.document.recipe.games
        position, resumed, message = around.position, self.resumed, ""
        for index in range(position.stage, len(games)):
            loop = StageLoop(around, games[index], resumed)
            resumed = None
            if not loop.run():
                ending = around.control.ending
                return ending, INTERRUPTED if ending == "interrupted" else ""
            message = loop.message
            if index + 1 < len(games):
                position.stage, position.epoch = index + 1, 0
        return "finished", message

    def _note(self, position: Position) -> None:
        """How far it came, whatever ended it."""
        self.store.update(
            self.run,
            epochs=position.epochs,
            seconds=position.seconds,
            samples_per_second=position.samples / position.seconds if position.seconds else 0.0,
        )

    def _finish(self, around: Surroundings, status: str, message: str) -> RunInfo:
        """Measure the weights that were chosen, and tell the end."""
        module, position, folder = around.bench.module, around.position, around.keeper.folder
        if status == "finished" and not checkpoints.path_of(folder, checkpoints.BEST).exists():
            last = Best(
                epoch=position.epoch, step=position.step, weights=checkpoints.snapshot(module), written=False
            )
            last.write(folder)
        metrics = {
            name: measure(
                module,
                split,
                self.material.question,
                self.material.dataset,
                batch_size=MEASURING_BATCH,
            ).metrics
            for name, split in around.bench.splits.items()
        }
        info = self.store.update(self.run, status=status, message=message, metrics=metrics)
        around.emit(TrainingState(run=self.run, state=status, message=message))
        around.emit(
            RunFinished(
                run=self.run,
                status=status,
                epochs=info.epochs,
                seconds=info.seconds,
                samples_per_second=info.samples_per_second,
                metrics=metrics,
            )
        )
        return info
