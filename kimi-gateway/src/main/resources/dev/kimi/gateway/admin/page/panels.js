import { byId, make, reconcile } from "./dom.js";
import { age, count, duration, millis, money, rate } from "./format.js";

const STATES = { ok: "Responding", warn: "Degraded", down: "Down", idle: "Idle" };
const FIFTEEN_SECONDS = 3;
const MINUTE = 12;
const FIVE_MINUTES = 60;
const LONG_WAIT = 10000;

/** The worst first: what an operator has to know before all else. */
export function showVerdict(overview, series) {
  const down = overview.endpoints.filter(({ light }) => light === "down");
  const warn = overview.endpoints.filter(({ light }) => light === "warn");
  const budget = series.sum("limitedByBudget", FIVE_MINUTES);
  let light = "ok";
  let words = "All endpoints respond";
  if (overview.endpoints.length > 0 && down.length === overview.endpoints.length) {
    [light, words] = ["down", `No endpoint responds: ${list(down)}`];
  } else if (down.length > 0) {
    [light, words] = ["down", `Down: ${list(down)}`];
  } else if (warn.length > 0) {
    [light, words] = ["warn", `Degraded: ${list(warn)}`];
  } else if (budget > 0) {
    [light, words] = ["warn", `${count(budget)} calls rejected because a key's budget is used up`];
  } else if (overview.endpoints.every((endpoint) => endpoint.light === "idle")) {
    [light, words] = ["idle", "Ready, no calls lately"];
  }
  verdict(light, words);
}

export function verdict(light, words) {
  byId("verdict").dataset.light = light;
  if (byId("verdict-words").textContent !== words) {
    byId("verdict-words").textContent = words;
  }
  document.title = light === "down" || light === "warn" ? `${STATES[light]} – kimi gateway` : "kimi gateway";
}

const list = (endpoints) => endpoints.map(({ name, reason }) => `${name} (${reason})`).join(", ");

function tile({ name, figure, unit, more, light }) {
  const value = make("dd", { className: "figure" }, figure);
  if (unit) {
    value.append(make("small", {}, unit));
  }
  return make("div", { className: "tile", "data-light": light ?? "" }, make("dt", {}, name), value, make("dd", { className: "more" }, more));
}

export function showTiles(overview, series, cost) {
  const [p50, unit] = millis(overview.firstEventP50);
  const limits = ["limitedByKey", "limitedByBudget", "limitedByService"].map((figure) => series.sum(figure, FIVE_MINUTES));
  const limited = limits.reduce((sum, one) => sum + one, 0);
  const failed = series.sum("failed", FIVE_MINUTES);
  const rejected = series.sum("rejected", FIVE_MINUTES);
  const tiles = [
    { name: "Requests", figure: rate(series.rate("requests", FIFTEEN_SECONDS)), unit: "/s", more: `${count(failed)} failed, ${count(rejected)} rejected in 5 min`, light: failed === 0 ? "" : failed * 10 < series.sum("requests", FIVE_MINUTES) ? "warn" : "down" },
    { name: "Streams open", figure: count(overview.streams), unit: "", more: overview.calls === 1 ? "1 call in flight" : `${count(overview.calls)} calls in flight` },
    { name: "Time to first event", figure: p50, unit, more: `p50 of the last minute; p95 ${duration(overview.firstEventP95)}`, light: overview.firstEventP95 > LONG_WAIT ? "warn" : "" },
    { name: "Tokens written", figure: rate(series.rate("reportedTokens", MINUTE)), unit: "/s", more: `${count(series.sum("reportedTokens", FIVE_MINUTES))} in 5 min` },
    { name: "Rate limited in 5 min", figure: count(limited), unit: "", more: `key ${count(limits[0])}, budget ${count(limits[1])}, service ${count(limits[2])}`, light: limited > 0 ? "warn" : "" },
    { name: "Cost today", figure: cost === null ? "–" : money(cost.today), unit: "", more: cost === null ? "no keys" : `${money(cost.month)} this month` },
  ];
  reconcile(byId("tiles"), tiles, ({ name }) => name, tile);
}

const CIRCUITS = { open: "down", "half-open": "warn", closed: "ok" };

