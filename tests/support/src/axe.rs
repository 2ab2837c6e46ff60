//! axe-core in the page: the accessibility rules that a program can check.

use serde_json::Value;

use crate::desktop::Desktop;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/node_modules/axe-core/axe.min.js");

/// Checks what is on the screen.
///
/// # Panics
///
/// When a rule is violated. `place` says where.
pub async fn check(desktop: &Desktop, place: &str) {
    if desktop.script("return typeof window.axe;", Vec::new()).await != "object" {
        let source = match std::fs::read_to_string(SOURCE) {
            Ok(source) => source,
            Err(error) => panic!("{SOURCE} ({error}). Run `npm ci` in ui, or `cargo xtask test`."),
        };
        desktop.script(&source, Vec::new()).await;
    }
    let violations = desktop
        .script_later(
            // Colours are judged at the end of their transitions.
            "await Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity)\
                .map((one) => one.finished.catch(() => null)));\
             const result = await window.axe.run(document, {resultTypes: ['violations']});\
             return result.violations.map((one) => `${one.id}: ${one.help}\\n` +\
                one.nodes.map((node) => `    ${node.html}\\n    ${node.failureSummary}`).join('\\n'));",
            Vec::new(),
        )
        .await;
    match violations {
        Ok(Value::Array(violations)) => {
            let said: Vec<&str> = violations.iter().filter_map(Value::as_str).collect();
            assert!(said.is_empty(), "{place}:\n{}", said.join("\n"));
        }
        other => panic!("axe did not run at {place}: {other:?}"),
    }
}
