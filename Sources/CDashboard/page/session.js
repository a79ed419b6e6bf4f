// Who looks: signing in and out, and what a role may do.

const ranks = { viewer: 0, operator: 1, admin: 2 };
let session = { required: false, signedIn: true, role: "admin" };

const isSignedOut = () => session.required && !session.signedIn;

/** Whether whoever looks may do what takes this role; Ballast decides, this only hides what it would refuse. */
const may = (role) => (ranks[session.role] ?? 2) >= ranks[role];

async function loadSession() {
  takeSession(await call("GET", "v1/session"));
}

function takeSession(answer) {
  session = answer;
  csrf = answer.csrf ?? null;
}

/** A 401 came: the session is over, or was ended elsewhere. */
function sessionEnded() {
  if (isSignedOut() || !view) return;
  session = { required: true, signedIn: false };
  csrf = null;
  openSignIn(t("Your session has ended."));
}

/** What the one before could see is not left for the next one. */
function forget() {
  report = null;
  series = null;
  deployments = [];
  alerts = [];
  for (const kept of [faults, events]) kept.clear();
  for (const name of ["dialog", "finder"]) {
    byId(name).close();
    byId(name).replaceChildren();
  }
  byId("side").replaceChildren();
}

function openSignIn(reason = "") {
  // Who types already is not made to begin again.
  if (document.querySelector(".sign-in")) return;
  closePage();
  follow(null);
  forget();
  document.body.className = "signed-out";
  const problem = h("p.risk", { role: "alert" }, reason);
  const fields = session.setup
    ? [
      makeField({ name: "token", label: t("Set-up token"), type: "password", required: true, hint: t("The engine names its file at its start.") }),
      makeField({ name: "name", label: t("Your name"), required: true, autocomplete: "username" }),
      makeField({ name: "password", label: t("A password for you"), type: "password", required: true, autocomplete: "new-password" }),
    ]
    : [
      makeField({ name: "name", label: t("Name"), required: true, autocomplete: "username" }),
      makeField({ name: "password", label: t("Password"), type: "password", required: true, autocomplete: "current-password" }),
    ];
  const button = h("button.primary", { type: "submit" }, session.setup ? t("Make the first administrator") : t("Sign in"));
  const form = h("form.sign-in", brand(), h("h1", session.setup ? t("Welcome") : t("Sign in")), fields.map(({ element }) => element), problem, button);
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    button.disabled = true;
    setText(problem, "");
    const { token, name, password } = Object.fromEntries(fields.map((field) => [field.name, field.name === "password" ? field.input.value : field.read()]));
    try {
      if (session.setup) {
        await ask("POST", "v1/users", { name, role: "admin", password }, { Authorization: `Bearer ${token}` });
      }
      takeSession(await call("POST", "v1/session", { name, password }));
      form.remove();
      begin();
    } catch (refusal) {
      setText(problem, refusal.message);
      button.disabled = false;
    }
  });
  byId("main").replaceChildren(form);
  fields[0].input.focus();
}

async function signOut() {
  await quietly(call("DELETE", "v1/session"));
  await quietly(loadSession());
  if (isSignedOut()) openSignIn();
}

function changePassword() {
  askFirst({
    title: t("Change your password"), confirm: t("Change"), done: t("Your password is changed"),
    fields: [
      { name: "current", label: t("Present password"), type: "password", required: true, autocomplete: "current-password" },
      { name: "password", label: t("New password"), type: "password", required: true, autocomplete: "new-password" },
    ],
    act: (body) => call("PUT", "v1/session/password", body),
  });
}
