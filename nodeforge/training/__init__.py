"""Training: the one runner of stages, its learning rules, checkpoints, and trained runs brought back."""

from nodeforge.training.answers import predict_run
from nodeforge.training.assessment import evaluate_run
from nodeforge.training.control import Control
from nodeforge.training.job import TrainingJob
from nodeforge.training.restore import TrainedRun, load_run
from nodeforge.training.runner import Training, prepare, train

__all__ = [
    "Control",
    "TrainedRun",
    "Training",
    "TrainingJob",
    "evaluate_run",
    "load_run",
    "predict_run",
    "prepare",
    "train",
]
