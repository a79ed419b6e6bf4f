// All services in a table: sought, sorted, filtered by state.

pages.services = { name: "services", title: "Services", icon: "services", key: "s", open: openServices };

const serviceColumns = [
  { key: "name", title: "Service", text: true, value: (service) => service.name },
  { key: "state", title: "State", text: true, value: (service) => stateOrder[service.state] },
  { key: "servers", title: "Servers", value: (service) => service.healthy - service.servers },
  { key: "requests", title: "Requests/s", value: (service) => -service.requestsPerSecond },
  { key: "failures", title: "Errors/s", value: (service) => -service.failuresPerSecond },
  { key: "p50", title: "p50", value: (service) => -(service.p50 ?? -1) },
  { key: "p99", title: "p99", value: (service) => -(service.p99 ?? -1) },
  { key: "inflight", title: "In flight", value: (service) => -service.inflight },
];

function openServices(view) {
  let [wanted, state, sorted, shown] = ["", "all", "state", ROWS_SHOWN];
  const table = makeServiceTable({ sort: (key) => { sorted = key; update(); } });
  const more = h("button", { type: "button", onclick: () => { shown += ROWS_SHOWN; update(); } }, t("Show more"));
  const none = h("p.none", t("No service is like that."));
  const update = () => {
    if (!report) return;
    const { value } = serviceColumns.find(({ key }) => key === sorted);
    const fit = report.services.filter((service) => service.name.toLowerCase().includes(wanted)
      && (state === "all" || (state === "up") === (service.state === "up" || service.state === "asleep")));
    fit.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return (x < y ? -1 : x > y ? 1 : 0) || a.name.localeCompare(b.name);
    });
    table.update(fit.slice(0, shown), sorted);
    setHidden(more, fit.length <= shown);
    setHidden(none, fit.length > 0);
  };
  appendAll(view.root, [
    head(t("Services"), [
      choices(t("State"), [["all", t("All")], ["trouble", t("In trouble")], ["up", t("Up")]], state, (chosen) => { state = chosen; update(); }),
      searchField(t("Filter services"), (text) => { wanted = text; update(); }),
    ]),
    h("section.panel", { "aria-label": t("Services") }, table.element, none, h("div.foot", more)),
  ]);
  view.every(5, loadSeries);
  return { update, series: table.series };
}

/** A row a service, with its last ten minutes. */
function makeServiceTable({ sort } = {}) {
  const body = h("tbody");
  const heads = serviceColumns.map((column) => h("th", { scope: "col", class: `${column.text ? "" : "number"} ${column.key}` },
    sort ? h("button.sort", { type: "button", onclick: () => sort(column.key) }, t(column.title)) : t(column.title)));
  const element = h("div.table-scroll", h("table.services", h("thead", h("tr", heads)), body));
  const rows = keyed((service) => makeServiceRow(service.name));
  let [current, drawn] = [[], null];
  const drawSparks = () => {
    if (!series) return;
    drawn = series;
    const named = new Map(series.series.map((one) => [one.name, one]));
    for (const row of current) {
      const one = named.get(row.name);
      if (one) row.spark.draw(one.requests.slice(-60), 1);
    }
  };
  return {
    element,
    update: (services, sorted) => {
      const before = current;
      current = [];
      rows(body, services, (service) => service.name, (row, service) => {
        updateServiceRow(row, service);
        current.push(row);
      });
      heads.forEach((cell, place) => {
        if (sort) cell.setAttribute("aria-sort", serviceColumns[place].key === sorted ? "ascending" : "none");
      });
      if (drawn !== series || current.length !== before.length || current.some((row, place) => row !== before[place])) drawSparks();
    },
    series: drawSparks,
  };
}

function makeServiceRow(name) {
  const state = sign("unknown", "");
  const about = h("small");
  const meter = h("span.meter", h("i"));
  const spark = makeSparkline(90, 20);
  const cells = Object.fromEntries(serviceColumns.slice(2).map(({ key, title }) => [key, h(`td.number.${key}`, { data: { label: t(title) } })]));
  const [servers, requests] = [h("span"), h("span.value")];
  cells.servers.append(meter, servers);
  cells.requests.append(spark.element, requests);
  const element = h("tr", h("th", { scope: "row" }, h("a.row-link", { href: addressOf("services", name) }, name), about), h("td.state", state), Object.values(cells));
  return { element, name, state, about, meter, spark, cells, servers, requests };
}

function updateServiceRow(row, service) {
  row.element.dataset.state = service.state;
  setSign(row.state, stateIcon(service.state), word(service.state));
  setText(row.about, (service.state === "up" ? "" : shortfall(service)) || (service.version ? t("version {version}", { version: service.version }) : ""));
  setText(row.servers, `${service.healthy}/${service.servers}`);
  const width = `${service.servers > 0 ? Math.round((service.healthy / service.servers) * 100) : 0}%`;
  if (row.meter.firstElementChild.style.width !== width) row.meter.firstElementChild.style.width = width;
  setText(row.requests, rate(service.requestsPerSecond));
  setText(row.cells.failures, rate(service.failuresPerSecond));
  row.cells.failures.classList.toggle("wrong", service.failuresPerSecond > 0);
  setText(row.cells.p50, latency(service.p50));
  setText(row.cells.p99, latency(service.p99));
  setText(row.cells.inflight, whole(service.inflight));
}
