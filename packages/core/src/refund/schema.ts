import * as z from "zod";
import { idSchema, OrderIdSchema, TicketIdSchema } from "../id.ts";
import { MAX_AMOUNT, Money } from "../money.ts";
import { MAX_TICKETS_PER_ORDER } from "../ticket-type/schema.ts";

export const RefundIdSchema = idSchema("rf");

export const RefundStatus = z.enum(["pending", "succeeded", "failed"]);
export type RefundStatus = z.output<typeof RefundStatus>;

/** Why people give money back. */
export const AskedReason = z.enum(["customer_request", "duplicate", "fraudulent", "event_changed", "goodwill", "other"]);
/** Why money goes back, the system's own reasons included. */
export const RefundReason = z.enum([...AskedReason.options, "event_cancelled", "sold_out", "payment_mismatch", "second_payment", "made_at_provider"]);
export type RefundReason = z.output<typeof RefundReason>;

const request = {
  amount: z
    .int()
    .min(1)
    .max(MAX_AMOUNT)
    .optional()
    .meta({ description: "Minor units to give back; the tickets stay valid. Without amount and ticketIds: all that is left." }),
  ticketIds: z
    .array(TicketIdSchema)
    .min(1)
    .max(MAX_TICKETS_PER_ORDER)
    .optional()
    .meta({ description: "Tickets to take back: they are revoked, and their price is refunded as the policy says." }),
  reason: AskedReason,
  restock: z.boolean().optional().meta({ description: "Do the seats of the tickets taken back go on sale again? By default they do until the event begins." }),
};

function oneKind(
  { amount, ticketIds, restock }: { amount?: number | undefined; ticketIds?: string[] | undefined; restock?: boolean | undefined },
  ctx: z.RefinementCtx,
): void {
  const refuse = (path: string, message: string) => ctx.addIssue({ code: "custom", path: [path], message });
  if (amount !== undefined && ticketIds !== undefined) refuse("ticketIds", "Give either amount or ticketIds, or neither for everything that is left.");
  if (amount !== undefined && restock) refuse("restock", "An amount takes no ticket back: name ticketIds, or leave restock out.");
  if (ticketIds && new Set(ticketIds).size < ticketIds.length) refuse("ticketIds", "Name each ticket once.");
}

/** What POST /orders/:id/refunds takes. */
export const RefundRequest = z
  .strictObject(request)
  .superRefine(oneKind)
  .meta({ id: "RefundRequest", example: { amount: 2_500, reason: "goodwill" } });
export const RequestRefund = z.strictObject({ ...request, orderId: OrderIdSchema, refundId: RefundIdSchema }).superRefine(oneKind);

/** A refund as the owner of its order sees it. */
export const RefundView = z
  .object({
    id: z.string(),
    orderId: z.string(),
    status: RefundStatus,
    amount: Money,
    reason: RefundReason,
    ticketIds: z.array(z.string()),
    restock: z.boolean(),
    failure: z.string().nullable().meta({ description: "Why the provider could not give it back; the money is still ours to return." }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({
    id: "Refund",
    example: {
      id: "rf_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      orderId: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      status: "pending",
      amount: { amount: 2_500, currency: "EUR" },
      reason: "goodwill",
      ticketIds: [],
      restock: false,
      failure: null,
      createdAt: "2026-11-02T10:00:00.000Z",
      updatedAt: "2026-11-02T10:00:00.000Z",
    },
  });
export type RefundView = z.output<typeof RefundView>;

export const RefundState = z.enum(["none", "partial", "full"]);
export type RefundState = z.output<typeof RefundState>;

/** The refunds of an order and what is left of its money. */
export const RefundList = z
  .object({
    items: z.array(RefundView),
    refundState: RefundState,
    captured: Money,
    refunded: Money.meta({ description: "Pending refunds included." }),
    disputed: Money.meta({ description: "What the buyer's bank has taken back." }),
    remaining: Money,
  })
  .meta({
    id: "RefundList",
    example: {
      items: [],
      refundState: "none",
      captured: { amount: 9_000, currency: "EUR" },
      refunded: { amount: 0, currency: "EUR" },
      disputed: { amount: 0, currency: "EUR" },
      remaining: { amount: 9_000, currency: "EUR" },
    },
  });
export type RefundList = z.output<typeof RefundList>;
