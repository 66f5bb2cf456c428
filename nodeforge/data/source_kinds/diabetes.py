"""How diabetes goes on within a year."""

from __future__ import annotations

from functools import partial

from nodeforge.data.shipped_tables import shipped_table
from nodeforge.data.source import Source

DIABETES = Source(
    name="diabetes",
    title="Diabetes",
    summary="442 patients, 10 measures, and how far their diabetes went on within a year: a number.",
    doc="Age in years, sex, body mass index, mean blood pressure and six measures of blood serum (s1 to s6) in "
    "their own units. Half of the spread cannot be told from these measures: an R² of 0.35 is good here.",
    source="B. Efron, T. Hastie, I. Johnstone, R. Tibshirani (2004), Least Angle Regression. "
    "https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
    licence="As shipped with scikit-learn (BSD-3-Clause)",
    keywords=("table", "regression", "medicine"),
    load=partial(shipped_table, file="diabetes.csv", title="Diabetes", target="progression"),
)
