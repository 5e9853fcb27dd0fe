//! The zone files that hermetic cases bring along, compiled by `probes/zoneinfo/build.sh`, and where they are laid.

use crate::case::{File, Needs};

const BERLIN_FAT: &[u8] = include_bytes!("../../../zoneinfo/berlin.fat");
const BERLIN_SLIM: &[u8] = include_bytes!("../../../zoneinfo/berlin.slim");
const BERLIN_V1: &[u8] = include_bytes!("../../../zoneinfo/berlin.v1");
const DUBLIN_FAT: &[u8] = include_bytes!("../../../zoneinfo/dublin.fat");
const NEW_YORK_FAT: &[u8] = include_bytes!("../../../zoneinfo/newyork.fat");
const TOKYO_FAT: &[u8] = include_bytes!("../../../zoneinfo/tokyo.fat");
const UTC_FAT: &[u8] = include_bytes!("../../../zoneinfo/utc.fat");
const UTC_RIGHT: &[u8] = include_bytes!("../../../zoneinfo/utc.right");

macro_rules! laid {
    ($($(#[$doc:meta])* $name:ident: $($path:literal = $content:expr),+;)*) => {
        $($(#[$doc])* pub const $name: Needs = Needs::NOTHING.files(&[$(File { path: $path, content: $content }),+]);)*
    };
}

laid! {
    /// Berlin, every change until 2037 and a rule for the time after.
    BERLIN: "/usr/share/zoneinfo/Europe/Berlin" = BERLIN_FAT;
    /// Berlin, the same in little: changes to the last irregular one, and the rule.
    SLIM: "/usr/share/zoneinfo/Europe/Berlin" = BERLIN_SLIM;
    /// Berlin, version 1: 32 bits and no rule.
    VERSION_1: "/usr/share/zoneinfo/Europe/Berlin" = BERLIN_V1;
    /// Dublin, whose daylight saving time is negative and in winter.
    DUBLIN: "/usr/share/zoneinfo/Europe/Dublin" = DUBLIN_FAT;
    /// Tokyo, without daylight saving time since 1951.
    TOKYO: "/usr/share/zoneinfo/Asia/Tokyo" = TOKYO_FAT;
    /// Universal time that counts leap seconds.
    LEAPS: "/usr/share/zoneinfo/right/UTC" = UTC_RIGHT;
    /// New York under its old System V name.
    EASTERN: "/usr/share/zoneinfo/EST5EDT" = NEW_YORK_FAT;
    /// What glibc takes for an empty `TZ`.
    UNIVERSAL: "/usr/share/zoneinfo/Universal" = UTC_FAT;
    /// What glibc takes for the rule of a zone that has none.
    RULES: "/usr/share/zoneinfo/posixrules" = NEW_YORK_FAT;
    /// A name without a slash.
    PLAIN_NAME: "/usr/share/zoneinfo/Testzone" = BERLIN_FAT;
    /// A name with a dot.
    DOTTED_NAME: "/usr/share/zoneinfo/Test/St.Zone" = BERLIN_FAT;
    /// The image's own zone.
    LOCALTIME: "/etc/localtime" = BERLIN_FAT;
    /// A folder that is no zone folder by itself.
    ELSEWHERE: "/opt/zones/Test/Zone" = BERLIN_FAT;
    /// The same, and something in the zone folder, so that there is a folder to climb out of.
    CLIMB: "/opt/zones/Test/Zone" = BERLIN_FAT, "/usr/share/zoneinfo/Europe/Berlin" = BERLIN_FAT;
    /// The second and the third folder that musl looks into.
    ETC: "/etc/zoneinfo/Test/Zone" = BERLIN_FAT;
    /// As above.
    SHARE: "/share/zoneinfo/Test/Zone" = BERLIN_FAT;
    /// A file that is no zone file.
    TEXT: "/usr/share/zoneinfo/Test/Zone" = b"this is no zone file, but it is longer than the header of one\n";
    /// A file of nothing.
    EMPTY: "/usr/share/zoneinfo/Test/Zone" = b"";
    /// The image's own zone, broken.
    LOCALTIME_TEXT: "/etc/localtime" = b"this is no zone file, but it is longer than the header of one\n";
}
