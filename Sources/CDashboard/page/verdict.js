// What is wrong, in a word, a shape and a sentence.

const phrases = { Maintenance: "in maintenance", "Weight 0": "at weight 0" };
const stateIcon = (state) => (state === "asleep" ? "unknown" : state);
const stateOrder = { down: 0, degraded: 1, unknown: 2, draining: 2, maintenance: 3, asleep: 4, up: 5 };

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
  const counts = new Map();
  for (const server of report.servers) {
    if (server.service !== service.name) continue;
    const { state, word } = serverVerdict(server);
    if (state !== "up") counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const parts = [...counts].map(([word, number], place) => {
    const phrase = t(phrases[word] ?? word.toLowerCase());
    return place === 0 ? t("{n} of {servers} {phrase}", { n: number, servers: count(service.servers, "server"), phrase }) : `${number} ${phrase}`;
  });
  const { replicas } = service;
  if (parts.length === 0 && service.healthy < service.servers) {
    parts.push(t("{n} of {servers} {phrase}", { n: service.servers - service.healthy, servers: count(service.servers, "server"), phrase: t("take no work") }));
  }
  if (parts.length === 0 && replicas && replicas.ready < replicas.desired) {
    parts.push(t("{n} of {replicas} ready", { n: replicas.ready, replicas: count(replicas.desired, "replica") }));
  }
  if (parts.length === 0 && service.servers === 0 && replicas?.desired === 0) {
    parts.push(service.state === "asleep" ? t("no replica until a request comes") : t("scaled to 0"));
  }
  return parts.join(", ");
}

function verdict() {
  const { services } = report;
  if (services.length === 0) return { state: "unknown", headline: t("No services configured"), subline: "" };
  const down = services.filter((service) => service.state === "down");
  // One that is asleep has nobody to answer, and starts when somebody asks.
  const troubled = services.filter((service) => service.state !== "up" && service.state !== "asleep");
  const details = troubled.slice(0, 6).map((service) => `${service.name}: ${shortfall(service) || word(service.state)}`).join(" · ");
  if (down.length > 0) {
    const names = down.map((service) => service.name).join(t(" and "));
    const headline = down.length > 2 ? t("{n} services are down", { n: down.length })
      : down.length === 1 ? t("{name} is down", { name: names }) : t("{names} are down", { names });
    return { state: "down", headline, subline: details };
  }
  if (troubled.length === 1) {
    const reason = shortfall(troubled[0]);
    const headline = `${t("{name} is degraded", { name: troubled[0].name })}${reason ? `: ${reason}` : ""}`;
    return { state: "degraded", headline, subline: t("Every service answers.") };
  }
  if (troubled.length > 1) return { state: "degraded", headline: t("{n} services are degraded", { n: troubled.length }), subline: details };
  return { state: "up", headline: t("All services up"), subline: workingText(services) };
}

function workingText(services) {
  const asleep = services.filter((service) => service.state === "asleep").length;
  const standbys = report.servers.filter((server) => server.role === "standby").length;
  return [
    count(services.length, "service"), count(sum(services, "servers"), "server"),
    standbys > 0 ? t("{n} of them standing by", { n: standbys }) : t("all taking work"),
    asleep > 0 && t("{services} asleep", { services: count(asleep, "service") }),
    report.openFaults > 0 && t("{faults} still open", { faults: count(report.openFaults, "fault") }),
  ].filter(Boolean).join(", ");
}

/** Of a service with one active server. */
function activeText(servers) {
  if (!servers.some((server) => server.role)) return "";
  const active = servers.find((server) => server.role === "active");
  const next = servers.find((server) => server.role === "promoting");
  if (next) return t("{name} is being promoted", { name: next.name });
  return active ? t("{name} is active", { name: active.name }) : t("no active server");
}

/** Roots only: what hangs beneath another fault is shown with it. */
const openFaults = () => [...faults.values()].filter((fault) => !fault.resolved && !fault.parent).sort((a, b) => b.id - a.id);
const isRecovering = (fault) => !fault.resolved && Boolean(fault.recovered);

function faultTitle(fault) {
  return [word(fault.type), fault.server ?? fault.subject ?? fault.service].filter(Boolean).join(": ");
}
