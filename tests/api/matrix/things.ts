import * as Dispute from "@fashionistas/core/dispute";
import type { Checkout } from "@fashionistas/core/order/schema";
import type { Caller } from "@fashionistas/functions/api/access";
import { verifiedEmailOf } from "@fashionistas/local/issuer";
import { eventDocument, purchaseBody, typeDocument } from "../../kit/shop.ts";
import { answered, type Api } from "../support.ts";
import type { As, People, Person } from "./people.ts";

/** What a call is about, and who calls: the caller to whom it is what its column says. */
export type Thing = { id: string; /** Somebody else, whom a call names beside the thing. */ userId?: string; as: As };
export type Make = (caller: Caller) => Thing | Promise<Thing>;
export type Kind = {
  missing: string;
  /** What a call names beside the id. */
  also?: Partial<Thing>;
  /** Under each column things that may be asked for again and again: all of them wherever they are refused. */
  lasting: Record<string, Make[]>;
  /** What a call uses up. */
  fresh?: Record<string, Make>;
};
export type KindName = keyof Awaited<ReturnType<typeof makeThings>>;

const ULID = "01J8Z3K4M5N6P7Q8R9S0T1V2W3";
const BUYERS = ["attendee", "sponsor", "designer", "model", "organizer", "admin"] as const;
const DISPUTED = { own: 10, foreign: 6 };

type Event = { id: string; typeId: string };

