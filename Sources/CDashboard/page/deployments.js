// Deployments: those under way with how far they are, those that ended with what came of them.

pages.deployments = { name: "deployments", title: "Deployments", icon: "deployments", key: "d", open: (view, number) => (number ? openDeployment(view, number) : openDeployments(view)) };

const deploymentStates = { succeeded: "up", started: "up", failed: "down", "rolled-back": "degraded", "rolling-back": "degraded" };
const deploymentState = (one) => deploymentStates[one.state] ?? "info";

function openDeployments(view) {
  let wanted = "";
  const running = h("div.stack");
  const body = h("tbody");
  const none = empty(t("No deployment yet"), t("A change of what a service runs is a deployment: `ballast deploy`, or the button on its page."));
  const table = h("div.table-scroll", h("table.deployments", headRow(["Deployment", "Version", "State", "Strategy", "By", "Began", "Took"], ["Took"]), body));
  const rows = keyed((one) => {
    const state = sign("info", "");
    const [why, version, strategy, by, began, took] = [h("small"), h("td"), h("td"), h("td"), h("td.when"), h("td.number")];
    return { element: h("tr", h("th", { scope: "row" }, h("a.row-link", { href: addressOf("deployments", String(one.number)) }, `${one.service} #${one.number}`), why), version, h("td.state", state), strategy, by, began, took), state, why, version, strategy, by, began, took };
  });
  const cards = keyed(() => makeDeploymentCard());
  const render = () => {
    const fit = deployments.filter((one) => `${one.service} ${one.version ?? ""} ${one.state}`.toLowerCase().includes(wanted));
    cards(running, fit.filter((one) => !one.ended), (one) => one.number, (card, one) => card.update(one));
    rows(body, fit.slice(0, 2 * ROWS_SHOWN), (one) => one.number, (row, one) => {
      row.element.dataset.state = deploymentState(one);
      setText(row.why, one.reason ?? "");
      setText(row.version, [one.formerVersion, one.version].filter(Boolean).join(" → ") || one.revision.slice(0, 8));
      setSign(row.state, deploymentState(one), word(one.state));
      setText(row.strategy, `${word(one.strategy)}${one.kind === "deploy" ? "" : `, ${word(one.kind).toLowerCase()}`}`);
      setText(row.by, one.by);
      setText(row.began, clockTime(one.began));
      setText(row.took, span(((one.ended ? Date.parse(one.ended) : now()) - Date.parse(one.began)) / 1000));
    });
    setHidden(none, fit.length > 0);
    setHidden(table, fit.length === 0);
  };
  appendAll(view.root, [
    head(t("Deployments"), [searchField(t("Filter deployments"), (text) => { wanted = text; render(); })]),
    running, h("section.panel", { "aria-label": t("Deployments") }, table, none),
  ]);
  loadDeployments();
  view.every(2, loadDeployments);
  render();
  return { deployments: render };
}

/** One under way: a bar, a sentence, and what can be done to it. */
function makeDeploymentCard() {
  const bar = h("progress", { max: 1 });
  const [title, text] = [h("strong"), h("p")];
  const steps = h("ol.step-line");
  const buttons = h("div.controls");
  const element = h("section.panel.running", h("header.panel-head", title, buttons), bar, steps, text);
  let made = "";
  return {
    element,
    update: (one) => {
      setText(title, `${one.service} ${[one.formerVersion, one.version].filter(Boolean).join(" → ")}`);
      bar.setAttribute("aria-label", t("Progress"));
      bar.value = progressOf(one);
      setText(text, [word(one.state), word(one.strategy), one.replicas !== undefined && t("{n} of {m} ready", { n: one.available ?? 0, m: one.replicas }),
        one.share !== undefined && t("{share} of the requests", { share: share(one.share, 0) }), one.by && t("by {name}", { name: one.by }),
        t("since {span}", { span: wholeSpan(secondsSince(one.began)) })].filter(Boolean).join(" · "));
      steps.replaceChildren(...Array.from({ length: one.steps ?? 0 }, (_, place) => h("li", { class: place < (one.step ?? 0) ? "done" : "" }, String(place + 1))));
      const key = `${one.number}${one.state}`;
      if (made === key) return;
      made = key;
      buttons.replaceChildren(...deploymentActions(one));
    },
  };
}

