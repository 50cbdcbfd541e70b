//! The judge: finds the paths, lets every rule look at them, takes the best and sums up.

use super::differences;
use super::element::Element;
use super::graph::{Graph, Path};
use super::judgement::{Alternative, Judgement, StoreVerdict};
use super::question::{Question, Sent};
use super::rules::{self, Part, RuleResult, Weight};
use super::second;
use super::validation::Validation;
use crate::trace::State;
use crate::wire::text;

/// Finds the best path and judges it.
pub fn judge(sent: &Sent<'_>, question: &Question<'_>) -> Judgement {
    let graph = Graph::new(sent, question);
    let mut paths = graph.paths(false);
    if paths.is_empty() {
        paths = graph.paths(true);
    }
    // The first path without a fatal failure; else the one with the fewest.
    let mut examined: Vec<(usize, Vec<RuleResult>, usize)> = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let results = apply(&Validation::new(sent, question, &graph, Some(path)));
        let demerits = demerits(&results);
        examined.push((index, results, demerits));
        if demerits == 0 {
            break;
        }
    }
    let best = examined
        .iter()
        .min_by_key(|(index, _, demerits)| (*demerits, *index))
        .map(|(index, results, _)| (*index, results.clone()));
    let (path, rules) = match best {
        Some((index, results)) => (paths.get(index), results),
        None => (None, apply(&Validation::new(sent, question, &graph, None))),
    };
    let chain = Validation::new(sent, question, &graph, path);
    conclude(&chain, rules, &paths, &examined)
}

/// Every rule's word on this path.
fn apply(chain: &Validation<'_, '_>) -> Vec<RuleResult> {
    let mut results = Vec::new();
    for rule in rules::RULES {
        (rule.check)(chain, &mut rules::Results::new(rule, chain, &mut results));
    }
    results
}

fn conclude(
    chain: &Validation<'_, '_>,
    rules: Vec<RuleResult>,
    paths: &[Path],
    examined: &[(usize, Vec<RuleResult>, usize)],
) -> Judgement {
    let (question, graph) = (chain.question, chain.graph);
    let mut elements: Vec<Element> = graph
        .nodes
        .iter()
        .take_while(|node| node.anchor.is_none())
        .map(|node| Element::of(node, question.at))
        .collect();
    for (index, element) in elements.iter_mut().enumerate() {
        element.anchor = graph.stored_twin(index).is_some();
    }
    let path = chain.path.map(|path| {
        if let Some(node) = path.nodes.last().and_then(|index| graph.node(*index))
            && path.nodes.last().is_some_and(|last| graph.element_of(*last) == elements.len())
        {
            elements.push(Element::of(node, question.at));
        }
        let mut places: Vec<usize> = path.nodes.iter().map(|node| graph.element_of(*node)).collect();
        // A leaf that is itself the anchor stands there once.
        places.dedup();
        places
    });
    for place in path.iter().flatten() {
        if let Some(element) = elements.get_mut(*place) {
            element.in_path = true;
        }
    }
    let part = |part: Part| {
        let of_part = rules.iter().filter(|result| result.part == part);
        match summary(of_part.clone().filter(|result| result.weight == Weight::Fatal)) {
            // A rule that had only a remark to make was evaluated, and does not fail.
            State::NotEvaluated(_)
                if of_part.clone().count() > 0 && of_part.clone().all(|r| r.weight != Weight::Fatal) =>
            {
                State::Holds
            }
            state => state,
        }
    };
    let name = match question.verify_name {
        None => State::NotEvaluated("no name to verify was given".to_owned()),
        Some(_) => part(Part::Name),
    };
    let trusted = summary(rules.iter().filter(|result| result.decides()));
    let conforms =
        summary(rules.iter().filter(|result| result.weight != Weight::Remark && result.part != Part::Days));
    let alternatives = paths
        .iter()
        .enumerate()
        .filter(|(_, other)| Some(*other) != chain.path)
        .map(|(index, other)| {
            let known = examined.iter().find(|(at, ..)| *at == index).map(|(_, results, _)| results.clone());
            let results =
                known.unwrap_or_else(|| apply(&Validation::new(chain.sent, question, graph, Some(other))));
            let mut fails: Vec<&'static str> = results
                .iter()
                .filter(|result| result.weight == Weight::Fatal && result.state.fails())
                .map(|result| result.id)
                .collect();
            fails.dedup();
            Alternative {
                elements: other
                    .nodes
                    .iter()
                    .copied()
                    .filter(|node| {
                        *node < elements.len() && graph.node(*node).is_some_and(|n| n.anchor.is_none())
                    })
                    .collect(),
                anchor: other
                    .nodes
                    .last()
                    .and_then(|index| graph.node(*index))
                    .map_or_else(String::new, |node| text::escape(&node.subject.short())),
                store: other.store,
                fails,
            }
        })
        .collect();
    let second = second::ask(chain.sent, question, graph);
    Judgement {
        path,
        store: chain.path.map(|path| path.store),
        alternatives,
        name,
        name_fault: rules::name_mismatch::name_fault(chain),
        dates: part(Part::Dates),
        signatures: part(Part::Signatures),
        usage: part(Part::Usage),
        chain: part(Part::Chain),
        days: part(Part::Days),
        stores: by_store(chain, &trusted, paths, examined),
        trusted,
        conforms,
        differences: differences::explain(chain, &rules, &second),
        clients: differences::clients(chain, &rules, &second),
        second,
        revocation: chain.revocation().to_vec(),
        scts: chain.timestamps().0.clone(),
        missing: chain.missing(),
        elements,
        rules,
    }
}

