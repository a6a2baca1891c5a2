import type { Books, Item } from "./invariants.ts";

type StripeDispute = { id: string; status: string };

/** Every dispute at Stripe is ours as it stands there, and its order's tickets follow from it. */
export async function brokenDisputes(world: Books, items: Map<string, Item[]>): Promise<string[]> {
  const told = (await world.store.list<StripeDispute>("stripe_disputes")).map(({ value }) => value);
  const known = items.get("dispute") ?? [];
  return [
    ...told.flatMap(({ id, status }) => {
      const ours = known.filter(({ providerDisputeId }) => providerDisputeId === id);
      return ours.length === 1 && ours[0]!["status"] === status
        ? []
        : [`dispute ${id} is ${status}, ours is ${ours.map((one) => one["status"]).join() || "missing"}`];
    }),
    ...known.filter(({ providerDisputeId }) => !told.some(({ id }) => id === providerDisputeId)).map(({ pk }) => `${pk} is recorded but unknown to Stripe`),
    ...wrongTickets(known, items.get("ticket") ?? []),
  ];
}

function wrongTickets(disputes: readonly Item[], tickets: readonly Item[]): string[] {
  return [...new Set(disputes.map(({ orderId }) => orderId))].flatMap((orderId) => {
    const statuses = disputes.filter((dispute) => dispute["orderId"] === orderId).map(({ status }) => String(status));
    const lost = statuses.includes("lost");
    const open = statuses.some((status) => status === "needs_response" || status === "under_review");
    const allowed = lost ? ["revoked"] : open ? ["suspended", "revoked"] : ["valid", "revoked"];
    return tickets
      .filter((ticket) => ticket["orderId"] === orderId && !allowed.includes(String(ticket["status"])))
      .map(({ ticketId, status }) => `${String(ticketId)} is ${String(status)} although its order's disputes are ${statuses.join(", ")}`);
  });
}
