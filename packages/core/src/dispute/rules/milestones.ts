/**
 * Which milestones a dispute has passed when its standing changes. Readings of the provider can be far apart, so one change
 * may pass two: a chargeback that is first heard of when it is lost was opened all the same.
 *
 *   to inquiry               inquiry_opened
 *   to open                  opened
 *   to lost, won             lost, won         after opened, when nobody knew of the chargeback
 *   to settled otherwise     closed            after inquiry_opened, when nobody knew of the inquiry
 *
 * Worked example: nothing → lost: opened, lost. inquiry → open: opened. open → settled (won): won. inquiry → settled: closed.
 */
import type { Standing } from "../schema.ts";

export type Milestone = "inquiry_opened" | "opened" | "won" | "lost" | "closed";

/** The milestones between two standings, in their order; none when nothing changed. */
export function milestones(before: Standing | undefined, after: Standing, status: string): Milestone[] {
  if (before === after) return [];
  if (after === "inquiry") return ["inquiry_opened"];
  if (after === "open") return ["opened"];
  const verdict = after === "lost" ? "lost" : status === "won" ? "won" : "closed";
  const unknownChargeback = verdict !== "closed" && (before === undefined || before === "inquiry");
  const unknownInquiry = status === "warning_closed" && before === undefined;
  return [...(unknownChargeback ? ["opened" as const] : []), ...(unknownInquiry ? ["inquiry_opened" as const] : []), verdict];
}
