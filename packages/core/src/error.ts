/** What a refusal means to the caller. The edge maps each to a status of its protocol. */
export type ErrorKind =
  | "malformed"
  | "unauthenticated"
  | "payment_declined"
  | "forbidden"
  | "missing"
  | "conflict"
  | "gone"
  | "stale"
  | "too_large"
  | "query_too_long"
  | "headers_too_large"
  | "unprocessable"
  | "too_many"
  | "unavailable";

/** One field of the input that was refused: a path like `buyer.email` and what to do about it. */
export type FieldError = { path: string; message: string };

export type ErrorExtras = {
  fields?: readonly FieldError[];
  /** Whole seconds after which the same call may succeed. */
  retryAfterSeconds?: number;
  /** Facts the caller can act on, for example the sale window. Never personal data. */
  facts?: Readonly<Record<string, unknown>>;
};

/** An error whose code and detail may be shown to the caller. Everything else is a 500 with a constant body. */
export class VisibleError extends Error {
  override readonly name = "VisibleError";
  readonly code: string;
  readonly kind: ErrorKind;
  readonly title: string;
  readonly extras: ErrorExtras;

  constructor(definition: ErrorDefinition, detail: string, extras: ErrorExtras = {}) {
    super(detail);
    this.code = definition.code;
    this.kind = definition.kind;
    this.title = definition.title;
    this.extras = extras;
  }
}

export type ErrorDefinition = { code: string; kind: ErrorKind; title: string };

const definitions = new Map<string, ErrorDefinition>();

/**
 * Declares an error code `noun.reason` once and returns what makes it: `throw orderNotFound("There is …")`.
 * Use one code per thing the caller would do differently.
 */
export function defineError(code: `${string}.${string}`, kind: ErrorKind, title: string) {
  const definition: ErrorDefinition = { code, kind, title };
  definitions.set(code, definition);
  return (detail: string, extras?: ErrorExtras): VisibleError => new VisibleError(definition, detail, extras);
}

/** Every declared code, sorted: for the documentation of the API. */
export function errorDefinitions(): ErrorDefinition[] {
  return [...definitions.values()].sort((a, b) => a.code.localeCompare(b.code));
}

export const inputInvalid = defineError("input.invalid", "malformed", "The input is not valid");
export const notAuthenticated = defineError("actor.unauthenticated", "unauthenticated", "Sign in first");
export const notAllowed = defineError("actor.not_allowed", "forbidden", "You may not do this");
export const changedMeanwhile = defineError("request.conflict", "conflict", "Somebody changed it at the same moment");
export const staleVersion = defineError("request.precondition_failed", "stale", "It was changed since you read it");
export const storageBusy = defineError("request.busy", "unavailable", "Too busy right now");

/** Did somebody change what was read before it was written? Whoever reads it again may decide again. */
export function isChangedMeanwhile(error: unknown): boolean {
  return error instanceof VisibleError && error.code === "request.conflict";
}

/** The code or name of an error, for rows and logs. Never its text: that may carry anything. */
export function nameOf(error: unknown): string {
  if (error instanceof VisibleError) return error.code;
  return error instanceof Error ? error.name.slice(0, 80) : "unknown";
}

/** For work that others finish in the end: being too busy for it now is no failure. Throws everything else. */
export function ignoreBusy(error: unknown): void {
  if (!(error instanceof VisibleError && error.code === "request.busy")) throw error;
}
