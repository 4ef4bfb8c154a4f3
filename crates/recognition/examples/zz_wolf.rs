//! temporary
use negin_fingerprint::{
    Image,
    compact::{Limits, encode},
};
use negin_recognition::{extract, on_card, threshold};
use rayon::prelude::*;
fn next(s: &mut u64) -> u64 {
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    *s
}
fn main() {
    let mut files = Vec::new();
    for dir in std::env::args().skip(1) {
        for f in std::fs::read_dir(&dir).unwrap() {
            files.push(f.unwrap().path());
        }
    }
    files.retain(|f| {
        f.to_string_lossy().ends_with("_1.tif")
            || f.to_string_lossy().ends_with("_2.tif")
            || f.to_string_lossy().ends_with("_1.png")
            || f.to_string_lossy().ends_with("_2.png")
    });
    let limits = Limits {
        min: 12,
        max: 60,
        ..Limits::default()
    };
    let refs: Vec<Vec<u8>> = files
        .par_iter()
        .filter_map(|f| {
            let i = Image::open(f, 500).ok()?;
            let e = extract(&i).ok()?;
            Some(encode(&e.template, &limits).ok()?.to_vec())
        })
        .collect();
    println!("{} refs, threshold {:?}", refs.len(), threshold::ON_CARD);
    let mut s = 88172645463325252u64;
    type G = Box<dyn Fn(&mut u64) -> Vec<u8> + Sync>;
    let gens: Vec<(&str, G)> = vec![
        (
            "uniform60",
            Box::new(|s| {
                (0..60)
                    .flat_map(|_| {
                        let r = next(s);
                        [
                            (40 + r % 170) as u8,
                            (30 + (r >> 8) % 190) as u8,
                            0x40 | ((r >> 16) & 0x3F) as u8,
                        ]
                    })
                    .collect()
            }),
        ),
        (
            "uniform40",
            Box::new(|s| {
                (0..40)
                    .flat_map(|_| {
                        let r = next(s);
                        [
                            (40 + r % 150) as u8,
                            (30 + (r >> 8) % 170) as u8,
                            0x40 | ((r >> 16) & 0x3F) as u8,
                        ]
                    })
                    .collect()
            }),
        ),
        (
            "up-angles60",
            Box::new(|s| {
                (0..60)
                    .flat_map(|_| {
                        let r = next(s);
                        let a = [16i64, 48][(r >> 20) as usize % 2] + ((r >> 24) % 13) as i64 - 6;
                        [
                            (40 + r % 150) as u8,
                            (30 + (r >> 8) % 170) as u8,
                            0x40 | (a & 0x3F) as u8,
                        ]
                    })
                    .collect()
            }),
        ),
        (
            "arch60",
            Box::new(|s| {
                (0..60)
                    .flat_map(|_| {
                        let r = next(s);
                        let x = 40 + (r % 150) as i64;
                        let y = 30 + ((r >> 8) % 170) as i64;
                        let base = ((x - 115) / 8).clamp(-14, 14);
                        let a = base + if (r >> 20) & 1 == 1 { 32 } else { 0 };
                        [x as u8, y as u8, 0x40 | (-a & 0x3F) as u8]
                    })
                    .collect()
            }),
        ),
        (
            "cluster60",
            Box::new(|s| {
                (0..60)
                    .flat_map(|_| {
                        let r = next(s);
                        [
                            (115 + r % 30) as u8,
                            (115 + (r >> 8) % 30) as u8,
                            0x40 | ((r >> 16) & 0x3F) as u8,
                        ]
                    })
                    .collect()
            }),
        ),
        (
            "cluster-dense",
            Box::new(|s| {
                (0..60)
                    .flat_map(|_| {
                        let r = next(s);
                        [
                            (95 + r % 70) as u8,
                            (95 + (r >> 8) % 70) as u8,
                            0x40 | ((r >> 16) & 0x3F) as u8,
                        ]
                    })
                    .collect()
            }),
        ),
        (
            "same-point",
            Box::new(|s| {
                let x = 100 + (next(s) % 30) as u8;
                (0..60u8).flat_map(|i| [x, 120, 0x40 | i]).collect()
            }),
        ),
        (
            "dup-pairs",
            Box::new(|s| {
                (0..30)
                    .flat_map(|_| {
                        let r = next(s);
                        let (x, y, a) = (
                            (40 + r % 150) as u8,
                            (30 + (r >> 8) % 170) as u8,
                            ((r >> 16) & 0x3F) as u8,
                        );
                        [x, y, 0x40 | a, x, y, 0x40 | ((a + 32) & 0x3F)]
                    })
                    .collect()
            }),
        ),
        (
            "quad-dirs",
            Box::new(|s| {
                (0..15)
                    .flat_map(|_| {
                        let r = next(s);
                        let (x, y, a) = (
                            (60 + r % 110) as u8,
                            (50 + (r >> 8) % 130) as u8,
                            ((r >> 16) & 0x3F) as u8,
                        );
                        [
                            x,
                            y,
                            0x40 | a,
                            x,
                            y,
                            0x40 | ((a + 32) & 0x3F),
                            x,
                            y,
                            0x40 | ((a + 16) & 0x3F),
                            x,
                            y,
                            0x40 | ((a + 48) & 0x3F),
                        ]
                    })
                    .collect()
            }),
        ),
        (
            "grid",
            Box::new(|s| {
                let step = 18 + (next(s) % 8) as i64;
                let o = (next(s) % 20) as i64;
                (0..60i64)
                    .flat_map(|i| {
                        let r = next(s);
                        [
                            (40 + o + (i % 8) * step).min(255) as u8,
                            (40 + o + (i / 8) * step).min(255) as u8,
                            0x40 | ((r >> 16) & 0x3F) as u8,
                        ]
                    })
                    .collect()
            }),
        ),
        (
            "twelve",
            Box::new(|s| {
                (0..12)
                    .flat_map(|_| {
                        let r = next(s);
                        [
                            (80 + r % 70) as u8,
                            (80 + (r >> 8) % 70) as u8,
                            0x40 | ((r >> 16) & 0x3F) as u8,
                        ]
                    })
                    .collect()
            }),
        ),
    ];
    for (name, g) in &gens {
        let probes: Vec<Vec<u8>> = (0..400).map(|_| g(&mut s)).collect();
        let per: Vec<(usize, u16)> = probes
            .par_iter()
            .map(|p| {
                let sc: Vec<u16> = refs.iter().map(|r| on_card::compare(r, p).0).collect();
                (
                    sc.iter().filter(|v| **v >= threshold::ON_CARD.0).count(),
                    *sc.iter().max().unwrap(),
                )
            })
            .collect();
        let total: usize = per.iter().map(|p| p.0).sum();
        let worst = per.iter().map(|p| p.0).max().unwrap();
        println!(
            "{name:14} accepted {:.4}%  worst probe opens {:.2}% of cards, max score {}",
            100.0 * total as f64 / (probes.len() * refs.len()) as f64,
            100.0 * worst as f64 / refs.len() as f64,
            per.iter().map(|p| p.1).max().unwrap()
        );
    }
    // hill: a genuine print of another as the probe; worst wolf among real ones
    let n = refs.len();
    let mut worst = 0;
    let mut total = 0;
    for i in 0..n {
        let c = (0..n)
            .filter(|j| {
                *j / 2 != i / 2 && on_card::compare(&refs[*j], &refs[i]).0 >= threshold::ON_CARD.0
            })
            .count();
        worst = worst.max(c);
        total += c;
    }
    println!(
        "real foreign: {:.4}% worst {:.2}%",
        100.0 * total as f64 / (n * n) as f64,
        100.0 * worst as f64 / n as f64
    );
}
