import * as z from "zod";
import { ErasureIdSchema } from "../id.ts";

export const ErasurePhase = z.enum(["people", "orders", "waiting", "done"]);
export type ErasurePhase = z.output<typeof ErasurePhase>;

/** request: they asked for it · retention: they are past their time. */
export const ErasureReason = z.enum(["request", "retention"]);

/** pending: the issuer of their tokens has not been asked yet · not_ours: its owner has to be asked. */
export const AtIssuer = z.enum(["pending", "forgotten", "not_ours"]);

/** `subject`: what the issuer calls them. */
export const RequestErasure = z.strictObject({ subject: z.string().min(1).max(255).optional() });

export const AnErasure = z.strictObject({ erasureId: ErasureIdSchema });

/** What whoever asked is told. */
export const ErasureReceipt = z
  .object({ erasureId: z.string(), phase: ErasurePhase, requestedAt: z.string(), finishedAt: z.string().nullable(), meaning: z.string() })
  .meta({
    id: "ErasureReceipt",
    example: {
      erasureId: "era_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      phase: "people",
      requestedAt: "2026-11-02T09:00:00.000Z",
      finishedAt: null,
      meaning: "Your name, e-mail and phone become unreadable within minutes, …",
    },
  });
export type ErasureReceipt = z.output<typeof ErasureReceipt>;

/** The proof of an erasure: it names nobody. */
export const ErasureView = z
  .object({
    id: z.string(),
    userId: z.string().nullable(),
    reason: ErasureReason,
    askedBy: z.object({ kind: z.string(), id: z.string().optional() }),
    phase: ErasurePhase,
    people: z.int().nullable().meta({ description: "How many were erased; null until it is done." }),
    keys: z.int().nullable().meta({ description: "How many keys were deleted." }),
    atIssuer: AtIssuer.nullable().meta({ description: "Whether whoever signs them in has forgotten them, too; null when nobody signed in." }),
    erased: z.array(z.object({ personId: z.string(), at: z.string() })),
    digest: z.string().nullable().meta({ description: "SHA-256 (base64url) over who asked, when, and who was erased." }),
    requestedAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({
    id: "Erasure",
    example: {
      id: "era_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      userId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      reason: "request",
      askedBy: { kind: "attendee", id: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3" },
      phase: "done",
      people: 1,
      keys: 1,
      atIssuer: "forgotten",
      erased: [{ personId: "per_01J8Z3K4M5N6P7Q8R9S0T1V2W3", at: "2026-11-02T09:00:02.000Z" }],
      digest: "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
      requestedAt: "2026-11-02T09:00:00.000Z",
      finishedAt: "2026-11-02T09:01:10.000Z",
    },
  });
export type ErasureView = z.output<typeof ErasureView>;
