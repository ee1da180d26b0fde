-- Money: orders, a double-entry ledger that the database itself keeps true, prizes, notices.

alter table competitions
  add column entry_fee jsonb,
  add column prize_plan jsonb,
  -- When the minimum of participants was looked at, once, after the start.
  add column minimum_checked_at timestamptz(3);

create table orders (
  id uuid primary key,
  user_id uuid not null references users (id),
  kind text not null check (kind in ('entry', 'top_up', 'withdrawal')),
  status text not null default 'pending'
    check (status in ('pending', 'paid', 'fulfilled', 'failed', 'cancelled', 'refunded')),
  method text not null check (method in ('wallet', 'gateway')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount_minor bigint not null check (amount_minor between 1 and 100000000000),
  competition_id uuid references competitions (id),
  gateway text check (length(gateway) between 1 and 40),
  -- The payment or payout as the gateway names it.
  gateway_reference text check (length(gateway_reference) between 1 and 255),
  idempotency_key text check (length(idempotency_key) between 1 and 255),
  request_hash bytea,
  note text check (length(note) <= 500),
  failure text check (length(failure) <= 500),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  paid_at timestamptz(3),
  settled_at timestamptz(3),
  check ((kind = 'entry') = (competition_id is not null)),
  check (kind = 'entry' or method = 'gateway'),
  check ((idempotency_key is null) = (request_hash is null))
);
create index orders_user_id_idx on orders (user_id, created_at desc, id);
create index orders_status_idx on orders (status, created_at desc, id);
create unique index orders_idempotency_key on orders (user_id, idempotency_key)
  where idempotency_key is not null;
-- One entry is paid once: what was refunded or failed may be ordered again.
create unique index orders_entry_key on orders (competition_id, user_id)
  where kind = 'entry' and status in ('pending', 'paid', 'fulfilled');
create unique index orders_gateway_key on orders (gateway, gateway_reference)
  where gateway_reference is not null;

create table ledger_accounts (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('wallet', 'receivable', 'escrow', 'pool', 'organiser',
    'sponsor', 'fees', 'payable', 'clearing')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  user_id uuid references users (id),
  competition_id uuid references competitions (id),
  order_id uuid references orders (id),
  gateway text check (length(gateway) between 1 and 40),
  -- Whoever of the above it is, to find the account by.
  owner text not null generated always as (
    coalesce(user_id::text, competition_id::text, order_id::text, gateway, 'platform')) stored,
  created_at timestamptz(3) not null,
  constraint ledger_accounts_key unique (kind, owner, currency),
  check ((kind in ('wallet', 'receivable')) = (user_id is not null)),
  check ((kind in ('escrow', 'pool', 'organiser', 'sponsor')) = (competition_id is not null)),
  check ((kind = 'payable') = (order_id is not null)),
  check ((kind = 'clearing') = (gateway is not null))
);
create index ledger_accounts_user_id_idx on ledger_accounts (user_id) where user_id is not null;
create index ledger_accounts_competition_id_idx on ledger_accounts (competition_id)
  where competition_id is not null;

-- The checkpoint of each account, kept by triggers in the transaction that posts: what a balance
-- is read from, and where no account may fall below its floor.
create table ledger_balances (
  account_id bigint primary key references ledger_accounts (id),
  balance_minor bigint not null default 0,
  -- What pending transactions may still take.
  reserved_minor bigint not null default 0 check (reserved_minor >= 0),
  posting_count bigint not null default 0,
  has_floor boolean not null,
  constraint ledger_balances_floor check (not has_floor or balance_minor - reserved_minor >= 0)
) with (fillfactor = 50);

create table ledger_transactions (
  id uuid primary key,
  at timestamptz(3) not null,
  kind text not null check (length(kind) between 1 and 40),
  phase text not null check (phase in ('posted', 'pending', 'post', 'void')),
  -- Names the event that moved the money, so that no event moves it twice.
  reference text not null constraint ledger_transactions_reference_key unique
    check (length(reference) between 1 and 255),
  -- As many postings (of a pending one: holds) belong to it, numbered from 1.
  line_count smallint not null,
  resolves_id uuid constraint ledger_transactions_resolves_key unique
    references ledger_transactions (id),
  reverses_id uuid constraint ledger_transactions_reverses_key unique
    references ledger_transactions (id),
  competition_id uuid references competitions (id),
  order_id uuid references orders (id),
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'system')),
  actor_id uuid,
  request_id text,
  reason text check (length(reason) <= 500),
  check ((phase in ('post', 'void')) = (resolves_id is not null)),
  check (case phase when 'void' then line_count = 0 else line_count between 2 and 1000 end)
);
create index ledger_transactions_competition_id_idx on ledger_transactions (competition_id, at)
  where competition_id is not null;
