//! Pictures drawn by us: small SVG scenes, a shape per kind of article, coloured and composed by parameters.

use std::fmt::Write as _;

/// The side of a picture.
pub(super) const SIDE: u32 = 400;

/// Colours of one article: the body, its shade, its light, and what stands out.
#[derive(Clone, Debug)]
pub(super) struct Ink {
    a: String,
    b: String,
    c: String,
    d: String,
}

/// Hue, saturation and lightness of the body, and the hue of what stands out.
pub(super) type Tone = (u16, u16, u16, u16);

impl Ink {
    pub(super) fn of((hue, saturation, lightness, accent): Tone) -> Self {
        Self {
            a: colour(hue, saturation, lightness),
            b: colour(hue, saturation, lightness.saturating_sub(16).max(12)),
            c: colour(hue, saturation, (lightness + 22).min(94)),
            d: colour(accent, 62, 52),
        }
    }
}

impl Ink {
    fn fill(&self, shape: &str) -> String {
        shape.replace("{a}", &self.a).replace("{b}", &self.b).replace("{c}", &self.c).replace("{d}", &self.d)
    }
}

/// `#rrggbb` of a hue in degrees and a saturation and lightness in percent.
fn colour(hue: u16, saturation: u16, lightness: u16) -> String {
    let (h, s, l) = (f64::from(hue % 360) / 30.0, f64::from(saturation) / 100.0, f64::from(lightness) / 100.0);
    let spread = s * l.min(1.0 - l);
    let channel = |n: f64| {
        let k = (n + h) % 12.0;
        let value = l - spread * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        format!("{:02x}", (value * 255.0).round().clamp(0.0, 255.0) as u8)
    };
    format!("#{}{}{}", channel(0.0), channel(8.0), channel(4.0))
}

/// A shape in the middle of a square of 400.
pub(super) type Motif = fn(&Ink) -> String;

/// How a picture is composed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scene {
    /// One, large, on a soft stage.
    Portrait,
    /// Three in a row, the middle one in front.
    Group,
    /// Alone in a circle, for a shelf.
    Badge,
}

