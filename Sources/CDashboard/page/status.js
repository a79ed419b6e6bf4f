"use strict";
// The public status page: asks `status.json` now and every half minute.

const MUCH = 3600; // Seconds down on a day from which it is no small thing.
const PERIOD = 30_000; // Milliseconds.

const isChinese = navigator.language.startsWith("zh");
const chinese = {
  "All services work": "所有服务正常", "Some services are impaired": "部分服务性能下降", "Some services are down": "部分服务中断", "works": "正常", "impaired": "性能下降", "down": "中断", "asleep": "休眠",
  "30 days ago": "30 天前", "Today": "今天", "available": "可用", "not watched": "无记录", "nothing": "无中断", "Past outages": "历史中断", "goes on": "持续中", "This page can't be brought up to date.": "无法更新此页面。", "as of": "截至", "min": "分钟", "s": "秒", "h": "小时",
};
const t = (text) => (isChinese ? chinese[text] ?? text : text);
const words = { up: "works", degraded: "impaired", down: "down", asleep: "asleep" };
const headlines = { up: "All services work", degraded: "Some services are impaired", down: "Some services are down" };

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function lengthText(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} ${t("s")}`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} ${t("min")}` : `${(seconds / 3600).toFixed(1)} ${t("h")}`;
}

const moment = (time) => new Date(time).toLocaleString(isChinese ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" });

function serviceItem({ name, state, availability, days }, at) {
  const bars = make("div", "days");
  const said = [];
  days.forEach((seconds, place) => {
    const date = new Date(Date.parse(at) - (days.length - 1 - place) * 86_400_000).toLocaleDateString(isChinese ? "zh-CN" : "en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
    const bar = make("i", seconds === null ? "none" : seconds >= MUCH ? "much" : seconds > 0 ? "some" : "");
    bar.title = `${date}: ${seconds === null ? t("not watched") : seconds > 0 ? lengthText(seconds) : t("nothing")}`;
    if (seconds > 0) said.push(bar.title);
    bars.append(bar);
  });
  bars.setAttribute("role", "img");
  bars.setAttribute("aria-label", said.join(", ") || t("nothing"));
  const word = make("span", "word", t(words[state] ?? state));
  const line = make("div", "line", make("span", "name", name), word);
  line.dataset.state = state;
  const share = `${(Math.floor(availability * 100_000) / 1000).toFixed(availability === 1 ? 0 : 3)} % ${t("available")}`;
  return make("li", "", line, bars, make("div", "foot", make("span", "", t("30 days ago")), make("span", "", share), make("span", "", t("Today"))));
}

function render(status) {
  document.documentElement.lang = isChinese ? "zh-CN" : "en";
  document.title = `${status.title}: ${t(headlines[status.state])}`;
  document.getElementById("title").textContent = status.title;
  document.getElementById("answer").dataset.state = status.state;
  document.getElementById("headline").textContent = t(headlines[status.state]);
  document.getElementById("at").textContent = `${t("as of")} ${moment(status.at)}`;
  document.getElementById("services").replaceChildren(...status.services.map((service) => serviceItem(service, status.at)));
  document.getElementById("past").hidden = status.outages.length === 0;
  document.getElementById("past-title").textContent = t("Past outages");
  document.getElementById("outages").replaceChildren(...status.outages.map(({ service, began, ended }) => make("li", "",
    make("strong", "", service), make("span", "", `${moment(began)}, ${ended ? lengthText((Date.parse(ended) - Date.parse(began)) / 1000) : t("goes on")}`))));
}

async function load() {
  try {
    const answer = await fetch("status.json");
    if (!answer.ok) throw new Error(String(answer.status));
    render(await answer.json());
  } catch {
    document.getElementById("at").textContent = t("This page can't be brought up to date.");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  load();
  setInterval(() => document.hidden || load(), PERIOD);
});
