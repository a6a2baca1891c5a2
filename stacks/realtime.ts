import { WebSocketApi, WebSocketStage } from "aws-cdk-lib/aws-apigatewayv2";
import { WebSocketLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type Function, type StackContext, use } from "sst/constructs";
import { lambda } from "./defaults.ts";
import { Table } from "./table.ts";

/** The WebSocket API: one function each for connecting, disconnecting and every message. */
export function Realtime({ stack }: StackContext) {
  const { environment, callVerbs } = use(Table);

  const sockets = new WebSocketApi(stack, "sockets", { apiName: stack.stackName });
  const stage = new WebSocketStage(stack, "stage", {
    webSocketApi: sockets,
    stageName: "live",
    autoDeploy: true,
    // The account's bucket of 10,000 requests/s is shared with the HTTP API and with our own posts.
    throttle: { rateLimit: 1_000, burstLimit: 1_000 },
  });

  /** Environment and grant of what posts to connections. */
  const posting = { WEBSOCKET_API_ENDPOINT: stage.callbackUrl };
  const post = () =>
    new PolicyStatement({
      actions: ["execute-api:ManageConnections"],
      resources: [sockets.arnForExecuteApi("*", "/@connections/*", stage.stageName)],
    });

  const routes: Record<string, Function> = {
    $connect: lambda(stack, "connect", {
      handler: "functions/realtime/connect.handler",
      description: "Admits a connection",
      environment,
      may: [callVerbs()],
    }),
    $disconnect: lambda(stack, "disconnect", {
      handler: "functions/realtime/disconnect.handler",
      description: "Forgets a connection",
      environment,
      may: [callVerbs()],
    }),
    $default: lambda(stack, "message", {
      handler: "functions/realtime/message.handler",
      description: "Answers a message of a connection",
      environment: { ...environment, ...posting },
      may: [callVerbs(), post()],
    }),
  };
  for (const [route, fn] of Object.entries(routes)) sockets.addRoute(route, { integration: new WebSocketLambdaIntegration(fn.node.id, fn) });

  stack.addOutputs({ WebSocketUrl: stage.url });
  return { url: stage.url, posting: { environment: posting, may: () => [post()] } };
}
