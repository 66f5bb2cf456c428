"""Three voices on the telephone."""

from __future__ import annotations

import numpy as np

from nodeforge.core.parameters import Parameter
from nodeforge.data import vendored
from nodeforge.data.audio.clips import BANDS, FORM, FRAME, SECONDS, STEP_SECONDS, Clips, Hearing, clip_samples
from nodeforge.data.source import Array, Samples, Source, SourceCall

RATE = 8_000
VOICES = ("Allison (English)", "June (French)", "Carlo (Italian)")


def _load(call: SourceCall) -> Samples:
    content = vendored.arrays("spoken-prompts.npz")
    lengths = content["lengths"].tolist()
    sounds = np.split(_decoded(content["sound"]), np.cumsum(lengths)[:-1])
    clips = Clips(Hearing.of(call, RATE), lengths, sounds.__getitem__)
    return clip_samples(
        "Spoken prompts",
        clips,
        labels=content["voices"].tolist(),
        classes=VOICES,
        names=tuple(name.decode("ascii") for name in content["names"].tolist()),
        lengths=lengths,
        column="voice",
    )


def _decoded(codes: Array) -> Array:
    """μ-law, 8 bits, as numbers from −1 to 1: float32. ITU-T G.711."""
    bits = ~np.arange(256, dtype=np.int64) & 0xFF
    size = ((((bits & 0x0F) << 3) + 132) << ((bits & 0x70) >> 4)) - 132
    table = np.where(bits & 0x80, -size, size) / 32768.0
    return table.astype(np.float32)[codes]


SPOKEN_PROMPTS = Source(
    name="spoken-prompts",
    title="Spoken prompts",
    summary="227 prompts of a telephone exchange, 9 minutes by three voices: who speaks?",
    doc="Each sample is a window of sound. There is one voice for each language, so a network tells voices, not languages. "
    "All windows of a prompt stand in the same split. The mean loudness of the bands tells nearly as much: a linear model of "
    "it gets 98 %.",
    source="Asterisk core sounds. https://downloads.asterisk.org/pub/telephony/sounds/",
    licence="CC BY-SA 3.0 (English: Allison Smith; French: June Wallack), CC BY 3.0 (Italian: Carlo Flora)",
    keywords=("audio", "sound", "speech", "voice", "classification", "spectrogram"),
    parameters=(
        FORM,
        SECONDS,
        Parameter("step_seconds", STEP_SECONDS.type, 0.5, STEP_SECONDS.doc, unit="s", advanced=True),
        BANDS,
        FRAME,
    ),
    load=_load,
)
