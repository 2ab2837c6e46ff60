//! One run of a grant while it is under way: its steps, its recorder, its cancellation.

use std::sync::Mutex;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::report::{Progress, Step, StepName, StepState};

/// What the caller hears of a run.
pub type OnProgress = dyn Fn(Progress) + Send + Sync;

/// The steps of a run and who listens to them.
pub struct Run<'a> {
    /// Ends the run at the next await.
    pub cancel: CancellationToken,
    on_progress: &'a OnProgress,
    began: Instant,
    steps: Mutex<Vec<Step>>,
}

impl<'a> Run<'a> {
    /// A run with these steps, all waiting.
    #[must_use]
    pub fn new(names: &[StepName], cancel: CancellationToken, on_progress: &'a OnProgress) -> Self {
        let steps = names
            .iter()
            .map(|name| Step { name: *name, state: StepState::Waiting, start_us: 0, duration_us: 0 })
            .collect();
        Self { cancel, on_progress, began: Instant::now(), steps: Mutex::new(steps) }
    }

    /// A step begins.
    pub fn begin(&self, name: StepName) {
        self.change(name, |step, now| {
            step.start_us = now;
            step.state = StepState::Running;
        });
    }

    /// A step ends.
    pub fn end(&self, name: StepName, state: StepState) {
        self.change(name, |step, now| {
            if step.state == StepState::Waiting {
                step.start_us = now;
            }
            step.duration_us = now.saturating_sub(step.start_us);
            step.state = state;
        });
    }

    /// All steps as they stand; what never began is skipped.
    pub fn finish(&self) -> Vec<Step> {
        let mut steps = self.locked();
        let now = self.now_us();
        for step in steps.iter_mut() {
            match step.state {
                StepState::Waiting => step.state = StepState::Skipped,
                StepState::Running => {
                    step.state = StepState::Failed;
                    step.duration_us = now.saturating_sub(step.start_us);
                }
                _ => {}
            }
        }
        steps.clone()
    }

    fn change(&self, name: StepName, change: impl FnOnce(&mut Step, u64)) {
        let now = self.now_us();
        let steps = {
            let mut steps = self.locked();
            if let Some(step) = steps.iter_mut().find(|step| step.name == name) {
                change(step, now);
            }
            steps.clone()
        };
        (self.on_progress)(Progress::Steps { steps });
    }

    fn now_us(&self) -> u64 {
        self.began.elapsed().as_micros().try_into().unwrap_or(u64::MAX)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Step>> {
        // A listener that panicked must not take the run with it.
        self.steps.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
