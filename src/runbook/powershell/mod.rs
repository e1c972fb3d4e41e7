//! The reader of PowerShell.
//!
//! The grammar is tree-sitter's; `lower` turns its tree into `ast`, `exec` and `eval` run that
//! abstractly: what the arguments, the deployment and literals decide is executed, what the state of the
//! pool decides becomes a test of a register, and what nobody can know goes both ways.
//!
//! Invariant: reading never fails and never panics. What is not understood is a remark with its place.
//! Cost: linear in the script but for loops over known lists, which are written out; bounds on rounds,
//! evaluations and nodes keep any input finite, with a remark where one is met.

mod alone;
mod ast;
mod bind;
mod cmdlet;
mod codes;
mod env;
mod eval;
mod exec;
mod graph;
mod lint;
mod lower;
mod markdown;
mod minimise;
mod register;
mod rounds;
mod text;
mod value;
mod words;

pub use alone::{Alone, read_alone};
pub use codes::{CODES, Code};
pub use markdown::{Repeat, has_placeholder, numbered_steps, read_markdown};
pub use text::{DecodeError, decode};

use super::excerpt;
use super::{Command, Context, Job, Meaning, Op, Procedure, Remark, RemarkKind, Source};
use alone::Wanted;
use ast::{Block, Function, Parameter, Span, Statement};
use env::Env;
use exec::{Flow, State};
use graph::Graph;
pub(super) use graph::targets;
use register::Registers;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use text::Unit;
use value::{Snapshot, Value};

/// Characters of a message, at most: a name in it can be as long as a file.
const LONGEST_MESSAGE: usize = 1_000;

/// Statements that are executed, at most.
const FUEL: usize = 120_000;

/// A command line in a list of steps, with where it stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// The command line.
    pub text: &'a str,
    /// Offset in bytes of the source, where the string begins.
    pub offset: usize,
    /// Length in bytes in the source.
    pub length: usize,
}

/// Gives the text of a file, by a path relative to the folder of the script.
pub type Files<'a> = dyn Fn(&str) -> Option<Arc<Source>> + 'a;

/// Command lines, and the source that they stand in.
pub type Calls<'a> = (&'a Arc<Source>, &'a [Step<'a>]);

/// How a script is entered, and what lies beside it.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Gives the text of a file that the script sources or imports; the path is relative to the script's
    /// folder, with `/`, and never leads out of it.
    pub files: &'a Files<'a>,
    /// Command lines that are run after the script itself, such as calls of its functions, with the source
    /// that they stand in.
    pub calls: Option<Calls<'a>>,
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("calls", &self.calls.map(|(_, steps)| steps)).finish_non_exhaustive()
    }
}

/// Whether a name is that of a cmdlet or a program of service control that this reader knows. What such a name
/// does is not for a scenario to say.
pub fn is_known(name: &str) -> bool {
    cmdlet::is_known(name)
}

/// Reads a script that stands alone.
pub fn read(source: Arc<Source>, context: &Context<'_>) -> Procedure {
    read_from(source, &Entry { files: &|_| None, calls: None }, context)
}

/// Reads a script or a module with the files beside it, entered as `entry` says.
pub fn read_from(source: Arc<Source>, entry: &Entry<'_>, context: &Context<'_>) -> Procedure {
    let mut reader = Reader::new(context);
    reader.files = Some(entry.files);
    reader.script(source, entry.calls).0
}

