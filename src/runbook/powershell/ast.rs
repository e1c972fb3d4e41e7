//! The syntax of a script as the evaluation needs it: statements with effects, expressions without.
//!
//! Invariant: an [`Expr`] has no effect. Whatever does something inside an expression (a command, an
//! assignment, `$( … )`) has been moved in front of it by the lowering, and the expression reads the
//! result from a temporary.

use super::value::Value;
use std::rc::Rc;

/// A stretch of a unit, in bytes of its normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Span {
    /// Which text: a script, a module, one step of a list.
    pub(super) unit: u32,
    /// First byte.
    pub(super) start: u32,
    /// Byte after the last.
    pub(super) end: u32,
}

/// Statements one after another.
pub(super) type Block = Rc<[Statement]>;

/// A statement and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) kind: StatementKind,
    pub(super) span: Span,
}

/// An expression after the statements that prepare its temporaries.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) before: Block,
    pub(super) value: Expr,
    pub(super) span: Span,
}

/// The name of a loop for `break` and `continue`.
pub(super) type Label = Option<Rc<str>>;

#[derive(Debug, Clone)]
pub(super) enum StatementKind {
    /// The value goes to the output.
    Output(Prepared),
    /// Commands joined by `|`; the result goes to the output.
    Pipeline(Pipeline),
    /// `$x = …`; the statement on the right is run with its output captured.
    Assign {
        target: Target,
        operator: Option<BinaryOp>,
        value: Block,
    },
    /// Runs a block and keeps its output in a temporary; `@( … )` always makes an array.
    Capture {
        temp: u32,
        block: Block,
        array: bool,
    },
    /// A member or a method that may do something, or read something anew: `$service.Stop()`, `$job.State`,
    /// `$list.Add( … )`. Its value is left in a temporary.
    Member {
        temp: u32,
        object: Expr,
        name: Rc<str>,
        arguments: Option<Vec<Expr>>,
    },
    /// `a -and b` where `b` has effects: `b` runs only if needed.
    ShortCircuit {
        temp: u32,
        and: bool,
        left: Expr,
        right: Prepared,
    },
    If {
        arms: Vec<(Prepared, Block)>,
        otherwise: Option<Block>,
    },
    /// `while`, `do … while`, `do … until`.
    While {
        label: Label,
        condition: Prepared,
        until: bool,
        body_first: bool,
        body: Block,
    },
    For {
        label: Label,
        start: Block,
        condition: Option<Prepared>,
        step: Block,
        body: Block,
    },
    ForEach {
        label: Label,
        variable: Rc<str>,
        list: Prepared,
        body: Block,
        /// `foreach -parallel` of a workflow.
        parallel: bool,
    },
    /// `parallel { … }` of a workflow: its statements run beside one another.
    Parallel(Vec<Block>),
    Switch {
        label: Label,
        subject: Prepared,
        matching: Matching,
        cased: bool,
        clauses: Vec<(Clause, Block)>,
    },
    Try {
        body: Block,
        catches: Vec<Block>,
        finally: Option<Block>,
    },
    /// Runs when a later or an earlier statement of the block ends with an error; whether it is for every error.
    Trap {
        body: Block,
        every: bool,
    },
    Break(Label),
    Continue(Label),
    Return(Option<Prepared>),
    Exit(Option<Prepared>),
    Throw,
    /// Something that was parsed and has no meaning here, or that was not parsed at all.
    Unsupported {
        what: String,
        help: Option<String>,
    },
    /// `function name { … }`: from here on there is a function of this name.
    Define(Rc<Function>),
    Nothing,
}

/// How the clauses of a `switch` compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matching {
    Exact,
    Wildcard,
    Regex,
}

/// The condition of a clause of a `switch`.
#[derive(Debug, Clone)]
pub(super) enum Clause {
    Default,
    Value(Expr),
    Block(u32),
}

/// What an assignment writes to.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Variable(Rc<str>),
    /// `$h.Key = …`, `$h['Key'] = …`.
    Element {
        object: Box<Expr>,
        key: Expr,
    },
    /// `[string[]]$x = …`
    Typed(Rc<str>, Box<Target>),
    /// `$a, $b = …`.
    Several(Vec<Target>),
    /// Something of .NET, or deeper inside an object: nothing that can be followed.
    Opaque,
}

