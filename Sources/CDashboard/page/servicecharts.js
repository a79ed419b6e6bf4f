// The charts of a service: requests and errors by server, latency of all and of each, on one axis with
// faults and deployments.

const SERVERS_DRAWN = 7; // The busiest by themselves, the others together.

function makeServiceCharts(view, name) {
  const time = makeTimeWindow(600);
  let [data, step, isByServer] = [null, 5, true];
  const perSecond = { unit: (value) => (value >= 1000 ? `${significant(value / 1000)}k` : significant(value)), text: rate };
  const charts = {
    requests: makeChart({ id: "requests", title: t("Requests/s"), smallest: 1, stacked: true, height: 168, ...perSecond }, time),
    latency: makeChart({ id: "latency", title: t("Latency"), smallest: 0.001, height: 168, unit: (value) => (value < 1 ? `${significant(value * 1000)} ms` : `${significant(value)} s`), text: latency }, time),
    failures: makeChart({ id: "failures", title: t("Errors/s"), smallest: 1, height: 112, ...perSecond }, time),
    slow: makeChart({ id: "slow", title: t("p99 by server"), smallest: 0.001, height: 112, unit: (value) => (value < 1 ? `${significant(value * 1000)} ms` : `${significant(value)} s`), text: latency }, time),
  };
  const zoomed = h("button", { type: "button", onclick: () => time.reset() }, t("All of it"));
  const stretch = h("span.stretch");
  const key = h("div.chart-key");
  const setRange = (seconds) => {
    const chosen = chartRanges.find(([range]) => String(range) === String(seconds));
    time.setSeconds(chosen[0]);
    if (chosen[2] === step && data && chosen[0] !== 86_400) draw();
    step = chosen[2];
    data = null;
    load();
  };
  const element = panel(t("Traffic"), {
    className: "traffic",
    controls: [
      stretch, zoomed,
      choices(t("Lines"), [["servers", t("By server")], ["all", t("Together")]], "servers", (chosen) => { isByServer = chosen === "servers"; draw(); }),
      choices(t("Range"), chartRanges.map(([seconds, text]) => [seconds, t(text)]), 600, setRange),
    ],
  }, key, h("div.charts", Object.values(charts).map((chart) => chart.element)),
  h("p.hint", t("Drag over a chart to look closer. Red: a fault was open. Blue flags: deployments.")));

  const load = async () => {
    const wantedStep = step;
    const isMore = data && data.step === step;
    const fresh = await call("GET", `v1/history?service=${part(name)}&step=${step}${isMore ? "&last=4" : ""}`).catch(() => null);
    if (!fresh || !view.isOpen || wantedStep !== step) return;
    data = isMore ? joined(data, fresh, step === 5 ? 120 : 1440) : fresh;
    draw();
  };
  const draw = () => {
    if (!data) return;
    // A point stands for the step that ends there.
    const times = data.times.map((at) => (at + data.step) * 1000);
    const servers = isByServer ? drawnServers(data) : [];
    const marks = marksOf(name);
    const total = data.total;
    const lines = (field, kind) => servers.map((one) => ({ name: one.name, values: one[field], tone: one.tone, kind }));
    const isAlone = servers.length === 0;
    charts.requests.draw({ times, ...marks, lines: isAlone ? [{ name: t("requests"), values: total.requests, tone: 0 }] : lines("requests") });
    charts.latency.draw({ times, ...marks, lines: [{ name: "p99", values: total.p99, tone: 0 }, { name: "p50", values: total.p50, tone: 0, kind: "dash" }] });
    charts.failures.draw({ times, ...marks, lines: [{ name: t("errors"), values: total.failures, tone: "bad", kind: "bars" }, ...lines("failures", "line").filter((line) => line.values.some(Boolean))] });
    charts.slow.draw({ times, ...marks, lines: isAlone ? [{ name: "p99", values: total.p99, tone: 0, kind: "line" }] : servers.filter((one) => one.p99).map((one) => ({ name: one.name, values: one.p99, tone: one.tone, kind: "line" })) });
    // Few lines have their names at each chart.
    key.replaceChildren(...(servers.length <= 3 ? [] : servers).map((one) => h("span", h(`i.key.tone-${one.tone}`), one.name)));
  };
  time.watchers.push(() => {
    const { zoom } = time;
    setHidden(zoomed, !zoom);
    setText(stretch, zoom ? `${clockTime(zoom.from)} – ${clockTime(zoom.to)}` : "");
  });
  zoomed.hidden = true;
  load();
  view.every(5, load);
  return { element, draw, marks: draw, close: () => {} };
}

/** The busiest servers with a colour each, in the order of their names, and the others added up. */
function drawnServers(data) {
  const mean = (values) => values.reduce((total, value) => total + (value ?? 0), 0);
  const busiest = [...data.series].sort((a, b) => mean(b.requests) - mean(a.requests)).slice(0, SERVERS_DRAWN);
  const chosen = new Set(busiest);
  const lines = data.series.filter((one) => chosen.has(one)).map((one, place) => ({ ...one, tone: place }));
  const others = data.series.filter((one) => !chosen.has(one));
  if (others.length > 0) {
    const added = (field) => data.times.map((_, place) => others.reduce((total, one) => {
      const value = one[field][place];
      return value === null || value === undefined ? total : (total ?? 0) + value;
    }, null));
    lines.push({ name: t("{n} others", { n: others.length }), requests: added("requests"), failures: added("failures"), tone: "rest" });
  }
  return lines;
}

/** Faults as bands and deployments as flags. */
function marksOf(name) {
  const bands = [...faults.values()].filter((fault) => !fault.parent && concerns(fault, name)).map((fault) => ({
    from: Date.parse(fault.began), to: fault.resolved ? Date.parse(fault.resolved) : now(), state: "bad", text: `${faultTitle(fault)}: ${fault.cause}`,
  }));
  const markers = deployments.filter((one) => one.service === name).flatMap((one) => [
    { at: Date.parse(one.began), state: "info", text: t("deployment {number} {version} begins", { number: one.number, version: one.version ?? "" }) },
    one.ended && { at: Date.parse(one.ended), state: one.state === "succeeded" || one.state === "started" ? "good" : "bad", text: t("deployment {number}: {state}", { number: one.number, state: word(one.state) }) },
  ].filter(Boolean));
  return { bands, markers };
}
