"""Sound files: WAV by itself, FLAC and others through libsndfile."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodeforge.core.errors import UserError, system_reason

FloatArray = NDArray[np.float32]

SUFFIXES = (".wav", ".flac", ".ogg", ".aiff", ".aif", ".mp3")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundHead:
    """Rate in Hz, channels, and samples of each."""

    rate: int
    channels: int
    samples: int


def sound_head(path: Path) -> SoundHead:
    """What a sound file holds; all of it is read, for only then is it known to be whole.

    Raises:
        UserError: It cannot be read.
    """
    sound, rate = read_sound(path)
    return SoundHead(rate=rate, channels=sound.shape[0], samples=sound.shape[1])


def read_sound(path: Path) -> tuple[FloatArray, int]:
    """A sound, (channels, T) from −1 to 1, and its rate in Hz.

    Raises:
        UserError: It cannot be read.
    """
    try:
        if path.suffix.lower() == ".wav":
            found = _read_wav(path)
            if found is not None:
                return found
        return _read_other(path)
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {system_reason(error)}.") from error


def _read_wav(path: Path) -> tuple[FloatArray, int] | None:
    """A WAV file of whole numbers; None for the other kinds."""
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            declared, content = file.getnframes(), file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        return None
    if len(content) < declared * channels * width:
        raise UserError(
            f"{path.name} is cut off: it should hold {declared:,} samples and holds "
            f"{len(content) // (channels * width):,}. Copy it again, or take it out."
        )
    if not declared or not rate:
        raise UserError(f"{path.name} holds no sound: take it out.")
    return _from_bytes(content, width).reshape(-1, channels).T, rate


def _from_bytes(content: bytes, width: int) -> FloatArray:
    """Whole numbers of 1 to 4 bytes as numbers from −1 to 1; those of one byte have no sign."""
    if width == 1:
        return ((np.frombuffer(content, np.uint8).astype(np.float32) - 128.0) / 128.0).astype(np.float32)
    if width == 3:
        parts = np.frombuffer(content, np.uint8).reshape(-1, 3)
        whole = np.zeros((len(parts), 4), np.uint8)
        whole[:, 1:] = parts
        values = whole.view("<i4")[:, 0] >> 8
    else:
        values = np.frombuffer(content, f"<i{width}")
    return (values / float(1 << (8 * width - 1))).astype(np.float32)


def _read_other(path: Path) -> tuple[FloatArray, int]:
    import soundfile

    try:
        values, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise UserError(f"{path.name} cannot be read as sound: save it as WAV or FLAC.") from error
    if not len(values):
        raise UserError(f"{path.name} holds no sound: take it out.")
    return np.ascontiguousarray(values.T), int(rate)


def write_wav(path: Path, sound: FloatArray, rate: int) -> None:
    """A mono sound (T,) from −1 to 1 as a WAV file of 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound.clip(-1.0, 1.0) * 32767.0).round().astype("<i2").tobytes())
