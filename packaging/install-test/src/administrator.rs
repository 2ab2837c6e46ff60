//! What an administrator does, as docs/install.md says it: the key, the source, install, upgrade, remove.

use std::path::Path;

use latchkey_packaging::error::{read, read_text, write};
use latchkey_packaging::signing::Signer;
use latchkey_packaging::{Error, Result, apt};

use crate::release::{Release, Releases, new_signer, publish};
use crate::root::Root;

/// The package.
pub(crate) const PACKAGE: &str = "latchkey";
/// Where the key goes, in the root.
const KEY: &str = "/etc/apt/keyrings/latchkey.asc";
/// Where the source goes, in the root.
const SOURCE: &str = "/etc/apt/sources.list.d/latchkey.sources";
/// Reads our source alone, and calls everything an error that is not as it should be.
const OURS: [&str; 5] =
    ["update", "-o", "Dir::Etc::SourceList=/dev/null", "-o", "APT::Update::Error-Mode=any"];

/// Names the repository and the only key that may sign it.
pub(crate) fn add_source(root: &Root, address: &str, key: &Path) -> Result<()> {
    write(&root.at(KEY), read(key)?)?;
    let source = format!(
        "Types: deb\nURIs: {address}\nSuites: {}\nComponents: {}\nSigned-By: {KEY}\n",
        apt::SUITE,
        apt::COMPONENT
    );
    write(&root.at(SOURCE), source)
}

/// Takes back what [`add_source`] did.
pub(crate) fn remove_source(root: &Root) -> Result<()> {
    for path in [KEY, SOURCE] {
        let path = root.at(path);
        std::fs::remove_file(&path).map_err(Error::file("remove", &path))?;
    }
    Ok(())
}

/// What a repository may be like that nobody should install from.
struct Damage {
    what: &'static str,
    make: fn(&Path, &Signer) -> Result<()>,
    /// Whether apt notices when it reads the repository, and not before it fetches the package.
    early: bool,
    /// What apt is to say.
    reason: &'static str,
}

const DAMAGES: [Damage; 5] = [
    Damage { what: "without a signature", make: unsigned, early: true, reason: "is not signed" },
    Damage { what: "with a changed InRelease", make: changed_release, early: true, reason: "BADSIG" },
    Damage {
        what: "with a changed list of packages",
        make: changed_list,
        early: true,
        reason: "Hash Sum mismatch",
    },
    Damage { what: "signed with another key", make: other_key, early: true, reason: "NO_PUBKEY" },
    Damage {
        what: "with a changed package",
        make: changed_package,
        early: false,
        reason: "Hash Sum mismatch",
    },
];

/// Offers a repository with each kind of damage, and sees apt refuse it.
pub(crate) fn refuses_damage(
    root: &Root,
    releases: &Releases,
    served: &Path,
    say: &dyn Fn(&str),
) -> Result<()> {
    let release = &releases.second;
    for Damage { what, make, early, reason } in DAMAGES {
        publish(&release.repository, served)?;
        make(served, &releases.signer)?;
        forget_lists(root)?;
        let updated = root.admin("apt-get").args(OURS).try_run()?;
        let answer = if early || !updated.success {
            updated
        } else {
            root.admin("sh").args(["-c", "cd /tmp && apt-get download latchkey"]).try_run()?
        };
        let known = root.admin("apt-cache").args(["show", PACKAGE]).try_run()?.success;
        let said = answer.everything();
        if answer.success || (early && known) {
            return Err(Error::unfit(format!("apt accepts a repository {what}:\n{said}")));
        }
        let line = said.lines().find(|line| line.contains(reason));
        let line = line.ok_or_else(|| {
            Error::unfit(format!("apt refuses a repository {what}, but does not say `{reason}`:\n{said}"))
        })?;
        say(&format!("refused, {what}: {}", line.trim()));
    }
    publish(&release.repository, served)?;
    forget_lists(root)?;
    let answer = root.admin("apt-get").args(OURS).run()?;
    say(&format!(
        "the same repository undamaged is accepted: {}",
        answer.text().lines().next().unwrap_or_default()
    ));
    forget_lists(root)
}

/// apt goes on with what it read earlier when a repository turns bad; here it is to see each for the first time.
fn forget_lists(root: &Root) -> Result<()> {
    let lists = root.at("var/lib/apt/lists");
    std::fs::remove_dir_all(&lists).map_err(Error::file("empty", &lists))?;
    std::fs::create_dir_all(lists.join("partial")).map_err(Error::file("make", &lists))
}

fn unsigned(served: &Path, _: &Signer) -> Result<()> {
    for name in ["InRelease", "Release.gpg"] {
        let path = apt::suite(served).join(name);
        std::fs::remove_file(&path).map_err(Error::file("remove", &path))?;
    }
    Ok(())
}

