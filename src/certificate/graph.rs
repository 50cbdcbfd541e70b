//! The graph of what was sent, what was fetched and what is trusted; and the paths through it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::links::Links;
use super::question::{Question, Sent};
use super::signature::{self, Verified};
use crate::capture::{Anchor, Limits};
use crate::wire::asn1::Certificate;
use crate::wire::asn1::key::PublicKey;
use crate::wire::asn1::name::Name;
use crate::wire::field::Malformed;

/// Where a node comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// Place in the list as sent.
    Sent(usize),
    /// Place in the list of what was fetched.
    Fetched(usize),
    /// Store and anchor.
    Anchor(usize, usize),
}

/// A certificate or an anchor.
#[derive(Debug)]
pub struct Node<'a> {
    pub provenance: Provenance,
    /// None for an anchor without its certificate, and for what is no certificate.
    pub certificate: Option<Certificate<'a>>,
    /// Why it is no certificate.
    pub unreadable: Option<Malformed>,
    /// What is wrong with it, where it is one.
    pub problems: Vec<Malformed>,
    pub der: &'a [u8],
    pub subject: Name<'a>,
    pub spki: &'a [u8],
    pub key: Option<PublicKey<'a>>,
    /// Content of nameConstraints that bind an anchor.
    pub anchor: Option<&'a Anchor>,
}

/// Leaf first, anchor last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub nodes: Vec<usize>,
    /// Which store, and which of its candidates.
    pub store: usize,
    pub anchor: usize,
}

/// A signature that was found good with a key of a strength that webpki verifies.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub key: &'a [u8],
    pub message: &'a [u8],
    pub signature: &'a [u8],
}

/// All nodes, and what is known of the links between them.
#[derive(Debug)]
pub struct Graph<'a> {
    pub nodes: Vec<Node<'a>>,
    limits: Limits,
    known: Option<&'a Links>,
    /// Child and issuer: whether the one signed the other.
    links: RefCell<HashMap<(usize, usize), Verified>>,
    signatures: Cell<usize>,
    steps: Cell<usize>,
    /// The longest way up from the leaf that ended at no anchor.
    dead_end: RefCell<Vec<usize>>,
    /// Names in their comparable form, made when first needed.
    canonical: RefCell<HashMap<usize, Vec<u8>>>,
}

impl<'a> Graph<'a> {
    pub fn new(sent: &Sent<'a>, question: &Question<'a>) -> Self {
        let limits = question.limits;
        let mut nodes = Vec::new();
        let certificates = sent.certificates.iter().take(limits.chain).enumerate();
        nodes.extend(
            certificates.map(|(index, der)| Node::certificate(Provenance::Sent(index), der, &limits)),
        );
        let fetched = sent.fetched.iter().take(limits.chain).enumerate();
        nodes.extend(fetched.map(|(index, der)| Node::certificate(Provenance::Fetched(index), der, &limits)));
        for (store_index, store) in question.stores.iter().enumerate() {
            let anchors = store.candidates.iter().take(limits.anchors).enumerate();
            nodes.extend(anchors.map(|(index, anchor)| {
                Node::anchor(Provenance::Anchor(store_index, index), anchor, &limits)
            }));
        }
        Self {
            nodes,
            limits,
            known: question.links,
            links: RefCell::default(),
            signatures: Cell::new(0),
            steps: Cell::new(0),
            dead_end: RefCell::default(),
            canonical: RefCell::default(),
        }
    }

