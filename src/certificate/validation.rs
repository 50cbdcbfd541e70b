//! One path under examination: what a rule looks at.

use std::cell::OnceCell;

use super::graph::{Graph, Node, Path, Provenance};
use super::judgement::MissingIssuer;
use super::question::{Question, Sent};
use super::revocation::{self, Revocation};
use super::sct::{self, Sct};
use super::signature::Verified;
use crate::wire::asn1::Certificate;
use crate::wire::text;

/// A path, or the way up that led to no anchor, with the question and all that was sent.
#[derive(Debug)]
pub struct Validation<'c, 'a> {
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

impl<'c, 'a> Validation<'c, 'a> {
    pub fn new(
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

    /// What is known of revocation.
    pub fn revocation(&self) -> &[Revocation] {
        self.revocation
            .get_or_init(|| revocation::evaluate(&self.judged, self.graph, self.sent, self.question))
    }

    /// The leaf's timestamps, and what is wrong with lists of them.
    pub fn timestamps(&self) -> &(Vec<Sct>, Vec<String>) {
        self.timestamps.get_or_init(|| {
            let issuer = self.judged.get(1).and_then(|node| self.graph.node(*node));
            let leaf = self.leaf().map(|leaf| (leaf, issuer.map(|node| node.spki)));
            leaf.map_or_else(Default::default, |(leaf, spki)| {
                sct::of_leaf(leaf, spki, self.sent, self.question)
            })
        })
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
        let Some(first) =
            self.graph.nodes.first().filter(|node| matches!(node.provenance, Provenance::Sent(_)))
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

    /// The certificate that is missing, if the chain ends for want of one.
    pub fn missing(&self) -> Option<MissingIssuer> {
        let of = match self.ending() {
            Ending::Gap(node) | Ending::UnknownIssuer(node) => node,
            Ending::NoStore => *self.judged.last().filter(|top| !self.self_signed(**top))?,
            _ => return None,
        };
        let certificate = self.graph.certificate(of)?;
        Some(MissingIssuer {
            of: self.graph.element_of(of),
            issuer: certificate.issuer.shown(),
            key_id: certificate.extensions.authority_key_id.and_then(|id| id.key_id).map(hex::encode),
            urls: certificate.extensions.ca_issuers.iter().map(|url| text::escape_bytes(url)).collect(),
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
        match it.provenance {
            Provenance::Sent(0) => "the leaf".to_owned(),
            Provenance::Anchor(..) => format!("the anchor \"{name}\""),
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
