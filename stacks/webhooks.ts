import { type Function, type StackContext, use } from "sst/constructs";
import { lambda } from "./defaults.ts";
import { Secrets } from "./secrets.ts";
import { Table } from "./table.ts";

/** Which vendor posts where, the secret with which its function recognises it, and what else it must know. */
const webhooks = [
  { vendor: "stripe", route: "POST /webhooks/stripe", secrets: ["STRIPE_WEBHOOK_SECRET"] },
  { vendor: "wati", route: "POST /webhooks/wati/{token}", secrets: ["WATI_WEBHOOK_TOKEN", "PERSON_HASH_KEY"] },
];

/** Vendors' webhooks: functions of their own, which the HTTP API routes to. They store what came, and answer. */
export function Webhooks({ stack }: StackContext) {
  const { environment, callVerbs } = use(Table);
  const secrets = use(Secrets);

  const routes: Record<string, Function> = {};
  for (const { vendor, route, secrets: names } of webhooks)
    routes[route] = lambda(stack, vendor, {
      handler: `functions/webhooks/${vendor}.handler`,
      description: `Takes in what ${vendor} posts`,
      environment: { ...environment, ...secrets.environment(stack, names) },
      may: [callVerbs()],
    });
  return { routes };
}
