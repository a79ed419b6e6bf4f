// The stretch of time that several charts show together, and the moment that they point at.

function makeTimeWindow(seconds) {
  const mine = { seconds, zoom: null, cursor: null, watchers: [] };
  mine.changed = () => mine.watchers.forEach((watch) => watch());
  mine.range = () => mine.zoom ?? { from: now() - mine.seconds * 1000, to: now() };
  mine.point = (moment) => {
    if (mine.cursor === moment) return;
    mine.cursor = moment;
    mine.changed();
  };
  /** Not closer than 20 seconds, and within what there is. */
  mine.zoomTo = (from, to) => {
    const most = now();
    const least = most - mine.seconds * 1000;
    const middle = (from + to) / 2;
    const half = Math.max(10_000, (to - from) / 2);
    const zoom = { from: Math.max(least, middle - half), to: Math.min(most, middle + half) };
    mine.zoom = zoom.to - zoom.from > mine.seconds * 990 ? null : zoom;
    mine.changed();
  };
  mine.reset = () => {
    mine.zoom = null;
    mine.changed();
  };
  mine.setSeconds = (wanted) => {
    mine.seconds = wanted;
    mine.reset();
  };
  return mine;
}

/** Round steps of the clock, so many that their words fit. */
function ticks({ from, to }, most) {
  const steps = [5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
  const step = (steps.find((seconds) => (to - from) / 1000 / seconds <= most) ?? 604800) * 1000;
  const offset = new Date(to).getTimezoneOffset() * 60_000;
  const found = [];
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) found.push(at);
  return found.map((at) => ({ at, text: tickText(at, step) }));
}

function tickText(at, step) {
  const date = new Date(at);
  if (step >= 86_400_000) return dayText(date);
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: step < 60_000 ? "2-digit" : undefined });
  return time === "00:00" ? dayText(date) : time;
}
