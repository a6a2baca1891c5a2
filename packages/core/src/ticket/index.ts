export { credentialOf, publicKeyPem, readCredential } from "./credential.ts";
export { changing, issuing, listByOrder, Tickets, ticketsFor, type TicketRow } from "./entity.ts";
