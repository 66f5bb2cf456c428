"""Tumours under the microscope: malignant or benign."""

from __future__ import annotations

from functools import partial

from nodeforge.data.shipped_tables import shipped_table
from nodeforge.data.source import Source

BREAST_CANCER = Source(
    name="breast-cancer",
    title="Breast cancer, Wisconsin",
    summary="569 tumours, 30 measures of their cell nuclei, malignant or benign.",
    doc="For every measure the mean, its standard error and the worst value of the nuclei in one picture. Nearly "
    "separable by a plane: a perceptron gets far, and a linear model is hard to beat.",
    source="W. Street, W. Wolberg, O. Mangasarian (1993). "
    "https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic",
    licence="CC BY 4.0 (W. Wolberg, O. Mangasarian, N. Street, W. Street; UCI Machine Learning Repository)",
    keywords=("table", "classification", "medicine", "binary", "uci"),
    load=partial(
        shipped_table,
        file="breast-cancer.csv",
        title="Breast cancer, Wisconsin",
        target="diagnosis",
        classes=("malignant", "benign"),
    ),
)
