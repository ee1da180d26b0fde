/** The configuration of money: the gateway, and who knows buyers. */

import type { Environment, VariableName } from "./config_variables.ts";

/** Who moves money in and out; neither of them: nobody. */
export interface PaymentsConfig {
  stripe: StripeConfig | undefined;
  /** The test gateway: money is made up. */
  hasTestMoney: boolean;
  /** Of a hundred calls of the test gateway, how many go wrong. */
  testFaultsPercent: number;
}

/** The account at Stripe. */
export interface StripeConfig {
  secretKey: string;
  /** Whether the key is one of test mode. */
  isTestMoney: boolean;
  /** Signing secrets of the webhook endpoint. */
  webhookSecrets: readonly string[];
  flow: "checkout" | "intent";
  /** Undefined: Stripe itself. */
  apiBase: string | undefined;
}

/** An identity provider, as its administration is asked. */
export interface IdentityConfig {
  url: string;
  serviceKey: string;
}

/** What does not fit together, with what is expected. */
export function paymentFaults(env: Environment): [VariableName, string][] {
  const faults: [VariableName, string][] = [];
  if (env.STRIPE_SECRET_KEY && !env.STRIPE_WEBHOOK_SECRETS) {
    faults.push(["STRIPE_WEBHOOK_SECRETS", "the endpoint's signing secret besides the key"]);
  }
  if (env.STRIPE_WEBHOOK_SECRETS && !env.STRIPE_SECRET_KEY) {
    faults.push(["STRIPE_SECRET_KEY", "a key besides STRIPE_WEBHOOK_SECRETS"]);
  }
  if (env.STRIPE_SECRET_KEY && env.TEST_MONEY) {
    faults.push(["TEST_MONEY", "off with STRIPE_SECRET_KEY: there is one gateway"]);
  }
  if (env.SUPABASE_URL && !env.SUPABASE_SERVICE_KEY) {
    faults.push(["SUPABASE_SERVICE_KEY", "the project's service key besides SUPABASE_URL"]);
  }
  if (env.SUPABASE_SERVICE_KEY && !env.SUPABASE_URL) {
    faults.push(["SUPABASE_URL", "the project's address besides SUPABASE_SERVICE_KEY"]);
  }
  if (env.APP_ENV !== "production") return faults;
  if (env.STRIPE_API_BASE) {
    faults.push(["STRIPE_API_BASE", "nothing in production: it is for tests"]);
  }
  if (env.TEST_MONEY_FAULTS > 0) {
    faults.push(["TEST_MONEY_FAULTS", "nothing in production: it breaks payments"]);
  }
  return faults;
}

/** In production made-up money must be asked for by name. */
export function paymentsOf(env: Environment): PaymentsConfig {
  const { STRIPE_SECRET_KEY: secretKey, APP_ENV, TEST_MONEY } = env;
  const testFaultsPercent = env.TEST_MONEY_FAULTS;
  if (secretKey === undefined) {
    const hasTestMoney = TEST_MONEY ?? APP_ENV === "development";
    return { stripe: undefined, hasTestMoney, testFaultsPercent };
  }
  const stripe = {
    secretKey,
    isTestMoney: /^.._test_/.test(secretKey),
    webhookSecrets: env.STRIPE_WEBHOOK_SECRETS ?? [],
    flow: env.STRIPE_FLOW,
    apiBase: env.STRIPE_API_BASE,
  };
  return { stripe, hasTestMoney: false, testFaultsPercent };
}

export function identityOf(
  { SUPABASE_URL: url, SUPABASE_SERVICE_KEY: serviceKey }: Environment,
): IdentityConfig | undefined {
  return url !== undefined && serviceKey !== undefined ? { url, serviceKey } : undefined;
}

/** As it may be shown: secrets redacted. */
export function describePayments({ stripe, ...rest }: PaymentsConfig) {
  return {
    ...rest,
    stripe: stripe && {
      ...stripe,
      secretKey: "[redacted]",
      webhookSecrets: `${stripe.webhookSecrets.length} secrets`,
    },
  };
}
