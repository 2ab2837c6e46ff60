//! A virtual display with a home folder, and the programs that are started on it.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::Failure;

/// What both windows say on stderr after their page's second frame.
const READY: &str = "window ready";
/// No figure takes so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Ends with this value.
pub(crate) struct Display {
    server: Child,
    number: String,
    home: tempfile::TempDir,
}

impl Display {
    pub(crate) fn open() -> Result<Self, Failure> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x860x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb: {error}; install xvfb"))?;
        let mut line = String::new();
        let mut stdout = BufReader::new(server.stdout.take().ok_or("Xvfb says nothing")?);
        stdout.read_line(&mut line)?;
        Ok(Self { server, number: format!(":{}", line.trim()), home: tempfile::tempdir()? })
    }

    /// Where Latchkey keeps its connections here.
    pub(crate) fn config(&self) -> PathBuf {
        self.home.path().join("config/latchkey")
    }

    /// A program on this display.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.number)
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("GTK_USE_PORTAL", "0")
            .env("NO_AT_BRIDGE", "1")
            .env("LATCHKEY_LOG", "info")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Starts a program that says when its window is painted, and waits for that.
    pub(crate) fn start(&self, program: &Path) -> Result<Started, Failure> {
        let mut command = self.command(program);
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut running = Running::start(&mut command)?;
        let stderr = running.child.stderr.take().ok_or("no stderr")?;
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stderr);
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                if line.contains(READY) {
                    let _ = send.send(Instant::now());
                }
                line.clear();
            }
            // Read to the end, so that the program never waits for its log.
            let _ = lines.read_to_end(&mut Vec::new());
        });
        let ready =
            receive.recv_timeout(LIMIT).map_err(|_| format!("{} never said “{READY}”", program.display()))?;
        Ok(Started { running, took: ready - began })
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A program whose window is painted.
pub(crate) struct Started {
    pub(crate) running: Running,
    /// From its start to the painted window.
    pub(crate) took: Duration,
}

/// A program with all that it starts; all of it ends with this value.
pub(crate) struct Running {
    pub(crate) child: Child,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child =
            command.spawn().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        Ok(Self { child })
    }

    /// Proportional set size of the program and all that it started, in megabytes.
    pub(crate) fn memory(&self) -> Result<f64, Failure> {
        memory_of_tree(self.child.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let kill = format!("kill -KILL -{}", self.child.id());
        let _ = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn memory_of_tree(root: u32) -> Result<f64, Failure> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // The name in parentheses may hold spaces; the parent is the second field after it.
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut sum, mut waiting) = (0.0, vec![root]);
    while let Some(pid) = waiting.pop() {
        let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let kilobytes = rollup
            .lines()
            .find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok())
            .ok_or("no Pss in smaps_rollup")?;
        sum += kilobytes * 1024.0;
        waiting.extend(children.get(&pid).into_iter().flatten());
    }
    Ok(sum / 1e6)
}

/// WebKit's own small browser, where it is installed: a browser without anything of anybody's in it.
pub(crate) fn mini_browser() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let places = folders.chain([PathBuf::from("/usr/lib"), PathBuf::from("/usr/libexec")]);
    places.map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser")).find(|program| program.is_file())
}

/// Hears from pages that they are painted.
pub(crate) struct Beacon {
    port: u16,
    shown: Receiver<Instant>,
}

impl Beacon {
    /// Listens on loopback until the program ends.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let (send, shown) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A browser may open connections ahead and leave them idle.
                let send = send.clone();
                std::thread::spawn(move || answer(stream, port, &send));
            }
        });
        Ok(Self { port, shown })
    }

    /// A page with nothing on it that says when it is painted.
    pub(crate) fn page(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// For a page: it says so in the second frame after its end was read.
    pub(crate) fn script(&self) -> String {
        script(self.port)
    }

    /// Waits for a page to be painted.
    pub(crate) fn wait(&self) -> Result<Instant, Failure> {
        self.shown.recv_timeout(LIMIT).map_err(|_| "the page was never shown".into())
    }

    /// What pages said before is of no interest any more.
    pub(crate) fn forget(&self) {
        while self.shown.try_recv().is_ok() {}
    }
}

fn script(port: u16) -> String {
    format!(
        "<script>requestAnimationFrame(() => requestAnimationFrame(() => \
         fetch('http://127.0.0.1:{port}/shown', {{mode: 'no-cors'}})))</script>"
    )
}

fn answer(mut stream: TcpStream, port: u16, shown: &mpsc::Sender<Instant>) {
    let mut first = [0; 1024];
    let Ok(length) = stream.read(&mut first) else { return };
    let asked = &first[..length];
    let body = if asked.starts_with(b"GET /shown ") {
        let _ = shown.send(Instant::now());
        String::new()
    } else if asked.starts_with(b"GET / ") {
        format!("<!doctype html><title>Empty page</title>{}", script(port))
    } else {
        String::new()
    };
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}
