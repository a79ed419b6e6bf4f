"""The fuzz package builds the product's targets anew, so it has to name them as Package.swift does."""

import re

from Repository.manifest import dependencies
from Repository.tree import files, refuse, text

DECLARED = re.compile(r'\b(product|fuzz)\(\s*((?:"\w+",?\s*)+)\)')
LINKED = re.compile(r'\.systemLibrary\(name: "(\w+)"')


def _declared(kind: str) -> list[list[str]]:
    return [
        re.findall(r"\w+", words)
        for found, words in DECLARED.findall(text("Fuzz/Package.swift")) if found == kind]


def test_each_target_of_the_product_is_declared_once_and_with_its_dependencies():
    names = [name for name, *_ in _declared("product")]
    assert len(names) > 10, "the pattern of this test finds them no more"
    found = [f"{name}: twice" for name in set(names) if names.count(name) > 1]
    for name, *needed in _declared("product"):
        found += [f"{name} -> {other}: missing" for other in sorted(set(dependencies()[name]) - set(needed))]
        found += [f"{name} -> {other}: not in Package.swift" for other in sorted(set(needed) - set(dependencies()[name]))]
    refuse(found, "Fuzz/Package.swift says something else than Package.swift")


def test_each_dependency_is_a_target():
    known = {name for name, *_ in _declared("product")} | set(LINKED.findall(text("Fuzz/Package.swift")))
    found = [
        f"{name} -> {other}"
        for kind in ("product", "fuzz") for name, *needed in _declared(kind) for other in needed if other not in known]
    refuse(found, "Fuzz/Package.swift has no such target")


def test_each_fuzz_target_has_sources_and_seeds_and_is_run():
    names = {name for name, *_ in _declared("fuzz")}
    folders = {name.split("/")[2] for name in files() if name.startswith("Fuzz/Sources/Fuzz")}
    seeds = {name.split("/")[2] for name in files() if name.startswith("Fuzz/Corpus/")}
    run = set(re.findall(r"\bFuzz[A-Z]\w+", text("Fuzz/run.sh")))
    assert names == folders == run
    assert names <= seeds
    # The linker asks for it; a debug build of the product never does.
    refuse(
        [name for name in sorted(names) if "\n@main\n" not in text(f"Fuzz/Sources/{name}/{name}.swift")],
        "a fuzz target is a program")
