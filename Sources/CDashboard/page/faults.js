// Faults: on one clock, in a list, and one by itself with what hangs on it.

pages.faults = { name: "faults", title: "Faults", icon: "faults", key: "f", open: (view, id) => (id ? openFault(view, id) : openFaultList(view)) };

const faultRanges = [[3600, "1 h"], [86_400, "24 h"], [604_800, "7 d"], [2_592_000, "30 d"]];

function openFaultList(view) {
  let [state, wanted, shown] = ["all", "", ROWS_SHOWN];
  let list = [];
  const timeline = makeFaultTimeline(() => list);
  const body = h("tbody");
  const none = empty(t("No fault on record"), t("What fails, when and why is kept here."));
  const more = h("button", { type: "button", onclick: () => { shown += ROWS_SHOWN; render(); } }, t("Show more"));
  const rows = keyed(makeFaultRow);
  const render = () => {
    const fit = list.filter((fault) => (state === "all" || (state === "open") === !fault.resolved)
      && `${fault.service} ${fault.server ?? ""} ${fault.type} ${fault.cause}`.toLowerCase().includes(wanted));
    rows(body, fit.slice(0, shown), (fault) => fault.id, updateFaultRow);
    setHidden(more, fit.length <= shown);
    setHidden(none, fit.length > 0);
    setHidden(table, fit.length === 0);
  };
  const table = h("div.table-scroll", h("table.faults", headRow(["Fault", "Cause", "Began", "Lasted", "Noticed after"], ["Lasted", "Noticed after"]), body));
  const months = h("div.table-scroll");
  const load = async () => {
    const answer = await quietly(call("GET", "v1/faults?limit=1000"));
    if (!answer || !view.isOpen) return;
    list = answer.filter((fault) => !fault.parent).sort((a, b) => Boolean(a.resolved) - Boolean(b.resolved) || b.id - a.id);
    render();
    timeline.draw();
  };
  let figures = "all";
  const loadFigures = async () => {
    const wanted = figures;
    const answer = await quietly(call("GET", wanted === "all" ? "v1/faults/summary" : "v1/faults/months"));
    if (answer && view.isOpen && wanted === figures) months.replaceChildren(wanted === "all" ? faultFigures(answer) : faultMonths(answer));
  };
  appendAll(view.root, [
    head(t("Faults"), [
      choices(t("State"), [["all", t("All")], ["open", t("Open")], ["resolved", t("Resolved")]], state, (chosen) => { state = chosen; render(); }),
      searchField(t("Filter faults"), (text) => { wanted = text; render(); }),
      exportMenu(),
    ]),
    timeline.element,
    h("section.panel", { "aria-label": t("Faults") }, table, none, h("div.foot", more)),
    panel(t("Figures of each service"), {
      controls: [choices(t("Figures"), [["all", t("In all")], ["months", t("By month")]], figures, (chosen) => { figures = chosen; loadFigures(); })],
    }, months),
  ]);
  load();
  loadFigures();
  view.every(10, load);
  return { fault: load, update: () => timeline.tick(), deployments: timeline.draw, close: timeline.close };
}

function exportMenu() {
  return h("details.menu-box", h("summary.button", t("Export")), h("div.menu-list",
    [["csv", "CSV"], ["json", "JSON"], ["markdown", "Markdown"]].map(([format, title]) => h("a", { href: `v1/faults/export?format=${format}`, download: `faults.${format === "markdown" ? "md" : format}` }, title))));
}

const faultState = (fault) => (fault.resolved ? "up" : isRecovering(fault) || fault.acknowledged ? "degraded" : "down");
const faultWord = (fault) => (fault.resolved ? t("resolved") : isRecovering(fault) ? t("recovering") : fault.acknowledged ? t("acknowledged") : t("open"));

