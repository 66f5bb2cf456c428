"""Who wrote this, and does that process still live? A process id alone is not enough: ids are used again."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path


@functools.cache
def own_start() -> str:
    """When this process started, as `start_of` tells it."""
    return start_of(os.getpid())


def is_alive(pid: int, start: str) -> bool:
    """Whether the process that had this id and start time still runs."""
    return start != "" and start_of(pid) == start


def start_of(pid: int) -> str:
    """When the process with this id started, as a text to compare; "" when there is none."""
    if pid <= 0:
        return ""
    if sys.platform == "linux":
        return _start_on_linux(pid)
    if sys.platform == "win32":
        return _start_on_windows(pid)
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C"},
    )
    return answer.stdout.strip()


def _start_on_linux(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return "" if state in "ZX" else f"{boot} {fields[18]}"  # starttime is field 22: clock ticks since boot


def _start_on_windows(pid: int) -> str:
    import ctypes
    from ctypes import wintypes

    query_limited_information = 0x1000
    still_active = 259
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    kernel.OpenProcess.restype = wintypes.HANDLE
    handle = kernel.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return ""
    try:
        code = wintypes.DWORD()
        created, ended, in_kernel, in_user = (wintypes.FILETIME() for _ in range(4))
        times = (ctypes.byref(time) for time in (created, ended, in_kernel, in_user))
        kernel.GetExitCodeProcess(wintypes.HANDLE(handle), ctypes.byref(code))
        if code.value != still_active or not kernel.GetProcessTimes(wintypes.HANDLE(handle), *times):
            return ""
        return str(created.dwHighDateTime << 32 | created.dwLowDateTime)
    finally:
        kernel.CloseHandle(wintypes.HANDLE(handle))
