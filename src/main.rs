//! The `layoutopt` command.

fn main() {}
