//! A user's prefix reaches that user's objects and nobody else's.

use countersign::systems::object_store::{
    KeyRefused, MAX_ID_BYTES, MAX_KEY_BYTES, ObjectKey, PrefixRefused, PrefixTemplate,
};
use proptest::prelude::*;

fn template() -> PrefixTemplate {
    PrefixTemplate::parse("user-{id}/").unwrap()
}

#[test]
fn the_id_is_put_in_its_place() {
    assert_eq!(template().for_user("cm3k").unwrap().as_str(), "user-cm3k/");
    let deep = PrefixTemplate::parse("tenants/a/{id}/audio/").unwrap();
    assert_eq!(deep.for_user("7").unwrap().as_str(), "tenants/a/7/audio/");
}

#[test]
fn a_template_without_exactly_one_id_is_refused() {
    for text in ["", "uploads/", "user-{ID}/", "{id}/{id}/", "user-{}/"] {
        let refused = PrefixTemplate::parse(text).unwrap_err();
        assert_eq!(refused, PrefixRefused::NotOneId(text.to_owned()));
    }
}

#[test]
fn a_template_without_a_slash_after_the_id_is_refused_because_user_1_would_match_user_10() {
    for text in ["user-{id}", "user-{id}-files/", "user-{id}/files", "{id}"] {
        let refused = PrefixTemplate::parse(text).unwrap_err();
        assert_eq!(refused, PrefixRefused::NotDelimited(text.to_owned()));
        assert!(refused.to_string().contains("user-10"), "{refused}");
    }
}

#[test]
fn a_template_with_unusual_characters_is_refused() {
    for text in [
        "/user-{id}/",
        "user*{id}/",
        "user {id}/",
        "{uid}{id}/",
        "user-{id}/\n/",
    ] {
        let refused = PrefixTemplate::parse(text).unwrap_err();
        assert_eq!(refused, PrefixRefused::Characters(text.to_owned()));
    }
}

#[test]
fn an_empty_id_is_refused() {
    assert_eq!(template().for_user(""), Err(PrefixRefused::NoId));
}

#[test]
fn an_id_that_could_reach_other_objects_is_refused() {
    for id in [
        "1/",
        "1/../2",
        "..",
        ".",
        "a..b",
        "1\0",
        "1\n",
        " 1",
        "1 ",
        "*",
        "%2F",
        "a\\b",
        "{id}",
        "ü",
        "a\u{202e}b",
    ] {
        let refused = template().for_user(id).unwrap_err();
        assert_eq!(refused, PrefixRefused::IdCharacters(id.to_owned()));
    }
    assert_eq!(
        template().for_user(&"a".repeat(MAX_ID_BYTES + 1)),
        Err(PrefixRefused::IdTooLong)
    );
}

#[test]
fn a_key_is_never_empty_and_never_longer_than_s3_allows() {
    assert_eq!(ObjectKey::new(""), Err(KeyRefused::Empty));
    assert_eq!(
        ObjectKey::new("a".repeat(MAX_KEY_BYTES + 1)),
        Err(KeyRefused::TooLong)
    );
    assert!(serde_json::from_str::<ObjectKey>("\"\"").is_err());
    let kept: ObjectKey = serde_json::from_str("\"uploads/1.webm\"").unwrap();
    assert_eq!(serde_json::to_string(&kept).unwrap(), "\"uploads/1.webm\"");
}

proptest! {
    #[test]
    fn no_key_of_one_user_lies_under_the_prefix_of_another(
        one in "[a-z0-9._:@-]{1,8}", other in "[a-z0-9._:@-]{1,8}", rest in ".{0,12}",
        before in "[a-z/]{0,3}", after in "(/|/[a-z]{1,3}/)",
    ) {
        prop_assume!(one != other && !before.starts_with('/'));
        let template = PrefixTemplate::parse(&format!("{before}{{id}}{after}")).unwrap();
        if let (Ok(mine), Ok(theirs)) = (template.for_user(&one), template.for_user(&other)) {
            let key = format!("{theirs}{rest}");
            prop_assert!(!key.starts_with(mine.as_str()), "{} lies under {}", key, mine);
        }
    }

    #[test]
    fn whatever_id_is_accepted_the_prefix_holds_it_between_the_template_and_a_slash(id in "\\PC{0,20}") {
        if let Ok(prefix) = template().for_user(&id) {
            prop_assert!(!id.is_empty() && !id.contains('/'));
            prop_assert_eq!(prefix.as_str(), format!("user-{id}/"));
        }
    }
}
