// The way of the requests: listeners, routes, services with their servers, and what flows between them now.
// Boxes are links; the flow between them is drawn on canvases that are as large as what can be seen.

pages.map = { name: "map", title: "Map", icon: "map", key: "m", open: openMap, scope: () => ({ flows: true }) };

const CELLS_SHOWN = 60; // Squares for servers in one box.
const DOTS_SHOWN = 1500; // Moving at a time.

function openMap(view) {
  let [wanted, only, held] = ["", "all", null];
  const canvases = [h("canvas", { "aria-hidden": "true" }), h("canvas", { "aria-hidden": "true" })];
  const columns = ["listeners", "routes", "services"].map((name) => h("ul", { class: `map-column ${name}` }));
  const stage = h("div.map-stage", canvases, columns.map((list, place) => h("div.map-side", h("h2", t(["Listeners", "Routes", "Services"][place])), list)));
  const scroller = h("section.panel.map", { "aria-label": t("Map") }, stage);
  const flow = makeFlow(canvases, stage);
  let routes = null;
  const boxes = [keyed(() => makeBox()), keyed(() => makeBox()), keyed((service) => makeBox(addressOf("services", service.name)))];
  // Boxes far from the window wait: of a thousand figures a second nobody reads those.
  const inSight = new WeakSet();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) inSight.add(target);
      else inSight.delete(target);
    }
  }, { rootMargin: "300px 0px" });
  const whenSeen = (update) => (box, one) => {
    if (!box.isWatched) observer.observe(box.element);
    if (!box.isWatched || box.state !== one.state || inSight.has(box.element)) update(box, one);
    box.isWatched = true;
    box.state = one.state;
  };
  const update = () => {
    if (!report || !routes) return;
    const graph = graphOf(routes, wanted, only);
    boxes[0](columns[0], graph.listeners, (one) => one.name, (box, one) => updateBox(box, one.name, one.address, one.connections > 0 ? count(one.connections, "connection") : "", "info"));
    boxes[1](columns[1], graph.routes, (one) => one.key, whenSeen((box, one) => updateBox(box, one.name, one.about, one.rps > 0 ? `${rate(one.rps)}/s` : "", "info")));
    boxes[2](columns[2], graph.services, (one) => one.name, whenSeen(updateServiceBox));
    const found = new Map();
    for (const [place, kind] of ["listeners", "routes", "services"].entries()) {
      [...columns[place].children].forEach((element, number) => {
        const one = graph[kind][number];
        found.set(`${kind}/${one.key ?? one.name}`, element);
        element.dataset.node = `${kind}/${one.key ?? one.name}`;
      });
    }
    flow.set(graph.edges.map((edge) => ({ ...edge, from: found.get(edge.from), to: found.get(edge.to) })).filter((edge) => edge.from && edge.to), held);
  };
  const hold = (event) => {
    held = event.target.closest?.("[data-node]")?.dataset.node ?? null;
    flow.hold(held);
  };
  for (const kind of ["pointerover", "focusin"]) stage.addEventListener(kind, hold);
  stage.addEventListener("pointerleave", () => { held = null; flow.hold(null); });
  appendAll(view.root, [
    head(t("Map"), [
      choices(t("Shown"), [["all", t("All")], ["busy", t("With traffic")], ["trouble", t("In trouble")]], only, (chosen) => { only = chosen; update(); }),
      searchField(t("Filter services"), (text) => { wanted = text; update(); }),
    ]),
    scroller,
  ]);
  const load = async () => {
    routes = (await quietly(call("GET", "v1/routes"))) ?? routes ?? [];
    update();
  };
  load();
  view.every(15, load);
  return { update, close: () => { flow.stop(); observer.disconnect(); }, theme: flow.theme };
}

