//! A person with a browser, as far as the pages of a tenant, of a peer and of our listener need one.

#![allow(clippy::unwrap_used)] // a page that is not understood is a failed test

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use url::Url;
use url::form_urlencoded::Serializer;

/// An answer as it came.
pub struct Answer {
    /// Status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

impl Answer {
    /// A header, by its name in small letters.
    #[must_use]
    pub fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

/// One request of a browser.
///
/// # Panics
///
/// When nobody answers.
#[must_use]
pub fn visit(
    authority: &str,
    host: &str,
    method: &str,
    target: &str,
    cookie: Option<&str>,
    form: Option<&str>,
) -> Answer {
    send(authority, host, method, target, cookie, form).unwrap()
}

/// The same where nobody may answer, or not to the end.
#[must_use]
pub fn try_visit(authority: &str, method: &str, target: &str, form: Option<&str>) -> Option<Answer> {
    send(authority, authority, method, target, None, form)
}

fn send(
    authority: &str,
    host: &str,
    method: &str,
    target: &str,
    cookie: Option<&str>,
    form: Option<&str>,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(authority).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    if let Some(cookie) = cookie {
        request.push_str(&format!("Cookie: {cookie}\r\n"));
    }
    if let Some(form) = form {
        let length = form.len();
        request.push_str(&format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
        ));
    }
    request.push_str("\r\n");
    request.push_str(form.unwrap_or_default());
    // Whoever refuses a body answers before all of it is sent.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Answer { status, headers, body: body.to_owned() })
}

/// Who keeps one browser session.
#[derive(Default)]
pub struct Person {
    cookies: Vec<(String, String)>,
    /// The last answer that was brought to a redirect URI, encoded.
    pub delivered: String,
}

impl Person {
    /// Opens the address at a peer, whose pages of development take any password, and agrees to what it asks.
    ///
    /// # Panics
    ///
    /// When a page is not understood.
    pub fn sign_in_at_peer(&mut self, address: &Url, subject: &str) -> String {
        let mut page = self.go(address.clone());
        for _ in 0..4 {
            if page.contains("name=\"login\"") {
                page = self.enter(&page, address, &[("login", subject), ("password", "any")]);
            } else if page.contains("value=\"consent\"") || page.contains("value=\"interaction\"") {
                page = self.enter(&page, address, &[]);
            }
        }
        page
    }

    /// Opens the address, signs in where a page asks, and follows to the end. Returns the last page.
    ///
    /// # Panics
    ///
    /// When a page is not understood.
    pub fn sign_in(&mut self, address: &Url, username: &str, password: &str) -> String {
        let page = self.go(address.clone());
        if !page.contains("name=\"password\"") {
            return page;
        }
        self.enter(&page, address, &[("username", username), ("password", password)])
    }

    /// Fills in the form of a page and submits it.
    ///
    /// # Panics
    ///
    /// When the page has no form.
    pub fn enter(&mut self, page: &str, address: &Url, fields: &[(&str, &str)]) -> String {
        let mut form = hidden(page);
        form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(address.join(&action(page)).unwrap(), &form)
    }

    fn post(&mut self, url: Url, form: &[(String, String)]) -> String {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        self.request(url, "POST", Some(&body))
    }

    fn go(&mut self, url: Url) -> String {
        self.request(url, "GET", None)
    }

    fn remember(&mut self, answer: &Answer) {
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else { continue };
            self.cookies.retain(|(known, _)| known != name);
            // An empty value takes a cookie back.
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn request(&mut self, mut url: Url, method: &str, form: Option<&str>) -> String {
        let fragment = url.fragment().map(str::to_owned);
        url.set_fragment(None);
        let target = &url[url::Position::BeforePath..];
        let authority = url.authority();
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = Some(cookies.join("; ")).filter(|cookies| !cookies.is_empty());
        let answer = visit(authority, authority, method, target, cookies.as_deref(), form);
        self.remember(&answer);
        if let Some(location) = answer.header("location") {
            self.delivered = location.split_once(['?', '#']).map_or("", |(_, added)| added).to_owned();
            let to = url.join(location).unwrap();
            return self.go(to);
        }
        let page = answer.body;
        if page.contains("name=\"fragment\"") {
            // What the script of the page does.
            let form = [("fragment".to_owned(), fragment.unwrap_or_default())];
            let to = url.join(&action(&page)).unwrap();
            return self.post(to, &form);
        }
        if page.contains("document.forms[0].submit()") {
            // The tenant's page that posts the answer on.
            let form = hidden(&page);
            let to = url.join(&action(&page)).unwrap();
            return self.post(to, &form);
        }
        page
    }
}

/// Where the form of a page goes, as it stands there.
///
/// # Panics
///
/// When the page has no form.
#[must_use]
pub fn action(page: &str) -> String {
    unescaped(between(page, "action=\"").next().unwrap())
}

/// The hidden fields of a page's form.
///
/// # Panics
///
/// When one has no value.
#[must_use]
pub fn hidden(page: &str) -> Vec<(String, String)> {
    between(page, "<input type=\"hidden\" name=\"")
        .map(|name| {
            let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            (unescaped(name), unescaped(rest.split('"').next().unwrap()))
        })
        .collect()
}

fn between<'a>(page: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    page.split(before).skip(1).map(|rest| rest.split('"').next().unwrap())
}

fn unescaped(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#10;", "\n"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