create index ledger_transactions_order_id_idx on ledger_transactions (order_id)
  where order_id is not null;

create table ledger_postings (
  transaction_id uuid not null references ledger_transactions (id),
  line smallint not null check (line >= 1),
  account_id bigint not null references ledger_accounts (id),
  amount_minor bigint not null check (amount_minor <> 0),
  -- Set under the account's lock, so that both rise together along the account's statement.
  id bigint not null,
  balance_after_minor bigint not null,
  primary key (transaction_id, line),
  constraint ledger_postings_statement_key unique (account_id, id)
);
create sequence ledger_postings_id_seq owned by ledger_postings.id;

create table ledger_holds (
  transaction_id uuid not null references ledger_transactions (id),
  line smallint not null check (line >= 1),
  account_id bigint not null references ledger_accounts (id),
  amount_minor bigint not null check (amount_minor <> 0),
  primary key (transaction_id, line)
);

create function ledger_open_balance() returns trigger language plpgsql as $$
begin
  insert into ledger_balances (account_id, has_floor)
  values (new.id, new.kind not in ('receivable', 'sponsor', 'clearing'));
  return null;
end $$;
create trigger ledger_accounts_open after insert on ledger_accounts
  for each row execute function ledger_open_balance();

-- Lines 1 to line_count exist when a transaction commits, so that none can be added later.
create function ledger_check_line() returns trigger language plpgsql as $$
declare
  header ledger_transactions;
begin
  select * into header from ledger_transactions where id = new.transaction_id;
  if new.line > header.line_count or (tg_table_name = 'ledger_holds') <> (header.phase = 'pending')
    or header.phase = 'void'
  then
    raise exception 'line % does not belong to transaction %', new.line, new.transaction_id
      using errcode = 'PB002';
  end if;
  if tg_table_name = 'ledger_holds' then
    update ledger_balances
      set reserved_minor = reserved_minor + greatest(-new.amount_minor, 0)
      where account_id = new.account_id;
  else
    update ledger_balances
      set balance_minor = balance_minor + new.amount_minor, posting_count = posting_count + 1
      where account_id = new.account_id
      returning balance_minor into new.balance_after_minor;
    new.id := nextval('ledger_postings_id_seq');
  end if;
  return new;
end $$;
create trigger ledger_postings_apply before insert on ledger_postings
  for each row execute function ledger_check_line();
create trigger ledger_holds_apply before insert on ledger_holds
  for each row execute function ledger_check_line();

-- Posting or voiding lets go what the pending transaction reserved.
create function ledger_release() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from ledger_transactions where id = new.resolves_id and phase = 'pending'
  ) then
    raise exception 'transaction % is not pending', new.resolves_id using errcode = 'PB002';
  end if;
  update ledger_balances b set reserved_minor = b.reserved_minor - h.amount
    from (
      select account_id, sum(-amount_minor) as amount from ledger_holds
      where transaction_id = new.resolves_id and amount_minor < 0 group by account_id
    ) h
    where b.account_id = h.account_id;
  return null;
end $$;
create trigger ledger_transactions_release after insert on ledger_transactions
  for each row when (new.resolves_id is not null) execute function ledger_release();

-- At commit: every line there, zero in each currency, and what was posted equal to what was held.
create function ledger_check_transaction() returns trigger language plpgsql as $$
declare
  lines bigint;
  is_balanced boolean;
begin
  if new.phase = 'pending' then
    select coalesce(sum(n), 0), coalesce(bool_and(total = 0), true) into lines, is_balanced from (
      select count(*) as n, sum(h.amount_minor) as total
      from ledger_holds h join ledger_accounts a on a.id = h.account_id
      where h.transaction_id = new.id group by a.currency) c;
  else
    select coalesce(sum(n), 0), coalesce(bool_and(total = 0), true) into lines, is_balanced from (
      select count(*) as n, sum(p.amount_minor) as total
      from ledger_postings p join ledger_accounts a on a.id = p.account_id
      where p.transaction_id = new.id group by a.currency) c;
  end if;
  if lines <> new.line_count or not is_balanced then
    raise exception 'transaction % is not balanced', new.id using errcode = 'PB002';
  end if;
  if new.phase = 'post' and exists (
    (select line, account_id, amount_minor from ledger_postings where transaction_id = new.id
     except
     select line, account_id, amount_minor from ledger_holds where transaction_id = new.resolves_id)
    union all
    (select line, account_id, amount_minor from ledger_holds where transaction_id = new.resolves_id
     except
     select line, account_id, amount_minor from ledger_postings where transaction_id = new.id)
  ) then
    raise exception 'transaction % does not post what was held', new.id using errcode = 'PB002';
  end if;
  return null;
