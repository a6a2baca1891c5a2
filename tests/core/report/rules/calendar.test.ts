import { expect, it } from "vitest";
import { calendarOf } from "../../../../packages/core/src/report/rules/calendar.ts";

it.each([
  ["Europe/Rome", "2026-11-02T23:30:00.000Z", "2026-11-03", "2026-11-03T00:30:00+01:00"],
  ["Europe/Rome", "2026-07-02T12:00:00.000Z", "2026-07-02", "2026-07-02T14:00:00+02:00"],
  ["UTC", "2026-11-02T00:00:00.000Z", "2026-11-02", "2026-11-02T00:00:00+00:00"],
  ["America/New_York", "2026-11-02T03:00:00.000Z", "2026-11-01", "2026-11-01T22:00:00-05:00"],
  ["Asia/Kolkata", "2026-11-02T19:00:00.000Z", "2026-11-03", "2026-11-03T00:30:00+05:30"],
])("tells the day and the time of an event in %s", (zone, instant, day, time) => {
  const calendar = calendarOf(zone);
  expect([calendar.dayOf(instant), calendar.timeOf(instant)]).toEqual([day, time]);
});

it("names the same instant that it was given, across the hour that happens twice", () => {
  const { timeOf } = calendarOf("Europe/Rome");
  for (const instant of ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]) expect(new Date(timeOf(instant)).toISOString()).toBe(instant);
});
