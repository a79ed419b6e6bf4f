// Templates, text nodes and order.

const byId = (id) => document.getElementById(id);
const now = () => Date.now() + clockOffset;

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A copy of a template, and its `data-field` elements by name. */
function instantiate(id) {
  const element = byId(id).content.firstElementChild.cloneNode(true);
  const fields = {};
  for (const field of element.querySelectorAll("[data-field]")) fields[field.dataset.field] = field;
  return { element, fields, icon: element.querySelector("[data-icon]") };
}

function setState(copy, state, icon = state) {
  copy.element.dataset.state = state;
  copy.icon.setAttribute("href", `#icon-${icon}`);
}

function create(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** Brings the children into the order of `wanted`, moving only what is out of place. */
function arrange(parent, wanted) {
  wanted.forEach((element, place) => {
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
  while (parent.children.length > wanted.length) parent.lastElementChild.remove();
}
