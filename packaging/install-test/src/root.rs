//! A bare Debian in a folder: made once by debootstrap, copied for each run, entered with chroot.
//!
//! Whoever starts this gives it mounts and processes of its own, so that nothing of either outlives it. Devices are made
//! for it, and none of the computer's own is below the folder: removing the folder can never remove more.

use std::fs::File;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use latchkey_packaging::error::{read_text, write};
use latchkey_packaging::tool::{Answer, Tool};
use latchkey_packaging::{Error, Result};

/// The release that the packages promise to work on.
const SUITE: &str = "bookworm";
/// Settings of apt that say how this computer reaches its mirror. None of them is about signatures.
const HOST_SETTINGS: [&str; 5] = [
    "Acquire::http::Proxy",
    "Acquire::https::Proxy",
    "Acquire::Retries",
    "Acquire::Check-Valid-Until",
    "Acquire::Check-Date",
];

/// Devices that programs expect: name, major and minor number.
const DEVICES: [(&str, &str, &str); 6] = [
    ("null", "1", "3"),
    ("zero", "1", "5"),
    ("full", "1", "7"),
    ("random", "1", "8"),
    ("urandom", "1", "9"),
    ("tty", "5", "0"),
];

/// A Debian of this run's own.
pub(crate) struct Root {
    folder: PathBuf,
}

impl Root {
    /// A new one below `cache`, with what the Debian mirror has today. `true` when debootstrap had to be asked for it.
    pub(crate) fn fresh(cache: &Path, mirror: &str) -> Result<(Self, bool)> {
        let (base, made) = (cache.join("base"), cache.join("base-made"));
        let asks = !made.exists();
        if asks {
            remove(&base)?;
            Tool::new("debootstrap", "debootstrap")
                .args(["--variant=minbase", SUITE])
                .args([&base])
                .args([mirror])
                .run()?;
            write(&made, mirror)?;
        }
        let root = Self { folder: cache.join("root") };
        remove(&root.folder)?;
        Tool::new("cp", "coreutils")
            .args(["--archive", "--reflink=auto"])
            .args([&base, &root.folder])
            .run()?;
        root.mount(cache)?;
        root.configure(mirror)?;
        Ok((root, asks))
    }

    /// A place in it, as this program sees it.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.join(path.trim_start_matches('/'))
    }

    /// A program in it, run by root with nothing of this computer in its environment.
    pub(crate) fn admin(&self, program: &str) -> Tool {
        Tool::new("chroot", "coreutils")
            .args([&self.folder])
            .args(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"])
            .args(["DEBIAN_FRONTEND=noninteractive", program])
    }

    /// The folder itself, for programs that are started otherwise.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// apt-get with what everybody wants of it here.
    pub(crate) fn apt(&self, arguments: &[&str]) -> Result<Answer> {
        self.admin("apt-get").args(["--quiet", "--yes"]).args(arguments).run()
    }

    fn mount(&self, cache: &Path) -> Result<()> {
        let mount = |arguments: &[&str], place: &str| -> Result<()> {
            let place = self.at(place);
            std::fs::create_dir_all(&place).map_err(Error::file("make", &place))?;
            Tool::new("mount", "mount").args(arguments).args([place]).run().map(drop)
        };
        mount(&["-t", "proc", "proc"], "proc")?;
        mount(&["-t", "tmpfs", "-o", "mode=755", "tmpfs"], "dev")?;
        for (name, major, minor) in DEVICES {
            Tool::new("mknod", "coreutils")
                .args(["--mode=666"])
                .args([self.at("dev").join(name)])
                .args(["c", major, minor])
                .run()?;
        }
        mount(&["-t", "devpts", "-o", "newinstance,ptmxmode=666,mode=620", "devpts"], "dev/pts")?;
        mount(&["-t", "tmpfs", "-o", "mode=1777", "tmpfs"], "dev/shm")?;
        for (to, name) in [("pts/ptmx", "dev/ptmx"), ("/proc/self/fd", "dev/fd")] {
            symlink(to, self.at(name)).map_err(Error::file("link", &self.at(name)))?;
        }
        // What Debian's mirror gave once need not be fetched again.
        let archives = cache.join("archives");
        std::fs::create_dir_all(&archives).map_err(Error::file("make", &archives))?;
        for entry in std::fs::read_dir(&archives).map_err(Error::file("read", &archives))?.flatten() {
            // Ours are new in each run.
            if entry.file_name().to_string_lossy().starts_with("latchkey_") {
                std::fs::remove_file(entry.path()).map_err(Error::file("remove", &entry.path()))?;
            }
        }
        mount(&["--bind", &archives.to_string_lossy()], "var/cache/apt/archives")
    }

    fn configure(&self, mirror: &str) -> Result<()> {
        let mirror = mirror.trim_end_matches('/');
        let sources = [
            (mirror.to_owned(), SUITE.to_owned()),
            (mirror.to_owned(), format!("{SUITE}-updates")),
            (format!("{mirror}-security"), format!("{SUITE}-security")),
        ];
        let lines = sources.map(|(mirror, suite)| format!("deb {mirror} {suite} main\n")).concat();
        write(&self.at("etc/apt/sources.list"), lines)?;
        write(&self.at("etc/apt/apt.conf.d/80host"), host_settings()?)?;
        write(&self.at("etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n")?;
        if let Ok(names) = read_text(Path::new("/etc/resolv.conf")) {
            write(&self.at("etc/resolv.conf"), names)?;
        }
        // The folder lives for minutes: it need not survive a power cut.
        write(&self.at("etc/dpkg/dpkg.cfg.d/no-sync"), "force-unsafe-io\n")?;
        // Nothing is to start services in it.
        let policy = self.at("usr/sbin/policy-rc.d");
        write(&policy, "#!/bin/sh\nexit 101\n")?;
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&policy, executable).map_err(Error::file("change", &policy))
    }
}

/// How this computer reaches its mirror; what is served here is reached directly.
fn host_settings() -> Result<String> {
    let answer = Tool::new("apt-config", "apt").args(["dump", "Acquire"]).run()?.text();
    let wanted = |line: &&str| {
        HOST_SETTINGS
            .iter()
            .any(|name| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', ':'])))
    };
    let mut text: String = answer.lines().filter(wanted).map(|line| format!("{line}\n")).collect();
    if let Ok(proxy) = std::env::var("http_proxy") {
        text.push_str(&format!("Acquire::http::Proxy \"{proxy}\";\n"));
    }
    text.push_str("Acquire::http::Proxy::127.0.0.1 \"DIRECT\";\n");
    Ok(text)
}

fn remove(folder: &Path) -> Result<()> {
    Tool::new("rm", "coreutils")
        .args(["--recursive", "--force", "--one-file-system"])
        .args([folder])
        .run()
        .map(drop)
}

/// Everything a program writes goes there.
pub(crate) fn log(path: &Path) -> Result<File> {
    File::options().create(true).append(true).open(path).map_err(Error::file("open", path))
}
