import { type Actor, personIn, ROLES, type Role } from "@fashionistas/core/actor";
import { withContext } from "@fashionistas/core/context";
import { newId, type EventId } from "@fashionistas/core/id";
import { userIdFor } from "@fashionistas/core/user";
import type { Caller } from "@fashionistas/functions/api/access";
import { app } from "@fashionistas/functions/api/app";
import type { Api } from "@fashionistas/functions/api/endpoint";
import { problem } from "@fashionistas/functions/api/middleware/problem";
import { LOCAL_ISSUER } from "@fashionistas/local/issuer";
import { Grants } from "../../../packages/core/src/grant/entity.ts";
import type { World } from "../../kit/world.ts";

export type Person = { role: Role; subject: string; userId: string; token: string };
/** What a caller shows: a token, headers, or, while there is no credential for such an actor, themselves. */
export type As = Partial<Person> & { headers?: Record<string, string>; actor?: Actor };
export type People = Awaited<ReturnType<typeof gather>>;

/** Everybody who calls. The matrix's organizer is the owner of its key; whoever is granted or stands at a door is so for an event of theirs. */
export async function gather(world: World) {
  /** A session of somebody, who has been let in: so that no later call of theirs signs in. */
  async function signIn(role: Role, subject: string): Promise<Person> {
    const token = await world.tokenOf(role, subject);
    await world.request("GET", "/me", { token });
    return { role, subject, userId: userIdFor(LOCAL_ISSUER, subject), token };
  }
  const newcomer = (role: Role) => signIn(role, newId("req"));

  async function granted(...eventIds: string[]): Promise<Person> {
    const subject = newId("req");
    const grant = { userId: userIdFor(LOCAL_ISSUER, subject), role: "organizer", scopeType: "event", grantedBy: {}, createdAt: "2026-01-01" } as const;
    for (const scopeId of eventIds) await Grants.create({ ...grant, scopeId }).go();
    return signIn("attendee", subject);
  }

  const inRole = Object.fromEntries(await Promise.all(ROLES.map(async (role) => [role, await signIn(role, `matrix-${role}`)]))) as Record<Role, Person>;
  function keyOf({ role, userId }: Person): As {
    return { userId, actor: { kind: "key", keyId: newId("key"), ownerId: userId, hats: personIn(role, userId).hats } };
  }

  return {
    ...inRole,
    otherOrganizer: await signIn("organizer", "matrix-other"),
    stranger: await signIn("attendee", "matrix-stranger"),
    again: ({ role, subject }: Person) => signIn(role, subject),
    newcomer,
    granted,
    /** The caller to whom these events of the matrix's organizer are theirs, as far as they can be. */
    async as(caller: Caller, ...eventIds: [string, ...string[]]): Promise<As> {
      if (caller === "anonymous") return {};
      if (caller === "granted") return granted(...eventIds);
      if (caller === "key") return keyOf(inRole.organizer);
      if (caller === "admins_key") return keyOf(inRole.admin);
      if (caller === "device") return { actor: { kind: "device", deviceId: newId("dvc"), eventId: eventIds[0] as EventId, checkInListIds: [] } };
      return inRole[caller];
    },
  };
}

export type Init = { method: string; headers: Record<string, string>; body?: string };

const actors = new Map<string, Actor>();
const direct = new (app.constructor as new () => Api)();
direct.onError(problem);
direct.use(async (c, next) => {
  const requestId = newId("req");
  c.set("requestId", requestId);
  c.header("x-request-id", requestId);
  await withContext({ actor: actors.get(c.req.header("x-actor")!)!, requestId, correlationId: requestId }, next);
});
for (const { method, path, handler } of app.routes) if (method !== "ALL") direct.on(method, path, handler);

/** A call of the API's routes as an actor for whom there is no credential. */
export function callDirectly(actor: Actor, path: string, init: Init): Promise<Response> {
  const name = newId("req");
  actors.set(name, actor);
  return Promise.resolve(direct.request(path, { ...init, headers: { ...init.headers, "x-actor": name } }));
}
