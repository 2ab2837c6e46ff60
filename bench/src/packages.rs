//! The size of each package.

use std::path::{Path, PathBuf};

use crate::Failure;
use crate::report::Line;

const BOUND: f64 = 8.0;
const MIB: f64 = 1024.0 * 1024.0;
const ENDINGS: [&str; 6] = ["deb", "rpm", "AppImage", "dmg", "msi", "exe"];

/// A line for each package below the folder; one that does not hold where there is none.
pub(crate) fn measure(folder: Option<&Path>) -> Result<Vec<Line>, Failure> {
    let none = |why: &str| Ok(vec![Line::not_measured("package size", "MiB", BOUND, why)]);
    let Some(folder) = folder else { return none("no packages: name their folder with --packages") };
    let mut packages = Vec::new();
    collect(folder, &mut packages).map_err(|error| format!("{}: {error}", folder.display()))?;
    packages.sort();
    // A repository holds the same package again.
    packages.dedup_by(|one, other| one.0 == other.0);
    if packages.is_empty() {
        return none("no packages in the folder of --packages");
    }
    let line = |(name, bytes): (String, u64)| {
        Line::most(format!("package size, {name}"), "MiB", vec![bytes as f64 / MIB], BOUND)
    };
    Ok(packages.into_iter().map(line).collect())
}

fn collect(folder: &Path, packages: &mut Vec<(String, u64)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path: PathBuf = entry.path();
        if path.is_dir() {
            collect(&path, packages)?;
        } else if path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
            packages.push((entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    #[test]
    fn each_package_has_a_line_and_none_is_not_a_small_one() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        assert_eq!(measure(None)?[0].verdict(), Verdict::NotMeasured);
        assert_eq!(measure(Some(folder.path()))?[0].verdict(), Verdict::NotMeasured);
        std::fs::create_dir(folder.path().join("pool"))?;
        for name in ["a.deb", "pool/a.deb", "a.rpm", "SHA256SUMS"] {
            std::fs::write(folder.path().join(name), "small")?;
        }
        std::fs::File::create(folder.path().join("large.deb"))?.set_len(9 * 1024 * 1024)?;
        let lines = measure(Some(folder.path()))?;
        let verdicts: Vec<(&str, Verdict)> =
            lines.iter().map(|line| (line.name.as_str(), line.verdict())).collect();
        assert_eq!(
            verdicts,
            [
                ("package size, a.deb", Verdict::Holds),
                ("package size, a.rpm", Verdict::Holds),
                ("package size, large.deb", Verdict::Over),
            ]
        );
        assert!(measure(Some(&folder.path().join("absent"))).is_err());
        Ok(())
    }
}
