//! The .rpm.

use rpm::{BuildConfig, CompressionWithLevel, Dependency, FileOptions, PackageBuilder};

use crate::depends::{CERTIFICATES, RPM_RECOMMENDS};
use crate::elf::Needs;
use crate::project::{DESCRIPTION, LICENCE, NAME, Project, SUMMARY};
use crate::tree::{Kind, Tree};
use crate::{Error, Result};

/// The library begins anew with each file when it writes xz, and so would not notice how much the two programs have in
/// common. From this level on zstd remembers enough of the first.
const COMPRESSION: CompressionWithLevel = CompressionWithLevel::Zstd(20);

/// The file name of the package.
#[must_use]
pub fn file_name(project: &Project) -> String {
    format!("{NAME}-{}.{}.rpm", project.full_version(), std::env::consts::ARCH)
}

/// The whole package, unsigned.
pub fn build(project: &Project, tree: &Tree, needs: &Needs) -> Result<Vec<u8>> {
    let mut builder = PackageBuilder::new(NAME, &project.version, LICENCE, std::env::consts::ARCH, SUMMARY);
    builder
        .using_config(BuildConfig::v4().compression(COMPRESSION).source_date(project.epoch))
        .release(project.revision.to_string())
        .description(DESCRIPTION.join("\n\n"))
        .packager(project.maintainer.clone())
        // Not this machine's name.
        .build_host("localhost")
        .requires(Dependency::any(CERTIFICATES));
    for name in needs.rpm_names() {
        builder.requires(Dependency::any(name));
    }
    for alternatives in RPM_RECOMMENDS {
        builder.recommends(Dependency::any(alternatives));
    }
    for folder in tree.folders().into_iter().filter(|folder| folder.ends_with(&format!("/{NAME}"))) {
        builder.with_dir_entry(FileOptions::dir(format!("/{folder}")).permissions(0o755)).map_err(failed)?;
    }
    for (path, entry) in tree.files() {
        let mode = u16::try_from(entry.mode).map_err(|error| Error::unfit(error.to_string()))?;
        let options = FileOptions::new(format!("/{path}")).permissions(mode);
        let options = match entry.kind {
            Kind::Plain => options,
            Kind::Documentation => options.doc(),
            Kind::Licence => options.license(),
        };
        builder.with_file_contents(entry.bytes.clone(), options).map_err(failed)?;
    }
    let mut bytes = Vec::new();
    builder.build().map_err(failed)?.write(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn failed(error: rpm::Error) -> Error {
    Error::unfit(format!("the .rpm: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_give_the_same_bytes_with_requirements_and_modes() {
        let project = Project::example();
        let mut tree = Tree::default();
        tree.program("usr/bin/latchkey", "one");
        tree.licence("usr/share/licenses/latchkey/LICENSE-MIT", "two");
        let mut needs = Needs::default();
        needs.libraries.insert("libc.so.6".to_owned());
        let bytes = build(&project, &tree, &needs).unwrap();
        assert_eq!(bytes, build(&project, &tree, &needs).unwrap());

        let package = rpm::Package::parse(&mut bytes.as_slice()).unwrap();
        assert_eq!(package.metadata.get_release().unwrap(), "2");
        let requires = package.metadata.get_requires().unwrap();
        for name in ["libc.so.6()(64bit)", "ca-certificates"] {
            assert!(requires.iter().any(|needed| needed.name == name), "{name}");
        }
        let files = package.metadata.get_file_entries().unwrap();
        let modes: Vec<(String, u16)> =
            files.iter().map(|file| (file.path().display().to_string(), file.mode().permissions())).collect();
        assert!(modes.contains(&("/usr/bin/latchkey".to_owned(), 0o755)), "{modes:?}");
        assert!(modes.contains(&("/usr/share/licenses/latchkey".to_owned(), 0o755)), "{modes:?}");
    }
}
