//! Declares the one command.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(&["window_ready"]);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo::error={error:#}");
    }
}
