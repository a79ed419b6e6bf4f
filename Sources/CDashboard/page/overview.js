// Is anything wrong? The answer, what needs somebody, the figures of all services, and the services.

pages.overview = { name: "overview", title: "Overview", icon: "overview", key: "o", open: openOverview };

const CROWD = 12; // More services than this are shown as a mosaic, and not all of them in the table.

function openOverview(view) {
  const answer = makeVerdict();
  const tiles = makeTiles();
  const needs = h("ul.needs");
  const calm = empty(t("Nothing needs you"), t("Faults, alerts and deployments show up here."));
  const happened = h("ol.feed");
  const mosaic = makeMosaic();
  const table = makeServiceTable();
  const all = h("a.more", { href: "#/services" });
  appendAll(view.root, [
    answer.element, tiles.element,
    h("div.columns",
      panel(t("Needs attention"), { className: "attention" }, needs, calm),
      panel(t("Latest events"), { controls: [h("a.more", { href: "#/events" }, t("All events"))] }, happened)),
    panel(t("Services"), { controls: [all], id: "services" }, mosaic.element, table.element),
  ]);
  view.every(5, loadSeries);
  const showNeeds = () => {
    if (!report) return;
    const items = attention();
    renderNeeds(needs, items);
    setHidden(calm, items.length > 0);
  };
  const showEvents = () => renderFeed(happened, [...events.values()].sort((a, b) => b.id - a.id).slice(0, 8));
  const update = () => {
    answer.update();
    tiles.update();
    showNeeds();
    const { services } = report;
    mosaic.update(services);
    const shown = services.length > CROWD ? foremost(services) : byTrouble(services);
    table.update(shown);
    setText(all, t("All {services}", { services: count(services.length, "service") }));
  };
  showEvents();
  return { update, event: showEvents, records: showEvents, series: () => { tiles.update(); table.series(); }, fault: showNeeds, deployments: showNeeds };
}

const byTrouble = (services) => [...services].sort((a, b) => stateOrder[a.state] - stateOrder[b.state] || a.name.localeCompare(b.name));

/** Those in trouble, then the busiest. */
function foremost(services) {
  const order = (service) => (service.state === "down" || service.state === "degraded" ? stateOrder[service.state] : 9);
  return [...services].sort((a, b) => order(a) - order(b) || b.requestsPerSecond - a.requestsPerSecond || a.name.localeCompare(b.name)).slice(0, CROWD);
}

function makeVerdict() {
  const mark = icon("unknown", "big");
  const headline = h("h1", { id: "headline" }, t("Waiting for the first report"));
  const subline = h("p", { id: "subline" });
  const element = h("section.verdict", { id: "verdict", "aria-label": t("State of all services"), data: { state: "unknown" } },
    h("div.answer", { role: "status" }, mark, h("div", headline, subline)));
  return {
    element,
    update: () => {
      const said = verdict();
      element.dataset.state = said.state;
      setIcon(mark, said.state);
      setText(headline, said.headline);
      setText(subline, said.subline);
    },
  };
}

/** The figures of everything together, each with its last ten minutes. */
function makeTiles() {
  const make = (title, id) => {
    const value = h("dd", { id }, "–");
    const note = h("small");
    const spark = makeSparkline(200, 36);
    return { element: h("div.tile", h("dt", title), value, note, spark.element), value, note, spark };
  };
  const [requests, failures, slowest, servers] = [
    make(t("Requests/s"), "total-requests"), make(t("Errors/s"), "total-failures"), make(t("Slowest p99"), "total-p99"), make(t("Servers at work"), "total-servers"),
  ];
  const element = h("dl.tiles", [requests, failures, slowest, servers].map((tile) => tile.element));
  let drawn = null;
  return {
    element,
    update: () => {
      const { services } = report;
      const total = sum(services, "requestsPerSecond");
      const bad = sum(services, "failuresPerSecond");
      setText(requests.value, rate(total));
      setText(requests.note, t("{n} in flight", { n: whole(sum(services, "inflight")) }));
      setText(failures.value, rate(bad));
      failures.value.classList.toggle("wrong", bad > 0);
      setText(failures.note, total > 0 ? t("{share} of all", { share: share(bad / total, 2) }) : "");
      const worst = services.reduce((most, service) => ((service.p99 ?? -1) > (most?.p99 ?? -1) ? service : most), null);
      setText(slowest.value, latency(worst?.p99));
      setText(slowest.note, worst?.p99 === undefined ? "" : worst.name);
      const [healthy, servants] = [sum(services, "healthy"), sum(services, "servers")];
      setText(servers.value, `${whole(healthy)} / ${whole(servants)}`);
      servers.value.classList.toggle("wrong", healthy < servants);
      setText(servers.note, count(services.length, "service"));
      if (!series || drawn === series) return;
      drawn = series;
      requests.spark.draw(totals("requests", add), 1);
      failures.spark.draw(totals("failures", add), 0.2);
      slowest.spark.draw(totals("p99", Math.max), 0.001);
      servers.spark.element.remove();
    },
  };
}

