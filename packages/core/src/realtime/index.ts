export { availability } from "./availability.ts";
export { connect, disconnect } from "./connect.ts";
export { type Ended, listEnded } from "./ended.ts";
export { issueTicket } from "./issue-ticket.ts";
export { Availability, Channel, ClientMessage, IssueRealtimeTicket, RealtimeTicketView, type ServerMessage } from "./schema.ts";
export { countMessage, subscribe, unsubscribe } from "./subscribe.ts";
export { closeTick, openTick, TICK_MS, watchersOf, type Post } from "./tick.ts";
