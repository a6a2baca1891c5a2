import { newId, ReconciliationIdSchema, type ReconciliationId } from "@fashionistas/core/id";
import * as Reconciliation from "@fashionistas/core/reconciliation";
import { ListReconciliations, ReconciliationView, StartReconciliation } from "@fashionistas/core/reconciliation/schema";
import * as z from "zod";
import { ADMINS, ADMINS_OF_RECORDS } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { IdempotencyKeyHeader, repeatable } from "../middleware/idempotency.ts";

const tag = "Reconciliations";

/** /reconciliations: our books against Stripe's, for admins. */
export function reconciliations(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/reconciliations",
      access: ADMINS,
      tag,
      summary: "List reconciliations",
      query: ListReconciliations,
      success: {
        status: 200,
        description: "Newest first; pass nextCursor on for the next page",
        schema: z.object({ items: z.array(ReconciliationView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await Reconciliation.list(c.req.query() as z.input<typeof ListReconciliations>)),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/reconciliations",
      access: ADMINS,
      tag,
      summary: "Compare our books with Stripe's",
      description: "Runs by itself every hour and every day. Repairs what can be repaired; `differences` is what remains for a person.",
      headers: IdempotencyKeyHeader,
      body: StartReconciliation,
      success: { status: 202, description: "It runs: read it again until it is done", schema: ReconciliationView },
    },
    async (c) => {
      const body = await jsonBody(c, StartReconciliation);
      const job = await repeatable(c, {
        body,
        newResourceId: newId("rec"),
        run: (id) => Reconciliation.start({ ...body, reconciliationId: id }),
        repeat: (id) => Reconciliation.find(id),
      });
      return c.json(Reconciliation.viewOf(job), 202, { location: `/reconciliations/${job.reconciliationId}` });
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/reconciliations/:id",
      access: ADMINS_OF_RECORDS.of("reconciliation"),
      tag,
      summary: "Get a reconciliation",
      params: z.object({ id: z.string().meta({ example: "rec_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) }),
      success: { status: 200, description: "How far it has come, and what remains", schema: ReconciliationView },
    },
    async (c) =>
      c.json(await Reconciliation.get({ reconciliationId: pathId<ReconciliationId>(c, ReconciliationIdSchema, Reconciliation.reconciliationNotFound) })),
  );
}
