//! `--fault [N=]FILE`.

use negin_firmware_sim::fault::Script;

use crate::cli::FaultFile;
use crate::trouble::Trouble;

/// The scripts of so many devices, in their order.
pub fn scripts(faults: &[FaultFile], devices: usize) -> Result<Vec<Script>, Trouble> {
    let mut scripts = vec![Script::default(); devices];
    for fault in faults {
        let script = scripts.get_mut(fault.device).ok_or_else(|| {
            Trouble::new(
                format!(
                    "there is no device {} for the faults of {}; there are {devices} of them, from 0",
                    fault.device,
                    fault.file.display(),
                ),
                "name a device that is there, or plug one more in with --device.",
            )
        })?;
        let text = std::fs::read_to_string(&fault.file).map_err(|error| {
            Trouble::new(
                format!(
                    "the faults of {} cannot be read: {error}",
                    fault.file.display()
                ),
                "name a file with a fault in each line; --help shows some.",
            )
        })?;
        *script = Script::parse(&text).map_err(|error| {
            Trouble::new(
                format!("{}, {error}", fault.file.display()),
                "correct that line; --help shows some.",
            )
        })?;
    }
    Ok(scripts)
}
