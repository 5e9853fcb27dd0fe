//! The call that a scenario makes, read from arguments: a function, a name, and what the caller asks for. The reference
//! program reads the same arguments.
//!
//! | call | its own options |
//! | --- | --- |
//! | `getaddrinfo NAME` | `--family --socktype --flags AI_..,AI_.. --service S --no-name --no-hints --entries --ordered` |
//! | `gethostbyname NAME`, `gethostbyname2 NAME`, `gethostbyaddr ADDRESS` | `--aliases`, the second `--family` |
//! | `getnameinfo ADDRESS` | `--flags NI_..,NI_.. --service PORT --host-size BYTES` |
//! | `res_query NAME`, `res_search NAME` | `--type A|257 --size BYTES --server ADDRESS --options RES_..,RES_..` |
//! | `res_init`, `gethostent` | none, and no name |
//!
//! `--ordered`, `--canonical`, `--aliases` and `--entries` put into the compared text what is left out of it elsewhere;
//! `--counted` has how many addresses there are in their place, where real servers answer, and otherwise next time.

use core::ffi::c_int;
use core::net::IpAddr;
use heap::ffi::CString;

use super::hints::{Family, Hints, Names};
use super::query::Query;

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function to call.
    pub function: Function,
    /// The name to look up; empty for a function that takes none.
    pub name: CString,
    /// What is part of the question.
    pub shown: Shown,
}

/// What is compared besides the code, the addresses as a set, and the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The order of the addresses.
    pub ordered: bool,
    /// The canonical name.
    pub canonical: bool,
    /// The other names of a host.
    pub aliases: bool,
    /// Socket type, protocol and port of every entry.
    pub entries: bool,
    /// How many addresses there are, and not which.
    pub counted: bool,
}

/// A function of the C library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Function {
    /// getaddrinfo(3).
    GetAddrInfo(Hints),
    /// gethostbyname(3).
    GetHostByName,
    /// gethostbyname2(3), with an address family.
    GetHostByName2(Family),
    /// gethostbyaddr(3).
    GetHostByAddr(IpAddr),
    /// getnameinfo(3).
    GetNameInfo(Names),
    /// res_query(3).
    ResQuery(Query),
    /// res_search(3), which is to walk the search list.
    ResSearch(Query),
    /// res_init(3), and what `_res` holds afterwards.
    ResInit,
    /// gethostent(3), up to its end.
    GetHostEnt,
}

impl Call {
    /// Reads the arguments.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(arguments: &[&str]) -> Result<Self, &'static str> {
        let (function, name, options) = match arguments {
            [function @ ("res_init" | "gethostent"), options @ ..] => (*function, "", options),
            [function, name, options @ ..] => (*function, *name, options),
            _ => return Err("expected: CASE FUNCTION NAME [OPTION...]"),
        };
        let mut function = Function::named(function, name)?;
        let name = CString::new(name).map_err(|_| "the name holds a zero byte")?;
        let mut shown = Shown::default();
        let mut options = options.iter();
        while let Some(option) = options.next() {
            if !shown.set(option) && !function.set_alone(option) {
                function.set(option, options.next().ok_or("an option that is unknown, or lacks its value")?)?;
            }
        }
        if let Function::GetAddrInfo(hints) = &function {
            shown.canonical |= hints.flags & libc::AI_CANONNAME != 0;
        }
        Ok(Self { function, name, shown })
    }
}

impl Shown {
    /// Whether the option was one of these.
    fn set(&mut self, option: &str) -> bool {
        let field = match option {
            "--ordered" => &mut self.ordered,
            "--canonical" => &mut self.canonical,
            "--aliases" => &mut self.aliases,
            "--entries" => &mut self.entries,
            "--counted" => &mut self.counted,
            _ => return false,
        };
        *field = true;
        true
    }
}

