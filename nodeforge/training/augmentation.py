"""Changes to training batches, as `data.augmentation` declares them; on the batch's device, all samples at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from nodeforge.compiler import Slot, Source
from nodeforge.core.document import Component, Document
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Values
from nodeforge.core.specs import FieldFacts
from nodeforge.data import Dataset
from nodeforge.data.augmentation import Augmentation, augmentations
from nodeforge.data.samples_shown import PreviewPicture, label_of, picture_of
from nodeforge.data.source import Layout
from nodeforge.training.batches import Batch
from nodeforge.training.material import Material

Range = tuple[float, float]
Change = Callable[[Tensor, Values, Range, Generator], Tensor]
"""(inputs, parameters, least and greatest value, randomness) -> inputs."""


def rotate(images: Tensor, values: Values, _: Range, generator: Generator) -> Tensor:
    """Each by an angle of its own, (N, C, H, W)."""
    angle = torch.deg2rad(_number(values, "degrees") * _even(images, generator))
    height, width = images.shape[-2:]
    sine, cosine, zero = angle.sin(), angle.cos(), torch.zeros_like(angle)
    rows = (cosine, -sine * height / width, zero, sine * width / height, cosine, zero)
    return _warped(images, torch.stack(rows, dim=1))


def zoom(images: Tensor, values: Values, _: Range, generator: Generator) -> Tensor:
    """Each by a factor of its own."""
    factor = 1.0 / (1.0 + _number(values, "amount") * _even(images, generator))
    zero = torch.zeros_like(factor)
    return _warped(images, torch.stack((factor, zero, zero, zero, factor, zero), dim=1))


def shift(images: Tensor, values: Values, _: Range, generator: Generator) -> Tensor:
    """Each by steps of its own, of parts of a pixel as well."""
    amount = 2.0 * _number(values, "amount")  # the grid runs from −1 to 1
    across, down = amount * _even(images, generator), amount * _even(images, generator)
    one, zero = torch.ones_like(across), torch.zeros_like(across)
    return _warped(images, torch.stack((one, zero, across, zero, one, down), dim=1))


def _warped(images: Tensor, transforms: Tensor) -> Tensor:
    """Images looked at through one affine map each, (N, 6)."""
    grid = functional.affine_grid(transforms.reshape(-1, 2, 3), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def flip(images: Tensor, values: Values, _: Range, generator: Generator) -> Tensor:
    """Half of them, each way that is wanted."""
    for name, axis in (("horizontal", -1), ("vertical", -2)):
        if values[name]:
            chosen = _even(images, generator) > 0
            images = torch.where(_beside(chosen, images), images.flip(axis), images)
    return images


def crop(images: Tensor, values: Values, _: Range, generator: Generator) -> Tensor:
    """A window of the old size out of a larger picture, at a place of its own for each."""
    edge = int(_number(values, "pixels"))
    count, channels, height, width = images.shape
    large = functional.pad(images, (edge,) * 4, mode="replicate")
    tops, lefts = (
        torch.randint(0, 2 * edge + 1, (count, 1), generator=generator, device=images.device) for _ in "hw"
    )
    rows = (tops + torch.arange(height, device=images.device))[:, None, :, None]
    columns = (lefts + torch.arange(width, device=images.device))[:, None, None, :]
    samples = torch.arange(count, device=images.device)[:, None, None, None]
    planes = torch.arange(channels, device=images.device)[None, :, None, None]
    return large[samples, planes, rows, columns]


def noise(inputs: Tensor, values: Values, _: Range, generator: Generator) -> Tensor:
    """Gaussian, for every number anew."""
    drawn = torch.randn(inputs.shape, generator=generator, device=inputs.device, dtype=inputs.dtype)
    return inputs + _number(values, "spread") * drawn


def brighten(images: Tensor, values: Values, span: Range, generator: Generator) -> Tensor:
    """One number added to each picture."""
    low, high = span
    change = (high - low) * _number(values, "amount") * _even(images, generator)
    return (images + _beside(change, images)).clamp(low, high)


def contrast(images: Tensor, values: Values, span: Range, generator: Generator) -> Tensor:
    """Each picture's distance from its mean times one number."""
    factor = 1.0 + _number(values, "amount") * _even(images, generator)
    mean = images.mean(dim=tuple(range(1, images.dim())), keepdim=True)
    return (mean + (images - mean) * _beside(factor, images)).clamp(*span)


