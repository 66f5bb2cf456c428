"""A wheel built from the tree holds all that NodeForge ships, and works where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("resources", "projects")


def run(*command: str, cwd: Path, **environment: str) -> str:
    outcome = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder), str(ROOT), cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


def test_it_holds_every_tracked_file_that_is_shipped(wheel):
    tracked = run("git", "ls-files", *SHIPPED, cwd=ROOT).splitlines()
    assert tracked
    inside = {
        name.removeprefix("nodeforge/_shipped/")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.startswith("nodeforge/_shipped/")
    }
    assert set(tracked) <= inside


def test_it_holds_no_runs_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if "/runs/" in name or name.startswith("tests/")]


def test_it_works_where_it_is_installed(wheel, tmp_path):
    site = tmp_path / "site"
    pip = (
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
    )
    run(*pip, "--target", str(site), str(wheel), cwd=tmp_path)
    environment = {"PYTHONPATH": str(site)}
    where = run(
        sys.executable, "-c", "import nodeforge; print(nodeforge.__file__)", cwd=tmp_path, **environment
    )
    assert Path(where.strip()).is_relative_to(site)
    assert "mnist-cnn" in run(sys.executable, "-m", "nodeforge", "examples", cwd=tmp_path, **environment)
    copy = tmp_path / "copy"
    run(
        sys.executable, "-m", "nodeforge", "new", str(copy), "--from", "iris-mlp", cwd=tmp_path, **environment
    )
    run(sys.executable, "-m", "nodeforge", "check", str(copy), cwd=tmp_path, **environment)
