//! What the figures were measured on, and how quiet it was.

use std::process::Command;

/// More work than this beside the benchmark shows in the figures.
const QUIET: f64 = 0.5;

/// Facts for the head of the report. Taken before anything is measured.
pub(crate) fn facts() -> Vec<String> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once([':', '='])?.1.trim().trim_matches('"').to_owned())
    };
    let processor =
        field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.strip_suffix("kB")?.trim().parse::<f64>().ok())
        .map_or_else(String::new, |kilobytes| format!(", {:.0} GiB", kilobytes / 1024.0 / 1024.0));
    let system = field(&read("/etc/os-release"), "PRETTY_NAME").unwrap_or_else(|| "Linux".to_owned());
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg").split_whitespace().next().and_then(|load| load.parse::<f64>().ok());
    let mut facts = vec![
        format!("{processor}, {cores} cores{memory}; {system}, Linux {}", kernel.trim()),
        format!(
            "release profile; virtual display with software rendering; WebKitGTK {}, Node {}, {}",
            version("pkg-config", &["--modversion", "webkit2gtk-4.1"]),
            version("node", &["--version"]),
            version("curl", &["--version"]).split(" (").next().unwrap_or_default(),
        ),
    ];
    facts.push(match load {
        Some(load) if load > QUIET => {
            format!(
                "load of the minute before: {load:.2}. The machine was not quiet: measure again when it is"
            )
        }
        Some(load) => format!("load of the minute before: {load:.2}"),
        None => "load of the minute before: unknown".to_owned(),
    });
    facts
}

/// The first line that a program says of itself.
fn version(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").trim().to_owned()
}
