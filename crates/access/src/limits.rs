//! One table of the limits of this crate.

platform::limits! {
    /// Seconds without a request after which a sign-in ends.
    IDLE_SECONDS: i64 = 43_200;
    /// Seconds after which a sign-in ends in any case.
    SIGNED_IN_SECONDS: i64 = 604_800;
    /// Seconds an invitation can be accepted.
    INVITATION_SECONDS: i64 = 604_800;
    /// Seconds a link to set a new password works.
    RESET_SECONDS: i64 = 3_600;
    /// Seconds a link to make the first owner works.
    FIRST_RUN_SECONDS: i64 = 86_400;
    /// Seconds over which failed tries are counted.
    TRIES_SECONDS: i64 = 900;
    /// Failed sign-ins for one e-mail address in that time.
    FAILURES_PER_EMAIL: i64 = 10;
    /// Failed sign-ins from one network address in that time.
    FAILURES_PER_ADDRESS: i64 = 50;
    /// Forgotten passwords from one network address in that time.
    FORGOTTEN_PER_ADDRESS: i64 = 20;
    /// Characters a password has at least.
    PASSWORD_CHARS_MIN: usize = 12;
    /// Passwords that are checked at once; each takes 19 MiB.
    PASSWORDS_AT_ONCE: usize = 4;
    /// Seconds between two notes of when a token or sign-in was last used.
    NOTED_EVERY_SECONDS: i64 = 60;
    /// Teams there can be.
    TEAMS: i64 = 2_000;
    /// Memberships, sign-ins or tokens that are listed on one page.
    LISTED: i64 = 500;
    /// Characters in the address a person is sent to after signing in.
    NEXT_CHARS: usize = 2_000;
    /// Characters in the description of a device.
    DEVICE_CHARS: usize = 60;
}

/// Seconds as microseconds.
pub(crate) const fn micros(seconds: i64) -> i64 {
    seconds * 1_000_000
}
