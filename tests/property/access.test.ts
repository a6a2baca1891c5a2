import { readdirSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { ActorKind, Actor, Hat } from "../../packages/core/src/actor.ts";
import { withContext } from "../../packages/core/src/context.ts";
import { VisibleError } from "../../packages/core/src/error.ts";
import { LEVELS, PERMISSIONS, ROLES, type Level, type Need, type Permission, type Permissions } from "../../packages/core/src/permission.ts";

/**
 * Who may begin to do what, said a second time: verb by verb, by who may call it and what one of their roles has to permit. A
 * verb that is not here may be called by nobody. Whose thing it is, and what that is told, is the matrix's (tests/api).
 */
type Who =
  | "everybody"
  | "people"
  | "people and keys"
  | "whoever signed in"
  | "whoever signed in and their keys"
  | "the team"
  | "the team itself"
  | "admins"
  | "admins and their keys"
  | "sockets"
  | "machines";

const POLICY: [Who, Need | undefined, string, machines?: string][] = [
  ["everybody", "events:read", "event.get event.list event.status_history realtime.availability", "webhook schedule system"],
  ["everybody", "ticket_types:read", "ticket_type.get ticket_type.list order.quote", "webhook schedule system"],
  ["everybody", "orders:read", "order.get", "webhook schedule system"],
  ["people", undefined, "realtime.issue_ticket"],
  ["people", "ticket_types:read", "order.place"],
  ["people", "orders:write", "order.extend order.get_payable order.start_payment order.complete_free"],
  ["people", "orders:write", "order.end order.release order.record_intent", "schedule system"],
  ["people", "orders:write", "order.mark_paid", "webhook schedule system"],
  ["people", undefined, "order.record_decline order.record_processing order.record_attempt_cancelled", "webhook schedule system"],
  ["people and keys", "orders:write", "order.name_attendees"],
  ["people and keys", "refunds:read", "order.find_refund order.list_refunds"],
  ["people and keys", "refunds:write", "order.refund"],
  ["whoever signed in", undefined, "user.me user.replace_profile session.list session.end session.end_all"],
  [
    "whoever signed in",
    undefined,
    "grant.list_mine invitation.accept order.list_mine consent.mine consent.choose data_export.request data_export.get data_export.download erasure.request",
  ],
  ["people", undefined, "device.pair"],
  ["the team itself", "api_keys:read", "api_key.get api_key.list"],
  ["the team itself", "api_keys:write", "api_key.create api_key.rotate api_key.revoke"],
  ["the team itself", "devices:write", "device.create device.revoke"],
  ["the team", "devices:read", "device.get device.list"],
  ["the team", "organizers:read", "grant.list grant.list_organizers invitation.list"],
  ["the team", "organizers:write", "grant.give invitation.invite invitation.remake invitation.withdraw"],
  ["whoever signed in and their keys", "organizers:write", "grant.take"],
  ["the team", "events:read", "event.capacities cancellation.get"],
  ["the team", "events:write", "event.create event.replace event.remove event.change_status event.replace_capacities"],
  ["the team", "events:write", "event.fit_capacities", "schedule system"],
  ["the team", "ticket_types:read", "report.capacity"],
  ["the team", "ticket_types:write", "ticket_type.create ticket_type.replace ticket_type.remove"],
  ["the team", "ticket_types:read", "ticket_type.price_history"],
  ["the team", "ticket_types:write", "ticket_type.fit_stock", "schedule system"],
  ["the team", "ledger:read", "ledger.list order.ledger report.sales"],
  ["the team", "disputes:read", "dispute.get dispute.list dispute.list_by_order dispute.assemble_evidence"],
  ["the team", "disputes:write", "dispute.get_answerable dispute.get_submittable dispute.record_staged"],
  ["the team", "disputes:write", "dispute.record", "webhook schedule system"],
  ["the team", "audit_logs:read", "audit_log.list"],
  ["admins", "users:write", "user.suspend user.reinstate session.end_all_of"],
  ["admins", "users:manage", "user.assign_role", "system"],
  ["admins", "roles:manage", "role.replace"],
  ["admins and their keys", "users:read", "user.get user.list user.search"],
  ["admins and their keys", "roles:read", "role.get role.list role.list_permissions"],
  ["admins and their keys", "disputes:manage", "dispute.get_acceptable"],
  ["admins and their keys", "webhooks:read", "webhook.get webhook.list"],
  ["admins and their keys", "webhooks:write", "webhook.replay"],
  ["admins and their keys", "webhooks:write", "webhook.receive", "webhook"],
  ["admins and their keys", "reconciliations:read", "reconciliation.get reconciliation.list"],
  ["admins and their keys", "reconciliations:write", "reconciliation.start"],
  ["admins and their keys", "privacy:read", "erasure.get"],
  ["sockets", undefined, "realtime.connect realtime.subscribe realtime.unsubscribe realtime.count_message"],
  ["sockets", undefined, "realtime.disconnect", "system"],
  ["machines", undefined, "api_key.remove_all_of data_export.collect data_export.drop erasure.begin erasure.proceed", "schedule system"],
  ["machines", undefined, "retention.review", "schedule"],
  ["machines", undefined, "consent.record order.adopt order.adopt_all order.adopt_by_contact user.close", "system"],
  ["machines", undefined, "erasure.forgotten_by_issuer erasure.subject_to_forget grant.take_all realtime.list_ended", "system"],
  ["machines", undefined, "order.record_refund", "webhook schedule system"],
  ["machines", undefined, "reconciliation.resume reconciliation.start_scheduled", "schedule"],
  ["machines", undefined, "cancellation.start cancellation.advance cancellation.recheck event.record_status event.record_stock", "schedule system"],
  ["machines", undefined, "order.finish_giving_up order.refuse_refund order.restock order.void_order", "schedule system"],
  ["machines", undefined, "ledger.book_fee ledger.confirm message.begin message.advance message.postpone reconciliation.advance", "system"],
  ["machines", undefined, "realtime.open_tick realtime.close_tick ticket_type.remove_of_event user.appear webhook.settle", "system"],
];
type Rule = { who: Who; need: Need | undefined; machines: string[] };
const RULES = new Map(
  POLICY.flatMap(([who, need, verbs, machines = ""]) => verbs.split(" ").map((verb): [string, Rule] => [verb, { who, need, machines: machines.split(" ") }])),
);

function mayBegin(actor: Actor, { who, need, machines }: Rule): boolean {
  const able = "hats" in actor ? actor.hats.filter(({ may }) => need === undefined || reaches(may, need)).map(({ role }) => role) : [];
  const admin = able.includes("admin");
  const team = admin || able.includes("organizer");
  switch (actor.kind) {
    case "public":
      return ["everybody", "people", "people and keys", "sockets"].includes(who);
    case "device":
      return who === "everybody";
    case "key":
      if (who === "whoever signed in and their keys") return able.length > 0;
      return who === "everybody" || who === "people and keys" || (who === "the team" && team) || (who === "admins and their keys" && admin);
    case "webhook":
    case "schedule":
    case "system":
      return machines.includes(actor.kind);
    default:
      if (who === "the team" || who === "the team itself") return team;
      return who === "admins" || who === "admins and their keys" ? admin : who !== "sockets" && who !== "machines";
  }
}

function reaches(may: Permissions, need: Need): boolean {
  const [feature, least] = need.split(":") as [Permission, Level];
  return { none: 0, read: 1, write: 2, manage: 3 }[may[feature] ?? "none"] >= { none: 0, read: 1, write: 2, manage: 3 }[least];
}

type Verb = ((input: never) => Promise<unknown>) & { capability: string; allow: readonly ActorKind[]; needs: Need | undefined };
const verbs = new Map<string, Verb>();
const core = new URL("../../packages/core/src/", import.meta.url);
beforeAll(async () => {
  const files = readdirSync(core, { recursive: true, encoding: "utf8" }).filter((file) => /^[a-z-]+\/[a-z-]+\.ts$/.test(file));
  for (const file of files) {
    const exported: Record<string, unknown> = await import(new URL(file, core).pathname);
    for (const value of Object.values(exported)) if (typeof value === "function" && "capability" in value) verbs.set((value as Verb).capability, value as Verb);
  }
});

const may: fc.Arbitrary<Permissions> = fc.record(
  Object.fromEntries(Object.keys(PERMISSIONS).map((name) => [name, fc.constantFrom(...LEVELS)])) as Record<Permission, fc.Arbitrary<Level>>,
  { requiredKeys: [] },
);
const scope = fc.record({ type: fc.constantFrom("event", "sponsor", "designer", "allocation"), id: fc.constantFrom("evt_1", "evt_2") });
const hat = fc.record({ role: fc.constantFrom(...ROLES), may, on: scope }, { requiredKeys: ["role", "may"] }) as fc.Arbitrary<Hat>;
const hats = fc.array(hat, { maxLength: 4 });
const actor = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom(...ROLES), userId: fc.constant("usr_1"), hats }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("key"), keyId: fc.constant("key_1"), ownerId: fc.constant("usr_1"), hats }) },
  fc.constant({ kind: "public" }),
  fc.constant({ kind: "device", deviceId: "dvc_1", eventId: "evt_1", checkInListIds: [] }),
  fc.constantFrom({ kind: "webhook", vendor: "stripe" }, { kind: "schedule", name: "sweep" }, { kind: "system", name: "consumer" }),
) as fc.Arbitrary<Actor>;

