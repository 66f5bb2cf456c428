"""Which system libraries Qt lacks here, and the one line that installs them.

Runs before anything is installed, so it imports the standard library only and no NodeForge module.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""Library to Debian package: needed to import Qt at all."""

ON_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
"""The same for a window under X11."""

FOR_TESTS = {"Xvfb": "xvfb", "xdotool": "xdotool"}
"""Command to package: the tests that drive the real window."""


def missing_packages(*, tests: bool = False) -> list[str]:
    """Debian packages whose libraries (and commands, for the tests) are not there."""
    wanted = dict(ALWAYS)
    if os.environ.get("DISPLAY") or tests:
        wanted |= ON_X11
    packages = [package for library, package in wanted.items() if not _loads(library)]
    if tests:
        packages += [package for command, package in FOR_TESTS.items() if shutil.which(command) is None]
    return packages


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def main() -> int:
    """Name what is missing; as root on Debian, install it."""
    if sys.platform != "linux":
        return 0
    packages = missing_packages(tests="--tests" in sys.argv)
    if not packages:
        return 0
    line = "apt-get install -y " + " ".join(packages)
    if shutil.which("apt-get") is None:
        print("Qt needs system libraries that are missing here; on Debian they are called:", *packages)
        return 1
    if os.geteuid() != 0:
        print(f"Qt needs system libraries that are missing here. Install them with:\n  sudo {line}")
        return 1
    print(f"Installing the system libraries that Qt needs: {line}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], line.split()):
        outcome = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if outcome.returncode:
            print(f"{' '.join(command)} failed:\n{outcome.stderr}")
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
