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
const either = (list) => list.join(t(" or "));

function explained(told) {
  const lines = [
    fact(t("listener {name}: {reason}", { name: told.listener, reason: told.listenerReason })),
    fact(told.routes.length > 0 ? t("routes, in the order in which they are asked") : t("it has no routes"), told.routes.map(trialLine)),
  ];
  if (!told.service && told.route) return { headline: t("Ballast answers itself: {action}.", { action: told.action }), isGood: true, lines };
  if (!told.service) return { headline: t("No route takes it: Ballast answers 404, no-route."), isGood: false, lines };
  lines.push(fact([t("service {name}, balanced by {algorithm}", { name: told.service, algorithm: told.balance }), told.balanceReason].filter(Boolean).join(": "), [
    told.hashed && fact(t("hashed: {keys} → {hash}", { keys: told.hashed.join(", "), hash: told.hash ?? "" })),
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
    const by = either([...new Set(workers.map((worker) => worker.chosenBy))]);
    const values = { servers: either(servers), service, by };
    const headline = servers.length > 1 ? t("It would go to {servers} of {service}, by {by}; each worker chooses by its own traffic.", values)
      : t("It would go to {servers} of {service}, by {by}.", values);
    return { headline, isGood: true };
  }
  if (workers.some((worker) => worker.choice === "full")) {
    return { headline: t("It would wait: every server of {service} is at its limit.", { service }), isGood: false };
  }
  return { headline: t("No server of {service} would take it: Ballast answers 503, no-healthy-server.", { service }), isGood: false };
}

function trialLine({ route, result, failed, host, path, conditions = [], action, service }) {
  const asked = [host ?? t("any host"), path ?? t("any path"), ...conditions].join(", ");
  if (result === "matched") return fact(`${route}: ${asked} → ${action ?? service}`, [], "yes");
  if (result === "not-asked") return fact(t("{route}: not asked", { route }), [], "skipped");
  return fact(t("{route}: takes only the {what}", { route, what: failed ?? `${result} ${result === "host" ? host : path}` }), [], "no");
}

function sessionText({ kind, cookie, server }) {
  const who = kind === "inserted-cookie" ? t("cookie {cookie} of Ballast", { cookie })
    : kind === "learned-cookie" ? t("cookie {cookie} of the servers", { cookie }) : t("the client's address");
  return server ? t("session: {who} binds the client to {server}", { who, server }) : t("session: none yet; {who} would begin one", { who });
}

function workerLine(worker) {
  const waiting = worker.queued > 0 ? t("; waiting: {requests}", { requests: count(worker.queued, "request") }) : "";
  return fact(t("worker {number}: {set}", { number: worker.worker, set: worker.set }) + waiting, worker.candidates.map((candidate) => {
    const isChosen = worker.choice === "server" && candidate.server === worker.server;
    const isOpen = candidate.standing === "open";
    return fact(`${candidate.server}: ` + [
      isChosen ? t("chosen by {algorithm}", { algorithm: worker.chosenBy }) : word(candidate.standing).toLowerCase(),
      candidate.score !== undefined && t("score {score}", { score: significant(candidate.score) }),
      candidate.weight !== undefined && t("weight {weight}", { weight: significant(candidate.weight) }),
      t("{n} in flight", { n: candidate.inflight }),
    ].filter(Boolean).join(", "), [], isChosen ? "yes" : isOpen ? "skipped" : "no");
  }));
}

function retriesLine({ attempts, on, repeatable, budget, perTryTimeout, hedgeAfter }) {
  if (attempts === 0 || on.length === 0) return fact(t("a failed try is not repeated"));
  const under = [];
  if (!repeatable) under.push(fact(t("only while no server got it: doing it twice may not be the same as once")));
  else if (hedgeAfter !== undefined) under.push(fact(t("a second server is asked as well after {span}", { span: plainSpan(hedgeAfter) })));
  return fact([
    t("{tries} after {causes}", { tries: count(attempts, "more try", "more tries"), causes: on.join(", ") }),
    perTryTimeout !== undefined && t("each {span} at most", { span: plainSpan(perTryTimeout) }),
    t("budget {share} of the requests", { share: `${significant(budget * 100)}%` }),
  ].filter(Boolean).join(", "), under);
}

function timeoutsText({ connect, response, idle, total, queue }) {
  const set = Object.entries({ connect, answer: response, idle, total, waiting: queue })
    .filter(([, seconds]) => seconds !== undefined).map(([name, seconds]) => `${t(name)} ${plainSpan(seconds)}`);
  return set.length > 0 ? t("timeouts: {list}", { list: set.join(", ") }) : t("no timeouts");
}

function traced(trace) {
  const tries = trace.tries.map(tryLine);
  if (trace.triesLeftOut > 0) tries.splice(-1, 0, fact(t("{n} more", { n: trace.triesLeftOut }), [], "skipped"));
  const way = [t("listener {name}", { name: trace.listener }), trace.route && t("route {name}", { name: trace.route }), trace.service && t("service {name}", { name: trace.service })];
  const lines = [
    fact(t("{request} from {client}", { request: `${trace.method} http://${trace.host}${trace.target}`, client: trace.client })),
    fact(t("came in at {time} and took {span} in all", { time: clockTime(trace.at), span: plainSpan(trace.duration) })),
    fact(t("{way}, at worker {worker} with topology {version}", { way: way.filter(Boolean).join(" → "), worker: trace.worker, version: trace.topologyVersion })),
    trace.hash && fact(t("hashed to {hash}", { hash: trace.hash })),
    trace.sessionServer && fact(t("the client's session was at {server}", { server: trace.sessionServer })),
    fact(tries.length > 0 ? t("tries") : t("no server was tried"), tries),
    fact(t("{in} bytes in, {out} out", { in: trace.requestBytes, out: trace.answerBytes })),
  ].filter(Boolean);
  const isGood = trace.status > 0 && trace.status < 500;
  if (trace.reason) return { headline: t("Ballast answered {status}, {reason}.", { status: trace.status, reason: trace.reason }), isGood, lines };
  if (trace.status === 0) return { headline: t("The client left before an answer."), isGood, lines };
  const by = trace.tries.findLast((one) => one.end === "answered" || one.status === trace.status);
  const values = { status: trace.status, server: by?.server, span: plainSpan(trace.duration) };
  return { headline: by ? t("Answered {status} by {server} after {span}.", values) : t("Answered {status} after {span}.", values), isGood, lines };
}

function tryLine(one) {
  const isGood = one.end === "answered";
  const status = one.status === undefined ? "" : `: ${one.status}${one.answerBegan === undefined ? "" : ` ${t("in {span}", { span: plainSpan(one.answerBegan - one.began) })}`}`;
  return fact([
    t("{server} after {span}", { server: one.server, span: plainSpan(one.began) }),
    repeats[one.because] ? t(repeats[one.because]) : t("once more after {cause}", { cause: word(one.because).toLowerCase() }),
    one.reused && t("over a kept connection"),
  ].filter(Boolean).join(", ") + status + (isGood ? "" : `: ${ends[one.end] ? t(ends[one.end]) : word(one.end)}`) +
    `, ${t("over after {span}", { span: plainSpan(one.ended - one.began) })}`, [], isGood ? "yes" : one.end === "overtaken" ? "skipped" : "no");
}
