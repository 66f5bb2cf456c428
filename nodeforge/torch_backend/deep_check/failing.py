"""A network that fails while it is tried: whose fault it is, in words."""

from __future__ import annotations

from nodeforge.catalog.kind import Role
from nodeforge.torch_backend.build import node_of
from nodeforge.torch_backend.deep_check.subject import Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, broken, skipped

RUN_ERRORS = (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError)
"""What torch raises when a layer cannot work with what it is given."""


def failure(subject: Subject, error: Exception, when: str) -> Answer:
    """The answer of a check during which the network failed.

    Args:
        subject: The network.
        error: What torch raised.
        when: When it did so: "on a batch of 1 in evaluation".

    Raises:
        Exception: The error itself, when no line of the network is to blame, or memory ran out.
    """
    name = node_of(error, subject.source)
    if not name or type(error).__name__ == "OutOfMemoryError":
        raise error
    network, _, node = name.rpartition(".")
    kind = subject.nodes[node].kind if not network and node in subject.nodes else None
    is_objective = kind is not None and kind.role is Role.OBJECTIVE
    if subject.samples.are_drawn and (is_objective or _misses(error)):
        what = "answers" if is_objective else "numbers"
        return skipped(f"{name} does not take {what} drawn at random: choose data for the project.")
    sentence = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
    return broken(
        Finding(
            code="cannot-run",
            message=f"{name} fails {when}: {sentence}.",
            reason="Samples must be taken one at a time as well as together: the last batch of a data set is often small.",
            network=network or subject.document.main,
            node=node,
        )
    )


def _misses(error: Exception) -> bool:
    """Whether a number names a place that there is not; torch has several errors for it."""
    return isinstance(error, IndexError) or "out of bounds" in str(error)
