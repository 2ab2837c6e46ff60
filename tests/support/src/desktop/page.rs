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

    /// Clicks on the element with this `data-testid`; a tab is selected when this returns.
    pub async fn click(&self, test_id: &str) {
        if !test_id.starts_with("tab-") {
            return self.click_on(&hook(test_id)).await;
        }
        // A count that comes between finding and clicking moves the tabs, and the click lands on the next one.
        let selected = format!("{}[aria-selected=true]", hook(test_id));
        self.until(&format!("`{test_id}` is selected"), async || {
            self.click_on(&hook(test_id)).await;
            self.is_there(&selected).await.then_some(())
        })
        .await;
    }

    /// Clicks on an element.
    pub async fn click_on(&self, css: &str) {
        self.click_by(By::Css(css), css).await;
    }

    /// Clicks on the button, tab or link with this name.
    pub async fn press(&self, name: &str) {
        let path = format!(
            "//button[@aria-label='{name}' or (not(@aria-label) and normalize-space(.)='{name}')] \
             | //*[@role='tab' and normalize-space(.)='{name}']"
        );
        self.click_by(By::XPath(path.as_str()), name).await;
    }

    /// Clicks on the first element that shows a text.
    pub async fn click_on_text(&self, css: &str, text: &str) {
        let path = format!("//{css}[contains(normalize-space(.), '{text}')]");
        self.click_by(By::XPath(path.as_str()), text).await;
    }

    async fn click_by(&self, by: By, name: &str) {
        let started = std::time::Instant::now();
        loop {
            // The page may put another element in its place between finding and clicking.
            let clicked = async {
                let element = self.driver().find(by.clone()).await?;
                element.scroll_into_view().await?;
                element.click().await
            };
            match clicked.await {
                Ok(()) => return,
                Err(error) if started.elapsed() > super::LIMIT => {
                    panic!("`{name}` cannot be clicked: {error}")
                }
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        }
    }

    /// Replaces what a field holds, key by key.
    pub async fn fill(&self, test_id: &str, text: &str) {
        self.click(test_id).await;
        let field = self.hook(test_id).await;
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

    /// Keys for whatever has the focus, one after the other.
    pub async fn keys(&self, keys: impl Into<thirtyfour::TypingData>) {
        self.driver().action_chain().send_keys(keys).perform().await.expect("the window takes keys");
    }

    /// A key while Control is held.
    pub async fn control(&self, key: char) {
        let chain = self.driver().action_chain();
        let chain = chain.key_down(Key::Control).key_down(key).key_up(key).key_up(Key::Control);
        chain.perform().await.expect("the window takes keys");
    }

    /// Goes on with the Tab key until the element with this `data-testid` has the focus.
    pub async fn tab_to(&self, test_id: &str) {
        for _ in 0..60 {
            if self.focused().await == test_id {
                return;
            }
            self.keys(Key::Tab.value().to_string()).await;
        }
        panic!("the Tab key does not lead to {test_id}");
    }

    /// The `data-testid` of what has the focus.
    pub async fn focused(&self) -> String {
        let focused = self.script("return document.activeElement?.dataset.testid ?? '';", Vec::new()).await;
        focused.as_str().unwrap_or_default().to_owned()
    }

    /// The text of an element as it is on the screen, once it is there.
    pub async fn text(&self, css: &str) -> String {
        self.see(css).await;
        self.text_now(css).await
    }

    // WebDriver's own text leaves out headings that cut their text short.
    async fn text_now(&self, css: &str) -> String {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText).join('\\n');";
        self.script(script, vec![json!(css)]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an element shows a text.
    pub async fn reads(&self, css: &str, text: &str) {
        let mut last = String::new();
        let started = std::time::Instant::now();
        while started.elapsed() < super::LIMIT {
            last = self.text_now(css).await;
            if last.contains(text) {
                return;
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
