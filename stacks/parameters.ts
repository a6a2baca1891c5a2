import { checkStage } from "@fashionistas/functions/api/settings";
import { isProduction } from "./defaults.ts";

/**
 * Stage parameters: what the owner of a stage sets before `sst deploy`, in the environment or in `.env.<stage>`.
 * None of them is a secret; those are in `secrets.ts`.
 */

/** The named parameters. Throws one sentence with every missing name. */
export function required(...names: string[]): Record<string, string> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`Set ${missing.join(", ")} in the environment or in .env.<stage> before building this stage.`);
  return optional(...names);
}

/** Those of the named parameters that are set; the code has defaults for the others. */
export function optional(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/**
 * Who signs our users' tokens, if it is an issuer of somebody else's: `AUTH_ISSUER`. Every common OIDC issuer serves its keys at
 * the default place. Undefined: the user pool of `auth.ts`.
 */
export function issuer(): Record<string, string> | undefined {
  const { AUTH_ISSUER } = process.env;
  if (!AUTH_ISSUER) {
    const leftOver = Object.keys(optional("AUTH_AUDIENCE", "AUTH_JWKS_URL"));
    if (leftOver.length > 0) throw new Error(`${leftOver.join(" and ")} would change nothing: set AUTH_ISSUER too, or neither to get a user pool of your own.`);
    return undefined;
  }
  return {
    AUTH_JWKS_URL: `${AUTH_ISSUER.replace(/\/$/, "")}/.well-known/jwks.json`,
    ...required("AUTH_ISSUER", "AUTH_AUDIENCE"),
    ...optional("AUTH_JWKS_URL"),
  };
}

/** What the owner of a stage may say about its user pool. */
export function userPool() {
  const { AUTH_DOMAIN_PREFIX: prefix, AUTH_CALLBACK_URLS, AUTH_PASSKEY_DOMAIN: passkeyDomain, AUTH_FROM_EMAIL: fromEmail } = process.env;
  const callbackUrls = (AUTH_CALLBACK_URLS ?? "").split(",").flatMap((url) => url.trim() || []);
  if (!prefix !== (callbackUrls.length === 0)) throw new Error("Cognito's sign-in pages need both AUTH_DOMAIN_PREFIX and AUTH_CALLBACK_URLS, or neither.");
  return { prefix: prefix || undefined, callbackUrls, passkeyDomain: passkeyDomain || undefined, fromEmail: fromEmail || undefined };
}

/** Which pages may call the API, and what is changed about how often somebody may. A stage with nonsense in them is not built. */
export function edge(stage: string): Record<string, string> {
  const parameters = optional("CORS_ORIGINS", "RATE_LIMITS");
  checkStage(parameters, isProduction(stage));
  return parameters;
}
