//! Completions for every shell, shells that understand them, and the manual pages.

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

#[test]
fn each_command_that_help_shows_has_a_manual_page() {
    let home = Home::new();
    let folder = home.config().with_extension("manual");
    std::fs::create_dir(&folder).unwrap();
    let ended = home.latchkey(&["manual"]).argument(&folder.display().to_string()).ended();
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
    for page in ["latchkey", "latchkey-sign-in-password", "latchkey-connection-add", "latchkey-completions"] {
        let text = std::fs::read_to_string(folder.join(format!("{page}.1"))).unwrap();
        assert!(text.contains(".TH ") && text.contains("Latchkey"), "{page}: {text}");
    }
    assert!(!folder.join("latchkey-manual.1").exists());
    assert_eq!(home.latchkey(&["manual", "/no/such/folder"]).ended().code, 2);
}
