import { StreamText } from "./stream-text.js";
import { failureWords, retryWords, span, statistics } from "./words.js";

const TICK_MILLIS = 250;
const AT_BOTTOM = 24;

function make(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function button(label, className, action) {
  const made = make("button", className, label);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

export function question(text) {
  const words = make("div", "words", text);
  words.dir = "auto";
  return make("article", "turn question", make("h2", "unseen", "You"), words);
}

/** One answer on the page, from the first sign of life to its closing line. */
export class AnswerView {
  element;
  #text;
  #prose = make("div", "prose");
  #thinking = null;
  #foot = make("div", "foot");
  #retry;
  #copy;
  #ticker = 0;
  #frame = 0;
  #restUntil = 0;
  #asked = performance.now();
  #waiting = make("p", "waiting", "Waiting for the model…");

  /** @param actions `copy(text, button)` and `retry()`, called on the reader's wish */
  constructor(actions) {
    this.#text = new StreamText(this.#prose);
    this.#prose.dir = "auto";
    this.#copy = button("Copy answer", "quiet copy", () => actions.copy(this.text, this.#copy));
    this.#retry = button("Try again", "quiet again", actions.retry);
    const moon = make("span", "moon");
    moon.setAttribute("aria-hidden", "true");
    this.element = make("article", "turn answer running", moon, make("h2", "unseen", "Answer"), this.#waiting, this.#prose, this.#foot);
    this.element.setAttribute("aria-busy", "true");
    this.#ticker = setInterval(() => this.#tick(), TICK_MILLIS);
  }

  get text() {
    return this.#text.source;
  }

  get reasoning() {
    return this.#thinking?.reasoning ?? "";
  }

  addReasoning(text) {
    this.#waiting.remove();
    if (this.#thinking === null) {
      this.#thinking = new Thinking();
      this.#prose.before(this.#thinking.element);
    }
    this.#thinking.append(text);
  }

  /** @param drawn called after each time the page has changed */
  addText(text, drawn) {
    this.#waiting.remove();
    this.#thinking?.finish();
    this.#text.append(text);
    this.#frame ||= requestAnimationFrame(() => this.#draw(drawn));
  }

  #draw(drawn) {
    this.#frame = 0;
    const began = performance.now();
    if (began < this.#restUntil) {
      this.#frame = requestAnimationFrame(() => this.#draw(drawn));
      return;
    }
    this.#text.draw(true);
    drawn();
    // However slow a block is to draw, three quarters of the time stay free for typing and scrolling.
    const now = performance.now();
    this.#restUntil = now + 3 * (now - began);
  }

  finish(usage, done) {
    this.#settle();
    if (this.text.trim() === "") {
      this.#prose.append(make("p", "note", done.finishReason === "length"
          ? "The length limit was used up before the answer began."
          : "The model ended without an answer."));
    }
    this.#close(statistics(usage, done), done.model);
  }

  stopped(usage) {
    this.#settle();
    this.#close([...statistics(usage, null), "stopped by you"]);
  }

  failed(failure) {
    this.#settle();
    this.element.classList.add("broken");
    this.#foot.before(new FailureNote(failure, () => this.#retry.click()).element);
    this.#close([]);
    this.#retry.hidden = true;
  }

  /** Only the newest answer may be asked for again. */
  retire() {
    this.#retry.remove();
    this.element.querySelectorAll(".failure button, .failure .advice, .failure .when").forEach((part) => part.remove());
  }

  #tick() {
    this.#thinking?.tick();
    const waited = Math.floor((performance.now() - this.#asked) / 1000);
    if (waited > 0) {
      this.#waiting.textContent = `Waiting for the model… ${span(waited)}`;
    }
  }

  #settle() {
    clearInterval(this.#ticker);
    cancelAnimationFrame(this.#frame);
    this.#waiting.remove();
    this.#thinking?.finish();
    this.#text.draw(false);
    this.element.classList.remove("running");
    this.element.setAttribute("aria-busy", "false");
  }

  #close(pieces, model) {
    const line = make("p", "statistics");
    pieces.forEach((piece) => line.append(make("span", "", piece)));
    line.title = model ? `Answered by ${model}` : "";
    this.#copy.hidden = this.text === "";
    this.#foot.replaceChildren(make("div", "actions", this.#copy, this.#retry), line);
  }
}

/** The folded reasoning above an answer. */
class Thinking {
  element;
  #summary = make("summary", "", "Thinking…");
  #text = document.createTextNode("");
  #body = make("div", "thoughts", this.#text);
  #began = performance.now();
  #finished = false;

  constructor() {
    this.#body.dir = "auto";
    this.#body.tabIndex = 0;
    this.element = make("details", "thinking", this.#summary, this.#body);
  }

  get reasoning() {
    return this.#text.data;
  }

  append(text) {
    const { scrollHeight, scrollTop, clientHeight } = this.#body;
    this.#text.appendData(text);
    if (scrollHeight - scrollTop - clientHeight < AT_BOTTOM) {
      this.#body.scrollTop = this.#body.scrollHeight;
    }
  }

  tick() {
    if (!this.#finished) {
      this.#summary.textContent = `Thinking… ${span(this.#seconds())}`;
    }
  }

  finish() {
    if (!this.#finished) {
      this.#finished = true;
      const seconds = this.#seconds();
      this.#summary.textContent = seconds < 1 ? "Thought for less than 1 s" : `Thought for ${span(seconds)}`;
    }
  }

  #seconds() {
    return Math.floor((performance.now() - this.#began) / 1000);
  }
}

/** Says what went wrong, what to do about it and, counting down, when. */
class FailureNote {
  element;

  constructor(failure, retry) {
    const { title, advice } = failureWords(failure.kind);
    const again = button("Retry", "retry", retry);
    this.element = make("div", "failure", make("h3", "", title), make("p", "advice", advice));
    this.#countDown(failure.retryAt);
    if (failure.message) {
      this.element.append(make("p", "detail", failure.message));
    }
    this.element.append(again);
  }

  #countDown(retryAt) {
    if (retryWords(retryAt, Date.now()) === null) {
      return;
    }
    const when = make("p", "when", retryWords(retryAt, Date.now()));
    this.element.append(when);
    const ticker = setInterval(() => {
      when.textContent = retryWords(retryAt, Date.now());
      if (!when.isConnected || Date.parse(retryAt) <= Date.now()) {
        clearInterval(ticker);
      }
    }, 1000);
  }
}
