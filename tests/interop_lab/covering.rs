//! Pairwise tests: few rows in which every pair of values of two parameters occurs at least once.

use std::collections::BTreeSet;

/// A value of each parameter; `None`: not chosen yet.
pub type Partial = [Option<usize>];

/// Rows over parameters that have so many values each. `possible` says of a row that is not complete yet whether it can
/// become one; pairs that no such row has are left out.
pub fn rows(sizes: &[usize], possible: &dyn Fn(&Partial) -> bool) -> Vec<Vec<usize>> {
    let mut left: BTreeSet<[(usize, usize); 2]> = BTreeSet::new();
    for first in 0..sizes.len() {
        for second in first + 1..sizes.len() {
            let values = (0..sizes[first]).flat_map(|a| (0..sizes[second]).map(move |b| (a, b)));
            left.extend(values.map(|(a, b)| [(first, a), (second, b)]));
        }
    }
    let mut rows = Vec::new();
    while let Some(pair) = left.pop_first() {
        let mut row = vec![None; sizes.len()];
        for (parameter, value) in pair {
            row[parameter] = Some(value);
        }
        if !complete(&mut row, sizes, possible, &left) {
            continue;
        }
        let row: Vec<usize> = row.into_iter().flatten().collect();
        left.retain(|pair| !pair.iter().all(|(parameter, value)| row[*parameter] == *value));
        rows.push(row);
    }
    rows
}

/// Chooses what is open, first what covers most of the pairs that are left; false if there is no way.
fn complete(
    row: &mut Vec<Option<usize>>,
    sizes: &[usize],
    possible: &dyn Fn(&Partial) -> bool,
    left: &BTreeSet<[(usize, usize); 2]>,
) -> bool {
    if !possible(row) {
        return false;
    }
    let Some(open) = row.iter().position(Option::is_none) else { return true };
    let gain = |value: usize| {
        let others = row.iter().enumerate().filter_map(|(parameter, chosen)| Some((parameter, (*chosen)?)));
        let pairs =
            others.map(|other| if other.0 < open { [other, (open, value)] } else { [(open, value), other] });
        pairs.filter(|pair| left.contains(pair)).count()
    };
    let mut values: Vec<usize> = (0..sizes[open]).collect();
    values.sort_by_key(|value| std::cmp::Reverse(gain(*value)));
    for value in values {
        row[open] = Some(value);
        if complete(row, sizes, possible, left) {
            return true;
        }
    }
    row[open] = None;
    false
}

#[test]
fn every_possible_pair_is_in_a_row() {
    let sizes = [4, 3, 5, 2, 2, 3];
    // The first value of the first parameter excludes the last ones of the third.
    let possible = |row: &Partial| !(row[0] == Some(0) && row[2].is_some_and(|value| value > 2));
    let rows = rows(&sizes, &possible);
    assert!(rows.len() < 35, "{}", rows.len());
    for first in 0..sizes.len() {
        for second in first + 1..sizes.len() {
            for a in 0..sizes[first] {
                for b in 0..sizes[second] {
                    let excluded = (first, a, second) == (0, 0, 2) && b > 2;
                    let covered = rows.iter().any(|row| (row[first], row[second]) == (a, b));
                    assert_eq!(covered, !excluded, "{first}={a} {second}={b}");
                }
            }
        }
    }
}
