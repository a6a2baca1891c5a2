import { type Function, type StackContext, use } from "sst/constructs";
import { lambda } from "./defaults.ts";
import { Secrets } from "./secrets.ts";
import { Table } from "./table.ts";

/** Which vendor posts where, and the one secret with which its function recognises it. */
const webhooks = [
  { vendor: "stripe", route: "POST /webhooks/stripe", secret: "STRIPE_WEBHOOK_SECRET" },
  { vendor: "wati", route: "POST /webhooks/wati/{token}", secret: "WATI_WEBHOOK_TOKEN" },
];

/** Vendors' webhooks: functions of their own, which the HTTP API routes to. They store what came, and answer. */
export function Webhooks({ stack }: StackContext) {
  const { environment, callVerbs } = use(Table);
  const secrets = use(Secrets);

  const routes: Record<string, Function> = {};
  for (const { vendor, route, secret } of webhooks)
    routes[route] = lambda(stack, vendor, {
      handler: `functions/webhooks/${vendor}.handler`,
      description: `Takes in what ${vendor} posts`,
      environment: { ...environment, ...secrets.environment(stack, [secret]) },
      may: [callVerbs()],
    });
  return { routes };
}
