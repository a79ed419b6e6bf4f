// The points that the charts draw: what the API kept, then what each report adds.

function remember(service, at, point) {
  if (!histories.has(service)) histories.set(service, new Map());
  const history = histories.get(service);
  const second = Math.floor(Date.parse(at) / 1000);
  history.set(second, point);
  for (const old of history.keys()) if (old < second - WINDOW - BUCKET) history.delete(old);
}

/** Adds a point from the difference between two reports; the totals start anew with the engine. */
function extendHistory(status) {
  for (const service of status.services) {
    const before = counters.get(service.name);
    const seconds = before ? (Date.parse(status.at) - before.at) / 1000 : 0;
    if (before && service.requests >= before.requests && seconds > 0 && seconds < 5) {
      remember(service.name, status.at, {
        requests: (service.requests - before.requests) / seconds,
        failures: Math.max(0, service.failures - before.failures) / seconds,
        retries: Math.max(0, service.retries - before.retries) / seconds,
        p50: service.p50,
        p99: service.p99,
      });
    }
    counters.set(service.name, { at: Date.parse(status.at), requests: service.requests, failures: service.failures, retries: service.retries });
  }
}

/** Over the last ten seconds, as the API's own rates; the API keeps none for retries. */
function retriesPerSecond(name) {
  const newest = Math.floor(Date.parse(report.at) / 1000);
  const rates = [];
  for (const [second, point] of histories.get(name) ?? []) {
    if (second > newest - 10 && point.retries !== undefined) rates.push(point.retries);
  }
  return rates.length > 0 ? rates.reduce((total, rate) => total + rate, 0) / rates.length : 0;
}

async function loadHistory(service) {
  const points = await call("GET", `v1/services/${encodeURIComponent(service)}/history`);
  for (const point of points) remember(service, point.at, point);
}

async function loadRecords() {
  const [open, recent, past] = await Promise.all([
    call("GET", "v1/faults?open=true&limit=100"), call("GET", `v1/faults?limit=${FAULTS_SHOWN}`),
    call("GET", `v1/events?limit=${EVENTS_SHOWN}`),
  ]);
  // What came over the stream in the meantime is newer.
  for (const fault of [...recent, ...open]) if (!faults.has(fault.id)) faults.set(fault.id, fault);
  for (const event of past) if (!events.has(event.id)) events.set(event.id, event);
  renderFaults();
  renderEvents();
}
