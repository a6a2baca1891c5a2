import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { lambdaContext, loadHandler, websocketEvent, type HttpAnswer } from "./lambda.ts";

/**
 * API Gateway's WebSocket API on this machine: `/ws/<channel>?ticket=` becomes `?channel=&ticket=` as the edge does it,
 * connections end after 10 idle minutes or 2 hours, messages go out through POST /@connections/{id}, and DELETE closes one.
 */
export type WebSockets = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The management API: true when the request was one of its. */
  manage(request: IncomingMessage, response: ServerResponse, body: Buffer): boolean;
  count(): number;
  close(): void;
};

const IDLE_MS = 10 * 60_000;
const LONGEST_MS = 2 * 60 * 60_000;
const MANAGEMENT = /^\/_local\/websocket\/(?:@|%40)connections\/([\w-]+)$/i;

export function createWebSockets(): WebSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: 128 * 1024 });
  const open = new Map<string, { socket: WebSocket; touch(): void }>();

  async function call(route: "connect" | "message" | "disconnect", event: unknown): Promise<HttpAnswer> {
    const handler = await loadHandler(`functions/realtime/${route}.handler`);
    return (await handler(event, lambdaContext(`realtime-${route}`))) as HttpAnswer;
  }

  function accept(socket: WebSocket, connectionId: string): void {
    let idle: NodeJS.Timeout | undefined;
    const touch = () => {
      clearTimeout(idle);
      idle = setTimeout(() => socket.close(1001, "idle"), IDLE_MS);
      idle.unref();
    };
    const longest = setTimeout(() => socket.close(1001, "two hours"), LONGEST_MS);
    longest.unref();
    open.set(connectionId, { socket, touch });
    touch();
    socket.on("message", (data) => {
      touch();
      void call("message", websocketEvent("MESSAGE", connectionId, { body: String(data) })).catch(() => undefined);
    });
    socket.on("close", () => {
      clearTimeout(idle);
      clearTimeout(longest);
      open.delete(connectionId);
      void call("disconnect", websocketEvent("DISCONNECT", connectionId, {})).catch(() => undefined);
    });
    socket.on("error", () => socket.terminate());
  }

  return {
    upgrade(request, socket, head) {
      const url = new URL(request.url ?? "/", "http://localhost");
      const channel = /^\/ws\/(\w+)$/.exec(url.pathname)?.[1];
      if (!channel) return refuse(socket, 404);
      const connectionId = randomBytes(9).toString("base64url");
      const event = websocketEvent("CONNECT", connectionId, { query: { channel, ticket: url.searchParams.get("ticket") ?? "" } });
      call("connect", event).then(
        ({ statusCode }) =>
          statusCode === 200 ? server.handleUpgrade(request, socket, head, (ws) => accept(ws, connectionId)) : refuse(socket, statusCode ?? 500),
        () => refuse(socket, 500),
      );
    },
    manage(request, response, body) {
      const connectionId = MANAGEMENT.exec(new URL(request.url ?? "/", "http://localhost").pathname)?.[1];
      if (!connectionId) return false;
      const connection = open.get(connectionId);
      if (!connection) {
        response.writeHead(410, { "content-type": "application/json", "x-amzn-errortype": "GoneException" }).end('{"message":"gone"}');
        return true;
      }
      switch (request.method) {
        case "POST":
          connection.touch();
          connection.socket.send(body.toString("utf8"));
          response.writeHead(200).end();
          return true;
        case "DELETE":
          connection.socket.close(1000);
          response.writeHead(204).end();
          return true;
        default:
          response.writeHead(403, { "content-type": "application/json" }).end('{"message":"Forbidden"}');
          return true;
      }
    },
    count: () => open.size,
    close() {
      for (const { socket } of open.values()) socket.terminate();
      server.close();
    },
  };
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
