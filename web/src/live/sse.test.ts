import { describe, expect, it } from "vitest";

import { EventParser } from "./sse";

describe("EventParser", () => {
  it("gives an event its type, its data and its id", () => {
    const parser = new EventParser();
    expect(parser.push('id: b1-7\nevent: device.removed\ndata: {"fingerprint":"ab"}\n\n')).toEqual([{ type: "device.removed", data: '{"fingerprint":"ab"}' }]);
    expect(parser.lastId).toBe("b1-7");
  });

  it("puts an event together that comes in pieces, wherever they are cut", () => {
    const text = "id: x-1\r\nevent: stats\r\ndata: one\r\ndata: two\r\n\r\n: comment\n\ndata: three\n\n";
    for (let cut = 1; cut < text.length; cut++) {
      const parser = new EventParser();
      const events = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
      expect(events, `cut at ${cut}`).toEqual([
        { type: "stats", data: "one\ntwo" },
        { type: "message", data: "three" },
      ]);
      expect(parser.lastId).toBe("x-1");
    }
  });

  it("takes an id that stands alone, but only once its block is complete", () => {
    const parser = new EventParser();
    expect(parser.push("retry: 1000\nid: boot-3\n")).toEqual([]);
    expect(parser.lastId).toBeNull();
    expect(parser.push("\n")).toEqual([]);
    expect(parser.lastId).toBe("boot-3");
  });

  it("drops a block without data, comments and fields it does not know", () => {
    const parser = new EventParser();
    expect(parser.push(":\n\nevent: stats\n\nfoo: bar\nretry\n\ndata\n\n")).toEqual([{ type: "message", data: "" }]);
  });

  it("does not carry a type over to the next event", () => {
    const parser = new EventParser();
    expect(parser.push("event: a\ndata: 1\n\ndata: 2\n\n").map(({ type }) => type)).toEqual(["a", "message"]);
  });
});
