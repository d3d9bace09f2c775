//! The app's state, and the service itself.

use super::{
    Evidence,
    Shown::{By, NotApplicable},
};

pub const ALL: &[Evidence] = &[
    Evidence {
        operation: "sessions revoke",
        succeeds: By(&[
            "sessions::one_person::one_person_is_signed_out_everywhere_and_nobody_else_is",
            "sessions::everybody::everybody_is_signed_out_after_a_second_admin_has_typed_all",
        ]),
        refused: By(&[
            "sessions::refused::without_a_table_of_sessions_it_refuses",
            "sessions::refused::rows_that_have_all_expired_sign_nobody_in",
            "sessions::refused::a_person_without_a_live_session_is_refused",
            "sessions::refused::an_account_with_the_id_all_cannot_be_told_from_everybody",
            "sessions::refused::nobody_with_that_name_and_twins_are_refused",
            "sessions::refused::an_operator_may_not_ask_for_it",
            "sessions::refused::a_role_that_may_not_delete_sessions_is_named_before_anybody_has_to_decide",
            "sessions::everybody::a_stop_in_the_cooling_off_time_leaves_everybody_signed_in",
        ]),
        fails: By(&[
            "sessions::repeated::a_session_that_the_app_has_locked_is_waited_for",
            "sessions::repeated::rows_that_hold_on_to_a_session_stop_the_run_with_nothing_half_done",
            "sessions::repeated::a_right_to_delete_that_is_taken_away_meanwhile_stops_the_run_with_a_plain_word",
        ]),
        repeated: By(&[
            "sessions::repeated::a_revocation_whose_entry_was_lost_keeps_its_count_and_spares_new_sessions",
        ]),
        real: By(&[
            "sessions::refused::where_sessions_are_cookies_it_refuses_and_says_what_ends_them",
            "sessions::everybody::the_real_application_works_too_once_its_sessions_are_rows",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "admins review",
        succeeds: By(&[
            "admins::review::every_admin_is_shown_with_the_last_trace_and_the_choice_to_keep_or_demote",
            "admins::review::an_admin_who_is_blocked_is_shown_as_one_who_cannot_act",
            "admins::review::the_last_admin_who_can_act_is_not_offered_for_demotion",
        ]),
        refused: By(&["admins::review::without_a_role_column_there_is_nobody_to_review"]),
        fails: By(&[
            "admins::review::a_role_column_that_goes_between_plan_and_look_is_said",
            "reads::systems::a_look_that_the_database_breaks_off_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "admins::review::after_a_crash_before_the_review_is_on_record_it_is_told_once",
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "admins::review::on_the_real_shape_the_moved_columns_tell_the_last_test",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "admins keep",
        succeeds: By(&["admins::keep::a_click_on_keep_is_on_record_and_the_next_review_tells_it"]),
        refused: By(&["admins::keep::nobody_is_kept_who_is_no_admin"]),
        fails: By(&["admins::keep::somebody_who_was_demoted_meanwhile_is_not_kept"]),
        repeated: By(&["admins::keep::after_a_crash_before_it_is_on_record_it_is_recorded_once"]),
        real: By(&[
            "admins::keep::on_the_real_shape_it_is_recorded_too",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "db connections",
        succeeds: By(&[
            "db_connections::connections_are_counted_by_state_user_and_application_without_their_queries",
            "db_connections::the_plot_is_of_the_samples_of_the_last_day",
            "db_connections::the_documented_role_sees_everything",
        ]),
        refused: By(&[
            "db_connections::without_the_right_to_look_it_says_what_it_cannot_see_and_what_to_grant",
        ]),
        fails: By(&[
            "db_connections::a_database_that_lets_nobody_in_ends_in_a_refusal_that_says_so",
            "reads::systems::a_look_that_the_database_breaks_off_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "db_connections::the_real_applications_connections_are_counted_too_and_a_pooler_is_named",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "db reset-pool",
        succeeds: By(&[
            "db_reset_pool::ending::only_the_apps_own_unused_connections_end_and_they_are_counted",
            "db_reset_pool::ending::the_documented_role_is_enough",
            "db_reset_pool::ending::a_role_that_may_replicate_as_hosting_has_it_is_the_apps_all_the_same",
            "db_reset_pool::ending::a_role_that_inserts_through_a_group_is_the_apps_and_one_that_only_reads_is_not",
        ]),
        refused: By(&[
            "db_reset_pool::refusals::what_is_used_now_and_then_is_not_ended",
            "db_reset_pool::refusals::redeploy_and_restart_are_no_reason_for_an_idle_reset_and_say_where_to_do_it",
            "db_reset_pool::refusals::an_app_that_connects_as_a_superuser_is_left_alone",
            "db_reset_pool::refusals::a_role_that_may_neither_see_nor_end_connections_says_what_to_grant",
            "db_reset_pool::refusals::a_viewer_may_not_end_connections",
        ]),
        fails: By(&[
            "db_reset_pool::repeated::a_step_that_fails_waits_for_a_person_and_goes_on_when_told_to",
        ]),
        repeated: By(&[
            "db_reset_pool::repeated::killed_between_the_effect_and_its_entry_it_gives_the_same_result_and_ends_nothing_more",
        ]),
        real: By(&[
            "db_reset_pool::ending::idle_is_the_default_and_the_real_applications_connections_end_too",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "stats users",
        succeeds: By(&[
            "stats_users::the_users_of_the_runbooks_application_are_counted_and_plotted",
            "stats_users::without_the_day_of_joining_there_is_no_plot_and_it_is_said",
        ]),
        refused: By(&["stats_users::accounts_that_are_not_there_end_in_a_refusal_that_says_so"]),
        fails: By(&[
            "reads::systems::a_look_that_the_database_breaks_off_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "stats_users::what_the_real_application_lacks_is_said_with_the_field_that_adds_it",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "requests",
        succeeds: By(&[
            "bot::requests::what_is_open_is_listed_with_who_asked",
            "bot::requests::mine_are_mine_alone_and_all_are_all",
            "bot::requests::a_command_of_two_words_is_quoted",
            "bot::requests::two_people_who_ask_the_same_are_both_answered",
        ]),
        refused: By(&[
            "bot::requests::more_than_one_word_is_refused_and_a_guest_gets_no_list",
            "bot::requests::a_filter_that_matches_nothing_says_what_it_may_be_or_what_was_meant",
        ]),
        fails: By(&[
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "show",
        succeeds: By(&["bot::show::a_request_is_shown_with_everything_that_happened_to_it"]),
        refused: By(&[
            "bot::show::a_request_that_is_not_there_is_refused",
            "bot::show::what_is_no_request_is_said_at_once_with_an_example",
        ]),
        fails: By(&[
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "cancel",
        succeeds: By(&[
            "bot::cancel::the_requester_cancels_by_command_and_the_card_loses_its_buttons",
        ]),
        refused: By(&[
            "bot::cancel::nobody_else_cancels_not_even_an_admin",
            "bot::cancel::what_is_decided_is_not_cancelled_any_more",
            "bot::cancel::a_request_that_is_not_there_cannot_be_cancelled",
        ]),
        fails: By(&[
            "bot::cancel::when_somebody_approves_at_the_same_moment_the_approval_that_came_first_counts",
            "reads::systems::while_nobody_can_say_who_people_are_the_look_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "freeze",
        succeeds: By(&[
            "freeze::a_frozen_run_waits_and_goes_on_after_the_thaw",
            "freeze::a_card_says_that_a_freeze_holds_its_request_as_long_as_it_does",
            "freeze::whoever_asks_during_a_freeze_is_told_at_once_that_it_waits",
        ]),
        refused: By(&[
            "freeze::a_freeze_that_is_neither_on_nor_off_is_refused_with_an_example",
            "freeze::a_viewer_may_not_freeze",
        ]),
        fails: By(&["freeze::a_freeze_that_the_store_breaks_off_is_tried_again"]),
        repeated: By(&[
            "freeze::after_a_crash_between_the_switch_and_its_entry_it_is_frozen_and_told_once",
        ]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "audit verify",
        succeeds: By(&[
            "bot::audit_verify::a_sound_journal_is_said_to_be_sound",
            "bot::audit_verify::a_changed_projection_is_found_and_named",
            "bot::audit_verify::a_reason_that_was_rewritten_beside_the_chain_is_found",
        ]),
        refused: By(&["bot::audit_verify::a_guest_learns_nothing_about_the_journal"]),
        fails: By(&[
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "whoami",
        succeeds: By(&["bot::whoami::everybody_learns_their_role_and_what_they_may_ask_for"]),
        refused: By(&["bot::whoami::a_guest_is_refused_and_learns_nothing"]),
        fails: By(&[
            "reads::systems::while_nobody_can_say_who_people_are_the_look_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "help",
        succeeds: By(&[
            "bot::help::help_is_answered_at_once_to_the_person_alone",
            "bot::help::help_for_one_command_says_everything_about_it",
            "bot::help::help_for_a_noun_lists_its_commands",
        ]),
        refused: By(&["bot::help::help_for_what_is_not_there_offers_what_is_alike"]),
        fails: By(&["bot::help::help_is_given_while_the_database_is_away"]),
        repeated: NotApplicable(
            "it has no effect and nothing on record that could be repeated: it is answered in the very acknowledgement of the command",
        ),
        real: NotApplicable("it asks no system: what it says is made from the declarations"),
    },
];
