//! Draws with the plotters crate into memory, and packs the pixels as PNG.

use std::sync::OnceLock;

use plotters::{
    coord::Shift,
    prelude::*,
    style::{
        FontStyle, register_font,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{HEIGHT, MOST_CHARACTERS, MOST_POINTS, Plot, PlotError, Shape, WIDTH, axis};
use crate::amounts;

const BACKGROUND: RGBColor = RGBColor(0x1b, 0x1f, 0x27);
const TEXT: RGBColor = RGBColor(0xe6, 0xe8, 0xeb);
const GRID: RGBColor = RGBColor(0x3a, 0x41, 0x4d);
const LIMIT: RGBColor = RGBColor(0xff, 0x6b, 0x6b);
/// Told apart also by those who see red and green alike (after Okabe and Ito, lightened).
const COLOURS: [RGBColor; super::MOST_SERIES] = [
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xf0, 0xc0, 0x40),
    RGBColor(0x2f, 0xc0, 0x90),
    RGBColor(0xe0, 0x8a, 0xc0),
    RGBColor(0xc8, 0xcd, 0xd4),
];

const FONT: &str = "plot";
const TITLE_SIZE: u32 = 28;
const TEXT_SIZE: u32 = 20;
const MARGIN: i32 = 16;

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

pub(super) fn png(plot: &Plot) -> Result<Vec<u8>, PlotError> {
    font()?;
    let mut pixels = vec![0_u8; WIDTH as usize * HEIGHT as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (WIDTH, HEIGHT)).into_drawing_area();
        area.fill(&BACKGROUND).map_err(drawing)?;
        draw_head(plot, &area)?;
        draw_values(plot, &area)?;
        area.present().map_err(drawing)?;
    }
    pack(&pixels)
}

/// The font is registered once per process.
fn font() -> Result<(), PlotError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = REGISTERED
        .get_or_init(|| register_font(FONT, FontStyle::Normal, notosans::REGULAR_TTF).is_ok());
    match registered {
        true => Ok(()),
        false => Err(PlotError::Drawing("the font cannot be read".into())),
    }
}

fn text(size: u32) -> TextStyle<'static> {
    (FONT, size).into_font().color(&TEXT)
}

/// The title, and the names of the series below it.
fn draw_head(plot: &Plot, head: &Area<'_>) -> Result<(), PlotError> {
    let title = bounded(&plot.title);
    head.draw_text(&title, &text(TITLE_SIZE), (MARGIN, MARGIN / 2))
        .map_err(drawing)?;
    let names = plot
        .series
        .iter()
        .map(|series| series.name.as_str())
        .zip(COLOURS);
    let limit = plot
        .limit
        .as_ref()
        .map(|limit| (limit.name.as_str(), LIMIT));
    let style = text(TEXT_SIZE);
    let (mut x, y) = (MARGIN, 50);
    for (name, colour) in names.chain(limit) {
        let name = bounded(name);
        let sign = [(x, y + 1), (x + 16, y + 15)];
        head.draw(&Rectangle::new(sign, colour.filled()))
            .map_err(drawing)?;
        head.draw_text(&name, &style, (x + 24, y))
            .map_err(drawing)?;
        let (width, _) = head.estimate_text_size(&name, &style).map_err(drawing)?;
        x += 24 + i32::try_from(width).unwrap_or(i32::MAX / 2) + 28;
    }
    Ok(())
}

/// Where values stand, in pixels of the whole picture.
struct Frame {
    length: usize,
    top_value: f64,
}

impl Frame {
    const LEFT: i32 = 80;
    const TOP: i32 = 92;
    const RIGHT: i32 = WIDTH as i32 - 24;
    const BOTTOM: i32 = HEIGHT as i32 - 44;

    /// Of a position from 0 to the number of values.
    fn x(&self, position: f64) -> i32 {
        let share = position / count(self.length.max(1));
        Self::LEFT + rounded(share * f64::from(Self::RIGHT - Self::LEFT))
    }

    fn y(&self, value: f64) -> i32 {
        let share = (value / self.top_value).clamp(0.0, 1.0);
        Self::BOTTOM - rounded(share * f64::from(Self::BOTTOM - Self::TOP))
    }
}

fn draw_values(plot: &Plot, area: &Area<'_>) -> Result<(), PlotError> {
    let values = plot.series.iter().flat_map(|series| &series.values);
    let limit = plot.limit.as_ref().map(|limit| limit.value);
    let largest = values.flatten().copied().chain(limit).fold(0.0, f64::max);
    let marks = axis::marks(largest);
    let lengths = plot.series.iter().map(|series| series.values.len());
    let frame = Frame {
        length: lengths.max().unwrap_or(1),
        top_value: marks.last().copied().unwrap_or(1.0),
    };
    grid(area, &frame, &marks, &plot.ticks)?;
    for (i, (series, colour)) in plot.series.iter().zip(COLOURS).enumerate() {
        match plot.shape {
            Shape::Lines => lines(area, &frame, &series.values, colour)?,
            Shape::Bars => bars(area, &frame, &series.values, colour, (i, plot.series.len()))?,
        }
    }
    if let Some(limit) = limit {
        let y = frame.y(limit);
        line(area, vec![(Frame::LEFT, y), (Frame::RIGHT, y)], LIMIT, 2)?;
    }
    Ok(())
}