    pub fn node(&self, index: usize) -> Option<&Node<'a>> {
        self.nodes.get(index)
    }

    /// The certificate at a node, if it is one.
    pub fn certificate(&self, index: usize) -> Option<&Certificate<'a>> {
        self.node(index)?.certificate.as_ref()
    }

    /// Whether a limit on the search was reached.
    pub fn exhausted(&self) -> bool {
        self.steps.get() >= self.limits.path_steps || self.signatures.get() >= self.limits.signatures
    }

    /// Whether `issuer` signed `child`. Each pair is computed once.
    pub fn signed(&self, child: usize, issuer: usize) -> Verified {
        if let Some(known) = self.links.borrow().get(&(child, issuer)) {
            return known.clone();
        }
        let verified = self.verify(child, issuer);
        self.links.borrow_mut().insert((child, issuer), verified.clone());
        verified
    }

    /// The links that were found good, of keys that are not too weak for webpki.
    pub fn verified(&self) -> Vec<Known<'_>> {
        let links = self.links.borrow();
        let good = links.iter().filter(|(_, verified)| **verified == Verified::Yes);
        good.filter_map(|((child, issuer), _)| {
            let (certificate, key) = (self.certificate(*child)?, self.node(*issuer)?.key?);
            let strong = key.rsa.is_none() || key.size().is_some_and(|bits| bits >= 2048);
            let signature = certificate.signature?;
            strong.then_some(Known { key: key.bits, message: certificate.tbs.raw, signature })
        })
        .collect()
    }

    fn verify(&self, child: usize, issuer: usize) -> Verified {
        let (Some(certificate), Some(issuer)) = (self.certificate(child), self.node(issuer)) else {
            return Verified::No;
        };
        let Some(key) = &issuer.key else {
            return Verified::Unsupported("the issuer's public key can't be read".to_owned());
        };
        let Some(value) = certificate.signature else { return Verified::No };
        if self.signatures.get() >= self.limits.signatures {
            return Verified::Unsupported(format!(
                "more than {} signatures to verify",
                self.limits.signatures
            ));
        }
        self.signatures.set(self.signatures.get() + 1);
        let algorithm = &certificate.algorithm;
        let message = certificate.tbs.raw;
        let verify = || signature::verify(key, algorithm, message, value);
        match self.known {
            Some(known) => {
                known.of(&[issuer.spki, algorithm.oid, algorithm.parameters, message, value], verify)
            }
            None => verify(),
        }
    }

    /// Whether the issuer named in `child` is the subject of `issuer`.
    pub fn names_match(&self, child: usize, issuer: usize) -> bool {
        let (Some(certificate), Some(node)) = (self.certificate(child), self.node(issuer)) else {
            return false;
        };
        if certificate.issuer.raw == node.subject.raw {
            return true;
        }
        if certificate.issuer.raw.len().abs_diff(node.subject.raw.len()) > 512 {
            return false;
        }
        // Issuers and subjects are kept under different numbers in one map.
        let form = |key: usize, name: &Name<'_>| {
            self.canonical.borrow_mut().entry(key).or_insert_with(|| name.canonical()).clone()
        };
        form(child * 2, &certificate.issuer) == form(issuer * 2 + 1, &node.subject)
    }

    /// authorityKeyIdentifier against subjectKeyIdentifier; None if one of them is missing.
    pub fn key_ids_match(&self, child: usize, issuer: usize) -> Option<bool> {
        let authority = self.certificate(child)?.extensions.authority_key_id?.key_id?;
        let subject = self.certificate(issuer)?.extensions.subject_key_id?;
        Some(authority == subject)
    }

    /// The place of a node among the elements; an anchor that was also sent is shown as what was sent.
    pub fn element_of(&self, node: usize) -> usize {
        let shown = self.nodes.iter().take_while(|node| node.anchor.is_none()).count();
        match self.node(node) {
            Some(anchor) if anchor.anchor.is_some() => {
                self.nodes.iter().take(shown).position(|sent| is_twin(sent, anchor)).unwrap_or(shown)
            }
            _ => node,
        }
    }

    /// The anchor that a sent certificate is.
    pub fn stored_twin(&self, node: usize) -> Option<usize> {
        let sent = self.node(node)?;
        self.nodes.iter().position(|anchor| anchor.anchor.is_some() && is_twin(sent, anchor))
    }

    /// The nodes that `child` names as its issuer, the likeliest first; anchors before all others.
    pub fn issuers(&self, child: usize) -> Vec<usize> {
        let mut out: Vec<usize> = (0..self.nodes.len())
            .filter(|issuer| *issuer != child && self.names_match(child, *issuer))
            .collect();
        out.sort_by_key(|issuer| {
            let anchor = self.node(*issuer).is_some_and(|node| node.anchor.is_some());
            let key_id = match self.key_ids_match(child, *issuer) {
                Some(true) => 0,
                None => 1,
                Some(false) => 2,
            };
            (!anchor, key_id)
        });
        out
    }

    /// The paths from the leaf to an anchor, the first found first.
    ///
    /// With `any_signature`, links are followed by their names alone: used when nothing else is found,
    /// so that a wrong signature is reported as that.
    pub fn paths(&self, any_signature: bool) -> Vec<Path> {
        let mut found = Vec::new();
        if self
            .nodes
            .first()
            .is_some_and(|leaf| matches!(leaf.provenance, Provenance::Sent(0)) && leaf.certificate.is_some())
        {
            self.leaf_as_anchor(&mut found);
            self.climb(&mut vec![0], any_signature, &mut found);
        }
        found
    }

    /// A leaf that is itself exactly a given anchor.
    fn leaf_as_anchor(&self, found: &mut Vec<Path>) {
        let Some(leaf) = self.node(0) else { return };
        for (index, node) in self.nodes.iter().enumerate() {
            if let (Provenance::Anchor(store, anchor), Some(certificate)) =
                (node.provenance, &node.certificate)
                && certificate.der == leaf.der
            {
                found.push(Path { nodes: vec![0, index], store, anchor });
            }
        }
    }

    fn climb(&self, way: &mut Vec<usize>, any_signature: bool, found: &mut Vec<Path>) {
        let Some(&top) = way.last() else { return };
        let mut dead = true;
        // What vouches for itself was not issued by a namesake.
        let own_issuer =
            any_signature && self.names_match(top, top) && self.signed(top, top) == Verified::Yes;
        if own_issuer {
            self.note_dead_end(way);
            return;
        }
        for issuer in self.issuers(top) {
            if self.steps.get() >= self.limits.path_steps || found.len() >= self.limits.paths {
                return;
            }
            let Some(node) = self.node(issuer) else { continue };
            // RFC 4158, section 5.2: no name with the same key twice.
            let loops = way.iter().filter_map(|index| self.node(*index)).any(|seen| {
                seen.spki == node.spki
                    && seen.subject.raw == node.subject.raw
                    && !matches!(node.provenance, Provenance::Anchor(..))
            });
            if loops {
                continue;
            }
            self.steps.set(self.steps.get() + 1);
            if !any_signature && self.signed(top, issuer) == Verified::No {
                continue;
            }
            match node.provenance {
                Provenance::Anchor(store, anchor) => {
                    // A root that was sent is its own issuer: the path ends at it, not behind it.
                    let own = self.node(top).is_some_and(|node_top| {
                        node_top.spki == node.spki && node_top.subject.same(&node.subject)
                    });
                    if own && way.len() > 1 {
                        continue;
                    }
                    let mut nodes = way.clone();
                    nodes.push(issuer);
                    found.push(Path { nodes, store, anchor });
                }
                _ => {
                    // No path is longer than the sent certificates, so this ends.
                    way.push(issuer);
                    self.climb(way, any_signature, found);
                    way.pop();
                }
            }
            dead = false;
        }
        if dead {
            self.note_dead_end(way);
        }
    }

    fn note_dead_end(&self, way: &[usize]) {
        if way.len() > self.dead_end.borrow().len() {
            self.dead_end.replace(way.to_vec());
        }
    }

    /// Whether there are more ways up from the leaf than are worth following, by names alone.
    pub fn too_many_walks(&self) -> bool {
        let sent: Vec<usize> = (0..self.nodes.len())
            .filter(|index| {
                self.certificate(*index).is_some()
                    && self.nodes.get(*index).is_some_and(|node| node.anchor.is_none())
            })
            .collect();
        if sent.len() <= 6 {
            return false;
        }
        let above: HashMap<usize, Vec<usize>> = sent
            .iter()
            .map(|child| {
                (
                    *child,
                    sent.iter()
                        .copied()
                        .filter(|issuer| issuer != child && self.names_match(*child, *issuer))
                        .collect(),
                )
            })
            .collect();
        let mut left = self.limits.path_steps;
        walk(0, &above, &mut Vec::new(), &mut left);
        left == 0
    }

    /// How far the search came when it found no anchor: at least the leaf.
    pub fn longest_way(&self) -> Vec<usize> {
        let way = self.dead_end.borrow().clone();
        if way.is_empty() && !self.nodes.is_empty() { vec![0] } else { way }
    }
}

