import * as Dispute from "@fashionistas/core/dispute";
import { AcceptDispute, DisputeView, DisputeWithEvidence, EvidenceNotes, ListDisputes } from "@fashionistas/core/dispute/schema";
import { DisputeIdSchema, OrderIdSchema, type DisputeId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import * as Stripe from "@fashionistas/integrations/stripe";
import type { Context } from "hono";
import * as z from "zod";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";

const tag = "Disputes";
const params = z.object({ id: z.string().meta({ example: "dsp_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const ofOrder = z.object({ id: z.string().meta({ example: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const security = "bearer" as const;
const signedIn = ["actor.unauthenticated", "actor.not_allowed"] as const;
const idOf = (c: Context): DisputeId => pathId(c, DisputeIdSchema, Dispute.disputeNotFound);

/** /disputes and /orders/:id/disputes, for admins and the event's organizer. */
export function disputes(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/disputes",
      tag,
      summary: "List disputes, open ones and the newest first",
      description: "Admins see all of them; an organizer says which of their events.",
      security,
      query: ListDisputes.extend({
        eventId: z.string().optional().meta({ description: "Organizers: one of your own events.", example: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }),
      }),
      success: {
        status: 200,
        description: "A page; pass nextCursor on for the next one",
        schema: z.object({ items: z.array(DisputeView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
      errors: [...signedIn, "event.not_found"],
    },
    async (c) => c.json(await Dispute.list(c.req.query() as z.input<typeof ListDisputes>)),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/disputes/:id",
      tag,
      summary: "Get a dispute and the evidence that staging would send now",
      security,
      params,
      success: { status: 200, description: "The dispute", schema: DisputeWithEvidence },
      errors: [...signedIn, "dispute.not_found"],
    },
    async (c) => c.json(await Stripe.disputeWithEvidence(idOf(c))),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/disputes/:id/evidence",
      repeating: "it replaces what was staged before.",
      tag,
      summary: "Stage evidence, without submitting it",
      description: "Assembled anew from the order, its event, its buyer, the delivery of its tickets and its journal; it replaces what was staged before.",
      security,
      params,
      body: EvidenceNotes,
      success: { status: 200, description: "The dispute and what lies at the provider now", schema: DisputeWithEvidence },
      errors: [
        ...signedIn,
        "dispute.not_found",
        "dispute.not_open",
        "dispute.already_submitted",
        "dispute.past_due",
        "dispute.order_unsettled",
        "payment.unavailable",
      ],
    },
    async (c) => c.json(await Stripe.stageEvidence(idOf(c), (await jsonBody(c, EvidenceNotes)).notes)),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/disputes/:id/submit",
      repeating: "evidence is submitted once, whoever asks again is told so.",
      tag,
      summary: "Submit the staged evidence to the bank, once",
      security,
      params,
      success: { status: 200, description: "The dispute, now under review", schema: DisputeView },
      errors: [
        ...signedIn,
        "dispute.not_found",
        "dispute.nothing_staged",
        "dispute.not_open",
        "dispute.already_submitted",
        "dispute.past_due",
        "dispute.order_unsettled",
        "payment.unavailable",
      ],
    },
    async (c) => c.json(await Stripe.submitEvidence(idOf(c))),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/disputes/:id/accept",
      repeating: "a lost dispute stays lost.",
      tag,
      summary: "Accept a dispute as lost, for good",
      description: "The buyer keeps the money and the order's tickets are revoked. Admins only.",
      security,
      params,
      body: AcceptDispute,
      success: { status: 200, description: "The dispute, lost", schema: DisputeView },
      errors: [...signedIn, "dispute.not_found", "dispute.not_open", "dispute.order_unsettled", "payment.unavailable"],
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
      tag,
      summary: "List the disputes of an order, oldest first",
      security,
      params: ofOrder,
      success: {
        status: 200,
        description: "All of them",
        schema: z.object({ items: z.array(DisputeView) }).meta({ example: { items: [] } }),
      },
      errors: [...signedIn, "order.not_found"],
    },
    async (c) => c.json(await Dispute.listByOrder({ orderId: pathId(c, OrderIdSchema, Order.orderNotFound) })),
  );
}
