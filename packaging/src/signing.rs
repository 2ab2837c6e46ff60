//! Signatures, made by gpg in a home of its own that is private and removed at the end.
//!
//! The key comes from the environment and goes to gpg's standard input. It is in no argument and in no file outside
//! that home, and no other program gets it in its environment ([`crate::tool`]).

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::write;
use crate::project::{NAME, set};
use crate::tool::{Answer, Tool};
use crate::{Error, Result};

/// The armoured private key.
pub const KEY: &str = "LATCHKEY_SIGNING_KEY";
/// Its passphrase, if it has one.
pub const PASSPHRASE: &str = "LATCHKEY_SIGNING_KEY_PASSPHRASE";

/// A private home of gpg. It is removed, and its agent ended, when this value goes.
pub struct Home(TempDir);

impl Home {
    /// An empty one.
    pub fn new() -> Result<Self> {
        let mut folder = tempfile::Builder::new();
        folder.prefix("latchkey-gpg-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            folder.permissions(std::fs::Permissions::from_mode(0o700));
        }
        let home = Self(folder.tempdir().map_err(Error::file("make", Path::new("a temporary folder")))?);
        write(&home.path().join("gpg.conf"), "batch\nno-tty\npinentry-mode loopback\ndigest-algo SHA512\n")?;
        Ok(home)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// gpg with this home.
    #[must_use]
    pub fn gpg(&self) -> Tool {
        self.with(Tool::new("gpg", "gnupg"))
    }

    /// A program that calls gpg, with this home.
    #[must_use]
    pub fn with(&self, tool: Tool) -> Tool {
        tool.variable("GNUPGHOME", self.path())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // The agent holds the key in memory until it is told to go. Without one this fails, as it should.
        let _ = self.with(Tool::new("gpgconf", "gpgconf").args(["--kill", "all"])).try_run();
    }
}

/// A key that signs.
pub struct Signer {
    home: Home,
    fingerprint: String,
}

impl Signer {
    /// The key of the environment, or none when there is none.
    pub fn from_environment() -> Result<Option<Self>> {
        set(KEY).map(|key| Self::new(&key, set(PASSPHRASE).as_deref())).transpose()
    }

    /// A key that is given as text.
    pub fn new(armoured: &str, passphrase: Option<&str>) -> Result<Self> {
        let home = Home::new()?;
        if let Some(passphrase) = passphrase {
            let file = home.path().join("passphrase");
            write(&file, passphrase)?;
            let configuration = home.path().join("gpg.conf");
            let before = crate::error::read_text(&configuration)?;
            write(&configuration, format!("{before}passphrase-file {}\n", file.display()))?;
        }
        home.gpg().args(["--import"]).input(armoured).run().map_err(|error| {
            Error::unfit(format!("{KEY} is no private key in armour that gpg can import.\n{error}"))
        })?;
        // Which key of several signs is gpg's choice, so it is asked by a signature.
        let trial =
            home.gpg().args(["--status-fd", "2", "--detach-sign"]).input("trial").run().map_err(|error| {
                Error::unfit(format!("{KEY} cannot sign; is {PASSPHRASE} right?\n{error}"))
            })?;
        let fingerprint = created_by(&trial)
            .ok_or_else(|| Error::unfit(format!("gpg does not say which key signed:\n{}", trial.err)))?;
        Ok(Self { home, fingerprint })
    }

    /// The fingerprint of the key that signs.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The long id of the key that signs, which names folders of debsig-verify.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.fingerprint[self.fingerprint.len().saturating_sub(16)..]
    }

    /// The public key in armour.
    pub fn public_key(&self) -> Result<Vec<u8>> {
        Ok(self.home.gpg().args(["--armor", "--export", &self.fingerprint]).run()?.out)
    }

    /// A detached signature in armour.
    pub fn detached(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        self.sign(&["--armor", "--detach-sign"], bytes)
    }

    /// The text with its signature around it.
    pub fn clear(&self, text: &[u8]) -> Result<Vec<u8>> {
        self.sign(&["--clear-sign"], text)
    }

    fn sign(&self, how: &[&str], bytes: &[u8]) -> Result<Vec<u8>> {
        Ok(self.home.gpg().args(["--local-user", &self.fingerprint]).args(how).input(bytes).run()?.out)
    }

