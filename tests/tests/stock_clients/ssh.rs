//! OpenSSH: the card's public keys, and a log-in with the card at an sshd of the test's own.

use std::net::{Ipv4Addr, TcpListener};

use crate::bench::Bench;
use crate::cards::issued;

/// Starts an sshd on the loopback interface and logs in with the card. It ends with the script.
const LOG_IN: &str = r#"
step keys ssh-keygen -D "$OPENSC"
cp keys.said authorized_keys
step host ssh-keygen -q -t ed25519 -N '' -f host_key
mkdir -p /run/sshd
cat >sshd_config <<END
ListenAddress 127.0.0.1
Port $PORT
HostKey $HOME/host_key
PidFile $HOME/sshd.pid
AuthorizedKeysFile $HOME/authorized_keys
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
END
/usr/sbin/sshd -D -e -f "$HOME/sshd_config" 2>sshd.log &
sshd=$!
until_so sh -c "ssh-keyscan -p $PORT 127.0.0.1 | grep ." || exit 1
ssh-keyscan -p $PORT 127.0.0.1 2>/dev/null >known_hosts
# Who asks for the PIN gets it.
printf '#!/bin/sh\necho "$PIN"\n' >ask
chmod +x ask
export SSH_ASKPASS="$HOME/ask" SSH_ASKPASS_REQUIRE=force
log_in() {
    step "$1" ssh -F none -p $PORT -o PKCS11Provider="$2" -o IdentityFile="$HOME/none" \
        -o UserKnownHostsFile="$HOME/known_hosts" -o StrictHostKeyChecking=yes -o PreferredAuthentications=publickey \
        127.0.0.1 'echo logged in as $(id -un)'
}
log_in card "$OPENSC"
log_in nobody none
kill $sshd
wait $sshd
"#;

/// A port that nobody listens at.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("bound").port()
}

#[test]
fn the_card_logs_in() {
    let bench = Bench::with(&[&issued().state]);
    bench.run(&format!("PORT={}\n{LOG_IN}", free_port()));
    let keys = bench.succeeded("keys");
    assert_eq!(keys.matches("ecdsa-sha2-nistp256 ").count(), 4, "{keys}");
    let (status, said) = bench.step("card");
    let log = String::from_utf8_lossy(&bench.get("sshd.log")).into_owned();
    assert!(
        status == 0 && said.contains("logged in as "),
        "{said}\nsshd: {log}"
    );
    let said = bench.refused("nobody");
    assert!(said.contains("Permission denied (publickey)"), "{said}");
}
