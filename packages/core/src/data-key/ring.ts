import { now } from "../context.ts";
import { isMade } from "../db/transact.ts";
import { memory } from "../memory.ts";
import { isoOf } from "../time.ts";
import { Rings, type RingRow } from "./entity.ts";

/** Who makes and opens the ring's keys: a key service when deployed, a file in development. Asked once by a process for each version. */
export type KeyMaster = {
  /** A new key of 32 bytes, and the same sealed. */
  make(): Promise<{ key: Buffer; sealed: string }>;
  /** @throws Error that says what to do when it is not the master who sealed it */
  open(sealed: string): Promise<Buffer>;
};

const RING = "persons";

let master: KeyMaster | undefined;

/** Installs the master of this process. Entries that open or write personal data do it when they are loaded. */
export function setKeyMaster(installed: KeyMaster): void {
  master = installed;
}

function theMaster(): KeyMaster {
  if (!master) throw new Error("this entry opens personal data without a key master: import functions/personal-data.ts in it");
  return master;
}

type Held = { row?: Promise<RingRow> | undefined; opened: Map<number, Promise<Buffer>> };
const held = memory((): Held => ({ opened: new Map() }));

/** The key that wraps new keys, and its version. */
export async function wrappingKey(): Promise<{ kek: number; key: Buffer }> {
  const { current } = await ring();
  return { kek: current, key: await keyOf(current) };
}

/** The ring's key of this version. @throws Error when there is none, or the master cannot open it */
export async function keyOf(version: number): Promise<Buffer> {
  const { opened } = held();
  const standing = opened.get(version);
  if (standing) return standing;
  const opening = open(version);
  opened.set(version, opening);
  opening.catch(() => opened.delete(version));
  return opening;
}

async function open(version: number): Promise<Buffer> {
  const sealed = (await ring()).keys[version] ?? (await ring({ again: true })).keys[version];
  if (sealed === undefined)
    throw new Error(`the ring of personal-data keys has no version ${version}: the keys table is not the one this data was written with`);
  return theMaster().open(sealed);
}

/** Makes a new version of the ring's key: from now on processes that start wrap with it, and all of them open with either. @returns the version */
export async function turn(): Promise<number> {
  const { current, keys } = await ring({ again: true });
  const next = current + 1;
  const { sealed } = await theMaster().make();
  await Rings.patch({ ring: RING })
    .set({ current: next, keys: { ...keys, [next]: sealed } })
    .where((row, { eq }) => eq(row.current, current))
    .go();
  held().row = undefined;
  return next;
}

function ring({ again = false } = {}): Promise<RingRow> {
  const mine = held();
  if (mine.row && !again) return mine.row;
  const reading = standingRing();
  mine.row = reading;
  reading.catch(() => (mine.row = undefined));
  return reading;
}

async function standingRing(): Promise<RingRow> {
  const standing = await read();
  if (standing) return standing;
  const { sealed } = await theMaster().make();
  const fresh = { ring: RING, current: 1, keys: { 1: sealed }, createdAt: isoOf(now()) };
  if (await isMade(Rings.create(fresh).go())) return fresh;
  return (await read())!;
}

async function read(): Promise<RingRow | undefined> {
  const { data } = await Rings.get({ ring: RING }).go({ consistent: true });
  return (data as RingRow | null) ?? undefined;
}
