import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { canonicalJson } from "@fashionistas/core/canonical";
import { checkChain, journaledId, journalIdOf, TAMPERINGS } from "@fashionistas/core/db/chain";
import type { SharedCapacity } from "@fashionistas/core/event/schema";
import { bucketOf, isWhole, type BucketRow } from "@fashionistas/core/pool";
import type { LedgerRow } from "@fashionistas/core/ledger";
import type { RefundRow } from "@fashionistas/core/refund";
import { brokenDisputes } from "./disputes.ts";
import { brokenMoney } from "./money.ts";
import { brokenStandings } from "./standing.ts";
import type { World } from "./world.ts";

type Table = Pick<World, "documents" | "tableName">;
export type Books = Table & { store: Pick<World["store"], "list"> };

export type Item = Record<string, unknown> & { pk: string; sk: string };

/** Every item of the world's table, by entity. */
export async function everything(world: Table): Promise<Map<string, Item[]>> {
  const items = new Map<string, Item[]>();
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await world.documents.send(
      new ScanCommand({ TableName: world.tableName, ConsistentRead: true, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) }),
    );
    for (const item of (page.Items ?? []) as Item[]) {
      const entity = String(item["__edb_e__"]);
      items.set(entity, [...(items.get(entity) ?? []), item]);
    }
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items;
}

type OrderItem = Item & {
  orderId: string;
  status: string;
  amount: number;
  claims: { poolId: string; group: number; bucket: number; q: number }[];
  lines: { quantity: number; ticketTypeId: string }[];
  attempts: { intentId?: string; status: string }[];
};

/**
 * What must hold at rest, whatever happened before: returns one sentence per violation. `settled`: everything caused has
 * happened, so that nothing may be pending and Stripe and our books must agree.
 */
export async function violations(world: Books, { settled = true }: { settled?: boolean } = {}): Promise<string[]> {
  const items = await everything(world);
  const buckets = (items.get("bucket") ?? []).map(bucketOf);
  const orders = (items.get("order") ?? []) as OrderItem[];
  return [
    ...brokenBuckets(buckets),
    ...brokenCapacity(buckets, items),
    ...brokenOrders(orders, buckets, items),
    ...brokenChains(items),
    ...brokenLimits(items),
    ...brokenCopies(items),
    ...brokenStandings(items),
    ...(settled
      ? [
          ...pending(items),
          ...notRestocked(orders, buckets, items),
          ...(await brokenMoney(world, orders, ledgerOf(items), refundsOf(items))),
          ...(await brokenDisputes(world, items)),
        ]
      : []),
  ];
}

function brokenBuckets(buckets: readonly BucketRow[]): string[] {
  return buckets.filter((bucket) => !isWhole(bucket)).map((bucket) => `bucket ${bucket.poolId}/${bucket.bucket} does not add up: ${JSON.stringify(bucket)}`);
}

/** Pools hold what their documents say. Of a cancelled event nobody fits them any more: nothing of it is ever sold again. */
function brokenCapacity(buckets: readonly BucketRow[], items: Map<string, Item[]>): string[] {
  const events = (items.get("event") ?? []).filter((event) => event["stage"] !== "cancelled");
  const selling = new Set(events.map((event) => event["eventId"]));
  const types = (items.get("ticket-type") ?? []).filter((type) => type["quantityTotal"] !== undefined && selling.has(type["eventId"]));
  const offered = [
    ...types.map((type) => [type["ticketTypeId"], type["quantityTotal"]]),
    ...events.filter((event) => event["capacityBinds"]).map((event) => [event["eventId"], event["capacity"]]),
    ...events.flatMap((event) => (event["capacities"] as SharedCapacity[]).filter(({ binds }) => binds).map(({ capacityId, seats }) => [capacityId, seats])),
  ];
  return offered.flatMap(([id, wanted]) => {
    const seats = buckets.filter(({ poolId }) => poolId === id).reduce((sum, { capacity }) => sum + capacity, 0);
    return seats === wanted ? [] : [`${String(id)} offers ${String(wanted)} seats, its pool has ${seats}`];
  });
}

const ledgerOf = (items: Map<string, Item[]>) => (items.get("ledger-row") ?? []) as unknown as LedgerRow[];
const refundsOf = (items: Map<string, Item[]>) => (items.get("refund") ?? []) as unknown as RefundRow[];
const TICKETED = ["fulfilled", "voided"];
const ENDED = ["expired", "cancelled", "unfulfillable"];

