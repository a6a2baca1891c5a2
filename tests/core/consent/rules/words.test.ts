import { expect, it } from "vitest";
import { meantBy } from "../../../../packages/core/src/consent/rules/words.ts";

it.each(["STOP", "stop!", " Stop. ", "Annulla", "UNSUBSCRIBE", "Stop all", "arrêt", "🛑 stop"])("%s takes consent back", (text) => {
  expect(meantBy(text)).toBe("withdrawn");
});

it.each(["START", "inizia", "Start."])("%s gives it again", (text) => {
  expect(meantBy(text)).toBe("granted");
});

it.each(["Don't stop", "Where do I start?", "", "the bus stop", "🙂", "1234"])("%s means nothing here", (text) => {
  expect(meantBy(text)).toBeUndefined();
});
