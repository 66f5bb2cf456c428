"""Wines of three growers."""

from __future__ import annotations

from functools import partial

from nodeforge.data.shipped_tables import shipped_table
from nodeforge.data.source import Source

WINE = Source(
    name="wine",
    title="Wine",
    summary="178 wines from Piedmont, 13 chemical measures, 3 cultivars.",
    doc="So few samples that one wine more or less in the test changes the accuracy by almost 3 %. Measures differ "
    "much in size: unscaled, proline drowns the others.",
    source="M. Forina, S. Aeberhard (1991). https://archive.ics.uci.edu/dataset/109/wine",
    licence="CC BY 4.0 (S. Aeberhard, M. Forina; UCI Machine Learning Repository)",
    keywords=("table", "classification", "chemistry", "uci"),
    load=partial(
        shipped_table,
        file="wine.csv",
        title="Wine",
        target="cultivar",
        classes=("class_0", "class_1", "class_2"),
    ),
)
