// Faults, the open ones on top, and events, the newest on top.

function renderFaults() {
  const openLast = (fault) => (fault.resolved ? 0 : 1);
  const sorted = [...faults.values()].sort((a, b) => openLast(b) - openLast(a) || b.id - a.id);
  for (const fault of sorted.slice(FAULTS_SHOWN)) if (fault.resolved) faults.delete(fault.id);
  for (const id of faultItems.keys()) if (!faults.has(id)) faultItems.delete(id);
  arrange(byId("faults"), sorted.slice(0, FAULTS_SHOWN).map(faultItem));
}

const faultItems = new Map(); // Id → list item, so that an opened one stays open.

function faultItem(fault) {
  if (!faultItems.has(fault.id)) faultItems.set(fault.id, instantiate("fault-template"));
  const item = faultItems.get(fault.id);
  const { fields } = item;
  setState(item, fault.resolved ? "info" : "down", fault.resolved ? "up" : "down");
  setText(fields.what, [sentence(fault.type), fault.server ?? fault.service].filter(Boolean).join(": "));
  setText(fields.when, fault.resolved
    ? `${clockTime(fault.began)}, lasted ${span(fault.duration ?? 0)}`
    : `open for ${wholeSpan(secondsSince(fault.began))}`);
  setText(fields.cause, fault.cause);
  const wait = (Date.parse(fault.detected) - Date.parse(fault.began)) / 1000;
  setText(fields.times, `Fault ${fault.id}${fault.service ? ` of ${fault.service}` : ""}: began ${clockTime(fault.began)}, noticed after ${latency(Math.max(0, wait))}` +
    (fault.resolved ? `, resolved ${clockTime(fault.resolved)}.` : "."));
  if (fields.actions.children.length !== fault.actions.length) {
    fields.actions.replaceChildren(...fault.actions.map((action) => create("li", action)));
  }
  return item.element;
}

function renderEvents() {
  const sorted = [...events.values()].sort((a, b) => b.id - a.id);
  for (const event of sorted.slice(EVENTS_SHOWN)) events.delete(event.id);
  arrange(byId("events"), sorted.slice(0, EVENTS_SHOWN).map(eventItem));
}

const eventItems = new WeakMap(); // Event record → list item.

function eventItem(event) {
  if (!eventItems.has(event)) {
    const item = instantiate("event-template");
    const state = { error: "down", warning: "degraded" }[event.severity] ?? "info";
    setState(item, state);
    item.fields.time.dateTime = event.at;
    item.fields.time.title = event.at;
    setText(item.fields.time, clockTime(event.at));
    setText(item.fields.message, event.message);
    if (state !== "info") item.fields.message.prepend(create("span", `${sentence(event.severity)}: `, "hidden"));
    eventItems.set(event, item.element);
  }
  return eventItems.get(event);
}