function endpoint({ name, light, reason, protocol, service, model, lately, circuits }) {
  const { calls, failed, limited, firstEventP50 } = lately;
  const troubled = circuits.filter(({ state }) => state !== "closed");
  const rest = circuits.length - troubled.length;
  const chips = troubled.slice(0, 8).map((circuit) =>
      make("li", { className: "chip", "data-light": CIRCUITS[circuit.state] }, `${circuit.model}: ${circuit.state}`));
  if (rest > 0) {
    chips.push(make("li", { className: "chip" }, rest === 1 ? "1 circuit closed" : `${rest} circuits closed`));
  }
  const where = [service, protocol, model].filter((part) => part !== "").join(" · ");
  const made = make("li", { className: "endpoint", "data-light": light },
      make("i", { className: "light", "aria-hidden": "true" }), make("h3", {}, name), make("span", { className: "state" }, STATES[light]),
      make("p", { className: "reason" }, reason));
  if (where !== "") {
    made.append(make("p", {}, where));
  }
  made.append(make("p", {}, [`${count(calls)} calls`, `${count(failed)} failed`, `${count(limited)} limited`, `first event ${duration(firstEventP50)}`].join(" · ")));
  if (chips.length > 0) {
    made.append(make("ul", { className: "chips", "aria-label": "Circuits" }, ...chips));
  }
  return made;
}

export function showEndpoints({ endpoints }) {
  byId("no-endpoints").hidden = endpoints.length > 0;
  reconcile(byId("endpoints"), endpoints, ({ name }) => name, endpoint);
}

const cell = (label, className, ...children) => make("td", { className, "data-label": label }, ...children);
const PHASES = { admission: ["Admission", ""], waiting: ["Waiting", "warn"], streaming: ["Streaming", "ok"], sending: ["Sending", "ok"] };

function call({ operation, model, endpoint, keyName, phase, times, attempts, tokens }) {
  const [words, light] = PHASES[phase];
  const state = make("span", { className: "badge", "data-light": light }, words);
  const more = [operation === "chat" ? "" : operation, attempts > 1 ? `attempt ${attempts}` : ""].filter((part) => part !== "").join(", ");
  return make("tr", {},
      cell("Age", "number", age(times.ageMillis)),
      cell("State", "", state, more === "" ? "" : make("small", {}, ` ${more}`)),
      cell("Model", "", model ?? "–"),
      cell("Endpoint", "", endpoint ?? "–"),
      cell("Key", "", keyName ?? "–"),
      cell("First event", "number", duration(times.firstByteMillis)),
      cell("Tokens", "number", tokens > 0 ? count(tokens) : "–"));
}

export function showCalls({ oldest, calls }, nameOf) {
  byId("calls").hidden = oldest.length === 0;
  byId("no-calls").hidden = oldest.length > 0;
  byId("calls-count").textContent = calls > oldest.length ? `The ${oldest.length} oldest of ${count(calls)}` : `${count(calls)} in flight`;
  // Whole seconds, so that a row is not made anew for what nobody sees.
  const seconds = ({ ageMillis, firstByteMillis }) => ({ ageMillis: Math.floor(ageMillis / 1000) * 1000, firstByteMillis });
  const rows = oldest.map((one) => ({ ...one, times: seconds(one.times), keyName: nameOf(one.keyId) }));
  reconcile(byId("calls").tBodies[0], rows, ({ id }) => id, call);
}

const FULL_BUDGET = 500;

function client({ name, queued, sending, receiving, inBackOff, retryBudget, connections, maxConnections, waitingForConnection }) {
  const pool = connections < 0 ? "–" : `${count(connections)}${maxConnections > 0 ? ` of ${count(maxConnections)}` : ""}`;
  const share = Math.round(retryBudget * 100 / FULL_BUDGET);
  const meter = make("meter", { min: 0, max: 100, low: 20, high: 50, optimum: 100, value: share, "aria-label": `Retry budget of ${name}` });
  return make("tr", {},
      cell("Client", "wide", make("b", {}, name)),
      cell("Queued", "number", count(queued)),
      cell("Sending", "number", count(sending)),
      cell("Receiving", "number", count(receiving)),
      cell("In back-off", "number", count(inBackOff)),
      cell("Connections", "number", pool, waitingForConnection > 0 ? make("small", {}, ` ${count(waitingForConnection)} waiting`) : ""),
      cell("Retry budget", "", make("div", { className: "budget" }, make("span", {}, `${share} %`), meter)));
}

export function showEngine({ clients }) {
  reconcile(byId("engine").tBodies[0], clients, ({ name }) => name, client);
}
