//! What is written on a page, and where.

use hayro_interpret::font::GlyphRun;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::object::{Array, Dict, String as PdfString};
use hayro_syntax::page::Page;
use hayro_syntax::xref::XRef;

/// Glyphs of one page that are kept.
const MOST_GLYPHS: usize = 200_000;
/// Links of one page that are kept.
const MOST_LINKS: usize = 1000;
/// Units of a glyph's own space in an em.
const UNITS: f64 = 1000.0;

/// A glyph on its page: where it starts and ends on its base line, in points from the top left corner.
#[derive(Debug, Clone)]
pub(crate) struct Glyph {
    pub(crate) text: String,
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) base: f64,
    /// The size of its font.
    pub(crate) size: f64,
    /// Which link of the page it belongs to.
    pub(crate) link: Option<usize>,
}

/// A page as it is drawn.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    /// In the order of drawing.
    pub(crate) glyphs: Vec<Glyph>,
    /// Addresses that parts of the page lead to.
    pub(crate) links: Vec<String>,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Glyphs whose characters are not known.
    pub(crate) unreadable: usize,
}

/// Interprets a page.
pub(crate) fn of<'a>(page: &'a Page<'a>, cache: &InterpreterCache<'a>, xref: &'a XRef) -> Drawn {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let upright = page.initial_transform(true).as_coeffs();
    let transform = Affine::new(upright.map(f64::from));
    let bounds = Rect::new(0.0, 0.0, width, height);
    let mut context = Context::new(transform, bounds, cache, xref, InterpreterSettings::default());
    let areas = link_areas(page.raw(), transform);
    let mut writing = Writing { drawn: Drawn { width, height, ..Drawn::default() }, areas: &areas };
    interpret_page(page, &mut context, &mut writing);
    let mut drawn = writing.drawn;
    drawn.links = areas.into_iter().map(|(_, address)| address).collect();
    drawn
}

/// The parts of a page that lead to an address of the web (ISO 32000-2 §12.5.6.5, §12.6.4.8).
fn link_areas(page: &Dict<'_>, transform: Affine) -> Vec<(Rect, String)> {
    let Some(annotations) = page.get::<Array<'_>>(b"Annots") else { return Vec::new() };
    let area = |annotation: Dict<'_>| {
        let address = annotation.get::<Dict<'_>>(b"A")?.get::<PdfString<'_>>(b"URI")?;
        let address = String::from_utf8_lossy(address.as_bytes()).trim().to_owned();
        let rect: Vec<f64> =
            annotation.get::<Array<'_>>(b"Rect")?.iter::<f32>().map(f64::from).take(4).collect();
        let [left, bottom, right, top] = rect.try_into().ok()?;
        let is_of_web = address.starts_with("http://") || address.starts_with("https://");
        is_of_web.then(|| (transform.transform_rect_bbox(Rect::new(left, bottom, right, top)), address))
    };
    annotations.iter::<Dict<'_>>().take(MOST_LINKS).filter_map(area).collect()
}

/// The letters that a character of a font stands for: ligatures are a matter of print (Unicode, Alphabetic Presentation Forms).
fn letters(character: char) -> String {
    match character {
        '\u{fb00}' => "ff".to_owned(),
        '\u{fb01}' => "fi".to_owned(),
        '\u{fb02}' => "fl".to_owned(),
        '\u{fb03}' => "ffi".to_owned(),
        '\u{fb04}' => "ffl".to_owned(),
        '\u{fb05}' | '\u{fb06}' => "st".to_owned(),
        character => character.to_string(),
    }
}

/// Takes note of text, and draws nothing.
struct Writing<'l> {
    drawn: Drawn,
    areas: &'l [(Rect, String)],
}

impl Device<'_> for Writing<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        for glyph in run.glyphs() {
            if self.drawn.glyphs.len() >= MOST_GLYPHS {
                return;
            }
            let text = match glyph.as_unicode() {
                Some(BfString::Char(character)) => letters(character),
                Some(BfString::String(text)) => text,
                None => {
                    self.drawn.unreadable += 1;
                    continue;
                }
            };
            let advance = match &**glyph {
                hayro_interpret::font::Glyph::Outline(outline) => outline.advance_width(),
                hayro_interpret::font::Glyph::Type3(drawing) => drawing.advance_width(),
            };
            let transform = props.transform * glyph.transform();
            let start = transform * Point::ZERO;
            let size = (transform * Point::new(0.0, UNITS) - start).hypot();
            let end = transform * Point::new(advance.map_or(UNITS / 2.0, f64::from), 0.0);
            if !(start.x.is_finite() && start.y.is_finite() && end.x.is_finite() && size.is_finite()) {
                continue;
            }
            let middle = Point::new((start.x + end.x) / 2.0, start.y - size / 4.0);
            let link = self.areas.iter().position(|(area, _)| area.contains(middle));
            self.drawn.glyphs.push(Glyph { text, start: start.x, end: end.x, base: start.y, size, link });
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
