/**
 * What somebody means who writes to us. WhatsApp has no button for it: a message that consists of one of these words, in any case
 * and with whatever punctuation, takes consent back or gives it again. Everything else means nothing here; a sentence that merely
 * contains such a word is for a person to read.
 *
 *   "STOP"  "stop!"  " Stop. "  "Annulla"  "UNSUBSCRIBE"     → withdrawn
 *   "START"  "inizia"                                        → granted
 *   "Don't stop"  "Where do I start?"  ""                    → undefined
 */
import type { ConsentState } from "../schema.ts";

const WITHDRAWS = [
  "stop",
  "stopall",
  "stop all",
  "unsubscribe",
  "cancel",
  "end",
  "quit",
  "optout",
  "opt out",
  "annulla",
  "basta",
  "arret",
  "stopp",
  "baja",
  "alto",
];
const GRANTS = ["start", "unstop", "subscribe", "optin", "opt in", "inizia"];

export function meantBy(text: string): ConsentState | undefined {
  const words = text
    .normalize("NFD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z]+/g, " ")
    .trim();
  if (WITHDRAWS.includes(words)) return "withdrawn";
  return GRANTS.includes(words) ? "granted" : undefined;
}
