"""Runs the binary on a terminal of its own."""

import os
import pty
import select
import subprocess
import time


def on_terminal(command, environment, until=None, deadline_seconds=20):
    """Everything printed, up to `until` or the end."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    text = b""
    end = time.monotonic() + deadline_seconds
    try:
        while time.monotonic() < end:
            if not select.select([leader], [], [], max(0, end - time.monotonic()))[0]:
                break
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
            if until and until in text:
                break
        else:
            raise AssertionError(f"no {until!r} in {text!r}")
    finally:
        if process.poll() is None and until:
            process.terminate()
        process.wait(timeout=deadline_seconds)
        os.close(leader)
    return text.decode()
