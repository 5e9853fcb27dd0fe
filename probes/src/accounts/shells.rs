//! `/etc/shells`.

use super::rows;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::accounts::databases::shells;
use crate::sys::accounts::gone;

fn listed(o: &mut Outcome) {
    for shell in shells() {
        o.line(shell);
    }
    o.line("end");
}

pub const CASES: &[Case] = rows![
    (
        "shell.file",
        "getusershell",
        "Which lines of /etc/shells does getusershell give?",
        "getusershell(3)",
        [("/etc/shells", "# shells\n/bin/sh\n\n/bin/ash # small\nrelative\n /bin/spaced\n/bin/last")],
        listed
    ),
    (
        "shell.empty-file",
        "an empty shells",
        "What does getusershell give when /etc/shells is empty?",
        "getusershell(3)",
        [("/etc/shells", "")],
        listed
    ),
    (
        "shell.no-file",
        "no /etc/shells",
        "What does getusershell give when there is no /etc/shells?",
        "getusershell(3): /bin/sh and /bin/csh",
        [("/etc/shells", "")],
        |o| {
            if !gone("/etc/shells") {
                return o.unsupported("it removes /etc/shells, so it runs in an image alone");
            }
            listed(o);
        }
    ),
    (
        "shell.again",
        "getusershell twice",
        "Does setusershell begin anew?",
        "getusershell(3)",
        [("/etc/shells", "/bin/sh\n/bin/ash\n")],
        |o| {
            listed(o);
            listed(o);
        }
    ),
];
