import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { apiEvent, lambdaContext, loadHandler, type HttpAnswer } from "./lambda.ts";
import type { WebSockets } from "./websocket.ts";

/** API Gateway's HTTP API on this machine: builds its events and calls the deployed handlers with them. */
export type LocalRoute = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<boolean>;

const MAX_BODY_BYTES = 10 * 1024 * 1024;

const ROUTES = [
  { key: "POST /webhooks/stripe", method: "POST", path: /^\/webhooks\/stripe$/, handler: "functions/webhooks/stripe.handler" },
  { key: "POST /webhooks/wati/{token}", method: "POST", path: /^\/webhooks\/wati\/(?<token>[^/]+)$/, handler: "functions/webhooks/wati.handler" },
  { key: "$default", method: undefined, path: /^/, handler: "functions/api/handler.handler" },
] as const;

/** Listens on loopback. @throws Error with a sentence when the port is taken */
export async function startServer({ port, local, webSockets }: { port: number; local: LocalRoute; webSockets: WebSockets }): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    read(request)
      .then(
        async (body) => {
          if (webSockets.manage(request, response, body) || (await local(request, response, body))) return;
          await invoke(request, response, body);
        },
        () => response.writeHead(413, { "content-type": "application/json" }).end('{"message":"Request Entity Too Large"}'),
      )
      .catch(() => {
        if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
        response.end('{"message":"Internal Server Error"}');
      });
  });
  server.on("upgrade", (request, socket, head) => webSockets.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new Error(`Port ${port} is taken. Stop what uses it, or choose another one: PORT=${port + 1} pnpm dev`) : error),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

async function invoke(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const route = ROUTES.find(({ method, path }) => (method === undefined || method === request.method) && path.test(pathname))!;
  const parameters = route.path.exec(pathname)?.groups;
  const handler = await loadHandler(route.handler);
  const answer = (await handler(apiEvent(request, body, route.key, parameters && { ...parameters }), lambdaContext(route.key))) as HttpAnswer;
  const headers = Object.fromEntries(Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)]));
  response.writeHead(answer.statusCode ?? 200, headers).end(answer.isBase64Encoded ? Buffer.from(answer.body ?? "", "base64") : (answer.body ?? ""));
}

function read(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) reject(new Error("too large"));
      else chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
  });
}
