"""Memory that is freed stays with an engine's process while it works, and goes back afterwards."""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap
import threading

import pytest

from nodeforge.engine import heap, service
from nodeforge.engine.client import InProcessEngine
from nodeforge.engine.messages import Ping

only_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what it sets is glibc's own")
LIMIT_S = 60

BLOCKS = """
    import resource
    import threading

    import numpy as np

    def work():
        "Blocks that live at the same time, as the tensors of a training step do."
        blocks = [np.empty(1 << 20, dtype=np.float32) for _ in range(12)]
        for block in blocks:
            block.fill(1)

    def pages_fetched():
        "By the third time."
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
            work()
        found.append(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before)

    def on_a_thread():
        thread = threading.Thread(target=pages_fetched)
        thread.start()
        thread.join()
        return found.pop()

    def resident_mib():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize() >> 20

    found = []
"""


def _in_a_process(code: str) -> list[int]:
    """The numbers that a program prints; what is set cannot be set back, so it has a process of its own."""
    program = textwrap.dedent(BLOCKS) + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return [int(number) for number in done.stdout.split()]


@only_glibc
def test_an_engine_fetches_the_memory_of_a_step_once():
    before, after = _in_a_process("""
        print(max(on_a_thread() for _ in range(3)))
        from nodeforge.engine.service import Engine
        Engine(print)
        print(max(on_a_thread() for _ in range(3)))
    """)
    assert before > 5_000, "the system gives such blocks anew each time, or there is nothing to test"
    assert after < 100


@only_glibc
def test_memory_goes_back_after_the_work():
    at_first, kept, given_back = _in_a_process("""
        from nodeforge.engine.heap import give_back_memory, keep_memory
        keep_memory()
        print(resident_mib())
        blocks = [np.ones(1 << 20, dtype=np.float32) for _ in range(50)]
        last = np.ones(1 << 20, dtype=np.float32)  # above them, so that they lie between others
        del blocks
        print(resident_mib())
        give_back_memory()
        print(resident_mib())
    """)
    assert kept > at_first + 150
    assert given_back < at_first + 50


@only_glibc
def test_what_is_kept_does_not_grow_with_time():
    """Steps whose tensors differ in size, as those of a last batch and of a validation do."""
    early, late = _in_a_process("""
        from nodeforge.engine.heap import keep_memory
        keep_memory()
        chance = np.random.default_rng(0)
        for step in range(1, 401):
            for size in chance.integers(1 << 18, 1 << 20, 5):
                passing = np.ones(size, dtype=np.float32)
                lasting = [np.ones(size // 2, dtype=np.float32), passing]
            if step in (100, 400):
                print(resident_mib())
    """)
    assert late <= early + 4


def test_other_libraries_are_left_alone(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    heap._glibc.cache_clear()
    heap.keep_memory()
    heap.give_back_memory()
    assert heap._glibc() is None
    heap._glibc.cache_clear()


def test_the_engine_gives_back_what_a_request_took(monkeypatch):
    given_back = threading.Event()
    monkeypatch.setattr(service, "give_back_memory", given_back.set)
    engine = InProcessEngine(print)
    engine.start()
    engine.request(Ping()).result(LIMIT_S)
    assert given_back.wait(LIMIT_S)
    engine.close()