function brokenOrders(orders: readonly OrderItem[], buckets: readonly BucketRow[], items: Map<string, Item[]>): string[] {
  const tickets = items.get("ticket") ?? [];
  const broken = orders.flatMap((order) => {
    const found = buckets.flatMap(({ claims, poolId }) => (claims[order.orderId] ? [{ ...claims[order.orderId]!, poolId }] : []));
    const issued = tickets.filter(({ orderId }) => orderId === order.orderId);
    const wanted = order.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    if (TICKETED.includes(order.status)) {
      const sold = order.claims.every(({ poolId, bucket }) =>
        buckets.some((one) => one.poolId === poolId && one.bucket === bucket && one.claims[order.orderId]?.s === "s"),
      );
      const standing = issued.filter(({ status }) => status !== "revoked").length;
      return [
        ...(sold ? [] : [`${order.orderId} is ${order.status} but a seat is not sold`]),
        ...(issued.length === wanted ? [] : [`${order.orderId} has ${issued.length} tickets of ${wanted}`]),
        ...(order.status === "voided" && standing > 0 ? [`${order.orderId} is voided but ${standing} of its tickets are not revoked`] : []),
      ];
    }
    return [
      ...(issued.length === 0 ? [] : [`${order.orderId} is ${order.status} with tickets`]),
      ...(ENDED.includes(order.status) && found.some(({ q }) => q > 0) ? [`${order.orderId} is ${order.status} but holds seats`] : []),
    ];
  });
  const known = new Map(orders.map((order) => [order.orderId, order]));
  const soldToNobody = buckets.flatMap(({ claims, poolId }) =>
    Object.entries(claims)
      .filter(([orderId, { s }]) => s === "s" && !TICKETED.includes(known.get(orderId)?.status ?? ""))
      .map(([orderId]) => `${poolId} sold a seat to ${orderId}, which is ${known.get(orderId)?.status ?? "missing"}`),
  );
  return [...broken, ...soldToNobody];
}

/** Seats of tickets that were taken back are on sale again, once in each of their pools, when the refund says so, and else are not. */
function notRestocked(orders: readonly OrderItem[], buckets: readonly BucketRow[], items: Map<string, Item[]>): string[] {
  return orders.flatMap(({ orderId, claims }) => {
    const due = refundsOf(items)
      .filter((refund) => refund.orderId === orderId && refund.restock)
      .flatMap(({ ticketNumbers }) => ticketNumbers);
    const pools = new Set(claims.map(({ poolId }) => poolId));
    const back = buckets.flatMap((bucket) => Object.keys(bucket.claims[orderId] ?? {}).filter((word) => /^r\d+$/.test(word)));
    const wrong = back.filter((word) => !due.includes(Number(word.slice(1))));
    const single = orders.find((order) => order.orderId === orderId)!.lines.length === 1;
    return [
      ...wrong.map((word) => `ticket ${word.slice(1)} of ${orderId} is on sale again although nobody said so`),
      ...(single && back.length !== due.length * pools.size ? [`${orderId} has ${back.length} seats on sale again, of ${due.length * pools.size}`] : []),
    ];
  });
}

function brokenLimits(items: Map<string, Item[]>): string[] {
  return (items.get("limit") ?? []).flatMap(({ pk, taken, claims }) => {
    const shares = Object.values((claims ?? {}) as Record<string, { q: number }>).reduce((sum, { q }) => sum + q, 0);
    return taken === shares && shares >= 0 ? [] : [`${pk} counts ${String(taken)}, its orders ${shares}`];
  });
}

/** What `pnpm audit:verify` finds, at the beginning of time: nothing is old enough to be collected. */
function brokenChains(items: Map<string, Item[]>): string[] {
  const chains = new Map<string, Item[]>();
  for (const entry of items.get("journal-entry") ?? []) chains.set(journalIdOf(entry)!, [...(chains.get(journalIdOf(entry)!) ?? []), entry]);
  const entities = new Map([...items.values()].flat().flatMap((item) => (journaledId(item) === undefined ? [] : [[journaledId(item)!, item] as const])));
  return [...new Set([...chains.keys(), ...entities.keys()])]
    .flatMap((id) => checkChain(id, chains.get(id) ?? [], entities.get(id), 0).findings)
    .map(({ entityId, seq, code }) => `journal of ${entityId}: entry ${seq} ${TAMPERINGS[code]}`);
}

/** The copies of a row say what the row says, attribute by attribute. */
function brokenCopies(items: Map<string, Item[]>): string[] {
  const rows = new Map([...(items.get("event") ?? []), ...(items.get("ticket-type") ?? [])].map((row) => [row.pk, row]));
  return (items.get("copy") ?? []).flatMap(({ pk, of, row: copied }) => {
    const own = Object.fromEntries(Object.entries(rows.get(String(of)) ?? {}).filter(([name]) => !/^(gsi\d)?[ps]k$|^__edb_/.test(name)));
    return canonicalJson(copied) === canonicalJson(own) ? [] : [`${pk} is not what its row is: ${JSON.stringify(copied)}`];
  });
}

function pending(items: Map<string, Item[]>): string[] {
  const webhooks = items.get("webhook") ?? [];
  const rows = [...(items.get("journal-entry") ?? []), ...webhooks];
  return [
    ...rows.filter((row) => row["gsi4pk"] !== undefined).map((row) => `${row.pk} ${row.sk} was never published`),
    ...webhooks.filter((row) => row["state"] === "received").map((row) => `${row.pk} ${row.sk} was received, and nobody knows what became of it`),
  ];
}
