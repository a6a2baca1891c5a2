import type { SharedCapacity } from "@fashionistas/core/event/schema";
import type { Item } from "./invariants.ts";

/** Orders as others see them: their journal, the limits of their people, and the tickets that stand for their seats. */
type Share = { scope: string; key: string; q: number };
type Order = Item & { orderId: string; eventId: string; status: string; dueAt?: string; limits: Share[] };
type Told = { type: string; data: { refundId?: string } };
type Entry = Item & { entityId: string; seq: number; events: Told[] };

export function brokenStandings(items: Map<string, Item[]>): string[] {
  const orders = (items.get("order") ?? []) as Order[];
  const entries = (items.get("journal-entry") ?? []) as Entry[];
  const told = typesByEntity(entries);
  return [...untold(orders, told), ...untoldRefunds(items.get("refund") ?? [], entries), ...wrongShares(orders, told, items), ...tooManyTickets(items)];
}

function typesByEntity(entries: readonly Entry[]): Map<string, string[]> {
  const types = new Map<string, string[]>();
  for (const { entityId, events } of [...entries].sort((a, b) => a.seq - b.seq))
    types.set(entityId, [...(types.get(entityId) ?? []), ...events.map(({ type }) => type)]);
  return types;
}

/** What a domain event says of its order's status; a payment that starts says something of held ones only. */
const SAYS: Readonly<Record<string, string>> = {
  "order.held": "held",
  "order.fulfilled": "fulfilled",
  "order.expiring": "expiring",
  "order.expired": "expired",
  "order.cancelled": "cancelled",
  "order.reclaiming": "reclaiming",
  "order.reclaimed": "awaiting_payment",
  "order.unfulfillable": "unfulfillable",
  "order.voided": "voided",
};

/** Every change of status was told: from the domain events alone one knows how each order stands. */
function untold(orders: readonly Order[], told: ReadonlyMap<string, readonly string[]>): string[] {
  return orders.flatMap(({ orderId, status }) => {
    const known = (told.get(orderId) ?? []).reduce(
      (before, type) => (type === "order.payment_started" && before === "held" ? "awaiting_payment" : (SAYS[type] ?? before)),
      "unknown",
    );
    return known === status ? [] : [`${orderId} is ${status}, its domain events say ${known}`];
  });
}

/** Every refund was told once when it was asked for, and once when it succeeded or failed. */
function untoldRefunds(refunds: readonly Item[], entries: readonly Entry[]): string[] {
  const events = entries.flatMap((entry) => entry.events).filter(({ type }) => type.startsWith("refund."));
  const times = (name: string, id: unknown) => events.filter(({ type, data }) => type === name && data.refundId === id).length;
  return refunds.flatMap(({ refundId, status, reason }) => {
    const wanted = [...(reason === "made_at_provider" ? [] : ["refund.requested"]), ...(status === "pending" ? [] : [`refund.${String(status)}`])];
    return wanted.filter((name) => times(name, refundId) !== 1).map((name) => `${name} of ${String(refundId)} was told ${times(name, refundId)} times`);
  });
}

const HOLDING = ["held", "awaiting_payment", "fulfilled"];
const GAVE_BACK = ["expired", "cancelled", "unfulfillable"];

/** Limits count what orders hold, and nobody has more than their limit unless a payment came late, while its order ended or after. */
function wrongShares(orders: readonly Order[], told: ReadonlyMap<string, readonly string[]>, items: Map<string, Item[]>): string[] {
  const counted = new Map((items.get("limit") ?? []).map((item) => [`${String(item["scope"])} ${String(item["key"])}`, item]));
  const sharesOf = (share: Share) => (counted.get(`${share.scope} ${share.key}`)?.["claims"] ?? {}) as Record<string, { q: number }>;
  const most = new Map((items.get("ticket-type") ?? []).map(({ ticketTypeId, maxPerBuyer }) => [ticketTypeId, maxPerBuyer]));
  const paidLate = (orderId: string) => told.get(orderId)?.some((type) => type === "order.expiring" || type === "order.reclaimed");
  return [
    ...orders.flatMap(({ orderId, status, dueAt, limits }) =>
      limits.flatMap((share) => {
        const q = sharesOf(share)[orderId]?.q ?? 0;
        if (HOLDING.includes(status) && q !== share.q) return [`${orderId} is ${status} and is not counted by the limit of ${share.scope}`];
        return GAVE_BACK.includes(status) && dueAt === undefined && q !== 0 ? [`${orderId} is ${status} and still counted by the limit of ${share.scope}`] : [];
      }),
    ),
    ...[...counted.values()].flatMap(({ scope, taken, claims }) => {
      const limit = most.get(scope) as number | undefined;
      const counting = Object.entries((claims ?? {}) as Record<string, { q: number }>).flatMap(([orderId, { q }]) => (q > 0 ? [orderId] : []));
      const isOver = limit !== undefined && Number(taken) > limit && !counting.some(paidLate);
      return isOver ? [`somebody has ${String(taken)} of ${String(scope)}, over the limit of ${limit}`] : [];
    }),
  ];
}

/** Nobody's seat is promised twice: the tickets that stand are no more than the seats on offer. */
function tooManyTickets(items: Map<string, Item[]>): string[] {
  const standing = (items.get("ticket") ?? []).filter(({ status }) => status !== "revoked");
  const of = (ticketTypeIds: readonly unknown[]) => standing.filter(({ ticketTypeId }) => ticketTypeIds.includes(ticketTypeId)).length;
  const events = items.get("event") ?? [];
  const offered = [
    ...(items.get("ticket-type") ?? []).flatMap(({ ticketTypeId, quantityTotal: seats }) =>
      seats === undefined ? [] : [{ id: ticketTypeId, seats, tickets: of([ticketTypeId]) }],
    ),
    ...events
      .filter(({ capacityBinds }) => capacityBinds)
      .map(({ eventId, capacity }) => ({ id: eventId, seats: capacity, tickets: standing.filter((ticket) => ticket["eventId"] === eventId).length })),
    ...events.flatMap(({ capacities }) =>
      (capacities as SharedCapacity[])
        .filter(({ binds }) => binds)
        .map(({ capacityId: id, seats, ticketTypeIds }) => ({ id, seats, tickets: of(ticketTypeIds) })),
    ),
  ];
  return offered
    .filter(({ seats, tickets }) => tickets > Number(seats))
    .map(({ id, seats, tickets }) => `${String(id)} has ${tickets} tickets for ${String(seats)} seats`);
}
