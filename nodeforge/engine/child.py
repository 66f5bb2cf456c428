"""The engine as a process of its own: requests on standard input, replies and events on standard output.

It must not outlive the app. A thread that does nothing but read standard input sees its end the moment the
app dies, however it dies; training then gets a few seconds to write its checkpoint, and a watchdog in C, which
needs no Python, ends the process in any case. (Linux' parent-death signal would leave no time for the
checkpoint, and is tied to the thread that started the child, not to the app.)
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import threading
from typing import IO

import msgspec

from nodeforge.engine.framing import read_frame, write_frame
from nodeforge.engine.messages import Done, Reply, Shutdown, request_decoder
from nodeforge.engine.outbox import Outbox
from nodeforge.engine.service import Engine, failure

GRACE_S = 5.0
"""Time for a last checkpoint once the app is gone."""


def main() -> int:
    """Serve until standard input ends or a Shutdown is answered."""
    faulthandler.enable()
    requests, replies = _claim_standard_streams()
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)  # the window comes first when cores are scarce
    outbox = Outbox()
    engine = Engine(outbox.put)
    writer = threading.Thread(target=_write_all, args=(outbox, replies), name="engine-writer", daemon=True)
    writer.start()
    reader = threading.Thread(
        target=_read_all, args=(requests, engine, outbox), name="engine-reader", daemon=True
    )
    reader.start()
    engine.serve()
    outbox.close()
    writer.join(GRACE_S)
    return 0


def _claim_standard_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the two pipes to ourselves; whatever a library prints goes to the log instead."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, replies


def _read_all(stream: IO[bytes], engine: Engine, outbox: Outbox) -> None:
    while (frame := read_frame(stream)) is not None:
        request = request_decoder.decode(frame)
        if isinstance(request, Shutdown):
            engine.close(GRACE_S)
            outbox.put(Done(id=request.id))
            return
        engine.submit(request, outbox.put)
    faulthandler.dump_traceback_later(GRACE_S + 3, exit=True)
    engine.close(GRACE_S)


def _write_all(outbox: Outbox, stream: IO[bytes]) -> None:
    # A broken pipe means that the app is gone; the reader sees the same and ends the engine.
    with contextlib.suppress(OSError):
        while messages := outbox.take():
            for message in messages:
                try:
                    write_frame(stream, message)
                except TypeError as error:  # a bug of ours: an object that cannot be sent
                    number = message.id if isinstance(message, Reply) else 0
                    write_frame(stream, msgspec.structs.replace(failure(error), id=number))


if __name__ == "__main__":
    # Python would take seconds to tear torch down; nothing is left to write.
    os._exit(main())
