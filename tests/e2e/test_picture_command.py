"""`nodeforge picture`, as a process of its own: no display, no window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nodeforge.project import shipped


def nodeforge(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    command = [sys.executable, "-m", "nodeforge", "picture", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_drawing_is_written_without_a_display(tmp_path: Path, ending: str, start: bytes) -> None:
    output = tmp_path / f"net.{ending}"
    done = nodeforge(str(shipped.project("iris-mlp")), "--output", str(output), "--dark", "--transparent")
    assert (done.returncode, done.stdout.strip()) == (0, str(output)), done.stderr
    assert output.read_bytes().startswith(start)


def test_faults_are_one_line(tmp_path: Path) -> None:
    for extra, words in ((("--network", "nobody"), "no network 'nobody'"), ((), ".svg, .pdf or .png")):
        done = nodeforge(str(shipped.project("iris-mlp")), "--output", str(tmp_path / "net.gif"), *extra)
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
