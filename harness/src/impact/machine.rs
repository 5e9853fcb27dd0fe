//! What a relocation means for this question, machine by machine, by the numbers of each psABI supplement.

use object::elf;

use super::object::TlsModel;

/// What a relocation tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Its value is chosen by a function when the file is loaded (`IRELATIVE`).
    Chosen,
    /// The program keeps a copy of a library's variable (`COPY`).
    Copied,
    /// It is about thread-local storage.
    Tls(TlsModel),
}

/// Numbers of IRELATIVE, TPOFF, DTPMOD, COPY and, where there is one, TLSDESC.
type Numbers = (u32, &'static [u32], u32, u32, Option<u32>);

/// What relocations of this number mean; `None` where they mean nothing here, or the machine is not known.
pub fn effect(machine: elf::Machine, number: u32) -> Option<Effect> {
    let numbers: Numbers = match machine {
        elf::EM_X86_64 => (37, &[18], 16, 5, Some(36)),
        elf::EM_386 => (42, &[14, 37], 35, 5, Some(41)),
        elf::EM_AARCH64 => (1032, &[1030], 1028, 1024, Some(1031)),
        elf::EM_ARM => (160, &[19], 17, 20, Some(13)),
        elf::EM_RISCV => (58, &[10, 11], 7, 4, Some(12)),
        elf::EM_PPC64 => (248, &[73], 68, 19, None),
        elf::EM_S390 => (61, &[56], 54, 9, None),
        elf::EM_LOONGARCH => (12, &[10, 11], 7, 4, Some(14)),
        _ => return None,
    };
    let (chosen, offset, module, copied, descriptor) = numbers;
    match number {
        _ if number == chosen => Some(Effect::Chosen),
        _ if number == copied => Some(Effect::Copied),
        _ if offset.contains(&number) => Some(Effect::Tls(TlsModel::InitialExec)),
        _ if number == module => Some(Effect::Tls(TlsModel::GeneralDynamic)),
        _ if Some(number) == descriptor => Some(Effect::Tls(TlsModel::Descriptor)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_elf_header_files() {
        for (machine, number, effect) in [
            (elf::EM_X86_64, elf::R_X86_64_IRELATIVE.0, Effect::Chosen),
            (elf::EM_X86_64, elf::R_X86_64_TPOFF64.0, Effect::Tls(TlsModel::InitialExec)),
            (elf::EM_X86_64, elf::R_X86_64_DTPMOD64.0, Effect::Tls(TlsModel::GeneralDynamic)),
            (elf::EM_X86_64, elf::R_X86_64_TLSDESC.0, Effect::Tls(TlsModel::Descriptor)),
            (elf::EM_AARCH64, elf::R_AARCH64_IRELATIVE.0, Effect::Chosen),
            (elf::EM_AARCH64, elf::R_AARCH64_TLS_TPREL.0, Effect::Tls(TlsModel::InitialExec)),
            (elf::EM_AARCH64, elf::R_AARCH64_TLSDESC.0, Effect::Tls(TlsModel::Descriptor)),
            (elf::EM_X86_64, elf::R_X86_64_COPY.0, Effect::Copied),
            (elf::EM_AARCH64, elf::R_AARCH64_COPY.0, Effect::Copied),
            (elf::EM_386, elf::R_386_COPY.0, Effect::Copied),
            (elf::EM_ARM, elf::R_ARM_COPY.0, Effect::Copied),
            (elf::EM_S390, elf::R_390_COPY.0, Effect::Copied),
            (elf::EM_PPC64, elf::R_PPC64_COPY.0, Effect::Copied),
            (elf::EM_RISCV, elf::R_RISCV_COPY.0, Effect::Copied),
            (elf::EM_LOONGARCH, elf::R_LARCH_COPY.0, Effect::Copied),
            (elf::EM_386, elf::R_386_IRELATIVE.0, Effect::Chosen),
            (elf::EM_ARM, elf::R_ARM_TLS_TPOFF32.0, Effect::Tls(TlsModel::InitialExec)),
            (elf::EM_S390, elf::R_390_IRELATIVE.0, Effect::Chosen),
            (elf::EM_PPC64, elf::R_PPC64_IRELATIVE.0, Effect::Chosen),
            (elf::EM_RISCV, elf::R_RISCV_IRELATIVE.0, Effect::Chosen),
            (elf::EM_LOONGARCH, elf::R_LARCH_IRELATIVE.0, Effect::Chosen),
        ] {
            assert_eq!(super::effect(machine, number), Some(effect), "{machine:?} {number}");
        }
        assert_eq!(super::effect(elf::EM_X86_64, elf::R_X86_64_RELATIVE.0), None);
    }
}
