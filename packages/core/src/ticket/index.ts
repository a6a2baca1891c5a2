export { credentialOf, publicKeyPem, readCredential } from "./credential.ts";
export { handing, issuing, listByOrder, Tickets, ticketsFor, type TicketRow } from "./entity.ts";
