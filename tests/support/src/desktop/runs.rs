//! Sign-ins at the provider's own page, begun in the window and judged by its report.
#![allow(clippy::expect_used)] // whoever drives a window wants to hear at once what is missing

use serde_json::{Value, json};

use super::{Desktop, hook};

/// A redirect URI that is nobody's: the name does not resolve.
pub const NOWHERE: &str = "https://payroll.acme.example/callback";

/// What is asked of the Browser form.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Where the answer goes.
    pub redirect_uri: String,
    /// `code`, `id_token` or `id_token token`.
    pub response_type: &'static str,
    /// `query`, `fragment` or `form_post`; empty for the default.
    pub response_mode: &'static str,
    /// `login` or `none`; empty for none given.
    pub prompt: &'static str,
    /// Separated by spaces.
    pub scopes: &'static str,
    /// Whether the browser session is kept.
    pub keep_session: bool,
    /// Whether the address is shown first.
    pub show_first: bool,
}

impl Asked {
    /// A code at a redirect URI that is nobody's.
    #[must_use]
    pub fn code() -> Self {
        Self {
            redirect_uri: NOWHERE.to_owned(),
            response_type: "code",
            response_mode: "",
            prompt: "",
            scopes: "openid profile",
            keep_session: false,
            show_first: false,
        }
    }

    /// The same with another response type and mode.
    #[must_use]
    pub fn response(self, response_type: &'static str, response_mode: &'static str) -> Self {
        Self { response_type, response_mode, ..self }
    }

    /// The same with a prompt.
    #[must_use]
    pub fn prompt(self, prompt: &'static str) -> Self {
        Self { prompt, ..self }
    }

    /// The same in the browser session that is kept.
    #[must_use]
    pub fn keeping(self) -> Self {
        Self { keep_session: true, ..self }
    }

    /// The same at another redirect URI.
    #[must_use]
    pub fn at(self, redirect_uri: &str) -> Self {
        Self { redirect_uri: redirect_uri.to_owned(), ..self }
    }
}

impl Desktop {
    /// Begins a sign-in through the form of the connection that is on the screen.
    pub async fn ask(&self, asked: &Asked) {
        self.script("delete window.ended;", Vec::new()).await;
        if !self.is_there(&hook("bw-submit")).await {
            self.click("tab-signin").await;
            self.click("way-browser").await;
            self.hook("bw-submit").await;
        }
        if self.value("bw-redirect-uri").await != asked.redirect_uri {
            self.fill("bw-redirect-uri", &asked.redirect_uri).await;
        }
        self.choose("bw-response-type", asked.response_type).await;
        self.choose("bw-response-mode", asked.response_mode).await;
        self.choose("bw-prompt", asked.prompt).await;
        self.tick("bw-keep-session", asked.keep_session).await;
        self.tick("bw-show-first", asked.show_first).await;
        self.click("bw-submit").await;
    }

    /// Waits for the result of what the form began, on the screen and in its report.
    pub async fn concluded(&self, connection: &str) -> Value {
        self.hook("verdict").await;
        self.login_window_is_closed().await;
        self.invoke("report", json!({"connection": connection})).await.expect("a report")
    }

    /// Chooses from a list.
    pub async fn choose(&self, test_id: &str, value: &str) {
        if self.value(test_id).await != value {
            // WebDriver finds the options of a list on the screen only while it is open.
            let choose = "const list = document.querySelector(arguments[0]); list.value = arguments[1]; \
                          list.dispatchEvent(new Event('change', {bubbles: true}));";
            self.script(choose, vec![json!(hook(test_id)), json!(value)]).await;
            assert_eq!(self.value(test_id).await, value, "what is chosen at {test_id}");
        }
    }

    async fn tick(&self, test_id: &str, wanted: bool) {
        let ticked = format!("{}:checked", hook(test_id));
        if self.is_there(&ticked).await != wanted {
            self.click(test_id).await;
            self.until("the box is ticked, or not", async || {
                (self.is_there(&ticked).await == wanted).then_some(())
            })
            .await;
        }
    }

