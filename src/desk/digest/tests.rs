//! Figures counted a second, slow way, and the small rules by cases.
