import * as Erasure from "@fashionistas/core/erasure";
import { ErasureView } from "@fashionistas/core/erasure/schema";
import { ErasureIdSchema } from "@fashionistas/core/id";
import * as z from "zod";
import { ADMINS_OF_RECORDS } from "../access.ts";
import { endpoint, pathId, type Api } from "../endpoint.ts";

/** /erasures: proofs, for admins. */
export function erasures(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/erasures/:id",
      access: ADMINS_OF_RECORDS.of("erasure"),
      tag: "Privacy",
      summary: "Get the proof of an erasure",
      description: "Who asked, when, and how many people and keys are gone. It names nobody.",
      params: z.object({ id: z.string().meta({ example: "era_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) }),
      success: { status: 200, description: "The erasure, done or on its way", schema: ErasureView },
    },
    async (c) => c.json(await Erasure.get({ erasureId: pathId(c, ErasureIdSchema, Erasure.erasureNotFound) })),
  );
}
