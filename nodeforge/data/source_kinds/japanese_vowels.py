"""Nine men say two vowels."""

from __future__ import annotations

import numpy as np

from nodeforge.core.parameters import Integer, Parameter
from nodeforge.data import vendored
from nodeforge.data.padding import PADDING_SIDE, padded
from nodeforge.data.source import Layout, RawField, Samples, Source, SourceCall

LONGEST = 29


def _load(call: SourceCall) -> Samples:
    content = vendored.arrays("japanese-vowels.npz")
    rows = np.split(content["values"], np.cumsum(content["lengths"], dtype=np.int64)[:-1])
    length, side = call.integer("length"), call.text("padding")
    cropped = int((content["lengths"] > length).sum())
    series = RawField(name="series", values=padded(rows, length, side), layout=Layout.SERIES, padded=side)
    target = RawField(
        name="target",
        values=content["speakers"].astype(np.int64) - 1,
        role="target",
        classes=tuple(f"speaker {number}" for number in range(1, 10)),
        columns=("speaker",),
    )
    return Samples(
        title="Japanese vowels",
        fields=(series, target),
        notes=(f"The end of {cropped:,} utterances lies beyond the {length} steps that are read.",)
        if cropped
        else (),
        given_test=content["test"],
    )


JAPANESE_VOWELS = Source(
    name="japanese-vowels",
    title="Japanese vowels",
    summary="640 utterances of two vowels, 12 coefficients over 7 to 29 steps: which of 9 men speaks?",
    doc="Sequences of several lengths: shorter ones are padded, and the input `mask` is true where there is a value. "
    "The split is the makers' own: 270 utterances to train with, 370 for the test.",
    source="M. Kudo, J. Toyama, M. Shimbo (1999), Multidimensional curve classification using passing-through regions. "
    "https://archive.ics.uci.edu/dataset/128/japanese+vowels",
    licence="CC BY 4.0 (M. Kudo, J. Toyama, M. Shimbo; UCI Machine Learning Repository)",
    keywords=("sequence", "series", "classification", "speech", "speaker", "uci"),
    parameters=(
        Parameter(
            "length",
            Integer(minimum=1, maximum=100),
            LONGEST,
            f"Steps of a sample; the longest utterance has {LONGEST}. Longer ones lose their end.",
            unit="steps",
        ),
        Parameter(PADDING_SIDE.name, PADDING_SIDE.type, "start", PADDING_SIDE.doc),
    ),
    load=_load,
)
