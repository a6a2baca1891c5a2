/**
 * What a role may do: a level for each feature (the seed's `role_permissions`). A verb for people names the one it needs
 * (`capability`'s `needs`); whose thing it is remains the noun's decision.
 */

/** Kinds of people who sign in. */
export const ROLES = ["attendee", "sponsor", "designer", "model", "organizer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Kinds of things that a role can be granted for. */
export const SCOPE_TYPES = ["event", "sponsor", "designer", "allocation"] as const;
export type ScopeType = (typeof SCOPE_TYPES)[number];

/** Each level includes those before it. */
export const LEVELS = ["none", "read", "write", "manage"] as const;
export type Level = (typeof LEVELS)[number];

/** Every feature that a role can be permitted, and what its levels mean. */
export const PERMISSIONS = {
  events: "Events: read drafts; write, submit and cancel them; manage: publish them, too",
  ticket_types: "Ticket types and allocations: read unpublished ones; write them",
  orders: "Orders of others: read them; write: name their attendees",
  refunds: "Refunds: read them; write: give money back within the event's policy; manage: beyond it",
  ledger: "Money of orders and events: read it",
  disputes: "Disputes: read them; write: prepare an answer; manage: submit or accept",
  organizers: "Who else organizes an event: read; write: invite and remove them",
  devices: "Check-in devices: read; write: pair and revoke them",
  api_keys: "API keys: read; write: make, rotate and revoke them",
  audit_logs: "The audit trail: read it",
  users: "Users: read; write: suspend them and end their sessions; manage: give them a role",
  roles: "Roles and what they permit: read; manage: change them",
  webhooks: "What vendors told us: read; write: process it again",
  reconciliations: "Our books against the vendors': read; write: compare now",
  privacy: "Erasures: read their records",
} as const;
export type Permission = keyof typeof PERMISSIONS;

/** A feature and the level of it that a verb needs: `orders:read`. */
export type Need = `${Permission}:${Exclude<Level, "none">}`;

export type Permissions = Readonly<Partial<Record<Permission, Level>>>;

/** Do these permissions meet the need? */
export function permits(permissions: Permissions, need: Need): boolean {
  const [permission, level] = need.split(":") as [Permission, Level];
  return LEVELS.indexOf(permissions[permission] ?? "none") >= LEVELS.indexOf(level);
}

/** The lower level of each feature: what a key may do that somebody gave a part of their own permissions. */
export function lowerOf(one: Permissions, other: Permissions): Permissions {
  const names = Object.keys(PERMISSIONS) as Permission[];
  return Object.fromEntries(names.map((name) => [name, lower(one[name] ?? "none", other[name] ?? "none")]));
}

function lower(one: Level, other: Level): Level {
  return LEVELS[Math.min(LEVELS.indexOf(one), LEVELS.indexOf(other))]!;
}

const everything = Object.fromEntries(Object.keys(PERMISSIONS).map((name) => [name, "manage"])) as Permissions;

/** What each role may do until an admin changes it (`role` noun). Admins may do everything, always. */
export const BUILT_IN = {
  admin: everything,
  organizer: {
    ...{ events: "write", ticket_types: "write", orders: "write", refunds: "write", ledger: "read", disputes: "write" },
    ...{ organizers: "write", devices: "write", api_keys: "write", audit_logs: "read" },
  },
  sponsor: { events: "read" },
  designer: { events: "read" },
  model: { events: "read" },
  attendee: {},
} as const satisfies Record<Role, Permissions>;
