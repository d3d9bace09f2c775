-- An application with many tenants, as Prisma makes it: an address is unique within a tenant only.
CREATE TYPE "MemberRole" AS ENUM ('OWNER', 'ADMIN', 'MEMBER', 'VIEWER');
CREATE TYPE "PlanState" AS ENUM ('ACTIVE', 'CANCELED', 'ENDED');
CREATE TABLE "Tenant" (id text PRIMARY KEY, name text NOT NULL);
CREATE TABLE "Member" (
    id text PRIMARY KEY,
    "tenantId" text NOT NULL REFERENCES "Tenant" ON DELETE CASCADE,
    email text NOT NULL,
    "displayName" text,
    role "MemberRole" NOT NULL DEFAULT 'MEMBER',
    suspended boolean NOT NULL DEFAULT false,
    "createdAt" timestamp(3) NOT NULL DEFAULT now(),
    "updatedAt" timestamp(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX "Member_tenantId_email_key" ON "Member" ("tenantId", email);
CREATE TABLE "Session" (
    id text PRIMARY KEY,
    "sessionToken" text NOT NULL UNIQUE,
    "memberId" text NOT NULL REFERENCES "Member" ON DELETE CASCADE,
    "expiresAt" timestamp(3) NOT NULL
);
CREATE TABLE "VerificationToken" (
    identifier text NOT NULL,
    token text NOT NULL UNIQUE,
    expires timestamp(3) NOT NULL
);
CREATE TABLE "Subscription" (
    id text PRIMARY KEY,
    "memberId" text NOT NULL REFERENCES "Member" ON DELETE CASCADE,
    status "PlanState" NOT NULL,
    "endDate" timestamp(3),
    "createdAt" timestamp(3) NOT NULL DEFAULT now()
);
CREATE TABLE "Document" (
    id text PRIMARY KEY,
    "tenantId" text NOT NULL REFERENCES "Tenant" ON DELETE CASCADE,
    "memberId" text REFERENCES "Member" ON DELETE SET NULL,
    "fileUrl" text
);
INSERT INTO "Tenant" VALUES ('t_a', 'Acme'), ('t_b', 'Beta');
INSERT INTO "Member" (id, "tenantId", email, "displayName", role) VALUES
    ('m_1', 't_a', 'ada@example.com', 'Ada', 'OWNER'),
    ('m_2', 't_a', 'bob@example.com', 'Bob', 'MEMBER'),
    ('m_3', 't_b', 'bob@example.com', 'Bob', 'ADMIN');
INSERT INTO "Subscription" (id, "memberId", status, "endDate") VALUES
    ('s_1', 'm_2', 'ACTIVE', now() - interval '3 days');
