//! Vendors other than Stripe.

use super::{Evidence, Shown::By};

pub const ALL: &[Evidence] = &[
    Evidence {
        operation: "ip ban",
        succeeds: By(&[
            "ip::an_operator_bans_an_address_and_the_address_stays_between_them",
            "ip::networks_of_both_families_are_banned_and_lifted",
            "ip::later::when_its_time_is_over_the_service_lifts_a_ban_and_says_why",
            "ip::later::a_ban_whose_time_was_over_while_the_service_was_down_is_lifted_at_the_start",
            "ip::later::of_two_replicas_one_asks",
        ]),
        refused: By(&[
            "ip::refused::networks_without_visitors_protected_and_wide_ones_are_refused",
            "ip::refused::what_is_no_network_or_no_time_is_said_at_once",
            "ip::refused::a_viewer_may_look_and_neither_ban_nor_unban",
            "ip::refused::what_is_denied_already_is_not_denied_again",
            "ip::refused::without_a_token_each_names_the_settings",
        ]),
        fails: By(&[
            "ip::what_vercel_refuses_for_good_fails_and_its_words_go_to_the_requester_alone",
            "ip::vercels_pause_is_kept_before_the_next_try",
            "ip::a_firewall_that_cannot_be_read_is_not_changed",
        ]),
        repeated: By(&[
            "ip::an_answer_that_is_lost_makes_no_second_rule",
            "ip::after_a_crash_between_rule_and_journal_there_is_one_rule",
        ]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "ip unban",
        succeeds: By(&[
            "ip::networks_of_both_families_are_banned_and_lifted",
            "ip::later::a_ban_that_a_person_lifts_is_not_lifted_again",
        ]),
        refused: By(&[
            "ip::refused::rules_of_others_are_left_alone",
            "ip::refused::a_viewer_may_look_and_neither_ban_nor_unban",
            "ip::later::a_rule_that_is_gone_by_then_is_said_to_be_gone",
        ]),
        fails: By(&["ip::a_removal_whose_answer_is_lost_is_looked_up_again"]),
        repeated: By(&["ip::after_a_crash_between_removal_and_journal_the_same_is_told"]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "ip list",
        succeeds: By(&[
            "ip::list::rules_of_ours_and_of_others_are_listed_apart",
            "ip::list::a_project_without_a_firewall_is_not_known_to_deny_nothing",
        ]),
        refused: By(&["ip::refused::without_a_token_each_names_the_settings"]),
        fails: By(&[
            "ip::list::a_firewall_that_cannot_be_read_ends_the_look",
            "ip::list::a_token_that_lacks_a_right_is_named_and_not_shown",
        ]),
        repeated: By(&["ip::list::after_a_crash_the_list_is_read_again"]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
    Evidence {
        operation: "check openai",
        succeeds: By(&[
            "check_openai::each_finding_has_its_own_verdict",
            "check_openai::costs_are_summed_over_every_page_and_only_of_this_month",
            "check_openai::an_empty_account_is_told_apart_from_too_many_calls",
            "check_openai::a_model_that_is_gone_is_found_and_settings_that_are_missing_are_named",
        ]),
        refused: By(&[
            "check_openai::without_a_key_it_names_the_setting",
            "check_openai::a_guest_may_not_check_openai",
        ]),
        fails: By(&[
            "check_openai::what_cannot_be_read_is_not_known_and_never_in_order",
            "check_openai::a_key_that_is_not_accepted_is_named_and_shown_nowhere",
        ]),
        repeated: By(&["check_openai::after_a_crash_between_look_and_journal_it_looks_again"]),
        real: By(&[
            "catalogue::every_operation::on_the_real_shape_each_is_planned_or_says_which_field_is_missing",
        ]),
    },
];
