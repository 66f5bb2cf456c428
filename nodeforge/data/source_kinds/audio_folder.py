"""Sounds of the user: one folder a class."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Integer, Parameter, Text
from nodeforge.data.audio.clips import HEARING, Clips, FloatArray, Hearing, clip_samples
from nodeforge.data.audio.files import SUFFIXES, SoundHead, read_sound, sound_head
from nodeforge.data.audio.resampling import resample, resampled_length
from nodeforge.data.faults import FAULTY, Faults
from nodeforge.data.folders import ClassFile, ClassFolder, read_folder
from nodeforge.data.paths import chosen_folder
from nodeforge.data.source import OWN, Array, Samples, Source, SourceCall
from nodeforge.data.words import agreeing, counted_names

WHAT = "sounds"
_REMEMBERED = 8
"""Files whose sound stays in memory, since windows of a file are often wanted one after another."""


def _load(call: SourceCall) -> Samples:
    faults = Faults(call.text("faulty") == "leave out")
    folder = read_folder(chosen_folder(call, "folder of sounds"), SUFFIXES, WHAT, faults)
    files, heads = _sound_files(folder, faults)
    rate = call.integer("rate") or Counter(head.rate for head in heads).most_common(1)[0][0]
    hearing = Hearing.of(call, rate)
    lengths = [resampled_length(head.samples, head.rate, rate) for head in heads]
    marks = repr([(file.path.name, file.path.stat().st_mtime_ns) for file in files]).encode()
    clips = Clips(hearing, lengths, _reader(files, rate), marks)
    samples = clip_samples(
        folder.root.name,
        clips,
        labels=[file.label for file in files],
        classes=folder.classes,
        names=tuple(folder.name(file) for file in files),
        lengths=lengths,
        notes=[*folder.notes, *faults.settle(), *_notes(folder, files, heads, rate)],
    )
    given = np.array([file.test for file in files])[clips.files] if folder.split else None
    return replace(samples, given_test=given, read=lambda path: _read_more(path, hearing))


def _sound_files(folder: ClassFolder, faults: Faults) -> tuple[list[ClassFile], list[SoundHead]]:
    """Those files that can be read, to their end."""
    files, heads = [], []
    for file in folder.files:
        try:
            heads.append(sound_head(file.path))
            files.append(file)
        except UserError as error:
            faults.add(str(error).replace(file.path.name, folder.name(file), 1))
    if not files:
        raise UserError(f"None of the sounds in {folder.root} can be read: choose another folder.")
    return files, heads


def _reader(files: Sequence[ClassFile], rate: int) -> Callable[[int], FloatArray]:
    @functools.lru_cache(maxsize=_REMEMBERED)
    def read(number: int) -> FloatArray:
        return _mono(files[number].path, rate)

    return read


def _mono(path: Path, rate: int) -> FloatArray:
    """A file's sound at the rate, its channels averaged, (T,)."""
    sound, own = read_sound(path)
    return resample(sound.mean(axis=0, dtype=np.float32), own, rate)


def _notes(
    folder: ClassFolder, files: Sequence[ClassFile], heads: Sequence[SoundHead], rate: int
) -> list[str]:
    """Sentences on what is done to files of another kind."""
    named = [(folder.name(file), head) for file, head in zip(files, heads, strict=True)]
    notes = []
    for other in sorted({head.rate for head in heads} - {rate}):
        names = [name for name, head in named if head.rate == other]
        notes.append(
            f"{counted_names(names, 'file')} {agreeing(len(names), 'have')} {other:,} Hz instead of {rate:,}: "
            "resampled by windowed-sinc interpolation."
        )
    several = [name for name, head in named if head.channels > 1]
    if several:
        notes.append(
            f"{counted_names(several, 'file')} {agreeing(len(several), 'have')} several channels: their mean is used."
        )
    return notes


def _read_more(path: Path, hearing: Hearing) -> dict[str, Array]:
    """All windows of a sound, for a trained network to answer."""
    sound = _mono(path, hearing.rate)
    clips = Clips(hearing, [len(sound)], lambda number: sound)
    return {hearing.field: clips.all()}


def _files(call: SourceCall) -> tuple[Path, ...]:
    root = chosen_folder(call, "folder of sounds")
    return tuple(path for path in sorted(root.rglob("*")) if path.suffix.lower() in SUFFIXES)


AUDIO_FOLDER = Source(
    name="audio-folder",
    title="Folder of sounds",
    summary="Sounds of your own, one folder for each class.",
    doc="The names of the folders are the classes; folders called train and test, with the classes in each, give the split. "
    "Sounds may be WAV, FLAC, OGG, AIFF or MP3, of any length and rate; each is cut into windows, and all windows of a file "
    "stand in the same split.",
    keywords=("audio", "sound", "wav", "flac", "speech", "music", "classification", "own data"),
    parameters=(
        Parameter(
            "path",
            Text(path=True, folder=True),
            "",
            "The folder; a relative path starts from the project's folder.",
        ),
        Parameter(
            "rate",
            Integer(minimum=0, maximum=192_000),
            0,
            "Samples a second that all sounds are brought to. 0: what most files have.",
            unit="Hz",
        ),
        *HEARING,
        FAULTY,
    ),
    load=_load,
    files=_files,
    licence=OWN,
)
