from __future__ import annotations

import pytest

from nodeforge.core.specs import DataFacts, FieldFacts, TensorSpec
from nodeforge.evaluation import TaskKind, task_of

CLASSES = ("no", "yes")
FACTS = DataFacts(
    title="both",
    fields=(
        FieldFacts(name="features", spec=TensorSpec(("N", 4))),
        FieldFacts(name="kind", spec=TensorSpec(("N",), "int64"), role="target", classes=CLASSES),
        FieldFacts(name="price", spec=TensorSpec(("N", 1)), role="target"),
    ),
    sizes={"train": 10},
)


@pytest.mark.parametrize(
    ("objectives", "field", "kind", "answer", "classes", "metric"),
    [
        (["CrossEntropyLoss"], "", TaskKind.CLASSIFICATION, "kind", CLASSES, "accuracy"),
        (["NLLLoss"], "kind", TaskKind.CLASSIFICATION, "kind", CLASSES, "accuracy"),
        (["BCEWithLogitsLoss"], "kind", TaskKind.BINARY, "kind", CLASSES, "accuracy"),
        (["MSELoss"], "price", TaskKind.REGRESSION, "price", (), "nrmse"),
        (["L1Loss"], "price", TaskKind.REGRESSION, "price", (), "nrmse"),
        (["Unheard", "SmoothL1Loss"], "price", TaskKind.REGRESSION, "price", (), "nrmse"),
        (["MSELoss"], "kind", TaskKind.OTHER, "", (), ""),
        (["Unheard"], "price", TaskKind.OTHER, "", (), ""),
        ([], "", TaskKind.OTHER, "", (), ""),
        (["MSELoss"], "absent", TaskKind.OTHER, "", (), ""),
    ],
)
def test_the_loss_and_the_target_tell_the_task(
    objectives: list[str], field: str, kind: TaskKind, answer: str, classes: tuple[str, ...], metric: str
) -> None:
    task = task_of(objectives, FACTS, field)
    assert (task.kind, task.field, task.classes, task.metric) == (kind, answer, classes, metric)


def test_without_data_only_the_loss_tells() -> None:
    assert task_of(["CrossEntropyLoss"], None).kind is TaskKind.OTHER


def test_more_accuracy_is_better_and_less_error() -> None:
    assert task_of(["NLLLoss"], FACTS, "kind").higher_is_better
    assert not task_of(["MSELoss"], FACTS, "price").higher_is_better
