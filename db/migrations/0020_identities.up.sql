-- Who somebody is at an identity provider whose accounts sign in here.
create table user_identities (
  provider text not null check (length(provider) between 1 and 40),
  -- As the provider names them; never given to somebody else.
  subject text not null check (length(subject) between 1 and 255),
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz(3) not null,
  primary key (provider, subject),
  unique (user_id, provider)
);
