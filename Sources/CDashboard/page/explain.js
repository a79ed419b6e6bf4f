// Where a request would go, and what became of one: an answer is a headline and a list of lines.

const repeats = {
  chosen: "chosen by the balancer",
  session: "where the client's session is",
  hedge: "beside the silent first one",
};
const ends = {
  "connect-failure": "no connection",
  reset: "the connection broke",
  timeout: "no answer in time",
  "stale-connection": "the kept connection was closed",
  "gateway-error": "not taken for the last word",
  overtaken: "another one answered first",
  cut: "broke off in the middle of the answer",
  abandoned: "the client left",
};

/** `mark` is `yes`, `no` or `skipped`; the text says the same in words. */
const fact = (text, under = [], mark) => ({ text, under, mark });

function explained(told) {
  const lines = [
    fact(`listener ${told.listener}: ${told.listenerReason}`),
    fact(told.routes.length > 0 ? "routes, in the order in which they are asked" : "it has no routes", told.routes.map(trialLine)),
  ];
  if (!told.service && told.route) return { headline: `Ballast answers itself: ${told.action}.`, isGood: true, lines };
  if (!told.service) return { headline: "No route takes it: Ballast answers 404, no-route.", isGood: false, lines };
  lines.push(fact([`service ${told.service}, balanced by ${told.balance}`, told.balanceReason].filter(Boolean).join(": "), [
    told.hashed && fact(`hashed: ${told.hashed.join(", ")} → ${told.hash ?? ""}`),
    told.session && fact(sessionText(told.session)),
  ].filter(Boolean)));
  lines.push(...told.workers.map(workerLine));
  if (told.retries) lines.push(retriesLine(told.retries));
  if (told.timeouts) lines.push(fact(timeoutsText(told.timeouts)));
  return { ...choiceOf(told), lines };
}

/** Each worker chooses by its own traffic, so there may be several. */
function choiceOf({ service, workers }) {
  const servers = [...new Set(workers.filter((worker) => worker.choice === "server").map((worker) => worker.server))];
  if (servers.length > 0) {
    const by = [...new Set(workers.map((worker) => worker.chosenBy))].join(" or ");
    const each = servers.length > 1 ? "; each worker chooses by its own traffic" : "";
    return { headline: `It would go to ${servers.join(" or ")} of ${service}, by ${by}${each}.`, isGood: true };
  }
  if (workers.some((worker) => worker.choice === "full")) {
    return { headline: `It would wait: every server of ${service} is at its limit.`, isGood: false };
  }
  return { headline: `No server of ${service} would take it: Ballast answers 503, no-healthy-server.`, isGood: false };
}

function trialLine({ route, result, failed, host, path, conditions = [], action, service }) {
  const asked = [host ?? "any host", path ?? "any path", ...conditions].join(", ");
  if (result === "matched") return fact(`${route}: ${asked} → ${action ?? service}`, [], "yes");
  if (result === "not-asked") return fact(`${route}: not asked`, [], "skipped");
  return fact(`${route}: takes only the ${failed ?? `${result} ${result === "host" ? host : path}`}`, [], "no");
}

function sessionText({ kind, cookie, server }) {
  const who = { "inserted-cookie": `cookie ${cookie} of Ballast`, "learned-cookie": `cookie ${cookie} of the servers` }[kind]
    ?? "the client's address";
  return server ? `session: ${who} binds the client to ${server}` : `session: none yet; ${who} would begin one`;
}

function workerLine(worker) {
  const waiting = worker.queued > 0 ? `; ${count(worker.queued, "request waits", "requests wait")}` : "";
  return fact(`worker ${worker.worker}: ${worker.set}${waiting}`, worker.candidates.map((candidate) => {
    const isChosen = worker.choice === "server" && candidate.server === worker.server;
    const isOpen = candidate.standing === "open";
    return fact(`${candidate.server}: ` + [
      isChosen ? `chosen by ${worker.chosenBy}` : candidate.standing.replaceAll("-", " "),
      candidate.score !== undefined && `score ${significant(candidate.score)}`,
      candidate.weight !== undefined && `weight ${significant(candidate.weight)}`,
      `${candidate.inflight} in flight`,
    ].filter(Boolean).join(", "), [], isChosen ? "yes" : isOpen ? "skipped" : "no");
  }));
}

function retriesLine({ attempts, on, repeatable, budget, perTryTimeout, hedgeAfter }) {
  if (attempts === 0 || on.length === 0) return fact("a failed try is not repeated");
  const each = perTryTimeout === undefined ? "" : `, each ${plainSpan(perTryTimeout)} at most`;
  const under = [];
  if (!repeatable) under.push(fact("only while no server got it: doing it twice may not be the same as once"));
  else if (hedgeAfter !== undefined) under.push(fact(`a second server is asked as well after ${plainSpan(hedgeAfter)}`));
  return fact(`${count(attempts, "more try", "more tries")} after ${on.join(", ")}${each}; budget ${significant(budget * 100)}% of the requests`, under);
}

function timeoutsText({ connect, response, idle, total, queue }) {
  const set = Object.entries({ connect, answer: response, idle, total, waiting: queue })
    .filter(([, seconds]) => seconds !== undefined).map(([name, seconds]) => `${name} ${plainSpan(seconds)}`);
  return set.length > 0 ? `timeouts: ${set.join(", ")}` : "no timeouts";
}

function traced(trace) {
  const tries = trace.tries.map(tryLine);
  if (trace.triesLeftOut > 0) tries.splice(-1, 0, fact(`${trace.triesLeftOut} more`, [], "skipped"));
  const way = [`listener ${trace.listener}`, trace.route && `route ${trace.route}`, trace.service && `service ${trace.service}`];
  const lines = [
    fact(`${trace.method} http://${trace.host}${trace.target} from ${trace.client}`),
    fact(`came in at ${clockTime(trace.at)} and took ${plainSpan(trace.duration)} in all`),
    fact(`${way.filter(Boolean).join(" → ")}, at worker ${trace.worker} with topology ${trace.topologyVersion}`),
    trace.hash && fact(`hashed to ${trace.hash}`),
    trace.sessionServer && fact(`the client's session was at ${trace.sessionServer}`),
    fact(tries.length > 0 ? "tries" : "no server was tried", tries),
    fact(`${trace.requestBytes} bytes in, ${trace.answerBytes} out`),
  ].filter(Boolean);
  const isGood = trace.status > 0 && trace.status < 500;
  if (trace.reason) return { headline: `Ballast answered ${trace.status}, ${trace.reason}.`, isGood, lines };
  if (trace.status === 0) return { headline: "The client left before an answer.", isGood, lines };
  const by = trace.tries.findLast((one) => one.end === "answered" || one.status === trace.status);
  return { headline: `Answered ${trace.status}${by ? ` by ${by.server}` : ""} after ${plainSpan(trace.duration)}.`, isGood, lines };
}

function tryLine(one) {
  const isGood = one.end === "answered";
  const status = one.status === undefined ? "" : `: ${one.status}${one.answerBegan === undefined ? "" : ` in ${plainSpan(one.answerBegan - one.began)}`}`;
  return fact([
    `${one.server} after ${plainSpan(one.began)}`,
    repeats[one.because] ?? `once more after ${one.because}`,
    one.reused && "over a kept connection",
  ].filter(Boolean).join(", ") + status + (isGood ? "" : `: ${ends[one.end] ?? one.end}`) +
    `, over after ${plainSpan(one.ended - one.began)}`, [], isGood ? "yes" : one.end === "overtaken" ? "skipped" : "no");
}
