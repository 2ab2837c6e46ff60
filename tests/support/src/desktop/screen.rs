//! What a person with eyes and a mouse does at a screen without a window manager, and no tool for keys can: see each
//! title of a window as it changes, and press its close button. A few requests of the X protocol do.
#![allow(clippy::expect_used)] // whoever drives a window wants to hear at once what is missing

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

/// The titles that a window had since it was first seen, the newest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Titles(Arc<Mutex<Vec<String>>>);

impl Titles {
    /// Watches a window until it is gone.
    pub(super) fn of(display: &str, window: u32) -> Self {
        let titles = Self::default();
        let all = titles.clone();
        let mut screen = Screen::connect(display).expect("the screen");
        let names = [screen.atom("_NET_WM_NAME"), screen.atom("WM_NAME")].map(|atom| atom.expect("an atom"));
        screen.watch(window).expect("the window can be watched");
        std::thread::spawn(move || {
            // It ends with the window, or with the screen.
            while let Ok(Some(title)) = screen.title(window, names[0]) {
                all.add(title);
                match screen.next_change(window, &names) {
                    Ok(true) => {}
                    Ok(false) | Err(_) => return,
                }
            }
        });
        titles
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, title: String) {
        let mut titles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if titles.last() != Some(&title) {
            titles.push(title);
        }
    }
}

/// Presses the close button of a window.
pub(super) fn close(display: &str, window: u32) {
    let mut screen = Screen::connect(display).expect("the screen");
    let [protocols, delete] =
        ["WM_PROTOCOLS", "WM_DELETE_WINDOW"].map(|name| screen.atom(name).expect("an atom"));
    let mut event = vec![CLIENT_MESSAGE, 32, 0, 0];
    for value in [window, protocols, delete, 0, 0, 0, 0] {
        event.extend(value.to_le_bytes());
    }
    let mut request = vec![25, 0, 11, 0];
    request.extend(window.to_le_bytes());
    request.extend(0_u32.to_le_bytes());
    request.extend(event);
    screen.stream.write_all(&request).expect("the screen takes requests");
    // The answer to another request says that this one has been carried out.
    screen.atom("WM_PROTOCOLS").expect("an atom");
}

const PROPERTY_NOTIFY: u8 = 28;
const DESTROY_NOTIFY: u8 = 17;
const CLIENT_MESSAGE: u8 = 33;

/// A connection to the X server of a display.
struct Screen {
    stream: UnixStream,
    /// Came while an answer was waited for.
    events: Vec<[u8; 32]>,
}

impl Screen {
    fn connect(display: &str) -> io::Result<Self> {
        let mut stream = UnixStream::connect(format!("/tmp/.X11-unix/X{}", display.trim_start_matches(':')))?;
        stream.write_all(&[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
        let mut head = [0; 8];
        stream.read_exact(&mut head)?;
        let mut rest = vec![0; usize::from(u16::from_le_bytes([head[6], head[7]])) * 4];
        stream.read_exact(&mut rest)?;
        if head[0] != 1 {
            return Err(io::Error::other("the X server refused the connection"));
        }
        Ok(Self { stream, events: Vec::new() })
    }

    fn atom(&mut self, name: &str) -> io::Result<u32> {
        let length = u16::try_from(name.len()).map_err(io::Error::other)?;
        let padded = name.len().div_ceil(4);
        let mut request = vec![16, 0];
        request.extend(u16::try_from(2 + padded).map_err(io::Error::other)?.to_le_bytes());
        request.extend(length.to_le_bytes());
        request.extend([0, 0]);
        request.extend(name.bytes());
        request.resize(8 + padded * 4, 0);
        self.stream.write_all(&request)?;
        let (head, _) = self.reply()?.ok_or_else(|| io::Error::other("no atom"))?;
        Ok(number(&head[8..]))
    }

    /// Asks for changes of a window's properties, and for its end.
    fn watch(&mut self, window: u32) -> io::Result<()> {
        let mut request = vec![2, 0, 4, 0];
        for value in [window, 0x800, 0x0040_0000 | 0x0002_0000] {
            request.extend(value.to_le_bytes());
        }
        self.stream.write_all(&request)
    }

    /// `None` when the window is gone.
    fn title(&mut self, window: u32, name: u32) -> io::Result<Option<String>> {
        let mut request = vec![20, 0, 6, 0];
        for value in [window, name, 0, 0, 1024] {
            request.extend(value.to_le_bytes());
        }
        self.stream.write_all(&request)?;
        let reply = self.reply()?;
        Ok(reply.map(|(head, value)| {
            let length = number(&head[16..]) as usize;
            String::from_utf8_lossy(value.get(..length).unwrap_or_default()).into_owned()
        }))
    }

    /// Waits for a change of one of these properties; `false` when the window is gone.
    fn next_change(&mut self, window: u32, names: &[u32]) -> io::Result<bool> {
        loop {
            let event = if self.events.is_empty() { self.packet()?.0 } else { self.events.remove(0) };
            match event[0] & 0x7f {
                PROPERTY_NOTIFY if names.contains(&number(&event[8..])) => return Ok(true),
                DESTROY_NOTIFY if number(&event[8..]) == window => return Ok(false),
                0 => return Ok(false),
                _ => {}
            }
        }
    }

    /// The next reply; `None` in place of an error.
    fn reply(&mut self) -> io::Result<Option<([u8; 32], Vec<u8>)>> {
        loop {
            let (head, rest) = self.packet()?;
            match head[0] {
                0 => return Ok(None),
                1 => return Ok(Some((head, rest))),
                _ => self.events.push(head),
            }
        }
    }

    fn packet(&mut self) -> io::Result<([u8; 32], Vec<u8>)> {
        let mut head = [0; 32];
        self.stream.read_exact(&mut head)?;
        let length = if head[0] == 1 { number(&head[4..]) as usize * 4 } else { 0 };
        let mut rest = vec![0; length];
        self.stream.read_exact(&mut rest)?;
        Ok((head, rest))
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |four| u32::from_le_bytes(*four))
}
