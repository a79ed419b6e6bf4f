// Traffic and latency of a service over the last minutes, as SVG.

const trafficChart = {
  title: "Requests a second",
  unit: (value) => `${value}/s`,
  scale: (buckets) => Math.max(...buckets.map((bucket) => Math.max(bucket.requests ?? 0, bucket.failures ?? 0)), 0),
  smallest: 10,
  parts: [
    { kind: "area", field: "requests" },
    { kind: "line", field: "requests", label: "requests", text: (value) => rate(value) },
    { kind: "bars", field: "failures", label: "errors", text: (value) => rate(value) },
  ],
};

const latencyChart = {
  title: "Latency",
  unit: (seconds) => (seconds < 1 ? `${Number((seconds * 1000).toPrecision(2))} ms` : `${seconds} s`),
  scale: (buckets) => Math.max(...buckets.map((bucket) => bucket.p99 ?? 0), 0),
  smallest: 0.001,
  parts: [
    { kind: "area", field: "p99" },
    { kind: "line second", field: "p50", label: "p50", text: latency },
    { kind: "line", field: "p99", label: "p99", text: latency },
  ],
};

function makeChart(service, spec) {
  const chart = instantiate("chart-template");
  Object.assign(chart, { service, spec, svg: chart.element.querySelector("svg"), at: null });
  chart.fields.title.textContent = spec.title;
  chart.svg.addEventListener("pointermove", (move) => pointAt(chart, move.offsetX));
  chart.svg.addEventListener("pointerleave", () => pointAt(chart, null));
  chart.svg.addEventListener("blur", () => pointAt(chart, null));
  chart.svg.addEventListener("keydown", (press) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[press.key];
    if (!step) return;
    press.preventDefault();
    const last = WINDOW / BUCKET - 1;
    chart.at = Math.min(last, Math.max(0, (chart.at ?? last + 1) + step));
    drawChart(chart);
  });
  return chart;
}

function pointAt(chart, x) {
  const width = chart.svg.clientWidth;
  const steps = WINDOW / BUCKET;
  chart.at = x === null || width === 0 ? null : Math.min(steps - 1, Math.max(0, Math.floor((x / width) * steps)));
  drawChart(chart);
}

/** The history in steps of BUCKET seconds, oldest first; a field is null where nothing is known. */
function bucketsOf(service) {
  const history = histories.get(service) ?? new Map();
  const last = Math.floor(now() / 1000 / BUCKET);
  const buckets = [];
  for (let number = last - WINDOW / BUCKET + 1; number <= last; number += 1) {
    const points = [];
    for (let second = number * BUCKET; second < (number + 1) * BUCKET; second += 1) {
      if (history.has(second)) points.push(history.get(second));
    }
    buckets.push({ at: number * BUCKET * 1000, ...condense(points) });
  }
  return buckets;
}

function condense(points) {
  if (points.length === 0) return { requests: null, failures: null, p50: null, p99: null };
  const known = (field) => points.map((point) => point[field]).filter((value) => value !== undefined && value !== null);
  const mean = (values) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : null);
  return {
    requests: mean(known("requests")),
    failures: mean(known("failures")),
    p50: mean(known("p50")),
    p99: known("p99").length ? Math.max(...known("p99")) : null,
  };
}

