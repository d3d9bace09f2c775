//! What Slack's refusals are about. The codes are those that Slack documents for the methods that are called.

use super::Retry;

/// What to do after a refusal with this code.
pub(super) fn retry(code: &str) -> Retry {
    if is_final(code) {
        Retry::Never
    } else if is_about_the_place(code) {
        Retry::WhenMended
    } else {
        Retry::Unclear
    }
}

/// It is about what was sent, or about the one person, message, view or address that it was for.
fn is_final(code: &str) -> bool {
    matches!(
        code,
        // What was sent.
        "invalid_blocks"
            | "invalid_blocks_format"
            | "invalid_attachments"
            | "invalid_metadata_format"
            | "invalid_metadata_schema"
            | "invalid_arguments"
            | "invalid_arg_name"
            | "invalid_array_arg"
            | "invalid_charset"
            | "invalid_form_data"
            | "invalid_json"
            | "json_not_object"
            | "invalid_post_type"
            | "missing_post_type"
            | "metadata_too_large"
            | "msg_too_long"
            | "msg_blocks_too_long"
            | "no_text"
            | "block_mismatch"
            | "too_many_attachments"
            | "too_many_contact_cards"
            | "attachment_payload_limit_exceeded"
            | "markdown_text_conflict"
            | "view_too_large"
            | "hash_conflict"
            | "foreign_url"
            | "http_400"
            | "http_413"
            // Whom it was for.
            | "user_not_found"
            | "users_not_found"
            | "user_not_visible"
            | "user_disabled"
            | "user_not_in_channel"
            | "cannot_dm_bot"
            | "no_such_subteam"
            | "subteam_not_found"
            // What it was for.
            | "not_found"
            | "file_not_found"
            | "file_deleted"
            | "message_not_found"
            | "thread_not_found"
            | "cannot_reply_to_message"
            | "cant_update_message"
            | "cant_delete_message"
            | "edit_window_closed"
            | "expired_trigger_id"
            | "exchanged_trigger_id"
            | "trigger_expired"
            | "trigger_exchanged"
            | "expired_url"
            | "used_url"
    )
}

/// It is about where it goes, or about what stands between: nothing of ours gets there until that is mended.
fn is_about_the_place(code: &str) -> bool {
    code.starts_with("restricted_action")
        || code.starts_with("slack_connect_")
        || code.starts_with("http_")
        || matches!(
            code,
            "channel_not_found"
                | "not_in_channel"
                | "is_archived"
                | "is_inactive"
                | "external_channel_migrating"
                | "message_limit_exceeded"
                | "messages_tab_disabled"
                | "enterprise_is_restricted"
                | "team_access_not_granted"
                | "team_added_to_org"
                | "team_not_found"
        )
}
