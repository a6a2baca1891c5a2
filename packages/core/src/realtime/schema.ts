import * as z from "zod";
import { EventIdSchema } from "../id.ts";

export const Channel = z.enum(["tickets", "events"]);
export type Channel = z.output<typeof Channel>;

export const IssueRealtimeTicket = z
  .strictObject({ channel: Channel.default("tickets") })
  .meta({ id: "RealtimeTicketRequest", example: { channel: "tickets" } });

export const RealtimeTicketView = z
  .object({ ticket: z.string(), url: z.string(), expiresAt: z.string() })
  .meta({ id: "RealtimeTicket", example: { ticket: "rt_…", url: "wss://api.example.com/ws/tickets?ticket=rt_…", expiresAt: "2026-11-02T09:00:30.000Z" } });

/** What a page sends. */
export const ClientMessage = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("subscribe"), eventId: EventIdSchema }),
  z.strictObject({ action: z.literal("unsubscribe"), eventId: EventIdSchema }),
  z.strictObject({ action: z.literal("ping") }),
]);
export type ClientMessage = z.output<typeof ClientMessage>;

const Seats = z.object({ ticketTypeId: z.string(), availableQuantity: z.int().nullable() });

/** What is left of an event, and the number of the last change that was posted before it was read. */
export const Availability = z
  .object({ eventId: z.string(), status: z.string(), sequence: z.int(), ticketTypes: z.array(Seats), lastUpdated: z.string() })
  .meta({
    id: "Availability",
    example: {
      eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      status: "on_sale",
      sequence: 12,
      ticketTypes: [{ ticketTypeId: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", availableQuantity: 58 }],
      lastUpdated: "2026-11-02T09:00:00.000Z",
    },
  });
export type Availability = z.output<typeof Availability>;

/** What we send. Numbers of one event rise by one; a gap says: ask for the snapshot again. */
export type ServerMessage =
  | ({ type: "snapshot" } & Availability)
  | { type: "ticket_availability_changed"; eventId: string; ticketTypeId: string; availableQuantity: number | null; lastUpdated: string; sequence: number }
  | { type: "event_status_changed"; eventId: string; newStatus: string; timestamp: string; sequence: number }
  | { type: "unsubscribed"; eventId: string }
  | { type: "pong" }
  | { type: "error"; code: string; message: string };
