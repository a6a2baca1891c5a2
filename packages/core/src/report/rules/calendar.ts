/**
 * Instants as the people of an event read them: its own day, and its own time with the offset that held then.
 *
 * Worked example, Europe/Rome: 2026-11-02T23:30:00.000Z → day 2026-11-03, 2026-11-03T00:30:00+01:00; in July +02:00.
 */
const formats = { day: "2-digit", hour: "2-digit", minute: "2-digit", month: "2-digit", second: "2-digit", year: "numeric" } as const;

/** Makes both for one time zone: the format is made once, because that is slow. */
export function calendarOf(timeZone: string): { dayOf(iso: string): string; timeOf(iso: string): string } {
  const format = new Intl.DateTimeFormat("en-GB", { ...formats, timeZone, hourCycle: "h23", timeZoneName: "longOffset" });
  const partsOf = (iso: string) => Object.fromEntries(format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  const dayIn = ({ year, month, day }: Record<string, string>) => `${year!.padStart(4, "0")}-${month}-${day}`;
  return {
    dayOf: (iso) => dayIn(partsOf(iso)),
    timeOf: (iso) => {
      const parts = partsOf(iso);
      return `${dayIn(parts)}T${parts["hour"]}:${parts["minute"]}:${parts["second"]}${parts["timeZoneName"]!.slice("GMT".length) || "+00:00"}`;
    },
  };
}