impl Target {
    /// What stands there after the assignment.
    pub(super) fn as_expression(&self) -> Expr {
        match self {
            Target::Variable(name) => Expr::Variable(Rc::clone(name)),
            Target::Element { object, key } => Expr::Index { object: object.clone(), index: Box::new(key.clone()) },
            Target::Typed(_, inner) => inner.as_expression(),
            Target::Several(targets) => Expr::Array(targets.iter().map(Target::as_expression).collect()),
            Target::Opaque => Expr::Opaque,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Pipeline {
    /// A value at the head, if the pipeline does not begin with a command.
    pub(super) head: Option<Prepared>,
    pub(super) commands: Vec<Command>,
}

#[derive(Debug, Clone)]
pub(super) struct Command {
    /// Statements that prepare temporaries of the arguments.
    pub(super) before: Block,
    pub(super) invocation: Invocation,
    pub(super) name: Expr,
    pub(super) elements: Vec<Element>,
    pub(super) span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invocation {
    Plain,
    /// `& x`
    Call,
    /// `. x`
    Source,
}

/// A part of a command after its name.
#[derive(Debug, Clone)]
pub(super) enum Element {
    /// `-Name` or `-Name:value`.
    Parameter {
        name: Rc<str>,
        value: Option<Expr>,
        span: Span,
    },
    Argument(Expr),
    /// `@variable`
    Splat(Rc<str>),
}

#[derive(Debug, Clone)]
pub(super) enum Expr {
    Literal(Value),
    /// A string of parts.
    Joined(Vec<Expr>),
    Variable(Rc<str>),
    Temp(u32),
    Member {
        object: Box<Expr>,
        name: Box<Expr>,
    },
    Index {
        object: Box<Expr>,
        index: Box<Expr>,
    },
    Method {
        object: Box<Expr>,
        name: Rc<str>,
        arguments: Vec<Expr>,
    },
    /// `[Type]::Member` or `[Type]::Method( … )`.
    Static {
        of: Rc<str>,
        name: Rc<str>,
        arguments: Option<Vec<Expr>>,
    },
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Cast(Rc<str>, Box<Expr>),
    Array(Vec<Expr>),
    Hash(Vec<(Expr, Expr)>),
    Opaque,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnaryOp {
    Not,
    Minus,
    Plus,
    Join,
    Split,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BinaryOp {
    And,
    Or,
    Xor,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Range,
    Format,
    Join,
    Split,
    Replace,
    Is(bool),
    As,
    /// A comparison; `negated` for `-ne`, `-notlike` and their kin.
    Compare {
        test: Test,
        negated: bool,
        cased: bool,
    },
    Opaque,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Equal,
    Greater,
    Less,
    Like,
    Match,
    Contains,
    In,
}

/// A script block: what `{ … }` in an expression stands for.
#[derive(Debug, Clone)]
pub(super) struct ScriptBlock {
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Block,
    /// `begin`, `process` and `end`, if it has a `process`: that runs once for each object of the pipeline.
    pub(super) stages: Option<[Block; 3]>,
    /// It takes the parameters of every cmdlet as well: `[CmdletBinding()]`, or `[Parameter()]` somewhere.
    pub(super) advanced: bool,
}

/// A parameter of a script, a function or a script block.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: Rc<str>,
    pub(super) mandatory: bool,
    pub(super) switch: bool,
    pub(super) array: bool,
    /// The type that it is declared with.
    pub(super) of: Option<Rc<str>>,
    /// `[Parameter(Position = 0)]`.
    pub(super) position: Option<u32>,
    /// What the pipeline brings is bound to it, or a property of that with its name.
    pub(super) piped: Option<Piped>,
    /// The values that `[ValidateSet()]` allows; empty if it allows all.
    pub(super) allowed: Vec<Rc<str>>,
    pub(super) aliases: Vec<Rc<str>>,
    pub(super) default: Option<Prepared>,
    pub(super) span: Span,
}

/// How a parameter takes what the pipeline brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piped {
    Whole,
    Property,
}

/// A function of a script.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) name: Rc<str>,
    /// It is defined for the whole script: `function script:name`.
    pub(super) everywhere: bool,
    pub(super) block: ScriptBlock,
    pub(super) span: Span,
}
