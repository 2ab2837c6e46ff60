//! `latchkey-install-test`: the packages on a bare Debian, from the signed repository to the last file after removal.
//!
//! `cargo xtask install-test` starts it, with mounts and processes of its own.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "telling people what happens is all it does")]

mod administrator;
mod release;
mod root;
mod served;
mod session;
mod terminal;
mod window;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use latchkey_packaging::{Error, Result};

use crate::root::Root;
use crate::session::Session;
use crate::window::{Entry, Page, Shown};

const USAGE: &str = "latchkey-install-test --cache DIR --failures DIR [--packages DIR] [--mirror URL]";
const MIRROR: &str = "http://deb.debian.org/debian";
/// The size that the user gives to the window. It is not the one that the window has by itself.
const SIZE: (u32, u32) = (1010, 690);

/// What was asked for.
#[derive(Default)]
struct Options {
    cache: PathBuf,
    failures: PathBuf,
    packages: Option<PathBuf>,
    mirror: Option<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = read(&arguments).and_then(|options| {
        by_itself()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::unfit(format!("no runtime: {error}")))?;
        runtime.block_on(run(&options))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| Error::unfit(format!("{word} needs a value\n\n{USAGE}")))?;
        match word.as_str() {
            "--cache" => options.cache = value.into(),
            "--failures" => options.failures = value.into(),
            "--packages" => options.packages = Some(value.into()),
            "--mirror" => options.mirror = Some(value.clone()),
            other => return Err(Error::unfit(format!("`{other}` is no option\n\n{USAGE}"))),
        }
    }
    if options.cache.as_os_str().is_empty() || options.failures.as_os_str().is_empty() {
        return Err(Error::unfit(format!("a folder is missing\n\n{USAGE}")));
    }
    Ok(options)
}

