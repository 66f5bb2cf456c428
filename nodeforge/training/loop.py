"""One stage: epochs and batches. It owns order, pauses and reports; the learning rule owns the learning."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from nodeforge.analysis.costs import measure as measure_costs
from nodeforge.analysis.forecast import MemoryUse, forecast
from nodeforge.catalog import learning_rules
from nodeforge.catalog.recipes import SETTINGS
from nodeforge.core.document import Stage
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Values
from nodeforge.engine.messages import EpochEnded, MemoryMeasured, TrainingState
from nodeforge.project.run_log import EpochRecord
from nodeforge.project.runs import RunLog, RunStore
from nodeforge.torch_backend import node_of
from nodeforge.training.augmentation import augmenter_of
from nodeforge.training.balance import balanced_order, class_of_samples
from nodeforge.training.batches import Batch, Range, ranges
from nodeforge.training.bench import Bench
from nodeforge.training.best import Best, monitored
from nodeforge.training.checkpoints import Checkpoint, load_weights
from nodeforge.training.control import Control
from nodeforge.training.keeper import EPOCH_S, STEP_S, Keeper, bring_back
from nodeforge.training.material import Material
from nodeforge.training.measure import MEASURING_BATCH, Measured, Picture, Tally, measure, picture
from nodeforge.training.memory import MemoryWatch
from nodeforge.training.nonfinite import find_origin
from nodeforge.training.randomness import permutation, turn
from nodeforge.training.rules import RULES, Context, LearningRule, Player, Players, StepResult
from nodeforge.training.telemetry import PERIOD_S, Emit, Position, Telemetry


class HaltedError(UserError):
    """Training cannot go on."""


def stage_settings(stage: Stage) -> Values:
    """A stage's settings, complete; a rule that goes through the samples once has one epoch."""
    settings = SETTINGS.settled(stage.settings)
    return settings if learning_rules()[stage.rule].repeats else {**settings, "epochs": 1}


