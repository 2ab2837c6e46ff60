//! What a run is doing, on one line of standard error that is redrawn and in the end removed.

use std::io::Write as _;

use latchkey_client::report::{Progress, StepName, StepState};

use super::Output;

/// Shows progress where somebody watches.
pub(crate) fn show(output: &Output) -> impl Fn(Progress) + Send + Sync + 'static {
    let live = output.live;
    move |progress| {
        let Progress::Steps { steps } = progress;
        if !live {
            return;
        }
        let running: Vec<&str> = steps
            .iter()
            .filter(|step| step.state == StepState::Running)
            .map(|step| doing(step.name))
            .collect();
        draw(&running.join(", "));
    }
}

/// Removes the line.
pub(crate) fn clear(output: &Output) {
    if output.live {
        draw("");
    }
}

fn draw(text: &str) {
    let line = if text.is_empty() { String::new() } else { format!("Under way: {text} …") };
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "\r\u{1b}[K{line}");
    let _ = stderr.flush();
}

fn doing(name: StepName) -> &'static str {
    match name {
        StepName::Discovery => "metadata",
        StepName::Authorization => "authorization",
        StepName::Keys => "keys",
        StepName::Token => "tokens",
        StepName::Verify => "verification",
        StepName::Userinfo => "UserInfo",
    }
}
