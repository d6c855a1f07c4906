const KEY = "kimi-chat-page.conversation";
const STATES = new Set(["running", "finished", "stopped", "failed"]);

/**
 * What was said, as plain data: `{role: "user", text}` and `{role: "assistant", text, reasoning, thoughtSeconds, state,
 * usage, done, failure}`. Kept for this tab, so that it survives a reload and goes with the tab.
 */
export class Conversation {
  turns = [];

  /** The messages to send. */
  get messages() {
    return this.turns.filter((turn, i) => turn.text.trim() !== "" && !this.#hopeless(i)).map((turn) => ({
      role: turn.role,
      content: turn.text,
      ...(turn.reasoning && { reasoning: turn.reasoning }),
    }));
  }

  /** A message that the service rejected for good would make it reject all that come after it too. */
  #hopeless(i) {
    const [turn, next] = [this.turns[i], this.turns[i + 1]];
    return turn.role === "user" && next?.state === "failed" && next.text === "" && next.failure?.retryable !== true;
  }

  /** Keeps it; false when the browser has no room for it. */
  save() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.turns));
      return true;
    } catch {
      return false;
    }
  }

  clear() {
    this.turns = [];
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // Without storage nothing was kept.
    }
  }

  static load() {
    const conversation = new Conversation();
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
      conversation.turns = Array.isArray(kept) && kept.every(readable) ? kept : [];
    } catch {
      // What cannot be read is no conversation.
    }
    conversation.turns.filter((turn) => turn.state === "running").forEach((turn) => {
      turn.state = "failed";
      turn.failure = { kind: "interrupted", retryable: true };
    });
    return conversation;
  }
}

function readable(turn) {
  return typeof turn?.text === "string"
      && (turn.role === "user" || (turn.role === "assistant" && typeof turn.reasoning === "string" && STATES.has(turn.state)));
}
