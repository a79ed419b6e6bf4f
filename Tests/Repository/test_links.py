"""Links of documents lead to something that is there."""

import os
import re
import unicodedata

from Repository.tree import ROOT, files, named, refuse, text

LINK = re.compile(r"(?<!\\)\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s+(\S+)|(?:src|href)=\"([^\"]+)\"", re.MULTILINE)
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def _links(name: str) -> list[str]:
    return [next(filter(None, found)) for found in LINK.findall(CODE.sub("", text(name)))]


def _anchors(name: str) -> set[str]:
    """The anchors of a document's headings, as the usual viewers make them."""
    outside = re.sub(r"^(```|~~~).*?^\1", "", text(name), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in re.findall(r"^#+\s+(.+?)\s*#*$", outside, re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        kept = (c for c in heading if c in " -_" or unicodedata.category(c)[0] in "LNM")
        slug = "".join(kept).replace(" ", "-")
        number, anchor = 0, slug
        while anchor in found:
            number += 1
            anchor = f"{slug}-{number}"
        found.add(anchor)
    return found | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text(name)))


def test_every_relative_link_leads_somewhere():
    known = set(files())
    folders = {os.path.dirname(name) for name in known}
    folders |= {parent for folder in folders for parent in _parents(folder)}
    found = []
    for name in named(".md"):
        for link in _links(name):
            if re.match(r"[a-z][a-z0-9+.-]*:", link):
                continue
            path, _, anchor = link.partition("#")
            goal = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            if goal not in known and goal not in folders:
                found.append(f"{name}: {link}")
            elif anchor and goal.endswith(".md") and anchor not in _anchors(goal):
                found.append(f"{name}: {link} (no such heading)")
    refuse(found, "broken links")


def _parents(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))] + ["."]


def test_the_root_is_the_repository():
    assert (ROOT / "Package.swift").is_file()
