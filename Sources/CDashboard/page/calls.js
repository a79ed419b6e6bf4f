// Calls of the admin API.

let csrf = null; // Goes with every change, once there is a session.

class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.message ?? t("Ballast answered {status}.", { status }));
    this.status = status;
    this.code = problem?.code ?? "";
    this.details = problem?.details ?? [];
  }
}

/** Calls the API; an error carries the sentence that Ballast answered. */
async function call(method, path, body) {
  const answer = await ask(method, path, body);
  if (answer.status === 204) return null;
  return answer.json();
}

async function ask(method, path, body, headers = {}) {
  const options = { method, headers: { Accept: "application/json", ...headers } };
  if (csrf && method !== "GET") options.headers["X-Ballast-CSRF"] = csrf;
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error(t("Ballast cannot be reached."));
  }
  if (!answer.ok) {
    const value = await answer.json().catch(() => null);
    const refusal = new Refusal(answer.status, value?.error);
    if (answer.status === 401 && !path.startsWith("v1/session")) sessionEnded();
    throw refusal;
  }
  return answer;
}

const part = encodeURIComponent;
const pathOf = ({ service, name }) => `v1/servers/${part(service)}/${part(name)}`;

/** For what is only shown: a refusal becomes a word at the foot of the page. */
function quietly(promise) {
  return promise.catch((problem) => {
    if (problem.status !== 401) toast(problem.message, true);
    return null;
  });
}