    /// Puts a signature into a .deb.
    pub fn deb(&self, package: &Path) -> Result<()> {
        let tool = Tool::new("debsigs", "debsigs").args(["--sign=origin", "-k", &self.fingerprint]);
        self.home.with(tool.args([package])).run().map(drop)
    }

    /// Puts a signature into a .rpm.
    pub fn rpm(&self, package: &Path) -> Result<()> {
        let tool = Tool::new("rpmsign", "rpm")
            .args(["--define", &format!("_gpg_name {}", self.fingerprint)])
            .args(["--define", &format!("_gpg_path {}", self.home.path().display())])
            // rpm may look for it by another name, and newer rpm for another program, which this home is not for.
            .args(["--define", &format!("__gpg {}", gpg()?.display())])
            .args(["--define", "_openpgp_sign gpg", "--addsign"])
            .args([package]);
        self.home.with(tool).run().map(drop)
    }

    /// What debsig-verify needs to check the .deb, below `folder` as it has it below /etc/debsig and
    /// /usr/share/debsig: a policy and a keyring.
    pub fn debsig_policy(&self, folder: &Path) -> Result<()> {
        let keyring = self.home.gpg().args(["--export", &self.fingerprint]).run()?.out;
        write(&keyring_of(folder, self.id()), keyring)?;
        let id = self.id();
        let file = format!("{NAME}.gpg");
        let policy = format!(
            "<?xml version=\"1.0\"?>\n\
             <!DOCTYPE Policy SYSTEM \"https://www.debian.org/debsig/1.0/policy.dtd\">\n\
             <Policy xmlns=\"https://www.debian.org/debsig/1.0/\">\n  \
               <Origin Name=\"Latchkey\" id=\"{id}\" Description=\"Packages of Latchkey\"/>\n  \
               <Selection>\n    <Required Type=\"origin\" File=\"{file}\" id=\"{id}\"/>\n  </Selection>\n  \
               <Verification MinOptional=\"0\">\n    <Required Type=\"origin\" File=\"{file}\" id=\"{id}\"/>\n  </Verification>\n\
             </Policy>\n"
        );
        write(&folder.join("policies").join(id).join(format!("{NAME}.pol")), policy)
    }
}

/// gpg's whole path.
fn gpg() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join("gpg"));
    places.find(|place| place.is_file()).ok_or_else(|| Error::unfit("gpg is not on the PATH"))
}

/// Where the keyring of a policy is.
#[must_use]
pub fn keyring_of(folder: &Path, id: &str) -> PathBuf {
    folder.join("keyrings").join(id).join(format!("{NAME}.gpg"))
}

/// The fingerprint in gpg's line `SIG_CREATED type algorithm hash class time fingerprint`.
fn created_by(answer: &Answer) -> Option<String> {
    let line = answer.err.lines().find_map(|line| line.strip_prefix("[GNUPG:] SIG_CREATED "))?;
    line.split_whitespace().nth(5).map(str::to_owned)
}

/// Makes a key for a trial: the armoured private key. Without a passphrase it is not protected.
pub fn trial_key(passphrase: &str) -> Result<String> {
    let home = Home::new()?;
    let protection =
        if passphrase.is_empty() { "%no-protection".to_owned() } else { format!("Passphrase: {passphrase}") };
    let parameters = format!(
        "Key-Type: RSA\nKey-Length: 3072\nKey-Usage: sign\nName-Real: Latchkey trial\nName-Email: trial@example.com\n\
         Expire-Date: 2d\n{protection}\n%commit\n"
    );
    home.gpg().args(["--generate-key"]).input(parameters).run()?;
    // Exporting asks for the passphrase, on the descriptor that also is its only input.
    let exported = home
        .gpg()
        .args(["--passphrase-fd", "0", "--armor", "--export-secret-keys"])
        .input(format!("{passphrase}\n"))
        .run()?;
    Ok(exported.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_home_is_private_and_gone_afterwards() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = Home::new().unwrap();
        let path = home.path().to_path_buf();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        drop(home);
        assert!(!path.exists());
    }
}
