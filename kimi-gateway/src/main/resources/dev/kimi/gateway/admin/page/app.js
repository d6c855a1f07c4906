import * as api from "./api.js";
import { Charts, Series } from "./charts.js";
import { byId, toast } from "./dom.js";
import { Keys } from "./keys.js";
import { showCalls, showEndpoints, showEngine, showTiles, showVerdict, verdict } from "./panels.js";

const charts = new Charts();
const keys = new Keys((problem) => problem.status === 401 && expired());
let series = new Series();

const feed = new api.Feed({
  figures(overview) {
    series.merge(overview.now, overview.series);
    showVerdict(overview, series);
    showTiles(overview, series, keys.cost);
    showEndpoints(overview);
    showCalls(overview, (id) => (id === null ? null : keys.nameOf(id)));
    showEngine(overview);
    charts.show(series);
  },
  state(name, words) {
    byId("link").dataset.state = name;
    if (byId("link-words").textContent !== words) {
      byId("link-words").textContent = words;
    }
    if (name === "lost") {
      verdict("down", "This page has lost the gateway; what is shown may be old");
    }
  },
  expired,
});

function expired() {
  leave();
  toast("Your session has ended: log in again");
}

function enter() {
  series = new Series();
  byId("login").hidden = true;
  byId("board").hidden = false;
  byId("logout").hidden = false;
  feed.start();
  keys.start();
}

function leave() {
  feed.stop();
  keys.stop();
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  byId("board").hidden = true;
  byId("logout").hidden = true;
  byId("login").hidden = false;
  byId("link").dataset.state = "off";
  byId("link-words").textContent = "Not logged in";
  byId("token").focus();
}

byId("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = byId("login-problem");
  const submit = event.target.querySelector("[type=submit]");
  problem.hidden = true;
  submit.disabled = true;
  try {
    await api.login(byId("token").value);
    event.target.reset();
    enter();
    byId("main").focus();
  } catch (failure) {
    problem.textContent = failure.message;
    problem.hidden = false;
    byId("token").select();
  }
  submit.disabled = false;
});

byId("logout").addEventListener("click", async () => {
  try {
    await api.logout();
  } catch (problem) {
    if (problem.status !== 401) {
      toast(`Could not log out: ${problem.message}`);
      return;
    }
  }
  leave();
});

const THEMES = ["auto", "light", "dark"];

function theme(name) {
  if (name === "auto") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = name;
  }
  byId("theme").textContent = `Theme: ${name}`;
  charts.recolour();
}

function stored() {
  try {
    const kept = localStorage.getItem("kimi-admin-theme");
    return THEMES.includes(kept) ? kept : "auto";
  } catch {
    return "auto";
  }
}

let chosen = stored();
theme(chosen);
byId("theme").addEventListener("click", () => {
  chosen = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length];
  theme(chosen);
  try {
    localStorage.setItem("kimi-admin-theme", chosen);
  } catch {
    // A browser that keeps nothing shows the theme until the page is left.
  }
});

async function begin() {
  try {
    if (await api.resume()) {
      enter();
    } else {
      leave();
    }
  } catch (problem) {
    byId("link").dataset.state = "lost";
    byId("link-words").textContent = problem.message;
    setTimeout(begin, 3000);
  }
}

begin();
