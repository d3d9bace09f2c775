//! Whose address a text is: the person's own, or somebody else's.

/// The address of the person whose rows are handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnAddress {
    address: Option<String>,
    /// Another account's address differs in letter case only: then case decides.
    has_twin: bool,
}

impl OwnAddress {
    pub(super) fn new(address: Option<&str>, has_twin: bool) -> Self {
        Self {
            address: address.map(|address| bare(address).to_owned()),
            has_twin,
        }
    }

    /// Whether this address is the person's.
    pub(super) fn is(&self, text: &str) -> bool {
        let text = bare(text);
        self.address
            .as_deref()
            .is_some_and(|own| match self.has_twin {
                true => own == text,
                false => own.to_lowercase() == text.to_lowercase(),
            })
    }
}

/// Whether a text is one e-mail address and nothing else, but for `mailto:` or a name before it.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = bare(text).rsplit_once('@') else {
        return false;
    };
    let is_part = |part: &str| {
        !part.is_empty() && !part.contains(|char: char| char.is_whitespace() || char == '/')
    };
    is_part(local) && is_part(domain) && domain.contains('.')
}

/// `Ada <ada@example.com>` and `mailto:ada@example.com` as `ada@example.com`.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let text = match text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'))
    {
        Some((_, address)) => address,
        None => text,
    };
    text.strip_prefix("mailto:").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recognised_also_with_a_name_before_it() {
        for text in [
            "ada@example.com",
            " Ada+x@mail.example.com ",
            "Ada Okafor <ada@example.com>",
            "mailto:ada@example.com",
        ] {
            assert!(is_address(text), "{text}");
        }
        for text in [
            "@ada",
            "ada@",
            "at 5 @ home.",
            "https://ada@example.com/x",
            "ada",
            "a@b",
        ] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn letter_case_decides_only_where_another_account_differs_in_it_alone() {
        let alone = OwnAddress::new(Some("maria@example.com"), false);
        assert!(alone.is("Maria <MARIA@example.com>"));
        let twin = OwnAddress::new(Some("maria@example.com"), true);
        assert!(twin.is("maria@example.com") && !twin.is("Maria@example.com"));
        assert!(!OwnAddress::new(None, false).is("maria@example.com"));
    }
}
