import fc from "fast-check";
import { expect, it } from "vitest";
import { csvOf, decimalOf } from "../../../../packages/core/src/report/rules/csv.ts";

/** A parser of RFC 4180, written from the standard and not from the writer. */
function parsed(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === ",") {
      row.push(cell);
      cell = "";
    } else if (sign === "\r" && text[i + 1] === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
      i += 1;
    } else cell += sign;
  }
  return rows;
}

const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", '"', ",", " ", "'", "a", "＝") }));

it("brings back any text, which never begins as a formula does", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (rows) => {
      const file = csvOf(["a", "b"], rows);
      expect(file.startsWith("\uFEFFa,b\r\n")).toBe(true);
      const [, ...back] = parsed(file.slice(1));
      expect(back.length).toBe(rows.length);
      for (const [i, cells] of back.entries())
        for (const [n, cell] of cells.entries()) {
          const was = rows[i]![n]!;
          expect(cell === was || cell === `'${was}`).toBe(true);
          expect(/^[\s]*[=+\-@]|^[\t\r\n]/.test(cell)).toBe(false);
        }
    }),
    { numRuns: 500 },
  );
});

it("writes our own figures as figures, also below zero", () => {
  expect(csvOf(["n"], [[-3], [null], [decimalOf(-450, "EUR")], [decimalOf(-450, "JPY")], [decimalOf(5, "EUR")], ['say "hi"'], ["=1+1"]]).slice(1)).toBe(
    `n\r\n-3\r\n\r\n-4.50\r\n-450\r\n0.05\r\n"say ""hi"""\r\n'=1+1\r\n`,
  );
});

it("writes amounts exactly, in currencies with two decimals and with none", () => {
  fc.assert(
    fc.property(fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }), fc.constantFrom("EUR" as const, "JPY" as const), (amount, currency) => {
      const { exact } = decimalOf(amount, currency) as { exact: string };
      expect(exact).toMatch(currency === "EUR" ? /^-?\d+\.\d\d$/ : /^-?\d+$/);
      expect(Number(exact.replace(".", ""))).toBe(amount);
    }),
  );
});
