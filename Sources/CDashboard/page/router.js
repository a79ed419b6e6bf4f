// Which page is open: `#/services/shop?range=day` is the page `services` of `shop`.

let view = null; // The open page: its root, its timers, and what its description's `open` answered.

function place() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decodePart);
  return { parts, query: new URLSearchParams(query) };
}

function decodePart(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const addressOf = (...parts) => `#/${parts.map(part).join("/")}`;

/** The page that the address names, with what stands for itself in it. */
function pageAt({ parts }) {
  const [name = "overview", ...rest] = parts;
  if (name === "services" && rest.length > 0) return [pages.service, rest];
  return pages[name] && !pages[name].isNested && isOffered(pages[name]) ? [pages[name], rest] : [pages.overview, []];
}

function openPage() {
  closePage();
  if (isSignedOut()) return;
  const where = place();
  const [page, names] = pageAt(where);
  const root = h("div.page");
  const mine = { page, root, timers: [], isOpen: true, query: where.query };
  view = mine;
  byId("main").replaceChildren(root);
  mine.every = (seconds, work) => mine.timers.push(setInterval(() => document.hidden || work(), seconds * 1000));
  mine.live = page.open(mine, ...names) ?? {};
  renderShell();
  follow(page.scope ? page.scope(...names) : {});
  updatePage();
  scrollTo(0, 0);
}

function closePage() {
  if (!view) return;
  view.isOpen = false;
  for (const timer of view.timers) clearInterval(timer);
  view.live.close?.();
  view = null;
}

/** After each report. */
function updatePage() {
  if (report) view?.live.update?.();
}

/** What the keyboard does anywhere but in a field. */
const goKeys = () => Object.values(pages).filter((page) => page.key && isOffered(page));
let isGoing = false;

function pressed(press) {
  if ((press.ctrlKey || press.metaKey) && press.key.toLowerCase() === "k") {
    press.preventDefault();
    return openFinder();
  }
  const inField = press.target.closest?.("input, textarea, select, [contenteditable]");
  if (inField || press.ctrlKey || press.metaKey || press.altKey || byId("dialog").open || byId("finder").open) return;
  if (isGoing) {
    isGoing = false;
    const page = goKeys().find(({ key }) => key === press.key);
    if (page) location.hash = `#/${page.name === "overview" ? "" : page.name}`;
    return;
  }
  const action = {
    g: () => { isGoing = true; setTimeout(() => { isGoing = false; }, 1500); },
    "/": () => {
      const filter = document.querySelector("main input[type=search]");
      if (filter) filter.focus();
      else openFinder();
    },
    "?": showKeys,
    t: toggleTheme,
  }[press.key];
  if (!action) return;
  press.preventDefault();
  action();
}

function showKeys() {
  const rows = [
    ["Ctrl K", t("Find a page, a service or a server")], ["/", t("Filter what is shown")], ["t", t("Light or dark")],
    ...goKeys().map((page) => [`g ${page.key}`, t(page.title)]),
    ["← →", t("In a chart: the moment before or after")], ["+ −", t("In a chart: closer, wider")],
    ["Esc", t("In a chart: all of it again")],
  ];
  show(t("Keys"), h("dl.keys", rows.map(([keys, text]) => h("div", h("dt", keys.split(" ").map((key) => h("kbd", key))), h("dd", text)))));
}
