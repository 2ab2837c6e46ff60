//! What a user does with the page and sees on it.
#![allow(clippy::expect_used)] // whoever drives a window wants to hear at once what is missing

use serde_json::{Value, json};
use thirtyfour::{By, Key, WebElement};

use super::Desktop;

/// The element with this `data-testid`.
#[must_use]
pub fn hook(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}

impl Desktop {
    /// The element, once it is on the screen.
    pub async fn see(&self, css: &str) -> WebElement {
        self.until(&format!("`{css}` is on the screen"), async || {
            // WebKit's own notion of "displayed" is wrong about headings that cut their text short.
            let script = "return [...document.querySelectorAll(arguments[0])].find((one) => one.checkVisibility() \
                          && one.getClientRects().length > 0) ?? null;";
            self.driver().execute(script, vec![json!(css)]).await.ok()?.element().ok()
        })
        .await
    }

    /// The element with this `data-testid`, once it is on the screen.
    pub async fn hook(&self, test_id: &str) -> WebElement {
        self.see(&hook(test_id)).await
    }

    /// Clicks on the element with this `data-testid`.
    pub async fn click(&self, test_id: &str) {
        self.click_on(&hook(test_id)).await;
    }

    /// Clicks on an element.
    pub async fn click_on(&self, css: &str) {
        // The page may put another element in its place between finding and clicking.
        self.until(&format!("`{css}` can be clicked"), async || {
            let element = self.driver().find(By::Css(css)).await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Clicks on the button, tab or link with this name.
    pub async fn press(&self, name: &str) {
        let path = format!(
            "//button[@aria-label='{name}' or (not(@aria-label) and normalize-space(.)='{name}')] \
             | //*[@role='tab' and normalize-space(.)='{name}']"
        );
        self.until(&format!("the button `{name}` can be clicked"), async || {
            self.driver().find(By::XPath(path.as_str())).await.ok()?.click().await.ok()
        })
        .await;
    }

    /// Replaces what a field holds, key by key.
    pub async fn fill(&self, test_id: &str, text: &str) {
        let field = self.hook(test_id).await;
        field.click().await.expect("the field takes the focus");
        field.send_keys(Key::Control + "a").await.expect("the field takes keys");
        let keys = if text.is_empty() { Key::Backspace.value().to_string() } else { text.to_owned() };
        field.send_keys(keys).await.expect("the field takes keys");
        let now = self.value(test_id).await;
        assert_eq!(now, text, "what {test_id} holds after typing");
    }

    /// What a field holds.
    pub async fn value(&self, test_id: &str) -> String {
        self.hook(test_id).await.prop("value").await.expect("a field").unwrap_or_default()
    }

    /// Keys for whatever has the focus.
    pub async fn keys(&self, keys: impl Into<thirtyfour::TypingData>) {
        let focused = self.driver().active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("it takes keys");
    }

    /// The text of an element as it is on the screen.
    pub async fn text(&self, css: &str) -> String {
        self.see(css).await.text().await.unwrap_or_default()
    }

    /// Waits until an element shows a text.
    pub async fn reads(&self, css: &str, text: &str) {
        let mut last = String::new();
        let started = std::time::Instant::now();
        while started.elapsed() < super::LIMIT {
            if let Ok(element) = self.driver().find(By::Css(css)).await {
                last = element.text().await.unwrap_or_default();
                if last.contains(text) {
                    return;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("`{css}` does not read `{text}`, but:\n{last}");
    }

    /// Waits until an element is not there any more.
    pub async fn gone(&self, css: &str) {
        self.until(&format!("`{css}` is gone"), async || (!self.is_there(css).await).then_some(())).await;
    }

    /// Whether an element is there, now.
    pub async fn is_there(&self, css: &str) -> bool {
        self.driver().find(By::Css(css)).await.is_ok()
    }

    /// Runs a script in the page: the body of a function.
    pub async fn script(&self, body: &str, arguments: Vec<Value>) -> Value {
        match self.driver().execute(body, arguments).await {
            Ok(answer) => answer.json().clone(),
            Err(error) => panic!("the script failed: {error}\n{body}"),
        }
    }

    /// Runs a script in the page: the body of an asynchronous function.
    ///
    /// # Errors
    ///
    /// What the function was rejected with.
    pub async fn script_later(&self, body: &str, arguments: Vec<Value>) -> Result<Value, Value> {
        let wrapped = format!(
            "const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);\
             (async function () {{ {body} }})(...given).then(\
                (value) => done({{value: value === undefined ? null : value}}),\
                (error) => done({{error: error instanceof Error ? error.message : error}}));"
        );
        let answer = match self.driver().execute_async(wrapped, arguments).await {
            Ok(answer) => answer.json().clone(),
            Err(error) => panic!("the script failed: {error}\n{body}"),
        };
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["value"].clone()),
        }
    }

    /// Calls a command from the page, past the interface.
    ///
    /// # Errors
    ///
    /// What the command was rejected with.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        self.script_later(
            "return await window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]);",
            vec![json!(command), arguments],
        )
        .await
    }

    /// All text of the page, whether it is on the screen or for screen readers alone.
    pub async fn page_text(&self) -> String {
        let text = self.script("return document.body.textContent;", Vec::new()).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What the clipboard holds, as pasting it into a field of the page shows it.
    pub async fn clipboard(&self) -> String {
        self.script(
            "const area = document.createElement('textarea'); area.id = 'paste-here'; \
             area.style.cssText = 'position:fixed;top:0;left:0;z-index:999'; document.body.append(area); area.focus();",
            Vec::new(),
        )
        .await;
        let area = self.see("#paste-here").await;
        area.send_keys(Key::Control + "v").await.expect("the field takes keys");
        let text = self
            .until("something was pasted", async || {
                area.prop("value").await.ok()?.filter(|text| !text.is_empty())
            })
            .await;
        self.script("document.getElementById('paste-here').remove();", Vec::new()).await;
        text
    }
}

/// What tests of several screens do.
impl Desktop {
    /// Signs in as a person of the demo tenant, whose connection is on the screen, and waits for the result.
    pub async fn sign_in(&self, username: &str) {
        self.click(&format!("demo-user-{username}")).await;
        self.click("si-submit").await;
        self.see(&format!("section[aria-label=Result] {}", hook("verdict"))).await;
    }

    /// The id of a saved connection.
    pub async fn connection(&self, name: &str) -> String {
        let state = self.invoke("app_state", json!({})).await.expect("the state");
        state["connections"]
            .as_array()
            .and_then(|all| all.iter().find(|one| one["name"] == name))
            .and_then(|one| one["id"].as_str())
            .unwrap_or_else(|| panic!("no connection is called {name}"))
            .to_owned()
    }
}
