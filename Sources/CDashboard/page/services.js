// A card for each service, a row for each of its servers.

function renderServices() {
  for (const name of cards.keys()) {
    if (!report.services.some((service) => service.name === name)) {
      for (const held of [cards, histories, counters]) held.delete(name);
    }
  }
  arrange(byId("services"), report.services.map((service) => {
    if (!cards.has(service.name)) cards.set(service.name, makeCard(service.name));
    renderCard(cards.get(service.name), service);
    return cards.get(service.name).element;
  }));
}

function makeCard(name) {
  const card = instantiate("service-template");
  card.element.setAttribute("aria-label", `Service ${name}`);
  card.rows = new Map();
  card.traffic = makeChart(name, trafficChart);
  card.latency = makeChart(name, latencyChart);
  card.element.querySelector(".charts").append(card.traffic.element, card.latency.element);
  const availability = card.element.querySelector(".availability");
  availability.addEventListener("toggle", () => availability.open && loadAvailability(card, name));
  return card;
}

function renderCard(card, service) {
  const { fields } = card;
  const replicas = report.replicas.filter((replica) => replica.service === service.name);
  const servers = report.servers.filter((server) => server.service === service.name);
  const retries = retriesPerSecond(service.name);
  card.element.classList.toggle("elective", servers.some((server) => server.role));
  setState(card, service.state, service.state === "asleep" ? "unknown" : service.state);
  card.element.classList.toggle("static", replicas.length === 0);
  setText(fields.name, service.name);
  setText(fields.state, sentence(service.state));
  setText(fields.about, [
    shortfall(service) || `${count(service.servers, "server")} healthy`, activeText(servers),
    service.version && `version ${service.version}`, retries > 0 && `${rate(retries)} retries/s`,
  ].filter(Boolean).join(" · "));
  setText(fields.balance, service.balance);
  setText(fields.reason, service.balanceReason ? `: ${service.balanceReason}` : "");
  setText(fields.requests, rate(service.requestsPerSecond));
  setWrong(fields.failures, rate(service.failuresPerSecond), service.failuresPerSecond > 0);
  setText(fields.p50, latency(service.p50));
  setText(fields.p99, latency(service.p99));
  renderServers(card, servers, replicas);
}

/** Of a service with one active server. */
function activeText(servers) {
  if (!servers.some((server) => server.role)) return "";
  const active = servers.find((server) => server.role === "active");
  const next = servers.find((server) => server.role === "promoting");
  if (next) return `${next.name} is being promoted`;
  return active ? `${active.name} is active` : "no active server";
}

/** A row for each server, then one for each replica that has no server now. */
function renderServers(card, servers, replicas) {
  const named = new Map(replicas.map((replica) => [replica.name, replica]));
  const entries = servers.map((server) => ({ name: server.name, server, replica: named.get(server.name) }));
  for (const replica of replicas) {
    if (!servers.some((server) => server.name === replica.name)) entries.push({ name: replica.name, replica });
  }
  arrange(card.element.querySelector("tbody"), entries.map((entry) => {
    if (!card.rows.has(entry.name)) card.rows.set(entry.name, makeRow());
    const row = card.rows.get(entry.name);
    renderRow(row, entry);
    return row.element;
  }));
  for (const name of card.rows.keys()) {
    if (!entries.some((entry) => entry.name === name)) card.rows.delete(name);
  }
}

function makeRow() {
  const row = instantiate("server-template");
  row.buttons = [...row.element.querySelectorAll("[data-action]")];
  row.server = null;
  for (const button of row.buttons) {
    button.addEventListener("click", () => row.server && ask(row.server, button.dataset.action));
  }
  return row;
}

function renderRow(row, { name, server, replica }) {
  const { fields } = row;
  row.server = server;
  row.element.classList.toggle("gone", !server);
  setText(fields.name, name);
  setText(fields.process, replica ? processText(replica) : "");
  if (!server) {
    setState(row, "down");
    fields.role.hidden = true;
    setText(fields.state, sentence(replica.state));
    setText(fields.address, replica.address ?? "");
    setText(fields.check, replica.lastExit ?? "");
    return;
  }
  const { state, word } = serverVerdict(server);
  setState(row, state);
  setText(fields.state, replica?.state === "crash-loop" ? "Crash loop" : word);
  const address = server.address === name ? "" : server.address;
  setText(fields.address, [address, server.backup && "backup"].filter(Boolean).join(" · "));
  fields.role.hidden = !server.role;
  fields.role.dataset.role = server.role ?? "";
  setText(fields.role, server.role ?? "");
  setText(fields.check, checkText(server, replica));
  setText(fields.requests, rate(server.requestsPerSecond));
  setText(fields.inflight, String(server.inflight));
  for (const button of row.buttons) renderButton(button, server);
}

function renderButton(button, server) {
  const { action } = button.dataset;
  if (action === "weight") {
    setText(button, String(server.weight));
    button.setAttribute("aria-label", `Weight of ${server.name}: ${server.weight}. Change`);
    return;
  }
  if (action === "promote") {
    button.hidden = server.role !== "standby" && server.role !== "promoting";
    button.disabled = server.role === "promoting";
    button.setAttribute("aria-label", `Promote ${server.name}`);
    return;
  }
  // One of Ready and Drain is of use at a time.
  button.hidden = action === "ready" ? server.state === "ready" : action === "draining" && server.state !== "ready";
  button.disabled = server.state === action;
  button.setAttribute("aria-label", `${button.textContent} ${server.name}`);
}

function checkText(server, replica) {
  const check = server.lastCheck;
  if (server.ejected && check?.passed !== false) return ejectionText(server) ?? "Left out after failures";
  if (!check) return replica?.lastExit && server.health !== "healthy" ? replica.lastExit : "Not checked";
  if (check.passed) return `${check.detail} in ${latency(check.duration)}`;
  return `${check.detail}, ${roughSpan(secondsSince(check.at))} ago`;
}

/** The newest ejection's words, when the event is still among those shown. */
function ejectionText({ service, name }) {
  let newest = null;
  for (const event of events.values()) {
    const isOf = event.type === "server-ejected" && event.service === service && event.server === name;
    if (isOf && (!newest || event.id > newest.id)) newest = event;
  }
  return newest && `At ${clockTime(newest.at)} ${newest.message.replace(`${service}/${name} is `, "")}`;
}

function processText(replica) {
  const parts = [];
  if (replica.state !== "ready") parts.push(sentence(replica.state));
  if (replica.pid) parts.push(`pid ${replica.pid}`);
  if (replica.pid && replica.startedAt) parts.push(`up ${roughSpan(secondsSince(replica.startedAt))}`);
  if (replica.restarts > 0) parts.push(count(replica.restarts, "restart"));
  return parts.join(" · ");
}