end $$;
create constraint trigger ledger_transactions_balanced after insert on ledger_transactions
  deferrable initially deferred for each row execute function ledger_check_transaction();

-- Balances change by postings alone: a statement of one's own is not inside another trigger.
create function ledger_guard_balance() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() > 1 and tg_op <> 'DELETE' then
    return new;
  end if;
  raise exception 'rows of % change by postings alone', tg_table_name using errcode = 'PB001';
end $$;
create trigger ledger_balances_guard before insert or update or delete on ledger_balances
  for each row execute function ledger_guard_balance();
create trigger ledger_balances_no_truncate before truncate on ledger_balances
  for each statement execute function refuse_change();

create trigger ledger_accounts_immutable before update or delete on ledger_accounts
  for each row execute function refuse_change();
create trigger ledger_accounts_no_truncate before truncate on ledger_accounts
  for each statement execute function refuse_change();
create trigger ledger_transactions_immutable before update or delete on ledger_transactions
  for each row execute function refuse_change();
create trigger ledger_transactions_no_truncate before truncate on ledger_transactions
  for each statement execute function refuse_change();
create trigger ledger_postings_immutable before update or delete on ledger_postings
  for each row execute function refuse_change();
create trigger ledger_postings_no_truncate before truncate on ledger_postings
  for each statement execute function refuse_change();
create trigger ledger_holds_immutable before update or delete on ledger_holds
  for each row execute function refuse_change();
create trigger ledger_holds_no_truncate before truncate on ledger_holds
  for each statement execute function refuse_change();

create table prize_distributions (
  competition_id uuid primary key references competitions (id),
  status text not null check (status in ('requested', 'paying', 'settled')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  pool_minor bigint not null check (pool_minor >= 0),
  rest_minor bigint not null check (rest_minor between 0 and pool_minor),
  -- The number of the log whose standings were paid, and how the split came to be.
  log_seq bigint not null,
  explanation jsonb not null,
  requested_by uuid references users (id),
  requested_at timestamptz(3) not null,
  approved_by uuid references users (id),
  approved_at timestamptz(3),
  settled_at timestamptz(3),
  check ((status = 'settled') = (settled_at is not null)),
  check (approved_by is null or approved_by <> requested_by)
);

create table prize_payouts (
  competition_id uuid not null references prize_distributions (competition_id),
  participant_id uuid not null,
  -- Empty for the prizes over all divisions.
  division text not null,
  user_id uuid not null references users (id),
  rank integer not null check (rank >= 1),
  first_place integer not null check (first_place >= 1),
  last_place integer not null,
  amount_minor bigint not null check (amount_minor > 0),
  transaction_id uuid references ledger_transactions (id),
  reversal_id uuid references ledger_transactions (id),
  primary key (competition_id, participant_id, division),
  foreign key (competition_id, participant_id) references participants (competition_id, id),
  check (last_place >= first_place),
  check (reversal_id is null or transaction_id is not null)
);
create index prize_payouts_unpaid_idx on prize_payouts (competition_id, first_place)
  where transaction_id is null;
create index prize_payouts_user_id_idx on prize_payouts (user_id);

-- What was decided stays; only that it was paid, or taken back, is added once.
create function refuse_payout_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    and (old.transaction_id is null or old.transaction_id = new.transaction_id)
    and (old.reversal_id is null or old.reversal_id = new.reversal_id)
    and (old.competition_id, old.participant_id, old.division, old.user_id, old.rank,
      old.first_place, old.last_place, old.amount_minor)
      = (new.competition_id, new.participant_id, new.division, new.user_id, new.rank,
      new.first_place, new.last_place, new.amount_minor)
  then
    return new;
  end if;
  raise exception 'rows of % are immutable', tg_table_name using errcode = 'PB001';
end $$;
create trigger prize_payouts_immutable before update or delete on prize_payouts
  for each row execute function refuse_payout_change();
create trigger prize_payouts_no_truncate before truncate on prize_payouts
  for each statement execute function refuse_change();

create table notices (
  id bigint generated always as identity primary key,
  user_id uuid not null references users (id) on delete cascade,
  kind text not null check (length(kind) between 1 and 60),
  payload jsonb not null,
  created_at timestamptz(3) not null,
  read_at timestamptz(3),
  sent_at timestamptz(3)
);
create index notices_user_id_idx on notices (user_id, id desc);
create index notices_unsent_idx on notices (id) where sent_at is null;
