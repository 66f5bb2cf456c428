"""Four years of weather in Seattle."""

from __future__ import annotations

import numpy as np

from nodeforge.core.parameters import Choice, Integer, Parameter
from nodeforge.data import vendored
from nodeforge.data.source import Samples, Source, SourceCall
from nodeforge.data.windows import windowed

UNITS = {"temp_max": "°C", "temp_min": "°C", "precipitation": "mm", "wind": "m/s"}


def _load(call: SourceCall) -> Samples:
    header, rows = vendored.table("seattle-weather.csv")
    places = [header.index(name) for name in UNITS]
    values = np.array([[row[place] for place in places] for row in rows], dtype=np.float64)
    measure = call.text("measure")
    return windowed(
        "Weather in Seattle",
        values[:, list(UNITS).index(measure)],
        window=call.integer("window"),
        horizon=call.integer("horizon"),
        name=f"{measure} ({UNITS[measure]})",
        period=365,
        seen=values if call.text("inputs") == "all" else None,
    )


SEATTLE_WEATHER = Source(
    name="seattle-weather",
    title="Weather in Seattle",
    summary="1,461 days from 2012 to 2015: temperatures, precipitation and wind; predict some days ahead.",
    doc="Each sample is a window of days; the target is a measure `horizon` days after the window's last one. Split it by "
    "time. Tomorrow is much like today: the last value seen is a strong baseline.",
    source="NOAA National Climatic Data Center, as in vega-datasets. https://github.com/vega/vega-datasets",
    licence="Public domain (NOAA)",
    keywords=("series", "forecast", "regression", "climate", "temperature", "multivariate"),
    parameters=(
        Parameter(
            "measure",
            Choice(options=tuple(UNITS)),
            "temp_max",
            "What is predicted: the day's greatest or least temperature (°C), precipitation (mm) or wind (m/s).",
        ),
        Parameter(
            "inputs",
            Choice(options=("same", "all")),
            "same",
            "What the network sees: only what it predicts, or all four measures side by side.",
        ),
        Parameter(
            "window", Integer(minimum=1, maximum=400), 28, "How many days the network sees.", unit="days"
        ),
        Parameter("horizon", Integer(minimum=1, maximum=365), 1, "How far ahead it predicts.", unit="days"),
    ),
    load=_load,
)
