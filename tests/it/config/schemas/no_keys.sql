-- An application without a foreign key, as Prisma makes it with relationMode = "prisma", in a schema of its own.
CREATE SCHEMA app;
CREATE TABLE app.account (
    uuid uuid PRIMARY KEY,
    username varchar(64) NOT NULL,
    email varchar(320) UNIQUE,
    email_verified boolean NOT NULL DEFAULT false,
    user_type varchar(32) NOT NULL DEFAULT 'customer',
    enabled boolean NOT NULL DEFAULT true,
    created_on timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE app.website (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    name varchar(100) NOT NULL,
    created_by uuid
);
CREATE TABLE app.visit (
    id bigserial PRIMARY KEY,
    website_id uuid NOT NULL,
    url varchar(500)
);
CREATE TABLE app.login_session (
    token varchar(64) PRIMARY KEY,
    account_id uuid NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE app.newsletter (
    email varchar(320) PRIMARY KEY,
    subscribed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO app.account (uuid, username, email, user_type) VALUES
    ('00000000-0000-4000-8000-000000000001', 'root', 'root@example.com', 'administrator'),
    ('00000000-0000-4000-8000-000000000002', 'maria', 'maria@example.com', 'customer');
INSERT INTO app.website VALUES
    ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000002', 'Shop', NULL);
