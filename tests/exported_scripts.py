"""Runs exported scripts as somebody would who has torch, numpy and safetensors, and nothing of NodeForge."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.training_jobs import Recorder

ABSENT = (
    "nodeforge",
    "msgspec",
    "PySide6",
    "onnx",
    "onnxruntime",
    "sklearn",
    "pandas",
    "PIL",
    "torchmetrics",
)
"""Importing one of these fails in the scripts."""

_RUNNER = """
import json, os, runpy, sys

class Blinkers:
    def __init__(self, finder):
        self._finder = finder

    def find_spec(self, name, path=None, target=None):
        hidden = name.partition(".")[0] in {absent!r}
        return None if hidden else self._finder.find_spec(name, path, target)

sys.meta_path[:] = map(Blinkers, sys.meta_path)
sys.dont_write_bytecode = True
script, argumentss = json.loads(sys.argv[1])
for folder, arguments in argumentss:
    for name in ("model", "samples"):
        sys.modules.pop(name, None)
    sys.path.insert(0, folder)
    sys.argv[1:] = arguments
    print("====", flush=True)
    runpy.run_path(os.path.join(folder, script), run_name="__main__")
    sys.path.remove(folder)
"""


def run_scripts(script: str, calls: Sequence[tuple[Path, Sequence[str]]], *, place: Path) -> list[str]:
    """What a script of several folders prints, each with its arguments; run in one bare interpreter."""
    runner = _RUNNER.format(absent=set(ABSENT))
    request = json.dumps([script, [[str(folder), list(arguments)] for folder, arguments in calls]])
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", runner, request],
        cwd=place,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("====\n")[1:]


def run_script(script: str, folder: Path, *arguments: str) -> str:
    """What one script prints."""
    (printed,) = run_scripts(script, [(folder, arguments)], place=folder.parent)
    return printed


def printed_losses(printed: str) -> np.ndarray:
    """The losses of all steps, float32."""
    return np.array(re.findall(r"^step \d+: loss (\S+)$", printed, re.MULTILINE), np.float32)


def told_losses(recorder: Recorder) -> np.ndarray:
    """The losses of all steps that the app told, float32."""
    column = recorder.column("loss")
    return np.array([column[step] for step in sorted(column)], np.float32)
