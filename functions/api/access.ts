import { ROLES } from "@fashionistas/core/actor";

/**
 * Who may call what. Every endpoint names one of the tables below as its `access`; without one it does not compile.
 * tests/api/matrix.test.ts makes every call as every caller on every kind of thing, and expects exactly what stands here.
 *
 * A row is a caller:
 *   anonymous   nobody who signed in; with an order's link token, whoever holds it
 *   a role      somebody who signed in and has it: `organizer`, `admin`
 *   guests      attendees, sponsors, designers and models, wherever nothing else is said of one of them
 *   granted     an attendee who was granted the role of organizer for one event
 *   key         an API key of an organizer, with all that its owner is permitted
 *   admins_key  an API key of an admin, likewise
 *   device      a check-in device, paired with an event
 *
 * A column is what the call is about:
 *   call        nothing in particular
 *   own         the event they organize, were granted or stand at the door of, still a draft; the order they bought or whose
 *               link they hold; their own session or account
 *   teams       an order of their event that somebody else bought
 *   published   somebody else's event that the public sees
 *   there       something that belongs to nobody in particular
 *   foreign     anything else of somebody else
 *   missing     nothing that there is
 *
 * A cell is the answer:
 *   yes         the endpoint's `success`
 *   401         actor.unauthenticated, whatever it is about
 *   403         actor.not_allowed, whatever it is about
 *   404         <noun>.not_found: to the byte and to the read as what is missing
 *   409         it is there, and not for sale
 *   ---         there is no such thing
 */
export const CALLERS = ["anonymous", ...ROLES, "granted", "key", "admins_key", "device"] as const;
export type Caller = (typeof CALLERS)[number];
export type Answer = "yes" | "401" | "403" | "404" | "409" | "---";

export type Access = {
  columns: readonly string[];
  answers: Readonly<Record<Caller, readonly Answer[]>>;
  /** The code of every 404. */
  missing?: string;
};

type Row<Columns extends string> = Columns extends `${string} ${infer Others}` ? `${Answer} ${Row<Others>}` : Answer;

const GUESTS = ["attendee", "sponsor", "designer", "model"] as const satisfies readonly Caller[];
type Guest = (typeof GUESTS)[number];
type Rows<C extends string> = Record<Exclude<Caller, Guest> | "guests", Row<C>> & Partial<Record<Guest, Row<C>>>;

/** A policy: for each caller an answer under each column. `.of(noun)` is the policy for things of that noun. */
function table<const C extends string>(columns: C, { guests, ...rows }: Rows<C>) {
  const all: Record<string, string> = { ...Object.fromEntries(GUESTS.map((guest) => [guest, guests])), ...rows };
  const answers = Object.fromEntries(CALLERS.map((caller) => [caller, all[caller]!.split(" ")])) as unknown as Access["answers"];
  const access: Access = { columns: columns.split(" "), answers };
  return { ...access, of: (noun: string): Access => ({ ...access, missing: `${noun}.not_found` }) };
}

// ——— Calls about nothing in particular ———

/** What there is to know for everybody. */
export const EVERYBODY = table("call", {
  anonymous: "yes",
  guests: "yes",
  organizer: "yes",
  admin: "yes",
  granted: "yes",
  key: "yes",
  admins_key: "yes",
  device: "yes",
});

/** For people, signed in or not: a key and a device act for somebody else. */
export const PEOPLE = table("call", {
  anonymous: "yes",
  guests: "yes",
  organizer: "yes",
  admin: "yes",
  granted: "yes",
  key: "403",
  admins_key: "403",
  device: "403",
});

/** About oneself. */
export const SIGNED_IN = table("call", {
  anonymous: "401",
  guests: "yes",
  organizer: "yes",
  admin: "yes",
  granted: "yes",
  key: "403",
  admins_key: "403",
  device: "403",
});

/** Beginning an event: who was granted one makes no others. */
export const ORGANIZERS = table("call", {
  anonymous: "401",
  guests: "403",
  organizer: "yes",
  admin: "yes",
  granted: "403",
  key: "yes",
  admins_key: "yes",
  device: "403",
});

/** What the team does itself, and no key: what a key made would outlive it. */
export const TEAM_ITSELF = table("call", {
  anonymous: "401",
  guests: "403",
  organizer: "yes",
  admin: "yes",
  granted: "yes",
  key: "403",
  admins_key: "403",
  device: "403",
});

