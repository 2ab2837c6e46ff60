//! A browser without scripts: it follows nothing by itself, fills in forms, and keeps cookies if told to.

use latchkey_simulator::{Client, ClientRole, Generation, UserRole};
use url::Url;

use crate::common::{Got, World, got};

pub(crate) const CALLBACK: &str = "https://payroll.acme.example/callback";
pub(crate) const RE_AUTH: &str = "onelogin:nist:level:1:re-auth";

pub(crate) type Fields = Vec<(String, String)>;

/// A request that is complete, for the documents' client: fields to add to or take from.
pub(crate) fn request(client: &Client, response_type: &str) -> Fields {
    fields(&[
        ("client_id", &client.client_id),
        ("redirect_uri", CALLBACK),
        ("response_type", response_type),
        ("scope", "openid profile"),
        ("state", "a state & more"),
        ("nonce", "n-0S6_WzA2Mj"),
    ])
}

pub(crate) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn with(mut fields: Fields, name: &str, value: &str) -> Fields {
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

pub(crate) fn without(mut fields: Fields, name: &str) -> Fields {
    fields.retain(|(known, _)| known != name);
    fields
}

impl World {
    /// Opens the authorization endpoint, with a cookie or none.
    pub(crate) async fn open(&self, generation: Generation, fields: &Fields, cookie: &str) -> Got {
        let url = Url::parse_with_params(&self.url(generation, "/auth"), fields).unwrap();
        got(self.http.get(url).header("cookie", cookie)).await
    }

    /// Fills in the form of a page and sends it.
    pub(crate) async fn fill_in(&self, page: &Got, typed: &[(&str, &str)], cookie: &str) -> Got {
        let mut all = hidden(page);
        all.extend(fields(typed));
        let url = format!("http://127.0.0.1:{}{}", self.simulator.port(), action(page));
        got(self.http.post(url).header("cookie", cookie).form(&all)).await
    }

    /// From the request to the answer at the redirect URI, with user name and password.
    pub(crate) async fn sign_in(&self, generation: Generation, fields: &Fields, user: UserRole) -> Got {
        let page = self.open(generation, fields, "").await;
        assert_eq!(page.status, 200, "{}", page.body);
        let user = self.user(user);
        self.fill_in(&page, &[("username", &user.username), ("password", &user.password)], "").await
    }

    /// A code for a person, and the cookie of the session.
    pub(crate) async fn code(
        &self,
        generation: Generation,
        fields: &Fields,
        user: UserRole,
    ) -> (String, String) {
        let answer = self.sign_in(generation, fields, user).await;
        (value(&query(&answer), "code"), cookie(&answer))
    }

    pub(crate) async fn exchange(
        &self,
        generation: Generation,
        role: ClientRole,
        code: &str,
        more: &[(&str, &str)],
    ) -> Got {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code)];
        if !more.iter().any(|(name, _)| *name == "redirect_uri") {
            fields.push(("redirect_uri", CALLBACK));
        }
        fields.extend(more);
        self.post(generation, "/token", &self.client(role), &fields).await
    }
}

pub(crate) fn location(answer: &Got) -> Url {
    assert_eq!(answer.status, 302, "{}", answer.body);
    Url::parse(answer.header("location")).unwrap()
}

/// The parameters in the fragment; there are none in the query.
pub(crate) fn fragment(answer: &Got) -> Fields {
    let url = location(answer);
    assert_eq!(url.query(), None);
    decoded(url.fragment().unwrap())
}

/// The parameters in the query; there is no fragment.
pub(crate) fn query(answer: &Got) -> Fields {
    let url = location(answer);
    assert_eq!(url.fragment(), None);
    decoded(url.query().unwrap())
}

pub(crate) fn decoded(text: &str) -> Fields {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

pub(crate) fn names(fields: &Fields) -> Vec<&str> {
    fields.iter().map(|(name, _)| name.as_str()).collect()
}

pub(crate) fn value(fields: &Fields, name: &str) -> String {
    let found = fields.iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no {name} in {fields:?}")).1.clone()
}

/// The cookie of an answer as a browser sends it back.
pub(crate) fn cookie(answer: &Got) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// The hidden fields of a page's form.
pub(crate) fn hidden(page: &Got) -> Fields {
    page.body
        .split("<input ")
        .skip(1)
        .map(|input| input.split_once('>').unwrap().0)
        .filter(|input| input.contains("type=\"hidden\""))
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect()
}

pub(crate) fn action(page: &Got) -> String {
    attribute(page.body.split_once("<form ").unwrap().1, "action")
}

/// The text of the page's error.
pub(crate) fn error(page: &Got) -> &str {
    assert_eq!(page.status, 200);
    let after = page.body.split_once("role=\"alert\">").expect("an error on the page").1;
    after.split_once('<').unwrap().0
}

fn attribute(element: &str, name: &str) -> String {
    let text = element.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0;
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
