//! Iterators over the lists that spans of [`Facts`](crate::wire::facts::Facts) point at. They stop where a list is malformed.

/// Two-byte code points: cipher suites, groups, versions, signature schemes.
pub fn codes(list: &[u8]) -> impl Iterator<Item = u16> {
    list.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]))
}

/// Names with a one-byte length: ALPN protocols.
pub fn alpn_names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (len, tail) = rest.split_first()?;
        let (name, tail) = tail.split_at_checked(usize::from(*len))?;
        rest = tail;
        Some(name)
    })
}

/// Items with a two-byte length: distinguished names of certificate authorities.
pub fn opaque16(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (len, tail) = rest.split_first_chunk()?;
        let (item, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        rest = tail;
        Some(item)
    })
}

/// The groups of `client_shares`, each with its share.
pub fn key_shares(list: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (group, tail) = rest.split_first_chunk()?;
        let (len, tail) = tail.split_first_chunk()?;
        let (share, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        rest = tail;
        Some((u16::from_be_bytes(*group), share))
    })
}

/// The groups of `client_shares`.
pub fn key_share_groups(list: &[u8]) -> impl Iterator<Item = u16> {
    key_shares(list).map(|(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_end_where_they_are_malformed() {
        assert!(codes(&[0x13, 0x01, 0x13]).eq([0x1301]));
        assert!(alpn_names(b"\x02h2\x08http/1.1\x05x").eq([&b"h2"[..], b"http/1.1"]));
        assert!(key_share_groups(&[0, 29, 0, 1, 9, 0, 23, 0, 2, 1]).eq([29]));
        assert!(opaque16(&[0, 1, 7, 0, 0, 0]).eq([&[7][..], &[]]));
    }
}
