//! The command line. Every option of `serve` is also a key of the config file and a variable
//! `TRUNKLINE_...`; the command line wins over the variable, the variable over the file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Open, self-hosted omni-channel work router.
#[derive(Debug, Parser)]
#[command(name = "trunkline", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// A running contact center to try: customers bring work, agents take it, some seats are yours
    Demo(DemoOptions),
    /// The server
    Serve(ServeOptions),
    /// Tenants of a data folder; stop the server before `create`
    #[command(subcommand)]
    Org(OrgCommand),
    /// Connected apps: programs that may log in; stop the server before, or use /services/omni/v1/setup/apps
    #[command(subcommand)]
    App(AppCommand),
    /// All invariants of a stored org; exit code 1 and a list if one is broken
    Check(FolderOptions),
    /// Why a record waits or where it went; why an agent gets no work
    Explain(ExplainOptions),
    /// Measures complete cycles through the real HTTP interface
    Bench(BenchOptions),
}

#[derive(Clone, Debug, Args)]
pub struct DemoOptions {
    /// Address of the console and the API
    #[arg(long, env = "TRUNKLINE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Keep the demo's data here; a temporary folder otherwise
    #[arg(long, env = "TRUNKLINE_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Customers per minute
    #[arg(long, env = "TRUNKLINE_DEMO_RATE", default_value_t = 20.0)]
    pub rate: f64,
    /// Simulated agents at work; three seats stay free beside them
    #[arg(long, env = "TRUNKLINE_DEMO_AGENTS", default_value_t = 9)]
    pub agents: usize,
    /// Threads that serve HTTP; 1 on machines with one or two cores, else half of the cores
    #[arg(long, env = "TRUNKLINE_HTTP_THREADS")]
    pub http_threads: Option<usize>,
}

/// Options of `serve`, each optional so that the config file can give them.
#[derive(Clone, Debug, Default, Args, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ServeOptions {
    /// Address to listen on; may be given several times [default: 127.0.0.1:8080]
    #[arg(long, env = "TRUNKLINE_LISTEN", value_delimiter = ',')]
    pub listen: Vec<SocketAddr>,
    /// Folder of the embedded store [default: data]
    #[arg(long, env = "TRUNKLINE_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Config file (TOML); its keys are the names of these options
    #[arg(long, env = "TRUNKLINE_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Where clients find this server, if not under the Host they ask for: https://work.example.com
    #[arg(long, env = "TRUNKLINE_BASE_URL")]
    pub base_url: Option<String>,
    /// Address of the TLS listener [default: 127.0.0.1:8443 if a certificate is given]
    #[arg(long, env = "TRUNKLINE_TLS_LISTEN")]
    pub tls_listen: Option<SocketAddr>,
    /// Certificate chain (PEM)
    #[arg(long, env = "TRUNKLINE_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, env = "TRUNKLINE_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// TLS with a certificate made at start, for localhost and the listen address
    #[arg(long, env = "TRUNKLINE_TLS_SELF_SIGNED", conflicts_with = "tls_cert")]
    pub tls_self_signed: bool,
    /// Threads that serve HTTP; 1 on machines with one or two cores, else half of the cores
    #[arg(long, env = "TRUNKLINE_HTTP_THREADS")]
    pub http_threads: Option<usize>,
    /// Minutes until an unused session ends [default: 120]
    #[arg(long, env = "TRUNKLINE_SESSION_MINUTES")]
    pub session_minutes: Option<u64>,
    /// Seconds that a console may be away before its agent is logged out [default: 60]
    #[arg(long, env = "TRUNKLINE_PRESENCE_GRACE_SECONDS")]
    pub presence_grace_seconds: Option<u64>,
    /// Behind a proxy that sets X-Forwarded-For and X-Forwarded-Proto: believe them
    #[arg(long, env = "TRUNKLINE_TRUST_PROXY")]
    pub trust_proxy: bool,
}

#[derive(Debug, Subcommand)]
pub enum OrgCommand {
    /// A new org; its administrator's password comes from TRUNKLINE_ADMIN_PASSWORD or standard input
    Create {
        /// Name of the org
        name: String,
        /// User name of its administrator
        #[arg(long)]
        admin: String,
        #[command(flatten)]
        folder: FolderOptions,
    },
    /// The orgs of a data folder
    List(FolderOptions),
    /// One org
    Show {
        /// Its name or id
        org: String,
        #[command(flatten)]
        folder: FolderOptions,
    },
}