/// Same name and key: the same authority, whatever else the two certificates say.
fn is_twin(sent: &Node<'_>, anchor: &Node<'_>) -> bool {
    !sent.spki.is_empty()
        && sent.spki == anchor.spki
        && sent.subject.raw == anchor.subject.raw
        && sent.certificate.as_ref().is_some_and(Certificate::self_issued)
}

/// Counts ways up, until nothing is left of the budget.
fn walk(node: usize, above: &HashMap<usize, Vec<usize>>, way: &mut Vec<usize>, left: &mut usize) {
    // As deep as webpki goes.
    if way.len() > 7 || way.contains(&node) {
        return;
    }
    *left = left.saturating_sub(1);
    way.push(node);
    for issuer in above.get(&node).into_iter().flatten() {
        if *left == 0 {
            break;
        }
        walk(*issuer, above, way, left);
    }
    way.pop();
}

impl<'a> Node<'a> {
    fn certificate(provenance: Provenance, der: &'a [u8], limits: &Limits) -> Self {
        match Certificate::read_all(der, &limits.x509()) {
            Ok((certificate, problems)) => Self {
                provenance,
                unreadable: None,
                problems,
                der,
                subject: certificate.subject,
                spki: certificate.spki.raw,
                key: certificate.key,
                certificate: Some(certificate),
                anchor: None,
            },
            Err(problem) => Self {
                provenance,
                certificate: None,
                unreadable: Some(problem),
                problems: Vec::new(),
                der,
                subject: Name::new(&[]),
                spki: &[],
                key: None,
                anchor: None,
            },
        }
    }

    fn anchor(provenance: Provenance, anchor: &'a Anchor, limits: &Limits) -> Self {
        let certificate =
            anchor.certificate.as_deref().and_then(|der| Certificate::read(der, &limits.x509()).ok());
        Self {
            provenance,
            certificate,
            unreadable: None,
            problems: Vec::new(),
            der: anchor.certificate.as_deref().unwrap_or(&[]),
            subject: Name::new(&anchor.subject),
            spki: &anchor.spki,
            key: PublicKey::read(&anchor.spki).ok(),
            anchor: Some(anchor),
        }
    }

    /// Place in the chain as sent.
    pub fn sent(&self) -> Option<usize> {
        match self.provenance {
            Provenance::Sent(index) => Some(index),
            _ => None,
        }
    }
}
