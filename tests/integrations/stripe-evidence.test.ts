import type { EvidencePack } from "@fashionistas/core/dispute";
import { describe, expect, it } from "vitest";
import { cut, evidenceFields } from "../../packages/integrations/src/stripe/evidence.ts";

const pack: EvidencePack = {
  event: { title: "Atelier Notturno", startsAt: "24 February 2027 at 19:30 (Europe/Rome)", venue: "Palazzo delle Stelline, Milano, IT" },
  order: {
    id: "ord_1",
    placedAt: "2026-11-02T09:00:00.000Z",
    total: "€90.00",
    lines: [{ quantity: 2, name: "Standing", unitPrice: "€45.00", total: "€90.00" }],
  },
  buyer: { name: "Anna Rossi", email: "anna@example.com" },
  tickets: [{ id: "tkt_1-1", issuedAt: "2026-11-02T09:01:00.000Z" }],
  delivery: { channel: "whatsapp", status: "read", at: "2026-11-02T09:02:00.000Z", sentAt: "2026-11-02T09:01:01.000Z" },
  history: [
    { at: "2026-11-02T09:00:00.000Z", what: "order.held", by: "public" },
    { at: "2026-11-02T09:01:00.000Z", what: "order.paid", by: "system" },
  ],
};

describe("the evidence pack in Stripe's fields", () => {
  it("says what was sold to whom for when, what was delivered, and what happened in between", () => {
    expect(evidenceFields({ ...pack, notes: "She was let in at 19:41." })).toEqual({
      customer_name: "Anna Rossi",
      customer_email_address: "anna@example.com",
      service_date: "24 February 2027 at 19:30 (Europe/Rome)",
      product_description: [
        'Tickets for "Atelier Notturno", 24 February 2027 at 19:30 (Europe/Rome), at Palazzo delle Stelline, Milano, IT.',
        "2 × Standing, €45.00 each: €90.00",
        "Total: €90.00.",
      ].join("\n"),
      uncategorized_text: [
        "She was let in at 19:41.",
        "",
        "Order ord_1 was placed at 2026-11-02T09:00:00.000Z. All times are UTC.",
        "Ticket tkt_1-1 was issued at 2026-11-02T09:01:00.000Z.",
        "The tickets were sent by whatsapp at 2026-11-02T09:01:01.000Z; the message was read at 2026-11-02T09:02:00.000Z.",
      ].join("\n"),
      access_activity_log: "2026-11-02T09:00:00.000Z order held (public)\n2026-11-02T09:01:00.000Z order paid (system)",
    });
  });

  it("leaves out what is not known: a buyer who was erased, a message that was never sent", () => {
    const { buyer: _, delivery: __, ...rest } = pack;
    const fields = evidenceFields({ ...rest, history: [] });
    expect(Object.keys(fields)).toEqual(["service_date", "product_description", "uncategorized_text"]);
    expect(fields.uncategorized_text).not.toContain("sent by");
  });

  it("keeps every text within 20,000 characters and says how much is missing", () => {
    const history = Array.from({ length: 2_000 }, (_, i) => ({ at: "2026-11-02T09:00:00.000Z", what: `order.step_${i}`, by: "system" }));
    const whole = history.map(({ at, what, by }) => `${at} ${what.replaceAll(/[._]/g, " ")} (${by})`).join("\n");
    const log = evidenceFields({ ...pack, history }).access_activity_log!;
    expect(log.length).toBeLessThanOrEqual(20_000);
    expect(log.length).toBeGreaterThan(19_900);
    const [, missing] = /\n\[cut: (\d+) more characters\]$/.exec(log)!;
    expect(whole.startsWith(log.slice(0, log.lastIndexOf("\n[cut")))).toBe(true);
    expect(Number(missing)).toBe(whole.length - log.lastIndexOf("\n[cut"));
  });

  it("tells the refund policy that was shown, when there is one", () => {
    const { refund_policy_disclosure } = evidenceFields({ ...pack, refundPolicy: [{ daysBefore: 14, percent: 100 }] });
    expect(refund_policy_disclosure).toBe(
      "Refunds, as shown with the event before the purchase:\nUp to 14 days before the event: 100 % of the price.\nLater: none.",
    );
    expect(evidenceFields(pack)).not.toHaveProperty("refund_policy_disclosure");
  });

  it("is the same for the same pack", () => {
    expect(evidenceFields(structuredClone(pack))).toEqual(evidenceFields(pack));
  });
});

describe("a text that is cut", () => {
  it("stays as it is when there is room", () => {
    expect(cut("abc", 3)).toBe("abc");
  });

  it("never ends in half a character, at whatever length", () => {
    const text = "👗".repeat(60);
    for (let room = 0; room < text.length; room++) {
      const kept = cut(text, room);
      expect(kept.length).toBeLessThanOrEqual(room);
      expect(kept).not.toMatch(/\p{Surrogate}/u);
    }
  });

  it("is left out when there is not even room for the note", () => {
    expect(cut("a".repeat(100), 20)).toBe("");
  });
});
