//! The whole way with a key of its own: package twice and compare, sign, verify, damage and see it noticed, and ask the
//! tools of the systems that install what they think of the packages.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::contents::{DESKTOP_ENTRY, METAINFO};
use crate::error::{read, write};
use crate::package::{self, PUBLIC_KEY};
use crate::programs::{self, Programs};
use crate::project::Project;
use crate::signing::{Signer, trial_key};
use crate::sums::{self, SUMS, SUMS_SIGNATURE};
use crate::tool::Tool;
use crate::verify::{self, Keys};
use crate::{Error, Result, apt};

/// The passphrase of the key that is made for the trial. It guards nothing, and shows that passphrases work.
const WORDS: &str = "a passphrase with spaces";

/// Builds the programs, with `rebuild` twice, and tries everything with them, telling `say` what was seen.
pub fn run(project: &Project, rebuild: bool, say: &dyn Fn(&str)) -> Result<()> {
    let programs = programs::build(project, &project.root.join(programs::TARGET))?;
    if rebuild {
        let place = temporary()?;
        same_programs(project, &programs, &place.path().join("target"), say)?;
    }
    with(project, &programs, say)
}

/// Tries everything with programs that are built.
pub fn with(project: &Project, programs: &Programs, say: &dyn Fn(&str)) -> Result<()> {
    let place = temporary()?;
    let place = place.path();
    let (first, second) = (place.join("first"), place.join("second"));
    package::assemble(project, programs, None, &first)?;
    package::assemble(project, programs, None, &second)?;
    same_bytes(&first, &second, say)?;
    verify::folder(&first, None)?.0.iter().for_each(|line| say(&format!("unsigned: {line}")));

    let signer = Signer::new(&trial_key(WORDS)?, Some(WORDS))?;
    package::sign(&signer, &first)?;
    // The key as the world knows it, from elsewhere than the folder.
    let key = place.join("key.asc");
    write(&key, signer.public_key()?)?;
    verify::folder(&first, Some(&key))?.0.iter().for_each(|line| say(&format!("signed: {line}")));

    judged(&first, place, say)?;
    contents(&first, say)?;
    damage(&first, &key, say)?;
    each_signature_alone(&first, &key, place, say)?;
    another_key(&first, place, say)?;
    apt_accepts(&first, &key, place, say)
}

fn temporary() -> Result<TempDir> {
    tempfile::tempdir().map_err(Error::file("make", Path::new("a temporary folder")))
}

/// Builds both programs a second time, from nothing, in another folder.
fn same_programs(project: &Project, programs: &Programs, target: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let again = programs::build(project, target)?;
    for (one, other) in [(&programs.cli, &again.cli), (&programs.desktop, &again.desktop)] {
        if read(one)? != read(other)? {
            return Err(Error::check(one.display().to_string(), "differs when it is built again"));
        }
        say(&format!("{}: the same when built again elsewhere", one.display()));
    }
    Ok(())
}

fn same_bytes(first: &Path, second: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let (one, other) = (sums::files(first)?, sums::files(second)?);
    if one.keys().ne(other.keys()) {
        return Err(Error::unfit("the two runs made files of different names"));
    }
    for (name, path) in &one {
        if read(path)? != read(&other[name])? {
            return Err(Error::check(name, "differs between two runs"));
        }
    }
    say(&format!("two runs: {} files, the same bytes", one.len()));
    Ok(())
}

/// Flips a byte at three places of each file, and every byte of the one file that no sum is about.
fn damage(folder: &Path, key: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let mut flips = 0;
    let files = sums::files(folder)?;
    let mut flipped = |name: &str, place: usize, check: &dyn Fn() -> Result<()>| -> Result<()> {
        let path = &files[name];
        let good = read(path)?;
        let mut bad = good.clone();
        bad[place] ^= 1;
        write(path, &bad)?;
        let outcome = check();
        write(path, &good)?;
        match outcome {
            Err(error) if error.to_string().contains(name) => {
                flips += 1;
                Ok(())
            }
            Err(error) => Err(Error::check(name, format!("byte {place} flipped: another is named: {error}"))),
            Ok(()) => Err(Error::check(name, format!("byte {place} flipped, and nothing noticed"))),
        }
    };
    for (name, path) in &files {
        let last = read(path)?.len().saturating_sub(1);
        for place in [0, last / 2, last] {
            flipped(name, place, &|| verify::folder(folder, Some(key)).map(drop))?;
        }
    }
    let keys = Keys::import(&read(key)?)?;
    for place in 0..read(&folder.join(SUMS_SIGNATURE))?.len() {
        flipped(SUMS_SIGNATURE, place, &|| keys.sums(folder))?;
    }
    verify::folder(folder, Some(key))?;
    say(&format!("damage: {flips} flipped bytes in {} files, each noticed, its file named", files.len()));
    Ok(())
}

