//! What the terminal can show: width, colour, and how errors are drawn.

use miette::{GraphicalReportHandler, GraphicalTheme, MietteHandlerOpts};
use poolproof::report::text::Look;
use std::io::{IsTerminal, Write};

/// How text on stdout is to look: no wider than the terminal, coloured only where that is wanted.
pub fn look(verbose: bool) -> Look {
    let stdout = std::io::stdout();
    let columns = if stdout.is_terminal() { terminal_size::terminal_size() } else { None };
    let width = columns.map_or(Look::PLAIN_WIDTH, |(width, _)| usize::from(width.0).min(Look::PLAIN_WIDTH));
    let colour = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
    Look { width, colour, verbose }
}

/// How text in a file is to look.
pub fn plain(verbose: bool) -> Look {
    Look { verbose, ..Look::default() }
}

/// Errors are drawn for a terminal where there is one, and in plain ASCII everywhere else.
pub fn set_error_style() {
    let fancy = std::io::stderr().is_terminal();
    // Fails only if a hook was set before, and then that one counts.
    let _ = miette::set_hook(Box::new(move |_| {
        if fancy {
            Box::new(MietteHandlerOpts::new().build())
        } else {
            Box::new(GraphicalReportHandler::new_themed(GraphicalTheme::none()).with_width(Look::PLAIN_WIDTH))
        }
    }));
}

/// Shows an error on stderr.
pub fn show_error(report: &miette::Report) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{report:?}");
}

/// Shows a line on stderr.
pub fn say(line: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{line}");
}
