// English is written in the code; `translations.zh`, in chinese.js, has the rest. What Ballast itself
// says — causes, events, refusals — stays as it was said.

const translations = { zh: {} };
const untranslated = new Set(); // What a language lacks: the tests look here.
let language = "en";

function chooseLanguage(wanted) {
  language = wanted === "zh" ? "zh" : "en";
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

/** `t("{n} of {m}", { n: 1, m: 2 })`. */
function t(text, values = {}) {
  let said = text;
  if (language !== "en") {
    said = translations[language][text];
    if (said === undefined) {
      untranslated.add(text);
      said = text;
    }
  }
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** "1 server", "3 servers"; the translation is of "{n} servers". */
function count(number, one, many = `${one}s`) {
  const n = typeof number === "number" ? whole(number) : number;
  return language === "en" ? `${n} ${number === 1 ? one : many}` : t(`{n} ${many}`, { n });
}
