// The two forms that ask the engine. The headline of an answer is announced, its lines are there to read.

pages.explain = { name: "explain", title: "Explain", icon: "explain", key: "x", open: openExplain };

const signs = { yes: "✓", no: "✗", skipped: "·" };

const askings = {
  explain: async (data) => {
    const headers = data.get("headers").split("\n").map((header) => header.trim()).filter(Boolean);
    const body = { method: data.get("method"), url: data.get("url").trim(), headers };
    if (data.get("client").trim()) body.client = data.get("client").trim();
    return explained(await call("POST", "v1/explain", body));
  },
  trace: async (data) => traced(await call("GET", `v1/requests/${part(data.get("id").trim())}`)),
};

function openExplain(view) {
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
  const plain = { autocomplete: "off", spellcheck: "false" };
  const explain = h("form.asking", { id: "explain" },
    h("label", t("Method"), h("select", { name: "method" }, methods.map((method) => h("option", method)))),
    h("label.wide", "URL", h("input", { name: "url", required: true, placeholder: "/cart, http://shop.example/cart", ...plain })),
    h("button.primary", { type: "submit" }, t("Explain")),
    h("details", h("summary", t("Headers and client")),
      h("label", t("Headers, one a line"), h("textarea", { name: "headers", rows: 3, placeholder: "Cookie: basket=7", spellcheck: "false" })),
      h("label", t("Client's address"), h("input", { name: "client", placeholder: "127.0.0.1", ...plain }))));
  const trace = h("form.asking", { id: "trace" },
    h("label.wide", "X-Request-Id", h("input", { name: "id", required: true, placeholder: t("as the access log shows it"), ...plain })),
    h("button.primary", { type: "submit" }, t("Look up")));
  appendAll(view.root, [head(t("Explain")), h("div.columns.wide-first",
    panel(t("Where would a request go?"), { id: "explain-part" }, explain, answerArea("explain")),
    panel(t("What became of a request?"), { id: "trace-part" }, trace, answerArea("trace")))]);
  for (const name of Object.keys(askings)) prepareAsking(name, view.root.querySelector(`#${name}`));
  const id = view.query.get("id");
  if (id) {
    trace.elements.id.value = id;
    trace.requestSubmit();
  }
  return {};
}

function answerArea(name) {
  const mark = icon("up");
  mark.id = `${name}-mark`;
  mark.setAttribute("hidden", "");
  return h("div.answered", h("div.told", { id: `${name}-told` }, mark, h("p", { id: `${name}-headline`, role: "status" })),
    h("ul.tree", { id: `${name}-lines`, tabindex: "0", "aria-labelledby": `${name}-headline` }));
}

function prepareAsking(name, form) {
  let latest = 0;
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    latest += 1;
    const asked = latest;
    let answer;
    try {
      answer = await askings[name](new FormData(form));
    } catch (problem) {
      answer = { headline: problem.message, isGood: false, lines: [] };
    }
    if (asked === latest && form.isConnected) renderAnswer(name, answer);
  });
}

function renderAnswer(name, { headline, isGood, lines }) {
  const state = isGood ? "up" : "degraded";
  byId(`${name}-told`).dataset.state = state;
  setIcon(byId(`${name}-mark`), state);
  byId(`${name}-mark`).removeAttribute("hidden");
  setText(byId(`${name}-headline`), headline);
  byId(`${name}-lines`).replaceChildren(...lines.map(lineItem));
}

function lineItem({ text, under, mark }) {
  return h(`li${mark ? `.${mark}` : ""}`, mark && h("span.mark", { "aria-hidden": "true" }, signs[mark]), text,
    under.length > 0 && h("ul", under.map(lineItem)));
}
