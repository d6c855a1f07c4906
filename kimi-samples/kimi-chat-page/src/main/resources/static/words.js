import { chinese } from "./words-zh.js";
import { english } from "./words-en.js";

/** Everything the page says, in the first language of the reader's browser, or in English. */
export const words = navigator.language.toLowerCase().startsWith("zh") ? chinese : english;

const place = words.language === "en" ? "en-GB" : words.language;
const whole = new Intl.NumberFormat(words.language);
const clock = new Intl.DateTimeFormat(place, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(place, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const DAY = 86_400_000;

/** Puts the reader's language where the document says `data-words`, `data-label` or `data-placeholder`. */
export function translate(root) {
  root.documentElement.lang = words.language;
  root.title = words.title;
  const put = (attribute, write) => root.querySelectorAll(`[${attribute}]`)
      .forEach((element) => write(element, words[element.getAttribute(attribute)]));
  put("data-words", (element, text) => { element.textContent = text; });
  put("data-label", (element, text) => element.setAttribute("aria-label", text));
  put("data-placeholder", (element, text) => { element.placeholder = text; });
}

/** What happened and what to do, for a kind of failure. */
export function failureWords(kind) {
  const [title, advice] = words.failures[kind] ?? words.failures.other;
  return { title, advice };
}

/** What helps to diagnose a failure: names and numbers that the service gave. */
export function failureFacts({ status, code, attempts, requestId }) {
  return [
    status > 0 ? words.httpStatus(status) : "",
    code ?? "",
    attempts > 1 ? words.attempts(attempts) : "",
    requestId ? words.requestId(requestId) : "",
  ].filter((fact) => fact !== "");
}

/** When the service accepts requests again. */
export function moment(at, now) {
  return at - now < DAY ? words.retryAt(clock.format(at)) : words.retryOn(day.format(at));
}

export function span(seconds) {
  return seconds < 60 ? words.seconds(seconds) : words.minutes(Math.floor(seconds / 60), seconds % 60);
}

/** The quiet line under a response, as a list of short pieces. */
export function statistics(usage, done) {
  const pieces = [];
  if (known(usage?.promptTokens)) {
    pieces.push(words.tokensIn(whole.format(usage.promptTokens), some(usage.cachedTokens)));
  }
  if (known(usage?.completionTokens)) {
    pieces.push(words.tokensOut(whole.format(usage.completionTokens), some(usage.reasoningTokens)));
  }
  if (known(done?.firstTokenMillis)) {
    pieces.push(words.firstToken((done.firstTokenMillis / 1000).toFixed(done.firstTokenMillis < 1000 ? 2 : 1)));
  }
  if (known(done?.tokensPerSecond)) {
    pieces.push(words.speed(done.tokensPerSecond.toFixed(done.tokensPerSecond < 10 ? 1 : 0)));
  }
  const reason = done?.finishReason ?? "stop";
  return reason === "stop" ? pieces : [...pieces, ending(reason)];
}

function ending(reason) {
  return Object.hasOwn(words.endings, reason) ? words.endings[reason] : words.endedWith(reason);
}

function known(number) {
  return typeof number === "number" && Number.isFinite(number) && number >= 0;
}

function some(number) {
  return known(number) && number > 0 ? whole.format(number) : "";
}
