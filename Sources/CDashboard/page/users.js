// Who may look and change: people, and tokens of programs.

pages.users = { name: "users", title: "Users", icon: "users", key: "w", role: "viewer", open: openUsers };

const roleOptions = () => ["viewer", "operator", "admin"].map((role) => [role, t(role)]);

function openUsers(view) {
  const people = h("div.table-scroll");
  const tokens = h("div.table-scroll");
  const load = async () => {
    const [users, keys] = await Promise.all([may("admin") ? quietly(call("GET", "v1/users")) : null, quietly(call("GET", "v1/tokens"))]);
    if (!view.isOpen) return;
    if (users) people.replaceChildren(userTable(users, load));
    if (keys) tokens.replaceChildren(tokenTable(keys, load));
  };
  const add = h("button.primary", { type: "button", onclick: () => askUser(load) }, t("Add a user"));
  appendAll(view.root, [
    head(t("Users"), may("admin") ? [add] : []),
    !session.required && h("p.about", t("Nobody has to sign in yet: whoever reaches this address is an administrator. The first user changes that.")),
    may("admin") && h("section.panel", { "aria-label": t("Users") }, people),
    panel(t("Tokens"), { controls: [h("button", { type: "button", onclick: () => askToken(load) }, t("Make a token"))] }, tokens),
  ]);
  load();
  return {};
}

function userTable(users, done) {
  return simpleTable(["Name", "Role", "State", "Last signed in", "Sessions", ""], users.map((one) => [
    one.name, t(one.role), sign(one.disabled ? "maintenance" : "up", one.disabled ? t("disabled") : t("may sign in")),
    one.lastSignIn ? clockTime(one.lastSignIn) : t("never"), whole(one.sessions ?? 0),
    h("span.row-buttons",
      h("button", { type: "button", onclick: () => askFirst({
        title: t("Change {name}", { name: one.name }), confirm: t("Save"), done: t("{name} is changed", { name: one.name }),
        fields: [
          { name: "role", label: t("Role"), value: one.role, options: roleOptions() },
          { name: "password", label: t("New password; empty leaves it"), type: "password", autocomplete: "new-password" },
          { name: "disabled", label: t("May not sign in"), type: "checkbox", value: one.disabled },
        ],
        act: async ({ role, password, disabled }) => { await call("PUT", `v1/users/${part(one.name)}`, { role, disabled, password: password || undefined }); done(); },
      }) }, t("Change")),
      h("button", { type: "button", onclick: () => askFirst({
        title: t("Remove {name}?", { name: one.name }), text: t("Sessions and tokens go as well."), confirm: t("Remove"), danger: true, done: t("{name} is removed", { name: one.name }),
        act: async () => { await call("DELETE", `v1/users/${part(one.name)}`); done(); },
      }) }, t("Remove"))),
  ]), 4);
}

function askUser(done) {
  askFirst({
    title: t("Add a user"), confirm: t("Add"), done: t("The user is there"),
    fields: [
      { name: "name", label: t("Name"), required: true }, { name: "role", label: t("Role"), value: "viewer", options: roleOptions() },
      { name: "password", label: t("Password"), type: "password", required: true, autocomplete: "new-password" },
    ],
    act: async (body) => {
      await call("POST", "v1/users", body);
      // The first one makes everybody sign in, also who made it.
      await loadSession();
      if (isSignedOut()) openSignIn();
      else done();
    },
  });
}

function tokenTable(list, done) {
  return simpleTable(["Token", "For", "Of", "Ends", "Last used", ""], list.map((one) => [
    one.name, t(one.scope), one.owner ?? "", one.expires ? clockTime(one.expires) : t("never"), one.lastUsed ? ago(one.lastUsed) : t("never"),
    h("button", { type: "button", onclick: () => askFirst({
      title: t("Revoke {name}?", { name: one.name }), text: t("Programs that use it are refused from here on."), confirm: t("Revoke"), danger: true, done: t("{name} is revoked", { name: one.name }),
      act: async () => { await call("DELETE", `v1/tokens/${part(one.name)}`); done(); },
    }) }, t("Revoke")),
  ]));
}

function askToken(done) {
  askFirst({
    title: t("Make a token"), text: t("It is shown once, and kept only as its hash."), confirm: t("Make it"),
    fields: [
      { name: "name", label: t("Name"), required: true },
      { name: "scope", label: t("For"), value: "viewer", options: [["metrics", t("metrics")], ...roleOptions().filter(([role]) => may(role))] },
      { name: "expires", label: t("Holds"), value: "7776000", options: [["86400", "24 h"], ["2592000", "30 d"], ["7776000", "90 d"], ["", "until it is revoked"]].map(([value, text]) => [value, t(text)]) },
    ],
    act: async ({ name, scope, expires }) => {
      const { token } = await call("POST", "v1/tokens", { name, scope, expires: expires ? Number(expires) : undefined });
      done();
      return token;
    },
    done: (token) => { show(t("Your token"), h("p", t("Keep it now: it is not shown again.")), h("p.secret", h("code", token))); },
  });
}
