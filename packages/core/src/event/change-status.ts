import { acting, actorRef, type Actor, TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { fit } from "../pool/index.ts";
import { isoOf, secondsOf } from "../time.ts";
import { EventStatusChanged } from "./domain-events.ts";
import { ROWS_PER_VERSION, StatusHistory, type EventRow } from "./entity.ts";
import { invalidTransition, notEditable, publishNotAllowed, reasonRequired } from "./errors.ts";
import { factsOf, managedBy, manages, pendingTransitions, viewOf } from "./read.ts";
import { offersIn, poolDecision } from "./rules/capacity.ts";
import { nextStages, statusAt, type Offer } from "./rules/status.ts";
import { ChangeStatus, type Stage } from "./schema.ts";
import { capacitiesOf, changesOf, roomPoolsOf, subjectOf } from "./write.ts";

/**
 * Moves an event by hand: draft → review → published, review → draft with a reason, any that is not final → cancelled.
 * @throws event.not_found, .invalid_transition, .publish_not_allowed, .reason_required, .not_editable
 */
export const changeStatus = capability(
  "event.change_status",
  { input: ChangeStatus, allow: TEAM, needs: "events:write" },
  async ({ eventId, status: stage, reason }, { actor, now }) => {
    const event = await managedBy(actor, eventId);
    const at = isoOf(now);
    if (stage === event.stage) return viewOf(event, at);
    const from = statusAt(factsOf(event), at);
    decide(event, from, { stage, reason }, actor, at);

    const decided = stage === "published" ? decidePools(event) : undefined;
    if (decided) for (const pool of roomPoolsOf({ ...event, ...decided })) await fit(pool, pool.seats, secondsOf(now));
    const after = {
      stage,
      visibility: visibilityOf(event, stage),
      ...decided,
      ...(stage === "published" ? { publishedAt: at } : {}),
      startsAt: event.startsAt,
      organizerId: event.organizerId,
    };
    const to = statusAt({ ...factsOf(event), ...after }, at);
    const recorded = { recordedStatus: to, recordedAt: at };
    const missed = pendingTransitions(event, at);
    const rows = [
      ...missed.map((change) => ({ ...change, by: { kind: "system", id: "clock" } })),
      { from, to: stage, at, by: actorRef(actor), ...(reason ? { reason } : {}) },
      ...(to === stage ? [] : [{ from: stage, to, at, by: { kind: "system", id: "clock" } }]),
    ];
    const head = await transact(
      subjectOf(event),
      rows.map(({ from, to, at }) => EventStatusChanged({ eventId, from, to, at })),
      (head) => [
        // Types may have been added since: what was decided about the room must still be true.
        ...changesOf(event, head, { ...after, ...recorded }),
        ...rows.map((row, i) => write(StatusHistory.put({ eventId, ...row, n: event.version * ROWS_PER_VERSION + i }))),
      ],
    );
    return viewOf({ ...event, ...after, ...recorded, ...head }, at);
  },
);

// Before anything is sold: which of the room and its parts are pools, and how they are cut.
function decidePools(event: EventRow): Pick<EventRow, "capacityBinds" | "capacityGroups" | "capacities"> {
  const offers = event.offers as Offer[];
  const { binds, groups } = poolDecision(event.capacity, offers);
  const capacities = capacitiesOf(event).map((shared) => ({ ...shared, ...poolDecision(shared.seats, offersIn(shared, offers)) }));
  return { capacityBinds: binds, capacityGroups: groups, capacities };
}

// A draft that is cancelled was never shown to anybody: it stays private.
function visibilityOf(event: EventRow, stage: Stage): "public" | "private" {
  return stage === "published" || event.visibility === "public" ? "public" : "private";
}

function decide(event: EventRow, status: ReturnType<typeof statusAt>, wanted: { stage: Stage; reason?: string | undefined }, actor: Actor, at: string): void {
  const allowed = nextStages(event.stage, status);
  if (!allowed.includes(wanted.stage)) {
    throw invalidTransition(`From ${status} it can go to ${allowed.join(" or ") || "nowhere"}.`, {
      fields: [{ path: "status", message: allowed.length > 0 ? `Choose ${allowed.join(" or ")}.` : "This status is final." }],
    });
  }
  if (event.stage === "review" && wanted.stage !== "cancelled" && !manages(acting(actor, "events:manage"), event)) {
    throw publishNotAllowed("Ask an admin, or somebody who may publish, to review it.");
  }
  if (wanted.stage === "draft" && !wanted.reason)
    throw reasonRequired("The people who prepared it want to know.", { fields: [{ path: "reason", message: "Say why." }] });
  if (wanted.stage === "published" && event.endsAt <= at) {
    throw notEditable("It would be over already: change its times first.", { fields: [{ path: "endsAt", message: "Must be in the future." }] });
  }
}
