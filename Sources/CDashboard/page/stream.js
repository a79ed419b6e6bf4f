// The stream of reports, its loss and its return.

let stream = null;
let silenceTimer = 0;
let retries = 0;
let lostAt = 0;

function connect() {
  stream = new EventSource("v1/live");
  stream.addEventListener("open", () => {
    for (const old of [counters, faults, events]) old.clear();
    loadRecords().catch((problem) => toast(problem.message));
  });
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

function lose() {
  if (!stream) return;
  stream.close();
  stream = null;
  clearTimeout(silenceTimer);
  if (!lostAt) lostAt = Date.now();
  renderLoss();
  setTimeout(connect, Math.min(500 * 2 ** retries, RETRY_LIMIT));
  retries += 1;
}

function renderLoss() {
  document.body.className = lostAt ? "stale" : "live";
  byId("lost").hidden = !lostAt;
  if (!lostAt) return;
  setText(byId("lost-title"), report ? "Connection lost, retrying." : "Ballast does not answer, retrying.");
  setText(byId("lost-detail"), report ? `What you see is from ${clockTime(report.at)}.` : "");
  setText(byId("pulse"), "not connected");
  document.title = "Ballast: connection lost";
}

function receiveStatus(status) {
  clockOffset = Date.parse(status.at) - Date.now();
  report = status;
  retries = 0;
  lostAt = 0;
  expectReport();
  const fresh = status.services.filter((service) => !counters.has(service.name));
  extendHistory(status);
  renderLoss();
  renderHead();
  renderServices();
  renderFaults();
  drawCharts();
  for (const service of fresh) loadHistory(service.name).then(drawCharts, (problem) => toast(problem.message));
}

function receiveEvent(event) {
  events.set(event.id, event);
  renderEvents();
}

function receiveFault(fault) {
  // What hangs beneath another fault is told with that one.
  if (fault.parent) faults.delete(fault.id);
  else faults.set(fault.id, fault);
  renderFaults();
}
