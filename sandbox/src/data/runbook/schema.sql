-- The application's schema as its runbook believes it to be, in the manner of Prisma's migrations.
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');

CREATE TABLE "User" (
  id text NOT NULL CONSTRAINT "User_pkey" PRIMARY KEY,
  name text,
  email text NOT NULL,
  "emailVerified" timestamp(3),
  image text,
  password text,
  role "Role" NOT NULL DEFAULT 'USER',
  credits integer NOT NULL DEFAULT 0,
  "isBlocked" boolean NOT NULL DEFAULT false,
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" timestamp(3) NOT NULL
);
CREATE UNIQUE INDEX "User_email_key" ON "User" (email);

CREATE TABLE "Account" (
  id text NOT NULL CONSTRAINT "Account_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "Account_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  type text NOT NULL,
  provider text NOT NULL,
  "providerAccountId" text NOT NULL,
  refresh_token text,
  access_token text,
  expires_at integer,
  scope text
);
CREATE UNIQUE INDEX "Account_provider_providerAccountId_key" ON "Account" (provider, "providerAccountId");

CREATE TABLE "Session" (
  id text NOT NULL CONSTRAINT "Session_pkey" PRIMARY KEY,
  "sessionToken" text NOT NULL,
  "userId" text NOT NULL CONSTRAINT "Session_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  expires timestamp(3) NOT NULL
);
CREATE UNIQUE INDEX "Session_sessionToken_key" ON "Session" ("sessionToken");

CREATE TABLE "TestSession" (
  id text NOT NULL CONSTRAINT "TestSession_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "TestSession_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  status text NOT NULL DEFAULT 'IN_PROGRESS',
  "bandScore" double precision,
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "Response" (
  id text NOT NULL CONSTRAINT "Response_pkey" PRIMARY KEY,
  "sessionId" text NOT NULL CONSTRAINT "Response_sessionId_fkey" REFERENCES "TestSession" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  question text NOT NULL,
  transcript text,
  "audioUrl" text,
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "Flashcard" (
  id text NOT NULL CONSTRAINT "Flashcard_pkey" PRIMARY KEY,
  word text NOT NULL,
  definition text NOT NULL
);

CREATE TABLE "UserFlashcardProgress" (
  id text NOT NULL CONSTRAINT "UserFlashcardProgress_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "UserFlashcardProgress_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  "flashcardId" text NOT NULL CONSTRAINT "UserFlashcardProgress_flashcardId_fkey" REFERENCES "Flashcard" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  repetitions integer NOT NULL DEFAULT 0,
  "nextReview" timestamp(3) NOT NULL
);
CREATE UNIQUE INDEX "UserFlashcardProgress_userId_flashcardId_key" ON "UserFlashcardProgress" ("userId", "flashcardId");

CREATE TABLE "UserPronunciationProgress" (
  id text NOT NULL CONSTRAINT "UserPronunciationProgress_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "UserPronunciationProgress_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  phoneme text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  accuracy double precision NOT NULL DEFAULT 0
);

CREATE TABLE "SupportTicket" (
  id text NOT NULL CONSTRAINT "SupportTicket_pkey" PRIMARY KEY,
  "userId" text CONSTRAINT "SupportTicket_userId_fkey" REFERENCES "User" (id) ON DELETE SET NULL ON UPDATE CASCADE,
  subject text NOT NULL,
  message text NOT NULL,
  status text NOT NULL DEFAULT 'OPEN',
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "Subscription" (
  id text NOT NULL CONSTRAINT "Subscription_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "Subscription_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  plan text NOT NULL,
  status text NOT NULL,
  amount double precision NOT NULL,
  currency text NOT NULL DEFAULT 'USD',
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3)
);

CREATE TABLE "AnalyticsEvent" (
  id text NOT NULL CONSTRAINT "AnalyticsEvent_pkey" PRIMARY KEY,
  "userId" text CONSTRAINT "AnalyticsEvent_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  type text NOT NULL,
  metadata jsonb,
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "PasswordResetToken" (
  id text NOT NULL CONSTRAINT "PasswordResetToken_pkey" PRIMARY KEY,
  email text NOT NULL,
  token text NOT NULL,
  expires timestamp(3) NOT NULL
);
CREATE UNIQUE INDEX "PasswordResetToken_token_key" ON "PasswordResetToken" (token);

CREATE TABLE "VerificationToken" (
  identifier text NOT NULL,
  token text NOT NULL,
  expires timestamp(3) NOT NULL
);
CREATE UNIQUE INDEX "VerificationToken_identifier_token_key" ON "VerificationToken" (identifier, token);

CREATE TABLE "LoginAttempt" (
  id text NOT NULL CONSTRAINT "LoginAttempt_pkey" PRIMARY KEY,
  email text NOT NULL,
  ip text,
  "userAgent" text,
  success boolean NOT NULL,
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE _prisma_migrations (
  id varchar(36) NOT NULL PRIMARY KEY,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
);
