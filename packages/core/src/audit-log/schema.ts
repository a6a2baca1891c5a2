import * as z from "zod";
import { PageQuery } from "../page.ts";
import { Instant } from "../time.ts";

const Id = z.string().regex(/^[a-z]{2,4}_[\w-]{1,120}$/, "Expected an id like ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3.");

/** Query of GET /audit-logs. */
export const ListAuditLogs = z.strictObject({
  entityId: Id.optional().meta({
    description: "What it happened to: an event, a ticket type, an order, a dispute, …",
    example: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  }),
  userId: Id.optional().meta({
    description: "Who did it: the id of a user, an API key or a device. Together with entityId: only what they did to it.",
    example: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  }),
  action: z
    .string()
    .regex(/^[a-z_]+\.[a-z_]+$/, "Expected an action like order.refund.")
    .max(100)
    .optional()
    .meta({ example: "event.change_status" }),
  since: Instant.optional().meta({ description: "Not before this instant." }),
  until: Instant.optional().meta({ description: "Not after this instant." }),
  limit: PageQuery.limit,
  cursor: PageQuery.cursor,
});

const Value = z.unknown().meta({ description: "null: there was none. A large value is summed up by its digest, sha256:…" });

/** One entry of the audit log: what somebody or something did to an entity. */
export const AuditLogView = z
  .object({
    entityType: z.string(),
    entityId: z.string(),
    seq: z.int().meta({ description: "Entries of an entity are numbered from 1, without a gap." }),
    action: z.string(),
    actor: z.object({ kind: z.string(), id: z.string().nullable() }),
    at: z.string(),
    requestId: z.string(),
    address: z.string().nullable().meta({ description: "The network the request came from, for admins: IPv4 to /24, IPv6 to /48." }),
    changes: z.array(z.object({ attribute: z.string(), before: Value, after: Value })),
    concealed: z.array(z.string()).meta({ description: "Attributes that changed as well, and may hold somebody's words or personal data." }),
    removed: z.boolean().meta({ description: "The entity ended with this." }),
    domainEvents: z.array(z.object({ id: z.string(), type: z.string(), data: z.record(z.string(), z.unknown()) })),
    previousHash: z.string().meta({ description: "Hash of the entry before; empty for the first." }),
    hash: z.string(),
  })
  .meta({
    id: "AuditLog",
    example: {
      entityType: "order",
      entityId: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      seq: 4,
      action: "order.refund",
      actor: { kind: "organizer", id: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3" },
      at: "2026-11-02T09:00:00.000Z",
      requestId: "req_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      address: "203.0.113.0/24",
      changes: [{ attribute: "status", before: "fulfilled", after: "voided" }],
      concealed: [],
      removed: false,
      domainEvents: [
        {
          id: "dev_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
          type: "refund.requested",
          data: {
            refundId: "rf_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
            orderId: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
            eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
            amount: 9000,
            currency: "EUR",
            reason: "goodwill",
          },
        },
      ],
      previousHash: "C6txicd2IqA9fhCPpfESKrXlCHmsHNKANtwgAVOIyrQ",
      hash: "9baQmgx4kQrEikAyVMfx34hzZ1jRSF5azH-xSB0ISfA",
    },
  });
export type AuditLogView = z.output<typeof AuditLogView>;
