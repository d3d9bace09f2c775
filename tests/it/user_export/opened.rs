//! An archive as whoever downloads it opens it.

use std::io::{Cursor, Read};

use countersign::domain::RequestId;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::support::{World, environment::DOCUMENTS, once::results, story::*};

pub const LINE: &str = "/ops user export maria@example.com asked for a copy by mail";
pub const WITH_FILES: &str =
    "/ops user export maria@example.com with files asked for a copy by mail";

/// An archive that was unpacked.
pub struct Opened {
    pub entries: Vec<(String, Vec<u8>)>,
    pub manifest: Value,
}

impl Opened {
    /// Unpacks an archive, and checks it against its own manifest and list of files.
    pub fn of(bytes: &[u8]) -> Self {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut entries = vec![];
        for index in 0..zip.len() {
            let mut entry = zip.by_index(index).unwrap();
            let name = entry.name().unwrap().into_owned();
            assert!(entry.enclosed_name().is_some(), "{name} leads out");
            let mut bytes = vec![];
            entry.read_to_end(&mut bytes).unwrap();
            entries.push((name, bytes));
        }
        let mut opened = Self {
            entries,
            manifest: Value::Null,
        };
        opened.manifest = serde_json::from_slice(opened.bytes("manifest.json")).unwrap();
        opened.check();
        opened
    }

    fn check(&self) {
        let mut told = vec!["manifest.json".to_owned()];
        let listed = self.manifest["entries"].as_array().unwrap().iter();
        for one in listed.cloned().chain(self.lines("files.jsonl")) {
            let path = one["path"].as_str().or(one["in_archive"].as_str());
            let Some(path) = path else { continue };
            let bytes = self.bytes(path);
            assert_eq!(one["bytes"], bytes.len(), "{path}");
            assert_eq!(one["sha256"], hex::encode(Sha256::digest(bytes)), "{path}");
            told.push(path.to_owned());
        }
        for table in self.manifest["tables"].as_array().unwrap() {
            let rows = self.lines(table["file"].as_str().unwrap());
            assert_eq!(table["rows"], rows.len(), "{table}");
        }
        let mut there: Vec<&String> = self.entries.iter().map(|(path, _)| path).collect();
        there.sort();
        told.sort();
        assert_eq!(there, told.iter().collect::<Vec<_>>());
    }

    pub fn bytes(&self, path: &str) -> &[u8] {
        let entry = self.entries.iter().find(|(name, _)| name == path);
        &entry.unwrap_or_else(|| panic!("no {path}")).1
    }

    /// The values of a file with a line for each; none when there is no such file.
    pub fn lines(&self, path: &str) -> Vec<Value> {
        let entry = self.entries.iter().find(|(name, _)| name == path);
        let text = entry.map_or("", |(_, bytes)| std::str::from_utf8(bytes).unwrap());
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    /// The rows of a table.
    pub fn rows(&self, table: &str) -> Vec<Value> {
        let tables = self.manifest["tables"].as_array().unwrap().iter();
        let file = tables
            .filter(|one| one["table"] == table)
            .find_map(|one| one["file"].as_str());
        file.map(|file| self.lines(file)).unwrap_or_default()
    }

    /// Everything but files, as one text.
    pub fn text(&self) -> String {
        let texts = self
            .entries
            .iter()
            .filter(|(path, _)| !path.starts_with("files/"));
        let texts = texts.map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap());
        texts.collect()
    }
}

impl World {
    /// Somebody approves with a click.
    pub async fn countersign(&self, who: &str, id: RequestId) {
        let delivery = self.click(who, id, "approve").await;
        assert!(delivery.ok(), "{:?}", delivery.error);
    }

    /// Ada exports, Grace approves; gives the request once the link is handed over.
    pub async fn export(&self, line: &str) -> RequestId {
        let id = self.ask(ADA, line).await;
        self.countersign(GRACE, id).await;
        self.until_state(id, "done").await;
        id
    }

    /// The one archive in the bucket, which is the one that the journal names.
    pub async fn archive(&self, id: RequestId) -> Vec<u8> {
        let objects = self.s3.objects(DOCUMENTS);
        assert_eq!(objects.len(), 1, "{objects:?}");
        assert!(self.s3.uploads(DOCUMENTS).is_empty());
        let bytes = self.s3.get(DOCUMENTS, &objects[0].key).unwrap();
        let results = results(self, id).await;
        let (_, result) = results.iter().find(|(step, _)| step == "archive").unwrap();
        assert_eq!(result["archive"], objects[0].key.as_str());
        assert_eq!(result["archive_bytes"], bytes.len());
        assert_eq!(result["sha256"], hex::encode(Sha256::digest(&bytes)));
        bytes.to_vec()
    }

    /// What the archive of a request holds.
    pub async fn opened(&self, id: RequestId) -> Opened {
        Opened::of(&self.archive(id).await)
    }
}

/// The addresses in a message.
pub fn links(text: &str) -> Vec<String> {
    let starts = text.match_indices("http").map(|(at, _)| &text[at..]);
    let links = starts.filter_map(|rest| rest.split(['|', '>', ' ', '"']).next());
    let links = links.filter(|link| link.contains("X-Amz-Signature"));
    links.map(|link| link.replace("&amp;", "&")).collect()
}
