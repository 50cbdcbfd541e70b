//! One chain before the judge: the graph, the path under examination, and what the rules said.

use std::cell::OnceCell;

use super::differences;
use super::element::Element;
use super::graph::{Graph, Node, Origin, Path};
use super::revocation::{self, Revocation};
use super::rules::{self, Part, RuleResult, Weight};
use super::sct::Sct;
use super::second;
use super::signature::Verified;
use super::{Alternative, Judgement, MissingIssuer, Question, Sent, StoreVerdict};
use crate::trace::State;
use crate::wire::text;
use crate::wire::x509::Certificate;

/// What a rule looks at.
#[derive(Debug)]
pub struct Case<'c, 'a> {
    pub sent: &'c Sent<'a>,
    pub question: &'c Question<'a>,
    pub graph: &'c Graph<'a>,
    /// The path under examination; None if there is none.
    pub path: Option<&'c Path>,
    /// Nodes from the leaf up: the path with its anchor, or as far as the chain leads without one.
    pub judged: Vec<usize>,
    revocation: OnceCell<Vec<Revocation>>,
    timestamps: OnceCell<(Vec<Sct>, Vec<String>)>,
}

/// Where a chain without a path ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// At an anchor.
    Anchor,
    /// There is nothing to judge.
    Empty,
    /// The leaf is no certificate.
    Unreadable,
    /// No store was asked, or they have no anchors at all.
    NoStore,
    /// The leaf signed itself.
    SelfSignedLeaf,
    /// At a self-signed certificate that no store has: its node.
    UnknownRoot(usize),
    /// Above this intermediate, whose issuer is neither there nor in a store.
    UnknownIssuer(usize),
    /// In a circle: this certificate's issuer is below it already.
    Circle(usize),
    /// Above this certificate a link is missing that the server should have sent.
    Gap(usize),
}

impl<'c, 'a> Case<'c, 'a> {
    fn new(
        sent: &'c Sent<'a>,
        question: &'c Question<'a>,
        graph: &'c Graph<'a>,
        path: Option<&'c Path>,
    ) -> Self {
        let judged = match path {
            Some(path) => path.nodes.clone(),
            None => graph.longest_way(),
        };
        let (revocation, timestamps) = (OnceCell::new(), OnceCell::new());
        Self { sent, question, graph, path, judged, revocation, timestamps }
    }

