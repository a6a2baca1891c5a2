import { describe, expect, it } from "vitest";
import { Text, textFor } from "../../packages/core/src/text.ts";

describe("a text", () => {
  it("is plain or given by locale, trimmed", () => {
    expect(Text(20).parse("  Opening night ")).toBe("Opening night");
    expect(Text(20).parse({ en: " Opening night", "it-IT": "Serata inaugurale " })).toEqual({ en: "Opening night", "it-IT": "Serata inaugurale" });
  });

  it("is never empty nor longer than it may be, in any locale", () => {
    for (const text of ["", "   ", "x".repeat(21), {}, { en: "" }, { en: "x".repeat(21) }, { en: "fine", it: " " }])
      expect(Text(20).safeParse(text).success, JSON.stringify(text)).toBe(false);
  });

  it("is kept under locales only", () => {
    for (const locale of ["english", "e", "EN", "en_GB", "it-", "1"]) expect(Text(20).safeParse({ [locale]: "text" }).success, locale).toBe(false);
  });
});

describe("a reader", () => {
  const texts = { it: "Serata inaugurale", en: "Opening night", "de-AT": "Eröffnungsabend" };

  it("gets the asked locale, else its language, else English, else the first text", () => {
    expect(textFor(texts, "de-AT")).toBe("Eröffnungsabend");
    expect(textFor(texts, "it-CH")).toBe("Serata inaugurale");
    expect(textFor(texts, "fr")).toBe("Opening night");
    expect(textFor(texts)).toBe("Opening night");
    expect(textFor({ it: "Serata", fr: "Soirée" }, "de")).toBe("Serata");
  });

  it("of a plain text gets it in every locale", () => {
    expect(textFor("Opening night", "it")).toBe("Opening night");
  });

  it("gets a text whatever locale they ask for", () => {
    for (const locale of ["", "-", "constructor", "toString", "__proto__"]) expect(typeof textFor(texts, locale), locale).toBe("string");
  });
});
