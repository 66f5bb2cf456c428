"""How good a trained run is: on every split, beside simple methods, with its worst mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from nodeforge.core.specs import SPLITS
from nodeforge.data import Dataset, PreviewPicture
from nodeforge.data.looks import look_at, restored_picture
from nodeforge.engine import messages as m
from nodeforge.evaluation import Rivals, Scores, TaskKind, rivals, score, verdict
from nodeforge.evaluation.maps import centre_metrics
from nodeforge.evaluation.mistakes import worst
from nodeforge.evaluation.quality import Judge
from nodeforge.evaluation.ranking import Curve
from nodeforge.training.batches import load_split
from nodeforge.training.measure import MAX_EVALUATED, MEASURING_BATCH, Measured, measure, picture, points
from nodeforge.training.questions import Question
from nodeforge.training.restore import TrainedRun, comparable_run

Array = NDArray[Any]


def evaluate_run(folder: Path, run: str, split: str = "test", without: Sequence[str] = ()) -> m.Evaluated:
    """Metrics and baselines of a run on every split, and on one of them curves, mistakes and plot material.

    Args:
        folder: The project's folder.
        run: The run.
        split: The split.
        without: Nodes of the main network that are muted meanwhile.

    Raises:
        UserError: There is no such run, split or node, or the data has changed since.
    """
    trained = comparable_run(folder, run, without)
    dataset, question = trained.dataset, trained.question
    dataset.split(split)  # tells what is wrong with it
    simple = rivals(dataset, question.task, components=question.components)
    chosen = _on(trained, simple, split)
    others = [name for name in SPLITS if name in dataset.splits and name != split]
    places = {name: _spread(dataset.facts.sizes[name], chosen.measured) for name in others}
    parts = {split: chosen} | {name: _on(trained, simple, name, places[name]) for name in others}
    found = {name: parts[name] for name in SPLITS if name in parts}
    sentence, better = verdict(question.task, split, chosen.metrics, chosen.baseline)
    shown = picture(chosen.measured, question, dataset)
    return m.Evaluated(
        run=trained.run,
        split=split,
        metrics=chosen.metrics,
        baseline=chosen.baseline,
        classes=shown.classes,
        confusion=shown.confusion,
        truth=shown.truth,
        prediction=shown.prediction,
        task=question.task.kind,
        headline=question.task.headline,
        verdict=sentence,
        beaten=not better,
        splits={
            name: m.SplitScores(metrics=part.metrics, baseline=part.baseline) for name, part in found.items()
        },
        parts=[
            m.PartScore(name=part.name, count=part.count, values=part.values) for part in chosen.scores.parts
        ],
        roc=[_curve(curve) for curve in chosen.scores.roc],
        precision_recall=[_curve(curve) for curve in chosen.scores.precision_recall],
        mistakes=_mistakes(dataset, question, chosen.measured, split),
        moments=_moments(dataset, chosen.measured, split) if shown.truth else [],
        without=list(without),
        notes=[
            *_aside(trained),
            *chosen.scores.notes,
            *_left_out(dataset, chosen.measured, split),
            *_sampled(dataset, places),
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What is known of one split."""

    measured: Measured
    scores: Scores
    metrics: dict[str, float]
    baseline: dict[str, dict[str, float]]


