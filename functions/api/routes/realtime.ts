import * as Realtime from "@fashionistas/core/realtime";
import { PEOPLE } from "../access.ts";
import { endpoint, jsonBody, type Api } from "../endpoint.ts";

/** /realtime: the way to a WebSocket. */
export function realtime(app: Api): void {
  endpoint(
    app,
    {
      method: "post",
      path: "/realtime/tickets",
      access: PEOPLE,
      repeating: "a ticket nobody connects with is gone after 30 seconds; no answer that holds a secret is kept.",
      tag: "Realtime",
      summary: "Get a ticket for a WebSocket connection",
      body: Realtime.IssueRealtimeTicket,
      description:
        'Connect to `url` within 30 seconds; the ticket works once. Then send {"action":"subscribe","eventId":"evt_…"}: a snapshot comes, then numbered changes. On a gap subscribe again. Reconnect when the connection ends (10 idle minutes, 2 hours).',
      success: { status: 201, description: "The ticket", schema: Realtime.RealtimeTicketView },
    },
    async (c) => c.json(await Realtime.issueTicket(await jsonBody(c, Realtime.IssueRealtimeTicket)), 201),
  );
}
