//! Start and memory of the window beside an empty Tauri window, under a virtual display.
//!
//! Both programs say `window ready` on stderr after their page's second frame. Memory is the proportional set size
//! of the program and all its children, two seconds later.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::figures::{Figure, ROUNDS};

type Failure = Box<dyn std::error::Error>;

const READY: &str = "window ready";
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn measure(latchkey: &Path, empty: &Path) -> Result<Vec<Figure>, Failure> {
    let display = Display::open()?;
    let (mut start, mut start_floor) = (Vec::new(), Vec::new());
    let (mut memory, mut memory_floor) = (Vec::new(), Vec::new());
    // The first start of each reads the program from disk: it warms up and does not count.
    display.run(empty)?;
    display.run(latchkey)?;
    for _ in 0..ROUNDS {
        let (time, bytes) = display.run(empty)?;
        start_floor.push(time);
        memory_floor.push(bytes);
        let (time, bytes) = display.run(latchkey)?;
        start.push(time);
        memory.push(bytes);
    }
    let floor_name = "an empty Tauri window";
    Ok(vec![
        Figure {
            name: "start to a painted window",
            ours: start,
            floor_name,
            floor: start_floor,
            unit: "ms",
            bound: 1.3,
        },
        Figure {
            name: "memory of all processes",
            ours: memory,
            floor_name,
            floor: memory_floor,
            unit: "MB",
            bound: 1.2,
        },
    ])
}

struct Display {
    server: Child,
    number: String,
    home: tempfile::TempDir,
}

impl Display {
    fn open() -> Result<Self, Failure> {
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

    /// Milliseconds to the painted window, and megabytes.
    fn run(&self, program: &Path) -> Result<(f64, f64), Failure> {
        let home = self.home.path();
        let began = Instant::now();
        let mut child = Command::new(program)
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
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let stderr = child.stderr.take().ok_or("no stderr")?;
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
        let ready = receive.recv_timeout(LIMIT);
        std::thread::sleep(Duration::from_secs(2));
        let bytes = memory_of_tree(child.id());
        let _ = child.kill();
        let _ = child.wait();
        let ready = ready.map_err(|_| format!("{} never said “{READY}”", program.display()))?;
        Ok(((ready - began).as_secs_f64() * 1e3, bytes? / 1e6))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Proportional set size of a process and all that it started, in bytes.
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
    Ok(sum)
}
