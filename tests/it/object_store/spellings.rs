//! One file has many spellings in the columns of an app, and each is read as what it may mean.

use countersign::systems::object_store::{BucketPlace, NotOurs};

fn place() -> BucketPlace {
    BucketPlace {
        bucket: "app.audio".to_owned(),
        endpoint: "https://store.example:8443".parse().ok(),
    }
}

fn plain(value: &str) -> Vec<String> {
    let readings = place().readings(value).unwrap();
    readings.plain.iter().map(ToString::to_string).collect()
}

/// Every spelling of `user-1/my rec.webm`.
const SPELLINGS: [&str; 25] = [
    "user-1/my rec.webm",
    "user-1/my+rec.webm",
    "user-1%2Fmy%20rec.webm",
    "/user-1/my rec.webm",
    "user-1/my rec.webm ",
    "user-1//my rec.webm",
    "./user-1/./my rec.webm",
    "s3://app.audio/user-1/my rec.webm",
    "s3://app.audio/user-1%2fmy+rec.webm",
    "https://app.audio.s3.eu-central-1.amazonaws.com/user-1%2Fmy+rec.webm",
    "https://app.audio.s3.eu-central-1.amazonaws.com/user-1/my%20rec.webm",
    "https://app.audio.s3.amazonaws.com/user-1%2fmy%20rec.webm?X-Amz-Signature=00&x=/y",
    "https://s3.dualstack.eu-central-1.amazonaws.com/app.audio/user-1/my%2520rec.webm",
    "https://s3.eu-central-1.amazonaws.com/app.audio/user-1%252Fmy%252520rec.webm",
    "https://s3-eu-central-1.amazonaws.com/app.audio/user-1/my+rec.webm#t=10",
    "https://app.audio.s3-accelerate.amazonaws.com//user-1//my%20rec.webm",
    "https://app.audio.s3-fips.us-east-1.amazonaws.com/user-1/./my%20rec.webm",
    "https://app.audio.s3-website.eu-central-1.amazonaws.com/user-1/my%20rec.webm",
    "//app.audio.s3.amazonaws.com/user-1/my%20rec.webm",
    "app.audio.s3.amazonaws.com/user-1/my%20rec.webm",
    "https://store.example:8443/app.audio/user-1/my+rec.webm",
    "https://app.audio.store.example:8443/user-1/my+rec.webm",
    "store.example:8443/app.audio/user-1/my%20rec.webm",
    " https://store.example:8443/app.audio/user-1/my%20rec.webm\n",
    "HTTPS://STORE.example:8443/app.audio/user-1/my rec.webm",
];

#[test]
fn every_spelling_of_a_key_may_mean_it() {
    for value in SPELLINGS {
        let readings = place().readings(value).unwrap();
        let all: Vec<&str> = readings.all().map(|key| key.as_str()).collect();
        assert!(all.contains(&"user-1/my rec.webm"), "{value:?}: {all:?}");
        let meant = place().meant(value, &|key| key == "user-1/my rec.webm");
        assert!(!meant.is_empty(), "{value:?}");
    }
}

#[test]
fn a_plus_in_an_address_is_a_plus_or_a_space_and_in_a_key_a_plus() {
    assert_eq!(
        plain("https://app.audio.s3.eu-central-1.amazonaws.com/a%2Fb+c%2Bd"),
        ["a/b+c+d", "a/b c+d"]
    );
    assert_eq!(plain("https://app.audio.s3.amazonaws.com/a%2Bb"), ["a+b"]);
    assert_eq!(plain("a+b"), ["a+b"]);
    assert_eq!(plain("s3://app.audio/a+b"), ["a+b"]);
    let query = "https://app.audio.s3.amazonaws.com/a?response-content-type=a+b";
    assert_eq!(plain(query), ["a"]);
}

#[test]
fn escapes_of_html_and_both_unicode_forms_may_mean_the_key() {
    for (value, key) in [
        ("https://app.audio.s3.amazonaws.com/a&amp;b", "a&b"),
        (
            "https:&#x2F;&#x2F;cdn.example&#x2F;user-1&#x2F;a",
            "user-1/a",
        ),
        ("user-1/e\u{301}.webm", "user-1/\u{e9}.webm"),
        ("user-1/\u{e9}.webm", "user-1/e\u{301}.webm"),
        (
            "https://app.audio.s3.amazonaws.com/user-1/e%CC%81.webm",
            "user-1/\u{e9}.webm",
        ),
    ] {
        let meant = place().meant(value, &|wanted| wanted == key);
        assert!(!meant.is_empty(), "{value}");
    }
}

#[test]
fn other_ways_to_a_file_count_for_every_part_that_reads_like_it() {
    let goes = |key: &str| key.starts_with("user-1/");
    for value in [
        "https://cdn.example/user-1/a.webm?v=2",
        "https://cdn.example/x/user-1%2Fa.webm",
        "https://cdn.example/play?file=user-1%252Fa.webm&t=1",
        "cdn.example.org/user-1/a.webm",
        "/api/audio?key=user-1%2Fa.webm",
        "api/audio?key=user-1/a.webm",
        "https://app.audio.s3.amazonaws.com/x/../user-1/a.webm",
        "https://app.audio.s3.amazonaws.com/user-1\\a.webm",
        "https://x-1.s3-accesspoint.eu-central-1.amazonaws.com/user-1/a.webm",
    ] {
        assert!(!place().meant(value, &goes).is_empty(), "{value}");
    }
}

#[test]
fn what_is_clearly_another_file_is_not_meant() {
    let goes = |key: &str| key.starts_with("user-1/");
    for value in [
        "user-10/a.webm",
        "user-2/user-1/a.webm",
        "backup/user-1/a.webm",
        "v1.2/user-1/a.webm",
        "s3://other/user-1/a.webm",
        "https://other.s3.amazonaws.com/user-1/a.webm",
        "https://app.audio.s3.amazonaws.com/user-10/a+b.webm",
        "https://app.audio.s3.amazonaws.com/x%2Fuser-1%2Fa.webm",
        "https://store.example:8443/other/user-1/a.webm",
        "",
        "/",
    ] {
        let meant = place().meant(value, &goes);
        assert!(meant.is_empty(), "{value:?}: {meant:?}");
    }
}

#[test]
fn a_persons_own_address_never_leads_upwards() {
    for value in [
        "https://app.audio.s3.amazonaws.com/uploads/../user-2/a.webm",
        "uploads/../user-2/a.webm",
    ] {
        let readings = place().readings(value).unwrap();
        assert!(
            readings.all().all(|key| key.as_str() != "user-2/a.webm"),
            "{value}"
        );
    }
}

#[test]
fn an_address_at_another_host_or_bucket_has_no_reading() {
    assert_eq!(
        place().readings("https://cdn.example/user-1/a+b.webm"),
        Err(NotOurs::OtherHost("cdn.example".to_owned()))
    );
    assert_eq!(
        place().readings("s3://other/user-1/a+b.webm"),
        Err(NotOurs::OtherBucket("other".to_owned()))
    );
}
