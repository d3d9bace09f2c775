//! What the axes say: round numbers upwards, and fewer points where there are more than pixels.

/// Marks on the axis of values, about this many.
const MARKS: f64 = 5.0;

/// Round numbers from 0 to the first that is not below `largest`.
pub(super) fn marks(largest: f64) -> Vec<f64> {
    let step = round_step(largest.max(1.0) / MARKS);
    let mut marks = vec![0.0];
    let mut at = 0.0;
    while at < largest.max(1.0) {
        at += step;
        marks.push(at);
    }
    marks
}

/// 1, 2 or 5 times a power of ten, at least 1: what is counted has no halves.
fn round_step(about: f64) -> f64 {
    let power = 10_f64.powf(about.max(1.0).log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= about)
        .unwrap_or(10.0);
    (factor * power).max(1.0)
}

/// At most `most` values, each the largest of its neighbours, and how many became one.
pub(super) fn thinned(values: &[Option<f64>], most: usize) -> (Vec<Option<f64>>, usize) {
    let each = values.len().div_ceil(most).max(1);
    let largest = |chunk: &[Option<f64>]| chunk.iter().flatten().copied().reduce(f64::max);
    (values.chunks(each).map(largest).collect(), each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_reach_the_largest_value() {
        assert_eq!(marks(0.0), [0.0, 1.0]);
        assert_eq!(marks(4.0), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(marks(104.0), [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(marks(1001.0), [0.0, 500.0, 1000.0, 1500.0]);
    }

    #[test]
    fn a_peak_survives_and_a_gap_stays_a_gap() {
        let values = [Some(1.0), Some(9.0), None, None, Some(2.0)];
        let (thin, each) = thinned(&values, 3);
        assert_eq!((thin, each), (vec![Some(9.0), None, Some(2.0)], 2));
    }
}
