//! Payments, credits and what came in.

use super::{Evidence, Shown::By};

pub const ALL: &[Evidence] = &[
    Evidence {
        operation: "credits add",
        succeeds: By(&[
            "credits::adding::an_operator_adds_credits_and_sees_before_and_after",
            "credits::adding::the_numbers_of_the_result_are_those_of_the_run_not_of_the_plan",
            "credits::limit::as_many_as_the_limit_need_nobody_else_and_one_more_needs_a_second_admin",
            "credits::payments::a_payment_is_granted_once_and_the_second_request_names_the_first",
            "credits::at_stripe::the_approver_sees_what_stripe_knows",
        ]),
        refused: By(&[
            "credits::refused::nobody_with_that_address_is_refused_without_repeating_it",
            "credits::refused::another_letter_case_is_refused_with_the_id_to_ask_by",
            "credits::refused::more_than_the_column_holds_is_refused_while_planning",
            "credits::refused::what_is_no_number_is_answered_with_an_example_and_asks_for_nothing",
            "credits::limit::an_operator_may_not_ask_for_more_than_the_limit",
            "credits::payments::of_two_requests_at_once_for_one_payment_one_is_refused",
            "credits::at_stripe::what_was_not_paid_or_is_not_theirs_is_refused",
            "credits::at_stripe::while_stripe_is_down_nothing_is_given_for_a_payment",
            "credits::at_stripe::a_grant_that_cannot_be_planned_for_long_is_refused_with_the_reason",
        ]),
        fails: By(&[
            "credits::adding::an_event_that_is_refused_takes_the_credits_back_with_it",
            "credits::adding::an_update_that_reaches_no_row_is_no_success",
            "credits::together::a_database_that_is_away_is_waited_for",
            "credits::together::an_account_that_is_deleted_meanwhile_gets_nothing",
            "credits::refused::a_column_that_filled_up_since_the_plan_is_not_overflowed",
        ]),
        repeated: By(&[
            "credits::crashes::a_grant_whose_entry_was_lost_is_not_made_again",
            "credits::crashes::a_grant_whose_plan_was_lost_is_planned_again_and_keeps_its_payment",
            "credits::payments::a_grant_that_was_made_and_then_lost_its_entry_counts_all_the_same",
        ]),
        real: By(&[
            "credits::schemas::without_column_and_event_type_both_are_refused_by_the_name_of_what_to_add",
            "credits::schemas::with_the_column_alone_credits_are_not_added_without_their_event",
            "credits::schemas::with_what_was_named_it_works",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "credits remove",
        succeeds: By(&[
            "credits::removing::credits_that_are_there_are_removed_and_noted",
            "credits::removing::what_is_spent_cannot_be_removed_and_the_shortfall_is_said",
        ]),
        refused: By(&["credits::removing::an_account_without_credits_is_refused"]),
        fails: By(&[
            "credits::removing::credits_that_were_spent_since_the_plan_are_not_said_to_be_removed",
        ]),
        repeated: By(&["credits::crashes::a_removal_whose_entry_was_lost_is_not_made_again"]),
        real: By(&[
            "credits::schemas::without_column_and_event_type_both_are_refused_by_the_name_of_what_to_add",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "payment find",
        succeeds: By(&[
            "payment::a_persons_payments_are_shown_to_whoever_asked_alone",
            "payment::the_same_is_found_by_the_apps_user_id",
            "payment::somebody_who_paid_as_a_guest_is_found_without_an_account",
            "payment::one_payment_is_shown_with_its_refunds",
            "payment::a_disputed_payment_and_one_in_yen_are_shown_as_such",
            "payment::the_table_does_not_break_with_ids_as_long_as_stripes",
            "payment::old_charges::one_whose_money_was_taken_is_found_granted_and_refunded",
            "payment::somebody_of_whom_stripe_knows_nothing_has_no_payments",
            "payment::a_key_that_may_not_search_finds_the_rest_and_says_so",
        ]),
        refused: By(&[
            "payment::an_id_that_nobody_has_is_refused",
            "payment::an_account_without_an_address_is_nobody_whom_stripe_knows",
            "payment::without_a_key_it_is_said_which_setting_is_missing",
            "payment::a_key_that_stripe_does_not_know_is_said_without_the_key",
            "payment::a_right_that_the_key_lacks_is_named",
        ]),
        fails: By(&[
            "payment::an_outage_is_tried_for_a_while_and_then_said",
            "reads::systems::while_stripe_is_down_the_look_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "payment::after_a_crash_before_the_answer_is_on_record_it_is_looked_up_again_and_told_once",
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "payment::on_the_real_shape_it_works_as_well",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "refund",
        succeeds: By(&[
            "refund::success::a_whole_payment_goes_back_and_the_credits_that_it_bought_go",
            "refund::success::a_part_goes_back_and_its_share_of_the_credits_goes",
            "refund::success::yen_have_no_decimals",
            "refund::success::a_guest_without_an_account_is_refunded_and_no_credits_are_taken",
            "refund::credits::credits_of_a_payment_of_which_the_app_never_heard_are_not_taken",
            "refund::credits::credits_that_the_app_has_only_begun_to_give_are_not_taken",
            "refund::pending::a_pending_refund_is_done_when_the_webhook_says_so",
        ]),
        refused: By(&[
            "refund::blocked::a_disputed_payment_is_left_to_the_dispute",
            "refund::blocked::a_payment_that_went_back_already_does_not_go_back_again",
            "refund::blocked::what_was_never_received_cannot_go_back",
            "payment::old_charges::one_that_is_authorised_only_is_no_money_that_was_received",
            "refund::blocked::more_than_is_left_is_refused",
            "refund::blocked::an_amount_that_the_currency_has_not_got_is_refused_and_not_rounded",
            "refund::blocked::a_payment_that_stripe_does_not_have_is_said_to_be_none",
            "refund::test_mode::a_test_payment_is_refused_under_a_live_key",
            "refund::blocked::without_a_key_it_is_said_which_setting_is_missing",
            "refund::blocked::the_amount_has_to_be_typed_exactly",
            "refund::drift::a_refund_at_the_dashboard_voids_the_approval_and_shows_the_new_plan",
            "refund::drift::a_dispute_between_plan_and_run_refuses_it",
            "refund::drift::a_run_whose_plan_cannot_be_looked_at_again_for_long_is_refused_with_the_reason",
        ]),
        fails: By(&[
            "refund::blocked::a_key_without_the_right_to_refund_stops_it_and_the_credits_come_back",
            "refund::doubt::a_rate_limit_is_waited_for_as_long_as_it_asks",
            "refund::doubt::a_rate_limit_that_never_ends_ends_the_refund_and_the_credits_come_back",
            "refund::late::one_that_a_person_had_settled_is_told_of_and_gives_nothing_back_by_itself",
            "refund::doubt::what_cannot_be_looked_for_is_not_sent_again_until_it_can",
            "refund::doubt::a_failure_that_stripe_has_stored_is_never_sent_under_another_key_and_asks_a_person",
            "refund::pending::a_refund_that_fails_days_later_gives_the_credits_back_and_says_so",
            "refund::gone::what_was_frozen_for_long_before_it_was_sent_is_not_sent_and_the_credits_come_back",
        ]),
        repeated: By(&[
            "refund::crash::after_the_credits_were_taken_they_are_not_taken_again",
            "refund::crash::after_the_money_went_it_does_not_go_again",
            "refund::crash::after_it_had_settled_it_is_looked_at_again",
            "refund::crash::while_stripe_answers_the_next_one_finds_what_the_dead_one_sent",
            "refund::crash::after_the_credits_were_given_back_they_are_not_given_back_again",
            "refund::old_key::a_refund_that_was_made_is_found_by_what_is_written_in_it",
            "stripe_hook::an_event_that_is_on_record_is_followed_after_a_crash",
            "stripe_hook::what_stripe_tells_while_the_service_is_down_comes_again_and_is_taken",
        ]),
        real: By(&[
            "refund::success::an_app_without_credits_is_refunded_all_the_same_and_the_missing_column_is_named",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "stats revenue",
        succeeds: By(&[
            "stats_revenue::stripes_books_are_summed_per_currency_and_day",
            "stats_revenue::the_current_month_is_taken_when_none_is_said_and_what_is_pending_is_told_apart",
            "stats_revenue::a_month_without_entries_is_no_zero_in_some_currency",
            "stats_revenue::without_stripe_the_apps_rows_are_summed_and_said_to_be_less_true",
            "stats_revenue::a_month_without_rows_of_the_app_is_said_to_have_none",
        ]),
        refused: By(&[
            "stats_revenue::what_is_no_month_is_refused",
            "stats_revenue::a_right_that_the_key_lacks_is_named",
            "stats_revenue::a_column_that_is_missing_is_named_with_its_prisma_field",
        ]),
        fails: By(&[
            "stats_revenue::an_outage_of_stripe_is_tried_for_a_while_and_then_said",
            "reads::systems::while_stripe_is_down_the_look_is_made_again_and_told_once",
            "reads::systems::a_look_that_the_database_breaks_off_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "stats_revenue::after_a_crash_before_the_answer_is_on_record_it_is_summed_again_and_told_once",
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "stats_revenue::on_the_real_shape_dollars_and_rupees_are_never_one_sum",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "stripe review",
        succeeds: By(&[
            "stripe_review::each_section_has_its_own_verdict_and_what_it_rests_on",
            "stripe_review::no_table_breaks_with_ids_as_long_as_stripes",
            "stripe_review::where_nothing_happened_there_is_nothing_to_look_at",
        ]),
        refused: By(&[
            "stripe_review::a_key_that_stripe_does_not_accept_ends_the_review_with_the_reason",
            "stripe_review::a_right_that_the_key_lacks_hides_its_section_alone_and_is_named",
            "stripe_review::without_stripe_the_setting_is_named",
        ]),
        fails: By(&[
            "stripe_review::while_stripe_asks_for_patience_the_review_is_tried_again",
            "reads::systems::while_stripe_is_down_the_look_is_made_again_and_told_once",
            "reads::repeated::when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        repeated: By(&[
            "stripe_review::after_a_crash_before_the_answer_is_on_record_it_is_looked_at_again_and_told_once",
            "reads::repeated::after_a_crash_between_the_look_and_its_entry_every_read_is_told_once",
        ]),
        real: By(&[
            "stripe_review::without_stripe_the_setting_is_named",
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
];