/// Damages a package so that only its own signature can notice, since the sums are made again.
fn each_signature_alone(folder: &Path, key: &Path, place: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let keys = Keys::import(&read(key)?)?;
    for package in package::packages(folder)? {
        let name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let copy = place.join(&name);
        let deb = name.ends_with(".deb");
        let check =
            |path: &Path| if deb { keys.deb(path, &folder.join(package::DEBSIG)) } else { keys.rpm(path) };
        let mut bad = read(&package)?;
        write(&copy, &bad)?;
        check(&copy)?;
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        write(&copy, bad)?;
        noticed(&name, check(&copy), say)?;
    }
    let repository = place.join("repository");
    for (name, path) in sums::files(&folder.join(apt::FOLDER))? {
        write(&repository.join(name), read(&path)?)?;
    }
    keys.repository(&repository)?;
    for name in ["InRelease", "Release", "Release.gpg", "main/binary-amd64/Packages"] {
        let path = apt::suite(&repository).join(name.replace("amd64", crate::project::deb_architecture()?));
        let good = read(&path)?;
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        write(&path, bad)?;
        let outcome = keys.repository(&repository);
        write(&path, good)?;
        noticed(&format!("{}/{name}", apt::FOLDER), outcome, say)?;
    }
    let sums_only = place.join("sums");
    write(&sums_only.join(SUMS), [read(&folder.join(SUMS))?, b"\n".to_vec()].concat())?;
    write(&sums_only.join(SUMS_SIGNATURE), read(&folder.join(SUMS_SIGNATURE))?)?;
    noticed(SUMS, keys.sums(&sums_only), say)
}

fn noticed(name: &str, outcome: Result<()>, say: &dyn Fn(&str)) -> Result<()> {
    match outcome {
        Ok(()) => Err(Error::check(name, "was damaged, and its own signature did not notice")),
        Err(error) => {
            let text = error.to_string();
            say(&format!("its signature alone: {}", text.lines().next().unwrap_or_default()));
            Ok(())
        }
    }
}

fn another_key(folder: &Path, place: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let other = Signer::new(&trial_key("")?, None)?;
    let key = place.join("other.asc");
    write(&key, other.public_key()?)?;
    match verify::folder(folder, Some(&key)) {
        Ok(_) => Err(Error::check(SUMS_SIGNATURE, "is accepted with a key that did not sign")),
        Err(error) => {
            say(&format!("another key: {error}"));
            Ok(())
        }
    }
}

