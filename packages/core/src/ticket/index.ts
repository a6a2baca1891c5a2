export { credentialOf, publicKeyPem, readCredential } from "./credential.ts";
export { changing, handing, issuing, linesByTicket, listByOrder, numberOf, ticketIdOf, Tickets, ticketsFor, type TicketRow } from "./entity.ts";
