//! The headings of the runbook that the operations replace.

/// What has no section: it is about the service.
pub const OF_ITSELF: &str = "The service itself";

/// Every heading, below its section; the operations are numbered there.
pub const HEADINGS: &[&str] = &[
    "Quick Reference: Emergency Contacts & Services",
    "Quick Reference: Environment Variables Location",
    "Common Operations 1: Manually Add Credits to User Account",
    "Common Operations 2: Promote User to Admin",
    "Common Operations 3: Ban User or IP Address",
    "Common Operations 4: View User's Recent Activity",
    "Common Operations 5: Restart Database Connection Pool",
    "Common Operations 6: Process Refund Manually",
    "Common Operations 7: Export User Data (GDPR Request)",
    "Common Operations 8: Delete User Account & Data",
    "Troubleshooting: \"Missing required environment variables\"",
    "Troubleshooting: Prisma Migration Failed",
    "Troubleshooting: S3 Upload Failing",
    "Troubleshooting: OpenAI API Errors",
    "Troubleshooting: OAuth Redirect Error",
    "Monitoring & Alerts: What to Monitor",
    "Monitoring & Alerts: Recommended Tools",
    "Database Backup & Recovery",
    "Database Backup & Recovery: Neon Point-in-Time Recovery",
    "Database Backup & Recovery: Manual Backup",
    "Security Checklist",
    "Useful Scripts: Check All Environment Variables",
    "Useful Scripts: Generate New NextAuth Secret",
    "Useful Scripts: Count Total Users",
    "Useful Scripts: Revenue This Month",
    "Emergency Procedures",
    "Emergency Procedures: Complete Outage",
    "Emergency Procedures: Data Breach Response",
    "Contact Information",
];

/// Whether each part of what an operation replaces is a heading.
pub fn knows(replaced: &str) -> bool {
    let is_there = |part: &str| part == OF_ITSELF || HEADINGS.contains(&part);
    replaced.split("; ").all(is_there)
}
