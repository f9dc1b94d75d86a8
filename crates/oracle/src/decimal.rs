//! Exact decimals: read from text, written as text.

/// Reads a decimal with at most `places` places as a whole number of its last place.
pub(crate) fn parse(text: &str, places: u32) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = match digits.split_once('.') {
        Some((whole, part)) if !part.is_empty() => (whole, part),
        Some(_) => return None,
        None => (digits, ""),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 25 || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let part = part.trim_end_matches('0');
    let missing = places.checked_sub(u32::try_from(part.len()).ok()?)?;
    let digits = whole.bytes().chain(part.bytes()).fold(0, |number: i128, digit| number * 10 + i128::from(digit - b'0'));
    let value = digits * 10_i128.pow(missing);
    Some(if negative { -value } else { value })
}

/// Writes a whole number of the last of `places` places.
pub(crate) fn format(value: i128, places: u32) -> String {
    let one = 10_u128.pow(places);
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    if places == 0 {
        return format!("{sign}{size}");
    }
    format!("{sign}{}.{:0width$}", size / one, size % one, width = places as usize)
}

/// The decimals of a currency.
pub(crate) fn decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}
