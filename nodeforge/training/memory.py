"""What a training step really needs: counted from its own tensors, and by the device where that keeps count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor, nn

from nodeforge.analysis.forecast import MemoryUse
from nodeforge.training.batches import Batch
from nodeforge.training.rules import LearningRule

_NOTHING = nullcontext()


class MemoryWatch:
    """Measures the first step of a stage, and on a graphics card the peak of the second.

    In the first step every tensor that autograd saves is counted as it is saved; the optimizer has its memory only
    after it. Later steps are not touched. Belongs to the training thread.

    Args:
        module: What is trained.
        rule: How.
        device: Where.
        tell: Called once, with what was measured and the size of the batch.
    """

    def __init__(
        self,
        module: nn.Module,
        rule: LearningRule,
        device: torch.device,
        tell: Callable[[MemoryUse, int], object],
    ) -> None:
        self._module = module
        self._rule = rule
        self._device = device
        self._tell = tell
        self._saved = 0
        watches = (self._first, self._peak) if device.type == "cuda" else (self._first,)
        self._watches = list(watches)

    def step(self, batch: Batch) -> AbstractContextManager[None]:
        """To be held around a step."""
        return self._watches.pop(0)(batch) if self._watches else _NOTHING

    @contextmanager
    def _first(self, batch: Batch) -> Iterator[None]:
        saved = _Saved(self._module, batch)
        with torch.autograd.graph.saved_tensors_hooks(saved.take, _as_it_is):
            yield
        self._saved = saved.bytes
        if not self._watches:
            self._tell(self._use(), _size(batch))

    @contextmanager
    def _peak(self, batch: Batch) -> Iterator[None]:
        before = self._use()
        others = torch.cuda.memory_allocated(self._device)
        others -= before.parameters + before.gradients + before.optimizer
        torch.cuda.reset_peak_memory_stats(self._device)
        yield
        peak = torch.cuda.max_memory_allocated(self._device) - others
        self._tell(self._use(peak=peak), _size(batch))

    def _use(self, *, peak: int = 0) -> MemoryUse:
        weights = list(self._module.parameters())
        return MemoryUse(
            parameters=_bytes(weights),
            gradients=_bytes(weight.grad for weight in weights if weight.grad is not None),
            optimizer=_bytes(self._rule.state().tensors.values()),
            activations=self._saved,
            peak=peak,
        )


class _Saved:
    """Adds up what autograd saves, each piece of memory once, weights left out.

    The batch lies within an epoch's samples, of which it counts alone.
    """

    def __init__(self, module: nn.Module, batch: Batch) -> None:
        own = (*module.parameters(), *module.buffers())
        self._sizes = {_place(tensor): 0 for tensor in own}
        self._lent = {_place(tensor): tensor.nbytes for tensor in (*batch.inputs, *batch.targets)}

    @property
    def bytes(self) -> int:
        return sum(self._sizes.values())

    def take(self, tensor: Tensor) -> Tensor:
        place = _place(tensor)
        if place not in self._sizes:
            self._sizes[place] = self._lent.get(place, tensor.untyped_storage().nbytes())
        return tensor


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _as_it_is(tensor: Tensor) -> Tensor:
    return tensor


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.nbytes for tensor in tensors)


def _size(batch: Batch) -> int:
    return len((*batch.inputs, *batch.targets)[0])