/// Draws `motif` on a background of `hue`; `variant` chooses the ornament.
pub(super) fn draw(motif: Motif, ink: &Ink, (scene, hue, variant): (Scene, u16, usize)) -> String {
    let shape = motif(ink);
    let (sky, ground, glow) = (colour(hue, 48, 94), colour(hue, 42, 86), colour(hue, 60, 98));
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"><defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="{sky}"/><stop offset="1" stop-color="{ground}"/></linearGradient></defs>"#
    );
    match scene {
        Scene::Portrait => {
            svg += r#"<rect width="400" height="400" fill="url(#s)"/>"#;
            svg += &ornament(hue, variant);
            let _ = write!(
                svg,
                r#"<circle cx="200" cy="196" r="142" fill="{glow}" opacity=".75"/><ellipse cx="200" cy="326" rx="112" ry="13" fill="{}" opacity=".16"/>{shape}"#,
                ink.b
            );
        }
        Scene::Group => {
            let _ =
                write!(svg, r#"<rect width="400" height="400" fill="{glow}"/><path d="M0 268q100-34 200 0t200 0v132H0z" fill="url(#s)"/>"#);
            svg += &ornament(hue, variant + 2);
            for (x, y, scale, opacity) in [(-8, 96, 0.52, 0.55), (200, 96, 0.52, 0.55), (66, 92, 0.68, 1.0)] {
                let _ = write!(svg, r#"<g transform="translate({x} {y}) scale({scale})" opacity="{opacity}">{shape}</g>"#);
            }
        }
        Scene::Badge => {
            let _ =
                write!(svg, r#"<circle cx="200" cy="200" r="200" fill="url(#s)"/><g transform="translate(40 36) scale(.8)">{shape}</g>"#);
        }
    }
    svg + "</svg>"
}

fn ornament(hue: u16, variant: usize) -> String {
    let tint = colour(hue, 46, 79);
    let mut svg = format!(r#"<g fill="none" stroke="{tint}" stroke-width="3" opacity=".6">"#);
    match variant % 5 {
        0 => (0..5).for_each(|i| {
            let _ = write!(svg, r#"<circle cx="{}" cy="52" r="{}"/>"#, 336, 10 + i * 14);
        }),
        1 => (0..4).for_each(|i| {
            let y = 30 + i * 16;
            let _ = write!(svg, r#"<path d="M24 {y}q14-12 28 0t28 0 28 0"/>"#);
        }),
        2 => (0..16).for_each(|i| {
            let _ = write!(svg, r#"<circle cx="{}" cy="{}" r="2.5" fill="{tint}"/>"#, 300 + (i % 4) * 20, 30 + (i / 4) * 20);
        }),
        3 => {
            svg += r#"<path d="M330 40c-34 6-46 34-40 66 32 0 52-24 40-66zM330 40c-10 26-22 44-40 66"/><path d="M58 74c24 2 34 22 32 44-24 2-38-16-32-44z"/>"#
        }
        _ => (0..6).for_each(|i| {
            let _ = write!(svg, r#"<path d="M{} 28l-26 44"/>"#, 66 + i * 18);
        }),
    }
    svg + "</g>"
}

/// Declares shapes: `motifs! { name { "…{a}…" } }`, where `{a}` … `{d}` stand for the colours.
macro_rules! motifs { ($($name:ident { $svg:literal })*) => {$(
    pub(super) fn $name(ink: &Ink) -> String {
        ink.fill($svg)
    }
)*}; }

motifs! {
    teacup {
        r##"<g fill="none" stroke="{b}" stroke-width="5" stroke-linecap="round" opacity=".35"><path d="M168 132q-14-16 0-32t0-30"/><path d="M200 124q-14-16 0-32t0-30"/><path d="M232 132q-14-16 0-32t0-30"/></g>
<ellipse cx="200" cy="312" rx="118" ry="17" fill="{a}"/><ellipse cx="200" cy="307" rx="118" ry="15" fill="{c}"/>
<path d="M284 190c52-8 56 62-14 66" fill="none" stroke="{a}" stroke-width="15"/>
<path d="M110 172h180c2 78-34 132-90 132s-92-54-90-132z" fill="#fffdf8"/><path d="M116 214h168c-2 10-5 19-8 28H124c-3-9-6-18-8-28z" fill="{a}"/>
<ellipse cx="200" cy="172" rx="90" ry="20" fill="{c}"/><ellipse cx="200" cy="175" rx="78" ry="14" fill="{d}"/><path d="M180 171c18-10 34-8 44 2-16 8-32 8-44-2z" fill="{b}"/>"##
    }
    caddy {
        r##"<rect x="126" y="132" width="148" height="188" rx="16" fill="{a}"/><path d="M126 148a16 16 0 0 1 16-16h20v188h-20a16 16 0 0 1-16-16z" fill="{c}" opacity=".35"/>
<rect x="118" y="98" width="164" height="46" rx="14" fill="{b}"/><rect x="176" y="78" width="48" height="24" rx="10" fill="{b}"/>
<circle cx="200" cy="228" r="52" fill="#fffaf0"/><path d="M200 268c-30-22-34-52 0-84 34 32 30 62 0 84z" fill="{d}"/><path d="M200 268v-66M200 240l-16-14M200 226l15-13" stroke="#fffaf0" stroke-width="4" stroke-linecap="round" fill="none"/>"##
    }
    teapot {
        r##"<path d="M278 214c58-30 34-74 66-80-4 52-10 96-60 112z" fill="{b}"/><path d="M124 196c-72-22-82 82 6 86" fill="none" stroke="{b}" stroke-width="17" stroke-linecap="round"/>
<path d="M104 236c0-58 42-92 96-92s96 34 96 92c0 50-40 84-96 84s-96-34-96-84z" fill="{a}"/><path d="M122 232c2-44 30-68 66-72-32 22-44 60-38 118-18-10-28-26-28-46z" fill="{c}" opacity=".5"/>
<path d="M140 158c12-22 34-32 60-32s48 10 60 32c-36 12-84 12-120 0z" fill="{b}"/><circle cx="200" cy="114" r="15" fill="{d}"/>
<path d="M150 246q25-22 50 0t50 0" stroke="{c}" stroke-width="6" fill="none" stroke-linecap="round"/>"##
    }
    sprig {
        r##"<path d="M200 326C196 250 200 190 206 96" stroke="{b}" stroke-width="8" fill="none" stroke-linecap="round"/>
<path d="M206 104c-34-30-30-66 4-92 32 30 30 64-4 92z" transform="translate(0 26)" fill="{c}"/>
<path d="M200 206c-70 4-98-34-106-94 66 2 104 34 106 94z" fill="{a}"/><path d="M200 206c-20-34-52-64-106-94" stroke="{c}" stroke-width="4" fill="none"/>
<path d="M202 190c62-2 94-38 104-98-66 8-100 42-104 98z" fill="{c}"/><path d="M202 190c22-36 54-66 104-98" stroke="{a}" stroke-width="4" fill="none"/>
<path d="M198 290c-58 8-88-18-102-66 58-4 94 20 102 66z" fill="{c}"/><path d="M200 278c54 4 86-22 102-70-58-2-96 24-102 70z" fill="{a}"/><path d="M200 278c24-30 56-52 102-70" stroke="{c}" stroke-width="4" fill="none"/>"##
    }
    teacake {
        r##"<circle cx="200" cy="208" r="116" fill="{b}"/><circle cx="200" cy="202" r="116" fill="{a}"/><circle cx="200" cy="202" r="96" fill="none" stroke="{c}" stroke-width="3" stroke-dasharray="4 9" opacity=".7"/>
<g fill="{b}" opacity=".55"><ellipse cx="146" cy="156" rx="17" ry="6" transform="rotate(-30 146 156)"/><ellipse cx="258" cy="170" rx="19" ry="6" transform="rotate(24 258 170)"/><ellipse cx="136" cy="240" rx="18" ry="6" transform="rotate(38 136 240)"/><ellipse cx="256" cy="252" rx="17" ry="6" transform="rotate(-42 256 252)"/><ellipse cx="196" cy="290" rx="18" ry="6"/><ellipse cx="200" cy="116" rx="16" ry="5"/></g>
<path d="M128 196l72-56 72 56-72 76z" fill="#fffaf0"/><path d="M200 240c-22-18-24-40 0-64 24 24 22 46 0 64z" fill="{d}"/>"##
    }
    giftbox {
        r##"<rect x="92" y="178" width="216" height="142" rx="10" fill="{a}"/><path d="M92 188a10 10 0 0 1 10-10h56v142h-56a10 10 0 0 1-10-10z" fill="{c}" opacity=".25"/><rect x="80" y="142" width="240" height="48" rx="10" fill="{b}"/>
<rect x="182" y="142" width="36" height="178" fill="{d}"/><path d="M200 142c-50 6-92-16-82-46 10-28 62-8 82 46z" fill="{d}"/><path d="M200 142c50 6 92-16 82-46-10-28-62-8-82 46z" fill="{d}"/>
<path d="M200 142c-28 0-56-12-54-30 4-14 34 0 54 30zM200 142c28 0 56-12 54-30-4-14-34 0-54 30z" fill="{b}" opacity=".35"/><circle cx="200" cy="140" r="14" fill="{c}"/>"##
    }
    peach {
        r##"<path d="M200 118c-74-44-134 16-118 92 12 60 66 108 118 112 52-4 106-52 118-112 16-76-44-136-118-92z" fill="{a}"/>
<path d="M200 118c-22 50-24 140 0 204-52-4-106-52-118-112-16-76 44-136 118-92z" fill="{c}" opacity=".65"/><path d="M200 118c-18 46-22 96-8 150" stroke="{b}" stroke-width="5" fill="none" stroke-linecap="round" opacity=".7"/>
<path d="M202 116c-2-22 2-40 16-54" stroke="#7a5230" stroke-width="8" fill="none" stroke-linecap="round"/><path d="M208 96c28-40 68-44 104-26-22 38-62 50-104 26z" fill="{d}"/><path d="M208 96c36-8 68-16 104-26" stroke="#fff" stroke-width="3" fill="none" opacity=".6"/>
<ellipse cx="126" cy="184" rx="13" ry="24" transform="rotate(24 126 184)" fill="#fff" opacity=".4"/>"##
    }
    apple {
        r##"<path d="M200 134c-54-32-116-6-116 68 0 66 46 122 84 120 14-1 20-8 32-8s18 7 32 8c38 2 84-54 84-120 0-74-62-100-116-68z" fill="{a}"/><path d="M248 126c44 4 68 34 68 76 0 66-46 122-84 120-6 0-11-2-15-4 52-30 74-122 31-192z" fill="{b}" opacity=".5"/>
<path d="M168 138q32 20 64 0" stroke="{b}" stroke-width="6" fill="none" stroke-linecap="round"/><path d="M200 144c-4-30 0-52 14-70" stroke="#6b4a2b" stroke-width="9" fill="none" stroke-linecap="round"/><path d="M212 104c18-36 52-44 88-32-14 34-50 50-88 32z" fill="{d}"/>
<ellipse cx="124" cy="190" rx="13" ry="28" transform="rotate(16 124 190)" fill="#fff" opacity=".45"/>"##
    }
    mango {
        r##"<path d="M96 238c-10-70 46-150 130-146 66 4 100 56 84 118-18 72-86 112-146 106-40-4-62-36-68-78z" fill="{a}"/><path d="M96 238c-10-70 46-150 130-146-60 22-98 104-62 224-40-4-62-36-68-78z" fill="{d}" opacity=".55"/>
<path d="M224 94c2-16 10-28 22-36" stroke="#6b4a2b" stroke-width="9" fill="none" stroke-linecap="round"/><path d="M238 78c30-30 66-26 92-2-26 26-62 28-92 2z" fill="#5d9b4c"/><ellipse cx="254" cy="156" rx="14" ry="32" transform="rotate(-40 254 156)" fill="#fff" opacity=".45"/>"##
    }
    sack {
        r##"<path d="M124 138c-44 62-52 150-16 180h184c36-30 28-118-16-180z" fill="{a}"/><path d="M124 138c-44 62-52 150-16 180h40c-26-50-20-120 10-180z" fill="{c}" opacity=".5"/><path d="M118 84c26 14 54-12 82 4 28-16 56 10 82-4-2 22-8 40-16 54H134c-8-14-14-32-16-54z" fill="{c}"/>
<path d="M130 138h140" stroke="{d}" stroke-width="12" stroke-linecap="round"/><circle cx="200" cy="232" r="50" fill="#fffaf0"/><g fill="{b}"><ellipse cx="200" cy="208" rx="7" ry="15"/><ellipse cx="184" cy="226" rx="7" ry="15" transform="rotate(-30 184 226)"/><ellipse cx="216" cy="226" rx="7" ry="15" transform="rotate(30 216 226)"/><ellipse cx="186" cy="250" rx="7" ry="14" transform="rotate(-34 186 250)"/><ellipse cx="214" cy="250" rx="7" ry="14" transform="rotate(34 214 250)"/></g><path d="M200 216v58" stroke="{d}" stroke-width="4"/>"##
    }
    eggs {
        r##"<ellipse cx="142" cy="202" rx="48" ry="62" fill="{c}"/><ellipse cx="258" cy="202" rx="48" ry="62" fill="{c}"/><ellipse cx="200" cy="186" rx="52" ry="68" fill="{a}"/><ellipse cx="184" cy="158" rx="13" ry="21" transform="rotate(20 184 158)" fill="#fff" opacity=".5"/>
<path d="M78 222h244c2 62-38 98-122 98S76 284 78 222z" fill="{d}"/><g stroke="#fff" stroke-width="5" opacity=".35" fill="none"><path d="M84 252q29 18 58 0t58 0 58 0 58 0"/><path d="M98 284q26 14 51 0t51 0 51 0 51 0"/></g><path d="M72 214h256" stroke="{b}" stroke-width="14" stroke-linecap="round"/>"##
    }
    honey {
        r##"<path d="M112 150c-24 22-28 40-28 78 0 60 28 92 62 92h108c34 0 62-32 62-92 0-38-4-56-28-78z" fill="#fff" opacity=".65"/><path d="M96 196c-6 80 12 116 50 116h108c38 0 56-36 50-116-36-18-64 14-104 0s-74-12-104 0z" fill="{a}"/>
<rect x="112" y="100" width="176" height="52" rx="14" fill="{d}"/><path d="M124 100h152" stroke="#fff" stroke-width="5" opacity=".4"/><path d="M150 228h100v58H150z" fill="#fffaf0"/><path d="M200 238l16 9v18l-16 9-16-9v-18z" fill="{a}"/><path d="M112 176c-8 18-10 30-10 52" stroke="#fff" stroke-width="9" stroke-linecap="round" fill="none" opacity=".8"/>
<path d="M296 92l34-42" stroke="#8b5a2b" stroke-width="9" stroke-linecap="round"/><ellipse cx="288" cy="102" rx="16" ry="24" transform="rotate(38 288 102)" fill="{b}"/>"##
    }
    pouch {
        r##"<path d="M112 96c58 10 118 10 176 0l14 208c-66 22-138 22-204 0z" fill="{a}"/><path d="M112 96c14 3 28 5 42 6l-10 218c-16-3-32-9-46-16z" fill="{c}" opacity=".4"/><path d="M112 96c58 10 118 10 176 0l2 26c-60 10-120 10-180 0z" fill="{b}"/>
<circle cx="200" cy="216" r="64" fill="#fffaf0"/><path d="M158 222c10-44 74-44 84 0 4 34-88 34-84 0z" fill="{d}"/><g fill="#fffaf0" opacity=".75"><circle cx="184" cy="214" r="6"/><circle cx="206" cy="204" r="6"/><circle cx="222" cy="222" r="6"/><circle cx="200" cy="230" r="6"/></g><path d="M150 292h100" stroke="{c}" stroke-width="7" stroke-linecap="round"/>"##
    }
    nuts {
        r##"<path d="M96 230c0-36 26-62 58-62s58 26 58 62-26 66-58 66-58-30-58-66z" fill="{a}"/><path d="M154 170c-16 30-14 92 0 124M118 204c14 10 16 42 4 62M190 204c-14 10-16 42-4 62" stroke="{b}" stroke-width="6" fill="none" stroke-linecap="round"/>
<path d="M252 112c52 22 76 84 50 128-46-2-84-66-50-128z" fill="{d}"/><path d="M254 122c2 44 18 82 44 112M270 124c20 34 30 66 30 102" stroke="#fff" stroke-width="3" fill="none" opacity=".5"/>
<path d="M136 118c22-40 80-38 100-4-18 36-72 44-100 4z" fill="{c}"/><path d="M140 120c30 10 62 8 92-6" stroke="{b}" stroke-width="4" fill="none" opacity=".5"/><path d="M216 280c16-32 62-34 84-8-12 34-62 44-84 8z" fill="{a}"/><path d="M222 280c26 8 50 6 74-6" stroke="{b}" stroke-width="4" fill="none"/>"##
    }
    cookie {
        r##"<circle cx="216" cy="186" r="104" fill="{b}"/><circle cx="210" cy="180" r="104" fill="{a}"/><g fill="{b}"><circle cx="168" cy="140" r="15"/><circle cx="236" cy="124" r="12"/><circle cx="262" cy="188" r="16"/><circle cx="200" cy="196" r="13"/><circle cx="160" cy="226" r="12"/><circle cx="232" cy="242" r="15"/></g>
<circle cx="128" cy="264" r="60" fill="{b}"/><circle cx="124" cy="260" r="60" fill="{c}"/><g fill="{d}"><circle cx="104" cy="240" r="9"/><circle cx="142" cy="238" r="8"/><circle cx="126" cy="272" r="10"/><circle cx="98" cy="280" r="7"/><circle cx="154" cy="284" r="8"/></g>"##
    }
    chocolate {
        r##"<g transform="rotate(-9 200 210)"><rect x="118" y="84" width="164" height="148" rx="10" fill="{b}"/><g fill="{a}"><rect x="128" y="94" width="66" height="58" rx="7"/><rect x="206" y="94" width="66" height="58" rx="7"/><rect x="128" y="164" width="66" height="58" rx="7"/><rect x="206" y="164" width="66" height="58" rx="7"/></g>
<g stroke="{c}" stroke-width="4" opacity=".5" fill="none"><path d="M136 144v-42h50M214 144v-42h50"/></g><path d="M106 208l22 12 24-14 24 14 24-14 24 14 24-14 24 14 22-12v116H106z" fill="{d}"/><rect x="106" y="258" width="188" height="34" fill="#fffaf0" opacity=".9"/><path d="M132 275h136" stroke="{d}" stroke-width="6" stroke-linecap="round"/></g>"##
    }
    mooncake {
        r##"<g transform="translate(0 26)"><path d="M88 190v40c0 40 54 66 120 66s120-26 120-66v-40z" fill="{b}"/><path d="M200 94c24-16 48-4 58 14 24-4 46 12 44 34 22 10 30 36 14 54 6 24-18 40-40 38-12 20-42 24-60 10-22 16-50 8-60-10-24 4-46-12-44-34-22-12-26-38-10-54-4-24 16-42 40-38 12-20 38-26 58-14z" fill="{a}"/>
<ellipse cx="208" cy="170" rx="82" ry="54" fill="none" stroke="{c}" stroke-width="6"/><g fill="{c}"><path d="M208 168c-12-18-12-32 0-42 12 10 12 24 0 42zM208 172c-12 18-12 30 0 40 12-10 12-22 0-40zM204 170c-20-10-36-10-48 0 12 10 28 10 48 0zM212 170c20-10 36-10 48 0-12 10-28 10-48 0z"/></g><circle cx="208" cy="170" r="9" fill="{d}"/></g>"##
    }
    wok {
        r##"<path d="M84 170c4 92 50 140 116 140s112-48 116-140z" fill="{b}"/><path d="M84 170c4 92 50 140 100 140-44-34-62-78-64-140z" fill="{c}" opacity=".3"/><ellipse cx="200" cy="170" rx="116" ry="34" fill="{a}"/><ellipse cx="200" cy="174" rx="98" ry="25" fill="{b}"/>
<path d="M312 160l66-26" stroke="#8b5e3c" stroke-width="19" stroke-linecap="round"/><path d="M88 164c-34-8-44 26-8 32" fill="none" stroke="#8b5e3c" stroke-width="13" stroke-linecap="round"/><g fill="{d}"><circle cx="164" cy="172" r="13"/><circle cx="238" cy="176" r="11"/></g><path d="M186 166c14-14 34-12 42 0-14 10-30 10-42 0z" fill="#5d9b4c"/>
<g stroke="{a}" stroke-width="6" stroke-linecap="round" fill="none" opacity=".4"><path d="M172 122q-12-14 0-28t0-26M226 122q-12-14 0-28t0-26"/></g>"##
    }
    flask {
        r##"<rect x="148" y="128" width="104" height="194" rx="24" fill="{a}"/><rect x="160" y="140" width="19" height="168" rx="9" fill="{c}" opacity=".6"/><rect x="156" y="70" width="88" height="64" rx="15" fill="{b}"/><path d="M156 104h88" stroke="{c}" stroke-width="5" opacity=".5"/>
<rect x="148" y="232" width="104" height="24" fill="{d}"/><path d="M220 180c-15 8-19 23-9 36 15-8 19-23 9-36z" fill="#fff" opacity=".75"/><path d="M244 92c40-4 42 44 4 44" fill="none" stroke="{d}" stroke-width="10" stroke-linecap="round"/>"##
    }
    towels {
        r##"<rect x="92" y="248" width="216" height="68" rx="30" fill="{a}"/><rect x="102" y="186" width="196" height="66" rx="30" fill="{c}"/><rect x="92" y="124" width="216" height="66" rx="30" fill="{d}"/>
<g stroke="#fff" stroke-width="5" opacity=".55" fill="none"><path d="M118 282h150M122 219h140M118 157h150"/></g><g fill="{b}" opacity=".3"><circle cx="288" cy="282" r="19"/><circle cx="280" cy="219" r="19"/><circle cx="288" cy="157" r="19"/></g>
<path d="M200 122c-30-12-36-42-12-66 18 12 26 34 12 66z" fill="#7bab6b"/><path d="M202 122c8-28 32-38 60-28-8 24-30 34-60 28z" fill="#93bd80"/>"##
    }
    pillow {
        r##"<path d="M74 176c30 4 60-14 126-14s96 18 126 14c-14 44-14 84 0 128-30-4-60 12-126 12s-96-16-126-12c14-44 14-84 0-128z" fill="{a}"/><path d="M96 196c-8 32-8 56 0 88 26-4 56 8 104 8-40-26-58-60-54-108-20 4-36 12-50 12z" fill="{c}" opacity=".5"/>
<path d="M104 104c24 4 50-10 100-10s76 14 100 10c-6 22-8 42-6 62-28-10-60-14-98-14s-68 4-94 14c4-20 4-40-2-62z" fill="{d}"/><g stroke="#fff" stroke-width="4" fill="none" opacity=".6" stroke-linecap="round"><path d="M150 244q25-22 50 0t50 0M150 270q25-22 50 0t50 0"/></g>"##
    }
    lamp {
        r##"<path d="M128 68h144l42 122H86z" fill="{d}" opacity=".22" transform="translate(0 64) scale(1 1.2)"/><path d="M146 78h108l44 104H102z" fill="{a}"/><path d="M146 78h34l-18 104h-60z" fill="{c}" opacity=".5"/><rect x="192" y="182" width="16" height="114" fill="{b}"/><ellipse cx="200" cy="306" rx="66" ry="15" fill="{b}"/><circle cx="200" cy="192" r="17" fill="#fff3c4"/><path d="M232 182v36" stroke="{b}" stroke-width="4"/><circle cx="232" cy="222" r="6" fill="{d}"/>"##
    }
    bowls {
        r##"<path d="M84 232h232c0 50-44 84-92 84h-48c-48 0-92-34-92-84z" fill="{a}"/><path d="M84 232h232q-2 18-8 32H92q-6-14-8-32z" fill="{c}"/><path d="M98 248q17 14 34 0t34 0 34 0 34 0 34 0 34 0" stroke="{d}" stroke-width="5" fill="none"/><rect x="160" y="310" width="80" height="13" rx="6" fill="{b}"/>
<path d="M110 164h180c0 38-34 62-70 62h-40c-36 0-70-24-70-62z" fill="{c}"/><path d="M110 164h180q-1 14-6 26H116q-5-12-6-26z" fill="{a}"/><g stroke="{b}" stroke-width="8" stroke-linecap="round"><path d="M168 156L300 62M186 160L324 84"/></g>"##
    }
    basket {
        r##"<path d="M114 172C118 62 282 62 286 172" fill="none" stroke="{b}" stroke-width="13"/><path d="M82 172h236l-24 134a18 18 0 0 1-18 14H124a18 18 0 0 1-18-14z" fill="{a}"/><g stroke="{b}" stroke-width="6" opacity=".5" fill="none"><path d="M92 206h216M98 240h204M104 274h192M146 176l8 140M200 176v140M254 176l-8 140"/></g>
<path d="M76 158h248v28H76z" fill="{c}"/><path d="M236 186v52l20-14 20 14v-52z" fill="{d}"/>"##
    }
    candle {
        r##"<path d="M200 58c30 36 30 62 0 76-30-14-30-40 0-76z" fill="{d}"/><path d="M200 88c14 20 14 34 0 42-14-8-14-22 0-42z" fill="#fff3c4"/><path d="M200 128v26" stroke="#5b4636" stroke-width="5"/><rect x="122" y="150" width="156" height="170" rx="22" fill="{a}"/><rect x="136" y="164" width="20" height="142" rx="10" fill="#fff" opacity=".35"/>
<ellipse cx="200" cy="156" rx="72" ry="14" fill="{c}"/><rect x="156" y="204" width="88" height="68" rx="8" fill="#fffaf0"/><path d="M200 262c-16-14-16-30 0-46 16 16 16 32 0 46z" fill="{b}"/>"##
    }
    babybottle {
        r##"<path d="M184 66c0-22 32-22 32 0l6 32h-44z" fill="{d}"/><path d="M150 98h100v32H150z" fill="{b}"/><path d="M142 132h116c14 24 20 44 20 74v78c0 20-16 38-38 38h-80c-22 0-38-18-38-38v-78c0-30 6-50 20-74z" fill="#fff" opacity=".9"/><path d="M124 214c50 16 102-14 152 0v70c0 18-14 36-36 36h-80c-22 0-36-18-36-36z" fill="{a}"/>
<g stroke="{b}" stroke-width="5" stroke-linecap="round"><path d="M240 182h26M248 212h20M240 242h28M248 272h20"/></g><path d="M166 260c0-12 18-12 18 2 0-14 18-14 18-2 0 12-18 22-18 22s-18-10-18-22z" fill="#fff"/>"##
    }
    onesie {
        r##"<path d="M148 92c12 30 92 30 104 0l64 44-34 48-22-14v64c0 34-14 64-36 84h-48c-22-20-36-50-36-84v-64l-22 14-34-48z" fill="{a}"/><path d="M148 92c12 30 92 30 104 0l14 9c-16 44-116 44-132 0z" fill="{c}"/><path d="M140 252c30 8 34 44 36 66h48c2-22 6-58 36-66" fill="none" stroke="{b}" stroke-width="7"/>
<path d="M200 240c-44-26-34-62-12-62 8 0 12 6 12 12 0-6 4-12 12-12 22 0 32 36-12 62z" fill="{d}"/><g fill="{b}"><circle cx="186" cy="300" r="5"/><circle cx="214" cy="300" r="5"/></g>"##
    }
    bear {
        r##"<circle cx="138" cy="112" r="34" fill="{a}"/><circle cx="262" cy="112" r="34" fill="{a}"/><circle cx="138" cy="112" r="18" fill="{d}"/><circle cx="262" cy="112" r="18" fill="{d}"/><ellipse cx="200" cy="272" rx="78" ry="56" fill="{a}"/><ellipse cx="200" cy="280" rx="46" ry="38" fill="{c}"/><circle cx="200" cy="168" r="82" fill="{a}"/>
<ellipse cx="200" cy="196" rx="36" ry="28" fill="{c}"/><ellipse cx="200" cy="184" rx="13" ry="9" fill="#4a3426"/><path d="M200 192v10q-12 12-22 2M200 202q12 12 22 2" stroke="#4a3426" stroke-width="4" fill="none" stroke-linecap="round"/><circle cx="168" cy="156" r="8" fill="#4a3426"/><circle cx="232" cy="156" r="8" fill="#4a3426"/><ellipse cx="128" cy="300" rx="28" ry="21" fill="{b}"/><ellipse cx="272" cy="300" rx="28" ry="21" fill="{b}"/>"##
    }
    stroller {
        r##"<path d="M98 176a100 100 0 0 1 100-100v100z" fill="{d}"/><path d="M198 76a100 100 0 0 1 70 28l-70 72z" fill="{c}"/><path d="M92 176h214c0 62-44 92-104 92s-110-30-110-92z" fill="{a}"/><path d="M300 182l44-76h22" stroke="{b}" stroke-width="11" fill="none" stroke-linecap="round" stroke-linejoin="round"/><path d="M154 264l-24 36M246 264l26 36" stroke="{b}" stroke-width="10"/>
<g fill="#fff" stroke="{b}" stroke-width="11"><circle cx="128" cy="300" r="24"/><circle cx="276" cy="300" r="24"/></g><path d="M126 210q38 22 76 0t76 0" stroke="#fff" stroke-width="6" fill="none" opacity=".6"/>"##
    }
    blocks {
        r##"<rect x="92" y="206" width="106" height="112" rx="14" fill="{a}"/><rect x="208" y="206" width="106" height="112" rx="14" fill="{d}"/><rect x="148" y="88" width="108" height="112" rx="14" fill="{c}" transform="rotate(-7 202 144)"/>
<circle cx="145" cy="262" r="30" fill="#fff" opacity=".85"/><path d="M261 232l10 20 22 3-16 16 4 22-20-10-20 10 4-22-16-16 22-3z" fill="#fff" opacity=".85"/><path d="M202 112l34 60h-68z" fill="{b}" transform="rotate(-7 202 144)"/>"##
    }
    milktin {
        r##"<path d="M112 112v190c0 12 40 22 88 22s88-10 88-22V112z" fill="{a}"/><path d="M112 112v190c0 6 12 12 30 16V112z" fill="{c}" opacity=".5"/><ellipse cx="200" cy="112" rx="88" ry="21" fill="{b}"/><ellipse cx="200" cy="106" rx="88" ry="21" fill="{c}"/><path d="M112 172c40 24 136 24 176 0v96c-40 24-136 24-176 0z" fill="#fffaf0"/>
<path d="M160 232c-4-30 22-46 40-46s44 16 40 46c-14 30-66 30-80 0z" fill="{d}"/><circle cx="184" cy="222" r="5" fill="#fff"/><circle cx="216" cy="222" r="5" fill="#fff"/><path d="M186 240q14 10 28 0" stroke="#fff" stroke-width="4" fill="none" stroke-linecap="round"/>"##
    }
    babybowl {
        r##"<path d="M94 200h212c0 66-44 106-106 106S94 266 94 200z" fill="{a}"/><ellipse cx="200" cy="200" rx="106" ry="28" fill="{c}"/><ellipse cx="200" cy="204" rx="88" ry="20" fill="{d}"/><rect x="150" y="300" width="100" height="16" rx="8" fill="{b}"/><path d="M222 192L318 90" stroke="{b}" stroke-width="15" stroke-linecap="round"/><ellipse cx="322" cy="82" rx="17" ry="26" transform="rotate(40 322 82)" fill="{b}"/>
<circle cx="166" cy="252" r="7" fill="#4a3426"/><circle cx="234" cy="252" r="7" fill="#4a3426"/><path d="M184 266q16 14 32 0" stroke="#4a3426" stroke-width="5" fill="none" stroke-linecap="round"/>"##
    }
    pump {
        r##"<path d="M192 66h52c20 0 28 10 28 22h-24v10h-56z" fill="{b}"/><rect x="188" y="94" width="24" height="36" fill="{b}"/><rect x="164" y="124" width="72" height="30" rx="8" fill="{d}"/><path d="M144 158h112c16 8 24 24 24 44v92c0 16-12 28-28 28H148c-16 0-28-12-28-28v-92c0-20 8-36 24-44z" fill="{a}"/><path d="M140 196c0-12 4-20 12-26v138c-8 0-12-6-12-14z" fill="#fff" opacity=".4"/>
<rect x="158" y="206" width="98" height="82" rx="10" fill="#fffaf0"/><path d="M207 274c-22-16-22-38 0-58 22 20 22 42 0 58z" fill="{d}"/><path d="M207 274v-42" stroke="#fffaf0" stroke-width="4"/>"##
    }
    tube {
        r##"<g transform="rotate(12 200 210)"><path d="M138 76h124l-16 194h-92z" fill="{a}"/><path d="M138 76h34l-4 194h-14z" fill="#fff" opacity=".35"/><path d="M132 62h136v20H132z" fill="{b}"/><rect x="162" y="270" width="76" height="48" rx="9" fill="{d}"/><g stroke="#fff" stroke-width="3" opacity=".4"><path d="M178 276v36M194 276v36M210 276v36M226 276v36"/></g>
<circle cx="200" cy="164" r="36" fill="#fffaf0"/><g fill="{d}"><circle cx="200" cy="146" r="10"/><circle cx="183" cy="160" r="10"/><circle cx="217" cy="160" r="10"/><circle cx="190" cy="180" r="10"/><circle cx="210" cy="180" r="10"/></g><circle cx="200" cy="165" r="8" fill="#ffd76b"/></g>"##
    }
    lipstick {
        r##"<g transform="rotate(-8 150 220)"><rect x="112" y="206" width="84" height="112" rx="8" fill="{b}"/><rect x="122" y="156" width="64" height="54" fill="#e8c88a"/><path d="M130 156V98c0-14 36-38 48-24v82z" fill="{a}"/><path d="M130 98c0-14 36-38 48-24-4 18-26 30-48 34z" fill="{c}"/></g><rect x="232" y="152" width="84" height="168" rx="10" fill="{d}"/><rect x="232" y="288" width="84" height="14" fill="#e8c88a"/><rect x="244" y="164" width="14" height="112" rx="7" fill="#fff" opacity=".4"/>"##
    }
    jar {
        r##"<path d="M100 196h200v84c0 24-16 40-40 40H140c-24 0-40-16-40-40z" fill="{a}"/><path d="M114 206h22v96c-14-4-22-12-22-26z" fill="#fff" opacity=".4"/><rect x="88" y="134" width="224" height="68" rx="18" fill="{b}"/><rect x="100" y="144" width="200" height="10" rx="5" fill="#fff" opacity=".3"/><rect x="150" y="222" width="100" height="70" rx="10" fill="#fffaf0"/><path d="M200 284c-20-14-24-32 0-54 24 22 20 40 0 54z" fill="{d}"/>
<path d="M176 128c-6-26 10-44 40-52-2 12 2 18 12 22-14 6-22 16-24 30z" fill="{c}"/>"##
    }
    maskpack {
        r##"<rect x="148" y="74" width="150" height="212" rx="12" fill="{b}" transform="rotate(9 224 180)"/><rect x="106" y="86" width="156" height="222" rx="12" fill="{a}"/><path d="M106 112h156" stroke="#fff" stroke-width="4" stroke-dasharray="7 7" opacity=".6"/><path d="M144 190c0-40 80-40 80 0 0 50-20 82-40 82s-40-32-40-82z" fill="#fffaf0"/><g fill="{a}"><ellipse cx="168" cy="200" rx="10" ry="6"/><ellipse cx="200" cy="200" rx="10" ry="6"/></g><path d="M170 244q14 8 28 0" stroke="{a}" stroke-width="6" fill="none" stroke-linecap="round"/><path d="M270 226c-14 18-14 30 0 38 14-8 14-20 0-38z" fill="{d}"/>"##
    }
    soap {
        r##"<path d="M92 224c0-14 10-24 24-24h168c14 0 24 10 24 24v50c0 26-20 44-44 44H136c-24 0-44-18-44-44z" fill="{b}"/><rect x="92" y="172" width="216" height="108" rx="38" fill="{a}"/><rect x="114" y="190" width="172" height="68" rx="26" fill="none" stroke="{c}" stroke-width="6"/><path d="M200 246c-18-12-18-30 0-46 18 16 18 34 0 46z" fill="{d}"/>
<g fill="#fff" stroke="{c}" stroke-width="4"><circle cx="128" cy="136" r="24"/><circle cx="176" cy="104" r="15"/><circle cx="274" cy="124" r="30"/><circle cx="226" cy="142" r="12"/></g>"##
    }
    toothbrush {
        r##"<g transform="rotate(24 200 200)"><rect x="150" y="62" width="28" height="264" rx="14" fill="{a}"/><path d="M178 74h34v72h-34z" fill="#fff"/><g stroke="{d}" stroke-width="5"><path d="M184 84h26M184 98h26M184 112h26M184 126h26M184 140h26"/></g><rect x="150" y="236" width="28" height="54" fill="{c}"/></g><g transform="rotate(-18 260 210)"><rect x="232" y="96" width="28" height="230" rx="14" fill="{d}"/><path d="M204 108h28v66h-28z" fill="#fff"/><g stroke="{a}" stroke-width="5"><path d="M206 118h24M206 132h24M206 146h24M206 160h24"/></g></g>"##
    }
    dropper {
        r##"<path d="M178 60c0-20 44-20 44 0v46h-44z" fill="{b}"/><rect x="166" y="104" width="68" height="36" rx="6" fill="{d}"/><path d="M172 142h56v20c30 10 46 32 46 60v64c0 20-14 36-36 36h-76c-22 0-36-16-36-36v-64c0-28 16-50 46-60z" fill="{a}" opacity=".92"/><path d="M196 142h8v110l-4 14-4-14z" fill="#fff" opacity=".7"/><path d="M126 234c48 14 100-12 148 0v52c0 20-14 36-36 36h-76c-22 0-36-16-36-36z" fill="{b}" opacity=".45"/><path d="M146 208c2-14 10-24 22-30" stroke="#fff" stroke-width="8" fill="none" stroke-linecap="round" opacity=".7"/><path d="M306 116c-16 22-16 38 0 48 16-10 16-26 0-48z" fill="{d}"/>"##
    }
    comb {
        r##"<g transform="rotate(-14 200 200)"><path d="M74 150c0-26 20-42 46-42h160c26 0 46 16 46 42v30H74z" fill="{a}"/><path d="M90 148c2-14 12-22 30-22h160c16 0 26 6 30 18" stroke="{c}" stroke-width="7" fill="none" stroke-linecap="round"/><path d="M74 178h16v112H74zM310 178h16v112h-16zM100 178h11v104h-11zM121 178h11v104h-11zM142 178h11v104h-11zM163 178h11v104h-11zM184 178h11v104h-11zM205 178h11v104h-11zM226 178h11v104h-11zM247 178h11v104h-11zM268 178h11v104h-11zM289 178h11v104h-11z" fill="{a}"/><g fill="{d}"><circle cx="172" cy="150" r="8"/><circle cx="200" cy="150" r="8"/><circle cx="228" cy="150" r="8"/></g></g>"##
    }
}

/// An orange and a slice of it; the slice has as many segments as it should.
pub(super) fn citrus(ink: &Ink) -> String {
    let Ink { a, b, c, d } = ink;
    let mut svg = format!(
        r##"<circle cx="176" cy="194" r="102" fill="{a}"/><circle cx="140" cy="150" r="24" fill="#fff" opacity=".3"/><g fill="{b}" opacity=".35"><circle cx="206" cy="150" r="4"/><circle cx="160" cy="216" r="4"/><circle cx="128" cy="226" r="4"/><circle cx="186" cy="252" r="4"/><circle cx="226" cy="186" r="4"/></g><path d="M180 98c22-38 60-44 94-30-14 34-52 52-94 30z" fill="{d}"/><circle cx="268" cy="248" r="76" fill="{a}"/><circle cx="268" cy="248" r="66" fill="#fffaf0"/>"##
    );
    for i in 0..9 {
        let _ = write!(
            svg,
            r#"<path d="M268 242l-16-46q16-10 32 0z" fill="{}" transform="rotate({} 268 248)"/>"#,
            if i % 3 == 0 { c } else { a },
            i * 40
        );
    }
    svg
}

/// A bunch of grapes: rows that grow shorter.
pub(super) fn grapes(ink: &Ink) -> String {
    let Ink { a, b, c, d } = ink;
    let mut svg = format!(
        r##"<path d="M200 118c0-24 4-42 18-58" stroke="#7a5230" stroke-width="9" fill="none" stroke-linecap="round"/><path d="M206 102c34-44 80-40 108-10-26 34-72 42-108 10z" fill="{d}"/>"##
    );
    for (row, count) in [4, 5, 4, 3, 2, 1].into_iter().enumerate() {
        for i in 0..count {
            let (x, y) = (200 + (2 * i - count + 1) * 23, 132 + row * 36);
            let body = if (row + usize::try_from(i).unwrap_or(0)) % 3 == 1 { b } else { a };
            let _ = write!(
                svg,
                r##"<circle cx="{x}" cy="{y}" r="27" fill="{body}"/><circle cx="{}" cy="{}" r="7" fill="{c}" opacity=".8"/>"##,
                x - 9,
                y - 10
            );
        }
    }
    svg
}

/// Round fruit on stalks, three together: cherries, lychees, berries.
pub(super) fn berries(ink: &Ink) -> String {
    let Ink { a, b, c, d } = ink;
    let mut svg = format!(
        r##"<g stroke="#6b7a3a" stroke-width="7" fill="none" stroke-linecap="round"><path d="M214 70q-70 40-82 130M214 70q10 60-8 150M214 70q70 40 68 120"/></g><path d="M214 72c26-34 66-30 92-4-24 28-64 32-92 4z" fill="{d}"/>"##
    );
    for (x, y) in [(130, 232), (206, 262), (284, 224)] {
        let _ = write!(
            svg,
            r##"<circle cx="{x}" cy="{y}" r="55" fill="{a}"/><path d="M{} {y}a55 55 0 0 0 52 55c-62-4-72-70-46-106-4 14-6 32-6 51z" fill="{b}" opacity=".35"/><ellipse cx="{}" cy="{}" rx="11" ry="16" fill="{c}" opacity=".85"/>"##,
            x - 55,
            x - 20,
            y - 22
        );
    }
    svg
}

/// An ear of corn: kernels in rows.
pub(super) fn corn(ink: &Ink) -> String {
    let Ink { a, b, c, d } = ink;
    let mut svg = format!(r##"<path d="M200 58c46 40 60 110 44 196-14 32-74 32-88 0-16-86-2-156 44-196z" fill="{b}"/>"##);
    for row in 0..9_i32 {
        for column in -2..=2_i32 {
            let (x, y) = (200 + column * (15 + row.min(4)), 100 + row * 19);
            let _ = write!(svg, r#"<ellipse cx="{x}" cy="{y}" rx="9" ry="10" fill="{}"/>"#, if (row + column) % 3 == 0 { c } else { a });
        }
    }
    svg + &format!(
        r##"<path d="M198 322c-66-10-96-66-84-140 40 20 76 70 84 140z" fill="{d}"/><path d="M202 322c66-10 96-66 84-140-40 20-76 70-84 140z" fill="{d}"/><path d="M198 318c-24-50-46-90-78-126M202 318c24-50 46-90 78-126" stroke="#fff" stroke-width="4" fill="none" opacity=".4"/>"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_what_they_should_be() {
        assert_eq!(colour(0, 100, 50), "#ff0000");
        assert_eq!(colour(120, 100, 50), "#00ff00");
        assert_eq!(colour(240, 100, 50), "#0000ff");
        assert_eq!(colour(720, 0, 100), "#ffffff");
    }

    #[test]
    fn pictures_are_small_closed_and_carry_no_script() {
        let ink = Ink::of((30, 60, 50, 120));
        for motif in [citrus as Motif, grapes, berries, corn, teacup, bear] {
            for scene in [Scene::Portrait, Scene::Group, Scene::Badge] {
                for variant in 0..5 {
                    let svg = draw(motif, &ink, (scene, 200, variant));
                    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
                    assert!(svg.len() < 12_000 && !svg.contains("script") && !svg.contains("href"));
                    assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
                }
            }
        }
    }
}
