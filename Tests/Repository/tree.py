"""The files of the repository, and Swift text without its comments and strings."""

import functools
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = "Tests/Repository/"


@functools.cache
def files() -> tuple[str, ...]:
    """Every file that is in git, or would be; paths from the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    found = {name for name in names.decode().split("\0") if name}
    return tuple(sorted(name for name in found if (ROOT / name).is_file()))


@functools.cache
def text(name: str) -> str:
    """The file's text; empty for a file that isn't text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def named(*suffixes: str, under: str = "") -> list[str]:
    return [name for name in files() if name.startswith(under) and name.endswith(suffixes)]


def swift_sources() -> list[str]:
    return named(".swift", under="Sources/")


def target_of(name: str) -> str:
    """`Sources/Wire/Head/HeadParser.swift` is of `Wire`."""
    return name.split("/")[1]


@functools.cache
def code(name: str) -> str:
    """Swift text with comments and the text of strings blanked out, line numbers kept."""
    return blank(text(name))


# What a string or a comment can begin with; everything before it is code.
_MARK = re.compile(r'//[^\n]*|/\*|(#*)("""|")|[()]')


def blank(source: str) -> str:
    out: list[str] = []
    _code(source, 0, out, nested=False)
    return "".join(out)


def _code(source: str, at: int, out: list[str], nested: bool) -> int:
    """Copies code; when nested (in an interpolation), up to the parenthesis that closes it."""
    depth = 0
    while True:
        mark = _MARK.search(source, at)
        if mark is None:
            out.append(source[at:])
            return len(source)
        out.append(source[at : mark.start()])
        found = mark.group()
        at = mark.end()
        if found == "(":
            depth += 1
            out.append(found)
        elif found == ")":
            if nested and depth == 0:
                return at
            depth -= 1
            out.append(found)
        elif found == "/*":
            at = _comment(source, at, out)
        elif not found.startswith("//"):
            out.append('""')
            at = _string(source, at, mark.group(1), mark.group(2), out)


def _comment(source: str, at: int, out: list[str]) -> int:
    depth = 1
    while depth > 0 and at < len(source):
        pair = source[at : at + 2]
        if pair in ("/*", "*/"):
            depth += 1 if pair == "/*" else -1
            at += 2
        else:
            if source[at] == "\n":
                out.append("\n")
            at += 1
    return at


def _string(source: str, at: int, hashes: str, quote: str, out: list[str]) -> int:
    """Skips a string, raw when it has hashes; the code of its interpolations is kept."""
    end, escape = quote + hashes, "\\" + hashes
    while at < len(source):
        if source.startswith(end, at):
            return at + len(end)
        if source.startswith(escape, at):
            at += len(escape)
            if source.startswith("(", at):
                out.append(" ")
                at = _code(source, at + 1, out, nested=True)
                out.append(" ")
            else:
                at += 1
        else:
            if source[at] == "\n":
                out.append("\n")
            at += 1
    return at


def lines_with(pattern: str | re.Pattern[str], names, read=text) -> list[str]:
    """`FILE:LINE: the line` for each line that holds the pattern."""
    expression = re.compile(pattern, re.MULTILINE)
    found = []
    for name in names:
        body = read(name)
        if expression.search(body) is None:
            continue
        shown = text(name).splitlines()
        for number, line in enumerate(body.splitlines(), 1):
            if expression.search(line):
                found.append(f"{name}:{number}: {shown[number - 1].strip()}")
    return found


def refuse(found: list[str], reason: str) -> None:
    """Fails with every place at once, and why it is refused."""
    if found:
        pytest.fail(f"{reason}\n  " + "\n  ".join(found), pytrace=False)
