//! The programs under test, as Cargo built them, and processes that end with the test that started them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

/// The program that `cargo build -p NAME` makes, beside the running test.
///
/// Tests build nothing: a program that is missing, or older than what it is made from, would prove something about
/// yesterday.
///
/// # Panics
///
/// When there is none, or it is out of date. The message says what to run.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    match find(name) {
        Ok(path) => path,
        Err(message) => panic!("{message}"),
    }
}

fn find(name: &str) -> Result<PathBuf, String> {
    let build = format!("Run `cargo build -p {name}`, or everything with `cargo xtask test`.");
    // Whoever names a folder knows what is in it.
    if let Some(folder) = std::env::var_os("LATCHKEY_TEST_PROGRAMS") {
        let path = Path::new(&folder).join(name);
        return if path.is_file() { Ok(path) } else { Err(format!("{} does not exist.", path.display())) };
    }
    let test = std::env::current_exe().map_err(|error| format!("this test cannot find itself ({error})"))?;
    let path = test
        .parent()
        .and_then(Path::parent)
        .map(|folder| folder.join(name).with_extension(std::env::consts::EXE_EXTENSION))
        .ok_or_else(|| format!("{} is not in Cargo's target folder", test.display()))?;
    let built = changed(&path).ok_or_else(|| format!("{} is not built. {build}", path.display()))?;
    let list = std::fs::read_to_string(path.with_extension("d")).unwrap_or_default();
    if name == "latchkey-desktop" {
        page_is_contained(built)?;
    }
    match sources(&list).into_iter().find(|source| changed(source).is_some_and(|time| time > built)) {
        Some(newer) => Err(format!("{} is older than {}. {build}", path.display(), newer.display())),
        None => Ok(path),
    }
}

/// The window's program contains the page as it was built, and Cargo's list does not name it.
fn page_is_contained(program_built: SystemTime) -> Result<(), String> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui");
    let build = "Run `npm run build` in ui, then `cargo build -p latchkey-desktop`; or `cargo xtask test`.";
    let built =
        changed(&ui.join("dist/index.html")).ok_or_else(|| format!("The page is not built. {build}"))?;
    if built > program_built {
        return Err(format!("The window's program is older than its page. {build}"));
    }
    match newer_source(&ui.join("src"), built) {
        Some(newer) => Err(format!("The page is older than {}. {build}", newer.display())),
        None => Ok(()),
    }
}

fn newer_source(folder: &Path, than: SystemTime) -> Option<PathBuf> {
    std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).find_map(|path| {
        if path.is_dir() {
            return newer_source(&path, than);
        }
        let is_test = path.to_string_lossy().contains(".test.");
        (!is_test && changed(&path).is_some_and(|time| time > than)).then_some(path)
    })
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// The files that Cargo's dependency list names, in the form of a makefile: `target: file file`.
fn sources(list: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut file = String::new();
    let mut characters = list.split_once(": ").map_or("", |(_, files)| files).chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&' ') => file.extend(characters.next()),
            ' ' | '\n' if !file.is_empty() => files.push(PathBuf::from(std::mem::take(&mut file))),
            ' ' | '\n' => {}
            other => file.push(other),
        }
    }
    if !file.is_empty() {
        files.push(PathBuf::from(file));
    }
    files
}

/// A process with everything that it starts. All of it ends when this value is dropped, in a panic too.
#[derive(Debug)]
pub struct Group {
    /// The first process of the group.
    pub child: Child,
    name: String,
}

impl Group {
    /// Starts a process at the head of a group of its own.
    ///
    /// # Panics
    ///
    /// When the program cannot be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let name = command.get_program().to_string_lossy().into_owned();
        match command.spawn() {
            Ok(child) => Self { child, name },
            Err(error) => {
                panic!("{name} did not start ({error}). `cargo xtask test` installs what is needed.")
            }
        }
    }

    /// Whether the first process has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal, by its name, to all of the group.
    pub fn signal(&self, signal: &str) {
        // A shell has `kill` built in; the program is in a package that may not be there.
        let _ = Command::new("sh")
            .args(["-c", &format!("kill -{signal} -{}", self.child.id())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }

    /// Every living process of the group.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        processes_of_group(self.child.id())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = self.child.id();
        self.signal("KILL");
        let _ = self.child.wait();
        for _ in 0..500 {
            if processes_of_group(group).is_empty() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        if !std::thread::panicking() {
            panic!("{} left processes behind: {:?}", self.name, processes_of_group(group));
        }
    }
}

fn processes_of_group(group: u32) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process| {
            let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { return false };
            // After the name, which may contain anything: state, parent, group.
            let mut fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
            let state = fields.next();
            state != Some("Z") && fields.nth(1) == Some(group.to_string().as_str())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_sources_is_read_with_spaces_in_names() {
        let list = "/t/debug/p: /a/one.rs /a/with\\ space.rs\n";
        assert_eq!(sources(list), [PathBuf::from("/a/one.rs"), PathBuf::from("/a/with space.rs")]);
        assert!(sources("").is_empty());
    }

    #[test]
    fn a_group_ends_with_its_children() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & sleep 60 & echo started; wait"]).stdout(Stdio::piped());
        let mut group = Group::start(&mut command);
        let mut line = String::new();
        let stdout = group.child.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
        let id = group.child.id();
        assert_eq!(group.processes().len(), 3);
        assert!(!group.has_ended());
        drop(group);
        assert!(processes_of_group(id).is_empty());
    }
}
