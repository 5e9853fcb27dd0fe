//! Another machine's programs: the sandbox's kernel is told which emulator starts them.
//!
//! An entry of binfmt_misc in the sandbox's own user namespace (Linux 6.7 or newer), which ends with it; the machine's own
//! entries are not seen or changed. The flag F holds the emulator open, so that it works where no path leads to it, C and O
//! are for programs that can be executed and not read, and P hands it the first argument as it was given.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::Path;

use libcdiff_protocol::{ElfStart, Emulator};
use nix::mount::{MsFlags, mount};

use crate::sandbox::{SandboxError, step};

/// Opens the emulator while its path still leads to it.
pub fn open(emulator: &Emulator) -> Result<File, SandboxError> {
    File::open(&emulator.program).map_err(step(format!("opening the emulator {}", emulator.program)))
}

/// Tells the kernel. What is mounted at `folder` must stay: the entry ends with it.
pub fn tell(emulator: &Emulator, file: &File, folder: &Path) -> Result<(), SandboxError> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("binfmt_misc"), folder, Some("binfmt_misc"), flags, None::<&str>)
        .map_err(step("mounting binfmt_misc for the emulator (`libcdiff doctor` tells)"))?;
    let entry = entry(emulator.header, file.as_raw_fd());
    fs::write(folder.join("register"), entry)
        .map_err(step(format!("letting the kernel know the emulator {}", emulator.program)))
}

/// The entry: name, magic, mask, interpreter, flags. The mask leaves out the system's name in the header, and what tells a
/// program from a position-independent one.
fn entry(header: ElfStart, file: i32) -> String {
    let [mut magic, mut mask] = [[0u8; 20], [0xffu8; 20]];
    magic[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', 1 + u8::from(header.wide), 2 - u8::from(header.little), 1]);
    let (kind, machine) = match header.little {
        true => ([2, 0], header.machine.to_le_bytes()),
        false => ([0, 2], header.machine.to_be_bytes()),
    };
    magic[16..18].copy_from_slice(&kind);
    magic[18..].copy_from_slice(&machine);
    mask[7] = 0;
    mask[if header.little { 16 } else { 17 }] = 0xfe;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    format!(":emulator:M::{}:{}:/proc/self/fd/{file}:POCF", hex(&magic), hex(&mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_programs_of_its_machine_fixed_or_not() {
        let text = entry(ElfStart { machine: 183, wide: true, little: true }, 7);
        let parts: Vec<&str> = text.split(':').collect();
        assert_eq!(
            parts[3..5],
            ["", r"\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"]
        );
        assert_eq!(
            parts[5..],
            [
                r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff",
                "/proc/self/fd/7",
                "POCF"
            ]
        );
        let big = entry(ElfStart { machine: 22, wide: true, little: false }, 7);
        assert!(big.contains(r"\x02\x02\x01") && big.contains(r"\x00\x02\x00\x16:"), "{big}");
    }
}
