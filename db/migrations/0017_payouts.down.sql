drop table test_accounts;
alter table gateway_events drop column payout_account;
drop index gateway_users_payout_account_idx;
alter table gateway_users drop column payout_checked_at, drop column payout_state;
drop index orders_unsent_idx, orders_refunding_idx;
alter table orders drop column refund_hold_id, drop column payout_account;
