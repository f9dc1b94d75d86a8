//! One table of settings. Each can be given as a flag, as a variable of the environment, or in a file; what is given closer to the command counts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use platform::db::Location;

use crate::command::Failure;

/// A setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The flag without its dashes: `log-format`. The variable is `LEEWAY_LOG_FORMAT`, the key in the file `log_format`.
    pub name: &'static str,
    /// What holds if it is not given; empty for nothing.
    pub default: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Whether only `serve` takes it.
    pub is_for_serving: bool,
}

impl Setting {
    /// The variable of the environment.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("LEEWAY_{}", self.key().to_uppercase())
    }

    /// The key in the file.
    #[must_use]
    pub fn key(&self) -> String {
        self.name.replace('-', "_")
    }
}

const fn serving(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { name, default, about, is_for_serving: true }
}

const fn always(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { name, default, about, is_for_serving: false }
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    always("config", "leeway.toml", "The file with settings; only a file that is named must be there"),
    always("database", "leeway.db", "An SQLite file, made if it is not there, or `postgres://user:password@host/name`"),
    serving("listen", "127.0.0.1:7878", "Address and port to answer on"),
    serving("origin", "", "Where people reach it, such as `https://leeway.example`, for links in mails; without it, `http://` and the address of `listen`"),
    serving("behind-proxy", "false", "Whether a proxy stands before it whose `X-Forwarded-For` can be believed"),
    serving("log", "info", "What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `info,platform=debug`"),
    serving("log-format", "text", "`text` for people, `json` for programs"),
    serving(
        "smtp",
        "",
        "The mail server: `smtps://user:password@host:465`, `smtp://user:password@host:587?tls=required`, or `smtp://host:25`; without it mails wait",
    ),
    serving("mail-from", "", "Whom mails come from: `Leeway <leeway@shop.example>`; needed with `smtp`"),
    serving("webhooks-private", "false", "Whether webhooks and chats may lead to private addresses, and without encryption"),
    serving("embed-origins", "", "Whose pages may show the card of a case in a frame, with blanks between them: `https://help.example`; without it, nobody's"),
    serving("development", "false", "Whether pages for developers are shown: `/_components`"),
];

/// What was given, and where: for all settings, or for those that every command on a database takes.
#[derive(Debug)]
pub(crate) struct Given<const SERVING: bool> {
    config: Option<PathBuf>,
    flags: BTreeMap<&'static str, String>,
}

fn taken(serving: bool) -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(move |s| serving || !s.is_for_serving)
}

impl<const SERVING: bool> Args for Given<SERVING> {
    fn augment_args(command: Command) -> Command {
        taken(SERVING).fold(command, |command, s| {
            let default = if s.default.is_empty() { String::new() } else { format!(" [default: {}]", s.default) };
            let arg = Arg::new(s.name).long(s.name).value_name("VALUE").help(format!("{}{default} [env: {}]", s.about, s.variable()));
            command.arg(if s.default == "false" { arg.num_args(0..=1).require_equals(true).default_missing_value("true") } else { arg })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const SERVING: bool> FromArgMatches for Given<SERVING> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let flags: BTreeMap<_, _> = taken(SERVING).filter_map(|s| Some((s.name, matches.get_one::<String>(s.name)?.clone()))).collect();
        let variable = std::env::var("LEEWAY_CONFIG").ok().filter(|path| !path.is_empty());
        let config = flags.get("config").cloned().or(variable).map(PathBuf::from);
        Ok(Self { config, flags })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Settings as they hold.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the data are.
    pub database: Location,
    /// Where to answer.
    pub listen: SocketAddr,
    /// Where people reach it; nothing for where it answers.
    pub origin: Option<String>,
    /// Whether `X-Forwarded-For` can be believed.
    pub is_behind_proxy: bool,
    /// What is logged.
    pub log: String,
    /// Whether programs read the log.
    pub is_log_json: bool,
    /// The mail server and whom mails come from.
    pub mail: Option<(String, String)>,
    /// Whether webhooks may lead to private addresses.
    pub are_webhooks_private: bool,
    /// Whose pages may show the card of a case in a frame.
    pub embed_origins: Vec<String>,
    /// Whether pages for developers are shown.
    pub is_development: bool,
}

impl<const SERVING: bool> Given<SERVING> {
    /// The settings as they hold.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let file = file(self.config.as_deref())?;
        let value = |name: &str| self.value(name, &file);
        let truth = |name: &str| match value(name).as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(Failure::new(format!("`{name}` is `true` or `false`, not `{other}`"))),
        };
        let some = |name: &str| Some(value(name)).filter(|text| !text.is_empty());
        let listen = value("listen");
        let settings = Settings {
            database: value("database").parse().unwrap_or_else(|e: std::convert::Infallible| match e {}),
            listen: listen.parse().map_err(|_| Failure::new(format!("`listen` is an address and a port such as `127.0.0.1:7878`, not `{listen}`")))?,
            origin: some("origin").map(|origin| origin.trim_end_matches('/').to_owned()),
            is_behind_proxy: truth("behind-proxy")?,
            log: value("log"),
            is_log_json: match value("log-format").as_str() {
                "json" => true,
                "text" => false,
                other => return Err(Failure::new(format!("`log-format` is `text` or `json`, not `{other}`"))),
            },
            mail: match (some("smtp"), some("mail-from")) {
                (Some(server), Some(from)) => Some((server, from)),
                (Some(_), None) => return Err(Failure::new("`smtp` needs `mail-from`: whom mails come from, such as `Leeway <leeway@shop.example>`")),
                (None, _) => None,
            },
            are_webhooks_private: truth("webhooks-private")?,
            embed_origins: origins(&value("embed-origins"))?,
            is_development: truth("development")?,
        };
        match &settings.origin {
            Some(origin) if !origin.starts_with("https://") && !origin.starts_with("http://") => {
                Err(Failure::new(format!("`origin` begins with `https://` or `http://`, not `{origin}`")))
            }
            _ => Ok(settings),
        }
    }

    /// Whether a setting was given as a flag.
    pub(crate) fn is_flag(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }

    fn value(&self, name: &str, file: &BTreeMap<String, String>) -> String {
        let Some(setting) = taken(true).find(|s| s.name == name) else { return String::new() };
        let flag = self.flags.get(name).cloned();
        let variable = || std::env::var(setting.variable()).ok().filter(|text| !text.is_empty());
        flag.or_else(variable).or_else(|| file.get(&setting.key()).cloned()).unwrap_or_else(|| setting.default.to_owned())
    }
}

/// Scheme and host, with the port if it has one, of each.
fn origins(text: &str) -> Result<Vec<String>, Failure> {
    let origin = |origin: &str| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let fits = host.is_some_and(|host| !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c)));
        let told = || Failure::new(format!("`embed-origins` has origins such as `https://help.example`, with blanks between them; `{origin}` is none"));
        if fits { Ok(origin.to_owned()) } else { Err(told()) }
    };
    text.split_whitespace().map(origin).collect()
}

