import { standing, type Head, type Subject } from "../db/journal.ts";
import type { DomainEvent } from "../domain-event.ts";
import { write, type Write } from "../db/transact.ts";
import { UserRoleChanged } from "./domain-events.ts";
import { Admins, Users, type UserRow } from "./entity.ts";
import { lastAdmin } from "./errors.ts";

/** The user as their journal sees them. */
export function subjectOf(user: UserRow): Subject {
  return standing("user", user.userId, user);
}

type Change = Partial<Omit<UserRow, "userId" | "createdAt" | "version" | "auditHash">>;

/** A change of the user, on condition that nobody changed them since they were read. */
export function changeOf(user: UserRow, head: Head, change: Change, gone: readonly ("personId" | "emailKey" | "phoneKey")[] = []): Write {
  // The index by role needs all of its parts, and is left by attendees.
  const { role = user.role, ...rest } = change;
  const base = Users.patch({ userId: user.userId }).set({ ...rest, role, createdAt: user.createdAt, ...head });
  const patch = gone.length > 0 ? base.remove([...gone]) : base;
  return write(patch.where(({ version }, { eq }) => eq(version, user.version)));
}

/** A change of what the user may do. */
export function accessChangeOf(user: UserRow, head: Head, change: Change = {}): Write {
  return changeOf(user, head, { ...change, accessVersion: user.accessVersion + 1 });
}

/** Another role for a user who is no admin and becomes none. */
export function becoming(user: UserRow, role: Exclude<UserRow["role"], "admin">): { event: DomainEvent; change: Change } {
  return { event: UserRoleChanged({ userId: user.userId, from: user.role, to: role }), change: { role } };
}

/** One admin more. */
export function joiningAdmins(userId: string): Write {
  return write(Admins.upsert({ list: "all" }).add({ userIds: [userId], count: 1 }));
}

/** One admin fewer, while there is another. @throws user.last_admin */
export function leavingAdmins(userId: string): Write {
  const patch = Admins.patch({ list: "all" })
    .delete({ userIds: [userId] })
    .subtract({ count: 1 })
    .where(({ userIds, count }, { contains, gt }) => `${contains(userIds, userId as never)} AND ${gt(count, 1)}`);
  return write(patch, () => lastAdmin("Make somebody else an admin first."));
}