/** The next round number, so that the scale stays still while the values move a little. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

function drawChart(chart) {
  const { spec, svg } = chart;
  const width = svg.clientWidth;
  if (width === 0) return;
  const [top, bottom, height] = [16, 86, 104];
  const buckets = bucketsOf(chart.service);
  const most = ceiling(Math.max(spec.scale(buckets), spec.smallest));
  const place = {
    x: (index) => ((index + 0.5) / buckets.length) * width,
    y: (value) => bottom - (value / most) * (bottom - top),
    step: width / buckets.length,
    bottom,
  };
  const shapes = faultBands(chart.service, buckets, width, top, bottom);
  for (const y of [top, (top + bottom) / 2]) shapes.push(line("grid", 0, y, width, y));
  for (const part of spec.parts) shapes.push(...drawPart(part, buckets, place));
  shapes.push(line("base", 0, bottom, width, bottom));
  shapes.push(label(spec.unit(most), 0, top - 5, "start"));
  shapes.push(label(`${WINDOW / 60} min ago`, 0, height - 3, "start"), label("now", width, height - 3, "end"));
  if (chart.at !== null) shapes.push(line("cursor", place.x(chart.at), top, place.x(chart.at), bottom));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...shapes);
  renderReading(chart, buckets);
}

function drawPart(part, buckets, place) {
  const points = buckets.map((bucket, index) => ({ value: bucket[part.field], index }));
  if (part.kind === "bars") {
    return points.filter((point) => point.value > 0).map(({ value, index }) => {
      const y = Math.min(place.y(value), place.bottom - 4); // A single error must be seen.
      return shape("rect", { class: "bar-failures", x: index * place.step, y, width: Math.max(place.step - 0.5, 1.5), height: place.bottom - y });
    });
  }
  const at = ({ value, index }) => `${place.x(index).toFixed(1)},${place.y(value).toFixed(1)}`;
  return stretches(points).map((stretch) => {
    const path = stretch.map(at).join("L");
    if (part.kind !== "area") return shape("path", { class: part.kind.replace("line", "trace"), d: `M${path}` });
    const [first, last] = [stretch[0], stretch[stretch.length - 1]].map(({ index }) => place.x(index).toFixed(1));
    return shape("path", { class: "area", d: `M${first},${place.bottom}L${path}L${last},${place.bottom}Z` });
  });
}

/** Runs of known values: a gap in what is known is a gap in the line. */
function stretches(points) {
  const found = [];
  let open = null;
  for (const point of points) {
    if (point.value === null) {
      open = null;
    } else if (open) {
      open.push(point);
    } else {
      found.push((open = [point]));
    }
  }
  return found;
}

/** The times in which a fault of this service was open, as bands behind the lines. */
function faultBands(service, buckets, width, top, bottom) {
  const begin = buckets[0].at;
  const x = (moment) => Math.min(1, Math.max(0, (moment - begin) / (WINDOW * 1000))) * width;
  return [...faults.values()].filter((fault) => fault.service === service).flatMap((fault) => {
    const [from, to] = [x(Date.parse(fault.began)), x(fault.resolved ? Date.parse(fault.resolved) : now())];
    if (to <= 0) return [];
    return [shape("rect", { class: "band", x: from, y: top, width: Math.max(to - from, 2), height: bottom - top })];
  });
}

function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

const line = (className, x1, y1, x2, y2) => shape("line", { class: className, x1, y1, x2, y2 });

function label(text, x, y, anchor) {
  const element = shape("text", { x, y, "text-anchor": anchor });
  element.textContent = text;
  return element;
}

/** The values at the cursor, or the newest, in the caption and for screen readers. */
function renderReading(chart, buckets) {
  const newest = buckets.findLastIndex((bucket) => bucket.requests !== null);
  const bucket = buckets[chart.at ?? newest] ?? buckets[buckets.length - 1];
  const named = chart.spec.parts.filter((part) => part.label);
  const values = named.map((part) => {
    const value = bucket[part.field];
    return { part, text: value === null ? "–" : part.text(value) };
  });
  const items = values.map(({ part, text }) => {
    const item = create("span");
    const keyClass = part.kind === "bars" ? "key failures" : `key ${part.kind.replace("line", "")}`;
    item.append(create("i", undefined, keyClass.trim()), `${part.label} `, create("b", text));
    return item;
  });
  if (chart.at !== null) items.unshift(create("span", clockTime(bucket.at)));
  chart.fields.reading.replaceChildren(...items);
  const spoken = values.map(({ part, text }) => `${part.label} ${text}`).join(", ");
  chart.svg.setAttribute("aria-label", `${chart.spec.title} of ${chart.service}, last ${WINDOW / 60} minutes: ${spoken}`);
}

function drawCharts() {
  for (const card of cards.values()) {
    drawChart(card.traffic);
    drawChart(card.latency);
  }
}
