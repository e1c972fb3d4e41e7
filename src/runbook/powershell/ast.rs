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
    /// A definition; it takes effect before the script runs.
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
        variable: Rc<str>,
        key: Expr,
    },
    /// `[string[]]$x = …`
    Typed(Rc<str>, Box<Target>),
    /// `$a, $b = …`.
    Several(Vec<Target>),
    /// Something of .NET, or deeper inside an object: nothing that can be followed.
    Opaque,
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
}

/// A parameter of a script, a function or a script block.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: Rc<str>,
    pub(super) mandatory: bool,
    pub(super) switch: bool,
    pub(super) array: bool,
    pub(super) aliases: Vec<Rc<str>>,
    pub(super) default: Option<Prepared>,
    pub(super) span: Span,
}

/// A function of a script.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) name: Rc<str>,
    pub(super) block: ScriptBlock,
    pub(super) span: Span,
}
