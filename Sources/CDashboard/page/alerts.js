// Alerts, who hears of them, and silences.

pages.alerts = { name: "alerts", title: "Alerts", icon: "alerts", key: "a", open: (view, id) => (id ? openAlert(view, id) : openAlerts(view)) };

const ALERTS_AT_ONCE = 5 * ROWS_SHOWN;
let alerts = []; // AlertStatus, those that fire first, at most `alertsAsked`.
let alertsAsked = ALERTS_AT_ONCE;
const mayBeMoreAlerts = () => alerts.length >= alertsAsked;

const severities = { critical: "down", warning: "degraded", info: "info" };
const firingAlerts = () => alerts.filter((alert) => alert.state === "firing" && !alert.silenced && !alert.inhibited)
  .sort((a, b) => Object.keys(severities).indexOf(a.severity) - Object.keys(severities).indexOf(b.severity) || b.since.localeCompare(a.since));

async function loadAlerts() {
  const answer = await call("GET", `v1/alerts?limit=${alertsAsked}`).catch(() => null);
  if (!answer) return;
  alerts = answer;
  renderShellState();
  view?.live.alerts?.();
}

const alertState = (alert) => (alert.state === "resolved" ? "up" : alert.state === "pending" ? "unknown" : severities[alert.severity] ?? "degraded");

function alertWord(alert) {
  return [word(alert.state), alert.silenced && t("silenced"), alert.inhibited && t("inhibited"), alert.acknowledgedBy && t("acknowledged by {name}", { name: alert.acknowledgedBy })].filter(Boolean).join(", ");
}

function openAlerts(view) {
  let [state, wanted] = ["active", ""];
  const body = h("tbody");
  const none = empty(t("No alert"), t("Rules that hold for long enough fire, and are sent to the channels."));
  const table = h("div.table-scroll", h("table.alerts", headRow(["Alert", "State", "Since", ""]), body));
  const rows = keyed((alert) => {
    const row = { state: sign("unknown", ""), about: h("small"), since: h("td.when"), buttons: h("td.actions"), key: "" };
    row.element = h("tr", h("th", { scope: "row" }, h("a.row-link", { href: addressOf("alerts", alert.id) }, alert.name), row.about), h("td.state", row.state), row.since, row.buttons);
    return row;
  });
  const more = h("button", { type: "button", onclick: () => { alertsAsked = Math.min(10_000, alertsAsked + ALERTS_AT_ONCE); loadAlerts(); } }, t("Show more"));
  const silences = h("div.table-scroll");
  const channels = h("div.table-scroll");
  const render = () => {
    const fit = alerts.filter((alert) => (state === "all" || alert.state !== "resolved") && `${alert.name} ${alert.summary} ${alert.service ?? ""} ${alert.severity}`.toLowerCase().includes(wanted));
    fit.sort((a, b) => ["firing", "pending", "resolved"].indexOf(a.state) - ["firing", "pending", "resolved"].indexOf(b.state) || b.since.localeCompare(a.since));
    rows(body, fit, (alert) => alert.id, (row, alert) => {
      row.element.dataset.state = alertState(alert);
      setSign(row.state, alertState(alert), alertWord(alert));
      setText(row.about, [word(alert.severity), alert.service, alert.summary].filter(Boolean).join(" · "));
      setText(row.since, t("{time}, {span} ago", { time: clockTime(alert.fired ?? alert.since), span: roughSpan(secondsSince(alert.fired ?? alert.since)) }));
      const key = `${alert.state}${alert.silenced}${alert.acknowledgedBy}`;
      if (row.key === key) return;
      row.key = key;
      row.buttons.replaceChildren(...alertActions(alert));
    });
    setHidden(more, !mayBeMoreAlerts() || alertsAsked >= 10_000);
    setHidden(none, fit.length > 0);
    setHidden(table, fit.length === 0);
  };
  const loadRest = async () => {
    const get = (path) => call("GET", path).catch(() => []);
    const [quiet, ways] = await Promise.all([get("v1/silences"), get("v1/alerts/channels")]);
    if (!view.isOpen) return;
    silences.replaceChildren(silenceTable(quiet, loadRest));
    channels.replaceChildren(channelTable(ways));
  };
  appendAll(view.root, [
    head(t("Alerts"), [
      choices(t("State"), [["active", t("Active")], ["all", t("All")]], state, (chosen) => { state = chosen; render(); }),
      searchField(t("Filter alerts"), (text) => { wanted = text; render(); }),
    ]),
    h("section.panel", { "aria-label": t("Alerts") }, table, none, h("div.foot", more)),
    h("div.columns", panel(t("Silences"), { controls: may("operator") ? [h("button", { type: "button", onclick: () => askSilence({}, loadRest) }, t("Silence"))] : [] }, silences), panel(t("Channels"), {}, channels)),
  ]);
  render();
  loadAlerts();
  loadRest();
  view.every(10, loadRest);
  return { alerts: render, close: () => { alertsAsked = ALERTS_AT_ONCE; } };
}

