//! What is done about one person.

use super::{Evidence, Shown::By};

pub const ALL: &[Evidence] = &[
    Evidence {
        operation: "user show",
        succeeds: By(&[
            "user::show::an_account_is_shown_to_the_person_who_asked_alone",
            "user::show::a_name_with_markup_in_it_is_shown_as_text",
            "user::show::what_was_shown_is_erased_with_the_person",
        ]),
        refused: By(&[
            "user::show::twins_by_letter_case_are_named_by_their_ids_and_neither_is_shown",
            "user::show::another_letter_case_than_the_accounts_is_refused_with_its_id",
            "user::show::a_reason_is_more_than_it_takes",
            "user::show::a_guest_sees_nobodys_account",
        ]),
        fails: By(&[
            "user::show::an_account_that_goes_between_plan_and_look_is_said_to_be_gone",
            "reads::systems::a_look_that_the_database_breaks_off_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "user::show::after_a_crash_before_the_answer_is_on_record_it_is_looked_up_again_and_told_once",
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "user::show::on_the_real_shape_what_the_app_does_not_have_is_said_with_the_prisma_field",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "user activity",
        succeeds: By(&[
            "user::activity::the_last_tests_the_progress_and_the_tickets_are_listed",
            "user::activity::ten_tests_are_listed_when_nobody_says_how_many_and_the_rest_is_counted",
            "user::activity::somebody_without_any_test_has_none",
            "user::activity::a_test_without_a_time_comes_last",
        ]),
        refused: By(&[
            "user::activity::more_than_fifty_is_refused_before_anything_is_asked",
            "user::activity::without_a_column_that_tells_the_time_nothing_is_guessed",
            "user::activity::a_column_that_holds_no_time_is_refused_with_a_plain_word",
        ]),
        fails: By(&[
            "reads::systems::a_look_that_the_database_breaks_off_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "user::activity::after_a_crash_before_the_answer_is_on_record_it_is_told_once",
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "user::activity::on_the_real_shape_the_moved_columns_are_read_and_the_missing_one_is_named",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "user promote",
        succeeds: By(&[
            "user::role::a_user_becomes_an_admin_after_a_second_admin_has_approved",
            "user::role::a_blocked_account_is_warned_of_when_it_is_promoted",
        ]),
        refused: By(&[
            "user::role::what_is_so_already_is_refused_before_anybody_has_to_decide",
            "user::role::a_role_that_the_enum_does_not_have_is_refused_with_those_that_it_has",
            "user::role::without_a_role_column_the_prisma_field_is_named",
            "user::role::an_operator_may_not_ask_for_it",
            "user::role::a_denied_promotion_changes_nothing",
        ]),
        fails: By(&["user::role::a_change_that_the_database_breaks_off_is_made_again"]),
        repeated: By(&[
            "user::role::after_a_crash_between_change_and_journal_the_role_is_changed_once",
        ]),
        real: By(&[
            "user::role::twins_by_letter_case_are_never_guessed_between",
            "user::role::without_a_role_column_the_prisma_field_is_named",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "user demote",
        succeeds: By(&[
            "user::role::an_admin_becomes_a_user_again_where_roles_are_text_and_live_cookies_are_warned_of",
            "admins::clicks::a_click_on_demote_asks_for_it_and_a_second_admin_approves",
        ]),
        refused: By(&[
            "user::role::what_is_so_already_is_refused_before_anybody_has_to_decide",
            "user::role::the_last_admin_is_not_demoted",
            "user::role::the_ordinary_role_must_be_one_of_the_enums_too",
            "user::role_races::the_second_of_two_demotions_is_refused_when_it_would_run",
            "user::role_races::an_admin_who_was_blocked_after_the_approval_is_nobody_to_fall_back_on",
            "admins::clicks::whoever_may_only_look_cannot_demote_by_a_click",
        ]),
        fails: By(&[
            "user::role::a_role_that_somebody_changed_meanwhile_stops_the_run_and_is_left_alone",
            "user::role::a_change_that_the_database_breaks_off_is_made_again",
            "user::role_races::of_two_demotions_that_two_replicas_carry_out_at_once_exactly_one_wins",
        ]),
        repeated: By(&[
            "user::role::after_a_crash_between_demotion_and_journal_a_promotion_that_came_since_stays",
        ]),
        real: By(&[
            "user::role::an_admin_becomes_a_user_again_where_roles_are_text_and_live_cookies_are_warned_of",
            "admins::clicks::on_the_real_shape_the_last_admin_stays_too",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "user ban",
        succeeds: By(&["user::ban::an_operator_bans_an_account_and_its_sessions_end"]),
        refused: By(&[
            "user::ban::an_admin_is_demoted_first",
            "user::ban::what_is_so_already_is_refused",
            "user::ban::nobody_and_twins_are_not_banned",
            "user::ban::a_viewer_may_not_ban",
            "user::ban_erasure::whom_an_erasure_holds_is_neither_unbanned_nor_banned",
        ]),
        fails: By(&[
            "user::ban::somebody_who_became_an_admin_meanwhile_is_not_banned",
            "user::ban::an_account_that_is_deleted_meanwhile_is_not_banned",
            "user::ban::a_change_that_the_database_breaks_off_is_made_again",
        ]),
        repeated: By(&["user::ban::after_a_crash_between_ban_and_journal_the_same_is_told"]),
        real: By(&[
            "user::ban::an_app_without_the_column_is_told_what_to_add_and_nothing_is_done",
            "user::ban::where_sessions_are_cookies_it_says_that_they_go_on",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "user unban",
        succeeds: By(&[
            "user::ban::a_ban_is_lifted_and_sessions_stay_ended",
            "user::ban_erasure::while_an_erasure_only_waits_for_approval_the_ban_can_be_lifted",
        ]),
        refused: By(&[
            "user::ban::what_is_so_already_is_refused",
            "user::ban_erasure::whom_an_erasure_holds_is_neither_unbanned_nor_banned",
        ]),
        fails: By(&[
            "user::ban::a_ban_that_somebody_lifted_meanwhile_is_not_lifted_again",
            "user::ban::a_change_that_the_database_breaks_off_is_made_again",
            "user::ban_erasure::an_unban_that_was_planned_before_the_erasure_was_approved_does_not_lift_its_block",
        ]),
        repeated: By(&[
            "user::ban::after_a_crash_between_unban_and_journal_a_ban_that_came_since_stays",
        ]),
        real: By(&[
            "user::ban::an_app_without_the_column_is_told_what_to_add_and_nothing_is_done",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "user export",
        succeeds: By(&[
            "user_export::contents::an_archive_holds_all_rows_of_the_person_and_no_secret_and_nobody_else",
            "user_export::contents::with_files_the_archive_holds_the_current_version_of_every_file",
            "user_export::seen::the_story_of_an_export_as_people_see_it",
            "user_export::link::the_link_is_with_the_requester_and_nowhere_else",
        ]),
        refused: By(&[
            "user_export::refused::whoever_is_no_admin_may_not_ask",
            "user_export::refused::whoever_asked_may_not_approve_and_a_denied_export_makes_no_archive",
            "user_export::refused::an_account_that_is_not_there_is_refused",
            "user_export::refused::of_two_accounts_that_differ_in_letter_case_none_is_guessed",
            "user_export::refused::an_account_that_is_gone_by_the_time_of_the_run_is_not_exported",
        ]),
        fails: By(&[
            "user_export::faults::an_upload_that_fails_for_a_while_is_begun_anew_and_leaves_nothing_half",
            "user_export::faults::an_upload_that_is_refused_stops_the_run_and_leaves_nothing",
            "user_export::faults::an_archive_whose_time_is_over_before_the_link_is_made_is_not_handed_over",
            "user_export::faults::a_file_that_is_deleted_before_it_is_read_is_named_as_gone",
            "user_export::contents::a_stripe_that_refuses_is_named_and_one_that_does_not_answer_is_waited_for",
        ]),
        repeated: By(&[
            "user_export::faults::a_crash_during_the_upload_leaves_nothing_half_and_the_next_start_makes_the_archive",
            "user_export::faults::a_crash_between_the_archive_and_its_entry_makes_no_second_archive",
            "user_export::faults::a_crash_between_the_link_and_its_entry_hands_one_link_over",
            "user_export::faults::a_lost_answer_to_the_last_call_of_the_upload_is_settled_by_looking",
        ]),
        real: By(&[
            "user_export::contents::of_the_real_application_a_file_that_two_people_share_is_held_back",
            "user_export::contents::of_the_real_application_somebody_whom_restrict_rows_hold_is_exported_in_full",
            "user_export::seen::the_card_of_the_real_application",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "user delete",
        succeeds: By(&[
            "user_delete::success::an_approved_deletion_leaves_no_row_and_no_file_and_a_certificate",
            "user_delete::decisions_seen::the_story_of_a_deletion_as_people_see_it",
            "user_delete::stripe_customer::the_customer_goes_with_the_account_and_the_certificate_says_so",
            "user_delete::stripe_customer::by_default_the_customer_is_kept_and_the_card_says_so",
            "user_delete::stripe_customer::every_customer_of_the_person_goes_in_whichever_letter_case_it_names_the_account",
            "user_delete::stripe_customer::a_customer_that_names_another_account_is_left_alone_whatever_its_address",
            "user_delete::stripe_customer::under_an_address_that_was_never_verified_only_what_names_the_account_goes",
            "user_delete::stripe_customer::a_customer_that_names_the_account_under_another_address_is_left_and_said",
            "user_delete::stripe_customer_faults::a_customer_that_somebody_deleted_at_the_dashboard_meanwhile_is_gone_too",
            "user_delete::stripe_customer_faults::a_customer_that_stripe_knows_no_more_is_said_and_holds_nothing_up",
        ]),
        refused: By(&[
            "user_delete::planning::nobody_with_that_address_is_refused",
            "user_delete::planning::twins_by_letter_case_are_never_guessed_between",
            "user_delete::planning::the_last_admin_is_not_deleted",
            "user_delete::planning::a_running_subscription_forbids_it",
            "user_delete::stripe_customer_faults::a_subscription_that_is_running_at_stripe_comes_first",
            "user_delete::stripe_customer_faults::nobody_whose_customer_is_kept_is_erased_and_goes_on_being_charged",
            "user_delete::stripe_customer_faults::more_customers_than_one_person_has_are_deleted_by_nobody",
            "user_delete::stripe_customer_faults::a_key_that_may_not_read_customers_forbids_a_deletion_that_has_to_delete_them",
            "user_delete::stripe_customer::a_customer_that_is_made_between_approval_and_run_voids_the_approval",
            "user_delete::planning::an_account_that_vanished_before_the_run_is_refused",
            "user_delete::planning::rows_beyond_the_tolerance_void_the_approval_and_the_new_plan_can_be_approved",
            "user_delete::people::nobody_approves_their_own_request",
            "user_delete::people::nobody_approves_what_is_about_themself",
            "user_delete::people::whoever_may_not_ask_is_refused_and_the_attempt_is_on_record",
            "user_delete::people::whoever_may_not_approve_is_refused_and_the_attempt_is_on_record",
            "user_delete::decisions::a_denial_tells_its_reason_to_the_requester_and_to_the_audit_thread",
            "user_delete::decisions::nobody_decided_in_time",
            "user_delete::decisions::a_wrong_confirmation_is_refused_under_its_field",
            "user_delete::decisions::another_admin_stops_it_in_the_cooling_off_time_and_the_block_is_lifted",
        ]),
        fails: By(&[
            "user_delete::steps::half_of_the_deletes_fail_for_a_while_and_are_tried_again_with_pauses_on_the_card",
            "user_delete::steps::s3_is_down_for_minutes_in_the_middle_and_the_run_waits_for_it",
            "user_delete::steps::a_file_under_legal_hold_stops_the_run_with_a_plain_word_and_trying_again_after_it_is_lifted_works",
            "user_delete::steps::a_connection_that_breaks_while_the_rows_are_deleted_leaves_nothing_half_done",
            "user_delete::steps::a_database_that_refuses_the_deletion_stops_the_run_and_trying_again_after_the_repair_works",
            "user_delete::stripe_customer_faults::an_outage_of_stripe_in_the_middle_is_waited_for",
            "user_delete::stripe_customer_faults::failures_and_lost_answers_of_stripe_are_looked_into_and_tried_again",
            "user_delete::stripe_customer_faults::a_key_that_may_not_delete_customers_stops_the_run_with_its_missing_right",
            "user_delete::stripe_customer_faults::a_customer_that_became_somebody_elses_after_the_plan_is_not_deleted",
        ]),
        repeated: By(&[
            "user_delete::crash::killed_before_any_entry_up_to_the_approval_it_goes_on_and_does_everything_once",
            "user_delete::crash::killed_before_any_entry_of_the_hold_and_the_first_steps_it_goes_on_and_does_everything_once",
            "user_delete::crash::killed_before_any_entry_about_rows_and_files_it_goes_on_and_does_everything_once",
            "user_delete::crash::killed_before_any_entry_up_to_the_last_it_goes_on_and_does_everything_once",
            "user_delete::crash_calls::killed_after_s3_deleted_it_repeats_the_step_and_counts_the_same",
            "user_delete::stripe_customer_faults::after_a_crash_between_the_deletion_and_its_entry_it_is_found_and_not_sent_again",
        ]),
        real: By(&[
            "user_delete::planning_real::what_cannot_be_done_is_said_before_anybody_approves",
            "user_delete::planning_real::rows_that_resist_and_files_without_a_prefix_go_and_what_is_shared_stays",
            "user_delete::stripe_customer::with_a_twin_by_letter_case_a_customer_that_names_nobody_is_left_and_said",
            "user_delete::stripe_customer::somebody_who_paid_as_a_guest_has_no_customer_and_no_step_for_one",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "erasure replay",
        succeeds: By(&[
            "erasure_replay::restored::whoever_came_back_with_a_backup_is_erased_again_with_a_certificate",
            "erasure_replay::several::several_who_came_back_are_erased_one_after_another",
            "erasure_replay::restored::when_nobody_came_back_it_says_so_and_ends_well",
            "user_delete::stripe_customer::whoever_is_brought_back_by_a_backup_loses_the_customer_that_was_made_since",
        ]),
        refused: By(&[
            "erasure_replay::several::when_nobody_is_left_to_erase_it_is_refused",
            "erasure_replay::left_alone::whoever_is_no_admin_may_not_replay",
            "erasure_replay::left_alone::somebody_who_signed_up_with_the_address_since_is_left_alone_and_named",
            "erasure_replay::restored::a_stop_in_the_cooling_off_time_lifts_the_block_and_erases_nobody",
        ]),
        fails: By(&[
            "erasure_replay::faults::files_that_cannot_be_deleted_for_a_while_are_tried_again",
        ]),
        repeated: By(&[
            "erasure_replay::faults::a_crash_between_the_rows_and_their_entry_erases_once_and_goes_on",
        ]),
        real: By(&[
            "erasure_replay::restored::of_the_real_application_the_person_goes_again_and_the_twin_stays",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
];
