"""How good it is: metrics, and the baselines it must beat. Arrays in, numbers out; no torch."""

from nodeforge.evaluation.measuring import confusion_matrix, metrics, predicted_classes
from nodeforge.evaluation.simple_models import baselines
from nodeforge.evaluation.task import Task, TaskKind, task_of

__all__ = [
    "Task",
    "TaskKind",
    "baselines",
    "confusion_matrix",
    "metrics",
    "predicted_classes",
    "task_of",
]
