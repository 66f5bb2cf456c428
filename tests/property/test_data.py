"""Whatever the texts, the lengths and the groups are: what is cut can be put together again, and nobody is counted twice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.data.audio.resampling import resample, resampled_length
from nodeforge.data.padding import padded
from nodeforge.data.source import RawField, Samples
from nodeforge.data.splitting import SplitPlan, split
from nodeforge.data.tokens import PADDING, UNKNOWN, Tokens, character_codes, fit_vocabulary, word_codes

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60)


@given(TEXT)
def test_letters_go_round(text: str) -> None:
    codes, alphabet = character_codes(text)
    vocabulary = fit_vocabulary(Tokens(unit="characters", alphabet=alphabet), codes)
    numbers = vocabulary.apply(codes)
    assert vocabulary.decode(numbers) == text
    np.testing.assert_array_equal(vocabulary.encode(text), numbers)


@given(
    st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=9), min_size=1), st.integers(3, 12)
)
def test_numbers_of_words_are_the_most_frequent_ones_and_new_texts_get_the_same(texts, limit: int) -> None:
    codes, alphabet = word_codes([word for text in texts for word in text])
    rows = np.split(codes, np.cumsum([len(text) for text in texts])[:-1])
    matrix = padded(rows, 9, "end", gap=-1)
    tokens = Tokens(unit="words", alphabet=alphabet, limit=limit, padded=True)
    vocabulary = fit_vocabulary(tokens, matrix)
    assert len(vocabulary.words) <= limit
    assert vocabulary.words[:2] == (PADDING, UNKNOWN)
    for text, numbers in zip(texts, vocabulary.apply(matrix), strict=True):
        expected = [word if word in vocabulary.words else UNKNOWN for word in text]
        assert [vocabulary.words[number] for number in numbers[: len(text)]] == expected
        assert (numbers[len(text) :] == 0).all()
        np.testing.assert_array_equal(vocabulary.encode(" ".join(text)), numbers[: len(text)])


@given(
    st.lists(st.integers(0, 15), min_size=1, max_size=20),
    st.integers(1, 12),
    st.sampled_from(["start", "end"]),
)
def test_padding_keeps_every_value_that_fits(lengths: list[int], length: int, side: str) -> None:
    rows = [np.arange(1.0, count + 1) for count in lengths]
    result = padded(rows, length, side)
    for row, found in zip(rows, result, strict=True):
        np.testing.assert_array_equal(found[~np.isnan(found)], row[:length])
        gaps = np.isnan(found)
        real = gaps[::-1] if side == "end" else gaps
        assert (np.diff(real.astype(int)) <= 0).all()


@given(
    st.lists(st.integers(0, 9), min_size=30, max_size=80),
    st.floats(0.1, 0.5),
    st.floats(0.1, 0.5),
    st.integers(0, 99),
)
def test_every_sample_stands_in_one_split_and_every_group_too(
    groups: list[int], test: float, validation: float, seed: int
) -> None:
    count = len(groups)
    values = np.zeros((count, 1))
    samples = Samples(
        title="t",
        fields=(RawField(name="features", values=values),),
        groups=np.array([*groups, *range(10)])[-count:],
    )
    for method in ("random", "grouped"):
        plan = SplitPlan(method=method, test=test, validation=validation, seed=seed)
        parts, _ = split(samples, plan)
        np.testing.assert_array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(count))
        if method == "grouped":
            seen = [set(samples.groups[rows].tolist()) for rows in parts.values()]
            assert sum(map(len, seen)) == len(set.union(*seen))


@given(st.integers(1, 300), st.sampled_from([4, 5, 8, 12]), st.sampled_from([3, 4, 6, 8]))
def test_another_rate_gives_the_promised_length_and_keeps_silence_and_level(
    count: int, old: int, new: int
) -> None:
    assert len(resample(np.zeros(count, np.float32), old, new)) == resampled_length(count, old, new)
    level = resample(np.ones(1_000, np.float32), old, new)
    middle = level[len(level) // 3 : -len(level) // 3]
    np.testing.assert_allclose(middle, 1, atol=2e-3)