/// This mounts, and ends every process of a user: only where both are its own.
fn by_itself() -> Result<()> {
    let first = std::fs::read("/proc/1/cmdline").unwrap_or_default();
    match String::from_utf8_lossy(&first).contains("latchkey-install-test") {
        true => Ok(()),
        false => {
            Err(Error::unfit("start it with `cargo xtask install-test`, which gives it processes of its own"))
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    let say = |line: &str| println!("  {:4} s  {line}", started.elapsed().as_secs());
    let place = options.cache.join("release");
    if place.exists() {
        std::fs::remove_dir_all(&place).map_err(Error::file("empty", &place))?;
    }
    std::fs::create_dir_all(&place).map_err(Error::file("make", &place))?;
    let releases = release::prepare(options.packages.as_deref(), &place)?;
    let (first, second) = (&releases.first, &releases.second);
    say(&format!("packages: {}, and {} to upgrade to", first.version, second.version));

    let mirror = options.mirror.as_deref().unwrap_or(MIRROR);
    let (root, asked) = Root::fresh(&options.cache, mirror)?;
    let from = if asked { "from debootstrap" } else { "a copy of the last one" };
    say(&format!("a bare Debian 12, {from}: {} packages", administrator::installed(&root)?.len()));

    let served = options.cache.join("served");
    let address = served::serve(&served)?;
    administrator::add_source(&root, &address, &second.key)?;
    administrator::refuses_damage(&root, &releases, &served, &say)?;

    release::publish(&first.repository, &served)?;
    administrator::add_source(&root, &address, &first.key)?;
    let came = administrator::install(&root, first)?;
    say(&format!("installed {}; Debian had the {came} packages it depends on or recommends", first.version));
    let files = administrator::files(&root)?;
    let entry = Entry::read(&root)?;
    say(&format!(
        "{} files; the menu entry starts `{}` and claims no URL scheme",
        files.len(),
        entry.program
    ));

    root.apt(&[&["install", "--no-install-recommends"], session::TOOLS.as_slice()].concat())?;
    session::add_user(&root)?;
    say("a user, a screen, a window manager and a keychain are there");
    let outcome = everyday(options, &root, &entry, &releases, &served, &address, &say).await;
    if outcome.is_err() {
        keep_log(&root, &options.failures);
    }
    outcome?;

    administrator::remove(&root)?;
    administrator::remove_source(&root)?;
    let left = administrator::left(&root, &files)?;
    if !left.is_empty() {
        return Err(Error::unfit(format!(
            "after the package was purged there still is:\n{}",
            left.join("\n")
        )));
    }
    say("removed and purged: nothing of it is left outside the user's home");
    let ours = ["-iname", "*latchkey*", "-prune", "-print"];
    let home = root.admin("find").args([session::HOME]).args(ours).run()?.text();
    home.lines().for_each(|path| say(&format!("left to the user: {path}")));
    Ok(())
}

/// What the user does before and after the upgrade.
async fn everyday(
    options: &Options,
    root: &Root,
    entry: &Entry,
    releases: &release::Releases,
    served: &Path,
    address: &str,
    say: &dyn Fn(&str),
) -> Result<()> {
    let session = Session::start(root)?;
    first_day(options, root, &session, entry, say).await?;
    let kept = session.keychain()?;
    if !kept.contains("/refresh-token") {
        return Err(Error::unfit(format!("the keychain holds no refresh token of ours: {kept:?}")));
    }
    let connections = session.file(".config/latchkey/connections.json")?;
    session.end()?;

    release::publish(&releases.second.repository, served)?;
    administrator::add_source(root, address, &releases.second.key)?;
    administrator::upgrade(root, &releases.second)?;
    say(&format!("upgraded to {}", releases.second.version));

    let session = Session::start(root)?;
    if session.keychain()? != kept || session.file(".config/latchkey/connections.json")? != connections {
        return Err(Error::unfit("the upgrade changed the connections or what the keychain holds"));
    }
    say("connections and keychain are as before");
    second_day(options, root, &session, entry, say).await?;
    session.end()
}

async fn first_day(
    options: &Options,
    root: &Root,
    session: &Session<'_>,
    entry: &Entry,
    say: &dyn Fn(&str),
) -> Result<()> {
    say(&format!("in the terminal: {}", terminal::sign_in(session)?));

    let page = Page::start(session, root).await?;
    let signed_in = async {
        page.click("door-demo").await?;
        page.click("demo-user-peggy.sue").await?;
        page.click("si-submit").await?;
        page.shows("[data-testid=verdict]", "Signed in as Peggy Sue").await?;
        page.shows("[data-testid=verdict]", "Refresh token kept in the keychain").await
    };
    picture_if_failed(options, "first-day", &page, signed_in.await).await?;
    say(
        "in the window, from the menu: signed in to the demo tenant as Peggy Sue, refresh token in the keychain",
    );

    let shown = Shown::find(session)?;
    shown.minimise(session)?;
    let took = entry.start_again(session)?;
    shown.is_in_front(session)?;
    let running = entry.running(session)?;
    if running != 1 {
        return Err(Error::unfit(format!("{running} windows run after the second start, not 1")));
    }
    say(&format!(
        "a second start ended after {} ms and brought the first window to the front",
        took.as_millis()
    ));

    let before = shown.size(session)?;
    shown.resize(session, SIZE)?;
    page.leave();
    shown.close(session, entry)?;
    let shown = entry.start(session)?;
    until_size(session, &shown)?;
    shown.close(session, entry)?;
    say(&format!("the window was {before:?}, was drawn to {SIZE:?}, and had that size after a restart"));
    Ok(())
}

async fn second_day(
    options: &Options,
    root: &Root,
    session: &Session<'_>,
    entry: &Entry,
    say: &dyn Fn(&str),
) -> Result<()> {
    let page = Page::start(session, root).await?;
    let refreshed = async {
        page.shows("main", "The keychain holds a refresh token from an earlier sign-in.").await?;
        page.press("Go to Refresh").await?;
        page.click("refresh-submit").await?;
        page.shows("[data-testid=verdict]", "Refreshed for Peggy Sue").await
    };
    picture_if_failed(options, "second-day", &page, refreshed.await).await?;
    say("in the window, after the upgrade: refreshed with the token from before");
    say(&format!("in the terminal: {}", terminal::sees_the_connection(session)?));
    let shown = Shown::find(session)?;
    until_size(session, &shown)?;
    say("the window has kept its size");
    page.leave();
    shown.close(session, entry)
}

fn until_size(session: &Session<'_>, shown: &Shown) -> Result<()> {
    session::until(&format!("the window has the size {SIZE:?} of last time"), || {
        Ok((shown.size(session)? == SIZE).then_some(()))
    })
}

async fn picture_if_failed(options: &Options, name: &str, page: &Page, outcome: Result<()>) -> Result<()> {
    if outcome.is_err() && std::fs::create_dir_all(&options.failures).is_ok() {
        page.picture(&options.failures.join(format!("install-{name}.png"))).await;
    }
    outcome
}

fn keep_log(root: &Root, failures: &Path) {
    // The failure itself is what counts; this only helps to understand it.
    if std::fs::create_dir_all(failures).is_ok() {
        let _ = std::fs::copy(root.at(session::LOG), failures.join("install-session.log"));
    }
}
