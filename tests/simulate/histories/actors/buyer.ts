/** Somebody who wants tickets: asks, orders, maybe twice, pays in one of the ways people do, and maybe wants the money back. */
import { secretKey } from "../../../kit/documents.ts";
import type { Chance, Answer } from "../../../kit/simulation/index.ts";
import type { Checkout, OrderView } from "@fashionistas/core/order/schema";
import type { RefundView } from "@fashionistas/core/refund/schema";
import { arrives, does, type History, type Placed, type Show } from "../shop.ts";

type Problem = { code?: string };
type Bought = Checkout & Problem;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Longer than a call with an idempotency key is locked after its process died. */
const TRY_AGAIN_MS = 31 * SECOND_MS;
const TRIES = 4;
const FOR_WANT_OF_SEATS = new Set(["ticket_type.sold_out", "ticket_type.all_held", "ticket_type.not_enough_left"]);

export async function buyer(history: History, n: number): Promise<void> {
  const chance = history.simulation.chance.of(`buyer-${n}`);
  await arrives(history, chance);
  const show = chance.pick(history.shows);
  const order = requestOf(history, show, chance);
  if (chance.is(0.3)) await does(history, `buyer ${n} asks for a quote`, () => history.simulation.request("POST", "/orders/quote", { body: order }));
  const placed = await orders(history, n, show, order, chance);
  if (!placed) return;
  if (!placed.paid) await pays(history, n, placed, chance);
  if (chance.is(0.2)) await names(history, n, placed, chance);
  if (chance.is(0.25)) await asksBack(history, n, placed, chance);
}

function requestOf(history: History, show: Show, chance: Chance) {
  const person = chance.between(1, history.plan.people);
  const types = chance.shuffled(show.types).slice(0, chance.pick([1, 1, 1, 2, 3]));
  const lines = types.map(({ typeId, kind, document }) => {
    const most = Math.min(Number(document["maxPerOrder"]), chance.pick([1, 2, 2, 4, 20]));
    const quantity = chance.between(1, most);
    const named = chance.is(0.1) ? { attendees: [{ name: "Bea Bianchi", email: `bea-${chance.between(1, 5)}@example.com` }] } : {};
    const amount = kind === "donation" && chance.is(0.5) ? { amount: chance.pick([0, 2_500]) } : {};
    return { ticketTypeId: typeId, quantity, ...amount, ...named };
  });
  const phone = chance.is(0.4) ? { phone: `+39333${1_000_000 + chance.between(1, history.plan.people)}` } : {};
  return { lines, buyer: { name: "Anna Rossi", email: `person-${person}@example.com`, ...phone } };
}

/** Orders until there is an answer, always under the same key. */
async function orders(history: History, n: number, show: Show, body: ReturnType<typeof requestOf>, chance: Chance): Promise<Placed | undefined> {
  const { simulation } = history;
  const [line] = body.lines;
  const alone = body.lines.length === 1 && chance.is(0.5);
  const { ticketTypeId, ...rest } = line!;
  const [path, sent] = alone ? [`/tickets/${ticketTypeId}/purchase`, { ...rest, buyer: body.buyer }] : ["/orders", body];
  const headers = { "idempotency-key": secretKey(`buyer-${n}`) };
  const ask = () => does(history, `buyer ${n} orders`, () => simulation.request<Bought>("POST", path, { body: sent, headers }));
  const answers: Answer<Bought>[] = [];
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const twice = chance.is(0.15);
    const atMs = simulation.now();
    const came = await Promise.all([ask(), ...(twice ? [ask()] : [])]);
    answers.push(...came.filter((answer) => answer !== undefined));
    const refusals = came.flatMap((answer) => (FOR_WANT_OF_SEATS.has(answer?.body.code ?? "") ? [answer!.body.code!] : []));
    history.refused.push(...refusals.map((code) => ({ atMs, answeredMs: simulation.now(), code, lines: body.lines })));
    const told = came.some((answer) => answer && (answer.status === 201 || (answer.status < 500 && answer.body.code !== "idempotency_key.in_progress")));
    if (told && !chance.is(0.1)) break;
    await simulation.sleep(TRY_AGAIN_MS);
  }
  const good = answers.filter(({ status }) => status === 201).map(({ body: checkout }) => checkout);
  const ids = new Set(good.map(({ order }) => order.id));
  if (ids.size > 1) history.witness.unexplained.push(`one key made several orders: ${[...ids].join(", ")}`);
  const checkout = good.find(({ payment }) => payment) ?? good[0];
  if (!checkout) return undefined;
  const { order, payment, orderToken: token } = checkout;
  const paid = order.status === "fulfilled";
  const placed = { orderId: order.id, token, show, paid, ...(payment ? { intentId: payment.paymentIntentId } : {}) };
  history.placed.push(placed);
  return placed;
}

