/** What the gateway says about a request that it did not do. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const API = "api";
let guard = "";

async function call(method, path, body) {
  const headers = {};
  if (body !== undefined) {
    headers["content-type"] = "application/json";
  }
  if (method !== "GET") {
    headers["x-csrf-token"] = guard;
  }
  let response;
  try {
    response = await fetch(`${API}/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Problem(0, "The gateway cannot be reached.");
  }
  const text = await response.text();
  const read = parse(text);
  if (!response.ok) {
    throw new Problem(response.status, read?.detail ?? `The gateway responded with status ${response.status}.`);
  }
  return read;
}

function parse(text) {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whether somebody is logged in. */
export async function resume() {
  try {
    guard = (await call("GET", "session")).guard;
    return true;
  } catch (problem) {
    if (problem.status === 401) {
      return false;
    }
    throw problem;
  }
}

export async function login(token) {
  guard = (await call("POST", "session", { token })).guard;
}

export const logout = () => call("DELETE", "session");
export const keys = () => call("GET", "keys");
export const issueKey = (terms) => call("POST", "keys", terms);
export const changeKey = (id, terms) => call("PATCH", `keys/${encodeURIComponent(id)}`, terms);
export const rotateKey = (id, overlapSeconds) => call("POST", `keys/${encodeURIComponent(id)}/rotate`, { overlapSeconds });
export const revokeKey = (id) => call("DELETE", `keys/${encodeURIComponent(id)}`);

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;
const SILENCE = 10000;

/**
 * Figures as they come. Reconnects by itself, later each time; is quiet while the page is not seen. Notifies its
 * listener of {@code figures(overview)}, {@code state(name, words)} and {@code expired()}.
 */
export class Feed {
  #listener;
  #source = null;
  #wait = FIRST_WAIT;
  #timer = 0;
  #silence = 0;
  #wanted = false;

  constructor(listener) {
    this.#listener = listener;
    document.addEventListener("visibilitychange", () => this.#looked());
    addEventListener("online", () => this.#looked());
  }

  start() {
    this.#wanted = true;
    this.#wait = FIRST_WAIT;
    this.#connect();
  }

  stop() {
    this.#wanted = false;
    this.#disconnect();
  }

  #looked() {
    if (!this.#wanted) {
      return;
    }
    if (document.visibilityState === "hidden") {
      this.#disconnect();
      this.#listener.state("off", "Paused");
    } else if (this.#source === null) {
      this.#wait = FIRST_WAIT;
      this.#connect();
    }
  }

  #connect() {
    this.#disconnect();
    const source = new EventSource(`${API}/events`);
    this.#source = source;
    source.onmessage = ({ data }) => {
      this.#wait = FIRST_WAIT;
      this.#watchSilence();
      this.#listener.state("live", "Live");
      this.#listener.figures(JSON.parse(data));
    };
    source.onerror = () => this.#lost();
    this.#watchSilence();
  }

  /** A connection whose other end is gone may say nothing for long. */
  #watchSilence() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE);
  }

  #disconnect() {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = null;
  }

  async #lost() {
    this.#disconnect();
    this.#listener.state("lost", "Connection lost");
    try {
      if (!await resume()) {
        this.#wanted = false;
        this.#listener.expired();
        return;
      }
    } catch {
      // The gateway cannot be reached: what follows tries again.
    }
    if (!this.#wanted) {
      return;
    }
    const seconds = Math.round(this.#wait / 1000);
    this.#listener.state("lost", `Connection lost, next try in ${seconds} s`);
    this.#timer = setTimeout(() => this.#connect(), this.#wait);
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
  }
}
