//! The call that a scenario makes, read from arguments: a function, a name, and what the caller asks for. The reference
//! program reads the same arguments.
//!
//! `getaddrinfo NAME [--family inet|inet6|unspec] [--socktype stream|dgram|any] [--flags AI_..,AI_..] [--service S]`,
//! `gethostbyname NAME`. `--ordered` and `--canonical` put the order of the addresses and the canonical name into the
//! compared text, where a scenario is about them; `--counted` has how many addresses there are in their place, where real
//! servers answer and other ones next time.

use core::ffi::c_int;
use heap::ffi::CString;

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function to call.
    pub function: Function,
    /// The name to look up.
    pub name: CString,
    /// The order of the addresses is part of the question.
    pub ordered: bool,
    /// The canonical name is part of the question.
    pub canonical: bool,
    /// Only how many addresses there are is part of the question.
    pub counted: bool,
}

/// A function of the C library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Function {
    /// getaddrinfo(3).
    GetAddrInfo(Hints),
    /// gethostbyname(3).
    GetHostByName,
}

/// What getaddrinfo is told to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The address family.
    pub family: Family,
    /// `SOCK_STREAM`, `SOCK_DGRAM`, or 0 for every kind. One kind is the default, so that every address comes once.
    pub socktype: c_int,
    /// `AI_` flags; none by default.
    pub flags: c_int,
    /// The service, as a number or a name; none by default.
    pub service: Option<CString>,
}

/// An address family, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// `AF_UNSPEC`: both.
    #[default]
    Unspecified,
    /// `AF_INET`.
    Inet,
    /// `AF_INET6`.
    Inet6,
}

/// The flags by name; both families give them the same numbers.
const FLAGS: [(&str, c_int); 7] = [
    ("AI_PASSIVE", libc::AI_PASSIVE),
    ("AI_CANONNAME", libc::AI_CANONNAME),
    ("AI_NUMERICHOST", libc::AI_NUMERICHOST),
    ("AI_V4MAPPED", libc::AI_V4MAPPED),
    ("AI_ALL", libc::AI_ALL),
    ("AI_ADDRCONFIG", libc::AI_ADDRCONFIG),
    ("AI_NUMERICSERV", libc::AI_NUMERICSERV),
];

impl Call {
    /// Reads the arguments.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(arguments: &[&str]) -> Result<Self, &'static str> {
        let [function, name, options @ ..] = arguments else {
            return Err("expected: CASE getaddrinfo|gethostbyname NAME [OPTION...]");
        };
        let name = CString::new(*name).map_err(|_| "the name holds a zero byte")?;
        let mut hints = Hints { socktype: libc::SOCK_STREAM, ..Hints::default() };
        let (mut ordered, mut canonical, mut counted) = (false, false, false);
        let mut options = options.iter();
        while let Some(option) = options.next() {
            match *option {
                "--ordered" => ordered = true,
                "--canonical" => canonical = true,
                "--counted" => counted = true,
                hint if *function == "getaddrinfo" => {
                    hints.set(hint, options.next().ok_or("an option lacks its value")?)?;
                }
                _ => return Err("gethostbyname takes neither hints nor flags"),
            }
        }
        canonical |= hints.flags & libc::AI_CANONNAME != 0;
        let function = match *function {
            "getaddrinfo" => Function::GetAddrInfo(hints),
            "gethostbyname" => Function::GetHostByName,
            _ => return Err("unknown function: expected getaddrinfo or gethostbyname"),
        };
        Ok(Self { function, name, ordered, canonical, counted })
    }
}

impl Hints {
    fn set(&mut self, option: &str, value: &str) -> Result<(), &'static str> {
        match option {
            "--family" => {
                self.family = match value {
                    "unspec" => Family::Unspecified,
                    "inet" => Family::Inet,
                    "inet6" => Family::Inet6,
                    _ => return Err("unknown family: expected unspec, inet or inet6"),
                }
            }
            "--socktype" => {
                self.socktype = match value {
                    "any" => 0,
                    "stream" => libc::SOCK_STREAM,
                    "dgram" => libc::SOCK_DGRAM,
                    _ => return Err("unknown socket type: expected stream, dgram or any"),
                }
            }
            "--flags" => {
                for word in value.split(',') {
                    let known = FLAGS.iter().find(|(name, _)| *name == word);
                    self.flags |= known.ok_or("unknown flag: expected an AI_ name of netdb.h")?.1;
                }
            }
            "--service" => self.service = Some(CString::new(value).map_err(|_| "the service holds a zero byte")?),
            _ => return Err("unknown option"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_without_options_is_the_usual_one() {
        let call = Call::parse(&["getaddrinfo", "db"]).expect("a call");
        let hints = Hints { socktype: libc::SOCK_STREAM, ..Hints::default() };
        let name = CString::new("db").expect("a name");
        let function = Function::GetAddrInfo(hints);
        assert_eq!(call, Call { function, name, ordered: false, canonical: false, counted: false });
    }

    #[test]
    fn options_say_what_is_asked_for() {
        let words =
            "getaddrinfo db --family inet6 --flags AI_V4MAPPED,AI_CANONNAME --service 80 --socktype any --ordered";
        let call = Call::parse(&words.split(' ').collect::<heap::vec::Vec<_>>()).expect("a call");
        let Function::GetAddrInfo(hints) = call.function else { panic!("another function") };
        assert_eq!((hints.family, hints.socktype), (Family::Inet6, 0));
        assert_eq!(hints.flags, libc::AI_V4MAPPED | libc::AI_CANONNAME);
        assert!(call.ordered && call.canonical, "who asks for the canonical name wants to see it");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for words in [
            "getaddrinfo",
            "res_query db",
            "getaddrinfo db --family",
            "getaddrinfo db --family inet5",
            "getaddrinfo db --flags AI_MAGIC",
            "gethostbyname db --family inet",
        ] {
            assert!(Call::parse(&words.split(' ').collect::<heap::vec::Vec<_>>()).is_err(), "{words}");
        }
    }
}
