"""Sounds in folders: classes, rates, channels, and files that are no good."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from nodeforge.core.errors import UserError
from nodeforge.data.audio.files import write_wav

RATE = 8_000


def tone(hertz: float, rate: int, seconds: float) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Six tones of 2.5 seconds of each of two pitches."""
    for name, pitch in (("high", 2_000), ("low", 300)):
        (tmp_path / "tones" / name).mkdir(parents=True)
        for number in range(6):
            path = tmp_path / "tones" / name / f"{number}.wav"
            write_wav(path, tone(pitch + 10 * number, RATE, 2.5), RATE)
    return tmp_path / "tones"


def test_sounds_are_cut_into_windows_of_their_folders_class(dataset, sounds: Path) -> None:
    data = dataset("audio-folder", path="tones", form="wave", seconds=0.5)
    assert len(data.samples) == 12 * 5
    assert data.facts.field("", "input").spec.shape == ("N", 1, 4_000)
    assert data.facts.field("", "target").classes == ("high", "low")
    row = data.indices["train"][0]
    name = data.samples.group_names[data.samples.groups[row]]
    truth, _ = soundfile.read(sounds / name, dtype="float32")
    start = 4_000 * int(
        np.flatnonzero(np.flatnonzero(data.samples.groups == data.samples.groups[row]) == row)[0]
    )
    np.testing.assert_allclose(data.splits["train"]["wave"][0, 0], truth[start : start + 4_000], atol=1e-6)


def test_a_spectrogram_shows_the_pitch(dataset, sounds: Path) -> None:
    data = dataset("audio-folder", path="tones", seconds=0.5, preparation={"scaling": "none"})
    labels, pictures = data.splits["train"]["target"], data.splits["train"]["spectrogram"]
    loudest = pictures.mean(axis=(1, 3)).argmax(axis=1)
    assert loudest[labels == 0].min() > loudest[labels == 1].max()


def test_another_rate_and_two_channels_are_told(dataset, sounds: Path) -> None:
    both = np.stack([tone(300, 16_000, 2.5), np.zeros(40_000, np.float32)], axis=1)
    soundfile.write(sounds / "low" / "other.flac", both, 16_000)
    data = dataset("audio-folder", path="tones", form="wave", seconds=0.5)
    assert any(
        "1 file (low/other.flac) has 16,000 Hz instead of 8,000: resampled" in note for note in data.notes
    )
    assert any(
        "1 file (low/other.flac) has several channels: their mean is used" in note for note in data.notes
    )
    place = data.samples.group_names.index("low/other.flac")
    rows = np.flatnonzero(data.samples.groups == place)
    assert len(rows) == 5
    wave = data.samples.fields[0].values[rows[2], 0]
    np.testing.assert_allclose(wave, tone(300, 8_000, 1.5)[-4_000:] / 2, atol=5e-3)


def test_faulty_sounds_are_named(dataset, sounds: Path) -> None:
    path = sounds / "low" / "2.wav"
    path.write_bytes(path.read_bytes()[:-2_000])
    (sounds / "high" / "noise.wav").write_text("no sound")
    with pytest.raises(UserError) as caught:
        dataset("audio-folder", path="tones")
    sentence = str(caught.value)
    assert "high/noise.wav cannot be read as sound" in sentence
    assert "low/2.wav is cut off: it should hold 20,000 samples and holds 19,000" in sentence
    assert sentence.endswith("Mend what is wrong, or set faulty to leave out.")
    data = dataset("audio-folder", path="tones", faulty="leave out")
    assert len(data.samples.group_names) == 11
    assert any("2 files are left out" in note for note in data.notes)


def test_short_sounds_and_leftovers_are_told(dataset, sounds: Path) -> None:
    write_wav(sounds / "low" / "short.wav", tone(300, RATE, 0.2), RATE)
    data = dataset("audio-folder", path="tones", form="wave", seconds=2.0)
    assert any("1 file is shorter than 2 s, and followed by silence" in note for note in data.notes)
    assert any("6.0 s at the ends of files fill no window" in note for note in data.notes)
    row = int(np.flatnonzero(data.samples.groups == data.samples.group_names.index("low/short.wav"))[0])
    wave = data.samples.fields[0].values[row, 0]
    assert np.abs(wave[:1_600]).max() > 0.4
    assert not wave[1_600:].any()


def test_a_new_sound_is_cut_like_those_of_the_training(dataset, sounds: Path) -> None:
    data = dataset("audio-folder", path="tones", seconds=0.5)
    row = int(data.indices["test"][0])
    group = data.samples.groups[row]
    read = data.read(sounds / data.samples.group_names[group])["spectrogram"]
    assert read.shape == (5, *data.splits["test"]["spectrogram"].shape[1:])
    place = int(np.flatnonzero(np.flatnonzero(data.samples.groups == group) == row)[0])
    np.testing.assert_allclose(read[place], data.splits["test"]["spectrogram"][0], atol=1e-5)


def test_many_sounds_are_read_from_disk_with_the_same_result(dataset, sounds: Path) -> None:
    for number in range(10, 14):
        write_wav(sounds / "low" / f"{number}.wav", tone(400, RATE, 20), RATE)
    settings = {"path": "tones", "seconds": 0.5, "form": "wave"}
    whole = dataset("audio-folder", **settings)
    data = dataset("audio-folder", **settings, preparation={"memory_mb": 1})
    rows = np.array([30, 2, 31])
    np.testing.assert_array_equal(
        data.streams["train"]["wave"].read(rows), whole.splits["train"]["wave"][rows]
    )
