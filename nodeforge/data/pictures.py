"""Picture files as arrays of one size and one kind of colours."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.data.source import Array
from nodeforge.data.streams import Stream

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "F"})
_THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureForm:
    """What every picture is brought to.

    Attributes:
        height, width: In pixels.
        channels: 1 for grey, 3 for colour.
        fit: "stretch", "crop" (fill the frame, cut what stands over) or "pad" (whole picture, black beside it).
    """

    height: int
    width: int
    channels: int
    fit: str = "stretch"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHead:
    """What a file's first bytes say: width, height, and whether it is grey."""

    width: int
    height: int
    grey: bool
    transparent: bool


def read_head(path: Path) -> PictureHead:
    """
    Raises:
        UserError: The file is no picture.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            width, height = image.size
            # Asking a PNG would decode all of it; a TIFF says its turned size by itself.
            if (
                image.format in ("JPEG", "MPO", "WEBP") and image.getexif().get(0x0112, 1) >= 5
            ):  # lies on its side
                width, height = height, width
            transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
            return PictureHead(
                width=width, height=height, grey=image.mode in GREY_MODES, transparent=transparent
            )
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"{path.name} cannot be read as a picture.") from error


def read_picture(path: Path, form: PictureForm) -> Array:
    """A picture as it is looked at, uint8, (C, H, W): turned as its camera says, on white where it is transparent.

    Raises:
        UserError: The file is damaged or no picture.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            image = _plain(ImageOps.exif_transpose(opened), "L" if form.channels == 1 else "RGB")
            if image.size != (form.width, form.height):
                image = _fitted(image, form)
            pixels = np.asarray(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"{path.name} is damaged or no picture.") from error
    return pixels.reshape(form.height, form.width, form.channels).transpose(2, 0, 1)


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """Eight bits, no transparency."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, dtype=np.float64)
        if image.mode.startswith("I") and values.max(initial=0) > 255:
            values = values / 257.0  # 16 bits
        image = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        whole = image.convert("RGBA")
        ground = Image.new("RGBA", whole.size, "white")
        image = Image.alpha_composite(ground, whole)
    return image.convert(mode)


def _fitted(image: Image.Image, form: PictureForm) -> Image.Image:
    from PIL import Image, ImageOps

    size, how = (form.width, form.height), Image.Resampling.BILINEAR
    if form.fit == "crop":
        return ImageOps.fit(image, size, how)
    if form.fit == "pad":
        return ImageOps.pad(image, size, how)
    return image.resize(size, how)


class Pictures(Stream):
    """Pictures of a folder, decoded when they are wanted."""

    def __init__(self, paths: Sequence[Path], form: PictureForm) -> None:
        self._paths = tuple(paths)
        self._form = form
        self.shape: tuple[int, ...] = (len(paths), form.channels, form.height, form.width)
        self.dtype: np.dtype[Any] = np.dtype(np.uint8)

    def read(self, rows: Array) -> Array:
        result = np.empty((len(rows), *self.shape[1:]), np.uint8)
        paths = [self._paths[row] for row in rows]
        # Pillow decodes outside the lock of Python.
        with ThreadPoolExecutor(_THREADS) as pool:
            for place, pixels in enumerate(pool.map(lambda path: read_picture(path, self._form), paths)):
                result[place] = pixels
        return result

    @property
    def mark(self) -> bytes:
        stamps = ((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in self._paths)
        return repr([self._form, *stamps]).encode()
