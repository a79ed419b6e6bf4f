// Who changed what, and whether the record of it is whole.

pages.audit = { name: "audit", title: "Audit", icon: "audit", key: "u", role: "operator", open: openAudit };

const AUDIT_PAGE = 50;
const auditResults = { done: "up", refused: "degraded", failed: "down", unknown: "unknown" };

function openAudit(view) {
  const filters = { source: "", result: "", actor: "", subject: "" };
  let [list, asked] = [[], 0];
  const body = h("tbody");
  const none = h("p.none", t("Nothing is recorded that is like that."));
  const older = h("button", { type: "button", onclick: () => load(true) }, t("Older"));
  const head_ = h("p.about");
  const told = h("div.audit-told", { role: "status" });
  const rows = keyed(auditRow);
  const render = () => {
    rows(body, list, (entry) => entry.number, () => {});
    setHidden(none, list.length > 0);
  };
  const load = async (isMore = false) => {
    const query = new URLSearchParams({ limit: String(AUDIT_PAGE) });
    for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value);
    if (isMore && list.length > 0) query.set("before", String(list.at(-1).number));
    asked += 1;
    const mine = asked;
    const answer = await quietly(call("GET", `v1/audit?${query}`));
    if (!answer || !view.isOpen || mine !== asked) return;
    // Once older ones are there, the newest are added to them.
    const isLonger = !isMore && list.length > AUDIT_PAGE;
    if (isMore) list = [...list, ...answer];
    else list = isLonger ? [...answer.filter((entry) => entry.number > list[0].number), ...list] : answer;
    if (!isLonger) setHidden(older, answer.length < AUDIT_PAGE);
    note(answer);
    render();
  };
  const again = () => { list = []; load(); };
  const loadHead = async () => {
    const answer = await call("GET", "v1/audit/head").catch(() => null);
    if (!answer || !view.isOpen) return;
    setText(head_, [t("{entries} kept", { entries: count(answer.entries, "entry", "entries") }), answer.hash && t("head {number}: {hash}", { number: answer.number, hash: `${answer.hash.slice(0, 16)}…` }),
      ...(answer.exports ?? []).map((one) => one.problem ? `${one.target}: ${one.problem}` : t("exported to {target}", { target: one.target }))].filter(Boolean).join(" · "));
  };
  const verify = h("button", { type: "button" }, t("Verify"));
  verify.addEventListener("click", async () => {
    verify.disabled = true;
    told.replaceChildren(h("p.none", t("Asking …")));
    const began = performance.now();
    const answer = await quietly(call("GET", "v1/audit/verify"));
    verify.disabled = false;
    told.replaceChildren(...(answer ? verification(answer, (performance.now() - began) / 1000) : []));
  });
  const pick = (name, label, options) => h("select", { "aria-label": label, onchange: (change) => { filters[name] = change.target.value; again(); } },
    [["", label], ...options.map((one) => [one, word(one)])].map(([value, text]) => h("option", { value }, text)));
  // Whole names: those that were seen are offered.
  const seen = { actor: new Set(), subject: new Set() };
  const lists = { actor: h("datalist", { id: "audit-actors" }), subject: h("datalist", { id: "audit-subjects" }) };
  const seek = (name, label) => {
    const field = h("input", { type: "search", placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: "false", list: lists[name].id });
    field.addEventListener("change", () => { filters[name] = field.value.trim(); again(); });
    return [field, lists[name]];
  };
  const note = (entries) => {
    for (const name of Object.keys(seen)) {
      for (const entry of entries) if (entry[name]) seen[name].add(entry[name]);
      if (lists[name].children.length !== seen[name].size) lists[name].replaceChildren(...[...seen[name]].sort().map((value) => h("option", { value })));
    }
  };
  appendAll(view.root, [
    head(t("Audit"), [
      pick("source", t("Any way"), ["command", "dashboard", "api", "file", "signal", "machine"]), pick("result", t("Any result"), ["done", "refused", "failed"]),
      seek("actor", t("Who")), seek("subject", t("What")), verify,
    ]),
    head_, told,
    h("section.panel", { "aria-label": t("Audit") }, h("div.table-scroll", h("table.audit", headRow(["Change", "By", "Before and after", "Result", "At"]), body)), none, h("div.foot", older)),
  ]);
  load();
  loadHead();
  view.every(10, () => { load(); loadHead(); });
  return {};
}

function auditRow(entry) {
  const values = [["before", entry.before], ["after", entry.after]].filter(([, value]) => value !== undefined && value !== null);
  const state = auditResults[entry.result] ?? "unknown";
  const isShort = values.every(([, value]) => value.length <= 120);
  return h("tr", h("th", { scope: "row" }, entry.action, h("small", [`#${entry.number}`, entry.subject].filter(Boolean).join(" · "))),
    h("td", entry.actor, h("small", [entry.role && t(entry.role), word(entry.source), entry.from].filter(Boolean).join(" · "))),
    h("td.cause", isShort ? h("span.values", values.map(([name, value]) => h("code", { class: name, title: t(name) }, value)))
      : values.map(([name, value]) => h("details", h("summary", t(name)), h("code", value))), entry.detail && h("small", entry.detail)),
    h("td", sign(state, word(entry.result))), h("td.when", clockTime(entry.at)));
}

function verification({ sound, entries, first, last, findings }, duration) {
  const state = sound ? "up" : "down";
  const text = sound ? t("Nothing was altered, removed or reordered: {entries}, {first} to {last}, in {time}.", { entries: count(entries, "entry", "entries"), first: first ?? "–", last: last ?? "–", time: latency(duration) })
    : t("The record is not whole.");
  return [h("p.plan-risk", { data: { state } }, icon(state), h("span", text)), ...findings.slice(0, 20).map((one) => h("p.plan-risk", { data: { state: "down" } }, icon("down"), h("span", `#${one.number}: ${one.message}`)))];
}
