//! Who is signed in at the tenant itself: sessions in a cookie, and sign-ins that wait for a second factor.

use std::collections::HashMap;

use crate::keys::{KeyFailure, encode, hex_digest, random, uuid};
use crate::options::Generation;

/// A working day.
const SESSION_LIFETIME: i64 = 8 * 3_600;
/// How long a second factor is waited for.
const TICKET_LIFETIME: i64 = 300;
/// A second factor can be mistyped this often.
const ATTEMPTS: u32 = 5;
/// More than a demo tenant ever holds.
const AT_MOST: usize = 1_024;

/// A person who is signed in, in one browser, at one generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) generation: Generation,
    pub(crate) sub: String,
    /// When the person last gave their password.
    pub(crate) auth_time: i64,
    /// What v2 calls it in ID tokens.
    pub(crate) sid: String,
}

struct Ticket {
    generation: Generation,
    sub: String,
    issued_at: i64,
    attempts: u32,
}

/// Cookies and tickets are known by digest alone.
#[derive(Default)]
pub(crate) struct Sessions {
    sessions: HashMap<String, Session>,
    tickets: HashMap<String, Ticket>,
}

impl Sessions {
    /// The session of a request's `Cookie` header.
    pub(crate) fn find(&self, header: Option<&str>, generation: Generation, now: i64) -> Option<&Session> {
        let session = self.sessions.get(&hex_digest(value(header?, generation)?.as_bytes()))?;
        (session.generation == generation && is_live(session, now)).then_some(session)
    }

    /// Signs a person in anew, and returns the session with its `Set-Cookie`. The same person in the same browser
    /// keeps the session's name.
    pub(crate) fn begin(
        &mut self,
        header: Option<&str>,
        generation: Generation,
        sub: &str,
        now: i64,
    ) -> Result<(Session, String), KeyFailure> {
        let before = self.find(header, generation, now).filter(|session| session.sub == sub);
        let sid = match before {
            Some(session) => session.sid.clone(),
            None => uuid()?,
        };
        self.end(header, generation);
        if self.sessions.len() >= AT_MOST {
            self.sessions.retain(|_, session| is_live(session, now));
        }
        if self.sessions.len() >= AT_MOST {
            self.sessions.clear();
        }
        let cookie = encode(&random::<32>()?);
        let session = Session { generation, sub: sub.to_owned(), auth_time: now, sid };
        self.sessions.insert(hex_digest(cookie.as_bytes()), session.clone());
        Ok((session, set_cookie(generation, &cookie, SESSION_LIFETIME)))
    }

    /// Ends the session of a request's cookie.
    pub(crate) fn end(&mut self, header: Option<&str>, generation: Generation) {
        if let Some(value) = header.and_then(|header| value(header, generation)) {
            self.sessions.remove(&hex_digest(value.as_bytes()));
        }
    }

    /// Ends a session by its name, in whatever browser it is.
    pub(crate) fn end_named(&mut self, sid: &str) {
        self.sessions.retain(|_, session| session.sid != sid);
    }

    /// Remembers that a person gave the right password.
    pub(crate) fn issue_ticket(
        &mut self,
        generation: Generation,
        sub: &str,
        now: i64,
    ) -> Result<String, KeyFailure> {
        self.tickets.retain(|_, ticket| now < ticket.issued_at.saturating_add(TICKET_LIFETIME));
        if self.tickets.len() >= AT_MOST {
            self.tickets.clear();
        }
        let value = encode(&random::<32>()?);
        let ticket = Ticket { generation, sub: sub.to_owned(), issued_at: now, attempts: 0 };
        self.tickets.insert(hex_digest(value.as_bytes()), ticket);
        Ok(value)
    }

    /// The person of a ticket, each time one attempt nearer to its end.
    pub(crate) fn try_ticket(&mut self, value: &str, generation: Generation, now: i64) -> Option<String> {
        let ticket = self.tickets.get_mut(&hex_digest(value.as_bytes()))?;
        ticket.attempts += 1;
        let timely = now < ticket.issued_at.saturating_add(TICKET_LIFETIME);
        (ticket.generation == generation && timely && ticket.attempts <= ATTEMPTS).then(|| ticket.sub.clone())
    }

    pub(crate) fn use_up_ticket(&mut self, value: &str) {
        self.tickets.remove(&hex_digest(value.as_bytes()));
    }
}

/// The `Set-Cookie` that takes the session's cookie away.
pub(crate) fn removed_cookie(generation: Generation) -> String {
    set_cookie(generation, "", 0)
}

fn is_live(session: &Session, now: i64) -> bool {
    now < session.auth_time.saturating_add(SESSION_LIFETIME)
}

/// The path of v1 covers v2, so the names have to differ.
fn name(generation: Generation) -> &'static str {
    match generation {
        Generation::V1 => "demo_session_v1",
        Generation::V2 => "demo_session_v2",
    }
}

/// Not `Secure`: the tenant has no TLS.
fn set_cookie(generation: Generation, value: &str, lifetime: i64) -> String {
    let (name, path) = (name(generation), generation.path());
    format!("{name}={value}; Path={path}; Max-Age={lifetime}; HttpOnly; SameSite=Lax")
}

fn value(header: &str, generation: Generation) -> Option<&str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(cookie, _)| *cookie == name(generation))
        .map(|(_, value)| value)
}
