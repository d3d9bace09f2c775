-- The application's schema as its thirteen migrations leave it.
CREATE TYPE "EventType" AS ENUM ('LOGIN', 'TEST_START', 'TEST_COMPLETE', 'VOCAB_PRACTICE', 'PRONUNCIATION_PRACTICE');

CREATE TABLE "User" (
  id text NOT NULL CONSTRAINT "User_pkey" PRIMARY KEY,
  name text,
  email text NOT NULL,
  "emailVerified" timestamp(3),
  image text,
  password text,
  role text NOT NULL DEFAULT 'USER',
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
  date timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  score double precision,
  feedback text
);

CREATE TABLE "Response" (
  id text NOT NULL CONSTRAINT "Response_pkey" PRIMARY KEY,
  "sessionId" text NOT NULL CONSTRAINT "Response_sessionId_fkey" REFERENCES "TestSession" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  question text NOT NULL,
  transcript text,
  "audioUrl" text
);

CREATE TABLE "Question" (
  id text NOT NULL CONSTRAINT "Question_pkey" PRIMARY KEY,
  text text NOT NULL
);

CREATE TABLE "QuestionUsage" (
  id text NOT NULL CONSTRAINT "QuestionUsage_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "QuestionUsage_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  "questionId" text NOT NULL CONSTRAINT "QuestionUsage_questionId_fkey" REFERENCES "Question" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  "usedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "UserFlashcardProgress" (
  id text NOT NULL CONSTRAINT "UserFlashcardProgress_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "UserFlashcardProgress_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  word text NOT NULL,
  repetitions integer NOT NULL DEFAULT 0,
  "nextReview" timestamp(3) NOT NULL
);

CREATE TABLE "UserPronunciationProgress" (
  id text NOT NULL CONSTRAINT "UserPronunciationProgress_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "UserPronunciationProgress_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  phoneme text NOT NULL,
  attempts integer NOT NULL DEFAULT 0
);

CREATE TABLE "Subscription" (
  id text NOT NULL CONSTRAINT "Subscription_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "Subscription_userId_fkey" REFERENCES "User" (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  plan text NOT NULL,
  status text NOT NULL,
  amount double precision NOT NULL,
  currency text NOT NULL DEFAULT 'USD',
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "AnalyticsEvent" (
  id text NOT NULL CONSTRAINT "AnalyticsEvent_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "AnalyticsEvent_userId_fkey" REFERENCES "User" (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  type "EventType" NOT NULL,
  metadata jsonb,
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "BlogPost" (
  id text NOT NULL CONSTRAINT "BlogPost_pkey" PRIMARY KEY,
  slug text NOT NULL CONSTRAINT "BlogPost_slug_key" UNIQUE,
  title text NOT NULL,
  content text NOT NULL,
  "authorId" text NOT NULL CONSTRAINT "BlogPost_authorId_fkey" REFERENCES "User" (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" timestamp(3) NOT NULL
);

CREATE TABLE "BlogDraft" (
  id text NOT NULL CONSTRAINT "BlogDraft_pkey" PRIMARY KEY,
  "userId" text NOT NULL CONSTRAINT "BlogDraft_userId_fkey" REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
  title text NOT NULL,
  content text NOT NULL
);

CREATE TABLE "LoginAttempt" (
  id text NOT NULL CONSTRAINT "LoginAttempt_pkey" PRIMARY KEY,
  email text NOT NULL,
  ip text,
  "userAgent" text,
  success boolean NOT NULL,
  "userId" text CONSTRAINT "LoginAttempt_userId_fkey" REFERENCES "User" (id) ON DELETE SET NULL ON UPDATE CASCADE,
  "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "PasswordResetToken" (
  id text NOT NULL CONSTRAINT "PasswordResetToken_pkey" PRIMARY KEY,
  email text NOT NULL,
  token text NOT NULL CONSTRAINT "PasswordResetToken_token_key" UNIQUE,
  expires timestamp(3) NOT NULL
);

CREATE TABLE "VerificationToken" (
  identifier text NOT NULL,
  token text NOT NULL CONSTRAINT "VerificationToken_token_key" UNIQUE,
  expires timestamp(3) NOT NULL
);
CREATE UNIQUE INDEX "VerificationToken_identifier_token_key" ON "VerificationToken" (identifier, token);

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
