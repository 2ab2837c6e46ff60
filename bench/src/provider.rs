//! `latchkey provider` on 1 MB of metadata and 1,000 keys, beside a program that fetches the same bytes with a bare
//! client and parses them with serde_json.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use latchkey_simulator::{Faults, Generation, KeySetFault, MetadataFault, Options, Simulator};

use crate::Failure;
use crate::peers::curl;
use crate::report::{Line, ROUNDS, Series};

/// The argument that makes this program the floor.
pub(crate) const FETCH: &str = "--fetch";

const METADATA: usize = 1_000_000;
const KEYS: usize = 1_000;
/// Judging, redacting, explaining and printing all of it take about as long again as fetching and parsing.
const BOUND: f64 = 2.5;

pub(crate) async fn measure(latchkey: &Path) -> Result<Vec<Line>, Failure> {
    let faults = Faults {
        metadata: Some(MetadataFault::Padding(METADATA)),
        key_set: Some(KeySetFault::Many(KEYS)),
        ..Faults::default()
    };
    // What is asked for is made anew for each request; what is measured is not how long that takes.
    let made = Simulator::start(Options { faults, ..Options::default() }).await?;
    let issuer = made.issuer(Generation::V2);
    let home = tempfile::tempdir()?;
    let this = std::env::current_exe()?;
    let both = [".well-known/openid-configuration", "certs"].map(|path| vec![format!("{issuer}/{path}")]);
    let (mut ours, mut floor, mut fetched) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let bare_ms = time(Command::new(&this).args([FETCH, &issuer]))?;
        let ours_ms = time(
            Command::new(latchkey)
                .args(["provider", "--issuer", &issuer])
                .env("HOME", home.path())
                .env("XDG_CONFIG_HOME", home.path().join("config")),
        )?;
        let curl_ms = curl(&both)?;
        if round > 0 {
            ours.push(ours_ms);
            floor.push(bare_ms);
            fetched.push(curl_ms);
        }
    }
    made.stop().await;
    let floor = Series::new("fetched and parsed", floor);
    let line = Line::ratio("latchkey provider, 1 MB of metadata and 1,000 keys", "ms", ours, floor, BOUND);
    Ok(vec![line.beside(Series::new("curl, fetched alone", fetched))])
}

/// Milliseconds from the start of a program to its good end.
fn time(command: &mut Command) -> Result<f64, Failure> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let began = Instant::now();
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    let took = began.elapsed();
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    Ok(took.as_secs_f64() * 1e3)
}

/// The floor itself: both documents, one after the other since the first names the second, and parsed.
pub(crate) async fn fetch(issuer: &str) -> Result<(), Failure> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let get = async |url: String| -> Result<serde_json::Value, Failure> {
        let body = http.get(url).send().await?.error_for_status()?.bytes().await?;
        Ok(serde_json::from_slice(&body)?)
    };
    let metadata = get(format!("{issuer}/.well-known/openid-configuration")).await?;
    let keys = get(metadata["jwks_uri"].as_str().ok_or("no jwks_uri")?.to_owned()).await?;
    match keys["keys"].as_array().map(Vec::len) {
        Some(count) if count > KEYS => Ok(()),
        count => Err(format!("{count:?} keys").into()),
    }
}
