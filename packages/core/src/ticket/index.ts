export { credentialOf, publicKeyPem, readCredential } from "./credential.ts";
export { changing, handing, issuing, listByOrder, ticketIdOf, Tickets, ticketsFor, type TicketRow } from "./entity.ts";
