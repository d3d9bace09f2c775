//! Breadth first through everything that can happen to one request.

use std::{
    collections::{BTreeSet, HashMap, VecDeque, hash_map::Entry},
    rc::Rc,
};

use countersign::domain::{
    Request, State,
    decide::decide,
    fold::fold,
    request::{Approval, Place, Progress, Step as RunStep},
};

use super::{
    ghost::{Ghost, Step},
    world::{Move, Setting, World},
};

/// The outcome of a search.
pub struct Found {
    /// Distinct states.
    pub states: usize,
    /// Transitions between them.
    pub transitions: usize,
    /// The words of all states that were reached.
    pub words: BTreeSet<&'static str>,
}

struct Node {
    parent: u32,
    /// The move that led here; none when the world moved.
    by: Option<u16>,
    world: World,
    is_terminal: bool,
}

struct Search<'a> {
    setting: &'a Setting,
    nodes: Vec<Node>,
    numbers: HashMap<Vec<u8>, u32>,
    edges: Vec<(u32, u32)>,
    open: VecDeque<(u32, Request, Ghost)>,
    moves: HashMap<World, Rc<Vec<Move>>>,
    words: BTreeSet<&'static str>,
}

/// Searches everything from the asking on.
///
/// # Panics
/// When an invariant is broken: with the shortest history that breaks it.
pub fn search(setting: &Setting) -> Found {
    let mut search = Search {
        setting,
        nodes: vec![],
        numbers: HashMap::new(),
        edges: vec![],
        open: VecDeque::new(),
        moves: HashMap::new(),
        words: BTreeSet::new(),
    };
    search.reach(0, None, World::START, &setting.open(), &Ghost::default());
    search.edges.clear();
    while let Some((number, request, ghost)) = search.open.pop_front() {
        search.expand(number, &request, &ghost);
    }
    search.check_everything_can_end();
    Found {
        states: search.nodes.len(),
        transitions: search.edges.len(),
        words: search.words,
    }
}

impl Search<'_> {
    fn expand(&mut self, number: u32, request: &Request, ghost: &Ghost) {
        let world = self.nodes[number as usize].world;
        if !request.state.is_terminal() {
            for next in world.next() {
                self.reach(number, None, next, request, ghost);
            }
        }
        let setting = self.setting;
        let moves = self.moves.entry(world);
        let moves = Rc::clone(moves.or_insert_with(|| Rc::new(setting.moves(world))));
        let now = world.now();
        for (at, it) in moves.iter().enumerate() {
            let Ok(events) = decide(request, &it.command, now) else {
                continue;
            };
            let after = events
                .iter()
                .try_fold(request.clone(), |request, event| fold(request, event, now));
            let by = u16::try_from(at).ok();
            let after = after.unwrap_or_else(|error| {
                panic!("{error}\n{}", self.history(number, by));
            });
            let step = Step {
                setting,
                world,
                now,
                by: it.by,
                command: &it.command,
                before: request,
                events: &events,
                after: &after,
            };
            match ghost.follow(&step) {
                Ok(ghost) => self.reach(number, by, world, &after, &ghost),
                Err(broken) => panic!("{broken}\n{}", self.history(number, by)),
            }
        }
    }

    fn reach(
        &mut self,
        parent: u32,
        by: Option<u16>,
        world: World,
        request: &Request,
        ghost: &Ghost,
    ) {
        let next = u32::try_from(self.nodes.len()).expect("fewer states than that");
        let number = match self.numbers.entry(key(self.setting, request, world, ghost)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                new.insert(next);
                self.words.insert(request.state.word());
                self.nodes.push(Node {
                    parent,
                    by,
                    world,
                    is_terminal: request.state.is_terminal(),
                });
                self.open.push_back((next, request.clone(), ghost.clone()));
                next
            }
        };
        self.edges.push((parent, number));
    }

    /// Backwards from the ends: whatever is not met can never end.
    fn check_everything_can_end(&self) {
        let mut before: Vec<Vec<u32>> = vec![vec![]; self.nodes.len()];
        for (from, to) in &self.edges {
            before[*to as usize].push(*from);
        }
        let mut ends: Vec<bool> = self.nodes.iter().map(|it| it.is_terminal).collect();
        let mut open: Vec<u32> = (0..).zip(&ends).filter(|it| *it.1).map(|it| it.0).collect();
        while let Some(number) = open.pop() {
            for from in &before[number as usize] {
                if !std::mem::replace(&mut ends[*from as usize], true) {
                    open.push(*from);
                }
            }
        }
        if let Some(stuck) = ends.iter().position(|ends| !ends) {
            let stuck = u32::try_from(stuck).expect("a number");
            panic!("no way to any end\n{}", self.history(stuck, None));
        }
    }

    fn history(&self, mut number: u32, last: Option<u16>) -> String {
        let label = |world: World, by: Option<u16>| match by {
            Some(at) => self.setting.moves(world)[usize::from(at)].label.clone(),
            None => format!("the world moves to {world:?}"),
        };
        let mut lines = vec![];
        if last.is_some() {
            lines.push(label(self.nodes[number as usize].world, last));
        }
        while number > 0 {
            let node = &self.nodes[number as usize];
            lines.push(label(node.world, node.by));
            number = node.parent;
        }
        lines.push(format!("{:?}", self.setting));
        lines.reverse();
        lines.join("\n")
    }
}

