//! Namespaces: which are to be had here, and what is done in them first.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_bind, mount_change};

use super::Places;
use crate::process::program;
use crate::trouble::Trouble;

/// Where pcscd's socket is, wherever it runs.
const RUN_PCSCD: &str = "/run/pcscd";

/// How `unshare` is called: with the user's own number for root's within, where that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unshare {
    map_root: bool,
    own_network: bool,
}

impl Unshare {
    /// The way that works here.
    pub fn find(own_network: bool) -> Result<Self, Trouble> {
        let root = rustix::process::geteuid().is_root();
        let ways = if root {
            &[false, true][..]
        } else {
            &[true][..]
        };
        let mut said = String::new();
        for &map_root in ways {
            let way = Self {
                map_root,
                own_network,
            };
            match way
                .command(OsStr::new("true"))
                .stdin(Stdio::null())
                .output()
            {
                Ok(output) if output.status.success() => return Ok(way),
                Ok(output) => String::from_utf8_lossy(&output.stderr)
                    .trim()
                    .clone_into(&mut said),
                Err(error) => said = format!("unshare: {error}"),
            }
        }
        Err(refused(&said, root))
    }

    /// Whether the user is root within, and nowhere else.
    pub fn maps_root(self) -> bool {
        self.map_root
    }

    /// The command that starts `program` within.
    pub fn command(self, program: &OsStr) -> Command {
        let mut command = Command::new("unshare");
        if self.map_root {
            command.arg("--map-root-user");
        }
        if self.own_network {
            command.arg("--net");
        }
        command.args([
            "--mount",
            "--propagation",
            "private",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--",
        ]);
        command.arg(program);
        command
    }
}

fn refused(said: &str, root: bool) -> Trouble {
    let next = if root {
        "allow namespaces (in a container: --cap-add SYS_ADMIN, or --privileged); or run again with --no-namespaces, \
         which uses this machine's one /run/pcscd; or see 'negin-sim serve --help' for a pcscd that is there already."
    } else {
        "have the administrator allow user namespaces (sysctl user.max_user_namespaces, \
         kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), or run this as root; or see \
         'negin-sim serve --help' for a pcscd that is there already."
    };
    Trouble::new(format!("this machine gives no namespaces: {said}"), next).meaning(
        "A pcscd of one's own needs a /run of its own: where its socket lies is built into every program that uses it.",
    )
}

/// Makes the namespace a place for a pcscd: an empty /run with its folder in it, and a network with oneself in it.
pub fn settle(places: &Places) -> Result<(), Trouble> {
    let failed = |what: &str, error: io::Error| {
        Trouble::new(
            format!("the namespace cannot be made ready: {what}: {error}"),
            "run again with --no-namespaces as root, or allow mounts within namespaces.",
        )
    };
    let mounted = (|| {
        mount_change(
            "/",
            MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
        )?;
        mount(
            "tmpfs",
            "/run",
            "tmpfs",
            MountFlags::NOSUID | MountFlags::NODEV,
            c"mode=0755",
        )?;
        std::fs::create_dir(RUN_PCSCD)?;
        mount_bind(places.run(), RUN_PCSCD)?;
        io::Result::Ok(())
    })();
    mounted.map_err(|error| failed("/run", error))?;
    match program("ip") {
        Some(ip) => loopback(&ip),
        None => log::warn!(
            "the program ip (package iproute2) is not here: 127.0.0.1 does not answer within"
        ),
    }
    Ok(())
}

fn loopback(ip: &Path) {
    let up = Command::new(ip)
        .args(["link", "set", "lo", "up"])
        .stdin(Stdio::null())
        .output();
    match up {
        Ok(output) if output.status.success() => {}
        Ok(output) => log::debug!("lo: {}", String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) => log::debug!("lo: {error}"),
    }
}
