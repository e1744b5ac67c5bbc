//! Shoppers, who they are elsewhere, and the codes sent to their phones.

pub(super) const SQL: &str = r#"
CREATE TABLE customer (
  id UUID PRIMARY KEY,
  nickname text NOT NULL CONSTRAINT customer_nickname_check CHECK (length(nickname) BETWEEN 1 AND 32),
  nickname_key text NOT NULL,
  avatar_url text,
  locale text NOT NULL CONSTRAINT customer_locale_check CHECK (locale IN ('zh-CN', 'en')),
  phone_sealed text,
  phone_index text CONSTRAINT customer_phone_index_key UNIQUE,
  registered_at bigint NOT NULL,
  CONSTRAINT customer_phone_check CHECK ((phone_sealed IS NULL) = (phone_index IS NULL))
);
CREATE INDEX customer_nickname_key ON customer (nickname_key);

CREATE TABLE customer_identity (
  provider text NOT NULL CONSTRAINT customer_identity_provider_check CHECK (provider IN ('wechat', 'wechat_union', 'demo')),
  subject text NOT NULL,
  customer UUID NOT NULL CONSTRAINT customer_identity_customer_fkey REFERENCES customer (id),
  created_at bigint NOT NULL,
  CONSTRAINT customer_identity_pkey PRIMARY KEY (provider, subject)
);
CREATE INDEX customer_identity_customer ON customer_identity (customer);

-- One row per phone: the code that counts now, and how often one was sent.
CREATE TABLE phone_code (
  phone_index text PRIMARY KEY,
  code_hash text,
  sent_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  tries bigint NOT NULL CONSTRAINT phone_code_tries_check CHECK (tries >= 0),
  window_began_at bigint NOT NULL,
  window_sends bigint NOT NULL
);
CREATE INDEX phone_code_sent ON phone_code (sent_at);
"#;
