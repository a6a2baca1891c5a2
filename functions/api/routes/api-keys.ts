import { userIdOf } from "@fashionistas/core/actor";
import * as ApiKey from "@fashionistas/core/api-key";
import { ApiKeyDocument, ApiKeyView, ApiKeyWithSecret, ListApiKeys, Rotation } from "@fashionistas/core/api-key/schema";
import { context } from "@fashionistas/core/context";
import { ApiKeyIdSchema, newId, type ApiKeyId } from "@fashionistas/core/id";
import type { Context } from "hono";
import * as z from "zod";
import { KEY_OWNER, TEAM_IN_PERSON, TEAM_ITSELF } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { IdempotencyKeyHeader, repeatable } from "../middleware/idempotency.ts";

const tag = "API keys";
const params = z.object({ id: z.string().meta({ example: "key_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const idOf = (c: Context): ApiKeyId => pathId(c, ApiKeyIdSchema, ApiKey.apiKeyNotFound);

/** /api-keys: keys for programs that act for somebody of the team. */
export function apiKeys(app: Api): void {
  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/api-keys",
      access: TEAM_ITSELF,
      tag,
      summary: "Make an API key",
      description:
        "Send its secret as X-Api-Key. It acts for you with the permissions that you name, never with more than you have, and ends with you. The secret is in this answer and nowhere else; repeated with the same Idempotency-Key, the answer is the same.",
      headers: IdempotencyKeyHeader,
      body: ApiKeyDocument,
      success: { status: 201, description: "The key and its secret", schema: ApiKeyWithSecret },
      errors: ["event.not_found", "api_key.beyond_own"],
    },
    async (c) => {
      const body = await jsonBody(c, ApiKeyDocument);
      const run = (apiKeyId: string) => ApiKey.create({ ...body, apiKeyId });
      const repeat = (apiKeyId: string) => ApiKey.createdBy(userIdOf(context().actor), apiKeyId);
      const key = await repeatable(c, { body, newResourceId: newId("key"), run, repeat });
      return c.json(key, 201, { location: `/api-keys/${key.id}` });
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/api-keys",
      access: TEAM_ITSELF,
      tag,
      summary: "List API keys",
      query: ListApiKeys,
      success: {
        status: 200,
        description: "Your own, or for an admin those of a user, oldest first; those that have ended for 90 days",
        schema: z.object({ items: z.array(ApiKeyView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await ApiKey.list(c.req.query() as unknown as z.input<typeof ListApiKeys>)),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/api-keys/:id",
      access: TEAM_IN_PERSON.of("api_key"),
      tag,
      summary: "Get an API key",
      params,
      success: { status: 200, description: "The key, without its secret", schema: ApiKeyView },
    },
    async (c) => c.json(await ApiKey.get({ apiKeyId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/api-keys/:id/rotate",
      access: KEY_OWNER.of("api_key"),
      tag,
      summary: "Give an API key another secret",
      description:
        "Both secrets open the key until the overlap ends; after a second rotation the first of three opens it no more. Overlap 0 ends the old secret within a minute.",
      params,
      headers: IdempotencyKeyHeader,
      body: Rotation,
      success: { status: 201, description: "The key and its new secret", schema: ApiKeyWithSecret },
      errors: ["api_key.over"],
    },
    async (c) => {
      const apiKeyId = idOf(c);
      const body = await jsonBody(c, Rotation);
      // Which secret is asked for is what a repeated call must remember: the next one as of the first call.
      const generation = (await ApiKey.get({ apiKeyId })).generation + 1;
      const run = (secret: string) => ApiKey.rotate({ ...body, apiKeyId, generation: generationIn(secret) });
      const repeat = (secret: string) => ApiKey.rotatedBy(userIdOf(context().actor), apiKeyId, generationIn(secret));
      return c.json(await repeatable(c, { body, newResourceId: `${apiKeyId}-${generation}`, run, repeat }), 201);
    },
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/api-keys/:id",
      access: TEAM_IN_PERSON.of("api_key"),
      tag,
      summary: "Revoke an API key",
      params,
      success: { status: 204, description: "It ends: within a minute everywhere" },
    },
    async (c) => {
      await ApiKey.revoke({ apiKeyId: idOf(c) });
      return c.body(null, 204);
    },
  );
}

function generationIn(secret: string): number {
  return Number(secret.slice(secret.lastIndexOf("-") + 1));
}