fn changed_release(served: &Path, _: &Signer) -> Result<()> {
    let path = apt::suite(served).join("InRelease");
    write(&path, read_text(&path)?.replace("Origin: Latchkey", "Origin: Somebody"))
}

fn changed_list(served: &Path, _: &Signer) -> Result<()> {
    change(&apt::suite(served), |name| name.contains("Packages"))
}

fn changed_package(served: &Path, _: &Signer) -> Result<()> {
    change(served, |name| name.ends_with(".deb"))
}

fn other_key(served: &Path, _: &Signer) -> Result<()> {
    apt::sign(served, &new_signer()?)
}

/// Flips a bit in the middle of each file that is meant.
fn change(folder: &Path, meant: impl Fn(&str) -> bool) -> Result<()> {
    let files = latchkey_packaging::sums::files(folder)?;
    let mut meant = files.into_iter().filter(|(name, _)| meant(name)).peekable();
    if meant.peek().is_none() {
        return Err(Error::unfit(format!("nothing to change in {}", folder.display())));
    }
    meant.try_for_each(|(_, path)| {
        let mut bytes = read(&path)?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        write(&path, bytes)
    })
}

/// Installs the package with what it depends on, which Debian has. Returns how many packages came with it.
pub(crate) fn install(root: &Root, release: &Release) -> Result<usize> {
    let before = installed(root)?.len();
    root.apt(&["update"])?;
    root.apt(&["install", PACKAGE])?;
    is_installed(root, release)?;
    Ok(installed(root)?.len() - before - 1)
}

/// Upgrades everything there is an upgrade for, as an administrator does.
pub(crate) fn upgrade(root: &Root, release: &Release) -> Result<()> {
    root.apt(&["update"])?;
    root.apt(&["upgrade"])?;
    is_installed(root, release)
}

/// `apt remove`, then `apt purge`, for what removing leaves.
pub(crate) fn remove(root: &Root) -> Result<()> {
    root.apt(&["remove", PACKAGE])?;
    root.apt(&["purge", PACKAGE])?;
    match installed(root)?.iter().any(|name| name == PACKAGE) {
        true => Err(Error::unfit("apt removed the package, and dpkg still lists it")),
        false => Ok(()),
    }
}

fn is_installed(root: &Root, release: &Release) -> Result<()> {
    let query = ["--show", "--showformat=${db:Status-Status} ${Version}", PACKAGE];
    let now = root.admin("dpkg-query").args(query).run()?.text();
    let wanted = format!("installed {}", release.version);
    if now != wanted {
        return Err(Error::unfit(format!("dpkg says `{now}`, not `{wanted}`")));
    }
    // Each file as it was packed.
    let verified = root.admin("dpkg").args(["--verify", PACKAGE]).run()?.everything();
    if verified.is_empty() { Ok(()) } else { Err(Error::unfit(format!("dpkg --verify: {verified}"))) }
}

/// The names of every package that dpkg knows something of.
pub(crate) fn installed(root: &Root) -> Result<Vec<String>> {
    let answer = root.admin("dpkg-query").args(["--show", "--showformat=${Package}\n"]).run()?;
    Ok(answer.text().lines().map(str::to_owned).collect())
}

/// Every file of the package, without the folders.
pub(crate) fn files(root: &Root) -> Result<Vec<String>> {
    let answer = root.admin("dpkg").args(["--listfiles", PACKAGE]).run()?.text();
    Ok(answer.lines().filter(|path| root.at(path).is_file()).map(str::to_owned).collect())
}

/// Whatever outside of homes still is ours or names us: files by name, then by content. What apt and dpkg write down about
/// their own doings is theirs.
pub(crate) fn left(root: &Root, files: &[String]) -> Result<Vec<String>> {
    let mut left: Vec<String> =
        files.iter().filter(|path| root.at(path).symlink_metadata().is_ok()).cloned().collect();
    let named =
        "find / -xdev \\( -path /home -o -path /root -o -path /tmp \\) -prune -o -iname '*latchkey*' -print";
    // The word itself is in dictionaries.
    let naming = "grep --recursive --files-with-matches --extended-regexp --devices=skip \
                  'Latchkey|latchkey-desktop|app[.]latchkey' /etc /opt /srv /usr /var";
    for script in [named, naming] {
        let answer = root.admin("sh").args(["-c", script]).try_run()?;
        left.extend(answer.text().lines().map(str::to_owned));
    }
    let records = ["/var/log/", "/var/lib/apt/", "/var/lib/dpkg/status-old", "/var/cache/apt/"];
    left.retain(|path| !records.iter().any(|record| path.starts_with(record)));
    left.sort();
    left.dedup();
    Ok(left)
}
