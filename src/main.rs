//! The command line: arguments and exit codes. What the commands do is in `cli`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use guichet::intake::ReadRules;
use guichet::{cli, reader};

/// An email-driven incident desk.
#[derive(Parser)]
#[command(version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show what is read from mails; nothing is stored
    Parse {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        /// The mails, as files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Read mails for another guichet process
    #[command(name = reader::WORKER_COMMAND, hide = true)]
    ReadWorker,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => ExitCode::from(code),
        // Somebody closed the pipe, as `head` does: nothing is left to say and nobody to say it to.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _unheard = writeln!(io::stderr(), "guichet: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> io::Result<u8> {
    match arguments.command {
        Command::Parse { json, files } => {
            let program = std::env::current_exe()?;
            let mut out = io::BufWriter::new(io::stdout().lock());
            cli::parse::run(
                program,
                ReadRules::default(),
                &files,
                json,
                &mut out,
                &mut io::stderr(),
            )
        }
        Command::ReadWorker => reader::serve(io::stdin().lock(), io::stdout().lock()).map(|()| 0),
    }
}
