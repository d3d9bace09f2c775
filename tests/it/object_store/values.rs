//! What a column holds is read as a key of our bucket, or said not to be one.

use countersign::systems::object_store::{BucketPlace, KeyRefused, NotOurs};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

fn aws() -> BucketPlace {
    BucketPlace {
        bucket: "ielts.audio".to_owned(),
        endpoint: None,
    }
}

fn own_store() -> BucketPlace {
    BucketPlace {
        endpoint: "http://127.0.0.1:9000/s3/".parse().ok(),
        ..aws()
    }
}

fn key(place: &BucketPlace, value: &str) -> String {
    place.key_of_value(value).unwrap().as_str().to_owned()
}

const KEY: &str = "uploads/1731000000000-recording.webm";

#[test]
fn a_plain_key_is_taken_literally() {
    assert_eq!(key(&aws(), KEY), KEY);
    for odd in ["a b+c", "100%.mp3", "a%20b", "x?y#z", "../x", "user:1/a"] {
        assert_eq!(key(&aws(), odd), odd);
    }
}

#[test]
fn every_form_of_an_aws_address_names_the_key() {
    for host in [
        "ielts.audio.s3.amazonaws.com",
        "ielts.audio.s3.eu-central-1.amazonaws.com",
        "ielts.audio.s3-us-west-2.amazonaws.com",
        "ielts.audio.s3.dualstack.us-east-1.amazonaws.com",
        "ielts.audio.s3-accelerate.amazonaws.com",
        "IELTS.audio.S3.eu-central-1.amazonaws.com",
        "s3.amazonaws.com/ielts.audio",
        "s3.eu-central-1.amazonaws.com/ielts.audio",
        "s3-us-west-2.amazonaws.com/ielts.audio",
    ] {
        assert_eq!(key(&aws(), &format!("https://{host}/{KEY}")), KEY, "{host}");
        assert_eq!(
            key(&own_store(), &format!("https://{host}/{KEY}")),
            KEY,
            "{host}"
        );
    }
}

#[test]
fn an_s3_address_names_the_key_literally() {
    assert_eq!(
        key(&aws(), "s3://ielts.audio/uploads/a%20b?c"),
        "uploads/a%20b?c"
    );
}

#[test]
fn an_address_at_the_configured_endpoint_names_the_key() {
    let by_path = format!("http://127.0.0.1:9000/s3/ielts.audio/{KEY}");
    assert_eq!(key(&own_store(), &by_path), KEY);
    let named = BucketPlace {
        endpoint: "https://minio.example".parse().ok(),
        ..aws()
    };
    assert_eq!(
        key(
            &named,
            &format!("https://minio.example:443/ielts.audio/{KEY}")
        ),
        KEY
    );
    assert_eq!(
        key(&named, &format!("https://ielts.audio.minio.example/{KEY}")),
        KEY
    );
}

#[test]
fn the_query_is_dropped_and_the_path_is_decoded_once() {
    let signed = "https://ielts.audio.s3.eu-central-1.amazonaws.com/uploads/a%20b%2Bc%2520?X-Amz-Signature=00&x=/y";
    assert_eq!(key(&aws(), signed), "uploads/a b+c%20");
    let plus = "https://ielts.audio.s3.amazonaws.com/a+b";
    assert_eq!(key(&aws(), plus), "a+b", "a plus is a plus in a path");
}

#[test]
fn an_address_of_another_bucket_is_not_ours() {
    for (value, bucket) in [
        (
            "https://other.s3.eu-central-1.amazonaws.com/uploads/1",
            "other",
        ),
        (
            "https://x.ielts.audio.s3.eu-central-1.amazonaws.com/uploads/1",
            "x.ielts.audio",
        ),
        ("https://audio.s3.amazonaws.com/uploads/1", "audio"),
        (
            "https://s3.eu-central-1.amazonaws.com/other/ielts.audio/1",
            "other",
        ),
        ("s3://ielts.audio2/uploads/1", "ielts.audio2"),
        ("s3://IELTS.AUDIO/uploads/1", "IELTS.AUDIO"),
    ] {
        assert_eq!(
            aws().key_of_value(value),
            Err(NotOurs::OtherBucket(bucket.to_owned())),
            "{value}"
        );
    }
}

