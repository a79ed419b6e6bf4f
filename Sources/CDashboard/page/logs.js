// What replicas print, as it comes.

pages.logs = { name: "logs", title: "Logs", icon: "logs", key: "l", open: openLogs };

const LINES_KEPT = 5000;

function openLogs(view, chosen) {
  const output = h("ol.log", { tabindex: "0", "aria-label": t("Log") });
  const service = h("select", { "aria-label": t("Service") });
  const replica = h("select", { "aria-label": t("Replica") });
  const state = h("span.stretch", { role: "status" });
  const pause = h("button", { type: "button", "aria-pressed": "false" }, t("Pause"));
  const none = h("p.none", t("Ballast runs no service itself, so there are no logs of replicas here."));
  let [wanted, asked, isPaused, waiting, names] = ["", null, false, [], ""];
  const follow = () => {
    asked?.abort();
    output.replaceChildren();
    waiting = [];
    if (!service.value) return;
    asked = new AbortController();
    followLog(service.value, replica.value, asked.signal, take, (text) => setText(state, text));
  };
  const take = (lines) => {
    if (isPaused) {
      waiting = [...waiting, ...lines].slice(-LINES_KEPT);
      return setText(pause, t("Go on ({n} new)", { n: waiting.length }));
    }
    const isAtEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 40;
    output.append(...lines.map((line) => logLine(line, wanted)));
    while (output.children.length > LINES_KEPT) output.firstElementChild.remove();
    if (isAtEnd) output.scrollTop = output.scrollHeight;
  };
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", String(isPaused));
    setText(pause, isPaused ? t("Go on") : t("Pause"));
    if (isPaused) return;
    const lines = waiting;
    waiting = [];
    take(lines);
  });
  const filter = searchField(t("Filter lines"), (text) => {
    wanted = text;
    for (const line of output.children) setHidden(line, !line.textContent.toLowerCase().includes(wanted));
  });
  service.addEventListener("change", () => { renderReplicas(); follow(); });
  replica.addEventListener("change", follow);
  const renderReplicas = () => {
    const detail = replicasOf.get(service.value) ?? [];
    replica.replaceChildren(h("option", { value: "" }, t("All replicas")), ...detail.map((name) => h("option", { value: name }, name)));
  };
  const replicasOf = new Map();
  const load = async () => {
    const all = await quietly(call("GET", "v1/replicas"));
    if (!all || !view.isOpen) return;
    const key = all.map((one) => one.name).join();
    if (key === names) return;
    const isFirst = names === "";
    names = key;
    replicasOf.clear();
    for (const one of all) replicasOf.set(one.service, [...(replicasOf.get(one.service) ?? []), one.name]);
    const kept = service.value || chosen || "";
    const services = report?.services.filter((one) => one.replicas).map((one) => one.name) ?? [...replicasOf.keys()];
    service.replaceChildren(...services.map((name) => h("option", { value: name, selected: name === kept }, name)));
    setHidden(none, services.length > 0);
    setHidden(output, services.length === 0);
    const before = replica.value;
    renderReplicas();
    replica.value = before;
    if (replica.value !== before) replica.value = "";
    if (isFirst) follow();
  };
  appendAll(view.root, [head(t("Logs"), [state, service, replica, pause, filter]), h("section.panel.log-panel", { "aria-label": t("Log") }, none, output)]);
  view.every(3, load);
  return { update: () => names === "" && load(), close: () => asked?.abort() };
}

/** Reads the stream of lines; gives what came at most four times a second, so that a flood stays readable. */
async function followLog(service, replica, signal, take, tell) {
  try {
    const query = `lines=200&follow=true${replica ? `&replica=${part(replica)}` : ""}`;
    const answer = await fetch(`v1/services/${part(service)}/logs?${query}`, { signal });
    if (!answer.ok) return tell((await answer.json().catch(() => null))?.error?.message ?? t("Ballast answered {status}.", { status: answer.status }));
    tell("");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let [rest, lines, timer] = ["", [], 0];
    const give = () => {
      timer = 0;
      if (lines.length > 0 && !signal.aborted) take(lines.slice(-LINES_KEPT));
      lines = [];
    };
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const pieces = (rest + value).split("\n");
      rest = pieces.pop().slice(-65_536);
      lines.push(...pieces);
      if (!timer) timer = setTimeout(give, 250);
    }
    give();
    tell(t("The log has ended."));
  } catch (problem) {
    if (!signal.aborted) tell(t("The log broke off."));
  }
}

/** `REPLICA | text`. */
function logLine(text, wanted) {
  const at = text.indexOf(" | ");
  const [name, said] = at < 0 ? ["", text] : [text.slice(0, at), text.slice(at + 3)];
  return h("li", { hidden: wanted !== "" && !text.toLowerCase().includes(wanted) }, name && h("b", name), h("span", said));
}
