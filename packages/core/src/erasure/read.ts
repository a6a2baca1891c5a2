import { capability } from "../capability.ts";
import { ErasedPeople, Erasures, type ErasedPersonRow, type ErasureRow } from "./entity.ts";
import { erasureNotFound } from "./errors.ts";
import { AnErasure, type ErasureReceipt, type ErasureView } from "./schema.ts";

/** The erasure of this id, or undefined. Strongly consistent. */
export async function find(erasureId: string): Promise<ErasureRow | undefined> {
  const { data } = await Erasures.get({ erasureId }).go({ consistent: true });
  return (data as ErasureRow | null) ?? undefined;
}

/** Erasures that must go on at this instant, those of a worker who died among them; at most `limit`. */
export async function listDue(at: string, limit: number): Promise<ErasureRow[]> {
  const { data } = await Erasures.query.byDue({ list: "open" }).lte({ dueAt: at }).go({ limit });
  return data as ErasureRow[];
}

/** Who was erased, by id. */
export async function listErased(erasureId: string): Promise<ErasedPersonRow[]> {
  const { data } = await ErasedPeople.query.byErasure({ erasureId }).go({ pages: "all", consistent: true });
  return data;
}

/** The proof of an erasure, for admins. @throws erasure.not_found */
export const get = capability(
  "erasure.get",
  { input: AnErasure, allow: ["admin", "key"], needs: "privacy:read" },
  async ({ erasureId }): Promise<ErasureView> => {
    const job = await find(erasureId);
    if (!job) throw erasureNotFound();
    return {
      id: erasureId,
      userId: job.userId ?? null,
      reason: job.reason,
      askedBy: job.askedBy as ErasureView["askedBy"],
      phase: job.phase,
      people: job.people ?? null,
      keys: job.keys ?? null,
      atIssuer: job.atIssuer ?? null,
      erased: (await listErased(erasureId)).map(({ personId, at }) => ({ personId, at })),
      digest: job.digest ?? null,
      requestedAt: job.requestedAt,
      finishedAt: job.finishedAt ?? null,
    };
  },
);

const MEANING = [
  "Your name, e-mail and phone become unreadable within minutes, in every copy that can be reached, and after 7 days in every backup of their keys too.",
  "Orders, payments and tickets stay as the law asks, under numbers that name nobody. Tickets you hold stay valid: keep their links, because we can no longer send them.",
].join(" ");

/** What whoever asked is told. */
export function receiptOf({ erasureId, phase, requestedAt, finishedAt }: ErasureRow): ErasureReceipt {
  return { erasureId, phase, requestedAt, finishedAt: finishedAt ?? null, meaning: MEANING };
}
