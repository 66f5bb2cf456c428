"""Surnames and the language they come from."""

from __future__ import annotations

from nodeforge.core.parameters import Parameter
from nodeforge.data import vendored
from nodeforge.data.labels import class_labels
from nodeforge.data.padding import PADDING_SIDE
from nodeforge.data.source import Samples, Source, SourceCall
from nodeforge.data.texts import LOWER, UNIT, VOCABULARY, labelled_texts, length_parameter


def _load(call: SourceCall) -> Samples:
    _, rows = vendored.table("surnames.csv")
    target = class_labels([row[1] for row in rows], column="language")
    return labelled_texts("Surnames", [row[0] for row in rows], target, call, column="surname")


_LENGTH = length_parameter(16, "characters")

SURNAMES = Source(
    name="surnames",
    title="Surnames",
    summary="3,075 surnames of 8 languages, letter by letter.",
    doc="Surnames of Finland, France, Germany, Italy, Poland, Slovakia, Spain and Sweden, without "
    "accents; names that two of these countries share are left out. A linear model of letter triples gets 79 %.",
    source="The lists of the Python package Faker. https://github.com/joke2k/faker",
    licence="MIT (Daniele Faraglia and contributors)",
    keywords=("text", "classification", "language", "names", "characters"),
    parameters=(
        _LENGTH,
        Parameter(PADDING_SIDE.name, PADDING_SIDE.type, "start", PADDING_SIDE.doc),
        UNIT,
        VOCABULARY,
        LOWER,
    ),
    load=_load,
)
