// Numbers, spans of time and moments as people read them.

// Made once: toLocaleString makes one each time, and a page has hundreds of figures a second.
const wholes = new Intl.NumberFormat("en");
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function rate(value) {
  if (value === undefined || value === null) return "–";
  if (value > 0 && value < 0.05) return "<0.1";
  if (value >= 1e6) return `${(value / 1e6).toFixed(value < 1e7 ? 2 : 1)}M`;
  if (value >= 1e5) return `${Math.round(value / 1e3)}k`;
  return value > 0 && value < 10 ? tenths.format(value) : wholes.format(Math.round(value));
}

const whole = (value) => wholes.format(value);

function latency(seconds) {
  if (seconds === undefined || seconds === null) return "–";
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
}

function share(value, digits = 1) {
  if (value === undefined || value === null || Number.isNaN(value)) return "–";
  if (value > 0 && value < 0.0005) return "<0.1 %";
  return `${(value * 100).toFixed(value === 0 || value === 1 ? 0 : digits)} %`;
}

function bytesText(count) {
  if (count < 1024) return `${count} B`;
  const power = Math.min(4, Math.floor(Math.log2(count) / 10));
  return `${(count / 1024 ** power).toFixed(1)} ${["", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

const units = { s: "s", min: "min", h: "h", d: "d" };

/** A duration that is over: tenths under ten seconds. */
function span(seconds) {
  return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)} ${t(units.s)}` : wholeSpan(seconds);
}

/** A duration that goes on: two units at most. */
function wholeSpan(seconds) {
  const count = Math.max(0, Math.floor(seconds));
  if (count < 60) return `${count} ${t(units.s)}`;
  if (count < 3600) return `${Math.floor(count / 60)} ${t(units.min)} ${count % 60} ${t(units.s)}`;
  if (count < 86400) return `${Math.floor(count / 3600)} ${t(units.h)} ${Math.floor((count % 3600) / 60)} ${t(units.min)}`;
  return `${Math.floor(count / 86400)} ${t(units.d)} ${Math.floor((count % 86400) / 3600)} ${t(units.h)}`;
}

/** As a person would write it: 250 ms, 3 s, 1 h. */
function plainSpan(seconds) {
  if (seconds < 1) return `${Number((Math.max(0, seconds) * 1000).toPrecision(3))} ms`;
  return seconds < 60 ? `${Number(seconds.toPrecision(3))} ${t(units.s)}` : wholeSpan(seconds).replace(/ 0 \S+$/, "");
}

const significant = (value) => String(Number(value.toPrecision(3)));

/** The largest unit alone. */
const roughSpan = (seconds) => wholeSpan(seconds).split(" ").slice(0, 2).join(" ");

const secondsSince = (moment) => (now() - Date.parse(moment)) / 1000;
const ago = (moment) => t("{span} ago", { span: roughSpan(secondsSince(moment)) });
const sum = (list, field) => list.reduce((total, item) => total + item[field], 0);

function clockTime(moment) {
  const date = new Date(moment);
  const time = date.toLocaleTimeString("en-GB");
  if (date.toDateString() === new Date(now()).toDateString()) return time;
  return `${dayText(date)} ${time}`;
}

const dayText = (moment) => new Date(moment).toLocaleDateString(language === "zh" ? "zh-CN" : "en-GB", { day: "numeric", month: "short" });

function sentence(word) {
  const text = word.replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A word of the API, in the reader's language where it is one of those that are known. */
const word = (name) => t(sentence(name));
