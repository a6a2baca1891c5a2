import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { canonicalJson } from "@fashionistas/core/canonical";
import { journalHash } from "@fashionistas/core/db/journal";
import type { SharedCapacity } from "@fashionistas/core/event/schema";
import { bucketOf, isWhole, type BucketRow } from "@fashionistas/core/pool";
import type { World } from "./world.ts";

type Table = Pick<World, "documents" | "tableName">;
type Books = Table & { store: Pick<World["store"], "list"> };

type Item = Record<string, unknown> & { pk: string; sk: string };

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
  attempts: { intentId?: string }[];
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
    ...brokenCopies(items),
    ...(settled ? [...pending(items), ...(await brokenMoney(world, orders, items))] : []),
  ];
}

function brokenBuckets(buckets: readonly BucketRow[]): string[] {
  return buckets.filter((bucket) => !isWhole(bucket)).map((bucket) => `bucket ${bucket.poolId}/${bucket.bucket} does not add up: ${JSON.stringify(bucket)}`);
}

function brokenCapacity(buckets: readonly BucketRow[], items: Map<string, Item[]>): string[] {
  const types = (items.get("ticket-type") ?? []).filter((type) => type["quantityTotal"] !== undefined);
  const events = items.get("event") ?? [];
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

function brokenOrders(orders: readonly OrderItem[], buckets: readonly BucketRow[], items: Map<string, Item[]>): string[] {
  const tickets = items.get("ticket") ?? [];
  const broken = orders.flatMap((order) => {
    const found = buckets.flatMap(({ claims, poolId }) => ((claims[order.orderId]?.s ?? "x") !== "x" ? [{ ...claims[order.orderId]!, poolId }] : []));
    const issued = tickets.filter(({ orderId }) => orderId === order.orderId).length;
    const wanted = order.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    if (order.status === "fulfilled") {
      const sold = order.claims.every(({ poolId, bucket }) =>
        buckets.some((one) => one.poolId === poolId && one.bucket === bucket && one.claims[order.orderId]?.s === "s"),
      );
      return [
        ...(sold ? [] : [`${order.orderId} is fulfilled but a seat is not sold`]),
        ...(issued === wanted ? [] : [`${order.orderId} has ${issued} tickets of ${wanted}`]),
      ];
    }
    const ended = order.status === "expired" || order.status === "cancelled";
    return [
      ...(issued === 0 ? [] : [`${order.orderId} is ${order.status} with tickets`]),
      ...(ended && found.length > 0 ? [`${order.orderId} is ${order.status} but holds seats`] : []),
      ...(found.some(({ s }) => s === "s") && ended ? [`${order.orderId} is ${order.status} but its seats are sold`] : []),
    ];
  });
  const known = new Map(orders.map((order) => [order.orderId, order]));
  const soldToNobody = buckets.flatMap(({ claims, poolId }) =>
    Object.entries(claims)
      .filter(([orderId, { s }]) => s === "s" && known.get(orderId)?.status !== "fulfilled")
      .map(([orderId]) => `${poolId} sold a seat to ${orderId}, which is ${known.get(orderId)?.status ?? "missing"}`),
  );
  return [...broken, ...soldToNobody];
}

type Entry = Item & {
  entityId: string;
  seq: number;
  hash: string;
  previousHash: string;
  entityType: string;
  action: string;
  actor: unknown;
  at: string;
  requestId: string;
  events: unknown;
};

function brokenChains(items: Map<string, Item[]>): string[] {
  const entries = (items.get("journal-entry") ?? []) as Entry[];
  const chains = groupBy(entries);
  const heads = new Map(
    ["event", "ticket-type", "order"].flatMap((entity) =>
      (items.get(entity) ?? []).map(
        (item) =>
          [String(item["orderId"] && entity === "order" ? item["orderId"] : entity === "ticket-type" ? item["ticketTypeId"] : item["eventId"]), item] as const,
      ),
    ),
  );
  return [...chains].flatMap(([entityId, chain]) => {
    const sorted = [...chain].sort((a, b) => a.seq - b.seq);
    const head = heads.get(entityId);
    return [
      ...sorted.flatMap((entry, i) =>
        entry.seq === i + 1 && entry.previousHash === (sorted[i - 1]?.hash ?? "") && entry.hash === journalHash(entry)
          ? []
          : [`journal of ${entityId} breaks at ${entry.seq}`],
      ),
      ...(head && (head["version"] !== sorted.at(-1)?.seq || head["auditHash"] !== sorted.at(-1)?.hash)
        ? [`${entityId} has another head than its journal`]
        : []),
    ];
  });
}

function groupBy(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) groups.set(entry.entityId, [...(groups.get(entry.entityId) ?? []), entry]);
  return groups;
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
  const rows = [...(items.get("journal-entry") ?? []), ...(items.get("webhook") ?? [])];
  return rows.filter((row) => row["gsi4pk"] !== undefined).map((row) => `${row.pk} ${row.sk} was never published`);
}

type Intent = { id: string; status: string; amount_received: number; metadata: Record<string, string> };

async function brokenMoney(world: Books, orders: readonly OrderItem[], items: Map<string, Item[]>): Promise<string[]> {
  const intents = (await world.store.list<{ intent: Intent }>("stripe_payment_intents")).map(({ value }) => value.intent);
  const ledger = items.get("ledger-row") ?? [];
  const paid = intents.filter(({ status }) => status === "succeeded");
  const unknown = paid.flatMap((intent) => {
    const order = orders.find(({ orderId }) => orderId === intent.metadata["order_id"]);
    const rows = ledger.filter(({ reference }) => reference === intent.id);
    return [
      ...(order?.status === "fulfilled" ? [] : [`${intent.id} is paid but its order is ${order?.status ?? "missing"}`]),
      ...(rows.length === 1 && rows[0]!["amount"] === intent.amount_received ? [] : [`${intent.id} is booked ${rows.length} times`]),
    ];
  });
  const open = intents
    .filter(
      ({ status, metadata }) =>
        status !== "succeeded" &&
        status !== "canceled" &&
        ["expired", "cancelled", "fulfilled"].includes(orders.find(({ orderId }) => orderId === metadata["order_id"])?.status ?? ""),
    )
    .map(({ id, metadata }) => `${id} can still be paid although ${metadata["order_id"]} has ended`);
  const invented = ledger
    .filter(({ reference }) => !paid.some(({ id }) => id === reference))
    .map(({ reference }) => `${String(reference)} is booked but not paid`);
  return [...unknown, ...open, ...invented];
}
