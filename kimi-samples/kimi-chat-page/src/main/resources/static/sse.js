/**
 * Reads a body as server-sent events, following the WHATWG rules: any of CR, LF, CRLF ends a line, several data
 * lines are joined, comments and unknown fields are skipped, and an event cut off by the end of the body is dropped.
 */
export async function* serverSentEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      yield* parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Leaving the loop early must also stop the server; after a normal end this does nothing.
    reader.cancel().catch(() => {});
  }
}

export class EventParser {
  #rest = "";
  #afterCarriageReturn = false;
  #type = "";
  #data = [];

  /** Takes the next piece of the body and returns the events it completes. */
  feed(piece) {
    let text = piece;
    if (this.#afterCarriageReturn && text !== "") {
      // A CRLF may be split between two pieces; its LF must not count as an empty line.
      this.#afterCarriageReturn = false;
      text = text.startsWith("\n") ? text.slice(1) : text;
    }
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop();
    this.#afterCarriageReturn ||= text.endsWith("\r");
    const events = [];
    for (const line of lines) {
      this.#line(line, events);
    }
    return events;
  }

  #line(line, events) {
    if (line === "") {
      this.#dispatch(events);
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") {
      this.#data.push(value);
    } else if (field === "event") {
      this.#type = value;
    }
  }

  #dispatch(events) {
    if (this.#data.length > 0) {
      events.push({ type: this.#type || "message", data: this.#data.join("\n") });
    }
    this.#type = "";
    this.#data = [];
  }
}
