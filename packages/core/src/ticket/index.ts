export { credentialOf, publicKeyPem, readCredential } from "./credential.ts";
export { issuing, listByOrder, Tickets, ticketsFor, type TicketRow } from "./entity.ts";
