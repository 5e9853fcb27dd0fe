//! Time: parsing, formatting, conversion and zones.
