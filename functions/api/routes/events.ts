import * as Cancellation from "@fashionistas/core/cancellation";
import { CancellationView } from "@fashionistas/core/cancellation/schema";
import * as Event from "@fashionistas/core/event";
import { CapacitiesDocument, CapacitiesView, EventDocument, EventView, ListEvents, StatusChange, StatusHistoryRow } from "@fashionistas/core/event/schema";
import { EventIdSchema, newId, type EventId } from "@fashionistas/core/id";
import * as Ledger from "@fashionistas/core/ledger";
import { LedgerView, ListLedger } from "@fashionistas/core/ledger/schema";
import * as Realtime from "@fashionistas/core/realtime";
import type { Context } from "hono";
import * as z from "zod";
import { EVERYBODY, ORGANIZERS, TEAM, VISIBLE } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { document, ifVersions } from "../middleware/conditional.ts";
import { IdempotencyKeyHeader, repeatable } from "../middleware/idempotency.ts";

const tag = "Events";
const params = z.object({ id: z.string().meta({ example: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const IfMatch = z.object({ "If-Match": z.string().optional().meta({ description: "The ETag you read: when it is stale the change is refused with 412." }) });
const idOf = (c: Context): EventId => pathId(c, EventIdSchema, Event.eventNotFound);

/** /events and what hangs on one of them. */
export function events(app: Api): void {
  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/events",
      access: ORGANIZERS,
      tag,
      summary: "Create an event, as a draft",
      headers: IdempotencyKeyHeader,
      body: EventDocument,
      success: { status: 201, description: "The draft", schema: EventView },
      errors: ["event.not_found"],
    },
    async (c) => {
      const body = await jsonBody(c, EventDocument);
      const run = (eventId: string) => Event.create({ ...body, eventId });
      const repeat = async (eventId: string) => ((await Event.wasCreated(eventId)) ? Event.get({ eventId }) : undefined);
      const event = await repeatable(c, { body, newResourceId: newId("evt"), run, repeat });
      return c.json(event, 201, { location: `/events/${event.id}` });
    },
  );

  endpoint(
    app,
    {
      method: "get",
      etag: true,
      path: "/events",
      access: EVERYBODY,
      tag,
      summary: "List events by date",
      query: ListEvents.omit({ mine: true }).extend({
        mine: z.enum(["true", "false"]).optional().meta({ description: "Organizers: only your own, drafts included." }),
      }),
      success: {
        status: 200,
        description: "A page; pass nextCursor on for the next one",
        schema: z.object({ items: z.array(EventView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
      errors: ["actor.unauthenticated"],
    },
    async (c) => document(c, await Event.list(c.req.query() as z.input<typeof ListEvents>)),
  );

  endpoint(
    app,
    {
      method: "get",
      etag: true,
      path: "/events/:id",
      access: VISIBLE.of("event"),
      tag,
      summary: "Get an event",
      params,
      success: { status: 200, description: "The event", schema: EventView },
    },
    async (c) => document(c, await Event.get({ eventId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/events/:id",
      access: TEAM.of("event"),
      tag,
      summary: "Replace an event's document",
      params,
      headers: IfMatch,
      body: EventDocument,
      success: { status: 200, description: "The event as it is now", schema: EventView },
      errors: ["event.not_editable", "event.currency_in_use", "event.capacity_too_small", "event.below_sold", "request.precondition_failed"],
    },
    async (c) => document(c, await Event.replace({ ...(await jsonBody(c, EventDocument)), eventId: idOf(c), ifVersions: ifVersions(c) })),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/events/:id",
      access: TEAM.of("event"),
      tag,
      summary: "Delete a draft",
      params,
      headers: IfMatch,
      success: { status: 204, description: "Deleted" },
      errors: ["event.has_orders", "request.precondition_failed"],
    },
    async (c) => {
      await Event.remove({ eventId: idOf(c), ifVersions: ifVersions(c) });
      return c.body(null, 204);
    },
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/events/:id/status",
      access: TEAM.of("event"),
      repeating: "an event that is there already is told so.",
      tag,
      summary: "Move an event: review, publish, take back, cancel",
      params,
      body: StatusChange,
      description:
        "draft → review → published; review → draft with a reason; any → cancelled. on_sale, sold_out, in_progress and completed follow from sale windows, stock and clock.",
      success: { status: 200, description: "The event as it is now", schema: EventView },
      errors: ["event.invalid_transition", "event.publish_not_allowed", "event.reason_required", "event.not_editable"],
    },
    async (c) => c.json(await Event.changeStatus({ ...(await jsonBody(c, StatusChange)), eventId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/events/:id/status-history",
      access: VISIBLE.of("event"),
      tag,
      summary: "How an event's status came about",
      params,
      success: {
        status: 200,
        description: "Oldest first",
        schema: z.object({ items: z.array(StatusHistoryRow) }).meta({
          example: {
            items: [{ from: null, to: "draft", at: "2026-11-02T09:00:00.000Z", reason: null, by: { kind: "organizer", id: "usr_demo_organizer" } }],
          },
        }),
      },
    },
    async (c) => c.json(await Event.statusHistory({ eventId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "get",
      etag: true,
      path: "/events/:id/capacities",
      access: TEAM.of("event"),
      tag,
      summary: "What several ticket types of an event share",
      params,
      success: { status: 200, description: "Parts of the room, with what is left of them", schema: CapacitiesView },
    },
    async (c) => document(c, await Event.capacities({ eventId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/events/:id/capacities",
      access: TEAM.of("event"),
      tag,
      summary: "Replace what several ticket types share",
      description:
        "“Balcony, 100 seats, for types A and B”: an order of either takes a seat of it as well. Publication decides which of them bind and fixes who shares what; seats may grow and shrink while selling.",
      params,
      headers: IfMatch,
      body: CapacitiesDocument,
      success: { status: 200, description: "The capacities as they are now", schema: CapacitiesView },
      errors: [
        "event.not_editable",
        "event.capacities_invalid",
        "event.capacities_fixed",
        "event.capacity_too_small",
        "event.below_sold",
        "request.precondition_failed",
      ],
    },
    async (c) => document(c, await Event.replaceCapacities({ ...(await jsonBody(c, CapacitiesDocument)), eventId: idOf(c), ifVersions: ifVersions(c) })),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/events/:id/availability",
      access: VISIBLE.of("event"),
      tag,
      summary: "What is left, live",
      params,
      description: "Read from the stock itself. `sequence` is the number of the last pushed change it includes at least.",
      success: { status: 200, description: "Seats per ticket type; null: unlimited", schema: Realtime.Availability },
    },
    async (c) => c.json(await Realtime.availability({ eventId: idOf(c) }), 200, { "cache-control": "no-cache" }),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/events/:id/cancellation",
      access: TEAM.of("event"),
      tag,
      summary: "How far the refunds of a cancelled event came",
      description:
        "Cancelling an event cancels its unpaid orders, voids the others and refunds them in full. It goes on by itself, whatever happens to a server.",
      params,
      success: { status: 200, description: "Progress, and in the end the result", schema: CancellationView },
      errors: ["cancellation.not_found"],
    },
    async (c) => c.json(await Cancellation.get({ eventId: idOf(c) }), 200, { "cache-control": "no-store" }),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/events/:id/ledger",
      access: TEAM.of("event"),
      tag,
      summary: "All money of an event",
      description: "Append-only: what moved is never changed, only followed by what moved next. Amounts are positive; `kind` says which way they went.",
      params,
      query: ListLedger.omit({ eventId: true }),
      success: {
        status: 200,
        description: "A page, oldest first",
        schema: z.object({ items: z.array(LedgerView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await Ledger.list({ ...(c.req.query() as object), eventId: idOf(c) })),
  );
}
