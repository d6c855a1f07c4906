import { button, make } from "./dom.js";
import { failureFacts, failureWords, moment, span, words } from "./words.js";

const HOUR = 3600;
const TICK_MILLIS = 250;

/** Says what went wrong, what to do about it and, where asking again can help, from when. */
export class FailureNote {
  element;
  #at;
  #again;
  #when = make("p", "when");
  #ticker = 0;
  #say;

  /** @param actions `retry()`, and `say(words)` for those who hear the page */
  constructor(failure, { retry, say }) {
    const { title, advice } = failureWords(failure.kind);
    this.#say = say;
    this.element = make("div", "failure", make("h3", "", title), make("p", "advice", advice));
    if (failure.retryable === true) {
      this.#again = button(words.retry, "retry", retry);
      this.#at = Date.parse(failure.retryAt ?? "");
      if (this.#at > Date.now()) {
        this.#when.textContent = moment(this.#at, Date.now());
        this.#again.disabled = true;
        this.#ticker = setInterval(() => this.#tick(), TICK_MILLIS);
        this.#tick();
      }
      this.element.append(this.#when, this.#again);
    }
    const facts = failureFacts(failure);
    if (facts.length > 0) {
      this.element.append(make("p", "detail", facts.join(" · ")));
    }
  }

  /** Leaves what happened, and takes away what to do about it. */
  retire() {
    clearInterval(this.#ticker);
    this.element.querySelectorAll("button, .advice, .when").forEach((part) => part.remove());
  }

  #tick() {
    const left = Math.ceil((this.#at - Date.now()) / 1000);
    if (left > 0) {
      this.#again.textContent = left < HOUR ? words.retryIn(span(left)) : words.retry;
      return;
    }
    clearInterval(this.#ticker);
    this.#again.disabled = false;
    this.#again.textContent = words.retry;
    this.#when.remove();
    this.#say(words.retryNow);
  }
}
