// Ballast itself: its engine, listeners, certificates, backups and bans.

pages.system = { name: "system", title: "System", icon: "system", key: "y", open: openSystem };

function openSystem(view) {
  const facts = h("div.facts");
  const [listeners, certificates, backups, bans] = [h("div.table-scroll"), h("div.table-scroll"), h("div.table-scroll"), h("div.table-scroll")];
  const [upgrade, ban] = [h("button", { type: "button", onclick: askUpgrade }, t("Upgrade")), h("button", { type: "button", onclick: () => askBan(load) }, t("Ban an address"))];
  upgrade.hidden = !may("admin");
  ban.hidden = !may("operator");
  const load = async () => {
    const get = (path) => call("GET", path).catch(() => []);
    const [certs, kept, banned] = await Promise.all([get("v1/certificates"), get("v1/backups"), get("v1/bans")]);
    if (!view.isOpen) return;
    certificates.replaceChildren(certificateTable(certs));
    backups.replaceChildren(backupTable(kept));
    bans.replaceChildren(banTable(banned, load));
  };
  const update = () => {
    const { engine } = report;
    const rows = [
      ["Version", engine.version], ["Process", `pid ${engine.pid}, ${count(engine.workers, "worker")}`], ["Running for", wholeSpan(secondsSince(engine.startedAt))],
      ["Configuration", engine.configurationFile], ["Topology", String(engine.topologyVersion)], ["State", engine.storeProblem ?? t("on disk")],
      ["Former engines", (engine.draining ?? []).map((one) => `pid ${one.pid}: ${count(one.connections, "connection")}`).join(", ") || t("none")],
    ];
    facts.replaceChildren(h("dl", rows.map(([title, text]) => h("div", h("dt", t(title)), h("dd", text)))));
    listeners.replaceChildren(simpleTable(["Listener", "Address", "Protocol", "Connections", "Requests/s"], report.listeners.map((one) => [one.name, one.address, one.protocol ?? "http", whole(one.connections), rate(one.requestsPerSecond)]), 3));
  };
  appendAll(view.root, [
    head(t("System")),
    h("div.columns", panel(t("Engine"), { controls: [upgrade] }, facts), panel(t("Listeners"), {}, listeners)),
    panel(t("Certificates"), {}, certificates),
    h("div.columns", panel(t("Backups"), { controls: may("admin") ? [h("a.button", { href: "v1/backup", download: "ballast.backup" }, t("Back up now"))] : [] }, backups), panel(t("Bans"), { controls: [ban] }, bans)),
  ]);
  load();
  view.every(15, load);
  return { update };
}

/** From column `numbers` on they are numbers. */
function simpleTable(titles, rows, numbers = titles.length) {
  if (rows.length === 0) return h("p.none", t("None."));
  const className = (place) => (place >= numbers ? "number" : "");
  return h("table.simple", headRow(titles, titles.slice(numbers)),
    h("tbody", rows.map((cells) => h("tr", cells.map((cell, place) => h(place === 0 ? "th" : "td", { class: className(place), scope: place === 0 ? "row" : null }, cell))))));
}

function certificateTable(list) {
  return simpleTable(["Certificate", "For", "Issuer", "Key", "Ends"], list.map((one) => {
    const days = -secondsSince(one.notAfter) / 86_400;
    const state = one.problem || days < 7 ? "down" : days < 30 ? "degraded" : "up";
    return [[one.name, one.problem && h("small.wrong", one.problem)], one.names.join(", "), one.issuer, one.key, sign(state, days < 0 ? t("ended") : t("in {span}", { span: roughSpan(days * 86_400) }))];
  }));
}

function backupTable(list) {
  const schedule = report?.engine.backup;
  const rows = list.map((one) => [one.name, clockTime(one.taken), bytesText(one.bytes)]);
  return h("div", schedule && h("p.about", [t("Every {span}, the last {n} are kept", { span: plainSpan(schedule.every), n: schedule.keep }), schedule.problem].filter(Boolean).join(" · ")),
    simpleTable(["Backup", "Taken", "Size"], rows, 2));
}

function banTable(list, done) {
  return simpleTable(["Address", "Until", "Reason", ""], list.slice(0, ROWS_SHOWN).map((one) => [
    one.address, one.until ? clockTime(one.until) : t("until it is lifted"), one.reason ?? one.source,
    one.since && may("operator") ? h("button", { type: "button", onclick: () => askFirst({
      title: t("Serve {address} again?", { address: one.address }), confirm: t("Lift the ban"),
      act: async () => { await call("DELETE", `v1/bans/${part(one.address)}`); done(); }, done: t("{address} is served again", { address: one.address }),
    }) }, t("Lift")) : "",
  ]));
}

function askBan(done) {
  askFirst({
    title: t("Ban an address"), text: t("It is not served any more, on any listener."), confirm: t("Ban"), danger: true,
    fields: [
      { name: "address", label: t("Address or block"), required: true, placeholder: "203.0.113.0/24" },
      { name: "minutes", label: t("Minutes; 0 until it is lifted"), type: "number", min: 0, value: 60 }, { name: "reason", label: t("Reason") },
    ],
    act: async ({ address, minutes, reason }) => {
      await call("POST", "v1/bans", { address, duration: minutes > 0 ? minutes * 60 : undefined, reason: reason || undefined });
      done();
    },
    done: t("The address is banned"),
  });
}

function askUpgrade() {
  askFirst({
    title: t("Replace the engine?"), text: t("By one from the binary that is there now, on the same sockets. Requests under way finish with the former one."), confirm: t("Upgrade"), working: t("Asking …"),
    act: () => call("POST", "v1/upgrade", {}), done: t("The new engine is starting"),
  });
}
