//! The languages that a build file names: `project` and `add_languages` of Meson, `project` and `enable_language` of CMake. A
//! compiler for each of them has to be there, whatever other source lies about.

/// The words of a `meson.build`: `c`, `cpp`, `fortran`.
pub fn of_meson(text: &str) -> Vec<String> {
    let text = uncommented(text);
    let project = calls(&text, "project(").map(|words| words.into_iter().skip(1).collect());
    project.chain(calls(&text, "add_languages(")).flat_map(|words: Vec<_>| words).collect()
}

/// The words of a `CMakeLists.txt`: `C`, `CXX`, `Fortran`; those of a project that names none are C and C++.
pub fn of_cmake(text: &str) -> Vec<String> {
    let text = uncommented(text);
    let lower = text.to_ascii_lowercase();
    let arguments = |call: &str| {
        let starts: Vec<_> = lower.match_indices(call).map(|(at, _)| at + call.len()).collect();
        let inside = |at: &usize| {
            text[*at..].split(')').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
        };
        starts.iter().map(inside).collect::<Vec<Vec<String>>>()
    };
    let mut languages = Vec::new();
    for words in arguments("project(") {
        let named = words.iter().position(|word| word == "LANGUAGES");
        let other = |word: &String| {
            ["VERSION", "DESCRIPTION", "HOMEPAGE_URL", "COMPAT_VERSION", "SPDX_LICENSE"].contains(&word.as_str())
        };
        let after = words.iter().skip(named.unwrap_or(0) + 1).take_while(|word| !other(word));
        let own: Vec<_> = after.cloned().collect();
        match own.is_empty() {
            true => languages.extend(["C", "CXX"].map(str::to_owned)),
            false => languages.extend(own),
        }
    }
    languages.extend(arguments("enable_language(").into_iter().flatten());
    languages
}

/// The tool for a language's name; none for those that need no compiler of their own.
pub fn tool(language: &str) -> Option<&'static str> {
    Some(match language.to_ascii_lowercase().as_str() {
        "c" | "cython" => "C compiler",
        "cpp" | "cxx" => "C++ compiler",
        "fortran" => "Fortran compiler",
        "rust" => "Rust",
        _ => return None,
    })
}

fn uncommented(text: &str) -> String {
    text.lines().map(|line| line.split('#').next().unwrap_or_default().to_owned() + "\n").collect()
}

/// The strings that each call begins with, up to its first named argument.
fn calls<'a>(text: &'a str, call: &'a str) -> impl Iterator<Item = Vec<String>> + 'a {
    let starts = text.match_indices(call).filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|before| !(before.is_alphanumeric() || before == '_' || before == '.'))
    });
    starts.map(move |(at, _)| {
        let words =
            text[at + call.len()..].split([',', ')']).map(|word| word.trim().trim_matches(['[', ']', ' ', '\n']));
        let quoted = words.map_while(|word| word.strip_prefix('\'')?.strip_suffix('\'').map(str::to_owned));
        quoted.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meson_names_its_languages() {
        let text = "# project('no', 'fortran')\nproject(\n  'scipy',\n  'c', 'cpp', 'cython',\n  version: run_command(['a.py'], check: true).stdout(),\n)\n\
            subproject('x')\nadd_languages('fortran', native: false)\n";
        assert_eq!(of_meson(text), ["c", "cpp", "cython", "fortran"]);
        assert_eq!(of_meson("project('a', ['c', 'rust'])"), ["c", "rust"]);
        assert_eq!(of_meson("x = meson.project('a', 'c')\nmy_project('b', 'c')"), [""; 0]);
    }

    #[test]
    fn cmake_names_its_languages() {
        assert_eq!(of_cmake("project(${NAME} LANGUAGES C CXX)\n"), ["C", "CXX"]);
        assert_eq!(
            of_cmake("Project(\n  x\n  LANGUAGES CXX\n  VERSION 1)\nenable_language(Fortran)"),
            ["CXX", "Fortran"]
        );
        assert_eq!(of_cmake("project(x VERSION 1.0)"), ["C", "CXX"]);
        assert_eq!(of_cmake("project(x C)\n# project(y Fortran)"), ["C"]);
        assert_eq!(of_cmake("add_library(x)"), [""; 0]);
    }

    #[test]
    fn languages_have_tools() {
        assert_eq!(
            ["c", "CXX", "Fortran", "NONE"].map(tool),
            [Some("C compiler"), Some("C++ compiler"), Some("Fortran compiler"), None]
        );
    }
}