def stage_ranges(settings: Values, count: int) -> list[Range]:
    """The batches of an epoch over `count` samples."""
    return ranges(count, cast(int, settings["batch_size"]), drop_last=bool(settings["drop_last"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all stages of a training share. `position` changes as they go."""

    run: str
    material: Material
    bench: Bench
    keeper: Keeper
    control: Control
    emit: Emit
    log: RunLog
    telemetry: Telemetry
    position: Position
    store: RunStore


class StageLoop:
    """Carries out one stage, or several that take turns, from the beginning or from a checkpoint.

    Of several, the first says how long, with which batches and what is measured.

    Attributes:
        message: Why the stage ended early, if it did.
    """

    def __init__(self, around: Surroundings, game: Sequence[Stage], resumed: Checkpoint | None) -> None:
        self.message = ""
        self._around = around
        self._game = game
        self._stage = stage = game[0]
        self._settings = stage_settings(stage)
        self._epochs = cast(int, self._settings["epochs"])
        self._module = around.bench.module
        self._ranges = stage_ranges(self._settings, len(around.bench.train))
        self._rule = self._make_rule()
        self._augmenter = augmenter_of(around.material)
        self._memory = MemoryWatch(self._module, self._rule, around.bench.device, self._tell_memory)
        self._tally = Tally(around.material.question)
        self._best = Best()
        self._next_picture = 0.0
        self._follows_loss = self._rule.follows_loss and bool(around.material.source.objectives)
        # A look at a processor's numbers costs nothing; elsewhere it waits, so it is taken with each report.
        self._look_each_step = around.bench.device.type == "cpu"
        if resumed is not None:
            folder = around.keeper.folder
            self._best = bring_back(resumed, folder, self._module, self._rule, self._tally)
        else:
            with turn:
                self._rule.begin(self._draw)
            if around.position.stage:
                self.save()
        if not self._best.weights:
            around.keeper.forget_best()
        # Running statistics: a forward pass changes them before anyone can know that it is bad.
        self._buffers = list(self._module.buffers()) if self._rule.as_in_training else []
        self._sound_buffers = [buffer.clone() for buffer in self._buffers]

    def _make_rule(self) -> LearningRule:
        leader = cast(int, self._settings["turn_steps"])
        players = []
        for stage in self._game:
            settings = stage_settings(stage)
            steps = cast(int, settings["turn_steps"])
            turns = len(self._ranges) if stage is self._stage else steps * -(-len(self._ranges) // leader)
            context = Context(
                module=self._module,
                material=self._around.material,
                stage=stage,
                settings=settings,
                device=self._around.bench.device,
                epochs=self._epochs,
                batches=turns,
                samples=self._ranges[-1][1],
                partners=tuple(other for other in self._game if other is not stage),
            )
            players.append(Player(stage.name, RULES[stage.rule](context), steps))
        return Players(players) if len(players) > 1 else players[0].rule

    def _draw(self, count: int) -> Iterator[Batch]:
        """Training samples for a rule to begin with, drawn at random."""
        train, seed = self._around.bench.train, self._around.material.document.recipe.seed
        # An epoch that no training reaches: an order of its own.
        order = permutation(seed, self._around.position.stage, 1 << 31, len(train))[:count]
        return (
            train.moved(train.take(order[start:stop])) for start, stop in ranges(len(order), MEASURING_BATCH)
        )

    def run(self) -> bool:
        """Train to the end of the stage; False when the control ended it."""
        position = self._around.position
        while position.epoch < self._epochs and not self._ending():
            if not self._epoch():
                self._report()
                self.save()
                self._restore_best()
                return False
        if position.epoch < self._epochs:
            self.message = f"Stopped early after epoch {position.epoch}: {self._ending()}."
        self._rule.end()
        self._report()
        self.save()
        self._restore_best()
        return True

    def _ending(self) -> str:
        """Why there is no need to go on, as the end of a sentence; "" while there is."""
        if self._best.exhausted(self._settings):
            return f"no better than epoch {self._best.epoch} for {self._best.stale} checks"
        return self._rule.done

    def _restore_best(self) -> None:
        self._rule.leave()
        if self._settings["restore_best"] and self._best.weights:
            load_weights(self._module, self._best.weights, self._stage.name)

    def save(self) -> None:
        """Write the checkpoint to resume from; the log holds what led to it."""
        self._around.telemetry.send_samples()
        self._around.keeper.save(self._around.position, self._module, self._rule, self._tally, self._best)

    def _epoch(self) -> bool:
        around, position = self._around, self._around.position
        count = len(around.bench.train)
        order = self._order(count)
        self._module.train(self._rule.as_in_training)
        started_at, started_with = position.seconds, position.samples
        left = self._ranges[position.batch :]
        unchecked: list[Batch] = []
        for (start, stop), batch in zip(left, around.bench.train.batches(left, order), strict=True):
            if around.control.attention and not self._attend():
                return False
            batch = self._augmented(batch, start)
            result = self._step(batch)
            position.batch += 1
            position.step += 1
            position.samples += stop - start
            self._tally.add(result, stop - start)
            due = around.telemetry.add(result, self._rule.learning_rate)
            if around.control.live.wanted:
                self._show()
            unchecked.append(batch)
            if due or self._look_each_step:
                self._check(unchecked)
                unchecked.clear()
            if due:
                self._report()
                if around.keeper.due(STEP_S):
                    self.save()
        self._check(unchecked)
        around.telemetry.stop_clock()
        seconds = position.seconds - started_at
        self._end_epoch(order, (position.samples - started_with) / seconds if seconds > 0 else 0.0)
        return True

    def _order(self, count: int) -> Tensor | None:
        """The order of this epoch's samples; None for that in which they are."""
        seed, position = self._around.material.document.recipe.seed, self._around.position
        if self._settings["sampling"] == "balanced":
            classes = class_of_samples(self._targets(None))
            return balanced_order(seed, position.stage, position.epoch, classes)
        if self._settings["shuffle"]:
            return permutation(seed, position.stage, position.epoch, count)
        return None

    def _augmented(self, batch: Batch, place: int) -> Batch:
        if not self._augmenter:
            return batch
        position = self._around.position
        return self._augmenter(batch, stage=position.stage, epoch=position.epoch, place=place)

    def _step(self, batch: Batch) -> StepResult:
        try:
            with self._memory.step(batch), turn:  # what is told of it may draw random numbers
                return self._rule.step(batch)
        except (RuntimeError, IndexError, ValueError) as error:
            node = node_of(error, self._around.material.source)
            if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
                size = len((*batch.inputs, *batch.targets)[0])
                raise HaltedError(
                    f"There is not enough memory for a batch of {size} samples{node and f' at {node}'}: "
                    "lower batch_size, or make the layers smaller.",
                    node=node,
                ) from error
            if not node:
                raise
            raise HaltedError(f"{node} cannot work with this batch: {error}.", node=node) from error

    def _attend(self) -> bool:
        """Pause or stop as the person wishes; False to stop."""
        around = self._around
        if not around.control.waiting:
            return around.control.proceed()
        self._report()
        self.save()
        self._show()
        self._tell("paused")
        going_on = around.control.proceed()
        around.telemetry.start_clock()
        if going_on and not around.control.attention:
            self._tell("running")
        return going_on

    def _show(self) -> None:
        """Hand the weights to those who look on."""
        self._around.control.live.offer(self._around.material, self._module, self._around.position.step)

    def _tell_memory(self, measured: MemoryUse, batch: int) -> None:
        """What the first step needed, beside what it should have needed."""
        material, run = self._around.material, self._around.run
        document, report = material.document, material.report.networks[material.document.main]
        expected = forecast(measure_costs(document, document.main_network, report, batch), self._stage)
        told = {"forecast": expected.record(), "measured": measured.record()}
        known = self._around.store.info(run).memory.get("measured", {})
        if measured.total >= known.get("total", 0):
            self._around.store.update(run, memory=told)
        self._around.emit(MemoryMeasured(run=run, stage=self._stage.name, batch=batch, **told))

    def _tell(self, state: str) -> None:
        self._around.emit(TrainingState(run=self._around.run, state=state))

    def _report(self) -> None:
        self._around.telemetry.flush(
            stage=self._stage.name,
            epoch=min(self._around.position.epoch + 1, self._epochs),
            epochs=self._epochs,
            batches=len(self._ranges),
        )

    # Numbers that are not finite ------------------------------------------------------------------

    def _check(self, unchecked: list[Batch]) -> None:
        """See whether the batches since the last look went well.

        Raises:
            HaltedError: One did not. The weights are as they were before it, and in the checkpoint.
        """
        if not self._rule.refused():
            for sound, buffer in zip(self._sound_buffers, self._buffers, strict=True):
                sound.copy_(buffer)
            return
        position = self._around.position
        first = position.step - len(unchecked) + 1
        origin = find_origin(self._module, self._around.material.source, unchecked, step=first)
        for buffer, sound in zip(self._buffers, self._sound_buffers, strict=True):
            buffer.copy_(sound)
        bad = position.step - origin.step + 1
        position.step -= bad
        position.batch -= bad
        position.samples -= sum(self._tally.counts[-bad:])
        self._tally.drop(bad)
        self._around.telemetry.drop(bad)
        self._report()
        self.save()
        raise HaltedError(origin.message, node=origin.node)

    # Ends of epochs -------------------------------------------------------------------------------

    def _end_epoch(self, order: Tensor | None, samples_per_second: float) -> None:
        around, position = self._around, self._around.position
        self._rule.end_pass()
        if self._rule.solves:
            train = self._measure("train").metrics
        else:
            train = self._tally.measure(self._targets(order), around.material.dataset)
        metrics, shown = {"train": train}, Picture()
        value: float | None = monitored(train, self._settings, around.material.question.task)
        best = False
        if "validation" in around.bench.splits:
            value = None
            if self._validates():
                with self._rule.measured():
                    measured = self._measure("validation")
                    metrics["validation"] = measured.metrics
                    if self._follows_loss:
                        value = monitored(measured.metrics, self._settings, around.material.question.task)
                        best = self._best.look(
                            value, self._module, self._settings, epoch=position.epoch + 1, step=position.step
                        )
                shown = self._picture(measured)
        rate = self._rule.learning_rate
        self._rule.end_epoch(value)
        position.epoch += 1
        position.epochs += 1
        position.batch = 0
        self._tally = Tally(around.material.question)
        record = EpochRecord(
            stage=self._stage.name,
            epoch=position.epoch,
            step=position.step,
            learning_rate=rate,
            samples_per_second=samples_per_second,
            metrics=metrics,
            best=best,
        )
        self._publish(record, shown)
        every = cast(int, self._settings["checkpoint_every"])
        if position.epoch % every == 0 and around.keeper.due(EPOCH_S):
            self.save()

    def _publish(self, record: EpochRecord, shown: Picture) -> None:
        around = self._around
        around.log.add_epoch(record)
        around.emit(
            EpochEnded(
                run=around.run,
                stage=record.stage,
                epoch=record.epoch,
                step=record.step,
                learning_rate=record.learning_rate,
                samples_per_second=record.samples_per_second,
                metrics={split: dict(values) for split, values in record.metrics.items()},
                best=record.best,
                classes=shown.classes,
                confusion=shown.confusion,
                truth=shown.truth,
                prediction=shown.prediction,
            )
        )

    def _targets(self, order: Tensor | None) -> Tensor | None:
        """The answers in the order of this epoch's samples."""
        place = self._around.material.question.target
        if place < 0:
            return None
        targets = self._around.bench.train.targets[place]
        return targets if order is None else targets[order.to(targets.device)]

    def _validates(self) -> bool:
        done = self._around.position.epoch + 1
        return done % cast(int, self._settings["validate_every"]) == 0 or done == self._epochs

    def _measure(self, split: str) -> Measured:
        bench, material = self._around.bench, self._around.material
        return measure(
            self._module,
            bench.splits[split],
            material.question,
            material.dataset,
            batch_size=cast(int, self._settings["batch_size"]),
            objectives=self._stage.objectives if len(self._game) == 1 else (),
        )

    def _picture(self, measured: Measured) -> Picture:
        """The picture of a validation, at most thirty times a second but always of the last epoch."""
        now = time.perf_counter()
        if now < self._next_picture and self._around.position.epoch + 1 < self._epochs:
            return Picture()
        self._next_picture = now + PERIOD_S
        return picture(measured, self._around.material.question, self._around.material.dataset)
