"""What a process and its descendants have used, from the kernel's own accounting."""

import os
import pathlib

PROC = pathlib.Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Tree:
    """A process with all its descendants, such as a keeper with its engine."""

    def __init__(self, root: int) -> None:
        self.root = root

    def pids(self) -> list[int]:
        children: dict[int, list[int]] = {}
        for entry in PROC.iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text()
                except OSError:
                    continue
                parent = int(stat.rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
        found, todo = [], [self.root]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += children.get(pid, [])
        return found

    def cpu_nanoseconds(self) -> int:
        """User and system time of every thread, as the scheduler counted it."""
        total = 0
        for pid in self.pids():
            for thread in (PROC / str(pid) / "task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0])
        return total

    def resident_bytes(self) -> int:
        return sum(int((PROC / str(pid) / "statm").read_text().split()[1]) for pid in self.pids()) * PAGE
