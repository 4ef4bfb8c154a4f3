//! Distributions side by side, as an SVG file.

use std::fmt::Write;

use crate::{Figure, quantile};

/// Panels in a row, and the size of one.
const COLUMNS: usize = 4;
const PANEL: (f64, f64) = (220.0, 150.0);
/// Room round a panel's bars.
const MARGIN: f64 = 26.0;
const BINS: usize = 24;

/// Colours: synthetic, real.
const COLOURS: [&str; 2] = ["#c05020", "#2060a0"];

pub fn svg(synthetic: &[Figure], real: &[Figure]) -> String {
    let rows = synthetic.len().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS as f64 * PANEL.0, rows as f64 * PANEL.1 + 24.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (group, (name, colour)) in ["synthetic", "real"].iter().zip(COLOURS).enumerate() {
        let x = 20.0 + 90.0 * group as f64;
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"12\" height=\"10\" fill=\"{colour}\" fill-opacity=\"0.5\"/>\
             <text x=\"{}\" y=\"{}\">{name}</text>",
            height - 18.0,
            x + 17.0,
            height - 9.0
        );
    }
    for (panel, (ours, theirs)) in synthetic.iter().zip(real).enumerate() {
        let left = (panel % COLUMNS) as f64 * PANEL.0;
        let top = (panel / COLUMNS) as f64 * PANEL.1;
        let _ = writeln!(svg, "<g transform=\"translate({left} {top})\">");
        draw(&mut svg, ours, theirs);
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, ours: &Figure, theirs: &Figure) {
    let both = [ours.values.as_slice(), &theirs.values].concat();
    let (low, high) = (
        quantile(&both, 0.0),
        quantile(&both, 0.995).max(quantile(&both, 0.0) + 1e-6),
    );
    let _ = writeln!(svg, "<text x=\"{MARGIN}\" y=\"16\">{}</text>", ours.name);
    let (wide, floor) = (PANEL.0 - 2.0 * MARGIN, PANEL.1 - MARGIN);
    let shares = [ours, theirs].map(|figure| {
        let mut shares = [0.0; BINS];
        for value in &figure.values {
            let bin = ((value - low) / (high - low) * BINS as f64).clamp(0.0, BINS as f64 - 1.0);
            shares[bin as usize] += 1.0 / figure.values.len() as f64;
        }
        shares
    });
    let most = shares.iter().flatten().fold(1e-9f64, |a, &b| a.max(b));
    for (shares, colour) in shares.iter().zip(COLOURS) {
        let mut path = format!("M{MARGIN} {floor}");
        for (bin, share) in shares.iter().enumerate() {
            let y = floor - share / most * (floor - MARGIN);
            let at = |bin: usize| MARGIN + wide * bin as f64 / BINS as f64;
            let _ = write!(path, "L{:.1} {y:.1}L{:.1} {y:.1}", at(bin), at(bin + 1));
        }
        let _ = writeln!(
            svg,
            "<path d=\"{path}L{:.1} {floor}Z\" fill=\"{colour}\" fill-opacity=\"0.35\" stroke=\"{colour}\"/>",
            MARGIN + wide
        );
    }
    let digits = if high - low < 3.0 { 2 } else { 0 };
    for (share, anchor) in [(0.0, "start"), (0.5, "middle"), (1.0, "end")] {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\" fill=\"#555\">{:.digits$}</text>",
            MARGIN + share * wide,
            floor + 14.0,
            low + share * (high - low)
        );
    }
}
