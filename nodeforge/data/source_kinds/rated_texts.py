"""Short texts and how friendly people found them."""

from __future__ import annotations

import numpy as np

from nodeforge.core.parameters import Choice, Number, Parameter
from nodeforge.data import vendored
from nodeforge.data.labels import class_labels
from nodeforge.data.padding import PADDING_SIDE
from nodeforge.data.source import RawField, Samples, Source, SourceCall
from nodeforge.data.texts import LOWER, UNIT, VOCABULARY, labelled_texts, length_parameter


def _load(call: SourceCall) -> Samples:
    _, rows = vendored.table("rated-texts.csv.gz")
    neutral = call.number("neutral") if call.text("answer") == "class" else 0.0
    chosen = [(float(rating), text) for rating, text in rows if abs(float(rating)) >= neutral]
    ratings, texts = zip(*chosen, strict=True)
    if call.text("answer") == "class":
        words = ["positive" if rating > 0 else "negative" for rating in ratings]
        target = class_labels(words, column="feeling")
    else:
        target = RawField(
            name="target", values=np.array(ratings)[:, None], role="target", columns=("rating",)
        )
    return labelled_texts("Rated short texts", texts, target, call, column="text")


RATED_TEXTS = Source(
    name="rated-texts",
    title="Rated short texts",
    summary="4,200 short texts like tweets, rated from −4 (very negative) to 4 by twenty people each.",
    doc="As classes, texts rated near 0 are left out: with the default 3,432 remain, 68 % of them positive. The language "
    "is that of tweets of 2014, some of it rude.",
    source="C. J. Hutto, E. Gilbert (2014), VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social "
    "Media Text. https://github.com/cjhutto/vaderSentiment",
    licence="MIT (C. J. Hutto)",
    keywords=("text", "classification", "sentiment", "words", "vader"),
    parameters=(
        Parameter(
            "answer",
            Choice(options=("class", "rating")),
            "class",
            "class: negative or positive. rating: the mean rating, a number.",
        ),
        Parameter(
            "neutral",
            Number(minimum=0.0, maximum=3.0),
            0.5,
            "Texts rated nearer to 0 than this are neither positive nor negative and left out.",
            visible_if=("answer", ("class",)),
        ),
        length_parameter(32, "words"),
        Parameter(UNIT.name, UNIT.type, "words", UNIT.doc),
        Parameter(VOCABULARY.name, VOCABULARY.type, 2_500, VOCABULARY.doc),
        Parameter(LOWER.name, LOWER.type, True, LOWER.doc),
        PADDING_SIDE,
    ),
    load=_load,
)
