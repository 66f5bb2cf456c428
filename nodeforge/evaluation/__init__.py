"""How good it is: metrics, and the baselines it must beat. Arrays in, numbers out."""

from nodeforge.evaluation.measuring import confusion_matrix, metrics, predicted_classes, probabilities
from nodeforge.evaluation.scoring import PartScores, Scores, class_names, score
from nodeforge.evaluation.simple_models import Rivals, baselines, rivals
from nodeforge.evaluation.task import Task, TaskKind, reconstruction_of, task_of
from nodeforge.evaluation.verdict import verdict

__all__ = [
    "PartScores",
    "Rivals",
    "Scores",
    "Task",
    "TaskKind",
    "baselines",
    "class_names",
    "confusion_matrix",
    "metrics",
    "predicted_classes",
    "probabilities",
    "reconstruction_of",
    "rivals",
    "score",
    "task_of",
    "verdict",
]