type Way = (history: History, n: number, placed: Placed, chance: Chance) => Promise<unknown>;

async function pays(history: History, n: number, placed: Placed, chance: Chance): Promise<void> {
  if (!placed.intentId || chance.is(0.1)) await asks(history, n, placed, chance);
  if (chance.is(0.15)) await onOrder(history, n, placed, "extend");
  const way = chance.is(history.plan.late) ? paysLate : chance.is(history.plan.simple) ? succeeds : chance.pick(WAYS);
  await history.simulation.sleep(chance.exponential(MINUTE_MS));
  await way(history, n, placed, chance);
}

/** Asks for a payment, until there is one. */
async function asks(history: History, n: number, placed: Placed, chance: Chance): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const answer = await onOrder<Bought>(history, n, placed, "pay");
    if (answer?.status === 200 && answer.body.payment) placed.intentId = answer.body.payment.paymentIntentId;
    if (placed.intentId || (answer && answer.status >= 400 && answer.status < 500)) return;
    await history.simulation.sleep(chance.exponential(10 * SECOND_MS));
  }
}

const succeeds: Way = (history, n, placed, chance) => pay(history, n, placed, "succeed", { paymentMethod: chance.pick(METHODS) });

/** Stripe answered that it was cancelled, and it is paid all the same, when its seats are maybe gone. */
const paysLate: Way = async (history, n, placed, chance) => {
  if (chance.is(0.5)) await onOrder(history, n, placed, "cancel");
  else await history.simulation.sleep(chance.between(16, 30) * MINUTE_MS);
  await does(history, "expire-orders runs", () => history.simulation.schedule("expire-orders"));
  await history.simulation.sleep(chance.exponential(5 * MINUTE_MS));
  if (placed.intentId) await does(history, `buyer ${n} pays what was cancelled`, () => history.simulation.stripe.payCanceled(placed.intentId!));
};

