//! The tables, and the triggers that keep entries from being changed.
//!
//! `seats` and `entries` are the ledger; `records` is derived from them and could be built anew; `citizens` is the index
//! of tags; `work` and `work_steps` are the journal.

/// "NGNL": what tells a ledger from another SQLite file.
pub(super) const APPLICATION_ID: i64 = 0x4E47_4E4C;

/// The version of the tables below.
pub(super) const VERSION: i64 = 1;

/// Everything in the file. Statement by statement, so that the check can hold each against the file.
pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE seats (
        seat TEXT NOT NULL PRIMARY KEY,
        public_key BLOB NOT NULL
    ) STRICT",
    "CREATE TABLE entries (
        sequence INTEGER PRIMARY KEY,
        seat TEXT NOT NULL REFERENCES seats,
        number INTEGER NOT NULL,
        time INTEGER NOT NULL,
        event TEXT NOT NULL,
        record TEXT,
        card_number TEXT,
        chip BLOB,
        citizen_salt BLOB,
        citizen_hash BLOB,
        after BLOB NOT NULL,
        detail TEXT NOT NULL,
        previous BLOB NOT NULL,
        hash BLOB NOT NULL UNIQUE,
        signature BLOB NOT NULL,
        UNIQUE (seat, number)
    ) STRICT",
    "CREATE INDEX entries_record ON entries (record)",
    "CREATE INDEX entries_card ON entries (card_number)",
    "CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
    "CREATE TRIGGER entries_remain BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END",
    "CREATE TRIGGER entries_follow BEFORE INSERT ON entries
        WHEN NEW.number IS NOT (SELECT 1 + coalesce(max(number), 0) FROM entries WHERE seat = NEW.seat)
        BEGIN SELECT RAISE(ABORT, 'an entry takes the next number of its seat'); END",
    "CREATE TRIGGER entries_link BEFORE INSERT ON entries
        WHEN NEW.number > 1 AND NEW.previous IS NOT
            (SELECT hash FROM entries WHERE seat = NEW.seat AND number = NEW.number - 1)
        BEGIN SELECT RAISE(ABORT, 'an entry follows the one before it'); END",
    "CREATE TRIGGER seats_stay BEFORE UPDATE ON seats
        BEGIN SELECT RAISE(ABORT, 'seats are never changed'); END",
    "CREATE TRIGGER seats_remain BEFORE DELETE ON seats
        BEGIN SELECT RAISE(ABORT, 'seats are never removed'); END",
    "CREATE TABLE records (
        record TEXT NOT NULL PRIMARY KEY,
        state TEXT NOT NULL,
        resume TEXT,
        card_number TEXT,
        chip BLOB,
        conflict INTEGER NOT NULL
    ) STRICT",
    "CREATE INDEX records_state ON records (state)",
    "CREATE INDEX records_card ON records (card_number)",
    "CREATE INDEX records_chip ON records (chip)",
    "CREATE TABLE citizens (
        record TEXT NOT NULL PRIMARY KEY,
        tag BLOB NOT NULL
    ) STRICT",
    "CREATE INDEX citizens_tag ON citizens (tag)",
    "CREATE TABLE work (
        record TEXT NOT NULL PRIMARY KEY,
        seat TEXT NOT NULL,
        card_number TEXT NOT NULL UNIQUE,
        chip BLOB NOT NULL UNIQUE,
        started INTEGER NOT NULL
    ) STRICT",
    "CREATE TABLE work_steps (
        position INTEGER PRIMARY KEY,
        record TEXT NOT NULL REFERENCES work ON DELETE CASCADE,
        step TEXT NOT NULL,
        data BLOB NOT NULL,
        time INTEGER NOT NULL,
        UNIQUE (record, step)
    ) STRICT",
];