/** What is drawn: nodes of three kinds, and edges with their requests a second. */
function graphOf(routes, wanted, only) {
  const flows = report.flows ?? [];
  const routed = new Map();
  for (const route of routes) for (const name of route.services ?? [route.service]) if (!routed.has(name)) routed.set(name, routed.size);
  // Those in trouble first, the others beside their routes, so that few lines cross.
  const order = ({ name, state }) => (state === "down" || state === "degraded" ? stateOrder[state] - 2 : routed.get(name) ?? routed.size);
  const services = [...report.services].sort((a, b) => order(a) - order(b)).filter((service) => service.name.toLowerCase().includes(wanted)
    && (only === "all" || (only === "busy" ? service.requestsPerSecond > 0 : service.state === "down" || service.state === "degraded")));
  const shown = new Set(services.map((service) => service.name));
  const amounts = new Map();
  const add = (from, to, value) => amounts.set(`${from}>${to}`, (amounts.get(`${from}>${to}`) ?? 0) + value);
  const http = new Set(report.listeners.filter(({ protocol }) => !protocol || protocol === "http").map(({ name }) => name));
  const known = [];
  for (const [place, route] of routes.entries()) {
    const targets = (route.services ?? (route.service ? [route.service] : [])).filter((name) => shown.has(name));
    if (targets.length === 0 && (wanted || only !== "all" || route.services || route.service)) continue;
    const key = `${place}-${route.name}`;
    const node = `routes/${key}`;
    let rps = 0;
    for (const listener of route.listeners) {
      const mine = flows.filter((flow) => flow.listener === listener && (http.has(listener) ? flow.route === route.name : targets.includes(flow.service)));
      const value = sum(mine, "requestsPerSecond");
      rps += value;
      add(`listeners/${listener}`, node, value);
    }
    for (const service of targets) {
      add(node, `services/${service}`, sum(flows.filter((flow) => flow.service === service && (flow.route === route.name || (!flow.route && route.listeners.includes(flow.listener)))), "requestsPerSecond"));
    }
    known.push({ key, name: route.name, rps, about: [route.host, route.path, ...(route.conditions ?? [])].filter(Boolean).join(" ") || route.action || "" });
  }
  const edges = [...amounts].map(([ends, rps]) => {
    const [from, to] = ends.split(">");
    return { from, to, rps };
  });
  const used = new Set(edges.map((edge) => edge.from));
  const listeners = report.listeners.filter((one) => only === "all" && !wanted ? true : used.has(`listeners/${one.name}`));
  const named = new Map(services.map((service) => [`services/${service.name}`, service]));
  for (const edge of edges) {
    const service = named.get(edge.to);
    edge.state = service && service.requestsPerSecond > 0 && service.failuresPerSecond / service.requestsPerSecond > 0.01 ? "bad" : service?.state === "down" ? "bad" : "good";
  }
  return { listeners, routes: known, services, edges };
}

function makeBox(address) {
  const [mark, name, about, figure] = [icon("info"), h("strong"), h("small"), h("span.figure")];
  const cells = h("span.cells", { "aria-hidden": "true" });
  const content = [mark, h("span.body", h("span.line", name, figure), about, cells)];
  const element = h("li", address ? h("a.box", { href: address }, content) : h("div.box", content));
  return { element, box: element.firstElementChild, mark, name, about, figure, cells };
}

function updateBox(box, name, about, figure, state) {
  box.box.dataset.state = state;
  setIcon(box.mark, state);
  setText(box.name, name);
  setText(box.about, about);
  setText(box.figure, figure);
}

function updateServiceBox(box, service) {
  const state = stateIcon(service.state);
  const about = shortfall(service) || [service.p99 !== undefined && service.p99 !== null && `p99 ${latency(service.p99)}`, service.failuresPerSecond > 0 && t("{rate} errors/s", { rate: rate(service.failuresPerSecond) })].filter(Boolean).join(" · ");
  updateBox(box, service.name, about, service.requestsPerSecond > 0 ? `${rate(service.requestsPerSecond)}/s` : "", state);
  box.box.setAttribute("aria-label", [service.name, word(service.state), t("{n} of {servers}", { n: service.healthy, servers: count(service.servers, "server") }), about, service.requestsPerSecond > 0 && `${rate(service.requestsPerSecond)}/s`].filter(Boolean).join(", "));
  // One square a server: those that are named first, in their states; the others are at work.
  const amiss = report.servers.filter((server) => server.service === service.name).map((server) => serverVerdict(server).state).filter((one) => one !== "up");
  const states = [...amiss, ...new Array(Math.max(0, service.servers - amiss.length)).fill("up")].slice(0, CELLS_SHOWN);
  const key = states.join();
  if (box.cells.dataset.key === key) return;
  box.cells.dataset.key = key;
  box.cells.replaceChildren(...states.map((one) => h("i", { data: { state: one } })));
}

/**
 * Draws the edges. Lines are drawn when something changes, on a canvas of their own; the dots upon them run
 * as fast as there is traffic, and rest for those who want no motion.
 */
