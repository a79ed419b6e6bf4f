// Everything that happened, newest first.

pages.events = { name: "events", title: "Events", icon: "events", key: "e", open: openEvents };

function openEvents(view) {
  let [wanted, severity, before] = ["", "all", []];
  const list = h("ol.feed.long");
  const none = h("p.none", t("Nothing has happened yet."));
  const older = h("button", { type: "button", onclick: () => loadOlder() }, t("Older"));
  const render = () => {
    const all = [...new Map([...before, ...events.values()].map((event) => [event.id, event])).values()].sort((a, b) => b.id - a.id);
    const fit = all.filter((event) => (severity === "all" || event.severity === severity || (severity === "warning" && event.severity === "error"))
      && `${event.type} ${event.message} ${event.service ?? ""}`.toLowerCase().includes(wanted));
    longRows(list, fit.slice(0, 1000), (event) => event.id, () => {});
    setHidden(none, fit.length > 0);
  };
  const loadOlder = async () => {
    const known = before.length + events.size;
    const answer = await quietly(call("GET", `v1/events?limit=${Math.min(10_000, known + 500)}`));
    if (!answer || !view.isOpen) return;
    before = answer;
    setHidden(older, answer.length < known + 500);
    render();
  };
  appendAll(view.root, [
    head(t("Events"), [
      choices(t("Severity"), [["all", t("All")], ["warning", t("Warnings")], ["error", t("Errors")]], severity, (chosen) => { severity = chosen; render(); }),
      searchField(t("Filter events"), (text) => { wanted = text; render(); }),
    ]),
    h("section.panel", { "aria-label": t("Events") }, list, none, h("div.foot", older)),
  ]);
  render();
  return { event: render, records: render };
}

const longRows = keyed((event) => {
  const state = { error: "down", warning: "degraded" }[event.severity] ?? "info";
  return h("li", { data: { state } }, icon(state), h("time", { datetime: event.at, title: event.at }, clockTime(event.at)), h("span.kind", event.type),
    h("span", state !== "info" && h("span.hidden", `${t(sentence(event.severity))}: `), event.message));
});
