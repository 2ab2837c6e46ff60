//! Ctrl-C and SIGTERM: the first ends the run in good order, the second at once.

use tokio_util::sync::CancellationToken;

use crate::exit::Exit;

/// Cancels `cancel` on the first signal.
pub(crate) fn watch(cancel: &CancellationToken) {
    let cancel = cancel.clone();
    tokio::spawn(async move {
        interrupted().await;
        cancel.cancel();
        interrupted().await;
        std::process::exit(Exit::Network as i32);
    });
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return or_never(tokio::signal::ctrl_c().await).await;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => or_never(result).await,
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    or_never(tokio::signal::ctrl_c().await).await;
}

/// Where signals cannot be had, the system's own way of ending the program stays.
async fn or_never(result: std::io::Result<()>) {
    if result.is_err() {
        std::future::pending::<()>().await;
    }
}