function makeFlow(canvases, stage) {
  const [lines, dots] = canvases.map((canvas) => canvas.getContext("2d"));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let [edges, held, colours, frame, drawn, top, key, look] = [[], null, null, 0, 0, 0, "", ""];
  const theme = () => {
    const probe = h("span");
    document.body.append(probe);
    const read = (name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    colours = { line: read("--line"), busy: read("--edge"), good: read("--accent"), bad: read("--bad") };
    probe.remove();
    drawLines();
  };
  const measure = () => {
    const base = stage.getBoundingClientRect();
    const boxes = new Map();
    const box = (element) => {
      if (!boxes.has(element)) boxes.set(element, element.firstElementChild.getBoundingClientRect());
      return boxes.get(element);
    };
    for (const edge of edges) {
      const [a, b] = [box(edge.from), box(edge.to)];
      Object.assign(edge, { x1: a.right - base.left, y1: a.top + Math.min(a.height / 2, 18) - base.top, x2: b.left - base.left, y2: b.top + Math.min(b.height / 2, 18) - base.top });
    }
    const [width, height] = [stage.clientWidth, Math.min(stage.scrollHeight, innerHeight)];
    canvases.forEach((canvas, place) => {
      // Dots move many times a second: they do with a pixel a point.
      const ratio = place === 0 ? Math.min(2, devicePixelRatio || 1) : 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      [lines, dots][place].setTransform(ratio, 0, 0, ratio, 0, 0);
    });
    drawLines();
  };
  /** In sight, and with both ends near: of two hundred lines that run out of it nobody sees one. */
  const isSeen = ({ y1, y2 }) => {
    const height = canvases[0].clientHeight;
    const [high, low] = [Math.min(y1, y2) - top, Math.max(y1, y2) - top];
    return low > -20 && high < height + 20 && high > -height && low < 2 * height;
  };
  // In whole points, so that traffic that goes up and down a little draws nothing anew.
  const widthOf = (edge) => (edge.rps > 0 ? Math.round(1.5 + Math.min(4, Math.log10(1 + edge.rps))) : 1);
  const isFaint = (edge) => held && edge.fromNode !== held && edge.toNode !== held;
  const drawLines = () => {
    const { clientWidth, clientHeight } = canvases[0];
    // The canvases go with the window over a stage that may be much longer.
    top = Math.max(0, Math.min(stage.scrollHeight - clientHeight, -stage.getBoundingClientRect().top));
    for (const canvas of canvases) canvas.style.transform = `translateY(${top}px)`;
    lines.clearRect(0, 0, clientWidth, clientHeight);
    // Those that look the same are one path: a stroke costs more than what it draws.
    const paths = new Map();
    for (const edge of edges) {
      if (!isSeen(edge)) continue;
      const middle = (edge.x1 + edge.x2) / 2;
      const width = widthOf(edge);
      const style = `${isFaint(edge)}${edge.rps > 0}${width}`;
      if (!paths.has(style)) paths.set(style, { path: new Path2D(), width, alpha: isFaint(edge) ? 0.3 : 1, colour: edge.rps > 0 ? colours.busy : colours.line });
      const { path } = paths.get(style);
      path.moveTo(edge.x1, edge.y1 - top);
      path.bezierCurveTo(middle, edge.y1 - top, middle, edge.y2 - top, edge.x2, edge.y2 - top);
    }
    for (const { path, width, alpha, colour } of paths.values()) {
      Object.assign(lines, { globalAlpha: alpha, strokeStyle: colour, lineWidth: width });
      lines.stroke(path);
    }
    if (calm.matches) drawDots(0);
  };
  const drawDots = (moment) => {
    dots.clearRect(0, 0, canvases[1].clientWidth, canvases[1].clientHeight);
    let left = DOTS_SHOWN;
    for (const edge of edges) {
      if (edge.rps <= 0 || left <= 0 || !isSeen(edge)) continue;
      dots.globalAlpha = isFaint(edge) ? 0.2 : 0.95;
      dots.fillStyle = edge.state === "bad" ? colours.bad : colours.good;
      const strength = Math.min(3, Math.log10(1 + edge.rps));
      const number = 1 + Math.ceil(strength * 2);
      const size = 2.4 + strength * 0.6;
      const progress = ((moment / 1000) * (0.1 + strength * 0.09)) % 1;
      const middle = (edge.x1 + edge.x2) / 2;
      for (let dot = 0; dot < number; dot += 1) {
        // A cubic curve at u: its ends, and its control points on the level of each.
        const u = (progress + dot / number) % 1;
        const [a, b, c, d] = [(1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u ** 3];
        dots.fillRect(a * edge.x1 + (b + c) * middle + d * edge.x2 - size / 2, (a + b) * edge.y1 + (c + d) * edge.y2 - top - size / 2, size, size);
      }
      left -= number;
    }
  };
  const step = (moment) => {
    frame = calm.matches ? 0 : requestAnimationFrame(step);
    if (moment - drawn < 30) return;
    drawn = moment;
    drawDots(moment);
  };
  const observer = new ResizeObserver(measure);
  addEventListener("scroll", drawLines, { passive: true });
  theme();
  observer.observe(stage);
  frame = requestAnimationFrame(step);
  return {
    theme,
    set: (list, node) => {
      const before = key;
      key = list.map((edge) => `${edge.from.dataset.node}>${edge.to.dataset.node}`).join();
      held = node;
      const old = edges;
      edges = list.map((edge, place) => ({ ...(before === key ? old[place] : {}), ...edge, fromNode: edge.from.dataset.node, toNode: edge.to.dataset.node }));
      const lookBefore = look;
      look = edges.map(widthOf).join();
      if (before !== key) measure();
      else if (look !== lookBefore) drawLines();
    },
    hold: (node) => {
      held = node;
      drawLines();
    },
    stop: () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      removeEventListener("scroll", drawLines);
    },
  };
}
