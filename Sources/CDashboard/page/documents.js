// Elements, text nodes and order.

const byId = (id) => document.getElementById(id);
const now = () => Date.now() + clockOffset;
const vector = "http://www.w3.org/2000/svg";

/**
 * `h("button.primary", { onclick }, "Save")`. Attributes may be left out; a child is a text, a node, a
 * list of them, or nothing (null, false, undefined).
 */
function h(description, ...rest) {
  const [tag, ...classes] = description.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  const [first] = rest;
  const hasAttributes = first && typeof first === "object" && !(first instanceof Node) && !Array.isArray(first);
  if (hasAttributes) setAttributes(element, rest.shift());
  appendAll(element, rest);
  return element;
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
}

function appendAll(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) appendAll(element, child);
    else if (child !== undefined && child !== null && child !== false) element.append(child);
  }
}

/** The same for SVG; attributes are always there. */
function shape(tag, attributes, ...children) {
  const element = document.createElementNS(vector, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function icon(name, className = "") {
  const use = shape("use", { href: `#icon-${name}` });
  return shape("svg", { class: `icon ${className}`.trim(), "aria-hidden": "true" }, use);
}

function setIcon(element, name) {
  const wanted = `#icon-${name}`;
  const use = element.firstElementChild;
  if (use.getAttribute("href") !== wanted) use.setAttribute("href", wanted);
}

/** Shape and word of a state: colour is never the only sign. */
function sign(state, word) {
  return h("span.sign", { data: { state } }, icon(state), h("span", word));
}

function setSign(element, state, word) {
  if (element.dataset.state !== state) {
    element.dataset.state = state;
    setIcon(element.firstElementChild, state);
  }
  setText(element.lastElementChild, word);
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

/** Brings the children into the order of `wanted`, moving only what is out of place. */
function arrange(parent, wanted) {
  wanted.forEach((element, place) => {
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
  while (parent.children.length > wanted.length) parent.lastElementChild.remove();
}

/** Keeps one element a key: `keyed(make)(parent, items, key, update)`. */
function keyed(make) {
  const kept = new Map();
  return (parent, items, key, update) => {
    const wanted = new Set();
    const elements = items.map((item) => {
      const id = key(item);
      wanted.add(id);
      if (!kept.has(id)) kept.set(id, make(item));
      const row = kept.get(id);
      update(row, item);
      return row.element ?? row;
    });
    for (const id of kept.keys()) if (!wanted.has(id)) kept.delete(id);
    arrange(parent, elements);
  };
}

function panel(title, { controls = [], className = "", meta = null, id = null } = {}, ...children) {
  const heading = h("h2", id ? { id: `${id}-title` } : {}, title);
  return h(`section.panel${className && `.${className}`}`, id ? { id, "aria-labelledby": `${id}-title` } : { "aria-label": title },
    h("header.panel-head", heading, meta, h("div.controls", controls)), children);
}

/** A table's head; those in `numbers` stand at the right, as their cells do. */
function headRow(titles, numbers = []) {
  return h("thead", h("tr", titles.map((title) => h("th", { scope: "col", class: numbers.includes(title) ? "number" : null }, title ? t(title) : h("span.hidden", t("Change"))))));
}

function empty(title, text) {
  return h("div.empty", icon("up"), h("strong", title), text && h("p", text));
}

/** A row of choices of which one holds. */
function choices(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) => h("button", {
    type: "button", "aria-pressed": String(value === chosen), data: { value },
    onclick: () => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === String(value)));
      choose(value);
    },
  }, text));
  return h("div.choices", { role: "group", "aria-label": label }, buttons);
}
