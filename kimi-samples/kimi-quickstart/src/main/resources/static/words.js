const whole = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const HOUR = 3600;
const DAY = 86400;

const FAILURES = {
  "rate-limit": ["Too many requests just now", "The service limits how often it may be asked. Wait a moment, then retry."],
  overloaded: ["The model is overloaded", "The service has more work than it can take. Wait a moment, then retry."],
  quota: ["The quota is used up", "Top up the account or wait until its quota is renewed, then retry."],
  authentication: ["The API key was not accepted", "Check the key this application was started with, then retry."],
  "invalid-request": ["The request was not accepted", "Change or shorten the message, or start a new chat."],
  truncated: ["The answer broke off", "The connection to the model was lost before the answer was complete. Retry to ask again."],
  timeout: ["The answer took too long", "Nothing came from the model in the time allowed. Retry, or ask for less at once."],
  server: ["The model's service had a fault", "This is not caused by your message. Retry in a moment."],
  rejected: ["This application is busy", "It already has as many questions under way as it may. Wait a moment, then retry."],
  other: ["The answer could not be fetched", "Retry; if it happens again, look at the application's log."],
  http: ["The application refused the message", "Change the message or start a new chat, then retry."],
  unreachable: ["The application cannot be reached", "Check that it is still running, then retry."],
  interrupted: ["The answer was interrupted", "The stream ended before the answer was complete. Retry to ask again."],
};

/** What happened and what to do, for a kind of failure. */
export function failureWords(kind) {
  const [title, advice] = FAILURES[kind] ?? FAILURES.other;
  return { title, advice };
}

/** When the service may be asked again, or null if that time is unknown. */
export function retryWords(retryAt, now) {
  const at = Date.parse(retryAt ?? "");
  if (Number.isNaN(at)) {
    return null;
  }
  const seconds = Math.ceil((at - now) / 1000);
  if (seconds <= 0) {
    return "You can retry now.";
  }
  if (seconds < HOUR) {
    return `You can retry in ${span(seconds)}, at ${clock.format(at)}.`;
  }
  return seconds < DAY ? `You can retry at ${clock.format(at)}.` : `You can retry on ${day.format(at)}.`;
}

export function span(seconds) {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The quiet line under an answer, as a list of short pieces. */
export function statistics(usage, done) {
  const pieces = [];
  if (known(usage?.promptTokens)) {
    pieces.push(`${whole.format(usage.promptTokens)} tokens in${aside(usage.cachedTokens, "cached")}`);
  }
  if (known(usage?.completionTokens)) {
    pieces.push(`${whole.format(usage.completionTokens)} out${aside(usage.reasoningTokens, "reasoning")}`);
  }
  if (known(done?.firstTokenMillis)) {
    pieces.push(`first token ${(done.firstTokenMillis / 1000).toFixed(done.firstTokenMillis < 1000 ? 2 : 1)} s`);
  }
  if (known(done?.tokensPerSecond)) {
    pieces.push(`${done.tokensPerSecond.toFixed(done.tokensPerSecond < 10 ? 1 : 0)} tokens/s`);
  }
  const ending = endingWords(done?.finishReason);
  return ending === null ? pieces : [...pieces, ending];
}

function endingWords(reason) {
  switch (reason) {
    case undefined:
    case null:
    case "stop":
      return null;
    case "length":
      return "cut off at the length limit";
    case "content_filter":
      return "ended by the content filter";
    case "tool_calls":
      return "ended with a tool call";
    default:
      return `ended with “${reason}”`;
  }
}

function known(number) {
  return typeof number === "number" && Number.isFinite(number) && number >= 0;
}

function aside(number, name) {
  return known(number) && number > 0 ? ` (${whole.format(number)} ${name})` : "";
}
