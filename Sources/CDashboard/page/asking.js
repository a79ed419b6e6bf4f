// The two forms that ask the engine. The headline of an answer is announced, its lines are there to read.

const signs = { yes: "✓", no: "✗", skipped: "·" };

const askings = {
  explain: async (data) => {
    const headers = data.get("headers").split("\n").map((header) => header.trim()).filter(Boolean);
    const body = { method: data.get("method"), url: data.get("url").trim(), headers };
    if (data.get("client").trim()) body.client = data.get("client").trim();
    return explained(await call("POST", "v1/explain", body));
  },
  trace: async (data) => traced(await call("GET", `v1/requests/${encodeURIComponent(data.get("id").trim())}`)),
};

function prepareAsking(name) {
  const form = byId(name);
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
    if (asked === latest) renderAnswer(name, answer);
  });
}

function renderAnswer(name, { headline, isGood, lines }) {
  const told = byId(`${name}-told`);
  told.dataset.state = isGood ? "up" : "degraded";
  byId(`${name}-icon`).setAttribute("href", `#icon-${told.dataset.state}`);
  byId(`${name}-mark`).removeAttribute("hidden");
  setText(byId(`${name}-headline`), headline);
  byId(`${name}-lines`).replaceChildren(...lines.map(lineItem));
}

function lineItem({ text, under, mark }) {
  const item = create("li", undefined, mark);
  if (mark) {
    const sign = create("span", signs[mark], "sign");
    sign.setAttribute("aria-hidden", "true");
    item.append(sign);
  }
  item.append(text);
  if (under.length > 0) {
    const list = create("ul");
    list.append(...under.map(lineItem));
    item.append(list);
  }
  return item;
}
