//! Settings of the org by the names of OmniChannelSettings and our own (R18, R28, R29, R92, R161), and the
//! limits table of routing.md 7. Stored as hidden rows; what is not stored has its default.

use model::{Code, Note, RecordId, Refusal, Space};
use serde::Serialize;

use crate::access::Caller;
use crate::engine::Engine;
use crate::request::{Reply, no_access};

/// One setting and its value now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingView {
    /// Name.
    pub name: String,
    /// Value; `null` where a number is not limited.
    pub value: SettingValue,
}

/// Value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum SettingValue {
    Flag(bool),
    Number(Option<i64>),
    Word(String),
}

/// One row of the limits table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LimitView {
    /// Name.
    pub name: &'static str,
    /// Smallest value, if there is one.
    pub min: Option<f64>,
    /// Largest value; `null` = not limited.
    pub max: Option<f64>,
    /// In use now, for limits of the org.
    pub current: Option<u64>,
}

/// Whose settings of one record are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Channel,
    Config,
}

/// A setting of one record: what the platform keeps in its metadata only (the pool that work goes to: R4,
/// R100), and options of one configuration. Named `ServiceChannel.ID.isInterruptible` and the like.
#[derive(Clone, Copy)]
pub(crate) struct OfRecord {
    pub holder: Holder,
    pub id: RecordId,
    name: &'static str,
    kind: &'static Kind,
}

/// Object, name, kind.
const OF_RECORDS: &[(Holder, &str, Kind)] = &[
    (Holder::Channel, "isInterruptible", Kind::Flag(false)),
    (
        Holder::Config,
        "capacityType",
        Kind::Word(&["INHERITED", "INTERRUPTIBLE", "NOT_INTERRUPTIBLE"]),
    ),
    (Holder::Config, "maxRounds", Kind::Number(1, 1_000)),
    (Holder::Config, "alternativeQueue", Kind::Queue),
    (Holder::Config, "returnSeconds", Kind::Number(0, DAY_S)),
];

impl Holder {
    fn object(self) -> &'static str {
        match self {
            Self::Channel => "ServiceChannel",
            Self::Config => "QueueRoutingConfig",
        }
    }
}

impl OfRecord {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (object, id, name) = (parts.next()?, parts.next()?, parts.next()?);
        let id = RecordId::parse(id).ok()?;
        let mut all = OF_RECORDS.iter();
        let (holder, name, kind) = all.find(|(h, n, _)| h.object() == object && *n == name)?;
        Some(Self {
            holder: *holder,
            id,
            name,
            kind,
        })
    }

    fn key(self) -> String {
        key(self.holder, self.id, self.name)
    }
}

fn key(holder: Holder, id: RecordId, name: &str) -> String {
    format!("{}.{id}.{name}", holder.object())
}

enum Kind {
    Flag(bool),
    /// From, to.
    Number(i64, i64),
    /// The first is the default.
    Word(&'static [&'static str]),
    /// Id of a queue.
    Queue,
}

/// Longest time that a setting counts in seconds.
const DAY_S: i64 = 86_400;

const SETTINGS: &[(&str, Kind)] = &[
    ("enableOmniChannel", Kind::Flag(true)),
    ("enableOmniAutoLoginPrompt", Kind::Flag(false)),
    ("enableOmniSkillsRouting", Kind::Flag(true)),
    ("enableOmniSecondaryRoutingPriority", Kind::Flag(true)),
    ("enableOmniStatusCapModel", Kind::Flag(true)),
    ("pendingRequestsMax", Kind::Number(1, 1_000_000)),
    ("queuedPerHourMax", Kind::Number(1, 1_000_000_000)),
    ("voiceRoundsMax", Kind::Number(1, 1_000)),
    ("ageingSeconds", Kind::Number(1, 86_400)),
    ("slaWindowSeconds", Kind::Number(1, 604_800)),
    (
        "fairCapOffers",
        Kind::Number(1, routing::FairCap::OFFERS_MAX as i64),
    ),
    ("fairCapWindowSeconds", Kind::Number(1, 86_400)),
    ("offerPacingSeconds", Kind::Number(1, 3_600)),
    ("stickyHours", Kind::Number(1, 8_760)),
    ("roomReservationSeconds", Kind::Number(1, 86_400)),
    ("enableNextStatus", Kind::Flag(false)),
    ("withdrawOffersWhenBusy", Kind::Flag(false)),
    ("returnSeconds", Kind::Number(1, DAY_S)),
    ("leastActiveMetric", Kind::Word(&["items", "units"])),
];

