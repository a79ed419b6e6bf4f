"""The orders: placed once, kept in a folder that the replicas share.

    GET /orders          the newest, and how many there are
    GET /orders/count    only how many
    GET /orders/KEY      one
    PUT /orders/KEY      places it; the same KEY again changes nothing and answers what is there

The caller makes up the KEY, so a request that was cut off can be sent again without ordering twice.
An order is a file. It is written under a name of its own, then linked to `KEY.json`: the link is
made whole or not at all and never replaces an older one, so a kill at any moment leaves no half
order, and no lock can be left behind by a process that hangs.
"""

import json
import os
import re
import tempfile
import time
from pathlib import Path

from serving import Handler, Server, port_from_arguments

KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
LISTED = 20
MOST_LINES = 50
LINE = {"product": str, "name": str, "price": int, "quantity": int}
FOLDER = Path(os.environ.get("ORDERS_FOLDER", "state/orders"))


def place(key, lines):
    """The order under this key, and whether it is new."""
    order = {
        "key": key, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "lines": lines,
        "total": sum(line["price"] * line["quantity"] for line in lines),
    }
    descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=FOLDER)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(order, file)
            file.flush()
            os.fsync(descriptor)
        os.link(draft, FOLDER / f"{key}.json")
    except FileExistsError:
        return find(key), False
    finally:
        os.unlink(draft)
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return order, True


def find(key):
    try:
        return json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def count():
    return sum(name.endswith(".json") for name in os.listdir(FOLDER))


def newest():
    with os.scandir(FOLDER) as entries:
        placed = [(entry.stat().st_mtime_ns, entry.name) for entry in entries if entry.name.endswith(".json")]
    placed.sort(reverse=True)
    return {"count": len(placed), "orders": [find(name.removesuffix(".json")) for _, name in placed[:LISTED]]}


def lines_of(text):
    """The lines of an order as they were sent; raises ValueError when they are none."""
    value = json.loads(text)
    lines = value.get("lines") if isinstance(value, dict) else None
    if not isinstance(lines, list) or not 0 < len(lines) <= MOST_LINES:
        raise ValueError(f"an order has 1 to {MOST_LINES} lines")
    for line in lines:
        types = {name: type(item) for name, item in line.items()} if isinstance(line, dict) else None
        if types != LINE or line["price"] < 0 or line["quantity"] < 1:
            raise ValueError("a line has product, name, price and quantity")
    return lines


class Orders(Handler):
    def get(self, path):
        if path.rstrip("/") == "/orders":
            self.answer_json(200, newest())
        elif path == "/orders/count":
            self.answer_json(200, {"count": count()})
        elif (key := self.key(path)) and (order := find(key)):
            self.answer_json(200, order)
        else:
            self.answer_json(404, {"error": "there is no such order"})

    def put(self, path):
        key = self.key(path)
        if not key:
            return self.answer_json(404, {"error": "a key has 8 to 64 letters, digits and hyphens"})
        try:
            lines = lines_of(self.body)
        except ValueError as problem:
            return self.answer_json(400, {"error": str(problem)})
        order, new = place(key, lines)
        self.answer_json(201 if new else 200, order)

    def key(self, path):
        key = path.removeprefix("/orders/")
        return key if KEY.fullmatch(key) else None


if __name__ == "__main__":
    port = port_from_arguments("The shop's orders.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    Server("orders", Orders, port).run()
