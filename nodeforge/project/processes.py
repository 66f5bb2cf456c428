"""Whether the process that left a file behind still lives. A pid alone does not tell: pids are used again."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path


@cache
def this_process() -> str:
    """A mark of this process for files: its pid and when it started."""
    return f"{os.getpid()}@{_started(os.getpid())}"


def is_alive(mark: str) -> bool:
    """Whether the process that made the mark is still running on this machine."""
    pid, _, started = mark.partition("@")
    return pid.isdecimal() and started != "" and _started(int(pid)) == started


def _started(pid: int) -> str:
    """When a process started, in the system's own words; "" when there is none."""
    if sys.platform == "win32":
        return _started_windows(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        # Field 22; the command's name before it may hold spaces and brackets. A zombie no longer runs.
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    except FileNotFoundError:
        return "" if Path("/proc/self/stat").exists() else _started_ps(pid)
    except (OSError, IndexError):
        return ""


def _started_ps(pid: int) -> str:
    result = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    return result.stdout.strip()


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    def _started_windows(pid: int) -> str:
        query_limited_information, still_active = 0x1000, 259
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        handle = kernel.OpenProcess(query_limited_information, False, pid)
        if not handle:
            return ""
        try:
            code = wintypes.DWORD()
            times = [wintypes.FILETIME() for _ in range(4)]
            known = kernel.GetExitCodeProcess(wintypes.HANDLE(handle), ctypes.byref(code))
            timed = kernel.GetProcessTimes(wintypes.HANDLE(handle), *map(ctypes.byref, times))
            if not known or not timed or code.value != still_active:
                return ""
            return str(times[0].dwHighDateTime << 32 | times[0].dwLowDateTime)
        finally:
            kernel.CloseHandle(wintypes.HANDLE(handle))
