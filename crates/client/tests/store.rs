//! The configuration file: damaged, newer, unwritable, and changed by several at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // Tests, and their helpers.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use latchkey_client::connection::Connection;
use latchkey_client::store::{Loaded, RefreshLock, Settings, Store, new_id};
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::{Problem, ProblemKind};
use tempfile::TempDir;

fn connection(name: &str) -> Connection {
    Connection {
        id: new_id(),
        name: name.to_owned(),
        issuer: "https://acme.onelogin.com/oidc/2".to_owned(),
        client_id: "client".to_owned(),
        auth_method: AuthMethod::Basic,
        redirect_uri: None,
        post_logout_redirect_uri: None,
        scopes: vec!["openid".to_owned()],
        username: None,
        demo: false,
        managed: false,
        confirmed_hosts: Vec::new(),
        last_run: None,
    }
}

fn add(store: &Store, name: &str) -> Result<(), Problem> {
    store.update(|contents| {
        contents.connections.push(connection(name));
        Ok(())
    })
}

fn fresh() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().join("latchkey"));
    (folder, store)
}

/// A folder with that text as its file.
fn holding(text: &str) -> (TempDir, Store) {
    let (folder, store) = fresh();
    fs::create_dir(store.folder()).unwrap();
    fs::write(store.folder().join("connections.json"), text).unwrap();
    (folder, store)
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn nothing_there_is_empty_and_reading_creates_nothing() {
    let (folder, store) = fresh();
    assert_eq!(store.load().unwrap(), Loaded::default());
    assert!(files(folder.path()).is_empty());
}

#[test]
fn what_was_written_is_read_again() {
    let (_folder, store) = fresh();
    add(&store, "Zoë's “café” \u{202e} 日本").unwrap();
    store
        .update(|contents| {
            contents.settings = Settings { extra_ca_file: Some("/etc/ca.pem".into()) };
            Ok(())
        })
        .unwrap();
    let loaded = Store::at(store.folder().to_owned()).load().unwrap();
    assert_eq!(loaded.connections[0].name, "Zoë's “café” \u{202e} 日本");
    assert_eq!(loaded.settings.extra_ca_file.as_deref(), Some("/etc/ca.pem"));
    assert_eq!(loaded.set_aside, None);
    let text = fs::read_to_string(store.folder().join("connections.json")).unwrap();
    assert!(text.starts_with("{\n  \"version\": 2,"), "{text}");
}

#[test]
fn nothing_temporary_stays_behind_and_only_the_owner_can_read() {
    let (_folder, store) = fresh();
    for number in 0..5 {
        add(&store, &number.to_string()).unwrap();
    }
    assert_eq!(files(store.folder()), ["connections.json", "connections.lock"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&store.folder().join("connections.json")), 0o600);
        assert_eq!(mode(&store.folder().join("connections.lock")), 0o600);
        assert_eq!(mode(store.folder()), 0o700);
    }
}

#[test]
fn a_change_that_fails_or_changes_nothing_writes_nothing() {
    let (_folder, store) = fresh();
    add(&store, "one").unwrap();
    let file = store.folder().join("connections.json");
    let before = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap());
    let result = store.update(|contents| -> Result<(), Problem> {
        contents.connections.clear();
        Err(Problem::new(ProblemKind::InvalidInput, "no", "no"))
    });
    assert_eq!(result.unwrap_err().kind, ProblemKind::InvalidInput);
    assert_eq!(store.update(|contents| Ok(contents.connections.len())).unwrap(), 1);
    assert_eq!(before, (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap()));
}

#[test]
fn a_damaged_file_is_set_aside_and_never_overwritten_each_time_it_happens() {
    let damaged = [
        "",
        "not json",
        "{",
        "[]",
        "{}",
        "{\"version\": 0, \"connections\": []}",
        "{\"version\": \"1\", \"connections\": []}",
        "{\"version\": 1}",
        "{\"version\": 1, \"connections\": [{\"id\": 7}]}",
        "{\"version\": 1, \"connections\": [], \"surprise\": true}",
        "{\"version\": 1, \"connections\": []} and more",
    ];
    let (_folder, store) = holding("");
    let file = store.folder().join("connections.json");
    for (count, text) in damaged.iter().enumerate() {
        fs::write(&file, text).unwrap();
        let loaded = store.load().unwrap();
        let aside = loaded.set_aside.unwrap_or_else(|| panic!("{text} was taken"));
        assert!(loaded.connections.is_empty());
        assert_eq!(&fs::read_to_string(&aside).unwrap(), text);
        let name = aside.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("connections.damaged-2") && name.ends_with(".json"), "{name}");
        assert!(!file.exists());
        // Reported once; the next start is as after a first one.
        assert_eq!(store.load().unwrap(), Loaded::default());
        let kept = files(store.folder()).iter().filter(|name| name.contains("damaged")).count();
        assert_eq!(kept, count + 1, "all are kept, also those of one second");
    }
    add(&store, "new").unwrap();
    assert_eq!(store.load().unwrap().connections.len(), 1);
}

