"""Log-mel spectrograms, written out in numpy.

Mel scale: m = 2595·log₁₀(1 + f / 700) (D. O'Shaughnessy, Speech Communication, 1987). Filters are triangles of height 1
whose corners lie evenly on that scale; the spectrum is that of Hann windows of constant overlap.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

FLOOR = 1e-6
"""Energy added before the logarithm: silence is −13.8 and not −∞."""
_BLOCK = 1 << 22
"""Numbers of a block of frames, so that memory stays bounded."""


def mel(hertz: float) -> float:
    """A frequency in mels."""
    return 2595.0 * float(np.log10(1.0 + hertz / 700.0))


def hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frequencies in Hz of places on the mel scale."""
    return np.asarray(700.0 * (10.0 ** (mels / 2595.0) - 1.0))


@functools.cache
def mel_filters(bands: int, fft: int, rate: int) -> FloatArray:
    """Triangular filters over the power spectrum, (bands, fft / 2 + 1), from 0 Hz to half the rate."""
    corners = hertz(np.linspace(0.0, mel(rate / 2), bands + 2))
    places = np.linspace(0.0, rate / 2, fft // 2 + 1)
    rise = (places - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    fall = (corners[2:, None] - places) / (corners[2:] - corners[1:-1])[:, None]
    filters: FloatArray = np.maximum(0.0, np.minimum(rise, fall)).astype(np.float32)
    return filters


def frame_count(samples: int, fft: int, hop: int) -> int:
    """Frames that fit whole into a sound."""
    return 1 + (samples - fft) // hop if samples >= fft else 0


def log_mel(waves: FloatArray, *, rate: int, bands: int, fft: int, hop: int) -> FloatArray:
    """Log-mel spectrograms of sounds of one length.

    Args:
        waves: (N, T).
        rate: Samples a second, in Hz.
        bands: Mel bands.
        fft: Samples of a frame.
        hop: Samples from one frame to the next.

    Returns:
        (N, bands, frames), float32.
    """
    frames = frame_count(waves.shape[1], fft, hop)
    window = np.hanning(fft + 1)[:-1].astype(np.float32)
    filters = mel_filters(bands, fft, rate).T
    result = np.empty((len(waves), bands, frames), dtype=np.float32)
    size = max(1, _BLOCK // max(1, frames * fft))
    for start in range(0, len(waves), size):
        part = np.lib.stride_tricks.sliding_window_view(waves[start : start + size], fft, axis=1)[:, ::hop]
        power = np.abs(np.fft.rfft(part * window, axis=-1)).astype(np.float32) ** 2 / fft
        result[start : start + size] = np.log(power @ filters + FLOOR).swapaxes(1, 2)
    return result
