//! The command `poolproof`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
