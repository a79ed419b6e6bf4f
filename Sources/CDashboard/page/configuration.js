// The configuration that runs: read, changed after a look at what that would cost, and its history.

pages.config = { name: "config", title: "Configuration", icon: "config", key: "c", role: "operator", open: openConfiguration };

function openConfiguration(view) {
  const [text, history, actions] = [h("div"), h("div.table-scroll"), h("div.controls")];
  const note = h("p.about");
  let [state, files, current] = [null, [], 0];
  const load = async () => {
    const [status, entries] = (await quietly(Promise.all([call("GET", "v1/config"), call("GET", "v1/config/history")]))) ?? [];
    if (!status || !view.isOpen) return;
    const running = entries.find((entry) => entry.isCurrent);
    const held = running && !status.unsaved ? await call("GET", `v1/config/history/${running.number}`).catch(() => null) : null;
    state = status;
    files = held?.files ?? [{ name: status.file.split("/").pop(), text: status.text }];
    current = Math.min(current, files.length - 1);
    setText(note, [status.file, t("topology {version}", { version: status.topologyVersion }), status.unsaved && t("changed at run time, not in the file"), ...(status.warnings ?? [])].filter(Boolean).join(" · "));
    renderText();
    history.replaceChildren(configurationHistory(entries, files, load));
    renderActions();
  };
  const renderText = () => {
    const tabs = files.length > 1 ? choices(t("File"), files.map((file, place) => [place, file.name]), current, (place) => { current = place; renderText(); }) : null;
    text.replaceChildren(tabs ?? "", numbered(files[current].text));
  };
  const renderActions = () => actions.replaceChildren(...[
    may("admin") && state.unsaved && h("button", { type: "button", onclick: () => askFirst({
      title: t("Write what runs to the file?"), confirm: t("Save"), act: async () => { await call("POST", "v1/config/save", {}); load(); }, done: t("The file says what runs"),
    }) }, t("Save to the file")),
    h("button", { type: "button", onclick: () => askFirst({
      title: t("Read the file again?"), text: t("As SIGHUP does: a mistake changes nothing."), confirm: t("Reload"), act: async () => { await call("POST", "v1/config/reload", {}); load(); }, done: t("The configuration was read"),
    }) }, t("Reload")),
    may("admin") && h("button.primary", { type: "button", onclick: () => editConfiguration(text, actions, files, current, state, load) }, t("Edit")),
  ].filter(Boolean));
  appendAll(view.root, [head(t("Configuration"), [actions]), note, h("section.panel", { "aria-label": t("Configuration") }, text), panel(t("History"), {}, history)]);
  load();
  return { event: (event) => event.type.startsWith("config") && !view.root.querySelector("textarea") && load() };
}