function alertActions(alert) {
  if (!may("operator") || alert.state === "resolved") return [];
  const labels = Object.fromEntries([["alertname", alert.name], ["service", alert.service], ["server", alert.server]].filter(([, value]) => value));
  return [
    !alert.acknowledgedBy && alert.state === "firing" && h("button", { type: "button", onclick: () => askFirst({
      title: t("Acknowledge {name}?", { name: alert.name }), text: t("It is not sent again to those who are next in line."), confirm: t("Acknowledge"), fields: [{ name: "comment", label: t("Note") }],
      act: async ({ comment }) => { await call("POST", "v1/alerts/acknowledge", { alerts: [alert.id], comment: comment || undefined }); loadAlerts(); }, done: t("Acknowledged"),
    }) }, t("Acknowledge")),
    !alert.silenced && h("button", { type: "button", onclick: () => askSilence(labels, loadAlerts) }, t("Silence")),
  ].filter(Boolean);
}

function askSilence(labels, done) {
  askFirst({
    title: t("Silence alerts"), text: t("What matches is not sent to anybody until then."), confirm: t("Silence"),
    fields: [
      { name: "match", label: t("Labels, one a line"), type: "textarea", required: true, value: Object.entries(labels).map(([key, value]) => `${key}=${value}`).join("\n"), placeholder: "service=shop" },
      { name: "duration", label: t("For"), value: "3600", options: [["1800", "30 min"], ["3600", "1 h"], ["14400", "4 h"], ["86400", "24 h"], ["604800", "7 d"]].map(([key, text]) => [key, t(text)]) },
      { name: "comment", label: t("Why"), required: true },
    ],
    act: async ({ match, duration, comment }) => {
      const wanted = Object.fromEntries(match.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
        const at = line.indexOf("=");
        return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
      }));
      await call("POST", "v1/silences", { match: wanted, duration: Number(duration), comment });
      done();
    },
    done: t("It is silent now"),
  });
}

function silenceTable(list, done) {
  return simpleTable(["Matches", "Ends", "By", ""], list.map((one) => [
    [Object.entries(one.match).map(([key, value]) => `${key}=${value}`).join(", "), h("small", one.comment)], clockTime(one.ends), one.author,
    may("operator") ? h("button", { type: "button", onclick: () => askFirst({
      title: t("End this silence?"), text: t("What fires is sent again."), confirm: t("End it"),
      act: async () => { await call("DELETE", `v1/silences/${part(one.id)}`); done(); }, done: t("The silence has ended"),
    }) }, t("End")) : "",
  ]));
}

function channelTable(list) {
  return simpleTable(["Channel", "State", "Delivered", "Failed", "Waiting", ""], list.map((one) => [
    [one.name, h("small", one.kind)], sign(one.failures > 0 ? "degraded" : "up", one.failures > 0 ? one.lastError ?? t("failing") : one.lastDelivery ? ago(one.lastDelivery) : t("ready")),
    whole(one.delivered), whole(one.failed), whole(one.pending),
    may("operator") ? h("button", { type: "button", "aria-label": t("Test {name}", { name: one.name }), onclick: () => askFirst({
      title: t("Send a test to {name}?", { name: one.name }), confirm: t("Send"), working: t("Sending …"), act: () => call("POST", "v1/alerts/test", { channel: one.name }), done: t("{name} took the test", { name: one.name }),
    }) }, t("Test")) : "",
  ]), 2);
}

function openAlert(view, id) {
  const body = h("div.stack");
  view.root.append(body);
  let key = "";
  const load = async () => {
    const answer = await call("GET", `v1/alerts/${part(id)}`).catch(() => null);
    if (!view.isOpen) return;
    if (!answer) return body.replaceChildren(head(t("Alerts")), h("p.none", t("There is no alert {id}.", { id })));
    const fresh = JSON.stringify(answer);
    if (fresh === key) return;
    key = fresh;
    renderAlert(body, answer);
  };
  load();
  view.every(3, load);
  return {};
}

function renderAlert(body, { alert, log }) {
  const facts = [
    ["Severity", word(alert.severity)], ["Service", alert.service], ["Server", alert.server], ["Since", clockTime(alert.since)], ["Fired", alert.fired && clockTime(alert.fired)],
    ["Resolved", alert.resolved && clockTime(alert.resolved)], ["Acknowledged", alert.acknowledgedBy && [alert.acknowledgedBy, alert.acknowledgement].filter(Boolean).join(": ")],
    ["Labels", Object.entries(alert.labels ?? {}).map(([name, value]) => `${name}=${value}`).join(", ")],
  ].filter(([, text]) => text);
  body.replaceChildren(
    h("header.page-head", h("div.page-title", h("a.back", { href: "#/alerts" }, t("Alerts")), h("h1", alert.name), sign(alertState(alert), alertWord(alert))), h("div.controls", alertActions(alert))),
    h("p.about", alert.summary),
    panel(t("What is known"), {}, h("div.facts", h("dl", facts.map(([title, text]) => h("div", h("dt", t(title)), h("dd", text)))))),
    panel(t("What was sent"), {}, h("ol.feed", [...log].reverse().map((line) => h("li", { data: { state: line.kind === "failed" ? "degraded" : "info" } }, icon(line.kind === "failed" ? "degraded" : "info"),
      h("time", { datetime: line.at }, clockTime(line.at)), h("span.kind", word(line.kind)), h("span", [line.channel, line.message].filter(Boolean).join(": ")))))));
}
