import { SecretValue } from "aws-cdk-lib/core";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Stack, StackContext } from "sst/constructs";
import { removalPolicy } from "./defaults.ts";
import * as Parameters from "./parameters.ts";

type Secret = {
  description: string;
  /** Made by AWS at first deployment. Without it the secret starts empty, and nothing that needs it deploys until somebody sets it. */
  generated?: true;
  /** Parameters that are no secret, read by the same code. */
  companions?: () => Record<string, string>;
};

const secrets: Record<string, Secret> = {
  STRIPE_SECRET_KEY: { description: "Stripe API key", companions: () => Parameters.optional("STRIPE_API_BASE") },
  STRIPE_WEBHOOK_SECRET: { description: "Signing secret of the Stripe webhook endpoint (whsec_…)" },
  WATI_ACCESS_TOKEN: { description: "WATI API token", companions: () => Parameters.optional("WATI_API_BASE", "WATI_CHANNEL", "MESSAGE_DOUBT_SECONDS") },
  WATI_WEBHOOK_TOKEN: { description: "Last part of the webhook address given to WATI, which signs nothing", generated: true },
  PERSON_HASH_KEY: { description: "Keys the hash by which a person is found. Changing it loses everybody", generated: true },
  ORDER_TOKEN_KEY: { description: "Makes the links by which guests reach their orders, secrets of API keys and codes of devices", generated: true },
  INVITATION_TOKEN_KEY: { description: "Signs the links by which people accept an invitation", generated: true },
  TICKET_SIGNING_KEY: { description: "Ed25519 private key, PKCS#8 DER in base64, that signs ticket credentials" },
};

/**
 * One secret per name, `fashionistas/<stage>/<NAME>` in Secrets Manager. Functions get a CloudFormation dynamic reference as plain
 * environment variable, so that no value is in a template, and no function needs a grant to read one.
 */
export function Secrets({ stack: home, app }: StackContext) {
  const nameOf = (name: string) => `${app.name}/${app.stage}/${name}`;
  for (const [name, { description, generated }] of Object.entries(secrets))
    new CfnSecret(home, name, {
      name: nameOf(name),
      description,
      ...(generated ? { generateSecretString: { passwordLength: 64, excludePunctuation: true } } : {}),
    }).applyRemovalPolicy(removalPolicy(app.stage));

  /** The variables that hold these secrets, and the parameters read with them, for a function of `stack`. */
  function environment(stack: Stack, names: readonly string[]): Record<string, string> {
    if (names.length === 0) return {};
    stack.addDependency(home);
    // CloudFormation reads a secret again only when something beside it changes: set another SECRETS_REVISION to roll new values out.
    const variables = Parameters.optional("SECRETS_REVISION");
    for (const name of names) {
      const secret = secrets[name];
      if (secret === undefined) throw new Error(`There is no secret ${name}; stacks/secrets.ts lists them all.`);
      variables[name] = SecretValue.secretsManager(nameOf(name)).unsafeUnwrap();
      Object.assign(variables, secret.companions?.());
    }
    return variables;
  }

  return { names: Object.keys(secrets), environment };
}
