"""Files shipped beside the package, found in a checkout, an installed wheel or a frozen app."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from nodeforge.core.errors import UserError

_PACKAGE = Path(__file__).resolve().parents[1]


@functools.cache
def _root() -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen)] if frozen else [_PACKAGE / "_shipped", _PACKAGE.parent]
    for candidate in candidates:
        if (candidate / "resources").is_dir() and (candidate / "projects").is_dir():
            return candidate
    raise FileNotFoundError(f"no resources and projects beside {_PACKAGE}: the installation is incomplete")


def resources() -> Path:
    """The folder of help texts, icons, themes, small data sets and weights. Read only."""
    return _root() / "resources"


def weights() -> list[str]:
    """Names of the files of weights that a training can begin with."""
    return sorted(path.name for path in (resources() / "weights").glob("*.safetensors"))


def projects() -> Path:
    """The folder of the example projects. Read only: copy one to work on it."""
    return _root() / "projects"


def project_names() -> list[str]:
    """Names of the example projects."""
    return sorted(path.parent.name for path in projects().glob("*/project.json"))


def project(name: str) -> Path:
    """The folder of an example project.

    Raises:
        UserError: There is none of that name.
    """
    if name not in project_names():
        raise UserError(f"There is no example {name!r}; there are: {', '.join(project_names())}.")
    return projects() / name
