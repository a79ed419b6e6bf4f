// How much of the time a service works: asked for when its part is opened.

function makeAvailability(name) {
  const told = h("p", { role: "status" });
  const body = h("tbody");
  const remarks = h("ul.remarks");
  const table = h("table", headRow(["With", "Must work", "Available", "Down a month"]), body);
  const details = h("details.availability", h("summary", t("Predicted and measured")), told, table, remarks);
  const load = async () => {
    setText(told, t("Asking …"));
    try {
      renderAvailability(await call("GET", `v1/services/${part(name)}/availability`), told, body, remarks);
    } catch (problem) {
      setText(told, problem.message);
      for (const list of [body, remarks]) list.replaceChildren();
    }
  };
  details.addEventListener("toggle", () => details.open && load());
  return { element: panel(t("Availability"), {}, details) };
}

function renderAvailability(answer, told, body, remarks) {
  const { predicted, measured, oneMore } = answer;
  const seen = measured.faults === 0 ? t("never down") : t("down {times}", { times: count(measured.faults, "time") });
  const saved = predicted.minutesDownAMonth - oneMore.minutesDownAMonth;
  // Without a fault the data only say how rare they are at least.
  const [least, most] = answer.server.mtbfIsBound ? [t("at least "), t("at most ")] : ["", ""];
  setText(told, [
    t("Predicted {available}, {down} down a month.", { available: least + shareOfTime(predicted.unavailability), down: most + downtime(predicted.minutesDownAMonth) }),
    t("Measured {available}, {seen} in {span}.", { available: shareOfTime(measured.unavailability), seen, span: wholeSpan(answer.watched) }),
    t("One server more saves {down} a month.", { down: most + downtime(saved) }),
  ].join(" "));
  const rows = [
    ["As it is", predicted], ["At least (95%)", answer.atLeast], ["One server more", oneMore],
    ["One server fewer", answer.oneFewer], ["Repairs in half the time", answer.halfRepair],
  ].filter(([, forecast]) => forecast).map(([title, forecast]) => [
    title, t("{n} of {m}", { n: forecast.needed, m: forecast.servers }), shareOfTime(forecast.unavailability), downtime(forecast.minutesDownAMonth),
  ]);
  if (answer.floorMinutesDownAMonth > 0) rows.push(["Any number of servers", "", "", downtime(answer.floorMinutesDownAMonth)]);
  body.replaceChildren(...rows.map(([title, ...cells]) => h("tr", h("th", { scope: "row" }, t(title)), cells.map((cell) => h("td", cell)))));
  remarks.replaceChildren(...answer.remarks.map((remark) => h("li", `${sentence(remark)}.`)));
}

/** Two digits behind the nines; of a good service only the unavailability has digits left. */
function shareOfTime(unavailability) {
  if (unavailability <= 0) return "100%";
  let places = 10;
  for (let rest = unavailability * 100; rest < 1 && places < 1e10; rest *= 10) places *= 10;
  return `${Number((Math.floor((100 - unavailability * 100) * places) / places).toFixed(10))}%`;
}

function downtime(minutes) {
  if (minutes <= 0) return `0 ${t("s")}`;
  return minutes * 60 < 0.001 ? "<1 ms" : plainSpan(minutes * 60);
}
