//! Sends a browser on to an address that nobody else shall see. What opens a browser gets its address as an argument,
//! which other programs can read; this one is only a door on this computer, and opens once.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use latchkey_oidc::{Problem, ProblemKind, Secret, base64url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use crate::random;

/// Longest time of a visit.
const LONGEST: Duration = Duration::from_secs(10);
/// Most bytes of a request's head.
const MAX_HEAD: usize = 64 * 1024;
/// Connections that are served at the same time.
const MAX_VISITS: usize = 32;

/// A door on 127.0.0.1. Dropping it closes it.
#[derive(Debug)]
pub struct Doorway {
    listener: TcpListener,
    path: String,
    url: Url,
}

impl Doorway {
    /// A door at a free port, behind a path that cannot be guessed.
    ///
    /// # Errors
    /// No port, or no random bytes.
    pub async fn open() -> Result<Self, Problem> {
        let mut random = [0; 32];
        random::fill(&mut random)?;
        Self::behind(format!("/{}", base64url::encode(&random))).await.map_err(|error| {
            Problem::new(
                ProblemKind::Configuration,
                "No port on this computer could be had to lead the browser on. Nothing was sent.",
                "Try again, or sign out without a browser.",
            )
            .with_description(&error.to_string())
        })
    }

    async fn behind(path: String) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url =
            Url::parse(&format!("http://{}{path}", listener.local_addr()?)).map_err(io::Error::other)?;
        Ok(Self { listener, path, url })
    }

    /// What to open. It leads on, once.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Waits for the browser and sends it to `target`. Everybody else gets nothing.
    pub async fn lead_to(&self, target: &Secret) {
        let opened = Arc::new(AtomicBool::new(false));
        // Side by side: browsers open connections that they may never use.
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if visits.len() < MAX_VISITS => match accepted {
                    Ok((stream, _)) => {
                        let wanted = format!("GET {} HTTP/1.", self.path);
                        let visit = visit(stream, wanted, target.clone(), Arc::clone(&opened));
                        visits.spawn(tokio::time::timeout(LONGEST, visit));
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(visit) = visits.join_next() => {
                    if let Ok(Ok(Ok(true))) = visit {
                        return;
                    }
                }
            }
        }
    }
}

/// Whether it was led on.
async fn visit(
    mut stream: TcpStream,
    wanted: String,
    target: Secret,
    opened: Arc<AtomicBool>,
) -> io::Result<bool> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > MAX_HEAD || stream.read_buf(&mut head).await? == 0 {
            return Ok(false);
        }
    }
    if !head.starts_with(wanted.as_bytes()) || opened.swap(true, Ordering::SeqCst) {
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await?;
        return Ok(false);
    }
    let answer = format!(
        "HTTP/1.1 303 See Other\r\nlocation: {}\r\ncache-control: no-store\r\nreferrer-policy: no-referrer\r\n\
         content-length: 0\r\nconnection: close\r\n\r\n",
        target.expose()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(doorway: &Doorway, request: &str) -> String {
        let mut stream = TcpStream::connect(doorway.listener.local_addr().unwrap()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn only_whoever_has_the_address_is_led_on_and_only_once() {
        let doorway = Doorway::open().await.unwrap();
        let target = Secret::from("https://acme.onelogin.com/oidc/2/logout?id_token_hint=a.b.c");
        let visits = async {
            // Opened and never used, as browsers do; nobody waits for it.
            let _idle = TcpStream::connect(doorway.listener.local_addr().unwrap()).await.unwrap();
            for request in
                ["GET / HTTP/1.1\r\n\r\n".to_owned(), format!("POST {} HTTP/1.1\r\n\r\n", doorway.path)]
            {
                let answer = ask(&doorway, &request).await;
                assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("a.b.c"), "{answer}");
            }
            ask(&doorway, &format!("GET {} HTTP/1.1\r\nhost: x\r\n\r\n", doorway.path)).await
        };
        let (answer, ()) = tokio::join!(visits, doorway.lead_to(&target));
        assert!(
            answer.contains("location: https://acme.onelogin.com/oidc/2/logout?id_token_hint=a.b.c\r\n"),
            "{answer}"
        );
        assert!(!doorway.url().as_str().contains("a.b.c"));
    }
}