def _spread(count: int, like: Measured) -> Tensor | None:
    """Places of evenly spaced samples, as many as there is room for predictions of; None for all.

    Args:
        count: Samples of the split.
        like: What was measured of another split.
    """
    if like.output is None or not len(like.output):
        return None
    room = max(1, MAX_EVALUATED // like.output[0].size)
    return torch.linspace(0, count - 1, room, dtype=torch.float64).long() if room < count else None


def _sampled(dataset: Dataset, places: Mapping[str, Tensor | None]) -> list[str]:
    """Which splits were not measured as a whole."""
    return [
        f"The {name} split is measured on {len(chosen):,} of its {dataset.facts.sizes[name]:,} samples, evenly spaced."
        for name, chosen in places.items()
        if chosen is not None
    ]


def _on(trained: TrainedRun, simple: Rivals, split: str, places: Tensor | None = None) -> _Part:
    """What is known of a split, or of some of its samples."""
    dataset, question = trained.dataset, trained.question
    samples = load_split(dataset, split, trained.source, torch.device("cpu"), channels_last=False)
    measured = measure(
        trained.module,
        samples,
        question,
        dataset,
        batch_size=MEASURING_BATCH,
        most=MAX_EVALUATED,
        places=places,
    )
    baseline = simple.on(split)
    more: Mapping[str, float] = {}
    scores = Scores()
    output, target = measured.output, measured.target
    if question.map and output is not None:
        baseline = _centres(dataset, question, output, split)
    elif output is not None and target is not None:
        if question.task.kind is TaskKind.GENERATION:
            more, baseline = _quality(dataset, question, output, target, split)
        scores = score(question.task, output, target, dataset)
    metrics = {**measured.metrics, **scores.metrics, **more}
    return _Part(measured=measured, scores=scores, metrics=metrics, baseline=baseline)


def _centres(
    dataset: Dataset, question: Question, distances: Array, split: str
) -> dict[str, dict[str, float]]:
    """What k-means reaches where the map sees the samples as they are."""
    field = question.task.field
    if question.original < 0 or field not in dataset.split("train"):
        return {}
    train, samples = (dataset.split(name)[field] for name in ("train", split))
    return centre_metrics(train.reshape(len(train), -1), samples.reshape(len(samples), -1), distances[0].size)


def _quality(
    dataset: Dataset, question: Question, output: Array, target: Array, split: str
) -> tuple[Mapping[str, float], dict[str, dict[str, float]]]:
    judge = Judge.trained(dataset, question.task.field, split)
    return ({}, {}) if judge is None else (judge.metrics(output, target), judge.rivals(target))


def _curve(curve: Curve) -> m.ScoreCurve:
    return m.ScoreCurve(label=curve.label, x=list(curve.x), y=list(curve.y), area=curve.area)


def _mistakes(dataset: Dataset, question: Question, measured: Measured, split: str) -> list[m.Mistake]:
    output, target = measured.output, measured.target
    if output is None or target is None:
        return []
    found = []
    for mistake in worst(question.task, output, target, dataset):
        look = look_at(dataset, split, mistake.place)
        answer = None
        if question.task.kind is TaskKind.RECONSTRUCTION:
            answer = restored_picture(dataset, question.task.field, output[mistake.place])
        found.append(
            m.Mistake(
                place=mistake.place,
                truth=mistake.truth,
                prediction=mistake.prediction,
                scores=list(mistake.scores),
                picture=_picture(look.picture),
                answer=_picture(answer),
                text=look.text,
                curves=[list(curve) for curve in look.curves],
                values=list(look.values),
            )
        )
    return found


def _picture(shown: PreviewPicture | None) -> m.Picture | None:
    if shown is None:
        return None
    return m.Picture(
        width=shown.width,
        height=shown.height,
        channels=shown.channels,
        pixels=shown.pixels,
        label=shown.label,
    )


def _moments(dataset: Dataset, measured: Measured, split: str) -> list[int]:
    """When each point of the plot lies, for a series with one value a sample."""
    timeline, target = dataset.samples.timeline, measured.target
    if timeline is None or target is None or target.size != len(target):
        return []
    moments: list[int] = timeline.moments[dataset.indices[split]][points(target.size)].tolist()
    return moments


def _aside(trained: TrainedRun) -> list[str]:
    """That the errors are of another reconstruction than the loss."""
    question = trained.question
    if not question.aside:
        return []
    shown = trained.source.outputs[question.output]
    return [
        f"The loss is of what {question.aside} looks at; the reconstruction error is of what {shown} shows, which sees the "
        "samples as they are."
    ]


def _left_out(dataset: Dataset, measured: Measured, split: str) -> list[str]:
    """That there was no room for all samples."""
    total, output = dataset.facts.sizes[split], measured.output
    if output is None or len(output) >= total:
        return []
    return [f"All but the loss is measured on the first {len(output):,} of {total:,} samples."]
