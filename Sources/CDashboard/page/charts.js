// Lines and areas over time, with faults and deployments on the same axis. Dragging over a stretch of it
// zooms all charts of the page; so do + and -, and Esc shows all again.

const CHART = { top: 8, foot: 18, side: 46 };

/**
 * `spec`: title, `unit(value)` for the axis, `text(value)` for readings, the `smallest` top of the axis,
 * whether lines are `stacked`, and the height. `draw` takes `{ times, lines, bands, markers }`: times in
 * milliseconds, lines of `{ name, values, tone, kind }`, with null where nothing is known.
 */
function makeChart(spec, time) {
  const chart = { spec, time, data: null, width: 0, height: spec.height ?? 132 };
  chart.plot = shape("svg", { role: "img", tabindex: "0" });
  chart.tip = h("div.tip", { hidden: true });
  chart.legend = h("span.legend");
  chart.element = h("figure.chart", h("figcaption", h("span.chart-title", spec.title), chart.legend), h("div.plot", chart.plot, chart.tip));
  chart.plot.style.height = `${chart.height}px`;
  let begun = null;
  const momentAt = (x) => {
    const { from, to } = time.range();
    const inner = chart.width - CHART.side;
    return from + (Math.min(Math.max(x - CHART.side, 0), inner) / inner) * (to - from);
  };
  chart.plot.addEventListener("pointerdown", (press) => {
    if (press.button !== 0) return;
    begun = press.offsetX;
    chart.plot.setPointerCapture(press.pointerId);
  });
  chart.plot.addEventListener("pointermove", (move) => {
    chart.brush = begun !== null && Math.abs(move.offsetX - begun) > 4 ? [begun, move.offsetX] : null;
    time.point(snapped(chart, momentAt(move.offsetX)));
    if (chart.brush) drawChart(chart);
  });
  chart.plot.addEventListener("pointerup", (release) => {
    const [from, to] = [begun, release.offsetX];
    const isBrush = begun !== null && Math.abs(to - from) > 4;
    begun = null;
    chart.brush = null;
    if (isBrush) time.zoomTo(momentAt(Math.min(from, to)), momentAt(Math.max(from, to)));
  });
  chart.plot.addEventListener("pointercancel", () => { begun = null; chart.brush = null; });
  chart.plot.addEventListener("pointerleave", () => begun === null && time.point(null));
  chart.plot.addEventListener("dblclick", () => time.reset());
  chart.plot.addEventListener("blur", () => time.point(null));
  chart.plot.addEventListener("keydown", (press) => pressedInChart(chart, press));
  time.watchers.push(() => drawChart(chart));
  new ResizeObserver(([entry]) => {
    chart.width = Math.round(entry.contentRect.width);
    drawChart(chart);
  }).observe(chart.plot);
  chart.draw = (data) => {
    chart.data = data;
    drawChart(chart);
  };
  return chart;
}

function pressedInChart(chart, press) {
  const { time } = chart;
  const { from, to } = time.range();
  const step = chart.data?.times.length > 1 ? chart.data.times[1] - chart.data.times[0] : 5000;
  const at = time.cursor ?? to;
  const actions = {
    ArrowLeft: () => time.point(snapped(chart, Math.max(from, at - step))),
    ArrowRight: () => time.point(snapped(chart, Math.min(to, at + step))),
    Home: () => time.point(snapped(chart, from)),
    End: () => time.point(snapped(chart, to)),
    "+": () => time.zoomTo(at - (to - from) / 4, at + (to - from) / 4),
    "=": () => time.zoomTo(at - (to - from) / 4, at + (to - from) / 4),
    "-": () => time.zoomTo(from - (to - from) / 2, to + (to - from) / 2),
    Escape: () => time.reset(),
  };
  if (!actions[press.key]) return;
  press.preventDefault();
  actions[press.key]();
}

/** The nearest moment that the chart has a point of. */
function snapped(chart, moment) {
  const times = chart.data?.times ?? [];
  if (times.length === 0) return moment;
  let [low, high] = [0, times.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= moment) low = middle;
    else high = middle;
  }
  return moment - times[low] < times[high] - moment ? times[low] : times[high];
}

