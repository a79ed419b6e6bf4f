"""docs/measurements.md: each benchmark replaces its own part and leaves the others."""

import datetime
import os
import pathlib
import platform
import re
import subprocess

TITLE = "# Measurements\n"


def replace(path: pathlib.Path, name: str, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.read_text(encoding="utf-8") if path.exists() else TITLE
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    part = f"{begin}\n{text.strip()}\n{end}\n"
    found = re.search(f"{re.escape(begin)}.*?{re.escape(end)}\n", whole, re.DOTALL)
    whole = whole[: found.start()] + part + whole[found.end():] if found else f"{whole.rstrip()}\n\n{part}"
    path.write_text(whole, encoding="utf-8")


def markdown(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: list[str]) -> str:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        return "| " + " | ".join(cells) + " |"

    rule = "|-" + "-|-".join("-" * width for width in widths[:1]) + "-|"
    rule += "|".join("-" * (width + 1) + ":" for width in widths[1:]) + "|"
    return "\n".join([line(rows[0]), rule, *map(line, rows[1:])])


def today() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")


def machine() -> str:
    model = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    name = model.group(1).strip() if model else platform.machine()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}"


def versions(ballast: str) -> str:
    def first(command: list[str]) -> str:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10)
        except OSError:
            return ""
        return (done.stdout + done.stderr).partition("\n")[0]

    haproxy = re.search(r"version (\S+)", first(["haproxy", "-v"]))
    nginx = re.search(r"nginx/(\S+)", first(["nginx", "-v"]))
    wrk = re.search(r"wrk \S*?([\d.]+)", first(["wrk", "-v"]))
    own = re.search(r"\d+\.\d+\S*", first([ballast, "version"]))
    commit = first(["git", "rev-parse", "--short", "HEAD"])
    found = {"HAProxy": haproxy, "nginx": nginx, "wrk": wrk}
    words = [f"{name} {match.group(1)}" for name, match in found.items() if match]
    words.append(f"Ballast {own.group() if own else ''} (commit {commit})".replace("  ", " "))
    return ", ".join(words)
