"""What the engine is asked and what it tells. Small frozen values, msgpack on the wire between processes.

A request is answered by exactly one reply (its own type, or `Failed`) with the same `id`. Events come on
their own. Documents travel as project JSON (`project.schema`), so the engine sees what a file would hold.
No torch here: the window imports this module.
"""

from __future__ import annotations

from typing import Any

import msgspec

LOW_RATE, HIGH_RATE, RATE_STEPS = 1e-6, 10.0, 100
"""Learning rates between which a range test looks, and in how many batches."""


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of everything that crosses."""


# Requests -----------------------------------------------------------------------------------------


class Request(Message, frozen=True, kw_only=True, tag=True):
    """Asked by the session. `id` is given by the client."""

    id: int = 0


class Ping(Request, frozen=True, kw_only=True, tag=True):
    """Answered with `Pong` when the engine is warm (torch imported, first operation run)."""


class DescribeData(Request, frozen=True, kw_only=True, tag=True):
    """What the data holds, with the first rows for a preview. Answered with `DataDescribed`."""

    document: bytes
    folder: str
    rows: int = 100


class StartTraining(Request, frozen=True, kw_only=True, tag=True):
    """Train the document; the run is made by the engine. Answered with `TrainingStarted`.

    Attributes:
        document: Project JSON.
        folder: The project's folder; the run is written under `runs/`.
        resume: Run to go on with from its last checkpoint, or "".
        paused: Start paused (for single steps).
    """

    document: bytes
    folder: str
    resume: str = ""
    paused: bool = False


class ControlTraining(Request, frozen=True, kw_only=True, tag=True):
    """Answered with `Done` at once; the effect shows as `TrainingState` events.

    Attributes:
        run: The run.
        action: "pause", "resume", "stop" or "step" (one batch, then pause).
    """

    run: str
    action: str


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


class EvaluateRun(Request, frozen=True, kw_only=True, tag=True):
    """Metrics, baseline and plot material of a run on one split. Answered with `Evaluated`.

    Attributes:
        without: Nodes of its main network that are muted meanwhile: what the network can do without them.
    """

    folder: str
    run: str
    split: str = "test"
    without: list[str] = []


class Predict(Request, frozen=True, kw_only=True, tag=True):
    """Run the network of a run on samples from a file. Answered with `Predicted`."""

    folder: str
    run: str
    input: str


class DeepCheck(Request, frozen=True, kw_only=True, tag=True):
    """Try on the running network what only that can tell. Answered with `DeepChecked`, while other requests go on.

    `DeepCheckAdvanced` events tell how far it is. A new one cancels the one before.

    Attributes:
        document: Project JSON.
        folder: Where relative paths of its data start.
        causal: Whether every sequence is in time and no output may look ahead, also without a causal layer.
        limit_s: What is not done by then stays unfinished.
    """

    document: bytes
    folder: str
    causal: bool = False
    limit_s: float = 60.0


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """Mirror of `core.specs.TensorSpec`."""

    shape: list[int | str]
    dtype: str


class CustomShapes(Request, frozen=True, kw_only=True, tag=True):
    """What a layer of the project's own gives for an input. Answered with `ShapesFound`.

    Attributes:
        name: Of its class.
        text: Its whole file. The engine runs it only if the person trusts it.
        values: Its parameters.
        inputs: By port, what arrives.
    """

    name: str
    text: str
    values: dict[str, Any]
    inputs: dict[str, list[Spec]]


class CancelDeepCheck(Request, frozen=True, kw_only=True, tag=True):
    """Answered with `Done` at once; the check's own reply then says what it had found."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One live view that somebody looks at.

    Attributes:
        key: Whose it is; what is shown comes back with it.
        view: One of `analysis.views.VIEWS`.
        node: The node looked at, "block.conv1" inside another network; "" for the whole network.
        split, sample: The sample that the network is given.
        prompt, temperature: Of generated text: how it begins, and how daring it goes on.
    """

    key: int
    view: str
    node: str = ""
    split: str = "train"
    sample: int = 0
    prompt: str = ""
    temperature: float = 1.0


class WatchLive(Request, frozen=True, kw_only=True, tag=True):
    """Show from now on what a network makes of samples. Answered with `Done`; `LiveShown` events follow.

    It takes the place of the one before by the same watcher; without wishes nothing is shown and nothing is computed.

    Attributes:
        watcher: Who looks: several may, each at wishes with keys of its own.
        folder: The project's folder.
        run: The run that trains, whose weights are followed as they learn, or one that has ended, whose best are shown.
        wishes: What is looked at.
    """

    folder: str
    run: str
    wishes: list[Wish]
    watcher: str = ""


class MatchWeights(Request, frozen=True, kw_only=True, tag=True):
    """See which of the weights that the recipe begins with fit. Answered with `WeightsMatched`."""

    document: bytes
    folder: str


class TryRates(Request, frozen=True, kw_only=True, tag=True):
    """Train a little at growing learning rates, for a plot of the loss over them. Answered with `RatesTried`.

    No run is made. It waits for no training, and none may run meanwhile.

    Attributes:
        document: Project JSON.
        folder: The project's folder.
        stage: Name of the stage to test; "" for the first.
        low, high: Learning rates to begin and end with.
        steps: Batches to take.
    """

    document: bytes
    folder: str
    stage: str = ""
    low: float = LOW_RATE
    high: float = HIGH_RATE
    steps: int = RATE_STEPS


class Shutdown(Request, frozen=True, kw_only=True, tag=True):
    """Stop training after its batch, write the checkpoint, end. Answered with `Done`."""


# Replies ------------------------------------------------------------------------------------------


class Reply(Message, frozen=True, kw_only=True, tag=True):
    id: int = 0


class Pong(Reply, frozen=True, kw_only=True, tag=True):
    torch_version: str
    device: str
    threads: int


class Done(Reply, frozen=True, kw_only=True, tag=True):
    pass


class Failed(Reply, frozen=True, kw_only=True, tag=True):
    """The request could not be carried out.

    Attributes:
        message: One sentence for a person.
        user_fault: Whether graph, data or file is at fault (else it is a bug of ours).
        node: Node to blame, where one is.
        details: A traceback for the log when it is a bug.
        table: When a table of data is at fault: its first rows, so that columns can be mended.
    """

    message: str
    user_fault: bool
    node: str = ""
    details: str = ""
    table: Table | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows for a preview: everything already text."""

    columns: list[str]
    types: list[str]
    rows: list[list[str]]
    total_rows: int
    roles: list[str] = []
    """By column "feature", "target" or "ignore"."""
    first_row: int = 1
    """Number of the first of them in the file, as errors count: the header is row 1."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One sample to draw: 8-bit grey or RGB, row by row."""

    width: int
    height: int
    channels: int
    pixels: bytes
    label: str = ""


