import { ROLES, type Role } from "@fashionistas/core/actor";
import { newId } from "@fashionistas/core/id";
import { userIdFor } from "@fashionistas/core/user";
import type { Caller } from "@fashionistas/functions/api/access";
import { LOCAL_ISSUER } from "@fashionistas/local/issuer";
import { BUILT_IN, type Permissions } from "../../../packages/core/src/permission.ts";
import { Grants } from "../../../packages/core/src/grant/entity.ts";
import type { World } from "../../kit/world.ts";
import { answered } from "../support.ts";

export type Person = { role: Role; subject: string; userId: string; token: string };
/** What a caller shows: a token or headers. */
export type As = Partial<Person> & { headers?: Record<string, string> };
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
  const post = async <T>({ token }: As, path: string, body: unknown): Promise<T> =>
    answered(world.request<T>("POST", path, { ...(token ? { token } : {}), body }), 201);

  /** A key of somebody's with all that a key of theirs may do. */
  async function keyOf({ role, userId, token }: Person): Promise<As> {
    const { api_keys: _, ...permissions } = BUILT_IN[role] as Permissions;
    return { userId, headers: { "x-api-key": (await post<{ secret: string }>({ token }, "/api-keys", { name: "Box office", permissions })).secret } };
  }
  const keys = { key: await keyOf(inRole.organizer), admins_key: await keyOf(inRole.admin) };

  const newCode = async (eventId: string): Promise<string> =>
    (await post<{ pairingCode: string }>(inRole.organizer, "/devices", { eventId, name: "North gate" })).pairingCode;
  const devices = new Map<string, As>();
  /** A device of an event of the organizer's. */
  async function deviceAt(eventId: string): Promise<As> {
    const { deviceKey } = await post<{ deviceKey: string }>({}, "/devices/pair", { code: await newCode(eventId) });
    return { headers: { "x-device-key": deviceKey } };
  }

  return {
    ...inRole,
    otherOrganizer: await signIn("organizer", "matrix-other"),
    stranger: await signIn("attendee", "matrix-stranger"),
    again: ({ role, subject }: Person) => signIn(role, subject),
    newcomer,
    granted,
    newCode,
    /** The caller to whom these events of the matrix's organizer are theirs, as far as they can be. */
    async as(caller: Caller, ...eventIds: [string, ...string[]]): Promise<As> {
      if (caller === "anonymous") return {};
      if (caller === "granted") return granted(...eventIds);
      if (caller === "key" || caller === "admins_key") return keys[caller];
      if (caller === "device") {
        const [eventId] = eventIds;
        if (!devices.has(eventId)) devices.set(eventId, await deviceAt(eventId));
        return devices.get(eventId)!;
      }
      return inRole[caller];
    },
  };
}
