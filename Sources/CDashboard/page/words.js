// Numbers, spans of time and moments as people read them.

function rate(value) {
  if (value === undefined || value === null) return "–";
  if (value > 0 && value < 0.05) return "<0.1";
  const digits = value > 0 && value < 10 ? 1 : 0;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function latency(seconds) {
  if (seconds === undefined || seconds === null) return "–";
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
}

/** A duration that is over: tenths under ten seconds. */
function span(seconds) {
  return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)} s` : wholeSpan(seconds);
}

/** A duration that goes on: two units at most. */
function wholeSpan(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

/** As a person would write it: 250 ms, 3 s, 1 h. */
function plainSpan(seconds) {
  if (seconds < 1) return `${Number((Math.max(0, seconds) * 1000).toPrecision(3))} ms`;
  return seconds < 60 ? `${Number(seconds.toPrecision(3))} s` : wholeSpan(seconds).replace(/ 0 \w+$/, "");
}

const significant = (value) => String(Number(value.toPrecision(3)));

/** The largest unit alone. */
const roughSpan = (seconds) => wholeSpan(seconds).split(" ").slice(0, 2).join(" ");

const secondsSince = (moment) => (now() - Date.parse(moment)) / 1000;
const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
const sum = (list, field) => list.reduce((total, item) => total + item[field], 0);

function clockTime(moment) {
  const date = new Date(moment);
  const time = date.toLocaleTimeString("en-GB");
  if (date.toDateString() === new Date(now()).toDateString()) return time;
  return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

function sentence(word) {
  const text = word.replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
