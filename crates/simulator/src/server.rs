//! From HTTP to an endpoint and back, with what was asked to go wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::time::{Instant, sleep, sleep_until};

use crate::answer::Answer;
use crate::bomb::gzip_bomb;
use crate::damage::damage;
use crate::faults::{AnswerFault, Faults};
use crate::options::Generation;
use crate::requests::Endpoint;
use crate::tenant::{Call, Tenant, lock};
use crate::wire::{Grip, Script};
use crate::{authorization, discovery, end_session, introspection, revocation, token, userinfo};

/// No request of these endpoints is longer.
const LONGEST_BODY: usize = 64 * 1024;

/// What an endpoint's answer became.
enum Fate {
    Sent(Answer),
    Delayed(Answer, Duration),
    Played(Script),
    Silence,
}

pub(crate) async fn handle(
    State(tenant): State<Arc<Tenant>>,
    ConnectInfo(grip): ConnectInfo<Grip>,
    request: Request,
) -> Response<Body> {
    // The answer is made while its latency passes, so that the latency is the time that the client sees.
    let due = Instant::now() + *lock(&tenant.latency);
    let (head, body) = request.into_parts();
    let fate = match to_bytes(body, LONGEST_BODY).await {
        Ok(body) => answer(&tenant, &head, &body),
        Err(_) => Fate::Sent(Answer::error(413, "invalid_request", "the request is too large")),
    };
    sleep_until(due).await;
    match fate {
        Fate::Sent(answer) => respond(answer, tenant.now()),
        Fate::Delayed(answer, delay) => {
            sleep(delay).await;
            respond(answer, tenant.now())
        }
        Fate::Played(script) => {
            grip.play(script);
            Response::new(Body::empty())
        }
        Fate::Silence => std::future::pending().await,
    }
}

fn answer(tenant: &Tenant, head: &Parts, body: &[u8]) -> Fate {
    let place = route(tenant, head.uri.path());
    lock(&tenant.requests).count(place.map(|(_, endpoint)| endpoint));
    let Some((generation, endpoint)) = place else {
        return Fate::Sent(Answer::error(404, "invalid_request", "unrecognized route"));
    };
    let method = head.method.as_str();
    if !endpoint.methods().contains(&method) {
        let answer = Answer::error(405, "invalid_request", "method not allowed");
        return Fate::Sent(answer.with_header("allow", endpoint.methods().join(", ")));
    }
    let faults = Arc::clone(&lock(&tenant.faults));
    let call = Call {
        tenant,
        generation,
        faults: &faults,
        now: tenant.now(),
        method,
        path: head.uri.path(),
        query: head.uri.query(),
        cookie: text(&head.headers, header::COOKIE),
        authorization: text(&head.headers, header::AUTHORIZATION),
        content_type: text(&head.headers, header::CONTENT_TYPE),
        body,
    };
    let answer = match endpoint {
        Endpoint::Discovery => discovery::discovery(&call),
        Endpoint::Certs => discovery::certs(&call),
        Endpoint::Token => token::token(&call),
        Endpoint::UserInfo => userinfo::userinfo(&call),
        Endpoint::Introspection => introspection::introspection(&call),
        Endpoint::Revocation => revocation::revocation(&call),
        Endpoint::Authorization => authorization::authorization(&call),
        Endpoint::EndSession => end_session::end_session(&call),
    };
    let answer = answer.unwrap_or_else(|error| error);
    match fault_of(&faults, endpoint) {
        Some(fault) => spoil(answer, fault, &call),
        None => Fate::Sent(answer),
    }
}

