-- An application as Rails or Laravel makes it: snake_case, plural tables, a boolean that makes an admin.
CREATE TABLE users (
    id bigserial PRIMARY KEY,
    email varchar(255) NOT NULL UNIQUE,
    encrypted_password varchar(255) NOT NULL,
    reset_password_token varchar(255),
    full_name varchar(255),
    is_admin boolean NOT NULL DEFAULT false,
    locked_at timestamp,
    confirmed_at timestamp,
    credit_balance integer NOT NULL DEFAULT 0,
    avatar_url text,
    created_at timestamp NOT NULL DEFAULT now(),
    updated_at timestamp NOT NULL DEFAULT now()
);
CREATE TABLE sessions (
    id varchar(255) PRIMARY KEY,
    user_id bigint REFERENCES users ON DELETE CASCADE,
    payload text NOT NULL,
    last_activity integer NOT NULL
);
CREATE TABLE subscriptions (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    stripe_id varchar(255) NOT NULL UNIQUE,
    stripe_status varchar(255) NOT NULL,
    trial_ends_at timestamp,
    ends_at timestamp,
    created_at timestamp NOT NULL DEFAULT now()
);
CREATE TABLE uploads (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    file_key varchar(512) NOT NULL,
    created_at timestamp NOT NULL DEFAULT now()
);
CREATE TABLE audit_logs (
    id bigserial PRIMARY KEY,
    user_id bigint,
    action varchar(255) NOT NULL
);
CREATE TABLE password_reset_tokens (
    email varchar(255) PRIMARY KEY,
    token varchar(255) NOT NULL,
    created_at timestamp
);
CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY);
INSERT INTO users (email, encrypted_password, full_name, is_admin) VALUES
    ('root@example.com', 'x', 'Root', true), ('maria@example.com', 'x', 'Maria Rossi', false);
INSERT INTO subscriptions (user_id, stripe_id, stripe_status, ends_at) VALUES
    (2, 'sub_1', 'active', now() - interval '3 days');
