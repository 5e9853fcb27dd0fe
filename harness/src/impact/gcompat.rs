//! The symbols that gcompat adds to musl for programs of glibc: what its library `libgcompat.so.0` exports.
//! Where an image has the library, the library itself is looked at.

/// Its exports, sorted.
const SYMBOLS: &str = include_str!("gcompat.txt");

/// Whether gcompat has a symbol.
pub fn has(symbol: &str) -> bool {
    SYMBOLS.lines().any(|known| known == symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_holds_what_it_should() {
        let names: Vec<&str> = SYMBOLS.lines().collect();
        assert!(names.is_sorted() && names.len() > 100, "{}", names.len());
        assert!(has("__printf_chk") && has("gnu_get_libc_version") && !has("printf"));
    }
}
