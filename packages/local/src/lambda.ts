import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context, SQSEvent } from "aws-lambda";

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

const LOAD_PREFIX = "functions/";

const loaded = new Map<string, Promise<Handler>>();

/** The exported Lambda handler behind an SST handler path like `functions/api/handler.handler`; loaded once, as Lambda does. */
export function loadHandler(path: string): Promise<Handler> {
  const standing = loaded.get(path);
  if (standing) return standing;
  const loading = load(path);
  loaded.set(path, loading);
  return loading;
}

async function load(path: string): Promise<Handler> {
  const dot = path.lastIndexOf(".");
  const module = (await import(`@fashionistas/functions/${path.slice(LOAD_PREFIX.length, dot)}`)) as Record<string, Handler | undefined>;
  const handler = module[path.slice(dot + 1)];
  if (!handler) throw new Error(`${path} exports no handler`);
  return handler;
}

/** What Lambda tells a function about its invocation. */
export function lambdaContext(functionName: string): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: "512",
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => 30_000,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

/** An HTTP request as API Gateway's HTTP API hands it over (payload format 2.0). */
export function apiEvent(request: IncomingMessage, body: Buffer, routeKey: string, pathParameters?: Record<string, string>): APIGatewayProxyEventV2 {
  const url = new URL(request.url ?? "/", "http://localhost");
  const { cookie, ...headers } = joined(request.rawHeaders);
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams) query[name] = name in query ? `${query[name]},${value}` : value;
  const now = new Date();
  return {
    version: "2.0",
    routeKey,
    rawPath: decoded(url.pathname),
    rawQueryString: url.search.slice(1),
    headers,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/[;,] */) }),
    ...(Object.keys(query).length > 0 ? { queryStringParameters: query } : {}),
    ...(pathParameters ? { pathParameters } : {}),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: headers["host"] ?? "localhost",
      domainPrefix: "local",
      http: {
        method: request.method ?? "GET",
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: request.socket.remoteAddress ?? "",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey,
      stage: "$default",
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString("base64") } : {}),
    isBase64Encoded: body.length > 0,
  };
}

/** Each header once, in lower case, what came twice joined by a comma: Node would keep the first of some. */
function joined(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    headers[name] = name in headers ? `${headers[name]},${raw[at + 1]}` : raw[at + 1]!;
  }
  return headers;
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Messages of a queue as Lambda's event source mapping hands them over. */
export function sqsEvent(queue: string, messages: readonly { id: string; body: string; attempts: number }[]): SQSEvent {
  return {
    Records: messages.map(({ id, body, attempts }) => ({
      messageId: id,
      receiptHandle: id,
      body,
      attributes: {
        ApproximateReceiveCount: String(attempts + 1),
        SentTimestamp: String(Date.now()),
        SenderId: "local",
        ApproximateFirstReceiveTimestamp: String(Date.now()),
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: `arn:aws:sqs:local:000000000000:${queue}`,
      awsRegion: "local",
    })),
  };
}

/** A WebSocket event as API Gateway hands it over. */
export function websocketEvent(
  eventType: "CONNECT" | "MESSAGE" | "DISCONNECT",
  connectionId: string,
  extra: { body?: string; query?: Record<string, string> },
) {
  return {
    requestContext: {
      connectionId,
      eventType,
      routeKey: { CONNECT: "$connect", MESSAGE: "$default", DISCONNECT: "$disconnect" }[eventType],
      stage: "local",
      requestId: randomUUID(),
      domainName: "localhost",
      apiId: "local",
      connectedAt: Date.now(),
      requestTimeEpoch: Date.now(),
      messageDirection: "IN",
    },
    isBase64Encoded: false,
    ...(extra.body === undefined ? {} : { body: extra.body }),
    ...(extra.query ? { queryStringParameters: extra.query } : {}),
  };
}

export type HttpAnswer = APIGatewayProxyStructuredResultV2;
