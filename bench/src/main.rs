//! Measures Latchkey beside its floors and beside what people use instead, in one run, and says what is over its
//! bound.
//!
//! `latchkey-bench --programs FOLDER [--packages FOLDER] [--report FILE] [--only PART]`. The programs are those of
//! this workspace in the release profile; `cargo xtask bench` builds them and starts this under a message bus.

mod claims;
mod display;
mod driver;
mod floor;
mod login_window;
mod machine;
mod packages;
mod peers;
mod provider;
mod redirect;
mod report;
mod sign_in;
mod tenant;
mod validation;
mod window;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use report::Line;

/// As in the programs that are measured. The floors run in this process and have it as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

/// What can be measured alone, in the order of the report.
const PARTS: [&str; 8] =
    ["validation", "sign-in", "redirect", "provider", "start", "login-window", "claims", "packages"];

struct Wanted {
    programs: PathBuf,
    packages: Option<PathBuf>,
    report: Option<PathBuf>,
    /// To find out where the time of one figure goes. The report is then not whole.
    only: Option<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return stopped(&error.to_string()),
    };
    if let [fetch, issuer] = arguments.as_slice()
        && fetch == provider::FETCH
    {
        return match runtime.block_on(provider::fetch(issuer)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => stopped(&error.to_string()),
        };
    }
    let wanted = match read(&arguments) {
        Ok(wanted) => wanted,
        Err(usage) => {
            let _ = writeln!(std::io::stderr(), "{usage}");
            return ExitCode::from(2);
        }
    };
    let machine = machine::facts();
    match runtime.block_on(measure(&wanted)) {
        Ok(lines) => {
            let text = report::report(&machine, &lines);
            let _ = std::io::stdout().write_all(text.as_bytes());
            if let Some(file) = &wanted.report
                && let Err(error) = report::write(file, &text)
            {
                return stopped(&format!("{}: {error}", file.display()));
            }
            if report::all_hold(&lines) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => stopped(&format!("the benchmark stopped: {error}")),
    }
}

fn stopped(why: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{why}");
    ExitCode::FAILURE
}

fn read(arguments: &[String]) -> Result<Wanted, String> {
    let usage = || {
        format!(
            "usage: latchkey-bench --programs FOLDER [--packages FOLDER] [--report FILE] [--only {}]",
            PARTS.join("|")
        )
    };
    let (mut programs, mut packages, mut report, mut only) = (None, None, None, None);
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let value = rest.next().ok_or_else(usage)?;
        match option.as_str() {
            "--programs" => programs = Some(PathBuf::from(value)),
            "--packages" => packages = Some(PathBuf::from(value)),
            "--report" => report = Some(PathBuf::from(value)),
            "--only" if PARTS.contains(&value.as_str()) => only = Some(value.clone()),
            _ => return Err(usage()),
        }
    }
    Ok(Wanted { programs: programs.ok_or_else(usage)?, packages, report, only })
}

async fn measure(wanted: &Wanted) -> Result<Vec<Line>, Failure> {
    let program = |name: &str| wanted.programs.join(name);
    let window = program("latchkey-desktop");
    let mut node = peers::Node::start()?;
    let mut lines = Vec::new();
    for part in PARTS {
        if wanted.only.as_ref().is_some_and(|only| only != part) {
            continue;
        }
        let _ = writeln!(std::io::stderr(), "  {part}");
        lines.extend(match part {
            "validation" => validation::measure(&mut node)?,
            "sign-in" => sign_in::measure(&mut node).await?,
            "redirect" => redirect::measure(&mut node).await?,
            "provider" => provider::measure(&program("latchkey")).await?,
            "start" => window::measure(&window, &program("latchkey-empty-window"))?,
            "login-window" => login_window::measure(&window, &program("latchkey-page-window")).await?,
            "claims" => claims::measure(&window).await?,
            _ => packages::measure(wanted.packages.as_deref())?,
        });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_others_are_refused() {
        let read = |line: &str| read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let wanted = read("--programs a --report b --packages c --only claims")
            .unwrap_or_else(|usage| panic!("{usage}"));
        assert_eq!(wanted.programs, PathBuf::from("a"));
        assert_eq!(wanted.packages, Some(PathBuf::from("c")));
        for line in ["--report b", "--programs a --only tea", "--programs", "a", "--programs a --what b"] {
            assert!(read(line).is_err_and(|usage| usage.starts_with("usage:")), "{line}");
        }
    }
}
