"""Sound: files, rates, windows and spectrograms, against scipy and libsndfile."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal

from nodeforge.core.errors import UserError
from nodeforge.data.audio.files import read_sound, write_wav
from nodeforge.data.audio.resampling import resample
from nodeforge.data.audio.spectrum import hertz, log_mel, mel, mel_filters

RNG = np.random.default_rng(0)


def tone(hertz: float, rate: int, seconds: float = 0.5) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_files_are_read_as_by_libsndfile(tmp_path: Path, subtype: str, channels: int) -> None:
    values = RNG.uniform(-0.9, 0.9, (500, channels))
    soundfile.write(tmp_path / "a.wav", values, 11_025, subtype=subtype)
    sound, rate = read_sound(tmp_path / "a.wav")
    expected, _ = soundfile.read(tmp_path / "a.wav", always_2d=True)
    assert rate == 11_025
    assert sound.dtype == np.float32
    np.testing.assert_allclose(sound.T, expected, atol=1e-6)


def test_flac_is_read_and_wav_written(tmp_path: Path) -> None:
    sound = tone(440, 8_000)
    write_wav(tmp_path / "a.wav", sound, 8_000)
    values, rate = soundfile.read(tmp_path / "a.wav")
    np.testing.assert_allclose(values, sound, atol=1e-4)
    soundfile.write(tmp_path / "a.flac", values, rate)
    again, rate = read_sound(tmp_path / "a.flac")
    assert (again.shape, rate) == ((1, 4_000), 8_000)
    np.testing.assert_allclose(again[0], values, atol=1e-6)


def test_damaged_sounds_are_told(tmp_path: Path) -> None:
    write_wav(tmp_path / "cut.wav", tone(440, 8_000), 8_000)
    (tmp_path / "cut.wav").write_bytes((tmp_path / "cut.wav").read_bytes()[:-1000])
    with pytest.raises(UserError, match=r"cut\.wav is cut off: it should hold 4,000 samples and holds 3,500"):
        read_sound(tmp_path / "cut.wav")
    for name in ("text.wav", "text.flac"):
        (tmp_path / name).write_text("no sound")
        with pytest.raises(UserError, match=f"{name} cannot be read as sound: save it as WAV or FLAC"):
            read_sound(tmp_path / name)
    with wave.open(str(tmp_path / "empty.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
    with pytest.raises(UserError, match=r"empty\.wav holds no sound"):
        read_sound(tmp_path / "empty.wav")


@pytest.mark.parametrize(
    ("old", "new"), [(8_000, 16_000), (44_100, 16_000), (16_000, 8_000), (8_000, 11_025)]
)
def test_another_rate_keeps_a_tone_and_its_pitch(old: int, new: int) -> None:
    found = resample(tone(440, old), old, new)
    expected = tone(440, new)
    assert abs(len(found) - len(expected)) <= 1
    inner = slice(new // 20, new // 2 - new // 20)
    np.testing.assert_allclose(found[inner], expected[inner], atol=2e-3)


def test_pitches_above_half_the_new_rate_vanish() -> None:
    found = resample(tone(6_000, 16_000), 16_000, 8_000)
    assert np.abs(found[400:-400]).max() < 1e-3
    assert resample(tone(440, 8_000), 8_000, 8_000) is not None


def test_the_spectrum_is_scipys_in_mel_bands() -> None:
    waves = RNG.normal(size=(3, 2_000)).astype(np.float32)
    found = log_mel(waves, rate=8_000, bands=20, fft=256, hop=128)
    _, _, spectrum = signal.stft(
        waves,
        8_000,
        window="hann",
        nperseg=256,
        noverlap=128,
        boundary=None,
        padded=False,
        scaling="spectrum",
    )
    power = np.abs(spectrum * signal.get_window("hann", 256).sum()) ** 2 / 256
    expected = np.log(mel_filters(20, 256, 8_000) @ power + 1e-6)
    assert found.shape == (3, 20, 14)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_mel_filters_are_triangles_that_meet() -> None:
    filters = mel_filters(30, 1_024, 16_000)
    places = np.linspace(0, 8_000, 513)
    assert hertz(np.array([mel(1_234.0)])) == pytest.approx(1_234.0)
    inside = (places > places[filters[0].argmax()]) & (places < places[filters[-1].argmax()])
    np.testing.assert_allclose(filters.sum(axis=0)[inside], 1, atol=1e-5)
    assert (np.diff(filters.argmax(axis=1)) > 0).all()


def test_spoken_prompts_are_windows_of_one_file_in_one_split(dataset) -> None:
    data = dataset("spoken-prompts")
    assert data.facts.field("", "input").spec.shape == ("N", 1, 32, 61)
    groups = {name: set(data.samples.groups[rows]) for name, rows in data.indices.items()}
    assert len(set.union(*groups.values())) == sum(map(len, groups.values())) == 227
    counts = [np.bincount(data.splits[name]["target"], minlength=3) for name in data.splits]
    assert (np.array(counts) > 0).all()
    assert any("kept in one split" in note for note in data.notes)


def test_the_sound_of_a_window_can_be_heard(dataset) -> None:
    waves, pictures = dataset("spoken-prompts", form="wave"), dataset("spoken-prompts")
    row = waves.indices["test"][3]
    sound = waves.samples.sounds.wave(row)
    np.testing.assert_array_equal(waves.splits["test"]["wave"][3, 0], sound)
    field = pictures.samples.fields[0]
    np.testing.assert_allclose(
        field.values[row, 0], log_mel(sound[None], rate=8_000, bands=32, fft=256, hop=128)[0], rtol=1e-5
    )
    assert 0.05 < np.abs(sound).max() <= 1


def test_a_window_shorter_than_a_frame_is_told(dataset) -> None:
    with pytest.raises(UserError, match=r"A window of 0\.02 s is shorter than a frame of 32 ms"):
        dataset("spoken-prompts", seconds=0.02)
