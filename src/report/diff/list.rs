//! Two lists side by side.

use std::collections::HashMap;

/// So many of what only one side has are named.
const NAMED: usize = 64;

/// What two lists differ in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// By side: what only this one has, in its order; of many the first ones.
    pub only: [Vec<String>; 2],
    /// By side: how many more there are.
    pub more: [usize; 2],
    /// What both have stands in another order.
    pub reordered: bool,
}

impl Names {
    /// Of two lists. What occurs twice on one side and once on the other is there once too often.
    pub fn of(a: &[String], b: &[String]) -> Names {
        let ([only_a, common_a], [only_b, common_b]) = (split(a, b), split(b, a));
        let reordered = common_a != common_b;
        let more = [&only_a, &only_b].map(|only| only.len().saturating_sub(NAMED));
        let only = [only_a, only_b].map(|only| only.into_iter().take(NAMED).cloned().collect());
        Names { only, more, reordered }
    }

    /// There is no difference.
    pub fn is_empty(&self) -> bool {
        !self.reordered && self.only.iter().all(Vec::is_empty)
    }
}

/// What only `list` has, and what both have, in its order.
fn split<'a>(list: &'a [String], other: &[String]) -> [Vec<&'a String>; 2] {
    let mut left: HashMap<&String, usize> = HashMap::new();
    for name in other {
        *left.entry(name).or_default() += 1;
    }
    let (common, only) = list.iter().partition(|name| match left.get_mut(name) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    });
    [only, common]
}

/// The first names of some, and how many more there are.
pub fn ordered(names: impl Iterator<Item = String>) -> String {
    let mut shown = Vec::new();
    let mut more = 0;
    for name in names {
        if shown.len() < NAMED { shown.push(name) } else { more += 1 }
    }
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(a: &str, b: &str) -> Names {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        Names::of(&list(a), &list(b))
    }

    #[test]
    fn what_only_one_has_and_what_has_moved() {
        assert!(names("a b c", "a b c").is_empty());
        let one = names("a b c", "a c d");
        assert_eq!((one.only, one.reordered), ([vec!["b".to_owned()], vec!["d".to_owned()]], false));
        assert!(names("a b", "b a").reordered);
        assert_eq!(names("a a", "a").only, [vec!["a".to_owned()], vec![]]);
        assert!(names("a x b", "b a").reordered, "and something is missing");
    }

    /// Peers decide about the length.
    #[test]
    fn long_lists_are_cut_and_cost_little() {
        let long: Vec<String> = (0..60_000).map(|n| n.to_string()).collect();
        let turned: Vec<String> = long.iter().rev().cloned().collect();
        assert!(Names::of(&long, &turned).reordered);
        let all = Names::of(&long, &[]);
        assert_eq!((all.only[0].len(), all.more[0]), (NAMED, 60_000 - NAMED));
        assert!(ordered(long.into_iter()).ends_with(", 63, and 59936 more"));
    }
}
