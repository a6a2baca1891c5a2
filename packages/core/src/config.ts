/**
 * Configuration: plain environment variables. The only place that reads process.env.
 * Secrets are read where they are used, so a function without the variable works as long as it does not need it.
 */
function read(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** The variable's value. Throws a sentence that names it when it is missing. */
export function required(name: string): string {
  const value = read(name);
  if (value === undefined) throw new Error(`environment variable ${name} is not set`);
  return value;
}

/** The variable's value, or the fallback. */
export function optional<T extends string | undefined>(name: string, fallback: T): string | T {
  return read(name) ?? fallback;
}

/** A whole number ≥ 0 from the variable, or the fallback. */
export function wholeNumber(name: string, fallback: number): number {
  const text = read(name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`environment variable ${name} must be a whole number, not "${text}"`);
  return value;
}

export const tableName = (): string => optional("TABLE_NAME", "fashionistas");
/** The small table of personal-data keys, which long-term backups leave out. */
export const keysTableName = (): string => optional("KEYS_TABLE_NAME", "fashionistas-keys");
export const dynamodbEndpoint = (): string | undefined => optional("DYNAMODB_ENDPOINT", undefined);
export const personHashKey = (): string => required("PERSON_HASH_KEY");
export const orderTokenKey = (): string => required("ORDER_TOKEN_KEY");
export const invitationTokenKey = (): string => required("INVITATION_TOKEN_KEY");
/** Ed25519 private key, PKCS#8 DER in base64. */
export const ticketSigningKey = (): string => required("TICKET_SIGNING_KEY");
/** How long people are kept whom an order names, and whom only one named that was never sold: whole days. */
export const keptDaysOfBuyers = (): number => wholeNumber("KEPT_DAYS_BUYERS", 4_015);
export const keptDaysOfEnquirers = (): number => wholeNumber("KEPT_DAYS_ENQUIRERS", 90);
/** Payments that may be started per second over all processes: below the provider's limit of 100 requests. */
export const paymentStartsPerSecond = (): number => wholeNumber("PAYMENT_STARTS_PER_SECOND", 40);
export const holdMinutes = (): number => Math.min(60, Math.max(5, wholeNumber("HOLD_MINUTES", 15)));
/** How long an interrupted message waits for the vendor's webhook before it is sent again. */
export const messageDoubtSeconds = (): number => wholeNumber("MESSAGE_DOUBT_SECONDS", 300);
/** Where WebSocket clients connect: a URL with {channel} and {ticket} in it. */
export const websocketUrl = (): string => required("WEBSOCKET_URL");
/** What the stage changes about the limits of calls: see `rate-limit/rules/limits.ts`. */
export const rateLimitChanges = (): string => optional("RATE_LIMITS", "");

/** Who becomes an admin when they sign in with this verified e-mail: how a new stage gets its first one. Lower case. */
export const adminEmails = (): string[] =>
  optional("ADMIN_EMAILS", "")
    .split(",")
    .map((email) => email.trim().toLowerCase())
    .filter((email) => email !== "");