function makeFaultRow(fault) {
  const state = sign("down", "");
  const [title, where, cause, began, lasted, noticed] = [h("a.row-link", { href: addressOf("faults", String(fault.id)) }), h("small"), h("td.cause"), h("td.when"), h("td.number"), h("td.number")];
  return { element: h("tr", h("th", { scope: "row" }, title, where), cause, began, lasted, noticed), state, title, where, cause, began, lasted, noticed };
}

function updateFaultRow(row, fault) {
  row.element.dataset.state = fault.resolved ? "info" : faultState(fault);
  setText(row.title, faultTitle(fault));
  setText(row.where, [fault.service, faultWord(fault), fault.beneath?.length > 0 && t("{faults} beneath", { faults: count(fault.beneath.length, "fault") })].filter(Boolean).join(" · "));
  setText(row.cause, fault.cause);
  setText(row.began, clockTime(fault.began));
  setText(row.lasted, fault.resolved ? span(fault.duration ?? 0) : t("open for {span}", { span: roughSpan(secondsSince(fault.began)) }));
  setText(row.noticed, latency(Math.max(0, (Date.parse(fault.detected) - Date.parse(fault.began)) / 1000)));
}

/** MTBF, MTTR and availability, the worst first. */
function faultFigures(summaries) {
  const hasAcknowledgement = summaries.some((one) => one.mtta !== undefined);
  const titles = ["Service", "Faults", "Open", "Between faults", "To repair", ...(hasAcknowledgement ? ["To acknowledge"] : []), "Available"];
  const time = (seconds) => (seconds === undefined || seconds === null ? "–" : wholeSpan(seconds));
  const rows = [...summaries].sort((a, b) => b.open - a.open || a.availability - b.availability || b.faults - a.faults).slice(0, ROWS_SHOWN).map((one) => h("tr",
    h("th", { scope: "row" }, h("a.row-link", { href: addressOf("services", one.service) }, one.service)),
    [String(one.faults), String(one.open), time(one.mtbf), time(one.mttr), ...(hasAcknowledgement ? [time(one.mtta)] : []), shareOfTime(1 - one.availability)].map((text) => h("td.number", text))));
  return h("table.figures-table", headRow(titles, titles.slice(1)), h("tbody", rows));
}

/** How much of each month's error budget is left. */
function faultMonths(months) {
  const titles = ["Service", "Month", "Faults", "Down", "Available", "Objective", "Budget left"];
  const rows = months.slice(0, 5 * ROWS_SHOWN).map((one) => h("tr",
    h("th", { scope: "row" }, h("a.row-link", { href: addressOf("services", one.service) }, one.service)), h("td", one.month),
    h("td.number", String(one.faults)), h("td.number", wholeSpan(one.down)), h("td.number", shareOfTime(1 - one.availability)),
    h("td.number", shareOfTime(1 - one.objective)), h("td", { class: `number${one.budgetLeft < 0 ? " wrong" : ""}` }, share(one.budgetLeft, 0))));
  return rows.length === 0 ? h("p.none", t("Nothing yet.")) : h("table.figures-table", headRow(titles, titles.slice(2)), h("tbody", rows));
}

async function openFault(view, id) {
  const body = h("div.stack");
  view.root.append(body);
  const load = async () => {
    const fault = await faultOf(id);
    if (!view.isOpen) return;
    if (!fault) return body.replaceChildren(head(t("Faults")), h("p.none", t("There is no fault {id}.", { id })));
    renderFault(body, fault);
    const moments = await call("GET", `v1/faults/${part(id)}/timeline`).catch(() => null);
    if (!view.isOpen) return;
    body.querySelector(".moments")?.replaceChildren(...(moments?.length > 0 ? moments.map(momentItem) : [h("li", t("Nothing yet."))]));
  };
  await load();
  const again = (fault) => (String(fault.id) === id || String(fault.parent) === id) && load();
  view.live = { ...view.live, fault: again };
}

async function faultOf(id) {
  const answer = await call("GET", `v1/faults/${part(id)}`).catch(() => null);
  return answer ?? faults.get(Number(id)) ?? null;
}