#[test]
fn bytes_that_are_no_text_are_damaged_as_well() {
    let (_folder, store) = holding("");
    fs::write(store.folder().join("connections.json"), [0xff, 0xfe, 0x00]).unwrap();
    let aside = store.load().unwrap().set_aside.unwrap();
    assert_eq!(fs::read(aside).unwrap(), [0xff, 0xfe, 0x00]);
}

#[test]
fn a_change_of_a_damaged_file_is_refused_and_leaves_it_as_it_is() {
    let (_folder, store) = holding("not json");
    let problem = add(&store, "one").unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Configuration);
    assert!(problem.explanation.contains("connections.json"), "{}", problem.explanation);
    assert_eq!(fs::read_to_string(store.folder().join("connections.json")).unwrap(), "not json");
}

#[test]
fn a_file_of_the_first_version_is_read_and_written_as_the_current_one() {
    let (_folder, store) = holding(
        "{\"version\": 1, \"settings\": {}, \"connections\": [{\"id\": \"1\", \"name\": \"old\", \"issuer\": \
         \"https://acme.onelogin.com/oidc/2\", \"client_id\": \"a\", \"auth_method\": \"basic\", \"scopes\": [\"openid\"]}]}",
    );
    let loaded = store.load().unwrap();
    assert_eq!(loaded.set_aside, None);
    assert_eq!(
        (loaded.connections[0].name.as_str(), &loaded.connections[0].post_logout_redirect_uri),
        ("old", &None)
    );
    add(&store, "new").unwrap();
    let text = fs::read_to_string(store.folder().join("connections.json")).unwrap();
    assert!(
        text.starts_with("{\n  \"version\": 2,") && text.contains("\"old\"") && text.contains("\"new\""),
        "{text}"
    );
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let text = "{\"version\": 3, \"connections\": {\"quite\": \"different\"}}";
    let (_folder, store) = holding(text);
    for problem in [store.load().unwrap_err(), add(&store, "one").unwrap_err()] {
        assert_eq!(problem.kind, ProblemKind::Configuration);
        assert!(problem.explanation.contains("newer Latchkey"), "{}", problem.explanation);
        assert!(problem.remedy.contains("LATCHKEY_CONFIG_DIR"), "{}", problem.remedy);
    }
    assert_eq!(fs::read_to_string(store.folder().join("connections.json")).unwrap(), text);
    assert!(!files(store.folder()).iter().any(|name| name.contains("damaged")));
}

#[test]
fn a_folder_that_cannot_be_written_names_the_path_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    // A file where the folder should be: refused for root as well, who may write everywhere.
    fs::write(folder.path().join("in-the-way"), "").unwrap();
    let store = Store::at(folder.path().join("in-the-way/latchkey"));
    let problem = add(&store, "one").unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Configuration);
    assert!(problem.explanation.contains("in-the-way/latchkey"), "{}", problem.explanation);
    assert!(problem.remedy.contains("LATCHKEY_CONFIG_DIR"), "{}", problem.remedy);
    assert!(problem.description.is_some());
}

#[test]
fn a_file_that_cannot_be_read_is_no_empty_one() {
    let (_folder, store) = fresh();
    fs::create_dir_all(store.folder().join("connections.json")).unwrap();
    for problem in [store.load().unwrap_err(), add(&store, "one").unwrap_err()] {
        assert_eq!(problem.kind, ProblemKind::Configuration);
        assert!(problem.explanation.contains("connections.json cannot be read"), "{}", problem.explanation);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_a_link_stays_one() {
    let (folder, store) = fresh();
    fs::create_dir(store.folder()).unwrap();
    let elsewhere = folder.path().join("elsewhere.json");
    fs::write(&elsewhere, "{\"version\": 1, \"connections\": []}").unwrap();
    std::os::unix::fs::symlink(&elsewhere, store.folder().join("connections.json")).unwrap();
    add(&store, "one").unwrap();
    assert!(store.folder().join("connections.json").is_symlink());
    assert!(fs::read_to_string(&elsewhere).unwrap().contains("\"one\""));
}

const WRITER: &str = "several_processes_and_threads_at_once_lose_nothing";

#[test]
fn several_processes_and_threads_at_once_lose_nothing() {
    if let Some(folder) = std::env::var_os("LATCHKEY_TEST_WRITER") {
        let store = Store::at(folder.into());
        for number in 0..20 {
            add(&store, &format!("process {} {number}", std::process::id())).unwrap();
            store.load().unwrap();
        }
        return;
    }
    let (_folder, store) = fresh();
    let children: Vec<_> = (0..3)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", WRITER])
                .env("LATCHKEY_TEST_WRITER", store.folder())
                .spawn()
                .unwrap()
        })
        .collect();
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..20 {
                    add(store, &format!("thread {thread} {number}")).unwrap();
                    assert_eq!(store.load().unwrap().set_aside, None, "a reader never sees half a file");
                }
            });
        }
    });
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut names: Vec<String> = store.load().unwrap().connections.into_iter().map(|c| c.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 6 * 20);
}

