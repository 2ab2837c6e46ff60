//! What the tests share.

#[cfg(target_os = "linux")] // WebDriver can drive a webview there alone
pub mod axe;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod flows;
pub mod keychains;
pub mod pages;
pub mod peers;
pub mod person;
pub mod programs;
