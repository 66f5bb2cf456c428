"""samples.py, predict.py, README.md and requirements.txt for one network."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

import numpy as np
import safetensors
import torch

from nodeforge import __version__
from nodeforge.compiler import Slot
from nodeforge.compiler.naming import literal, plain
from nodeforge.core.errors import one_line
from nodeforge.evaluation import TaskKind
from nodeforge.export.pytorch.facts import Facts, shared_values, task_flags
from nodeforge.export.pytorch.other_templates import PREDICT, README, SAMPLES
from nodeforge.export.pytorch.rendering import render


def samples_py(facts: Facts) -> str:
    """What reads and prepares the samples."""
    source = facts.trained.source
    values = {
        "inputs": _arguments(facts, source.inputs, "input"),
        "targets": _arguments(facts, source.targets, "target"),
    }
    text = facts.fields[facts.text].notes if facts.text else {}
    flags = {
        "targets": bool(source.targets),
        "restores": facts.trained.question.task.kind is TaskKind.REGRESSION,
        "gaps": any("scale" in field.notes and "padded" in field.notes for field in facts.fields.values()),
        "texts": bool(text),
        "words": text.get("unit") == "words",
        "lower": bool(text.get("lower")),
        "from_start": text.get("padded") == "start",
    }
    words = [field.notes for field in facts.fields.values() if "words" in field.notes]
    values |= {
        "unit": str(text.get("unit")),
        "text_field": literal(facts.text),
        "as_they_are": "numbers of classes, letters or words" if words else "numbers of classes",
    }
    return render(SAMPLES, values, flags)


def _arguments(facts: Facts, slots: Iterable[Slot], role: str) -> str:
    return "\n".join(
        f"    {literal(slot.node)}: ({literal(facts.field(slot, role))}, torch.{slot.spec.dtype}),"
        for slot in slots
    )


def predict_py(facts: Facts) -> str:
    """The script that answers for new samples."""
    trained, answer = facts.trained, facts.answer or ()
    task = trained.question.task
    width = 1 if facts.chooses else math.prod(answer)
    count = answer[0] if facts.chooses and task.kind is TaskKind.CLASSIFICATION else 2
    words = {
        TaskKind.CLASSIFICATION: "a score for each class, (N, C, …)",
        TaskKind.BINARY: "a score for each question, (N, …)",
        TaskKind.REGRESSION: "values in the target's own unit, (N, K)",
    }
    flags = {
        **task_flags(task.kind),
        "classes": facts.chooses,
        "texts": bool(facts.text),
        "named_classes": len(task.classes) == count,
        "named_columns": len(trained.dataset.columns_of(task.field)) == width,
        "one_value": width == 1,
        "raw_score": task.threshold == 0.0,
    }
    values = {
        **shared_values(facts),
        "imported": _imported(facts),
        "text_field": literal(facts.text),
        "input_words": _input_words(facts),
        "output_words": words.get(task.kind, "the output as it is, (N, …)"),
        "output_name": literal(task.field or "output"),
        "width": literal(width),
        "class_count": literal(count),
    }
    return render(PREDICT, values, flags)


def _imported(facts: Facts) -> str:
    """What predict.py needs of samples.py."""
    task = facts.trained.question.task
    uses_fields = not facts.text or facts.chooses or bool(facts.trained.dataset.columns_of(task.field))
    names = {
        "FIELDS": uses_fields,
        "INPUTS": True,
        "encode": bool(facts.text),
        "prepare": True,
        "restore": task.kind is TaskKind.REGRESSION,
    }
    return ", ".join(name for name, used in names.items() if used)


def _input_words(facts: Facts) -> str:
    """What the files for predict.py must hold."""
    if facts.text:
        return "The file holds one text a line."
    dataset, lines = facts.trained.dataset, []
    for slot in facts.trained.source.inputs:
        name = facts.field(slot, "input")
        shape = "×".join(map(str, dataset.splits["train"][name].shape[1:])) or "1"
        lines.append(
            f"{slot.node}: samples of {shape} numbers, such as those of {plain(name)} in samples.npz,"
        )
    return "\n".join([*lines, "in a .npy file, or one sample a row as comma-separated text."])


def readme(facts: Facts) -> str:
    """What the folder is and how to use it."""
    trained = facts.trained
    notes = [f"- {_sentence(note)}" for note in (f"{trained.dataset.facts.title}.", *trained.dataset.notes)]
    values = {
        **shared_values(facts),
        "version": __version__,
        "run": plain(trained.run),
        "checkpoint": "the last ones" if facts.checkpoint == "last" else "those that did best in validation",
        "notes": "\n".join(notes),
        "replaces": ", in place of those that were exported" if facts.checkpoint else "",
    }
    values["columns"] = "\n".join(_columns(facts))
    flags = {
        "predicts": facts.answer is not None,
        "weights": bool(facts.checkpoint),
        "columns": bool(values["columns"]),
    }
    return render(README, values, flags)


def _columns(facts: Facts) -> Iterator[str]:
    """What stands in the columns of each field whose columns have names."""
    for name, field in facts.fields.items():
        columns = field.notes.get("columns", ())
        if len(columns) > 1:
            yield f"- The columns of {_sentence(name)}, in order: {_sentence(', '.join(columns))}."


def _sentence(text: str) -> str:
    """A text of the data as one line of Markdown that means only itself."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", one_line(text))


def requirements() -> str:
    """The versions at work here."""
    found = {"numpy": np.__version__, "safetensors": safetensors.__version__, "torch": str(torch.__version__)}
    return "".join(f"{name}=={version.partition('+')[0]}\n" for name, version in found.items())