/// Reads steps that a person types one after another, each a command line, in one session.
pub fn read_steps(source: &Arc<Source>, steps: &[Step<'_>], context: &Context<'_>) -> Procedure {
    let mut reader = Reader::new(context);
    (reader.by_hand, reader.linted) = (true, false);
    let mut body: Vec<Statement> = Vec::new();
    for step in steps {
        let script = reader.unit(Unit::part(Arc::clone(source), step.text, step.offset, step.length));
        body.extend(script.body.iter().cloned());
    }
    if steps.is_empty() {
        reader.unit(Unit::part(Arc::clone(source), "", 0, 0));
    }
    reader.procedure(&[], &body.into()).0
}

/// Reads a command line of a free operator's menu as it acts on one server: what stands for a computer
/// and is not given is that server, and so are `$server`, `$computer` and `$_`.
///
/// # Errors
/// If the line is not exactly one command that acts; the remarks say why.
pub fn read_menu_item(
    source: &Arc<Source>,
    step: Step<'_>,
    server: crate::topology::ServerId,
    context: &Context<'_>,
) -> Result<Command, Vec<Remark>> {
    let context = Context { machine: Some(server), ..*context };
    let mut reader = Reader::new(&context);
    (reader.by_hand, reader.linted) = (true, false);
    reader.bound_server = Some(server);
    let script = reader.unit(Unit::part(Arc::clone(source), step.text, step.offset, step.length));
    let place = reader.units[0].place(0, step.text.len());
    let (procedure, _) = reader.procedure(&[], &script.body);
    let mut remarks: Vec<Remark> =
        procedure.remarks.into_iter().filter(|remark| remark.kind == RemarkKind::NotUnderstood).collect();
    let mut commands: Vec<Command> = Vec::new();
    let mut other = false;
    for node in procedure.nodes {
        match node.op {
            Op::Command { command, .. } => commands.push(command),
            Op::End { .. } => {}
            _ => other = true,
        }
    }
    match commands.len() {
        1 if !other && remarks.is_empty() => Ok(commands.remove(0)),
        number => {
            if remarks.is_empty() {
                remarks.push(Remark {
                    kind: RemarkKind::NotUnderstood,
                    code: "menu-item",
                    message: format!(
                        "an item of a menu is exactly one command that acts and nothing else; this line has {number} of them"
                    ),
                    help: Some("give each command an item of its own".into()),
                    place,
                });
            }
            Err(remarks)
        }
    }
}

/// The evaluation of one procedure.
struct Reader<'a> {
    context: &'a Context<'a>,
    units: Vec<Unit>,
    shared: lower::Shared,
    /// Every function that is defined anywhere; where a function is there is for the environment to say.
    functions: HashMap<Rc<str>, Rc<Function>>,
    /// Names that the script gives to commands.
    aliases: HashMap<String, Rc<str>>,
    /// The commands of nearly a name, with how many functions were known then.
    nearest: HashMap<String, (usize, Option<String>)>,
    graph: Graph,
    registers: Registers,
    remarks: Vec<Remark>,
    said: HashSet<(&'static str, usize, String)>,
    /// For each `try` under way, the evaluations that an error has sent to its `catch`.
    handlers: Vec<Vec<State>>,
    /// The variable that the statement at hand assigns, and at which depth of calls.
    home: Option<(Rc<str>, usize)>,
    /// Places of status cmdlets, with whether anything tests what they read.
    sites: BTreeMap<Span, bool>,
    sites_of: HashMap<Rc<Snapshot>, BTreeSet<Span>>,
    /// What the procedure starts and goes on beside.
    jobs: Vec<cmdlet::Draft>,
    fuel: usize,
    given_up: bool,
    /// A person types the steps and comes back after a restart of the machine.
    by_hand: bool,
    /// Whether the graph is looked at for defects: steps that a person types are often one half of a story whose
    /// other half is another operator's.
    linted: bool,
    /// Gives the files beside the script.
    files: Option<&'a Files<'a>>,
    /// Files that are being run, outermost first.
    running: Vec<String>,
    /// The scenario calls a function of the script.
    called: bool,
    /// Variables in conditions, by place: whether they had a value there at least once.
    valued: BTreeMap<(Span, Rc<str>), bool>,
    called_functions: HashSet<Rc<str>>,
    /// Functions that are under way, outermost first.
    calling: Vec<Rc<str>>,
    /// Variables whose value the scenario gave.
    answered: HashSet<String>,
    /// Nothing is known of a scenario; what would have to be is noted.
    alone: bool,
    wanted: Vec<Wanted>,
    /// The server of a menu item.
    bound_server: Option<crate::topology::ServerId>,
}

impl<'a> Reader<'a> {
    fn new(context: &'a Context<'a>) -> Reader<'a> {
        Reader {
            context,
            units: Vec::new(),
            shared: lower::Shared::default(),
            functions: HashMap::default(),
            aliases: HashMap::default(),
            nearest: HashMap::default(),
            graph: Graph::default(),
            registers: Registers::default(),
            remarks: Vec::new(),
            said: HashSet::default(),
            handlers: Vec::new(),
            home: None,
            sites: BTreeMap::new(),
            sites_of: HashMap::default(),
            jobs: Vec::new(),
            fuel: FUEL,
            given_up: false,
            by_hand: false,
            linted: true,
            files: None,
            running: Vec::new(),
            called: false,
            valued: BTreeMap::new(),
            called_functions: HashSet::default(),
            calling: Vec::new(),
            answered: HashSet::default(),
            alone: false,
            wanted: Vec::new(),
            bound_server: None,
        }
    }

    /// Reads a script and then the calls, if there are any; also gives what it would have had to know.
    fn script(mut self, source: Arc<Source>, calls: Option<Calls<'_>>) -> (Procedure, Vec<Wanted>) {
        let script = self.unit(Unit::whole(source));
        let mut body = script.body.to_vec();
        if let Some((source, steps)) = calls {
            self.called = true;
            for step in steps {
                let call = self.unit(Unit::part(Arc::clone(source), step.text, step.offset, step.length));
                body.extend(call.body.iter().cloned());
            }
        }
        self.procedure(&script.parameters, &body.into())
    }

    /// Parses a unit; its functions are known from here on.
    fn unit(&mut self, unit: Unit) -> lower::Script {
        let known = self.shared.functions.len();
        let script = lower::script(self.units.len() as u32, &unit.text, &mut self.shared);
        self.units.push(unit);
        for function in &self.shared.functions[known..] {
            self.functions.insert(Rc::clone(&function.name), Rc::clone(function));
        }
        script
    }

    /// Executes a body from the start and finishes the graph.
    fn procedure(mut self, parameters: &[Parameter], body: &Block) -> (Procedure, Vec<Wanted>) {
        let start = self.graph.label();
        let end = self.units.last().map_or(0, |unit| unit.text.len());
        let last = Span { unit: (self.units.len().max(1) - 1) as u32, start: end as u32, end: end as u32 };
        let mut state = State { at: start, env: Env::new(self.context.machine) };
        if let Some(server) = self.bound_server {
            for name in ["server", "computer", "computername", "_"] {
                state.env.set(name, Value::Server(server));
            }
        }
        let mut out = Vec::new();
        let states = self.script_parameters(parameters, state, &mut out);
        out.extend(self.run(body, states));
        self.ends(out, last);
        let unused: Vec<Span> = self.sites.iter().filter(|(_, used)| !**used).map(|(site, _)| *site).collect();
        for site in unused {
            let message = format!("nothing tests what `{}` shows, so it holds nothing up", self.source_text(site));
            let help = "test it in the condition of a loop: `do { Start-Sleep 60 } until ((…).State -eq 'Ready')`";
            self.suspicious(site, "status-not-tested", message, Some(help.into()));
        }
        self.notice_at_the_end();
        self.unused_arguments(parameters);
        let place = self.place(last);
        let finished = |start, remarks, place| {
            minimise::minimise(self.graph.finish(start, self.registers.texts.clone(), remarks, place))
        };
        let mut procedure = finished(start, std::mem::take(&mut self.remarks), place);
        for (number, job) in self.jobs.iter().enumerate() {
            let mut inner = finished(job.start, Vec::new(), self.place(job.span));
            procedure.remarks.append(&mut inner.remarks);
            procedure.remarks.extend(lint::jobs_in_loops(&inner));
            procedure.jobs.push(Job { name: format!("job {}", number + 1), procedure: inner });
        }
        procedure.remarks.extend(lint::jobs_in_loops(&procedure));
        if self.linted {
            procedure.remarks.extend(lint::lint(&procedure, self.context.deployment));
        }
        procedure.remarks.sort_by_key(|remark| (remark.place.offset, remark.kind, remark.code));
        (procedure, self.wanted)
    }

    /// Ends a shell: `last` is where it stands if it has come to its end.
    fn ends(&mut self, out: Vec<exec::Outcome>, last: Span) {
        let mut ends: HashMap<(bool, Span), graph::Label> = HashMap::default();
        for (flow, state) in out {
            let end = match flow {
                Flow::Next | Flow::Return => (false, last),
                Flow::Exit(failed, span) => (failed, span),
                Flow::Throw(span) => (true, span),
                Flow::Break(_, span) | Flow::Continue(_, span) => {
                    let message = "a `break` or `continue` outside of any loop ends the whole script here";
                    self.suspicious(
                        span,
                        "break-outside-loop",
                        message,
                        Some("write `exit` or `return` if that is meant".to_owned()),
                    );
                    (false, span)
                }
            };
            match ends.get(&end) {
                Some(label) => self.graph.join(state.at, *label),
                None => {
                    self.put(&state, Op::End { failed: end.0 }, end.1);
                    ends.insert(end, state.at);
                }
            }
        }
    }

    /// Binds the parameters of a script to the arguments of the context.
    fn script_parameters(
        &mut self,
        parameters: &[Parameter],
        state: State,
        out: &mut Vec<exec::Outcome>,
    ) -> Vec<State> {
        let context = self.context;
        let mut states = vec![state];
        for parameter in parameters {
            let given = context.arguments.iter().find(|(name, _)| {
                let name = name.trim_start_matches('-');
                name.eq_ignore_ascii_case(&parameter.name)
                    || parameter.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
            });
            let mut next = Vec::new();
            for mut state in states {
                let value = match (given, &parameter.default) {
                    (Some((_, values)), _) => {
                        let value = argument_value(values, parameter);
                        self.check_allowed(parameter, &value, parameter.span);
                        value
                    }
                    (None, Some(default)) if !parameter.mandatory => {
                        next.extend(self.default_value(&parameter.name, default, state, out));
                        continue;
                    }
                    (None, _) if parameter.mandatory && self.alone => {
                        let written = self.source_text(parameter.span);
                        self.wanted.push(Wanted::Argument(written.trim_start_matches('$').to_owned()));
                        Value::Unknown
                    }
                    (None, _) if parameter.mandatory => {
                        let written = self.source_text(parameter.span);
                        let name = written.trim_start_matches('$');
                        let message = format!("the script asks for `-{name}`, and the scenario gives no value");
                        let help = format!("add `{name} = \"…\"` to the operator's `arguments`");
                        self.remark(RemarkKind::NotUnderstood, "missing-argument", parameter.span, message, Some(help));
                        Value::Unknown
                    }
                    (None, _) if parameter.switch => Value::Bool(false),
                    (None, _) => Value::Null,
                };
                state.env.set(&parameter.name, value);
                next.push(state);
            }
            states = next;
        }
        states
    }

    /// What the scenario gives for a variable that the script cannot know by itself.
    fn given(&mut self, name: &str) -> Option<Value> {
        let (_, values) = self.context.arguments.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        self.answered.insert(name.to_owned());
        Some(match values.as_slice() {
            [only] => known(only),
            several => Value::array(several.iter().map(|text| known(text)).collect()),
        })
    }

    /// Names what the scenario gives and nothing takes.
    fn unused_arguments(&mut self, parameters: &[Parameter]) {
        if self.alone {
            return;
        }
        let context = self.context;
        for (name, _) in context.arguments {
            let name = name.trim_start_matches('-');
            let taken = parameters.iter().any(|parameter| {
                parameter.name.eq_ignore_ascii_case(name)
                    || parameter.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
            });
            if taken || self.answered.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                continue;
            }
            let span = Span { unit: 0, start: 0, end: 0 };
            let nearest = words::nearest(name, parameters.iter().map(|parameter| &*parameter.name));
            let help = nearest.map(|nearest| format!("did you mean `{nearest}`?"));
            let message = if self.by_hand {
                format!("the document has no placeholder `<{name}>`, and no variable of that name without a value")
            } else {
                format!(
                    "the script has no parameter `{name}`, and no variable of that name whose value it does not know"
                )
            };
            self.remark(RemarkKind::NotUnderstood, "unused-argument", span, message, help);
        }
    }

    fn remark(
        &mut self,
        kind: RemarkKind,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        debug_assert!(CODES.iter().any(|own| own.name == code && own.kind == kind), "{code} is not in the list");
        let (message, place) = (short(&message.into()), self.place(span));
        let help = help.map(|help| short(&help));
        if self.said.insert((code, place.offset, message.clone())) {
            self.remarks.push(Remark { kind, code, message, help, place });
        }
    }

    fn not_understood(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.remark(RemarkKind::NotUnderstood, "not-understood", span, message, help);
    }

    fn suspicious(&mut self, span: Span, code: &'static str, message: impl Into<String>, help: Option<String>) {
        self.remark(RemarkKind::Suspicious, code, span, message, help);
    }

    fn ignored(&mut self, span: Span, message: impl Into<String>) {
        self.remark(RemarkKind::Ignored, "ignored", span, message, None);
    }

    /// What the user says that a command of this name means.
    fn meaning(&self, name: &str) -> Option<&'a Meaning> {
        self.context.vocabulary.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, meaning)| meaning)
    }
}

/// A message without what a hostile name would bring into it.
fn short(message: &str) -> String {
    let message = excerpt::printable(message);
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((at, _)) => format!("{}…", &message[..at]),
        None => message,
    }
}

fn argument_value(values: &[String], parameter: &Parameter) -> Value {
    match values {
        [only] if parameter.array => Value::array(vec![known(only)]),
        [only] => known(only),
        several => Value::array(several.iter().map(|text| known(text)).collect()),
    }
}

/// A value as a scenario writes it.
fn known(text: &str) -> Value {
    match text.to_ascii_lowercase().as_str() {
        "true" | "$true" => Value::Bool(true),
        "false" | "$false" => Value::Bool(false),
        _ => text.parse().map_or_else(|_| Value::text(text), Value::Int),
    }
}
