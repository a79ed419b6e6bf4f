// What differs between two texts, line by line (Myers, "An O(ND) Difference Algorithm", 1986).

const DIFFERENCES_SOUGHT = 2000; // Beyond, the texts are shown as wholly different.
const CONTEXT = 3;

/** `[{ kind: "same" | "old" | "new", text, from, to }]`, with line numbers from 1. */
function differences(old, fresh) {
  const [a, b] = [old.split("\n"), fresh.split("\n")];
  const path = shortestEdit(a, b);
  const found = [];
  const add = (kind, from, to) => found.push({ kind, text: kind === "new" ? b[to - 1] : a[from - 1], from, to });
  if (!path) {
    a.forEach((_, place) => add("old", place + 1, 0));
    b.forEach((_, place) => add("new", 0, place + 1));
    return found;
  }
  let [x, y] = [0, 0];
  for (const [nextX, nextY] of path) {
    while (x < nextX && y < nextY && a[x] === b[y]) add("same", ++x, ++y);
    while (x < nextX) add("old", ++x, y);
    while (y < nextY) add("new", x, ++y);
  }
  return found;
}

/** Corners of the shortest way through, or null when it is too long. */
function shortestEdit(a, b) {
  const [n, m] = [a.length, b.length];
  const traces = [];
  let ends = new Map([[1, 0]]);
  for (let d = 0; d <= Math.min(n + m, DIFFERENCES_SOUGHT); d += 1) {
    traces.push(new Map(ends));
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && (ends.get(k - 1) ?? -1) < (ends.get(k + 1) ?? -1));
      let x = isDown ? ends.get(k + 1) : ends.get(k - 1) + 1;
      let y = x - k;
      while (x < n && y < m && a[x] === b[y]) { x += 1; y += 1; }
      ends.set(k, x);
      if (x >= n && y >= m) return walkBack(traces, n, m);
    }
  }
  return null;
}

function walkBack(traces, n, m) {
  const corners = [[n, m]];
  let [x, y] = [n, m];
  for (let d = traces.length - 1; d > 0; d -= 1) {
    const ends = traces[d];
    const k = x - y;
    const isDown = k === -d || (k !== d && (ends.get(k - 1) ?? -1) < (ends.get(k + 1) ?? -1));
    const before = isDown ? k + 1 : k - 1;
    const beforeX = ends.get(before);
    corners.push(isDown ? [beforeX, beforeX - before + 1] : [beforeX + 1, beforeX - before]);
    [x, y] = [beforeX, beforeX - before];
    corners.push([x, y]);
  }
  return corners.reverse();
}

/** The changed lines with some around them, as a table that reads without colours. */
function diffTable(old, fresh) {
  const lines = differences(old, fresh);
  const isNear = new Array(lines.length).fill(false);
  lines.forEach((line, place) => {
    if (line.kind === "same") return;
    for (let at = Math.max(0, place - CONTEXT); at <= Math.min(lines.length - 1, place + CONTEXT); at += 1) isNear[at] = true;
  });
  const rows = [];
  lines.forEach((line, place) => {
    if (!isNear[place]) {
      if (place === 0 || isNear[place - 1]) rows.push(h("tr.gap", h("td", { colspan: "4" }, "⋯")));
      return;
    }
    const mark = { same: " ", old: "−", new: "+" }[line.kind];
    rows.push(h("tr", { class: line.kind }, h("td.line", line.kind === "new" ? "" : String(line.from)), h("td.line", line.kind === "old" ? "" : String(line.to)),
      h("td.mark", mark), h("td.text", line.text)));
  });
  const isSame = lines.every((line) => line.kind === "same");
  if (isSame) return h("p.none", t("They say the same."));
  return h("div.table-scroll", h("table.diff", { "aria-label": t("Differences") }, h("tbody", rows)));
}