const WAYS: readonly Way[] = [
  paysLate,
  async (history, n, placed, chance) => {
    await pay(history, n, placed, "decline");
    await history.simulation.sleep(chance.exponential(3 * MINUTE_MS));
    if (chance.is(0.8)) await succeeds(history, n, placed, chance);
  },
  async (history, n, placed, chance) => {
    await pay(history, n, placed, "requires_action");
    await history.simulation.sleep(chance.exponential(2 * MINUTE_MS));
    const end = chance.pick(["succeed", "decline", undefined] as const);
    if (end) await pay(history, n, placed, end);
  },
  // A bank that takes its time, sometimes longer than the order has; what is open in the end is decided then.
  async (history, n, placed, chance) => {
    await pay(history, n, placed, "processing");
    await history.simulation.sleep(chance.exponential(15 * MINUTE_MS));
    if (chance.is(0.7)) await settles(history, n, placed, chance.is(0.8) ? "succeed" : "decline");
  },
  (history, n, placed) => onOrder(history, n, placed, "cancel"),
  // Both at once: whatever Stripe hears first is what happened.
  (history, n, placed, chance) => Promise.all([onOrder(history, n, placed, "cancel"), succeeds(history, n, placed, chance)]),
  // Nobody is left.
  async () => {},
  // At the last second, by this or that clock.
  async (history, n, placed, chance) => {
    const { simulation } = history;
    const answer = await does(history, `buyer ${n} looks`, () =>
      simulation.request<OrderView>("GET", `/orders/${placed.orderId}`, { headers: { "order-token": placed.token } }),
    );
    const end = Date.parse(answer?.body.expiresAt ?? "");
    if (Number.isNaN(end)) return;
    await simulation.sleep(end - simulation.now() + chance.between(-20, 20) * SECOND_MS);
    const expiring = chance.is(0.5) ? does(history, "expire-orders runs", () => simulation.schedule("expire-orders")) : undefined;
    await Promise.all([expiring, succeeds(history, n, placed, chance)]);
  },
  async (history, n, placed, chance) => {
    if (placed.intentId) await does(history, "somebody changes an amount at Stripe", () => history.simulation.stripe.changeAmount(placed.intentId!, 777));
    await succeeds(history, n, placed, chance);
  },
];

const METHODS = [
  ...Array.from({ length: 8 }, () => "pm_card_visa"),
  "pm_card_refundFail",
  "pm_card_pendingRefund",
  "pm_card_createDispute",
  "pm_card_createDisputeInquiry",
];

async function pay(
  history: History,
  n: number,
  placed: Placed,
  outcome: "succeed" | "decline" | "requires_action" | "processing",
  how: { paymentMethod?: string } = {},
): Promise<void> {
  const { intentId } = placed;
  if (!intentId) return;
  const intent = await does(history, `buyer ${n} pays: ${outcome}`, () => history.simulation.stripe.pay(intentId, outcome, how));
  placed.paid ||= intent?.status === "succeeded";
}

export async function settles(history: History, n: number | string, { intentId }: Placed, outcome: "succeed" | "decline"): Promise<void> {
  if (intentId) await does(history, `the bank of buyer ${n} says: ${outcome}`, () => history.simulation.stripe.settle(intentId, outcome));
}

function onOrder<T = OrderView & Problem>(history: History, n: number, { orderId, token }: Placed, action: "pay" | "cancel" | "extend") {
  const headers = { "order-token": token };
  return does(history, `buyer ${n} asks to ${action}`, () => history.simulation.request<T>("POST", `/orders/${orderId}/${action}`, { headers }));
}

async function names(history: History, n: number, { orderId, token }: Placed, chance: Chance): Promise<void> {
  const attendee = chance.is(0.8) ? { name: "Cleo Conti", email: `cleo-${chance.between(1, 5)}@example.com` } : null;
  const body = { attendees: [{ ticketNumber: chance.between(1, 2), attendee }] };
  const headers = { "order-token": token };
  await does(history, `buyer ${n} names somebody`, () => history.simulation.request("PUT", `/orders/${orderId}/attendees`, { headers, body }));
}

/** All of it, or some of the tickets; the same call twice, as people do who wait. */
async function asksBack(history: History, n: number, { orderId, token }: Placed, chance: Chance): Promise<void> {
  const { simulation } = history;
  await simulation.sleep(chance.exponential(5 * MINUTE_MS));
  const ticketIds = chance.is(0.5) ? { ticketIds: [`${orderId.replace("ord_", "tkt_")}-${chance.between(1, 2)}`] } : {};
  const headers = { "order-token": token, "idempotency-key": `back-${n}` };
  const body = { ...ticketIds, reason: "customer_request" };
  const ask = () =>
    does(history, `buyer ${n} wants money back`, () => simulation.request<RefundView & Problem>("POST", `/orders/${orderId}/refunds`, { headers, body }));
  await Promise.all([ask(), ...(chance.is(0.2) ? [ask()] : [])]);
}
