"""Waiting for events, never for time."""

import asyncio
import collections
import concurrent.futures
import random
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")
Result = TypeVar("Result")
STEP_SECONDS = 0.01
# Below those that Ballast gives replicas, and the kernel outgoing connections.
LEAST_PORT, MOST_PORT = 10_240, 20_000
_given: collections.deque[int] = collections.deque(maxlen=1_000)


def wait_until(condition: Callable[[], Value], seconds: float, what: str, step: float = STEP_SECONDS) -> Value:
    """The condition's first value that counts as true; fails, with its last one, after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s: {what}; last seen: {value!r}")
        time.sleep(step)


def free_port() -> int:
    """A port that nobody listens on just now, and that no outgoing connection gets, which could come first."""
    while True:
        port = random.randrange(LEAST_PORT, MOST_PORT)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.append(port)
        return port


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs it in a thread of its own: the browser's library leaves a loop running in the main one."""
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()