/// Name, smallest and largest value of what is limited everywhere alike.
const FIXED: &[(&str, f64, f64)] = &[
    ("openItemsPerAgent", 0.0, 100.0),
    ("skillsPerRequest", 0.0, 50.0),
    ("skillLevel", 0.0, 99.99),
    ("skillLevelInRules", 0.0, 10.0),
    ("skillPriorityInRules", 0.0, 10.0),
    ("fieldsInSkillRules", 0.0, 10.0),
    ("valuesInSkillRules", 0.0, 100.0),
    ("dropAdditionalSkillsTimeout", 5.0, 86_400.0),
    ("pushTimeoutVoice", 0.0, 20.0),
    ("pushTimeout", 0.0, 86_400.0),
    ("capacity", 0.0, 10_000.0),
    ("capacityPercentage", 0.0, 100.0),
    ("capacityWeight", 0.0, 1e8),
    ("afterConvoWorkMaxTime", 10.0, 3_600.0),
    ("acwExtensionDuration", 10.0, 3_600.0),
    ("maxExtensions", 1.0, 10.0),
];

fn checked(name: &str, kind: &Kind, value: &str) -> Result<(), Refusal> {
    let wrong = |wanted: String| {
        let text = format!("{name} must be {wanted}");
        Err(Refusal::about(Code::InvalidArgument, text, [name]))
    };
    match kind {
        Kind::Flag(_) if !matches!(value, "true" | "false") => wrong("true or false".into()),
        Kind::Number(min, max) => match value.parse::<i64>() {
            Ok(number) if (*min..=*max).contains(&number) => Ok(()),
            _ => wrong(format!("a whole number from {min} to {max}")),
        },
        Kind::Word(words) if !words.contains(&value) => {
            wrong(format!("one of {}", words.join(", ")))
        }
        Kind::Queue if RecordId::parse(value).is_err() => wrong("the id of a queue".into()),
        Kind::Flag(_) | Kind::Word(_) | Kind::Queue => Ok(()),
    }
}

impl Engine {
    /// Every setting, in a fixed order.
    pub fn settings(&self) -> Vec<SettingView> {
        let base = routing::Settings::default();
        let stored = |name: &str| self.settings.get(name).map(String::as_str);
        let value = |name: &str, kind: &Kind| match kind {
            Kind::Flag(default) => {
                SettingValue::Flag(stored(name).map_or(*default, |v| v == "true"))
            }
            Kind::Number(..) => {
                let default = match name {
                    "pendingRequestsMax" => Some(i64::from(base.pending_max)),
                    _ => None,
                };
                SettingValue::Number(stored(name).and_then(|v| v.parse().ok()).or(default))
            }
            Kind::Word(words) => {
                let first = words.first().copied().unwrap_or_default();
                SettingValue::Word(stored(name).unwrap_or(first).to_owned())
            }
            Kind::Queue => SettingValue::Word(stored(name).unwrap_or_default().to_owned()),
        };
        let view = |name: &str, kind: &Kind| SettingView {
            name: name.to_owned(),
            value: value(name, kind),
        };
        let named = SETTINGS.iter().map(|(name, kind)| view(name, kind));
        let of_records = self.settings.keys();
        let of_records =
            of_records.filter_map(|name| Some(view(name, OfRecord::parse(name)?.kind)));
        named.chain(of_records).collect()
    }

    /// All or none of them.
    pub(crate) fn put_settings(
        &mut self,
        caller: &Caller,
        values: &[(String, Option<String>)],
    ) -> Result<Reply, Refusal> {
        if !caller.rights.has("CustomizeApplication") {
            return Err(no_access());
        }
        let mut named = Vec::with_capacity(values.len());
        for (name, value) in values {
            let Some((name, kind)) = self.setting(name) else {
                let text = format!("No such setting: {name}");
                return Err(Refusal::about(Code::InvalidField, text, [name.clone()]));
            };
            let value = value.as_deref();
            value.map_or(Ok(()), |v| checked(&name, kind, v))?;
            if matches!(kind, Kind::Queue) && value.is_some_and(|v| self.queue_of(v).is_none()) {
                let text = format!("{name} must be the id of a queue");
                return Err(Refusal::about(Code::InvalidArgument, text, [name]));
            }
            named.push((name, value));
        }
        for (name, value) in named {
            match value {
                Some(value) => drop(self.settings.insert(name.clone(), value.to_owned())),
                None => drop(self.settings.remove(&name)),
            }
            self.note_setting(&name);
            self.put_note(Note {
                space: Space::Setting,
                key: name,
                value: value.map(str::to_owned),
            });
        }
        Ok(Reply::Settings)
    }

