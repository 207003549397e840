//! The `layoutopt` command: parse, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser;

#[expect(unreachable_pub, reason = "all of the command is private; `pub` says what the other rooms of it may use")]
mod cli;

use cli::args::{Cli, Command, RunArgs};
use cli::{
    evaluate, exit, export, merge, messages, optimize, recover, reorganize, repair, run, salvage, status, validate,
};

fn main() -> ExitCode {
    let Cli { command, run: options, messages: settings } = Cli::parse();
    let terminal = messages::start(&settings);
    let done = match command {
        None => run::run(&RunArgs { sweep: "dei".into(), options }, &settings, &terminal),
        Some(Command::Run(args)) => run::run(&args, &settings, &terminal),
        Some(Command::Evaluate(args)) => evaluate::evaluate(&args),
        Some(Command::Optimize(args)) => optimize::optimize(&args, &settings, &terminal),
        Some(Command::Export(args)) => export::export(&args),
        Some(Command::Merge(args)) => merge::merge(&args),
        Some(Command::Status(args)) => status::status(&args),
        Some(Command::Repair(args)) => repair::repair(&args, &settings, &terminal),
        Some(Command::Recover(args)) => recover::recover(&args, &settings, &terminal),
        Some(Command::Reorganize(args)) => reorganize::reorganize(&args),
        Some(Command::Validate(args)) => validate::validate(&args, &settings, &terminal),
        Some(Command::Salvage { file }) => salvage::salvage(&file),
    };
    done.unwrap_or_else(|error| exit::failed(&error))
}
