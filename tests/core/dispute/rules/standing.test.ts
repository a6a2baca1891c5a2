import { describe, expect, it } from "vitest";
import { isAcceptable, isAnswerable, isBehind, moneyOut, standingOf, stateOf } from "../../../../packages/core/src/dispute/rules/standing.ts";

const taken = { way: "withdrawn", amount: 9_000 } as const;
const back = { way: "reinstated", amount: 9_000 } as const;

describe("what a dispute means", () => {
  it.each([
    ["warning_needs_response", [], "inquiry"],
    ["warning_under_review", [], "inquiry"],
    ["warning_closed", [], "settled"],
    ["needs_response", [], "open"],
    ["needs_response", [taken], "open"],
    ["under_review", [taken], "open"],
    ["won", [taken], "settled"],
    ["won", [taken, back], "settled"],
    ["lost", [taken], "lost"],
    ["prevented", [], "settled"],
    ["prevented", [taken], "lost"],
    ["prevented", [taken, back], "settled"],
    ["appeal_needs_response", [taken], "lost"],
    ["appeal_under_review", [taken], "lost"],
  ] as const)("%s after %j is %s", (status, movements, standing) => {
    expect(standingOf({ status, movements })).toBe(standing);
  });

  it("follows the money where the status is new to us", () => {
    expect(standingOf({ status: "arbitration_2031", movements: [taken] })).toBe("open");
    expect(standingOf({ status: "arbitration_2031", movements: [taken, back] })).toBe("inquiry");
    expect(standingOf({ status: "arbitration_2031", movements: [] })).toBe("inquiry");
  });

  it("counts the money that is out", () => {
    expect(moneyOut([])).toBe(0);
    expect(moneyOut([taken, back, { way: "withdrawn", amount: 500 }])).toBe(500);
  });

  it("is open until somebody has decided", () => {
    expect((["inquiry", "open", "lost", "settled"] as const).map(stateOf)).toEqual(["open", "open", "closed", "closed"]);
  });
});

describe("a reading of the provider", () => {
  const at = (status: string, movements = 1, submissions = 0) => ({ status, movements, submissions });

  it("is behind when it knows of less money or of fewer submissions", () => {
    expect(isBehind(at("needs_response", 1, 0), at("under_review", 1, 1))).toBe(true);
    expect(isBehind(at("won", 1, 1), at("won", 2, 1))).toBe(true);
    expect(isBehind(at("won", 2, 1), at("won", 1, 1))).toBe(false);
  });

  it("is behind when its status comes before what is recorded", () => {
    expect(isBehind(at("warning_needs_response", 0), at("warning_closed", 0))).toBe(true);
    expect(isBehind(at("needs_response"), at("lost"))).toBe(true);
    expect(isBehind(at("under_review"), at("needs_response"))).toBe(false);
    expect(isBehind(at("needs_response"), at("warning_closed"))).toBe(false);
  });

  it("is not behind when an appeal follows a verdict, or a verdict an appeal", () => {
    expect(isBehind(at("appeal_needs_response"), at("lost"))).toBe(false);
    expect(isBehind(at("lost"), at("appeal_under_review"))).toBe(false);
    expect(isBehind(at("won"), at("appeal_under_review"))).toBe(false);
  });

  it("is never behind by a status that is new to us", () => {
    expect(isBehind(at("arbitration_2031"), at("lost"))).toBe(false);
    expect(isBehind(at("needs_response"), at("arbitration_2031"))).toBe(false);
  });
});

it("is answered only while the provider waits for it, and accepted only as a chargeback", () => {
  const statuses = ["warning_needs_response", "needs_response", "appeal_needs_response", "under_review", "won", "lost"];
  expect(statuses.filter(isAnswerable)).toEqual(["warning_needs_response", "needs_response", "appeal_needs_response"]);
  expect(statuses.filter(isAcceptable)).toEqual(["needs_response"]);
});