/** Running the company. */
export const ADMINS = table("call", {
  anonymous: "401",
  guests: "403",
  organizer: "403",
  admin: "yes",
  granted: "403",
  key: "403",
  admins_key: "yes",
  device: "403",
});

// ——— Events, and what hangs on them ———

/** Reading what the public may see, and its team before that (the seed's event_view_policy). */
export const VISIBLE = table("own published foreign missing", {
  anonymous: "404 yes 404 404",
  guests: "404 yes 404 404",
  organizer: "yes yes 404 404",
  admin: "yes yes yes 404",
  granted: "yes yes 404 404",
  key: "yes yes 404 404",
  admins_key: "yes yes yes 404",
  device: "404 yes 404 404",
});

/** Buying (the seed's ticket_purchase_policy): a draft is there for its team, and not for sale. */
export const FOR_SALE = table("own published foreign missing", {
  anonymous: "404 yes 404 404",
  guests: "404 yes 404 404",
  organizer: "409 yes 404 404",
  admin: "409 yes 409 404",
  granted: "409 yes 404 404",
  key: "403 403 403 403",
  admins_key: "403 403 403 403",
  device: "403 403 403 403",
});

/** Running an event: its organizer, whom it was granted to, their keys, admins. */
export const TEAM = table("own foreign missing", {
  anonymous: "401 401 401",
  guests: "403 403 403",
  organizer: "yes 404 404",
  admin: "yes yes 404",
  granted: "yes 404 404",
  key: "yes 404 404",
  admins_key: "yes yes 404",
  device: "403 403 403",
});

/** The same for people alone, and their own keys. */
export const TEAM_IN_PERSON = table("own foreign missing", {
  anonymous: "401 401 401",
  guests: "403 403 403",
  organizer: "yes 404 404",
  admin: "yes yes 404",
  granted: "yes 404 404",
  key: "403 403 403",
  admins_key: "403 403 403",
  device: "403 403 403",
});

/** Taking from somebody what was granted to them: the team, and whoever has it. */
export const TEAM_OR_ONESELF = table("own foreign missing", {
  anonymous: "401 401 401",
  guests: "404 404 404",
  organizer: "yes 404 404",
  admin: "yes yes 404",
  granted: "yes 404 404",
  key: "yes 404 404",
  admins_key: "yes yes 404",
  device: "403 403 403",
});

/** What binds the company beyond an event. */
export const ADMINS_OF_EVENT = table("own foreign missing", {
  anonymous: "401 401 401",
  guests: "403 403 403",
  organizer: "403 403 403",
  admin: "yes yes 404",
  granted: "403 403 403",
  key: "403 403 403",
  admins_key: "yes yes 404",
  device: "403 403 403",
});

/** The secret of a key: nobody's but its owner's, though admins see the key. */
export const KEY_OWNER = table("own foreign missing", {
  anonymous: "401 401 401",
  guests: "403 403 403",
  organizer: "yes 404 404",
  admin: "yes 403 404",
  granted: "yes 404 404",
  key: "403 403 403",
  admins_key: "403 403 403",
  device: "403 403 403",
});

// ——— Orders ———

/** Reading an order: whose it is, the event's team, and its door, which sees names and nothing to reach anybody by. */
export const ORDER_READERS = table("own teams foreign missing", {
  anonymous: "yes 404 404 404",
  guests: "yes 404 404 404",
  organizer: "yes yes 404 404",
  admin: "yes yes yes 404",
  granted: "yes yes 404 404",
  key: "404 yes 404 404",
  admins_key: "yes yes yes 404",
  device: "--- yes 404 404",
});

/** Changing what an order promises: whose it is, and the event's team. */
export const ORDER_OWNER_AND_TEAM = table("own teams foreign missing", {
  anonymous: "yes 404 404 404",
  guests: "yes 404 404 404",
  organizer: "yes yes 404 404",
  admin: "yes yes yes 404",
  granted: "yes yes 404 404",
  key: "404 yes 404 404",
  admins_key: "yes yes yes 404",
  device: "--- 403 403 403",
});

/** Paying for an order: whoever bought it, and nobody for them, because the answer holds the token that opens the order. */
export const ORDER_BUYER = table("own teams foreign missing", {
  anonymous: "yes 404 404 404",
  guests: "yes 404 404 404",
  organizer: "yes 404 404 404",
  admin: "yes 404 404 404",
  granted: "yes 404 404 404",
  key: "403 403 403 403",
  admins_key: "403 403 403 403",
  device: "--- 403 403 403",
});

