"""Samples as tensors on the device, cut into batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nodeforge.compiler import Slot, Source
from nodeforge.core.errors import UserError
from nodeforge.data import Dataset

COPY_BYTES = 1 << 30
"""Up to here an epoch's samples are put in order once; beyond it each batch is gathered on its own."""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some samples: one tensor for each Input and each Target node, in their order."""

    inputs: tuple[Tensor, ...]
    targets: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """All samples of a split, on the device where they fit, else in main memory."""

    inputs: tuple[Tensor, ...]
    targets: tuple[Tensor, ...]
    device: torch.device

    def __len__(self) -> int:
        return len((*self.inputs, *self.targets)[0])

    def batches(self, ranges: list[Range], order: Tensor | None = None) -> Iterator[Batch]:
        """Batches by adjoining ranges, of the samples as they are or in another order."""
        if not ranges:
            return
        tensors = (*self.inputs, *self.targets)
        places = len(self.inputs)
        for part in self._parts(tensors, ranges, order):
            if part[0].device != self.device:
                part = tuple(t.to(self.device, non_blocking=True) for t in part)
            yield Batch(part[:places], part[places:])

    def _parts(
        self, tensors: tuple[Tensor, ...], ranges: list[Range], order: Tensor | None
    ) -> Iterator[tuple[Tensor, ...]]:
        if order is not None:
            order = order.to(tensors[0].device)
            if sum(t.nbytes for t in tensors) > COPY_BYTES:
                for start, stop in ranges:
                    places = order[start:stop]
                    yield tuple(_like(t.index_select(0, places), t) for t in tensors)
                return
            tensors = tuple(_like(t.index_select(0, order), t) for t in tensors)
        (first, _), (_, last) = ranges[0], ranges[-1]
        sizes = [stop - start for start, stop in ranges]
        yield from zip(*(torch.split(t[first:last], sizes) for t in tensors), strict=True)


def _like(tensor: Tensor, model: Tensor) -> Tensor:
    """The tensor in the memory order of another."""
    if model.dim() == 4 and model.is_contiguous(memory_format=torch.channels_last):
        return tensor.contiguous(memory_format=torch.channels_last)
    return tensor


def ranges(count: int, size: int, *, drop_last: bool = False) -> list[Range]:
    """Where batches start and stop.

    A single sample left over joins the batch before it: batch normalisation cannot train on one.
    """
    starts = list(range(0, count, size))
    if drop_last and count % size and len(starts) > 1:
        starts.pop()
        count = starts[-1] + size
    elif size > 1 and count % size == 1 and len(starts) > 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], count], strict=True))


def load_split(
    dataset: Dataset, name: str, source: Source, device: torch.device, *, channels_last: bool
) -> Split:
    """A split of the data as the network's inputs and targets.

    Raises:
        UserError: The data has no such split, or not a field that a node asks for.
    """
    fields = dataset.split(name)
    total = sum(fields[field].nbytes for field in fields)
    home = device if _fits(total, device) else torch.device("cpu")

    def tensor(slot: Slot, role: str) -> Tensor:
        facts = dataset.facts.field(slot.field, role)
        if facts is None:
            raise UserError(f"{slot.node} asks for a field {slot.field!r} that {dataset.facts.title} lacks.")
        data = torch.tensor(fields[facts.name], dtype=getattr(torch, slot.spec.dtype), device=home)
        if channels_last and data.dim() == 4:
            data = data.contiguous(memory_format=torch.channels_last)
        return data

    return Split(
        tuple(tensor(slot, "input") for slot in source.inputs),
        tuple(tensor(slot, "target") for slot in source.targets),
        device,
    )


def _fits(size: int, device: torch.device) -> bool:
    """Whether samples of so many bytes, twice for the shuffled copy, leave the device half its free memory."""
    if device.type != "cuda":
        return True
    free, _ = torch.cuda.mem_get_info(device)
    return 4 * size < free
