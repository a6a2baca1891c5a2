import * as z from "zod";

const LOCALE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** A line of text: trimmed, not empty, whole characters only (half of a surrogate pair cannot be kept). */
export function Line(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1, "Give at least one character.")
    .max(maxLength, `At most ${maxLength} characters.`)
    .refine((text) => !/\p{Surrogate}/u.test(text), "Contains half a character.");
}

/** A text that people read: plain, or by locale (`{ "en": "Opening night", "it": "Serata inaugurale" }`). */
export function Text(maxLength: number) {
  const plain = Line(maxLength);
  return z.union(
    [
      plain,
      z
        .record(z.string().regex(LOCALE, "Expected a locale like en or it-IT."), plain)
        .refine((texts) => Object.keys(texts).length > 0, "Give at least one locale."),
    ],
    `Expected a text of 1 to ${maxLength} characters, or such texts by locale: {"en": "…", "it": "…"}.`,
  );
}
export type Text = string | Record<string, string>;

/** The text for a reader: the asked locale, else its language, else English, else the first one. */
export function textFor(text: Text, locale = "en"): string {
  if (typeof text === "string") return text;
  const wanted = [locale, locale.split("-")[0]!, "en"].find((name) => Object.hasOwn(text, name));
  return (wanted === undefined ? Object.values(text)[0] : text[wanted]) ?? "";
}
