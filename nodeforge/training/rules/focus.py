"""Keeps a gradient step to the nodes that a stage teaches: all else stays as it is, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from torch import Tensor, nn


class Focus:
    """To be entered around a step. Outside the taught modules no weight asks for a gradient.

    Layers with running statistics outside use those, as in evaluation, and keep them. But the layers of partners,
    with which the stage takes turns, go on as in training, and get their buffers back afterwards.

    Attributes:
        parameters: What is taught.
    """

    def __init__(
        self, module: nn.Module, taught: Iterable[nn.Module], partners: Iterable[nn.Module] = ()
    ) -> None:
        own = {id(each) for part in taught for each in (*part.modules(), *part.parameters())}
        others = {id(each) for part in partners for each in part.modules()} - own
        learning = [p for p in module.parameters() if p.requires_grad]
        self.parameters: list[nn.Parameter] = [p for p in learning if id(p) in own]
        self._resting = [p for p in learning if id(p) not in own]
        outside = [each for each in module.modules() if id(each) not in own]
        self._still = [m for m in outside if id(m) not in others and hasattr(m, "running_mean")]
        self._lent: list[Tensor] = [
            buffer for m in outside if id(m) in others for buffer in m.buffers(recurse=False)
        ]
        self._before: list[Tensor] = []

    def __enter__(self) -> None:
        for parameter in self._resting:
            parameter.requires_grad_(False)
        for module in self._still:
            module.training = False
        self._before = [buffer.clone() for buffer in self._lent]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for parameter in self._resting:
            parameter.requires_grad_(True)
        for buffer, before in zip(self._lent, self._before, strict=True):
            buffer.copy_(before)
        self._before = []
