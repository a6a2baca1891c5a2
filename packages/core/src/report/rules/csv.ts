/**
 * A table as RFC 4180 says: commas, CRLF, quotes doubled within quotes; UTF-8 with a byte order mark, so that spreadsheets read
 * it as such. A text that a spreadsheet would take for a formula gets an apostrophe before it: one that begins, maybe after
 * white space, with = + - @ or their full-width forms, or with a tab or a line break. Figures that are ours are `exact` or
 * numbers and stay figures, also below zero.
 *
 * Worked example: =1+1 → '=1+1 · say "hi" → "say ""hi""" · exact -450 EUR → -4.50, JPY → -450.
 */
import { CURRENCIES, type Currency } from "../../money.ts";

export type Cell = string | number | null | { exact: string };

const FORMULA = /^(\s*[=+\-@＝＋－＠]|[\t\r\n])/u;

/** The whole text of a table. */
export function csvOf(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `\uFEFF${[header, ...rows].map((cells) => `${cells.map(written).join(",")}\r\n`).join("")}`;
}

/** Minor units as a decimal of their currency. */
export function decimalOf(amount: number, currency: Currency): Cell {
  const { decimals } = CURRENCIES[currency];
  const digits = String(Math.abs(amount)).padStart(decimals + 1, "0");
  const sign = amount < 0 ? "-" : "";
  return { exact: decimals === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` };
}

function written(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  if (typeof cell === "object") return cell.exact;
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
