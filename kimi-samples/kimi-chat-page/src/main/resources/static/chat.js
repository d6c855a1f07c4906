import { serverSentEvents } from "./sse.js";

const EVENTS = new Set(["reasoning", "text", "usage", "done", "failed"]);

/** A failure as plain data: its `kind`, whether it is `retryable` and, where known, `retryAt` and facts about it. */
export class ChatFailure extends Error {
  constructor(facts) {
    super(facts.kind);
    this.facts = facts;
  }
}

/**
 * Sends the conversation and yields `{type, data}` for each event of the response, up to and including `done`.
 * Throws a ChatFailure for everything else, except that aborting the signal throws the signal's own AbortError.
 */
export async function* respond(messages, signal) {
  const response = await post(messages, signal);
  if (!response.ok || response.body === null) {
    throw new ChatFailure(rejection(response.status));
  }
  try {
    for await (const { type, data } of serverSentEvents(response.body)) {
      if (!EVENTS.has(type)) {
        continue;
      }
      const parsed = JSON.parse(data);
      if (type === "failed") {
        throw new ChatFailure(parsed);
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
    throw new ChatFailure({ kind: "interrupted", retryable: true });
  }
  throw new ChatFailure({ kind: "interrupted", retryable: true });
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
    throw signal.aborted ? failure : new ChatFailure({ kind: "unreachable", retryable: true });
  }
}

function rejection(status) {
  const kind = status === 413 ? "too-long" : status >= 500 ? "application" : "invalid-message";
  return { kind, retryable: status >= 500, status };
}
