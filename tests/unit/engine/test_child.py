"""The engine as a process: answers, deaths, and no orphan left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.engine.client import ChildEngine, EngineDiedError, InProcessEngine, describe_exit
from nodeforge.engine.messages import (
    ControlTraining,
    DataDescribed,
    DescribeData,
    Done,
    Failed,
    Ping,
    Pong,
    Shutdown,
)
from nodeforge.project import schema

LIMIT_S = 60


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition, limit_s: float = LIMIT_S) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def child():
    exits: list[int] = []
    engine = ChildEngine(lambda event: None, exits.append)
    engine.exits = exits
    engine.start()
    yield engine
    engine.close()


@pytest.fixture
def in_process():
    engine = InProcessEngine(lambda event: None)
    engine.start()
    yield engine
    engine.close()


def test_a_project_may_lie_in_a_folder_of_any_name(child, tmp_path):
    folder = tmp_path / "mein Próject 数"
    folder.mkdir()
    (folder / "größe.csv").write_text("a,b\n" + "".join(f"{n},{n * n}.5\n" for n in range(30)), "utf-8")
    source = Component(kind="csv", parameters={"path": "größe.csv"})
    document = schema.encode(Document(title="größer", data=DataSettings(source=source)))
    reply = child.request(DescribeData(document=document, folder=str(folder))).result(LIMIT_S)
    assert isinstance(reply, DataDescribed)
    assert (reply.title, reply.table.columns) == ("größe.csv", ["a", "b"])


def test_ping_is_answered_when_the_engine_is_warm(child):
    pong = child.request(Ping()).result(LIMIT_S)
    assert isinstance(pong, Pong)
    assert pong.torch_version
    child.close()
    assert not child.alive
    assert child.exits == [], "an end that was asked for is no death"


@pytest.mark.parametrize("host", ["child", "in_process"])
def test_a_bad_request_is_answered_with_a_sentence(host, request):
    engine = request.getfixturevalue(host)
    reply = engine.request(DescribeData(document=b"{", folder=".")).result(LIMIT_S)
    assert isinstance(reply, Failed)
    assert reply.user_fault
    assert "Traceback" not in reply.message


@pytest.mark.parametrize("host", ["child", "in_process"])
def test_controls_of_a_run_that_is_not_there_are_refused(host, request):
    engine = request.getfixturevalue(host)
    reply = engine.request(ControlTraining(run="9", action="pause")).result(LIMIT_S)
    assert isinstance(reply, Failed)
    assert "9" in reply.message


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_a_killed_engine_fails_what_waits_and_tells_its_exit(child):
    child.request(Ping()).result(LIMIT_S)
    os.kill(child.pid, signal.SIGSTOP)  # so that it cannot answer in time
    waiting = child.request(Ping())
    child.kill()
    with pytest.raises(EngineDiedError):
        waiting.result(LIMIT_S)
    wait_until(lambda: child.exits)
    assert child.exits[0] != 0
    with pytest.raises(EngineDiedError):
        child.request(Ping()).result(LIMIT_S)


def test_shutdown_is_answered_before_the_end(child):
    assert child.request(Shutdown()).result(LIMIT_S) == Done(id=1)
    wait_until(lambda: not child.alive)


OWNER = """
import sys, threading
from nodeforge.engine.client import ChildEngine
engine = ChildEngine(lambda event: None)
engine.start()
print(engine.pid, flush=True)
threading.Event().wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_engine_dies_with_the_app_however_it_dies(how):
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    pid = int(owner.stdout.readline())
    assert is_running(pid)
    owner.send_signal(how)
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not is_running(pid), limit_s=30)


def test_the_client_imports_no_torch():
    code = "import sys, nodeforge.engine.client; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_exit_codes_are_told_in_words():
    assert "memory" in describe_exit(-9)
    assert "signal 11" in describe_exit(-11)
    assert "exit code 3" in describe_exit(3)


def test_requests_from_many_threads_get_their_own_answers(child):
    replies = {}

    def ask(number: int) -> None:
        replies[number] = child.request(ControlTraining(run=str(number), action="stop")).result(LIMIT_S)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(str(number) in reply.message for number, reply in replies.items())
    assert len(replies) == 20
