import { GetCommand, QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { tableName } from "../config.ts";
import { inTurns } from "../in-turns.ts";
import { isoOf, MINUTE_MS } from "../time.ts";
import { checkChain, checkEnd, checkEntries, journaledId, journalIdOf, type ChainReport, type Finding, type Raw } from "./chain.ts";
import { client } from "./client.ts";

/** For operators, with their own rights: it reads the whole table. No function of ours is allowed to. */
export type Walk = { items: number; entries: number; journals: number };
export type Verified = Walk & {
  findings: Finding[];
  /** Journals whose oldest entries were kept for seven years and collected. */
  shortened: { entityId: string; beginsAt: number }[];
};

type Ended = ReturnType<typeof checkEntries> & { since: string };
type Key = { pk: string; sk: string };

const SEGMENTS = 4;
const TRIES = 5;
/** Clocks differ: a journal that began so shortly before the walk may be of an entity that the walk had passed. */
const SKEW_MS = 5 * MINUTE_MS;

/**
 * Walks all journals and the entities that hold their heads. The product may go on meanwhile: what looks wrong is read again,
 * whole and strongly consistently, before it is called a finding. Memory grows with the number of entities, not of entries.
 */
export async function verifyJournals(nowMs: number, told: (walk: Walk) => void): Promise<Verified> {
  const walk: Walk = { items: 0, entries: 0, journals: 0 };
  const journals = new Map<string, Ended>();
  const entities = new Map<string, Raw & Key>();
  const doubtful = new Set<string>();

  // The entries of a journal come one after the other; where they do not, the journal is read again.
  const finish = (entityId: string, items: readonly Raw[]) => {
    const checked = checkEntries(entityId, items, nowMs);
    if (journals.has(entityId) || checked.findings.length > 0) doubtful.add(entityId);
    journals.set(entityId, { ...checked, since: String(items[0]?.["at"]) });
    walk.journals = journals.size;
  };
  const readSegment = async (segment: number) => {
    let run: { entityId: string; items: Raw[] } | undefined;
    for await (const page of pagesOf(segment)) {
      for (const item of page) {
        const entityId = journalIdOf(item);
        if (run && run.entityId !== entityId) run = void finish(run.entityId, run.items);
        if (entityId === undefined) noteEntity(entities, item);
        else (run ??= { entityId, items: [] }).items.push(item);
        walk.entries += entityId === undefined ? 0 : 1;
      }
      walk.items += page.length;
      told(walk);
    }
    if (run) finish(run.entityId, run.items);
  };
  await Promise.all(Array.from({ length: SEGMENTS }, (_, segment) => readSegment(segment)));

  const ids = [...new Set([...journals.keys(), ...entities.keys()])];
  for (const id of ids) if (checkEnd(id, journals.get(id)?.end, entities.get(id), nowMs).length > 0) doubtful.add(id);
  const young = isoOf(nowMs - SKEW_MS);
  const certain = await inTurns([...doubtful], SEGMENTS, async (id) => {
    const report = await readAgain(id, entities.get(id), nowMs);
    const unseen = !entities.has(id) && (journals.get(id)?.since ?? "") > young;
    return { ...report, findings: report.findings.filter(({ code }) => !(unseen && code === "no_entity")) };
  });
  const shortened = ids.flatMap((entityId) => {
    const beginsAt = journals.get(entityId)?.beginsAt;
    return beginsAt === undefined ? [] : [{ entityId, beginsAt }];
  });
  return { ...walk, findings: certain.flatMap(({ findings }) => findings), shortened: shortened.filter(({ entityId }) => !doubtful.has(entityId)) };
}

function noteEntity(entities: Map<string, Raw & Key>, item: Raw): void {
  const id = journaledId(item);
  if (id === undefined) return;
  const { pk, sk, version, auditHash, updatedAt } = item as Raw & Key;
  entities.set(id, { pk, sk, version, auditHash, updatedAt });
}

/** A journal and its entity as they stood at one moment: nobody changed the entity while its journal was read. */
async function readAgain(entityId: string, key: Key | undefined, nowMs: number): Promise<ChainReport> {
  for (let attempt = 1; ; attempt++) {
    const before = await entityAt(key);
    const items = await journalOf(entityId);
    const after = await entityAt(key);
    if (before?.["version"] === after?.["version"] || attempt === TRIES) return checkChain(entityId, items, after, nowMs);
  }
}

async function entityAt(key: Key | undefined): Promise<Raw | undefined> {
  if (!key) return undefined;
  const { Item } = await client.send(new GetCommand({ TableName: tableName(), Key: { pk: key.pk, sk: key.sk }, ConsistentRead: true }));
  return Item;
}

async function journalOf(entityId: string): Promise<Raw[]> {
  const items: Raw[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName(),
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": `JOURNAL#${entityId}` },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items;
}

async function* pagesOf(segment: number): AsyncGenerator<Raw[]> {
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: tableName(), Segment: segment, TotalSegments: SEGMENTS, ConsistentRead: true, ExclusiveStartKey }),
    );
    yield page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
