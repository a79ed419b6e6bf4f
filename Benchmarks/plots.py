"""Plots as SVG, without a library: readable on light and dark pages, and without JavaScript."""

import html
import math
import pathlib
from collections.abc import Sequence

WIDTH, HEIGHT = 860, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 34
# One look each, told apart by its dashes as well as by its colour.
DASHES = ["", "7 4", "2 3"]

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 } .axis { stroke: #8c959f; stroke-width: 1 } .grid { stroke: #d0d7de; stroke-width: .6 }
.line { fill: none; stroke-width: 2 } .area { stroke: none; opacity: .18 } .rule { stroke: #cf222e; stroke-width: 1; stroke-dasharray: 4 3 }
.c0 { stroke: #0969da; fill: #0969da } .c1 { stroke: #bc4c00; fill: #bc4c00 } .c2 { stroke: #57606a; fill: #57606a }
polyline { fill: none !important } .sheet { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .grid { stroke: #30363d } .axis { stroke: #6e7681 } .rule { stroke: #ff7b72 } .sheet { fill: #0d1117 }
  .c0 { stroke: #58a6ff; fill: #58a6ff } .c1 { stroke: #f0883e; fill: #f0883e } .c2 { stroke: #8b949e; fill: #8b949e }
}
""".strip()


class Panel:
    """Lines over one time axis."""

    def __init__(self, title: str, unit: str = "", rule: float | None = None) -> None:
        self.title, self.unit, self.rule = title, unit, rule
        self.lines: list[tuple[str, Sequence[float], Sequence[float], bool]] = []

    def line(self, name: str, xs: Sequence[float], ys: Sequence[float], steps: bool = False) -> "Panel":
        self.lines.append((name, xs, ys, steps))
        return self

    @property
    def top(self) -> float:
        return _nice(max([max(ys) for _, _, ys, _ in self.lines] + [self.rule or 0]))


def write(path: pathlib.Path, about: str, panels: list[Panel], seconds: float) -> None:
    """One picture, its panels below one another."""
    body = "\n".join(_panel(panel, number * HEIGHT, seconds) for number, panel in enumerate(panels))
    height = HEIGHT * len(panels)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
        f"<title>{html.escape(about)}</title>\n<style>{STYLE}</style>\n"
        f'<rect class="sheet" width="{WIDTH}" height="{height}" rx="6"/>\n{body}\n</svg>\n', encoding="utf-8")


def _panel(panel: Panel, offset: int, seconds: float) -> str:
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    bottom, top = offset + HEIGHT - BOTTOM, panel.top

    def x(value: float) -> float:
        return LEFT + value / seconds * width

    def y(value: float) -> float:
        return bottom - min(value, top) / top * height

    parts = [f'<text class="title" x="{LEFT}" y="{offset + 20}">{html.escape(panel.title)}</text>']
    for number in range(5):
        value = top * number / 4
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}{panel.unit}</text>')
    step = 3_600 * 3 if seconds > 36_000 else 600
    for moment in range(0, int(seconds) + 1, step):
        anchor = "end" if moment >= seconds - 1 else "middle"
        word = f"{moment // 3_600}:00" if step >= 3_600 else f"{moment // 60} min"
        parts.append(f'<text x="{x(moment):.1f}" y="{bottom + 18}" text-anchor="{anchor}">{word}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>')
    if panel.rule is not None:
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(panel.rule):.1f}" y2="{y(panel.rule):.1f}"/>')
    legend = WIDTH - RIGHT
    # The first line is drawn last, on top of the others.
    for number, (name, xs, ys, steps) in reversed(list(enumerate(panel.lines))):
        dash = f' stroke-dasharray="{DASHES[number]}"' if DASHES[number] else ""
        points = " ".join(_points([x(one) for one in xs], [y(one) for one in ys], steps))
        parts.append(f'<polyline class="line c{number}" points="{points}"{dash}/>')
        legend -= 7 * len(name) + 40
        parts.append(
            f'<line class="line c{number}" x1="{legend}" x2="{legend + 22}" y1="{offset + 16}" y2="{offset + 16}"{dash}/>'
            f'<text x="{legend + 28}" y="{offset + 20}">{html.escape(name)}</text>')
    return "\n".join(parts)


def _points(xs: Sequence[float], ys: Sequence[float], steps: bool) -> list[str]:
    """Those where something changes; a line that stays needs its ends only."""
    points: list[tuple[float, float]] = []
    for number, (x, y) in enumerate(zip(xs, ys)):
        if steps and points and points[-1][1] != y:
            points.append((x, points[-1][1]))
        if 0 < number < len(ys) - 1 and ys[number - 1] == y == ys[number + 1]:
            continue
        points.append((x, y))
    return [f"{x:.1f},{y:.1f}" for x, y in points]


def _nice(value: float) -> float:
    """The next number that four parts of are easy to read."""
    if value <= 0:
        return 1
    scale = 10 ** math.floor(math.log10(value))
    return next(part * scale for part in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10, 12) if part * scale >= value)
