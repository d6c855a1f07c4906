import { button, make } from "./dom.js";
import { FailureNote } from "./failure.js";
import { Silence, Thinking } from "./progress.js";
import { StreamText } from "./stream-text.js";
import { statistics, words } from "./words.js";

const TICK_MILLIS = 250;

export function question(text) {
  const said = make("div", "words", text);
  said.dir = "auto";
  return make("article", "turn question", make("h2", "unseen", words.you), said);
}

/** One response on the page, from the first sign of life to its closing line. */
export class ResponseView {
  element;
  #actions;
  #text;
  #prose = make("div", "prose");
  #thinking = null;
  #silence;
  #failure = null;
  #foot = make("div", "foot");
  #retry;
  #copy;
  #ticker = 0;
  #frame = 0;
  #restUntil = 0;

  /** @param actions `copy(text, button)`, `retry()`, `stop()`, called on the reader's wish; `say(words)`, `follow()` */
  constructor(actions) {
    this.#actions = actions;
    this.#text = new StreamText(this.#prose);
    this.#prose.dir = "auto";
    this.#copy = button(words.copyResponse, "quiet copy", () => actions.copy(this.text, this.#copy));
    this.#retry = button(words.again, "quiet again", actions.retry);
    this.#silence = new Silence(actions);
    const moon = make("span", "moon");
    moon.setAttribute("aria-hidden", "true");
    this.element = make("article", "turn response running", moon, make("h2", "unseen", words.response), this.#prose,
        this.#silence.element, this.#foot);
    this.element.setAttribute("aria-busy", "true");
    this.#ticker = setInterval(() => this.#tick(), TICK_MILLIS);
  }

  get text() {
    return this.#text.source;
  }

  get reasoning() {
    return this.#thinking?.reasoning ?? "";
  }

  get thoughtSeconds() {
    return this.#thinking?.took;
  }

  /** Takes what had arrived before the page was loaded again. */
  restore({ text, reasoning, thoughtSeconds }) {
    if (reasoning !== "") {
      this.#think(new Thinking(thoughtSeconds ?? 0));
      this.#thinking.append(reasoning);
    }
    this.#text.append(text);
  }

  addReasoning(text) {
    this.#silence.broken();
    if (this.#thinking === null) {
      this.#think(new Thinking());
    }
    this.#thinking.append(text);
  }

  #think(thinking) {
    this.#thinking = thinking;
    this.#prose.before(thinking.element);
  }

  /** @param drawn called after each time the page has changed */
  addText(text, drawn) {
    this.#silence.broken();
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
      this.#prose.append(make("p", "note",
          { length: words.emptyLength, content_filter: words.emptyFilter }[done.finishReason] ?? words.empty));
    }
    this.#close(statistics(usage, done), done.model);
    // The same content would meet the same filter.
    this.#retry.hidden = done.finishReason === "content_filter";
  }

  stopped(usage) {
    this.#settle();
    this.#close([...statistics(usage, null), words.stoppedByYou]);
  }

  failed(failure) {
    this.#settle();
    this.element.classList.add("broken");
    this.#failure = new FailureNote(failure, this.#actions);
    this.#foot.before(this.#failure.element);
    this.#close([]);
    this.#retry.hidden = true;
  }

  /** Only the newest response may be requested again. */
  retire() {
    this.#retry.remove();
    this.#failure?.retire();
  }

  #tick() {
    this.#thinking?.tick();
    this.#silence.tick();
  }

  #settle() {
    clearInterval(this.#ticker);
    cancelAnimationFrame(this.#frame);
    this.#silence.element.remove();
    this.#thinking?.finish();
    this.#text.draw(false);
    this.element.classList.remove("running");
    this.element.setAttribute("aria-busy", "false");
  }

  #close(pieces, model) {
    const line = make("p", "statistics");
    pieces.forEach((piece) => line.append(make("span", "", piece)));
    line.title = model ? words.respondedBy(model) : "";
    this.#copy.hidden = this.text === "";
    this.#foot.replaceChildren(make("div", "actions", this.#copy, this.#retry), line);
  }
}