    /// Begins a sign-in past the form.
    pub async fn begin(&self, connection: &str, asked: &Asked) {
        let given = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        let scopes: Vec<&str> = asked.scopes.split(' ').collect();
        let request = json!({
            "run": "run", "connection": connection, "redirect_uri": asked.redirect_uri,
            "response_type": asked.response_type, "response_mode": given(asked.response_mode),
            "scopes": scopes, "prompt": given(asked.prompt), "login_hint": null, "acr_values": [],
            "max_age": null, "resources": [], "ui_locales": [], "extra": [], "client_secret": null,
            "keep": "session_only", "browser": "login_window", "keep_browser_session": asked.keep_session,
            "show_first": asked.show_first,
        });
        let begin = "window.told = []; window.ended = null; \
            const id = __TAURI_INTERNALS__.transformCallback(({message}) => { if (message) window.told.push(message); }); \
            __TAURI_INTERNALS__.invoke('sign_in_browser', {request: arguments[0], progress: '__CHANNEL__:' + id}) \
                .then((report) => window.ended = report, (error) => window.ended = {failed: error});";
        self.script(begin, vec![request]).await;
    }

    /// What was told of the run under way, in order.
    pub async fn told(&self) -> Vec<Value> {
        self.script("return window.told;", Vec::new()).await.as_array().cloned().unwrap_or_default()
    }

    /// Waits until something like this was told.
    pub async fn is_told(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.until(what, async || self.told().await.into_iter().find(&is)).await
    }

    /// Whether the run has ended.
    pub async fn has_ended(&self) -> bool {
        let ended = "return 'ended' in window ? window.ended !== null : document.querySelector(arguments[0]) !== null;";
        self.script(ended, vec![json!(hook("verdict"))]).await == json!(true)
    }

    /// The report of the run, once it has ended and its window is closed.
    pub async fn ended(&self) -> Value {
        let report = self
            .until("the run ends", async || {
                Some(self.script("return window.ended;", Vec::new()).await).filter(|ended| !ended.is_null())
            })
            .await;
        self.login_window_is_closed().await;
        assert!(report.get("failed").is_none(), "{report:#}");
        report
    }

    /// Tells the run under way something: `browser_open`, `browser_take`, `browser_front` or `cancel`.
    pub async fn tell(&self, command: &str) {
        self.invoke(command, json!({"run": "run"})).await.expect("the command");
    }
}

/// The status of a check in a report.
#[must_use]
pub fn status<'a>(report: &'a Value, check: &str) -> &'a str {
    let findings = report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    findings
        .iter()
        .find(|finding| finding["check"] == check)
        .and_then(|finding| finding["status"].as_str())
        .unwrap_or("not made")
}

/// Asserts that a person is signed in and that no check failed.
///
/// # Panics
///
/// When that is not so.
pub fn assert_signed_in(report: &Value, what: &str) {
    assert_eq!(report["outcome"], "signed_in", "{what}: {:#} {:#}", report["error"], report["findings"]);
    let findings = report["findings"].as_array().expect("findings");
    let failed: Vec<_> = findings.iter().filter(|finding| finding["status"] == "failed").collect();
    assert!(failed.is_empty(), "{what}: {failed:#?}");
}

/// Asserts how a run ended, and that it was explained with a remedy.
///
/// # Panics
///
/// When that is not so.
pub fn assert_explained(report: &Value, outcome: &str, kind: &str, explanation: &str) {
    let error = &report["error"];
    assert_eq!((&report["outcome"], &error["kind"]), (&json!(outcome), &json!(kind)), "{error:#}");
    let said = error["explanation"].as_str().unwrap_or_default();
    assert!(said.contains(explanation), "`{explanation}` is not in `{said}`");
    assert!(!error["remedy"].as_str().unwrap_or_default().is_empty(), "{error:#}");
}
