import { expect, it } from "vitest";
import { isAddressee } from "../../../../packages/core/src/invitation/rules/addressee.ts";

it("by e-mail is for whoever proved that the address is theirs", () => {
  const invitation = { via: "email", contactKey: "per_1" } as const;
  expect(isAddressee(invitation, { emailKey: "per_1" })).toBe(true);
  expect(isAddressee(invitation, { emailKey: "per_2", phoneKey: "per_1" })).toBe(false);
  expect(isAddressee(invitation, {})).toBe(false);
});

it("by WhatsApp is for whoever has the link, but for those who proved another number", () => {
  const invitation = { via: "whatsapp", contactKey: "per_1" } as const;
  expect(isAddressee(invitation, { phoneKey: "per_1" })).toBe(true);
  expect(isAddressee(invitation, { emailKey: "per_2" })).toBe(true);
  expect(isAddressee(invitation, { phoneKey: "per_2" })).toBe(false);
});
