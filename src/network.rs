//! Addresses and networks of the internet: read, written, and which of them must never be shut out. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::addresses::{MASK, words_masked};

/// The widest IPv4 network that may be denied: 256 addresses, the smallest that is announced in the internet.
pub const WIDEST_IPV4: u8 = 24;
/// The widest IPv6 network that may be denied: what one customer of a provider gets at most.
pub const WIDEST_IPV6: u8 = 48;

/// Networks from which no visitor of a public site comes, and what they are (IANA's special-purpose registries).
const SPECIAL_IPV4: &[(Ipv4Addr, u8, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "\"this network\""),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (
        Ipv4Addr::new(100, 64, 0, 0),
        10,
        "private to providers (carrier-grade NAT)",
    ),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved for protocols"),
    (
        Ipv4Addr::new(192, 0, 2, 0),
        24,
        "reserved for documentation",
    ),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "reserved for benchmarks"),
    (
        Ipv4Addr::new(198, 51, 100, 0),
        24,
        "reserved for documentation",
    ),
    (
        Ipv4Addr::new(203, 0, 113, 0),
        24,
        "reserved for documentation",
    ),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "reserved"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];
const SPECIAL_IPV6: &[(Ipv6Addr, u8, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 8, "reserved"),
    (
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0),
        32,
        "translated IPv4 (NAT64)",
    ),
    (
        Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0),
        64,
        "reserved for discarding",
    ),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved"),
    (
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        "reserved for documentation",
    ),
    (
        Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0),
        16,
        "translated IPv4 (6to4)",
    ),
    (
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        "reserved for documentation",
    ),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "private"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

/// An address or a network as others wrote it, without bits beyond its prefix.
#[must_use]
pub fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let network = match text.parse::<IpNet>() {
        Ok(network) => network,
        Err(_) => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    Some(unmapped(network.trunc()))
}

/// What stands between the words of a text, as far as addresses and networks are concerned.
const BETWEEN: [char; 9] = ['`', '<', '>', '(', ')', '"', ',', ';', '|'];

/// The text with every IP address and network in it masked.
#[must_use]
pub fn masked(text: &str) -> String {
    words_masked(text, &BETWEEN, |word| {
        // Of the end of a sentence as little as possible: an address may itself end in `::`.
        let mut bare = word;
        while parse(bare).is_none() {
            bare = bare.strip_suffix(['.', '!', '?', ':'])?;
        }
        Some(format!("{MASK}{}", &word[bare.len()..]))
    })
}

/// An address or a network as a person typed it.
///
/// # Errors
/// What is wrong with it; the text completes a sentence that begins with what was typed.
pub fn read(typed: &str) -> Result<IpNet, String> {
    let Some(network) = parse(typed) else {
        return Err("is not an IP address or a network such as 8.8.4.0/24".to_owned());
    };
    let as_typed = typed.trim().parse::<IpNet>();
    match as_typed.is_ok_and(|as_typed| as_typed != as_typed.trunc()) {
        true => Err(format!(
            "is an address with a prefix: write the network, {}, or the address alone",
            written(&network)
        )),
        false => Ok(network),
    }
}

/// The address alone, or the network with its prefix.
#[must_use]
pub fn written(network: &IpNet) -> String {
    match network.prefix_len() == network.max_prefix_len() {
        true => network.addr().to_string(),
        false => network.to_string(),
    }
}

/// How many addresses it has, for people.
#[must_use]
pub fn size(network: &IpNet) -> String {
    let free = network.max_prefix_len() - network.prefix_len();
    match (network, free) {
        (_, 0) => "1 address".to_owned(),
        (IpNet::V4(_), free) => format!("{} addresses", crate::amounts::count(1 << free)),
        (IpNet::V6(_), _) => format!("a /{} network", network.prefix_len()),
    }
}

/// Why a network must not be shut out; `None` when it may. The text does not repeat the network: it goes on record.
#[must_use]
pub fn forbidden(network: &IpNet, protected: &[IpNet]) -> Option<String> {
    let widest = match network {
        IpNet::V4(_) => WIDEST_IPV4,
        IpNet::V6(_) => WIDEST_IPV6,
    };
    let meets = |other: &IpNet| network.contains(other) || other.contains(network);
    if let Some((_, what)) = special().find(|(special, _)| meets(special)) {
        return Some(format!("this network is {what}: no visitor comes from it"));
    }
    if let IpNet::V6(network) = network
        && !public_ipv6().contains(network)
    {
        return Some("this network is not public: no visitor comes from it".to_owned());
    }
    if network.prefix_len() < widest {
        return Some(format!(
            "a /{} network is too wide: /{widest} at most, so that few others are shut out with it",
            network.prefix_len()
        ));
    }
    protected
        .iter()
        .any(meets)
        .then(|| "this network is protected by COUNTERSIGN_PROTECTED_NETWORKS".to_owned())
}

/// What of IPv6 is in public use (IANA: global unicast).
fn public_ipv6() -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
}

