"""From sounds to samples: windows of equal length, as waves or as log-mel spectrograms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Choice, Integer, Number, Parameter
from nodeforge.data.audio.spectrum import frame_count, log_mel
from nodeforge.data.source import Array, Layout, RawField, Samples, Sounds, SourceCall
from nodeforge.data.streams import Stream
from nodeforge.data.words import agreeing, counted

FloatArray = NDArray[np.float32]

FORM = Parameter(
    "form",
    Choice(options=("log-mel", "wave")),
    "log-mel",
    "log-mel: a picture of the sound, bands of pitch against time, as Conv2d wants it. wave: the sound itself, as "
    "Conv1d wants it.",
)
SECONDS = Parameter(
    "seconds",
    Number(minimum=0.01, maximum=600.0),
    1.0,
    "How long the window is that the network hears.",
    unit="s",
)
STEP_SECONDS = Parameter(
    "step_seconds",
    Number(minimum=0.0, maximum=600.0),
    0.0,
    "How far each window lies behind the one before it. 0: as far as it is long, so that none overlap.",
    unit="s",
    advanced=True,
)
BANDS = Parameter(
    "bands",
    Integer(minimum=2, maximum=512),
    32,
    "Bands of pitch on the mel scale.",
    visible_if=("form", ("log-mel",)),
)
FRAME = Parameter(
    "frame_ms",
    Number(minimum=1.0, maximum=1_000.0),
    32.0,
    "How much sound one column of the picture is made of; they overlap by half.",
    unit="ms",
    advanced=True,
    visible_if=("form", ("log-mel",)),
)
HEARING = (FORM, SECONDS, STEP_SECONDS, BANDS, FRAME)
"""What every source of sounds can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What the network hears.

    Attributes:
        rate: Samples a second, in Hz.
        window, step: In samples.
        bands: Mel bands; 0 for the wave itself.
        fft: Samples of a frame; frames overlap by half.
    """

    rate: int
    window: int
    step: int
    bands: int
    fft: int

    @classmethod
    def of(cls, call: SourceCall, rate: int) -> Hearing:
        """As the parameters HEARING say.

        Raises:
            UserError: The window is shorter than a frame.
        """
        window = max(1, round(call.number("seconds") * rate))
        mel = call.text("form") == "log-mel"
        fft = max(2, round(call.number("frame_ms") / 1000 * rate))
        if mel and window < fft:
            raise UserError(
                f"A window of {call.number('seconds'):g} s is shorter than a frame of {call.number('frame_ms'):g} ms: "
                "set seconds higher or frame_ms lower."
            )
        return cls(
            rate=rate,
            window=window,
            step=max(1, round(call.number("step_seconds") * rate)) if call.number("step_seconds") else window,
            bands=call.integer("bands") if mel else 0,
            fft=fft,
        )

    def windows(self, samples: int) -> int:
        """How many windows a sound of so many samples gives; one that is too short gives one, padded."""
        return 1 + max(0, samples - self.window) // self.step

    @property
    def field(self) -> str:
        """What the field is called."""
        return "spectrogram" if self.bands else "wave"

    @property
    def sample_shape(self) -> tuple[int, ...]:
        if not self.bands:
            return (1, self.window)
        return (1, self.bands, frame_count(self.window, self.fft, max(1, self.fft // 2)))

    def features(self, waves: FloatArray) -> FloatArray:
        """What the network gets for windows (N, T): (N, *sample_shape)."""
        if not self.bands:
            return waves[:, None]
        hop = max(1, self.fft // 2)
        return log_mel(waves, rate=self.rate, bands=self.bands, fft=self.fft, hop=hop)[:, None]


class Clips(Stream):
    """Windows of sounds, read by file.

    Args:
        hearing: What the network hears.
        lengths: Samples of every sound, at the rate of the hearing.
        read: (number of a sound) -> its samples, (T,).
        mark: Changes when the sounds change.
    """

    def __init__(
        self, hearing: Hearing, lengths: Sequence[int], read: Callable[[int], FloatArray], mark: bytes = b""
    ) -> None:
        counts = np.array([hearing.windows(length) for length in lengths], dtype=np.int64)
        self.hearing = hearing
        self.files = np.repeat(np.arange(len(counts)), counts)
        self._first = np.cumsum(counts) - counts
        self._read = read
        self._mark = mark
        self.shape = (int(counts.sum()), *hearing.sample_shape)
        self.dtype = np.dtype(np.float32)

    def read(self, rows: Array) -> Array:
        return self.hearing.features(self.waves(rows))

    def waves(self, rows: Array) -> FloatArray:
        """The sound of some windows, (N, T); each file is read once."""
        found = np.zeros((len(rows), self.hearing.window), dtype=np.float32)
        files = self.files[rows]
        for file in np.unique(files):
            sound = self._read(int(file))
            for place in np.flatnonzero(files == file):
                start = int(rows[place] - self._first[file]) * self.hearing.step
                part = sound[start : start + self.hearing.window]
                found[place, : len(part)] = part
        return found

    @property
    def mark(self) -> bytes:
        return self._mark


def clip_samples(
    title: str,
    clips: Clips,
    *,
    labels: Sequence[int] = (),
    classes: tuple[str, ...] = (),
    names: tuple[str, ...],
    lengths: Sequence[int],
    column: str = "",
    notes: Sequence[str] = (),
) -> Samples:
    """Windows of sounds with the class of their file; those of one file belong together.

    Args:
        title: What the data are called.
        clips: The windows.
        labels: By file, its class; empty when there are none.
        classes: Names of the classes.
        names: By file, its name.
        lengths: By file, its samples.
        column: What the classes are called together.
        notes: What was done while reading.
    """
    hearing = clips.hearing
    layout = Layout.IMAGE if hearing.bands else Layout.WAVE
    fields = [RawField(name=hearing.field, values=clips, layout=layout)]
    if classes:
        answers = np.asarray(labels, dtype=np.int64)[clips.files]
        fields.append(
            RawField(
                name="target",
                values=answers,
                role="target",
                classes=classes,
                columns=(column,) if column else (),
            )
        )
    return Samples(
        title=title,
        fields=tuple(fields),
        notes=(*notes, *_length_notes(hearing, lengths)),
        groups=clips.files,
        group_names=names,
        sounds=Sounds(rate=hearing.rate, wave=lambda row: clips.waves(np.array([row]))[0]),
    )


def _length_notes(hearing: Hearing, lengths: Sequence[int]) -> list[str]:
    """What the windows leave out or add."""
    seconds = hearing.window / hearing.rate
    short = sum(length < hearing.window for length in lengths)
    left = sum(
        length - (hearing.windows(length) - 1) * hearing.step - hearing.window
        for length in lengths
        if length >= hearing.window
    )
    notes = []
    if short:
        files = f"{counted(short, 'file')} {agreeing(short, 'are')}"
        notes.append(f"{files} shorter than {seconds:g} s, and followed by silence.")
    if left:
        notes.append(f"{left / hearing.rate:,.1f} s at the ends of files fill no window and are not used.")
    return notes
