import * as api from "./api.js";
import { askSure, editKey, showSecret } from "./dialogs.js";
import { byId, make, reconcile, toast } from "./dom.js";
import { count, day, money } from "./format.js";

const PACE = 5000;
const BADGES = { active: ["Active", "ok"], off: ["Off", "warn"], expired: ["Expired", "warn"], "not-yet": ["Not yet valid", ""], revoked: ["Revoked", ""] };

/** Loads the keys now and then while the page is seen, and does what the buttons say. */
export class Keys {
  #keys = [];
  #timer = 0;
  #running = false;
  #problem;

  /** @param problem gets what failed */
  constructor(problem) {
    this.#problem = problem;
    byId("issue").addEventListener("click", () => this.#issue());
    byId("show-revoked").addEventListener("change", () => this.#show());
    document.addEventListener("visibilitychange", () => this.#again(0));
  }

  start() {
    this.#running = true;
    this.#again(0);
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** Null where there are no keys whose cost is known. */
  get cost() {
    if (this.#keys.length === 0) {
      return null;
    }
    const sum = (figure) => this.#keys.reduce((all, { usage }) => all + usage[figure], 0);
    return { today: sum("spentToday"), month: sum("spentThisMonth") };
  }

  nameOf(id) {
    return this.#keys.find((key) => key.id === id)?.name ?? id;
  }

  #again(wait) {
    clearTimeout(this.#timer);
    if (this.#running && document.visibilityState !== "hidden") {
      this.#timer = setTimeout(() => this.#load(), wait);
    }
  }

  async #load() {
    try {
      const { enabled, more, keys } = await api.keys();
      this.#keys = keys;
      byId("issue").disabled = !enabled;
      byId("no-keys").textContent = enabled
          ? "No key has been issued. Issue one for each team, person or program that is to call."
          : "No store of keys is configured, so anybody who reaches the gateway may call, without limits.";
      byId("more-keys").hidden = more === 0;
      byId("more-keys").textContent = `${count(more)} more are not shown.`;
      this.#say(null);
      this.#show();
    } catch (problem) {
      this.#say(problem);
    }
    this.#again(PACE);
  }

  #say(problem) {
    byId("keys-problem").hidden = problem === null || problem.status === 401;
    byId("keys-problem").textContent = problem === null ? "" : problem.message;
    if (problem !== null) {
      this.#problem(problem);
    }
  }

  #show() {
    const shown = this.#keys.filter(({ state }) => state !== "revoked" || byId("show-revoked").checked);
    byId("keys").hidden = shown.length === 0;
    byId("no-keys").hidden = shown.length > 0;
    reconcile(byId("keys").tBodies[0], shown, ({ id }) => id, (key) => this.#row(key));
  }

  #row(key) {
    const [words, light] = BADGES[key.state];
    const name = make("div", { className: "name" }, make("b", {}, key.name), make("span", { className: "badge", "data-light": light }, words));
    const endings = key.endings.map((ending) => `…${ending}`).join(" ");
    const about = make("div", { className: "mono" }, [key.id, endings].filter((part) => part !== "").join(" "));
    const { limits, usage } = key;
    const inFlight = limits.concurrency > 0 ? `${count(usage.inFlight)} of ${count(limits.concurrency)}` : count(usage.inFlight);
    const cell = (label, className, ...children) => make("td", { className, "data-label": label }, ...children);
    return make("tr", { className: key.state === "revoked" ? "revoked" : "" },
        make("td", { className: "wide" }, name, about),
        cell("Today", "", budget(`Budget a day of ${key.name}`, usage.spentToday, limits.budgetPerDay)),
        cell("This month", "", budget(`Budget a month of ${key.name}`, usage.spentThisMonth, limits.budgetPerMonth)),
        cell("In flight", "", inFlight),
        cell("Limits", "", make("small", {}, restrictions(key))),
        make("td", { className: "wide" }, this.#actions(key)));
  }

  #actions(key) {
    if (key.state === "revoked") {
      return "";
    }
    const button = (action, words, className, run) =>
        make("button", { type: "button", className: `quiet ${className}`, "data-action": action, "aria-label": `${words} ${key.name}`, onclick: run }, words);
    return make("div", { className: "actions" },
        button("edit", "Edit", "", () => this.#edit(key)),
        button("rotate", "Rotate", "", () => this.#rotate(key)),
        button("revoke", "Revoke", "danger", () => this.#revoke(key)));
  }

  async #issue() {
    const issued = await editKey(null, (terms) => api.issueKey(terms));
    if (issued !== null) {
      this.#again(0);
      await showSecret(issued.key.name, issued.secret);
    }
  }

  async #edit(key) {
    if (await editKey(key, (terms) => api.changeKey(key.id, terms)) !== null) {
      toast(`${key.name} is changed`);
      this.#again(0);
    }
  }

  async #rotate(key) {
    const rotated = await askSure({
      title: `Rotate ${key.name}?`,
      words: "It gets new characters, which are shown once. Its limits and what it has cost stay.",
      yes: "Rotate",
      overlap: true,
      run: (overlap) => api.rotateKey(key.id, overlap),
    });
    if (rotated !== null) {
      this.#again(0);
      await showSecret(rotated.key.name, rotated.secret);
    }
  }

  async #revoke(key) {
    const revoked = await askSure({
      title: `Revoke ${key.name}?`,
      words: "Its next call is rejected, for good; calls that go on are not cut. This cannot be undone.",
      yes: "Revoke",
      danger: true,
      run: () => api.revokeKey(key.id),
    });
    if (revoked !== null) {
      toast(`${key.name} is revoked`);
      this.#again(0);
    }
  }
}

/** What was spent, and a bar where there is a budget. */
function budget(label, spent, most) {
  if (most === null) {
    return make("span", {}, money(spent));
  }
  const share = most > 0 ? spent / most : 1;
  const bar = make("meter", { min: 0, max: 1, low: 0.7, high: 0.9, optimum: 0, value: Math.min(1, share), "aria-label": label });
  return make("div", { className: "budget" }, make("span", {}, `${money(spent)} of ${money(most)}`), bar);
}

function restrictions({ limits, models, expires }) {
  const { requestsPerMinute, tokensPerMinute, sessionConcurrency } = limits;
  const parts = [];
  if (requestsPerMinute > 0) {
    parts.push(`${count(requestsPerMinute)} requests/min`);
  }
  if (tokensPerMinute > 0) {
    parts.push(`${count(tokensPerMinute)} tokens/min`);
  }
  if (sessionConcurrency > 0) {
    parts.push(`${count(sessionConcurrency)} calls a conversation`);
  }
  if (models.length > 0) {
    parts.push(models.join(", "));
  }
  if (expires !== null) {
    parts.push(`until ${day(expires)}`);
  }
  return parts.length === 0 ? "none" : parts.join(" · ");
}