fn special() -> impl Iterator<Item = (IpNet, &'static str)> {
    let v4 = SPECIAL_IPV4.iter().filter_map(|(address, prefix, what)| {
        Some((Ipv4Net::new(*address, *prefix).ok()?.into(), *what))
    });
    let v6 = SPECIAL_IPV6.iter().filter_map(|(address, prefix, what)| {
        Some((Ipv6Net::new(*address, *prefix).ok()?.into(), *what))
    });
    v4.chain(v6)
}

/// `::ffff:8.8.4.4` is an IPv4 address: that is how its owner's requests arrive.
fn unmapped(network: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    let IpNet::V6(v6) = network else {
        return network;
    };
    let v4 = v6.addr().to_ipv4_mapped();
    let prefix = v6.prefix_len().checked_sub(MAPPED);
    let v4 = v4
        .zip(prefix)
        .and_then(|(v4, prefix)| Ipv4Net::new(v4, prefix).ok());
    v4.map_or(network, IpNet::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(typed: &str) -> Option<String> {
        forbidden(&read(typed).unwrap(), &[read("8.8.8.0/24").unwrap()])
    }

    #[test]
    fn what_is_typed_is_written_in_one_way() {
        let one_way = |typed: &str| written(&read(typed).unwrap());
        assert_eq!(one_way("8.8.4.4"), "8.8.4.4");
        assert_eq!(one_way("8.8.4.4/32"), "8.8.4.4");
        assert_eq!(one_way("8.8.4.0/24"), "8.8.4.0/24");
        assert_eq!(one_way("::ffff:8.8.4.4"), "8.8.4.4");
        assert_eq!(one_way("::ffff:8.8.4.0/120"), "8.8.4.0/24");
        assert_eq!(one_way("2A00:1450:0:0::8a"), "2a00:1450::8a");
        assert_eq!(one_way("2a00:1450:4001::/48"), "2a00:1450:4001::/48");
    }

    #[test]
    fn an_address_with_a_prefix_is_no_network() {
        let says = read("8.8.4.4/24").unwrap_err();
        assert!(says.contains("8.8.4.0/24"), "{says}");
        for typed in [
            "8.8.4",
            "8.8.4.256",
            "08.8.4.4",
            "8.8.4.0/33",
            "example.com",
            "",
            "::g",
        ] {
            assert!(read(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn networks_without_visitors_are_refused_whatever_their_width() {
        for typed in [
            "10.1.2.3",
            "127.0.0.1",
            "169.254.1.1",
            "172.31.0.0/24",
            "192.168.1.1",
            "100.64.0.1",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.0/24",
            "0.0.0.0",
            "0.0.0.0/0",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "::/0",
            "fe80::1",
            "fc00::1",
            "fd12::/48",
            "2001:db8::1",
            "ff02::1",
            "64:ff9b::808:404",
            "::ffff:10.0.0.1",
        ] {
            let says = refused(typed).unwrap_or_default();
            assert!(says.contains("no visitor comes from it"), "{typed}: {says}");
        }
    }

    #[test]
    fn wide_and_protected_networks_are_refused_and_others_are_not() {
        for (typed, says) in [
            ("8.8.4.0/23", "/23 network is too wide: /24"),
            ("2a00:1450:4000::/47", "/47 network is too wide: /48"),
            ("8.8.8.8", "protected"),
            ("8.8.8.0/24", "protected"),
        ] {
            let refused = refused(typed).unwrap_or_default();
            assert!(refused.contains(says), "{typed}: {refused}");
            assert!(!refused.contains(typed), "{refused}");
        }
        for typed in [
            "8.8.4.4",
            "8.8.4.0/24",
            "2a00:1450:4001::/48",
            "2a00:1450:4001::1",
        ] {
            assert_eq!(refused(typed), None, "{typed}");
        }
    }

    #[test]
    fn sizes_are_for_people() {
        let size_of = |typed: &str| size(&read(typed).unwrap());
        assert_eq!(size_of("8.8.4.4"), "1 address");
        assert_eq!(size_of("8.8.4.0/24"), "256 addresses");
        assert_eq!(size_of("2a00:1450:4001::/64"), "a /64 network");
    }

    #[test]
    fn addresses_and_networks_are_masked_and_nothing_else() {
        for (text, masks) in [
            ("8.8.4.5 they scrape", "••• they scrape"),
            (
                "from 2001:4860::/48, and `8.8.4.0/24`.",
                "from •••, and `•••`.",
            ),
            ("at 12:30 of 3.5 :: v1.2", "at 12:30 of 3.5 ••• v1.2"),
            ("2001:4860:: and 2001:4860::.", "••• and •••."),
            ("was it 8.8.4.5?!", "was it •••?!"),
            (
                "block:auth0|ada :white_circle:",
                "block:auth0|ada :white_circle:",
            ),
        ] {
            assert_eq!(masked(text), masks);
        }
    }
}
