// Changing a server or a service, after a question.

const serverChanges = {
  ready: ["Ready", "Take work again: {name}?", "New requests go to it as soon as it is healthy.", "{name} is ready"],
  draining: ["Drain", "Drain {name}?", "It gets no new requests; those under way finish.", "{name} is draining"],
  maintenance: ["Maintain", "Put {name} into maintenance?", "It gets no requests, and failed checks are not faults.", "{name} is in maintenance"],
  weight: ["Set weight", "Weight of {name}", "Its share of the work beside the other servers; 0 takes no new work.", "{name} has its new weight"],
  promote: ["Promote", "Promote {name}?", "It becomes the one active server of its service. Nothing switches back from it until it fails.", "{name} is active"],
};

/** Says when a change leaves the service without a server. */
function riskOf(server, action) {
  if (action !== "draining" && action !== "maintenance") return "";
  const others = report.servers.filter((other) =>
    other.service === server.service && other.name !== server.name && serverVerdict(other).state === "up");
  return others.length === 0 ? t("No other server of {service} takes work: the service will be down.", { service: server.service }) : "";
}

function changeServer(server, action) {
  const { name } = server;
  const [confirm, title, text, done] = serverChanges[action];
  const underWay = action === "draining" && server.inflight > 0 ? ` ${t("Under way: {requests}.", { requests: count(server.inflight, "request") })}` : "";
  const risk = riskOf(server, action);
  askFirst({
    title: t(title, { name }), text: t(text) + underWay, risk, confirm: t(confirm), done: t(done, { name }), danger: Boolean(risk),
    working: action === "promote" ? t("Promoting …") : undefined,
    fields: action === "weight" ? [{ name: "weight", label: t("Weight, 0 to 1000"), type: "number", min: 0, max: 1000, step: 1, required: true, value: server.weight }] : [],
    act: ({ weight }) => {
      if (action === "promote") return call("POST", `${pathOf(server)}/promote`, {});
      return call("PUT", pathOf(server), action === "weight" ? { weight } : { state: action });
    },
    prepare: action === "promote" ? (dialog) => showSteps(server, dialog) : undefined,
  });
}

/** What a promotion would do, as the engine says: it is asked without doing it. */
async function showSteps(server, { extra, refuse, isCurrent }) {
  try {
    const { from, command, timeout, epoch } = await call("POST", `${pathOf(server)}/promote`, { dryRun: true });
    const isActive = t("{name} is active, epoch {epoch}", { name: server.name, epoch });
    const steps = [
      from && t("{name} takes no more requests; new ones wait.", { name: from }),
      command && t("{command} runs, for {time} at most.", { command: command.join(" "), time: plainSpan(timeout) }),
      command ? t("If it succeeds, {result}.", { result: isActive }) : t("{result}; there is no hook.", { result: isActive }),
    ].filter(Boolean);
    if (isCurrent()) extra.replaceChildren(h("ol.steps", steps.map((step) => h("li", step))));
  } catch (problem) {
    if (isCurrent()) refuse(problem, true);
  }
}

/** What can be done to a service that Ballast runs itself. */
function serviceActions(name) {
  const service = report.services.find((one) => one.name === name);
  if (!may("operator") || !service?.replicas) return [h("a.button", { href: `#/logs/${part(name)}` }, t("Logs"))];
  const path = `v1/services/${part(name)}`;
  const order = (answer) => answer.message;
  const current = () => report.services.find((one) => one.name === name);
  return [
    h("a.button", { href: `#/logs/${part(name)}` }, t("Logs")),
    h("button", { type: "button", onclick: () => askFirst({
      title: t("Scale {name}", { name }), text: t("So many replicas run from here on, also after a restart."), confirm: t("Scale"),
      fields: [{ name: "replicas", label: t("Replicas"), type: "number", min: 0, max: 1000, step: 1, required: true, value: current().replicas.desired }],
      act: ({ replicas }) => call("POST", `${path}/scale`, { replicas }), done: t("{name} is being scaled", { name }),
    }) }, t("Scale")),
    h("button", { type: "button", onclick: () => askFirst({
      title: t("Restart {name}?", { name }), text: t("Its replicas are replaced one by one; the others serve meanwhile."), confirm: t("Restart"),
      act: () => call("POST", `${path}/restart`, {}), done: t("{name} is being restarted", { name }),
    }) }, t("Restart")),
    h("button", { type: "button", onclick: () => askFirst({
      title: t("Roll {name} back?", { name }), text: t("The revision that ran before comes back; a deployment under way is taken back."), confirm: t("Roll back"), danger: true,
      act: () => call("POST", `${path}/rollback`, {}), done: order,
    }) }, t("Roll back")),
    h("button.primary", { type: "button", onclick: () => askDeploy(name) }, t("Deploy")),
  ];
}

function askDeploy(name) {
  askFirst({
    title: t("Deploy {name}", { name }), text: t("Another version of what the file runs. Left empty, what the file says is deployed."), confirm: t("Deploy"),
    fields: [
      { name: "version", label: t("Version"), value: "" }, { name: "image", label: t("Image, of a service in containers"), value: "" },
      { name: "supersede", label: t("In the place of a deployment under way"), type: "checkbox" },
    ],
    act: async ({ version, image, supersede }) => {
      const order = await call("POST", `v1/services/${part(name)}/deploy`, {
        version: version || undefined, image: image || undefined, supersede: supersede || undefined,
      });
      loadDeployments();
      return order;
    },
    done: (answer) => answer.message,
  });
}
