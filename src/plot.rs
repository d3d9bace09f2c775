//! Plots for answers: series in, the bytes of a PNG file out. Pure, and the same bytes for the same input.
//!
//! The background is dark and opaque, so that a plot reads the same in Slack's light and dark modes. The font is built
//! in: a server has none.

mod axis;
mod draw;

/// Width of a plot in pixels: twice what Slack shows, for sharp screens.
pub const WIDTH: u32 = 960;
/// Height of a plot in pixels.
pub const HEIGHT: u32 = 480;
/// Series of one plot: as many as there are colours that are told apart.
pub const MOST_SERIES: usize = 5;
/// Points that are drawn of one series; of more, each drawn one is the largest of its neighbours, so that no peak is lost.
pub const MOST_POINTS: usize = 720;
/// Characters of a title or a name.
pub const MOST_CHARACTERS: usize = 60;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// How the values are drawn.
    pub shape: Shape,
    /// The values; all series share one axis from left to right.
    pub series: Vec<Series>,
    /// What stands below the axis: positions of values, and words.
    pub ticks: Vec<(usize, String)>,
    /// A line across, such as what is allowed at most.
    pub limit: Option<Limit>,
}

/// How values are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As lines. Where a value is missing, the line is broken.
    Lines,
    /// As bars side by side.
    Bars,
}

/// Values at even distances.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What they are.
    pub name: String,
    /// From left to right; `None` where nothing is known. Negative values are drawn as 0.
    pub values: Vec<Option<f64>>,
}

/// A line across.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    pub name: String,
    /// Where it is.
    pub value: f64,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// There is nothing to draw.
    #[error("there is nothing to draw")]
    Empty,
    /// More series than there are colours.
    #[error("a plot has at most {MOST_SERIES} series")]
    TooMany,
    /// The drawing library refused.
    #[error("the plot was not drawn: {0}")]
    Drawing(String),
}

impl Plot {
    /// The plot as a PNG file.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        if self.series.len() > MOST_SERIES {
            return Err(PlotError::TooMany);
        }
        let known = |series: &Series| series.values.iter().flatten().next().is_some();
        if !self.series.iter().any(known) {
            return Err(PlotError::Empty);
        }
        draw::png(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(shape: Shape, values: Vec<Option<f64>>) -> Plot {
        Plot {
            title: "Connections of the last day".into(),
            shape,
            series: vec![
                Series {
                    name: "active".into(),
                    values: values.clone(),
                },
                Series {
                    name: "idle".into(),
                    values: values.into_iter().map(|v| v.map(|v| v * 2.0)).collect(),
                },
            ],
            ticks: vec![(0, "12:00".into()), (3, "15:00".into())],
            limit: Some(Limit {
                name: "most".into(),
                value: 97.0,
            }),
        }
    }

    /// The picture's width, height and pixels, read by an independent path: the decoder.
    fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
        let decoder = png::Decoder::new(std::io::Cursor::new(file));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn the_same_input_gives_the_same_file_of_the_stated_size() {
        for shape in [Shape::Lines, Shape::Bars] {
            let plot = plot(shape, vec![Some(1.0), None, Some(30.0), Some(12.0)]);
            let file = plot.png().unwrap();
            assert_eq!(file, plot.png().unwrap());
            let (width, height, _) = decoded(&file);
            assert_eq!((width, height), (WIDTH, HEIGHT));
        }
    }

    #[test]
    fn values_words_and_the_limit_are_all_in_the_picture() {
        let full = plot(
            Shape::Lines,
            vec![Some(1.0), Some(30.0), Some(12.0), Some(5.0)],
        );
        let change: [fn(&mut Plot); 5] = [
            |plot| plot.title = "Something else".into(),
            |plot| plot.series[1].name = "idle in transaction".into(),
            |plot| plot.series[0].values[2] = Some(13.0),
            |plot| plot.ticks[1].1 = "16:00".into(),
            |plot| plot.limit = None,
        ];
        let before = decoded(&full.png().unwrap()).2;
        for change in change {
            let mut changed = full.clone();
            change(&mut changed);
            assert_ne!(before, decoded(&changed.png().unwrap()).2);
        }
    }

    #[test]
    fn a_day_of_noise_stays_small() {
        let noise = |i: u64| Some(((i * 2_654_435_761) % 97) as f64);
        let values = (0..1440).map(noise).collect();
        let file = plot(Shape::Lines, values).png().unwrap();
        assert!(file.len() < 150_000, "{} bytes", file.len());
    }

    #[test]
    fn nothing_known_is_no_picture_and_too_many_series_are_refused() {
        let empty = plot(Shape::Lines, vec![None, None]);
        assert!(matches!(empty.png(), Err(PlotError::Empty)));
        let mut many = plot(Shape::Lines, vec![Some(1.0)]);
        many.series = vec![many.series[0].clone(); MOST_SERIES + 1];
        assert!(matches!(many.png(), Err(PlotError::TooMany)));
    }
}