/** What a call with no input of any verb is told: only whoever is let in is told of the input. */
async function told(verb: Verb, by: Actor): Promise<string> {
  const call = withContext({ actor: by, requestId: "req_1", correlationId: "req_1" }, () => verb("no input" as never));
  return call.then(
    () => "was done",
    (error: unknown) => (error instanceof VisibleError ? error.code : String(error)),
  );
}

describe("who may begin to do what", () => {
  it("is said of every verb there is, and of no other", () => {
    expect([...RULES.keys()].sort()).toEqual([...verbs.keys()].sort());
  });

  it("needs a permission wherever a role of the team lets somebody in who would not be let in without it", () => {
    const team = [...verbs.values()].filter(({ allow }) => !allow.includes("attendee") && allow.some((kind) => kind === "organizer" || kind === "admin"));
    expect(team.filter(({ needs }) => needs === undefined).map(({ capability }) => capability)).toEqual([]);
    expect(team.length).toBeGreaterThan(30);
  });

  it("is decided by the rule alone, for any actor in any roles with any permissions, before the input is read", async () => {
    await fc.assert(
      fc.asyncProperty(actor, async (by) => {
        for (const [name, rule] of RULES) {
          const refusal = by.kind === "public" ? "actor.unauthenticated" : "actor.not_allowed";
          expect(`${name}: ${await told(verbs.get(name)!, by)}`).toBe(`${name}: ${mayBegin(by, rule) ? "input.invalid" : refusal}`);
        }
      }),
      { numRuns: 150 },
    );
  });
});