#[test]
fn a_process_that_holds_the_file_too_long_is_named_as_the_cause() {
    let (_folder, store) = fresh();
    add(&store, "one").unwrap();
    let lock = fs::File::open(store.folder().join("connections.lock")).unwrap();
    lock.lock().unwrap();
    let started = Instant::now();
    let problem = add(&store, "two").unwrap_err();
    assert!((4..8).contains(&started.elapsed().as_secs()));
    assert_eq!(problem.kind, ProblemKind::Configuration);
    assert!(problem.explanation.contains("Another Latchkey process"), "{}", problem.explanation);
    // Reading needs no lock.
    assert_eq!(store.load().unwrap().connections.len(), 1);
}

#[test]
fn the_folder_comes_from_the_environment_or_the_platform() {
    const TEST: &str = "the_folder_comes_from_the_environment_or_the_platform";
    if let Ok(expected) = std::env::var("LATCHKEY_TEST_FOLDER") {
        assert_eq!(Store::in_default_folder().unwrap().folder(), Path::new(&expected));
        return;
    }
    let run = |variables: &[(&str, &str)], expected: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", TEST]).env_remove("LATCHKEY_CONFIG_DIR").env_remove("XDG_CONFIG_HOME");
        command.envs(variables.iter().copied()).env("LATCHKEY_TEST_FOLDER", expected);
        assert!(command.status().unwrap().success(), "{variables:?}");
    };
    run(&[("LATCHKEY_CONFIG_DIR", "/somewhere/of/my own")], "/somewhere/of/my own");
    if cfg!(target_os = "linux") {
        run(&[("LATCHKEY_CONFIG_DIR", ""), ("HOME", "/home/zoe")], "/home/zoe/.config/latchkey");
        run(&[("XDG_CONFIG_HOME", "/xdg"), ("HOME", "/home/zoe")], "/xdg/latchkey");
    }
}

#[test]
fn ids_are_32_hexadecimal_digits_and_differ() {
    let ids: std::collections::HashSet<String> = (0..1000).map(|_| new_id()).collect();
    assert_eq!(ids.len(), 1000);
    assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
}

#[tokio::test]
async fn h23_one_refresh_of_a_connection_at_a_time() {
    let (_folder, store) = fresh();
    let (short, id) = (Duration::from_millis(200), new_id());
    let first = store.refresh_lock(&id, short).await.unwrap();
    let another = store.refresh_lock(&new_id(), short).await.unwrap();
    let problem = store.refresh_lock(&id, short).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Configuration);
    assert!(problem.explanation.contains("Another Latchkey process"), "{}", problem.explanation);
    drop((first, another));
    store.refresh_lock(&id, short).await.unwrap();
}

#[tokio::test]
async fn h23_the_refresh_lock_goes_over_processes_and_ends_with_the_process_that_holds_it() {
    const TEST: &str = "h23_the_refresh_lock_goes_over_processes_and_ends_with_the_process_that_holds_it";
    let (_folder, store) = fresh();
    if let Some(folder) = std::env::var_os("LATCHKEY_TEST_HOLDER") {
        let _lock = RefreshLock::acquire(Path::new(&folder), "abc", Duration::ZERO).await.unwrap();
        fs::write(Path::new(&folder).join("held"), "").unwrap();
        std::thread::sleep(Duration::from_secs(60));
        return;
    }
    fs::create_dir(store.folder()).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST])
        .env("LATCHKEY_TEST_HOLDER", store.folder())
        .spawn()
        .unwrap();
    while !store.folder().join("held").exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    store.refresh_lock("abc", Duration::from_millis(100)).await.unwrap_err();
    child.kill().unwrap();
    child.wait().unwrap();
    store.refresh_lock("abc", Duration::from_secs(2)).await.unwrap();
}

#[tokio::test]
async fn an_id_that_somebody_edited_into_a_path_names_no_other_file() {
    let (folder, store) = fresh();
    let _lock = store.refresh_lock("../../escaped/etc", Duration::ZERO).await.unwrap();
    assert_eq!(files(&store.folder().join("locks")), ["escapedetc.lock"]);
    assert_eq!(files(folder.path()), ["latchkey"]);
}

#[test]
fn notes_of_managed_connections_are_kept_beside_the_file_and_never_stand_in_the_way() {
    let (_folder, store) = fresh();
    assert!(store.notes().is_empty());
    let noted = |user: &str| {
        let user = user.to_owned();
        store.note("a", |note| note.username = Some(user)).unwrap();
    };
    noted("peggy.sue");
    store.note("b", |note| note.username = None).unwrap();
    assert_eq!(store.notes()["a"].username.as_deref(), Some("peggy.sue"));
    assert_eq!(store.notes().len(), 2);
    assert_eq!(store.load().unwrap(), Loaded::default(), "they are no connections");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = fs::metadata(store.folder().join("managed.json")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
    fs::write(store.folder().join("managed.json"), "{\"a\":").unwrap();
    assert!(store.notes().is_empty());
    noted("sally");
    assert_eq!(store.notes()["a"].username.as_deref(), Some("sally"));
}
