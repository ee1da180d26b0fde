-- What payment gateways report, who a user is there, and the records of the test gateway.

create table gateway_events (
  gateway text not null check (length(gateway) between 1 and 40),
  -- As the gateway names it: what comes again is found, and booked no second time.
  event_id text not null check (length(event_id) between 1 and 255),
  type text not null check (length(type) between 1 and 100),
  -- What it means for orders; empty where it means nothing.
  events jsonb not null,
  received_at timestamptz(3) not null,
  handled_at timestamptz(3),
  failure text check (length(failure) <= 500),
  primary key (gateway, event_id)
);
create index gateway_events_unhandled_idx on gateway_events (received_at) where handled_at is null;
create index gateway_events_handled_idx on gateway_events (handled_at) where handled_at is not null;

create table gateway_users (
  gateway text not null check (length(gateway) between 1 and 40),
  user_id uuid not null references users (id),
  -- Who pays there, and where money is sent to.
  customer text check (length(customer) between 1 and 255),
  payout_account text check (length(payout_account) between 1 and 255),
  primary key (gateway, user_id)
);

create table test_transfers (
  reference text primary key check (length(reference) between 1 and 255),
  kind text not null check (kind in ('payment', 'refund', 'payout')),
  state text not null check (state in ('open', 'done', 'failed', 'cancelled')),
  order_id uuid not null references orders (id),
  user_id uuid not null references users (id),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount_minor bigint not null check (amount_minor > 0),
  description text not null check (length(description) <= 500),
  -- The payment that a refund gives back.
  payment text references test_transfers (reference),
  created_at timestamptz(3) not null,
  decided_at timestamptz(3),
  -- When its outcome reached the books.
  reported_at timestamptz(3),
  check ((state = 'open') = (decided_at is null)),
  check ((kind = 'refund') = (payment is not null))
);
create index test_transfers_unreported_idx on test_transfers (decided_at)
  where decided_at is not null and reported_at is null;
create index test_transfers_payment_idx on test_transfers (payment) where payment is not null;
