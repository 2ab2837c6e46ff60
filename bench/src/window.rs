//! Start and memory of the window beside an empty Tauri window, and a bare browser with an empty page.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::display::{Beacon, Display, Running, mini_browser};
use crate::report::{Line, ROUNDS, Series};

const START_BOUND: f64 = 1.25;
const MEMORY_BOUND: f64 = 1.15;

/// What is loaded late is loaded then.
const SETTLED: Duration = Duration::from_secs(2);

/// Milliseconds to the painted window, and megabytes, each one value for each round.
#[derive(Default)]
struct Values {
    start: Vec<f64>,
    memory: Vec<f64>,
}

impl Values {
    fn push(&mut self, (start, memory): (f64, f64)) {
        self.start.push(start);
        self.memory.push(memory);
    }
}

pub(crate) fn measure(latchkey: &Path, empty: &Path) -> Result<Vec<Line>, Failure> {
    let display = Display::open()?;
    let beacon = Beacon::listen()?;
    let browser = mini_browser();
    let (mut ours, mut floor, mut bare) = (Values::default(), Values::default(), Values::default());
    // The first start of each reads the program from disk: it warms up and does not count.
    for round in 0..=ROUNDS {
        let measured = (run(&display, empty)?, run(&display, latchkey)?);
        let browsed = browser.as_deref().map(|browser| browse(&display, browser, &beacon)).transpose()?;
        if round > 0 {
            floor.push(measured.0);
            ours.push(measured.1);
            browsed.into_iter().for_each(|values| bare.push(values));
        }
    }
    let empty = |values| Series::new("an empty Tauri window", values);
    let browser = |values| Series::new("WebKit's MiniBrowser, an empty page", values);
    Ok(vec![
        Line::ratio("cold start to the usable window", "ms", ours.start, empty(floor.start), START_BOUND)
            .beside(browser(bare.start)),
        Line::ratio("memory of all processes", "MB", ours.memory, empty(floor.memory), MEMORY_BOUND)
            .beside(browser(bare.memory)),
    ])
}

fn run(display: &Display, program: &Path) -> Result<(f64, f64), Failure> {
    let started = display.start(program)?;
    std::thread::sleep(SETTLED);
    Ok((started.took.as_secs_f64() * 1e3, started.running.memory()?))
}

fn browse(display: &Display, browser: &Path, beacon: &Beacon) -> Result<(f64, f64), Failure> {
    beacon.forget();
    let began = Instant::now();
    let running = Running::start(display.command(browser).arg(beacon.page()))?;
    let took = beacon.wait()? - began;
    std::thread::sleep(SETTLED);
    Ok((took.as_secs_f64() * 1e3, running.memory()?))
}
