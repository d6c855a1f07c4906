import { serverSentEvents } from "./sse.js";

const EVENTS = new Set(["reasoning", "text", "usage", "done", "failed"]);

/** A failure with the kind and, where known, the words and the time the application gave. */
export class ChatFailure extends Error {
  constructor(kind, { message = "", retryAt } = {}) {
    super(message);
    this.kind = kind;
    this.retryAt = retryAt;
  }
}

/**
 * Sends the conversation and yields `{type, data}` for each event of the answer, up to and including `done`.
 * Throws a ChatFailure for everything else, except that aborting the signal throws the signal's own AbortError.
 */
export async function* answer(messages, signal) {
  const response = await post(messages, signal);
  if (!response.ok || response.body === null) {
    throw new ChatFailure("http", { message: await refusal(response) });
  }
  try {
    for await (const { type, data } of serverSentEvents(response.body)) {
      if (!EVENTS.has(type)) {
        continue;
      }
      const parsed = JSON.parse(data);
      if (type === "failed") {
        throw new ChatFailure(parsed.kind, parsed);
      }
      yield { type, data: parsed };
      if (type === "done") {
        return;
      }
    }
  } catch (failure) {
    if (failure instanceof ChatFailure || signal.aborted) {
      throw failure;
    }
    throw new ChatFailure("interrupted");
  }
  throw new ChatFailure("interrupted");
}

async function post(messages, signal) {
  try {
    return await fetch("api/chat", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify({ messages }),
      signal,
    });
  } catch (failure) {
    throw signal.aborted ? failure : new ChatFailure("unreachable");
  }
}

async function refusal(response) {
  try {
    return (await response.json()).message ?? "";
  } catch {
    return `The application answered with status ${response.status}.`;
  }
}
