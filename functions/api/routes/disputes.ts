import * as Dispute from "@fashionistas/core/dispute";
import { AcceptDispute, DisputeView, DisputeWithEvidence, EvidenceNotes, ListDisputes } from "@fashionistas/core/dispute/schema";
import { DisputeIdSchema, OrderIdSchema, type DisputeId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import * as Stripe from "@fashionistas/integrations/stripe";
import type { Context } from "hono";
import * as z from "zod";
import { ADMINS_OF_EVENT, ORDER_TEAM, TEAM } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";

const tag = "Disputes";
const params = z.object({ id: z.string().meta({ example: "dsp_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const ofOrder = z.object({ id: z.string().meta({ example: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const idOf = (c: Context): DisputeId => pathId(c, DisputeIdSchema, Dispute.disputeNotFound);

/** /disputes and /orders/:id/disputes, for admins and the event's organizer. */
export function disputes(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/disputes",
      access: TEAM.of("event"),
      tag,
      summary: "List disputes, open ones and the newest first",
      description: "Admins see all of them; an organizer says which of their events.",
      query: ListDisputes.extend({
        eventId: z.string().optional().meta({ description: "Organizers: one of your own events.", example: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }),
      }),
      success: {
        status: 200,
        description: "A page; pass nextCursor on for the next one",
        schema: z.object({ items: z.array(DisputeView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await Dispute.list(c.req.query() as z.input<typeof ListDisputes>)),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/disputes/:id",
      access: TEAM.of("dispute"),
      tag,
      summary: "Get a dispute and the evidence that staging would send now",
      params,
      success: { status: 200, description: "The dispute", schema: DisputeWithEvidence },
    },
    async (c) => c.json(await Stripe.disputeWithEvidence(idOf(c))),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/disputes/:id/evidence",
      access: TEAM.of("dispute"),
      repeating: "it replaces what was staged before.",
      tag,
      summary: "Stage evidence, without submitting it",
      description: "Assembled anew from the order, its event, its buyer, the delivery of its tickets and its journal; it replaces what was staged before.",
      params,
      body: EvidenceNotes,
      success: { status: 200, description: "The dispute and what lies at the provider now", schema: DisputeWithEvidence },
      errors: ["dispute.not_open", "dispute.already_submitted", "dispute.past_due", "dispute.order_unsettled", "payment.unavailable"],
    },
    async (c) => c.json(await Stripe.stageEvidence(idOf(c), (await jsonBody(c, EvidenceNotes)).notes)),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/disputes/:id/submit",
      access: TEAM.of("dispute"),
      repeating: "evidence is submitted once, whoever asks again is told so.",
      tag,
      summary: "Submit the staged evidence to the bank, once",
      params,
      success: { status: 200, description: "The dispute, now under review", schema: DisputeView },
      errors: ["dispute.nothing_staged", "dispute.not_open", "dispute.already_submitted", "dispute.past_due", "dispute.order_unsettled", "payment.unavailable"],
    },
    async (c) => c.json(await Stripe.submitEvidence(idOf(c))),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/disputes/:id/accept",
      access: ADMINS_OF_EVENT.of("dispute"),
      repeating: "a lost dispute stays lost.",
      tag,
      summary: "Accept a dispute as lost, for good",
      description: "The buyer keeps the money and the order's tickets are revoked. Admins only.",
      params,
      body: AcceptDispute,
      success: { status: 200, description: "The dispute, lost", schema: DisputeView },
      errors: ["dispute.not_open", "dispute.order_unsettled", "payment.unavailable"],
    },
    async (c) => {
      await jsonBody(c, AcceptDispute);
      return c.json(await Stripe.acceptDispute(idOf(c)));
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/orders/:id/disputes",
      access: ORDER_TEAM.of("order"),
      tag,
      summary: "List the disputes of an order, oldest first",
      params: ofOrder,
      success: {
        status: 200,
        description: "All of them",
        schema: z.object({ items: z.array(DisputeView) }).meta({ example: { items: [] } }),
      },
    },
    async (c) => c.json(await Dispute.listByOrder({ orderId: pathId(c, OrderIdSchema, Order.orderNotFound) })),
  );
}
