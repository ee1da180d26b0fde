-- Money that leaves is promised once: to which account a withdrawal goes, and what a refund that
-- is under way has set aside.

alter table orders
  -- Where the gateway sends a withdrawal: chosen once, under the order's lock, so that nobody
  -- sends it by hand as well, and so that each try asks for the same.
  add column payout_account text check (length(payout_account) between 1 and 255),
  -- The pending transaction of a refund that the gateway was asked for and has not reported.
  add column refund_hold_id uuid references ledger_transactions (id),
  add check (payout_account is null or kind = 'withdrawal'),
  add check (refund_hold_id is null or kind = 'top_up');
create index orders_refunding_idx on orders (created_at) where refund_hold_id is not null;
create index orders_unsent_idx on orders (created_at)
  where kind = 'withdrawal' and status = 'paid' and gateway_reference is null;

alter table gateway_users
  -- What the gateway said of the account when it was last asked.
  add column payout_state text not null default 'pending'
    check (payout_state in ('pending', 'ready', 'restricted')),
  add column payout_checked_at timestamptz(3);
-- What finance set was meant to be used.
update gateway_users set payout_state = 'ready' where payout_account is not null;
create index gateway_users_payout_account_idx on gateway_users (gateway, payout_account)
  where payout_account is not null;

alter table gateway_events
  -- The account that the event is about, to be asked for again.
  add column payout_account text check (length(payout_account) between 1 and 255);

-- Whom the test gateway would send money to.
create table test_accounts (
  account text primary key check (length(account) between 1 and 255),
  user_id uuid not null unique references users (id) on delete cascade,
  state text not null check (state in ('pending', 'ready', 'restricted')),
  created_at timestamptz(3) not null,
  decided_at timestamptz(3)
);
