"""The deep check: what only the running network can tell, each finding with the node to blame."""

from nodeforge.torch_backend.deep_check.checks import TITLES, Deadline, EndedError, deep_check
from nodeforge.torch_backend.deep_check.samples import POOL, Samples, drawn
from nodeforge.torch_backend.deep_check.subject import Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, Outcome, Remedy, Verdict

__all__ = [
    "POOL",
    "TITLES",
    "Answer",
    "Deadline",
    "EndedError",
    "Finding",
    "Outcome",
    "Remedy",
    "Samples",
    "Subject",
    "Verdict",
    "deep_check",
    "drawn",
]