function numbered(text) {
  return h("ol.source", { tabindex: "0", "aria-label": t("Configuration") }, text.replace(/\n$/, "").split("\n").map((line) => {
    const comment = line.search(/(^|\s)#/);
    const code = comment < 0 ? line : line.slice(0, comment);
    const key = /^(\s*(?:- )?(?:\{ )?)([\w."/*-]+)(:)(.*)$/.exec(code);
    return h("li", h("code", key ? [key[1], h("b", key[2]), key[3] + key[4]] : code, comment >= 0 && h("i", line.slice(comment))));
  }));
}

function editConfiguration(text, actions, files, current, state, done) {
  const drafts = files.map((file) => file.text);
  let place = current;
  const field = h("textarea.source-edit", { "aria-label": t("Configuration"), spellcheck: "false", autocapitalize: "off", wrap: "off" });
  const outcome = h("div.outcome", { "aria-live": "polite" });
  field.value = drafts[place];
  field.rows = Math.min(40, Math.max(12, drafts[place].split("\n").length + 2));
  field.addEventListener("input", () => { drafts[place] = field.value; });
  const tabs = files.length > 1 ? choices(t("File"), files.map((file, number) => [number, file.name]), place, (number) => { place = number; field.value = drafts[place]; }) : "";
  const body = () => ({ files: files.map((file, number) => ({ name: file.name, text: drafts[number] })), isFolder: Boolean(state.isFolder) });
  const check = async () => {
    outcome.replaceChildren(h("p.none", t("Asking …")));
    let plan;
    try {
      plan = await call("POST", "v1/plan", body());
    } catch (problem) {
      return outcome.replaceChildren(h("div.risk", { role: "alert" }, h("p", problem.message), problem.details?.map((line) => h("pre", line))));
    }
    const changed = files.map((file, number) => [file, drafts[number]]).filter(([file, draft]) => file.text !== draft);
    outcome.replaceChildren(planSummary(plan), ...changed.flatMap(([file, draft]) => [h("h3", file.name), diffTable(file.text, draft)]),
      changed.length > 0 ? h("div.buttons", h("button.primary", { type: "button", onclick: apply(plan) }, t("Apply"))) : h("p.none", t("Nothing is changed.")));
  };
  const apply = (plan) => () => {
    const risk = plan.risks.filter(({ severity }) => severity !== "info").map(({ message }) => message).join(" ");
    askFirst({
      title: t("Apply this configuration?"), text: t("It is taken whole or refused whole, and written to the file."), risk, danger: Boolean(risk), confirm: t("Apply"), working: t("Applying …"),
      act: () => call("PUT", "v1/config", body()),
      done: (answer) => { done(); return [t("Configuration {number} runs", { number: answer.number }), answer.problem].filter(Boolean).join(": "); },
    });
  };
  actions.replaceChildren(h("button", { type: "button", onclick: done }, t("Cancel")), h("button.primary", { type: "button", onclick: check }, t("Check")));
  text.replaceChildren(tabs, field, outcome);
  field.focus();
  field.setSelectionRange(0, 0);
}

const riskStates = { info: "info", warning: "degraded", danger: "down" };

function planSummary(plan) {
  const changes = plan.differences.map((one) => h("li", { class: one.change }, h("b", { "aria-hidden": "true" }, { added: "+", removed: "−", changed: "~" }[one.change] ?? "·"),
    `${word(one.kind)} ${one.name}: ${word(one.change).toLowerCase()}`, one.old !== undefined || one.new !== undefined ? h("small", `${one.path}: ${one.old ?? one.standard ?? "–"} → ${one.new ?? one.standard ?? "–"}`) : ""));
  return h("div.plan",
    plan.risks.map((risk) => h("p.plan-risk", { data: { state: riskStates[risk.severity] } }, icon(riskStates[risk.severity]), h("span", [risk.service, risk.message].filter(Boolean).join(": ")))),
    plan.warnings.map((text) => h("p.plan-risk", { data: { state: "degraded" } }, icon("degraded"), h("span", text))),
    plan.needsUpgrade.length > 0 && h("p.plan-risk", { data: { state: "degraded" } }, icon("degraded"), h("span", t("Holds only after an upgrade: {keys}", { keys: plan.needsUpgrade.join(", ") }))),
    changes.length > 0 && h("ul.changes", changes));
}

function configurationHistory(entries, running, done) {
  const rows = entries.map((entry, place) => h("tr", { "aria-current": entry.isCurrent ? "true" : null },
    h("th", { scope: "row" }, `#${entry.number}`, entry.isCurrent && h("small", t("runs now"))), h("td", word(entry.origin)), h("td", entry.by ?? ""), h("td.when", clockTime(entry.at)), h("td.number", bytesText(entry.bytes)),
    h("td.actions", entries[place + 1] && h("button", { type: "button", onclick: () => showDifference(entries[place + 1], entry) }, t("What changed")),
      !entry.isCurrent && may("admin") && h("button", { type: "button", onclick: () => askRollback(entry, running, done) }, t("Go back to it")))));
  return h("table.history", headRow(["Configuration", "Origin", "By", "At", "Size", ""], ["Size"]), h("tbody", rows));
}

const filesOf = async (entry) => (await call("GET", `v1/config/history/${entry.number}`)).files ?? [];

async function showDifference(old, fresh) {
  const answer = await quietly(Promise.all([filesOf(old), filesOf(fresh)]));
  if (answer) show(t("From #{old} to #{new}", { old: old.number, new: fresh.number }), ...filesDifference(...answer));
}

function filesDifference(before, after) {
  const names = [...new Set([...before, ...after].map((file) => file.name))];
  const textOf = (files, name) => files.find((file) => file.name === name)?.text ?? "";
  return names.filter((name) => names.length === 1 || textOf(before, name) !== textOf(after, name))
    .flatMap((name) => [names.length > 1 ? h("h3", name) : "", diffTable(textOf(before, name), textOf(after, name))]);
}

function askRollback(entry, running, done) {
  askFirst({
    title: t("Go back to configuration #{number}?", { number: entry.number }), text: t("Its texts are taken as a change like any other, and written to the file."), confirm: t("Go back"), danger: true, wide: true,
    act: () => call("POST", `v1/config/history/${entry.number}/rollback`, {}),
    done: (answer) => { done(); return t("Configuration {number} runs", { number: answer.number }); },
    prepare: async ({ extra, isCurrent, refuse }) => {
      try {
        const files = await filesOf(entry);
        if (isCurrent()) extra.replaceChildren(...filesDifference(running, files));
      } catch (problem) {
        refuse(problem, true);
      }
    },
  });
}
