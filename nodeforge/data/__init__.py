"""Where samples come from: sources, roles, preparation, splits. numpy only; nothing here imports torch."""

from nodeforge.data.dataset import Dataset
from nodeforge.data.loading import glimpse, load, sources
from nodeforge.data.preview import Preview, PreviewTable, describe
from nodeforge.data.samples_shown import PreviewPicture
from nodeforge.data.source import OWN, Samples, Source

__all__ = [
    "OWN",
    "Dataset",
    "Preview",
    "PreviewPicture",
    "PreviewTable",
    "Samples",
    "Source",
    "describe",
    "glimpse",
    "load",
    "sources",
]
