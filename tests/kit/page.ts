import type { ServerMessage } from "@fashionistas/core/realtime";
import WebSocket from "ws";

/** A page: what it received, and a way to wait for more. */
export async function openPage(url: string) {
  const socket = new WebSocket(url);
  const received: ServerMessage[] = [];
  let wake = () => {};
  socket.on("message", (data) => {
    received.push(JSON.parse(String(data)) as ServerMessage);
    wake();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  return {
    received,
    send: (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    async until<T extends ServerMessage["type"]>(
      type: T,
      more: (message: Extract<ServerMessage, { type: T }>) => boolean = () => true,
    ): Promise<Extract<ServerMessage, { type: T }>> {
      for (;;) {
        const found = received.find(
          (message): message is Extract<ServerMessage, { type: T }> => message.type === type && more(message as Extract<ServerMessage, { type: T }>),
        );
        if (found) return found;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    /** Resolves once the other side has closed it. */
    closed: new Promise<number>((resolve) => socket.once("close", resolve)),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    close: () => new Promise<void>((resolve) => (socket.once("close", () => resolve()), socket.close())),
  };
}
