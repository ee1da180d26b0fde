drop table notices, prize_payouts, prize_distributions, ledger_holds, ledger_postings,
  ledger_balances, ledger_transactions, ledger_accounts, orders;
drop function refuse_payout_change();
drop function ledger_guard_balance();
drop function ledger_check_transaction();
drop function ledger_release();
drop function ledger_check_line();
drop function ledger_open_balance();
alter table competitions drop column minimum_checked_at, drop column prize_plan,
  drop column entry_fee;
