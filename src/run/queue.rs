//! Which of many targets may begin, and when.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::many::{Pace, Target};

/// Targets that are read before they can begin: those of busy hosts wait here for their turn, and hold up no others.
const AHEAD: usize = 4096;

/// The pause before the first further attempt; it doubles with each.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A target with its place.
pub(super) struct Job {
    /// From 0, in the order in which they were read.
    pub(super) number: usize,
    /// The host that is wanted, behind a proxy if there is one.
    pub(super) host: String,
    pub(super) target: Target,
    /// Attempts that were made.
    pub(super) attempts: u32,
}

/// All that has not ended.
pub(super) struct Queue {
    pace: Pace,
    /// May begin, unless their host has become busy.
    ready: VecDeque<Job>,
    /// Their hosts are busy.
    held: HashMap<String, VecDeque<Job>>,
    held_in_all: usize,
    /// Another attempt is due at this time.
    later: Vec<(Instant, Job)>,
    /// How many are worked on, by host.
    busy: HashMap<String, usize>,
    running: usize,
    /// None begins before that.
    not_before: Option<Instant>,
    read: usize,
}

/// What to do now.
pub(super) enum Next {
    Begin(Box<Job>),
    /// Nothing before this time, or before something ends or is read.
    Wait(Option<Instant>),
}

impl Queue {
    pub(super) fn new(pace: Pace) -> Queue {
        Queue {
            pace,
            ready: VecDeque::new(),
            held: HashMap::new(),
            held_in_all: 0,
            later: Vec::new(),
            busy: HashMap::new(),
            running: 0,
            not_before: None,
            read: 0,
        }
    }

    /// Whether more should be read. `given_out`: how many results have left in their order, where order is kept.
    pub(super) fn has_room(&self, given_out: Option<usize>) -> bool {
        let waiting = self.ready.len() + self.held_in_all + self.later.len();
        waiting < AHEAD && given_out.is_none_or(|given_out| self.read - given_out < AHEAD)
    }

    /// The next one that was read.
    pub(super) fn push(&mut self, target: Target) {
        // Not a proxy's, which all may share.
        let intent = &target.request.intent;
        let host = intent.connect.as_ref().map_or(&intent.host, |(host, _)| host).to_ascii_lowercase();
        self.ready.push_back(Job { number: self.read, host, target, attempts: 0 });
        self.read += 1;
    }

