"""From raw samples to what a network is trained on: missing values, split, scaling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Choice, Declaration, Integer, Number, Parameter, Values
from nodeforge.core.specs import BATCH, SPLITS, DataFacts, FieldFacts, TensorSpec
from nodeforge.data.dataset import Dataset, Preparation
from nodeforge.data.fitting import fit, fit_stream
from nodeforge.data.leakage import findings
from nodeforge.data.source import MASK, Array, Layout, RawField, Samples
from nodeforge.data.splitting import SplitPlan, split
from nodeforge.data.streaming import Prepared, in_memory
from nodeforge.data.streams import Stream
from nodeforge.data.tokens import Tokens, Vocabulary, fit_vocabulary

SETTINGS = Declaration(
    name="preparation",
    title="Preparation",
    summary="What happens to the data before the network sees it.",
    parameters=(
        Parameter(
            "scaling",
            Choice(options=("auto", "none", "standard", "min-max", "0-1")),
            "auto",
            "auto: 0-1 for images, standard for everything else. standard: mean 0, standard deviation 1. "
            "min-max: least value 0, greatest 1. 0-1: divide by the greatest value a pixel can have. "
            "Measured on the training samples only; numbers to predict are scaled too, and metrics are given "
            "in their own unit.",
        ),
        Parameter(
            "missing",
            Choice(options=("drop rows", "mean", "median", "most frequent")),
            "drop rows",
            "What to do where a feature has no value: leave the row out, or put in what is typical of the "
            "training samples (for categories always the most frequent). Rows without a target are always "
            "left out.",
        ),
        Parameter(
            "split",
            Choice(options=("auto", "stratified", "random", "grouped", "chronological", "given")),
            "auto",
            "auto: as the makers of the data do where they say so, chronological for series and running text, "
            "grouped where several samples come from one file, stratified for classes, else random. "
            "stratified: at random, with the same share of each class in every split. grouped: at random, "
            "samples that belong together kept together. chronological: in order, the last samples for the "
            "test. given: the test samples that the data itself names.",
        ),
        Parameter(
            "test_fraction", Number(minimum=0.0, maximum=0.9), 0.2, "Share of all samples kept for the test."
        ),
        Parameter(
            "validation_fraction",
            Number(minimum=0.0, maximum=0.9),
            0.1,
            "Share of the samples left after the test's that is kept to watch the training with.",
        ),
        Parameter(
            "split_seed", Integer(minimum=0, maximum=2**32 - 1), 0, "Another number, another random split."
        ),
        Parameter(
            "memory_mb",
            Integer(minimum=1, maximum=1 << 20),
            1024,
            "Pictures, sounds and arrays that take more than this are not loaded at once: each batch is read from disk "
            "when it is needed.",
            unit="MB",
            advanced=True,
        ),
    ),
)


def memory(values: Values) -> int:
    """Bytes that a field may take in memory, by complete settings."""
    return int(values["memory_mb"]) << 20  # type: ignore[arg-type]


def prepare(samples: Samples, values: Values) -> Dataset:
    """Leave out or fill missing values, split, and scale by the training split.

    Args:
        samples: What the source gave.
        values: Settings as declared in SETTINGS, complete and checked.

    Raises:
        UserError: Too few samples are left.
    """
    missing, scaling = str(values["missing"]), str(values["scaling"])
    samples, streamed = in_memory(samples, memory(values))
    samples, notes = _drop_incomplete(samples, all_fields=missing == "drop rows")
    notes += streamed
    plan = SplitPlan(
        method=str(values["split"]),
        test=float(values["test_fraction"]),  # type: ignore[arg-type]
        validation=float(values["validation_fraction"]),  # type: ignore[arg-type]
        seed=int(values["split_seed"]),  # type: ignore[arg-type]
    )
    indices, how = split(samples, plan)
    notes.append(how)
    fitted: dict[str, Preparation] = {}
    vocabularies: dict[Tokens, Vocabulary] = {}
    splits: dict[str, dict[str, Array]] = {name: {} for name in indices}
    streams: dict[str, dict[str, Stream]] = {name: {} for name in indices}
    for field in samples.fields:
        if isinstance(field.values, Stream):
            chosen = _scaling(field, scaling)
            fitting = fit_stream(field, field.values[indices["train"]], scaling=chosen)
            fitted[field.name] = fitting
            notes += _scaling_note(field, chosen)
            for name, rows in indices.items():
                streams[name][field.name] = Prepared(field.values[rows], fitting)
            continue
        training = field.values[indices["train"]]
        if field.tokens is not None:
            vocabulary = vocabularies.get(field.tokens) or fit_vocabulary(field.tokens, training)
            vocabularies[field.tokens] = fitted[field.name] = vocabulary
            notes += _vocabulary_note(field, vocabulary)
        elif not field.classes:
            chosen = _scaling(field, scaling)
            fitted[field.name] = fit(field, training, scaling=chosen, missing=missing)
            notes += _scaling_note(field, chosen)
            notes += _filling_note(field, missing)
        for name, rows in indices.items():
            splits[name] |= _prepared(field, field.array[rows], fitted.get(field.name))
    sizes = {name: len(indices.get(name, ())) for name in SPLITS}
    return Dataset(
        facts=DataFacts(
            title=samples.title,
            fields=tuple(_facts(samples, fitted, splits["train"])),
            sizes=sizes,
            findings=findings(samples, indices),
            notes=(*samples.notes, *notes),
        ),
        splits=splits,
        streams=streams,
        samples=samples,
        indices=indices,
        fitted=fitted,
    )


def _prepared(field: RawField, values: Array, preparation: Preparation | None) -> dict[str, Array]:
    """Some raw values of a field as the network gets them, and their mask where they are padded."""
    found = {field.name: values if preparation is None else preparation.apply(values)}
    if field.padded:
        found[MASK] = field.present(values)
    return found


def _facts(
    samples: Samples, fitted: Mapping[str, Preparation], splits: Mapping[str, Array]
) -> Iterator[FieldFacts]:
    for field in samples.fields:
        preparation = fitted.get(field.name)
        words = preparation.words if isinstance(preparation, Vocabulary) else ()
        training = splits.get(field.name)
        if training is None:  # read from disk: nobody has seen all of it
            yield FieldFacts(
                name=field.name, spec=TensorSpec((BATCH, *field.values.shape[1:])), role=field.role
            )
            continue
        yield FieldFacts(
            name=field.name,
            spec=TensorSpec((BATCH, *training.shape[1:]), str(training.dtype)),
            role=field.role,
            classes=field.classes or (words if field.role == "target" else ()),
            vocabulary=len(words),
            span=None if field.classes else _span(training),
        )
    for field in samples.fields:
        if field.padded:
            yield FieldFacts(name=MASK, spec=TensorSpec((BATCH, field.values.shape[1]), "bool"))


def _span(values: Array) -> tuple[float, float] | None:
    return (float(values.min()), float(values.max())) if values.size else None


def _drop_incomplete(samples: Samples, *, all_fields: bool) -> tuple[Samples, list[str]]:
    """Without the rows that miss a target (or, when `all_fields`, anything)."""
    complete = np.ones(len(samples), dtype=bool)
    for field in samples.fields:
        if field.tokens is not None or field.padded or isinstance(field.values, Stream):
            continue  # a gap is padding there; what is read from disk has none
        if field.classes:
            complete &= field.array >= 0
        elif all_fields or field.role == "target":
            complete &= ~np.isnan(field.array).reshape(len(samples), -1).any(axis=1)
    dropped = int((~complete).sum())
    if not dropped:
        return samples, []
    if dropped == len(samples):
        raise UserError(
            f"Every row of {samples.title} misses a value: set the missing values to be filled in, "
            "or leave the columns with gaps out."
        )
    rows = "1 row with a missing value was" if dropped == 1 else f"{dropped:,} rows with missing values were"
    return samples.only(complete), [f"{rows} left out."]


def _scaling(field: RawField, wish: str) -> str:
    if wish == "auto":
        if field.layout is Layout.WAVE:
            return "none"  # a sound runs from −1 to 1 as it is
        return "0-1" if field.value_range is not None else "standard"
    return wish


_SCALING_NOTES = {
    "standard": "scaled to mean 0 and standard deviation 1, measured on the training samples",
    "min-max": "scaled so that the training samples reach from 0 to 1",
}


def _scaling_note(field: RawField, scaling: str) -> list[str]:
    if scaling == "none":
        return []
    if scaling == "0-1" and field.value_range is not None:
        low, high = field.value_range
        return [f"{field.name}: {low:g} to {high:g} scaled to 0 to 1."]
    per_channel = field.layout in (Layout.IMAGE, Layout.WAVE)
    what = _SCALING_NOTES["min-max" if scaling == "0-1" else scaling]
    return [f"{field.name}: {what}{', each channel as a whole' if per_channel else ''}."]


def _vocabulary_note(field: RawField, vocabulary: Vocabulary) -> list[str]:
    if field.role != "input":
        return []
    what = "letter" if vocabulary.tokens.unit == "characters" else "word"
    left = len(vocabulary.tokens.alphabet) - (len(vocabulary.words) - 1 - vocabulary.tokens.padded)
    others = f"; {left:,} rarer ones, or ones that do not occur in the training samples, count as unknown"
    return [
        f"{field.name}: every {what} is a number, the most frequent first, {len(vocabulary.words):,} in all"
        f"{others if left else ''}."
    ]


def _filling_note(field: RawField, missing: str) -> list[str]:
    if field.layout is not Layout.FEATURES:
        return []
    count = int(np.isnan(field.array).any(axis=1).sum())
    if not count:
        return []
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return [
        f"{field.name}: missing values in {rows} filled with the {missing} value of the training samples."
    ]
