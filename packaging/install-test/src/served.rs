//! The repository as a web server would give it, on loopback.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};

use latchkey_packaging::{Error, Result};

/// Serves what is in a folder at the time of each request, until the program ends. Returns the address.
pub(crate) fn serve(folder: &Path) -> Result<String> {
    let failed = |error: std::io::Error| Error::unfit(format!("the repository cannot be served: {error}"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let folder = folder.to_path_buf();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever hangs up early asks again.
            let _ = answer(stream, &folder);
        }
    });
    Ok(format!("http://{address}"))
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let bytes = first
        .split(' ')
        .nth(1)
        .and_then(|path| place(folder, path))
        .and_then(|path| std::fs::read(path).ok());
    let (status, bytes) = bytes.map_or(("404 Not Found", Vec::new()), |bytes| ("200 OK", bytes));
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(&bytes)
}

/// The file that a path names; none outside the folder.
fn place(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path.trim_start_matches('/'));
    path.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(path))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn get(address: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_file_is_given_and_nothing_outside_the_folder_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let address = serve(&folder).unwrap();
        assert!(get(&address, "/served.rs").contains("a_file_is_given"));
        for path in ["/../Cargo.toml", "/none", "/"] {
            assert!(get(&address, path).starts_with("HTTP/1.1 404"), "{path}");
        }
    }
}
