//! Is a folder what was published? Sums, signatures, repository, sizes, each with the tools of the systems that install.

use std::path::Path;

use crate::apt;
use crate::deb;
use crate::error::{read, read_text, write};
use crate::package::{DEBSIG, LIMIT, PUBLIC_KEY, packages};
use crate::signing::{Home, keyring_of};
use crate::sums::{self, SUMS, SUMS_SIGNATURE};
use crate::tool::Tool;
use crate::{Error, Result};

/// What was found right, in the order of the checks.
#[derive(Debug, Default)]
pub struct Verdict(pub Vec<String>);

/// Checks everything. With a key, everything must be signed by it; without one, by the key that lies in the folder, which
/// only shows that the folder is in agreement with itself.
pub fn folder(folder: &Path, key: Option<&Path>) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let count = sums::check(folder)?;
    verdict.0.push(format!("{SUMS}: {count} files, each with its sum"));
    sizes(folder, &mut verdict)?;
    let own = folder.join(PUBLIC_KEY);
    let key = match key {
        Some(key) => key,
        None if own.exists() => {
            verdict.0.push(format!(
                "no --key, so {PUBLIC_KEY} of the folder itself is used: this shows no more than that nothing was damaged"
            ));
            &own
        }
        None if folder.join(SUMS_SIGNATURE).exists() => {
            return Err(Error::check(PUBLIC_KEY, "is missing beside a signature; give the key with --key"));
        }
        None => {
            repository_unsigned(folder)?;
            verdict.0.push("unsigned: nothing shows who made it".to_owned());
            return Ok(verdict);
        }
    };
    let keys = Keys::import(&read(key)?)?;
    verdict.0.push(format!("key {}", keys.fingerprint));
    keys.sums(folder)?;
    verdict.0.push(format!("{SUMS_SIGNATURE}: signed by it"));
    for package in packages(folder)? {
        if package.extension().is_some_and(|extension| extension == "deb") {
            keys.deb(&package, &folder.join(DEBSIG))?;
        } else {
            keys.rpm(&package)?;
        }
        verdict.0.push(format!("{}: signed by it", name_of(&package)));
    }
    keys.repository(&folder.join(apt::FOLDER))?;
    verdict.0.push(format!(
        "{}: InRelease and Release.gpg signed by it, indexes and packages as they say",
        apt::FOLDER
    ));
    Ok(verdict)
}