/// Lets apt read the repository as people would, with `Signed-By` and nothing trusted besides, and with damage.
fn apt_accepts(folder: &Path, key: &Path, place: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let repository = place.join("served");
    for (name, path) in sums::files(&folder.join(apt::FOLDER))? {
        write(&repository.join(name), read(&path)?)?;
    }
    let update = |key: &Path, state: &str| -> Result<(bool, String)> {
        let root = place.join(state);
        for below in ["state/lists/partial", "cache/archives/partial", "etc"] {
            let below = root.join(below);
            std::fs::create_dir_all(&below).map_err(Error::file("make", &below))?;
        }
        let sources = root.join("etc/latchkey.list");
        let line = format!(
            "deb [signed-by={}] file:{} {} {}\n",
            key.display(),
            repository.display(),
            apt::SUITE,
            apt::COMPONENT
        );
        write(&sources, line)?;
        let option = |name: &str, value: &Path| format!("{name}={}", value.display());
        let apt = |arguments: &[&str]| {
            Tool::new("apt-get", "apt")
                .args([
                    "-o",
                    &option("Dir::State", &root.join("state")),
                    "-o",
                    &option("Dir::Cache", &root.join("cache")),
                ])
                .args([
                    "-o",
                    &option("Dir::Etc::SourceList", &sources),
                    "-o",
                    "Dir::Etc::SourceParts=/dev/null",
                ])
                .args(["-o", "Dir::Etc::TrustedParts=/dev/null", "-o", "APT::Sandbox::User=root"])
                .args(["-o", "APT::Update::Error-Mode=any"])
                .args(arguments)
                .folder(&root)
                .try_run()
        };
        let updated = apt(&["update"])?;
        if !updated.success {
            return Ok((false, updated.everything()));
        }
        let downloaded = apt(&["download", "latchkey"])?;
        Ok((downloaded.success, downloaded.everything()))
    };
    let (accepted, said) = update(key, "apt-good")?;
    if !accepted {
        return Err(Error::check(apt::FOLDER, format!("apt does not accept it:\n{said}")));
    }
    say("apt: reads the repository with signed-by, and downloads the package");
    let (accepted, _) = update(&place.join("other.asc"), "apt-other")?;
    let release = apt::suite(&repository).join("InRelease");
    let text = String::from_utf8_lossy(&read(&release)?).replace("Origin: Latchkey", "Origin: Somebody");
    write(&release, text)?;
    let (damaged, said) = update(key, "apt-damaged")?;
    if accepted || damaged {
        return Err(Error::check(
            apt::FOLDER,
            "apt accepts it with another key, or with a changed InRelease",
        ));
    }
    let reason =
        said.lines().find(|line| line.contains("signature") || line.contains("GPG")).unwrap_or_default();
    say(&format!("apt: refuses another key, and a changed InRelease ({})", reason.trim()));
    Ok(())
}

/// What lintian, desktop-file-validate and appstreamcli say of the unpacked package.
fn judged(folder: &Path, place: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let deb = one(folder, ".deb")?;
    let root = place.join("root");
    Tool::new("dpkg-deb", "dpkg").args(["--extract".as_ref(), deb.as_os_str(), root.as_os_str()]).run()?;
    let share = root.join("usr/share");
    let tell = |name: &str, tool: Tool| -> Result<()> {
        let said = tool.run()?.everything();
        let said = if said.is_empty() { "nothing to say".to_owned() } else { said };
        said.lines().for_each(|line| say(&format!("{name}: {line}")));
        Ok(())
    };
    tell(
        "desktop-file-validate",
        Tool::new("desktop-file-validate", "desktop-file-utils")
            .args([share.join("applications").join(DESKTOP_ENTRY)]),
    )?;
    tell(
        "appstreamcli validate",
        Tool::new("appstreamcli", "appstream")
            .args(["validate", "--no-net", "--explain"])
            .args([share.join("metainfo").join(METAINFO)]),
    )?;
    // The signature is a member that lintian does not know, so it judges the package as it was before.
    let unsigned = place.join("second").join(deb.file_name().unwrap_or_default());
    tell(
        "lintian",
        Tool::new("lintian", "lintian")
            .args(["--fail-on", "error", "--tag-display-limit", "0", "--allow-root"])
            .args([unsigned]),
    )
}

fn contents(folder: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let deb = one(folder, ".deb")?;
    let rpm = one(folder, ".rpm")?;
    let list = |tool: Tool| -> Result<()> {
        tool.run()?.text().lines().for_each(say);
        Ok(())
    };
    list(Tool::new("dpkg-deb", "dpkg").args(["--info"]).args([&deb]))?;
    list(Tool::new("dpkg-deb", "dpkg").args(["--contents"]).args([&deb]))?;
    list(Tool::new("rpm", "rpm").args(["-qpilv", "--nosignature"]).args([&rpm]))?;
    list(Tool::new("rpm", "rpm").args(["-qp", "--requires", "--recommends", "--nosignature"]).args([&rpm]))?;
    say(&format!(
        "{PUBLIC_KEY} and the rest: {}",
        sums::files(folder)?.into_keys().collect::<Vec<_>>().join(", ")
    ));
    Ok(())
}

fn one(folder: &Path, ending: &str) -> Result<PathBuf> {
    package::packages(folder)?
        .into_iter()
        .find(|path| path.to_string_lossy().ends_with(ending))
        .ok_or_else(|| Error::unfit(format!("there is no {ending}")))
}
