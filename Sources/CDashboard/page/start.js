// The start of it all.

const stored = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};

const chosenTheme = stored("theme");
if (chosenTheme === "light" || chosenTheme === "dark") document.documentElement.dataset.theme = chosenTheme;
chooseLanguage(stored("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en"));

function begin() {
  if (isSignedOut()) return openSignIn();
  document.body.className = report ? "live" : "waiting";
  openPage();
}

document.addEventListener("DOMContentLoaded", async () => {
  addEventListener("hashchange", () => {
    byId("side").classList.remove("open");
    openPage();
    byId("main").focus({ preventScroll: true });
  });
  addEventListener("keydown", pressed);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    renderShell();
    view?.live.theme?.();
  });
  await loadSession().catch(() => null);
  begin();
  setInterval(() => document.hidden || isSignedOut() || loadAlerts(), 5000);
});