    /// How many were read.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    /// Nothing is worked on, and nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.running == 0 && self.ready.is_empty() && self.held_in_all == 0 && self.later.is_empty()
    }

    /// Gives up what has not begun.
    pub(super) fn clear(&mut self) {
        self.ready.clear();
        self.held.clear();
        self.held_in_all = 0;
        self.later.clear();
    }

    /// One that may begin now is counted as begun.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        if self.running >= self.pace.concurrency {
            return Next::Wait(None);
        }
        while let Some(due) = self.later.iter().position(|(due, _)| *due <= now) {
            let (_, job) = self.later.swap_remove(due);
            self.ready.push_front(job);
        }
        let due = self.later.iter().map(|(due, _)| *due).min();
        loop {
            let Some(job) = self.ready.front() else { return Next::Wait(due) };
            let busy = self.busy.get(&job.host).copied().unwrap_or(0);
            if busy < self.pace.per_host {
                if let Some(not_before) = self.not_before.filter(|not_before| *not_before > now) {
                    return Next::Wait(Some(due.map_or(not_before, |due| due.min(not_before))));
                }
                break;
            }
            if let Some(job) = self.ready.pop_front() {
                self.held.entry(job.host.clone()).or_default().push_back(job);
                self.held_in_all += 1;
            }
        }
        let Some(job) = self.ready.pop_front() else { return Next::Wait(due) };
        *self.busy.entry(job.host.clone()).or_default() += 1;
        self.running += 1;
        if let Some(rate) = self.pace.rate {
            // What was missed is not made up for.
            self.not_before =
                Some(self.not_before.unwrap_or(now).max(now) + Duration::from_secs(1) / rate.max(1));
        }
        Next::Begin(Box::new(job))
    }

    /// One has ended, whose host has room for another one.
    pub(super) fn ended(&mut self, host: &str) {
        self.running = self.running.saturating_sub(1);
        if let Some(busy) = self.busy.get_mut(host) {
            *busy -= 1;
            if *busy == 0 {
                self.busy.remove(host);
            }
        }
        if let Some(held) = self.held.get_mut(host) {
            if let Some(job) = held.pop_front() {
                self.held_in_all -= 1;
                self.ready.push_front(job);
            }
            if held.is_empty() {
                self.held.remove(host);
            }
        }
    }

    /// Another attempt on it, after a pause.
    pub(super) fn again(&mut self, job: Job, now: Instant) {
        let doubled = 1u32.checked_shl(job.attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let pause = PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE);
        self.later.push((now + pause, job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Question;
    use crate::engine::Request;

    fn queue(pace: Pace, hosts: &[&str]) -> Queue {
        let mut queue = Queue::new(pace);
        for host in hosts {
            queue.push(Target::new(Request::to(host, 443), Question::default()));
        }
        queue
    }

    /// The numbers of those that begin now.
    fn begun(queue: &mut Queue, now: Instant) -> Vec<usize> {
        let mut begun = Vec::new();
        while let Next::Begin(job) = queue.next(now) {
            begun.push(job.number);
        }
        begun
    }

    #[test]
    fn a_busy_host_holds_up_nobody_else() {
        let pace = Pace { concurrency: 3, per_host: 1, ..Pace::default() };
        let mut queue = queue(pace, &["a", "a", "A", "b", "c", "d"]);
        let now = Instant::now();
        assert_eq!(begun(&mut queue, now), [0, 3, 4], "one of each host, three in all");
        queue.ended("b");
        assert_eq!(begun(&mut queue, now), [5]);
        queue.ended("a");
        assert_eq!(begun(&mut queue, now), [1], "the next of the host that has room again");
        queue.ended("a");
        assert_eq!(begun(&mut queue, now), [2]);
        for host in ["a", "c", "d"] {
            assert!(!queue.is_empty());
            queue.ended(host);
        }
        assert!(queue.is_empty());
    }

    #[test]
    fn the_rate_spreads_the_beginnings() {
        let mut queue = queue(Pace { rate: Some(10), ..Pace::default() }, &["a", "b", "c"]);
        let now = Instant::now();
        assert_eq!(begun(&mut queue, now), [0]);
        let Next::Wait(Some(next)) = queue.next(now) else { panic!("it begins, or waits without end") };
        assert_eq!(next - now, Duration::from_millis(100));
        assert_eq!(begun(&mut queue, next), [1]);
        // Late, but not two at once.
        assert_eq!(begun(&mut queue, now + Duration::from_secs(3)), [2]);
    }

    #[test]
    fn another_attempt_comes_after_a_pause_that_grows() {
        let mut queue = queue(Pace::default(), &["a"]);
        let now = Instant::now();
        let Next::Begin(mut job) = queue.next(now) else { panic!("it waits") };
        queue.ended("a");
        job.attempts = 1;
        queue.again(*job, now);
        assert!(!queue.is_empty());
        let Next::Wait(Some(due)) = queue.next(now) else { panic!("there is no pause") };
        assert_eq!(due - now, PAUSE);
        let Next::Begin(mut job) = queue.next(due) else { panic!("it waits when it is due") };
        queue.ended("a");
        job.attempts = 40;
        queue.again(*job, now);
        let Next::Wait(Some(due)) = queue.next(now) else { panic!("there is no pause") };
        assert_eq!(due - now, LONGEST_PAUSE);
    }

    #[test]
    fn what_is_read_ahead_is_bounded() {
        let mut queue = queue(Pace { concurrency: 1, ..Pace::default() }, &[]);
        while queue.has_room(None) {
            queue.push(Target::new(Request::to("a", 1), Question::default()));
        }
        assert_eq!(queue.read(), AHEAD);
        // In order, what waits to be given out counts as well.
        assert!(matches!(queue.next(Instant::now()), Next::Begin(_)));
        assert!(queue.has_room(None) && !queue.has_room(Some(0)) && queue.has_room(Some(1)));
    }
}
