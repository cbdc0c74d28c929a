// Server-sent events out of pieces of text, as the HTML standard says. Not EventSource: that one tells neither a 401 from a
// host that is away, nor lets a new connection carry on at the last id.

export interface ServerEvent {
  type: string;
  data: string;
}

export class EventParser {
  private rest = "";
  private type = "";
  private data: string[] = [];
  private id: string | null = null;
  private committed: string | null = null;

  /** The last id that the stream has named: what a new connection carries on from. A block may name one and nothing else. */
  get lastId(): string | null {
    return this.committed;
  }

  /** The events that this piece completes. */
  push(text: string): ServerEvent[] {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    const events: ServerEvent[] = [];
    for (const line of lines) {
      if (line !== "") {
        this.field(line);
      } else {
        this.committed = this.id;
        if (this.data.length) events.push({ type: this.type || "message", data: this.data.join("\n") });
        this.type = "";
        this.data = [];
      }
    }
    return events;
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment: it only keeps the connection open
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.type = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id" && !value.includes("\0")) this.id = value;
  }
}