/** Every kind of thing that paths, queries and bodies name, in every relation to every caller. */
export async function makeThings({ world }: Api, people: People) {
  const { organizer, otherOrganizer, admin, stranger } = people;

  async function post<T = { id: string }>({ token, headers }: As, path: string, body: unknown, status = 201): Promise<T> {
    return answered(world.request<T>("POST", path, { ...(token ? { token } : {}), ...(headers ? { headers } : {}), body }), status);
  }
  async function draft(owner: Person): Promise<Event> {
    const { id } = await post(owner, "/events", eventDocument({ refundPolicy: [{ daysBefore: 0, percent: 100 }] }));
    return { id, typeId: (await post(owner, "/tickets", typeDocument(id, { quantityTotal: 1_000 }))).id };
  }
  const moved = async (by: Person, event: Event, status: string) => {
    await post(by, `/events/${event.id}/status`, { status, ...(status === "cancelled" ? { reason: "Rain" } : {}) }, 200);
    return event;
  };
  async function onSale(owner: Person) {
    return moved(admin, await moved(owner, await draft(owner), "review"), "published");
  }
  const buy = (buyer: As, { typeId }: Event) => post<Checkout>(buyer, `/tickets/${typeId}/purchase`, purchaseBody({ quantity: 2 }));
  async function pay(buying: Promise<Checkout>): Promise<Checkout> {
    const checkout = await buying;
    await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    return checkout;
  }
  const holderOf = ({ orderToken }: Checkout): As => ({ headers: { "order-token": orderToken } });

  const [draftA, draftB, saleA, saleB] = [await draft(organizer), await draft(otherOrganizer), await onSale(organizer), await onSale(otherOrganizer)];
  const [cancelledA, cancelledB] = [await onSale(organizer), await onSale(otherOrganizer)];
  const [reviewB, abandonedB] = [await draft(otherOrganizer), await draft(otherOrganizer)];
  await moved(organizer, cancelledA, "cancelled");
  await moved(otherOrganizer, cancelledB, "cancelled");
  await moved(otherOrganizer, reviewB, "review");
  await moved(otherOrganizer, abandonedB, "cancelled");
  const helper = await people.granted(draftA.id, saleA.id, cancelledA.id);
  const as = (caller: Caller, { id }: Event) => (caller === "granted" ? helper : people.as(caller, id));

  const bought = new Map<Caller, Thing>();
  for (const caller of [...BUYERS, "granted"] as const) {
    const buyer = await as(caller, saleA);
    bought.set(caller, { id: (await pay(buy(buyer, saleB))).order.id, as: buyer });
  }
  const guests = await pay(buy({}, saleB));
  bought.set("anonymous", { id: guests.order.id, as: holderOf(guests) });
  bought.set("key", { id: bought.get("organizer")!.id, as: await as("key", saleA) });
  bought.set("admins_key", { id: bought.get("admin")!.id, as: await as("admins_key", saleA) });
  const [paidA, paidB] = [await pay(buy(stranger, saleA)), await pay(buy(stranger, saleB))];

  const charges: Record<keyof typeof DISPUTED, string[]> = { own: [], foreign: [] };
  for (const whose of ["own", "foreign"] as const)
    for (let n = 0; n < DISPUTED[whose]; n++) charges[whose].push((await pay(buy(stranger, whose === "own" ? saleA : saleB))).payment!.paymentIntentId);
  await world.settle();
  const disputed = async (intentId: string) => Dispute.idOf((await world.stripe.dispute(intentId, { kind: "chargeback" })).id);
  const disputes = { own: await Promise.all(charges.own.map(disputed)), foreign: await Promise.all(charges.foreign.map(disputed)) };
  await world.settle();
  async function staged(whose: keyof typeof disputes): Promise<string> {
    const id = disputes[whose].pop()!;
    await post(admin, `/disputes/${id}/evidence`, {}, 200);
    return id;
  }

  const { items: webhooks } = await answered(world.request<{ items: { id: string }[] }>("GET", "/webhooks?vendor=stripe", { token: admin.token }), 200);
  const reconciliation = await post(admin, "/reconciliations", { since: new Date(Date.now() - 60_000).toISOString() }, 202);

  /** Something of which only the caller is another one, who is at home at this event of the organizer's. */
  const standing =
    (thing: Omit<Thing, "as">, home: Event = saleA): Make =>
    async (caller) => ({ ...thing, as: await as(caller, home) });
  const event = ({ id }: Event) => ({ id, userId: stranger.userId });
  const type = ({ typeId }: Event) => ({ id: typeId, userId: stranger.userId });
  const ofEvents = (pick: typeof event) => ({
    lasting: {
      own: [standing(pick(draftA), draftA)],
      published: [standing(pick(saleB))],
      foreign: [draftB, reviewB, abandonedB].map((hidden) => standing(pick(hidden))),
    },
    fresh: {
      own: async (caller: Caller) => {
        const made = await draft(organizer);
        return { ...pick(made), as: await people.as(caller, made.id) };
      },
      foreign: async (caller: Caller) => standing(pick(await draft(otherOrganizer)))(caller),
    },
  });
  const record = (missing: string, id: string): Kind => ({ missing, lasting: { there: [standing({ id })] } });

  /** Somebody like the caller whom nobody needs any more. */
  async function spare(caller: Caller): Promise<Person> {
    return caller === "granted" ? people.granted(draftA.id) : people.newcomer(caller as Person["role"]);
  }

  async function sessionOf(person: Person): Promise<Thing> {
    await people.again(person);
    const { items } = await answered(
      world.request<{ items: { id: string; current: boolean; revokedAt: string | null }[] }>("GET", "/me/sessions", { token: person.token }),
      200,
    );
    return { id: items.find(({ current, revokedAt }) => !current && revokedAt === null)!.id, as: person };
  }
  const keysOf = async (owner: As) => ({ id: (await post(owner, "/api-keys", { name: "Box office", permissions: { events: "read" } })).id });
  async function deviceAt({ id }: Event) {
    const owner = id === saleA.id ? organizer : otherOrganizer;
    return { id: (await post<{ device: { id: string } }>(owner, "/devices", { eventId: id, name: "North gate" })).device.id };
  }
  const [keyOfA, keyOfB, deviceA, deviceB] = [await keysOf(organizer), await keysOf(otherOrganizer), await deviceAt(saleA), await deviceAt(saleB)];

  const forgotten = await people.newcomer("attendee");
  const { erasureId } = await answered(world.request<{ erasureId: string }>("DELETE", "/me", { token: forgotten.token }), 202);
  const exporters = [...BUYERS.map((role) => people[role]), helper];
  for (const person of exporters) await answered(world.request("POST", "/me/export", { token: person.token }), 202);
  await world.settle();
  const colleague = await people.granted(draftA.id, draftB.id);
  const invited = ({ id }: Event, email = "anna@example.com") =>
    post<{ id: string; token: string }>(admin, "/invitations", { email, role: "designer", scope: { type: "event", id } });
  const [invitedA, invitedB] = [await invited(draftA), await invited(draftB)];
  const strangers = await sessionOf(stranger);
  const organizers = await sessionOf(organizer);

  return {
    nothing: { missing: "", lasting: { call: [standing({ id: "" })] }, fresh: { call: async (caller) => ({ id: "", as: await spare(caller) }) } },
    event: { missing: `evt_${ULID}`, also: { userId: stranger.userId }, ...ofEvents(event) },
    grant: {
      missing: `evt_${ULID}`,
      also: { userId: colleague.userId },
      lasting: { own: [standing({ id: draftA.id, userId: colleague.userId }, draftA)], foreign: [standing({ id: draftB.id, userId: colleague.userId })] },
      fresh: {
        own: async (caller) => standing({ id: draftA.id, userId: (await people.granted(draftA.id)).userId }, draftA)(caller),
        foreign: async (caller) => standing({ id: draftB.id, userId: (await people.granted(draftB.id)).userId })(caller),
      },
    },
    invitation: {
      missing: `inv_${ULID}`,
      lasting: { own: [standing({ id: invitedA.id }, draftA)], foreign: [standing({ id: invitedB.id })] },
      fresh: {
        own: async (caller) => standing({ id: (await invited(draftA)).id }, draftA)(caller),
        foreign: async (caller) => standing({ id: (await invited(draftB)).id })(caller),
      },
    },
    invitationToken: {
      missing: "",
      lasting: { call: [standing({ id: invitedA.token })] },
      fresh: {
        call: async (caller) => {
          const person = await spare(caller);
          return { id: (await invited(draftA, verifiedEmailOf(person.subject).email)).token, as: person };
        },
      },
    },
    cancelledEvent: { missing: `evt_${ULID}`, lasting: { own: [standing({ id: cancelledA.id }, cancelledA)], foreign: [standing({ id: cancelledB.id })] } },
    ticketType: { missing: `tt_${ULID}`, ...ofEvents(type) },
    order: {
      missing: `ord_${ULID}`,
      lasting: { own: [(caller) => bought.get(caller)!], teams: [standing({ id: paidA.order.id })], foreign: [standing({ id: paidB.order.id })] },
      fresh: {
        own: async (caller) => {
          const buyer = await as(caller, saleA);
          const checkout = await buy(buyer, saleB);
          return { id: checkout.order.id, as: caller === "anonymous" ? holderOf(checkout) : buyer };
        },
        teams: async (caller) => standing({ id: (await buy(stranger, saleA)).order.id })(caller),
        foreign: async (caller) => standing({ id: (await buy(stranger, saleB)).order.id })(caller),
      },
    },
    dispute: {
      missing: `dsp_${ULID}`,
      lasting: { own: [standing({ id: disputes.own[0]! })], foreign: [standing({ id: disputes.foreign[0]! })] },
      fresh: {
        own: async (caller) => standing({ id: await staged("own") })(caller),
        foreign: async (caller) => standing({ id: await staged("foreign") })(caller),
      },
    },
    user: {
      missing: `usr_${ULID}`,
      lasting: {
        own: [
          async (caller) => {
            const me = await as(caller, saleA);
            return { id: me.userId!, as: me };
          },
        ],
        foreign: [standing({ id: stranger.userId }), standing({ id: admin.userId })],
      },
      fresh: {
        own: async (caller) => {
          const me = await spare(caller);
          return { id: me.userId, as: me };
        },
        foreign: async (caller) => standing({ id: (await people.newcomer("attendee")).userId })(caller),
      },
    },
    session: {
      missing: `ses_${ULID}`,
      // Of those who have none: the key owner's, and anybody's.
      lasting: { own: [standing({ id: organizers.id })], foreign: [standing({ id: strangers.id })] },
      fresh: { own: async (caller) => sessionOf((await as(caller, saleA)) as Person) },
    },
    apiKey: {
      missing: `key_${ULID}`,
      lasting: { own: [standing(keyOfA)], foreign: [standing(keyOfB)] },
      fresh: {
        own: async (caller) => {
          const owner = await as(caller, saleA);
          return { ...(await keysOf(owner)), as: owner };
        },
        foreign: async (caller) => standing(await keysOf(otherOrganizer))(caller),
      },
    },
    device: {
      missing: `dvc_${ULID}`,
      lasting: { own: [standing(deviceA)], foreign: [standing(deviceB)] },
      fresh: { own: async (caller) => standing(await deviceAt(saleA))(caller), foreign: async (caller) => standing(await deviceAt(saleB))(caller) },
    },
    code: {
      missing: "",
      lasting: { call: [standing({ id: await people.newCode(saleA.id) })] },
      fresh: { call: async (caller) => standing({ id: await people.newCode(saleA.id) })(caller) },
    },
    erasure: record(`era_${ULID}`, erasureId),
    role: record("conductor", "sponsor"),
    webhook: record(`stripe:2026-11-02:evt_${ULID}`, webhooks[0]!.id),
    reconciliation: record(`rec_${ULID}`, reconciliation.id),
  } satisfies Record<string, Kind>;
}
