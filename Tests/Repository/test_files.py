"""Dead files, long files, and words that must not stay in the repository."""

import pathlib
import re

from Repository.tree import HERE, code, files, lines_with, named, refuse, swift_sources, text

LONGEST = 600
DECLARATION = re.compile(
    r"^\s*(?:@\S+\s+)*(?:\w+(?:\(\w+\))?\s+)*(?:func|struct|class|enum|protocol|actor|extension|let|var|typealias|init)\b",
    re.MULTILINE,
)


def _written_by_hand() -> list[str]:
    # Libraries that the dashboard embeds come as their authors wrote them.
    return [name for name in files() if "/vendor/" not in name.lower()]


def test_every_swift_file_declares_something():
    found = [
        name
        for name in named(".swift")
        if pathlib.Path(name).name not in ("Package.swift", "main.swift")
        and (DECLARATION.search(code(name)) is None or name.endswith("/Placeholder.swift"))
    ]
    refuse(found, "dead files: nothing is declared in them")


def test_every_other_file_is_named_by_one_that_uses_it():
    """Scripts, embedded files and headers; C files are compiled because they are there."""
    candidates = [
        name
        for name in files()
        if (name.startswith("Sources/") and not name.endswith((".swift", ".c", "module.modulemap")))
        or (name.startswith("scripts/"))
    ]
    found = []
    for name in candidates:
        path = pathlib.PurePath(name)
        target = path.parts[1]
        if path.name == f"{target}.h":
            continue
        word = re.compile(r"(?<![\w-])" + re.escape(path.name))
        if not any(word.search(text(other)) for other in files() if other != name):
            found.append(name)
    refuse(found, "dead files: no other file names them")


def test_every_document_is_linked():
    documents = [
        name
        for name in named(".md")
        if not pathlib.PurePath(name).name.startswith("README") and "/" in name
    ]
    found = []
    for name in documents:
        link = re.compile(r"\]\([^)\s]*" + re.escape(pathlib.PurePath(name).name))
        if not any(link.search(text(other)) for other in named(".md") if other != name):
            found.append(name)
    refuse(found, "dead documents: no other document links to them")


def test_every_example_is_told_of():
    examples = {name.split("/")[1] for name in files() if name.startswith("Examples/")}
    told = "".join(text(name) for name in named(".md"))
    refuse(
        sorted(example for example in examples if f"Examples/{example}" not in told),
        "dead examples: no document tells of them",
    )


def test_no_file_is_too_long_to_read():
    suffixes = (".swift", ".c", ".h", ".py", ".sh", ".js", ".css", ".html")
    found = []
    for name in _written_by_hand():
        if name.endswith(suffixes):
            count = text(name).count("\n")
            if count > LONGEST:
                found.append(f"{name}: {count} lines")
    refuse(found, f"split what has more than {LONGEST} lines along its nouns")


def test_nothing_is_left_for_later_in_the_sources():
    names = [name for name in _written_by_hand() if not name.startswith(HERE)]
    refuse(lines_with(r"\b(TODO|FIXME|XXX)\b", names), "do it, or open an issue")


def test_no_path_of_one_machine_is_written_down():
    names = [name for name in files() if not name.startswith(HERE)]
    refuse(
        lines_with(r"(?<![\w.])/(?:home|Users)/\w|(?<![\w.$}])/root/|/opt/swift\b|(?<![\w.}])/work/", names),
        "a path of the machine of whoever wrote it",
    )
    shipped = [name for name in names if name.startswith(("Sources/", "docs/", "Examples/", "README"))]
    refuse(
        lines_with(r"(?<![\w.}])/tmp/", shipped),
        "a fixed path in a folder that anybody can write to; take it from the configuration",
    )


def test_both_readmes_have_the_same_parts():
    def levels(name: str) -> list[int]:
        assert name in files(), f"{name} is missing"
        outside = re.sub(r"^```.*?^```", "", text(name), flags=re.MULTILINE | re.DOTALL)
        return [len(marks) for marks in re.findall(r"^(#+) ", outside, re.MULTILINE)]

    assert levels("README.md") == levels("README.zh-CN.md"), "translate what one of them lacks"


def test_swift_files_are_where_the_layout_says():
    outside = [name for name in named(".swift") if not name.startswith(("Sources/", "Tests/", "Fuzz/", "Benchmarks/Picks/", "Package"))]
    refuse(outside, "Swift belongs into Sources, Tests, Fuzz or Benchmarks/Picks")
    assert swift_sources()
