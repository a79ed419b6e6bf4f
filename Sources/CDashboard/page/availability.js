// How much of the time a service works: asked for when its card's part is opened.

async function loadAvailability(card, name) {
  setText(card.fields.availability, "Asking …");
  try {
    renderAvailability(card, await call("GET", `v1/services/${encodeURIComponent(name)}/availability`));
  } catch (problem) {
    setText(card.fields.availability, problem.message);
    for (const field of ["forecasts", "remarks"]) card.fields[field].replaceChildren();
  }
}

function renderAvailability(card, told) {
  const { predicted, measured, oneMore } = told;
  const seen = measured.faults === 0 ? "never down" : `down ${count(measured.faults, "time")}`;
  const saved = predicted.minutesDownAMonth - oneMore.minutesDownAMonth;
  // Without a fault the data only say how rare they are at least.
  const [least, most] = told.server.mtbfIsBound ? ["at least ", "at most "] : ["", ""];
  setText(card.fields.availability, [
    `Predicted ${least}${shareOfTime(predicted.unavailability)}, ${most}${downtime(predicted.minutesDownAMonth)} down a month.`,
    `Measured ${shareOfTime(measured.unavailability)}, ${seen} in ${wholeSpan(told.watched)}.`,
    `One server more saves ${most}${downtime(saved)} a month.`,
  ].join(" "));
  const rows = [
    ["As it is", predicted], ["At least (95%)", told.atLeast], ["One server more", oneMore],
    ["One server fewer", told.oneFewer], ["Repairs in half the time", told.halfRepair],
  ].filter(([, forecast]) => forecast).map(([title, forecast]) => [
    title, `${forecast.needed} of ${forecast.servers}`, shareOfTime(forecast.unavailability),
    downtime(forecast.minutesDownAMonth),
  ]);
  if (told.floorMinutesDownAMonth > 0) {
    rows.push(["Any number of servers", "", "", downtime(told.floorMinutesDownAMonth)]);
  }
  card.fields.forecasts.replaceChildren(...rows.map(([title, ...cells]) => {
    const row = create("tr");
    const head = create("th", title);
    head.scope = "row";
    row.append(head, ...cells.map((cell) => create("td", cell)));
    return row;
  }));
  card.fields.remarks.replaceChildren(...told.remarks.map((remark) => create("li", `${sentence(remark)}.`)));
}

/** Two digits behind the nines; of a good service only the unavailability has digits left. */
function shareOfTime(unavailability) {
  if (unavailability <= 0) return "100%";
  let places = 10;
  for (let rest = unavailability * 100; rest < 1 && places < 1e10; rest *= 10) places *= 10;
  return `${Number((Math.floor((100 - unavailability * 100) * places) / places).toFixed(10))}%`;
}

function downtime(minutes) {
  if (minutes <= 0) return "0 s";
  return minutes * 60 < 0.001 ? "<1 ms" : plainSpan(minutes * 60);
}
