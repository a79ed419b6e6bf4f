// Ctrl K: straight to a page, a service, or a server of the service that is open.

function openFinder() {
  const finder = byId("finder");
  if (finder.open) return;
  let chosen = 0;
  let found = [];
  const list = h("ul", { role: "listbox", id: "finder-list", "aria-label": t("Found") });
  const input = h("input", {
    type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "finder-list", "aria-label": t("Find"),
    placeholder: t("A page, a service or a server"), autocomplete: "off", spellcheck: "false",
  });
  const render = () => {
    found = findings(input.value.trim().toLowerCase()).slice(0, 12);
    chosen = Math.min(chosen, Math.max(0, found.length - 1));
    list.replaceChildren(...found.map((item, place) => h("li", {
      role: "option", id: `found-${place}`, "aria-selected": String(place === chosen), onclick: () => go(item),
    }, icon(item.icon), h("span", item.text), h("small", item.kind))));
    input.setAttribute("aria-activedescendant", found.length > 0 ? `found-${chosen}` : "");
  };
  const go = (item) => {
    finder.close();
    if (item) location.hash = item.address;
  };
  input.addEventListener("input", () => { chosen = 0; render(); });
  input.addEventListener("keydown", (press) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[press.key];
    if (step && found.length > 0) {
      press.preventDefault();
      chosen = (chosen + step + found.length) % found.length;
      render();
    } else if (press.key === "Enter") {
      press.preventDefault();
      go(found[chosen]);
    }
  });
  finder.replaceChildren(h("div.finder-head", icon("search"), input, h("kbd", "Esc")), list);
  render();
  finder.showModal();
  input.focus();
}

/** Beginnings first, then what has it anywhere. */
function findings(text) {
  const items = Object.values(pages).filter((page) => !page.isNested && isOffered(page)).map((page) => ({
    text: t(page.title), kind: t("page"), icon: page.icon, address: `#/${page.name === "overview" ? "" : page.name}`,
  }));
  for (const { name, state } of report?.services ?? []) {
    items.push({ text: name, kind: t("service"), icon: stateIcon(state), address: addressOf("services", name) });
  }
  if (text) {
    for (const server of report?.servers ?? []) {
      items.push({
        text: `${server.service}/${server.name}`, kind: t("server"), icon: serverVerdict(server).state,
        address: `${addressOf("services", server.service)}?find=${part(server.name)}`,
      });
    }
  }
  const rank = (item) => {
    const at = item.text.toLowerCase().indexOf(text);
    return at < 0 ? 2 : at > 0 ? 1 : 0;
  };
  return items.map((item) => [rank(item), item]).filter(([order]) => order < 2).sort((a, b) => a[0] - b[0]).map(([, item]) => item);
}
