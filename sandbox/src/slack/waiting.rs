//! Waiting for something to be so: woken by every change, with a generous deadline in real time.

use anyhow::bail;
use tokio::time::{Instant, timeout_at};

use super::{core::Shared, world::World};

/// Waits until `check` finds what it looks for. The error shows what there was instead.
pub(super) async fn wait_until<T>(
    shared: &Shared,
    what: &str,
    mut check: impl FnMut(&World) -> Option<T>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + shared.settings.wait_limit;
    let mut version = shared.version();
    loop {
        version.mark_unchanged();
        if let Some(found) = shared.read(|core| check(&core.world)) {
            return Ok(found);
        }
        if timeout_at(deadline, version.changed()).await.is_err() {
            bail!(
                "waited in vain for: {what}\nwhat there was:\n{}",
                shared.read(|core| core.world.to_string())
            );
        }
    }
}
