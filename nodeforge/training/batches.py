"""Samples as tensors on the device, cut into batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor

from nodeforge.compiler import Slot, Source
from nodeforge.core.errors import UserError
from nodeforge.data import Dataset
from nodeforge.data.streams import Stream

COPY_BYTES = 1 << 30
"""Up to here an epoch's samples are put in order once; beyond it each batch is gathered on its own."""

READ_AHEAD = 2
"""Batches of streamed samples that are read while another is worked on."""

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
            yield self.moved(Batch(part[:places], part[places:]))

    def moved(self, batch: Batch) -> Batch:
        """A batch on the device where it is worked on."""
        if (*batch.inputs, *batch.targets)[0].device == self.device:
            return batch
        inputs, targets = (
            tuple(t.to(self.device, non_blocking=True) for t in part)
            for part in (batch.inputs, batch.targets)
        )
        return Batch(inputs, targets)

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

    def take(self, places: Tensor) -> Batch:
        """Samples by their places."""
        return Batch(tuple(t[places] for t in self.inputs), tuple(t[places] for t in self.targets))


@dataclass(frozen=True, slots=True)
class StreamedSplit(Split):
    """A split of which some fields are read from disk, the next batches while the present one is worked on.

    Attributes:
        streams: By place among inputs and targets, what is read; None for those in memory. Where there is a
            stream, the tensor only tells shape and element type and takes no memory.
    """

    streams: tuple[Stream | None, ...] = ()
    channels_last: bool = False

    def take(self, places: Tensor) -> Batch:
        part = self._read(places)
        return Batch(part[: len(self.inputs)], part[len(self.inputs) :])

    def _parts(
        self, tensors: tuple[Tensor, ...], ranges: list[Range], order: Tensor | None
    ) -> Iterator[tuple[Tensor, ...]]:
        def places(part: Range) -> Tensor:
            return torch.arange(*part) if order is None else order[part[0] : part[1]]

        waiting: deque[Future[tuple[Tensor, ...]]] = deque()
        with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:
            try:
                for part in ranges:
                    waiting.append(pool.submit(self._read, places(part)))
                    if len(waiting) > READ_AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _read(self, places: Tensor) -> tuple[Tensor, ...]:
        rows = places.cpu().numpy()
        found = []
        for tensor, stream in zip((*self.inputs, *self.targets), self.streams, strict=True):
            if stream is None:
                found.append(tensor[places.to(tensor.device)])
                continue
            data = torch.from_numpy(stream.read(rows)).to(tensor.dtype)
            if self.channels_last and data.dim() == 4:
                data = data.contiguous(memory_format=torch.channels_last)
            found.append(data)
        return tuple(found)


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
    fields, streams = dataset.split(name), dataset.streams.get(name, {})
    total = sum(fields[field].nbytes for field in fields)
    home = device if _fits(total, device) else torch.device("cpu")

    def field_of(slot: Slot, role: str) -> str:
        facts = dataset.facts.field(slot.field, role)
        if facts is None:
            raise UserError(f"{slot.node} asks for a field {slot.field!r} that {dataset.facts.title} lacks.")
        return facts.name

    def tensor(slot: Slot, role: str) -> Tensor:
        field = field_of(slot, role)
        if field in streams:
            # One number that stands in every place.
            return torch.zeros((), dtype=getattr(torch, slot.spec.dtype)).expand(streams[field].shape)
        data = torch.tensor(fields[field], dtype=getattr(torch, slot.spec.dtype), device=home)
        if channels_last and data.dim() == 4:
            data = data.contiguous(memory_format=torch.channels_last)
        return data

    inputs = tuple(tensor(slot, "input") for slot in source.inputs)
    targets = tuple(tensor(slot, "target") for slot in source.targets)
    if not streams:
        return Split(inputs, targets, device)
    names = (
        *(field_of(slot, "input") for slot in source.inputs),
        *(field_of(slot, "target") for slot in source.targets),
    )
    return StreamedSplit(inputs, targets, device, tuple(streams.get(field) for field in names), channels_last)


def _fits(size: int, device: torch.device) -> bool:
    """Whether samples of so many bytes, twice for the shuffled copy, leave the device half its free memory."""
    if device.type != "cuda":
        return True
    free, _ = torch.cuda.mem_get_info(device)
    return 4 * size < free
