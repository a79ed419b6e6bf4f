"""Calling another service through Ballast."""

import http.client
import json
import queue
import time
from urllib.parse import urlsplit

TIMEOUT = 4  # Seconds; Ballast's own tries and timeouts fit into it.
KEEP = 30  # Seconds that an unused connection is kept; shorter than Ballast keeps it.


class Unavailable(Exception):
    """No answer that can be used."""


class Answer:
    def __init__(self, status, replica, value):
        self.status, self.replica, self.value = status, replica, value


class Service:
    """The service at `address`, an `http://host:port`. Safe for many threads."""

    def __init__(self, name, address):
        parts = urlsplit(address)
        self.name, self.host, self.port = name, parts.hostname, parts.port or 80
        self.unused = queue.LifoQueue()

    def get(self, path):
        return self.call("GET", path)

    def put(self, path, value):
        return self.call("PUT", path, json.dumps(value).encode())

    def call(self, method, path, body=None):
        """Only methods that may be repeated come here. A kept connection can have been closed in
        the meantime, so a failure on one is no failure yet; two new ones decide."""
        tries = 2
        while True:
            connection = self.kept_connection()
            if connection is None:
                tries -= 1
                connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)
            try:
                return self.exchange(connection, method, path, body)
            except (OSError, http.client.HTTPException, ValueError) as problem:
                connection.close()
                if tries == 0 or isinstance(problem, TimeoutError):
                    raise Unavailable(f"{self.name}: {problem or type(problem).__name__}") from problem

    def exchange(self, connection, method, path, body):
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read()
        if response.will_close:
            connection.close()
        else:
            self.unused.put((time.monotonic(), connection))
        if response.status >= 500:
            raise Unavailable(f"{self.name} answered {response.status}")
        return Answer(response.status, response.headers.get("X-Replica", "?"), json.loads(text))

    def kept_connection(self):
        while True:
            try:
                since, connection = self.unused.get_nowait()
            except queue.Empty:
                return None
            if time.monotonic() - since < KEEP:
                return connection
            connection.close()
