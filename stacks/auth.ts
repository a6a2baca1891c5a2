import { Duration } from "aws-cdk-lib/core";
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  ClientAttributes,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  PasskeyUserVerification,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolEmail,
  type UserPoolClientOptions,
} from "aws-cdk-lib/aws-cognito";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type StackContext, use } from "sst/constructs";
import { isProduction, removalPolicy } from "./defaults.ts";
import * as Parameters from "./parameters.ts";

/** What our functions need of whoever signs our users' tokens. */
type Identity = {
  /** For what verifies tokens. */
  environment: Record<string, string>;
  /** Environment and grant of what forgets a user there. Empty when the issuer is not ours: its owner forgets. */
  forgetting: { environment: Record<string, string>; may: () => PolicyStatement[] };
};

/** The issuer that the stage names, else the user pool of `Auth`. */
export function identity(): Identity {
  const environment = Parameters.issuer();
  return environment ? { environment, forgetting: { environment: {}, may: () => [] } } : use(Auth);
}

/** The default issuer: a Cognito user pool with codes by e-mail and passkeys. Only for stages that name no other. */
export function Auth({ stack, app }: StackContext): Identity {
  const { prefix, callbackUrls, passkeyDomain, fromEmail } = Parameters.userPool();
  // Passkeys belong to one domain for good: the frontend's, or that of Cognito's own pages.
  const relyingParty = passkeyDomain ?? (prefix && `${prefix}.auth.${stack.region}.amazoncognito.com`);

  const pool = new UserPool(stack, "users", {
    userPoolName: stack.stackName,
    featurePlan: FeaturePlan.ESSENTIALS,
    selfSignUpEnabled: true,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    standardAttributes: { email: { required: true, mutable: true }, phoneNumber: { required: false, mutable: true } },
    autoVerify: { email: true },
    // A new address counts only once its owner has confirmed it.
    keepOriginal: { email: true },
    // Cognito refuses a pool without PASSWORD. Nobody is given one, and whoever chooses one must make it long.
    signInPolicy: { allowedFirstAuthFactors: { password: true, emailOtp: true, passkey: true } },
    passwordPolicy: { minLength: 16, requireDigits: false, requireLowercase: false, requireSymbols: false, requireUppercase: false },
    ...(relyingParty ? { passkeyRelyingPartyId: relyingParty, passkeyUserVerification: PasskeyUserVerification.REQUIRED } : {}),
    mfa: Mfa.OFF,
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    // Without the role no SMS can be sent, nor paid for.
    enableSmsRole: false,
    email: fromEmail ? UserPoolEmail.withSES({ fromEmail }) : UserPoolEmail.withCognito(),
    deletionProtection: isProduction(app.stage),
    removalPolicy: removalPolicy(app.stage),
  });

  const attributes = new ClientAttributes().withStandardAttributes({ email: true, phoneNumber: true });
  const client = new UserPoolClient(stack, "frontends", {
    userPool: pool,
    generateSecret: false,
    authFlows: { user: true },
    idTokenValidity: Duration.hours(1),
    accessTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.days(30),
    // Each refresh token is good for one use, and for a minute of retries. Cognito then refuses the flow without rotation.
    refreshTokenRotationGracePeriod: Duration.seconds(60),
    enableTokenRevocation: true,
    preventUserExistenceErrors: true,
    supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
    readAttributes: attributes.withStandardAttributes({ emailVerified: true, phoneNumberVerified: true }),
    writeAttributes: attributes,
    ...oAuth(callbackUrls),
  });
  if (prefix) {
    pool.addDomain("sign-in", { cognitoDomain: { domainPrefix: prefix }, managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN });
    new CfnManagedLoginBranding(stack, "sign-in-pages", {
      userPoolId: pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
  }

  const issuer = pool.userPoolProviderUrl;
  stack.addOutputs({
    UserPoolId: pool.userPoolId,
    UserPoolClientId: client.userPoolClientId,
    Issuer: issuer,
    SignInMail: fromEmail ?? "Sent by Cognito itself, at most 50 a day: set AUTH_FROM_EMAIL",
  });
  return {
    environment: { AUTH_ISSUER: issuer, AUTH_AUDIENCE: client.userPoolClientId, AUTH_JWKS_URL: `${issuer}/.well-known/jwks.json` },
    forgetting: {
      environment: { AUTH_USER_POOL_ID: pool.userPoolId },
      may: () => [new PolicyStatement({ actions: ["cognito-idp:AdminDeleteUser"], resources: [pool.userPoolArn] })],
    },
  };
}

/** Cognito's own pages answer with a code, never with a token in an address. */
function oAuth(callbackUrls: string[]): Pick<UserPoolClientOptions, "oAuth" | "disableOAuth"> {
  if (callbackUrls.length === 0) return { disableOAuth: true };
  return {
    oAuth: {
      flows: { authorizationCodeGrant: true, implicitCodeGrant: false, clientCredentials: false },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PHONE],
      callbackUrls,
      logoutUrls: callbackUrls,
    },
  };
}