class TokenText(msgspec.Struct, frozen=True, kw_only=True):
    """One text of a preview: letters or words, and their numbers."""

    tokens: list[str]
    numbers: list[int]
    label: str = ""


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """One sound of a preview: 16-bit samples, low byte first, and a picture of its pitches over time."""

    rate: int
    samples: bytes
    spectrum: Picture
    label: str = ""
    name: str = ""


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """One sequence of a preview: a curve for each of its quantities."""

    curves: list[list[float]]
    label: str = ""


class FieldDescription(msgspec.Struct, frozen=True, kw_only=True):
    """Mirror of `core.specs.FieldFacts`."""

    name: str
    shape: list[int | str]
    dtype: str
    role: str
    classes: list[str] = []
    span: tuple[float, float] | None = None
    vocabulary: int = 0


class DataFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Mirror of `core.specs.DataFinding`."""

    code: str
    message: str
    reason: str = ""
    serious: bool = False
    preparation: tuple[tuple[str, str], ...] = ()
    column: str = ""


class DataDescribed(Reply, frozen=True, kw_only=True, tag=True):
    """What the data gives: see `core.specs.DataFacts`; plus a preview and statistics."""

    title: str
    fields: list[FieldDescription]
    sizes: dict[str, int]
    table: Table | None = None
    pictures: list[Picture] = []
    series: list[list[float]] = []
    class_counts: dict[str, list[int]] = {}
    """By split, the number of samples of each class."""
    notes: list[str] = []
    """What was done to the data, in sentences: "3 rows with missing values were left out"."""
    findings: list[DataFinding] = []
    texts: list[TokenText] = []
    curves: list[Curves] = []
    sounds: list[Sound] = []
    augmented: list[Picture] = []
    """The same pictures as `pictures`, as a training batch could hold them; empty without augmentation."""
    statistics: list[list[str]] = []
    """By quantity its name, then a text for each split that has samples, in their order."""


class TrainingStarted(Reply, frozen=True, kw_only=True, tag=True):
    run: str


class Exported(Reply, frozen=True, kw_only=True, tag=True):
    output: str
    format: str
    opset: int = 0
    max_abs_difference: float = 0.0
    checked_batches: list[int] = []


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


class Predicted(Reply, frozen=True, kw_only=True, tag=True):
    columns: list[str]
    rows: list[list[str]]


class ShapesFound(Reply, frozen=True, kw_only=True, tag=True):
    """What comes out of a layer, by port, and its trainable numbers; or what it has against the input."""

    outputs: dict[str, Spec] = {}
    parameters: int = 0
    fault: str = ""


class WeightMatch(msgspec.Struct, frozen=True, kw_only=True):
    """What became of weights that a training begins with.

    Attributes:
        source, into: As in `core.document.WeightSource`.
        matched: Tensors of the network that were found, by name.
        other_shapes: (name, shape there, shape here) of those that are found, and do not fit.
        missing: Tensors of the network that are not found: they begin as drawn.
        unused: Tensors there that the network does not have.
    """

    source: str
    into: str
    matched: list[str]
    other_shapes: list[tuple[str, list[int], list[int]]]
    missing: list[str]
    unused: list[str]


class WeightsMatched(Reply, frozen=True, kw_only=True, tag=True):
    """One for each source of the recipe, in their order."""

    matches: list[WeightMatch]


class RatesTried(Reply, frozen=True, kw_only=True, tag=True):
    """The loss over growing learning rates.

    Attributes:
        stage: The stage that was tested.
        rates, losses, smoothed: By step; the test ends early where the loss runs away.
        steepest: The rate at which the smoothed loss falls fastest; 0 when it never falls.
        suggestion: A rate to train with; 0 when there is none.
        note: What it comes to, in a sentence.
    """

    stage: str
    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    steepest: float
    suggestion: float
    note: str


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """A change that may mend a finding; `session.deep_checking` makes an edit of it, where it fits.

    Attributes:
        label: Words on its button.
        node: The node to change.
        parameter: The parameter to set; "" to take the node out.
        value: Its new value, plain data.
    """

    label: str
    node: str
    parameter: str = ""
    value: Any = None


class DeepFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Fields as in `core.diagnostics.Diagnostic`."""

    code: str
    severity: str
    message: str
    reason: str = ""
    network: str = ""
    node: str = ""
    remedies: list[Remedy] = []


class DeepVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one property of a deep check.

    Attributes:
        check: Its short name ("independent").
        title: The property as a sentence.
        outcome: "held", "broken", "skipped" or "unfinished".
        note: On what that rests, or why there is no answer.
        seconds: How long it took.
        findings: What is wrong; only when broken.
    """

    check: str
    title: str
    outcome: str
    note: str = ""
    seconds: float = 0.0
    findings: list[DeepFinding] = []


class DeepChecked(Reply, frozen=True, kw_only=True, tag=True):
    """Every verdict, in the order of the checks.

    Attributes:
        verdicts: One for each property.
        seconds: How long all took.
        device: Where it was tried, in words.
    """

    verdicts: list[DeepVerdict]
    seconds: float
    device: str


# Events -------------------------------------------------------------------------------------------


class Event(Message, frozen=True, kw_only=True, tag=True):
    """Tells something nobody asked for at that moment."""


class TrainingState(Event, frozen=True, kw_only=True, tag=True):
    """A run changed its state. Never dropped.

    Attributes:
        state: "starting", "running", "paused", "finished", "stopped", "interrupted" or "failed".
        message: For "failed": one sentence; for "finished" by early stopping, or for "interrupted": why.
        node: For "failed": the node to blame, if one is.
        user_fault: For "failed": whether graph, data or file is at fault (else it is a bug of ours).
        details: A traceback for the log when it is a bug.
    """

    run: str
    state: str
    message: str = ""
    node: str = ""
    user_fault: bool = True
    details: str = ""


class StepSamples(Event, frozen=True, kw_only=True, tag=True):
    """Measurements per step since the last of these, packed float32 little-endian; at most 30 a second.

    Attributes:
        run: The run.
        steps: Packed int32 step numbers.
        columns: Name ("loss", "learning_rate", "gradient_norm") to packed float32, as many as steps.
    """

    run: str
    steps: bytes
    columns: dict[str, bytes]


class Progress(Event, frozen=True, kw_only=True, tag=True):
    """Where the run stands; a newer one replaces an older.

    Attributes:
        stage: Name of the stage; of stages that take turns, the first.
        stage_number, stages: Counted from 1; those that take turns count as one.
        epoch, epochs, batch, batches, step: Counted from 1; epochs is the number planned.
        seconds: Time trained so far, pauses left out.
        seconds_left: Estimated; negative when unknown.
        samples_per_second: Over the last second or so.
    """

    run: str
    stage: str
    epoch: int
    epochs: int
    batch: int
    batches: int
    step: int
    seconds: float
    seconds_left: float
    samples_per_second: float
    stage_number: int = 1
    stages: int = 1


class EpochEnded(Event, frozen=True, kw_only=True, tag=True):
    """Metrics of a finished epoch by split ("train", "validation"); never dropped.

    For classifiers `confusion` is of the validation split; for regression `truth` and `prediction` are (at most
    2,000 points).
    """

    run: str
    stage: str
    epoch: int
    step: int
    learning_rate: float
    samples_per_second: float
    metrics: dict[str, dict[str, float]]
    best: bool = False
    classes: list[str] = []
    confusion: list[list[int]] = []
    truth: list[float] = []
    prediction: list[float] = []


class MemoryMeasured(Event, frozen=True, kw_only=True, tag=True):
    """What the first step of a stage needed; never dropped.

    Attributes:
        forecast, measured: Bytes by part ("parameters", "gradients", "optimizer", "activations", "peak", "total").
        batch: Samples of the batch that was measured.
    """

    run: str
    stage: str
    batch: int
    forecast: dict[str, int]
    measured: dict[str, int]


class RunFinished(Event, frozen=True, kw_only=True, tag=True):
    """The last word on a run that ended well, was stopped or interrupted; never dropped."""

    run: str
    status: str
    epochs: int
    seconds: float
    samples_per_second: float
    metrics: dict[str, dict[str, float]]


class DeepCheckAdvanced(Event, frozen=True, kw_only=True, tag=True):
    """How far a deep check is: the titles of all its checks in order, and the verdicts there are."""

    titles: list[str]
    verdicts: list[DeepVerdict]


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A table of numbers as a picture: 8 bits each from `low` to `high`, row by row.

    Attributes:
        channels: 3 for colours that are to be shown as they are, else 1.
        label: What is written below it.
    """

    width: int
    height: int
    pixels: bytes
    low: float
    high: float
    channels: int = 1
    label: str = ""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One curve: packed float32, little-endian."""

    name: str
    values: bytes


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of one node: words in columns, a small picture, and the length of its bar (negative: none).

    Attributes:
        values: The numbers behind the words, where somebody reckons with them; NaN where there is none.
    """

    name: str
    cells: list[str]
    tile: Tile | None = None
    bar: float = -1.0
    values: list[float] = []


class NeuronLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A small dense layer for one sample; everything packed float32.

    Attributes:
        name: Its node.
        function: The activation behind it; "" for none.
        inputs: What arrives, (in,).
        weights: (out, in), row by row.
        bias, sums, outputs: (out,): b, w·x + b, and f of it.
    """

    name: str
    function: str
    inputs: bytes
    weights: bytes
    bias: bytes
    sums: bytes
    outputs: bytes


class LiveShown(Event, frozen=True, kw_only=True, tag=True):
    """What one view shows now; a newer one replaces an older.

    Attributes:
        run, key, step: Of which run, which `Wish` and which training step; -1 for a checkpoint.
        note: What is seen, in a sentence.
        warning: What is wrong with it and what helps, where something is.
        fault: Why nothing can be shown; all else is empty then.
        samples: How many samples the split has.
        total: How many pictures there would be; as many as `tiles` or more.
        tiles, across: Pictures, and how many stand side by side (0: as fits).
        series, start, steps: Curves; the place of their first value, or the packed int32 place of each.
        logarithmic: Whether curves span powers of ten.
        headings, rows: A table.
        text: Text, of which the first `given` letters are the prompt.
        layers: Neurons.
    """

    run: str
    key: int
    step: int
    note: str = ""
    warning: str = ""
    fault: str = ""
    samples: int = 0
    total: int = 0
    tiles: list[Tile] = []
    across: int = 0
    series: list[Series] = []
    start: int = 0
    steps: bytes = b""
    logarithmic: bool = False
    headings: list[str] = []
    rows: list[Row] = []
    text: str = ""
    given: int = 0
    layers: list[NeuronLayer] = []


AnyRequest = (
    Ping
    | DescribeData
    | StartTraining
    | ControlTraining
    | ExportModel
    | EvaluateRun
    | Predict
    | DeepCheck
    | CustomShapes
    | CancelDeepCheck
    | WatchLive
    | MatchWeights
    | TryRates
    | Shutdown
)
AnyReply = (
    Pong
    | Done
    | Failed
    | DataDescribed
    | TrainingStarted
    | Exported
    | Evaluated
    | Predicted
    | DeepChecked
    | ShapesFound
    | WeightsMatched
    | RatesTried
)
AnyEvent = (
    TrainingState
    | StepSamples
    | Progress
    | EpochEnded
    | MemoryMeasured
    | RunFinished
    | DeepCheckAdvanced
    | LiveShown
)

request_decoder = msgspec.msgpack.Decoder(AnyRequest)
answer_decoder = msgspec.msgpack.Decoder(AnyReply | AnyEvent)
encode = msgspec.msgpack.Encoder().encode
