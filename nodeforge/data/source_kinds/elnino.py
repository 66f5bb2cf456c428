"""The sea's temperature off Peru, month by month."""

from __future__ import annotations

import numpy as np

from nodeforge.core.parameters import Integer, Parameter
from nodeforge.data import vendored
from nodeforge.data.source import Samples, Source, SourceCall
from nodeforge.data.windows import windowed


def _load(call: SourceCall) -> Samples:
    return windowed(
        "El Niño sea temperature",
        np.array([row[1] for row in vendored.lines("elnino.csv")], dtype=np.float64),
        window=call.integer("window"),
        horizon=call.integer("horizon"),
        name="temperature (°C)",
        period=12,
    )


ELNINO = Source(
    name="elnino",
    title="El Niño sea temperature",
    summary="732 months of sea surface temperature (°C) off Peru, 1950 to 2010; predict some months ahead.",
    doc="Each sample is a window of months; the target is the temperature `horizon` months after the "
    "window's last one. Split it by time: the test months lie after everything the network has seen.",
    source="NOAA National Weather Service, ERSST.V3B, region Niño 1+2. "
    "https://www.cpc.ncep.noaa.gov/data/indices/",
    licence="Public domain (NOAA)",
    keywords=("series", "forecast", "regression", "climate", "sst"),
    parameters=(
        Parameter(
            "window", Integer(minimum=1, maximum=240), 24, "How many months the network sees.", unit="months"
        ),
        Parameter("horizon", Integer(minimum=1, maximum=120), 3, "How far ahead it predicts.", unit="months"),
    ),
    load=_load,
)
