use negin_reader::{*, pcsc::*};
use negin_apdu::*;
use std::time::*;
fn main(){
  let ctl=|w:&str| { std::process::Command::new(std::env::var("NS").unwrap()).arg("control").args(w.split(' ')).output().unwrap(); };
  let sel=|| Command::new(0,0xA4,4,0).with_le(256);
  let mut r=PcscReader::open("00 00").map_err(|e|e.to_string()).unwrap_or_else(|e| panic!("{e}"));
  let mut c=r.connect_bare().unwrap();
  c.exchange(&sel()).unwrap();
  ctl("reset 0");
  println!("{:?}", c.exchange(&sel()));
  println!("{:?}", c.reset());
  println!("{:?}", c.exchange(&sel()));
  ctl("remove 0"); std::thread::sleep(Duration::from_millis(300));
  ctl("insert 0"); std::thread::sleep(Duration::from_millis(300));
  println!("{:?}", c.exchange(&sel()));
  println!("{:?}", c.reset());
  drop(c);
  let mut c=r.connect_bare().unwrap();
  let mut m=Monitor::new();
  println!("{:?}", m.next(Duration::from_millis(300)));
  println!("{:?}", m.next(Duration::from_millis(300)));
  ctl("insert 1 /tmp/L/c.card");
  for _ in 0..3 {println!("{:?}", m.next(Duration::from_millis(300)));}
  drop(c.exchange(&sel())); drop(c);
  for _ in 0..3 {println!("{:?}", m.next(Duration::from_millis(300)));}
  let t=Instant::now();
  ctl("remove 1");
  println!("{:?}", m.next(Duration::from_millis(300))); println!("{:?}", t.elapsed());
  let pid=String::from_utf8(std::process::Command::new("pidof").arg("pcscd").output().unwrap().stdout).unwrap();
  let cmd=std::fs::read(format!("/proc/{}/cmdline",pid.trim())).unwrap();
  let args:Vec<String>=cmd.split(|b|*b==0).filter(|a|!a.is_empty()).map(|a|String::from_utf8_lossy(a).into_owned()).collect();
  println!("{args:?}");
  std::process::Command::new("kill").args(["-9",pid.trim()]).status().unwrap();
  for _ in 0..3 {println!("{:?}", m.next(Duration::from_millis(300)));}
  println!("{:?}",std::fs::read_dir("/run/pcscd").unwrap().map(|e|e.unwrap().path()).collect::<Vec<_>>());
  let _=std::fs::remove_file("/run/pcscd/pcscd.pid"); let _=std::fs::remove_file("/run/pcscd/pcscd.comm");
  let _ch=std::process::Command::new(&args[0]).args(&args[1..]).spawn().unwrap();
  for _ in 0..6 {println!("{:?}", m.next(Duration::from_millis(300)));}
  println!("present {:?}", r.card_present());
  println!("conn {:?}", r.connect().map(|mut c| c.exchange(&sel())));
}
