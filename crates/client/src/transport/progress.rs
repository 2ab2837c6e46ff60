//! Tells whether a request is still connecting or may have been sent, which decides whether a failure
//! leaves the outcome unknown.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::watch;
use tower_layer::Layer;
use tower_service::Service;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not yet given to a connection; where one lies ready, it goes out in this phase.
    Starting,
    Connecting,
    Connected,
}

tokio::task_local! {
    static CURRENT: watch::Sender<Phase>;
}

/// How far one request got.
#[derive(Debug)]
pub(super) struct Progress(watch::Sender<Phase>);

impl Default for Progress {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Starting))
    }
}

impl Progress {
    /// Runs `sending` so that connections opened for it are noticed here.
    pub(super) fn watch<F: Future>(&self, sending: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self.0.clone(), sending)
    }

    pub(super) fn changes(&self) -> watch::Receiver<Phase> {
        self.0.subscribe()
    }

    pub(super) fn connecting(&self) -> bool {
        *self.0.borrow() == Phase::Connecting
    }

    /// False only where it is certain that no byte of the request left.
    pub(super) fn may_have_been_sent(&self) -> bool {
        !self.connecting()
    }
}

/// Layer around the connector that reports to the [`Progress`] of the request which is connecting.
#[derive(Debug, Clone, Copy)]
pub(super) struct WatchConnections;

impl<S> Layer<S> for WatchConnections {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Watched(inner)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, destination: R) -> Self::Future {
        // A connection that is opened in the background, outside of any request, has none.
        let current = CURRENT.try_with(Clone::clone).ok();
        if let Some(current) = &current {
            current.send_replace(Phase::Connecting);
        }
        let connecting = self.0.call(destination);
        Box::pin(async move {
            let result = connecting.await;
            if let (Some(current), Ok(_)) = (current, &result) {
                current.send_replace(Phase::Connected);
            }
            result
        })
    }
}
