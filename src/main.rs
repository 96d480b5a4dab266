//! The command line: arguments, the log, exit codes. What the commands do is in `cli`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use guichet::cli::digest::Wanted;
use guichet::cli::order::{How, What};
use guichet::cli::outbox::Which;
use guichet::cli::screen::Screen;
use guichet::cli::{self, Failure};
use guichet::config::settings::LogFormat;
use guichet::intake::ReadRules;
use guichet::reader;
use tracing_subscriber::EnvFilter;

/// An email-driven incident desk.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// The configuration file; by default guichet.toml here, else /etc/guichet/guichet.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The daemon: fetch, decide, send, until told to stop
    Run {
        /// Do what is due once, then end: 0 done, 75 a mailbox or server could not be reached
        #[arg(long)]
        once: bool,
    },
    /// The whole story on a scratch folder, without any server
    Demo {
        /// Where the scratch folder is made; by default a new one below the system's temporary folder
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Is the configuration right? Offline; 78 when it is not
    Check {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Take one mail on standard input: 0 once it is on the disk, 75 try again, 65 refused, 78 configuration
    Pipe {
        /// The desk it is for, when there are several
        #[arg(long)]
        desk: Option<String>,
    },
    /// What is read from mails; nothing is stored
    Parse {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        /// The mails, as files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Which priority mails would get, and why; nothing is stored
    Triage {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        /// What the present rules would change on stored tickets
        #[arg(long, conflicts_with = "files")]
        replay: bool,
        /// Only tickets opened from this date or moment on
        #[arg(long, requires = "replay", value_name = "DATE")]
        since: Option<String>,
        /// The mails, as files
        #[arg(required_unless_present = "replay")]
        files: Vec<PathBuf>,
    },
    /// What would be done about mails, with the letters; nothing is stored
    Simulate {
        /// The desk they are for, when there are several
        #[arg(long)]
        desk: Option<String>,
        /// The mails, as files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List tickets that are not closed
    Tickets {
        /// Closed ones too
        #[arg(long)]
        all: bool,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// One ticket
    Ticket {
        #[command(subcommand)]
        command: TicketCommand,
    },
    /// Letters that are not sent
    Outbox {
        #[command(subcommand)]
        command: Option<OutboxCommand>,
        /// Every letter
        #[arg(long)]
        all: bool,
        /// Only those that wait for a person
        #[arg(long)]
        held: bool,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Mails that were set aside
    Quarantine {
        #[command(subcommand)]
        command: QuarantineCommand,
    },
    /// Short how-tos for small faults, offered in the acknowledgement
    Recipes {
        #[command(subcommand)]
        command: cli::recipes::Wanted,
    },
    /// Everything that is stored about a person, into a folder
    Export(cli::export::Wanted),
    /// Forget a person: their words, mails and letters; tickets and figures stay
    Erase(cli::erase::Wanted),
    /// The story of one mail
    Why {
        /// Its Message-ID
        message_id: String,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// What a manager reads about a week, a month or a day
    Digest {
        /// The week, 2026-W47; by default the one that ended last
        #[arg(long, value_name = "WEEK", conflicts_with_all = ["month", "day"])]
        week: Option<String>,
        /// A month instead, 2026-11
        #[arg(long, value_name = "MONTH", conflicts_with = "day")]
        month: Option<String>,
        /// A day instead, 2026-11-22
        #[arg(long, value_name = "DAY")]
        day: Option<String>,
        /// all, organisation:NAME, team:NAME or desk:NAME
        #[arg(long)]
        scope: Option<String>,
        /// The language, fr
        #[arg(long)]
        locale: Option<String>,
        /// Put the letter, its page, text, table and charts into this folder
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
        /// Send it to everybody who reads this scope
        #[arg(long)]
        send: bool,
        /// Somebody who unsubscribed from this scope wants its digests again; nothing else is done
        #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["week", "month", "day", "output", "send", "json"])]
        resume: Option<String>,
        /// The figures as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// How things stand
    Status {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// The texts of letters: are they right, what do they look like
    Templates {
        #[command(subcommand)]
        command: TemplatesCommand,
    },
    /// The configuration file: an example, or what is in force
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Fill an empty database with a year of made-up tickets
    #[command(hide = true)]
    Rehearse {
        /// What chance is drawn from
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How many tickets
        #[arg(long, default_value_t = 3_000)]
        tickets: u32,
    },
    /// Sign letters with another key from now on
    RotateKey,
    /// Read mails for another guichet process
    #[command(name = reader::WORKER_COMMAND, hide = true)]
    ReadWorker,
}

#[derive(Subcommand)]
enum TicketCommand {
    /// Everything about one ticket
    Show {
        /// Its number, INC-42
        id: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Keep words for technicians
    Note {
        /// Its number, INC-42
        id: String,
        /// The words
        words: String,
        #[command(flatten)]
        how: How,
    },
    /// Give it to a technician
    Assign {
        /// Its number, INC-42
        id: String,
        /// A name, part of a name or an address
        who: String,
        #[command(flatten)]
        how: How,
    },
    /// Move it: open, waiting-requester, waiting-provider, snoozed, resolved, closed
    Status {
        /// Its number, INC-42
        id: String,
        /// The status
        status: String,
        /// When it goes on by itself: 2d, "monday 9:00", 2026-12-01T08:00:00Z
        #[arg(long, value_name = "MOMENT")]
        until: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Make it P1, P2, P3 or P4
    Priority {
        /// Its number, INC-42
        id: String,
        /// The priority
        priority: String,
        /// Why
        because: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Let it go on in another ticket
    Merge {
        /// Its number, INC-42
        id: String,
        /// The other ticket's number
        into: String,
        #[command(flatten)]
        how: How,
    },
    /// Carry out commands as technicians write them: "/take" "/p2 because ..." ; all or none
    Order {
        /// Its number, INC-42
        id: String,
        /// The commands, one each
        #[arg(required = true)]
        commands: Vec<String>,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Subcommand)]
enum OutboxCommand {
    /// Print a letter as it is carried
    Show {
        /// Its number
        id: i64,
    },
    /// Let a held, failed or uncertain letter go out
    Release {
        /// Its number
        id: i64,
    },
    /// Never send a held, failed or uncertain letter
    Drop {
        /// Its number
        id: i64,
    },
}

#[derive(Subcommand)]
enum QuarantineCommand {
    /// What is set aside, with the reasons
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Print the unchanged bytes of a mail
    Show {
        /// Its number
        id: i64,
    },
    /// Try a mail anew
    Retry {
        /// Its number
        id: i64,
    },
    /// Take a mail off the list; its bytes are kept
    Drop {
        /// Its number
        id: i64,
    },
}

#[derive(Subcommand)]
enum TemplatesCommand {
    /// Read, walk and render every template; 78 when one is wrong
    Check {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write sample letters as .eml, .txt and .html
    Preview {
        /// The notice, such as acknowledgement; `all` for every one
        notice: String,
        /// The language; every one unless said
        #[arg(long)]
        locale: Option<String>,
        /// Where the files are written
        #[arg(long, value_name = "DIR")]
        output: PathBuf,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// The commented example
    Sample,
    /// What is in force, defaults included, secrets masked
    Show,
}

fn main() -> ExitCode {
    // Crash points are named in the environment variable FAILPOINTS; only builds for the kill tests have them.
    #[cfg(feature = "failpoints")]
    let _crash_points = fail::FailScenario::setup();
    let arguments = Arguments::try_parse().unwrap_or_else(|error| {
        let _unheard = error.print();
        // Help and version are no mistakes; the rest is EX_USAGE.
        std::process::exit(if error.use_stderr() {
            i32::from(cli::USAGE)
        } else {
            0
        })
    });
    let is_pipe = matches!(arguments.command, Command::Pipe { .. });
    start_log(&arguments);
    match run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            let _unheard = writeln!(Screen::new(io::stderr()), "guichet: {}", failure.message);
            // A mail server takes codes it does not know for a bounce.
            let code = match failure.code {
                cli::SOFTWARE | cli::NOT_FOUND | cli::USAGE if is_pipe => cli::TEMPORARY,
                code => code,
            };
            ExitCode::from(code)
        }
    }
}

fn run(arguments: Arguments) -> Result<u8, Failure> {
    let config = arguments.config.as_deref();
    let stdout = io::BufWriter::new(io::stdout().lock());
    // A reading process answers in bytes, and who sends a mail to a file wants it unchanged.
    let is_shown = io::IsTerminal::is_terminal(&io::stdout());
    let mut out = match &arguments.command {
        Command::ReadWorker => Screen::for_bytes(stdout),
        Command::Outbox {
            command: Some(OutboxCommand::Show { .. }),
            ..
        }
        | Command::Quarantine {
            command: QuarantineCommand::Show { .. },
        } if !is_shown => Screen::for_bytes(stdout),
        _ => Screen::new(stdout),
    };
    let code = match arguments.command {
        Command::Run { once } => cli::run::run(config, once),
        Command::Demo { output } => cli::demo::run(output.as_deref(), &mut out),
        Command::Check { json } => cli::check::run(config, json, &mut out),
        Command::Pipe { desk } => cli::pipe::run(config, desk.as_deref(), io::stdin().lock()),
        Command::Parse { json, files } => {
            let rules = read_rules(config)?;
            Ok(cli::parse::run(
                std::env::current_exe()?,
                rules,
                &files,
                json,
                &mut out,
                &mut Screen::new(io::stderr()),
            )?)
        }
        Command::Triage {
            json,
            replay: true,
            since,
            ..
        } => cli::triage::replay::run(config, since.as_deref(), json, &mut out),
        Command::Triage { json, files, .. } => cli::triage::run(
            std::env::current_exe()?,
            config,
            &files,
            json,
            &mut out,
            &mut Screen::new(io::stderr()),
        ),
        Command::Simulate { desk, files } => cli::simulate::run(
            config,
            desk.as_deref(),
            &files,
            &mut out,
            &mut Screen::new(io::stderr()),
        ),
        Command::Tickets { all, json } => cli::tickets::list(config, all, json, &mut out),
        Command::Ticket { command } => ticket(config, command, &mut out),
        Command::Outbox {
            command: None,
            all,
            held,
            json,
        } => {
            let which = if all {
                Which::All
            } else if held {
                Which::Held
            } else {
                Which::Unsent
            };
            cli::outbox::list(config, which, json, &mut out)
        }
        Command::Outbox {
            command: Some(OutboxCommand::Show { id }),
            ..
        } => cli::outbox::show(config, id, &mut out),
        Command::Outbox {
            command: Some(OutboxCommand::Release { id }),
            ..
        } => cli::outbox::release(config, id, &mut out),
        Command::Outbox {
            command: Some(OutboxCommand::Drop { id }),
            ..
        } => cli::outbox::drop(config, id, &mut out),
        Command::Quarantine { command } => match command {
            QuarantineCommand::List { json } => cli::quarantine::list(config, json, &mut out),
            QuarantineCommand::Show { id } => cli::quarantine::show(config, id, &mut out),
            QuarantineCommand::Retry { id } => cli::quarantine::retry(config, id, &mut out),
            QuarantineCommand::Drop { id } => cli::quarantine::drop(config, id, &mut out),
        },
        Command::Recipes { command } => cli::recipes::run(config, command, &mut out),
        Command::Export(wanted) => cli::export::run(config, &wanted, &mut out),
        Command::Erase(wanted) => cli::erase::run(config, &wanted, &mut out),
        Command::Why { message_id, json } => cli::why::run(config, &message_id, json, &mut out),
        Command::Digest {
            week,
            month,
            day,
            scope,
            locale,
            output,
            send,
            resume,
            json,
        } => {
            let wanted = Wanted {
                week,
                month,
                day,
                scope,
                locale,
                output,
                send,
                resume,
                json,
            };
            cli::digest::run(config, &wanted, &mut out)
        }
        Command::Status { json } => cli::status::run(config, json, &mut out),
        Command::Templates {
            command: TemplatesCommand::Check { json },
        } => cli::templates::check(config, json, &mut out),
        Command::Templates {
            command:
                TemplatesCommand::Preview {
                    notice,
                    locale,
                    output,
                },
        } => cli::templates::preview(config, &notice, locale.as_deref(), &output, &mut out),
        Command::Config {
            command: ConfigCommand::Sample,
        } => cli::config::print_sample(&mut out),
        Command::Config {
            command: ConfigCommand::Show,
        } => cli::config::print_effective(config, &mut out),
        Command::Rehearse { seed, tickets } => cli::rehearse::run(config, seed, tickets, &mut out),
        Command::RotateKey => cli::rotate_key::run(config, &mut out),
        Command::ReadWorker => {
            return Ok(reader::serve(io::stdin().lock(), out).map(|()| cli::OK)?);
        }
    };
    match (code, out.flush()) {
        // Somebody closed the pipe, as `head` does: nothing is left to say and nobody to say it to.
        (_, Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(cli::OK),
        (Ok(_), Err(error)) => Err(error.into()),
        (code, _) => code,
    }
}

fn ticket(
    config: Option<&Path>,
    command: TicketCommand,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let (id, what, how) = match command {
        TicketCommand::Show { id, json } => return cli::tickets::show(config, &id, json, out),
        TicketCommand::Note { id, words, how } => (id, What::Note(words), how),
        TicketCommand::Assign { id, who, how } => (id, What::Assign(who), how),
        TicketCommand::Status {
            id,
            status,
            until,
            how,
        } => (id, What::Status(status, until), how),
        TicketCommand::Priority {
            id,
            priority,
            because,
            how,
        } => (id, What::Priority(priority, because), how),
        TicketCommand::Merge { id, into, how } => (id, What::Merge(into), how),
        TicketCommand::Order { id, commands, how } => (id, What::Lines(commands), how),
    };
    cli::order::run(config, &id, &what, &how, out)
}

/// How `parse` reads: with the addresses and trusted servers of the configuration, if one is given.
fn read_rules(config: Option<&Path>) -> Result<ReadRules, Failure> {
    let Some(config) = config else {
        return Ok(ReadRules::default());
    };
    let (settings, _) = cli::settings(Some(config))?;
    let mut all = ReadRules::default();
    for rules in guichet::gateway::read_rules(&settings).into_values() {
        all.our_addresses = rules.our_addresses;
        all.trusted_authserv_ids.extend(rules.trusted_authserv_ids);
    }
    Ok(all)
}

/// The log goes to standard error. `RUST_LOG` chooses what is shown; async_imap's own log is capped, because below
/// that it prints passwords (`dependencies.md` §3.1), and handlebars', because below that it prints what people wrote.
fn start_log(arguments: &Arguments) {
    let usual = if matches!(arguments.command, Command::Run { .. }) {
        "info"
    } else {
        "warn"
    };
    let wanted = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let caps = [
        "async_imap=info",
        "imap_proto=info",
        "handlebars=info",
        "refinery_core=warn",
    ];
    let wanted = caps.into_iter().fold(wanted, |filter, cap| {
        filter.add_directive(cap.parse().expect("a directive written here"))
    });
    let json = match &arguments.command {
        Command::Run { .. } => {
            cli::settings(arguments.config.as_deref()).is_ok_and(|(s, _)| s.log == LogFormat::Json)
        }
        _ => false,
    };
    // Without colours: what a mail or a server says may hold the same bytes, and none of them may reach a terminal.
    let log = tracing_subscriber::fmt()
        .with_env_filter(wanted)
        .with_writer(|| Screen::for_events(io::stderr()))
        .with_target(false)
        .with_ansi(false);
    if json { log.json().init() } else { log.init() }
}
