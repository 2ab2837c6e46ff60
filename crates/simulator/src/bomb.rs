//! A small gzip file that becomes a large one (H-16), written by hand: the fixed Huffman codes of RFC 1951 §3.2.6
//! and, for everything after the document, "the last byte, 258 times".

/// The longest repetition that DEFLATE knows.
const RUN: usize = 258;

/// The document, filled up with spaces to the given size after decompression.
pub(crate) fn gzip_bomb(document: &[u8], bytes: usize) -> Vec<u8> {
    let runs = bytes.saturating_sub(document.len() + 1) / RUN;
    let mut out = Bits { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], buffer: 0, used: 0 };
    // The last block, with fixed codes.
    out.number(0b011, 3);
    for byte in document.iter().chain(b" ") {
        out.literal(*byte);
    }
    for _ in 0..runs {
        // Length 258 is code 285, distance 1 is code 0.
        out.code(0b1100_0101, 8);
        out.code(0, 5);
    }
    out.code(0, 7);
    let mut gzip = out.finish();
    let spaces = 1 + runs * RUN;
    let crc = crc32(document.iter().copied().chain(std::iter::repeat_n(b' ', spaces)));
    gzip.extend_from_slice(&crc.to_le_bytes());
    // The size is given modulo 2^32.
    gzip.extend_from_slice(&((document.len() + spaces) as u64).to_le_bytes()[..4]);
    gzip
}

struct Bits {
    bytes: Vec<u8>,
    buffer: u32,
    used: u32,
}

impl Bits {
    /// Numbers go in with their lowest bit first.
    fn number(&mut self, value: u32, width: u32) {
        self.buffer |= value << self.used;
        self.used += width;
        while self.used >= 8 {
            self.bytes.push(self.buffer.to_le_bytes()[0]);
            self.buffer >>= 8;
            self.used -= 8;
        }
    }

    /// Huffman codes go in with their highest bit first.
    fn code(&mut self, value: u32, width: u32) {
        self.number(value.reverse_bits() >> (32 - width), width);
    }

    fn literal(&mut self, byte: u8) {
        match u32::from(byte) {
            low @ 0..=143 => self.code(0x30 + low, 8),
            high => self.code(0x190 + high - 144, 9),
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.used > 0 {
            self.bytes.push(self.buffer.to_le_bytes()[0]);
        }
        self.bytes
    }
}

/// The checksum of RFC 1952.
fn crc32(bytes: impl Iterator<Item = u8>) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|index| {
        let start = u32::try_from(index).unwrap_or_default();
        (0..8).fold(start, |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
    });
    !bytes.fold(u32::MAX, |crc, byte| {
        let index = (crc ^ u32::from(byte)).to_le_bytes()[0];
        table[usize::from(index)] ^ (crc >> 8)
    })
}
