//! The socket, with a script in place of the answer where a fault is below HTTP: a body that stops, bytes that drip,
//! headers without end.
//!
//! The server writes its answers as always. When a script was set for the connection, what the server writes is
//! discarded and the script plays instead, until it ends and the connection closes, or the client leaves.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::tenant::lock;

/// What goes over the wire in place of the answer.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// Sent once.
    pub(crate) once: Vec<u8>,
    /// Sent after it, again and again; the connection closes instead if it is empty.
    pub(crate) again: Vec<u8>,
    /// The pause before each byte; none: as fast as the client reads.
    pub(crate) pause: Option<Duration>,
    /// How much of `once` goes out without a pause.
    pub(crate) at_once: usize,
}

/// A handler's grip on its connection.
#[derive(Clone, Default)]
pub(crate) struct Grip(Arc<Mutex<Option<Script>>>);

impl Grip {
    /// Plays a script in place of the next answer.
    pub(crate) fn play(&self, script: Script) {
        *lock(&self.0) = Some(script);
    }
}

impl Connected<IncomingStream<'_, Loopback>> for Grip {
    fn connect_info(stream: IncomingStream<'_, Loopback>) -> Self {
        stream.io().grip.clone()
    }
}

/// Listens, and hands out sockets that can play scripts.
pub(crate) struct Loopback(pub(crate) TcpListener);

impl Listener for Loopback {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    // Answers are small; waiting for more of them costs 40 ms each.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "no TCP_NODELAY");
                    }
                    return (Wire { stream, grip: Grip::default(), playing: None }, address);
                }
                Err(error) => {
                    tracing::debug!(%error, "accept failed");
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// One connection.
pub(crate) struct Wire {
    stream: TcpStream,
    grip: Grip,
    playing: Option<Playing>,
}

struct Playing {
    script: Script,
    /// Bytes of the part that is being sent that are out.
    position: usize,
    repeating: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Playing {
    /// Ends with an error, which makes the server close the connection; never with success.
    fn poll(&mut self, stream: &mut TcpStream, context: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            let part = if self.repeating { &self.script.again } else { &self.script.once };
            if self.position >= part.len() {
                if self.script.again.is_empty() {
                    return Poll::Ready(io::Error::new(
                        io::ErrorKind::ConnectionAborted,
                        "the script is over",
                    ));
                }
                (self.repeating, self.position) = (true, 0);
                continue;
            }
            let slow = self.repeating || self.position >= self.script.at_once;
            let upto = match self.script.pause {
                Some(_) if slow => self.position + 1,
                Some(_) => self.script.at_once.min(part.len()),
                None => part.len(),
            };
            if let Some(pause) = self.script.pause.filter(|_| slow) {
                let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + pause)));
                ready!(timer.as_mut().poll(context));
            }
            match ready!(Pin::new(&mut *stream).poll_write(context, &part[self.position..upto])) {
                Ok(written) => {
                    self.position += written;
                    self.timer = None;
                }
                Err(error) => return Poll::Ready(error),
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = &mut *self;
        if let Some(script) = lock(&wire.grip.0).take() {
            wire.playing = Some(Playing { script, position: 0, repeating: false, timer: None });
        }
        match &mut wire.playing {
            Some(playing) => playing.poll(&mut wire.stream, context).map(Err),
            None => Pin::new(&mut wire.stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
