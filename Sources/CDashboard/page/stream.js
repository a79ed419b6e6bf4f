// The stream of reports, its loss and its return.

let stream = null;
let wantedScope = null; // What the open page wants of it; null while nobody is signed in.
let silenceTimer = 0;
let retryTimer = 0;
let retries = 0;
let lostAt = 0;

/** `{ service, flows }`: what is to come beside services and what is amiss. */
function follow(scope) {
  const isSame = scope && wantedScope && JSON.stringify(scope) === JSON.stringify(wantedScope);
  wantedScope = scope;
  if (isSame && stream) return;
  hangUp();
  if (scope) connect();
}

function hangUp() {
  clearTimeout(silenceTimer);
  clearTimeout(retryTimer);
  stream?.close();
  stream = null;
}

function connect() {
  const query = new URLSearchParams({ brief: "true" });
  for (const [name, value] of Object.entries(wantedScope)) query.set(name, String(value));
  stream = new EventSource(`v1/live?${query}`);
  stream.addEventListener("open", () => loadRecords());
  stream.addEventListener("status", (message) => receiveStatus(JSON.parse(message.data)));
  stream.addEventListener("event", (message) => receiveEvent(JSON.parse(message.data)));
  stream.addEventListener("fault", (message) => receiveFault(JSON.parse(message.data)));
  stream.addEventListener("error", lose);
  expectReport();
}

function expectReport() {
  clearTimeout(silenceTimer);
  silenceTimer = setTimeout(lose, SILENCE);
}

async function lose() {
  if (!stream) return;
  hangUp();
  if (!lostAt) lostAt = Date.now();
  renderLoss();
  const delay = Math.min(500 * 2 ** retries, RETRY_LIMIT);
  retries += 1;
  retryTimer = setTimeout(() => wantedScope && connect(), delay);
  // An end of the session looks like any other to an EventSource: whoever asks is told.
  const answer = await fetch("v1/session").then((said) => said.json()).catch(() => null);
  if (answer?.required && !answer.signedIn) sessionEnded();
}

function renderLoss() {
  document.body.className = lostAt ? "stale" : "live";
  byId("lost").hidden = !lostAt;
  if (!lostAt) return;
  setText(byId("lost-title"), report ? t("Connection lost, retrying.") : t("Ballast does not answer, retrying."));
  setText(byId("lost-detail"), report ? t("What you see is from {time}.", { time: clockTime(report.at) }) : "");
  setText(byId("pulse"), t("not connected"));
  document.title = `Ballast: ${t("connection lost")}`;
}

function receiveStatus(status) {
  clockOffset = Date.parse(status.at) - Date.now();
  const isFirst = !report;
  report = status;
  retries = 0;
  lostAt = 0;
  expectReport();
  renderLoss();
  renderShellState();
  updatePage();
  if (isFirst) loadSeries();
}

function receiveEvent(event) {
  events.set(event.id, event);
  while (events.size > EVENTS_KEPT) events.delete(events.keys().next().value);
  if (/^(deployment|rollout|canary|revision)/.test(event.type)) loadDeployments();
  view?.live.event?.(event);
}

function receiveFault(fault) {
  // What hangs beneath another fault is told with that one, which is asked for again.
  if (fault.parent) faults.delete(fault.id);
  else faults.set(fault.id, { beneath: faults.get(fault.id)?.beneath, ...fault });
  clearTimeout(faultTimer);
  faultTimer = setTimeout(loadOpenFaults, 500);
  for (const [id, old] of faults) {
    if (faults.size <= FAULTS_KEPT) break;
    if (old.resolved) faults.delete(id);
  }
  renderShellState();
  view?.live.fault?.(fault);
}

let faultTimer = 0;

async function loadOpenFaults() {
  const open = await call("GET", "v1/faults?open=true&limit=200").catch(() => null);
  if (!open || !wantedScope) return;
  for (const fault of open) faults.set(fault.id, fault);
  renderShellState();
  updatePage();
}

/** What was before; what came over the stream in the meantime is newer, so it comes last. */
async function loadRecords() {
  const answers = await quietly(Promise.all([
    call("GET", "v1/faults?open=true&limit=200"), call("GET", "v1/faults?limit=100"), call("GET", "v1/events?limit=200"),
  ]));
  if (!answers) return;
  const [open, recent, past] = answers;
  const newest = [...events.values()].filter((event) => !past.some((old) => old.id === event.id));
  events.clear();
  for (const event of [...past, ...newest]) events.set(event.id, event);
  faults.clear();
  for (const fault of [...recent, ...open]) faults.set(fault.id, fault);
  renderShellState();
  view?.live.records?.();
  updatePage();
  loadDeployments();
  loadAlerts();
}

async function loadDeployments() {
  const answer = await call("GET", "v1/deployments").catch(() => null);
  if (!answer) return;
  deployments = answer;
  renderShellState();
  view?.live.deployments?.();
}

/** Charts of all services; after the first time only what came since. */
async function loadSeries() {
  const mine = await call("GET", `v1/history?step=5${series ? "&last=6" : ""}`).catch(() => null);
  if (!mine) return;
  series = series ? joined(series, mine, 120) : mine;
  view?.live.series?.();
}

/** Two answers of `v1/history`, the newer one of the end, at most `most` points. */
function joined(old, fresh, most) {
  const first = fresh.times[0] ?? Infinity;
  const kept = old.times.findLastIndex((time) => time < first) + 1;
  const drop = Math.max(0, kept + fresh.times.length - most);
  const named = new Map(old.series.map((one) => [one.name, one]));
  const both = (before, after) => {
    const list = (field) => {
      if (!after[field]) return undefined;
      const past = before?.[field]?.slice(drop, kept) ?? new Array(Math.max(0, kept - drop)).fill(null);
      return past.concat(after[field]);
    };
    return { name: after.name, requests: list("requests"), failures: list("failures"), p50: list("p50"), p99: list("p99") };
  };
  return {
    step: fresh.step, times: old.times.slice(drop, kept).concat(fresh.times),
    total: fresh.total && both(old.total, fresh.total), series: fresh.series.map((one) => both(named.get(one.name), one)),
  };
}