    /// A setting of the org or of a record that exists, under the name it is stored by.
    fn setting(&self, name: &str) -> Option<(String, &'static Kind)> {
        if let Some((name, kind)) = SETTINGS.iter().find(|(known, _)| *known == name) {
            return Some(((*name).to_owned(), kind));
        }
        let found = OfRecord::parse(name)?;
        let object = match found.holder {
            Holder::Channel => self.known.channel.ix,
            Holder::Config => self.known.routing_config.ix,
        };
        let row = self.resident.get(object, found.id);
        row.map(|_| (found.key(), found.kind))
    }

    /// The queue that a value names; `None` if it is gone.
    fn queue_of(&self, value: &str) -> Option<RecordId> {
        let k = &self.known.group;
        let row = self.resident.get(k.ix, RecordId::parse(value).ok()?)?;
        (row.get(k.kind).as_text() == Some("Queue")).then_some(row.id)
    }

    /// Configurations that name a queue in a setting.
    pub(crate) fn configs_that_name(&self, queue: RecordId) -> Vec<RecordId> {
        let is_it = |value: &String| RecordId::parse(value) == Ok(queue);
        let named = self.settings.iter().filter(|(_, value)| is_it(value));
        named
            .filter_map(|(name, _)| OfRecord::parse(name))
            .filter(|setting| setting.holder == Holder::Config)
            .map(|setting| setting.id)
            .collect()
    }

    /// A number of a configuration.
    pub(crate) fn number_of_config<N: std::str::FromStr>(
        &self,
        config: RecordId,
        name: &str,
    ) -> Option<N> {
        self.of_record(Holder::Config, config, name)?.parse().ok()
    }

    /// Where the work of a configuration goes when its rounds are used up.
    pub(crate) fn alternative_of_config(&self, config: RecordId) -> Option<RecordId> {
        self.queue_of(self.of_record(Holder::Config, config, "alternativeQueue")?)
    }

    /// What is stored for a record.
    pub(crate) fn of_record(&self, holder: Holder, id: RecordId, name: &str) -> Option<&str> {
        self.settings
            .get(&key(holder, id, name))
            .map(String::as_str)
    }

    /// Work of a channel is interruptible, unless its configuration says otherwise (R4).
    pub(crate) fn pool_of_channel(&self, channel: RecordId) -> bool {
        self.of_record(Holder::Channel, channel, "isInterruptible") == Some("true")
    }

    /// `None`: as the channel says.
    pub(crate) fn pool_of_config(&self, config: RecordId) -> Option<bool> {
        match self.of_record(Holder::Config, config, "capacityType")? {
            "INTERRUPTIBLE" => Some(true),
            "NOT_INTERRUPTIBLE" => Some(false),
            _ => None,
        }
    }

    /// The limits table of routing.md 7, with what is in use (R161).
    pub fn limits(&self, now: model::Millis) -> Vec<LimitView> {
        let settings = self.routing_settings();
        let hourly = settings.queued_per_hour_max;
        let of_org = [
            LimitView {
                name: "pendingRequests",
                min: None,
                max: Some(f64::from(settings.pending_max)),
                current: Some(self.routing.pending()),
            },
            LimitView {
                name: "queuedPerHour",
                min: None,
                max: (hourly != u32::MAX).then_some(f64::from(hourly)),
                current: (hourly != u32::MAX).then(|| self.routing.queued_in_hour(now)),
            },
        ];
        let fixed = FIXED.iter().map(|(name, min, max)| LimitView {
            name,
            min: Some(*min),
            max: Some(*max),
            current: None,
        });
        of_org.into_iter().chain(fixed).collect()
    }
}
