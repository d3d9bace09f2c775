//! Currencies as people write them: by code, by sign, by name.

use super::Currency;

/// The codes of the currencies that Stripe takes or books in.
const CODES: &str = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd \
                     cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel ghs gip gmd gnf gtq \
                     gyd hkd hnl hrk htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd \
                     lsl mad mdl mga mkd mmk mnt mop mro mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen \
                     pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sll sos srd std stn szl thb tjs \
                     tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw";
/// Codes that are words of a sentence as well: they count only in capitals.
const WORDS: &[&str] = &[
    "all", "bam", "bob", "cop", "gel", "mad", "mop", "pen", "php", "ron", "sos", "std", "top",
    "try",
];

/// Signs and abbreviations, and which currencies each stands for.
const SIGNS: &[(&str, &str)] = &[
    ("$", "usd"),
    ("us$", "usd"),
    ("usd$", "usd"),
    ("ca$", "cad"),
    ("c$", "cad"),
    ("can$", "cad"),
    ("cad$", "cad"),
    ("a$", "aud"),
    ("au$", "aud"),
    ("aud$", "aud"),
    ("nz$", "nzd"),
    ("hk$", "hkd"),
    ("s$", "sgd"),
    ("sg$", "sgd"),
    ("r$", "brl"),
    ("mx$", "mxn"),
    ("nt$", "twd"),
    ("€", "eur"),
    ("£", "gbp"),
    ("gb£", "gbp"),
    ("¥", "jpy cny"),
    ("jp¥", "jpy"),
    ("円", "jpy"),
    ("cn¥", "cny"),
    ("元", "cny"),
    ("rmb", "cny"),
    ("₹", "inr"),
    ("rs", "inr pkr lkr npr mur scr"),
    ("rs.", "inr pkr lkr npr mur scr"),
    ("₨", "inr pkr lkr npr mur scr"),
    ("₩", "krw"),
    ("₽", "rub"),
    ("₺", "try"),
    ("tl", "try"),
    ("₴", "uah"),
    ("₫", "vnd"),
    ("₪", "ils"),
    ("₱", "php"),
    ("฿", "thb"),
    ("₦", "ngn"),
    ("₵", "ghs"),
    ("gh₵", "ghs"),
    ("₡", "crc"),
    ("₲", "pyg"),
    ("₸", "kzt"),
    ("kr", "sek nok dkk isk"),
    ("kr.", "sek nok dkk isk"),
    ("zł", "pln"),
    ("zl", "pln"),
    ("kč", "czk"),
    ("ft", "huf"),
    ("lei", "ron mdl"),
    ("лв", "bgn"),
    ("лв.", "bgn"),
    ("fr", "chf"),
    ("fr.", "chf"),
    ("sfr", "chf"),
    ("sfr.", "chf"),
    ("rp", "idr"),
    ("rm", "myr"),
];

/// Names, in one and in several.
const NAMES: &[(&str, &str)] = &[
    ("dollar", "usd"),
    ("dollars", "usd"),
    ("buck", "usd"),
    ("bucks", "usd"),
    ("euro", "eur"),
    ("euros", "eur"),
    ("pound", "gbp"),
    ("pounds", "gbp"),
    ("quid", "gbp"),
    ("sterling", "gbp"),
    ("yen", "jpy"),
    ("yuan", "cny"),
    ("renminbi", "cny"),
    ("rupee", "inr pkr lkr npr mur scr"),
    ("rupees", "inr pkr lkr npr mur scr"),
    ("franc", "chf xaf xof xpf"),
    ("francs", "chf xaf xof xpf"),
    ("krona", "sek isk"),
    ("kronor", "sek"),
    ("krone", "nok dkk"),
    ("kroner", "nok dkk"),
    ("zloty", "pln"),
    ("zlotys", "pln"),
    ("złoty", "pln"),
    ("złotych", "pln"),
    ("peso", "mxn ars clp cop php uyu dop"),
    ("pesos", "mxn ars clp cop php uyu dop"),
    ("forint", "huf"),
    ("lira", "try"),
    ("ruble", "rub"),
    ("rubles", "rub"),
];

/// Whether a word alone names a currency: a code, a sign, an abbreviation or a name.
#[must_use]
pub fn names_currency(word: &str) -> bool {
    !currencies(word).is_empty()
}

/// Whether a word names this currency, and cannot mean another one that is more usual.
#[must_use]
pub fn is_currency(word: &str, currency: &Currency) -> bool {
    let code = currency.0.to_ascii_lowercase();
    currencies(word).contains(&code)
}

/// Whether a character is the sign of some currency.
#[must_use]
pub fn is_sign(c: char) -> bool {
    matches!(
        c,
        '$' | '¢' | '£' | '¤' | '¥' | '₠'..='\u{20CF}' | '฿' | '৳' | '៛' | '﷼' | '元' | '円'
    )
}

/// The codes of the currencies that a word can stand for.
fn currencies(word: &str) -> Vec<String> {
    let lower = word.to_lowercase();
    let is_shouted = word.chars().all(|c| c.is_ascii_uppercase());
    let is_code = CODES.split_whitespace().any(|code| code == lower);
    if is_code && (is_shouted || !WORDS.contains(&lower.as_str())) {
        return vec![lower];
    }
    let mut known = SIGNS.iter().chain(NAMES);
    let codes = known.find(|(sign, _)| *sign == lower);
    codes.map_or_else(Vec::new, |(_, codes)| {
        codes.split(' ').map(str::to_owned).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_names_the_currency_that_is_usually_meant_or_several_that_share_it() {
        for (word, code, is) in [
            ("$", "usd", true),
            ("US$", "usd", true),
            ("usd", "usd", true),
            ("USD", "usd", true),
            ("dollars", "usd", true),
            ("$", "cad", false),
            ("CA$", "cad", true),
            ("CA$", "usd", false),
            ("R$", "brl", true),
            ("Rs.", "inr", true),
            ("kr", "sek", true),
            ("kr", "dkk", true),
            ("kr", "usd", false),
            ("¥", "jpy", true),
            ("¥", "cny", true),
            ("zł", "pln", true),
            ("TRY", "try", true),
        ] {
            let currency = Currency(code.to_owned());
            assert_eq!(is_currency(word, &currency), is, "{word} {code}");
        }
    }

    #[test]
    fn words_of_a_sentence_name_no_currency() {
        for word in [
            "all", "try", "top", "mad", "the", "test", "charged", "won", "real",
        ] {
            assert!(!names_currency(word), "{word}");
        }
    }
}
