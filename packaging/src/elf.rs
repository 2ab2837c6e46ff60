//! What a program asks of the system's libraries, as its dynamic section says it. binutils, which linked it, reads it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::Result;
use crate::tool::Tool;

/// What a program needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Libraries, by soname.
    pub libraries: BTreeSet<String>,
    /// Versions of symbols that a library must have: soname and version.
    pub versions: BTreeSet<(String, String)>,
}

impl Needs {
    /// What `program` needs.
    pub fn of(program: &Path) -> Result<Self> {
        let answer = Tool::new("objdump", "binutils").args(["-p".as_ref(), program.as_os_str()]).run()?;
        Ok(Self::read(&answer.text()))
    }

    /// What several programs need together.
    pub fn together(programs: &[&Path]) -> Result<Self> {
        let mut all = Self::default();
        for program in programs {
            let needs = Self::of(program)?;
            all.libraries.extend(needs.libraries);
            all.versions.extend(needs.versions);
        }
        Ok(all)
    }

    fn read(text: &str) -> Self {
        let mut needs = Self::default();
        let mut library = None;
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["NEEDED", soname] => {
                    needs.libraries.insert((*soname).to_owned());
                }
                ["required", "from", soname] => library = Some(soname.trim_end_matches(':').to_owned()),
                // Hash, flags, index, version.
                [hash, _, _, version] if hash.starts_with("0x") => {
                    if let Some(soname) = &library {
                        needs.versions.insert((soname.clone(), (*version).to_owned()));
                    }
                }
                _ => {}
            }
        }
        needs
    }

    /// The names that rpm gives all this: `libgtk-3.so.0()(64bit)`, `libc.so.6(GLIBC_2.34)(64bit)`.
    #[must_use]
    pub fn rpm_names(&self) -> BTreeSet<String> {
        let libraries = self.libraries.iter().map(|soname| format!("{soname}()(64bit)"));
        let versions = self.versions.iter().map(|(soname, version)| format!("{soname}({version})(64bit)"));
        libraries.chain(versions).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_and_versions_are_read_from_the_dynamic_section() {
        let text = "
Dynamic Section:
  NEEDED               libgtk-3.so.0
  NEEDED               libc.so.6
  INIT                 0x0000000000001000

Version References:
  required from libc.so.6:
    0x069691b4 0x00 05 GLIBC_2.34
    0x0d696913 0x00 03 GLIBC_2.3
";
        let needs = Needs::read(text);
        let names: Vec<String> = needs.rpm_names().into_iter().collect();
        assert_eq!(
            names,
            [
                "libc.so.6()(64bit)",
                "libc.so.6(GLIBC_2.3)(64bit)",
                "libc.so.6(GLIBC_2.34)(64bit)",
                "libgtk-3.so.0()(64bit)"
            ]
        );
    }
}
