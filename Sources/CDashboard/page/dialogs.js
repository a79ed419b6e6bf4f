// Asking before anything changes, and telling what came of it.

let asked = 0; // Counts the questions: an answer that comes late must not change the next one's dialog.

/**
 * Asks, then does. `fields` are inputs whose values `act` gets by name; `risk` is a sentence that warns;
 * `prepare(dialog)` may add what has to be asked of Ballast first. A refusal is shown, and the dialog stays.
 */
function askFirst({ title, text, risk, fields = [], confirm, working, danger = false, act, done, prepare, wide = false }) {
  asked += 1;
  const mine = asked;
  const dialog = byId("dialog");
  const isOpen = () => mine === asked && dialog.open;
  const inputs = fields.map(makeField);
  const problem = h("div.risk", { role: "alert", hidden: true });
  const extra = h("div.extra", { "aria-live": "polite" });
  const button = h(`button.${danger ? "danger" : "primary"}`, { type: "submit" }, confirm);
  const form = h("form", { method: "dialog" },
    h("h2", { id: "dialog-title" }, title), text && h("p", { id: "dialog-text" }, text),
    inputs.map(({ element }) => element), extra, risk && h("p.risk", icon("degraded"), h("span", risk)), problem,
    h("div.buttons", h("button", { type: "button", onclick: () => dialog.close() }, t("Cancel")), button));
  const refuse = (refusal, isFinal = false) => {
    if (!isOpen()) return toast(refusal.message, true);
    problem.replaceChildren(h("p", refusal.message), ...(refusal.details ?? []).map((line) => h("pre", line)));
    problem.hidden = false;
    button.disabled = isFinal;
    setText(button, confirm);
  };
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    setText(button, working ?? confirm);
    try {
      const answer = await act(Object.fromEntries(inputs.map(({ name, read }) => [name, read()])));
      if (isOpen()) dialog.close();
      const said = typeof done === "function" ? done(answer) : done;
      if (said) toast(said);
    } catch (refusal) {
      refuse(refusal);
    }
  });
  dialog.classList.toggle("wide", wide);
  dialog.replaceChildren(form);
  dialog.showModal();
  (inputs[0]?.input ?? button).focus();
  prepare?.({ extra, button, refuse, isCurrent: () => mine === asked });
}

/** `{ name, label, type, value, options, required, hint, … }` as an input with its label. */
function makeField({ name, label, type = "text", value = "", options, hint, ...attributes }) {
  const shared = { name, ...attributes };
  let input;
  if (options) {
    input = h("select", shared, options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  } else if (type === "textarea") {
    input = h("textarea", { rows: 3, spellcheck: "false", ...shared, value });
  } else if (type === "checkbox") {
    input = h("input", { type, ...shared, checked: Boolean(value) });
    return { name, input, element: h("label.check", input, h("span", label)), read: () => input.checked };
  } else {
    input = h("input", { type, autocomplete: "off", spellcheck: "false", ...shared, value: String(value) });
  }
  const element = h("label.field", h("span", label), input, hint && h("small", hint));
  return { name, input, element, read: () => (type === "number" ? Number(input.value) : input.value.trim()) };
}

/** Something to read, with nothing to decide. */
function show(title, ...content) {
  asked += 1;
  const dialog = byId("dialog");
  dialog.classList.add("wide");
  dialog.replaceChildren(h("div", h("h2", { id: "dialog-title" }, title), content,
    h("div.buttons", h("button", { type: "button", onclick: () => dialog.close(), autofocus: true }, t("Close")))));
  dialog.showModal();
}

let toastTimer = 0;

function toast(text, isProblem = false) {
  const node = byId("toast");
  node.classList.toggle("wrong", isProblem);
  setText(node, text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => setText(node, ""), isProblem ? 7000 : 4000);
}
