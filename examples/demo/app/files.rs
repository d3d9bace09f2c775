//! The application's files in the bucket.

use countersign_sandbox::{
    data::{self, SampleObject},
    s3::S3Server,
};
use sqlx::PgPool;

use super::people;
use crate::arguments::Shape;

/// Where one person's files lie, in the shape that has such a place.
pub fn prefix(id: &str) -> String {
    format!("user-{id}/")
}

/// Puts the sample files into the bucket; beside a `kept` database those alone whose owners are still there.
pub async fn put(s3: &S3Server, pool: &PgPool, shape: Shape, kept: bool) -> anyhow::Result<()> {
    let objects = match shape {
        Shape::Runbook => data::runbook::objects(),
        Shape::Real => data::real::objects(),
    };
    let ids = people::ids(pool).await?;
    let prefixes: Vec<String> = ids.iter().map(|id| prefix(id)).collect();
    let named = people::named_keys(pool, None).await?;
    for object in objects {
        let owned = prefixes.iter().any(|prefix| object.key.starts_with(prefix));
        if !kept || owned || named.contains(&object.key) {
            put_one(s3, &object)?;
        }
    }
    Ok(())
}

fn put_one(s3: &S3Server, object: &SampleObject) -> anyhow::Result<()> {
    for _ in 0..object.versions {
        let bytes = object.bytes.clone();
        s3.put(data::BUCKET, &object.key, bytes, object.content_type)?;
    }
    if object.delete_marker {
        s3.delete(data::BUCKET, &object.key)?;
    }
    Ok(())
}
