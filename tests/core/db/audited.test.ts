import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import "../golden.ts";
import { AUDITED, differenceBetween } from "../../../packages/core/src/db/audited.ts";
import { Cancellations } from "../../../packages/core/src/cancellation/entity.ts";
import { Disputes } from "../../../packages/core/src/dispute/entity.ts";
import { Events } from "../../../packages/core/src/event/entity.ts";
import { Orders } from "../../../packages/core/src/order/entity.ts";
import { Reconciliations } from "../../../packages/core/src/reconciliation/entity.ts";
import { Roles } from "../../../packages/core/src/role/entity.ts";
import { Users } from "../../../packages/core/src/user/entity.ts";
import { TicketTypes } from "../../../packages/core/src/ticket-type/entity.ts";

const order = (change: object) =>
  differenceBetween("order", { status: "held", amount: 4500, version: 1 }, { status: "held", amount: 4500, version: 2, ...change }, []);

it("tells what was and what is, of that alone which changed", () => {
  expect(order({ status: "expiring" })).toEqual({ changes: { status: ["held", "expiring"] }, concealed: [] });
  expect(order({ amount: undefined })).toEqual({ changes: { amount: [4500, null] }, concealed: [] });
  expect(order({})).toEqual({ changes: {}, concealed: [] });
});

it("tells in a structure the place that changed", () => {
  const attempts = [{ n: 1, status: "created" }];
  const { changes } = differenceBetween("order", { attempts }, { attempts: [{ n: 1, status: "succeeded", intentId: "pi_1" }] }, []);
  expect(changes).toEqual({ "attempts.0.status": ["created", "succeeded"], "attempts.0.intentId": [null, "pi_1"] });
});

it("conceals what it does not know: that it changed is told, not to what", () => {
  expect(order({ nickname: "Anna Rossi" })).toEqual({ changes: {}, concealed: ["nickname"] });
  expect(differenceBetween("something_new", {}, { email: "anna@example.com" }, [])).toEqual({ changes: {}, concealed: ["email"] });
});

it("conceals the words in a structure and tells the rest of it", () => {
  const line = { ticketTypeId: "tt_1", name: "Front row for Anna", quantity: 2, unitPrice: { amount: 4500, currency: "EUR" } };
  const { changes, concealed } = differenceBetween("order", {}, { lines: [line] }, []);
  expect(changes).toEqual({ lines: [null, [{ ticketTypeId: "tt_1", quantity: 2, unitPrice: { amount: 4500 } }]] });
  expect(concealed).toEqual([]);
  expect(differenceBetween("order", { lines: [line] }, { lines: [{ ...line, name: "Back row" }] }, [])).toEqual({ changes: {}, concealed: ["lines"] });
});

it("sums up what is large by a digest that is the same for the same value", () => {
  const claims = Array.from({ length: 20 }, (_, bucket) => ({ poolId: "tt_1", group: 0, bucket, q: 1 }));
  const [before, after] = differenceBetween("order", {}, { claims }, []).changes["claims"]!;
  expect(before).toBeNull();
  expect(after).toMatch(/^sha256:[\w-]{16}$/);
  expect(differenceBetween("order", {}, { claims: structuredClone(claims) }, []).changes["claims"]![1]).toBe(after);
  const many = Object.keys(differenceBetween("order", { claims }, { claims: claims.map((claim) => ({ ...claim, q: 2 })) }, []).changes);
  expect(many, "twenty places are told as one").toEqual(["claims"]);
});

it("leaves out of a new row what is false or empty, and what the entry says elsewhere", () => {
  const row = { eventId: "evt_1", extended: false, attempts: [], status: "held" };
  expect(differenceBetween("order", {}, row, ["evt_1"]).changes).toEqual({ status: [null, "held"] });
  expect(differenceBetween("order", { extended: true }, { extended: false }, []).changes, "but not of a change").toEqual({ extended: [true, false] });
});

const entities = {
  user: Users,
  role: Roles,
  event: Events,
  ticket_type: TicketTypes,
  order: Orders,
  dispute: Disputes,
  cancellation: Cancellations,
  reconciliation: Reconciliations,
};

it("names attributes that there are, and for every kind of subject in core", () => {
  for (const [type, { schema }] of Object.entries(entities)) {
    const attributes = Object.keys(schema.attributes);
    expect(attributes, type).toEqual(expect.arrayContaining(AUDITED[type]!.map((name) => name.split(".")[0]!)));
  }
  const core = new URL("../../../packages/core/src/", import.meta.url);
  const files = readdirSync(core, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const subjects = files.flatMap((file) => [...readFileSync(new URL(file, core), "utf8").matchAll(/\b(?:created|standing)\("(\w+)"/g)].map(([, type]) => type));
  expect(Object.keys(AUDITED)).toEqual(expect.arrayContaining([...new Set(subjects)]));
});

it("never names an attribute in which somebody writes, or which describes a person", () => {
  const personal = /name|Key$|title|description|email|phone|address|venue|seo|note|comment|text|message|failure|avatar|bio/i;
  expect(
    Object.values(AUDITED)
      .flat()
      .filter((name) => personal.test(name)),
  ).toEqual([]);
});