function renderFault(body, fault) {
  const state = sign(faultState(fault), faultWord(fault));
  const path = `v1/faults/${fault.id}`;
  const facts = [
    ["Service", fault.service || "Ballast"], ["Server", fault.server], ["About", fault.subject], ["Began", clockTime(fault.began)],
    ["Noticed after", latency(Math.max(0, (Date.parse(fault.detected) - Date.parse(fault.began)) / 1000))],
    ["Resolved", fault.resolved && clockTime(fault.resolved)], ["Lasted", fault.resolved ? span(fault.duration ?? 0) : wholeSpan(secondsSince(fault.began))],
    ["Acknowledged", fault.acknowledged && [clockTime(fault.acknowledged), fault.acknowledgedBy].filter(Boolean).join(", ")], ["Resolved by", fault.resolvedBy],
    ["Cause", fault.cause], ["Found by Ballast", fault.inferredCause], ["Came back", fault.returns ? count(fault.returns, "time") : null],
  ].filter(([, text]) => text);
  const buttons = may("operator") ? [
    !fault.resolved && !fault.acknowledged && h("button", { type: "button", onclick: () => askFirst({
      title: t("Acknowledge this fault?"), text: t("Others see that you look after it."), confirm: t("Acknowledge"),
      fields: [{ name: "note", label: t("Note") }], act: ({ note }) => call("POST", `${path}/acknowledge`, note ? { note } : {}), done: t("Acknowledged"),
    }) }, t("Acknowledge")),
    h("button", { type: "button", onclick: () => askFirst({
      title: t("What was the cause?"), confirm: t("Save"), fields: [{ name: "cause", label: t("Cause"), type: "textarea", required: true, value: fault.cause }],
      act: (answer) => call("PUT", path, answer), done: t("The cause is noted"),
    }) }, t("Edit the cause")),
    !fault.resolved && h("button.primary", { type: "button", onclick: () => askFirst({
      title: t("Resolve this fault?"), text: t("It closes by itself once its cause is gone for long enough."), confirm: t("Resolve"),
      fields: [{ name: "cause", label: t("Cause"), type: "textarea", required: true, value: fault.cause }],
      act: (answer) => call("POST", `${path}/resolve`, answer), done: t("Resolved"),
    }) }, t("Resolve")),
  ] : [];
  const beneath = fault.beneath ?? [];
  const list = h("ul.needs");
  renderNeeds(list, []);
  list.replaceChildren(...beneath.map((one) => {
    const item = faultItem(one);
    return h("li", { data: { state: item.state } }, h("a", { href: item.address }, icon(item.state), h("span.body", h("strong", item.title), h("span.text", item.text)), h("span.meta", item.meta)));
  }));
  body.replaceChildren(
    h("header.page-head", h("div.page-title", h("a.back", { href: "#/faults" }, t("Faults")), h("h1", faultTitle(fault)), state),
      h("div.controls", h("a.button", { href: `${path}/report`, download: `fault-${fault.id}.md` }, t("Post-mortem")), buttons)),
    h("div.columns", panel(t("What is known"), {}, h("div.facts", h("dl", facts.map(([title, text]) => h("div", h("dt", t(title)), h("dd", text)))))),
      panel(t("What was done"), {}, fault.actions.length > 0 ? h("ol.actions-list", fault.actions.map((action) => h("li", action))) : h("p.none", t("Nothing yet.")))),
    beneath.length > 0 ? panel(t("What hangs on it"), {}, list) : "",
    panel(t("On one clock"), {}, h("ol.feed.moments", h("li", t("Asking …")))));
}

function momentItem({ at, kind, severity, message }) {
  const state = { error: "down", warning: "degraded" }[severity] ?? "info";
  return h("li", { data: { state } }, icon(state), h("time", { datetime: at, title: at }, clockTime(at)), h("span.kind", word(kind)), h("span", message));
}