CHANGES: Mapping[str, Change] = {
    "rotation": rotate,
    "zoom": zoom,
    "shift": shift,
    "flip": flip,
    "crop": crop,
    "noise": noise,
    "brightness": brighten,
    "contrast": contrast,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One augmentation as it is carried out: which inputs it changes, and which targets it mixes."""

    declaration: Augmentation
    values: Values
    inputs: tuple[int, ...]
    spans: tuple[Range, ...]


class Augmenter:
    """Changes batches of one training. A function of seed, stage, epoch and place alone, so that a resumed
    training sees the same.

    Raises:
        UserError: An augmentation is unknown, its settings are out of bounds, or nothing is there that it could
            change.
    """

    def __init__(
        self, augmentation: Sequence[Component], dataset: Dataset, source: Source, seed: int
    ) -> None:
        self._seed = seed
        self._steps = tuple(_planned(part.kind, part.parameters, dataset, source) for part in augmentation)
        self._classes = tuple(_classes(dataset, source))
        mixing = next((step for step in self._steps if step.declaration.mixes), None)
        if mixing is not None:
            _require_mixable(mixing.declaration, dataset, source)

    def __bool__(self) -> bool:
        return bool(self._steps)

    def __call__(self, batch: Batch, *, stage: int, epoch: int, place: int) -> Batch:
        """The batch whose first sample has that place in the epoch, changed."""
        device = (*batch.inputs, *batch.targets)[0].device
        mixed = np.random.SeedSequence([self._seed, stage, epoch, place, 1]).generate_state(1, np.uint64)
        generator = torch.Generator(device).manual_seed(int(mixed[0] >> 1))
        inputs, targets = list(batch.inputs), list(batch.targets)
        for step in self._steps:
            if step.declaration.mixes:
                self._mix(step, inputs, targets, generator)
            else:
                change = CHANGES[step.declaration.name]
                for index, span in zip(step.inputs, step.spans, strict=True):
                    inputs[index] = change(inputs[index], step.values, span, generator)
        return Batch(tuple(inputs), tuple(targets))

    def _mix(self, step: _Step, inputs: list[Tensor], targets: list[Tensor], generator: Generator) -> None:
        """Two samples each, every one of them the greater part once; answers in the same proportion."""
        first = inputs[step.inputs[0]]
        order = torch.randperm(len(first), generator=generator, device=first.device)
        kept = _kept_share(_number(step.values, "alpha"), generator)
        if step.declaration.name == "cutmix":
            for index in step.inputs:
                inputs[index], kept = _patched(inputs[index], inputs[index][order], kept, generator)
        else:
            for index in step.inputs:
                inputs[index] = inputs[index].lerp(inputs[index][order], 1.0 - kept)
        for index, classes in enumerate(self._classes):
            answers = targets[index]
            if classes and not answers.is_floating_point():
                answers = functional.one_hot(answers, classes).to(first.dtype)
            targets[index] = answers.lerp(answers[order], 1.0 - kept)


def augmenter_of(material: Material) -> Augmenter:
    """What the project's augmentations do to its batches; false when it has none.

    Raises:
        UserError: They cannot be carried out.
    """
    document = material.document
    parts = () if document.data is None else document.data.augmentation
    return Augmenter(parts, material.dataset, material.source, document.recipe.seed)


def augmented_pictures(document: Document, dataset: Dataset, count: int) -> tuple[PreviewPicture, ...]:
    """The first training pictures as a batch could hold them, whatever the network looks like; none when the data
    are no pictures.

    Raises:
        UserError: The augmentations cannot be carried out.
    """
    field = next((f for f in dataset.samples.fields if f.layout is Layout.IMAGE and f.role == "input"), None)
    if field is None or document.data is None or dataset.samples.sounds is not None:
        return ()
    rows = dataset.indices["train"][:count]
    raw = field.read(rows)
    images = torch.from_numpy(dataset.fitted[field.name].apply(raw))
    facts = dataset.facts.field(field.name, "input")
    assert facts is not None
    # Whatever mixes needs no answers here.
    source = Source(
        text="",
        class_name="",
        filename="",
        node_lines={},
        line_nodes={},
        attributes={},
        inputs=(Slot(node="", spec=facts.spec, field=field.name),),
    )
    augmenter = Augmenter(document.data.augmentation, dataset, source, document.recipe.seed)
    changed = augmenter(Batch((images,), ()), stage=0, epoch=0, place=0).inputs[0]
    values = dataset.restore(field.name, changed.numpy())
    return tuple(
        picture_of(field, one, label_of(dataset, row)) for row, one in zip(rows, values, strict=True)
    )


def _kept_share(alpha: float, generator: Generator) -> float:
    """From 0.5 to 1: a draw of Beta(α, α), or 1 less it. Drawn on the processor, where numpy knows the distribution."""
    seed = int(torch.randint(0, 1 << 31, (1,), generator=generator, device=generator.device))
    share = float(np.random.default_rng(seed).beta(alpha, alpha))
    return max(share, 1.0 - share)


def _patched(images: Tensor, others: Tensor, kept: float, generator: Generator) -> tuple[Tensor, float]:
    """Images with a rectangle of others in the same place, and the share of the area that stayed."""
    height, width = images.shape[-2:]
    side = (1.0 - kept) ** 0.5
    size_y, size_x = int(height * side), int(width * side)
    draws = torch.rand(2, generator=generator, device=generator.device).tolist()
    top, left = int(draws[0] * (height - size_y + 1)), int(draws[1] * (width - size_x + 1))
    result = images.clone()
    result[..., top : top + size_y, left : left + size_x] = others[
        ..., top : top + size_y, left : left + size_x
    ]
    return result, 1.0 - size_y * size_x / (height * width)


def _planned(kind: str, parameters: Values, dataset: Dataset, source: Source) -> _Step:
    declaration = augmentations().get(kind)
    if declaration is None:
        raise UserError(f"There is no augmentation {kind}: choose one of {', '.join(augmentations())}.")
    try:
        values = declaration.settled(parameters)
    except ValueError as error:
        raise UserError(f"Augmentation {kind}: {error}.") from None
    layouts = {field.name: field.layout for field in dataset.samples.fields if field.tokens is None}
    fields = [dataset.facts.field(slot.field, "input") for slot in source.inputs]
    places = tuple(
        place
        for place, field in enumerate(fields)
        if field is not None and layouts.get(field.name) in declaration.layouts
    )
    if not places:
        kinds = "pictures" if declaration.layouts == augmentations()["flip"].layouts else "numbers"
        raise UserError(
            f"The augmentation {kind} changes {kinds}, and {dataset.facts.title} gives the network none: take it out."
        )
    spans = tuple(_span(fields[place]) for place in places)
    return _Step(declaration=declaration, values=values, inputs=places, spans=spans)


def _span(field: FieldFacts | None) -> Range:
    return (0.0, 1.0) if field is None or field.span is None else field.span


def _classes(dataset: Dataset, source: Source) -> Sequence[int]:
    """By Target node, the number of classes; 0 for values."""
    fields = (dataset.facts.field(slot.field, "target") for slot in source.targets)
    return [0 if field is None else len(field.classes) for field in fields]


def _require_mixable(mixing: Augmentation, dataset: Dataset, source: Source) -> None:
    """
    Raises:
        UserError: Some loss takes classes and no shares of them.
    """
    if any(_classes(dataset, source)) and "CrossEntropyLoss" not in source.text:
        raise UserError(
            f"The augmentation {mixing.name} turns classes into shares, which only CrossEntropyLoss takes: use that "
            f"loss, or take {mixing.name} out."
        )


def _number(values: Values, name: str) -> float:
    return float(cast(float, values[name]))


def _even(batch: Tensor, generator: Generator) -> Tensor:
    """One number for each sample, evenly spread from −1 to 1: (N,)."""
    drawn = torch.rand(len(batch), generator=generator, device=batch.device, dtype=torch.float32)
    return (2.0 * drawn - 1.0).to(batch.dtype)


def _beside(numbers: Tensor, batch: Tensor) -> Tensor:
    """One number for each sample, shaped to go with the batch."""
    return numbers.reshape(-1, *(1,) * (batch.dim() - 1))