#[test]
fn an_address_at_another_host_is_not_ours() {
    for value in [
        "https://cdn.example/uploads/1",
        "https://ielts.audio.s3.eu-central-1.amazonaws.com.evil.example/uploads/1",
        "https://ielts.audio.s3.eu-central-1.amazonaws.com:8443/uploads/1",
        "https://ielts.audio.sqs.eu-central-1.amazonaws.com/uploads/1",
        "https://ielts.audio/uploads/1",
        "http://127.0.0.1:9001/s3/ielts.audio/uploads/1",
        "http://127.0.0.1:9000/other/ielts.audio/uploads/1",
    ] {
        let answer = own_store().key_of_value(value);
        assert!(
            matches!(answer, Err(NotOurs::OtherHost(_))),
            "{value}: {answer:?}"
        );
        let says = answer.unwrap_err().to_string();
        assert!(!says.contains("uploads"), "the path is told: {says}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_not_guessed() {
    for value in [
        "/api/audio?key=uploads%2F1.webm",
        "//ielts.audio.s3.amazonaws.com/uploads/1",
        "ielts.audio.s3.eu-central-1.amazonaws.com/uploads/1",
        "data:audio/webm;base64,AAAA",
        "ftp://ielts.audio/uploads/1",
        "https://user:pw@ielts.audio.s3.amazonaws.com/uploads/1",
        "https://ielts.audio.s3.amazonaws.com/uploads/../secret",
        "https://ielts.audio.s3.amazonaws.com/uploads/%2e%2e/secret",
        "https://ielts.audio.s3.amazonaws.com/100%.mp3",
        "https://ielts.audio.s3.amazonaws.com/%ff",
        "https://ielts.audio.s3.amazonaws.com/a#b",
        "https://ielts.audio.s3.amazonaws.com/a\\b",
        " uploads/1",
        "uploads/1\n",
    ] {
        let answer = aws().key_of_value(value);
        assert!(
            matches!(answer, Err(NotOurs::Unclear(_))),
            "{value}: {answer:?}"
        );
    }
}

#[test]
fn an_address_of_the_whole_bucket_names_no_key() {
    for value in [
        "",
        "s3://ielts.audio",
        "s3://ielts.audio/",
        "https://ielts.audio.s3.amazonaws.com",
        "https://ielts.audio.s3.amazonaws.com/?list-type=2",
        "https://s3.amazonaws.com/ielts.audio/",
    ] {
        assert_eq!(
            aws().key_of_value(value),
            Err(NotOurs::NoKey(KeyRefused::Empty)),
            "{value}"
        );
    }
}

proptest! {
    #[test]
    fn a_key_survives_every_address_it_is_written_into(key in "[^/\\p{C}]{1,20}(/[^/\\p{C}]{1,20}){0,2}") {
        prop_assume!(!key.split('/').any(|part| part == "." || part == ".."));
        let encoded = utf8_percent_encode(&key, NON_ALPHANUMERIC);
        for address in [
            format!("https://ielts.audio.s3.eu-central-1.amazonaws.com/{encoded}"),
            format!("https://s3.amazonaws.com/ielts.audio/{encoded}?versionId=1"),
            format!("http://127.0.0.1:9000/s3/ielts.audio/{encoded}"),
        ] {
            let read = own_store().key_of_value(&address).unwrap();
            prop_assert_eq!(read.as_str(), key.as_str());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic_or_give_an_empty_key(value in "(https://|s3://|http://)?(ielts\\.audio)?(\\.s3\\.)?\\PC{0,40}") {
        if let Ok(key) = own_store().key_of_value(&value) {
            prop_assert!(!key.as_str().is_empty());
        }
    }
}
