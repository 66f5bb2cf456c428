"""What is made of a trained run: evaluation, predictions, files to take away."""

from __future__ import annotations

import msgspec

from nodeforge.engine.messages.base import Reply, Request
from nodeforge.engine.messages.data import Picture


class ExportModel(Request, frozen=True, kw_only=True, tag=True):
    """Write a network to a file or folder and prove it. Answered with `Exported`.

    Attributes:
        document: Project JSON: export this, untrained, instead of a run.
    """

    folder: str
    run: str
    format: str
    output: str
    checkpoint: str = "best"
    document: bytes = b""


class Exported(Reply, frozen=True, kw_only=True, tag=True):
    output: str
    format: str
    opset: int = 0
    max_abs_difference: float = 0.0
    checked_batches: list[int] = []


class EvaluateRun(Request, frozen=True, kw_only=True, tag=True):
    """Metrics, baseline and plot material of a run on one split. Answered with `Evaluated`.

    Attributes:
        without: Nodes of its main network that are muted meanwhile: what the network can do without them.
    """

    folder: str
    run: str
    split: str = "test"
    without: list[str] = []


class PartScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well one class, one yes-or-no answer or one of several values is told; `count` samples are of it."""

    name: str
    count: int
    values: dict[str, float]


class ScoreCurve(msgspec.Struct, frozen=True, kw_only=True):
    """A ROC or precision-recall curve of one class, and the area below it."""

    label: str
    x: list[float]
    y: list[float]
    area: float


class SplitScores(msgspec.Struct, frozen=True, kw_only=True):
    """Metrics of a run on a split, and by baseline those of simple methods."""

    metrics: dict[str, float]
    baseline: dict[str, dict[str, float]] = {}


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """A sample that is told wrong, and what it looks like.

    Attributes:
        place: In its split.
        truth, prediction: In words.
        scores: What it was taken for with what probability, or each value with its error.
        picture, text, curves, values: The sample, as one of these.
        answer: A picture that was made of it.
    """

    place: int
    truth: str
    prediction: str
    scores: list[tuple[str, str]] = []
    picture: Picture | None = None
    answer: Picture | None = None
    text: str = ""
    curves: list[list[float]] = []
    values: list[tuple[str, str]] = []


class Evaluated(Reply, frozen=True, kw_only=True, tag=True):
    """How good a run is on a split.

    Attributes:
        metrics: Those of the run, the most telling first after its losses.
        baseline: By simple method ("majority class", "linear model"), its metrics.
        classes, confusion: For one label a sample: how often each true class (row) was taken for each class.
        truth, prediction: For values: at most 2,000 points, in the target's own unit.
        task: What kind of question it answers: "classification", "regression", "reconstruction"…
        headline: The metric to compare with other methods by.
        verdict: In a sentence or two, whether it does better than what is simple; "" when nothing is known.
        beaten: Whether a simple method does as well.
        splits: The same metrics on every split.
        parts: Of each class, answer or value.
        roc, precision_recall: By class.
        mistakes: The worst first.
        moments: For a series: the moment of each point of `truth`.
        notes: Sentences on what was left out, and why.
        without: Nodes that were muted meanwhile.
    """

    run: str
    split: str
    metrics: dict[str, float]
    baseline: dict[str, dict[str, float]] = {}
    classes: list[str] = []
    confusion: list[list[int]] = []
    truth: list[float] = []
    prediction: list[float] = []
    task: str = ""
    headline: str = ""
    verdict: str = ""
    beaten: bool = False
    splits: dict[str, SplitScores] = {}
    parts: list[PartScore] = []
    roc: list[ScoreCurve] = []
    precision_recall: list[ScoreCurve] = []
    mistakes: list[Mistake] = []
    moments: list[int] = []
    notes: list[str] = []
    without: list[str] = []


class Predict(Request, frozen=True, kw_only=True, tag=True):
    """Run the network of a run on samples from a file. Answered with `Predicted`."""

    folder: str
    run: str
    input: str


class Predicted(Reply, frozen=True, kw_only=True, tag=True):
    columns: list[str]
    rows: list[list[str]]
