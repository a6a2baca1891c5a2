import { type CfnStage, HttpApi, HttpRoute, HttpMethod, HttpRouteKey, HttpStage, type IHttpApi, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { type Function, type StackContext, use } from "sst/constructs";
import { identity } from "./auth.ts";
import { lambda, logRetention, removalPolicy } from "./defaults.ts";
import * as Parameters from "./parameters.ts";
import { Realtime } from "./realtime.ts";
import { Secrets } from "./secrets.ts";
import { Table } from "./table.ts";
import { Webhooks } from "./webhooks.ts";

/** Requests a second and in one burst, of the account's 10,000. Each webhook route has a bucket of its own. */
const apiThrottle = { rateLimit: 5_000, burstLimit: 2_500 };
const webhookThrottle = { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 500 };

/** No path, address or agent: a WATI path carries its token, and an address is personal data. */
const accessLogFormat = JSON.stringify({
  at: "$context.requestTime",
  requestId: "$context.requestId",
  route: "$context.routeKey",
  status: "$context.status",
  bytes: "$context.responseLength",
  latencyMs: "$context.responseLatency",
  integrationMs: "$context.integrationLatency",
  error: "$context.error.message",
});

/** The HTTP API: one function for everything, and the vendors' webhooks beside it. */
export function Api({ stack, app }: StackContext) {
  const data = use(Table);
  const secrets = use(Secrets);

  const handler = lambda(stack, "handler", {
    handler: "functions/api/handler.handler",
    description: "The HTTP API",
    memoryMb: 1024,
    timeoutSeconds: 28,
    environment: {
      ...data.environment,
      ...data.personalData.environment,
      ...secrets.environment(stack, ["PERSON_HASH_KEY", "ORDER_TOKEN_KEY", "INVITATION_TOKEN_KEY", "TICKET_SIGNING_KEY", "STRIPE_SECRET_KEY"]),
      ...identity().environment,
      ...Parameters.edge(app.stage),
      ...Parameters.optional("ADMIN_EMAILS", "HOLD_MINUTES", "PAYMENT_STARTS_PER_SECOND", "DOCS_ASSETS_URL"),
      // API Gateway WebSocket APIs have no paths: the channel travels in the query until an edge in front takes it from the path.
      WEBSOCKET_URL: `${use(Realtime).url}?channel={channel}&ticket={ticket}`,
    },
    may: [data.callVerbs(), ...data.personalData.may()],
  });

  // Without CORS of its own: which pages may call is decided in one place, the function's middleware.
  // As the interface: the class writes its optional members down in a way that exactOptionalPropertyTypes refuses.
  const api = new HttpApi(stack, "http", { apiName: stack.stackName, createDefaultStage: false }) as IHttpApi;
  const accessLogs = new LogGroup(stack, "access-logs", {
    // Under this prefix API Gateway's right to write does not have to be listed log by log.
    logGroupName: `/aws/vendedlogs/${stack.stackName}`,
    retention: logRetention(app.stage),
    removalPolicy: removalPolicy(app.stage),
  });
  const stage = new HttpStage(stack, "stage", {
    httpApi: api,
    stageName: "$default",
    autoDeploy: true,
    throttle: apiThrottle,
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLogs),
      format: AccessLogFormat.custom(accessLogFormat),
    },
  });

  const route = (key: HttpRouteKey, fn: Function) =>
    new HttpRoute(stack, `${fn.node.id}-route`, { httpApi: api, routeKey: key, integration: new HttpLambdaIntegration(fn.node.id, fn) });
  route(HttpRouteKey.DEFAULT, handler);
  const webhooks = Object.entries(use(Webhooks).routes);
  for (const [key, fn] of webhooks)
    // API Gateway refuses settings of a route that it does not have yet.
    stage.node.addDependency(route(HttpRouteKey.with(key.replace(/^POST /, ""), HttpMethod.POST), fn));
  (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(webhooks.map(([key]) => [key, webhookThrottle]));

  stack.addOutputs({ ApiUrl: api.apiEndpoint });
  return { api, stage, url: api.apiEndpoint };
}
