//! What is optimised, as plain data.

pub mod layout;

pub use layout::Layout;