/// `/oidc/2` is looked at first: it lies below `/oidc`.
fn route(tenant: &Tenant, path: &str) -> Option<(Generation, Endpoint)> {
    let (generation, endpoint) = [Generation::V2, Generation::V1].into_iter().find_map(|generation| {
        let endpoint = Endpoint::at(path.strip_prefix(generation.path())?)?;
        Some((generation, endpoint))
    })?;
    let offered =
        tenant.serves(generation) && (endpoint != Endpoint::EndSession || generation == Generation::V2);
    offered.then_some((generation, endpoint))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn fault_of(faults: &Faults, endpoint: Endpoint) -> Option<&AnswerFault> {
    match endpoint {
        Endpoint::Discovery => faults.discovery.as_ref(),
        Endpoint::Certs => faults.certs.as_ref(),
        Endpoint::Token => faults.token.as_ref(),
        Endpoint::UserInfo => faults.userinfo.as_ref(),
        Endpoint::Introspection => faults.introspection.as_ref(),
        Endpoint::Revocation => faults.revocation.as_ref(),
        Endpoint::Authorization => faults.authorization.as_ref(),
        Endpoint::EndSession => faults.end_session.as_ref(),
    }
}

fn spoil(mut answer: Answer, fault: &AnswerFault, call: &Call<'_>) -> Fate {
    Fate::Sent(match fault {
        AnswerFault::Replace { status, content_type, headers, body } => Answer {
            status: *status,
            content_type: content_type.clone(),
            headers: headers.clone(),
            body: body.clone().into_bytes(),
        },
        AnswerFault::Status(status) => Answer { status: *status, ..answer },
        AnswerFault::ContentType(content_type) => {
            Answer { content_type: Some(content_type.clone()), ..answer }
        }
        AnswerFault::Headers(headers) => {
            answer.headers.extend(headers.iter().cloned());
            answer
        }
        AnswerFault::Redirect { status, location } => {
            Answer::empty(*status).with_header("location", location)
        }
        AnswerFault::CaptivePortal => {
            Answer::text(200, "text/html; charset=utf-8", CAPTIVE_PORTAL.to_owned())
        }
        AnswerFault::Empty => Answer::empty(200),
        AnswerFault::NoContent => Answer::empty(204),
        AnswerFault::Echo => {
            let header = call.authorization.as_deref().unwrap_or_default();
            let body = String::from_utf8_lossy(call.body);
            Answer::invalid_request(&format!("cannot read: {header} {body}")).with_header("x-debug", body)
        }
        AnswerFault::Json(fault) => {
            let body = damage(&String::from_utf8_lossy(&answer.body), *fault);
            Answer { body, ..answer }
        }
        AnswerFault::Oversized { bytes } => {
            answer.body.resize(answer.body.len().max(*bytes), b' ');
            answer
        }
        AnswerFault::GzipBomb { bytes } => {
            let body = gzip_bomb(&answer.body, *bytes);
            Answer { body, ..answer }.with_header("content-encoding", "gzip")
        }
        AnswerFault::Delay(delay) => return Fate::Delayed(answer, *delay),
        AnswerFault::Silence => return Fate::Silence,
        AnswerFault::Drop
        | AnswerFault::Truncate { .. }
        | AnswerFault::EndlessBody
        | AnswerFault::SlowBody { .. }
        | AnswerFault::EndlessHeaders
        | AnswerFault::SlowHeaders { .. } => return Fate::Played(script(&answer, fault)),
    })
}

fn script(answer: &Answer, fault: &AnswerFault) -> Script {
    let mut head = format!("HTTP/1.1 {}\r\n", answer.status).into_bytes();
    let content_type = answer.content_type.iter().map(|value| ("content-type", value));
    let others = answer.headers.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in content_type.chain(others) {
        head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    let sized =
        [head.as_slice(), format!("content-length: {}\r\n\r\n", answer.body.len()).as_bytes()].concat();
    let whole = [sized.as_slice(), answer.body.as_slice()].concat();
    match fault {
        AnswerFault::Truncate { after } => {
            let length = sized.len() + (*after).min(answer.body.len());
            Script { once: whole[..length].to_vec(), ..Script::default() }
        }
        AnswerFault::EndlessBody => {
            head.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
            let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
            Script { once: head, again: chunk.into_bytes(), ..Script::default() }
        }
        AnswerFault::SlowBody { interval } => {
            Script { at_once: sized.len(), once: whole, pause: Some(*interval), ..Script::default() }
        }
        AnswerFault::EndlessHeaders => {
            let line = format!("x-more: {}\r\n", "a".repeat(200));
            Script { once: head, again: line.into_bytes(), ..Script::default() }
        }
        AnswerFault::SlowHeaders { interval } => {
            Script { once: whole, pause: Some(*interval), ..Script::default() }
        }
        _ => Script::default(),
    }
}

/// Headers that HTTP does not allow are left out rather than refused: they came from a test.
fn respond(answer: Answer, now: i64) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = answer.content_type.map(|value| ("content-type".to_owned(), value));
    let date = http_date(now).map(|value| ("date".to_owned(), value));
    for (name, value) in content_type.into_iter().chain(date).chain(answer.headers) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()))
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The tenant's clock as `Date`, so that a skewed clock shows (H-10).
fn http_date(now: i64) -> Option<String> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    OffsetDateTime::from_unix_timestamp(now).ok()?.format(&format).ok()
}

const CAPTIVE_PORTAL: &str = "<!doctype html>
<html lang=\"en\"><head><title>Guest network</title></head>
<body><h1>Welcome to the guest network</h1>
<form action=\"/accept\" method=\"post\"><button>I accept the terms</button></form></body></html>
";
