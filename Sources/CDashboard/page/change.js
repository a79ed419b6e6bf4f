// Changing a server, after a question.

const questions = {
  ready: { title: "Take work again", text: "New requests go to it as soon as it is healthy.", done: "is ready" },
  draining: { title: "Drain", text: "It gets no new requests; those under way finish.", done: "is draining" },
  maintenance: { title: "Put into maintenance", text: "It gets no requests, and failed checks are not faults.", done: "is in maintenance" },
  weight: { title: "Weight of", text: "Its share of the work beside the other servers; 0 takes no new work.", done: "has its new weight" },
};

/** Says when a change leaves the service without a server. */
function riskOf(server, action) {
  if (action === "ready" || action === "weight") return "";
  const others = report.servers.filter((other) =>
    other.service === server.service && other.name !== server.name && serverVerdict(other).state === "up");
  return others.length === 0 ? `No other server of ${server.service} takes work: the service will be down.` : "";
}

function ask(server, action) {
  const question = questions[action];
  const risk = riskOf(server, action);
  const inflight = action === "draining" && server.inflight > 0 ? ` ${count(server.inflight, "request is", "requests are")} under way.` : "";
  setText(byId("dialog-title"), action === "ready" ? `${question.title}: ${server.name}?` : `${question.title} ${server.name}${action === "weight" ? "" : "?"}`);
  setText(byId("dialog-text"), question.text + inflight);
  setText(byId("dialog-risk"), risk);
  byId("dialog-risk").hidden = !risk;
  byId("dialog-error").hidden = true;
  byId("dialog-weight").hidden = action !== "weight";
  byId("dialog-input").disabled = action !== "weight";
  byId("dialog-input").value = server.weight;
  setText(byId("dialog-confirm"), { ready: "Ready", draining: "Drain", maintenance: "Maintain", weight: "Set weight" }[action]);
  byId("dialog-confirm").disabled = false;
  byId("dialog-form").onsubmit = (submit) => {
    submit.preventDefault();
    change(server, action, action === "weight" ? { weight: Number(byId("dialog-input").value) } : { state: action });
  };
  byId("dialog").showModal();
  byId(action === "weight" ? "dialog-input" : "dialog-confirm").focus();
}

async function change(server, action, body) {
  byId("dialog-confirm").disabled = true;
  try {
    await call("PUT", `v1/servers/${encodeURIComponent(server.service)}/${encodeURIComponent(server.name)}`, body);
    byId("dialog").close();
    toast(`${server.name} ${questions[action].done}`);
  } catch (problem) {
    setText(byId("dialog-error"), problem.message);
    byId("dialog-error").hidden = false;
    byId("dialog-confirm").disabled = false;
  }
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
