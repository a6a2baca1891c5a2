export { credentialOf, publicKeyPem, readCredential } from "./credential.ts";
export { changing, issuing, listByOrder, ticketIdOf, Tickets, ticketsFor, type TicketRow } from "./entity.ts";