/// Each store's own verdict.
fn by_store(
    chain: &Validation<'_, '_>,
    trusted: &State,
    paths: &[Path],
    examined: &[(usize, Vec<RuleResult>, usize)],
) -> Vec<StoreVerdict> {
    let stores = chain.question.stores.iter().enumerate();
    stores
        .map(|(index, store)| {
            let mut best: Option<State> = None;
            for (at, path) in paths.iter().enumerate().filter(|(_, path)| path.store == index) {
                let state = if Some(path) == chain.path {
                    trusted.clone()
                } else {
                    let known = examined
                        .iter()
                        .find(|(known, ..)| *known == at)
                        .map(|(_, results, _)| results.clone());
                    let results = known.unwrap_or_else(|| {
                        apply(&Validation::new(chain.sent, chain.question, chain.graph, Some(path)))
                    });
                    summary(results.iter().filter(|result| result.decides()))
                };
                let better = match &best {
                    None => true,
                    Some(State::Holds) => false,
                    Some(_) => state.holds(),
                };
                if better {
                    best = Some(state);
                }
            }
            let trusted = best.unwrap_or_else(|| {
                if store.unread {
                    State::NotEvaluated("not read: not needed".to_owned())
                } else {
                    State::Fails("the chain does not lead to any of its anchors".to_owned())
                }
            });
            StoreVerdict {
                name: store.name.clone(),
                version: store.version.clone(),
                size: store.size,
                trusted,
            }
        })
        .collect()
}

/// What speaks against a path: failures weigh more than what could not be evaluated.
fn demerits(results: &[RuleResult]) -> usize {
    let fatal = results.iter().filter(|result| result.decides());
    fatal
        .map(|result| match result.state {
            State::Holds => 0,
            State::NotEvaluated(_) => 1,
            State::Fails(_) => 1_000,
        })
        .sum()
}

/// Several results as one: a failure before an open question before what holds.
fn summary<'r>(results: impl Iterator<Item = &'r RuleResult>) -> State {
    let mut unknown = None;
    let mut holds = false;
    let mut failed: Option<String> = None;
    let mut more = 0usize;
    for result in results {
        match &result.state {
            State::Fails(why) if failed.is_none() => failed = Some(why.clone()),
            State::Fails(_) => more += 1,
            State::NotEvaluated(why) => unknown = unknown.or_else(|| Some(why.clone())),
            State::Holds => holds = true,
        }
    }
    match (failed, unknown) {
        (Some(why), _) if more > 0 => State::Fails(format!("{why} (and {more} more)")),
        (Some(why), _) => State::Fails(why),
        (None, Some(why)) => State::NotEvaluated(why),
        (None, None) if holds => State::Holds,
        (None, None) => State::NotEvaluated("nothing to evaluate".to_owned()),
    }
}