/** The next round number, so that the scale stays still while the values move a little. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

function drawChart(chart) {
  const { data, spec, time, width, height } = chart;
  if (!data || width < 60) return;
  const range = time.range();
  const first = Math.max(0, data.times.findIndex((at) => at >= range.from) - 1);
  const last = data.times.findLastIndex((at) => at <= range.to) + 1;
  const times = data.times.slice(first, last + 1);
  const lines = data.lines.map((line) => ({ ...line, values: line.values.slice(first, last + 1) }));
  if (spec.stacked) stack(lines, times.length);
  const most = ceiling(Math.max(spec.smallest, ...lines.flatMap((line) => (line.tops ?? line.values).filter((value) => value !== null))));
  const bottom = height - CHART.foot;
  const x = (at) => CHART.side + ((at - range.from) / (range.to - range.from)) * (width - CHART.side);
  const y = (value) => bottom - (value / most) * (bottom - CHART.top);
  const clip = `clip-${spec.id}`;
  const inner = [];
  for (const band of data.bands ?? []) {
    const [from, to] = [Math.max(range.from, band.from), Math.min(range.to, band.to)];
    if (to <= range.from || from >= range.to) continue;
    inner.push(shape("rect", { class: `band ${band.state}`, x: x(from), y: CHART.top, width: Math.max(2, x(to) - x(from)), height: bottom - CHART.top },
      shape("title", {}, band.text)));
  }
  const grid = [0.5, 1].map((part) => ruler("grid", CHART.side, y(most * part), width, y(most * part)));
  const words = [label(spec.unit(most), CHART.side - 8, y(most) + 4, "end"), label(spec.unit(most / 2), CHART.side - 8, y(most / 2) + 4, "end"), label("0", CHART.side - 8, bottom + 3, "end")];
  for (const tick of ticks(range, Math.max(2, Math.floor(width / 90)))) {
    grid.push(ruler("grid", x(tick.at), CHART.top, x(tick.at), bottom));
    if (x(tick.at) > CHART.side + 12 && x(tick.at) < width - 14) words.push(label(tick.text, x(tick.at), height - 3, "middle"));
  }
  for (const line of lines) inner.push(...lineShapes(line, times, x, y, bottom, width));
  for (const marker of data.markers ?? []) {
    if (marker.at < range.from || marker.at > range.to) continue;
    inner.push(ruler(`marker ${marker.state}`, x(marker.at), CHART.top, x(marker.at), bottom));
    inner.push(shape("path", { class: `flag ${marker.state}`, d: `M${x(marker.at)},${CHART.top}l7,3.5l-7,3.5z` }, shape("title", {}, `${clockTime(marker.at)} ${marker.text}`)));
  }
  if (time.cursor !== null) inner.push(ruler("cursor", x(time.cursor), CHART.top, x(time.cursor), bottom));
  if (chart.brush) {
    const [from, to] = [Math.min(...chart.brush), Math.max(...chart.brush)];
    inner.push(shape("rect", { class: "brush", x: from, y: CHART.top, width: to - from, height: bottom - CHART.top }));
  }
  chart.plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
  chart.plot.replaceChildren(
    shape("clipPath", { id: clip }, shape("rect", { x: CHART.side, y: 0, width: width - CHART.side, height })),
    ...grid, ruler("base", CHART.side, bottom, width, bottom), ...words, shape("g", { "clip-path": `url(#${clip})` }, ...inner));
  renderReading(chart, times, data.lines.map((line) => line.values.slice(first, last + 1)), x);
}

/** Lays the lines upon each other; `tops` is where each ends, `floors` where it begins. */
function stack(lines, length) {
  let floor = new Array(length).fill(0);
  for (const line of lines) {
    if (line.kind === "dash") continue;
    const beneath = floor;
    line.floors = beneath;
    line.tops = line.values.map((value, place) => (value === null ? null : beneath[place] + value));
    floor = line.tops.map((top, place) => top ?? beneath[place]);
  }
}

function lineShapes(line, times, x, y, bottom, width) {
  const tops = line.tops ?? line.values;
  const tone = `tone-${line.tone}`;
  if (line.kind === "bars") {
    const step = times.length > 1 ? Math.max(1.5, x(times[1]) - x(times[0]) - 1) : 4;
    return times.flatMap((at, place) => {
      const value = line.values[place];
      if (!value) return [];
      const height = Math.max(3, bottom - y(value)); // A single error must be seen.
      return [shape("rect", { class: `bar ${tone}`, x: x(at), y: bottom - height, width: Math.min(step, width), height })];
    });
  }
  const found = [];
  for (const [from, to] of stretches(tops)) {
    const places = Array.from({ length: to - from }, (_, place) => from + place);
    const path = places.map((place) => `${x(times[place]).toFixed(1)},${y(tops[place]).toFixed(1)}`).join("L");
    if (line.kind !== "line" && line.kind !== "dash") {
      const under = line.floors
        ? places.reverse().map((place) => `${x(times[place]).toFixed(1)},${y(line.floors[place]).toFixed(1)}`).join("L")
        : `${x(times[to - 1]).toFixed(1)},${bottom}L${x(times[from]).toFixed(1)},${bottom}`;
      found.push(shape("path", { class: `area ${tone}${line.floors ? " stacked" : ""}`, d: `M${path}L${under}Z` }));
    }
    found.push(shape("path", { class: `trace ${tone}${line.kind === "dash" ? " dash" : ""}`, d: `M${path}` }));
  }
  return found;
}

