"""Imports point only upward in the table of layers."""

from Repository.manifest import LAYER_OF, LIBRARIES, TOOLCHAIN, dependencies, imports
from Repository.tree import code, files, refuse, swift_sources, target_of


def _imports_by_file():
    for name in swift_sources():
        yield name, target_of(name), imports(code(name))


def test_every_target_has_a_layer():
    folders = {name.split("/")[1] for name in files() if name.startswith("Sources/")}
    known = set(LAYER_OF) | set(LIBRARIES)
    assert set(dependencies()) == known, "Package.swift and LAYERS in manifest.py name other targets"
    assert folders == known, "the folders of Sources are not the targets of Package.swift"


def test_a_target_depends_on_its_own_layer_or_one_above_it_in_the_table():
    found = []
    for target, needed in dependencies().items():
        for other in needed:
            if other in LIBRARIES:
                if target not in LIBRARIES[other]:
                    found.append(f"{target} -> {other}: only {sorted(LIBRARIES[other])} may")
            elif LAYER_OF[other] > LAYER_OF[target]:
                found.append(
                    f"{target} (layer {LAYER_OF[target]}) -> {other} (layer {LAYER_OF[other]})")
    refuse(found, "a decision must not know the effects that carry it out (ARCHITECTURE.md)")


def test_a_file_imports_only_what_its_target_depends_on():
    found = []
    for name, target, seen in _imports_by_file():
        for module in sorted(seen & (set(LAYER_OF) | set(LIBRARIES))):
            if module not in dependencies()[target]:
                found.append(f"{name}: imports {module}")
    refuse(found, "add the dependency to Package.swift if the layers allow it")


def test_modules_of_the_toolchain_are_imported_only_where_they_may_be():
    found = []
    for name, target, seen in _imports_by_file():
        for module in sorted(seen - set(LAYER_OF) - set(LIBRARIES)):
            if module.startswith("Foundation") and module != "FoundationEssentials":
                found.append(f"{name}: {module}: full Foundation doubles the binary's start and size")
            elif module not in TOOLCHAIN:
                found.append(f"{name}: {module} is unknown here; give it a rule in manifest.py")
            elif target not in TOOLCHAIN[module][0]:
                found.append(f"{name}: {module}: {TOOLCHAIN[module][1]}")
    refuse(found, "this module may not be imported here")


def test_every_declared_dependency_is_imported():
    used: dict[str, set[str]] = {}
    for _, target, seen in _imports_by_file():
        used.setdefault(target, set()).update(seen)
    found = [
        f"{target} -> {other}"
        for target, needed in dependencies().items()
        if target not in LIBRARIES
        for other in needed
        if other not in used.get(target, set())
    ]
    refuse(found, "no file of the target imports this dependency; take it out of Package.swift")
