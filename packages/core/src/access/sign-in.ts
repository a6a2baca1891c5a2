import type { Actor, Hat } from "../actor.ts";
import { adminEmails } from "../config.ts";
import { context, now, withContext } from "../context.ts";
import { derivedId } from "../id.ts";
import * as Session from "../session/index.ts";
import { isoOfSeconds } from "../time.ts";
import * as User from "../user/index.ts";
import { hatsOf, standingOf } from "./hats.ts";

/** What a verified token says of whoever sent it. */
export type Identity = {
  issuer: string;
  subject: string;
  name?: string | undefined;
  /** Only what the issuer verified. */
  email?: string | undefined;
  phone?: string | undefined;
  /** The issuer's name of the session, the same for all of its tokens. */
  session: string;
  /** Epoch seconds at which the session began. */
  startedAt: number;
  /** What it runs on, roughly. */
  label: string;
};

type Person = Extract<Actor, { userId: string }>;

/**
 * Who is behind a verified token: a user with their roles, as they were at most a minute ago. Within that minute no call reads
 * anything; after it their row and session are read again, and their grants only when these have changed.
 * `welcome` runs before a session that was never seen is let in, and may refuse it.
 * @throws user.suspended, session.ended, and what `welcome` throws
 */
export async function signIn(identity: Identity, welcome: () => Promise<void> = async () => {}): Promise<Person> {
  const userId = User.userIdFor(identity.issuer, identity.subject);
  const sessionId = derivedId("ses", [userId, identity.session]);
  const standing = User.recall(userId, sessionId);
  if (standing && !standing.stale) return personOf(userId, sessionId, standing.user.role, standing.hats);

  const readAt = now();
  const seen = { userId, sessionId, label: identity.label, startedAt: isoOfSeconds(identity.startedAt) };
  const session = await Session.find(userId, sessionId);
  if (!session) await welcome();
  const known = await appeared(userId, identity);
  admit(known, session, identity.startedAt);
  const fresh = standing !== undefined && standing.user.accessVersion === known.accessVersion;
  const [hats] = await Promise.all([hatsOf(known, fresh ? standing.hats : undefined), Session.note(session, seen, readAt)]);
  User.remember(userId, sessionId, { user: known, hats }, readAt);
  return personOf(userId, sessionId, known.role, hats);
}

function personOf(userId: string, sessionId: string, kind: Person["kind"], hats: readonly Hat[]): Person {
  return { kind, userId, sessionId, hats: standingOf(hats) };
}

function appeared(userId: string, { name, email, phone, startedAt }: Identity): Promise<User.UserRow> {
  const appoint = email !== undefined && adminEmails().includes(email.toLowerCase());
  const input = { userId, appoint, startedAt, ...(name ? { name } : {}), ...(email ? { email } : {}), ...(phone ? { phone } : {}) };
  return asSystem(() => User.appear(input));
}

function admit(user: User.UserRow, session: Session.SessionRow | undefined, startedAt: number): void {
  if (user.status === "suspended") throw User.suspended("Ask the team why.");
  if (Session.isOver(user, { startedAtS: startedAt, revokedAt: session?.revokedAt })) throw Session.sessionEnded("Sign in again.");
}

// Nobody is known yet: the verbs that let somebody in run as the door itself.
function asSystem<T>(work: () => Promise<T>): Promise<T> {
  const { requestId, correlationId } = context();
  return withContext({ actor: { kind: "system", name: "sign-in" }, requestId, correlationId }, work);
}
