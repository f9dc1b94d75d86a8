//! The words of names, as they are looked for: in small letters and without accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Characters of a word by which it is found: an index takes no text of any length.
const WORD_CHARS: usize = 60;

/// The words of a text, each once. What is neither letter nor digit stands between words.
pub(crate) fn of(text: &str) -> Vec<String> {
    let plain: String = text.nfkd().filter(|c| canonical_combining_class(*c) == 0).flat_map(char::to_lowercase).map(spelt).collect();
    let mut words: Vec<String> = Vec::new();
    for word in plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word: String = word.chars().take(WORD_CHARS).collect();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Letters with a stroke or hook of their own are no letter with an accent: most keyboards have them as the plain one only.
fn spelt(letter: char) -> String {
    match letter {
        'ß' => "ss".to_owned(),
        'æ' => "ae".to_owned(),
        'œ' => "oe".to_owned(),
        'þ' => "th".to_owned(),
        'ø' => "o".to_owned(),
        'ł' => "l".to_owned(),
        'đ' | 'ð' => "d".to_owned(),
        'ı' => "i".to_owned(),
        // At the end of a word, of capitals too.
        'ς' => "σ".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_small_plain_and_once() {
        let cases = [
            ("Mia de Groot", vec!["mia", "de", "groot"]),
            ("  José-María  ÁLVAREZ ", vec!["jose", "maria", "alvarez"]),
            ("Γιώργος ΓΙΩΡΓΟΣ", vec!["γιωργοσ"]),
            ("O’Brien, Anna (Anna)", vec!["o", "brien", "anna"]),
            ("Weiß Åse Sørensen Łukasz", vec!["weiss", "ase", "sorensen", "lukasz"]),
            ("İpek IŞIK", vec!["ipek", "isik"]),
            ("山田太郎", vec!["山田太郎"]),
            ("C-1041", vec!["c", "1041"]),
            ("–", vec![]),
        ];
        for (name, expected) in cases {
            assert_eq!(of(name), expected, "{name}");
        }
    }
}
