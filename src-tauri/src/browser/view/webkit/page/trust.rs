//! Whose page it is, and whether its certificate is trusted.

use std::path::Path;

use gtk::gio;
use gtk::gio::prelude::TlsCertificateExt as _;
use url::Url;

/// `host` or `host:port`, as an address bar shows it.
pub(super) fn host_of(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => String::new(),
        },
        Err(_) => String::new(),
    }
}

/// Whether an authority of the file issued the certificate, for this host and this time.
pub(super) fn vouches(file: &Path, url: &Url, certificate: &gio::TlsCertificate) -> bool {
    let Some(host) = url.host_str() else { return false };
    let identity = gio::NetworkAddress::new(host, url.port_or_known_default().unwrap_or(443));
    let authorities = gio::TlsCertificate::list_new_from_file(file).unwrap_or_default();
    authorities.iter().any(|authority| certificate.verify(Some(&identity), Some(authority)).is_empty())
}
