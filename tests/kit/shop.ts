import type { Checkout, OrderView } from "@fashionistas/core/order/schema";
import type { TicketTypeView } from "@fashionistas/core/ticket-type/schema";
import type { EventView } from "@fashionistas/core/event/schema";
import { expect } from "vitest";
import { eventDocument, FREE, orderLine, purchaseBody, somebody, typeDocument, type Line } from "./documents.ts";
import type { Answer, World } from "./world.ts";

export { eventDocument, FREE, orderLine, purchaseBody, somebody, typeDocument, type Line };

/** Calls that a shop's people make, on a running world. */
export async function openShop(world: World) {
  const organizer = await world.tokenOf("organizer");
  const admin = await world.tokenOf("admin");

  async function ok<T>(answer: Promise<Answer<T>>, status: number): Promise<T> {
    const { status: got, body } = await answer;
    expect(got, JSON.stringify(body)).toBe(status);
    return body;
  }

  const shop = {
    organizer,
    admin,
    createEvent: (change?: Record<string, unknown>) => ok(world.request<EventView>("POST", "/events", { token: organizer, body: eventDocument(change) }), 201),
    createType: (eventId: string, change?: Record<string, unknown>) =>
      ok(world.request<TicketTypeView>("POST", "/tickets", { token: organizer, body: typeDocument(eventId, change) }), 201),
    async publish(eventId: string): Promise<EventView> {
      await ok(world.request("POST", `/events/${eventId}/status`, { token: organizer, body: { status: "review" } }), 200);
      return ok(world.request<EventView>("POST", `/events/${eventId}/status`, { token: admin, body: { status: "published" } }), 200);
    },
    /** A published event with one type on sale. */
    async onSale(type?: Record<string, unknown>, event?: Record<string, unknown>): Promise<{ event: EventView; type: TicketTypeView }> {
      const { event: published, types } = await shop.onSaleTogether([type ?? {}], event);
      return { event: published, type: types[0] };
    },
    /** A published event with a type for each document. */
    async onSaleTogether(documents: readonly Record<string, unknown>[], event?: Record<string, unknown>) {
      const draft = await shop.createEvent(event);
      const types: TicketTypeView[] = [];
      for (const document of documents) types.push(await shop.createType(draft.id, document));
      return { event: await shop.publish(draft.id), types: types as [TicketTypeView, TicketTypeView, ...TicketTypeView[]] };
    },
    purchase: <T = Checkout>(ticketTypeId: string, change?: Record<string, unknown>, headers?: Record<string, string>) =>
      world.request<T>("POST", `/tickets/${ticketTypeId}/purchase`, { body: purchaseBody(change), ...(headers ? { headers } : {}) }),
    async buy(ticketTypeId: string, change?: Record<string, unknown>): Promise<Checkout> {
      return ok(shop.purchase(ticketTypeId, change), 201);
    },
    order: (checkout: Pick<Checkout, "order" | "orderToken">) =>
      ok(world.request<OrderView>("GET", `/orders/${checkout.order.id}`, { headers: { "order-token": checkout.orderToken } }), 200),
    onOrder: <T = OrderView>(checkout: Pick<Checkout, "order" | "orderToken">, action: "pay" | "cancel" | "extend") =>
      world.request<T>("POST", `/orders/${checkout.order.id}/${action}`, { headers: { "order-token": checkout.orderToken } }),
    available: async (ticketTypeId: string): Promise<number | null> =>
      (await ok(world.request<TicketTypeView>("GET", `/tickets/${ticketTypeId}`), 200)).availableQuantity,
  };
  return shop;
}

export type Shop = Awaited<ReturnType<typeof openShop>>;