const add = (a, b) => a + b;

/** Of all services together, moment by moment. */
function totals(field, fold) {
  return series.times.map((_, place) => series.series.reduce((total, one) => {
    const value = one[field][place];
    return value === null || value === undefined ? total : total === null ? value : fold(total, value);
  }, null));
}

/** What somebody should look at, the worst first: `{ key, state, title, text, address, action }`. */
function attention() {
  const items = [];
  if (report.engine.storeProblem) {
    items.push({ key: "store", state: "down", title: t("State is in memory only"), text: report.engine.storeProblem, address: "#/system" });
  }
  for (const fault of openFaults()) {
    items.push({
      key: `fault-${fault.id}`, state: isRecovering(fault) || fault.acknowledged ? "degraded" : "down", title: faultTitle(fault),
      text: [fault.cause, fault.beneath?.length > 0 && t("{faults} beneath", { faults: count(fault.beneath.length, "fault") })].filter(Boolean).join(" · "),
      meta: isRecovering(fault) ? t("recovering") : fault.acknowledged ? t("acknowledged") : t("open for {span}", { span: wholeSpan(secondsSince(fault.began)) }),
      address: addressOf("faults", String(fault.id)),
    });
  }
  for (const alert of firingAlerts()) {
    items.push({
      key: `alert-${alert.id}`, state: alert.severity === "critical" ? "down" : "degraded", title: alert.name, text: alert.summary,
      meta: t("firing for {span}", { span: wholeSpan(secondsSince(alert.fired ?? alert.since)) }), address: addressOf("alerts", alert.id),
    });
  }
  for (const one of deployments) {
    if (one.ended) continue;
    items.push({
      key: `deployment-${one.number}`, state: one.state === "rolling-back" ? "degraded" : "info",
      title: `${t("Deployment")}: ${one.service} ${one.version ?? ""}`, text: `${word(one.strategy)}, ${word(one.state)}`,
      meta: one.replicas ? t("{n} of {m} ready", { n: one.available ?? 0, m: one.replicas }) : "", address: addressOf("deployments", String(one.number)),
    });
  }
  const backup = report.engine.backup;
  if (backup?.problem) items.push({ key: "backup", state: "degraded", title: t("The last backup failed"), text: backup.problem, address: "#/system" });
  return items;
}

const needRows = keyed(() => {
  const mark = icon("down");
  const [title, text, meta] = [h("strong"), h("span.text"), h("span.meta")];
  const link = h("a", mark, h("span.body", title, text), meta);
  return { element: h("li", link), link, mark, title, text, meta };
});

function renderNeeds(list, items) {
  needRows(list, items, (item) => item.key, (row, item) => {
    row.element.dataset.state = item.state;
    setIcon(row.mark, item.state);
    setText(row.title, item.title);
    setText(row.text, item.text ?? "");
    setText(row.meta, item.meta ?? "");
    if (row.link.getAttribute("href") !== item.address) row.link.setAttribute("href", item.address);
  });
}

function renderFeed(list, items) {
  feedRows(list, items, (event) => event.id, () => {});
}

const feedRows = keyed((event) => {
  const state = { error: "down", warning: "degraded" }[event.severity] ?? "info";
  return h("li", { data: { state } }, icon(state), h("time", { datetime: event.at, title: event.at }, clockTime(event.at)),
    h("span", state !== "info" && h("span.hidden", `${t(sentence(event.severity))}: `), event.message));
});

/** Every service as a square, in the order of their names. */
function makeMosaic() {
  const element = h("ul.mosaic", { "aria-label": t("All services") });
  const rows = keyed((service) => {
    const mark = icon(stateIcon(service.state));
    const link = h("a", { href: addressOf("services", service.name) }, mark);
    return { element: h("li", link), link, mark };
  });
  return {
    element,
    update: (services) => {
      setHidden(element, services.length <= CROWD);
      if (element.hidden) return;
      rows(element, services, (service) => service.name, ({ link, mark }, service) => {
        if (link.dataset.state === service.state && link.title) return;
        link.dataset.state = service.state;
        setIcon(mark, stateIcon(service.state));
        link.title = `${service.name}: ${word(service.state)}`;
        link.setAttribute("aria-label", link.title);
      });
    },
  };
}