/** Runs of known values: a gap in what is known is a gap in the line. */
function stretches(values) {
  const found = [];
  let from = -1;
  for (let place = 0; place <= values.length; place += 1) {
    const isKnown = place < values.length && values[place] !== null && values[place] !== undefined;
    if (isKnown && from < 0) from = place;
    if (!isKnown && from >= 0) {
      found.push([from, place]);
      from = -1;
    }
  }
  return found;
}

const ruler = (className, x1, y1, x2, y2) => shape("line", { class: className, x1, y1, x2, y2 });

function label(text, x, y, anchor) {
  return shape("text", { x, y, "text-anchor": anchor }, text);
}

/** The values at the cursor in a note beside it; the newest for screen readers. */
function renderReading(chart, times, values, x) {
  const { spec, time, data } = chart;
  const place = time.cursor === null ? values.reduce((most, list) => Math.max(most, list.findLastIndex((value) => value !== null)), -1) : times.indexOf(time.cursor);
  const said = data.lines.map((line, number) => ({ line, value: values[number][place] ?? null }))
    .filter(({ line }) => !line.isSilent);
  const isCrowded = said.length > 3;
  chart.legend.replaceChildren(...(isCrowded ? [] : said.map(({ line, value }) => h("span",
    h(`i.key.tone-${line.tone}${line.kind === "dash" ? ".dash" : ""}`), `${line.name} `, h("b", value === null ? "–" : spec.text(value))))));
  const spoken = said.slice(0, 12).map(({ line, value }) => `${line.name} ${value === null ? "–" : spec.text(value)}`).join(", ");
  chart.plot.setAttribute("aria-label", `${spec.title}, ${time.cursor === null ? t("now") : clockTime(time.cursor)}: ${spoken}`);
  const isShown = time.cursor !== null && place >= 0 && chart.plot.matches(":hover, :focus");
  chart.tip.hidden = !isShown;
  if (!isShown) return;
  const sorted = isCrowded ? [...said].sort((a, b) => (b.value ?? -1) - (a.value ?? -1)).slice(0, 12) : said;
  const near = [...(data.markers ?? []).filter(({ at }) => Math.abs(at - time.cursor) < (times[1] - times[0] || 5000)).map(({ text }) => text),
    ...(data.bands ?? []).filter(({ from, to }) => time.cursor >= from && time.cursor <= to).map(({ text }) => text)];
  chart.tip.replaceChildren(h("time", clockTime(time.cursor)),
    ...sorted.map(({ line, value }) => h("span.row", h(`i.key.tone-${line.tone}${line.kind === "dash" ? ".dash" : ""}`), h("span", line.name), h("b", value === null ? "–" : spec.text(value)))),
    ...near.slice(0, 4).map((text) => h("span.note", text)));
  const left = x(time.cursor);
  const isLeft = left > chart.width * 0.6;
  chart.tip.style.left = isLeft ? "" : `${left + 12}px`;
  chart.tip.style.right = isLeft ? `${chart.width - left + 12}px` : "";
}

/** A small line without an axis; `draw(values)`. */
function makeSparkline(width, height, className = "") {
  const area = shape("path", { class: "area tone-0" });
  const trace = shape("path", { class: "trace tone-0" });
  const svg = shape("svg", { class: `spark ${className}`.trim(), viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, area, trace);
  const draw = (values, smallest = 1) => {
    const most = Math.max(smallest, ...values.filter((value) => value !== null));
    const x = (place) => ((place / Math.max(1, values.length - 1)) * width).toFixed(1);
    const y = (value) => (height - 1 - (value / most) * (height - 2)).toFixed(1);
    let line = "";
    let under = "";
    for (const [from, to] of stretches(values)) {
      let path = "";
      for (let place = from; place < to; place += 1) path += `${place === from ? "M" : "L"}${x(place)},${y(values[place])}`;
      line += path;
      under += `${path}L${x(to - 1)},${height}L${x(from)},${height}Z`;
    }
    trace.setAttribute("d", line || "M0,0");
    area.setAttribute("d", under || "M0,0");
  };
  return { element: svg, draw };
}