/// What of a state can make a difference. Versions, rounds and attempts only count; texts are only shown;
/// when somebody approved does not matter any more. Leaving these out makes the states finite.
fn key(setting: &Setting, request: &Request, world: World, ghost: &Ghost) -> Vec<u8> {
    let mut key = vec![
        world.hour,
        world.version as u8,
        u8::from(world.third_left)
            | u8::from(world.requester_demoted) << 1
            | u8::from(world.third_linked) << 2,
        ghost.runs,
        ghost.confirmed.map_or(9, |version| version as u8),
    ];
    for (account, version) in &ghost.approvals {
        key.extend([*account as u8, *version as u8]);
    }
    for steps in [&ghost.begun, &ghost.done] {
        key.push(b'|');
        key.extend(steps.iter().map(|id| id.as_bytes()[0]));
    }
    if let Some(plan) = &request.plan {
        key.push(b'p');
        key.extend(
            (0..)
                .zip(setting.digests)
                .filter(|it| it.1 == plan.digest)
                .map(|it| it.0),
        );
        key.extend(plan.policy.expires_at.timestamp().to_be_bytes());
    }
    write_state(&request.state, &mut key);
    key
}

fn write_state(state: &State, key: &mut Vec<u8>) {
    key.push(b'/');
    key.extend(state.word().bytes().take(10));
    write_approvals(state.approvals(), key);
    write_steps(state.steps(), key);
    match state {
        State::CoolingOff { until, .. } => key.extend(until.timestamp().to_be_bytes()),
        State::RollingBack { end, .. } => write_state(end, key),
        State::Running { hold, .. } => write_steps(hold, key),
        State::Stuck { step, place, .. } => {
            key.extend(step.bytes());
            key.push(b'.');
            match place {
                Place::Hold { until } => key.extend(until.timestamp().to_be_bytes()),
                Place::Run { hold } => write_steps(hold, key),
                Place::Lift { end } => write_state(end, key),
            }
        }
        State::Asked
        | State::AwaitingApproval { .. }
        | State::AwaitingConfirmation
        | State::Approved { .. }
        | State::Refused { .. }
        | State::Denied { .. }
        | State::Expired
        | State::Cancelled
        | State::Stopped { .. }
        | State::Succeeded { .. }
        | State::Settled { .. }
        | State::Reversed { .. } => {}
    }
}

fn write_approvals(approvals: &[Approval], key: &mut Vec<u8>) {
    key.extend(approvals.iter().map(|it| it.by.slack_id.as_bytes()[0]));
    key.push(b'a');
    key.extend(approvals.iter().map(|it| it.by.slack_id.as_bytes()[1]));
}

fn write_steps(steps: &[RunStep], key: &mut Vec<u8>) {
    for step in steps {
        key.push(step.planned.id.as_bytes()[0]);
        key.push(match step.progress {
            Progress::Waiting => 0,
            Progress::Started { .. } => 1,
            Progress::Deferred { .. } => 2,
            Progress::Done { .. } => 3,
            Progress::Undone => 4,
        });
    }
}