/** 0 … 1. A canary goes by its steps, others by their new replicas. */
function progressOf(one) {
  if (one.ended) return 1;
  if (one.steps > 0) return Math.min(1, ((one.step ?? 1) - 1 + (one.replicas > 0 ? (one.available ?? 0) / one.replicas : 0)) / one.steps);
  return one.replicas > 0 ? Math.min(1, (one.available ?? 0) / one.replicas) : 0;
}

function deploymentActions(one) {
  if (!may("operator")) return [];
  const path = `v1/services/${part(one.service)}`;
  const said = (answer) => { loadDeployments(); return answer.message; };
  if (one.ended) {
    return [h("button", { type: "button", onclick: () => askFirst({
      title: t("Deploy {name} again?", { name: `${one.service} ${one.version ?? ""}` }), text: t("This revision comes in the place of the one that runs."), confirm: t("Deploy"), danger: true,
      act: () => call("POST", `${path}/rollback`, { to: one.number }), done: said,
    }) }, t("Deploy again"))];
  }
  return [
    h("button", { type: "button", onclick: () => askFirst({
      title: t("Take it to its next step?"), text: t("Without waiting for the time of this one."), confirm: t("Next step"),
      act: () => call("POST", `${path}/promote`, {}), done: said,
    }) }, t("Next step")),
    h("button.danger", { type: "button", onclick: () => askFirst({
      title: t("Take {name} back?", { name: one.service }), text: t("The former revision takes all the requests again."), confirm: t("Take back"), danger: true,
      fields: [{ name: "reason", label: t("Reason") }], act: ({ reason }) => call("POST", `${path}/abort`, reason ? { reason } : {}), done: said,
    }) }, t("Take back")),
  ];
}

function openDeployment(view, number) {
  const body = h("div.stack");
  view.root.append(body);
  const load = async () => {
    const one = await call("GET", `v1/deployments/${part(number)}`).catch(() => null);
    if (!view.isOpen) return;
    if (!one) return body.replaceChildren(head(t("Deployments")), h("p.none", t("There is no deployment {number}.", { number })));
    renderDeployment(body, one);
  };
  load();
  view.every(2, load);
  return {};
}

function renderDeployment(body, one) {
  const key = JSON.stringify(one) + (one.ended ? "" : String(Math.floor(now() / 1000)));
  if (body.dataset.key === key) return;
  body.dataset.key = key;
  const facts = [
    ["Service", one.service], ["Version", [one.formerVersion, one.version].filter(Boolean).join(" → ")], ["Revision", one.revision], ["Kind", word(one.kind)],
    ["Strategy", word(one.strategy)], ["By", one.by], ["Began", clockTime(one.began)], ["Ended", one.ended && clockTime(one.ended)], ["Why", one.reason],
  ].filter(([, text]) => text);
  const card = makeDeploymentCard();
  card.update(one);
  body.replaceChildren(
    h("header.page-head", h("div.page-title", h("a.back", { href: "#/deployments" }, t("Deployments")), h("h1", `${one.service} #${one.number}`), sign(deploymentState(one), word(one.state))),
      h("div.controls", one.ended ? deploymentActions(one) : [])),
    one.ended ? "" : card.element,
    panel(t("What is known"), {}, h("div.facts", h("dl", facts.map(([title, text]) => h("div", h("dt", t(title)), h("dd", text)))))),
    one.lines.length > 0 ? panel(t("Last lines of a new replica"), {}, h("pre.log", one.lines.join("\n"))) : "");
}
