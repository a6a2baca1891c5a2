import { personIn, type Role } from "@fashionistas/core/actor";
import { withContext } from "@fashionistas/core/context";
import * as Event from "@fashionistas/core/event";
import { keyedId } from "@fashionistas/core/id";
import * as TicketType from "@fashionistas/core/ticket-type";
import { demoUser } from "./issuer.ts";
import { personWithRole } from "./people.ts";

/** Settimana della Moda: a week of shows in Milano, six weeks from now, made with the product's own verbs. */
const CITY = { city: "Milano", country: "IT" };
const DAY_MS = 86_400_000;
const WEEKS_AHEAD = 6;

type EventInput = Parameters<typeof Event.create>[0];
type TypeInput = Parameters<typeof TicketType.create>[0];
type Show = {
  day: number;
  from: string;
  to: string;
  event: Omit<EventInput, "startsAt" | "endsAt" | "timeZone" | "currency">;
  types: Omit<TypeInput, "eventId">[];
};

const eur = (amount: number) => ({ amount, currency: "EUR" as const });

const SHOWS: Show[] = [
  {
    day: 0,
    from: "18:30",
    to: "20:00",
    event: {
      title: { en: "Atelier Notturno — opening show", it: "Atelier Notturno — sfilata inaugurale" },
      description: "Forty looks, one runway, a live string quartet.",
      venue: { name: "Palazzo delle Stelline", address: "Corso Magenta 61", ...CITY },
      capacity: 400,
    },
    types: [
      { name: "Front row", kind: "paid", basePrice: eur(18_000), quantityTotal: 40, maxPerOrder: 2, maxPerBuyer: 2 },
      { name: "Seat", kind: "paid", basePrice: eur(7_500), quantityTotal: 160, maxPerOrder: 6 },
      { name: "Standing", kind: "paid", basePrice: eur(3_500), quantityTotal: 200 },
    ],
  },
  {
    day: 1,
    from: "16:00",
    to: "17:00",
    event: {
      title: "Filo — new designers",
      description: "Six graduates of the city's schools show their first collections.",
      venue: { name: "Fabbrica del Vapore", address: "Via Procaccini 4", ...CITY },
      capacity: 250,
    },
    types: [
      { name: "Entry", kind: "free", basePrice: eur(0), quantityTotal: 150, maxPerOrder: 4 },
      { name: "Support a designer", kind: "donation", basePrice: eur(2_000), quantityTotal: 100, maxPerOrder: 4 },
    ],
  },
  {
    day: 2,
    from: "20:30",
    to: "22:30",
    event: {
      title: "Carta Bianca — couture night",
      description: "The most wanted hour of the week.",
      venue: { name: "Teatro Gerolamo", address: "Piazza Beccaria 8", ...CITY },
      capacity: 1_200,
    },
    types: [
      { name: "Gala", kind: "paid", basePrice: eur(45_000), quantityTotal: 200, maxPerOrder: 4 },
      { name: "Gallery", kind: "paid", basePrice: eur(9_500), quantityTotal: 1_000, highDemand: true },
    ],
  },
  {
    day: 3,
    from: "10:00",
    to: "18:00",
    event: {
      title: "Archivio — a walk through forty years of tailoring",
      venue: { name: "Superstudio Più", address: "Via Tortona 27", ...CITY },
      capacity: 2_000,
    },
    types: [{ name: "Day ticket", kind: "paid", basePrice: eur(1_500), quantityTotal: 2_000 }],
  },
];

/** Loads the demo data; what is there already stays as it is. @returns ids to buy with */
export async function loadDemo(idKey: string, progress: (done: number, of: number) => void): Promise<{ eventId: string; ticketTypeId: string }> {
  const steps = SHOWS.reduce((sum, { types }) => sum + types.length + 2, 0);
  let done = 0;
  const step = () => progress(++done, steps);
  const monday = firstDay();
  let first: { eventId: string; ticketTypeId: string } | undefined;
  for (const [n, show] of SHOWS.entries()) {
    const eventId = keyedId("evt", idKey, ["demo", String(n)]);
    await as("organizer", () =>
      Event.create({
        ...show.event,
        eventId,
        startsAt: romeInstant(monday, show.day, show.from),
        endsAt: romeInstant(monday, show.day, show.to),
        timeZone: "Europe/Rome",
        currency: "EUR",
      }),
    );
    step();
    for (const [t, type] of show.types.entries()) {
      const ticketTypeId = keyedId("tt", idKey, ["demo", String(n), String(t)]);
      const standing = await TicketType.find(ticketTypeId);
      if (!standing) await as("organizer", () => TicketType.create({ ...type, eventId, ticketTypeId }));
      if (n === 0 && type.name === "Seat") first = { eventId, ticketTypeId };
      step();
    }
    const event = await Event.find(eventId);
    if (event?.stage === "draft") await as("organizer", () => Event.changeStatus({ eventId, status: "review" }));
    if (event?.stage === "draft" || event?.stage === "review") await as("admin", () => Event.changeStatus({ eventId, status: "published" }));
    step();
  }
  return first!;
}

async function as<T>(role: Role, work: () => Promise<T>): Promise<T> {
  const actor = personIn(role, await personWithRole(role, demoUser(role)));
  return withContext({ actor, requestId: "req_demo", correlationId: "req_demo" }, work);
}

function firstDay(): Date {
  const day = new Date(Date.now() + WEEKS_AHEAD * 7 * DAY_MS);
  const untilTuesday = (9 - day.getUTCDay()) % 7;
  return new Date(day.getTime() + untilTuesday * DAY_MS);
}

// The clock on the wall in Rome, as an instant: the offset of that day is asked of the time zone itself.
function romeInstant(first: Date, day: number, wall: string): string {
  const date = new Date(first.getTime() + day * DAY_MS).toISOString().slice(0, 10);
  const asUtc = new Date(`${date}T${wall}:00Z`);
  const inRome = new Date(
    `${new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Rome", dateStyle: "short", timeStyle: "medium" }).format(asUtc).replace(" ", "T")}Z`,
  );
  return new Date(asUtc.getTime() - (inRome.getTime() - asUtc.getTime())).toISOString();
}
