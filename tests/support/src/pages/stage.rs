//! A tenant whose authorization endpoint is a page that a test writes.

use std::sync::{Arc, Mutex, PoisonError};

use latchkey_simulator::{Faults, Generation, MetadataFault, Options, Simulator};
use url::form_urlencoded;

use super::{PageServer, Reply, Visit};

/// What a page is made of: the request of the login window, and where it would have gone.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The request.
    pub visit: &'a Visit,
    /// The tenant's own page for the same request.
    pub onward: String,
}

impl Scene<'_> {
    /// The redirect URI of the request.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        self.visit.parameter("redirect_uri")
    }

    /// The state of the request, encoded.
    #[must_use]
    pub fn state(&self) -> String {
        form_urlencoded::byte_serialize(self.visit.parameter("state").as_bytes()).collect()
    }

    /// An answer to the request that would end it: an error that nobody else makes, at the redirect URI.
    #[must_use]
    pub fn answer(&self, error: &str) -> String {
        format!("{}?error={error}&state={}", self.redirect_uri(), self.state())
    }

    /// A page with a large button in its upper left corner, on which the person goes on to the tenant's own page.
    #[must_use]
    pub fn page(&self, body: &str) -> Reply {
        let onward = self.onward.replace('&', "&amp;");
        Reply::page(&format!(
            "<a id=onward href=\"{onward}\" style=\"position:fixed;left:0;top:0;width:240px;height:120px;z-index:9;\
             background:#cde\">Go on</a>{body}"
        ))
    }
}

/// Where [`Scene::page`] has its button, in the login window.
pub const ONWARD: (u32, u32) = (120, 110);

type Showing = Arc<dyn Fn(&Scene<'_>) -> Reply + Send + Sync>;

/// A tenant whose authorization endpoint shows what a test writes; all else is as it should be.
pub struct Stage {
    /// The tenant.
    pub simulator: Simulator,
    /// Where its authorization endpoint is.
    pub server: PageServer,
    showing: Arc<Mutex<Showing>>,
}

impl Stage {
    /// Starts both. Paths other than `/auth` are answered by `other`.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub async fn start(other: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(Options::default(), other).await
    }

    /// The same with a tenant of one's own.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub async fn with(options: Options, other: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        let simulator = Simulator::start(options).await.expect("a tenant");
        let issuer = simulator.issuer(Generation::V2);
        let showing: Arc<Mutex<Showing>> = Arc::new(Mutex::new(Arc::new(|scene: &Scene<'_>| scene.page(""))));
        let shown = Arc::clone(&showing);
        let server = PageServer::start(move |visit| match visit.path() {
            "/auth" if visit.is_probe() => Reply::page("A page to sign in at"),
            "/auth" => {
                let page = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
                page(&Scene { visit, onward: format!("{issuer}/auth?{}", visit.query()) })
            }
            _ => other(visit),
        });
        let endpoint = MetadataFault::Set("authorization_endpoint".to_owned(), server.at("/auth").into());
        simulator.set_faults(Faults { metadata: Some(endpoint), ..Faults::default() });
        Self { simulator, server, showing }
    }

    /// What the next login windows show first.
    pub fn shows(&self, page: impl Fn(&Scene<'_>) -> Reply + Send + Sync + 'static) {
        *self.showing.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(page);
    }
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Stage").field("server", &self.server).finish_non_exhaustive()
    }
}
