import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EventIdSchema, ID_PREFIXES, idSchema, keyedId, newId } from "../../packages/core/src/id.ts";

const prefixes = Object.values(ID_PREFIXES);
const words = fc.array(fc.string(), { maxLength: 4 });

afterEach(() => {
  vi.useRealTimers();
});

describe("a new id", () => {
  it("says what it names and is accepted where it is asked for", () => {
    for (const prefix of prefixes) expect(idSchema(prefix).parse(newId(prefix))).toMatch(new RegExp(`^${prefix}_[0-9A-Z]{26}$`));
  });

  it("is never made twice, and sorts by the millisecond it was made in", () => {
    vi.useFakeTimers();
    const ids = Array.from({ length: 1_000 }, (_, ms) => {
      vi.setSystemTime(Date.UTC(2026, 10, 2) + ms);
      return newId("ord");
    });
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.toSorted()).toEqual(ids);
  });
});

describe("a keyed id", () => {
  it("is the same for the same words and another for others, or under another key", () => {
    expect(keyedId("per", "key", ["email", "anna@example.com"])).toBe("per_A0JEXHTVZSTWH4FMWJJWS07HEC");
    fc.assert(
      fc.property(words, words, fc.string(), (a, b, key) => {
        expect(keyedId("per", key, a) === keyedId("per", key, b)).toBe(JSON.stringify(a) === JSON.stringify(b));
        expect(keyedId("per", key, a)).not.toBe(keyedId("per", `${key}x`, a));
      }),
    );
  });

  it("is accepted where an id is asked for", () => {
    fc.assert(
      fc.property(words, (some) => {
        expect(idSchema("per").safeParse(keyedId("per", "key", some)).success).toBe(true);
      }),
    );
  });
});

describe("an id that somebody sends", () => {
  const id = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

  it("is refused, with an example, when it is anything but an id of that kind", () => {
    for (const wrong of [
      "",
      "evt_",
      id.toLowerCase(),
      `${id}0`,
      id.slice(0, -1),
      id.replace("evt", "ord"),
      `${id}\n`,
      ` ${id}`,
      `${id}#x`,
      `${id}-`,
      `${id}-12345`,
      id.replace("K", "I"),
    ]) {
      expect(EventIdSchema.safeParse(wrong).error?.issues[0]?.message, JSON.stringify(wrong)).toBe("Expected an id like evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3.");
    }
    expect(EventIdSchema.parse(id)).toBe(id);
  });

  it("may carry the number of a ticket in its order", () => {
    expect(idSchema("tkt").parse("tkt_01J8Z3K4M5N6P7Q8R9S0T1V2W3-12")).toBe("tkt_01J8Z3K4M5N6P7Q8R9S0T1V2W3-12");
  });
});
