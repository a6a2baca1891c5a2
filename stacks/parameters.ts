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

/** Who signs our users' tokens. Every common OIDC issuer serves its keys at the default place. */
export function auth(): Record<string, string> {
  const parameters = required("AUTH_ISSUER", "AUTH_AUDIENCE");
  return { AUTH_JWKS_URL: `${parameters["AUTH_ISSUER"]?.replace(/\/$/, "")}/.well-known/jwks.json`, ...parameters, ...optional("AUTH_JWKS_URL") };
}

/** Which pages may call the API, and what is changed about how often somebody may. A stage with nonsense in them is not built. */
export function edge(stage: string): Record<string, string> {
  const parameters = optional("CORS_ORIGINS", "RATE_LIMITS");
  checkStage(parameters, isProduction(stage));
  return parameters;
}