fn sizes(folder: &Path, verdict: &mut Verdict) -> Result<()> {
    let mut kinds = [false, false];
    for package in packages(folder)? {
        let size = package.metadata().map_err(Error::file("read", &package))?.len();
        if size > LIMIT {
            return Err(Error::check(
                name_of(&package),
                format!("has {size} bytes, and {LIMIT} are the most"),
            ));
        }
        kinds[usize::from(package.extension().is_some_and(|extension| extension == "rpm"))] = true;
        verdict.0.push(format!("{}: {size} bytes", name_of(&package)));
    }
    if kinds == [true, true] {
        return Ok(());
    }
    Err(Error::check(folder.display().to_string(), "has no .deb or no .rpm"))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The repository's chain without a signature at its top.
fn repository_unsigned(folder: &Path) -> Result<()> {
    let repository = folder.join(apt::FOLDER);
    let release = read_text(&apt::suite(&repository).join("Release"))?;
    apt::check(&repository, &release, |path| relative(path, &repository))
}

fn relative(path: &Path, repository: &Path) -> String {
    format!("{}/{}", apt::FOLDER, path.strip_prefix(repository).unwrap_or(path).display())
}

/// Keyrings with one key in them, for each of the tools.
pub struct Keys {
    home: Home,
    /// The fingerprint of the key.
    pub fingerprint: String,
}

impl Keys {
    /// Makes them of a public key.
    pub fn import(key: &[u8]) -> Result<Self> {
        let home = Home::new()?;
        let not_a_key = |error: Error| Error::unfit(format!("the public key cannot be imported.\n{error}"));
        home.gpg().args(["--import"]).input(key).run().map_err(not_a_key)?;
        let list = home.gpg().args(["--with-colons", "--list-keys"]).run()?.text();
        // Each key's own fingerprint is in the first line of its kind after it; those of its subkeys follow.
        let mut fingerprints = Vec::new();
        let mut awaited = false;
        for line in list.lines() {
            if line.starts_with("pub:") {
                awaited = true;
            } else if let Some(rest) = line.strip_prefix("fpr:").filter(|_| awaited) {
                fingerprints.extend(rest.split(':').nth(8));
                awaited = false;
            }
        }
        let [fingerprint] = fingerprints[..] else {
            return Err(Error::unfit(format!(
                "the key file has {} keys, and must have one",
                fingerprints.len()
            )));
        };
        let fingerprint = fingerprint.to_owned();
        write(&home.path().join("key.asc"), key)?;
        let keys = Self { home, fingerprint };
        keys.rpmkeys()
            .args(["--import"])
            .args([keys.home.path().join("key.asc")])
            .run()
            .map_err(not_a_key)?;
        Ok(keys)
    }

    fn rpmkeys(&self) -> Tool {
        let database = self.home.path().join("rpm");
        Tool::new("rpmkeys", "rpm").args(["--dbpath".as_ref(), database.as_os_str()])
    }

    /// Checks SHA256SUMS by its detached signature.
    pub fn sums(&self, folder: &Path) -> Result<()> {
        let signature = read(&folder.join(SUMS_SIGNATURE))?;
        self.detached(&folder.join(SUMS), &signature, SUMS_SIGNATURE, SUMS)
    }

    fn detached(&self, file: &Path, signature: &[u8], signature_name: &str, name: &str) -> Result<()> {
        // gpg reads over damage outside the encoded bytes; here it is damage.
        if !armour_is_whole(signature) {
            return Err(Error::check(signature_name, "is no signature in unchanged armour"));
        }
        let path = self.home.path().join("signature.asc");
        write(&path, signature)?;
        let answer = self.home.gpg().args(["--status-fd", "1", "--verify"]).args([&path, file]).try_run()?;
        self.judge(&answer.text(), answer.success).map_err(|reason| {
            let both = format!("{signature_name} does not fit {name}: {reason}");
            Error::check(signature_name, both)
        })
    }

    /// Whether gpg's status lines say that our key, and no other, made a good signature.
    fn judge(&self, status: &str, success: bool) -> std::result::Result<(), String> {
        let valid: Vec<&str> =
            status.lines().filter_map(|line| line.strip_prefix("[GNUPG:] VALIDSIG ")).collect();
        // The primary key's fingerprint stands last, whichever of its keys signed.
        match valid[..] {
            [line] if success && line.split_whitespace().last() == Some(self.fingerprint.as_str()) => Ok(()),
            _ => {
                let said = ["BADSIG", "ERRSIG", "NODATA", "EXPKEYSIG", "REVKEYSIG"];
                let why = said.into_iter().find(|word| status.contains(&format!("[GNUPG:] {word}")));
                Err(format!("not a good signature of {} ({})", self.fingerprint, why.unwrap_or("none found")))
            }
        }
    }

    /// Checks a .rpm as `rpm -K` does, with this key alone in the database, and a signature required.
    pub fn rpm(&self, package: &Path) -> Result<()> {
        let name = name_of(package);
        let answer = self
            .rpmkeys()
            .args(["--define", "_pkgverify_level all", "--checksig", "--verbose"])
            .args([package])
            .try_run()?;
        let text = answer.everything();
        let signed = text.lines().any(|line| line.contains("Signature") && line.trim_end().ends_with(": OK"));
        let bad = text.lines().any(|line| line.contains("BAD") || line.contains("NOKEY"));
        if answer.success && signed && !bad {
            return Ok(());
        }
        Err(Error::check(name, format!("rpm does not accept it:\n{text}")))
    }

    /// Checks a .deb with debsig-verify, the policy beside it, and this key in place of the keyring beside it.
    pub fn deb(&self, package: &Path, policies: &Path) -> Result<()> {
        let name = name_of(package);
        let bytes = read(package)?;
        let members = deb::members(&bytes).map_err(|error| Error::check(&name, error.to_string()))?;
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        let [first, second, third] = deb::MEMBERS;
        if names != [first, second, third, deb::SIGNATURE_MEMBER] {
            return Err(Error::check(&name, format!("has the members {}", names.join(", "))));
        }
        let keyring = self.home.gpg().args(["--export"]).run()?.out;
        let private = self.home.path().join("debsig");
        for (file, path) in sums::files(&policies.join("policies"))? {
            let id = file.split('/').next().unwrap_or_default();
            write(&private.join("policies").join(&file), read(&path)?)?;
            write(&keyring_of(&private, id), &keyring)?;
        }
        let answer = Tool::new("debsig-verify", "debsig-verify")
            .args(["--policies-dir".as_ref(), private.join("policies").as_os_str()])
            .args(["--keyrings-dir".as_ref(), private.join("keyrings").as_os_str()])
            .args([package])
            .try_run()?;
        if answer.success {
            return Ok(());
        }
        Err(Error::check(name, format!("debsig-verify does not accept it:\n{}", answer.everything())))
    }

    /// Checks the repository: both signatures, that they are about the same text, and the chain below it.
    pub fn repository(&self, repository: &Path) -> Result<()> {
        let suite = apt::suite(repository);
        let release = read_text(&suite.join("Release"))?;
        let signed = suite.join("InRelease");
        let name = relative(&signed, repository);
        let answer = self
            .home
            .gpg()
            .args(["--status-fd", "2", "--output", "-", "--decrypt"])
            .args([&signed])
            .try_run()?;
        self.judge(&answer.err, answer.success).map_err(|reason| Error::check(&name, reason))?;
        if answer.text() != release {
            return Err(Error::check(&name, "signs another text than the Release file beside it"));
        }
        let detached = suite.join("Release.gpg");
        let (signature, file) = (relative(&detached, repository), suite.join("Release"));
        self.detached(&file, &read(&detached)?, &signature, &relative(&file, repository))?;
        apt::check(repository, &release, |path| relative(path, repository))
    }
}

/// Whether a detached signature is exactly as gpg writes armour, with its checksum right.
fn armour_is_whole(bytes: &[u8]) -> bool {
    use base64::Engine as _;
    let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
    let whole = || {
        let text = std::str::from_utf8(bytes).ok()?;
        let body = text.strip_prefix("-----BEGIN PGP SIGNATURE-----\n\n")?;
        let body = body.strip_suffix("\n-----END PGP SIGNATURE-----\n")?;
        let (lines, sum) = body.rsplit_once("\n=")?;
        let lines: Vec<&str> = lines.split('\n').collect();
        let (last, full) = lines.split_last()?;
        if full.iter().any(|line| line.len() != 64) || last.is_empty() || last.len() > 64 {
            return None;
        }
        let sum = decode(sum)?;
        Some(sum == crc24(&decode(&lines.concat())?).to_be_bytes()[1..])
    };
    whole() == Some(true)
}

/// The checksum of armour (RFC 4880 §6.1).
fn crc24(bytes: &[u8]) -> u32 {
    let mut crc: u32 = 0x00b7_04ce;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    crc & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armour_with_any_bit_flipped_is_not_whole() {
        use base64::Engine as _;
        let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let content: Vec<u8> = (0..100).collect();
        let body = encode(&content);
        let sum = encode(&crc24(&content).to_be_bytes()[1..]);
        let good = format!(
            "-----BEGIN PGP SIGNATURE-----\n\n{}\n{}\n={sum}\n-----END PGP SIGNATURE-----\n",
            &body[..64],
            &body[64..128]
        );
        // The rest of the content, so that the sum is about what is there.
        let good = good
            .replace(&format!("{}\n=", &body[64..128]), &format!("{}\n{}\n=", &body[64..128], &body[128..]));
        assert!(armour_is_whole(good.as_bytes()), "{good}");
        for index in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone().into_bytes();
                bad[index] ^= 1 << bit;
                assert!(!armour_is_whole(&bad), "byte {index}, bit {bit}");
            }
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc24(b"123456789"), 0x21_cf02);
    }
}
