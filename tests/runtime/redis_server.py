"""A Redis of the tests' own, where Debian's `redis-server` or another is installed.

Without one, or without the extra `redis`, the tests that need it are skipped and say why;
PATCHWORKS_TEST_REDIS=required makes that a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

PASSWORD = "canary-redis/Pw 4%?"
"""Of all that a URL has to escape."""


class Redis:
    """A running Redis.

    Attributes:
        url: Its address, with the password.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"redis://:canary-redis%2FPw%204%25%3F@127.0.0.1:{port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, without any data, and wait until it takes connections."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]
        self._process = subprocess.Popen([*command, "--requirepass", PASSWORD], stdout=subprocess.DEVNULL)
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise RuntimeError("redis-server does not start")

    def stop(self) -> None:
        """Kill it: what it knew is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It still takes connections, but answers nothing; stop() ends that too."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)


@contextmanager
def running_redis() -> Generator[Redis]:
    """A Redis on a free port."""
    if missing := _missing():
        if os.environ.get("PATCHWORKS_TEST_REDIS") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        redis = Redis(probe.getsockname()[1])
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()


def _missing() -> str | None:
    if shutil.which("redis-server") is None:
        return "needs redis-server (apt-get install redis-server), which is not installed"
    if find_spec("redis") is None:
        return 'needs the extra "redis", which is not installed'
    return None
