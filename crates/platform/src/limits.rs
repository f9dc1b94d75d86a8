//! One table of the limits of what comes from outside. Those of the charter language stand in [`charter::limits`].

/// Makes a table of limits: a constant for each, and `ALL` with name, value and meaning. A feature has one of its own for what only it limits.
#[macro_export]
macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $value:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: $type = $value;)+

        /// Name, value and meaning of each limit.
        pub const ALL: &[(&str, u64, &str)] = &[$((stringify!($name), $value as u64, concat!($($doc),+))),+];
    };
}

crate::limits! {
    /// Bytes in the body of a request.
    BODY_BYTES: usize = 2_097_152;
    /// Requests that are worked on at once; one more is told to come back.
    REQUESTS_AT_ONCE: usize = 1_024;
    /// Seconds a request may take.
    REQUEST_SECONDS: u64 = 30;
    /// Entries on one page of a list.
    PAGE_ENTRIES: i64 = 50;
    /// Characters in a name or title.
    NAME_CHARS: usize = 200;
    /// Characters in a text people write.
    TEXT_CHARS: usize = 10_000;
    /// Characters in an e-mail address.
    EMAIL_CHARS: usize = 254;
    /// Characters in a password.
    PASSWORD_CHARS: usize = 1_000;
    /// Characters in the address of a webhook, or of a chat.
    URL_CHARS: usize = 2_000;
    /// Webhooks there can be.
    WEBHOOKS: i64 = 20;
    /// Seconds for which messages are signed with the old secret of a webhook too, after a new one was made.
    WEBHOOK_OVERLAP_SECONDS: i64 = 86_400;
    /// Days after which what a webhook was sent is taken out of its list.
    WEBHOOK_DELIVERY_DAYS: i64 = 30;
    /// Seconds a pass for the card in a frame holds; each use of the card renews it.
    CARD_PASS_SECONDS: i64 = 600;
    /// Seconds after which the card in a frame ends in any case.
    CARD_SECONDS: i64 = 36_000;
    /// Characters in an idempotency key.
    KEY_CHARS: usize = 200;
    /// Things one case can be about, besides its customer.
    CASE_SUBJECTS: usize = 20;
    /// Facts said of a case in one request.
    FACTS_AT_ONCE: usize = 100;
    /// Remedies in one offer.
    OFFER_ITEMS: usize = 20;
    /// Hours in the rota of one group.
    SHIFTS: usize = 100;
    /// Absences of one person, now and to come.
    ABSENCES: usize = 20;
    /// Points that are talked over in one debrief.
    TALK_POINTS: usize = 50;
    /// Notes on one point of a debrief, and on one talk.
    DEBRIEF_NOTES: usize = 20;
    /// Topics that one page listens to.
    LIVE_TOPICS: usize = 8;
    /// Characters in a topic.
    TOPIC_CHARS: usize = 100;
    /// Streams of news that one person has open at once, on one server.
    LIVE_STREAMS_OF_ONE: usize = 16;
    /// Streams of news open at once on one server; at most half as many as the files it may open.
    LIVE_STREAMS: usize = 2_000;
    /// Bytes in one line of a file of JSON lines that is imported, with its end.
    LINE_BYTES: usize = 1_048_576;
}