#[derive(Debug, Subcommand)]
pub enum AppCommand {
    /// A new app; its client id and secret are printed this once
    Create {
        /// Name of the app
        name: String,
        /// Ways to log in; may be given several times [default: password, client_credentials,
        /// refresh_token, and the JWT bearer grant if there is a certificate]
        #[arg(long, value_delimiter = ',')]
        grants: Vec<String>,
        /// Certificate or public key (PEM) that signed assertions are checked with
        #[arg(long)]
        certificate: Option<PathBuf>,
        /// User name of whom client_credentials logs in [default: the first administrator]
        #[arg(long)]
        run_as: Option<String>,
        /// Redirect address of the web flow; may be given several times
        #[arg(long)]
        callback: Vec<String>,
        /// It has no secret
        #[arg(long)]
        public: bool,
        #[command(flatten)]
        place: PlaceOptions,
    },
    /// The apps of an org
    List(PlaceOptions),
    /// A new secret; the old one is void at once
    Rotate {
        /// Its client id
        client_id: String,
        #[command(flatten)]
        place: PlaceOptions,
    },
}

/// An org in a data folder.
#[derive(Clone, Debug, Args)]
pub struct PlaceOptions {
    /// Name or id of the org, if the folder has several
    #[arg(long)]
    pub org: Option<String>,
    #[command(flatten)]
    pub folder: FolderOptions,
}

#[derive(Clone, Debug, Args)]
pub struct FolderOptions {
    /// Folder of the embedded store
    #[arg(long, env = "TRUNKLINE_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub struct ExplainOptions {
    /// What to explain
    #[arg(value_enum)]
    pub what: ExplainWhat,
    /// Id of the routed record (a case, a call), or of the user
    pub id: String,
    /// A running server: http://127.0.0.1:8080
    #[arg(long, env = "TRUNKLINE_URL", requires = "token")]
    pub url: Option<String>,
    /// A session of a supervisor, or of the agent
    #[arg(long, env = "TRUNKLINE_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Instead of a server, the folder of an embedded store that none runs on
    #[arg(long, env = "TRUNKLINE_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Name or id of the org in the folder, if it has several
    #[arg(long)]
    pub org: Option<String>,
    /// The whole explanation as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ExplainWhat {
    /// A routed record
    Work,
    /// A user
    Agent,
}

#[derive(Clone, Debug, Args)]
pub struct BenchOptions {
    /// What to measure
    #[arg(value_enum, default_value = "cycle")]
    pub mode: BenchMode,
    /// Agents online; several runs if several numbers
    #[arg(long, value_delimiter = ',', default_values_t = [10, 1_000, 10_000])]
    pub agents: Vec<usize>,
    /// Queues; every agent works in three of them
    #[arg(long, default_value_t = 50)]
    pub queues: usize,
    /// Connections, each with one item at a time
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Length of each measurement, after a second of warming up
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// Start this many items per second instead of as many as possible
    #[arg(long)]
    pub rate: Option<f64>,
    /// Leave out the second measurement, at half of the rate that the first one reached
    #[arg(long)]
    pub peak_only: bool,
    /// Threads of the server that serve HTTP
    #[arg(long)]
    pub http_threads: Option<usize>,
    /// Where the store of the run lies for its time; a real disk, or fsync costs nothing
    #[arg(long, default_value = "/var/tmp")]
    pub scratch: PathBuf,
    /// Rows of AgentWork under the large query of `api`
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u64,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum BenchMode {
    /// Create, offer, accept, close: each acknowledged after fsync
    Cycle,
    /// Single calls of the REST API, beside a bare HTTP echo and bare SQLite on this machine
    Api,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        let cli = Cli::try_parse_from(["trunkline", "bench", "--agents", "5,6", "--json"]).unwrap();
        let Command::Bench(options) = cli.command else {
            panic!("not a bench")
        };
        assert_eq!(
            (options.agents, options.mode),
            (vec![5, 6], BenchMode::Cycle)
        );
    }
}
