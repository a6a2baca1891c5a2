/** The people who run the shop: they refund, change what is on offer, answer disputes, replay webhooks, and cancel an event. */
import * as Dispute from "@fashionistas/core/dispute";
import * as Event from "@fashionistas/core/event";
import { newId, type DisputeId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import * as Reconciliation from "@fashionistas/core/reconciliation";
import * as TicketType from "@fashionistas/core/ticket-type";
import * as Webhook from "@fashionistas/core/webhook";
import * as Stripe from "@fashionistas/integrations/stripe";
import type { Chance } from "../../../kit/simulation/index.ts";
import { admin, organizer } from "../../../kit/simulation/shop.ts";
import { arrives, doesAs, type History, type Offered, type Show } from "../shop.ts";

type Deed = (history: History, chance: Chance, show: Show) => Promise<unknown>;

export async function team(history: History, n: number): Promise<void> {
  const chance = history.simulation.chance.of(`team-${n}`);
  await arrives(history, chance);
  await chance.pick(DEEDS)(history, chance, chance.pick(history.shows));
}

const refunds: Deed = (history, chance) => refundsOf(history, chance, somebodysOrder(history, chance));

function somebodysOrder({ placed }: History, chance: Chance): string | undefined {
  return placed.length > 0 ? chance.pick(placed).orderId : undefined;
}

/** Asks for one refund, sometimes as two people who share one key. */
async function refundsOf(history: History, chance: Chance, orderId: string | undefined): Promise<void> {
  if (orderId === undefined) return;
  const restock = chance.is(0.3) ? { restock: chance.is(0.5) } : {};
  const part = chance.pick([{}, { amount: chance.pick([100, 700, 2_000]) }, { ticketIds: [`${orderId.replace("ord_", "tkt_")}-1`] }]);
  const asked = { orderId, refundId: newId("rf"), ...part, ...("amount" in part ? {} : restock), reason: "goodwill" } as never;
  const ask = (actor: typeof admin) => doesAs(history, actor, "refunds", () => Order.refund(asked));
  await Promise.all([ask(admin), ...(chance.is(0.3) ? [ask(organizer)] : [])]);
}

/** Two of the team, of the same order, each for themselves. */
const refundTwice: Deed = async (history, chance) => {
  const orderId = somebodysOrder(history, chance);
  await Promise.all([refundsOf(history, chance, orderId), refundsOf(history, chance, orderId)]);
};

const DEEDS: readonly Deed[] = [
  refunds,
  refunds,
  refunds,
  refundTwice,
  refundTwice,
  changesStock,
  changesStock,
  changesRoom,
  changesShared,
  answersDispute,
  answersDispute,
  async (history) => doesAs(history, admin, "replays webhooks", () => Webhook.replay({ vendor: "stripe", since: sinceYesterday(history) } as never)),
  async (history) =>
    doesAs(history, admin, "reconciles", () => Reconciliation.start({ reconciliationId: newId("rec"), since: sinceYesterday(history), graceMinutes: 10 })),
];

/** Whoever must cancel an event, at some moment of its sale. */
export async function canceller(history: History): Promise<void> {
  const chance = history.simulation.chance.of("canceller");
  await arrives(history, chance);
  const { eventId } = chance.pick(history.shows);
  await doesAs(history, organizer, "cancels the event", () => Event.changeStatus({ eventId, status: "cancelled" } as never));
}

const DAY_MS = 86_400_000;

export function sinceYesterday({ simulation }: Pick<History, "simulation">): string {
  return new Date(simulation.now() - DAY_MS).toISOString();
}

async function changesStock(history: History, chance: Chance, show: Show): Promise<void> {
  const limited = show.types.filter(({ document }) => document["quantityTotal"] !== null);
  if (limited.length === 0) return;
  const type: Offered = chance.pick(limited);
  const quantityTotal = Math.max(0, Number(type.document["quantityTotal"]) + chance.between(-6, 6));
  const document = { ...type.document, quantityTotal };
  const done = await doesAs(history, organizer, "changes the stock", () => TicketType.replace({ ...document, ticketTypeId: type.typeId } as never));
  if (done) type.document = document;
}

async function changesRoom(history: History, chance: Chance, show: Show): Promise<void> {
  const capacity = Math.max(1, Number(show.document["capacity"]) + chance.between(-5, 5));
  const document = { ...show.document, capacity };
  const done = await doesAs(history, organizer, "changes the room", () => Event.replace({ ...document, eventId: show.eventId } as never));
  if (done) show.document = document;
}

async function changesShared(history: History, chance: Chance, { eventId }: Show): Promise<void> {
  const view = await doesAs(history, organizer, "reads what is shared", () => Event.capacities({ eventId } as never));
  if (!view || view.capacities.length === 0) return;
  const capacities = view.capacities.map(({ id, name, seats, ticketTypeIds }) => ({
    id,
    name,
    ticketTypeIds,
    seats: Math.max(1, seats + chance.between(-4, 4)),
  }));
  await doesAs(history, organizer, "changes what is shared", () => Event.replaceCapacities({ eventId, capacities } as never));
}

async function answersDispute(history: History, chance: Chance, { eventId }: Show): Promise<void> {
  const list = await doesAs(history, organizer, "reads disputes", () => Dispute.list({ eventId } as never));
  if (!list || list.items.length === 0) return;
  const disputeId = chance.pick(list.items).id as DisputeId;
  const notes = chance.pick(["winning_evidence", "losing_evidence", "They were there."]);
  await doesAs(history, organizer, "stages evidence", () => Stripe.stageEvidence(disputeId, notes));
  if (chance.is(0.6)) await doesAs(history, organizer, "submits evidence", () => Stripe.submitEvidence(disputeId));
  if (chance.is(0.2)) await doesAs(history, admin, "accepts a dispute", () => Stripe.acceptDispute(disputeId));
}
