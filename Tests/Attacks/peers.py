"""Runs the corpus against Ballast, HAProxy and nginx, and writes who passes what.

    make peers            writes the table of docs/attacks.md
    python -m Attacks.peers --only nginx --row 6 9 --verbose
"""

import argparse
import concurrent.futures
import datetime
import pathlib
import re
import subprocess
import sys
import tempfile

from Attacks import proxy
from Attacks.case import Case
from Attacks.cases import CASES
from Attacks.observation import observe
from Attacks.recorder import Recorder
from Attacks.rows import ROWS
from Attacks.test_attacks import test_attack as attack
from Attacks.verdict import MAY, is_http2, problem

NAMES = ["ballast", "haproxy", "nginx"]
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/attacks.md"
BEGIN, END = "<!-- peers -->\n", "<!-- end of peers -->\n"
LISTED, SAFE = "listed", "as safe"
# The peers have no counterpart to what the later rows configure.
LAST_ROW = 30

# What became of a case: LISTED, SAFE, or why it fails.
Verdicts = dict[str, str]


def judge(case: Case, target, recorder: Recorder) -> str:
    try:
        attack(case, target, recorder)
        return LISTED
    except BaseException as outcome:  # What pytest raises is no Exception.
        if isinstance(outcome, KeyboardInterrupt):
            raise
    recorder.settle()
    seen = observe(case, target.port, recorder)
    target.check_alive()
    return SAFE if is_http2(seen) else problem(case, seen) or SAFE


def run(name: str, cases: list[Case], verbose: bool) -> Verdicts:
    recorder = Recorder()
    with tempfile.TemporaryDirectory(prefix="ballast-peers-") as folder:
        target = proxy.start(name, pathlib.Path(folder), recorder.port)
        verdicts: Verdicts = {}
        try:
            for number, case in enumerate(cases, 1):
                verdicts[case.id] = judge(case, target, recorder)
                if verbose and verdicts[case.id] != LISTED:
                    print(f"{name}: {case.id}: {verdicts[case.id]}", flush=True)
                elif number % 100 == 0:
                    print(f"{name}: {number} of {len(cases)}", file=sys.stderr, flush=True)
        finally:
            target.stop()
            recorder.stop()
    return verdicts


def table(cases: list[Case], by_name: dict[str, Verdicts]) -> str:
    lines = ["| row | input | cases | " + " | ".join(by_name) + " |", "|--:|---|--:|" + "---|" * len(by_name)]
    for row in sorted({case.row for case in cases}):
        ids = [case.id for case in cases if case.row == row]
        cells = [_cell([verdicts[one] for one in ids]) for verdicts in by_name.values()]
        lines.append(f"| {row} | {ROWS[row]} | {len(ids)} | " + " | ".join(cells) + " |")
    cells = [_cell(list(verdicts.values())) for verdicts in by_name.values()]
    lines.append(f"| | all | {len(cases)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(verdicts: list[str]) -> str:
    listed, safe = verdicts.count(LISTED), verdicts.count(SAFE)
    failed = len(verdicts) - listed - safe
    words = [str(listed)] if listed else []
    words += [f"{safe} as safe"] if safe else []
    words += [f"**{failed} not**"] if failed else []
    return ", ".join(words)


def failures(cases: list[Case], verdicts: Verdicts) -> str:
    """Each failed case once: one that also fails byte by byte is the same finding."""
    lines = []
    for row in sorted({case.row for case in cases}):
        found: dict[str, list[str]] = {}
        for case in (case for case in cases if case.row == row):
            why = verdicts[case.id]
            whole = verdicts.get(case.id.removesuffix(",-byte-by-byte"), LISTED)
            if why in (LISTED, SAFE) or (case.name.endswith("byte by byte") and whole not in (LISTED, SAFE)):
                continue
            found.setdefault(_plain(why), []).append(case.name)
        lines += [f"- row {row}: {', '.join(names)}: {why}" for why, names in found.items()]
    return "\n".join(lines) or "- none"


def _plain(why: str) -> str:
    """Bytes as a table of a page can hold them."""
    return re.sub(r"b(['\"])(.*?)\1", r"`\2`", why).replace("|", "\\|")


def version(name: str) -> str:
    command = {"ballast": None, "haproxy": ["haproxy", "-v"], "nginx": ["nginx", "-v"]}[name]
    if command is None:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=PAGE.parent, capture_output=True, text=True)
        return f"Ballast (commit {commit.stdout.strip()})"
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"[ /](\d+\.\d+[\w.+-]*)", done.stdout + done.stderr)
    return f"{ {'haproxy': 'HAProxy', 'nginx': 'nginx'}[name]} {found.group(1) if found else '?'}"


def report(cases: list[Case], by_name: dict[str, Verdicts]) -> str:
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    parts = [
        f"Written by `make peers` on {today}; do not edit. {', '.join(map(version, by_name))}.", "",
        table(cases, by_name), "", "Where a row of a peer says `as safe`:", "",
        *(f"- row {row}: {text}." for row, text in MAY.items()
          if any(by_name[name][case.id] == SAFE for name in by_name for case in cases if case.row == row)), "",
    ]
    for name, verdicts in by_name.items():
        parts += [f"### What {name} does not pass", "", failures(cases, verdicts), ""]
    return "\n".join(parts)


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m Attacks.peers", description=__doc__.partition("\n")[0])
    words.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    words.add_argument("--row", nargs="+", type=int, help="these rows only; writes no page")
    words.add_argument("--verbose", action="store_true", help="each case that is not as listed")
    options = words.parse_args()
    cases = [case for case in CASES if case.row <= LAST_ROW and (not options.row or case.row in options.row)]
    # Most of the time goes into waiting for what does not come, so that they may run at once.
    with concurrent.futures.ThreadPoolExecutor(len(options.only)) as threads:
        begun = {name: threads.submit(run, name, cases, options.verbose) for name in options.only}
        by_name = {name: verdicts.result() for name, verdicts in begun.items()}
    text = report(cases, by_name)
    print(text)
    if options.only == NAMES and not options.row:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(before + BEGIN + text.strip() + "\n" + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
