// One service: its figures, its charts, its servers, and what can be done to it.

pages.service = {
  name: "service", within: "services", isNested: true, title: "Service", icon: "services", open: openService,
  scope: (name) => ({ service: name }),
};

const chartRanges = [[600, "10 min", 5], [10_800, "3 h", 60], [86_400, "24 h", 60]];

function openService(view, name) {
  const state = sign("unknown", "");
  const about = h("p.about");
  const figures = makeFigures([["requests", t("Requests/s")], ["failures", t("Errors/s")], ["p50", "p50"], ["p99", "p99"], ["inflight", t("In flight")], ["retries", t("Retries/s")]]);
  const actions = h("div.controls");
  const charts = makeServiceCharts(view, name);
  const servers = makeServerTable(view.query.get("find") ?? "");
  const [faultList, eventList] = [h("ul.needs"), h("ol.feed")];
  const none = h("p.none", t("No fault on record."));
  const routes = h("div.facts");
  const details = makeAvailability(name);
  const gone = h("p.none", { hidden: true }, t("There is no service {name}.", { name }));
  const body = h("div.stack",
    h("header.page-head", h("div.page-title", h("a.back", { href: "#/services" }, t("Services")), h("h1", name), state), actions),
    about, figures.element, charts.element, servers.element,
    h("div.columns", panel(t("Faults"), { controls: [h("a.more", { href: "#/faults" }, t("All faults"))] }, faultList, none), panel(t("Events"), {}, eventList)),
    h("div.columns", panel(t("Routes, scaling and tuning"), {}, routes), details.element));
  appendAll(view.root, [gone, body]);
  let [counters, retries] = [null, null];
  let actionsFor = "";
  const update = () => {
    const service = report.services.find((one) => one.name === name);
    setHidden(gone, Boolean(service));
    setHidden(body, !service);
    if (!service) return;
    const own = report.servers.filter((server) => server.service === name);
    const replicas = report.replicas.filter((replica) => replica.service === name);
    setSign(state, stateIcon(service.state), word(service.state));
    setText(about, [
      shortfall(service) || t("{servers} healthy", { servers: count(service.servers, "server") }), activeText(own),
      service.version && t("version {version}", { version: service.version }),
      service.balanceReason ? t("balanced by {algorithm}: {reason}", { algorithm: service.balance, reason: service.balanceReason })
        : t("balanced by {algorithm}", { algorithm: service.balance }),
    ].filter(Boolean).join(" · "));
    [counters, retries] = retriesSince(counters, retries, service);
    figures.update({
      requests: rate(service.requestsPerSecond), failures: rate(service.failuresPerSecond), p50: latency(service.p50), p99: latency(service.p99),
      inflight: whole(service.inflight), retries: rate(retries),
    }, { failures: service.failuresPerSecond > 0 });
    const kind = `${replicas.length > 0 || Boolean(service.replicas)}${language}`;
    if (kind !== actionsFor) {
      actionsFor = kind;
      actions.replaceChildren(...serviceActions(name));
    }
    servers.update(own, replicas);
    showFaults();
  };
  const showFaults = () => {
    const mine = [...faults.values()].filter((fault) => !fault.parent && concerns(fault, name)).sort((a, b) => Boolean(a.resolved) - Boolean(b.resolved) || b.id - a.id).slice(0, 6);
    renderNeeds(faultList, mine.map(faultItem));
    setHidden(none, mine.length > 0);
  };
  const showEvents = (list) => renderFeed(eventList, list.slice(-10).reverse());
  let past = [];
  const load = async () => {
    const detail = await call("GET", `v1/services/${part(name)}`).catch(() => null);
    if (!detail || !view.isOpen) return;
    past = detail.events;
    for (const fault of detail.faults) if (!faults.has(fault.id)) faults.set(fault.id, fault);
    showEvents(past);
    showFaults();
    renderRoutes(routes, detail);
    charts.marks();
  };
  load();
  view.every(5, load);
  return {
    update, close: charts.close, theme: charts.draw, fault: () => { showFaults(); charts.marks(); }, deployments: charts.marks,
    event: (event) => {
      if (event.service !== name) return;
      past = [...past, event];
      showEvents(past);
    },
  };
}

/** Whether a fault is of a service, or one beneath it is. */
function concerns(fault, service) {
  return fault.service === service || (fault.beneath ?? []).some((one) => one.service === service);
}

function faultItem(fault) {
  return {
    key: fault.id, state: fault.resolved ? "info" : isRecovering(fault) ? "degraded" : "down", title: faultTitle(fault), text: fault.cause,
    meta: fault.resolved ? t("{time}, lasted {span}", { time: clockTime(fault.began), span: span(fault.duration ?? 0) })
      : t("open for {span}", { span: wholeSpan(secondsSince(fault.began)) }),
    address: addressOf("faults", String(fault.id)),
  };
}

/** Repeated tries since some reports ago: the API has only their total. */
function retriesSince(before, retries, service) {
  const at = Date.parse(report.at);
  if (!before || service.retries < before.total) return [{ at, total: service.retries }, 0];
  if (at - before.at < 4000) return [before, retries];
  return [{ at, total: service.retries }, (service.retries - before.total) / ((at - before.at) / 1000)];
}

function makeFigures(names) {
  const values = Object.fromEntries(names.map(([key]) => [key, h("dd", "–")]));
  return {
    element: h("dl.figures", names.map(([key, title]) => h("div", h("dt", title), values[key]))),
    update: (texts, wrong = {}) => {
      for (const [key, text] of Object.entries(texts)) {
        setText(values[key], text);
        values[key].classList.toggle("wrong", Boolean(wrong[key]));
      }
    },
  };
}

function renderRoutes(element, { routes, scale, tune }) {
  const facts = routes.map((route) => [
    t("Route {name}", { name: route.name }),
    [route.host ?? t("any host"), route.path ?? "/*", ...(route.conditions ?? []), t("from {listeners}", { listeners: route.listeners.join(", ") })].join(" · "),
  ]);
  if (scale) {
    facts.push([t("Scaling"), [
      t("{n} replicas wanted, {min} to {max}", { n: scale.desired, min: scale.min, max: scale.max }),
      ...scale.signals.map((signal) => `${signal.signal} ${signal.measured === undefined ? "–" : significant(signal.measured)} / ${significant(signal.target)}`),
      scale.decisions.at(-1)?.message,
    ].filter(Boolean).join(" · ")]);
  }
  if (tune) facts.push([t("Tuning"), [t("by {signal}", { signal: tune.by }), t(tune.on ? "on" : "off"), `${tune.least}–${tune.most} %`].join(" · ")]);
  element.replaceChildren(facts.length > 0 ? h("dl", facts.map(([title, text]) => h("div", h("dt", title), h("dd", text)))) : h("p.none", t("No route leads here.")));
}
