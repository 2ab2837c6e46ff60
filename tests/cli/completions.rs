//! Completions for every shell, and shells that understand them.

use std::process::{Command, Stdio};

use crate::harness::Home;

#[test]
fn every_shell_gets_completions_that_know_the_commands() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = home.latchkey(&["completions", shell]).ended();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{shell}");
        for word in ["sign-in", "connection", "simulate", "show-tokens", "password-stdin"] {
            assert!(ended.stdout.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(home.latchkey(&["completions", "tcsh"]).ended().code, 2);
}

#[test]
fn the_shells_that_are_here_can_parse_theirs() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = home.latchkey(&["completions", shell]).ended().stdout;
        let file = home.config().with_extension(shell);
        std::fs::write(&file, script).unwrap();
        let parsed = Command::new(shell).arg("-n").arg(&file).stdin(Stdio::null()).output();
        match parsed {
            Ok(output) => {
                assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr))
            }
            // Only bash is on every system that these tests run on.
            Err(_) => assert!(shell != "bash" || cfg!(windows), "bash is missing"),
        }
    }
}
