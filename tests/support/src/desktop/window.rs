//! One run of the window's program, driven through WebKit's own WebDriver.
#![allow(clippy::expect_used)] // whoever sets up a test wants to hear at once what is missing

use std::fs::OpenOptions;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};

use super::machine::{Machine, until};
use crate::programs::{Group, program};

/// A running window. The program and WebDriver end when this value is dropped.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) driver: WebDriver,
    pub(super) processes: Group,
}

impl Window {
    pub(super) async fn open(machine: &Machine, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let program = program("latchkey-desktop");
        let (processes, address) = start_driver(machine, variables);
        let mut capabilities = Capabilities::new();
        let options = json!({"binary": program, "args": arguments});
        capabilities.set("webkitgtk:browserOptions", options).expect("JSON");
        let driver = WebDriver::builder(address, capabilities)
            .request_timeout(Duration::from_secs(60))
            .await
            .unwrap_or_else(|error| {
                let log = std::fs::read_to_string(machine.log_file()).unwrap_or_default();
                panic!("the window did not open: {error}\n{log}")
            });
        Self { driver, processes }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // The session ends with its process; ending it over HTTP first would only take time.
        let _ = self.driver.clone().leak();
    }
}

fn start_driver(machine: &Machine, variables: &[(&str, String)]) -> (Group, String) {
    // Between finding a free port and using it somebody else may take it.
    for _ in 0..5 {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let log = OpenOptions::new().create(true).append(true).open(machine.log_file()).expect("a file");
        let mut command = machine.command("WebKitWebDriver");
        command.arg("--host=127.0.0.1").arg(format!("--port={port}"));
        command.env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a file")).stderr(log);
        let mut processes = Group::start(&mut command);
        let listens = until("WebKitWebDriver listens", || {
            if processes.has_ended() {
                return Some(false);
            }
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok().then_some(true)
        });
        if listens {
            return (processes, format!("http://127.0.0.1:{port}"));
        }
    }
    panic!("WebKitWebDriver (package webkit2gtk-driver) did not start");
}
