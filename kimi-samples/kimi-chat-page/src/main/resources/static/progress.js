import { button, make } from "./dom.js";
import { span, words } from "./words.js";

const AT_BOTTOM = 24;
const STALL_SECONDS = 5;
const seconds = (since) => Math.floor((performance.now() - since) / 1000);

/** The folded reasoning above a response. */
export class Thinking {
  element;
  #summary = make("summary", "", words.thinking);
  #text = document.createTextNode("");
  #body = make("div", "thoughts", this.#text);
  #began = performance.now();
  #took;

  /** @param took how many seconds it took, if it has ended already */
  constructor(took) {
    this.#body.dir = "auto";
    this.#body.tabIndex = 0;
    this.element = make("details", "thinking", this.#summary, this.#body);
    if (took !== undefined) {
      this.finish(took);
    }
  }

  get reasoning() {
    return this.#text.data;
  }

  get took() {
    return this.#took ?? seconds(this.#began);
  }

  append(text) {
    const { scrollHeight, scrollTop, clientHeight } = this.#body;
    this.#text.appendData(text);
    if (scrollHeight - scrollTop - clientHeight < AT_BOTTOM) {
      this.#body.scrollTop = this.#body.scrollHeight;
    }
  }

  tick() {
    if (this.#took === undefined) {
      this.#summary.textContent = words.thinkingFor(span(this.took));
    }
  }

  finish(took = this.took) {
    if (this.#took === undefined) {
      this.#took = took;
      this.#summary.textContent = took < 1 ? words.thoughtBriefly : words.thought(span(took));
    }
  }
}

/** Says that nothing comes: quietly before the first piece, and as a stall when it takes long. */
export class Silence {
  element;
  #actions;
  #words = make("p", "", words.waiting);
  #stop;
  #since = performance.now();
  #begun = false;

  /** @param actions `stop()`, `say(words)` for those who hear the page, and `follow()` for when it has grown */
  constructor(actions) {
    this.#actions = actions;
    this.#stop = button(words.stop, "quiet stop-stalled", actions.stop);
    this.#stop.hidden = true;
    this.element = make("div", "waiting", this.#words, this.#stop);
  }

  broken() {
    this.#since = performance.now();
    this.#begun = true;
    this.#show(false, "");
  }

  tick() {
    const silent = seconds(this.#since);
    const stalled = silent >= STALL_SECONDS;
    if (stalled) {
      this.#show(true, (this.#begun ? words.stalled : words.nothingYet)(span(silent)));
    } else if (!this.#begun && silent > 0) {
      this.#show(false, words.waitingFor(span(silent)));
    }
  }

  #show(stalled, text) {
    const begins = stalled && this.#stop.hidden;
    this.#words.textContent = text;
    this.#stop.hidden = !stalled;
    this.element.hidden = text === "";
    this.element.classList.toggle("stalled", stalled);
    if (begins) {
      // Heard once for each stall; the count that follows is for the eye.
      this.#actions.say(text);
      this.#actions.follow();
    }
  }
}
