"""Some samples as a person meets them: pictures, texts with their numbers, curves, sounds. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodeforge.data.audio.spectrum import log_mel
from nodeforge.data.dataset import Dataset
from nodeforge.data.source import Array, Layout, RawField
from nodeforge.data.tokens import PADDING

MOST_TEXTS = 40
MOST_TOKENS = 120
MOST_SOUNDS = 16
MOST_CURVES = 24
MOST_SECONDS = 5
_BANDS = 64
_FRAME_S = 0.032


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPicture:
    """One sample to draw: 8-bit grey or RGB, row by row."""

    width: int
    height: int
    channels: int
    pixels: bytes
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewText:
    """One text, cut as the network gets it: letters or words, and their numbers."""

    tokens: tuple[str, ...]
    numbers: tuple[int, ...]
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSound:
    """One sound: 16-bit samples, low byte first, and a picture of its pitches over time."""

    rate: int
    samples: bytes
    spectrum: PreviewPicture
    label: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewCurves:
    """One sequence: a curve for each of its quantities."""

    curves: tuple[tuple[float, ...], ...]
    label: str = ""


def shown_pictures(dataset: Dataset, count: int) -> tuple[PreviewPicture, ...]:
    """The first training samples that are images and no pictures of sounds."""
    field = _input(dataset, Layout.IMAGE)
    if field is None or dataset.samples.sounds is not None:
        return ()
    rows = dataset.indices["train"][:count]
    return tuple(
        picture_of(field, values, label_of(dataset, row))
        for row, values in zip(rows, field.read(rows), strict=True)
    )


def picture_of(field: RawField, values: Array, label: str = "") -> PreviewPicture:
    """Raw pixels of one sample, (C, H, W), as eight bits."""
    low, high = field.value_range or (float(values.min()), float(values.max()))
    grey = (values.astype(np.float64) - low) / (high - low or 1.0) * 255
    channels, height, width = values.shape
    if channels not in (1, 3):  # of other kinds of channels the first is shown
        grey, channels = grey[:1], 1
    pixels = grey.clip(0, 255).round().astype(np.uint8).transpose(1, 2, 0).tobytes()
    return PreviewPicture(width=width, height=height, channels=channels, pixels=pixels, label=label)


def shown_texts(dataset: Dataset) -> tuple[PreviewText, ...]:
    """The first training texts."""
    field = _input(dataset, Layout.TOKENS)
    vocabulary = dataset.vocabulary(field.name) if field else None
    if field is None or vocabulary is None:
        return ()
    found = []
    for place, row in enumerate(dataset.indices["train"][:MOST_TEXTS]):
        numbers = dataset.splits["train"][field.name][place][:MOST_TOKENS].tolist()
        tokens = tuple(vocabulary.words[number] for number in numbers)
        kept = [(token, number) for token, number in zip(tokens, numbers, strict=True) if token != PADDING]
        found.append(
            PreviewText(
                tokens=tuple(token for token, _ in kept),
                numbers=tuple(number for _, number in kept),
                label=label_of(dataset, row),
            )
        )
    return tuple(found)


def shown_curves(dataset: Dataset) -> tuple[PreviewCurves, ...]:
    """The first training sequences, where each is a sample of its own and no window of one series."""
    field = _input(dataset, Layout.SERIES)
    if field is None or dataset.samples.timeline is not None:
        return ()
    rows = dataset.indices["train"][:MOST_CURVES]
    found = []
    for row, values in zip(rows, field.read(rows), strict=True):
        real = values[~np.isnan(values).all(axis=1)]
        curves = tuple(tuple(curve) for curve in real.T.astype(np.float64).tolist())
        found.append(PreviewCurves(curves=curves, label=label_of(dataset, row)))
    return tuple(found)


def shown_sounds(dataset: Dataset) -> tuple[PreviewSound, ...]:
    """Some training sounds, always the same."""
    samples = dataset.samples
    if samples.sounds is None:
        return ()
    train = dataset.indices["train"]
    places = np.random.default_rng(0).permutation(len(train))[:MOST_SOUNDS]
    rate, found = samples.sounds.rate, []
    for row in train[places]:
        wave = samples.sounds.wave(int(row))[: MOST_SECONDS * rate]
        name = "" if samples.groups is None else samples.group_names[samples.groups[row]]
        found.append(
            PreviewSound(
                rate=rate,
                samples=(wave.clip(-1, 1) * 32767).round().astype("<i2").tobytes(),
                spectrum=_spectrum(wave, rate),
                label=label_of(dataset, row),
                name=name,
            )
        )
    return tuple(found)


def _spectrum(wave: Array, rate: int) -> PreviewPicture:
    """Low pitches below, loud ones bright."""
    fft = max(16, round(_FRAME_S * rate))
    padded = np.pad(wave, (0, max(0, fft - len(wave))))[None].astype(np.float32)
    bands = min(_BANDS, fft // 4)
    values = log_mel(padded, rate=rate, bands=bands, fft=fft, hop=max(1, fft // 4))[0][::-1]
    low, high = np.percentile(values, (5, 100))
    pixels = ((values - low) / (high - low or 1.0) * 255).clip(0, 255).astype(np.uint8)
    height, width = pixels.shape
    return PreviewPicture(width=width, height=height, channels=1, pixels=pixels.tobytes())


def label_of(dataset: Dataset, row: int) -> str:
    """The class of a sample, or the number to predict; "" where there is neither."""
    labels = dataset.samples.labels
    if labels is not None:
        return str(labels.classes[labels.array[row]])
    target = next((field for field in dataset.samples.fields if field.role == "target"), None)
    if target is None or target.tokens is not None or target.array[row].size != 1:
        return ""
    return f"{float(target.array[row].item()):.4g}"


def _input(dataset: Dataset, layout: Layout) -> RawField | None:
    return next((f for f in dataset.samples.fields if f.layout is layout and f.role == "input"), None)
