//! Response codes: the four bits of the header, by the names of RFC 1035 and RFC 2136, `RCODE12` where there is none.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A response code of the message header, 0 to 15.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(try_from = "String", into = "String")]
pub struct Rcode(u8);

/// The names, by number.
const NAMES: [&str; 11] = [
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
    "NOTZONE",
];

impl Rcode {
    /// No error; without records in the answer this is what people call NODATA.
    pub const NOERROR: Self = Self(0);
    /// The server could not read the query.
    pub const FORMERR: Self = Self(1);
    /// The server failed.
    pub const SERVFAIL: Self = Self(2);
    /// There is no such name.
    pub const NXDOMAIN: Self = Self(3);

    /// The code in the fourth byte of a message.
    pub fn of_header(byte: u8) -> Self {
        Self(byte & 0x0f)
    }

    /// The four bits.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.get(usize::from(self.0)) {
            Some(name) => f.write_str(name),
            None => write!(f, "RCODE{}", self.0),
        }
    }
}

impl TryFrom<String> for Rcode {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        (0..16).map(Self).find(|code| code.to_string() == word).ok_or_else(|| {
            format!("unknown response code `{word}`: expected {} or RCODE11 to RCODE15", NAMES.join(", "))
        })
    }
}

impl From<Rcode> for String {
    fn from(code: Rcode) -> String {
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_name_and_comes_back_from_it() {
        for number in 0..16 {
            assert_eq!(Rcode::try_from(Rcode(number).to_string()), Ok(Rcode(number)));
        }
        assert_eq!(Rcode(5).to_string(), "REFUSED");
        assert!(Rcode::try_from("RCODE16".to_owned()).is_err());
        assert!(Rcode::try_from("RCODE3".to_owned()).is_err(), "NXDOMAIN has a name, and one only");
    }
}