fn grid(
    area: &Area<'_>,
    frame: &Frame,
    marks: &[f64],
    ticks: &[(usize, String)],
) -> Result<(), PlotError> {
    let style = text(TEXT_SIZE);
    for mark in marks {
        let y = frame.y(*mark);
        line(area, vec![(Frame::LEFT, y), (Frame::RIGHT, y)], GRID, 1)?;
        let right = style.pos(Pos::new(HPos::Right, VPos::Center));
        area.draw_text(
            &amounts::count(mark.round() as u64),
            &right,
            (Frame::LEFT - 10, y),
        )
        .map_err(drawing)?;
    }
    for (position, words) in ticks {
        let x = frame.x(count(*position) + 0.5);
        let mark = vec![(x, Frame::BOTTOM), (x, Frame::BOTTOM + 6)];
        line(area, mark, TEXT, 1)?;
        let below = style.pos(Pos::new(HPos::Center, VPos::Top));
        area.draw_text(&bounded(words), &below, (x, Frame::BOTTOM + 10))
            .map_err(drawing)?;
    }
    Ok(())
}

/// Runs of known values; one that stands alone is a dot.
fn lines(
    area: &Area<'_>,
    frame: &Frame,
    values: &[Option<f64>],
    colour: RGBColor,
) -> Result<(), PlotError> {
    let (values, each) = axis::thinned(values, MOST_POINTS);
    let place = |i: usize| frame.x((count(i) + 0.5) * count(each));
    let mut run: Vec<(i32, i32)> = vec![];
    for (i, value) in values.iter().chain([&None]).enumerate() {
        match value {
            Some(value) => run.push((place(i), frame.y(*value))),
            None if run.len() == 1 => {
                let dot = Circle::new(run[0], 2, colour.filled());
                area.draw(&dot).map_err(drawing)?;
                run.clear();
            }
            None => line(area, std::mem::take(&mut run), colour, 2)?,
        }
    }
    Ok(())
}

/// Bars beside those of the other series, with a gap between neighbours. `place` is which series of how many.
fn bars(
    area: &Area<'_>,
    frame: &Frame,
    values: &[Option<f64>],
    colour: RGBColor,
    place: (usize, usize),
) -> Result<(), PlotError> {
    const FILLED: f64 = 0.8;
    let width = FILLED / count(place.1);
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value.filter(|value| *value > 0.0) else {
            continue;
        };
        let from = count(i) + (1.0 - FILLED) / 2.0 + width * count(place.0);
        let bar = [
            (frame.x(from), frame.y(value)),
            (frame.x(from + width), Frame::BOTTOM),
        ];
        area.draw(&Rectangle::new(bar, colour.filled()))
            .map_err(drawing)?;
    }
    Ok(())
}

fn line(
    area: &Area<'_>,
    points: Vec<(i32, i32)>,
    colour: RGBColor,
    width: u32,
) -> Result<(), PlotError> {
    area.draw(&PathElement::new(points, colour.stroke_width(width)))
        .map_err(drawing)
}

fn pack(pixels: &[u8]) -> Result<Vec<u8>, PlotError> {
    let mut file = vec![];
    let mut encoder = png::Encoder::new(&mut file, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().map_err(drawing)?;
    writer.write_image_data(pixels).map_err(drawing)?;
    writer.finish().map_err(drawing)?;
    Ok(file)
}

fn bounded(words: &str) -> String {
    let words = words.replace(char::is_control, " ");
    match words.chars().count() > MOST_CHARACTERS {
        true => words
            .chars()
            .take(MOST_CHARACTERS - 1)
            .chain(['…'])
            .collect(),
        false => words,
    }
}

/// A plot has far fewer values than a float counts exactly.
fn count(of: usize) -> f64 {
    of as f64
}

/// A picture is less than a thousand pixels wide.
fn rounded(pixels: f64) -> i32 {
    pixels.round() as i32
}

fn drawing(error: impl std::fmt::Display) -> PlotError {
    PlotError::Drawing(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as the guidelines for accessible web content (WCAG 2) define it.
    fn luminance(colour: RGBColor) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            match value <= 0.04045 {
                true => value / 12.92,
                false => ((value + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * channel(colour.0) + 0.7152 * channel(colour.1) + 0.0722 * channel(colour.2)
    }

    #[test]
    fn every_colour_stands_out_from_the_background() {
        let contrast = |colour| (luminance(colour) + 0.05) / (luminance(BACKGROUND) + 0.05);
        assert!(contrast(TEXT) >= 7.0);
        for colour in COLOURS.into_iter().chain([LIMIT]) {
            assert!(contrast(colour) >= 4.5, "{colour:?}");
        }
    }
}