/** Giving an order up, or time to it: whose it is; the team refunds instead. */
export const ORDER_OWNER = table("own teams foreign missing", {
  anonymous: "yes 404 404 404",
  guests: "yes 404 404 404",
  organizer: "yes 404 404 404",
  admin: "yes yes yes 404",
  granted: "yes 404 404 404",
  key: "403 403 403 403",
  admins_key: "403 403 403 403",
  device: "--- 403 403 403",
});

/** An order's books: the event's team, and not whoever bought it. */
export const ORDER_TEAM = table("own teams foreign missing", {
  anonymous: "401 401 401 401",
  guests: "403 403 403 403",
  organizer: "404 yes 404 404",
  admin: "yes yes yes 404",
  granted: "404 yes 404 404",
  key: "404 yes 404 404",
  admins_key: "yes yes yes 404",
  device: "--- 403 403 403",
});

// ——— People, and what the company keeps ———

/** One's own, and nobody else's: not even an admin's business. */
export const ONESELF = table("own foreign missing", {
  anonymous: "401 401 401",
  guests: "yes 404 404",
  organizer: "yes 404 404",
  admin: "yes 404 404",
  granted: "yes 404 404",
  key: "403 403 403",
  admins_key: "403 403 403",
  device: "403 403 403",
});

/** One account among all: for admins, by this way not even one's own. */
export const ADMINS_OF_USERS = table("own foreign missing", {
  anonymous: "--- 401 401",
  guests: "403 403 403",
  organizer: "403 403 403",
  admin: "yes yes 404",
  granted: "403 403 403",
  key: "403 403 403",
  admins_key: "yes yes 404",
  device: "--- 403 403",
});

/** Changing an account: for admins themselves, and no key of theirs. */
export const ADMINS_ON_USERS = table("own foreign missing", {
  anonymous: "--- 401 401",
  guests: "403 403 403",
  organizer: "403 403 403",
  admin: "yes yes 404",
  granted: "403 403 403",
  key: "403 403 403",
  admins_key: "403 403 403",
  device: "--- 403 403",
});

/** One of the company's records. */
export const ADMINS_OF_RECORDS = table("there missing", {
  anonymous: "401 401",
  guests: "403 403",
  organizer: "403 403",
  admin: "yes 404",
  granted: "403 403",
  key: "403 403",
  admins_key: "yes 404",
  device: "403 403",
});

/** One of the six roles: which they are is no secret. */
export const ADMINS_OF_ROLES = table("there missing", {
  anonymous: "401 404",
  guests: "403 404",
  organizer: "403 404",
  admin: "yes 404",
  granted: "403 404",
  key: "403 404",
  admins_key: "yes 404",
  device: "403 404",
});

/** Changing what a role permits: for admins themselves, and no key of theirs. */
export const ADMINS_ON_ROLES = table("there missing", {
  anonymous: "401 404",
  guests: "403 404",
  organizer: "403 404",
  admin: "yes 404",
  granted: "403 404",
  key: "403 404",
  admins_key: "403 404",
  device: "403 404",
});

// ——— What follows from a table ———

const CODE_OF: Partial<Record<Answer, string>> = { "401": "actor.unauthenticated", "403": "actor.not_allowed" };

/** The codes of the refusals in a table. */
export function refusalsOf({ answers, missing }: Access): string[] {
  const given = new Set(Object.values(answers).flat());
  return [...[...given].flatMap((answer) => CODE_OF[answer] ?? []), ...(missing ? [missing] : [])];
}

/** How a call can show who makes it, for those that are served. */
export type Credential = "none" | "orderToken" | "bearer" | "apiKey" | "deviceKey";
export function credentialsOf({ columns, answers }: Access): Credential[] {
  const served = (caller: Caller) => columns.filter((_, i) => answers[caller][i] === "yes");
  const anonymous = served("anonymous");
  return [
    ...(anonymous.some((column) => column !== "own") ? ["none" as const] : []),
    ...(anonymous.includes("own") ? ["orderToken" as const] : []),
    "bearer",
    ...(served("key").length + served("admins_key").length > 0 ? ["apiKey" as const] : []),
    ...(served("device").length > 0 ? ["deviceKey" as const] : []),
  ];
}
