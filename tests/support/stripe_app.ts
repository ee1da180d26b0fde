/** The app with Stripe's driver on a server that speaks its protocol. */

import { createStripeGateway } from "@/external/stripe.ts";
import { createStripeClient, type StripeClientDeps } from "@/external/stripe_client.ts";
import { createStripeWebhook } from "@/external/stripe_webhook.ts";
import { createMetrics } from "@/platform/metrics.ts";
import type { GatewayUsers } from "@/services/money/gateway_users.ts";
import { createGatewayUsers } from "@/services/money/gateway_users.ts";
import { openTestApp, type TestApp, type TestPerson } from "./app.ts";
import { createManualTime } from "./manual_time.ts";
import { startStripeServer, type StripeServer } from "./stripe_server.ts";

export const WEBHOOK_SECRETS = ["whsec_the_first_of_the_test", "whsec_the_second_of_the_test"];

export interface StripeApp extends TestApp {
  stripe: StripeServer;
  /** Posts an event to the webhook, signed now by the first secret. */
  deliver(
    event: unknown,
    by?: { secret?: string; ageMs?: number; tamper?: (body: string) => string },
  ): Promise<{ status: number; body: string }>;
  /** Places a top-up and gives the order with its payment at Stripe. */
  topUp(person: TestPerson, amount: string): Promise<{ orderId: string; reference: string }>;
  /** Connects the person's own account and has Stripe accept it; gives its name. */
  connectAccount(person: TestPerson): Promise<string>;
  /** What the wallet holds, in minor units. */
  walletOf(person: TestPerson): Promise<string>;
}

/** Opens it; `client` changes how Stripe is called. */
export async function openStripeApp(
  client: Partial<StripeClientDeps> = {},
  flow: "checkout" | "intent" = "checkout",
): Promise<StripeApp> {
  const time = createManualTime();
  const stripe = startStripeServer();
  const stripeClient = createStripeClient({
    secretKey: "sk_test_of_a_test",
    apiBase: stripe.url,
    metrics: createMetrics(),
    sleep: () => Promise.resolve(),
    ...client,
  });
  const users = lateUsers();
  const shared = { client: stripeClient, isTestMoney: true };
  const app = await openTestApp({
    time,
    services: {
      gateway: createStripeGateway({
        ...{ ...shared, users, flow },
        returnUrl: "https://a.example/me/wallet",
        payoutReturnUrl: "https://a.example/me/wallet/payouts",
      }),
      webhook: createStripeWebhook({ ...shared, clock: time, secrets: WEBHOOK_SECRETS }),
    },
  });
  Object.assign(users, createGatewayUsers(app));
  return {
    ...app,
    stripe,
    deliver: (event, by) => deliver(app, stripe, event, by),
    topUp: (person, amount) => topUp(app, person, amount),
    connectAccount: (person) => connectAccount(app, stripe, person),
    async walletOf({ userId, token }) {
      const { body } = await app.call("GET", `/users/${userId}/wallet`, { token });
      return body.data.find(({ kind }: { kind: string }) => kind === "wallet")?.balanceMinor ?? "0";
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      stripeClient[Symbol.dispose]();
      await stripe[Symbol.asyncDispose]();
    },
  };
}

/** The gateway is made before the database that its users stand in is known here. */
function lateUsers(): GatewayUsers {
  const early = () => Promise.reject(new RangeError("The app is not open yet"));
  return { find: early, set: early, forgetCustomer: early };
}

async function deliver(
  { app, time }: TestApp,
  stripe: StripeServer,
  event: unknown,
  { secret = WEBHOOK_SECRETS[0]!, ageMs = 0, tamper = (body) => body }: {
    secret?: string;
    ageMs?: number;
    tamper?: (body: string) => string;
  } = {},
): Promise<{ status: number; body: string }> {
  const signed = stripe.sign(event, { secret, at: time.now() - ageMs });
  const res = await app.fetch(
    new Request("http://localhost/api/v1/webhooks/stripe", {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signed.signature,
      },
      body: tamper(signed.body),
    }),
  );
  return { status: res.status, body: await res.text() };
}

async function topUp({ call, database }: TestApp, { token }: TestPerson, amount: string) {
  const body = { kind: "top_up", currency: "EUR", amount };
  const placed = await call("POST", "/orders", { token, body });
  if (placed.status !== 201) throw new Error(JSON.stringify(placed.body));
  const orderId: string = placed.body.data.id;
  const [row] = await database.sql<{ reference: string }[]>`
    select gateway_reference as reference from orders where id = ${orderId}`;
  return { orderId, reference: row!.reference };
}

async function connectAccount(app: TestApp, stripe: StripeServer, person: TestPerson) {
  const { userId, token } = person;
  const path = `/users/${userId}/payout-account/connect`;
  const { body } = await app.call("POST", path, { token });
  const account = stripe.objects.get(body.data.account)!;
  Object.assign(account, { capabilities: { transfers: "active" }, "payouts_enabled": true });
  await deliver(app, stripe, stripe.event("account.updated", account));
  return account.id;
}
