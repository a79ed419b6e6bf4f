"""Reading Prometheus text, strictly enough to notice what promtool does not."""

import re

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
PART = re.compile(r"_(?:bucket|sum|count)$")


class Metrics:
    def __init__(self, text: str) -> None:
        self.text = text
        self.samples: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        self.problems: list[str] = []
        self.types: dict[str, str] = {}
        # Families in the order of their lines, one entry for each run of lines.
        self.runs: list[str] = []
        for line in text.splitlines():
            self._take(line)

    def _take(self, line: str) -> None:
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ", 3)
            self.types[name] = kind
        if line.startswith("#"):
            self._run(line.split(" ")[2])
            return
        found = SAMPLE.match(line)
        if found is None:
            self.problems.append(f"not a sample: {line}")
            return
        name, labels = found.group(1), frozenset(LABEL.findall(found.group(3) or ""))
        family = PART.sub("", name)
        self._run(family if self.types.get(family) == "histogram" else name)
        if (name, labels) in self.samples:
            self.problems.append(f"twice: {line}")
        self.samples[name, labels] = float(found.group(4))

    def _run(self, family: str) -> None:
        if not self.runs or self.runs[-1] != family:
            if family in self.runs:
                self.problems.append(f"not in one piece: {family}")
            self.runs.append(family)

    def sum(self, name: str, **labels: str) -> float:
        """Over all series of the name that have these labels."""
        wanted = set(labels.items())
        return sum(value for (found, has), value in self.samples.items() if found == name and wanted <= has)

    def series(self, name: str) -> dict[frozenset[tuple[str, str]], float]:
        return {labels: value for (found, labels), value in self.samples.items() if found == name}
