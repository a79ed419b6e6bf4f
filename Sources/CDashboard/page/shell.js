// What is around each page: the list of pages with what is amiss on them, the head, light and dark.

function brand() {
  return h("span.brand", shape("svg", { class: "mark", viewBox: "0 0 20 20", "aria-hidden": "true" },
    shape("path", { d: "M2.5 7.5h15l-2.6 7.2a2 2 0 0 1-1.9 1.3H7a2 2 0 0 1-1.9-1.3z" }), shape("path", { d: "M10 7.5V3" })), "Ballast");
}

/** Whether this reader may open it at all. */
const isOffered = (page) => !page.role || may(page.role);

/** The number beside a page's name, with its state, or null. */
const badges = {
  services: () => {
    const troubled = report.services.filter(({ state }) => state === "down" || state === "degraded");
    return troubled.length > 0 && [troubled.length, troubled.some(({ state }) => state === "down") ? "down" : "degraded", t("in trouble")];
  },
  faults: () => report.openFaults > 0 && [report.openFaults, "down", t("open")],
  alerts: () => {
    const firing = firingAlerts().length;
    return firing > 0 && [mayBeMoreAlerts() ? `${firing}+` : firing, "down", t("firing")];
  },
  deployments: () => {
    const running = deployments.filter((one) => !one.ended).length;
    return running > 0 && [running, "info", t("under way")];
  },
};

function renderShell() {
  document.querySelector(".skip").textContent = t("Skip to the page");
  const links = Object.values(pages).filter((page) => !page.isNested && isOffered(page)).map((page) => {
    const isHere = view && (view.page === page || view.page.within === page.name);
    return h("li", h("a", {
      href: `#/${page.name === "overview" ? "" : page.name}`, "aria-current": isHere ? "page" : null, data: { page: page.name },
      title: page.key ? `g ${page.key}` : null,
    }, icon(page.icon), h("span.label", t(page.title)), h("span.badge", { hidden: true })));
  });
  byId("side").replaceChildren(
    h("div.side-head", brand(), h("button.quiet.menu", {
      type: "button", id: "menu", "aria-expanded": "false", "aria-controls": "pages", "aria-label": t("Pages"), onclick: toggleMenu,
    }, icon("menu"))),
    h("button.find", { type: "button", id: "find", onclick: openFinder }, icon("search"), h("span.label", t("Find")), h("kbd", "Ctrl K")),
    h("ul.pages", { id: "pages" }, links),
    h("div.side-foot",
      session.required && session.signedIn && h("details.user",
        h("summary", icon("user"), h("span.label", session.name, h("small", t(session.role)))),
        session.means === "session" && h("button.quiet", { type: "button", onclick: changePassword }, t("Change your password")),
        session.means === "session" && h("button.quiet", { type: "button", onclick: signOut }, t("Sign out"))),
      h("div.tools",
        h("button.quiet", { type: "button", id: "theme", onclick: toggleTheme, "aria-label": t(theme() === "dark" ? "Use light colours" : "Use dark colours"), title: "t" }, icon("theme")),
        h("button.quiet", { type: "button", id: "language", lang: language === "zh" ? "en" : "zh-CN", onclick: toggleLanguage, "aria-label": language === "zh" ? "English" : "中文" }, language === "zh" ? "EN" : "中文"),
        h("button.quiet", { type: "button", onclick: showKeys, "aria-label": t("Keys"), title: "?" }, icon("keys"))),
      h("p.engine", { id: "engine" }), h("p.pulse", { id: "pulse" }, t("connecting"))));
  renderShellState();
}

function toggleMenu() {
  const isOpen = byId("side").classList.toggle("open");
  byId("menu").setAttribute("aria-expanded", String(isOpen));
}

/** Each second: what changes without the page being another. */
function renderShellState() {
  if (!report || !byId("pulse")) return;
  const { engine, listeners } = report;
  for (const link of document.querySelectorAll("#pages a")) {
    const badge = link.lastElementChild;
    const said = badges[link.dataset.page]?.();
    setHidden(badge, !said);
    if (!said) continue;
    badge.dataset.state = said[1];
    setText(badge, String(said[0]));
    badge.setAttribute("aria-label", `${said[0]} ${said[2]}`);
  }
  setText(byId("engine"), [
    engine.version, t("up {span}", { span: wholeSpan(secondsSince(engine.startedAt)) }), count(sum(listeners, "connections"), "connection"),
  ].join(" · "));
  if (!lostAt) setText(byId("pulse"), t("live {time}", { time: clockTime(report.at) }));
  byId("notice").hidden = !engine.storeProblem;
  setText(byId("notice"), engine.storeProblem ? t("State is kept in memory only: {problem}", { problem: engine.storeProblem }) : "");
  if (lostAt) return;
  const { state, headline } = verdict();
  document.title = state === "up" ? `Ballast: ${t("all up")}` : `${state === "down" ? "✕" : "▲"} ${headline}`;
}

function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function toggleTheme() {
  const wanted = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = wanted;
  localStorage.setItem("theme", wanted);
  renderShell();
  view?.live.theme?.();
}

function toggleLanguage() {
  chooseLanguage(language === "zh" ? "en" : "zh");
  localStorage.setItem("language", language);
  openPage();
}

/** A page's title line, with what is to be chosen at its end. */
function head(title, controls = [], before = null) {
  return h("header.page-head", h("div.page-title", before, h("h1", title)), h("div.controls", controls));
}

function searchField(label, input) {
  const field = h("input", { type: "search", placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: "false" });
  field.addEventListener("input", () => input(field.value.trim().toLowerCase()));
  field.addEventListener("keydown", (press) => {
    if (press.key !== "Escape" || !field.value) return;
    press.stopPropagation();
    field.value = "";
    input("");
  });
  return field;
}
