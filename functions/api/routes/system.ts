import { publicKeyPem } from "@fashionistas/core/ticket";
import * as z from "zod";
import { EVERYBODY } from "../access.ts";
import { endpoint, type Api } from "../endpoint.ts";

/** Health, and the key that doors check tickets with. */
export function system(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/health",
      access: EVERYBODY,
      limit: "none",
      tag: "System",
      summary: "Is the API there?",
      success: { status: 200, description: "It is", schema: z.object({ status: z.literal("ok") }).meta({ example: { status: "ok" } }) },
    },
    async (c) => c.json({ status: "ok" }, 200, { "cache-control": "no-store" }),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/ticket-key",
      access: EVERYBODY,
      tag: "System",
      summary: "The public key of ticket credentials",
      description: "Ed25519, SPKI PEM: what a door needs to check a credential without a network.",
      success: {
        status: 200,
        description: "The key",
        schema: z
          .object({ algorithm: z.literal("Ed25519"), publicKeyPem: z.string() })
          .meta({ example: { algorithm: "Ed25519", publicKeyPem: "-----BEGIN PUBLIC KEY-----…" } }),
      },
    },
    async (c) => c.json({ algorithm: "Ed25519", publicKeyPem: publicKeyPem() }),
  );
}
