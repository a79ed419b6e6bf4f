// What is wrong, in a word, a shape and a sentence; and the head of the page that says it.

const phrases = { Maintenance: "in maintenance", "Weight 0": "at weight 0" };

/** How one server is doing: a state for shape and colour, and a word. */
function serverVerdict(server) {
  if (server.state === "maintenance") return { state: "maintenance", word: "Maintenance" };
  if (server.health === "unhealthy") return { state: "down", word: "Down" };
  if (server.state === "draining") return { state: "draining", word: "Draining" };
  if (server.ejected) return { state: "degraded", word: "Ejected" };
  if (server.health === "unknown") return { state: "unknown", word: server.lastCheck ? "Not ready" : "Not checked" };
  if (server.weight === 0) return { state: "draining", word: "Weight 0" };
  return { state: "up", word: "Healthy" };
}

/** "1 of 3 servers down, 1 draining", or an empty text when every server takes work. */
function shortfall(service) {
  const servers = report.servers.filter((server) => server.service === service.name);
  const counts = new Map();
  for (const server of servers) {
    const { state, word } = serverVerdict(server);
    const phrase = phrases[word] ?? word.toLowerCase();
    if (state !== "up") counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  }
  const parts = [...counts].map(([word, number], place) =>
    place === 0 ? `${number} of ${count(servers.length, "server")} ${word}` : `${number} ${word}`);
  const { replicas } = service;
  if (parts.length === 0 && replicas && replicas.ready < replicas.desired) {
    parts.push(`${replicas.ready} of ${count(replicas.desired, "replica")} ready`);
  }
  if (parts.length === 0 && servers.length === 0 && replicas?.desired === 0) {
    parts.push(service.state === "asleep" ? "no replica until a request comes" : "scaled to 0");
  }
  return parts.join(", ");
}

function verdict() {
  const { services, openFaults } = report;
  if (services.length === 0) return { state: "unknown", headline: "No services configured" };
  const down = services.filter((service) => service.state === "down");
  // One that is asleep has nobody to answer, and starts when somebody asks.
  const asleep = services.filter((service) => service.state === "asleep").length;
  const troubled = services.filter((service) => service.state !== "up" && service.state !== "asleep");
  const details = troubled.map((service) => `${service.name}: ${shortfall(service) || service.state}`);
  if (down.length > 0) {
    const names = down.map((service) => service.name).join(" and ");
    const headline = down.length > 2 ? `${down.length} services are down` : `${names} ${down.length === 1 ? "is" : "are"} down`;
    return { state: "down", headline, subline: details.join(" · ") };
  }
  if (troubled.length === 1) {
    const reason = shortfall(troubled[0]);
    const headline = `${troubled[0].name} is degraded${reason ? `: ${reason}` : ""}`;
    return { state: "degraded", headline, subline: "Every service answers." };
  }
  if (troubled.length > 1) {
    return { state: "degraded", headline: `${troubled.length} services are degraded`, subline: details.join(" · ") };
  }
  const standbys = report.servers.filter((server) => server.role === "standby").length;
  const working = `${count(services.length, "service")}, ${count(report.servers.length, "server")}, ` +
    (standbys > 0 ? `${standbys} of them standing by` : "all taking work") +
    (asleep > 0 ? `; ${count(asleep, "service")} asleep` : "");
  const subline = openFaults > 0 ? `${working}; ${count(openFaults, "fault")} still open` : working;
  return { state: "up", headline: "All services up", subline };
}

function renderHead() {
  const { state, headline, subline = "" } = verdict();
  byId("verdict").dataset.state = state;
  byId("verdict-icon").setAttribute("href", `#icon-${state}`);
  setText(byId("headline"), headline);
  setText(byId("subline"), subline);
  document.title = state === "up" ? "Ballast: all up" : `${state === "down" ? "✕" : "▲"} ${headline}`;

  const { engine, services } = report;
  const failures = sum(services, "failuresPerSecond");
  const slowest = Math.max(...services.map((service) => service.p99 ?? -1));
  setText(byId("total-requests"), rate(sum(services, "requestsPerSecond")));
  setWrong(byId("total-failures"), rate(failures), failures > 0);
  setText(byId("total-p99"), latency(slowest < 0 ? null : slowest));
  setWrong(byId("total-faults"), String(report.openFaults), report.openFaults > 0);

  const connections = sum(report.listeners, "connections");
  setText(byId("engine"), [
    engine.version, `up ${wholeSpan(secondsSince(engine.startedAt))}`, `topology ${engine.topologyVersion}`,
    count(connections, "connection"),
  ].join(" · "));
  setText(byId("pulse"), `live ${clockTime(report.at)}`);
  byId("notice").hidden = !engine.storeProblem;
  setText(byId("notice"), engine.storeProblem ? `State is kept in memory only: ${engine.storeProblem}` : "");
}

function setWrong(node, text, wrong) {
  setText(node, text);
  node.classList.toggle("wrong", wrong);
}
