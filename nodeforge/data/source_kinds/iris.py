"""Fisher's iris flowers."""

from __future__ import annotations

import numpy as np

from nodeforge.core.document import Column
from nodeforge.data import vendored
from nodeforge.data.source import RawField, Samples, Source, SourceCall, TableHead

SPECIES = ("setosa", "versicolor", "virginica")
MEASURES = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")


def _load(call: SourceCall) -> Samples:
    rows = vendored.lines("iris.csv")
    features = np.array([row[:4] for row in rows], dtype=np.float64)
    labels = np.array([SPECIES.index(row[4]) for row in rows], dtype=np.int64)
    columns = (
        *(Column(name=name) for name in MEASURES),
        Column(name="species", role="target", type="category"),
    )
    return Samples(
        title="Iris",
        fields=(
            RawField(name="features", values=features),
            RawField(name="target", values=labels, role="target", classes=SPECIES, columns=("species",)),
        ),
        head=TableHead(columns=columns, rows=tuple(tuple(row) for row in rows), total_rows=len(rows)),
    )


IRIS = Source(
    name="iris",
    title="Iris",
    summary="150 flowers, 4 measures in cm, 3 species.",
    doc="The classic first table. One species is easy to tell; the other two overlap. Fisher's own values.",
    source="R. A. Fisher (1936), The use of multiple measurements in taxonomic problems. "
    "https://archive.ics.uci.edu/dataset/53/iris",
    licence="CC BY 4.0 (R. A. Fisher; UCI Machine Learning Repository)",
    keywords=("table", "classification", "flowers", "uci"),
    load=_load,
)
