"""Waiting for events, never for time."""

import asyncio
import concurrent.futures
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")
Result = TypeVar("Result")
STEP_SECONDS = 0.01


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
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs it in a thread of its own: the browser's library leaves a loop running in the main one."""
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()