impl Function {
    /// A function by its name, called as most callers do.
    fn named(function: &str, name: &str) -> Result<Self, &'static str> {
        Ok(match function {
            "getaddrinfo" => Self::GetAddrInfo(Hints { socktype: libc::SOCK_STREAM, ..Hints::default() }),
            "gethostbyname" => Self::GetHostByName,
            "gethostbyname2" => Self::GetHostByName2(Family::Inet),
            "gethostbyaddr" => Self::GetHostByAddr(name.parse().map_err(|_| "not an address")?),
            "getnameinfo" => Self::GetNameInfo(Names::of(name)?),
            "res_query" => Self::ResQuery(Query::default()),
            "res_search" => Self::ResSearch(Query::default()),
            "res_init" => Self::ResInit,
            "gethostent" => Self::GetHostEnt,
            _ => return Err("unknown function: the list is in probes/src/dns/call.rs"),
        })
    }

    /// An option without a value; whether there is one of this name.
    fn set_alone(&mut self, option: &str) -> bool {
        match (self, option) {
            (Self::GetAddrInfo(hints), "--no-name") => hints.no_name = true,
            (Self::GetAddrInfo(hints), "--no-hints") => hints.none = true,
            _ => return false,
        }
        true
    }

    /// An option with a value.
    fn set(&mut self, option: &str, value: &str) -> Result<(), &'static str> {
        match (self, option) {
            (Self::GetAddrInfo(hints), _) => hints.set(option, value),
            (Self::GetHostByName2(family), "--family") => Family::named(value).map(|named| *family = named),
            (Self::GetNameInfo(names), _) => names.set(option, value),
            (Self::ResQuery(query) | Self::ResSearch(query), _) => query.set(option, value),
            _ => Err("this function takes no such option"),
        }
    }
}

/// Several flags by their names, separated by commas.
pub(super) fn flags(table: &[(&str, c_int)], names: &str) -> Result<c_int, &'static str> {
    names.split(',').try_fold(0, |all, word| {
        let known = table.iter().find(|(name, _)| *name == word);
        Ok(all | known.ok_or("unknown flag: expected a name of netdb.h or resolv.h")?.1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use heap::vec::Vec;

    fn parse(words: &str) -> Result<Call, &'static str> {
        Call::parse(&words.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn a_call_without_options_is_the_usual_one() {
        let hints = Hints { socktype: libc::SOCK_STREAM, ..Hints::default() };
        let name = CString::new("db").expect("a name");
        let expected = Call { function: Function::GetAddrInfo(hints), name, shown: Shown::default() };
        assert_eq!(parse("getaddrinfo db"), Ok(expected));
    }

    #[test]
    fn options_say_what_is_asked_for() {
        let words =
            "getaddrinfo db --family inet6 --flags AI_V4MAPPED,AI_CANONNAME --service 80 --socktype any --ordered";
        let call = parse(words).expect("a call");
        let Function::GetAddrInfo(hints) = call.function else { panic!("another function") };
        assert_eq!((hints.family, hints.socktype), (Family::Inet6, 0));
        assert_eq!(hints.flags, libc::AI_V4MAPPED | libc::AI_CANONNAME);
        assert!(call.shown.ordered && call.shown.canonical, "who asks for the canonical name wants to see it");
    }

    #[test]
    fn every_function_has_options_of_its_own() {
        for words in [
            "gethostbyname2 db --family inet6 --aliases",
            "gethostbyaddr 192.0.2.1 --canonical",
            "getnameinfo fe80::1%1 --flags NI_NAMEREQD,NI_NUMERICSERV --service 80 --host-size 8",
            "res_query db --type AAAA --size 512",
            "res_search db --type 257 --server 127.0.0.12 --options RES_USEVC",
            "res_init",
            "gethostent",
        ] {
            assert!(parse(words).is_ok(), "{words}: {:?}", parse(words));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for words in [
            "getaddrinfo",
            "res_mkquery db",
            "getaddrinfo db --family",
            "getaddrinfo db --family inet5",
            "getaddrinfo db --flags AI_MAGIC",
            "gethostbyname db --family inet",
            "gethostbyname db --no-hints",
            "gethostbyaddr db",
            "res_query db --type NONE",
            "res_query db --size many",
            "res_init db",
        ] {
            assert!(parse(words).is_err(), "{words}");
        }
    }
}
