/**
 * The page of the test gateway where somebody tells where their money goes: no bank is asked, and
 * whoever connects can be sent test money.
 *
 * @module
 */

import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { checkSignedIn, isSelf } from "../accounts/access.ts";
import type { PayoutAccountsService } from "./payout_accounts.ts";
import type { TestAccount, TestAccounts } from "./test_accounts.ts";

/** What the owner does on the page. */
export const ONBOARDING_CHOICES = ["connect", "refuse"] as const;
export type OnboardingChoice = (typeof ONBOARDING_CHOICES)[number];

export interface TestOnboardingService {
  /** By its owner. Fails with `NOT_FOUND`, `UNAUTHORIZED`, `FORBIDDEN`. */
  find(actor: Actor, account: string): Promise<TestAccount>;
  /** Connects, or plays a gateway that refuses; what is decided stays. */
  decide(actor: Actor, account: string, choice: OnboardingChoice): Promise<TestAccount>;
}

export interface TestOnboardingDeps {
  accounts: TestAccounts;
  payoutAccounts: Pick<PayoutAccountsService, "refresh">;
}

const STATES = { connect: "ready", refuse: "restricted" } as const;

export function createTestOnboarding(deps: TestOnboardingDeps): TestOnboardingService {
  const { accounts, payoutAccounts } = deps;
  async function find(actor: Actor, account: string): Promise<TestAccount> {
    const found = await accounts.find(account);
    if (!found) {
      throw new DomainError("NOT_FOUND", `Cannot find account "${account}": there is none`);
    }
    if (isSelf(actor, found.userId)) return found;
    checkSignedIn(actor);
    throw new DomainError("FORBIDDEN", "Cannot see this account: it is somebody else's");
  }
  return {
    find,
    async decide(actor, account, choice) {
      const before = await find(actor, account);
      const decided = await accounts.decide(account, STATES[choice]) ?? before;
      // As a real gateway reports it by its webhook.
      await payoutAccounts.refresh(account);
      return decided;
    },
  };
}