/// What a file says; nothing if none was named and the usual one is not there.
fn file(named: Option<&Path>) -> Result<BTreeMap<String, String>, Failure> {
    let path = named.unwrap_or(Path::new("leeway.toml"));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if named.is_none() && e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(Failure::new(format!("the settings in `{}` cannot be read: {e}", path.display()))),
    };
    read(&text).map_err(|why| Failure::new(format!("the settings in `{}`: {why}", path.display())))
}

fn read(text: &str) -> Result<BTreeMap<String, String>, String> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.message().to_owned())?;
    let one = |(key, value): (String, toml::Value)| {
        if key == "config" || !SETTINGS.iter().any(|s| s.key() == key) {
            let known: Vec<String> = SETTINGS.iter().skip(1).map(|s| format!("`{}`", s.key())).collect();
            return Err(format!("`{key}` is not a setting; these are: {}", known.join(", ")));
        }
        match value {
            toml::Value::String(text) => Ok((key, text)),
            toml::Value::Boolean(truth) => Ok((key, truth.to_string())),
            _ => Err(format!("`{key}` is a text, or `true` or `false`")),
        }
    };
    table.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(flags: &[(&'static str, &str)]) -> Given<true> {
        Given { config: None, flags: flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect() }
    }

    #[test]
    fn what_is_given_closer_to_the_command_counts() {
        let file = read("listen = '127.0.0.1:1'\nlog = 'warn'\nbehind_proxy = true\n").unwrap();
        let given = given(&[("listen", "127.0.0.1:2")]);
        assert_eq!(given.value("listen", &file), "127.0.0.1:2");
        assert_eq!(given.value("log", &file), "warn");
        assert_eq!(given.value("behind-proxy", &file), "true");
        assert_eq!(given.value("log-format", &file), "text");
    }

    #[test]
    fn what_cannot_be_is_told() {
        let cases: [(&[(&str, &str)], &str); 8] = [
            (&[("embed-origins", "help.example")], "`help.example` is none"),
            (&[("embed-origins", "https://a.example https://b.example/desk")], "`https://b.example/desk` is none"),
            (&[("embed-origins", "https://*.example;")], "is none"),
            (&[("listen", "7878")], "`listen` is an address and a port"),
            (&[("smtp", "smtp://mail.example")], "`smtp` needs `mail-from`"),
            (&[("development", "yes")], "`development` is `true` or `false`, not `yes`"),
            (&[("log-format", "xml")], "`log-format` is `text` or `json`"),
            (&[("origin", "leeway.example")], "`origin` begins with `https://`"),
        ];
        for (flags, says) in cases {
            let Err(Failure(why)) = given(flags).settings() else { panic!("{flags:?}") };
            assert!(why.contains(says), "{why}");
        }
        assert!(read("port = 3").unwrap_err().starts_with("`port` is not a setting; these are: `database`"));
        assert_eq!(read("listen = 3").unwrap_err(), "`listen` is a text, or `true` or `false`");
    }
}
