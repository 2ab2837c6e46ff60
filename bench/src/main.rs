//! Measures Latchkey beside its floors, in one run, and says what is over its bound.
//!
//! `latchkey-bench WINDOW EMPTY_WINDOW [FILE]`: the two programs to start, and where to write the report besides
//! stdout. Build in release; `cargo xtask bench` does.

mod figures;
mod sign_in;
mod validation;
mod window;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use figures::Figure;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(latchkey), Some(empty)) = (arguments.next(), arguments.next()) else {
        let _ = writeln!(std::io::stderr(), "usage: latchkey-bench WINDOW EMPTY_WINDOW [FILE]");
        return ExitCode::from(2);
    };
    let report = arguments.next();
    match measure(&latchkey, &empty) {
        Ok(figures) => {
            let text = figures::table(&figures);
            let _ = std::io::stdout().write_all(text.as_bytes());
            if let Some(file) = report
                && let Err(error) = std::fs::write(&file, &text)
            {
                let _ = writeln!(std::io::stderr(), "{}: {error}", file.display());
                return ExitCode::FAILURE;
            }
            if figures.iter().all(Figure::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "the benchmark stopped: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(
    latchkey: &std::path::Path,
    empty: &std::path::Path,
) -> Result<Vec<Figure>, Box<dyn std::error::Error>> {
    let mut figures = vec![validation::measure()?];
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    figures.extend(runtime.block_on(sign_in::measure())?);
    drop(runtime);
    figures.extend(window::measure(latchkey, empty)?);
    Ok(figures)
}
