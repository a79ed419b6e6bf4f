// Faults as bars, a line a service, with deployments and alerts above them on the same clock.

const LANE = 26; // Pixels of a line.
const LANES_SHOWN = 14;

function makeFaultTimeline(faultsNow) {
  const time = makeTimeWindow(86_400);
  const plot = shape("svg", { role: "img", tabindex: "0", class: "lanes" });
  const note = h("div.tip", { hidden: true });
  const zoomed = h("button", { type: "button", hidden: true, onclick: () => time.reset() }, t("All of it"));
  const element = panel(t("On one clock"), {
    className: "traffic",
    controls: [zoomed, choices(t("Range"), faultRanges.map(([seconds, text]) => [seconds, t(text)]), 86_400, (seconds) => time.setSeconds(Number(seconds)))],
  }, h("div.plot", plot, note));
  let [width, begun, brush, drawn] = [0, null, null, 0];
  const side = () => (width < 560 ? 84 : 150);
  const momentAt = (x) => {
    const { from, to } = time.range();
    return from + (Math.min(Math.max(x - side(), 0), width - side()) / (width - side())) * (to - from);
  };
  plot.addEventListener("pointerdown", (press) => {
    if (press.button !== 0 || press.target.closest("a")) return;
    begun = press.offsetX;
    plot.setPointerCapture(press.pointerId);
  });
  plot.addEventListener("pointermove", (move) => {
    if (begun === null) return;
    brush = [Math.min(begun, move.offsetX), Math.max(begun, move.offsetX)];
    draw();
  });
  plot.addEventListener("pointerup", (release) => {
    const from = begun;
    begun = null;
    brush = null;
    if (from !== null && Math.abs(release.offsetX - from) > 4) time.zoomTo(momentAt(Math.min(from, release.offsetX)), momentAt(Math.max(from, release.offsetX)));
    else draw();
  });
  plot.addEventListener("dblclick", () => time.reset());
  plot.addEventListener("keydown", (press) => {
    const { from, to } = time.range();
    const quarter = (to - from) / 4;
    const action = { "+": () => time.zoomTo(from + quarter, to - quarter), "-": () => time.zoomTo(from - 2 * quarter, to + 2 * quarter),
      ArrowLeft: () => time.zoom && time.zoomTo(from - quarter, to - quarter), ArrowRight: () => time.zoom && time.zoomTo(from + quarter, to + quarter), Escape: () => time.reset() }[press.key];
    if (!action) return;
    press.preventDefault();
    action();
  });
  const draw = () => {
    drawn = Date.now();
    setHidden(zoomed, !time.zoom);
    if (width < 200) return;
    const range = time.range();
    const bars = faultsNow().map((fault) => ({ fault, from: Date.parse(fault.began), to: fault.resolved ? Date.parse(fault.resolved) : now() }))
      .filter((bar) => bar.to >= range.from && bar.from <= range.to);
    const names = [...new Set(bars.map(({ fault }) => fault.service || "Ballast"))].slice(0, LANES_SHOWN);
    const lanes = [t("Deployments"), ...names];
    const height = lanes.length * LANE + 22;
    const x = (at) => side() + ((Math.min(Math.max(at, range.from), range.to) - range.from) / (range.to - range.from)) * (width - side());
    const shapes = ticks(range, Math.max(2, Math.floor((width - side()) / 90))).flatMap((tick) => [
      ruler("grid", x(tick.at), 0, x(tick.at), height - 20), ...(x(tick.at) < width - 16 ? [label(tick.text, x(tick.at), height - 5, "middle")] : [])]);
    lanes.forEach((name, place) => {
      shapes.push(ruler("grid", 0, (place + 1) * LANE, width, (place + 1) * LANE));
      const text = label(name.length > 20 ? `${name.slice(0, 19)}…` : name, 0, place * LANE + 17, "start");
      text.setAttribute("class", "lane-name");
      shapes.push(text);
    });
    for (const one of deployments) {
      const at = Date.parse(one.began);
      const end = one.ended ? Date.parse(one.ended) : now();
      if (end < range.from || at > range.to) continue;
      const isBad = ["failed", "rolled-back", "rolling-back"].includes(one.state);
      shapes.push(shape("a", { href: addressOf("deployments", String(one.number)), "aria-label": `${one.service} ${word(one.state)}` },
        shape("rect", { class: `lane-bar ${isBad ? "bad" : "info"}`, x: Math.min(x(at), width - 5), y: 6, width: Math.max(5, x(end) - x(at)), height: LANE - 12, rx: 3 }),
        shape("title", {}, `${clockTime(one.began)} ${one.service} ${one.version ?? ""}: ${word(one.state)}`)));
    }
    for (const { fault, from, to } of bars) {
      const place = lanes.indexOf(fault.service || "Ballast", 1);
      if (place < 0) continue;
      const state = fault.resolved ? "past" : fault.acknowledged || isRecovering(fault) ? "warn" : "bad";
      shapes.push(shape("a", { href: addressOf("faults", String(fault.id)), "aria-label": `${faultTitle(fault)}: ${fault.cause}` },
        shape("rect", { class: `lane-bar ${state}`, x: Math.min(x(from), width - 5), y: place * LANE + 6, width: Math.max(5, x(to) - x(from)), height: LANE - 12, rx: 3 }),
        shape("title", {}, `${clockTime(fault.began)} ${faultTitle(fault)}: ${fault.cause}`)));
    }
    if (!time.zoom) shapes.push(ruler("base", width - 0.5, 0, width - 0.5, height - 20));
    if (brush) shapes.push(shape("rect", { class: "brush", x: brush[0], y: 0, width: brush[1] - brush[0], height: height - 20 }));
    plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
    plot.style.height = `${height}px`;
    plot.setAttribute("aria-label", t("{faults} from {from} to {to}", { faults: count(bars.length, "fault"), from: clockTime(range.from), to: clockTime(range.to) }));
    plot.replaceChildren(...shapes);
  };
  const observer = new ResizeObserver(([entry]) => {
    width = Math.round(entry.contentRect.width);
    draw();
  });
  observer.observe(plot);
  time.watchers.push(draw);
  // A bar that goes on moves by itself, but not each second: a day has few pixels.
  return { element, draw, tick: () => begun === null && Date.now() - drawn > 5000 && draw(), close: () => observer.disconnect() };
}