    /// Finds the best path and judges it.
    pub fn judge(sent: &Sent<'a>, question: &Question<'a>) -> Judgement {
        let graph = Graph::new(sent, question);
        let mut paths = graph.paths(false);
        if paths.is_empty() {
            paths = graph.paths(true);
        }
        // The first path without a fatal failure; else the one with the fewest.
        let mut examined: Vec<(usize, Vec<RuleResult>, usize)> = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            let results = Case::new(sent, question, &graph, Some(path)).apply();
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
            None => (None, Case::new(sent, question, &graph, None).apply()),
        };
        let case = Case::new(sent, question, &graph, path);
        case.conclude(rules, &paths, &examined)
    }

    /// Every rule's word on this path.
    fn apply(&self) -> Vec<RuleResult> {
        let mut results = Vec::new();
        for rule in rules::RULES {
            let mut report = rules::Report::new(rule, self, &mut results);
            (rule.check)(self, &mut report);
        }
        results
    }

    fn conclude(
        &self,
        rules: Vec<RuleResult>,
        paths: &[Path],
        examined: &[(usize, Vec<RuleResult>, usize)],
    ) -> Judgement {
        let (question, graph) = (self.question, self.graph);
        let mut elements: Vec<Element> = graph
            .nodes
            .iter()
            .take_while(|node| node.anchor.is_none())
            .map(|node| Element::of(node, question.at))
            .collect();
        for (index, element) in elements.iter_mut().enumerate() {
            element.anchor = self.stored_twin(index).is_some();
        }
        let path = self.path.map(|path| {
            if let Some(node) = path.nodes.last().and_then(|index| graph.node(*index))
                && path.nodes.last().is_some_and(|last| self.element_of(*last) == elements.len())
            {
                elements.push(Element::of(node, question.at));
            }
            let mut places: Vec<usize> = path.nodes.iter().map(|node| self.element_of(*node)).collect();
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
            None => State::NotEvaluated("no name was asked for".to_owned()),
            Some(_) => part(Part::Name),
        };
        let trusted = summary(rules.iter().filter(|result| result.decides()));
        let conforms = summary(
            rules.iter().filter(|result| result.weight != Weight::Remark && result.part != Part::Days),
        );
        let alternatives = paths
            .iter()
            .enumerate()
            .filter(|(_, other)| Some(*other) != self.path)
            .map(|(index, other)| {
                let known =
                    examined.iter().find(|(at, ..)| *at == index).map(|(_, results, _)| results.clone());
                let results =
                    known.unwrap_or_else(|| Case::new(self.sent, question, graph, Some(other)).apply());
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
        let second = second::ask(self.sent, question, graph);
        Judgement {
            path,
            store: self.path.map(|path| path.store),
            alternatives,
            name,
            dates: part(Part::Dates),
            signatures: part(Part::Signatures),
            usage: part(Part::Usage),
            chain: part(Part::Chain),
            days: part(Part::Days),
            stores: self.by_store(&trusted, paths, examined),
            trusted,
            conforms,
            differences: differences::explain(self, &rules, &second),
            clients: differences::clients(&rules, &second),
            second,
            revocation: self.revocation().to_vec(),
            scts: self.timestamps().0.clone(),
            missing: self.missing(),
            elements,
            rules,
        }
    }

    /// Each store's own verdict.
    fn by_store(
        &self,
        trusted: &State,
        paths: &[Path],
        examined: &[(usize, Vec<RuleResult>, usize)],
    ) -> Vec<StoreVerdict> {
        let stores = self.question.stores.iter().enumerate();
        stores
            .map(|(index, store)| {
                let mut best: Option<State> = None;
                for (at, path) in paths.iter().enumerate().filter(|(_, path)| path.store == index) {
                    let state = if Some(path) == self.path {
                        trusted.clone()
                    } else {
                        let known = examined
                            .iter()
                            .find(|(known, ..)| *known == at)
                            .map(|(_, results, _)| results.clone());
                        let results = known.unwrap_or_else(|| {
                            Case::new(self.sent, self.question, self.graph, Some(path)).apply()
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
                        State::NotEvaluated("not read: another store sufficed".to_owned())
                    } else {
                        State::Fails("the chain leads to none of its anchors".to_owned())
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

    /// What is known of revocation.
    pub fn revocation(&self) -> &[Revocation] {
        self.revocation.get_or_init(|| revocation::evaluate(self))
    }

    /// The leaf's timestamps, and what is wrong with lists of them.
    pub fn timestamps(&self) -> &(Vec<Sct>, Vec<String>) {
        self.timestamps.get_or_init(|| revocation::timestamps(self))
    }

    /// The place of a node among the elements; an anchor that was also sent is shown as what was sent.
    pub fn element_of(&self, node: usize) -> usize {
        let shown = self.graph.nodes.iter().take_while(|node| node.anchor.is_none()).count();
        match self.graph.node(node) {
            Some(anchor) if anchor.anchor.is_some() => {
                self.graph.nodes.iter().take(shown).position(|sent| is_twin(sent, anchor)).unwrap_or(shown)
            }
            _ => node,
        }
    }

    /// The anchor that a sent certificate is.
    pub fn stored_twin(&self, node: usize) -> Option<usize> {
        let sent = self.graph.node(node)?;
        self.graph.nodes.iter().position(|anchor| anchor.anchor.is_some() && is_twin(sent, anchor))
    }

    /// Node and certificate of everything on the path below the anchor.
    pub fn below_anchor(&self) -> impl Iterator<Item = (usize, &Certificate<'a>)> {
        let count = match self.path {
            // A leaf that is itself an anchor is judged for what does not hang on a path.
            Some(path) => path.nodes.len() - 1,
            None => self.judged.len(),
        };
        self.judged.iter().take(count).filter_map(|node| Some((*node, self.graph.certificate(*node)?)))
    }

    /// The CAs of the path below the anchor, the one next to the leaf first.
    pub fn authorities(&self) -> impl Iterator<Item = (usize, &Certificate<'a>)> {
        self.below_anchor().skip(1)
    }

    /// The leaf, if it can be read.
    pub fn leaf(&self) -> Option<&Certificate<'a>> {
        if self.judged.first() == Some(&0) { self.graph.certificate(0) } else { None }
    }

    /// The anchor of the path.
    pub fn anchor(&self) -> Option<(usize, &Node<'a>)> {
        let node = *self.path?.nodes.last()?;
        Some((node, self.graph.node(node)?))
    }

    /// The leaf is exactly a given anchor: nothing above it has to be relied on.
    pub fn leaf_is_anchor(&self) -> bool {
        match self.path {
            Some(path) if path.nodes.len() == 2 => self
                .graph
                .node(0)
                .zip(self.anchor())
                .is_some_and(|(leaf, (_, anchor))| leaf.der == anchor.der),
            _ => false,
        }
    }

    /// Whether a certificate signed itself.
    pub fn self_signed(&self, node: usize) -> bool {
        self.graph.names_match(node, node) && self.graph.signed(node, node) == Verified::Yes
    }

    /// Where the chain ends.
    pub fn ending(&self) -> Ending {
        if self.path.is_some() {
            return Ending::Anchor;
        }
        let Some(first) = self.graph.nodes.first().filter(|node| matches!(node.origin, Origin::Sent(_)))
        else {
            return Ending::Empty;
        };
        if first.unreadable.is_some() {
            return Ending::Unreadable;
        }
        if self.question.stores.iter().all(|store| store.size == 0) {
            return Ending::NoStore;
        }
        let Some(&top) = self.judged.last() else { return Ending::Empty };
        if self.self_signed(top) {
            return if self.judged.len() == 1 { Ending::SelfSignedLeaf } else { Ending::UnknownRoot(top) };
        }
        if self.judged.iter().any(|issuer| *issuer != top && self.graph.names_match(top, *issuer)) {
            return Ending::Circle(top);
        }
        // An issuer that nobody sent: behind the leaf, or with other certificates lying about unused, it is a gap.
        let unused_ca = self.graph.nodes.iter().enumerate().any(|(index, node)| {
            node.anchor.is_none()
                && !self.judged.contains(&index)
                && node.certificate.as_ref().is_some_and(Certificate::is_ca)
        });
        if self.judged.len() == 1 || unused_ca { Ending::Gap(top) } else { Ending::UnknownIssuer(top) }
    }

    fn missing(&self) -> Option<MissingIssuer> {
        let of = match self.ending() {
            Ending::Gap(node) | Ending::UnknownIssuer(node) => node,
            Ending::NoStore => *self.judged.last().filter(|top| !self.self_signed(**top))?,
            _ => return None,
        };
        let certificate = self.graph.certificate(of)?;
        Some(MissingIssuer {
            of: self.element_of(of),
            issuer: certificate.issuer.shown(),
            key_id: certificate.authority_key_id.and_then(|id| id.key_id).map(hex::encode),
            urls: certificate.ca_issuers.iter().map(|url| text::escape_bytes(url)).collect(),
        })
    }

    /// Whether the path leads to a root of the public web.
    pub fn public(&self) -> bool {
        self.path
            .and_then(|path| self.question.stores.get(path.store))
            .is_some_and(|store| store.name == "mozilla")
    }

    /// How a certificate is called in a sentence.
    pub fn call(&self, node: usize) -> String {
        let Some(it) = self.graph.node(node) else { return String::new() };
        let name = text::escape(&it.subject.short());
        match it.origin {
            Origin::Sent(0) => "the leaf".to_owned(),
            Origin::Anchor(..) => format!("the anchor \"{name}\""),
            _ => format!("\"{name}\""),
        }
    }

    /// The stores in a sentence: `mozilla, system`.
    pub fn stores_text(&self) -> String {
        let names: Vec<&str> = self
            .question
            .stores
            .iter()
            .filter(|store| !store.unread)
            .map(|store| store.name.as_str())
            .collect();
        if names.is_empty() { "none".to_owned() } else { text::escape(&names.join(", ")) }
    }
}

/// Same name and key: the same authority, whatever else the two certificates say.
fn is_twin(sent: &Node<'_>, anchor: &Node<'_>) -> bool {
    !sent.spki.is_empty()
        && sent.spki == anchor.spki
        && sent.subject.raw == anchor.subject.raw
        && sent.certificate.as_ref().is_some_and(Certificate::self_issued)
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
