// Light and dark, and the start of it all.

function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function renderThemeButton() {
  setText(byId("theme-word"), theme() === "dark" ? "Light" : "Dark");
  byId("theme").setAttribute("aria-label", `Use ${theme() === "dark" ? "light" : "dark"} colours`);
}

function toggleTheme() {
  const wanted = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = wanted;
  localStorage.setItem("theme", wanted);
  renderThemeButton();
}

const stored = localStorage.getItem("theme");
if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;

document.addEventListener("DOMContentLoaded", () => {
  renderThemeButton();
  byId("theme").addEventListener("click", toggleTheme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", renderThemeButton);
  byId("dialog-cancel").addEventListener("click", () => byId("dialog").close());
  for (const name of Object.keys(askings)) prepareAsking(name);
  addEventListener("resize", drawCharts);
  connect();
});
