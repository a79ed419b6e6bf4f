// The servers of a service, each with its process and what can be done to it.

function makeServerTable(find) {
  let [wanted, shown, latest] = [find.toLowerCase(), ROWS_SHOWN, [[], []]];
  const titles = [["Server"], ["State"], ["Last check", "check"], ["Process", "process"], ["Requests/s", "number"], ["Errors", "number errors"], ["In flight", "number"], ["Weight", "number"]];
  const body = h("tbody");
  const table = h("table.servers", h("thead", h("tr",
    titles.map(([title, className = ""]) => h("th", { scope: "col", class: className }, t(title))),
    h("th.actions", { scope: "col" }, h("span.hidden", t("Change"))))), body);
  const more = h("button", { type: "button", onclick: () => { shown += ROWS_SHOWN; update(...latest); } }, t("Show more"));
  const filter = searchField(t("Filter servers"), (text) => { wanted = text; update(...latest); });
  filter.value = find;
  const rows = keyed(makeServerEntry);
  const update = (servers, replicas) => {
    latest = [servers, replicas];
    const entries = entriesOf(servers, replicas).filter(({ name, server }) => `${name} ${server?.address ?? ""}`.toLowerCase().includes(wanted));
    if (servers.length > 20) entries.sort((a, b) => stateOrder[entryState(a)] - stateOrder[entryState(b)]);
    table.classList.toggle("static", replicas.length === 0);
    rows(body, entries.slice(0, shown), (entry) => entry.name, updateServerEntry);
    setHidden(more, entries.length <= shown);
    setHidden(filter, servers.length <= 8 && !wanted);
  };
  return { element: panel(t("Servers"), { controls: [filter], id: "servers" }, h("div.table-scroll", table), h("div.foot", more)), update };
}

const entryState = ({ server }) => (server ? serverVerdict(server).state : "down");

/** A row for each server, then one for each replica that has no server now. */
function entriesOf(servers, replicas) {
  const named = new Map(replicas.map((replica) => [replica.name, replica]));
  const known = new Set(servers.map((server) => server.name));
  return [
    ...servers.map((server) => ({ name: server.name, server, replica: named.get(server.name) })),
    ...replicas.filter((replica) => !known.has(replica.name)).map((replica) => ({ name: replica.name, replica })),
  ];
}

function makeServerEntry({ name }) {
  const row = { server: null, state: sign("unknown", "") };
  for (const field of ["role", "address", "check", "process", "requests", "failures", "inflight"]) row[field] = h(field === "address" ? "small" : "span");
  row.role.className = "role";
  const cell = (field, className, label) => h(`td.${className}`, label ? { data: { label: t(label) } } : {}, row[field]);
  const act = (action) => () => row.server && changeServer(row.server, action);
  row.weight = h("button.value", { type: "button", onclick: act("weight"), disabled: !may("operator") });
  row.buttons = Object.fromEntries([["promote", "Promote"], ["ready", "Ready"], ["draining", "Drain"], ["maintenance", "Maintain"]].map(([action, title]) => [
    action, h("button", { type: "button", onclick: act(action), "aria-label": `${t(title)} ${name}` }, t(title)),
  ]));
  row.element = h("tr", h("th", { scope: "row" }, h("span.name", name), row.role, row.address), cell("state", "state"), cell("check", "check"), cell("process", "process"),
    cell("requests", "number", "Requests/s"), cell("failures", "number.errors", "Errors"), cell("inflight", "number", "In flight"),
    h("td.number", { data: { label: t("Weight") } }, row.weight), h("td.actions", may("operator") && Object.values(row.buttons)));
  return row;
}

function updateServerEntry(row, { name, server, replica }) {
  row.server = server;
  row.element.classList.toggle("gone", !server);
  setText(row.process, replica ? processText(replica) : "");
  if (!server) {
    row.element.dataset.state = "down";
    setSign(row.state, "down", word(replica.state));
    setHidden(row.role, true);
    setText(row.address, replica.address ?? "");
    setText(row.check, replica.lastExit ?? "");
    return;
  }
  const { state, word: said } = serverVerdict(server);
  row.element.dataset.state = state;
  setSign(row.state, state, replica?.state === "crash-loop" ? t("Crash loop") : t(said));
  const address = server.address === name ? "" : server.address;
  setText(row.address, [address, server.backup && t("backup")].filter(Boolean).join(" · "));
  setHidden(row.role, !server.role);
  row.role.dataset.role = server.role ?? "";
  setText(row.role, server.role ? t(server.role) : "");
  setText(row.check, checkText(server, replica));
  setText(row.requests, rate(server.requestsPerSecond));
  setText(row.failures, whole(server.failures));
  row.failures.classList.toggle("some", server.failures > 0);
  setText(row.inflight, whole(server.inflight));
  setText(row.weight, server.tuned === undefined || server.tuned === null ? String(server.weight) : `${server.weight} × ${server.tuned} %`);
  row.weight.setAttribute("aria-label", t("Weight of {name}: {weight}. Change", { name, weight: server.weight }));
  const { promote, ready, draining, maintenance } = row.buttons;
  setHidden(promote, server.role !== "standby" && server.role !== "promoting");
  promote.disabled = server.role === "promoting";
  // One of Ready and Drain is of use at a time.
  setHidden(ready, server.state === "ready");
  setHidden(draining, server.state !== "ready");
  setHidden(maintenance, server.state === "maintenance");
}

function checkText(server, replica) {
  const check = server.lastCheck;
  if (server.ejected && check?.passed !== false) return ejectionText(server) ?? t("Left out after failures");
  if (!check) return replica?.lastExit && server.health !== "healthy" ? replica.lastExit : t("Not checked");
  if (check.passed) return t("{detail} in {time}", { detail: check.detail, time: latency(check.duration) });
  return `${check.detail}, ${ago(check.at)}`;
}

/** The newest ejection's words, when the event is still among those that are kept. */
function ejectionText({ service, name }) {
  let newest = null;
  for (const event of events.values()) {
    const isOf = event.type === "server-ejected" && event.service === service && event.server === name;
    if (isOf && (!newest || event.id > newest.id)) newest = event;
  }
  return newest && `${clockTime(newest.at)} ${newest.message.replace(`${service}/${name} `, "")}`;
}

function processText(replica) {
  const parts = [];
  if (replica.state !== "ready") parts.push(word(replica.state));
  if (replica.version) parts.push(replica.version);
  if (replica.pid) parts.push(`pid ${replica.pid}`);
  if (replica.pid && replica.startedAt) parts.push(t("up {span}", { span: roughSpan(secondsSince(replica.startedAt)) }));
  if (replica.restarts > 0) parts.push(count(replica.restarts, "restart"));
  return parts.join(" · ");
}
