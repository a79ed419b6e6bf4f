// Changing a server, after a question.

const questions = {
  ready: { title: "Take work again", text: "New requests go to it as soon as it is healthy.", done: "is ready" },
  draining: { title: "Drain", text: "It gets no new requests; those under way finish.", done: "is draining" },
  maintenance: { title: "Put into maintenance", text: "It gets no requests, and failed checks are not faults.", done: "is in maintenance" },
  weight: { title: "Weight of", text: "Its share of the work beside the other servers; 0 takes no new work.", done: "has its new weight" },
  promote: { title: "Promote", text: "It becomes the one active server of its service. Nothing switches back from it until it fails.", done: "is active" },
};

/** Says when a change leaves the service without a server. */
function riskOf(server, action) {
  if (action !== "draining" && action !== "maintenance") return "";
  const others = report.servers.filter((other) =>
    other.service === server.service && other.name !== server.name && serverVerdict(other).state === "up");
  return others.length === 0 ? `No other server of ${server.service} takes work: the service will be down.` : "";
}

let asked = 0; // Counts the questions: an answer that comes late must not change the next one's dialog.

function ask(server, action) {
  const question = questions[action];
  const risk = riskOf(server, action);
  const inflight = action === "draining" && server.inflight > 0 ? ` ${count(server.inflight, "request is", "requests are")} under way.` : "";
  asked += 1;
  setText(byId("dialog-title"), action === "ready" ? `${question.title}: ${server.name}?` : `${question.title} ${server.name}${action === "weight" ? "" : "?"}`);
  setText(byId("dialog-text"), question.text + inflight);
  setText(byId("dialog-risk"), risk);
  byId("dialog-risk").hidden = !risk;
  byId("dialog-error").hidden = true;
  byId("dialog-steps").hidden = true;
  byId("dialog-weight").hidden = action !== "weight";
  byId("dialog-input").disabled = action !== "weight";
  byId("dialog-input").value = server.weight;
  setText(byId("dialog-confirm"), { ready: "Ready", draining: "Drain", maintenance: "Maintain", weight: "Set weight", promote: "Promote" }[action]);
  byId("dialog-confirm").disabled = false;
  byId("dialog-form").onsubmit = (submit) => {
    submit.preventDefault();
    change(server, action, action === "weight" ? { weight: Number(byId("dialog-input").value) } : { state: action });
  };
  byId("dialog").showModal();
  byId(action === "weight" ? "dialog-input" : "dialog-confirm").focus();
  if (action === "promote") showSteps(server);
}

async function change(server, action, body) {
  const mine = asked;
  const isOpen = () => mine === asked && byId("dialog").open;
  byId("dialog-confirm").disabled = true;
  if (action === "promote") setText(byId("dialog-confirm"), "Promoting …");
  try {
    if (action === "promote") await call("POST", `${pathOf(server)}/promote`, {});
    else await call("PUT", pathOf(server), body);
    if (isOpen()) byId("dialog").close();
    toast(`${server.name} ${questions[action].done}`);
  } catch (problem) {
    if (!isOpen()) return toast(problem.message);
    showRefusal(problem);
    if (action === "promote") setText(byId("dialog-confirm"), "Promote");
    byId("dialog-confirm").disabled = false;
  }
}

const pathOf = ({ service, name }) => `v1/servers/${encodeURIComponent(service)}/${encodeURIComponent(name)}`;

function showRefusal(problem) {
  setText(byId("dialog-error"), problem.message);
  byId("dialog-error").hidden = false;
}

/** What a promotion would do, as the engine says: it is asked without doing it. */
async function showSteps(server) {
  const mine = asked;
  let steps;
  try {
    const { from, command, timeout, epoch } = await call("POST", `${pathOf(server)}/promote`, { dryRun: true });
    const isActive = `${server.name} is active, epoch ${epoch}`;
    steps = [
      from && `${from} takes no more requests; new ones wait.`,
      command && `${command.join(" ")} runs, for ${plainSpan(timeout)} at most.`,
      command ? `If it succeeds, ${isActive}.` : `${isActive}; there is no hook.`,
    ].filter(Boolean);
  } catch (problem) {
    if (mine === asked) {
      showRefusal(problem);
      byId("dialog-confirm").disabled = true;
    }
    return;
  }
  if (mine !== asked) return;
  byId("dialog-steps").replaceChildren(...steps.map((step) => create("li", step)));
  byId("dialog-steps").hidden = false;
}

let toastTimer = 0;

function toast(text) {
  setText(byId("toast"), text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => setText(byId("toast"), ""), 4000);
}

/** Calls the API; an error carries the sentence that Ballast answered. */
async function call(method, path, body) {
  const options = { method, headers: { Accept: "application/json" } };
  if (body) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("Ballast cannot be reached.");
  }
  const value = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(value?.error?.message ?? `Ballast answered ${answer.status}.`);
  return value;
}
