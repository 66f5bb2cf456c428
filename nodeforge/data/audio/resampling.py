"""Another rate for a sound: windowed-sinc interpolation with a low-pass against aliasing.

y[n] = Σₖ x[k]·c·sinc(c·(n·r − k))·w((n·r − k) / half), where r = old rate / new rate, c = min(1, 1 / r), and w is a Kaiser
window (β = 8.6, about −80 dB beyond the edge) over `_ZEROS` zero crossings. See J. O. Smith, Digital Audio
Resampling Home Page, https://ccrma.stanford.edu/~jos/resample/.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_ZEROS = 16
_BETA = 8.6


def resampled_length(samples: int, old: int, new: int) -> int:
    """How long a sound of so many samples is at another rate."""
    divisor = math.gcd(old, new)
    return -(-samples * (new // divisor) // (old // divisor))


def resample(wave: FloatArray, old: int, new: int) -> FloatArray:
    """A sound (T,) at another rate, in Hz; as long as before, to a sample."""
    if old == new or not len(wave):
        return wave
    divisor = math.gcd(old, new)
    up, down = new // divisor, old // divisor
    cut = min(1.0, new / old)
    half = math.ceil(_ZEROS / cut)
    count = resampled_length(len(wave), old, new)
    padded = np.concatenate([np.zeros(half), wave, np.zeros(half + 1)])
    result = np.empty(count, dtype=np.float32)
    # All results n with the same n mod up lie at the same distance from the samples around them.
    for phase in range(min(up, count)):
        places = np.arange(phase, count, up) * down
        first, offset = places // up, (phase * down % up) / up
        steps = np.arange(-half, half + 1) - offset
        kernel = (
            cut
            * np.sinc(cut * steps)
            * np.i0(_BETA * np.sqrt(np.maximum(0.0, 1.0 - (steps / (half + 1)) ** 2)))
            / np.i0(_BETA)
        )
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
        result[phase::up] = windows[first] @ kernel
    return result
